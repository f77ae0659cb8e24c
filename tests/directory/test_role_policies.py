"""Policies of PIM: one for every role and for members and owners of every group, whose rules change and are checked.

The rules that a policy begins with are those of the examples in Microsoft Graph's reference.
"""

from typing import Any

import pytest

from tenantry.directory import licences
from tenantry.directory.licences import Licence
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store
from tenantry.role_templates import ROLE_TEMPLATES

from .samples import GLOBAL_ADMINISTRATOR, NOBODY, UNITED_STATES, Permitted, Tenant, group_body

POLICIES = "/v1.0/policies/roleManagementPolicies"
ASSIGNMENTS = "/v1.0/policies/roleManagementPolicyAssignments"
OF_ROLES = "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"
RULE = "#microsoft.graph.unifiedRoleManagementPolicy"
DENIED = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def of_group(group: str) -> str:
    return f"$filter=scopeId eq '{group}' and scopeType eq 'Group'"


def of_role(security: Tenant, role: str = GLOBAL_ADMINISTRATOR) -> str:
    """The id of a role's policy."""
    (found,) = security.get(f"{ASSIGNMENTS}?{OF_ROLES} and roleDefinitionId eq '{role}'")["value"]
    return str(found["policyId"])


def of_members(security: Tenant, group: str) -> str:
    (found,) = security.get(f"{ASSIGNMENTS}?{of_group(group)} and roleDefinitionId eq 'member'")["value"]
    return str(found["policyId"])


def rules(security: Tenant, policy_id: str) -> dict[str, Any]:
    return {rule["id"]: rule for rule in security.get(f"{POLICIES}/{policy_id}/rules")["value"]}


def expiration(**changes: Any) -> dict[str, Any]:
    return {"@odata.type": f"{RULE}ExpirationRule", "id": "Expiration_EndUser_Assignment", **changes}


def test_every_role_has_a_policy_with_microsofts_rules(security: Tenant):
    listed = security.get(f"{POLICIES}?{OF_ROLES}")["value"]
    assert len({found["id"] for found in listed}) == len(ROLE_TEMPLATES)
    policy_id = of_role(security)
    assert policy_id.startswith(f"DirectoryRole_{UNITED_STATES.tenant_id}_")
    policy = security.get(f"{POLICIES}/{policy_id}")
    assert policy == {
        "@odata.context": policy["@odata.context"],
        "id": policy_id,
        "description": "DirectoryRole",
        "displayName": "DirectoryRole",
        "isOrganizationDefault": False,
        "lastModifiedBy": {"displayName": None, "id": None},
        "lastModifiedDateTime": None,
        "scopeId": "/",
        "scopeType": "DirectoryRole",
    }
    begins = rules(security, policy_id)
    assert len(begins) == 17
    assert begins["Expiration_EndUser_Assignment"] == {
        "@odata.type": f"{RULE}ExpirationRule",
        "id": "Expiration_EndUser_Assignment",
        "isExpirationRequired": True,
        "maximumDuration": "PT8H",
        "target": {
            "caller": "EndUser",
            "enforcedSettings": [],
            "inheritableSettings": [],
            "level": "Assignment",
            "operations": ["all"],
        },
    }
    assert begins["Enablement_EndUser_Assignment"]["enabledRules"] == ["MultiFactorAuthentication", "Justification"]
    assert begins["Notification_Approver_Admin_Eligibility"]["recipientType"] == "Approver"
    assert begins["Approval_EndUser_Assignment"]["setting"]["approvalStages"][0]["primaryApprovers"] == []
    assert security.get(f"{POLICIES}/{policy_id}/effectiveRules")["value"] == [*begins.values()]
    assert security.get(f"{POLICIES}/{policy_id}/rules/Approval_EndUser_Assignment")["setting"]


def test_a_role_of_the_tenants_own_has_a_policy_too(security: Tenant):
    body = {"displayName": "Reader", "isEnabled": True, "rolePermissions": []}
    body["rolePermissions"] = [{"allowedResourceActions": ["microsoft.directory/users/standard/read"]}]
    role = security.post("/v1.0/roleManagement/directory/roleDefinitions", body)["id"]
    assert rules(security, of_role(security, role))


def test_members_and_owners_of_a_group_have_a_policy_each(security: Tenant):
    group = security.add_group("Ops")
    found = security.get(f"{ASSIGNMENTS}?{of_group(group)}")["value"]
    assert [assignment["roleDefinitionId"] for assignment in found] == ["member", "owner"]
    for assignment in found:
        assert assignment["policyId"].startswith(f"Group_{group}_")
        assert assignment["id"] == f"{assignment['policyId']}_{assignment['roleDefinitionId']}"
        assert security.get(f"{ASSIGNMENTS}/{assignment['id']}")["scopeId"] == group
    begins = rules(security, found[0]["policyId"])
    assert begins["Expiration_Admin_Eligibility"]["isExpirationRequired"] is True
    assert begins["Enablement_EndUser_Assignment"]["enabledRules"] == ["Justification"]
    assert begins["Enablement_EndUser_Assignment"]["target"]["operations"] == ["All"]


