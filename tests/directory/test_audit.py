"""The audit trail: who changed what, in Microsoft Graph's shape, and no value of anything."""

import json
from typing import Any

import pytest

from tenantry.directory.app import endpoints
from tenantry.directory.enrolment import deployment_client_id, deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.store import Store

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    NOBODY,
    PASSWORD,
    PERMISSIONS,
    UNITED_KINGDOM,
    UNITED_STATES,
    Permitted,
    Tenant,
    group_body,
    reads,
    user_body,
)
from .test_active_roles import ELIGIBLE, REQUESTS, Person, activation, bob
from .test_active_roles import request as eligible

__all__ = ["bob"]

AUDITS = "/v1.0/auditLogs/directoryAudits"


def newest(tenant: Tenant) -> Any:
    return tenant.get(AUDITS)["value"][0]


def changed(entry: Any) -> list[str]:
    return [change["displayName"] for change in entry["targetResources"][0]["modifiedProperties"]]


def test_every_change_has_a_name_and_nothing_else_has_one():
    for endpoint in endpoints():
        assert (endpoint.activity is None) == reads(endpoint.method, endpoint.path), (endpoint.method, endpoint.path)
        assert endpoint.activity is None or endpoint.activity.name


def test_a_new_tenant_has_no_entries_and_reading_makes_none(tenant: Tenant):
    tenant.get("/v1.0/users")
    assert tenant.get(AUDITS)["value"] == []


def test_an_entry_says_who_did_what_to_whom(tenant: Tenant):
    bob = tenant.add_user("bob")
    entry = newest(tenant)
    assert (entry["activityDisplayName"], entry["category"]) == ("Add user", "UserManagement")
    assert (entry["operationType"], entry["result"]) == ("Add", "success")
    assert entry["initiatedBy"]["app"] == {
        "appId": deployment_client_id(UNITED_STATES.tenant_id),
        "displayName": "Tenantry deployment",
        "servicePrincipalId": deployment_principal_id(UNITED_STATES.tenant_id),
        "servicePrincipalName": None,
    }
    (target,) = entry["targetResources"]
    assert (target["id"], target["type"], target["displayName"]) == (bob, "User", "Bob")
    assert target["userPrincipalName"] == "bob@contoso.example"
    assert {detail["key"]: detail["value"] for detail in entry["additionalDetails"]} == {
        "method": "POST",
        "path": "/v1.0/users",
    }


def test_an_entry_names_the_person_who_made_a_change(tenant: Tenant, bob: Person):
    tenant.post(ELIGIBLE, eligible(bob.id))
    status, _ = bob("POST", REQUESTS, activation(bob))
    assert status == 201
    assert newest(tenant)["initiatedBy"] == {
        "app": None,
        "user": {
            "displayName": "Bob",
            "id": bob.id,
            "ipAddress": None,
            "userPrincipalName": "bob@contoso.example",
        },
    }


def test_an_update_names_what_it_changed_and_not_what_it_repeated(tenant: Tenant):
    bob = tenant.add_user("bob", city="Oslo")
    tenant.patch(f"/v1.0/users/{bob}", {"city": "Oslo", "department": "Sales", "country": None})
    assert changed(newest(tenant)) == ["department"]
    tenant.patch("/v1.0/users/bob@contoso.example", {"city": None})
    assert changed(newest(tenant)) == ["city"]
    assert newest(tenant)["targetResources"][0]["id"] == bob


def test_no_value_is_in_an_entry_least_of_all_a_secret(tenant: Tenant):
    tenant.empower()
    bob = tenant.add_user("bob", department="Department-Of-Secrets")
    tenant.patch(f"/v1.0/users/{bob}", {"passwordProfile": {"password": "Another-Horse-9"}})
    assert changed(newest(tenant)) == ["passwordProfile"]
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    _, password = tenant.graph.request("POST", f"/v1.0/servicePrincipals/{own}/addPassword", {})
    written = json.dumps(tenant.get(AUDITS))
    for value in (PASSWORD, "Another-Horse-9", "Department-Of-Secrets", str(password["secretText"])):
        assert value not in written


