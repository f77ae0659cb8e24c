"""What was deleted: looked at, brought back, deleted for good."""

import pytest

from tenantry.directory.documents import JsonObject
from tenantry.directory.enrolment import ALL_USERS, DEPLOYMENT_PERMISSIONS
from tenantry.directory.store import Store
from tenantry.directory.tenant import Relation

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    NOBODY,
    UNITED_KINGDOM,
    UNITED_STATES,
    InProcess,
    Permitted,
    Tenant,
    group_body,
    user_body,
)
from .test_permissions import DENIED
from .test_requests import token

ITEMS = "/v1.0/directory/deletedItems"
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"


def deleted_user(tenant: Tenant, name: str = "bob") -> str:
    user = tenant.add_user(name)
    tenant.delete(f"/v1.0/users/{user}")
    return user


def restore(tenant: Tenant, object_id: str) -> JsonObject:
    status, answer = tenant.graph.request("POST", f"{ITEMS}/{object_id}/restore")
    assert status == 200, answer
    return answer


def test_a_deleted_user_is_shown_under_a_name_that_is_in_nobodys_way(tenant: Tenant):
    bob = deleted_user(tenant)
    renamed = f"{bob.replace('-', '')}bob@contoso.example"
    listed = tenant.get(f"{ITEMS}/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime")["value"]
    assert [(user["id"], user["userPrincipalName"]) for user in listed] == [(bob, renamed)]
    assert listed[0]["deletedDateTime"]
    shown = tenant.get(f"{ITEMS}/{bob}")
    assert (shown["@odata.type"], shown["userPrincipalName"]) == ("#microsoft.graph.user", renamed)
    assert tenant.ids(f"{ITEMS}/microsoft.graph.user?$filter=userPrincipalName eq '{renamed}'") == [bob]
    assert tenant.ids(f"{ITEMS}/microsoft.graph.user?$filter=userPrincipalName eq 'bob@contoso.example'") == []
    assert tenant.ids(f"{ITEMS}/microsoft.graph.group") == []


def test_a_restored_user_is_who_they_were(tenant: Tenant):
    tenant.empower()
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    tenant.post(f"/v1.0/groups/{ops}/members/$ref", tenant.reference(bob))
    body = {"principalId": bob, "roleDefinitionId": BILLING_ADMINISTRATOR, "directoryScopeId": "/"}
    assignment = tenant.post(ASSIGNMENTS, body)["id"]
    before = tenant.get(f"/beta/users/{bob}")
    everyone = f"/v1.0/groups/{tenant.group(ALL_USERS)}/members"
    tenant.delete(f"/v1.0/users/{bob}")
    assert bob not in tenant.ids(everyone)
    restored = restore(tenant, bob)
    assert (restored["@odata.type"], restored["id"]) == ("#microsoft.graph.user", bob)
    assert restored["userPrincipalName"] == "bob@contoso.example"
    assert tenant.get(f"/beta/users/{bob}") == before
    assert tenant.get("/v1.0/users/bob@contoso.example")["id"] == bob
    assert tenant.ids(f"/v1.0/groups/{ops}/members") == [bob]
    assert bob in tenant.ids(everyone)
    assert assignment in tenant.ids(ASSIGNMENTS)
    assert tenant.ids(f"{ITEMS}/microsoft.graph.user") == []
    assert tenant.refused("POST", f"{ITEMS}/{bob}/restore")[0] == 404


def test_a_user_whose_name_was_taken_stays_deleted(tenant: Tenant):
    bob = deleted_user(tenant)
    tenant.add_user("BOB")
    message = "Another object with the same value for property userPrincipalName already exists."
    assert tenant.refused("POST", f"{ITEMS}/{bob}/restore") == (400, "Request_BadRequest", message)
    assert tenant.ids(f"{ITEMS}/microsoft.graph.user") == [bob]


def test_two_who_had_one_name_are_both_kept(tenant: Tenant):
    first, second = deleted_user(tenant), deleted_user(tenant)
    assert tenant.pages(f"{ITEMS}/microsoft.graph.user?$top=1") == [[first], [second]]
    restore(tenant, second)
    assert tenant.refused("POST", f"{ITEMS}/{first}/restore")[0] == 400