def test_a_group_that_fills_itself_has_none_and_one_that_is_deleted_neither(security: Tenant):
    dynamic = {"groupTypes": ["DynamicMembership"], "membershipRule": "user.department eq 'Ops'"}
    group = security.post("/beta/groups", group_body("Auto", **dynamic, membershipRuleProcessingState="On"))["id"]
    assert security.get(f"{POLICIES}?{of_group(group)}")["value"] == []
    gone = security.add_group("Gone")
    policy_id = of_members(security, gone)
    security.delete(f"/v1.0/groups/{gone}")
    assert security.get(f"{POLICIES}?{of_group(gone)}")["value"] == []
    assert security.graph.request("GET", f"{POLICIES}/{policy_id}")[0] == 404


@pytest.mark.parametrize("path", [POLICIES, ASSIGNMENTS])
def test_policies_are_listed_for_one_scope_at_a_time(security: Tenant, path: str):
    for query in ("", "?$filter=scopeId eq '/'", "?$filter=scopeType eq 'DirectoryRole'"):
        assert security.refused("GET", f"{path}{query}")[0] == 400
    assert security.get(f"{path}?$filter=scopeId eq '{NOBODY}' and scopeType eq 'Group'")["value"] == []


def test_rules_stand_in_an_answer_where_it_is_expanded(security: Tenant):
    policy_id = of_role(security)
    for expanded in ("rules", "*", "rules,effectiveRules"):
        policy = security.get(f"{POLICIES}/{policy_id}?$expand={expanded}")
        assert len(policy["rules"]) == 17
        assert ("effectiveRules" in policy) is (expanded != "rules")
    only = security.get(f"{POLICIES}/{policy_id}?$expand=rules&$select=scopeId")
    assert set(only) == {"@odata.context", "scopeId", "rules"}
    query = f"{OF_ROLES} and roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'"
    (bare,) = security.get(f"{ASSIGNMENTS}?{query}")["value"]
    (policy,) = security.get(f"{ASSIGNMENTS}?{query}&$expand=policy")["value"]
    (all_of_it,) = security.get(f"{ASSIGNMENTS}?{query}&$expand=policy($expand=rules)")["value"]
    assert "policy" not in bare
    assert "rules" not in policy["policy"]
    assert len(all_of_it["policy"]["rules"]) == 17
    assert security.refused("GET", f"{POLICIES}/{policy_id}?$expand=nothing")[0] == 400
    assert security.refused("GET", f"{POLICIES}/{policy_id}?$select=rules")[0] == 501


def test_a_rule_changes_in_what_a_request_names(security: Tenant):
    policy_id = of_role(security)
    before = rules(security, policy_id)
    security.patch(f"{POLICIES}/{policy_id}/rules/Expiration_EndUser_Assignment", expiration(maximumDuration="PT1H45M"))
    after = rules(security, policy_id)
    changed = {**before["Expiration_EndUser_Assignment"], "maximumDuration": "PT1H45M"}
    assert after == {**before, "Expiration_EndUser_Assignment": changed}
    policy = security.get(f"{POLICIES}/{policy_id}")
    assert policy["lastModifiedBy"]["displayName"] == "Tenantry deployment"
    assert policy["lastModifiedDateTime"]
    security.patch(f"{POLICIES}/{policy_id}/rules/Expiration_EndUser_Assignment", expiration(maximumDuration="PT2H"))
    assert rules(security, policy_id)["Expiration_EndUser_Assignment"]["maximumDuration"] == "PT2H"
    other = next(role for role in ROLE_TEMPLATES if role != GLOBAL_ADMINISTRATOR)
    assert rules(security, of_role(security, other)) == before


