"""What others change of the access at customers: each kind is named, and each advice leads to what it says."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tenantry.access.danger import Danger
from tenantry.access.declared import access_map, identities
from tenantry.access.diff import diff
from tenantry.access.grants import Kind
from tenantry.access.observed import access_map as observed_map
from tenantry.access.parts import NotRead, or_none
from tenantry.access.preview import Refreshed
from tenantry.access.registered import RegisteredResource
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import GROUP
from tenantry.access.state import RELATIONSHIP
from tenantry.declaration import load
from tenantry.directory.resources import Kind as DirectoryKind
from tenantry.drift.compare import Facts, Found, compare
from tenantry.drift.customers import filled_in
from tenantry.drift.edits import applied
from tenantry.drift.model import Change, Drift
from tenantry.graph.errors import Cause
from tenantry.role_templates import GLOBAL_ADMINISTRATOR, role_template_named
from tests import acme
from tests.access.customers import Customers, details
from tests.access.test_observed import PARTNERS

PLAN = {
    "groups": {
        "mail": {"name": "GDAP Mail", "people": ["emma", "ines"]},
        "desk": {"name": "GDAP Desk", "people": ["ines"]},
    }
}
RESELLER = {"requested_on": date(2026, 1, 12), "approved_on": date(2026, 1, 20), "approved_by": "Jane Doe"}
CUSTOMERS = {
    name.lower(): acme.customer(
        name, {"mail": ["Exchange Administrator"], "desk": ["Helpdesk Administrator"]}, number, reseller=RESELLER
    )
    for number, name in enumerate(["Fabrikam", "Tailspin"], 1)
}
FABRIKAM, NEW = CUSTOMERS["fabrikam"]["tenant_id"], "00000009-0b7e-4a55-9a53-0f6f3b1f0c11"
EVERYDAY = "Fabrikam everyday"
BACK = "run `pulumi up`"
DOMAIN = "contoso-partner.onmicrosoft.com"


def role(name: str) -> str:
    found = role_template_named(name)
    assert found
    return found.id


EXCHANGE, HELPDESK, READER = map(role, ("Exchange Administrator", "Helpdesk Administrator", "Reports Reader"))


@pytest.fixture(scope="module")
def as_declared() -> Iterator[Customers]:
    with Customers.provided(PLAN, CUSTOMERS) as one:
        yield one


@pytest.fixture
def customers(as_declared: Customers) -> Iterator[Customers]:
    with as_declared.copied() as one:
        yield one


def found(customers: Customers, engine: Refreshed | None = None) -> Found:
    declaration = replace(load(PARTNERS / "contoso"), tenants={"us": customers.world.declared})
    return compare(Facts(declaration, "us", engine, customers.observe(), date.today()))


def only(customers: Customers) -> Drift:
    (one,) = found(customers).drift
    return one


def follow(customers: Customers, one: Drift) -> None:
    """Write into the file what keeps something."""
    tenant = applied(customers.world.declared, filled_in(one.advice.edit, "US"))
    assert tenant
    customers.world.declared = tenant


def differs(customers: Customers) -> bool:
    """Whether anybody holds anything else at a customer than is declared."""
    tenant = customers.world.declared
    seen = observed_map(customers.observe(), identities(tenant))
    change = diff(access_map(tenant), seen)
    return any(one.kind is Kind.CUSTOMER_ROLE for one in (*change.gained, *change.lost))


def test_as_declared_and_approved_nothing_has_drifted(customers: Customers) -> None:
    assert found(customers) == Found((), (), ())


def undeclared(customers: Customers) -> None:
    customers.relationship("By hand", {"tenantId": FABRIKAM, "displayName": "Fabrikam"}, [READER])
    customers.assign("By hand", customers.groups["mail"], READER)


def undeclared_customer(customers: Customers) -> None:
    group = customers.group("Readers", customers.world.ids["emma"])
    customers.relationship("New one", {"tenantId": NEW, "displayName": "Proseware"}, [READER, HELPDESK])
    customers.assign("New one", group, READER)


def another_assignment(customers: Customers) -> None:
    customers.assign(EVERYDAY, customers.group("Night", customers.world.ids["carla"]), EXCHANGE)


def more_roles(customers: Customers) -> None:
    customers.change(EVERYDAY, customers.groups["desk"], HELPDESK, EXCHANGE)


def assignment_taken(customers: Customers) -> None:
    customers.change(EVERYDAY, customers.groups["desk"])


def member_added(customers: Customers) -> None:
    customers.world.join(customers.groups["mail"], customers.world.ids["carla"])


def member_taken(customers: Customers) -> None:
    where = f"/beta/groups/{customers.groups['mail']}/members/{customers.world.ids['emma']}/$ref"
    customers.world.tenant.graph.request("DELETE", where)


def extension(customers: Customers) -> None:
    path = f"/v1.0/tenantRelationships/delegatedAdminRelationships/{customers.relationships[EVERYDAY]}"
    match = {"If-Match": customers.world.tenant.get(path)["@odata.etag"]}
    status, answer = customers.world.tenant.graph.request("PATCH", path, {"autoExtendDuration": "P180D"}, match)
    assert status < 300, answer


TERMINATE = "terminate it in Partner Center"
EVERYWHERE = "GDAP Mail: Exchange Administrator at 2 customers"
KEPT = [
    (undeclared, "the customer Fabrikam has the relationship (By hand, until DAY: Reports Reader for", TERMINATE),
    (undeclared_customer, "the customer Proseware has the relationship (New one, until DAY: Reports", TERMINATE),
    (another_assignment, f"the relationship {EVERYDAY} (Fabrikam) has an assignment (Exchange Administrator for", BACK),
    (
        more_roles,
        "(Fabrikam): the set of roles was changed for GDAP Desk from Helpdesk Administrator to Exchange",
        BACK,
    ),
    (assignment_taken, f"{EVERYDAY} (Fabrikam) is declared with an assignment (Helpdesk Administrator for", BACK),
    (member_added, f"Carla Jensen (carla.jensen@{DOMAIN}) has a place in a GDAP group ({EVERYWHERE}", BACK),
    (member_taken, f"(emma.lindqvist@{DOMAIN}) is declared with a place in a GDAP group ({EVERYWHERE}", BACK),
    (extension, f"{EVERYDAY} (Fabrikam): the extension was changed to extended when it ends", BACK),
]


@pytest.mark.parametrize(("others", "said", "back"), KEPT, ids=[one[0].__name__ for one in KEPT])
def test_following_the_advice_to_keep_it_gives_exactly_what_is_there(
    customers: Customers, others: Callable[[Customers], None], said: str, back: str
) -> None:
    others(customers)
    one = only(customers)
    assert re.sub(r"until \d{4}-\d\d-\d\d", "until DAY", one.sentence).count(said)
    assert one.to_take_back.startswith(back)
    assert one.advice.edit, one.to_keep
    follow(customers, one)
    assert found(customers) == Found((), (), ())
    assert not differs(customers)


def terminated(customers: Customers) -> None:
    customers.terminate(EVERYDAY)


def agents_as_container(customers: Customers) -> None:
    customers.assign(EVERYDAY, customers.world.admin_agents, EXCHANGE)


def pending(customers: Customers) -> None:
    customers.asked("Asked", {"tenantId": FABRIKAM, "displayName": "Fabrikam"}, [READER])


def stranger_added(customers: Customers) -> None:
    made, _ = customers.world.undeclared_account("mallory")
    customers.world.join(customers.groups["mail"], made)


def group_added(customers: Customers) -> None:
    customers.world.join(customers.groups["desk"], customers.group("Night"))


def dynamic_group_assigned(customers: Customers) -> None:
    rule = {"groupTypes": ["DynamicMembership"], "membershipRule": 'user.department -eq "Desk"'}
    made = customers.world.tenant.add_group("Everybody at the desk", mailNickname="desk-people", **rule)
    customers.assign(EVERYDAY, made, EXCHANGE)


CANNOT = [
    (
        dynamic_group_assigned,
        "for Everybody at the desk",
        "it cannot stay for Everybody at the desk. A membership rule decides",
    ),
    (terminated, "the status was changed from active to terminated", "it cannot stay so: [PT-602]"),
    (agents_as_container, "has an assignment (Exchange Administrator for AdminAgents)", "it cannot stay: AdminAgents"),
    (pending, "(Asked, which waits for the customer: no group has a role)", "it can be declared once it is active"),
    (stranger_added, "has a place in a GDAP group (GDAP Mail", "declare them under `people` with a role"),
    (
        group_added,
        "the group Night has a place in a GDAP group (GDAP Desk",
        "it cannot stay: only people of this tenant",
    ),
]


@pytest.mark.parametrize(("others", "said", "keep"), CANNOT, ids=[one[0].__name__ for one in CANNOT])
def test_what_cannot_be_declared_says_why(
    customers: Customers, others: Callable[[Customers], None], said: str, keep: str
) -> None:
    others(customers)
    one = only(customers)
    assert said in one.sentence
    assert one.to_keep.startswith(keep)
    assert not one.advice.edit


def rewrite(customers: Customers, name: str, **properties: Any) -> None:
    """What the customer's side has of a relationship from now on."""
    with customers.world.store.writing(customers.world.declared.id) as tenant:
        entity = tenant.get(DirectoryKind.RELATIONSHIP, customers.relationships[name])
        assert entity is not None
        tenant.update(entity, properties)


