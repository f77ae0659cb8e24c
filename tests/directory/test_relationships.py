"""Relationships with customers: created, locked, approved by the customer, assigned to groups, extended, ended."""

import json
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.declaration import DeclarationError
from tenantry.directory import relationships
from tenantry.directory.app import endpoints
from tenantry.directory.control import DECISIONS
from tenantry.directory.customer_side import DecisionError, decide
from tenantry.directory.dump import dump
from tenantry.directory.errors import GraphError
from tenantry.directory.local import LocalGraph
from tenantry.directory.resources import RELATIONSHIP, Kind
from tenantry.directory.store import Store
from tenantry.role_templates import ROLE_TEMPLATES
from tests.depth import examples, slow

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    NOBODY,
    UNITED_KINGDOM,
    UNITED_STATES,
    InProcess,
    Tenant,
    enrolled,
)
from .samples import USER_ADMINISTRATOR as USERS
from .test_active_roles import Person
from .test_dump_and_seed import put
from .test_faults import SECRET, Faulty
from .test_reference_examples import FILE, differences
from .test_requests import token

EXAMPLES: Final = json.loads(FILE.read_text(encoding="utf-8"))["relationships"]
PATH: Final = "/v1.0/tenantRelationships/delegatedAdminRelationships"
CUSTOMERS: Final = "/v1.0/tenantRelationships/delegatedAdminCustomers"
CUSTOMER: Final = {"tenantId": "0f1e2d3c-0000-4000-8000-00000000cafe", "displayName": "Fabrikam"}
PROVISIONED: Final = timedelta(seconds=31)
DAY: Final = timedelta(days=1)


def details(*roles: str) -> dict[str, Any]:
    return {"unifiedRoles": [{"roleDefinitionId": role} for role in roles]}


def body(**changes: Any) -> dict[str, Any]:
    roles = details(BILLING_ADMINISTRATOR, USERS)
    whole = {"displayName": "Fabrikam 1", "duration": "P730D", "customer": CUSTOMER, "accessDetails": roles, **changes}
    return {name: value for name, value in whole.items() if value is not None}


class Customers:
    """A partner's tenant with the application that stands for it in the tenants of its customers."""

    def __init__(self, store: Store, tenant: Tenant) -> None:
        self.store, self.tenant = store, tenant
        tenant.post("/v1.0/servicePrincipals", {"appId": "2832473f-ec63-45fb-976f-5d45a7d4bb91"})

    def create(self, **changes: Any) -> str:
        return str(self.tenant.post(PATH, body(**changes))["id"])

    def ask(self, relationship: str, action: str) -> Any:
        return self.tenant.post(f"{PATH}/{relationship}/requests", {"action": action})

    def decide(self, relationship: str, action: str = "approve", customer: Any = None) -> None:
        """What the customer does, elsewhere."""
        with self.store.writing(UNITED_STATES.tenant_id) as opened:
            found = opened.get(Kind.RELATIONSHIP, relationship)
            assert found is not None
            relationships.act(opened, found, action, customer)

    def active(self, **changes: Any) -> str:
        made = self.create(**changes)
        self.ask(made, "lockForApproval")
        self.decide(made)
        self.wait(PROVISIONED)
        return made

    def assign(self, relationship: str, group: str, *roles: str) -> str:
        container = {"accessContainerId": group, "accessContainerType": "securityGroup"}
        given = {"accessContainer": container, "accessDetails": details(*roles or (USERS,))}
        return str(self.tenant.post(f"{PATH}/{relationship}/accessAssignments", given)["id"])

    def wait(self, time: timedelta) -> None:
        self.store.ahead += time

    def get(self, path: str) -> Any:
        return self.tenant.get(f"{PATH}/{path}")

    def status(self, path: str) -> str:
        return str(self.get(path)["status"])

    def send(self, method: str, path: str, change: Any = None, etag: str | None = None) -> tuple[int, Any]:
        """Change something as it is now, or as it had the etag that is given."""
        etag = self.get(path)["@odata.etag"] if etag is None else etag
        return self.tenant.graph.request(method, f"{PATH}/{path}", change, {"If-Match": etag} if etag else {})


