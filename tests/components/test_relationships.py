"""A relationship's whole life as the plugin leads it, on the embedded directory: nothing twice, nothing blindly."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from httpx_retries import Retry

from components.relationships.graph import Relationships, WriteError
from components.relationships.lifecycle import Found, Wanted, adoption_refusal, steps
from components.relationships.resource import UNKNOWN, Refused, RelationshipResource, Result
from tenantry.directory import relationships
from tenantry.directory.app import create_app
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.relationship_states import changed
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store
from tenantry.directory.tenant import Relation
from tenantry.graph.transport import RETRY_OF_WRITES
from tenantry.role_templates import GLOBAL_ADMINISTRATOR
from tests.directory.samples import BILLING_ADMINISTRATOR as BILLING
from tests.directory.samples import CLIENT_SECRET, UNITED_KINGDOM, UNITED_STATES, Tenant, enrolled, group_body
from tests.directory.samples import USER_ADMINISTRATOR as USERS
from tests.graph.in_process import CLOUD, Door, signed_in

PATH = "/v1.0/tenantRelationships/delegatedAdminRelationships"
FABRIKAM = "0f1e2d3c-0000-4000-8000-00000000cafe"


class Network(httpx.BaseTransport):
    """Between the plugin and the directory: what passes is noted, and what a test wants to happen happens."""

    def __init__(self, door: httpx.BaseTransport) -> None:
        self._door = door
        self.writes: list[str] = []
        self.reads = 0
        self.before: list[Callable[[httpx.Request], httpx.Response | None]] = []
        """Each is asked once about a write before it is passed on; what it answers is answered instead."""
        self.lost: list[str] = []
        """Methods of which the next request is done and its answer lost."""
        self.shown: Callable[[str], str] = str
        """What a reader is shown of the directory's answer."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.reads += 1
            answer = self._door.handle_request(request)
            answer.read()
            return httpx.Response(answer.status_code, headers=answer.headers, text=self.shown(answer.text))
        if self.before and (instead := self.before.pop(0)(request)) is not None:
            return instead
        answer = self._door.handle_request(request)
        self.writes.append(request.method)
        if request.method in self.lost:
            self.lost.remove(request.method)
            raise httpx.ReadError("the connection is gone")
        return answer


@dataclass
class World:
    """A partner's tenant, the plugin's resource in it, and what others do there."""

    store: Store
    tenant: Tenant
    network: Network
    resource: RelationshipResource
    waits: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None
    """What happens at Microsoft while the plugin waits, instead of time going by."""

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.meanwhile:
            self.meanwhile()
        else:
            self.store.ahead += timedelta(seconds=seconds)

    def group(self, name: str) -> str:
        return str(self.tenant.post("/v1.0/groups", group_body(name))["id"])

    def customer(self, relationship: str, action: str = "approve") -> None:
        """What the customer does, elsewhere, and the half minute that Microsoft takes."""
        with self.store.writing(UNITED_STATES.tenant_id) as opened:
            found = opened.get(Kind.RELATIONSHIP, relationship)
            assert found is not None
            relationships.act(opened, found, action)
        self.store.ahead += timedelta(seconds=31)

    def fail(self, relationship: str) -> None:
        """What Microsoft does where it cannot provide what groups were assigned."""
        with self.store.writing(UNITED_STATES.tenant_id) as opened:
            for one in list(opened.targets(relationship, Relation.ACCESS_ASSIGNMENT)):
                opened.update(one, changed(one.document, {"status": "error"}))

    def assigned(self, relationship: str) -> dict[str, set[str]]:
        listed = self.tenant.get(f"{PATH}/{relationship}/accessAssignments")["value"]
        return {
            one["accessContainer"]["accessContainerId"]: {
                role["roleDefinitionId"] for role in one["accessDetails"]["unifiedRoles"]
            }
            for one in listed
            if one["status"] in ("pending", "active")
        }

    def status(self, relationship: str) -> str:
        return str(self.tenant.get(f"{PATH}/{relationship}")["status"])

    def active(self, inputs: dict[str, Any]) -> Result:
        """A relationship with its groups assigned."""
        made = self.resource.create(inputs)
        self.customer(made.id)
        result = self.resource.update(made.id, inputs)
        self.store.ahead += timedelta(seconds=31)
        self.network.writes.clear()
        return result

    def found(self, relationship: str) -> Found:
        read = self.resource._connect().get(relationship)
        assert read is not None
        return read

    def refreshed(self, one: Result) -> Result:
        read = self.resource.read(one.id, one.inputs)
        assert read is not None
        return read