def test_the_rules_of_a_groups_policy_change_together_and_it_has_another_id_then(security: Tenant):
    group = security.add_group("Ops")
    policy_id = of_members(security, group)
    approval: dict[str, Any] = {
        "@odata.type": f"{RULE}ApprovalRule",
        "id": "Approval_EndUser_Assignment",
        "setting": {
            "isApprovalRequired": True,
            "approvalStages": [
                {"primaryApprovers": [{"@odata.type": "#microsoft.graph.groupMembers", "groupId": group}]}
            ],
        },
    }
    security.patch(f"{POLICIES}/{policy_id}", {"rules": [approval, expiration(maximumDuration="PT1H")]})
    assert security.graph.request("GET", f"{POLICIES}/{policy_id}")[0] == 404
    changed = of_members(security, group)
    assert changed != policy_id
    setting = rules(security, changed)["Approval_EndUser_Assignment"]["setting"]
    assert setting["isApprovalRequired"] is True
    assert setting["isRequestorJustificationRequired"] is True
    (stage,) = setting["approvalStages"]
    assert stage["primaryApprovers"] == approval["setting"]["approvalStages"][0]["primaryApprovers"]
    assert stage["approvalStageTimeOutInDays"] == 1
    assert rules(security, changed)["Expiration_EndUser_Assignment"]["maximumDuration"] == "PT1H"
    (owners,) = security.get(f"{ASSIGNMENTS}?{of_group(group)} and roleDefinitionId eq 'owner'")["value"]
    assert rules(security, owners["policyId"])["Expiration_EndUser_Assignment"]["maximumDuration"] == "PT8H"


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("Expiration_EndUser_Assignment", {"maximumDuration": "PT1H"}),
        ("Expiration_EndUser_Assignment", {"@odata.type": f"{RULE}ApprovalRule", "maximumDuration": "PT1H"}),
        ("Expiration_EndUser_Assignment", expiration(maximumDuration=f"P{'9' * 12}D")),
        ("Expiration_EndUser_Assignment", expiration(maximumDuration="an hour")),
        ("Expiration_EndUser_Assignment", expiration(maximumDuration=None)),
        ("Expiration_EndUser_Assignment", expiration(isExpirationRequired="yes")),
        ("Expiration_EndUser_Assignment", expiration(enabledRules=[])),
        ("Enablement_Admin_Assignment", {"@odata.type": f"{RULE}EnablementRule", "enabledRules": ["Magic"]}),
        (
            "Notification_Admin_Admin_Assignment",
            {"@odata.type": f"{RULE}NotificationRule", "notificationLevel": "Some"},
        ),
        (
            "Approval_EndUser_Assignment",
            {"@odata.type": f"{RULE}ApprovalRule", "setting": {"approvalStages": [{"primaryApprovers": "me"}]}},
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(security: Tenant, rule: str, body: dict[str, Any]):
    policy_id = of_role(security)
    before = rules(security, policy_id)
    assert security.refused("PATCH", f"{POLICIES}/{policy_id}/rules/{rule}", body)[0] == 400
    assert rules(security, policy_id) == before


def test_the_policy_of_a_group_goes_with_it(security: Tenant, store: Store):
    gone, stays = security.add_group("Gone"), security.add_group("Stays")
    for group in (gone, stays):
        policy_id = of_members(security, group)
        security.patch(
            f"{POLICIES}/{policy_id}/rules/Expiration_EndUser_Assignment", expiration(maximumDuration="PT1H")
        )
    security.delete(f"/v1.0/groups/{gone}")
    with store.writing(UNITED_STATES.tenant_id) as opened:
        deleted = opened.find_deleted(gone)
        assert deleted is not None
        opened.purge(deleted)
        assert [kept.document["scopeId"] for kept in opened.scan(Kind.ROLE_POLICY)] == [stays]


def test_what_does_not_exist_is_not_found(security: Tenant):
    policy_id = of_role(security)
    assert security.refused("PATCH", f"{POLICIES}/{policy_id}/rules/Some_Rule", expiration())[0] == 404
    assert security.refused("GET", f"{POLICIES}/{policy_id}/rules/Some_Rule")[0] == 404
    assert security.refused("PATCH", f"{POLICIES}/{policy_id}", {"rules": "all"})[0] == 400
    for missing in ("x", f"DirectoryRole_{NOBODY}_{NOBODY}", f"Group_{NOBODY}_{NOBODY}"):
        assert security.refused("GET", f"{POLICIES}/{missing}")[0] == 404
    assert security.refused("GET", f"{ASSIGNMENTS}/{policy_id}_{NOBODY}")[0] == 404


# --- who may, and with which licence


def test_policies_of_groups_take_permissions_of_their_own(security: Tenant, permitted: Permitted):
    group = security.add_group("Ops")
    role, members = of_role(security), of_members(security, group)
    body = {"rules": [expiration(maximumDuration="PT1H")]}
    for_roles = permitted("RoleManagementPolicy.ReadWrite.Directory")
    assert for_roles.refused("GET", f"{POLICIES}?{of_group(group)}") == DENIED
    assert for_roles.refused("GET", f"{POLICIES}/{members}") == DENIED
    assert for_roles.refused("PATCH", f"{POLICIES}/{members}", body) == DENIED
    for_roles.patch(f"{POLICIES}/{role}", body)
    for_groups = permitted("RoleManagementPolicy.ReadWrite.AzureADGroup")
    assert for_groups.refused("GET", f"{POLICIES}?{OF_ROLES}") == DENIED
    assert for_groups.refused("PATCH", f"{POLICIES}/{role}", body) == DENIED
    for_groups.patch(f"{POLICIES}/{members}", body)
    reader = permitted("RoleManagementPolicy.Read.AzureADGroup", "RoleManagement.Read.Directory")
    assert reader.get(f"{POLICIES}?{OF_ROLES}")["value"]
    assert reader.refused("PATCH", f"{POLICIES}/{role}", body) == DENIED
    assert reader.refused("PATCH", f"{POLICIES}/{of_members(reader, group)}", body) == DENIED


def test_without_the_licence_nothing_is_said_of_them(security: Tenant, store: Store):
    policy_id = of_role(security)
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, [Licence.ENTRA_ID_P1])
    path = f"{POLICIES}/{policy_id}"
    for method, where in (("GET", f"{POLICIES}?{OF_ROLES}"), ("GET", path), ("GET", f"{path}/rules"), ("PATCH", path)):
        assert security.refused(method, where, {"rules": []})[1] == "AadPremiumLicenseRequired"
