"""Privileged Identity Management for groups: who may be a member or an owner, and who is for a time."""

from datetime import timedelta
from typing import Any

import pytest

from tenantry.directory import licences
from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store

from .samples import ADA, NOBODY, PERMISSIONS, UNITED_STATES, InProcess, Permitted, Tenant
from .test_active_roles import Person, ahead, for_a_time, purge
from .test_role_policies import POLICIES, RULE, of_members

GROUPS = "/v1.0/identityGovernance/privilegedAccess/group"
WAYS = ("eligibility", "assignment")


def request(group: str, principal: str = ADA.object_id, action: str = "adminAssign", **changes: Any) -> dict[str, Any]:
    return {
        "accessId": "member",
        "action": action,
        "groupId": group,
        "justification": "on call",
        "principalId": principal,
        "scheduleInfo": for_a_time("P10D"),
        **changes,
    }


@pytest.fixture
def ops(tenant: Tenant) -> str:
    return tenant.add_group("Ops")


@pytest.mark.parametrize("access", ["member", "owner"])
@pytest.mark.parametrize("way", WAYS)
def test_a_place_in_a_group_is_given_until_its_end(store: Store, tenant: Tenant, ops: str, way: str, access: str):
    bob = tenant.add_user("bob")
    made = tenant.post(f"{GROUPS}/{way}ScheduleRequests", request(ops, bob, "AdminAssign", accessId=access))
    assert (made["action"], made["status"]) == ("adminAssign", "Provisioned")
    assert made["targetScheduleId"] == f"{ops}_{access}_{made['id']}"
    assert tenant.get(f"{GROUPS}/{way}ScheduleRequests/{made['id']}")["scheduleInfo"] == made["scheduleInfo"]
    schedule = tenant.get(f"{GROUPS}/{way}Schedules/{made['targetScheduleId']}")
    assert (schedule["principalId"], schedule["accessId"], schedule["createdUsing"]) == (bob, access, made["id"])
    of_bob = f"$filter=principalId eq '{bob}' and groupId eq '{ops}'"
    (instance,) = tenant.get(f"{GROUPS}/{way}ScheduleInstances?{of_bob}&$expand=principal,group")["value"]
    assert instance[f"{way}ScheduleId"] == made["targetScheduleId"]
    assert instance["endDateTime"] is not None
    assert (instance["principal"]["id"], instance["group"]["id"]) == (bob, ops)
    assert tenant.get(f"{GROUPS}/{way}ScheduleInstances/{instance['id']}")["memberType"] == "direct"
    assert (bob in tenant.ids(f"/v1.0/groups/{ops}/{access}s")) is (way == "assignment")

    store.ahead = timedelta(days=11)
    assert bob not in tenant.ids(f"/v1.0/groups/{ops}/{access}s")
    for listing in ("Schedules", "ScheduleInstances"):
        assert tenant.ids(f"{GROUPS}/{way}{listing}?{of_bob}") == []
    assert tenant.refused("GET", f"{GROUPS}/{way}Schedules/{made['targetScheduleId']}")[0] == 404
    tenant.post(f"{GROUPS}/{way}ScheduleRequests", request(ops, bob, accessId=access))


