"""Declared identities before an update: kept, and refused where the tenant has no such service principal."""

from datetime import date
from typing import Any

import pytest

from tenantry.access.change import Cause
from tenantry.access.grants import Grant
from tenantry.access.principals import Principal
from tenantry.graph.models import MemberKind
from tenantry.roles import AgentGroup
from tenantry.rules.change.beforehand import change_between
from tenantry.rules.change.refusal import Kind

from .builder import TODAY, UNDECLARED, World

BRIDGE = Principal.in_directory(
    "00000000-0000-4000-8000-000000000b1d", "Backup Bridge", kind=MemberKind.SERVICE_PRINCIPAL
)
ADMINS = AgentGroup.ADMIN_AGENTS


def declared(object_id: str = BRIDGE.object_id) -> dict[str, Any]:
    decided = {"owner": "Ada", "reason": "No GDAP yet", "decided_on": date(2026, 1, 1), "until": date(2026, 12, 31)}
    return {"bridge": {"object_id": object_id, "name": "Backup Bridge", "groups": ["AdminAgents"], **decided}}


def test_a_declared_identity_stays_in_its_group_and_an_undeclared_one_is_taken_out() -> None:
    world = World()
    world.holds(ADMINS, BRIDGE)
    (loss,) = world.change.losses
    assert (loss.grant, loss.cause) == (Grant.of(BRIDGE, ADMINS), Cause.REMOVED)
    world.file["identities"] = declared()
    assert world.change.losses == ()
    assert world.change.gains == ()
    assert world.refusals == []


def test_a_declared_identity_that_is_not_in_its_group_gets_it() -> None:
    world = World()
    world.facts(known=(*world.existing.known, BRIDGE))
    world.file["identities"] = declared()
    assert [(gain.key, gain.grant) for gain in world.change.gains] == [("bridge", Grant.of(BRIDGE, ADMINS))]
    assert world.refusals == []


def test_after_its_last_day_it_is_taken_out() -> None:
    world = World()
    world.holds(ADMINS, BRIDGE)
    world.file["identities"] = declared()
    tenant = world.tenant
    (loss,) = change_between(tenant.as_of(date(2026, 12, 31)), tenant.as_of(date(2027, 1, 1))).losses
    assert loss.grant == Grant.of(BRIDGE, ADMINS)


@pytest.mark.parametrize(
    ("present", "message"),
    [
        (None, "but the tenant has no such object"),
        (UNDECLARED, "which is an account: Sven Dahl"),
        (
            Principal.in_directory("00000000-0000-4000-8000-000000000a0a", "Support", kind=MemberKind.GROUP),
            "which is a group: Support",
        ),
    ],
)
def test_an_object_that_is_no_service_principal_is_refused_before_anything_is_touched(
    present: Principal | None, message: str
) -> None:
    world = World(today=TODAY)
    if present:
        world.facts(known=(*world.existing.known, present))
    world.file["identities"] = declared(present.object_id if present else BRIDGE.object_id)
    (refusal,) = world.refusals
    assert (refusal.kind, refusal.rule) == (Kind.IDENTITY, "PT-107")
    assert message in refusal.actual
    assert refusal.field == "identities.bridge.object_id"
