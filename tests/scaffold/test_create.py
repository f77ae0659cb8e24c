"""`tenantry init`: what an empty folder becomes."""

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tenantry.commands.app import app
from tenantry.declaration import load
from tenantry.project.paths import Project
from tenantry.project.stacks import declared_stack
from tenantry.reports.check import check_partner
from tenantry.scaffold import create as creating
from tenantry.scaffold.create import create
from tenantry.scaffold.folder import RepositoryError, write
from tenantry.scaffold.origin import Origin
from tenantry.scaffold.pipelines import Pipeline
from tenantry.scaffold.record import digest, recorded
from tests.cli.conftest import Tenantry

VERSION = Origin("0.1.0")


def below(root: Path) -> set[str]:
    return {file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()}


def test_the_files_are_those_that_it_names_and_the_projects_own(tmp_path: Path, root: Path) -> None:
    made = create(tmp_path, "northwind", Pipeline.GITHUB_ACTIONS, VERSION)
    assert set(made) == below(tmp_path)
    for name in ("Pulumi.yaml", "__main__.py", "components/people.py", "policies/PulumiPolicy.yaml"):
        assert (tmp_path / name).read_bytes() == (root / name).read_bytes()
    tracked = subprocess.run(
        ["git", "ls-files", "components"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {name for name in made if name.startswith("components/")} == set(tracked)
    assert (tmp_path / "requirements.lock").read_bytes() == (root / "requirements-project.lock").read_bytes()
    assert not any(name.startswith(("tests/", "bench/", "docs/", "examples/", "tenantry/")) for name in made)


@pytest.mark.parametrize(
    ("pipeline", "folder", "sources"),
    [
        (Pipeline.GITHUB_ACTIONS, ".github/workflows", "pipelines/github-actions"),
        (Pipeline.AZURE_DEVOPS, "pipelines/azure-devops", "pipelines/azure-devops"),
    ],
)
def test_the_chosen_hosts_pipelines_lie_where_it_looks_for_them(
    tmp_path: Path, root: Path, pipeline: Pipeline, folder: str, sources: str
) -> None:
    create(tmp_path, "northwind", pipeline, VERSION)
    made = {file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()}
    assert made == {file.name: file.read_bytes() for file in (root / sources).iterdir()}
    assert len([name for name in below(tmp_path) if name.endswith("deploy.yml")]) == 1
    assert folder in (tmp_path / "README.md").read_text()


def test_without_pipelines_there_are_none_and_the_readme_names_none(tmp_path: Path) -> None:
    made = create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    assert [name for name in made if name.endswith(".yml")] == []
    assert "pipelines" not in (tmp_path / "README.md").read_text()


def test_the_declaration_is_valid_and_nothing_must_be_fixed(tmp_path: Path) -> None:
    create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    (tmp_path / ".git").mkdir()
    checked = check_partner(tmp_path / "partners/northwind")
    assert checked.exit_code == 0
    assert {finding.rule for finding in checked.findings} == {"PT-406", "PT-409"}, "the paperwork is open, no more"
    assert "PT-205" not in checked.document.not_evaluated, "CODEOWNERS is read"


def test_the_stack_dev_manages_the_invented_tenant(tmp_path: Path) -> None:
    create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    assert declared_stack(Project(tmp_path), "dev").name == "northwind/main"
    assert {person.emergency for person in load(tmp_path / "partners/northwind").tenants["main"].members.values()} == {
        True,
        False,
    }


def test_the_record_has_every_file_that_a_later_release_may_bring_and_none_of_the_partners_own(tmp_path: Path) -> None:
    made = create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    record = recorded(tmp_path)
    own = {name for name in made if name.startswith(("partners/", "Pulumi.dev", "README", ".github"))}
    assert set(record.files) == set(made) - own - {"tenantry.lock"}
    assert {path: digest((tmp_path / path).read_bytes()) for path in record.files} == record.files
    assert (record.version, record.pipeline) == ("0.1.0", Pipeline.NONE)


@pytest.mark.parametrize("there", ["README.md", "docs/page.md", ".github/CODEOWNERS", "Pulumi.yaml"])
def test_a_folder_with_something_in_it_is_refused_and_left_as_it_is(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("theirs")
    with pytest.raises(RepositoryError, match=f"Found: {there.split('/')[0]};") as refused:
        create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    assert refused.value.exit_code == 1
    assert below(tmp_path) == {there}


def test_a_new_git_repository_with_an_environment_counts_as_empty(tmp_path: Path) -> None:
    for name in (".git", ".venv"):
        (tmp_path / name).mkdir()
    create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    assert (tmp_path / "Pulumi.yaml").is_file()


def test_a_repository_that_it_made_is_pointed_to_upgrade(tmp_path: Path) -> None:
    create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    before = below(tmp_path)
    with pytest.raises(RepositoryError, match="`tenantry upgrade`"):
        create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    assert below(tmp_path) == before


def test_what_breaks_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(root: Path, content: dict[str, bytes]) -> None:
        write(root, dict(list(content.items())[:5]))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(creating, "write", full)
    with pytest.raises(RepositoryError, match="No space left on device"):
        create(tmp_path, "northwind", Pipeline.NONE, VERSION)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Northwind", "../up", "a b", "", "9x", "x" * 65])
def test_a_name_that_can_be_no_partners_is_refused(
    tenantry: Tenantry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = tenantry("init", name)
    assert ran.exit_code == 2
    assert "northwind" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_repository_commands_name_the_command_that_makes_one(
    tenantry: Tenantry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("up", "down", "stacks", "upgrade", "check", "codeowners", "who", "env"):
        ran = tenantry(command)
        assert (ran.exit_code, "`tenantry init PARTNER`" in ran.stderr) == (2, True), command


def test_what_was_made_checks_and_names_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    run = CliRunner()
    for command in ("init northwind", "check", "who", "todo", "ftop", "stacks --json", "codeowners --check"):
        ran = run.invoke(app, command.split())
        assert ran.exit_code == 0, f"{command}: {ran.output}"


@pytest.mark.parametrize("begun", ["", "a repository", "a worktree"])
def test_the_next_step_begins_a_git_repository_only_where_there_is_none(
    tenantry: Tenantry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if begun == "a repository":
        subprocess.run(["git", "init", "--quiet"], check=True)
    elif begun == "a worktree":
        (tmp_path / ".git").write_text("gitdir: /elsewhere\n")
    *_, last = tenantry("init", "northwind").stdout.splitlines()
    steps = ["git add --all", 'git commit -m "Begin"']
    assert last.strip().split(" && ") == (steps if begun else ["git init", *steps])