@pytest.fixture
def customers(store: Store, tenant: Tenant) -> Customers:
    return Customers(store, tenant)


# --- created, and changed as long as it is


def test_a_relationship_is_created_as_it_was_asked_for(customers: Customers):
    made = customers.get(customers.create())
    assert {name: made[name] for name in body()} == body()
    assert (made["status"], made["autoExtendDuration"]) == ("created", "PT0S")
    assert made["activatedDateTime"] is made["endDateTime"] is None
    assert made["createdDateTime"] == made["lastModifiedDateTime"]
    assert customers.get(customers.create(displayName="Open", customer=None))["customer"] is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"displayName": None}, 400),
        ({"displayName": "x" * 51}, 400),
        ({"displayName": "FABRIKAM 1"}, 409),
        ({"duration": None}, 400),
        *(({"duration": wrong}, 400) for wrong in ("P0D", "P731D", "P3Y", "P6M", "PT1H", "-P1D", "730", "", 30)),
        ({"autoExtendDuration": "P90D"}, 400),
        ({"autoExtendDuration": "P180D", "accessDetails": details(GLOBAL_ADMINISTRATOR)}, 400),
        ({"accessDetails": None}, 400),
        ({"accessDetails": details()}, 400),
        ({"accessDetails": details(NOBODY)}, 400),
        ({"accessDetails": details("User Administrator")}, 400),
        ({"accessDetails": {"unifiedRoles": None}}, 400),
        ({"accessDetails": {"unifiedRoles": ["x"]}}, 400),
        ({"accessDetails": {"unifiedRoles": [{"roleDefinitionId": [1]}]}}, 400),
        ({"accessDetails": {"roles": []}}, 400),
        ({"customer": {"tenantId": "fabrikam.example"}}, 400),
        ({"customer": {"displayName": "Fabrikam"}}, 400),
        ({"customer": []}, 400),
        ({"status": "active"}, 400),
    ],
)
def test_a_relationship_that_cannot_be_is_refused(customers: Customers, change: dict[str, Any], status: int):
    known = customers.create()
    assert customers.tenant.refused("POST", PATH, body(**{"displayName": "Other", **change}))[0] == status
    assert customers.tenant.ids(PATH) == [known]


@pytest.mark.parametrize("duration", ["P1D", "P730D", "P1Y", "P2Y"])
def test_a_relationship_lasts_for_as_long_as_it_was_asked_for(customers: Customers, duration: str):
    made = customers.get(customers.active(duration=duration, customer=None))
    days = {"P1D": 1, "P1Y": 365}.get(duration, 730)
    begun, ends = (datetime.fromisoformat(made[name]) for name in ("activatedDateTime", "endDateTime"))
    assert ends - begun == days * DAY


def test_it_is_changed_and_deleted_until_it_is_locked(customers: Customers):
    made = customers.create()
    change = {"displayName": "Renamed", "duration": "P31D", "customer": None, "autoExtendDuration": "P180D"}
    status, answer = customers.send("PATCH", made, change)
    assert (status, {name: answer[name] for name in change}) == (200, change)
    assert customers.send("PATCH", made, {"accessDetails": details(GLOBAL_ADMINISTRATOR)})[0] == 400
    again = customers.create()  # The former name is free again.
    assert customers.send("PATCH", again, {"displayName": "Renamed"})[0] == 409
    assert customers.send("PATCH", again, {"displayName": "Fabrikam 1"})[0] == 200
    customers.ask(made, "lockForApproval")
    assert customers.send("PATCH", made, {"duration": "P30D"})[0] == 400
    assert customers.send("PATCH", made, {"autoExtendDuration": "PT0S"})[0] == 400
    assert customers.send("DELETE", made)[0] == 400
    assert customers.send("DELETE", again)[0] == 204
    assert customers.tenant.ids(PATH) == [made]


