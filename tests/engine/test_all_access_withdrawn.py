"""Withdrawing all access on the real engine, before a stack goes: as docs/withdraw.md says.

A minute of waiting for one story: `make test-deep` runs it.
"""

import pytest

from tests.depth import deep

from .world import World

TENANT = "uk"
pytestmark = [
    pytest.mark.engine,
    pytest.mark.xdist_group("engine-leavers"),
    deep,
]


def test_everybody_but_the_emergency_accounts_loses_everything_in_two_deliberate_steps(world: World) -> None:
    graph, domain = world.graph, world.tenant.domains.initial
    world.up().ok()
    graph.empower()
    ids = {name: graph.user(f"{name}@{domain}")["id"] for name in ("ada.nakamura", "jonas.whitfield", "rescue-1")}

    with world.declaration() as tenant:
        tenant["people"]["ada"]["state"] = "leaver"
    refused = world.pulumi("up", "--yes", "--skip-preview")
    assert refused.exit_code != 0
    assert "Refused (PT-108): Ada Nakamura" in refused.output
    assert "`people.ada.pins.role_assignments.Global Administrator`" in refused.output
    assert graph.roles_of(ids["ada.nakamura"]) != set()

    with world.declaration() as tenant:
        del tenant["people"]["ada"]["state"]
        del tenant["people"]["ada"]["pins"]
    world.up().ok()
    with world.declaration() as tenant:
        for person in tenant["people"].values():
            if not person.get("emergency"):
                person["state"] = "leaver"
    assert "this change removes AdminAgents from 3 of the 3 holders who can use it" in world.preview().output
    with world.declaration() as tenant:
        tenant["limits"] = {"removal_share": 100, "removal_count": 1000}
    evaluated = world.preview("--policy-pack", "policies")
    assert "[PT-201]" in evaluated.output
    world.pulumi("up", "--yes", "--skip-preview").ok()

    assert graph.members("AdminAgents") == set()
    assert graph.roles_of(ids["ada.nakamura"]) == graph.roles_of(ids["jonas.whitfield"]) == set()
    assert graph.roles_of(ids["rescue-1"]) != set()
    assert graph("GET", f"/users/{ids['jonas.whitfield']}?$select=accountEnabled")["accountEnabled"] is False
    assert graph("GET", f"/users/{ids['ada.nakamura']}?$select=accountEnabled")["accountEnabled"] is True