@pytest.mark.parametrize("way", WAYS)
def test_a_place_is_given_once_and_taken_away_after_five_minutes(store: Store, tenant: Tenant, ops: str, way: str):
    requests = f"{GROUPS}/{way}ScheduleRequests"
    for action in ("adminRemove", "adminUpdate"):
        assert tenant.refused("POST", requests, request(ops, action=action))[1] == "RoleAssignmentDoesNotExist"
    made = tenant.post(requests, request(ops))
    assert tenant.refused("POST", requests, request(ops))[1] == "RoleAssignmentExists"
    assert tenant.refused("POST", requests, request(ops, action="adminRemove"))[1] == "ActiveDurationTooShort"
    store.ahead = timedelta(minutes=6)
    gone = tenant.post(requests, request(ops, action="adminRemove"))
    assert (gone["status"], gone["targetScheduleId"]) == ("Revoked", made["targetScheduleId"])
    of_the_schedule = f"$filter=groupId eq '{ops}' and targetScheduleId eq '{gone['targetScheduleId']}'"
    assert tenant.ids(f"{requests}?{of_the_schedule}") == [made["id"], gone["id"]]
    assert tenant.ids(f"{requests}?{of_the_schedule}&$orderby=createdDateTime desc") == [gone["id"], made["id"]]
    assert tenant.ids(f"{GROUPS}/{way}Schedules?$filter=groupId eq '{ops}' and accessId eq 'member'") == []
    assert ADA.object_id not in tenant.ids(f"/v1.0/groups/{ops}/members")


@pytest.mark.parametrize("way", WAYS)
def test_an_end_is_changed_and_a_later_beginning_waits(store: Store, tenant: Tenant, ops: str, way: str):
    requests, instances = f"{GROUPS}/{way}ScheduleRequests", f"{GROUPS}/{way}ScheduleInstances"
    tenant.post(requests, request(ops, scheduleInfo=for_a_time("P1D")))
    tenant.post(requests, request(ops, action="adminExtend"))
    of_ops = f"$filter=groupId eq '{ops}' and accessId eq 'member'"
    store.ahead = timedelta(days=9)
    assert len(tenant.ids(f"{instances}?{of_ops}")) == 1
    store.ahead = timedelta(days=12)
    made = tenant.post(requests, request(ops, scheduleInfo=for_a_time("P1D", ahead(days=20))))
    assert tenant.ids(f"{GROUPS}/{way}Schedules?{of_ops}") == [made["targetScheduleId"]]
    assert tenant.ids(f"{instances}?{of_ops}") == []


def test_members_and_owners_of_old_stand_among_the_assignments_without_an_end(tenant: Tenant, ops: str):
    bob = tenant.add_user("bob")
    tenant.post(f"/v1.0/groups/{ops}/members/$ref", tenant.reference(bob))
    tenant.post(f"/v1.0/groups/{ops}/owners/$ref", tenant.reference(ADA.object_id))
    shown = tenant.get(f"{GROUPS}/assignmentScheduleInstances?$filter=groupId eq '{ops}'")["value"]
    assert [(one["accessId"], one["principalId"], one["endDateTime"]) for one in shown] == [
        ("member", bob, None),
        ("owner", ADA.object_id, None),
    ]
    assert all(one["id"].startswith(f"{ops}_{one['accessId']}_") for one in shown)
    (mine,) = tenant.get(f"{GROUPS}/assignmentSchedules?$filter=principalId eq '{bob}' and groupId eq '{ops}'")["value"]
    assert tenant.get(f"{GROUPS}/assignmentSchedules/{mine['id']}")["assignmentType"] == "assigned"


@pytest.mark.parametrize(
    "listing", [f"{way}{what}" for way in WAYS for what in ("Schedules", "ScheduleInstances", "ScheduleRequests")]
)
def test_a_listing_is_of_one_group_or_principal(store: Store, tenant: Tenant, ops: str, listing: str):
    assert tenant.refused("GET", f"{GROUPS}/{listing}")[0] == 400
    assert tenant.refused("GET", f"{GROUPS}/{listing}?$filter=accessId eq 'member'")[0] == 400
    assert tenant.refused("GET", f"{GROUPS}/{listing}/{NOBODY}")[0] == 404
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, [])
    assert tenant.refused("GET", f"{GROUPS}/{listing}?$filter=groupId eq '{ops}'")[1] == "AadPremiumLicenseRequired"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"accessId": "guest"}, 400),
        ({"groupId": NOBODY}, 404),
        ({"groupId": ADA.object_id}, 404),
        ({"principalId": NOBODY}, 404),
        ({"action": "selfExtend"}, 501),
        ({"action": "adminPromote"}, 400),
        ({"scheduleInfo": for_a_time("PT4M")}, 400),
    ],
)
def test_requests_that_cannot_be_are_refused(tenant: Tenant, ops: str, way: str, changes: dict[str, Any], status: int):
    assert tenant.refused("POST", f"{GROUPS}/{way}ScheduleRequests", request(ops, **changes))[0] == status
    assert tenant.ids(f"{GROUPS}/{way}ScheduleRequests?$filter=groupId eq '{ops}'") == []


