"""The sample's US tenant, provisioned by an application that may do no more than docs/permissions.md says."""

from dataclasses import replace

import pytest

from tenantry.access import Kind, diff
from tenantry.access.declared import access_map as declared_access
from tenantry.access.declared import identities
from tenantry.access.observed import access_map, observe
from tenantry.directory.onboarding import open_store
from tenantry.directory.state import State
from tenantry.engine.enrolments import declared_enrolments
from tenantry.graph.client import GraphReader
from tenantry.graph.permissions import WRITINGS

from .world import World

TENANT = "us"
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-least-permissions")]


def permit(world: World, permissions: frozenset[str]) -> None:
    """Let the deploying application have these permissions from its next sign-in on."""
    enrolled = [replace(known, permissions=permissions) for known in declared_enrolments(world.project)]
    open_store(State(world.project.directory), enrolled).close()


def test_the_least_permissions_provision_and_see_what_is_declared_and_fewer_touch_nothing(
    world: World,
) -> None:
    least = frozenset(need.permission for need in WRITINGS if not need.only_where)
    permit(world, least)
    world.up().ok()
    with GraphReader.from_environment(world.env) as reader:
        observed = access_map(observe(reader), identities(world.tenant))
    assert {answer.kind for answer in observed.answers} == {Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE}
    drift = diff(declared_access(world.tenant), observed)
    assert (drift.gained, drift.lost, drift.unresolved) == ({}, {}, frozenset())

    permit(world, least - {"Domain.Read.All"})
    with world.writes() as writes:
        refused = world.up()
    assert (refused.exit_code != 0, writes) == (True, [])
    assert f"({world.tenant.id}), by which it is told from others, may not be read" in refused.output
    assert "the application permission Domain.Read.All is missing" in refused.output
    assert "Traceback" not in refused.output
