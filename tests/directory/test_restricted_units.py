"""Members of restricted management administrative units are changed by roles over the unit alone."""

from typing import Any

import pytest

from tenantry.directory.app import endpoints
from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.identifiers import role_assignment_id

from .samples import (
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    PERMISSIONS,
    UNITED_STATES,
    USER_ADMINISTRATOR,
    Permitted,
    Tenant,
)
from .test_invitations import INVITATIONS, invitation, invite

UNITS = "/v1.0/directory/administrativeUnits"
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"
OWN = deployment_principal_id(UNITED_STATES.tenant_id)
GROUPS_ADMINISTRATOR = "fdd7a751-b60b-444a-984c-02652fe8fa1c"


def add_unit(tenant: Tenant, *members: str, restricted: bool = True) -> str:
    unit = tenant.post(UNITS, {"displayName": "Executives", "isMemberManagementRestricted": restricted})["id"]
    for member in members:
        tenant.post(f"{UNITS}/{unit}/members/$ref", tenant.reference(member))
    return str(unit)


def give(tenant: Tenant, role: str, scope: str = "/") -> None:
    tenant.post(ASSIGNMENTS, {"principalId": OWN, "roleDefinitionId": role, "directoryScopeId": scope})


CHANGES = [
    ("PATCH", "/v1.0/users/{user}", {"jobTitle": "Chief"}),
    ("DELETE", "/v1.0/users/{user}", None),
    ("POST", "/v1.0/users/{user}/revokeSignInSessions", None),
    ("PUT", "/v1.0/users/{user}/manager/$ref", {}),
    ("PATCH", "/v1.0/groups/{group}", {"description": "Ours"}),
    ("DELETE", "/v1.0/groups/{group}", None),
    ("POST", "/v1.0/groups/{group}/members/$ref", {}),
    ("DELETE", "/v1.0/groups/{group}/members/{user}/$ref", None),
    ("POST", "/v1.0/groups/{group}/owners/$ref", {}),
]


@pytest.mark.parametrize("scope", ["none", "tenant", "other unit", "open unit"])
@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_who_has_no_role_over_the_unit_changes_no_member(tenant: Tenant, method: str, path: str, body: Any, scope: str):
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    add_unit(tenant, bob, ops)
    match scope:
        case "tenant":
            give(tenant, GLOBAL_ADMINISTRATOR)
        case "other unit":
            give(tenant, USER_ADMINISTRATOR, f"/administrativeUnits/{add_unit(tenant)}")
        case "open unit":
            give(tenant, USER_ADMINISTRATOR, f"/administrativeUnits/{add_unit(tenant, bob, ops, restricted=False)}")
    status, code, message = tenant.refused(method, path.format(user=bob, group=ops), body)
    assert (status, code) == (403, "Authorization_RequestDenied")
    assert "restricted management administrative unit" in message


@pytest.mark.parametrize(
    ("kind", "method", "path"), [("user", "POST", "/restore"), ("group", "POST", "/restore"), ("user", "DELETE", "")]
)
def test_a_deleted_member_is_restored_and_purged_by_a_role_over_the_unit_alone(
    permitted: Permitted, kind: str, method: str, path: str
) -> None:
    tenant = permitted(*PERMISSIONS, "User.DeleteRestore.All")
    item = tenant.add_user("bob") if kind == "user" else tenant.add_group("Ops")
    role = (USER_ADMINISTRATOR, f"/administrativeUnits/{add_unit(tenant, item)}")
    with tenant.as_administrator():
        give(tenant, *role)
        tenant.delete(f"/v1.0/{kind}s/{item}")
        tenant.delete(f"{ASSIGNMENTS}/{role_assignment_id(USER_ADMINISTRATOR, OWN, role[1])}")
        status, _, message = tenant.refused(method, f"/v1.0/directory/deletedItems/{item}{path}")
        assert (status, "restricted management administrative unit" in message) == (403, True)
        give(tenant, *role)
        assert tenant.graph.request(method, f"/v1.0/directory/deletedItems/{item}{path}")[0] in (200, 204)