def test_by_default_nobody_is_in_a_group_without_an_end_by_a_request(tenant: Tenant, ops: str):
    for way in WAYS:
        for info in (None, for_a_time("P366D")):
            refused = tenant.refused("POST", f"{GROUPS}/{way}ScheduleRequests", request(ops, scheduleInfo=info))
            assert refused[1:] == (
                "RoleAssignmentRequestPolicyValidationFailed",
                'The following policy rules failed: ["ExpirationRule"]',
            )


@pytest.mark.parametrize("way", WAYS)
def test_a_place_that_begins_later_is_no_instance_yet_and_can_be_cancelled(tenant: Tenant, ops: str, way: str):
    made = tenant.post(f"{GROUPS}/{way}ScheduleRequests", request(ops, scheduleInfo=for_a_time("P1D", ahead(days=2))))
    target = made["targetScheduleId"]
    assert tenant.get(f"{GROUPS}/{way}Schedules/{target}")["principalId"] == ADA.object_id
    assert tenant.refused("GET", f"{GROUPS}/{way}ScheduleInstances/{target}")[0] == 404
    assert tenant.graph.request("POST", f"{GROUPS}/{way}ScheduleRequests/{made['id']}/cancel")[0] == 204
    assert tenant.refused("GET", f"{GROUPS}/{way}Schedules/{target}")[0] == 404


@pytest.mark.parametrize("way", WAYS)
def test_a_place_that_has_ended_is_renewed(store: Store, tenant: Tenant, ops: str, way: str):
    requests, renewed = f"{GROUPS}/{way}ScheduleRequests", request(ops, action="adminRenew")
    assert tenant.refused("POST", requests, renewed)[1] == "RoleAssignmentDoesNotExist"
    tenant.post(requests, request(ops))
    assert tenant.refused("POST", requests, renewed)[1] == "RoleAssignmentExists"
    store.ahead = timedelta(days=11)
    tenant.post(requests, renewed)


# --- people


@pytest.fixture
def bob(send: InProcess, tenant: Tenant) -> Person:
    person = Person(send, tenant, "bob")
    scope = "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"
    tenant.post("/v1.0/oauth2PermissionGrants", {**person.grant, "scope": scope})
    person.sign_in()
    return person


@pytest.mark.parametrize("access", ["member", "owner"])
def test_a_person_activates_a_place_in_a_group_and_gives_it_back(
    store: Store, tenant: Tenant, ops: str, bob: Person, access: str
):
    requests, listed = f"{GROUPS}/assignmentScheduleRequests", f"/v1.0/groups/{ops}/{access}s"
    activation = request(ops, bob.id, "selfActivate", accessId=access, scheduleInfo=for_a_time("PT5H"))
    assert bob("POST", requests, activation)[1]["error"]["message"].endswith('["EligibilityRule"]')
    tenant.post(f"{GROUPS}/eligibilityScheduleRequests", request(ops, bob.id, accessId=access))
    too_long = {**activation, "scheduleInfo": for_a_time("PT9H")}
    assert bob("POST", requests, too_long)[1]["error"]["message"].endswith('["ExpirationRule"]')
    assert bob("POST", requests, {**activation, "principalId": ADA.object_id})[0] == 403
    assert tenant.refused("POST", requests, activation)[0] == 403, "an application activates for nobody"
    assert bob("POST", requests, activation)[0] == 201
    of_bob = f"$filter=principalId eq '{bob.id}' and groupId eq '{ops}'"
    (instance,) = tenant.get(f"{GROUPS}/assignmentScheduleInstances?{of_bob}")["value"]
    assert instance["assignmentType"] == "activated"
    assert bob.id in tenant.ids(listed)
    store.ahead = timedelta(minutes=6)
    assert bob("POST", requests, request(ops, bob.id, "selfDeactivate", accessId=access))[0] == 201
    assert bob.id not in tenant.ids(listed)
    assert bob("POST", requests, activation)[0] == 201
    store.ahead = timedelta(hours=6)
    assert bob.id not in tenant.ids(listed)


