"""`tenantry handover` on a terminal, with an engine that only pretends: what it shows, refuses, records and leaves."""

import json
import os
import pty
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.passwords import temporary_password
from tenantry.project.paths import Project
from tests.terminal import ENTERS, LEAVES, Terminal

from .conftest import TENANT_ID, script

CANARY = "T7-canary-secret-never-anywhere"
SECRET = "s" * 40
PERSON = "bruno"
PEOPLE = f"""\
people:
  ada:
    full_name: Ada Nakamura
    upn: ada@fabrikam-us.com
    roles: [Global admin]
    adopted: 3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01
  # The night shift.
  {PERSON}:
    full_name: Bruno Keller
    upn: bruno@fabrikam-us.com
    roles: [Global admin]
"""
ERRORS = {
    "no stack": ("error: no stack named 'dev' found", "The stack `dev` does not exist yet"),
    "no up": ("error: current stack does not have output property 'temporary_passwords'", "no temporary passwords yet"),
    "wrong passphrase": (
        "error: failed to decrypt: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase",
        "cannot be read with this passphrase",
    ),
    "another": ("error: unable to open state directory", "failed: unable to open state directory"),
}


class Office:
    """A project, somebody's home, and an engine whose answers lie outside of both."""

    def __init__(self, project: Project, tmp_path: Path) -> None:
        self.project, self.home = project, tmp_path / "home"
        self.home.mkdir()
        (tmp_path / "tmp").mkdir()
        self.vault = tmp_path / "vault"
        self.vault.mkdir()
        self.errors = tmp_path / "stderr"
        self.calls = tmp_path / "calls"
        self.file = project.partners / "fabrikam/tenants/us.yaml"
        self.text = self.file.read_text().partition("people:")[0] + PEOPLE
        self.file.write_text(self.text)
        self.answers(passwords={PERSON: CANARY}, config={})
        body = f"""\
(echo "$@"; env) >> "{self.calls}"
case "$1" in
  version) echo v3.259.0 ;;
  stack) [ -f "{self.vault}/error" ] && {{ cat "{self.vault}/error" >&2; exit 1; }}; cat "{self.vault}/passwords" ;;
  config) cat "{self.vault}/config" ;;
esac"""
        script(self.home / ".pulumi/bin/pulumi", body)
        self.env = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "TMPDIR": str(tmp_path / "tmp"),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        (self.home / ".gitconfig").write_text("[user]\n\tname = Grace Mbeki\n\temail = grace@fabrikam-us.com\n")

    def answers(self, *, passwords: object, config: object) -> None:
        (self.vault / "passwords").write_text(json.dumps(passwords))
        (self.vault / "config").write_text(json.dumps(config))

    def handover(self, *arguments: str, size: tuple[int, int] = (24, 100), alone: bool = False, **env: str) -> Terminal:
        where = {"cwd": self.project.root, "env": self.env | env, "errors": self.errors, "size": size, "alone": alone}
        return Terminal("handover", *(arguments or (PERSON,)), **where)  # type: ignore[arg-type]

    def refused(self, *arguments: str, **env: str) -> str:
        """What is said of a handover that is refused before anybody is asked anything."""
        with self.handover(*arguments, size=(24, 100), alone=False, **env) as terminal:
            assert terminal.ends() != 0
            assert terminal.shown == ""
            assert self.file.read_text() == self.text
            return terminal.errors


@pytest.fixture
def office(project: Project, tmp_path: Path) -> Office:
    return Office(project, tmp_path)


def written(folder: Path) -> dict[Path, str]:
    return {file: file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file()}


# What it shows, and what it leaves


def test_the_password_is_shown_on_the_alternate_screen_alone_and_wiped_from_it(office: Office) -> None:
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n").until(CANARY).until_hushed().type("\n")
        assert terminal.ends() == 0, terminal.errors
        before, entered, rest = terminal.shown.partition(ENTERS)
        inside, left, after = rest.partition(LEAVES)
        assert (entered, left) == (ENTERS, LEAVES)
        assert CANARY not in before + after
        _, canary, wiped = inside.partition(CANARY)
        assert canary == CANARY
        assert "in person or by telephone, never by e-mail" in wiped
        # The whole screen is written over with blanks, from the top, before it is left.
        blanks = wiped.rpartition("\x1b[H")[0].rpartition("\x1b[H")[2]
        assert blanks.split() == []
        assert blanks.count(" ") == 24 * 100
        assert "Handed over by" in after


def test_the_password_goes_nowhere_else(office: Office, tmp_path: Path) -> None:
    """Everything that is written beside the terminal, and what other processes may see of this one."""
    with office.handover(alone=True) as terminal:
        terminal.until("[y/n]").type("y\n").until(CANARY).until_hushed()
        process = Path(f"/proc/{terminal.process.pid}")
        assert CANARY not in (process / "cmdline").read_text() + (process / "environ").read_text()
        terminal.type("\n")
        assert terminal.ends() == 0
    kept = {file: text for file, text in written(tmp_path).items() if office.vault not in file.parents}
    assert office.calls in kept, "what the engine was called with, and in which environment"
    assert "--show-secrets" in kept[office.calls]
    assert office.file in kept
    assert [file for file, text in kept.items() if CANARY in text] == []