def test_a_change_is_for_the_state_that_its_etag_names(customers: Customers):
    made = customers.create()
    before = customers.get(made)["@odata.etag"]
    for etag, status in (("", 400), ('W/"bm8="', 412), (before, 200), (before, 412), ("*", 200)):
        assert customers.send("PATCH", made, {"duration": f"P{len(etag) or 9}D"}, etag)[0] == status
    unchanged = customers.get(made)
    assert customers.send("PATCH", made, {"displayName": "Fabrikam 1"}) == (
        200,
        unchanged,
    ), "what changes nothing keeps the etag"
    seen = [unchanged["@odata.etag"]]
    customers.ask(made, "lockForApproval")
    seen.append(customers.get(made)["@odata.etag"])
    customers.decide(made)
    for _ in range(3):
        seen.append(customers.get(made)["@odata.etag"])
        customers.wait(timedelta(seconds=15))
    assert customers.status(made) == "active"
    assert len({*seen}) == len(seen), "each step of the way is another state"
    assert customers.get(f"{made}?$select=status").keys() == {
        "@odata.context",
        "@odata.etag",
        "@odata.type",
        "status",
    }


# --- approved, active, ended


def test_a_relationship_goes_its_way(customers: Customers):
    made = customers.create(duration="P30D")
    answer = customers.ask(made, "lockForApproval")
    assert (answer["action"], answer["status"]) == ("lockForApproval", "created")
    assert customers.status(made) == "approvalPending"
    customers.decide(made)
    assert customers.status(made) == "approved"
    customers.wait(timedelta(seconds=11))
    assert customers.status(made) == "activating"
    assert customers.status(f"{made}/requests/{answer['id']}") == "succeeded"
    customers.wait(timedelta(seconds=20))
    assert customers.status(made) == "active"
    customers.wait(30 * DAY)
    assert customers.status(made) == "expiring"
    customers.wait(PROVISIONED)
    assert customers.status(made) == "expired"
    assert [one["action"] for one in customers.get(f"{made}/requests")["value"]] == ["lockForApproval", "approve"]


def test_who_ends_it_is_obeyed_in_half_a_minute(customers: Customers):
    by_partner, by_customer = customers.active(), customers.active(displayName="Other")
    customers.ask(by_partner, "terminate")
    customers.decide(by_customer, "terminate")
    for status in ("terminationRequested", "terminating", "terminated"):
        assert {customers.status(by_partner), customers.status(by_customer)} == {status}
        customers.wait(timedelta(seconds=15))
    ended = customers.get(by_partner)
    assert ended["endDateTime"] == ended["lastModifiedDateTime"]


def test_what_nobody_answers_expires_after_ninety_days_and_what_is_declined_ends(customers: Customers):
    unanswered, declined = customers.create(), customers.create(displayName="Declined")
    for made in (unanswered, declined):
        customers.ask(made, "lockForApproval")
    customers.decide(declined, "reject")
    customers.wait(89 * DAY)
    assert (customers.status(unanswered), customers.status(declined)) == ("approvalPending", "terminated")
    customers.wait(2 * DAY)
    assert customers.status(unanswered) == "expired"
    assert customers.tenant.refused("POST", PATH, body())[0] == 409, "its name stays taken"


def test_it_is_extended_by_half_a_year_until_that_is_switched_off(customers: Customers):
    made = customers.active(duration="P1Y", autoExtendDuration="P180D")
    first = datetime.fromisoformat(customers.get(made)["endDateTime"])
    customers.wait(365 * DAY)
    extended = customers.get(made)
    assert (extended["status"], datetime.fromisoformat(extended["endDateTime"])) == ("active", first + 180 * DAY)
    customers.wait(350 * DAY)
    status, answer = customers.send("PATCH", made, {"autoExtendDuration": "P0D"})
    assert (status, datetime.fromisoformat(answer["endDateTime"])) == (200, first + 2 * 180 * DAY)
    customers.wait(11 * DAY)
    assert customers.status(made) == "expired"