def test_an_activation_of_a_place_that_takes_approval_waits(security: Tenant, bob: Person):
    ops = security.add_group("Ops")
    approval = {"@odata.type": f"{RULE}ApprovalRule", "setting": {"isApprovalRequired": True}}
    security.patch(f"{POLICIES}/{of_members(security, ops)}/rules/Approval_EndUser_Assignment", approval)
    security.post(f"{GROUPS}/eligibilityScheduleRequests", request(ops, bob.id))
    body = request(ops, bob.id, "selfActivate", scheduleInfo=for_a_time("PT5H"))
    assert bob("POST", f"{GROUPS}/assignmentScheduleRequests", body)[1]["status"] == "PendingApproval"
    assert security.ids(f"/v1.0/groups/{ops}/members") == []


@pytest.mark.parametrize("change", ["adminRemove", "adminUpdate", "licence"])
def test_an_activated_place_ends_with_its_eligibility(store: Store, tenant: Tenant, ops: str, bob: Person, change: str):
    eligible = f"{GROUPS}/eligibilityScheduleRequests"
    tenant.post(eligible, request(ops, bob.id))
    body = request(ops, bob.id, "selfActivate", scheduleInfo=for_a_time("PT5H"))
    assert bob("POST", f"{GROUPS}/assignmentScheduleRequests", body)[0] == 201
    store.ahead = timedelta(minutes=6)
    tenant.post(eligible, request(ops, bob.id, "adminExtend"))
    assert tenant.ids(f"/v1.0/groups/{ops}/members") == [bob.id], "a longer one lets it be"
    if change == "licence":
        with store.writing(UNITED_STATES.tenant_id) as opened:
            licences.give(opened, [])
    else:
        store.ahead = timedelta(minutes=12)
        tenant.post(eligible, request(ops, bob.id, change, scheduleInfo=for_a_time("PT1H")))
        store.ahead = timedelta(hours=2)
    assert tenant.ids(f"/v1.0/groups/{ops}/members") == []


def test_who_is_in_an_eligible_group_activates_for_themselves_alone(tenant: Tenant, ops: str, bob: Person):
    team = tenant.add_group("Team")
    for member in (bob.id, ADA.object_id):
        tenant.post(f"/v1.0/groups/{team}/members/$ref", tenant.reference(member))
    tenant.post(f"{GROUPS}/eligibilityScheduleRequests", request(ops, team))
    body = request(ops, bob.id, "selfActivate", scheduleInfo=for_a_time("PT5H"))
    assert bob("POST", f"{GROUPS}/assignmentScheduleRequests", body)[0] == 201
    assert tenant.ids(f"/v1.0/groups/{ops}/members") == [bob.id]
    tenant.delete(f"/v1.0/groups/{team}/members/{bob.id}/$ref")
    assert tenant.ids(f"/v1.0/groups/{ops}/members") == []


@pytest.mark.parametrize("way", WAYS)
def test_a_request_that_only_asks_whether_it_would_do_changes_nothing(tenant: Tenant, ops: str, way: str):
    tenant.post(f"{GROUPS}/{way}ScheduleRequests", request(ops, isValidationOnly=True))
    assert tenant.ids(f"{GROUPS}/{way}ScheduleRequests?$filter=groupId eq '{ops}'") == []
    assert tenant.ids(f"{GROUPS}/{way}Schedules?$filter=principalId eq '{ADA.object_id}' and groupId eq '{ops}'") == []