def test_who_asked_is_named_and_stands_beside_the_to_do_that_is_done(office: Office) -> None:
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n").until(CANARY).until_hushed().type("\n")
        assert terminal.ends() == 0
    asker = f"{pwd.getpwuid(os.getuid()).pw_name} (Grace Mbeki <grace@fabrikam-us.com>)"
    assert f"asked for by: {asker}" in terminal.shown.partition(ENTERS)[0].replace("\r\n", "\n")
    assert office.file.read_text() == (
        office.text + f"done:\n  hand-over/bruno: {date.today()}  # handed over by {asker}\n"
    )
    office.text = office.file.read_text()
    again = office.refused()
    assert "'hand-over/bruno', which was done on" in again
    assert "password_round: 2" in again


def test_a_name_in_git_is_no_order_to_the_terminal_and_no_line_of_the_file(office: Office) -> None:
    (office.home / ".gitconfig").write_text('[user]\n\tname = "\x1b[31mEve\\n  hand-over/eve: 2026-01-01"\n')
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n").until(CANARY).until_hushed().type("\n")
        assert terminal.ends() == 0
    assert "\x1b[31m" not in terminal.shown
    assert list(office.file.read_text().removeprefix(office.text).splitlines()[0]) == list("done:")
    assert len(office.file.read_text().removeprefix(office.text).splitlines()) == 2


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (lambda terminal: terminal.type("\x03"), 1),
        (lambda terminal: terminal.type("\x04"), 1),
        (lambda terminal: terminal.signal(signal.SIGTERM), 128 + signal.SIGTERM),
        (lambda terminal: terminal.signal(signal.SIGQUIT), 128 + signal.SIGQUIT),
    ],
    ids=["Ctrl-C", "Ctrl-D", "SIGTERM", "SIGQUIT"],
)
def test_whatever_ends_it_wipes_the_screen_and_records_nothing(
    office: Office, ending: Callable[[Terminal], Terminal], code: int
) -> None:
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n").until(CANARY).until_hushed()
        ending(terminal)
        assert terminal.ends() == code
        inside = terminal.shown.partition(ENTERS)[2].partition(LEAVES)
        assert inside[1] == LEAVES
        assert inside[0].rpartition("\x1b[H")[0].rpartition("\x1b[H")[2].count(" ") == 24 * 100
        assert CANARY not in inside[2] + terminal.errors
        assert "Traceback" not in terminal.errors
    assert office.file.read_text() == office.text


def test_it_cannot_be_put_aside_while_the_password_stands_there(office: Office) -> None:
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n").until(CANARY).until_hushed().type("\x1a").type("\n")
        assert terminal.ends() == 0


@pytest.mark.parametrize("answer", ["\n", "n\n", "\x03", "\x04"], ids=["Enter", "no", "Ctrl-C", "Ctrl-D"])
def test_who_does_not_agree_sees_nothing_and_the_state_is_not_even_read(office: Office, answer: str) -> None:
    with office.handover() as terminal:
        terminal.until("[y/n]").type(answer)
        assert terminal.ends() == 1
        assert "Nothing was shown" in terminal.errors
        assert ENTERS not in terminal.shown
    assert "--show-secrets" not in office.calls.read_text()
    assert office.file.read_text() == office.text


def test_an_emergency_account_is_named_as_what_it_is_and_its_new_password_sealed(office: Office) -> None:
    office.text = office.text.replace("roles: [Global admin]\n", "roles: [Global admin]\n    emergency: true\n")
    office.file.write_text(office.text)
    with office.handover() as terminal:
        terminal.until("anybody with its password is Global Administrator").until("[y/n]").type("y\n")
        terminal.until("keep it sealed where two can get it").until_hushed().type("\n")
        assert terminal.ends() == 0


# Where it is refused