def with_status(customers: Customers, monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """What is read while a relationship has a status that soon becomes another."""
    seen = customers.observe()
    assert seen.at_customers
    read = tuple(
        replace(one, relationship=one.relationship.model_copy(update={"status": status}))
        if one.relationship.display_name == EVERYDAY
        else one
        for one in or_none(seen.at_customers.relationships)
    )
    changed = replace(seen, at_customers=replace(seen.at_customers, relationships=read))
    monkeypatch.setattr(Customers, "observe", lambda _: changed)


@pytest.mark.parametrize(
    ("status", "by"),
    [
        ("terminationRequested", "somebody ended it"),
        ("terminating", "somebody ended it"),
        ("expiring", "by the calendar: its time is over"),
    ],
)
def test_a_relationship_that_is_ending_and_is_not_declared_to_end_is_said(
    customers: Customers, monkeypatch: pytest.MonkeyPatch, status: str, by: str
) -> None:
    with_status(customers, monkeypatch, status)
    one = only(customers)
    assert f"the status was changed from active to {status}, {by}" in one.sentence
    assert one.next_update == "leaves it: what is ending cannot be stopped"
    assert one.to_take_back == "declare a new relationship under another key and display name"


def test_global_administrator_in_a_relationship_that_nobody_declared_is_taken_out(customers: Customers) -> None:
    rewrite(customers, EVERYDAY, accessDetails=details([EXCHANGE, HELPDESK, GLOBAL_ADMINISTRATOR.id]))
    one = only(customers)
    assert (one.danger, one.rule, one.next_update) == (Danger.EVERYTHING, "PT-603", "removes Global Administrator")
    assert "Global Administrator" in one.sentence
    assert one.to_keep.startswith("it cannot stay so: [PT-603]")
    engine = of_the_stack(customers)
    (change,) = [one for one in engine.resource_changes if one.name == f"us-{EVERYDAY}"]
    assert change.prior
    approved = {**change.prior.outputs, "roleDefinitionIds": [EXCHANGE, HELPDESK, GLOBAL_ADMINISTRATOR.id]}
    left = replace(change, prior=replace(change.prior, outputs=approved))
    others = tuple(one for one in engine.resource_changes if one is not change)
    assert found(customers, Refreshed((*others, left), (), ())).drift == (), "the next update was always to do it"
    assert len(found(customers, engine).drift) == 1


def test_a_declared_global_administrator_that_the_customer_removed_is_said_to_stop_every_update(
    customers: Customers,
) -> None:
    declared = {"assignments": {"mail": ["Exchange Administrator"], "desk": ["Helpdesk Administrator"]}}
    declared["roles"] = ["Exchange Administrator", "Helpdesk Administrator", "Global Administrator"]  # type: ignore[assignment]
    fabrikam = {**CUSTOMERS["fabrikam"], "gdap": {"everyday": {**declared, "auto_extend": False}}}
    customers.declare(customers={**CUSTOMERS, "fabrikam": fabrikam})
    one = only(customers)
    assert one.next_update.startswith("is refused")
    assert "`roles: [Exchange Administrator, Helpdesk Administrator]`" in one.to_keep
    follow(customers, one)
    assert found(customers).drift == ()


def test_a_relationship_that_lasts_for_another_time_than_is_declared_is_said(customers: Customers) -> None:
    rewrite(customers, EVERYDAY, duration="P365D")
    one = only(customers)
    assert (one.what, one.rule) == ("the duration", "PT-609")
    assert "from P730D to P365D" in one.sentence
    assert one.next_update.startswith("is refused")
    follow(customers, one)
    assert found(customers).drift == ()


def test_a_relationship_with_another_customer_than_the_declared_one_is_said(customers: Customers) -> None:
    rewrite(customers, EVERYDAY, customer={"tenantId": NEW, "displayName": "Proseware"})
    one = only(customers)
    assert f"from the customer tenant {FABRIKAM} to {NEW}" in one.sentence
    assert one.next_update.startswith("is refused")
    assert "`customers.fabrikam.tenant_id`" in one.to_keep


def test_of_groups_with_one_name_the_one_that_holds_the_roles_is_the_declared_one(customers: Customers) -> None:
    declared = customers.groups["mail"]
    customers.world.tenant.add_group("GDAP Mail", mailNickname="namesake")
    assert found(customers) == Found((), (), ())
    for name in customers.relationships:
        customers.change(name, declared)
    both = found(customers)
    assert [one.change for one in both.drift] == [], "it is not known which group it is"
    (part,) = both.not_evaluated
    assert "several groups are named 'GDAP Mail'" in part.why


def test_groups_that_were_not_read_are_no_undeclared_ones(customers: Customers) -> None:
    observed = customers.observe()
    assert observed.at_customers
    unread = replace(observed.at_customers, groups=NotRead(Cause.PERMISSION, "not read"))
    declaration = replace(load(PARTNERS / "contoso"), tenants={"us": customers.world.declared})
    one = compare(Facts(declaration, "us", None, replace(observed, at_customers=unread), date.today()))
    assert one.drift == ()
    assert "not read" in {part.why for part in one.not_evaluated}


def test_an_agent_group_with_roles_at_a_customer_reaches_everything(customers: Customers) -> None:
    agents_as_container(customers)
    assert (only(customers).danger, only(customers).rule) == (Danger.EVERYTHING, "PT-606")


def test_a_declared_relationship_that_is_missing_is_said_where_no_engine_is_asked(customers: Customers) -> None:
    more = {**CUSTOMERS, "proseware": acme.customer("Proseware", {"mail": ["Exchange Administrator"]}, 9)}
    customers.declare(customers=more)
    one = only(customers)
    assert one.sentence == (
        "the customer Proseware is declared with the relationship (Proseware everyday), but does not hold it"
    )
    assert one.next_update == "creates it, and the customer must approve it"
    nothing_yet = Refreshed(state(customers, lambda name: True), (), ())
    assert found(customers, nothing_yet).drift == (), "the next update was always to make it"


def test_what_is_declared_to_end_and_still_gives_access_is_due(customers: Customers) -> None:
    decided = {"reason": "Over", "decided_by": "Ada", "decided_on": date(2026, 1, 31)}
    ends = {**CUSTOMERS["fabrikam"]["gdap"]["everyday"], "terminate": decided}
    other = {
        **CUSTOMERS["fabrikam"],
        "gdap": {"everyday": ends, "next": {"assignments": {"mail": ["Exchange Administrator"]}}},
    }
    customers.declare(customers={**CUSTOMERS, "fabrikam": other})
    due = [one for one in found(customers).drift if one.change is Change.DUE]
    assert [one.sentence for one in due] == [
        "the relationship Fabrikam everyday (Fabrikam) still has the relationship (declared to end since 2026-01-31)"
    ]


def state(customers: Customers, owned: Callable[[str], bool]) -> tuple[ResourceChange, ...]:
    """What the last update left, of the groups and of relationships by name."""
    tenant = customers.world.declared
    assert tenant.gdap
    resources = []
    for key, group in tenant.gdap.groups.items():
        values: dict[str, Any] = {"members": [customers.world.ids[person] for person in PLAN["groups"][key]["people"]]}
        resources.append((GROUP, key, {"displayName": group.name, "objectId": customers.groups[key], **values}))
    for name, id_ in customers.relationships.items():
        if owned(name):
            held = {
                key: {"group": customers.groups[key], "roles": [granted]}
                for key, granted in (("mail", EXCHANGE), ("desk", HELPDESK))
            }
            resources.append((RELATIONSHIP, name, {"displayName": name, "relationshipId": id_, "assignments": held}))
    found = []
    for type_, name, values in resources:
        one = RegisteredResource(f"urn:pulumi:us::tenantry::{type_}::us-{name}", type_, values, values)
        found.append(ResourceChange(ChangeType.SAME, one.urn, one, one, one))
    return tuple(found)


def of_the_stack(customers: Customers) -> Refreshed:
    return Refreshed(state(customers, lambda name: name.endswith(" everyday")), (), ())


@pytest.mark.parametrize(
    ("others", "change"),
    [(one, Change.ADDED) for one in (undeclared, another_assignment, member_added)]
    + [(one, Change.REMOVED) for one in (assignment_taken, member_taken)]
    + [(more_roles, Change.CHANGED)],
)
def test_what_others_do_is_drift_from_what_the_last_update_left(
    customers: Customers, others: Callable[[Customers], None], change: Change
) -> None:
    assert found(customers, of_the_stack(customers)).drift == ()
    others(customers)
    assert [one.change for one in found(customers, of_the_stack(customers)).drift] == [change]


def test_what_is_to_be_taken_over_and_is_not_as_declared_is_refused_by_the_next_update(customers: Customers) -> None:
    more_roles(customers)
    gdap = {"everyday": {**CUSTOMERS["fabrikam"]["gdap"]["everyday"], "adopted": customers.relationships[EVERYDAY]}}
    customers.declare(customers={**CUSTOMERS, "fabrikam": {**CUSTOMERS["fabrikam"], "gdap": gdap}})
    engine = Refreshed(state(customers, lambda name: name == "Tailspin everyday"), (), ())
    (one,) = found(customers, engine).drift
    assert one.next_update == "is refused: an adopted relationship must be declared as it is"
    assert one.to_take_back == "declare the relationship as it is, run `pulumi up`, then change it"
    follow(customers, one)
    assert found(customers, engine).drift == ()


@pytest.mark.parametrize("status", ["activating", "terminating", "terminated"])
def test_what_is_to_be_taken_over_and_is_not_active_is_refused_by_the_next_update(
    customers: Customers, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    gdap = {"everyday": {**CUSTOMERS["fabrikam"]["gdap"]["everyday"], "adopted": customers.relationships[EVERYDAY]}}
    customers.declare(customers={**CUSTOMERS, "fabrikam": {**CUSTOMERS["fabrikam"], "gdap": gdap}})
    engine = Refreshed(state(customers, lambda name: name == "Tailspin everyday"), (), ())
    with_status(customers, monkeypatch, status)
    (one,) = found(customers, engine).drift
    assert status in one.sentence
    assert one.next_update == "is refused: only an active relationship can be adopted"


def test_what_is_to_be_taken_over_and_is_not_there_is_refused_by_the_next_update(customers: Customers) -> None:
    nowhere = f"{NEW}-{FABRIKAM}"
    gdap = {**CUSTOMERS["fabrikam"]["gdap"]}
    gdap["more"] = {"assignments": {"mail": ["Exchange Administrator"]}, "adopted": nowhere}
    customers.declare(customers={**CUSTOMERS, "fabrikam": {**CUSTOMERS["fabrikam"], "gdap": gdap}})
    (one,) = found(customers, of_the_stack(customers)).drift
    assert one.next_update == f"is refused: there is no relationship {nowhere} to adopt"


def test_what_was_declared_or_taken_out_since_is_no_drift(customers: Customers) -> None:
    groups = {**PLAN["groups"], "mail": {"name": "GDAP Mail", "people": ["carla", "ines"]}}
    more = {"mail": ["Exchange Administrator"]}
    fabrikam = {
        **CUSTOMERS["fabrikam"],
        "gdap": {"everyday": {"assignments": more, "roles": ["Exchange Administrator", "Helpdesk Administrator"]}},
    }
    customers.declare(gdap={"groups": groups}, customers={"fabrikam": fabrikam})
    assert found(customers, of_the_stack(customers)).drift == ()


def test_a_gdap_group_that_was_renamed_keeps_its_new_name_where_it_is_declared(customers: Customers) -> None:
    path = f"/beta/groups/{customers.groups['mail']}"
    customers.world.tenant.graph.request("PATCH", path, {"displayName": "GDAP Post"})
    mail, *others = state(customers, lambda name: name.endswith(" everyday"))
    assert mail.before
    now = replace(mail.before, outputs={**mail.before.outputs, "displayName": "GDAP Post"})
    renamed = replace(mail, change_type=ChangeType.UPDATED, before=now, changed=frozenset({"displayName"}))
    engine = Refreshed((renamed, *others), (), ())
    (one,) = [one for one in found(customers, engine).drift if one.what == "the name"]
    assert (one.rule, one.to_keep) == ("PT-607", "write under `gdap.groups.mail`: `name: GDAP Post`")
    follow(customers, one)
    assert found(customers, engine).drift == ()


def test_without_the_permission_it_says_that_access_at_customers_was_not_read(customers: Customers) -> None:
    customers.world.lack("DelegatedAdminRelationship.ReadWrite.All")
    (part,) = found(customers).not_evaluated
    assert part.what == "access at customers"
    assert "DelegatedAdminRelationship.Read.All is missing" in part.why


def test_an_undeclared_relationship_is_accepted_for_a_time_by_the_decision_that_is_shown(customers: Customers) -> None:
    undeclared(customers)
    today = date.today()
    for_a_time = {"reason": "r", "owner": "o", "decided_on": today, "until": today + timedelta(days=30)}
    customers.declare(drift={"by-hand": {**only(customers).decision, "state": "accepted", **for_a_time}})
    assert not only(customers).counts
