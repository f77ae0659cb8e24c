"""Active roles with a term: assigned until a day, activated for some hours, and standing ones beside them."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenantry.directory import licences
from tenantry.directory.enrolment import deployment_client_id, deployment_principal_id
from tenantry.directory.identifiers import role_assignment_id
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    NOBODY,
    PASSWORD,
    UNITED_STATES,
    USER_ADMINISTRATOR,
    InProcess,
    Tenant,
)
from .test_role_policies import POLICIES, RULE, of_role

ROLES = "/v1.0/roleManagement/directory"
REQUESTS = f"{ROLES}/roleAssignmentScheduleRequests"
SCHEDULES = f"{ROLES}/roleAssignmentSchedules"
INSTANCES = f"{ROLES}/roleAssignmentScheduleInstances"
ASSIGNMENTS = f"{ROLES}/roleAssignments"
ELIGIBLE = f"{ROLES}/roleEligibilityScheduleRequests"
ELIGIBILITIES = f"{ROLES}/roleEligibilityScheduleInstances"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def ahead(**of_now: float) -> str:
    return (datetime.now(UTC) + timedelta(**of_now)).strftime(MOMENT)


def for_a_time(duration: str, start: str | None = None) -> dict[str, Any]:
    return {"startDateTime": start, "expiration": {"type": "AfterDuration", "duration": duration}}


def request(principal_id: str, action: str = "adminAssign", **changes: Any) -> dict[str, Any]:
    return {
        "action": action,
        "directoryScopeId": "/",
        "justification": "on call",
        "principalId": principal_id,
        "roleDefinitionId": BILLING_ADMINISTRATOR,
        **changes,
    }


def restore(tenant: Tenant, object_id: str) -> None:
    assert tenant.graph.request("POST", f"/v1.0/directory/deletedItems/{object_id}/restore")[0] == 200


def purge(store: Store, object_id: str) -> None:
    """Delete for good what is deleted: an application may not do so with everything."""
    with store.writing(UNITED_STATES.tenant_id) as opened:
        deleted = opened.find_deleted(object_id)
        assert deleted is not None
        opened.purge(deleted)


class Person:
    """Somebody who signed in with an application that was consented the delegated permission."""

    def __init__(self, send: InProcess, tenant: Tenant, name: str) -> None:
        self.id = tenant.add_user(name)
        self._send = send
        self._name = name
        (graph,) = tenant.get("/v1.0/servicePrincipals?$filter=displayName eq 'Microsoft Graph'")["value"]
        own = deployment_principal_id(UNITED_STATES.tenant_id)
        self.grant = {"clientId": own, "consentType": "AllPrincipals", "resourceId": graph["id"]}
        self.token = ""

    def sign_in(self) -> None:
        form = {
            "client_id": deployment_client_id(UNITED_STATES.tenant_id),
            "grant_type": "password",
            "username": f"{self._name}@contoso.example",
            "password": PASSWORD,
        }
        answer = self._send("POST", f"/{UNITED_STATES.tenant_id}/oauth2/v2.0/token", data=form)
        self.token = answer.json()["access_token"]

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self._send(method, path, json=body, headers={"Authorization": f"Bearer {self.token}"})
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def bob(send: InProcess, tenant: Tenant) -> Person:
    person = Person(send, tenant, "bob")
    scope = "RoleAssignmentSchedule.ReadWrite.Directory"
    tenant.post("/v1.0/oauth2PermissionGrants", {**person.grant, "scope": scope})
    person.sign_in()
    return person


def activation(person: Person, duration: str = "PT5H", **changes: Any) -> dict[str, Any]:
    return request(person.id, "selfActivate", scheduleInfo=for_a_time(duration), **changes)


def test_a_standing_assignment_shows_as_a_schedule_and_an_instance(tenant: Tenant):
    held = role_assignment_id(GLOBAL_ADMINISTRATOR, ADA.object_id)
    (instance,) = tenant.get(f"{INSTANCES}?$filter=principalId eq '{ADA.object_id}'")["value"]
    assert instance == {
        "id": held,
        "appScopeId": None,
        "assignmentType": "Assigned",
        "directoryScopeId": "/",
        "endDateTime": None,
        "memberType": "Direct",
        "principalId": ADA.object_id,
        "roleAssignmentOriginId": held,
        "roleAssignmentScheduleId": held,
        "roleDefinitionId": GLOBAL_ADMINISTRATOR,
        "startDateTime": None,
    }
    schedule = tenant.get(f"{SCHEDULES}/{held}")
    assert (schedule["assignmentType"], schedule["createdUsing"], schedule["status"]) == (
        "Assigned",
        None,
        "Provisioned",
    )
    assert schedule["scheduleInfo"]["expiration"] == {"type": "noExpiration", "endDateTime": None, "duration": None}
    assert tenant.get(f"{INSTANCES}/{held}")["id"] == held
    assert tenant.refused("GET", f"{INSTANCES}/{NOBODY}")[0] == 404
    assert tenant.refused("GET", f"{SCHEDULES}/{NOBODY}")[0] == 404


def test_a_role_that_is_assigned_for_a_time_is_held_until_its_end(store: Store, tenant: Tenant):
    carla = tenant.add_user("carla")
    made = tenant.post(REQUESTS, request(carla, scheduleInfo=for_a_time("P10D")))
    assert (made["status"], made["action"], made["targetScheduleId"]) == ("Provisioned", "adminAssign", made["id"])
    assert made["scheduleInfo"]["expiration"] == {"type": "afterDuration", "endDateTime": None, "duration": "P10D"}
    held = role_assignment_id(BILLING_ADMINISTRATOR, carla)
    instance = tenant.get(f"{INSTANCES}/{held}")
    assert (instance["assignmentType"], instance["roleAssignmentScheduleId"]) == ("Assigned", made["id"])
    lasts = datetime.strptime(instance["endDateTime"], MOMENT) - datetime.strptime(instance["startDateTime"], MOMENT)
    assert lasts == timedelta(days=10)
    assert tenant.get(f"{SCHEDULES}/{made['id']}")["scheduleInfo"]["expiration"]["type"] == "afterDateTime"
    assert held in tenant.ids(ASSIGNMENTS)
    assert tenant.get(f"{REQUESTS}/{made['id']}")["id"] == made["id"]
    (role,) = tenant.ids(f"/v1.0/directoryRoles?$filter=roleTemplateId eq '{BILLING_ADMINISTRATOR}'")
    assert tenant.ids(f"/v1.0/directoryRoles/{role}/members") == [carla]

    store.ahead = timedelta(days=11)
    assert held not in tenant.ids(INSTANCES) + tenant.ids(ASSIGNMENTS)
    assert made["id"] not in tenant.ids(SCHEDULES)
    assert tenant.ids(f"/v1.0/directoryRoles/{role}/members") == []
    assert role not in tenant.ids(f"/v1.0/users/{carla}/memberOf")
    assert tenant.refused("POST", REQUESTS, request(carla, "adminRemove"))[1] == "RoleAssignmentDoesNotExist"
    body = {"principalId": carla, "roleDefinitionId": BILLING_ADMINISTRATOR, "directoryScopeId": "/"}
    tenant.post(ASSIGNMENTS, body)
    assert tenant.get(f"{INSTANCES}/{held}")["endDateTime"] is None, "what was given since has no end"


def test_a_role_that_begins_later_has_a_schedule_and_is_not_held_yet(store: Store, tenant: Tenant):
    carla = tenant.add_user("carla")
    made = tenant.post(REQUESTS, request(carla, scheduleInfo=for_a_time("P2D", ahead(days=3))))
    held = role_assignment_id(BILLING_ADMINISTRATOR, carla)
    assert made["status"] == "Granted"
    assert made["id"] in tenant.ids(SCHEDULES)
    assert held not in tenant.ids(INSTANCES) + tenant.ids(ASSIGNMENTS)
    assert tenant.refused("POST", REQUESTS, request(carla))[1] == "RoleAssignmentExists"
    store.ahead = timedelta(days=4)
    assert held in tenant.ids(INSTANCES)
    store.ahead = timedelta(days=6)
    assert held not in tenant.ids(INSTANCES)


def test_who_has_a_role_already_is_refused_and_what_is_not_held_is_not_taken(tenant: Tenant):
    carla = tenant.add_user("carla")
    assert tenant.refused("POST", REQUESTS, request(ADA.object_id, roleDefinitionId=GLOBAL_ADMINISTRATOR)) == (
        400,
        "RoleAssignmentExists",
        "The Role assignment already exists.",
    )
    for action in ("adminRemove", "adminUpdate", "adminExtend"):
        assert tenant.refused("POST", REQUESTS, request(carla, action))[1] == "RoleAssignmentDoesNotExist", action


def test_a_role_is_taken_away_when_it_was_held_for_five_minutes(store: Store, tenant: Tenant):
    carla = tenant.add_user("carla")
    tenant.post(REQUESTS, request(carla))
    assert tenant.refused("POST", REQUESTS, request(carla, "adminRemove"))[1] == "ActiveDurationTooShort"
    store.ahead = timedelta(minutes=6)
    assert tenant.post(REQUESTS, request(carla, "adminRemove"))["status"] == "Revoked"
    assert role_assignment_id(BILLING_ADMINISTRATOR, carla) not in tenant.ids(INSTANCES)


def test_a_standing_role_is_taken_away_by_a_request_unless_it_is_the_last_administrators(tenant: Tenant):
    carla = tenant.add_user("carla")
    body = {"principalId": carla, "roleDefinitionId": BILLING_ADMINISTRATOR, "directoryScopeId": "/"}
    held = tenant.post(ASSIGNMENTS, body)["id"]
    tenant.post(REQUESTS, request(carla, "AdminRemove"))
    assert held not in tenant.ids(ASSIGNMENTS)
    last = request(ADA.object_id, "adminRemove", roleDefinitionId=GLOBAL_ADMINISTRATOR)
    assert "last Global Administrator" in tenant.refused("POST", REQUESTS, last)[2]


@pytest.mark.parametrize("begins_later", [False, True])
@pytest.mark.parametrize("action", ["adminUpdate", "adminExtend"])
def test_the_last_global_administrator_is_given_no_end_and_no_later_beginning(
    store: Store, tenant: Tenant, begins_later: bool, action: str
):
    info = {"startDateTime": ahead(days=1)} if begins_later else for_a_time("P1D")
    of_ada = request(ADA.object_id, action, roleDefinitionId=GLOBAL_ADMINISTRATOR, scheduleInfo=info)
    for only_asks in (True, False):
        refused = tenant.refused("POST", REQUESTS, {**of_ada, "isValidationOnly": only_asks})
        assert "last Global Administrator" in refused[2]
    carla = tenant.add_user("carla")
    tenant.post(ASSIGNMENTS, {"principalId": carla, "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"})
    tenant.post(REQUESTS, of_ada)
    store.ahead = timedelta(days=3)
    assert role_assignment_id(GLOBAL_ADMINISTRATOR, carla) in tenant.ids(INSTANCES)


def test_who_administers_for_a_time_does_not_stand_in_for_the_last_global_administrator(
    store: Store, tenant: Tenant, bob: Person
):
    of_ada, own = role_assignment_id(GLOBAL_ADMINISTRATOR, ADA.object_id), tenant.empower()
    carla = tenant.add_user("carla")
    for_carla = for_a_time("P1D")
    tenant.post(REQUESTS, request(carla, roleDefinitionId=GLOBAL_ADMINISTRATOR, scheduleInfo=for_carla))
    tenant.post(ELIGIBLE, request(bob.id, roleDefinitionId=GLOBAL_ADMINISTRATOR))
    assert bob("POST", REQUESTS, activation(bob, roleDefinitionId=GLOBAL_ADMINISTRATOR))[0] == 201
    for method, path, body in (
        ("DELETE", f"/v1.0/users/{ADA.object_id}", None),
        ("DELETE", f"{ASSIGNMENTS}/{of_ada}", None),
        ("POST", REQUESTS, request(ADA.object_id, "adminRemove", roleDefinitionId=GLOBAL_ADMINISTRATOR)),
    ):
        assert "last Global Administrator" in tenant.refused(method, path, body)[2], method
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, [])
    store.ahead = timedelta(days=2)
    assert tenant.ids(ASSIGNMENTS) == [of_ada, own]


def test_an_end_is_changed_by_an_administrator(store: Store, tenant: Tenant):
    carla = tenant.add_user("carla")
    tenant.post(REQUESTS, request(carla, scheduleInfo=for_a_time("P1D")))
    later = tenant.post(REQUESTS, request(carla, "adminExtend", scheduleInfo=for_a_time("P5D")))
    store.ahead = timedelta(days=4)
    held = tenant.get(f"{INSTANCES}/{role_assignment_id(BILLING_ADMINISTRATOR, carla)}")
    assert held["roleAssignmentScheduleId"] == later["id"]
    store.ahead = timedelta(days=6)
    assert len(tenant.ids(INSTANCES)) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"action": "adminRenew"}, 400),
        ({"action": "selfRenew"}, 501),
        ({"action": "adminPromote"}, 400),
        ({"principalId": NOBODY}, 404),
        ({"principalId": "bob"}, 400),
        ({"roleDefinitionId": NOBODY}, 404),
        ({"directoryScopeId": f"/administrativeUnits/{NOBODY}"}, 404),
        ({"directoryScopeId": None}, 400),
        ({"directoryScopeId": None, "appScopeId": "/AccessPackageCatalog/x"}, 501),
        ({"scheduleInfo": for_a_time("PT0S")}, 400),
        ({"scheduleInfo": for_a_time("P1M")}, 400),
        ({"scheduleInfo": {"expiration": {"type": "afterDateTime", "endDateTime": "2020-01-31T00:00:00Z"}}}, 400),
        ({"scheduleInfo": for_a_time("P" + "9" * 12 + "D")}, 400),
        ({"scheduleInfo": for_a_time("P" + "9" * 5_000 + "D")}, 400),
        ({"scheduleInfo": for_a_time("P4000000D")}, 400),
        ({"scheduleInfo": for_a_time("P1D", "9999-12-31T23:59:59-14:00")}, 400),
        ({"scheduleInfo": for_a_time("P1D", "9999-12-31T23:59:59Z")}, 400),
        ({"scheduleInfo": {"expiration": {"type": "afterLunch"}}}, 400),
        ({"scheduleInfo": {"recurrence": {"pattern": {"type": "daily"}}}}, 501),
    ],
)
def test_requests_that_cannot_be_are_refused(tenant: Tenant, changes: dict[str, Any], status: int):
    before = tenant.get(INSTANCES)
    assert tenant.refused("POST", REQUESTS, {**request(ADA.object_id), **changes})[0] == status
    assert (tenant.get(INSTANCES), tenant.ids(REQUESTS)) == (before, [])


def test_what_is_to_begin_at_the_end_of_all_days_can_be_asked_to_be_taken_away(tenant: Tenant):
    carla = tenant.add_user("carla")
    tenant.post(REQUESTS, request(carla, scheduleInfo={"startDateTime": "9999-12-31T23:59:59Z"}))
    assert tenant.refused("POST", REQUESTS, request(carla, "adminRemove"))[1] == "ActiveDurationTooShort"


def test_a_request_that_only_asks_whether_it_would_do_changes_nothing(tenant: Tenant):
    before = tenant.get(INSTANCES)
    assert tenant.post(REQUESTS, request(tenant.add_user("carla"), isValidationOnly=True))["isValidationOnly"] is True
    assert (tenant.get(INSTANCES), tenant.ids(REQUESTS)) == (before, [])


def test_a_request_is_purged_and_what_it_gave_stays(store: Store, tenant: Tenant):
    carla = tenant.add_user("carla")
    made = tenant.post(REQUESTS, request(carla))
    store.ahead = timedelta(days=46)
    assert tenant.ids(REQUESTS) == []
    assert tenant.refused("GET", f"{REQUESTS}/{made['id']}")[:2] == (404, "RoleAssignmentRequestNotFound")
    assert role_assignment_id(BILLING_ADMINISTRATOR, carla) in tenant.ids(INSTANCES)


def test_whose_role_and_which_role_is_shown_beside_an_instance(tenant: Tenant):
    for path in (INSTANCES, SCHEDULES, ASSIGNMENTS):
        (shown,) = tenant.get(f"{path}?$expand=principal,roleDefinition")["value"]
        assert shown["principal"]["@odata.type"] == "#microsoft.graph.user"
        assert shown["principal"]["id"] == ADA.object_id
        assert shown["roleDefinition"]["displayName"] == "Global Administrator"
    assert tenant.refused("GET", f"{INSTANCES}?$expand=appScope")[0] == 501
    assert tenant.refused("GET", f"{INSTANCES}?$expand=friends")[0] == 400


def test_an_application_sees_what_it_holds_itself(tenant: Tenant):
    own = tenant.empower()
    for path, expected in ((INSTANCES, [own]), (SCHEDULES, [own]), (ELIGIBILITIES, []), (REQUESTS, [])):
        assert tenant.ids(f"{path}/filterByCurrentUser(on='principal')") == expected
    assert tenant.refused("GET", f"{INSTANCES}/filterByCurrentUser(on='approver')")[0] == 501


# --- activation


def test_a_person_activates_an_eligible_role_for_some_hours(store: Store, tenant: Tenant, bob: Person):
    tenant.post(ELIGIBLE, request(bob.id))
    status, made = bob("POST", REQUESTS, activation(bob))
    by = {"application": None, "device": None, "user": {"displayName": None, "id": bob.id}}
    assert (status, made["status"], made["createdBy"]) == (201, "Provisioned", by)
    held = role_assignment_id(BILLING_ADMINISTRATOR, bob.id)
    instance = tenant.get(f"{INSTANCES}/{held}")
    assert instance["assignmentType"] == "Activated"
    assert instance["endDateTime"] is not None
    assert held in tenant.ids(ASSIGNMENTS), "who activated a role has it"
    assert len(tenant.ids(ELIGIBILITIES)) == 1, "and stays eligible"
    assert bob("POST", REQUESTS, activation(bob))[1]["error"]["code"] == "RoleAssignmentExists"
    store.ahead = timedelta(hours=6)
    assert held not in tenant.ids(INSTANCES) + tenant.ids(ASSIGNMENTS)
    assert len(tenant.ids(ELIGIBILITIES)) == 1


def test_a_person_gives_an_activated_role_back(store: Store, tenant: Tenant, bob: Person):
    tenant.post(ELIGIBLE, request(bob.id))
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    back = request(bob.id, "selfDeactivate")
    assert bob("POST", REQUESTS, back)[1]["error"]["code"] == "ActiveDurationTooShort"
    store.ahead = timedelta(minutes=6)
    assert bob("POST", REQUESTS, back)[0] == 201
    assert bob("POST", REQUESTS, back)[1]["error"]["code"] == "RoleAssignmentDoesNotExist"


def test_an_activation_ends_with_the_eligibility(store: Store, tenant: Tenant, bob: Person):
    held = role_assignment_id(BILLING_ADMINISTRATOR, bob.id)
    tenant.post(ELIGIBLE, request(bob.id, scheduleInfo=for_a_time("PT2H")))
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    store.ahead = timedelta(hours=3)
    assert held not in tenant.ids(INSTANCES)
    store.ahead = timedelta()
    tenant.post(ELIGIBLE, request(bob.id, "adminRemove"))
    assert held not in tenant.ids(INSTANCES)


def test_who_is_in_an_eligible_group_activates_its_role_and_loses_it_with_the_group(tenant: Tenant, bob: Person):
    admins = tenant.add_group("Admins", isAssignableToRole=True)
    tenant.post(ELIGIBLE, request(admins))
    assert bob("POST", REQUESTS, activation(bob))[1]["error"]["message"].endswith('["EligibilityRule"]')
    tenant.post(f"/v1.0/groups/{admins}/members/$ref", tenant.reference(bob.id))
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    held = role_assignment_id(BILLING_ADMINISTRATOR, bob.id)
    assert tenant.get(f"{INSTANCES}/{held}")["assignmentType"] == "Activated"
    tenant.post(ELIGIBLE, request(admins, "adminRemove"))
    assert held not in tenant.ids(INSTANCES)


def test_an_activation_ends_when_its_eligibility_is_shortened_put_off_or_taken_after_a_change(
    store: Store, tenant: Tenant, bob: Person
):
    held = role_assignment_id(BILLING_ADMINISTRATOR, bob.id)
    tenant.post(ELIGIBLE, request(bob.id))
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    tenant.post(ELIGIBLE, request(bob.id, "adminExtend", scheduleInfo=for_a_time("P1D")))
    assert held in tenant.ids(INSTANCES)
    tenant.post(ELIGIBLE, request(bob.id, "adminUpdate", scheduleInfo=for_a_time("PT2H")))
    assert held in tenant.ids(INSTANCES)
    store.ahead = timedelta(hours=3)
    assert held not in tenant.ids(INSTANCES) + tenant.ids(ASSIGNMENTS)

    tenant.post(ELIGIBLE, request(bob.id))
    bob.sign_in()
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    tenant.post(ELIGIBLE, request(bob.id, "adminUpdate", scheduleInfo={"startDateTime": ahead(days=2)}))
    assert held not in tenant.ids(INSTANCES)

    store.ahead = timedelta(days=3)
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    tenant.post(ELIGIBLE, request(bob.id, "adminUpdate"))
    tenant.post(ELIGIBLE, request(bob.id, "adminRemove"))
    assert held not in tenant.ids(INSTANCES)


@pytest.mark.parametrize("leave", ["members", "group"])
def test_who_is_out_of_the_eligible_group_is_active_no_longer_and_not_again_when_back(
    tenant: Tenant, bob: Person, leave: str
):
    held = role_assignment_id(BILLING_ADMINISTRATOR, bob.id)
    admins = tenant.add_group("Admins", isAssignableToRole=True)
    tenant.post(ELIGIBLE, request(admins))
    tenant.post(f"/v1.0/groups/{admins}/members/$ref", tenant.reference(bob.id))
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    if leave == "group":
        tenant.empower()
        tenant.delete(f"/v1.0/groups/{admins}")
        assert held not in tenant.ids(INSTANCES) + tenant.ids(ASSIGNMENTS)
        return
    tenant.delete(f"/v1.0/groups/{admins}/members/{bob.id}/$ref")
    assert held not in tenant.ids(INSTANCES) + tenant.ids(SCHEDULES) + tenant.ids(ASSIGNMENTS)
    assert bob("POST", REQUESTS, request(bob.id, "selfDeactivate"))[1]["error"]["code"] == "RoleAssignmentDoesNotExist"
    tenant.post(f"/v1.0/groups/{admins}/members/$ref", tenant.reference(bob.id))
    assert held not in tenant.ids(INSTANCES)
    assert bob("POST", REQUESTS, activation(bob))[0] == 201


def test_an_eligibility_is_out_of_sight_with_its_principal_and_gone_with_it(store: Store, tenant: Tenant):
    tenant.empower()
    carla, admins = tenant.add_user("carla"), tenant.add_group("Admins", isAssignableToRole=True)
    made = [tenant.post(ELIGIBLE, request(principal))["id"] for principal in (carla, admins)]
    tenant.delete(f"/v1.0/users/{carla}")
    tenant.delete(f"/v1.0/groups/{admins}")
    assert tenant.ids(ELIGIBILITIES) + tenant.ids(f"{ROLES}/roleEligibilitySchedules") == []
    for one in made:
        assert tenant.refused("GET", f"{ROLES}/roleEligibilitySchedules/{one}")[0] == 404
    with store.reading(UNITED_STATES.tenant_id) as opened:
        assert len(list(opened.scan(Kind.ELIGIBILITY_SCHEDULE))) == 2
    restore(tenant, carla)
    assert len(tenant.ids(ELIGIBILITIES)) == 1, "who comes back is eligible again"
    tenant.delete(f"/v1.0/users/{carla}")
    purge(store, carla)
    purge(store, admins)
    with store.reading(UNITED_STATES.tenant_id) as opened:
        assert list(opened.scan(Kind.ELIGIBILITY_SCHEDULE)) == []


def test_what_is_held_over_a_unit_goes_with_it(store: Store, tenant: Tenant):
    carla = tenant.add_user("carla")
    unit = tenant.post("/v1.0/directory/administrativeUnits", {"displayName": "Oslo"})["id"]
    over = {"directoryScopeId": f"/AdministrativeUnits/{unit.upper()}", "roleDefinitionId": USER_ADMINISTRATOR}
    tenant.post(ELIGIBLE, request(carla, **over))
    made = tenant.post(ASSIGNMENTS, {"principalId": carla, **over})
    assert made["directoryScopeId"] == f"/administrativeUnits/{unit}", "one scope, however it is written"
    tenant.delete(f"/v1.0/directory/administrativeUnits/{unit}")
    purge(store, unit)
    held = role_assignment_id(GLOBAL_ADMINISTRATOR, ADA.object_id)
    assert (tenant.ids(ELIGIBILITIES), tenant.ids(ASSIGNMENTS)) == ([], [held])


@pytest.mark.parametrize("way", [REQUESTS, ELIGIBLE])
def test_a_role_of_the_tenants_own_stays_while_somebody_is_or_will_be_given_it(tenant: Tenant, way: str):
    carla = tenant.add_user("carla")
    definitions = f"{ROLES}/roleDefinitions"
    allowed = [{"allowedResourceActions": ["microsoft.directory/users/standard/read"]}]
    role = tenant.post(definitions, {"displayName": "Reader", "isEnabled": True, "rolePermissions": allowed})["id"]
    tenant.post(way, request(carla, roleDefinitionId=role, scheduleInfo=for_a_time("P5D", ahead(days=3))))
    assert tenant.refused("DELETE", f"{definitions}/{role}")[0] == 400
    tenant.empower()
    tenant.delete(f"/v1.0/users/{carla}")
    tenant.delete(f"{definitions}/{role}")
    restore(tenant, carla)
    held = [one["roleDefinitionId"] for path in (SCHEDULES, ELIGIBILITIES) for one in tenant.get(path)["value"]]
    assert role not in held


def test_nobody_activates_before_the_eligibility_begins(store: Store, tenant: Tenant, bob: Person):
    tenant.post(ELIGIBLE, request(bob.id, scheduleInfo=for_a_time("P5D", ahead(days=2))))
    assert bob("POST", REQUESTS, activation(bob))[1]["error"]["message"].endswith('["EligibilityRule"]')
    store.ahead = timedelta(days=3)
    assert bob("POST", REQUESTS, activation(bob))[0] == 201


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"roleDefinitionId": USER_ADMINISTRATOR}, "EligibilityRule"),
        ({"scheduleInfo": for_a_time("PT9H")}, "ExpirationRule"),
        ({"scheduleInfo": None}, "ExpirationRule"),
    ],
)
def test_an_activation_that_the_role_does_not_allow_is_refused(
    tenant: Tenant, bob: Person, changes: dict[str, Any], rule: str
):
    tenant.post(ELIGIBLE, request(bob.id))
    status, answer = bob("POST", REQUESTS, {**activation(bob), **changes})
    assert (status, answer["error"]["code"]) == (400, "RoleAssignmentRequestPolicyValidationFailed")
    assert answer["error"]["message"] == f'The following policy rules failed: ["{rule}"]'


def set_rule(tenant: Tenant, rule_id: str, **values: Any) -> None:
    """Change a rule of the role that the requests here are about."""
    kind = rule_id.partition("_")[0]
    body = {"@odata.type": f"{RULE}{kind}Rule", "id": rule_id, **values}
    tenant.patch(f"{POLICIES}/{of_role(tenant, BILLING_ADMINISTRATOR)}/rules/{rule_id}", body)


def failed_rules(refused: tuple[int, str, str]) -> str:
    assert refused[:2] == (400, "RoleAssignmentRequestPolicyValidationFailed")
    return refused[2].removeprefix("The following policy rules failed: ")


def test_an_activation_lasts_no_longer_than_the_role_allows(tenant: Tenant, bob: Person):
    tenant.post(ELIGIBLE, request(bob.id))
    set_rule(tenant, "Expiration_EndUser_Assignment", isExpirationRequired=False, maximumDuration="PT90M")
    for info in (for_a_time("PT91M"), {"expiration": {"type": "noExpiration"}}):
        answer = bob("POST", REQUESTS, {**activation(bob), "scheduleInfo": info})[1]
        assert answer["error"]["message"].endswith('["ExpirationRule"]')
    set_rule(tenant, "Expiration_EndUser_Assignment", isExpirationRequired=True, maximumDuration="PT12H")
    assert bob("POST", REQUESTS, activation(bob, "PT12H"))[0] == 201


def test_a_role_says_for_how_long_administrators_give_it(tenant: Tenant):
    carla = tenant.add_user("carla")
    for level, path in (("Eligibility", ELIGIBLE), ("Assignment", REQUESTS)):
        set_rule(tenant, f"Expiration_Admin_{level}", isExpirationRequired=False, maximumDuration="P1M")
        assert tenant.post(path, request(carla, isValidationOnly=True, scheduleInfo=for_a_time("P31D")))
        set_rule(tenant, f"Expiration_Admin_{level}", isExpirationRequired=True, maximumDuration="P1M")
        for info in (None, for_a_time("P31D")):
            refused = tenant.refused("POST", path, request(carla, scheduleInfo=info))
            assert failed_rules(refused) == '["ExpirationRule"]', level
        tenant.post(path, request(carla, scheduleInfo=for_a_time("P30D")))
        refused = tenant.refused("POST", path, request(carla, "adminExtend", scheduleInfo=for_a_time("P31D")))
        assert failed_rules(refused) == '["ExpirationRule"]', level


def test_what_gives_a_role_is_justified_where_the_role_asks_for_it(tenant: Tenant, bob: Person):
    carla = tenant.add_user("carla")
    for blank in (None, "", " "):
        refused = tenant.refused("POST", REQUESTS, request(carla, justification=blank))
        assert failed_rules(refused) == '["JustificationRule"]'
    tenant.post(ELIGIBLE, request(bob.id, justification=None))
    answer = bob("POST", REQUESTS, activation(bob, justification=None))[1]
    assert answer["error"]["message"].endswith('["JustificationRule"]')
    set_rule(tenant, "Enablement_Admin_Eligibility", enabledRules=["Justification", "Ticketing"])
    bare = request(carla, justification=None)
    assert failed_rules(tenant.refused("POST", ELIGIBLE, bare)) == '["JustificationRule","TicketingRule"]'
    ticket = {"ticketNumber": "CHG-17", "ticketSystem": "Changes"}
    tenant.post(ELIGIBLE, request(carla, ticketInfo=ticket))
    tenant.post(ELIGIBLE, request(bob.id, "adminRemove", justification=None))


def test_an_application_activates_nothing_for_itself(tenant: Tenant):
    own, admins = deployment_principal_id(UNITED_STATES.tenant_id), tenant.add_group("Admins", isAssignableToRole=True)
    tenant.post(ELIGIBLE, request(admins))
    tenant.post(f"/v1.0/groups/{admins}/members/$ref", tenant.reference(own))
    for action in ("selfActivate", "selfDeactivate"):
        body = request(own, action, scheduleInfo=for_a_time("PT1H"))
        assert tenant.refused("POST", REQUESTS, body)[:2] == (403, "Authorization_RequestDenied")


@pytest.mark.parametrize(
    ("requests", "shown"), [(REQUESTS, SCHEDULES), (ELIGIBLE, f"{ROLES}/roleEligibilitySchedules")]
)
def test_what_begins_later_is_cancelled_until_it_begins(store: Store, tenant: Tenant, requests: str, shown: str):
    carla, before = tenant.add_user("carla"), tenant.ids(shown)
    later = request(carla, scheduleInfo=for_a_time("P2D", ahead(days=3)))
    made = tenant.post(requests, later)["id"]
    assert made in tenant.ids(shown)
    assert tenant.graph.request("POST", f"{requests}/{made}/cancel")[0] == 204
    assert tenant.get(f"{requests}/{made}")["status"] == "Canceled"
    assert tenant.ids(shown) == before
    assert tenant.graph.request("POST", f"{requests}/{made}/cancel")[0] == 400, "once"
    made = tenant.post(requests, later)["id"]
    store.ahead = timedelta(days=4)
    assert tenant.graph.request("POST", f"{requests}/{made}/cancel")[0] == 400, "it has begun"
    assert tenant.graph.request("POST", f"{requests}/{NOBODY}/cancel")[0] == 404


def test_a_person_cancels_their_own_activation_alone(tenant: Tenant, bob: Person):
    carla = tenant.add_user("carla")
    tenant.post(ELIGIBLE, request(bob.id))
    of_carla = tenant.post(REQUESTS, request(carla, scheduleInfo={"startDateTime": ahead(days=1)}))["id"]
    own = bob("POST", REQUESTS, {**activation(bob), "scheduleInfo": for_a_time("PT1H", ahead(days=1))})[1]["id"]
    assert bob("POST", f"{REQUESTS}/{of_carla}/cancel", {})[0] == 403
    assert bob("POST", f"{REQUESTS}/{own}/cancel", {})[0] == 204
    assert own not in tenant.ids(SCHEDULES)


@pytest.mark.parametrize("requests", [REQUESTS, ELIGIBLE])
def test_what_has_ended_is_renewed_and_nothing_else(store: Store, tenant: Tenant, requests: str):
    carla = tenant.add_user("carla")
    renewed = request(carla, "adminRenew", scheduleInfo=for_a_time("P5D"))
    assert tenant.refused("POST", requests, renewed)[1] == "RoleAssignmentDoesNotExist"
    tenant.post(requests, request(carla, scheduleInfo=for_a_time("P1D")))
    assert tenant.refused("POST", requests, renewed)[1] == "RoleAssignmentExists"
    other = request(carla, "adminRenew", roleDefinitionId=USER_ADMINISTRATOR, scheduleInfo=for_a_time("P5D"))
    assert tenant.refused("POST", requests, other)[1] == "RoleAssignmentDoesNotExist"
    store.ahead = timedelta(days=2)
    assert tenant.post(requests, renewed)["status"] == "Provisioned"


def test_an_activation_that_takes_approval_waits_and_gives_nothing(tenant: Tenant, bob: Person):
    approval = {"@odata.type": f"{RULE}ApprovalRule", "setting": {"isApprovalRequired": True}}
    policy_id = of_role(tenant, BILLING_ADMINISTRATOR)
    tenant.patch(f"{POLICIES}/{policy_id}/rules/Approval_EndUser_Assignment", approval)
    tenant.post(ELIGIBLE, request(bob.id))
    assert bob("POST", REQUESTS, activation(bob, isValidationOnly=True))[1]["status"] != "PendingApproval"
    status, waiting = bob("POST", REQUESTS, activation(bob))
    assert (status, waiting["status"], waiting["completedDateTime"]) == (201, "PendingApproval", None)
    assert waiting["approvalId"]
    assert not tenant.ids(f"{INSTANCES}?$filter=principalId eq '{bob.id}'")
    refused = bob("POST", REQUESTS, activation(bob))
    assert (refused[0], refused[1]["error"]["code"]) == (400, "PendingRoleAssignmentRequest")
    assert bob("POST", f"{REQUESTS}/{waiting['id']}/cancel", {})[0] == 204
    assert bob("POST", f"{REQUESTS}/{waiting['id']}/cancel", {})[0] == 400, "once"
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    tenant.post(REQUESTS, request(bob.id, scheduleInfo=for_a_time("P1D")))
    assert tenant.ids(f"{INSTANCES}?$filter=principalId eq '{bob.id}'"), "an administrator's request takes none"


def test_nobody_activates_for_somebody_else(tenant: Tenant, bob: Person):
    carla = tenant.add_user("carla")
    tenant.post(ELIGIBLE, request(carla))
    assert tenant.refused("POST", REQUESTS, request(carla, "selfActivate", scheduleInfo=for_a_time("PT1H")))[0] == 403
    assert bob("POST", REQUESTS, request(carla, "selfActivate", scheduleInfo=for_a_time("PT1H")))[0] == 403


def test_a_person_without_the_delegated_permission_activates_nothing(send: InProcess, tenant: Tenant):
    dora = Person(send, tenant, "dora")
    tenant.post(ELIGIBLE, request(dora.id))
    dora.sign_in()
    assert dora("POST", REQUESTS, activation(dora))[0] == 403
    tenant.post("/v1.0/oauth2PermissionGrants", {**dora.grant, "scope": "User.Read RoleManagement.Read.Directory"})
    dora.sign_in()
    assert dora("POST", REQUESTS, activation(dora))[0] == 403
    status, listed = dora("GET", f"{ELIGIBILITIES}/filterByCurrentUser(on='principal')")
    assert (status, [one["principalId"] for one in listed["value"]]) == (200, [dora.id])
    assert dora("GET", INSTANCES)[0] == 501, "the rest of Graph is for applications here"


def test_people_do_not_administer_here(bob: Person):
    assert bob("POST", REQUESTS, request(bob.id))[0] == 501


def test_an_application_is_never_eligible(tenant: Tenant):
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    assert tenant.refused("POST", ELIGIBLE, request(own))[:2] == (400, "InvalidRoleAssignmentRequest")
    tenant.post(REQUESTS, request(own, scheduleInfo=for_a_time("P1D")))


def test_an_end_of_an_eligibility_is_changed_by_an_administrator(store: Store, tenant: Tenant):
    carla = tenant.add_user("carla")
    assert tenant.refused("POST", ELIGIBLE, request(carla, "adminUpdate"))[1] == "RoleAssignmentDoesNotExist"
    tenant.post(ELIGIBLE, request(carla, scheduleInfo=for_a_time("P1D")))
    (instance,) = tenant.get(f"{ELIGIBILITIES}?$expand=principal,roleDefinition")["value"]
    assert instance["id"] == f"{role_assignment_id(BILLING_ADMINISTRATOR, carla)}-e"
    assert (instance["principal"]["id"], instance["memberType"]) == (carla, "Direct")
    assert tenant.get(f"{ELIGIBILITIES}/{instance['id']}")["endDateTime"] == instance["endDateTime"]
    updated = tenant.post(ELIGIBLE, request(carla, "adminUpdate"))
    (instance,) = tenant.get(ELIGIBILITIES)["value"]
    assert (instance["endDateTime"], instance["roleEligibilityScheduleId"]) == (None, updated["id"])
    later = tenant.post(ELIGIBLE, request(carla, "adminUpdate", scheduleInfo=for_a_time("P1D", ahead(days=2))))
    assert tenant.ids(f"{ROLES}/roleEligibilitySchedules") == [later["id"]]
    assert tenant.ids(ELIGIBILITIES) == []


def test_without_the_licence_nothing_is_shown_and_nobody_stays_active_by_being_eligible(
    store: Store, tenant: Tenant, bob: Person
):
    tenant.post(ELIGIBLE, request(bob.id))
    assert bob("POST", REQUESTS, activation(bob))[0] == 201
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, [])
    for path in (REQUESTS, SCHEDULES, INSTANCES, ELIGIBILITIES, f"{INSTANCES}/filterByCurrentUser(on='principal')"):
        assert tenant.refused("GET", path)[1] == "AadPremiumLicenseRequired"
    assert tenant.ids(ASSIGNMENTS) == [role_assignment_id(GLOBAL_ADMINISTRATOR, ADA.object_id)]


def test_a_store_of_an_earlier_release_takes_terms(tmp_path: Any):
    path = tmp_path / "directory.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as earlier:
        for table in ("links", "role_assignments"):
            for column in ("starts", "ends", "request", "eligibility"):
                earlier.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    earlier.close()
    opened = Store(path)
    with opened.creating(UNITED_STATES.tenant_id) as empty:
        assert list(empty.scheduled_assignments()) == []
    opened.close()
