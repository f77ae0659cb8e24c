import pytest

from tenantry.directory.identifiers import role_assignment_id

from .samples import ADA, BILLING_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, NOBODY, USER_ADMINISTRATOR, Tenant

ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"


def assignment(principal_id: str, role_id: str = BILLING_ADMINISTRATOR, scope: str = "/") -> dict[str, str]:
    return {"principalId": principal_id, "roleDefinitionId": role_id, "directoryScopeId": scope}


def test_an_assignment_activates_the_role_and_is_seen_both_ways(tenant: Tenant):
    bob = tenant.add_user("bob")
    created = tenant.post(ASSIGNMENTS, assignment(bob))
    assert created["id"] == role_assignment_id(BILLING_ADMINISTRATOR, bob)
    assert tenant.get(f"{ASSIGNMENTS}/{created['id']}")["principalId"] == bob
    assert tenant.ids(f"{ASSIGNMENTS}?$filter=principalId eq '{bob}'") == [created["id"]]
    assert tenant.ids(f"{ASSIGNMENTS}?$filter=roleDefinitionId eq '{BILLING_ADMINISTRATOR}'") == [created["id"]]
    (role,) = tenant.ids(f"/v1.0/directoryRoles?$filter=roleTemplateId eq '{BILLING_ADMINISTRATOR}'")
    assert role != BILLING_ADMINISTRATOR
    assert tenant.ids(f"/v1.0/directoryRoles/{role}/members") == [bob]
    tenant.delete(f"/v1.0/directoryRoles/{role}/members/{bob}/$ref")
    assert tenant.refused("GET", f"{ASSIGNMENTS}/{created['id']}")[0] == 404


def test_a_role_is_activated_once(tenant: Tenant):
    role = tenant.post("/v1.0/directoryRoles", {"roleTemplateId": USER_ADMINISTRATOR})
    assert tenant.get(f"/v1.0/directoryRoles/{role['id']}")["displayName"] == "User Administrator"
    assert tenant.refused("POST", "/v1.0/directoryRoles", {"roleTemplateId": USER_ADMINISTRATOR})[0] == 400
    assert tenant.refused("POST", "/v1.0/directoryRoles", {"roleTemplateId": NOBODY})[0] == 404


def test_role_members_are_added_once_and_removed_once(tenant: Tenant):
    role = tenant.post("/v1.0/directoryRoles", {"roleTemplateId": USER_ADMINISTRATOR})["id"]
    bob = tenant.add_user("bob")
    members = f"/v1.0/directoryRoles/{role}/members"
    tenant.post(f"{members}/$ref", tenant.reference(bob))
    assert tenant.refused("POST", f"{members}/$ref", tenant.reference(bob))[0] == 400
    assert tenant.ids(f"{members}?$filter=id eq '{bob}'") == [bob]
    assert role_assignment_id(USER_ADMINISTRATOR, bob) in tenant.ids(ASSIGNMENTS)
    tenant.delete(f"{members}/{bob}/$ref")
    assert tenant.refused("DELETE", f"{members}/{bob}/$ref")[0] == 404


def test_the_holders_of_a_role_are_listed_and_assignments_come_in_pages(tenant: Tenant):
    people = [tenant.add_user(f"p{number}") for number in range(3)]
    made = [tenant.post(ASSIGNMENTS, assignment(person))["id"] for person in people]
    tenant.post(ASSIGNMENTS, assignment(people[0], USER_ADMINISTRATOR))
    (role,) = tenant.ids(f"/v1.0/directoryRoles?$filter=roleTemplateId eq '{BILLING_ADMINISTRATOR}'")
    assert tenant.ids(f"/v1.0/directoryRoles/{role}/members") == people
    held = f"{ASSIGNMENTS}?$top=1&$filter=principalId eq '{people[0]}'"
    assert tenant.pages(held) == [made[:1], [role_assignment_id(USER_ADMINISTRATOR, people[0])]]


def test_the_same_assignment_twice_is_a_conflict(tenant: Tenant):
    assert tenant.refused("POST", ASSIGNMENTS, assignment(ADA.object_id, GLOBAL_ADMINISTRATOR)) == (
        400,
        "Request_BadRequest",
        "A conflicting object with one or more of the specified property values is present in the directory.",
    )