def test_memberships_and_roles_name_both_sides(tenant: Tenant):
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    tenant.post(f"/beta/groups/{ops}/members/$ref", tenant.reference(bob))
    tenant.delete(f"/beta/groups/{ops}/members/{bob}/$ref")
    assignment = {"directoryScopeId": "/", "principalId": bob, "roleDefinitionId": BILLING_ADMINISTRATOR}
    made = tenant.post("/v1.0/roleManagement/directory/roleAssignments", assignment)
    tenant.delete(f"/v1.0/roleManagement/directory/roleAssignments/{made['id']}")
    entries = tenant.get(AUDITS)["value"][:4]
    assert [entry["activityDisplayName"] for entry in entries] == [
        "Remove member from role",
        "Add member to role",
        "Remove member from group",
        "Add member to group",
    ]
    named = [{target["id"] for target in entry["targetResources"]} for entry in entries]
    assert named == [{bob}, {bob}, {ops, bob}, {ops, bob}]
    assert changed(entries[2]) == changed(entries[3]) == ["members"]


def test_what_was_refused_is_not_in_it(tenant: Tenant):
    tenant.refused("POST", "/v1.0/users", user_body("bob", passwordProfile={"password": "weak"}))
    tenant.refused("DELETE", f"/v1.0/users/{NOBODY}")
    tenant.refused("POST", "/beta/groups", {})
    assert tenant.get(AUDITS)["value"] == []


def test_it_is_newest_first_and_in_pages(tenant: Tenant):
    made = [tenant.post("/beta/groups", group_body(f"Group{number}"))["id"] for number in range(5)]
    found: list[str] = []
    pages: list[int] = []
    path = f"{AUDITS}?$top=2"
    while path:
        answer = tenant.get(path)
        found += [entry["targetResources"][0]["id"] for entry in answer["value"]]
        pages.append(len(answer["value"]))
        path = answer.get("@odata.nextLink", "")
    assert (found, pages) == (made[::-1], [2, 2, 1])


@pytest.mark.parametrize(("category", "count"), [("GroupManagement", 1), ("UserManagement", 2), ("Policy", 0)])
def test_it_can_be_filtered(tenant: Tenant, category: str, count: int):
    tenant.patch(f"/v1.0/users/{tenant.add_user('bob')}", {"city": "Oslo"})
    tenant.add_group("Ops")
    assert len(tenant.get(f"{AUDITS}?$filter=category eq '{category}'")["value"]) == count


def test_each_tenant_has_its_own(tenant: Tenant, store: Store):
    tenant.delete(f"/v1.0/users/{tenant.add_user('bob')}")
    assert [target["id"] for target in newest(tenant)["targetResources"]] != [ADA.object_id]
    with LocalGraph(store, UNITED_KINGDOM.tenant_id) as other:
        assert Tenant(other, UNITED_KINGDOM).get(AUDITS)["value"] == []


@pytest.mark.parametrize(
    ("method", "where", "activity"), [("POST", "/restore", "Restore object"), ("DELETE", "", "Hard delete object")]
)
def test_an_item_that_is_restored_or_erased_is_named_once(permitted: Permitted, method: str, where: str, activity: str):
    tenant = permitted(*PERMISSIONS, "User.DeleteRestore.All")
    bob = tenant.add_user("bob")
    tenant.delete(f"/v1.0/users/{bob}")
    assert tenant.graph.request(method, f"/v1.0/directory/deletedItems/{bob}{where}")[0] in (200, 204)
    entry = newest(tenant)
    assert entry["activityDisplayName"] == activity
    assert [target["id"] for target in entry["targetResources"]] == [bob]


def test_neither_an_old_nor_a_new_value_is_told(tenant: Tenant):
    bob = tenant.add_user("bob", city="Oslo")
    tenant.patch(f"/v1.0/users/{bob}", {"city": "Bergen"})
    (told,) = newest(tenant)["targetResources"][0]["modifiedProperties"]
    assert told == {"displayName": "city", "oldValue": None, "newValue": None}


def test_the_log_can_be_read_of_one_category_and_by_time_and_is_sorted_by_nothing_else(tenant: Tenant):
    tenant.add_user("bob")
    tenant.add_group("Ops")
    newest_first = tenant.get(f"{AUDITS}?$orderby=activityDateTime desc")["value"]
    moments = [entry["activityDateTime"] for entry in newest_first]
    assert moments == sorted(moments, reverse=True)
    groups = tenant.get(f"{AUDITS}?$filter=category eq 'GroupManagement'&$orderby=activityDateTime desc&$top=1")
    assert {entry["category"] for entry in groups["value"]} == {"GroupManagement"}
    status, answer = tenant.graph.request("GET", f"{AUDITS}?$orderby=category")
    assert (status, "NotImplemented" in json.dumps(answer)) == (501, True)
