"""The sample's US tenant, provisioned by an application that may do no more than docs/permissions.md says."""

import pytest

from tenantry.access import Kind, diff
from tenantry.access.declared import access_map as declared_access
from tenantry.access.declared import identities
from tenantry.access.observed import access_map, observe
from tenantry.graph.client import GraphReader

from .world import LEAST, World

pytestmark = pytest.mark.engine


def test_the_least_permissions_provision_and_see_what_is_declared_and_fewer_touch_nothing(own_copy: World) -> None:
    world = own_copy  # its first `up` had no other permissions: see the fixture `provisioned`
    world.permit(LEAST)
    with GraphReader.from_environment(world.env) as reader:
        observed = access_map(observe(reader), identities(world.tenant))
    assert {answer.kind for answer in observed.answers} == {Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE}
    drift = diff(declared_access(world.tenant), observed)
    assert (drift.gained, drift.lost) == ({}, {})

    world.permit(LEAST - {"Domain.Read.All"})
    with world.writes() as writes:
        refused = world.up()
    assert (refused.exit_code != 0, writes) == (True, [])
    assert f"({world.tenant.id}), which identify it, may not be read" in refused.output
    assert "the application permission Domain.Read.All is missing" in refused.output
    assert "Traceback" not in refused.output