@pytest.fixture
def world() -> Iterator[World]:
    store = enrolled()
    network = Network(Door(create_app(store), {}))
    identity = signed_in(store, UNITED_STATES.tenant_id)
    at_once = RETRY_OF_WRITES.copy_with(max_backoff_wait=0.01)
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        tenant = Tenant(graph, UNITED_STATES)
        tenant.post("/v1.0/servicePrincipals", {"appId": "2832473f-ec63-45fb-976f-5d45a7d4bb91"})
        resource = RelationshipResource(
            lambda: Relationships(CLOUD, identity, {}, transport=network, retries=(Retry(total=0), at_once)),
            sleep=lambda seconds: made.sleep(seconds),
        )
        made = World(store, tenant, network, resource)
        yield made
    store.close()


def inputs(groups: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "partnerTenantId": UNITED_STATES.tenant_id,
        "displayName": "Fabrikam everyday",
        "duration": "P730D",
        "autoExtendDuration": "PT0S",
        "roleDefinitionIds": sorted([BILLING, USERS]),
        "customerTenantId": FABRIKAM,
        "customerName": "Fabrikam",
        "assignments": {key: {"group": group, "roles": [USERS]} for key, group in (groups or {}).items()},
        "terminate": False,
        **changes,
    }


# --- made


def test_it_is_sent_to_the_customer_and_waits(world: World) -> None:
    made = world.resource.create(inputs({"desk": world.group("Desk")}))
    assert world.status(made.id) == made.outputs["status"] == "approvalPending"
    assert made.outputs["approvalLink"].endswith(f"/granularAdminRelationships/{made.id}")
    assert made.outputs["approvalLink"] in made.outputs["note"]
    assert (made.outputs["assignments"], made.outputs["waiting"]) == ({}, ["desk"])
    again = world.refreshed(made)
    assert again == made
    assert world.resource.diff(again.outputs, made.inputs, made.inputs) == ()


def test_its_groups_are_assigned_by_the_first_update_after_the_approval(world: World) -> None:
    group = world.group("Desk")
    made = world.resource.create(inputs({"desk": group}))
    world.customer(made.id)
    refreshed = world.refreshed(made)
    assert world.resource.diff(refreshed.outputs, made.inputs, made.inputs) == ("assignments",)
    updated = world.resource.update(made.id, made.inputs)
    assert world.assigned(made.id) == {group: {USERS}}
    assert (updated.outputs["status"], updated.outputs["waiting"], updated.outputs["note"]) == ("active", [], "")
    assert world.resource.diff(updated.outputs, made.inputs, made.inputs) == ()


def test_all_its_groups_are_assigned_before_they_are_read_again_and_one_that_was_overtaken_is_asked_for_anew(
    world: World,
) -> None:
    groups = {name.lower(): world.group(name) for name in ("Desk", "Mail", "Night")}
    made = world.resource.create(inputs(groups))
    world.customer(made.id)
    world.network.writes.clear()
    world.network.before = [lambda _: None, lambda _: httpx.Response(412, json={"error": {"code": "conflict"}})]
    world.network.reads = 0
    world.resource.update(made.id, made.inputs)
    assert world.assigned(made.id) == {group: {USERS} for group in groups.values()}
    # Both of the relationship and of its assignments: before, after what was overtaken, and at the end.
    assert (world.network.writes, world.network.reads) == (["POST"] * 3, 2 * 3)


