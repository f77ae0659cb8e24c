"""What a tenant without Microsoft Entra ID P1 is refused, and keeps."""

from tenantry.directory import licences
from tenantry.directory.store import Store

from .samples import ADA, UNITED_STATES, Tenant, group_body

DEFINITIONS = "/v1.0/roleManagement/directory/roleDefinitions"
DYNAMIC = {"groupTypes": ["DynamicMembership"], "membershipRule": 'user.department -eq "Sales"'}


def without_licence(store: Store) -> None:
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, ())


def role(name: str) -> dict[str, object]:
    permissions = [{"allowedResourceActions": ["microsoft.directory/applications/basic/update"]}]
    return {"displayName": name, "isEnabled": True, "rolePermissions": permissions}


def test_dynamic_and_role_assignable_groups_take_a_licence(store: Store, tenant: Tenant) -> None:
    kept = tenant.add_group("Sales", **DYNAMIC)
    without_licence(store)
    for changes, what in (
        (DYNAMIC, "manage a group with a dynamic membership"),
        ({"isAssignableToRole": True}, "create a group that can be assigned to roles"),
    ):
        assert tenant.refused("POST", "/v1.0/groups", group_body("Ops", **changes)) == (
            400,
            "NoLicenseForOperation",
            f"Tenant does not have proper license to {what}.",
        )
    ops = tenant.add_group("Ops")
    assert tenant.get(f"/v1.0/groups/{ops}")["isAssignableToRole"] is not True
    tenant.patch(f"/v1.0/groups/{kept}", {"membershipRule": 'user.department -eq "Buying"'})
    tenant.delete(f"/v1.0/groups/{kept}")


def test_roles_of_a_tenants_own_take_a_licence(store: Store, tenant: Tenant) -> None:
    kept = tenant.post(DEFINITIONS, role("Kept"))["id"]
    without_licence(store)
    assert tenant.refused("POST", DEFINITIONS, role("New"))[:2] == (400, "NoLicenseForOperation")
    changed = tenant.refused("PATCH", f"{DEFINITIONS}/{kept}", {"displayName": "Other"})
    assert changed[:2] == (400, "NoLicenseForOperation")
    assert tenant.get(f"{DEFINITIONS}/{kept}")["displayName"] == "Kept"
    tenant.delete(f"{DEFINITIONS}/{kept}")


def test_a_role_of_a_tenants_own_has_a_guid_as_its_template(tenant: Tenant) -> None:
    refused = tenant.refused("POST", DEFINITIONS, {**role("Bad"), "templateId": "no-guid"})
    assert refused[:2] == (400, "Request_BadRequest")
    assert "templateId" in refused[2]
    template = "AAAAAAAA-0000-4000-8000-00000000F00D"
    made = tenant.post(DEFINITIONS, {**role("Good"), "templateId": template})
    assert (made["id"], made["templateId"]) == (template.lower(), template.lower())
    body = {"principalId": ADA.object_id, "roleDefinitionId": template, "directoryScopeId": "/"}
    given = tenant.post("/v1.0/roleManagement/directory/roleAssignments", body)
    assert given["roleDefinitionId"] == template.lower()