@pytest.mark.parametrize("gone", ["principal", "group"])
def test_an_eligibility_is_out_of_sight_with_what_it_names_and_gone_with_it(
    store: Store, tenant: Tenant, ops: str, gone: str
):
    bob = tenant.add_user("bob")
    made = tenant.post(f"{GROUPS}/eligibilityScheduleRequests", request(ops, bob))
    of_bob = f"$filter=principalId eq '{bob}'"
    path, item = (f"/v1.0/users/{bob}", bob) if gone == "principal" else (f"/v1.0/groups/{ops}", ops)
    tenant.delete(path)
    for listing in ("Schedules", "ScheduleInstances"):
        assert tenant.ids(f"{GROUPS}/eligibility{listing}?{of_bob}") == []
    assert tenant.refused("GET", f"{GROUPS}/eligibilitySchedules/{made['targetScheduleId']}")[0] == 404
    purge(store, item)
    with store.reading(UNITED_STATES.tenant_id) as opened:
        assert list(opened.scan(Kind.GROUP_ELIGIBILITY_SCHEDULE)) == []


def test_an_application_is_in_a_group_for_a_time_and_never_eligible(tenant: Tenant, ops: str):
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    refused = tenant.refused("POST", f"{GROUPS}/eligibilityScheduleRequests", request(ops, own))
    assert refused[:2] == (400, "InvalidRoleAssignmentRequest")
    tenant.post(f"{GROUPS}/assignmentScheduleRequests", request(ops, own))
    assert tenant.ids(f"/beta/groups/{ops}/members") == [own]


def test_no_group_comes_into_a_role_assignable_group_for_a_time(tenant: Tenant, ops: str):
    admins = tenant.add_group("Admins", isAssignableToRole=True)
    assert "Nesting" in tenant.refused("POST", f"{GROUPS}/assignmentScheduleRequests", request(admins, ops))[2]


@pytest.mark.parametrize("action", ["adminAssign", "adminRemove", "adminUpdate"])
@pytest.mark.parametrize("access", ["member", "owner"])
@pytest.mark.parametrize("way", WAYS)
def test_a_group_that_a_rule_fills_is_not_managed(tenant: Tenant, way: str, access: str, action: str):
    rule = {"membershipRule": "user.accountEnabled -eq true", "membershipRuleProcessingState": "On"}
    everyone = tenant.add_group("Everyone", groupTypes=["DynamicMembership"], **rule)
    members = tenant.ids(f"/v1.0/groups/{everyone}/members")
    assert ADA.object_id in members
    asked = request(everyone, action=action, accessId=access)
    status, _, message = tenant.refused("POST", f"{GROUPS}/{way}ScheduleRequests", asked)
    assert (status, "its rule decides" in message) == (400, True)
    assert tenant.ids(f"/v1.0/groups/{everyone}/members") == members


@pytest.mark.parametrize("way", WAYS)
def test_a_group_for_roles_takes_the_permission_to_manage_roles_as_well(permitted: Permitted, way: str):
    everything = permitted(*PERMISSIONS)
    ops, admins = everything.add_group("Ops"), everything.add_group("Admins", isAssignableToRole=True)
    requests = f"{GROUPS}/{way}ScheduleRequests"
    writes = f"Privileged{way.title()}Schedule.ReadWrite.AzureADGroup"
    few = permitted(writes)
    for group in (admins, admins.upper()):
        assert few.refused("POST", requests, request(group))[:2] == (403, "Authorization_RequestDenied")
    few.post(requests, request(ops))
    permitted(writes, "RoleManagement.ReadWrite.Directory").post(requests, request(admins))
