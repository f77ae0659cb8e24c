"""The example of a partner after ten years: everything that makes a real tenant hard is in it, and answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ten_years import AT, grown

from .samples import GLOBAL_ADMINISTRATOR, Tenant


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    with grown() as (_, _, tenant):
        yield tenant


def group(tenant: Tenant, name: str) -> Any:
    (found,) = tenant.get(f"/beta/groups?$filter=displayName eq '{name}'")["value"]
    return found


def names(tenant: Tenant, path: str) -> set[str]:
    return {one.get("userPrincipalName") or one["displayName"] for one in tenant.get(path)["value"]}


def members(tenant: Tenant, name: str) -> set[str]:
    return {name.removesuffix(AT) for name in names(tenant, f"/beta/groups/{group(tenant, name)['id']}/members")}


def people(tenant: Tenant) -> list[Any]:
    found: list[Any] = tenant.get("/beta/users?$top=999")["value"]
    return found


def test_it_has_about_sixty_people_half_of_them_synchronised(tenant: Tenant):
    everybody = people(tenant)
    assert 55 <= len(everybody) <= 65
    synchronised = [one for one in everybody if one["onPremisesSyncEnabled"] is True]
    assert 0.4 <= len(synchronised) / len(everybody) <= 0.6
    assert len([one for one in everybody if one["userType"] == "Guest"]) == 4
    assert {one["createdDateTime"][:4] for one in everybody} >= {str(year) for year in range(2016, 2026)}


def test_names_are_of_many_scripts_and_some_run_from_right_to_left(tenant: Tenant):
    shown = "".join(one["displayName"] for one in people(tenant))
    for script in ("\u05d0\u05ea", "\u0627\u064a", "\u0905\u0939", "\u4e00\u9fff", "\uac00\ud7a3", "\u0e01\u0e2e"):
        assert any(script[0] <= letter <= script[1] for letter in shown), script
    assert [one["displayName"] for one in people(tenant)].count("María García") == 2


def test_leavers_are_disabled_and_still_in_admin_agents(tenant: Tenant):
    disabled = {one["userPrincipalName"].removesuffix(AT) for one in people(tenant) if not one["accountEnabled"]}
    assert disabled & members(tenant, "AdminAgents") == {"erik.dahl", "petra.schulz"}


def test_guests_are_in_helpdesk_agents_and_an_application_and_a_group_in_admin_agents(tenant: Tenant):
    assert len([name for name in members(tenant, "HelpdeskAgents") if "#EXT#" in name]) == 2
    assert members(tenant, "AdminAgents") >= {"Control panel", "Support Team", "svc-backup"}
    through = names(tenant, f"/v1.0/groups/{tenant.group('AdminAgents')}/transitiveMembers?$top=999")
    assert f"dorde.petrovic{AT}" in through, "through the group in it"


def test_a_group_looks_like_the_real_one(tenant: Tenant):
    assert group(tenant, "Admin Agents")["id"] != group(tenant, "AdminAgents")["id"] == tenant.group("AdminAgents")


def test_global_administrators_are_outside_admin_agents_and_two_are_for_emergencies(tenant: Tenant):
    held = tenant.get(
        f"/v1.0/roleManagement/directory/roleAssignments?$filter=roleDefinitionId eq '{GLOBAL_ADMINISTRATOR}'"
    )
    named = {one["id"]: one["userPrincipalName"].removesuffix(AT) for one in people(tenant)}
    holders = {named[one["principalId"]] for one in held["value"]}
    assert holders >= {"emergency-1", "emergency-2"}
    assert holders - members(tenant, "AdminAgents") >= {"adm-ingrid", "rashid.karimi", "svc-ad-sync", "emergency-2"}
    eligible = tenant.get("/v1.0/roleManagement/directory/roleEligibilitySchedules")["value"]
    also = {named[one["principalId"]] for one in eligible if one["roleDefinitionId"] == GLOBAL_ADMINISTRATOR}
    assert also == {"adm-mara", "rashid.karimi"}, "one of whom holds it all the time as well"


def test_dynamic_groups_have_whom_their_rules_name_and_one_says_that_it_is_not_evaluated(tenant: Tenant):
    assert members(tenant, "Night shift") == {"olga.demchenko", "somchai.jaidee"}
    assert "erik.dahl" not in members(tenant, "All staff")
    assert len(members(tenant, "All staff")) > 35
    assert members(tenant, "Direct reports of Noura") == set()
    path = f"/beta/groups/{group(tenant, 'Direct reports of Noura')['id']}?$select=membershipRuleProcessingStatus"
    assert tenant.get(path)["membershipRuleProcessingStatus"]["status"] == "Failed"


def test_a_deleted_administrator_had_the_name_that_another_one_has_now(tenant: Tenant):
    deleted = tenant.get("/v1.0/directory/deletedItems/microsoft.graph.user")["value"]
    had = {one["userPrincipalName"].removeprefix(one["id"].replace("-", "")) for one in deleted}
    assert had & {one["userPrincipalName"] for one in people(tenant)} == {f"maria.garcia{AT}"}


def test_applications_have_secrets_that_expired_years_ago(tenant: Tenant):
    applications = {one["displayName"]: one for one in tenant.get("/beta/applications")["value"]}
    ends = {one["displayName"]: one["endDateTime"] for one in applications["Ticket system"]["passwordCredentials"]}
    assert ends["first"] == "2020-10-22T00:00:00Z"
    federated = f"/v1.0/applications/{applications['Deployment pipeline']['id']}/federatedIdentityCredentials"
    assert [one["issuer"] for one in tenant.get(federated)["value"]] == ["https://pipelines.contoso.example"]
    assert applications["Backup"]["keyCredentials"][0]["endDateTime"] == "2027-11-21T00:00:00Z"
    principals = {one["displayName"]: one for one in tenant.get("/beta/servicePrincipals")["value"]}
    assert principals["Control panel"]["appOwnerOrganizationId"] != tenant.enrolment.tenant_id
    assert "Control panel" not in applications, "it is registered in the vendor's tenant"
    assert principals["Invoice reader"]["accountEnabled"] is False
    granted = tenant.get(f"/v1.0/servicePrincipals/{principals['Control panel']['id']}/appRoleAssignments")["value"]
    assert {one["resourceDisplayName"] for one in granted} == {"Microsoft Graph"}
    assert len(granted) == 2


def test_units_have_administrators_of_their_own(tenant: Tenant):
    units = {one["displayName"]: one for one in tenant.get("/beta/directory/administrativeUnits")["value"]}
    path = f"/v1.0/directory/administrativeUnits/{units['Germany']['id']}"
    assert len(tenant.ids(f"{path}/members")) == 5
    scoped = {one["roleMemberInfo"]["displayName"] for one in tenant.get(f"{path}/scopedRoleMembers")["value"]}
    assert scoped == {"Hannah Weiß", "Đorđe Petrović", "Petra Schulz"}
    assert units["Management"]["isMemberManagementRestricted"] is True


def test_the_report_shows_administrators_without_a_second_factor(tenant: Tenant):
    report = tenant.get("/v1.0/reports/authenticationMethods/userRegistrationDetails?$filter=isAdmin eq true&$top=999")
    without = {one["userPrincipalName"].removesuffix(AT) for one in report["value"] if not one["isMfaRegistered"]}
    assert without >= {"emergency-2", "svc-ad-sync"}
    assert "emergency-1" not in without


def test_relationships_with_customers_are_of_every_kind(tenant: Tenant):
    path = "/v1.0/tenantRelationships/delegatedAdminRelationships"
    shown = {one["displayName"]: one for one in tenant.get(path)["value"]}
    assert {one["status"] for one in shown.values()} == {"active", "approvalPending", "expired"}
    left = datetime.fromisoformat(shown["Fabrikam 2025"]["endDateTime"]) - datetime.now(UTC)
    assert timedelta(days=59) < left <= timedelta(days=60)
    (assigned,) = tenant.get(f"{path}/{shown['Tailspin Toys all']['id']}/accessAssignments")["value"]
    assert assigned["accessContainer"]["accessContainerId"] == tenant.group("AdminAgents")
    assert assigned["accessDetails"] == {"unifiedRoles": [{"roleDefinitionId": GLOBAL_ADMINISTRATOR}]}
    assert tenant.ids(f"{path}/{shown['Wingtip licences']['id']}/accessAssignments") == []
    assert shown["Adventure Works"]["customer"] is None
    customers = tenant.get("/v1.0/tenantRelationships/delegatedAdminCustomers")["value"]
    assert len(customers) == 4
