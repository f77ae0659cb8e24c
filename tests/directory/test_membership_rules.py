"""The rules of dynamic groups: who is in one, when that changes, and what is not evaluated."""

from typing import Any

import pytest

from tenantry.directory.membership_rules import RuleError, read_rule

from .samples import Tenant

BOB: dict[str, Any] = {
    "accountEnabled": True,
    "businessPhones": [],
    "city": None,
    "department": "Support",
    "displayName": 'Bob "the" Berg',
    "id": "aaaaaaaa-0000-4000-8000-00000000000b",
    "mailNickname": "bob",
    "onPremisesSyncEnabled": None,
    "otherMails": ["bob@fabrikam.example", "b@wingtip.example"],
    "proxyAddresses": [],
    "userPrincipalName": "bob@contoso.example",
    "userType": "Member",
}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ('user.department -eq "Support"', True),
        ('user.department -eq "support"', True),
        ('(User.Department -EQ "Sales")', False),
        ('user.department eq "Support"', True),
        ('user.department -ne "Sales"', True),
        ('user.city -ne "Oslo"', True),
        ("user.city -eq null", True),
        ("user.department -ne null", True),
        ("user.objectId -ne null", True),
        ('user.mailNickName -eq "bob"', True),
        ("user.accountEnabled -eq true", True),
        ("user.accountEnabled -ne true", False),
        ("user.dirSyncEnabled -eq true", False),
        ('user.userPrincipalName -startsWith "BOB@"', True),
        ('user.userPrincipalName -notStartsWith "ada"', True),
        ('user.city -startsWith "O"', False),
        ('user.department -contains "PP"', True),
        ('user.department -notContains "x"', True),
        ('user.otherMails -contains "wingtip"', True),
        ('user.proxyAddresses -contains "smtp"', False),
        ("user.telephoneNumber -eq null", True),
        ('user.department -in ["Sales", "Support"]', True),
        ('user.department -notIn ["Sales","Support"]', False),
        ('user.displayName -eq "Bob `"the`" Berg"', True),
        ('-not (user.department -eq "Sales")', True),
        ('not user.department -eq "Support"', False),
        ('user.userType -eq "Guest" -or user.department -eq "Support" -and user.city -eq "Oslo"', False),
        ('user.userType -eq "Member" -or user.department -eq "Support" -and user.city -eq "Oslo"', True),
        ('(user.userType -eq "Member" -or user.department -eq "Support") -and user.city -eq "Oslo"', False),
        ('-not user.city -eq "Oslo" -and user.userType -eq "Member"', True),
    ],
)
def test_a_rule_holds_or_does_not(rule: str, holds: bool):
    assert read_rule(rule)(BOB) is holds


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ('user.city -match "Os.*"', "the operator '-match' is not evaluated"),
        ('user.memberOf -any (group.objectId -in ["x"])', "the property 'user.memberOf' is not evaluated"),
        ('user.extensionAttribute1 -eq "x"', "the property 'user.extensionAttribute1' is not evaluated"),
        ('device.deviceOwnership -eq "Company"', "the property 'device.deviceOwnership' is not evaluated"),
        ('Direct Reports for "x"', "'Direct' is not expected there"),
        ('user.city -eq "Oslo" -and', "it ends too early"),
        ('user.city -eq "Oslo', "'\"Oslo' cannot be read"),
        ('user.city -eq "Oslo" user.city', "'user.city' is not expected there"),
        ('user.accountEnabled -eq "true"', "'user.accountEnabled' is true or false"),
        ("(" * 60 + 'user.city -eq "Oslo"' + ")" * 60, "it is nested more than 50 deep"),
        ("", "it ends too early"),
    ],
)
def test_what_a_rule_has_that_is_not_evaluated_is_named(rule: str, why: str):
    with pytest.raises(RuleError) as raised:
        read_rule(rule)
    assert str(raised.value).startswith(why)


