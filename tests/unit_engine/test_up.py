import json
import signal
from pathlib import Path

import pytest

from tenantry.declaration import DeclarationError
from tenantry.directory.state import Credentials, Running
from tenantry.engine import directory_process, provider
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.engine.up import Report, down, up
from tenantry.errors import EngineError, EngineMissingError
from tenantry.project.paths import Project

from .conftest import TENANT_ID, script

REPORT = Report(lambda: "Ada: Global admin", lambda: "By hand: accept the agreement\n")
HISTORY = json.dumps([{"resourceChanges": {"create": 12, "same": 1, "import": 3}}])


def no_rehearsal() -> int:
    raise AssertionError("there is an engine")


def failing(reason: str):
    def install(_: Project) -> PulumiCli:
        raise EngineMissingError(reason)

    return install


@pytest.fixture(autouse=True)
def started(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A directory that is only said to run; what was started and stopped."""
    calls: list[str] = []
    running = Running(1, "https://127.0.0.1:7443", "127.0.0.1:7443", "x")

    def start(_: Project) -> Running:
        calls.append("start")
        return running

    def stop(_: Project) -> bool:
        calls.append("stop")
        return len(calls) == 1

    monkeypatch.setattr(directory_process, "start", start)
    monkeypatch.setattr(directory_process, "stop", stop)
    monkeypatch.setattr(directory_process, "credentials", lambda *_: Credentials("client", "the-secret"))
    monkeypatch.setattr("sys.platform", "linux")
    return calls


def engine(home: Path, *, up: str = "echo updating", select: str = "exit 0", history: str = HISTORY) -> Path:
    """A Pulumi CLI on which everything is there already."""
    plugins = json.dumps([{"kind": "resource", "name": "azuread", "version": provider.wanted_version()}])
    body = f"""\
echo "$@" >> "{home}/calls"
case "$1 $2" in
  version*) echo v3.259.0 ;;
  "plugin ls") echo '{plugins}' ;;
  "stack select") {select} ;;
  "stack history") echo '{history}' ;;
  up*) {up} ;;
esac"""
    return script(home / ".pulumi" / "bin" / "pulumi", body)


def test_the_story_of_a_good_run(project: Project, home: Path, capfd: pytest.CaptureFixture[str]):
    pulumi = engine(home, up='echo "updating $ARM_TENANT_ID in $(pwd)"')
    assert up(project, REPORT, no_rehearsal) == 0
    out = capfd.readouterr().out
    messages = [
        f"Engine: {PulumiCli(pulumi, '3.259.0')}, azuread provider {provider.wanted_version()}",
        "Embedded directory: https://127.0.0.1:7443",
        f"updating {TENANT_ID} in {project.root}",
        "Done in ",
        "12 create, 3 import.",
        "Ada: Global admin",
        "By hand: accept the agreement",
        'eval "$(.venv/bin/tenantry env)"',
        "make down",
    ]
    places = [out.index(text) for text in messages]
    assert places == sorted(places)
    assert "the-secret" not in out
    calls = (home / "calls").read_text().splitlines()
    assert f"up --yes --suppress-outputs --stack dev --policy-pack {project.policies}" in calls
    assert project.backend.is_dir()


def test_a_second_run_says_that_nothing_changes(project: Project, home: Path, capfd: pytest.CaptureFixture[str]):
    engine(home, history=json.dumps([{"resourceChanges": {"same": 16}}]))
    assert up(project, REPORT, no_rehearsal) == 0
    assert "nothing to change." in capfd.readouterr().out


def test_a_run_that_fails_shows_no_report(project: Project, home: Path, capfd: pytest.CaptureFixture[str]):
    engine(home, up="echo error: PT-101 >&2; exit 255")
    assert up(project, REPORT, no_rehearsal) == 1
    out, err = capfd.readouterr()
    assert "Ada" not in out
    assert err.index("error: PT-101") < err.index("Failed after")


def test_a_stack_that_cannot_be_opened_is_reported(project: Project, home: Path):
    engine(home, select="echo error: incorrect passphrase >&2; exit 1")
    with pytest.raises(EngineError, match="`pulumi stack select dev --create` failed: incorrect passphrase"):
        up(project, REPORT, no_rehearsal)


def test_without_an_engine_it_is_a_rehearsal_and_says_why_in_a_line(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("tenantry.engine.pulumi_cli.install", failing("get.pulumi.com is not reached."))

    def rehearse() -> int:
        print("rehearsing")
        return 0

    assert up(project, REPORT, rehearse) == 0
    out = capfd.readouterr().out
    assert out.splitlines()[0] == "A rehearsal, without the Pulumi engine: get.pulumi.com is not reached."
    assert out.index("rehearsing") < out.index("by the rehearsal") < out.index("Ada: Global admin")
    assert "pulumi preview" not in out


def test_a_rehearsal_that_fails_gives_its_exit_code(project: Project, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tenantry.engine.pulumi_cli.install", failing("no network."))
    assert up(project, REPORT, lambda: 3) == 3


def test_where_the_provider_cannot_be_given_a_certificate_it_is_a_rehearsal(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    engine(home)
    monkeypatch.setattr("sys.platform", "darwin")
    assert up(project, REPORT, lambda: 0) == 0
    assert "only on Linux" in capfd.readouterr().out


def test_a_wrong_declaration_is_reported_before_anything_is_started(project: Project, home: Path, started: list[str]):
    (project.partners / "fabrikam" / "tenants" / "us.yaml").write_text("id: 7\n")
    with pytest.raises(DeclarationError):
        up(project, REPORT, no_rehearsal)
    assert started == []


def test_an_interrupt_is_the_engines_to_handle(project: Project, home: Path):
    # As Ctrl-C does: the signal reaches both, and the engine takes a moment to end in order.
    engine(home, up=f"kill -INT $PPID; sleep 0.5; echo kept > '{home}/state'; exit 1")
    before = signal.getsignal(signal.SIGINT)
    assert up(project, REPORT, no_rehearsal) == 1
    assert (home / "state").read_text() == "kept\n"
    assert signal.getsignal(signal.SIGINT) is before


def test_down_says_what_it_found(project: Project, capfd: pytest.CaptureFixture[str]):
    assert down(project) == 0
    assert down(project) == 0
    assert capfd.readouterr().out.splitlines() == [
        "The embedded directory is stopped. Its contents are kept.",
        "The embedded directory is not running.",
    ]
