"""The sample's US tenant on the real engine and provider: provisioned, run again, drifted.

The tests share one tenant. Each begins with what is declared and provisioned, and leaves it so.
"""

import json
import zlib
from pathlib import Path

import pytest

from tenantry.drift.run import drift
from tenantry.roles import DirectoryRole
from tests.depth import deep

from .world import SOURCE, World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-us")]

NOBODY_NEW = {
    "AdminAgents": {"ada.nakamura", "bruno.keller", "carla.jensen"},
    "SalesAgents": {"dmitri.okafor", "hiro.tanaka"},
    "HelpdeskAgents": {"emma.lindqvist", "ines.costa"},
}


@pytest.fixture(scope="module")
def world(shared_copy: World) -> World:
    return shared_copy


def members(world: World) -> dict[str, set[str]]:
    return {group: world.graph.members(group) for group in NOBODY_NEW}


def test_the_first_up_creates_people_and_roles_and_imports_what_was_there(world: World) -> None:
    assert members(world) == NOBODY_NEW
    assert world.graph.roles_of(world.graph.user(f"grace.mbeki@{world.tenant.domains.initial}")["id"]) == {
        DirectoryRole.USER_ADMINISTRATOR.template_id
    }
    rescue = world.graph.user(f"rescue-1@{world.tenant.domains.initial}")["id"]
    assert world.graph.roles_of(rescue) == {DirectoryRole.GLOBAL_ADMINISTRATOR.template_id}
    assert world.changes() == {"create": 25, "import": 4, "update": 3}


def test_a_second_run_changes_nothing_and_writes_nothing(world: World) -> None:
    with world.writes() as writes:
        assert "unchanged" in world.up().ok().output
        assert world.drift().exit_code == 0
    assert writes == []
    assert world.changes() == {}


def test_the_state_holds_of_each_resource_its_line_in_the_program_and_no_path_of_the_machine(world: World) -> None:
    resources = json.loads(world.pulumi("stack", "export").ok().output)["deployment"]["resources"]
    ours = [item for item in resources if "PartnerTenant" in item["urn"]]
    assert len(ours) > 20
    for item in ours:
        calls = item.get("stackTrace", [])
        assert len(calls) <= 4, item["urn"]
        if not item["type"].startswith("pulumi:providers:"):
            assert calls[0]["sourcePosition"].startswith(("project:///components/", "project:///__main__.py#"))
            assert all("/../" not in call.get("sourcePosition", "") for call in calls), item["urn"]


def test_no_log_that_the_engine_keeps_has_a_temporary_password_in_the_clear(world: World) -> None:
    known = world.pulumi("stack", "output", "temporary_passwords", "--json", "--show-secrets").ok().output
    passwords = [password.encode() for password in json.loads(known).values()]
    assert passwords
    read = 0
    for file in (Path.home() / ".pulumi/logs").iterdir():
        try:
            kept = file.read_bytes()
        except FileNotFoundError:
            continue  # the engine keeps only so many
        read += 1
        text = zlib.decompressobj(wbits=31).decompress(kept) if kept.startswith(b"\x1f\x8b") else kept
        assert not any(password in text for password in passwords), file
    assert read


@deep
def test_drift_says_whether_an_update_at_once_need_not_refresh(world: World) -> None:
    grace = world.graph.user(f"grace.mbeki@{world.tenant.domains.initial}")["id"]
    world.graph("PATCH", f"/users/{grace}", department="Finance")
    after_an_edit_that_nobody_declares = drift(world.project, "dev")
    assert after_an_edit_that_nobody_declares.headline == "No drift."
    assert not after_an_edit_that_nobody_declares.state_is_current

    world.up().ok()
    assert drift(world.project, "dev").state_is_current
    assert world.graph("GET", f"/users/{grace}?$select=department")["department"] == "Finance"
    with world.writes() as writes:
        world.pulumi("up", "--yes", "--skip-preview", "--refresh=false", "--policy-pack", "policies").ok()
    assert writes == []


@deep
def test_an_undeclared_account_and_a_missing_member_are_drift_and_up_repairs_it(world: World) -> None:
    graph = world.graph
    domain = world.tenant.domains.initial
    undeclared = graph.make(f"mallory@{domain}")
    graph.join("AdminAgents", undeclared)
    graph.leave("AdminAgents", graph.user(f"carla.jensen@{domain}")["id"])

    drift = world.drift()
    assert drift.exit_code == 7, drift.output
    assert "us-AdminAgents" in drift.output
    assert undeclared in drift.output
    assert graph.members("AdminAgents") == {"ada.nakamura", "bruno.keller", "mallory"}

    world.up().ok()
    assert members(world) == NOBODY_NEW
    assert world.drift().exit_code == 0
    graph("DELETE", f"/users/{undeclared}")


def test_up_leaves_the_committed_files_as_they_were(world: World) -> None:
    stack_file = (world.project.root / "Pulumi.dev.yaml").read_text()
    assert stack_file == (SOURCE / "Pulumi.dev.yaml").read_text()
    assert json.loads(world.pulumi("stack", "ls", "--json").output)[0]["name"] == "dev"