def dynamic(tenant: Tenant, rule: str, state: str = "On") -> str:
    body = {"groupTypes": ["DynamicMembership"], "membershipRule": rule, "membershipRuleProcessingState": state}
    return tenant.add_group("dynamic", **body)


def status(tenant: Tenant, group: str) -> Any:
    found = tenant.get(f"/beta/groups/{group}?$select=membershipRuleProcessingStatus")
    return found.get("membershipRuleProcessingStatus")


def test_a_dynamic_group_has_whom_its_rule_names_at_every_time(tenant: Tenant):
    bob = tenant.add_user("bob", department="Support")
    group = dynamic(tenant, 'user.department -eq "Support"')
    members = f"/v1.0/groups/{group}/members"
    assert tenant.ids(members) == [bob]
    eve = tenant.add_user("eve", department="support")
    assert tenant.ids(members) == [bob, eve]
    assert tenant.ids(f"/v1.0/users/{eve}/memberOf?$filter=id eq '{group}'") == [group]
    tenant.patch(f"/v1.0/users/{bob}", {"department": "Sales"})
    assert tenant.ids(members) == [eve]
    with tenant.as_administrator():
        tenant.delete(f"/v1.0/users/{eve}")
        assert tenant.ids(members) == []
        tenant.graph.request("POST", f"/v1.0/directory/deletedItems/{eve}/restore")
    assert tenant.ids(members) == [eve]
    tenant.patch(f"/v1.0/groups/{group}", {"membershipRule": 'user.department -eq "Sales"'})
    assert tenant.ids(members) == [bob]
    assert status(tenant, group)["status"] == "Succeeded"
    tenant.delete(f"/v1.0/groups/{group}")
    tenant.patch(f"/v1.0/users/{bob}", {"department": "Support"})
    tenant.graph.request("POST", f"/v1.0/directory/deletedItems/{group}/restore")
    assert tenant.ids(members) == [], "who left meanwhile is not in it when it comes back"


def test_a_paused_rule_leaves_who_is_in_the_group(tenant: Tenant):
    bob = tenant.add_user("bob", department="Support")
    group = dynamic(tenant, 'user.department -eq "Support"')
    tenant.patch(f"/v1.0/groups/{group}", {"membershipRuleProcessingState": "Paused"})
    tenant.patch(f"/v1.0/users/{bob}", {"department": "Sales"})
    assert tenant.ids(f"/v1.0/groups/{group}/members") == [bob]
    assert status(tenant, group) is None
    tenant.patch(f"/v1.0/groups/{group}", {"membershipRuleProcessingState": "On"})
    assert tenant.ids(f"/v1.0/groups/{group}/members") == []


def test_a_group_whose_rule_is_not_evaluated_is_empty_and_says_why(tenant: Tenant):
    tenant.add_user("bob", department="Support")
    group = dynamic(tenant, 'user.department -eq "Support"')
    tenant.patch(f"/v1.0/groups/{group}", {"membershipRule": 'user.department -match "S.*"'})
    assert tenant.ids(f"/v1.0/groups/{group}/members") == []
    found = status(tenant, group)
    assert found["status"] == "Failed"
    assert "'-match'" in found["errorMessage"]
    assert "membershipRuleProcessingStatus" not in tenant.get(f"/beta/groups/{group}"), (
        "shown only where it is asked for"
    )


def test_nobody_is_put_into_a_dynamic_group_or_taken_out_by_hand(tenant: Tenant):
    bob, eve = tenant.add_user("bob", department="Support"), tenant.add_user("eve")
    group = dynamic(tenant, 'user.department -eq "Support"')
    assert tenant.refused("POST", f"/v1.0/groups/{group}/members/$ref", tenant.reference(eve))[0] == 400
    assert tenant.refused("DELETE", f"/v1.0/groups/{group}/members/{bob}/$ref")[0] == 400
    assert tenant.ids(f"/v1.0/groups/{group}/members") == [bob]