def test_a_user_deleted_for_good_is_gone_with_all_that_led_there(permitted: Permitted, store: Store):
    tenant = permitted(*DEPLOYMENT_PERMISSIONS, "User.DeleteRestore.All")
    tenant.empower()
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    tenant.post(f"/v1.0/groups/{ops}/members/$ref", tenant.reference(bob))
    body = {"principalId": bob, "roleDefinitionId": BILLING_ADMINISTRATOR, "directoryScopeId": "/"}
    tenant.post(ASSIGNMENTS, body)
    assert tenant.refused("DELETE", f"{ITEMS}/{bob}")[0] == 404
    tenant.delete(f"/v1.0/users/{bob}")
    tenant.delete(f"{ITEMS}/{bob}")
    assert tenant.ids(f"{ITEMS}/microsoft.graph.user") == []
    for method, path in (("GET", f"{ITEMS}/{bob}"), ("DELETE", f"{ITEMS}/{bob}"), ("POST", f"{ITEMS}/{bob}/restore")):
        assert tenant.refused(method, path)[:2] == (404, "Request_ResourceNotFound")
    assert tenant.ids(f"/v1.0/groups/{ops}/members") == []
    with store.writing(UNITED_STATES.tenant_id) as kept:
        # What can be made anew is not there any more.
        assert kept.link(ops, Relation.MEMBER, bob)
        assert kept.assign(BILLING_ADMINISTRATOR, bob) is not None
        assert kept.secret(bob) is None


def test_a_restored_group_has_its_members_and_owners(tenant: Tenant):
    ops = tenant.add_group("Ops", **{"owners@odata.bind": [tenant.reference(ADA.object_id)["@odata.id"]]})
    tenant.post(f"/v1.0/groups/{ops}/members/$ref", tenant.reference(ADA.object_id))
    before = tenant.get(f"/beta/groups/{ops}")
    tenant.delete(f"/v1.0/groups/{ops}")
    # The name of a group is not unique, and so is in nobody's way.
    tenant.post("/v1.0/groups", group_body("Ops"))
    assert [group["displayName"] for group in tenant.get(f"{ITEMS}/microsoft.graph.group")["value"]] == ["Ops"]
    assert restore(tenant, ops)["@odata.type"] == "#microsoft.graph.group"
    assert tenant.get(f"/beta/groups/{ops}") == before
    for listing in ("members", "owners"):
        assert tenant.ids(f"/v1.0/groups/{ops}/{listing}") == [ADA.object_id]


def test_an_application_comes_back_without_its_service_principal(tenant: Tenant):
    app = tenant.post("/v1.0/applications", {"displayName": "App", "identifierUris": ["api://app"]})
    principal = tenant.post("/v1.0/servicePrincipals", {"appId": app["appId"]})["id"]
    tenant.delete(f"/v1.0/applications/{app['id']}")
    assert tenant.ids(f"{ITEMS}/microsoft.graph.application") == [app["id"]]
    assert tenant.ids(f"{ITEMS}/microsoft.graph.servicePrincipal") == [principal]
    restore(tenant, app["id"])
    assert tenant.get(f"/v1.0/applications/{app['id']}")["appId"] == app["appId"]
    assert tenant.refused("GET", f"/v1.0/servicePrincipals/{principal}")[0] == 404
    restore(tenant, principal)
    assert tenant.get(f"/v1.0/servicePrincipals/{principal}")["appId"] == app["appId"]


def test_what_is_unique_about_an_application_is_not_taken_back(tenant: Tenant):
    body = {"displayName": "App", "identifierUris": ["api://app"]}
    app = tenant.post("/v1.0/applications", body)
    principal = tenant.post("/v1.0/servicePrincipals", {"appId": app["appId"]})["id"]
    tenant.delete(f"/v1.0/servicePrincipals/{principal}")
    tenant.post("/v1.0/servicePrincipals", {"appId": app["appId"]})
    assert tenant.refused("POST", f"{ITEMS}/{principal}/restore")[0] == 409
    tenant.delete(f"/v1.0/applications/{app['id']}")
    tenant.post("/v1.0/applications", body)
    assert "identifierUris" in tenant.refused("POST", f"{ITEMS}/{app['id']}/restore")[2]