@pytest.mark.parametrize(
    ("action", "status"),
    [("terminate", 400), ("approve", 501), ("reject", 501), ("extend", 400), ("", 400), (None, 400), (["x"], 400)],
)
def test_what_cannot_be_asked_for_is_refused(customers: Customers, action: Any, status: int):
    made = customers.create()
    assert customers.tenant.refused("POST", f"{PATH}/{made}/requests", {"action": action})[0] == status
    assert customers.status(made) == "created"
    customers.ask(made, "lockForApproval")
    assert customers.tenant.refused("POST", f"{PATH}/{made}/requests", {"action": "lockForApproval"})[0] == 400


def test_global_administrator_alone_is_removed_while_it_is_active(customers: Customers):
    had = details(GLOBAL_ADMINISTRATOR, USERS)
    made = customers.active(accessDetails=had)
    assert customers.send("PATCH", made, {"autoExtendDuration": "P180D"})[0] == 400
    for other in (details(GLOBAL_ADMINISTRATOR), details(USERS, BILLING_ADMINISTRATOR)):
        assert customers.send("PATCH", made, {"accessDetails": other})[0] == 400
    assert customers.send("PATCH", made, {"accessDetails": had})[0] == 200
    assert customers.send("PATCH", made, {"accessDetails": details(USERS), "autoExtendDuration": "P180D"}) == (202, {})
    (operation,) = customers.get(f"{made}/operations")["value"]
    assert (operation["operationType"], operation["status"]) == ("delegatedAdminRelationshipUpdate", "notStarted")
    assert customers.get(made)["accessDetails"] == details(USERS)
    assert customers.send("PATCH", made, {"duration": "P1D"})[0] == 400


# --- assigned to groups


def test_a_group_is_given_roles_of_an_active_relationship(customers: Customers):
    made, group = customers.active(), customers.tenant.add_group("FabrikamUsers")
    assigned = f"{made}/accessAssignments/{customers.assign(made, group)}"
    assert customers.status(assigned) == "pending"
    customers.wait(PROVISIONED)
    assert customers.status(assigned) == "active"
    assert customers.get(assigned)["accessContainer"] == {
        "accessContainerId": group,
        "accessContainerType": "securityGroup",
    }
    assert customers.send("PATCH", assigned, {"accessDetails": details(USERS)})[0] == 200, "it has these already"
    assert customers.get(f"{made}/operations")["value"] == []
    assert customers.send("PATCH", assigned, {"accessDetails": details(BILLING_ADMINISTRATOR)}) == (202, {})
    (operation,) = customers.tenant.ids(f"{PATH}/{made}/operations")
    for status in ("notStarted", "running", "succeeded"):
        assert customers.status(f"{made}/operations/{operation}") == status
        customers.wait(timedelta(seconds=15))
    changed = customers.get(assigned)
    assert (changed["status"], changed["accessDetails"]) == ("active", details(BILLING_ADMINISTRATOR))
    assert customers.send("DELETE", assigned)[0] == 204
    assert customers.status(assigned) == "deleting"
    assert customers.send("DELETE", assigned)[0] == 409
    customers.wait(PROVISIONED)
    assert customers.status(assigned) == "deleted"
    customers.assign(made, group)  # The group is free again.