def test_an_update_while_microsoft_prepares_the_access_waits_for_it(world: World) -> None:
    group = world.group("Desk")
    made = world.resource.create(inputs({"desk": group}))
    world.customer(made.id)
    world.store.ahead -= timedelta(seconds=29)
    refreshed = world.refreshed(made)
    assert refreshed.outputs["status"] == "approved"
    assert "prepares the access" in refreshed.outputs["note"]
    world.resource.update(made.id, made.inputs)
    assert world.assigned(made.id) == {group: {USERS}}


def test_what_a_killed_update_made_is_taken_over(world: World) -> None:
    """Killed before it was sent to the customer, and the engine knows nothing of it."""

    def killed(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    world.network.before = [lambda _: None, killed]
    with pytest.raises(KeyboardInterrupt):
        world.resource.create(inputs())
    (made,) = world.tenant.ids(PATH)
    assert world.status(made) == "created"
    taken_over = world.resource.create(inputs())
    assert taken_over == world.resource.create(inputs())
    assert (taken_over.id, taken_over.outputs["status"]) == (made, "approvalPending")
    assert world.tenant.ids(PATH) == [made]


def test_what_was_made_although_the_answer_was_lost_is_not_made_again(world: World) -> None:
    world.network.lost = ["POST"]
    made = world.resource.create(inputs())
    assert world.tenant.ids(PATH) == [made.id]


def test_a_lost_answer_to_an_assignment_is_looked_at_first(world: World) -> None:
    group = world.group("Desk")
    made = world.resource.create(inputs({"desk": group}))
    world.customer(made.id)
    world.network.writes.clear()
    world.network.lost = ["POST"]
    world.resource.update(made.id, made.inputs)
    assert world.network.writes == ["POST"]
    assert world.assigned(made.id) == {group: {USERS}}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"duration": "P365D"}, "it lasts P730D, not P365D"),
        ({"customerTenantId": UNITED_KINGDOM.tenant_id}, f"its customer is the tenant {FABRIKAM}"),
        ({"roleDefinitionIds": [USERS]}, "its roles are Billing Administrator, User Administrator"),
    ],
)
def test_another_relationship_of_the_name_is_refused(world: World, change: dict[str, Any], said: str) -> None:
    other = world.resource.create(inputs())
    world.network.writes.clear()
    with pytest.raises(Refused) as refused:
        world.resource.create(inputs(**change))
    assert said in str(refused.value)
    assert other.id in str(refused.value)
    assert "another `display_name`" in str(refused.value)
    assert world.network.writes == []


def test_one_that_somebody_else_makes_meanwhile_is_refused(world: World) -> None:
    """Microsoft refuses the second one of a name (409), which is no proof that the first one is ours."""

    def overtaken(_: httpx.Request) -> None:
        theirs = {
            "displayName": "Fabrikam everyday",
            "duration": "P30D",
            "customer": {"tenantId": FABRIKAM, "displayName": "Fabrikam"},
            "accessDetails": {"unifiedRoles": [{"roleDefinitionId": USERS}]},
        }
        world.tenant.post(PATH, theirs)

    world.network.before = [overtaken]
    with pytest.raises(Refused, match="it lasts P30D, not P730D"):
        world.resource.create(inputs())
    (theirs,) = world.tenant.ids(PATH)
    assert world.status(theirs) == "created"


def test_one_whose_groups_differ_is_adopted_by_name_alone(world: World) -> None:
    other = world.active(inputs({"desk": world.group("Desk")}))
    with pytest.raises(Refused, match=f"`adopted: {other.id}`"):
        world.resource.create(inputs({"mail": world.group("Mail")}))