def test_the_last_global_administrator_keeps_the_role(tenant: Tenant):
    held = role_assignment_id(GLOBAL_ADMINISTRATOR, ADA.object_id)
    assert "last Global Administrator" in tenant.refused("DELETE", f"{ASSIGNMENTS}/{held}")[2]
    (role,) = tenant.ids("/v1.0/directoryRoles")
    assert tenant.refused("DELETE", f"/v1.0/directoryRoles/{role}/members/{ADA.object_id}/$ref")[0] == 400
    tenant.post(ASSIGNMENTS, assignment(tenant.add_user("bob"), GLOBAL_ADMINISTRATOR))
    tenant.delete(f"{ASSIGNMENTS}/{held}")


def test_a_deleted_second_administrator_does_not_count(tenant: Tenant):
    tenant.empower()
    bob = tenant.add_user("bob")
    tenant.post(ASSIGNMENTS, assignment(bob, GLOBAL_ADMINISTRATOR))
    tenant.delete(f"/v1.0/users/{bob}")
    assert tenant.refused("DELETE", f"/v1.0/users/{ADA.object_id}")[0] == 400


def test_an_ordinary_group_cannot_hold_a_role(tenant: Tenant):
    assert tenant.refused("POST", ASSIGNMENTS, assignment(tenant.add_group("Ops")))[2] == (
        "Groups without IsAssignableToRole property set cannot be assigned to roles."
    )
    tenant.post(ASSIGNMENTS, assignment(tenant.add_group("Admins", isAssignableToRole=True)))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (assignment(NOBODY), 404),
        (assignment("bob"), 400),
        (assignment(ADA.object_id, NOBODY), 404),
        (assignment(ADA.object_id, scope="/administrativeUnits/x"), 404),
        ({"principalId": ADA.object_id, "directoryScopeId": "/"}, 400),
        ({"principalId": ADA.object_id, "roleDefinitionId": BILLING_ADMINISTRATOR}, 400),
        ({**assignment(ADA.object_id), "directoryScopeId": None, "appScopeId": "/AccessPackageCatalog/x"}, 501),
    ],
)
def test_assignments_that_cannot_be_are_refused(tenant: Tenant, body, status):
    assert tenant.refused("POST", ASSIGNMENTS, body)[0] == status
    assert len(tenant.ids(ASSIGNMENTS)) == 1


def test_templates_and_definitions_are_the_same_roles(tenant: Tenant):
    templates = tenant.get("/v1.0/directoryRoleTemplates")["value"]
    definitions = tenant.get("/v1.0/roleManagement/directory/roleDefinitions")["value"]
    assert [role["displayName"] for role in templates] == [role["displayName"] for role in definitions]
    assert tenant.get(f"/v1.0/directoryRoleTemplates/{USER_ADMINISTRATOR}")["displayName"] == "User Administrator"
    found = tenant.get(f"/beta/roleManagement/directory/roleDefinitions/{BILLING_ADMINISTRATOR}")
    assert (found["displayName"], found["isBuiltIn"], found["isPrivileged"]) == ("Billing Administrator", True, False)
    by_name = "/v1.0/roleManagement/directory/roleDefinitions?$filter=displayName eq 'Global Administrator'"
    assert tenant.ids(by_name) == [GLOBAL_ADMINISTRATOR]
    assert tenant.refused("GET", f"/v1.0/directoryRoleTemplates/{NOBODY}")[0] == 404


def test_whether_a_role_is_privileged_is_told_by_beta_alone(tenant: Tenant):
    path = "roleManagement/directory/roleDefinitions"
    assert tenant.get(f"/beta/{path}/{BILLING_ADMINISTRATOR}")["isPrivileged"] is False
    assert GLOBAL_ADMINISTRATOR in tenant.ids(f"/beta/{path}?$filter=isPrivileged eq true")
    assert "isPrivileged" not in tenant.get(f"/v1.0/{path}/{BILLING_ADMINISTRATOR}")
    assert all("isPrivileged" not in role for role in tenant.get(f"/v1.0/{path}")["value"])
    for option in ("$select=isPrivileged", "$filter=isPrivileged eq true"):
        assert tenant.refused("GET", f"/v1.0/{path}?{option}")[0] == 400
