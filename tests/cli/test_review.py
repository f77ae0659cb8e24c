"""`tenantry review`: from a repository to an answer and an exit code."""

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tenantry.access.danger import Danger
from tenantry.access.grants import Kind
from tenantry.findings import NotEvaluated
from tenantry.reference.pages import PAGES
from tenantry.reports.review import Access, CodeChange, CodeKind, Findings, Person, Report, Subject, Tenant
from tenantry.review.command import exit_code
from tenantry.review.options import FailOn
from tenantry.roles import AssignmentType
from tests.review.change import US, Reviewer, person

from .conftest import Tenantry


def git(folder: Path, *arguments: str) -> None:
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@contoso.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample project on a branch of its own, without any change yet."""
    project = Reviewer(root, tmp_path).project(lambda _: None)
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "Begin")
    git(project, "checkout", "-qb", "promote-dmitri")
    monkeypatch.chdir(project)
    return project


def test_a_change_in_the_working_tree_is_reported_as_the_schema_says(tenantry: Tenantry, repository: Path) -> None:
    person(US, "dmitri", "roles: [Global admin]", instead_of="roles")(repository)
    ran = tenantry("review", "--format", "json", "--fail-on", "removals")
    assert (ran.exit_code, ran.stderr) == (1, "")
    document = json.loads(ran.stdout)
    Draft202012Validator(json.loads(PAGES["schemas/review.schema.json"]())).validate(document)
    assert document["verdict"] == "access changes"
    assert document["headline"] == "1 person gains access and 1 person loses access in contoso/us."
    assert document["tenants"][0]["people"][0]["key"] == "dmitri"


def test_where_all_files_are_the_same_the_program_runs_once_and_nothing_changes(
    tenantry: Tenantry, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenantry.review import observe

    runs = []
    real = vars(observe)["record"]
    monkeypatch.setattr(observe, "record", lambda *a, **k: runs.append(a) or real(*a, **k))
    ran = tenantry("review", "main", "HEAD", "--format", "json", "--fail-on", "any")
    assert (ran.exit_code, json.loads(ran.stdout)["verdict"]) == (0, "no access changes")
    assert len(runs) == 1


def test_a_file_that_is_not_in_git_is_named_with_what_settles_it(tenantry: Tenantry, repository: Path) -> None:
    (repository / "notes.txt").write_text("call Dmitri\n")
    ran = tenantry("review", "--format", "json")
    document = json.loads(ran.stdout)
    assert document["code"] == [{"path": "notes.txt", "kind": "program", "how": "not in git"}]
    assert (ran.exit_code, document["verdict"]) == (0, "code changed, no access change seen")
    (repository / ".gitignore").write_text("notes.txt\n")
    assert json.loads(tenantry("review", "--format", "json").stdout)["verdict"] == "no access changes"


def test_a_linked_worktree_is_reviewed(tenantry: Tenantry, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "worktree", "add", "-q", "-b", "linked", "../linked")
    linked = repository.parent / "linked"
    monkeypatch.chdir(linked)
    person(US, "dmitri", "roles: [Global admin]", instead_of="roles")(linked)
    for sides in ((), ("HEAD",), (repository, ".")):
        document = json.loads(tenantry("review", *sides, "--format", "json").stdout)
        assert document["headline"] == "1 person gains access and 1 person loses access in contoso/us.", sides
        assert document["not_evaluated"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "'nowhere' is neither a git revision nor a folder here."),
        (("main", "HEAD", "--stack", "prod"), "There is no Pulumi.prod.yaml in base or head. Stacks: dev."),
    ],
)
def test_what_is_not_there_exits_2(
    tenantry: Tenantry, repository: Path, arguments: tuple[str, ...], message: str
) -> None:
    ran = tenantry("review", *arguments, "--format", "json")
    assert (ran.exit_code, ran.stdout, ran.stderr.strip()) == (2, "", message)


def report(**fields: object) -> Report:
    tenant = {
        "stack": "dev", "tenant": "contoso/us", "name": "US", "people": (), "findings": Findings(), "exceptions": (),
        "ceilings": (), "todos": (), "settings": (), "not_evaluated": (),
    }  # fmt: skip
    own = {name: fields.pop(name) for name in list(fields) if name in tenant}
    return Report(
        subject=Subject.CHANGE, base="a", head="b", tenants=(Tenant.model_validate({**tenant, **own}),), **fields
    )


ACCESS = Access(
    kind=Kind.AGENT_GROUP, target="AdminAgents", name="AdminAgents", scope="/", assignment_type=AssignmentType.ACTIVE,
    danger=Danger.EVERYTHING, because=(), rows=(), may=(), declared=True,
)  # fmt: skip
NOBODY = Person(key="ada", name="Ada", upn=None, notes=(), gains=(), losses=(), other_reason=())
CODE = CodeChange(path="__main__.py", kind=CodeKind.PROGRAM, how="changed")
MISSED = NotEvaluated(side="head", what="the program", why="it does not start", remediation="see that it does")


@pytest.mark.parametrize(
    ("of", "fails_on"),
    [
        (report(), set()),
        (report(people=(NOBODY.model_copy(update={"gains": (ACCESS,)}),)), {FailOn.ANY}),
        (report(people=(NOBODY.model_copy(update={"losses": (ACCESS,)}),)), {FailOn.ANY, FailOn.REMOVALS}),
        (report(code=(CODE,)), {FailOn.ANY}),
        (report(not_evaluated=(MISSED,)), {None, *FailOn}),
    ],
)
def test_the_exit_code_is_1_for_what_was_not_seen_and_for_what_it_is_to_fail_on(
    of: Report, fails_on: set[FailOn | None]
) -> None:
    assert {on for on in (None, *FailOn) if exit_code(of, on) == 1} == fails_on