def test_groups_are_not_added_by_name_alone_to_what_others_use(world: World) -> None:
    desk, mail = world.group("Desk"), world.group("Mail")
    other = world.active(inputs({"desk": desk}))
    with pytest.raises(Refused, match=f"`adopted: {other.id}`"):
        world.resource.create(inputs({"desk": desk, "mail": mail}))
    assert world.network.writes == []


@pytest.mark.parametrize("status", ["approvalPending", "approved", "active"])
def test_nothing_is_terminated_by_name_alone(world: World, status: str) -> None:
    other = world.resource.create(inputs())
    if status != "approvalPending":
        world.customer(other.id)
        world.store.ahead -= timedelta(seconds=29 if status == "approved" else 0)
    world.network.writes.clear()
    with pytest.raises(Refused, match=f"`adopted: {other.id}`"):
        world.resource.create(inputs(terminate=True))
    assert (world.network.writes, world.status(other.id)) == ([], status)


def test_one_that_was_approved_since_its_update_was_interrupted_is_given_its_groups(world: World) -> None:
    group = world.group("Desk")
    made = world.resource.create(inputs({"desk": group}))
    world.customer(made.id)
    assert world.resource.create(made.inputs).id == made.id
    assert world.assigned(made.id) == {group: {USERS}}


def test_an_ended_one_does_not_free_its_name(world: World) -> None:
    other = world.active(inputs())
    world.resource.update(other.id, inputs(terminate=True))
    world.store.ahead += timedelta(days=1)
    with pytest.raises(Refused, match="terminated, and its name is not free again"):
        world.resource.create(inputs())


@pytest.mark.parametrize("moment", ['"other": 0', r'"\1DateTime": ""'])
def test_a_missing_date_and_customer_read_as_not_known_yet(world: World, moment: str) -> None:
    """As in Microsoft's own examples. What groups hold does not hang on them."""
    made = world.active(inputs({"desk": world.group("Desk")}))

    def shown(text: str) -> str:
        return re.sub(r'"(activated|end)DateTime": ?"[^"]*"', moment, text.replace('"customer"', '"other"'))

    world.network.shown = shown
    read = world.refreshed(made)
    assert (read.outputs["activatedOn"], read.outputs["endsOn"], read.outputs["customerTenantId"]) == ("", "", "")
    assert read.outputs["assignments"] == made.outputs["assignments"] != {}


# --- changed


def test_what_is_given_comes_before_what_is_taken(world: World) -> None:
    desk, mail = world.group("Desk"), world.group("Mail")
    made = world.active(inputs({"desk": desk}))
    changed = inputs({"mail": mail}, autoExtendDuration="P180D")
    assert world.resource.diff(made.outputs, made.inputs, changed) == ("assignments", "autoExtendDuration")
    world.resource.update(made.id, changed)
    assert world.network.writes == ["POST", "DELETE", "PATCH"]
    assert world.assigned(made.id) == {mail: {USERS}}
    assert world.tenant.get(f"{PATH}/{made.id}")["autoExtendDuration"] == "P180D"


def test_nothing_is_taken_until_what_was_given_is_provided(world: World) -> None:
    made = world.active(inputs({"desk": world.group("Desk")}))
    changed = inputs({"mail": world.group("Mail")})
    shown: list[str] = []

    def withdrawn(_: httpx.Request) -> None:
        listed = world.tenant.get(f"{PATH}/{made.id}/accessAssignments")["value"]
        shown.extend(one["status"] for one in listed)

    world.network.before = [lambda _: None, withdrawn]
    world.resource.update(made.id, changed)
    assert world.network.writes == ["POST", "DELETE"]
    assert shown == ["active", "active"]


def test_nothing_is_taken_while_what_was_given_failed(world: World) -> None:
    made = world.active(inputs({"desk": world.group("Desk")}))
    changed = inputs({"mail": world.group("Mail")})
    world.meanwhile = lambda: world.fail(made.id)
    with pytest.raises(WriteError, match="could not give their roles to mail"):
        world.resource.update(made.id, changed)
    assert world.network.writes == ["POST", "PATCH"]