def test_an_assignment_that_cannot_be_is_refused(customers: Customers):
    made, group = customers.active(), customers.tenant.add_group("FabrikamUsers")
    mailing = customers.tenant.add_group("Team", groupTypes=["Unified"], mailEnabled=True, securityEnabled=False)
    container = {"accessContainerId": group, "accessContainerType": "securityGroup"}
    right = {"accessContainer": container, "accessDetails": details(USERS)}
    wrongs: tuple[dict[str, Any], ...] = (
        {"accessContainer": {**container, "accessContainerId": mailing}},
        {"accessContainer": {**container, "accessContainerId": ADA.object_id}},
        {"accessContainer": {**container, "accessContainerId": NOBODY}},
        {"accessContainer": {**container, "accessContainerId": None}},
        {"accessContainer": {**container, "accessContainerType": "user"}},
        {"accessContainer": {"accessContainerId": group}},
        {"accessContainer": {}},
        {"accessContainer": None},
        {"accessDetails": details(GLOBAL_ADMINISTRATOR)},
        {"accessDetails": details()},
        {"status": "active"},
    )
    for wrong in wrongs:
        refused = customers.tenant.refused("POST", f"{PATH}/{made}/accessAssignments", {**right, **wrong})
        assert refused[0] == 400, wrong
    pending = customers.create(displayName="Pending")
    assert customers.tenant.refused("POST", f"{PATH}/{pending}/accessAssignments", right)[0] == 400
    assigned = customers.assign(made, group)
    assert customers.tenant.refused("POST", f"{PATH}/{made}/accessAssignments", right)[0] == 409
    for change, etag, status in (
        ({"accessDetails": details(GLOBAL_ADMINISTRATOR)}, None, 400),
        ({"accessContainer": container}, None, 400),
        ({}, None, 400),
        ({"accessDetails": details(USERS)}, "", 400),
        ({"accessDetails": details(USERS)}, "W/nothing", 412),
    ):
        assert customers.send("PATCH", f"{made}/accessAssignments/{assigned}", change, etag)[0] == status
    assert customers.tenant.refused("GET", f"{PATH}/{pending}/accessAssignments/{assigned}")[0] == 404


# --- listed


def test_relationships_are_filtered_and_come_in_pages(customers: Customers):
    made = [customers.create(displayName=f"Customer {number}") for number in range(3)]
    customers.ask(made[1], "lockForApproval")
    customers.decide(made[1])
    customers.wait(PROVISIONED)
    assert customers.tenant.ids(f"{PATH}?$filter=status eq 'active'") == [made[1]]
    assert customers.tenant.ids(f"{PATH}?$filter=displayName eq 'Customer 2'") == [made[2]]
    assert customers.tenant.pages(f"{PATH}?$top=2") == [made[:2], made[2:]]
    assert customers.tenant.get(f"{PATH}?$top=300&$count=true")["@odata.count"] == 3
    assert customers.tenant.refused("GET", f"{PATH}?$top=301")[0] == 400
    assert customers.tenant.refused("GET", f"{PATH}?$filter=customer/tenantId eq 'x'")[0] == 501


def test_a_customer_is_one_of_an_active_relationship(customers: Customers):
    first, second = customers.active(), customers.active(displayName="Fabrikam 2")
    other = {"tenantId": NOBODY, "displayName": "Northwind"}
    third = customers.create(displayName="Northwind", customer=None)
    customers.ask(third, "lockForApproval")
    assert customers.tenant.ids(CUSTOMERS) == [CUSTOMER["tenantId"]]
    customers.decide(third, customer=other)
    customers.wait(PROVISIONED)
    assert customers.tenant.pages(f"{CUSTOMERS}?$top=1") == [[CUSTOMER["tenantId"]], [NOBODY]]
    shown = customers.tenant.get(f"{CUSTOMERS}/{NOBODY}")
    assert {name: shown[name] for name in ("id", "tenantId", "displayName")} == {"id": NOBODY, **other}
    for ended in (first, second):
        customers.ask(ended, "terminate")
    assert customers.tenant.ids(CUSTOMERS) == [NOBODY]
    assert customers.tenant.refused("GET", f"{CUSTOMERS}/{CUSTOMER['tenantId']}")[0] == 404
    assert customers.tenant.refused("GET", f"{CUSTOMERS}/{NOBODY}/serviceManagementDetails")[0] == 501


def test_an_answer_says_where_to_look(customers: Customers, store: Store, send: InProcess):
    made, group = customers.active(), customers.tenant.add_group("FabrikamUsers")
    assigned = customers.assign(made, group)
    bearer = token(store)
    created = send("POST", PATH, json=body(displayName="Second"), headers=bearer)
    assert send("GET", created.headers["Location"], headers=bearer).json()["displayName"] == "Second"
    path = f"{PATH}/{made}/accessAssignments/{assigned}"
    headers = {**bearer, "If-Match": send("GET", path, headers=bearer).json()["@odata.etag"]}
    begun = send("PATCH", path, json={"accessDetails": details(BILLING_ADMINISTRATOR)}, headers=headers)
    assert (begun.status_code, begun.headers["Retry-After"]) == (202, "10")
    assert send("GET", begun.headers["Location"], headers=bearer).json()["status"] == "notStarted"


