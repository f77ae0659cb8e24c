"""The doctor on a repository, a machine and a directory: what is wrong is found, and what it advises fixes it."""

import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.doctor import look
from tenantry.doctor.model import DoctorReport, Standing
from tenantry.graph.permissions import EVERY_FEATURE
from tenantry.graph_permissions import permissions
from tenantry.reports.doctor import layout
from tests.cli.conftest import Tenantry
from tests.directory.samples import UNITED_KINGDOM, UNITED_STATES
from tests.engine.world import LEAST
from tests.review.rendered import printed
from tests.unit_engine.conftest import script

from .conftest import PULUMI, SetUp

Golden = Callable[[str, str], None]


def wrong(report: DoctorReport) -> dict[str, str]:
    return {check.name: check.found for check in report.wrong}


@pytest.fixture
def command(set_up: SetUp, tenantry: Tenantry, monkeypatch: pytest.MonkeyPatch) -> Tenantry:
    """``tenantry doctor`` in the repository."""
    for name in ("ARM_USE_CLI", "ARM_USE_OIDC", "HTTPS_PROXY", "https_proxy", "PULUMI_STACK", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in set_up.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(set_up.root)
    return lambda *arguments: tenantry("doctor", *arguments)


@pytest.fixture
def shown(set_up: SetUp, neutral: Callable[[str], str]) -> Callable[[], str]:
    """What a terminal shows, without what is new in each run."""

    def show() -> str:
        report = DoctorReport.model_validate_json(neutral(set_up.look().model_dump_json()))
        return re.sub(r"within \d s", "within 0 s", printed(layout(report), width=140))

    return show


def test_where_everything_is_right_the_exit_code_is_0(
    command: Tenantry, shown: Callable[[], str], matches_golden: Golden
) -> None:
    ran = command()
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == "Nothing is wrong (25 checks)."
    matches_golden("doctor/right.txt", shown())


def test_where_much_is_wrong_each_line_says_what_and_how_to_fix_it(
    set_up: SetUp, shown: Callable[[], str], matches_golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up.variables |= {"PATH": "/usr/bin:/bin", "PULUMI_BACKEND_URL": f"file://{set_up.home}/nowhere"}
    del set_up.variables["PULUMI_CONFIG_PASSPHRASE"]
    set_up.pulumi.with_name("pulumi.plugins").write_text("6.0.0\n")
    (set_up.root / "requirements.lock").write_text("no-such-package==1.0\n")
    (set_up.root / "Pulumi.yaml").write_text("name: tiny\nruntime:\n  name: python\n  options: {virtualenv: .venv}\n")
    set_up.permit("Domain.Read.All", "User.ReadWrite.All")
    # What the system's own Python has differs from machine to machine.
    monkeypatch.setattr("tenantry.doctor.look._lacks", lambda *_: ("pulumi_policy",))
    matches_golden("doctor/wrong.txt", shown())


def test_its_json_is_the_report(command: Tenantry) -> None:
    ran = command("--json")
    report = DoctorReport.model_validate_json(ran.stdout)
    assert (ran.exit_code, report.ok, report.stack) == (0, True, "main")
    assert {check.standing for check in report.checks} == {Standing.FINE}


def test_outside_a_repository_it_says_so_and_looks_at_the_rest(
    set_up: SetUp, command: Tenantry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command("--json", "--offline")
    report = DoctorReport.model_validate_json(ran.stdout)
    assert ran.exit_code == 1
    assert list(wrong(report)) == ["project"]
    (check,) = report.wrong
    assert "`tenantry init PARTNER`" in check.remediation
    assert {check.name for check in report.checks if check.standing is Standing.FINE} >= {
        "Pulumi",
        "backend",
        "sandbox",
    }


# --- offline


def test_offline_nothing_is_asked_and_what_was_not_looked_at_is_said(
    set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something was asked over the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for metadata in (set_up.variables["ARM_METADATA_HOSTNAME"], ""):
        set_up.variables["ARM_METADATA_HOSTNAME"] = metadata
        report = set_up.look(offline=True)
        assert report.exit_code == 0, wrong(report)
        skipped = {check.name for check in report.checks if check.standing is Standing.NOT_LOOKED_AT}
        assert skipped >= {"reach", "clock", "sign-in", "permissions", "directory roles", "licence"}


def test_a_network_that_does_not_reach_the_cloud_is_a_finding_and_the_rest_is_still_looked_at(set_up: SetUp) -> None:
    set_up.variables["ARM_METADATA_HOSTNAME"] = "127.0.0.1:1"
    report = set_up.look()
    assert list(wrong(report)) == ["reach"]
    assert "127.0.0.1:1" in wrong(report)["reach"]
    assert {check.name: check.standing for check in report.checks}["sandbox"] is Standing.FINE


def test_a_proxy_that_is_not_there_is_a_finding_without_its_password(set_up: SetUp) -> None:
    del set_up.variables["ARM_METADATA_HOSTNAME"]
    set_up.variables["HTTPS_PROXY"] = "http://ada:canary-proxy@127.0.0.1:1"
    report = set_up.look()
    reach = [check for check in report.wrong if check.name == "reach"]
    assert [check.found.partition(" is not reached")[0] for check in reach] == [
        "login.microsoftonline.com",
        "graph.microsoft.com",
    ]
    assert "through the proxy http://127.0.0.1:1" in reach[0].found
    assert "canary" not in report.model_dump_json()


# --- permissions, tenant, sign-in


def granted_by(advice: str) -> set[str]:
    """The permissions that the advised `az ad app permission add` grants."""
    names = permissions().application
    return {names[id_] for id_ in re.findall(r"([0-9a-f-]{36})=Role", advice)}


@pytest.mark.parametrize("lacking", sorted(LEAST))
def test_a_permission_that_is_missing_to_provision_is_named_and_granting_it_as_advised_fixes_it(
    set_up: SetUp, lacking: str
) -> None:
    set_up.permit(*LEAST - {lacking})
    check = set_up.permissions()
    assert check.standing is Standing.WRONG
    assert f"missing to provision: {lacking} (" in check.found
    assert f"--id {set_up.variables['ARM_CLIENT_ID']}" in check.remediation
    assert granted_by(check.remediation) == {lacking}
    set_up.permit(*LEAST - {lacking}, *granted_by(check.remediation))
    assert set_up.permissions().standing is Standing.FINE


@pytest.mark.parametrize("lacking", [*EVERY_FEATURE, ""])
def test_an_application_that_only_reads_is_measured_by_what_an_audit_reads(set_up: SetUp, lacking: str) -> None:
    held = set(EVERY_FEATURE) - {lacking}
    set_up.permit(*held)
    check = set_up.permissions()
    if not lacking:
        assert check.standing is Standing.FINE
        assert "which this application cannot" in check.found
        return
    assert check.standing is Standing.WRONG
    set_up.permit(*held, *granted_by(check.remediation))
    assert set_up.permissions().standing is Standing.FINE


def test_an_application_without_any_permission_is_told_all_that_it_lacks(set_up: SetUp) -> None:
    set_up.permit()
    report = set_up.look()
    assert list(wrong(report)) == ["permissions"]
    (check,) = report.wrong
    assert granted_by(check.remediation) == set(EVERY_FEATURE)
    skipped = {check.name: check.found for check in report.checks if check.standing is Standing.NOT_LOOKED_AT}
    assert "does not let" in skipped["directory roles"]
    assert "does not let" in skipped["licence"]


def test_another_tenant_than_the_declared_one_is_a_finding(set_up: SetUp) -> None:
    credentials = set_up.directory.credentials(UNITED_KINGDOM)
    set_up.variables |= {
        "ARM_TENANT_ID": UNITED_KINGDOM.tenant_id,
        "ARM_CLIENT_ID": credentials.client_id,
        "ARM_CLIENT_SECRET": credentials.client_secret,
    }
    check = set_up.check("tenant")
    assert check.standing is Standing.WRONG
    ours = set_up.directory.credentials(UNITED_STATES)
    (tenant,) = re.findall(r"`export ARM_TENANT_ID=(\S+)`", check.remediation)
    set_up.variables |= {
        "ARM_TENANT_ID": tenant,
        "ARM_CLIENT_ID": ours.client_id,
        "ARM_CLIENT_SECRET": ours.client_secret,
    }
    assert set_up.check("tenant").standing is Standing.FINE


def test_a_secret_that_is_wrong_is_a_refused_sign_in_and_not_shown(set_up: SetUp) -> None:
    set_up.variables["ARM_CLIENT_SECRET"] = "canary-wrong-secret"
    report = set_up.look()
    assert list(wrong(report)) == ["sign-in"]
    assert "canary" not in report.model_dump_json()


@pytest.mark.parametrize("missing", ["ARM_TENANT_ID", "ARM_CLIENT_ID"])
def test_a_sign_in_that_is_incomplete_is_named_by_what_it_lacks(set_up: SetUp, missing: str) -> None:
    del set_up.variables[missing]
    check = set_up.check("method")
    assert check.standing is Standing.WRONG
    assert missing in check.found


def test_without_any_sign_in_and_without_the_azure_cli_it_says_both(set_up: SetUp) -> None:
    for name in ("ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET"):
        del set_up.variables[name]
    set_up.variables["PATH"] = str(set_up.pulumi.parent)
    check = set_up.check("method")
    assert check.standing is Standing.WRONG
    assert "the Azure CLI, which is taken then, is not on the PATH" in check.found


# --- what it advises is followed


def followed(set_up: SetUp, command: str) -> None:
    """Run a command as advised, and take over what it exports."""
    shell = subprocess.run(
        ["sh", "-ec", f"{command}\nexec env -0"],
        cwd=set_up.root,
        env=set_up.variables,
        capture_output=True,
        text=True,
        check=True,
    )
    exported = dict(line.split("=", 1) for line in shell.stdout.split("\0") if "=" in line)
    names = {*set_up.variables, "PATH", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_BACKEND_URL"}
    set_up.variables = {name: exported[name] for name in names if name in exported}


def advised(set_up: SetUp, name: str) -> str:
    """The first command that is advised for a check, which is wrong."""
    check = set_up.check(name, offline=True)
    assert check.standing is Standing.WRONG, check
    return re.findall(r"`([^`]+)`", check.remediation)[0]


def test_pulumi_is_put_on_the_path_as_advised(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up.variables["PATH"] = "/usr/bin:/bin"
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    followed(set_up, advised(set_up, "PATH"))
    assert set_up.check("PATH", offline=True).standing is Standing.FINE


def test_the_policy_packs_python_is_put_first_as_advised(set_up: SetUp) -> None:
    set_up.variables["PATH"] = f"{set_up.pulumi.parent}:/usr/bin:/bin"
    others = set_up.check("policy pack", offline=True)
    if others.standing is Standing.FINE:
        pytest.skip("the system's Python has all packages here")
    followed(set_up, advised(set_up, "policy pack"))
    assert set_up.check("policy pack", offline=True).standing is Standing.FINE


def test_the_plugin_is_installed_as_advised(set_up: SetUp) -> None:
    set_up.pulumi.with_name("pulumi.plugins").write_text("6.0.0\n")
    followed(set_up, advised(set_up, "azuread provider"))
    assert set_up.check("azuread provider", offline=True).standing is Standing.FINE


def test_the_folder_of_the_state_is_made_and_made_writable_as_advised(set_up: SetUp) -> None:
    set_up.variables["PULUMI_BACKEND_URL"] = f"file://{set_up.home}/new/state"
    followed(set_up, advised(set_up, "backend"))
    assert set_up.check("backend", offline=True).standing is Standing.FINE
    folder = set_up.home / "new/state"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_written_is_made_writable_as_advised(
    set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = set_up.home / "state"
    folder.chmod(0o500)
    # Whoever runs as root may write everywhere: by its mode, then.
    monkeypatch.setattr("tenantry.doctor.look.os.access", lambda path, _: bool(Path(path).stat().st_mode & 0o200))
    followed(set_up, advised(set_up, "backend"))
    assert set_up.check("backend", offline=True).standing is Standing.FINE


def test_a_state_that_an_update_left_unfinished_is_named_with_the_command_that_finishes_it(set_up: SetUp) -> None:
    user = "azuread:index/user:User"
    fay = {"urn": f"urn:pulumi:main::tiny::{user}::us-fay", "type": user}
    left = {"deployment": {"pending_operations": [{"type": "creating", "resource": fay}]}}
    set_up.state.write_text(json.dumps(left))
    check = set_up.check("contents", offline=True)
    assert check.standing is Standing.WRONG
    assert "us-fay (User)" in check.found
    assert "`tenantry recover --stack main`" in check.remediation


@pytest.mark.parametrize(
    ("says", "found", "fix"),
    [
        ("no stack named 'main' found", "the backend has no stack main", "`pulumi stack init main`"),
        (
            "failed to load checkpoint: EOF",
            "the state cannot be read: failed to load checkpoint: EOF",
            "remove the file",
        ),
        ("the lock is held", "the state cannot be read: the lock is held", "`tenantry docs reliability`"),
    ],
)
def test_a_state_that_is_not_there_or_damaged_is_wrong(set_up: SetUp, says: str, found: str, fix: str) -> None:
    set_up.state.unlink()
    set_up.variables["SAYS"] = says
    check = set_up.check("contents", offline=True)
    assert (check.standing, check.found) == (Standing.WRONG, found)
    assert check.remediation.startswith(fix)


def test_an_engine_that_answers_with_something_else_or_not_at_all_is_wrong(
    set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up.state.write_text("{}")
    assert "answers with something else" in set_up.check("contents", offline=True).found
    script(set_up.pulumi, PULUMI.replace("stack)", "stack) exec sleep 60;; never)"))
    monkeypatch.setattr(look, "_SECONDS", 0.5)
    assert "does not answer within" in set_up.check("contents", offline=True).found


def test_a_backend_over_the_network_is_not_asked_offline(set_up: SetUp) -> None:
    set_up.variables["PULUMI_BACKEND_URL"] = "s3://state"
    check = set_up.check("contents", offline=True)
    assert (check.standing, check.found) == (Standing.NOT_LOOKED_AT, "--offline was given")
    assert set_up.check("contents").standing is Standing.FINE


def test_a_backend_to_which_nobody_is_logged_in_is_one_thing_to_fix_and_not_two(set_up: SetUp) -> None:
    set_up.variables["PULUMI_BACKEND_URL"] = "https://state.example"
    set_up.state.unlink()
    assert set_up.check("backend", offline=True).standing is Standing.WRONG
    check = set_up.check("contents", offline=True)
    assert (check.standing, check.found) == (Standing.NOT_LOOKED_AT, "there is no access token for the backend")


def test_a_passphrase_is_given_by_a_file_as_advised(set_up: SetUp) -> None:
    del set_up.variables["PULUMI_CONFIG_PASSPHRASE"]
    (set_up.home / "passphrase").write_text("the passphrase of the stack\n")
    command = advised(set_up, "secrets").replace("FILE=FILE", f"FILE={set_up.home}/passphrase")
    followed(set_up, command)
    assert set_up.check("secrets", offline=True).standing is Standing.FINE
    (set_up.home / "passphrase").unlink()
    assert "cannot be read" in set_up.check("secrets", offline=True).found


def test_the_programs_virtual_environment_is_made_as_advised(set_up: SetUp) -> None:
    (set_up.root / "Pulumi.yaml").write_text("name: tiny\nruntime:\n  name: python\n  options: {virtualenv: .venv}\n")
    (set_up.root / "requirements.lock").write_text("# nothing is locked, so that nothing is downloaded\n")
    followed(set_up, advised(set_up, "program"))
    check = set_up.check("program", offline=True)
    assert "in which is missing: tenantry, pulumi, pulumi_azuread" in check.found
    assert f"{set_up.root}/.venv/bin/python -m pip install --requirement requirements.lock" in check.remediation


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"name: [\n", "Pulumi.yaml:"),
        (b"- name\n", "Pulumi.yaml:1:1"),
        (b"name: caf\xe9\nruntime: python\n", "Pulumi.yaml:"),
        (b"name: partner\nruntime: 5\n", "Pulumi.yaml:2:10: runtime: found 5"),
        (b"name: partner\nruntime: python\nname: other\n", "Pulumi.yaml:3:1: name: found the key 'name' a second time"),
    ],
)
def test_a_broken_pulumi_yaml_is_a_finding_with_its_place_and_fix(set_up: SetUp, content: bytes, place: str) -> None:
    (set_up.root / "Pulumi.yaml").write_bytes(content)
    check = set_up.check("project", offline=True)
    assert check.standing is Standing.WRONG
    assert place in check.found
    assert check.remediation


@pytest.mark.parametrize(
    "content",
    [
        "name: &name tiny\ndescription: *name\nruntime: {name: python, options: {virtualenv: .nowhere}}\n",
        "x: &options {virtualenv: .nowhere}\nname: tiny\nruntime:\n  name: python\n  options: *options\n",
        "x: &runtime {options: {virtualenv: .nowhere}}\nname: tiny\nruntime: {<<: *runtime, name: python}\n",
        "name: !!str tiny\nruntime: !ours {name: !ours python, options: !ours {virtualenv: .nowhere}}\n",
        "%YAML 1.1\n---\nname: tiny\nruntime: {name: python, options: {virtualenv: .nowhere}}\n---\nname: other\n",
    ],
    ids=["an alias", "an alias of a map", "a merge", "tags", "a directive and a second document"],
)
def test_a_pulumi_yaml_that_pulumi_accepts_is_not_called_broken_and_is_read(set_up: SetUp, content: str) -> None:
    """`pulumi` takes each of these files; a declaration could not be written so."""
    (set_up.root / "Pulumi.yaml").write_text(content)
    assert set_up.check("project", offline=True).standing is Standing.FINE
    assert "names the virtual environment .nowhere" in set_up.check("program", offline=True).found
    assert set_up.check("language host", offline=True).found == "pulumi-language-python"


def test_a_runtime_that_an_alias_names_wrongly_is_found(set_up: SetUp) -> None:
    (set_up.root / "Pulumi.yaml").write_text("name: &name 5\nruntime: *name\n")
    check = set_up.check("project", offline=True)
    assert (check.standing, "Pulumi.yaml:1:1: runtime: found 5" in check.found) == (Standing.WRONG, True)


MADE = "\t@touch made\n"


@pytest.mark.parametrize("name", ["Makefile", "makefile", "GNUmakefile"])
@pytest.mark.parametrize(
    ("makefile", "has_it"),
    [
        (f"setup: made ## make .venv\nmade:\n{MADE}", True),
        (f"setup:\n{MADE}", True),
        (f"setup :\n{MADE}", True),
        (f"setup::\n{MADE}", True),
        (f"all setup check: made\nmade:\n{MADE}", True),
        (f"all \\\n  setup: made\nmade:\n{MADE}", True),
        (f"  setup: made\nmade:\n{MADE}", True),
        (f"setup: MODE := fast\nsetup:\n{MADE}", True),
        (".PHONY: setup\n", False),
        ("setup := all\n", False),
        ("setup:=all\n", False),
        ("setup ::= all\n", False),
        (f"all:\n{MADE}\t@echo setup: nothing\n", False),
        (f"# setup: is no more\nall:\n{MADE}", False),
        (f"setup-all:\n{MADE}", False),
        (f"all: setup := all\nall:\n{MADE}", False),
        (f"setup: MODE := fast\nall:\n{MADE}", False),
    ],
)
def test_whether_there_is_a_make_setup_is_known_as_make_knows_it(
    tmp_path: Path, name: str, makefile: str, has_it: bool
) -> None:
    (tmp_path / name).write_text(makefile)
    assert look._has_setup(tmp_path, os.environ) is has_it
    subprocess.run(["make", "setup"], cwd=tmp_path, capture_output=True, check=False)
    assert (tmp_path / "made").exists() is has_it


def test_where_there_is_a_make_setup_that_is_the_advice(set_up: SetUp) -> None:
    (set_up.root / "Pulumi.yaml").write_text("name: tiny\nruntime: {name: python, options: {virtualenv: .nowhere}}\n")
    (set_up.root / "Makefile").write_text("setup: ready\n")
    assert set_up.check("program", offline=True).remediation == "`make setup`"
    (tools := set_up.home / "tools").mkdir()
    (tools / "python3").symlink_to(sys.executable)
    set_up.variables["PATH"] = str(tools)
    assert set_up.check("program", offline=True).remediation.startswith("`python3 -m venv .nowhere"), "there is no make"


def test_packages_are_installed_as_advised(set_up: SetUp) -> None:
    """With a lock that asks for what is there; pip has then nothing to download."""
    (set_up.root / "requirements.lock").write_text("no-such-package==1.0\n")
    command = advised(set_up, "packages")
    (set_up.root / "requirements.lock").write_text("")
    followed(set_up, command)
    assert set_up.check("packages", offline=True).standing is Standing.FINE


def test_what_a_lock_asks_of_other_machines_is_left_out(set_up: SetUp) -> None:
    lock = "no-such-package==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:0\n# a comment\n--index-url x\nhttpx\n"
    (set_up.root / "requirements.lock").write_text(lock)
    assert set_up.check("packages", offline=True).standing is Standing.FINE


@pytest.mark.engine
def test_a_stack_is_made_as_advised(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    # By the user's own home, and not by the one that the test makes.
    real = shutil.which("pulumi", path=str(Path(pwd.getpwuid(os.getuid()).pw_dir, ".pulumi/bin")))
    if real is None:
        pytest.skip("without the real engine")
    set_up.variables["PATH"] = f"{Path(real).parent}:{set_up.variables['PATH']}"
    set_up.variables["PULUMI_SKIP_UPDATE_CHECK"] = "true"
    monkeypatch.setenv("PATH", set_up.variables["PATH"])
    (set_up.root / "Pulumi.main.yaml").unlink()
    followed(set_up, advised(set_up, "stack").replace("NAME", "main") + " --non-interactive")
    assert set_up.check("stack", offline=True).standing is Standing.FINE
    check = set_up.check("declaration", offline=True)
    assert "pulumi config set tenantry:tenant PARTNER/TENANT --stack main" in check.found
    followed(set_up, "pulumi config set tenantry:tenant fabrikam/us --stack main --non-interactive")
    assert set_up.check("declaration", offline=True).standing is Standing.FINE


def test_a_declaration_with_a_mistake_leads_to_the_command_that_lists_them(
    set_up: SetUp, command: Tenantry, tenantry: Tenantry
) -> None:
    tenant = set_up.root / "partners/fabrikam/tenants/us.yaml"
    tenant.write_text(tenant.read_text().replace("country: US", "country: Atlantis"))
    check = set_up.check("declaration", offline=True)
    assert check.standing is Standing.WRONG
    assert "partners/fabrikam/tenants/us.yaml:3:" in check.found
    ran = tenantry(*advised(set_up, "declaration").removeprefix("tenantry ").split())
    assert ran.exit_code == 1
    assert "country" in ran.stderr


# --- secrets

CANARY = "canary-7f3e"
SECRETS = {
    "ARM_CLIENT_CERTIFICATE_PASSWORD": CANARY,
    "ARM_OIDC_TOKEN": CANARY,
    "ARM_OIDC_REQUEST_TOKEN": CANARY,
    "ARM_OIDC_REQUEST_URL": f"https://{CANARY}.example/{CANARY}?{CANARY}",
    "PULUMI_CONFIG_PASSPHRASE": CANARY,
    "PULUMI_ACCESS_TOKEN": CANARY,
    "HTTPS_PROXY": f"http://{CANARY}:{CANARY}@127.0.0.1:1",
    "PULUMI_BACKEND_URL": f"postgres://{CANARY}:{CANARY}@db.example:5432/state?sslkey={CANARY}",
}


@pytest.mark.parametrize("which", ["secret", "oidc", "proxy", "odd proxy", "login"])
def test_no_secret_is_shown_whatever_is_wrong(
    set_up: SetUp, command: Tenantry, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ARM_CLIENT_SECRET", f"{CANARY}-wrong")
    set_up.state.unlink()
    if which == "oidc":
        monkeypatch.delenv("ARM_CLIENT_SECRET")
        monkeypatch.setenv("ARM_USE_OIDC", "true")
    elif which == "proxy":
        monkeypatch.delenv("ARM_METADATA_HOSTNAME")
    elif which == "odd proxy":
        monkeypatch.delenv("ARM_METADATA_HOSTNAME")
        monkeypatch.setenv("HTTPS_PROXY", f"http://{CANARY}:{CANARY}@[:1")
    elif which == "login":
        monkeypatch.delenv("PULUMI_BACKEND_URL")
        kept = {"current": "https://state.example", "accessTokens": {"https://state.example": CANARY}}
        (set_up.home / ".pulumi/credentials.json").write_text(json.dumps(kept))
    for form in ((), ("--json",)):
        ran = command(*form)
        assert ran.exit_code == 1
        assert CANARY not in ran.stdout + ran.stderr
