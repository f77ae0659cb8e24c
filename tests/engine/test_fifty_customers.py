"""Fifty customers of one template, who approve in three waves. Minutes of waiting: `make test-deep` runs it."""

import tempfile
from collections import Counter
from pathlib import Path

import pytest

from tenantry.engine.pulumi_cli import PulumiCli
from tests.depth import deep

from .adatum import RELATIONSHIPS, approve, of_adatum, relationships
from .world import World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-fifty-customers"), deep]


def test_each_wave_of_approvals_is_opened_by_the_next_update_and_then_nothing_is_left(engine: PulumiCli) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder).resolve(), engine, "us", of_adatum())
        try:
            made_and_approved(world)
        finally:
            world.close()


def made_and_approved(world: World) -> None:
    world.up().ok()
    found = {one["displayName"]: one for one in relationships(world)}
    assert Counter(one["status"] for one in found.values()) == {"approvalPending": 50}
    assert len(world.outputs()["customers"]) == 50

    names = sorted(found)
    for wave, (begin, end) in enumerate(((0, 17), (17, 34), (34, 50)), start=1):
        approve(world, [found[name]["id"] for name in names[begin:end]], wave)
        with world.writes() as writes:
            world.up().ok()
        # The mail group and the service desk, at those who approved and nowhere else.
        assert sorted(writes) == sorted(
            2 * [f"POST /v1.0{RELATIONSHIPS}/{found[name]['id']}/accessAssignments" for name in names[begin:end]]
        )
        assert len(world.outputs().get("customers", {})) == 50 - end

    world.let_days_pass(0.01)  # Microsoft has assigned the last wave, too
    groups = {world.graph.group_id(name) for name in ("GDAP Mail", "GDAP Service Desk")}
    for one in found.values():
        listed = world.graph("GET", f"{RELATIONSHIPS}/{one['id']}/accessAssignments")["value"]
        assert {held["accessContainer"]["accessContainerId"] for held in listed} == groups
        assert {held["status"] for held in listed} == {"active"}

    with world.requests() as requests:
        world.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", "--policy-pack", "policies").ok()
    assert world.drift().exit_code == 0
    assert {asked.method for asked in requests if not asked.path.endswith("/token")} == {"GET"}
    # A refresh asks twice of each: for the relationship, and for who is assigned.
    assert sum(RELATIONSHIPS in asked.path for asked in requests) == 100