# --- the customer's side, and what is put there


def test_the_customer_decides_through_the_controls(store: Store, customers: Customers):
    made, again = customers.create(customer=None), customers.create(displayName="Declined")
    for relationship in (made, again):
        customers.ask(relationship, "lockForApproval")
    faulty = Faulty(store)

    def decide(**decision: Any) -> tuple[int, str]:
        answer = faulty("POST", DECISIONS, json=decision, headers={"Authorization": f"Bearer {SECRET}"})
        return answer.status_code, answer.text

    named = {"decision": "approve", "relationship": "FABRIKAM 1"}
    assert decide(**named, customer_tenant=NOBODY)[0] == 200
    assert customers.get(made)["customer"] == {"displayName": "Fabrikam 1", "tenantId": NOBODY}
    assert decide(decision="approve", relationship=again, customer_tenant=NOBODY)[0] == 400, "it is another customer's"
    assert decide(decision="reject", relationship=again)[0] == 200
    customers.wait(PROVISIONED)
    assert (customers.status(made), customers.status(again)) == ("active", "terminated")
    assert decide(decision="terminate", relationship=made)[0] == 200
    for wrong in ({}, {**named, "decision": "lockForApproval"}, {**named, "customer_tenant": "x"}, named):
        status, text = decide(**wrong)
        assert (status, "ControlRefused" in text) == (400, True)
    assert faulty("POST", DECISIONS, json=named).status_code == 401
    faulty.close()


def test_a_name_that_two_partners_use_is_no_name(store: Store, customers: Customers):
    customers.create()
    with store.writing(UNITED_KINGDOM.tenant_id) as there:
        relationships.create(there, RELATIONSHIP.accept(body(), creating=True))
    with pytest.raises(DecisionError, match="2 relationships are called 'Fabrikam 1'; give its id instead"):
        decide(store, "Fabrikam 1", "approve")


SEED: Final = """
groups: {Helpdesk: {}, Team: {unified: true}}
relationships:
  Fabrikam:
    customer: {tenantId: 0f1e2d3c-0000-4000-8000-00000000cafe, displayName: Fabrikam}
    autoExtendDuration: P180D
    created: 2025-03-01
    endsInDays: 60
    roles: [Helpdesk Administrator, Global Reader]
    assignments: {Helpdesk: [Helpdesk Administrator]}
  Ended: {status: terminated, duration: P30D, roles: [Global Reader]}
  Waiting: {status: approvalPending, roles: [Global Reader]}
"""


def test_a_seed_has_relationships_as_they_grew(store: Store, tenant: Tenant, tmp_path: Path):
    put(store, tmp_path, SEED)
    shown = {one["displayName"]: one for one in tenant.get(PATH)["value"]}
    assert {name: one["status"] for name, one in shown.items()} == {
        "Fabrikam": "active",
        "Ended": "terminated",
        "Waiting": "approvalPending",
    }
    begun, ends = (datetime.fromisoformat(shown["Fabrikam"][name]) for name in ("activatedDateTime", "endDateTime"))
    assert ends - begun == 730 * DAY
    assert shown["Fabrikam"]["createdDateTime"] == "2025-03-01T00:00:00Z"
    (assigned,) = tenant.get(f"{PATH}/{shown['Fabrikam']['id']}/accessAssignments")["value"]
    assert assigned["status"] == "active"
    store.ahead = 61 * DAY
    assert tenant.get(f"{PATH}/{shown['Fabrikam']['id']}")["status"] == "active", "it extends itself"
    with store.reading(UNITED_STATES.tenant_id) as opened:
        dumped: Any = dump(opened)
    fabrikam = dumped["tenantRelationships/delegatedAdminRelationships"][1]
    assert (fabrikam["displayName"], fabrikam["accessAssignments"]) == ("Fabrikam", ["Helpdesk"])
    assert "etag" not in str(dumped)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{roles: [Emperor]}", r"roles\[0\]: found 'Emperor'"),
        ("{roles: []}", "Invalid value specified for property 'accessDetails'"),
        ("{roles: [Global Administrator], autoExtendDuration: P180D}", "cannot be extended automatically"),
        ("{roles: [Global Reader], duration: P3Y}", "Invalid value specified for property 'duration'"),
        ("{roles: [Global Reader], duration: P9D, endsInDays: 10}", "ends later than its duration allows"),
        ("{roles: [Global Reader], assignments: {Nobody: [Global Reader]}}", "no group of the tenant"),
        ("{roles: [Global Reader], assignments: {AdminAgents: [User Administrator]}}", "must be among those"),
        ("{roles: [Global Reader], assignments: {Team: [Global Reader]}}", "must be a security group"),
    ],
)
def test_a_relationship_that_cannot_be_is_refused_in_a_seed(store: Store, tmp_path: Path, text: str, said: str):
    with pytest.raises(DeclarationError, match=said):
        put(store, tmp_path, f"groups: {{Team: {{unified: true}}}}\nrelationships: {{Wrong: {text}}}")


