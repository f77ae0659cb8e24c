"""What an application may do: the table is whole, too little is refused, and consent changes it."""

from dataclasses import replace
from typing import Any

import pytest

from tenantry.directory import app
from tenantry.directory.enrolment import DEPLOYMENT_PERMISSIONS, deployment_principal_id
from tenantry.directory.permissions import Requirement

from .samples import (
    ADA,
    EVENTUAL,
    NOBODY,
    PASSWORD,
    PERMISSIONS,
    REQUIRED,
    UNITED_STATES,
    Permitted,
    group_body,
    reads,
    user_body,
)

DENIED = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")

PRINCIPAL = f"/v1.0/servicePrincipals/{NOBODY}"
GRANTS = "/v1.0/oauth2PermissionGrants"
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"
UNITS = "/v1.0/directory/administrativeUnits"
ASSIGN = "AppRoleAssignment.ReadWrite.All"
TYPE = "#microsoft.graph.user"

STRENGTHS = "/v1.0/policies/authenticationStrengthPolicies"


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


def test_an_application_that_reads_and_deploys_uses_every_endpoint_but_those_that_change_the_security_posture():
    refused = {
        (method, path)
        for (method, path), required in REQUIRED.items()
        if not required.any_of & PERMISSIONS or (required.also and not required.also & PERMISSIONS)
    }
    locations, strengths = "/identity/conditionalAccess/namedLocations", "/policies/authenticationStrengthPolicies"
    policies, defaults = "/identity/conditionalAccess/policies", "/policies/identitySecurityDefaultsEnforcementPolicy"
    assert refused == {
        ("POST", policies),
        ("PATCH", f"{policies}/{{policy}}"),
        ("DELETE", f"{policies}/{{policy}}"),
        ("POST", locations),
        ("PATCH", f"{locations}/{{location}}"),
        ("DELETE", f"{locations}/{{location}}"),
        ("POST", strengths),
        ("PATCH", f"{strengths}/{{strength}}"),
        ("DELETE", f"{strengths}/{{strength}}"),
        ("POST", f"{strengths}/{{strength}}/updateAllowedCombinations"),
        ("PATCH", defaults),
    }


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
        (f"{ASSIGN} Directory.Read.All", "Directory.ReadWrite.All", "POST", f"{PRINCIPAL}/appRoleAssignedTo"),
        (f"{ASSIGN} Application.Read.All", "Application.ReadWrite.All", "POST", f"{PRINCIPAL}/appRoleAssignedTo"),
        (f"{ASSIGN} Directory.Read.All", ASSIGN, "POST", f"{PRINCIPAL}/appRoleAssignedTo"),
        ("AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All", "DELETE", f"{PRINCIPAL}/appRoleAssignedTo/x"),
        ("DelegatedPermissionGrant.ReadWrite.All", "Application.ReadWrite.All", "POST", GRANTS),
        ("DelegatedPermissionGrant.ReadWrite.All", "Application.ReadWrite.All", "PATCH", f"{GRANTS}/x"),
        ("DelegatedPermissionGrant.ReadWrite.All", "Application.ReadWrite.All", "DELETE", f"{GRANTS}/x"),
        ("RoleManagement.ReadWrite.Directory", "Directory.ReadWrite.All", "POST", ASSIGNMENTS),
        ("User.RevokeSessions.All", "User.Read.All", "POST", "/v1.0/users/x/revokeSignInSessions"),
        ("RoleManagement.Read.Directory", "User.ReadWrite.All", "GET", ASSIGNMENTS),
        ("Policy.Read.All", "Directory.Read.All", "GET", "/v1.0/policies/authorizationPolicy"),
        ("User.ReadWrite.All", "Directory.ReadWrite.All", "DELETE", "/v1.0/users/x"),
        ("User.DeleteRestore.All", "User.EnableDisableAccount.All", "DELETE", "/v1.0/users/x"),
        ("Group.ReadWrite.All", "Directory.ReadWrite.All", "DELETE", "/v1.0/groups/x"),
        ("Directory.Read.All", "User.ReadWrite.All", "GET", f"/v1.0/directoryObjects/{NOBODY}"),
        ("AdministrativeUnit.ReadWrite.All", "Directory.ReadWrite.All", "PATCH", f"{UNITS}/x"),
        ("AdministrativeUnit.ReadWrite.All", "Directory.ReadWrite.All", "DELETE", f"{UNITS}/x"),
        ("Policy.Read.All", "Directory.ReadWrite.All", "GET", "/v1.0/identity/conditionalAccess/policies"),
        ("AuditLog.Read.All Directory.Read.All", "Directory.Read.All", "GET", "/v1.0/auditLogs/directoryAudits"),
        ("AuditLog.Read.All Directory.Read.All", "AuditLog.Read.All", "GET", "/v1.0/auditLogs/directoryAudits"),
        ("Policy.Read.All", "Directory.ReadWrite.All", "GET", "/v1.0/identity/conditionalAccess/namedLocations"),
        ("Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.SecurityDefaults", "POST", STRENGTHS),
    ],
)
def test_a_wide_permission_does_not_open_what_takes_another(permitted: Permitted, enough, too_little, method, path):
    assert permitted(*too_little.split()).refused(method, path, {}) == DENIED
    status, answer = permitted(*enough.split()).graph.request(method, path, {})
    assert status != 403, answer