def test_what_microsoft_does_not_provide_in_time_is_left_to_the_next_update(world: World) -> None:
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))
    changed = inputs({"mail": world.group("Mail")})
    world.meanwhile = lambda: None
    updated = world.resource.update(made.id, changed)
    assert world.network.writes == ["POST"]
    assert set(updated.outputs["assignments"]) == {desk, "mail"}
    assert world.resource.diff(updated.outputs, changed, changed) == ("assignments",)


def test_other_roles_of_a_group_are_one_change(world: World) -> None:
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))
    changed = inputs(assignments={"desk": {"group": desk, "roles": [BILLING, USERS]}})
    world.resource.update(made.id, changed)
    assert world.network.writes == ["PATCH"]
    assert world.assigned(made.id) == {desk: {BILLING, USERS}}


def test_a_group_that_was_just_taken_out_is_given_its_roles_again(world: World) -> None:
    """Until Microsoft has removed the old assignment it refuses another one."""
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))
    world.resource.update(made.id, inputs())
    world.resource.update(made.id, inputs({"desk": desk}))
    assert world.assigned(made.id) == {desk: {USERS}}
    assert world.waits


def test_what_somebody_changed_by_hand_shows_and_is_put_right(world: World) -> None:
    desk, mallory = world.group("Desk"), world.group("Mallory")
    made = world.active(inputs({"desk": desk}))
    container = {"accessContainerId": mallory, "accessContainerType": "securityGroup"}
    details = {"unifiedRoles": [{"roleDefinitionId": BILLING}]}
    world.tenant.post(f"{PATH}/{made.id}/accessAssignments", {"accessContainer": container, "accessDetails": details})
    refreshed = world.refreshed(made)
    assert refreshed.outputs["assignments"] == {
        "desk": {"group": desk, "roles": [USERS]},
        mallory: {"group": mallory, "roles": [BILLING]},
    }
    assert world.resource.diff(refreshed.outputs, made.inputs, made.inputs) == ("assignments",)
    world.resource.update(made.id, made.inputs)
    assert world.assigned(made.id) == {desk: {USERS}}


def test_an_assignment_that_failed_is_not_held(world: World) -> None:
    made = world.active(inputs({"desk": world.group("Desk")}))
    world.fail(made.id)
    refreshed = world.refreshed(made)
    assert (refreshed.outputs["assignments"], refreshed.outputs["waiting"]) == ({}, ["desk"])
    assert "could not give their roles to desk" in refreshed.outputs["note"]
    assert world.resource.diff(refreshed.outputs, made.inputs, made.inputs) == ("assignments",)


def test_an_assignment_that_fails_again_is_said_and_not_asked_for_forever(world: World) -> None:
    made = world.active(inputs({"desk": world.group("Desk")}))
    world.fail(made.id)
    with pytest.raises(WriteError, match="could not give their roles to desk"):
        world.resource.update(made.id, made.inputs)
    assert world.network.writes == ["PATCH"]


def test_a_change_that_does_not_show_at_once_is_waited_for_and_not_repeated(world: World) -> None:
    made = world.active(inputs())
    world.network.shown = lambda text: text.replace("P180D", "PT0S") if len(world.waits) < 3 else text
    assert world.resource.update(made.id, inputs(autoExtendDuration="P180D")).outputs["autoExtendDuration"] == "P180D"
    assert (world.network.writes, len(world.waits)) == (["PATCH"], 3)


def test_a_change_that_never_shows_ends_with_a_sentence(world: World) -> None:
    made = world.active(inputs())
    world.network.shown = lambda text: text.replace("P180D", "PT0S")
    with pytest.raises(WriteError, match=r"it was accepted, and does not show yet. Run the update again"):
        world.resource.update(made.id, inputs(autoExtendDuration="P180D"))
    assert world.network.writes == ["PATCH"]