# --- who may


def test_an_application_needs_the_one_that_stands_for_the_partner(store: Store, tenant: Tenant):
    for endpoint in endpoints():
        if endpoint.path.startswith("/tenantRelationships"):
            path = f"/v1.0{endpoint.path}".replace("{", "").replace("}", "")
            assert tenant.refused(endpoint.method, path, {})[0] == 403, endpoint.path
    Customers(store, tenant)
    assert tenant.ids(PATH) == []


def test_a_person_must_be_an_admin_agent(customers: Customers, send: InProcess):
    tenant = customers.tenant
    bob = Person(send, tenant, "bob")
    tenant.post("/v1.0/oauth2PermissionGrants", {**bob.grant, "scope": "DelegatedAdminRelationship.ReadWrite.All"})
    look_alike = tenant.add_group("AdminAgents")
    for group, status in ((look_alike, 403), (tenant.group("AdminAgents"), 201)):
        tenant.post(f"/v1.0/groups/{group}/members/$ref", tenant.reference(bob.id))
        bob.sign_in()
        assert bob("POST", PATH, body())[0] == status
    assert bob("GET", PATH)[0] == 200


def test_the_audit_trail_names_what_was_changed(customers: Customers):
    made = customers.create()
    customers.send("PATCH", made, {"duration": "P9D"})
    entries = customers.tenant.get("/v1.0/auditLogs/directoryAudits?$top=2")["value"]
    assert [one["activityDisplayName"] for one in entries] == [
        "Update delegated admin relationship",
        "Create delegated admin relationship",
    ]
    for entry in entries:
        assert [target["id"] for target in entry["targetResources"]][:1] == [made]
    (changed,) = entries[0]["targetResources"][0]["modifiedProperties"]
    assert changed["displayName"] == "duration"


# --- as the reference has it, and whatever is asked in whatever order


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["page"])
def test_the_examples_of_the_reference_are_answered(customers: Customers, example: dict[str, Any]):
    roles = sorted(role for role in ROLE_TEMPLATES if any(role in json.dumps(one.get("body")) for one in EXAMPLES))
    active = customers.active(accessDetails=details(*roles))
    named = {
        "active": active,
        "assignment": customers.assign(active, customers.tenant.add_group("Assigned"), *roles),
        "created": customers.create(displayName="Created"),
        "customer": CUSTOMER["tenantId"],
        "group": customers.tenant.add_group("Ops"),
        "request": customers.tenant.ids(f"{PATH}/{active}/requests")[0],
    }
    customers.send("PATCH", f"{active}/accessAssignments/{named['assignment']}", {"accessDetails": details(roles[0])})
    (named["operation"],) = customers.tenant.ids(f"{PATH}/{active}/operations")
    asked = json.dumps([example["path"], example.get("body")])
    for name, value in named.items():
        asked = asked.replace(f"{{{name}}}", value)
    path, sent = json.loads(asked)
    status, answer = customers.tenant.graph.request(example["method"], f"/v1.0{path}", sent, {"If-Match": "*"})
    assert (status, set(differences(example["answer"], answer))) == (example["status"], set()), answer