def test_an_administrative_unit_comes_back_with_its_members(tenant: Tenant):
    units = "/v1.0/directory/administrativeUnits"
    unit = tenant.post(units, {"displayName": "Field"})["id"]
    tenant.post(f"{units}/{unit}/members/$ref", tenant.reference(ADA.object_id))
    tenant.delete(f"{units}/{unit}")
    assert tenant.ids(f"{ITEMS}/microsoft.graph.administrativeUnit") == [unit]
    restore(tenant, unit)
    assert tenant.ids(f"{units}/{unit}/members") == [ADA.object_id]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"{ITEMS}/{NOBODY}", None, 404),
        ("GET", f"{ITEMS}/{ADA.object_id}", None, 404),
        ("POST", f"{ITEMS}/{ADA.object_id}/restore", None, 404),
        ("DELETE", f"{ITEMS}/{ADA.object_id}", None, 404),
        ("GET", f"{ITEMS}/microsoft.graph.device", None, 501),
        ("GET", ITEMS, None, 501),
    ],
)
def test_what_was_not_deleted_is_not_there(tenant: Tenant, method: str, path: str, body: None, status: int):
    assert tenant.refused(method, path, body)[0] == status
    assert tenant.get(f"/v1.0/users/{ADA.object_id}")["id"] == ADA.object_id


def test_a_restoration_under_another_name_says_that_it_is_not_there(tenant: Tenant):
    bob = deleted_user(tenant)
    body = {"newUserPrincipalName": "rob@contoso.example"}
    assert tenant.refused("POST", f"{ITEMS}/{bob}/restore", body)[0] == 501
    assert tenant.refused("POST", "/v1.0/users", user_body("bob", displayName=None))[0] == 400


@pytest.mark.parametrize(
    ("path", "body", "restores", "purges"),
    [
        ("/v1.0/users", user_body("bob"), "User.ReadWrite.All", "User.DeleteRestore.All"),
        ("/v1.0/users", user_body("bob"), "User.DeleteRestore.All", "User.DeleteRestore.All"),
        ("/v1.0/groups", group_body("Ops"), "Group.ReadWrite.All", None),
        ("/v1.0/applications", {"displayName": "App"}, "Application.ReadWrite.All", "Application.ReadWrite.All"),
        (
            "/v1.0/directory/administrativeUnits",
            {"displayName": "Field"},
            "AdministrativeUnit.ReadWrite.All",
            None,
        ),
    ],
)
def test_each_kind_takes_its_own_permission(permitted: Permitted, path, body, restores, purges):
    everything = {*DEPLOYMENT_PERMISSIONS, "User.DeleteRestore.All"}
    both = permitted(*everything)
    item = both.post(path, body)["id"]
    both.delete(f"{path}/{item}")
    others = {permission for permission in everything if not permission.startswith(restores.partition(".")[0])}
    if purges is None:
        assert both.refused("DELETE", f"{ITEMS}/{item}") == DENIED
    without = permitted(*others)
    for method, where in (("GET", ""), ("POST", "/restore"), ("DELETE", "")):
        assert without.refused(method, f"{ITEMS}/{item}{where}") == DENIED
    restore(permitted(restores), item)
    permitted(*everything).delete(f"{path}/{item}")
    if purges is not None:
        permitted(purges).delete(f"{ITEMS}/{item}")


def test_a_group_that_roles_can_be_given_to_takes_the_permission_to_manage_roles(permitted: Permitted):
    tenant = permitted(*DEPLOYMENT_PERMISSIONS)
    group = tenant.add_group("Admins", isAssignableToRole=True)
    tenant.delete(f"/v1.0/groups/{group}")
    assert permitted("Group.ReadWrite.All").refused("POST", f"{ITEMS}/{group}/restore") == DENIED
    restore(permitted("Group.ReadWrite.All", "RoleManagement.ReadWrite.Directory"), group)


def test_another_tenant_does_not_see_what_was_deleted(tenant: Tenant, send: InProcess, store: Store):
    bob = deleted_user(tenant)
    there = token(store, UNITED_KINGDOM.tenant_id)
    assert send("GET", f"{ITEMS}/microsoft.graph.user", headers=there).json()["value"] == []
    for method, path in (("GET", f"{ITEMS}/{bob}"), ("DELETE", f"{ITEMS}/{bob}"), ("POST", f"{ITEMS}/{bob}/restore")):
        assert send(method, path, headers=there).status_code == 404
    restore(tenant, bob)


def test_an_application_of_microsofts_is_made_again_after_its_service_principal_was_deleted(tenant: Tenant):
    partner_center = {"appId": "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd"}
    first = tenant.post("/v1.0/servicePrincipals", partner_center)["id"]
    tenant.delete(f"/v1.0/servicePrincipals/{first}")
    second = tenant.post("/v1.0/servicePrincipals", partner_center)["id"]
    assert second != first
    assert tenant.ids(f"/v1.0/servicePrincipals?$filter=appId eq '{partner_center['appId']}'") == [second]