def test_a_status_that_is_not_known_is_said_and_nothing_is_changed(world: World) -> None:
    made = world.active(inputs())
    world.network.shown = lambda text: text.replace('"active"', '"unknownFutureValue"')
    refreshed = world.refreshed(made)
    assert "the status 'unknownFutureValue', which is not known here" in refreshed.outputs["note"]
    world.resource.update(made.id, inputs({"desk": world.group("Desk")}))
    assert world.network.writes == []


def test_a_change_that_somebody_overtakes_is_decided_anew(world: World) -> None:
    """The state that it was meant for is gone (412): what is there by then counts."""
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))

    def overtaken(_: httpx.Request) -> None:
        etag = world.tenant.get(f"{PATH}/{made.id}")["@odata.etag"]
        world.tenant.graph.request("PATCH", f"{PATH}/{made.id}", {"autoExtendDuration": "P180D"}, {"If-Match": etag})

    world.network.before = [overtaken]
    updated = world.resource.update(made.id, inputs({"desk": desk}, autoExtendDuration="P180D"))
    assert updated.outputs["autoExtendDuration"] == "P180D"


def test_global_administrator_is_removed_in_place_and_nothing_else_is(world: World) -> None:
    roles = sorted([GLOBAL_ADMINISTRATOR.id, USERS])
    made = world.active(inputs(roleDefinitionIds=roles))
    world.resource.update(made.id, inputs(roleDefinitionIds=[USERS]))
    assert world.refreshed(made).outputs["roleDefinitionIds"] == [USERS]
    now = {"roleDefinitionIds": [USERS]}
    changes: list[dict[str, Any]] = [
        {"roleDefinitionIds": [BILLING, USERS]},
        {"duration": "P30D"},
        {"displayName": "X"},
    ]
    for change in changes:
        with pytest.raises(Refused, match=r"Nothing was changed. Fix: .* beside it, .* `terminate`"):
            world.resource.diff(world.refreshed(made).outputs, made.inputs, inputs(**{**now, **change}))


def test_throttled_writes_are_sent_again_and_no_other(world: World) -> None:
    def throttled(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "1"}, json={"error": {"code": "tooManyRequests"}})

    world.network.before = [throttled, throttled]
    made = world.resource.create(inputs())
    assert world.tenant.ids(PATH) == [made.id]
    assert world.waits == []


def test_what_fails_for_good_says_so_and_shows_no_token(world: World) -> None:
    made = world.active(inputs())
    failing = [lambda _: httpx.Response(503, json={"error": {"code": "serviceUnavailable"}})] * 9999
    world.network.before = list(failing)
    with pytest.raises(WriteError, match=r"could not be changed: Microsoft Graph answers 503 .* Run the update again"):
        world.resource.update(made.id, inputs(autoExtendDuration="P180D"))


def test_a_missing_permission_is_named(world: World) -> None:
    enrol(
        world.store,
        replace(UNITED_STATES, permissions=frozenset({"DelegatedAdminRelationship.Read.All"})),
        CLIENT_SECRET,
    )
    identity = signed_in(world.store, UNITED_STATES.tenant_id)
    resource = RelationshipResource(lambda: Relationships(CLOUD, identity, {}, transport=world.network))
    with pytest.raises(WriteError, match=r"DelegatedAdminRelationship.ReadWrite.All") as refused:
        resource.create(inputs())
    assert "eyJ" not in str(refused.value)


# --- ended


