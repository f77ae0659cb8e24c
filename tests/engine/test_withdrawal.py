"""Taking everything away again on the real engine: what is protected says so, what was there before stays."""

import pytest

from tests.depth import deep

from .world import World

TENANT = "uk"
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-uk")]


@deep
def test_destroy_is_refused_and_leaves_what_it_did_not_make(world: World) -> None:
    """As docs/withdraw.md says: protection first says no; then it is lifted, and only what was made here goes."""
    graph, domain = world.graph, world.tenant.domains.initial
    world.up().ok()
    ids = {name: graph.user(f"{name}@{domain}")["id"] for name in ("ada.nakamura", "jonas.whitfield", "rescue-1")}
    roles = {name: graph.roles_of(object_id) for name, object_id in ids.items()}

    refused = world.pulumi("destroy", "--yes")
    assert refused.exit_code != 0
    assert "protected" in refused.output
    assert graph.members("AdminAgents") == {"ada.nakamura", "jonas.whitfield", "kavya.rao"}

    world.pulumi("state", "unprotect", "--all", "--yes").ok()
    world.pulumi("destroy", "--yes", "--run-program=false").ok()

    for name in ("ada.nakamura", "rescue-1"):
        assert graph.status(f"/users/{ids[name]}") == 200
        assert graph.roles_of(ids[name]) == roles[name] != set()
    assert graph.status(f"/users/{ids['jonas.whitfield']}") == 404
    assert graph.roles_of(ids["jonas.whitfield"]) == set()
    assert {"ada.nakamura"} == graph.members("AdminAgents")
    assert graph.status(f"/groups/{graph.group_id('HelpdeskAgents')}") == 200
    assert world.resources() == set()