def test_the_sign_in_name_protects_nobody_less(tenant: Tenant):
    add_unit(tenant, tenant.add_user("bob"))
    assert tenant.refused("PATCH", "/v1.0/users/bob@contoso.example", {"jobTitle": "Chief"})[0] == 403


def test_a_role_over_the_unit_changes_its_members(tenant: Tenant):
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    unit = add_unit(tenant, bob, ops)
    give(tenant, BILLING_ADMINISTRATOR, f"/administrativeUnits/{unit}")
    assert tenant.refused("PATCH", f"/v1.0/groups/{ops}", {"description": "Ours"})[0] == 403
    give(tenant, GROUPS_ADMINISTRATOR, f"/administrativeUnits/{unit}")
    tenant.patch(f"/v1.0/groups/{ops}", {"description": "Ours"})
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", {"jobTitle": "Chief"})[0] == 403
    give(tenant, USER_ADMINISTRATOR, f"/administrativeUnits/{unit}")
    tenant.patch(f"/v1.0/users/{bob}", {"jobTitle": "Chief"})


def test_a_member_is_read_put_into_other_groups_and_taken_out_of_the_unit(tenant: Tenant):
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    unit = add_unit(tenant, bob)
    assert tenant.get(f"/v1.0/users/{bob}")["id"] == bob
    tenant.post(f"/v1.0/groups/{ops}/members/$ref", tenant.reference(bob))
    tenant.delete(f"{UNITS}/{unit}/members/{bob}/$ref")
    tenant.patch(f"/v1.0/users/{bob}", {"jobTitle": "Chief"})


def test_a_group_with_mail_is_no_member_of_a_restricted_unit(tenant: Tenant):
    team = tenant.add_group("Team", groupTypes=["Unified"], mailEnabled=True)
    unit = add_unit(tenant)
    assert tenant.refused("POST", f"{UNITS}/{unit}/members/$ref", tenant.reference(team))[0] == 400
    add_unit(tenant, team, restricted=False)


def test_a_group_in_a_restricted_unit_is_not_managed_by_privileged_identity_management(tenant: Tenant):
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    add_unit(tenant, ops)
    for way in ("eligibility", "assignment"):
        path = f"/v1.0/identityGovernance/privilegedAccess/group/{way}ScheduleRequests"
        body = {"accessId": "member", "action": "adminAssign", "groupId": ops, "principalId": bob}
        assert tenant.refused("POST", path, body)[1] == "InvalidRoleAssignmentRequest"


def test_a_guest_in_the_unit_is_not_asked_to_accept_once_more(tenant: Tenant):
    guest = invite(tenant)["invitedUser"]
    unit = add_unit(tenant, guest["id"])
    reset = invitation(resetRedemption=True, invitedUser=guest)
    status, _, message = tenant.refused("POST", INVITATIONS, reset)
    assert status == 403
    assert "restricted management administrative unit" in message
    give(tenant, USER_ADMINISTRATOR, f"/administrativeUnits/{unit}")
    assert tenant.post(INVITATIONS, reset)["invitedUser"] == guest


def test_what_changes_an_account_is_a_sensitive_action_or_said_to_be_none():
    """Beside what Microsoft calls sensitive, these change an account: its licences, its sign-ins, its manager.

    An app role is given at the application that offers it as well, and changes no account.
    """
    others = {
        ("POST", "/users/{user}/appRoleAssignments"),
        ("DELETE", "/users/{user}/appRoleAssignments/{assignment}"),
        ("POST", "/users/{user}/assignLicense"),
        ("POST", "/users/{user}/revokeSignInSessions"),
        ("PUT", "/users/{user}/manager/$ref"),
        ("DELETE", "/users/{user}/manager/$ref"),
    }
    changes = {
        (endpoint.method, endpoint.path): endpoint.sensitive
        for endpoint in endpoints()
        if endpoint.activity and ("{user}" in endpoint.path or "{item}" in endpoint.path)
    }
    assert {place for place, sensitive in changes.items() if not sensitive} == others
