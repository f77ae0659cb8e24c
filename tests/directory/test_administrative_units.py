"""Administrative units, roles of a tenant's own, other scopes than the whole tenant, and eligibility."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenantry.directory import licences
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    CLIENT_SECRET,
    NOBODY,
    UNITED_STATES,
    USER_ADMINISTRATOR,
    Tenant,
    group_body,
)

UNITS = "/v1.0/directory/administrativeUnits"
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"
DEFINITIONS = "/v1.0/roleManagement/directory/roleDefinitions"
REQUESTS = "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests"
SCHEDULES = "/v1.0/roleManagement/directory/roleEligibilitySchedules"
ENTRA_ID_P1 = "41781fb2-bc02-4b7c-bd55-b576c07bb09d"
ENTRA_ID_P2 = "eec0eb4f-6444-4f95-aba0-50c24d67f998"


def add_unit(tenant: Tenant, name: str = "Field") -> str:
    return str(tenant.post(UNITS, {"displayName": name, "visibility": "Public"})["id"])


def test_a_unit_is_made_changed_and_deleted_by_either_address(tenant: Tenant) -> None:
    first, second = add_unit(tenant), add_unit(tenant, "Office")
    tenant.patch(f"{UNITS}/{first}", {"description": "people on the road"})
    assert tenant.get(f"{UNITS}/{first}")["description"] == "people on the road"
    assert tenant.ids(f"{UNITS}?$filter=displayName eq 'Office'") == [second]
    tenant.delete(f"{UNITS}/{first}")
    tenant.delete(f"/beta/administrativeUnits/{second}")
    assert tenant.ids(UNITS) == []
    assert tenant.refused("PATCH", f"{UNITS}/{first}", {"description": ""})[0] == 404


def test_a_member_of_a_unit_says_so(tenant: Tenant) -> None:
    unit, group = add_unit(tenant), tenant.add_group("Ops")
    for member in (ADA.object_id, group):
        tenant.post(f"{UNITS}/{unit}/members/$ref", tenant.reference(member))
    assert tenant.ids(f"{UNITS}/{unit}/members") == [ADA.object_id, group]
    shown = tenant.get(f"/beta/groups/{group}/memberOf")["value"]
    assert [(one["@odata.type"], one["id"]) for one in shown] == [("#microsoft.graph.administrativeUnit", unit)]
    assert tenant.refused("POST", f"{UNITS}/{unit}/members/$ref", tenant.reference(unit))[0] == 400
    tenant.delete(f"{UNITS}/{unit}/members/{group}/$ref")
    assert tenant.ids(f"{UNITS}/{unit}/members") == [ADA.object_id]


def test_a_group_made_in_a_unit_is_a_member_of_it(tenant: Tenant) -> None:
    unit = add_unit(tenant)
    body = {"@odata.type": "#microsoft.graph.group", **group_body("Ops")}
    made = tenant.post(f"/beta/directory/administrativeUnits/{unit}/members", body)
    assert made["@odata.type"] == "#microsoft.graph.group"
    assert tenant.ids(f"{UNITS}/{unit}/members") == [made["id"]]
    refused = tenant.refused("POST", f"/beta/directory/administrativeUnits/{unit}/members", group_body("Ops"))
    assert refused[0] == 501


def test_a_role_in_a_unit_is_an_assignment_of_that_scope_and_gives_nothing_elsewhere(tenant: Tenant) -> None:
    unit, bob = add_unit(tenant), tenant.add_user("bob")
    role = tenant.post("/v1.0/directoryRoles", {"roleTemplateId": USER_ADMINISTRATOR})["id"]
    body = {"administrativeUnitId": unit, "roleId": role, "roleMemberInfo": {"id": bob}}
    made = tenant.post(f"{UNITS}/{unit}/scopedRoleMembers", body)
    assert made["administrativeUnitId"] == unit
    assert made["roleMemberInfo"] == {"displayName": "Bob", "id": bob}
    assignment = tenant.get(f"{ASSIGNMENTS}/{made['id']}")
    assert assignment["directoryScopeId"] == f"/administrativeUnits/{unit}"
    assert tenant.ids(f"/v1.0/directoryRoles/{role}/members") == []
    shown = tenant.get(f"/v1.0/users/{bob}/memberOf")["value"]
    assert "#microsoft.graph.directoryRole" not in {one["@odata.type"] for one in shown}
    other = add_unit(tenant, "Other")
    assert tenant.refused("GET", f"{UNITS}/{other}/scopedRoleMembers/{made['id']}")[0] == 404
    tenant.delete(f"{UNITS}/{unit}/scopedRoleMembers/{made['id']}")
    assert tenant.refused("GET", f"{ASSIGNMENTS}/{made['id']}")[0] == 404


def assignment(role: str, scope: str = "/") -> dict[str, Any]:
    return {"roleDefinitionId": role, "principalId": ADA.object_id, "directoryScopeId": scope}


def test_one_role_in_two_scopes_is_two_assignments(tenant: Tenant) -> None:
    unit = add_unit(tenant)
    scopes = ("/", f"/administrativeUnits/{unit}")
    made = [tenant.post(ASSIGNMENTS, assignment(BILLING_ADMINISTRATOR, scope))["id"] for scope in scopes]
    assert len(set(made)) == 2
    assert made[0].endswith("-1")
    assert tenant.refused("POST", ASSIGNMENTS, assignment(BILLING_ADMINISTRATOR, scopes[1]))[0] == 400
    tenant.delete(f"{ASSIGNMENTS}/{made[1]}")
    assert made[0] in tenant.ids(ASSIGNMENTS)


def test_a_scope_is_one_in_whatever_case_it_is_written(tenant: Tenant) -> None:
    unit = add_unit(tenant)
    written = f"/ADMINISTRATIVEUNITS/{unit.upper()}"
    made = tenant.post(ASSIGNMENTS, assignment(USER_ADMINISTRATOR, written))
    assert made["directoryScopeId"] == f"/administrativeUnits/{unit}"
    assert tenant.ids(f"{UNITS}/{unit}/scopedRoleMembers") == [made["id"]]
    role = tenant.post("/v1.0/directoryRoles", {"roleTemplateId": BILLING_ADMINISTRATOR})["id"]
    body = {"administrativeUnitId": unit.upper(), "roleId": role.upper(), "roleMemberInfo": {"id": ADA.object_id}}
    assert tenant.post(f"{UNITS}/{unit}/scopedRoleMembers", body)["administrativeUnitId"] == unit


@pytest.mark.parametrize("scope", [f"/administrativeUnits/{NOBODY}", f"/{NOBODY}"])
def test_a_scope_that_there_is_not_is_refused(tenant: Tenant, scope: str) -> None:
    assert tenant.refused("POST", ASSIGNMENTS, assignment(BILLING_ADMINISTRATOR, scope))[0] == 404


DEFINITION = {
    "displayName": "Group reader",
    "isEnabled": True,
    "rolePermissions": [{"allowedResourceActions": ["microsoft.directory/groups/standard/read"]}],
    "version": "1.0",
}


def test_a_role_of_ones_own_is_made_assigned_and_deleted_when_nobody_holds_it(tenant: Tenant) -> None:
    made = tenant.post(DEFINITIONS, DEFINITION)
    assert (made["isBuiltIn"], made["templateId"]) == (False, made["id"])
    held = tenant.post(ASSIGNMENTS, assignment(made["id"]))
    assert tenant.refused("DELETE", f"{DEFINITIONS}/{made['id']}")[0] == 400
    tenant.delete(f"{ASSIGNMENTS}/{held['id']}")
    tenant.patch(f"{DEFINITIONS}/{made['id']}", {"isEnabled": False, "templateId": made["id"]})
    assert tenant.get(f"{DEFINITIONS}/{made['id']}")["isEnabled"] is False
    tenant.delete(f"{DEFINITIONS}/{made['id']}")
    assert tenant.refused("GET", f"{DEFINITIONS}/{made['id']}")[0] == 404


def test_a_built_in_role_is_not_changed(tenant: Tenant) -> None:
    assert tenant.refused("PATCH", f"{DEFINITIONS}/{USER_ADMINISTRATOR}", {"isEnabled": False})[0] == 400
    assert tenant.refused("DELETE", f"{DEFINITIONS}/{USER_ADMINISTRATOR}")[0] == 400
    assert tenant.refused("POST", DEFINITIONS, {**DEFINITION, "templateId": USER_ADMINISTRATOR})[0] == 400


def request(action: str = "adminAssign", **more: Any) -> dict[str, Any]:
    return {
        "action": action,
        "directoryScopeId": "/",
        "justification": "on call",
        "principalId": ADA.object_id,
        "roleDefinitionId": BILLING_ADMINISTRATOR,
        **more,
    }


def test_who_is_eligible_is_not_a_member(tenant: Tenant) -> None:
    made = tenant.post(REQUESTS, request())
    assert made["status"] == "Provisioned"
    assert tenant.get(f"{SCHEDULES}/{made['id']}")["principalId"] == ADA.object_id
    assert tenant.ids(SCHEDULES) == [made["id"]]
    role = tenant.get("/v1.0/directoryRoles")["value"]
    assert BILLING_ADMINISTRATOR not in {one["roleTemplateId"] for one in role}
    assert tenant.refused("POST", REQUESTS, request())[1] == "RoleAssignmentExists"
    tenant.post(REQUESTS, request("adminRemove"))
    assert tenant.ids(SCHEDULES) == []
    assert tenant.get(f"{REQUESTS}/{made['id']}")["id"] == made["id"], "a request is history"
    assert tenant.refused("POST", REQUESTS, request("adminRemove"))[1] == "RoleAssignmentDoesNotExist"


def until(**expiration: Any) -> dict[str, Any]:
    return {"scheduleInfo": {"startDateTime": None, "expiration": expiration}}


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    "expiration",
    [
        {"type": "afterDateTime", "endDateTime": "2020-01-31T00:00:00Z"},
        {"type": "afterDateTime", "endDateTime": "2020-01-31T00:00:00"},
        {"type": "afterDuration", "duration": "PT0S"},
    ],
)
def test_an_eligible_role_with_an_end_in_the_past_is_refused(tenant: Tenant, expiration: dict[str, str]) -> None:
    status, code, _ = tenant.refused("POST", REQUESTS, request(**until(**expiration)))
    assert (status, code) == (400, "InvalidRoleAssignmentRequestSchedule")
    assert tenant.ids(SCHEDULES) == []


@pytest.mark.parametrize(
    ("expiration", "named"),
    [
        ({"type": "afterDateTime", "endDateTime": "next week"}, "endDateTime"),
        ({"type": "afterDateTime"}, "endDateTime"),
        ({"type": "afterDuration", "duration": "P1X"}, "duration"),
        ({"type": "afterDuration", "duration": "P1W"}, "duration"),
        ({"type": "afterDuration", "duration": "P6M"}, "duration"),
        ({"type": "afterLunch"}, "type"),
    ],
)
def test_what_is_no_end_is_refused_by_name(tenant: Tenant, expiration: dict[str, str], named: str) -> None:
    status, _, message = tenant.refused("POST", REQUESTS, request(**until(**expiration)))
    assert (status, f"scheduleInfo.expiration.{named}" in message) == (400, True)


@pytest.mark.parametrize(
    "expiration",
    [
        {"type": "afterDateTime", "endDateTime": in_days(10)},
        {"type": "afterDuration", "duration": "P10D"},
        {"type": "AfterDuration", "duration": "P9DT24H"},
    ],
)
def test_who_is_eligible_until_a_day_is_so_no_longer_and_can_be_again(
    store: Store, tenant: Tenant, expiration: dict[str, str]
) -> None:
    made = tenant.post(REQUESTS, request(**until(**expiration)))
    store.ahead = timedelta(days=9)
    assert tenant.ids(SCHEDULES) == [made["id"]]
    store.ahead = timedelta(days=11)
    assert tenant.ids(SCHEDULES) == []
    assert tenant.refused("GET", f"{SCHEDULES}/{made['id']}")[0] == 404
    assert tenant.refused("POST", REQUESTS, request("adminRemove"))[1] == "RoleAssignmentDoesNotExist"
    again = tenant.post(REQUESTS, request())
    assert tenant.ids(SCHEDULES) == [again["id"]]


def test_a_request_is_purged_after_45_days_and_who_is_eligible_stays_so(store: Store, tenant: Tenant) -> None:
    made = tenant.post(REQUESTS, request())
    store.ahead = timedelta(days=44)
    assert tenant.ids(REQUESTS) == [made["id"]]
    store.ahead = timedelta(days=46)
    assert tenant.ids(REQUESTS) == []
    assert tenant.refused("GET", f"{REQUESTS}/{made['id']}")[:2] == (404, "RoleAssignmentRequestNotFound")
    assert tenant.get(f"{SCHEDULES}/{made['id']}")["principalId"] == ADA.object_id
    assert tenant.refused("POST", REQUESTS, request())[1] == "RoleAssignmentExists"
    tenant.post(REQUESTS, request("adminRemove"))
    assert tenant.ids(SCHEDULES) == []


def test_a_request_that_only_asks_whether_it_would_do_changes_nothing(tenant: Tenant) -> None:
    tenant.post(REQUESTS, request(isValidationOnly=True))
    assert (tenant.ids(REQUESTS), tenant.ids(SCHEDULES)) == ([], [])


NO_LICENCE = (
    400,
    "AadPremiumLicenseRequired",
    "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
)


def license_for(store: Store, *having: licences.Licence) -> None:
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, having)


def test_without_the_licence_nothing_is_told_of_eligible_roles_and_nobody_stays_eligible(
    store: Store, tenant: Tenant
) -> None:
    made = tenant.post(REQUESTS, request())
    license_for(store)
    for path in (REQUESTS, SCHEDULES, f"{REQUESTS}/{made['id']}", f"{SCHEDULES}/{made['id']}"):
        assert tenant.refused("GET", path) == NO_LICENCE
    assert tenant.refused("POST", REQUESTS, request("adminRemove")) == NO_LICENCE
    assert tenant.get(ASSIGNMENTS)["value"], "active roles need no licence"
    license_for(store, licences.Licence.ENTRA_ID_P2)
    assert tenant.ids(SCHEDULES) == []
    assert tenant.ids(REQUESTS) == [made["id"]], "a request is history"


def test_a_licence_shows_as_a_plan_of_the_organization(store: Store, tenant: Tenant) -> None:
    def plans() -> dict[str, str]:
        (organization,) = tenant.get("/v1.0/organization")["value"]
        return {plan["servicePlanId"]: plan["capabilityStatus"] for plan in organization["assignedPlans"]}

    assert plans()[ENTRA_ID_P2] == "Enabled"
    assert set(plans().values()) == {"Enabled"}
    license_for(store, licences.Licence.ENTRA_ID_P1)
    assert (plans()[ENTRA_ID_P2], plans()[ENTRA_ID_P1]) == ("Deleted", "Enabled")
    license_for(store)
    assert set(plans().values()) == {"Deleted"}


def test_a_tenant_has_the_licence_from_the_beginning_and_keeps_what_it_was_told_since(
    store: Store, tenant: Tenant
) -> None:
    with store.writing(UNITED_STATES.tenant_id) as opened:  # as a store from before licences were told
        organization = opened.get(Kind.ORGANIZATION, opened.id)
        assert organization is not None
        opened.update(organization, {"assignedPlans": []})
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    assert tenant.ids(SCHEDULES) == []
    license_for(store)
    enrol(store, UNITED_STATES, CLIENT_SECRET)
    assert tenant.refused("GET", SCHEDULES) == NO_LICENCE


def test_a_tenant_can_be_enrolled_without_the_licence() -> None:
    bare = Store()
    enrol(bare, replace(UNITED_STATES, licences=frozenset()), CLIENT_SECRET)
    with LocalGraph(bare, UNITED_STATES.tenant_id) as graph:
        assert Tenant(graph, UNITED_STATES).refused("GET", SCHEDULES) == NO_LICENCE
    bare.close()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"action": "selfActivate"}, 501),
        ({"roleDefinitionId": NOBODY}, 404),
        ({"principalId": NOBODY}, 404),
        ({"principalId": "x"}, 400),
    ],
)
def test_requests_that_cannot_be_are_refused(tenant: Tenant, changes: dict[str, Any], status: int) -> None:
    assert tenant.refused("POST", REQUESTS, request(**changes))[0] == status