EDGES: Final = {
    "created": {"approvalPending"},
    "approvalPending": {"approved", "expired", "terminationRequested"},
    "approved": {"activating"},
    "activating": {"active"},
    "active": {"expiring", "terminationRequested"},
    "expiring": {"expired"},
    "terminationRequested": {"terminating"},
    "terminating": {"terminated"},
}
"""From each status of the reference to the next ones."""
ASKED: Final = st.one_of(
    st.sampled_from(["lockForApproval", "terminate", "approve", "reject", "DELETE"]),
    st.sampled_from(["P180D", "PT0S"]).map(lambda value: {"autoExtendDuration": value}),
    st.sampled_from(["P1D", "P2Y", "P9Y"]).map(lambda value: {"duration": value}),
    st.sampled_from([timedelta(seconds=7), timedelta(seconds=31), DAY, 91 * DAY, 400 * DAY]),
)


def reached(status: str) -> set[str]:
    """The statuses that can follow one, with no or with several steps."""
    return {status}.union(*(reached(following) for following in EDGES.get(status, ())))


@examples(20)
@given(asked=st.lists(ASKED, min_size=4, max_size=12))
def test_a_relationship_goes_no_way_that_the_reference_does_not_have(asked: list[Any]):
    with closing(enrolled()) as store, LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        customers = Customers(store, Tenant(graph, UNITED_STATES))
        made = customers.create(duration="P30D")
        before = customers.get(made)
        for one in asked:
            if isinstance(one, timedelta):
                customers.wait(one)
            elif one in ("approve", "reject"):
                with suppress(GraphError):
                    customers.decide(made, one)
            else:
                method = "PATCH" if isinstance(one, dict) else "DELETE" if one == "DELETE" else "POST"
                path = f"{made}/requests" if method == "POST" else made
                change = {"action": one} if method == "POST" else one if isinstance(one, dict) else None
                status, _ = customers.send(method, path, change, etag="*")
                assert status in (200, 201, 204, 400)
                if status == 204:
                    assert before["status"] == "created"
                    return
            now = customers.get(made)
            assert now["status"] in reached(before["status"])
            assert (now["@odata.etag"] == before["@odata.etag"]) is (now == before)
            if now["status"] == "active":
                begun, ends = (datetime.fromisoformat(now[name]) for name in ("activatedDateTime", "endDateTime"))
                lasts = {"P30D": 30, "P1D": 1, "P2Y": 730}[now["duration"]]
                assert (ends - begun - lasts * DAY) % (180 * DAY) == timedelta()
                assert ends > begun
            before = now


HOSTILE: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from([USERS, "securityGroup", "P1D"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["unifiedRoles", "roleDefinitionId", "accessContainerId", "accessContainerType", "tenantId"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def test_whatever_is_sent_is_answered_or_refused(customers: Customers):
    made = customers.active()
    assigned = f"{made}/accessAssignments/{customers.assign(made, customers.tenant.add_group('Ops'))}"
    open_ = customers.create(displayName="Open")

    @slow
    @given(
        body=st.dictionaries(
            st.sampled_from(
                ["accessDetails", "accessContainer", "customer", "displayName", "duration", "action", "id"]
            ),
            HOSTILE,
            max_size=4,
        )
    )
    def check(body: dict[str, Any]) -> None:
        for method, path in (
            ("POST", ""),
            ("PATCH", f"/{made}"),
            ("PATCH", f"/{open_}"),
            ("POST", f"/{made}/requests"),
            ("POST", f"/{made}/accessAssignments"),
            ("PATCH", f"/{assigned}"),
        ):
            status, _ = customers.tenant.graph.request(method, f"{PATH}{path}", body, {"If-Match": "*"})
            assert status < 500 or status == 501, (method, path)

    check()