def test_it_is_terminated_where_that_is_declared_and_then_forgotten(world: World) -> None:
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))
    ended = inputs({"desk": desk}, terminate=True)
    assert world.resource.diff(made.outputs, made.inputs, ended) == ("terminate",)
    world.resource.update(made.id, ended)
    world.store.ahead += timedelta(minutes=1)
    gone = world.refreshed(Result(made.id, ended, {}))
    assert (gone.outputs["status"], gone.outputs["assignments"]) == ("terminated", {})
    assert "its entry can be removed" in gone.outputs["note"]
    assert world.resource.diff(gone.outputs, ended, ended) == ()
    world.network.writes.clear()
    world.resource.delete(made.id, ended)
    assert world.network.writes == []


def test_one_that_ran_out_stays_known_and_is_said(world: World) -> None:
    made = world.active(inputs({"desk": world.group("Desk")}))
    world.store.ahead += timedelta(days=731)
    ended = world.refreshed(made)
    assert ended.outputs["status"] == "expired"
    assert "declare a new relationship" in ended.outputs["note"]
    assert world.resource.diff(ended.outputs, made.inputs, made.inputs) == ()


@pytest.mark.parametrize("approved", [False, True])
def test_what_gives_access_or_may_give_it_is_not_deleted(world: World, approved: bool) -> None:
    made = world.active(inputs()) if approved else world.resource.create(inputs())
    world.network.writes.clear()
    with pytest.raises(Refused, match="Put it back with `terminate: "):
        world.resource.delete(made.id, made.inputs)
    assert world.network.writes == []


def test_what_the_customer_was_never_asked_is_deleted(world: World) -> None:
    world.network.before = [lambda _: None, lambda _: httpx.Response(400, json={"error": {"code": "badRequest"}})]
    with pytest.raises(WriteError):
        world.resource.create(inputs())
    (made,) = world.tenant.ids(PATH)
    world.resource.delete(made, inputs())
    assert world.tenant.ids(PATH) == []
    world.resource.delete(made, inputs())
    assert world.resource.read(made, inputs()) is None


# --- imported, checked


def test_an_existing_one_is_imported_and_nothing_is_changed(world: World) -> None:
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))
    imported = world.resource.read(made.id, {})
    assert imported is not None
    assert world.resource.diff(imported.outputs, imported.inputs, inputs({"desk": desk})) == ()


@pytest.mark.parametrize(
    ("status", "why", "fix"),
    [
        ("created", "it was never sent to the customer", "leave `adopted` out: the update makes it"),
        ("approvalPending", "it waits for the customer", "until the customer has approved (https://admin.microsoft"),
        ("approved", "it is approved: Microsoft prepares the access", "run the update again in a minute"),
        ("terminated", "it is terminated", "declare a new relationship under another display name"),
    ],
)
def test_only_an_active_one_is_taken_over_and_each_other_status_says_what_to_do(
    world: World, status: str, why: str, fix: str
) -> None:
    desk = world.group("Desk")
    if status == "created":
        world.network.before = [lambda _: None, lambda _: httpx.Response(400, json={"error": {"code": "badRequest"}})]
        with pytest.raises(WriteError):
            world.resource.create(inputs())
        (made,) = world.tenant.ids(PATH)
    else:
        made = world.resource.create(inputs()).id
    if status in ("approved", "terminated"):
        world.customer(made)
        world.store.ahead -= timedelta(seconds=29 if status == "approved" else 0)
    if status == "terminated":
        world.resource.update(made, inputs(terminate=True))
        world.store.ahead += timedelta(minutes=1)
    assert world.status(made) == status
    refused = adoption_refusal(Wanted.model_validate(inputs({"desk": desk})), world.found(made))
    assert refused is not None
    assert (why in refused, fix in refused, made in refused) == (True, True, True), refused


def other_groups(world: World, desk: str) -> dict[str, Any]:
    return inputs({"desk": desk, "mail": world.group("Mail")})


