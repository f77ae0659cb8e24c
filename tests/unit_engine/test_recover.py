"""`tenantry recover`: each reason why it does nothing, with its exit code, and what it writes otherwise."""

import json
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tenantry.access.resource_types import DIRECTORY_ROLE, DIRECTORY_ROLE_ASSIGNMENT, GROUP_MEMBER, USER
from tenantry.access.state import RELATIONSHIP
from tenantry.commands.app import main
from tenantry.directory.store import Store
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import UnreachableError
from tenantry.project.paths import Project
from tests.directory.samples import ADA, UNITED_KINGDOM, UNITED_STATES, enrolled
from tests.graph.in_process import reader_of

from .conftest import declare, script

CANARY = "v1:canary"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": CANARY}
GROUP_TYPE = "azuread:index/group:Group"
LOCKED = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the "
    "lock file with `pulumi cancel`.\n  file:///state/.pulumi/locks/abc.json: created by u@h (pid 1)"
)


def pending(type_: str, name: str, **inputs: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:us::tenantry::tenantry:index:PartnerTenant${type_}::us-{name}"
    return {"type": "creating", "resource": {"urn": urn, "type": type_, "custom": True, "inputs": inputs}}


ADAS = pending(USER, "ada", userPrincipalName=ADA.upn, password=SECRET)
ZOES = pending(USER, "zoe", userPrincipalName="zoe@contoso.example", password=SECRET)


@dataclass(frozen=True)
class Ran:
    exit_code: int
    out: str
    err: str


class Desk:
    """A stack `us` of a tenant, an engine that only pretends, and a directory in this process."""

    def __init__(self, project: Project, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.vault = tmp_path / "vault"
        self.vault.mkdir()
        self.engine = script(
            home / ".pulumi/bin/pulumi",
            f"""\
echo "$@" >> "{self.vault}/calls"
[ "$1" = version ] && {{ echo v3.259.0; exit; }}
[ -f "{self.vault}/$2-error" ] && {{ cat "{self.vault}/$2-error" >&2; exit 1; }}
case "$2" in
  export)
    cat "{self.vault}/state"
    if [ -f "{self.vault}/later" ]; then mv "{self.vault}/later" "{self.vault}/state"; fi ;;
  import) cp -p "$6" "{self.vault}/imported" ;;
esac""",
        )
        declare(project, us=UNITED_STATES.tenant_id)
        (project.root / "Pulumi.us.yaml").write_text("config:\n  tenantry:tenant: fabrikam/us\n")
        monkeypatch.chdir(project.root)
        self._monkeypatch = monkeypatch
        self.state(ADAS)

    def state(self, *operations: dict[str, Any]) -> None:
        made = [{"urn": "urn:pulumi:us::tenantry::pulumi:pulumi:Stack::tenantry-us", "type": "pulumi:pulumi:Stack"}]
        deployment = {"resources": made, "pending_operations": list(operations)}
        (self.vault / "state").write_text(json.dumps({"version": 3, "deployment": deployment}))

    def fails(self, command: str, message: str) -> None:
        (self.vault / f"{command}-error").write_text(message)

    @property
    def imported(self) -> dict[str, Any] | None:
        file = self.vault / "imported"
        return dict(json.loads(file.read_text())["deployment"]) if file.exists() else None

    def run(self, capsys: pytest.CaptureFixture[str], *arguments: str, stack: str = "us") -> Ran:
        self._monkeypatch.setattr(sys, "argv", ["tenantry", "recover", "--stack", stack, *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        assert CANARY not in output.out + output.err
        return Ran(int(stop.value.code or 0), output.out, " ".join(output.err.split()))


@pytest.fixture
def desk(project: Project, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    store = enrolled()
    sign_in(monkeypatch, store, UNITED_STATES.tenant_id)
    yield Desk(project, home, tmp_path, monkeypatch)
    store.close()


def sign_in(monkeypatch: pytest.MonkeyPatch, store: Store, tenant_id: str) -> None:
    @contextmanager
    def reader(_: object) -> Iterator[GraphReader]:
        with reader_of(store, tenant_id) as graph:
            yield graph

    monkeypatch.setattr(GraphReader, "from_environment", reader)


REFUSALS = {
    "no stack": (
        "export",
        "error: no stack named 'us' found",
        1,
        "The stack `us` does not exist, so there is nothing to recover.",
    ),
    "a locked stack": ("import", LOCKED, 1, "remove the lock with `pulumi cancel --stack us`, and run this again"),
    "a wrong passphrase": (
        "import",
        "error: could not deserialize deployment: failed to decrypt: incorrect passphrase, please set …",
        1,
        "Set PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it",
    ),
    "a backend that is not there": (
        "export",
        'error: unable to open state directory "file:///none": no such file or directory',
        3,
        "The state of the stack `us` cannot be read, and nothing was changed: unable to open state directory",
    ),
    "a damaged state": (
        "export",
        "error: failed to load checkpoint: place 1: unexpected EOF",
        3,
        "unexpected EOF. Fix: remove the file of attributes beside the state's file, if there is one (beside "
        "`dev.json.gz` it is `dev.json.gz.attrs`): a killed update can leave it half written. If the state still "
        "cannot be loaded, it is damaged itself: put its backup in its place (beside `dev.json.gz` it is "
        "`dev.json.gz.bak`), and run `pulumi up`.",
    ),
    "a state that is not taken back": (
        "import",
        "error: could not import deployment: unexpected EOF",
        3,
        "The state of the stack `us` cannot be written, and nothing was changed: could not import deployment: "
        "unexpected EOF.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_the_engine_refuses_is_reported_with_what_to_do(
    desk: Desk, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    command, message, exit_code, text = REFUSALS[case]
    desk.fails(command, message)
    ran = desk.run(capsys, "--yes")
    assert (ran.exit_code, desk.imported) == (exit_code, None)
    assert text in ran.err
    assert "--file" not in ran.err, "the way of the state is nobody's business"


def test_without_an_engine_there_is_a_way_to_get_one(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.engine.unlink()
    ran = desk.run(capsys)
    assert ran.exit_code == 3
    assert "No Pulumi CLI was found. `make up` installs one" in ran.err


def test_a_stack_without_a_file_or_a_tenant_is_reported_by_its_place(
    desk: Desk, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = desk.run(capsys, stack="uk")
    assert ran.exit_code == 2
    assert "Pulumi.uk.yaml" in ran.err
    (project.root / "Pulumi.uk.yaml").write_text("config: {}\n")
    ran = desk.run(capsys, stack="uk")
    assert ran.exit_code == 1
    assert "pulumi config set tenantry:tenant PARTNER/TENANT --stack uk" in ran.err


def test_the_stack_of_the_embedded_directory_needs_it_to_run(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    ran = desk.run(capsys, stack="dev")
    assert (ran.exit_code, desk.imported) == (3, None)
    assert "The embedded directory is not running: `make up` starts it." in ran.err


def test_nothing_pending_is_nothing_to_do(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.state({**ADAS, "type": "updating"})
    ran = desk.run(capsys)
    assert (ran.exit_code, ran.err, desk.imported) == (0, "", None)
    assert ran.out == "No update was interrupted: there is nothing to recover.\n"


@pytest.mark.parametrize("answer", ["", "[]", '{"deployment": {"pending_operations": [{"password": "v1:canary"}]}}'])
def test_an_answer_that_is_no_state_is_not_taken_for_an_empty_one(
    desk: Desk, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    (desk.vault / "state").write_text(answer)
    ran = desk.run(capsys, "--yes")
    assert (ran.exit_code, desk.imported) == (1, None)
    assert "did not answer with a state that this version understands. Nothing was changed." in ran.err


def test_what_cannot_be_looked_up_stops_it_before_anything_is_asked(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.state(ADAS, pending(GROUP_TYPE, "AdminAgents", displayName="AdminAgents"))
    ran = desk.run(capsys, "--yes")
    assert (ran.exit_code, ran.out, desk.imported) == (1, "", None)
    assert "It is not known whether us-AdminAgents (Group) exists. Nothing was changed." in ran.err


def test_another_tenant_than_the_stacks_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_both = enrolled()
    sign_in(monkeypatch, with_both, UNITED_KINGDOM.tenant_id)
    ran = desk.run(capsys, "--yes")
    assert (ran.exit_code, ran.out, desk.imported) == (1, "", None)
    assert f"Signed in to the tenant {UNITED_KINGDOM.tenant_id}, but the stack us is of Fabrikam (us)" in ran.err
    with_both.close()


def test_a_tenant_that_is_not_reached_is_not_taken_for_an_empty_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: object) -> GraphReader:
        raise UnreachableError("https://graph.microsoft.com cannot be reached: no route.")

    monkeypatch.setattr(GraphReader, "from_environment", unreachable)
    ran = desk.run(capsys, "--yes")
    assert (ran.exit_code, desk.imported) == (3, None)
    assert "https://graph.microsoft.com cannot be reached" in ran.err


def test_where_nobody_can_be_asked_it_takes_a_word_on_the_command_line(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = desk.run(capsys)
    assert (ran.exit_code, desk.imported) == (1, None)
    assert ran.out == f"  us-ada (User): was created: /users/{ADA.object_id}\n", "what it would write is shown first"
    assert "add `--yes` to write this into the state. Nothing was changed." in ran.err


@pytest.mark.parametrize(("answer", "exit_code"), [(True, 0), (False, 1)])
def test_on_a_terminal_it_asks_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: bool, exit_code: int
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("tenantry.engine.recover.Confirm.ask", lambda *_, **__: answer)
    ran = desk.run(capsys)
    assert (ran.exit_code, desk.imported is not None) == (exit_code, answer)
    assert ("Nothing was changed." in ran.err) is not answer


def test_a_state_that_changed_while_it_was_asked_about_is_not_written_over(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.vault / "later").write_text((desk.vault / "state").read_text().replace("us-ada", "us-zoe"))
    ran = desk.run(capsys, "--yes")
    assert (ran.exit_code, desk.imported) == (1, None)
    assert "The state of the stack `us` has changed since it was read" in ran.err


def test_what_was_made_becomes_the_stacks_and_what_was_not_is_made_again(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    group = UNITED_STATES.group_id("AdminAgents")
    joined = pending(GROUP_MEMBER, "admins-ada", groupObjectId=group, memberObjectId=ADA.object_id)
    role = pending(DIRECTORY_ROLE, "global", templateId="62e90394-69f5-4237-9190-012177145e10")
    given = pending(
        DIRECTORY_ROLE_ASSIGNMENT,
        "global-ada",
        roleId="62e90394-69f5-4237-9190-012177145e10",
        principalObjectId=ADA.object_id,
    )
    # No group had its name, or none would have been made; a relationship is looked for by its own plugin.
    made_once = pending(GROUP_TYPE, "desk", displayName="HelpdeskAgents", preventDuplicateNames=True)
    customer = pending(RELATIONSHIP, "fabrikam.everyday", displayName="Fabrikam everyday")
    desk.state(ADAS, ZOES, joined, role, given, made_once, customer)
    ran = desk.run(capsys, "--yes")
    assert (ran.exit_code, ran.err) == (0, "")
    assert "us-zoe (User): was not created" in ran.out
    assert "us-global (DirectoryRole): was not created" in ran.out, "it can be activated again without harm"
    assert "Run `pulumi up` again" in ran.out
    deployment = desk.imported
    assert deployment is not None
    assert deployment["pending_operations"] == []
    made = {item["urn"].rpartition("::")[2]: item for item in deployment["resources"]}
    assert set(made) == {"tenantry-us", "us-ada", "us-admins-ada", "us-global-ada", "us-desk"}
    assert made["us-desk"]["id"] == f"/groups/{UNITED_STATES.group_id('HelpdeskAgents')}"
    assert "us-fabrikam.everyday (DelegatedAdminRelationship): unknown; the next update looks for it" in ran.out
    assert made["us-admins-ada"]["id"] == f"{group}/member/{ADA.object_id}"
    assert made["us-global-ada"]["id"].startswith("/roleManagement/directory/roleAssignments/")
    assert made["us-ada"]["outputs"]["password"] == SECRET, "encrypted as it was"


def test_the_state_lies_on_the_disk_for_nobody_else_and_not_for_long(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.run(capsys, "--yes")
    assert stat.S_IMODE((desk.vault / "imported").stat().st_mode) == 0o600
    (call,) = [line.split() for line in (desk.vault / "calls").read_text().splitlines() if " import " in line]
    assert call[:5] == ["stack", "import", "--stack", "us", "--file"]
    assert not Path(call[5]).exists()