@pytest.mark.parametrize(
    ("permission", "allowed", "too_much"),
    [
        ("User.EnableDisableAccount.All", {"accountEnabled": False}, {"accountEnabled": False, "city": "Oslo"}),
        ("User-Mail.ReadWrite.All", {"@odata.type": TYPE, "otherMails": ["a@b.example"]}, {"mail": "a@b.example"}),
        ("User-Phone.ReadWrite.All", {"mobilePhone": "1", "BusinessPhones": ["2"]}, {"faxNumber": "1"}),
        ("User-PasswordProfile.ReadWrite.All", {"passwordProfile": {"password": PASSWORD}}, {"displayName": "Bob"}),
    ],
)
def test_a_permission_for_some_properties_changes_no_others(permitted: Permitted, permission, allowed, too_much):
    everything = permitted(*PERMISSIONS)
    everything.empower()
    bob = everything.add_user("bob")
    few = permitted(permission)
    few.patch(f"/v1.0/users/{bob}", allowed)
    for body in (too_much, {**allowed, **too_much}, {}):
        assert few.refused("PATCH", f"/v1.0/users/{bob}", body) == DENIED
    assert few.refused("DELETE", f"/v1.0/users/{bob}") == DENIED
    assert few.refused("GET", f"/v1.0/users/{bob}") == DENIED


def test_who_may_not_read_people_sees_their_type_and_id_in_groups(permitted: Permitted):
    everything = permitted(*PERMISSIONS)
    ops, bob = everything.add_group("Ops"), everything.add_user("bob", businessPhones=["1"])
    inner = everything.add_group("Inner")
    for member in (bob, inner):
        everything.post(f"/v1.0/groups/{ops}/members/$ref", everything.reference(member))
    seen = {}
    for permissions in ("GroupMember.Read.All", "GroupMember.Read.All User.ReadBasic.All", "Directory.Read.All"):
        tenant = permitted(*permissions.split())
        for listing in ("members", "transitiveMembers"):
            found = {one["id"]: one for one in tenant.get(f"/v1.0/groups/{ops}/{listing}")["value"]}
            assert found[inner]["displayName"] == "Inner"
            assert found[bob]["@odata.type"] == "#microsoft.graph.user"
            seen[permissions] = found[bob]["displayName"], found[bob]["businessPhones"]
    assert list(seen.values()) == [(None, []), ("Bob", []), ("Bob", ["1"])]
    expanded = permitted("GroupMember.Read.All").get(f"/v1.0/groups/{ops}?$expand=members")["members"]
    assert {one["id"]: one["displayName"] for one in expanded} == {bob: None, inner: "Inner"}


@pytest.mark.parametrize("listing", ["members", "transitiveMembers", "owners"])
def test_a_list_of_one_kind_shows_no_more_than_the_whole_list(permitted: Permitted, listing: str):
    everything = permitted(*PERMISSIONS)
    ops = everything.add_group("Ops")
    principal = everything.get(f"/v1.0/servicePrincipals/{OWN}")
    for target in (OWN, ADA.object_id):
        for relation in ("members", "owners"):
            everything.post(f"/v1.0/groups/{ops}/{relation}/$ref", everything.reference(target))
    path = f"/v1.0/groups/{ops}/{listing}"
    few = permitted("GroupMember.Read.All")
    for kind, expected in (("servicePrincipal", OWN), ("user", ADA.object_id)):
        (one,) = few.get(f"{path}/microsoft.graph.{kind}?$count=true", EVENTUAL)["value"]
        assert (one["id"], one["displayName"]) == (expected, None)
        selected = few.get(f"{path}/microsoft.graph.{kind}?$select=displayName&$count=true", EVENTUAL)["value"]
        assert selected == [{"displayName": None}]
    more = permitted("GroupMember.Read.All", "Application.Read.All")
    (one,) = more.get(f"{path}/microsoft.graph.servicePrincipal?$count=true", EVENTUAL)["value"]
    assert one["appId"] == principal["appId"]


