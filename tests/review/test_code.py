"""Which changed files decide about access, beside declarations."""

import pytest

from tenantry.reports.review import NOT_IN_GIT, CodeChange, CodeKind
from tenantry.review.code import code_changes, declarations_changed, locks_changed


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("__main__.py", CodeKind.PROGRAM),
        ("Pulumi.yaml", CodeKind.PROGRAM),
        ("tenantry/roles.py", CodeKind.PROGRAM),
        ("data/extra.json", CodeKind.PROGRAM),
        ("partners/contoso/helper.py", CodeKind.PROGRAM),
        ("partners/contoso/tenants/deeper/us.yaml", CodeKind.PROGRAM),
        ("components/directory_roles.py", CodeKind.COMPONENTS),
        ("policies/__main__.py", CodeKind.POLICIES),
        ("requirements.lock", CodeKind.LOCK),
        ("components/requirements.txt", CodeKind.LOCK),
        ("pyproject.toml", CodeKind.LOCK),
        ("Pulumi.dev.yaml", CodeKind.STACK),
        (".github/workflows/up.yml", CodeKind.PIPELINE),
        ("pipelines/azure.yml", CodeKind.PIPELINE),
        (".github/CODEOWNERS", CodeKind.OWNERS),
        ("CODEOWNERS", CodeKind.OWNERS),
    ],
)
def test_a_file_that_can_decide_is_recognized_by_its_part(path: str, kind: CodeKind) -> None:
    assert list(code_changes({path: "a"}, {path: "b"})) == [CodeChange(path=path, kind=kind, how="changed")]


@pytest.mark.parametrize(
    "path", ["README.md", "docs/a.md", "tests/test_a.py", "LICENSE", "partners/contoso/partner.yaml", ".gitignore"]
)
def test_what_decides_nothing_by_itself_is_no_code(path: str) -> None:
    assert list(code_changes({}, {path: "b"})) == []


def test_it_says_what_became_of_a_file() -> None:
    found = code_changes({"a.py": "1", "b.py": "1", "c.py": "1"}, {"b.py": "2", "c.py": "1", "d.py": "1"})
    assert [(item.path, item.how) for item in found] == [("a.py", "removed"), ("b.py", "changed"), ("d.py", "added")]


def test_of_a_file_that_git_does_not_have_it_says_so() -> None:
    before, after = {"b.py": "1"}, {"a.py": "1", "b.py": "2", "c.py": "1"}
    found = code_changes(before, after, untracked={"a.py", "b.py"})
    assert [(item.path, item.how) for item in found] == [("a.py", NOT_IN_GIT), ("b.py", "changed"), ("c.py", "added")]


def test_below_the_top_only_the_project_and_the_pipelines_count() -> None:
    after = {"partner/__main__.py": "1", "other/__main__.py": "1", ".github/workflows/up.yml": "1"}
    assert [item.path for item in code_changes({}, after, "partner")] == [
        ".github/workflows/up.yml",
        "partner/__main__.py",
    ]


def test_files_of_declarations_are_counted() -> None:
    after = {"partners/contoso/partner.yaml": "1", "partners/contoso/tenants/us.yaml": "1", "partners/readme.txt": "1"}
    assert declarations_changed({}, after) == 2


def test_a_lock_is_one_and_what_only_names_dependencies_is_none() -> None:
    after = {"requirements.lock": "1", "pyproject.toml": "1", "policies/requirements.txt": "1"}
    assert locks_changed({}, after) == ["requirements.lock"]
