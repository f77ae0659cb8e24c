"""What an application may do: the table is whole, too little is refused, and consent changes it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tenantry.directory import app
from tenantry.directory.enrolment import DEPLOYMENT_PERMISSIONS, deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.permissions import Requirement
from tenantry.directory.store import Store

from .samples import ADA, CLIENT_SECRET, NOBODY, REQUIRED, UNITED_STATES, Tenant, group_body, reads, user_body

DENIED = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")

PRINCIPAL = f"/v1.0/servicePrincipals/{NOBODY}"
GRANTS = "/v1.0/oauth2PermissionGrants"
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"

Permitted = Callable[..., Tenant]


@pytest.fixture
def permitted(store: Store) -> Iterator[Permitted]:
    """The tenant as its application sees it with these permissions."""
    clients: list[LocalGraph] = []

    def sign_in(*permissions: str) -> Tenant:
        enrol(store, replace(UNITED_STATES, permissions=frozenset(permissions)), CLIENT_SECRET)
        clients.append(LocalGraph(store, UNITED_STATES.tenant_id))
        return Tenant(clients[-1], UNITED_STATES)

    yield sign_in
    for client in clients:
        client.close()


def test_no_request_is_declared_twice_and_to_count_takes_what_to_list_takes():
    declared = list(app.endpoints())
    assert len(REQUIRED) == len(declared)
    counting = [endpoint for endpoint in declared if endpoint.path.endswith("/$count")]
    assert counting
    for endpoint in counting:
        assert endpoint.requires == REQUIRED["GET", endpoint.path.removesuffix("/$count")]


def test_every_endpoint_names_a_permission_and_only_reads_are_for_readers():
    for (method, path), required in REQUIRED.items():
        assert required.any_of, path
        assert reads(method, path) or not any(".Read." in name for name in required.any_of), (method, path)
        assert not required.owned or f"{{{required.owned}}}" in path


def test_the_deploying_application_may_use_every_endpoint():
    for place, required in REQUIRED.items():
        assert required.any_of & DEPLOYMENT_PERMISSIONS, place


@pytest.mark.parametrize(
    ("permission", "method", "path", "body", "expected"),
    [
        ("User.Read.All", "GET", "/v1.0/users", None, 200),
        ("User.ReadWrite.All", "GET", "/v1.0/users", None, 200),
        ("Directory.Read.All", "GET", "/v1.0/users", None, 200),
        ("Directory.ReadWrite.All", "GET", "/v1.0/users", None, 200),
        ("Group.ReadWrite.All", "GET", "/v1.0/users", None, 403),
        ("User.Read.All", "POST", "/v1.0/users", user_body("bob"), 403),
        ("User.ReadWrite.All", "POST", "/v1.0/users", user_body("bob"), 201),
        ("User.ReadWrite.All", "GET", "/beta/groups", None, 403),
        ("GroupMember.Read.All", "GET", "/beta/groups", None, 200),
        ("GroupMember.ReadWrite.All", "POST", "/beta/groups", group_body("Ops"), 403),
        ("Group.Create", "POST", "/beta/groups", group_body("Ops"), 201),
        ("Organization.Read.All", "GET", "/v1.0/domains", None, 403),
        ("Domain.Read.All", "GET", "/v1.0/domains", None, 200),
        ("Directory.ReadWrite.All", "POST", "/v1.0/directoryRoles", {}, 403),
    ],
)
def test_one_permission_opens_what_it_is_for(permitted: Permitted, permission, method, path, body, expected):
    status, answer = permitted(permission).graph.request(method, path, body)
    assert status == expected
    if expected == 403:
        error: Any = answer["error"]
        assert error["code"] == "Authorization_RequestDenied"


@pytest.mark.parametrize(
    ("enough", "too_little", "method", "path"),
    [
        ("AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All", "POST", f"{PRINCIPAL}/appRoleAssignedTo"),
        ("AppRoleAssignment.ReadWrite.All", "Application.ReadWrite.All", "POST", f"{PRINCIPAL}/appRoleAssignedTo"),
        ("AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All", "DELETE", f"{PRINCIPAL}/appRoleAssignedTo/x"),
        ("DelegatedPermissionGrant.ReadWrite.All", "Application.ReadWrite.All", "POST", GRANTS),
        ("DelegatedPermissionGrant.ReadWrite.All", "Application.ReadWrite.All", "PATCH", f"{GRANTS}/x"),
        ("DelegatedPermissionGrant.ReadWrite.All", "Application.ReadWrite.All", "DELETE", f"{GRANTS}/x"),
        ("RoleManagement.ReadWrite.Directory", "Directory.ReadWrite.All", "POST", ASSIGNMENTS),
        ("User.RevokeSessions.All", "User.ReadWrite.All", "POST", "/v1.0/users/x/revokeSignInSessions"),
        ("RoleManagement.Read.Directory", "User.ReadWrite.All", "GET", ASSIGNMENTS),
        ("Policy.Read.All", "Directory.Read.All", "GET", "/v1.0/policies/authorizationPolicy"),
        ("Policy.Read.All", "Directory.ReadWrite.All", "GET", "/v1.0/identity/conditionalAccess/policies"),
        ("AuditLog.Read.All", "Directory.Read.All", "GET", "/v1.0/auditLogs/directoryAudits"),
        ("AuditLog.Read.All", "Directory.ReadWrite.All", "GET", "/v1.0/auditLogs/directoryAudits"),
    ],
)
def test_a_wide_permission_does_not_open_what_takes_another(permitted: Permitted, enough, too_little, method, path):
    assert permitted(too_little).refused(method, path, {}) == DENIED
    status, answer = permitted(enough).graph.request(method, path, {})
    assert status != 403, answer


def test_an_application_that_is_not_owned_takes_more_than_the_permission_for_owned_ones(permitted: Permitted):
    everything = permitted(*DEPLOYMENT_PERMISSIONS)
    app = everything.post("/v1.0/applications", {"displayName": "App"})["id"]
    assert everything.ids(f"/v1.0/applications/{app}/owners") == []
    few = permitted("Application.ReadWrite.OwnedBy")
    assert few.refused("PATCH", f"/v1.0/applications/{app}", {"displayName": "Mine"}) == DENIED
    assert few.refused("POST", f"/v1.0/applications/{app}/addPassword", {}) == DENIED
    assert few.refused("DELETE", f"/v1.0/applications/{app}") == DENIED
    permitted("Application.ReadWrite.All").patch(f"/v1.0/applications/{app}", {"displayName": "Ours"})


OWN = deployment_principal_id(UNITED_STATES.tenant_id)


def test_an_application_may_manage_those_that_it_owns_and_no_others(permitted: Permitted):
    theirs = permitted(*DEPLOYMENT_PERMISSIONS).post("/v1.0/applications", {"displayName": "Theirs"})
    few = permitted("Application.ReadWrite.OwnedBy")
    made = few.post("/v1.0/applications", {"displayName": "Mine"})
    application = f"/v1.0/applications/{made['id']}"
    assert few.ids(f"{application}/owners") == [OWN], "who makes one by this permission owns it"
    few.patch(application, {"displayName": "Mine too"})
    assert few.get(application)["displayName"] == "Mine too"
    status, password = few.graph.request("POST", f"{application}/addPassword", {})
    assert status == 200
    status, _ = few.graph.request("POST", f"{application}/removePassword", {"keyId": password["keyId"]})
    assert status == 204

    principal = f"/v1.0/servicePrincipals/{few.post('/v1.0/servicePrincipals', {'appId': made['appId']})['id']}"
    assert few.ids(f"{principal}/owners") == [OWN]
    few.patch(principal, {"notes": "ours"})
    assert few.get(f"{principal}?$select=notes")["notes"] == "ours"
    for client_id in (theirs["appId"], "00000003-0000-0ff1-ce00-000000000000"):
        assert few.refused("POST", "/v1.0/servicePrincipals", {"appId": client_id}) == DENIED
    for listing in ("/v1.0/applications", "/v1.0/servicePrincipals", f"{principal}/appRoleAssignedTo"):
        assert few.refused("GET", listing) == DENIED
    assert few.refused("GET", f"/v1.0/applications/{theirs['id']}") == DENIED

    without = permitted("User.Read.All")
    assert without.refused("GET", application) == DENIED, "to own one is not enough"
    few.delete(principal)
    few.post(f"{application}/owners/$ref", few.reference(ADA.object_id))
    few.delete(f"{application}/owners/{OWN}/$ref")
    assert few.refused("DELETE", application) == DENIED, "and is over once one does not"


def test_an_owner_that_is_named_is_beside_the_application_that_makes_one(permitted: Permitted):
    few = permitted("Application.ReadWrite.OwnedBy")
    for owners in ([ADA.object_id], [ADA.object_id, OWN]):
        bound = [few.reference(owner)["@odata.id"] for owner in owners]
        made = few.post("/v1.0/applications", {"displayName": "App", "owners@odata.bind": bound})
        assert set(few.ids(f"/v1.0/applications/{made['id']}/owners")) == {ADA.object_id, OWN}


def test_who_may_delete_a_user_may_not_delete_one_for_good(permitted: Permitted):
    tenant = permitted("User.ReadWrite.All")
    bob = tenant.add_user("bob")
    tenant.delete(f"/v1.0/users/{bob}")
    assert tenant.refused("DELETE", f"/v1.0/directory/deletedItems/{bob}") == DENIED
    assert tenant.get(f"/v1.0/directory/deletedItems/{bob}")["id"] == bob


def test_an_endpoint_that_names_no_permission_is_closed_to_everybody(
    permitted: Permitted, monkeypatch: pytest.MonkeyPatch
):
    listings = {"/users", "/users/$count"}
    declared = [
        replace(endpoint, requires=Requirement())
        if endpoint.method == "GET" and endpoint.path in listings
        else endpoint
        for endpoint in app.endpoints()
    ]
    monkeypatch.setattr(app, "endpoints", lambda: declared)
    tenant = permitted(*DEPLOYMENT_PERMISSIONS)
    assert tenant.refused("GET", "/v1.0/users") == DENIED
    assert tenant.refused("GET", "/beta/users/$count") == DENIED
    assert tenant.get(f"/v1.0/users/{ADA.object_id}")["id"] == ADA.object_id


def test_without_a_permission_nothing_is_told_not_even_what_is_missing(permitted: Permitted):
    tenant = permitted()
    assert tenant.refused("GET", f"/v1.0/users/{ADA.object_id}") == DENIED
    assert tenant.refused("GET", "/v1.0/users/nobody") == DENIED


def test_a_refused_write_changes_nothing(permitted: Permitted):
    assert permitted("User.Read.All").refused("PATCH", f"/v1.0/users/{ADA.object_id}", {"city": "Oslo"}) == DENIED
    assert permitted("User.Read.All").get(f"/beta/users/{ADA.object_id}")["city"] is None


def test_a_group_for_roles_takes_the_permission_to_manage_roles_as_well(permitted: Permitted):
    everything = permitted(*DEPLOYMENT_PERMISSIONS)
    admins = everything.add_group("Admins", isAssignableToRole=True)
    ordinary = everything.add_group("Ops")
    for group in (admins, ordinary):
        # A person takes over, so that the application is not the owner.
        everything.post(f"/beta/groups/{group}/owners/$ref", everything.reference(ADA.object_id))
        everything.delete(f"/beta/groups/{group}/owners/{deployment_principal_id(UNITED_STATES.tenant_id)}/$ref")
    few = permitted("Group.ReadWrite.All")
    add = ("POST", f"/beta/groups/{admins}/members/$ref", few.reference(ADA.object_id))
    assert few.refused(*add) == DENIED
    assert few.refused("PATCH", f"/beta/groups/{admins}", {"description": "x"}) == DENIED
    assert few.refused("DELETE", f"/beta/groups/{admins.upper()}") == DENIED
    assert few.refused("POST", "/beta/groups", group_body("More", isAssignableToRole=True)) == DENIED
    few.post(f"/beta/groups/{ordinary}/members/$ref", few.reference(ADA.object_id))
    more = permitted("GroupMember.ReadWrite.All", "RoleManagement.ReadWrite.Directory")
    more.post(*add[1:])


def test_the_owner_of_a_group_needs_no_permission_for_its_members_and_no_other_group(permitted: Permitted):
    everything = permitted(*DEPLOYMENT_PERMISSIONS)
    own = everything.add_group("Own")
    owner = permitted("User.Read.All")
    owner.post(f"/beta/groups/{own}/members/$ref", owner.reference(ADA.object_id))
    owner.delete(f"/beta/groups/{own.upper()}/members/{ADA.object_id}/$ref")
    agents = owner.group("HelpdeskAgents")
    assert owner.refused("POST", f"/beta/groups/{agents}/members/$ref", owner.reference(ADA.object_id)) == DENIED
    assert owner.refused("POST", "/beta/groups/nothing/members/$ref", owner.reference(ADA.object_id)) == DENIED


def test_a_permission_that_is_consented_to_is_in_the_next_token(permitted: Permitted):
    before = permitted("AppRoleAssignment.ReadWrite.All", "Application.Read.All")
    assert before.refused("GET", "/v1.0/users") == DENIED
    graph = "appId eq '00000003-0000-0000-c000-000000000000'"
    (offering,) = before.get(f"/v1.0/servicePrincipals?$filter={graph}")["value"]
    role = next(role["id"] for role in offering["appRoles"] if role["value"] == "User.Read.All")
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    body = {"appRoleId": role, "principalId": own, "resourceId": offering["id"]}
    before.post(f"/v1.0/servicePrincipals/{offering['id']}/appRoleAssignedTo", body)
    assert before.refused("GET", "/v1.0/users") == DENIED
    after = permitted("AppRoleAssignment.ReadWrite.All", "Application.Read.All")
    assert ADA.object_id in after.ids("/v1.0/users")
    assert after.refused("POST", "/v1.0/users", user_body("bob")) == DENIED
