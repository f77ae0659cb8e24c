"""`tenantry audit` as it is run: of which tenants, in which format, with which exit code."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tenantry.audit import sign_in
from tenantry.directory.enrolment import deployment_client_id
from tenantry.directory.onboarding import enrol
from tenantry.directory.state import Credentials
from tenantry.engine import directory_process
from tenantry.graph.client import GraphReader
from tenantry.graph.permissions import EVERY_FEATURE
from tests.audit.world import Audited, audited
from tests.declaration.folder import FILES, OWN, PARTNER
from tests.directory.samples import CLIENT_SECRET
from tests.graph.in_process import reader_of
from tests.review.rendered import markdown_words

from .conftest import Tenantry

#: What others did must not lead it anywhere: names that a format could take for its own.
HOSTILE = "[red]Eve[/red] | @contoso-owners <script>alert(1)</script> =cmd()"


@pytest.fixture
def tenant() -> Iterator[Audited]:
    with audited() as item:
        yield item


@pytest.fixture
def reached(tenant: Audited, monkeypatch: pytest.MonkeyPatch) -> Iterator[Audited]:
    """The tenant in the United States is reached with its own id."""
    opened = ExitStack()

    def from_environment(environment: dict[str, str]) -> GraphReader:
        assert environment["ARM_TENANT_ID"] == tenant.tenant.id
        permitted = replace(tenant.directory.enrolment, permissions=frozenset(EVERY_FEATURE))
        enrol(tenant.world.store, permitted, CLIENT_SECRET)
        return opened.enter_context(reader_of(tenant.world.store, tenant.tenant.id))

    monkeypatch.setattr(GraphReader, "from_environment", from_environment)
    with opened:
        yield tenant


FORMATS = ("terminal", "markdown", "html", "csv", "json", "sarif")


@pytest.mark.parametrize("form", FORMATS)
def test_a_tenant_as_declared_is_fine_in_every_format(
    reached: Audited, tenantry: Tenantry, sample: Path, form: str
) -> None:
    ran = tenantry("audit", sample, "--tenant", "us", "--format", form)
    assert (ran.exit_code, ran.stderr) == (0, "")
    if form in ("json", "sarif"):
        json.loads(ran.stdout)
    if form in ("terminal", "markdown", "html"):
        assert "As declared." in ran.stdout
    assert reached.audit().exit_code == 0


@pytest.mark.parametrize("form", FORMATS)
def test_a_hostile_name_stays_text_in_every_format(
    reached: Audited, tenantry: Tenantry, sample: Path, form: str
) -> None:
    eve = reached.newcomer("eve", displayName=HOSTILE)
    reached.world.join(reached.world.admin_agents, eve)
    ran = tenantry("audit", sample, "--tenant", "us", "--format", form)
    assert ran.exit_code == 1
    assert "Eve" in ran.stdout
    assert "<script>" not in ran.stdout or form in ("terminal", "csv", "json", "sarif")
    if form == "markdown":
        assert "@contoso-owners" not in " ".join(markdown_words(ran.stdout)), "nobody is mentioned"
    if form == "sarif":
        (result,) = [item for item in json.loads(ran.stdout)["runs"][0]["results"] if item["ruleId"] == "PT-101"]
        assert HOSTILE in result["message"]["text"]


def test_filters_take_partner_roles_groups_and_directory_roles(
    reached: Audited, tenantry: Tenantry, sample: Path
) -> None:
    reached.world.join(reached.world.admin_agents, reached.newcomer())
    for role, found in (("Admin agent", True), ("AdminAgents", True), ("Exchange Administrator", False)):
        ran = tenantry("audit", sample, "--tenant", "us", "--role", role)
        assert ("Mallory" in ran.stdout) is found, role
    assert "Mallory" not in tenantry("audit", sample, "--tenant", "us", "--person", "carla").stdout


def test_what_is_not_there_is_a_wrong_command_line(tenantry: Tenantry, sample: Path) -> None:
    assert tenantry("audit", sample, "--tenant", "fr").exit_code == 2
    ran = tenantry("audit", sample, "--role", "Chief of everything")
    assert ran.exit_code == 2
    assert "expected: a partner role, an agent group or a directory role" in " ".join(
        ran.stderr.replace("│", " ").split()
    )


def test_a_partner_without_a_partner_tenant_has_nothing_to_audit(tenantry: Tenantry, tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    (tmp_path / PARTNER).write_text(FILES[PARTNER].replace("[own-use, us]", "[own-use]"))
    (tmp_path / OWN).write_text(FILES[OWN])
    ran = tenantry("audit", tmp_path)
    assert ran.exit_code == 2
    assert "declares no partner tenant" in " ".join(ran.stderr.replace("│", " ").split())


def test_without_a_sign_in_every_tenant_is_reported_as_not_reached(
    tenantry: Tenantry, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_METADATA_HOSTNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ARM_USE_CLI", "false")
    ran = tenantry("audit", sample)
    assert ran.exit_code == 3
    assert ran.stdout.count("not reached: To sign in") == 2


def test_each_tenant_is_signed_in_to_by_its_own_id(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = sign_in.environments(root, {"ARM_CLIENT_ID": "reader", "ARM_TENANT_ID": "another"})
    assert of("us") == {"ARM_CLIENT_ID": "reader", "ARM_TENANT_ID": "us"}

    class Running:
        metadata_host = "127.0.0.1:7443"

    monkeypatch.setattr(directory_process, "running", lambda _: Running())
    monkeypatch.setattr(
        directory_process,
        "credentials",
        lambda _, tenant_id: Credentials(client_id=deployment_client_id(tenant_id), client_secret=tenant_id),
    )
    embedded = sign_in.environments(root, {"ARM_METADATA_HOSTNAME": "127.0.0.1:7443", "ARM_CLIENT_ID": "reader"})
    assert embedded("us")["ARM_CLIENT_ID"] == deployment_client_id("us")
    elsewhere = sign_in.environments(root, {"ARM_METADATA_HOSTNAME": "graph.example", "ARM_CLIENT_ID": "reader"})
    assert elsewhere("us")["ARM_CLIENT_ID"] == "reader"


def test_of_a_name_that_nobody_has_nothing_is_called_as_declared(
    reached: Audited, tenantry: Tenantry, sample: Path
) -> None:
    ran = tenantry("audit", sample, "--tenant", "us", "--person", "carla")
    assert (ran.exit_code, "No match for this filter." in ran.stdout) == (0, True)
    ran = tenantry("audit", sample, "--tenant", "us", "--person", "carlo")
    assert ran.exit_code == 2
    assert "no match for 'carlo'" in ran.stderr
    reached.world.join(reached.world.admin_agents, reached.newcomer("carlo"))
    ran = tenantry("audit", sample, "--tenant", "us", "--person", "carlo")
    assert (ran.exit_code, "As declared" in ran.stdout) == (1, False)