def other_roles(_: World, desk: str) -> dict[str, Any]:
    return inputs(assignments={"desk": {"group": desk, "roles": [BILLING, USERS]}})


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        (other_groups, "the group `mail` holds nothing, not User Administrator"),
        (other_roles, "the group `desk` holds User Administrator, not Billing Administrator, User Administrator"),
        (lambda _, __: inputs({"desk": "desk"}), "the group `desk` holds nothing, not User Administrator; the group"),
        (lambda _, desk: inputs({"desk": desk}, autoExtendDuration="P180D"), "it is not extended when it ends"),
        (lambda _, desk: inputs({"desk": desk}, duration="P365D"), "it lasts P730D, not P365D"),
        (lambda _, desk: inputs({"desk": desk}, terminate=True), "it is to be ended in the same update"),
    ],
)
def test_one_that_is_not_as_declared_is_taken_over_as_it_is_or_not_at_all(
    world: World, declared: Callable[[World, str], dict[str, Any]], why: str
) -> None:
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))
    assert adoption_refusal(Wanted.model_validate(inputs({"desk": desk})), world.found(made.id)) is None
    refused = adoption_refusal(Wanted.model_validate(declared(world, desk)), world.found(made.id)) or ""
    assert f"active and as declared can be: {why}" in refused


def test_one_of_which_others_hold_more_than_is_declared_is_not_taken_over(world: World) -> None:
    """The update would take it away from people whom nothing has counted."""
    desk, mail = world.group("Desk"), world.group("Mail")
    made = world.active(inputs({"desk": desk, "mail": mail}))
    refused = adoption_refusal(Wanted.model_validate(inputs({"desk": desk})), world.found(made.id)) or ""
    assert f"the group {mail} holds User Administrator, and is not declared there" in refused
    world.fail(made.id)
    refused = adoption_refusal(Wanted.model_validate(inputs({"desk": desk})), world.found(made.id)) or ""
    assert "Microsoft could not give the group `desk` its roles" in refused


def test_what_microsoft_could_not_give_does_not_stop_an_adoption_for_good(world: World) -> None:
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}))
    world.fail(made.id)
    assert adoption_refusal(Wanted.model_validate(inputs()), world.found(made.id)) is None
    refused = adoption_refusal(Wanted.model_validate(inputs({"desk": desk})), world.found(made.id)) or ""
    assert "Fix: remove the failed assignment of desk in Partner Center" in refused


def test_global_administrator_is_taken_out_by_an_update_of_its_own(world: World) -> None:
    roles = [BILLING, GLOBAL_ADMINISTRATOR.id, USERS]
    desk = world.group("Desk")
    made = world.active(inputs({"desk": desk}, roleDefinitionIds=roles))
    refused = adoption_refusal(Wanted.model_validate(inputs({"desk": desk})), world.found(made.id)) or ""
    assert "its roles are Billing Administrator, Global Administrator, User Administrator, not Billing" in refused


def test_in_another_tenant_it_is_never_taken_for_gone(world: World) -> None:
    made = world.resource.create(inputs())
    elsewhere = inputs(partnerTenantId=UNITED_KINGDOM.tenant_id)
    with pytest.raises(Refused, match=f"signs in to the tenant {UNITED_STATES.tenant_id}"):
        world.resource.read(made.id, elsewhere)
    with pytest.raises(Refused, match="declare it in its own tenant's file"):
        world.resource.diff(made.outputs, made.inputs, elsewhere)


def test_a_group_that_is_not_made_yet_is_well_formed_and_a_secret_is_not(world: World) -> None:
    assert world.resource.check(inputs({"desk": UNKNOWN})) == []
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "canary-secret"}
    wrong = inputs(displayName=secret, rolls=[], duration="730")
    told = world.resource.check(wrong)
    assert {name for name, _ in told} == {"displayName", "rolls", "duration"}
    assert "canary" not in json.dumps(told)


def test_an_unknown_group_is_something_to_do(world: World) -> None:
    made = world.active(inputs({"desk": world.group("Desk")}))
    wanted = Wanted.model_validate(inputs({"desk": UNKNOWN}))
    assert len(steps(wanted, Found.in_state(made.outputs))) == 2