def test_a_pipe_is_refused_at_either_end(office: Office) -> None:
    command = [sys.executable, "-c", "from tenantry.commands.app import main; main()", "handover", PERSON]
    ran = subprocess.run(command, cwd=office.project.root, env=office.env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "the input is not one" in ran.stderr
    master, slave = pty.openpty()
    try:
        ran = subprocess.run(
            command, cwd=office.project.root, env=office.env, stdin=slave, capture_output=True, text=True, check=False
        )
    finally:
        os.close(master)
        os.close(slave)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "the output is not one" in ran.stderr


@pytest.mark.parametrize("variable", ["CI", "GITHUB_ACTIONS", "TF_BUILD", "JENKINS_URL", "GITLAB_CI"])
def test_continuous_integration_is_refused(office: Office, variable: str) -> None:
    assert f"never shown in continuous integration ({variable} is set)" in office.refused(**{variable: "true"})


def test_a_recorded_terminal_and_one_that_cannot_hide_are_refused(office: Office) -> None:
    assert "a recorded terminal (ASCIINEMA_REC is set)" in office.refused(ASCIINEMA_REC="1")
    assert "cannot clear its screen" in office.refused(TERM="dumb")


def test_what_says_that_it_is_no_ci_is_none(office: Office) -> None:
    with office.handover(CI="false", GITHUB_ACTIONS="") as terminal:
        terminal.until("[y/n]")


def test_a_terminal_too_small_for_the_password_shows_nothing(office: Office) -> None:
    with office.handover(size=(24, len(CANARY))) as terminal:
        terminal.until("[y/n]").type("y\n")
        assert terminal.ends() == 1
        assert "enlarge it" in terminal.errors
        assert CANARY[:10] not in terminal.shown
    assert office.file.read_text() == office.text


def test_without_an_engine_it_exits_3(office: Office) -> None:
    (office.home / ".pulumi/bin/pulumi").unlink()
    with office.handover() as terminal:
        assert terminal.ends() == 3
        assert "No Pulumi CLI was found" in terminal.errors


@pytest.mark.parametrize("case", ERRORS)
def test_what_the_engine_refuses_is_a_sentence_with_its_mend(office: Office, case: str) -> None:
    error, message = ERRORS[case]
    (office.vault / "error").write_text(f"{error}\n")
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n")
        assert terminal.ends() == 1
        assert message in terminal.errors
        assert ENTERS not in terminal.shown


@pytest.mark.parametrize("passwords", [{}, {"carla": CANARY}, {PERSON: ""}, {PERSON: None}, [CANARY], CANARY])
def test_who_has_no_account_yet_is_shown_what_comes_first(office: Office, passwords: object) -> None:
    office.answers(passwords=passwords, config={})
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n")
        assert terminal.ends() == 1
        assert "has no account of `bruno` yet: run `pulumi up" in terminal.errors
        assert CANARY not in terminal.errors


def test_an_answer_that_is_no_json_is_not_quoted(office: Office) -> None:
    (office.vault / "passwords").write_text(f"{CANARY}\n")
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n")
        assert terminal.ends() == 1
        assert "did not answer with JSON" in terminal.errors
        assert CANARY not in terminal.errors + terminal.shown


def test_the_last_rounds_password_is_not_handed_over_as_this_rounds(office: Office) -> None:
    first, second = (temporary_password(SECRET, TENANT_ID, PERSON, number) for number in (1, 2))
    office.answers(passwords={PERSON: first}, config={"tenantry:passwordSecret": {"value": SECRET, "secret": True}})
    raised = office.text + "    password_round: 2\n"
    office.file.write_text(raised)
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n")
        assert terminal.ends() == 1
        assert "does not have the password of round 2 yet" in terminal.errors
        assert first not in terminal.shown + terminal.errors
        assert second not in terminal.shown + terminal.errors
    assert office.file.read_text() == raised
    office.answers(passwords={PERSON: second}, config={"tenantry:passwordSecret": {"value": SECRET, "secret": True}})
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n").until(second).until_hushed().type("\n")
        assert terminal.ends() == 0
    assert "hand-over/bruno/2: " in office.file.read_text()


def test_a_file_that_cannot_be_written_is_found_before_anything_is_shown(office: Office) -> None:
    office.file.chmod(0o444)
    assert "a file that cannot be written (it is read-only)" in office.refused()


def test_a_file_that_breaks_meanwhile_is_left_alone_and_the_to_do_named(office: Office) -> None:
    with office.handover() as terminal:
        terminal.until("[y/n]").type("y\n").until(CANARY).until_hushed()
        office.file.write_text(office.text + "surprise: true\n")
        terminal.type("\n")
        assert terminal.ends() == 1
        assert "the unknown key 'surprise'" in terminal.errors
        assert f"declare `done: {{hand-over/bruno: {date.today()}}}` by hand" in terminal.errors
    assert office.file.read_text() == office.text + "surprise: true\n"


def test_another_stack_is_reached_with_the_environment_as_it_is(office: Office) -> None:
    (office.project.root / "Pulumi.prod.yaml").write_text("config:\n  tenantry:tenant: fabrikam/us\n")
    ours: dict[str, Any] = {"PULUMI_BACKEND_URL": "file:///elsewhere", "PULUMI_CONFIG_PASSPHRASE": "their-own"}
    with office.handover(PERSON, "--stack", "prod", **ours) as terminal:
        terminal.until("stack prod").until("[y/n]").type("y\n").until(CANARY).until_hushed().type("\n")
        assert terminal.ends() == 0
    calls = office.calls.read_text()
    assert "--stack prod" in calls
    assert {line for line in calls.splitlines() if line.startswith("PULUMI_BACKEND_URL=")} == {
        "PULUMI_BACKEND_URL=file:///elsewhere"
    }
    assert "tenantry-dev" not in calls
