"""Eligible roles (PIM) on the real engine: found, taken over, and taken away once their request is purged."""

import json
import re
import shlex
from typing import Any

import pytest

from tenantry.roles import DirectoryRole
from tests.depth import deep

from .world import World

TENANT = "uk"
pytestmark = [deep, pytest.mark.engine, pytest.mark.xdist_group("engine-eligible-roles")]

BILLING = DirectoryRole.BILLING_ADMINISTRATOR
GLOBAL = DirectoryRole.GLOBAL_ADMINISTRATOR
DOMAIN = "contoso-partner-uk.onmicrosoft.com"
MANAGEMENT = "/roleManagement/directory"


def request(world: World, action: str, principal: str, role: DirectoryRole) -> str:
    """What somebody does in the portal."""
    made = world.graph(
        "POST",
        f"{MANAGEMENT}/roleEligibilityScheduleRequests",
        action=action,
        principalId=principal,
        roleDefinitionId=role.template_id,
        directoryScopeId="/",
        justification="by hand",
    )
    return str(made["id"])


def eligible(world: World) -> set[tuple[str, str]]:
    """Who is eligible for which role."""
    schedules = world.graph("GET", f"{MANAGEMENT}/roleEligibilitySchedules")["value"]
    return {(schedule["principalId"], schedule["roleDefinitionId"]) for schedule in schedules}


def of_eligible_roles(world: World) -> set[str]:
    return {urn for urn in world.resources() if "DirectoryRoleEligibilityScheduleRequest" in urn}


def adopted(name: str, object_id: str, **more: Any) -> dict[str, Any]:
    return {
        "full_name": name.title(),
        "upn": f"{name}@{DOMAIN}",
        "email": f"{name}@contoso.com",
        "roles": ["Billing admin"],
        "adopted": object_id,
        "assignments": {BILLING.value: {"eligible": True}},
        **more,
    }


def test_eligible_roles_that_were_made_by_hand_are_refused_by_name_and_taken_over_by_a_pin(world: World) -> None:
    """One was asked for just now, the other so long ago that its request is purged: that one is given anew."""
    old, new, mallory = (world.graph.make(f"{name}@{DOMAIN}") for name in ("olga", "nick", "mallory"))
    pins = {"olga": request(world, "adminAssign", old, BILLING)}
    world.let_days_pass(46)
    pins["nick"] = request(world, "adminAssign", new, BILLING)
    request(world, "adminAssign", mallory, GLOBAL)
    ids = {"olga": old, "nick": new}
    with world.declaration() as tenant:
        for name, object_id in ids.items():
            tenant["people"][name] = adopted(name, object_id)
    with world.writes() as writes:
        refused = world.preview()
    assert refused.exit_code != 0
    assert "Traceback" not in refused.output
    for name in ids:
        assert f"{name.title()} ({name}@{DOMAIN}) is eligible for Billing Administrator already" in refused.output
    assert f"`pins: {{role_assignments: {{Billing Administrator: {pins['nick']}}}}}`" in refused.output
    assert f"{pins['olga']}, but the directory has purged the request for it" in refused.output
    assert writes == []

    request(world, "adminRemove", old, BILLING)
    with world.declaration() as tenant:
        tenant["people"]["nick"]["pins"] = {"role_assignments": {BILLING.value: pins["nick"]}}
    with world.writes() as writes:
        world.up().ok()
    assert len([write for write in writes if "roleEligibility" in write]) == 1, "an import writes nothing"
    held = {(old, BILLING.template_id), (new, BILLING.template_id), (mallory, GLOBAL.template_id)}
    assert eligible(world) == held
    assert world.drift().exit_code == 0

    # The pin goes, which changes nothing; then the newer one leaves. An undeclared account's eligible role stays.
    with world.declaration() as tenant:
        del tenant["people"]["nick"]["pins"]
    with world.writes() as writes:
        world.up().ok()
    assert writes == []
    with world.declaration() as tenant:
        tenant["people"]["nick"]["state"] = "leaver"
    world.up().ok()
    assert eligible(world) == {(old, BILLING.template_id), (mallory, GLOBAL.template_id)}
    assert world.drift().exit_code == 0


def test_a_leaver_whose_request_is_purged_is_refused_by_name_until_the_role_is_taken_away_by_hand(
    world: World,
) -> None:
    with world.declaration() as tenant:
        tenant["people"]["jonas"]["assignments"] = {GLOBAL.value: {"eligible": True}}
    world.up().ok()
    jonas = world.graph.user(f"jonas.whitfield@{DOMAIN}")["id"]
    assert (jonas, GLOBAL.template_id) in eligible(world)
    (urn,) = (urn for urn in of_eligible_roles(world) if "jonas" in urn)

    world.let_days_pass(100)
    assert world.drift().exit_code == 0, "who is to be eligible still is"
    # What the guard is for: the provider cannot take the role away, whatever it is asked with.
    alone = world.pulumi("destroy", "--target", urn, "--yes", "--skip-preview", "--run-program=false")
    assert alone.exit_code != 0
    assert "RoleAssignmentRequestNotFound" in alone.output

    with world.declaration() as tenant:
        tenant["people"]["jonas"]["state"] = "leaver"
        tenant["people"]["kavya"]["roles"] = ["Global admin"]
    for run in (world.preview, world.up):
        with world.writes() as writes:
            refused = run()
        assert refused.exit_code != 0
        assert (
            f"this change removes the eligible role {GLOBAL.value} from Jonas Whitfield (jonas.whitfield@{DOMAIN})"
        ) in refused.output
        assert writes == []

    # Exactly what the refusal shows.
    (body,) = set(re.findall(r"--body ('\{.*?\}')", refused.output))
    world.graph("POST", f"{MANAGEMENT}/roleEligibilityScheduleRequests", **json.loads(shlex.split(body)[0]))
    (command,) = set(re.findall(r"`(pulumi refresh [^`]*)`", refused.output))
    assert command in world.preview().output, "said until the state has seen it"
    world.pulumi(*shlex.split(command)[1:]).ok()
    world.preview("--policy-pack", "policies").ok()
    world.up().ok()
    assert (jonas, GLOBAL.template_id) not in eligible(world)
    assert world.graph("GET", f"/users/{jonas}?$select=accountEnabled")["accountEnabled"] is False
    assert not [urn for urn in of_eligible_roles(world) if "jonas" in urn]
    assert world.drift().exit_code == 0


def test_an_eligible_role_that_was_taken_away_by_hand_is_reported_and_given_again_once_the_state_forgets_it(
    world: World,
) -> None:
    with world.declaration() as tenant:
        tenant["people"]["kavya"]["assignments"] = {GLOBAL.value: {"eligible": True}}
    world.up().ok()
    kavya = world.graph.user(f"kavya.rao@{DOMAIN}")["id"]
    request(world, "adminRemove", kavya, GLOBAL)
    text = world.preview().ok().output
    (command,) = set(re.findall(r"`(pulumi state delete '[^']*')`", text))
    before = world.tenant_file.read_text()
    with world.declaration() as tenant:
        tenant["people"]["kavya"]["roles"] = ["Admin agent"]
        del tenant["people"]["kavya"]["assignments"]
    refused = world.preview()
    assert refused.exit_code != 0
    assert "is no longer eligible for Global Administrator" in refused.output
    assert command in refused.output
    world.tenant_file.write_text(before)

    world.pulumi(*shlex.split(command)[1:], "--yes").ok()
    world.up().ok()
    assert (kavya, GLOBAL.template_id) in eligible(world)
