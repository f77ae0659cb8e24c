"""`tenantry directory`: what is wrong with a file of faults or a seed is said with its place, and nothing is done."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store
from tenantry.engine.directory_process import dumped
from tenantry.project.paths import Project
from tests.directory.samples import CLIENT_SECRET, UNITED_STATES

from .conftest import Tenantry

NO_MAP = "expected: fields and values. Fix: write the fields, or remove the file"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a directory of one tenant, as the current folder."""
    tmp_path.joinpath("Pulumi.yaml").touch()
    project = Project(tmp_path)
    project.directory.mkdir(parents=True)
    store = Store(project.directory / "directory.sqlite")
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    store.close()
    monkeypatch.chdir(tmp_path)
    return project


@pytest.mark.parametrize(
    ("content", "exit_code", "message"),
    [
        (
            '{"faults": [\n  {"kind": "server_error", "status": 501},\n  {"kind": "held_back", "seconds": 0}\n]}',
            1,
            "faults.json:2:38: faults[0].status: found the number 501; expected: one of: 500, 503, 504. Fix: choose "
            "one of them\n"
            "faults.json:3:36: faults[1].seconds: found the number 0; expected: more than 0. Fix: write more "
            "than 0\n",
        ),
        ("", 2, f"faults.json:1:1: found an empty file; {NO_MAP}\n"),
        (
            None,
            2,
            "faults.json:1:1: found no such file; expected: a YAML file. Fix: create it, or correct its name\n",
        ),
    ],
)
def test_nothing_is_served_with_faults_that_are_none(
    tenantry: Tenantry, project: Project, content: str | None, exit_code: int, message: str
) -> None:
    if content is not None:
        Path("faults.json").write_text(content)
    ran = tenantry("directory", "serve", "--faults", "faults.json")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (exit_code, "", message)


def test_a_partner_after_ten_years_is_put_into_a_tenant(tenantry: Tenantry, project: Project, root: Path) -> None:
    ran = tenantry("directory", "seed", str(root / "examples/seeds/ten-years.yaml"))
    assert (ran.exit_code, ran.stderr) == (0, "")
    (held,) = dumped(project).values()
    assert isinstance(held, dict)
    users = held["users"]
    assert isinstance(users, list)
    assert len(users) == 58
    again = tenantry("directory", "seed", str(root / "examples/seeds/ten-years.yaml"))
    assert again.exit_code == 1
    assert "ten-years.yaml:9:3: users.ingrid.solberg@contoso-partner.onmicrosoft.com: found" in again.stderr
    assert list(dumped(project).values()) == [held], "all or none"


def test_a_taken_port_is_reported_in_a_sentence(tenantry: Tenantry, project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = tenantry("directory", "serve", "--port", str(port))
    message = f"Something else listens on 127.0.0.1:{port}: stop it, or choose another port.\n"
    assert (ran.exit_code, ran.stdout, ran.stderr) == (3, "", message)


def test_who_waits_for_the_directory_in_a_pipe_reads_where_it_answers(project: Project, root: Path) -> None:
    command = [sys.executable, "-m", "tenantry", "directory", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as served:
        assert served.stdout
        line = served.stdout.readline()
        served.send_signal(signal.SIGINT)
    assert re.fullmatch(r"The embedded directory runs at https://127\.0\.0\.1:\d+\. Ctrl-C stops it\.\n", line)


def test_a_port_that_cannot_be_is_a_wrong_command_line(tenantry: Tenantry, project: Project) -> None:
    assert tenantry("directory", "serve", "--port", "70000").exit_code == 2


@pytest.mark.parametrize(
    ("content", "exit_code", "message"),
    [
        (
            "users:\n  bob@contoso.example: {name: Bob}\n",
            1,
            "seed.yaml:2:24: users.bob@contoso.example.displayName: found nothing; expected: `displayName`, which is "
            "required. Fix: add `displayName:`\n"
            "seed.yaml:2:25: users.bob@contoso.example.name: found the unknown key 'name'; expected: one of: "
            "accountEnabled, authenticationMethods, city, companyName, country, created, department, displayName, "
            "employeeId, "
            "givenName, jobTitle, lastSignIn, licences, mail, manager, officeLocation, onPremisesSyncEnabled, "
            "password, preferredLanguage, surname, usageLocation, userType. Fix: did you mean `surname`?\n",
        ),
        (
            "users:\n  bob@contoso.example: {displayName: Bob}\nroles:\n  Billing Administratr: []\n",
            1,
            "seed.yaml:4:3: roles.Billing Administratr: found 'Billing Administratr'; expected: a built-in role of "
            "Microsoft Entra ID, by its name. Fix: did you mean `Billing Administrator`?\n",
        ),
        ("", 2, f"seed.yaml:1:1: found an empty file; {NO_MAP}\n"),
    ],
)
def test_nothing_is_added_from_a_seed_with_a_mistake(
    tenantry: Tenantry, project: Project, content: str, exit_code: int, message: str
) -> None:
    before = dumped(project)
    Path("seed.yaml").write_text(content)
    ran = tenantry("directory", "seed", "seed.yaml")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (exit_code, "", message)
    assert dumped(project) == before


def test_a_relationship_is_approved_by_its_name_and_only_while_it_waits(
    tenantry: Tenantry, project: Project, tmp_path: Path
) -> None:
    roles = "roles: [Helpdesk Administrator], status: approvalPending"
    seed = tmp_path / "seed.yaml"
    relationships = f"Fabrikam: {{{roles}}}, Tailspin: {{{roles}}}, New: {{{roles}}}"
    seed.write_text(f"relationships: {{{relationships}}}".replace("approvalPending}}", "created}}"))
    assert tenantry("directory", "seed", str(seed)).exit_code == 0
    customer = "0f1e2d3c-0000-4000-8000-00000000cafe"
    ran = tenantry("directory", "approve", "fabrikam", "Tailspin", "--customer", customer)
    said = "".join(
        f"approved '{name}' for customer {customer}; active in half a minute\n" for name in ("Fabrikam", "Tailspin")
    )
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, said, "")
    for name, message in (
        (
            "Fabrikam",
            "'Fabrikam': The relationship has the status 'approved', and for this it must be 'approvalPending'.",
        ),
        ("New", "'New': The relationship has the status 'created', and for this it must be 'approvalPending'."),
        ("Nobody", "no relationship 'Nobody'; give the id or the name of one"),
    ):
        refused = tenantry("directory", "approve", name)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert message in " ".join(refused.stderr.split())