def test_no_filter_tells_what_the_caller_may_not_read(permitted: Permitted):
    everything = permitted(*PERMISSIONS)
    bob, ops = everything.add_user("bob", jobTitle="Clerk"), everything.add_group("Ops")
    everything.post(f"/v1.0/groups/{ops}/members/$ref", everything.reference(bob))
    named, clerks = "$filter=displayName eq 'Bob'", "$filter=jobTitle eq 'Clerk'"
    members = f"/v1.0/groups/{ops}/members"
    few = permitted("GroupMember.Read.All")
    for path in (f"{members}?{named}", f"{members}/microsoft.graph.user?{named}"):
        assert few.found(path) == []
    assert few.found(f"{members}?$filter=id eq '{bob}'") == [bob]
    basic = permitted("User.ReadBasic.All", "GroupMember.Read.All")
    assert basic.found(f"{members}?{named}") == basic.found(f"/v1.0/users?{named}") == [bob]
    assert basic.found(f"{members}/microsoft.graph.user?{clerks}") == basic.found(f"/v1.0/users?{clerks}") == []
    assert permitted("User.Read.All").found(f"/v1.0/users?{clerks}") == [bob]


def test_the_basic_permission_lists_people_with_their_basic_properties(permitted: Permitted):
    bob = permitted(*PERMISSIONS).add_user("bob", jobTitle="Clerk")
    few = permitted("User.ReadBasic.All")
    for path in (f"/v1.0/users/{bob}", f"/v1.0/users/{bob}?$select=id,displayName,userPrincipalName,jobTitle"):
        person = few.get(path)
        assert (person["displayName"], person["userPrincipalName"]) == ("Bob", "bob@contoso.example")
        assert person["jobTitle"] is None
    assert {one["jobTitle"] for one in few.get("/v1.0/users")["value"]} == {None}
    assert few.refused("PATCH", f"/v1.0/users/{bob}", {"city": "Oslo"}) == DENIED


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
    assert theirs["id"] in few.ids("/v1.0/applications"), "to list everybody's is allowed"
    assert few.get(f"/v1.0/servicePrincipals?$filter=appId eq '{made['appId']}'")["value"]
    assert few.refused("GET", f"{principal}/appRoleAssignedTo") == DENIED
    assert few.refused("GET", f"/v1.0/applications/{theirs['id']}") == DENIED

    without = permitted("User.Read.All")
    assert without.refused("GET", application) == DENIED, "to own one is not enough"
    few.delete(principal)
    few.post(f"{application}/owners/$ref", few.reference(ADA.object_id))
    few.delete(f"{application}/owners/{OWN}/$ref")
    assert few.refused("DELETE", application) == DENIED, "and is over once one does not"


def test_an_application_may_manage_the_policies_of_what_it_owns_and_of_nothing_else(permitted: Permitted):
    everything = permitted(*PERMISSIONS, "Policy.ReadWrite.ApplicationConfiguration")
    policy = everything.post("/v1.0/policies/claimsMappingPolicies", {"displayName": "Claims", "definition": ["{}"]})
    policies, reference = [], {"@odata.id": f"https://localhost/v1.0/policies/claimsMappingPolicies/{policy['id']}"}
    for owners in ([], [everything.reference(OWN)["@odata.id"]]):
        made = everything.post("/v1.0/applications", {"displayName": "App"})
        body = {"appId": made["appId"], "owners@odata.bind": owners}
        principal = everything.post("/v1.0/servicePrincipals", body)["id"]
        policies.append(f"/v1.0/servicePrincipals/{principal}/claimsMappingPolicies")
    theirs, own = policies
    without = permitted("Application.ReadWrite.OwnedBy")
    few = permitted("Application.ReadWrite.OwnedBy", "Policy.Read.All")
    for tenant, path in ((without, theirs), (without, own), (few, theirs)):
        assert tenant.refused("POST", f"{path}/$ref", reference) == DENIED
        assert tenant.refused("DELETE", f"{path}/{policy['id']}/$ref") == DENIED
        assert tenant.refused("GET", path) == DENIED
    few.post(f"{own}/$ref", reference)
    assert few.ids(own) == [policy["id"]]
    few.delete(f"{own}/{policy['id']}/$ref")


@pytest.mark.parametrize("more", ["Directory.ReadWrite.All", "Application.ReadWrite.All", "AppRegistration.Create"])
def test_a_further_permission_takes_nothing_away(permitted: Permitted, more: str):
    theirs = permitted(*DEPLOYMENT_PERMISSIONS).post("/v1.0/applications", {"displayName": "Theirs"})
    body, alone = {"appId": theirs["appId"]}, permitted(more)
    status, made = alone.graph.request("POST", "/v1.0/servicePrincipals", body)
    if status == 201:
        alone.delete(f"/v1.0/servicePrincipals/{made['id']}")
    both = permitted(more, "Application.ReadWrite.OwnedBy")
    assert both.graph.request("POST", "/v1.0/servicePrincipals", body)[0] == status
    if more == "AppRegistration.Create":
        own = both.post("/v1.0/applications", {"displayName": "Mine"})
        both.patch(f"/v1.0/applications/{own['id']}", {"notes": "ours"})


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
    monkeypatch.setattr(app, "_routes", app._routes.__wrapped__)  # those that are kept have what was declared before
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
    own = everything.add_group("Own", **{"owners@odata.bind": [everything.reference(OWN)["@odata.id"]]})
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
