"""An additive tenant on the real engine, and the way from one mode to the other: nobody loses membership on it.

Some minutes of waiting for one story: `make test-deep` runs it.
"""

import pytest

from tests.depth import deep

from .world import World

TENANT = "uk"
pytestmark = [
    pytest.mark.engine,
    pytest.mark.xdist_group("engine-modes"),
    deep,
]

OURS = {"ada.nakamura", "jonas.whitfield", "kavya.rao"}


def removed(writes: list[str]) -> list[str]:
    return [write for write in writes if write.startswith("DELETE") and "/members/" in write]


def test_others_stay_in_an_additive_tenant_and_no_change_of_mode_takes_anybody_out(world: World) -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    mallory = graph.make(f"mallory@{domain}")
    graph.join("AdminAgents", mallory)
    with world.declaration() as tenant:
        tenant["mode"] = "additive"
        tenant["agent_groups"] = {
            "ids": {name: graph.group_id(name) for name in ("AdminAgents", "HelpdeskAgents", "SalesAgents")}
        }
    with world.writes() as writes:
        world.up().ok()
        assert world.drift().exit_code == 0
    assert graph.members("AdminAgents") == OURS | {"mallory"}
    assert removed(writes) == []

    # Additive to authoritative: at once is refused, in two steps only the undeclared account goes.
    with world.declaration() as tenant:
        tenant["mode"] = "authoritative"
    at_once = world.preview()
    assert at_once.exit_code != 0
    assert "Adopting the groups in the same step would leave them empty" in at_once.output
    with world.writes() as writes:
        with world.declaration() as tenant:
            tenant["mode"] = "additive"
            tenant["agent_groups"]["release"] = True
        world.up().ok()
        with world.declaration() as tenant:
            tenant["mode"] = "authoritative"
            del tenant["agent_groups"]["release"]
        world.up().ok()
        assert world.drift().exit_code == 0
    assert [mallory in write for write in removed(writes)] == [True]
    assert graph.members("AdminAgents") == OURS

    # And back.
    with world.declaration() as tenant:
        tenant["mode"] = "additive"
    assert "cannot change to single memberships" in world.preview().output
    with world.writes() as writes:
        with world.declaration() as tenant:
            tenant["mode"] = "authoritative"
            tenant["agent_groups"]["release"] = True
        world.up().ok()
        with world.declaration() as tenant:
            tenant["mode"] = "additive"
            del tenant["agent_groups"]["release"]
        world.up().ok()
        assert world.drift().exit_code == 0
    assert removed(writes) == []
    assert graph.members("AdminAgents") == OURS

    # Who leaves is taken out, and only they.
    with world.declaration() as tenant:
        tenant["people"]["kavya"]["state"] = "leaver"
    world.up().ok()
    assert graph.members("AdminAgents") == OURS - {"kavya.rao"}
