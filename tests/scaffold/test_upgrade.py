"""`tenantry upgrade`: a repository of the release before, and what people changed in it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.project.paths import RECORD
from tenantry.scaffold import create as creating
from tenantry.scaffold import upgrade as upgrading
from tenantry.scaffold.create import create
from tenantry.scaffold.origin import Origin, Wheel
from tenantry.scaffold.pipelines import Pipeline
from tenantry.scaffold.record import recorded
from tenantry.scaffold.release import kept_current
from tests.cli.conftest import Ran, Tenantry

CHANGED, ADDED, REMOVED = "components/people.py", "components/tenant_guard.py", "components/former.py"
BEFORE, NOW = Origin("0.0.9"), Origin("0.1.0")

Upgrade = Callable[..., Ran]


def files_of_the_release_before() -> dict[str, bytes]:
    """As it was: a component otherwise, one fewer, and one that is no more."""
    files = dict(kept_current(Pipeline.NONE, BEFORE))
    del files[ADDED]
    return files | {CHANGED: b"first\nsecond\n", REMOVED: b"# is no more\n"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that the release before made."""
    with monkeypatch.context() as before:
        before.setattr(creating, "kept_current", lambda *_: files_of_the_release_before())
        create(tmp_path, "northwind", Pipeline.NONE, BEFORE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def upgrade(tenantry: Tenantry, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Upgrade:
    monkeypatch.setattr("tenantry.scaffold.origin.origin", lambda _: NOW)

    def run(*arguments: str) -> Ran:
        return tenantry("upgrade", *arguments)

    return run


def contents(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def fates(ran: Ran) -> dict[str, str]:
    return {file["path"]: file["fate"] for file in json.loads(ran.stdout)["files"]}


def test_what_nobody_changed_becomes_as_the_release_has_it(upgrade: Upgrade, repository: Path) -> None:
    own = {name: text for name, text in contents(repository).items() if name.startswith(("partners/", "README"))}
    ran = upgrade("--json")
    assert ran.exit_code == 0
    assert fates(ran) == {CHANGED: "replaced", ADDED: "added", REMOVED: "removed", "requirements.txt": "replaced"}
    now = contents(repository)
    release = kept_current(Pipeline.NONE, NOW)
    assert {name: now[name] for name in release} == dict(release)
    assert REMOVED not in now
    assert {name: now[name] for name in own} == own
    assert recorded(repository).version == "0.1.0"
    again = upgrade("--json")
    assert (again.exit_code, fates(again)) == (0, {})


def test_a_dry_run_shows_the_same_as_a_diff_and_writes_nothing(upgrade: Upgrade, repository: Path) -> None:
    before = contents(repository)
    ran = upgrade("--dry-run")
    assert ran.exit_code == 0
    assert f"--- a/{CHANGED}\n+++ b/{CHANGED}\n@@ -1,2 +1," in ran.stdout
    assert "-first\n-second\n" in ran.stdout
    assert f"--- a/{REMOVED}\n+++ /dev/null" in ran.stdout
    assert f"--- /dev/null\n+++ b/{ADDED}" in ran.stdout
    assert "Nothing was written (--dry-run): 1 added, 2 replaced, 1 removed" in ran.stdout
    assert contents(repository) == before
    assert json.loads(upgrade("--dry-run", "--json").stdout)["written"] is False


def test_while_a_file_that_somebody_changed_is_undecided_nothing_is_written(upgrade: Upgrade, repository: Path) -> None:
    (repository / CHANGED).write_text("first\nours\n")
    before = contents(repository)
    ran = upgrade()
    assert ran.exit_code == 1
    assert f"undecided: {CHANGED}" in ran.stdout
    assert "-ours" in ran.stdout
    assert f"You changed: {CHANGED}.\n" in ran.stderr
    assert "You removed" not in ran.stderr
    assert contents(repository) == before
    assert upgrade("--dry-run").exit_code == 1


def test_a_file_that_somebody_removed_is_not_said_to_be_changed(upgrade: Upgrade, repository: Path) -> None:
    (repository / CHANGED).unlink()
    (repository / REMOVED).write_text("ours\n")
    assert f"You changed: {REMOVED}. You removed: {CHANGED}.\n" in upgrade().stderr
    assert upgrade("--keep", CHANGED, "--take", REMOVED).exit_code == 0
    assert not (repository / CHANGED).exists()


def test_keep_leaves_it_and_is_not_asked_again(upgrade: Upgrade, repository: Path) -> None:
    (repository / CHANGED).write_text("first\nours\n")
    ran = upgrade("--keep", CHANGED, "--json")
    assert (ran.exit_code, fates(ran)[CHANGED]) == (0, "kept")
    assert (repository / CHANGED).read_text() == "first\nours\n"
    assert (repository / ADDED).is_file()
    again = upgrade("--json")
    assert (again.exit_code, fates(again)) == (0, {}), "until the release changes it again"


def test_take_overwrites_it(upgrade: Upgrade, repository: Path, root: Path) -> None:
    (repository / CHANGED).write_text("first\nours\n")
    assert upgrade("--take", CHANGED).exit_code == 0
    assert (repository / CHANGED).read_bytes() == (root / CHANGED).read_bytes()


def test_what_somebody_changed_and_the_release_does_not_is_no_question(upgrade: Upgrade, repository: Path) -> None:
    (repository / "Makefile").write_text("# ours\n")
    (repository / "policies/requirements.txt").unlink()
    ran = upgrade("--json")
    assert (ran.exit_code, fates(ran).keys() & {"Makefile", "policies/requirements.txt"}) == (0, set())
    assert (repository / "Makefile").read_text() == "# ours\n"
    assert not (repository / "policies/requirements.txt").exists()


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (CHANGED, lambda file: file.unlink()),
        (REMOVED, lambda file: file.write_text("ours")),
        (ADDED, lambda file: file.write_text("ours")),
    ],
    ids=["deleted and changed", "changed and removed", "new on both sides"],
)
def test_every_way_to_differ_on_both_sides_is_asked(
    upgrade: Upgrade, repository: Path, path: str, change: Callable[[Path], None]
) -> None:
    change(repository / path)
    before = contents(repository)
    ran = upgrade("--json")
    assert (ran.exit_code, fates(ran)[path], contents(repository)) == (1, "undecided", before)
    kept = upgrade("--json", "--keep", path)
    assert (kept.exit_code, contents(repository).get(path)) == (0, before.get(path))


def test_taking_what_the_release_removes_deletes_it_and_the_folder_that_is_empty_then(
    repository: Path, upgrade: Upgrade
) -> None:
    (repository / REMOVED).write_text("ours")
    assert upgrade("--take", REMOVED).exit_code == 0
    assert not (repository / REMOVED).exists()


def test_other_ends_of_lines_are_no_change(upgrade: Upgrade, repository: Path) -> None:
    for name in (CHANGED, "Pulumi.yaml"):
        file = repository / name
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    ran = upgrade("--json")
    assert (ran.exit_code, fates(ran)[CHANGED]) == (0, "replaced")
    assert "Pulumi.yaml" not in fates(ran)


def test_what_broke_off_is_finished_by_running_it_again(
    upgrade: Upgrade, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        written: list[str] = []

        def write(root: Path, content: dict[str, bytes]) -> None:
            if written:
                raise OSError(28, "No space left on device")
            written.extend(content)
            for path, text in content.items():
                (root / path).write_bytes(text)

        full.setattr(upgrading, "write", write)
        ran = upgrade()
        assert (ran.exit_code, "No space left on device" in ran.stderr) == (1, True)
    assert recorded(repository).version == "0.0.9"
    assert upgrade().exit_code == 0
    assert recorded(repository).version == "0.1.0"


@pytest.mark.parametrize("choice", ["--keep", "--take"])
def test_a_choice_about_nothing_is_refused(upgrade: Upgrade, repository: Path, choice: str) -> None:
    (repository / CHANGED).write_text("ours")
    before = contents(repository)
    ran = upgrade(choice, "Makefile")
    assert (ran.exit_code, contents(repository)) == (1, before)
    assert f"Nothing is to be decided about 'Makefile'; there is about: {CHANGED}" in ran.stderr


def test_both_choices_at_once_are_a_wrong_command_line(upgrade: Upgrade) -> None:
    assert upgrade("--keep", CHANGED, "--take", CHANGED).exit_code == 2


def test_a_link_out_of_the_repository_is_not_followed(upgrade: Upgrade, repository: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.py"
    outside.write_text("first\nsecond\n")
    (repository / CHANGED).unlink()
    (repository / CHANGED).symlink_to(outside)
    ran = upgrade("--take", CHANGED)
    assert (ran.exit_code, "a link that leads out of the repository" in ran.stderr) == (1, True)
    assert outside.read_text() == "first\nsecond\n"


@pytest.mark.parametrize(
    ("text", "says", "code"),
    [
        ("version: [", "tenantry.lock:", 2),
        ("", "tenantry.lock:1:1: found an empty file", 2),
        ("- version\n", "tenantry.lock:1:1: found a list", 2),
        ('version: "1"\npipeline: jenkins\nfiles: {}\n', "tenantry.lock:2:11: pipeline: found 'jenkins'", 1),
        ('version: "1"\npipeline: none\n', "tenantry.lock:1:1: files: ", 1),
        (
            'version: "1"\npipeline: none\nfiles:\n  ../x: a\n',
            "tenantry.lock:4:9: files.../x: found the path '../x'",
            1,
        ),
    ],
    ids=["not YAML", "empty", "a list", "unknown host", "no files", "a path that leads out"],
)
def test_a_record_that_is_wrong_is_named_with_its_place_and_git_restores_it(
    upgrade: Upgrade, repository: Path, text: str, says: str, code: int
) -> None:
    for command in ("git init", "git add --all", "git -c user.name=x -c user.email=x@contoso.com commit -m Begin"):
        subprocess.run(command.split(), cwd=repository, capture_output=True, check=True)
    (repository / RECORD).write_text(text)
    before = (repository / CHANGED).read_bytes()
    ran = upgrade()
    assert (ran.exit_code, (repository / CHANGED).read_bytes()) == (code, before)
    assert says in ran.stderr
    fixes = [line.partition("Fix: ")[2] for line in ran.stderr.splitlines()]
    assert set(fixes) == {"restore the file from git: git checkout tenantry.lock"}
    subprocess.run(fixes[0].partition("from git: ")[2].split(), cwd=repository, capture_output=True, check=True)
    assert upgrade().exit_code == 0


def test_a_repository_that_init_did_not_make_is_refused(
    tenantry: Tenantry,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(root)
    ran = tenantry("upgrade")
    assert (ran.exit_code, "If `tenantry init` did not make this repository" in ran.stderr) == (1, True)


def test_the_wheel_that_the_repository_pins_stays_pinned(tenantry: Tenantry, tmp_path: Path, monkeypatch):
    wheel = Wheel("tenantry-0.1.0-py3-none-any.whl", b"the release")
    create(tmp_path, "northwind", Pipeline.NONE, Origin("0.1.0", wheel))
    before = contents(tmp_path)
    assert b"--hash=sha256:" in before["requirements.txt"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tenantry.scaffold.origin.origin", lambda _: NOW)  # as pip leaves it: no word of the wheel
    assert tenantry("upgrade").exit_code == 0
    assert contents(tmp_path) == before


def test_an_older_tenantry_takes_no_release_back(
    tenantry: Tenantry, upgrade: Upgrade, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert upgrade().exit_code == 0
    before = contents(repository)
    monkeypatch.setattr("tenantry.scaffold.origin.origin", lambda _: BEFORE)
    refused = tenantry("upgrade")
    assert refused.exit_code == 1
    assert "This tenantry is 0.0.9" in refused.stderr
    assert "but the repository has 0.1.0: nothing was written" in refused.stderr
    assert contents(repository) == before
