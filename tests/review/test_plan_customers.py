"""What a plan does at customers: evaluated as the program does before an update, with the same digest."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.access.change import change
from tenantry.access.existing import Existing, ExistingRelationship, access_at_customers
from tenantry.access.preview import parse
from tenantry.access.principals import Principal
from tenantry.declaration import Stack
from tenantry.review.of_plan import review
from tenantry.review.planned import planned
from tenantry.role_templates import role_template_named
from tenantry.rules.change.digests import removals_text
from tenantry.rules.change.refusal import Kind
from tenantry.rules.planned import Planned

from .plans import declared_in, plan_of
from .test_plan_review import NAMED, TODAY

GROUP = f"{NAMED}tenantry:index:Customers$azuread:index/group:Group::us-"
MEMBER = f"{NAMED}azuread:index/groupMember:GroupMember::us-"
RELATIONSHIP = f"{NAMED}tenantry:index:Customers$tenantry:index:DelegatedAdminRelationship::us-"
DESK = "70000000-0000-4000-8000-000000000001"
HELPDESK, SUPPORT = "Helpdesk Administrator", "Service Support Administrator"
PEOPLE = {"dmitri": "5b9b1e92-1e9a-4f5d-8fd0-0cceadac5feb", "hiro": "290bd401-4cef-40ff-b5a4-238a7e39dc4c"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
Step = dict[str, Any]


def ids(*names: str) -> list[str]:
    found = (role_template_named(name) for name in names)
    return sorted(role.id for role in found if role)


def state(type_: str, **properties: Any) -> Step:
    return {"type": type_, "custom": True, "id": "an-id", "inputs": properties, "outputs": properties}


def group(key: str, *people: str, id_: str = DESK, members: Any = None) -> Step:
    held = [PEOPLE[person] for person in people] if members is None else members
    return state("azuread:index/group:Group", displayName=f"GDAP {key}", members=held, objectId=id_)


def member(person: str) -> Step:
    return state("azuread:index/groupMember:GroupMember", groupObjectId=DESK, memberObjectId=PEOPLE[person])


def relationship(number: int, *, end: bool = False, status: str = "active", assignments: Step | None = None) -> Step:
    given = assignments or {"desk": {"group": DESK, "roles": ids(HELPDESK, SUPPORT)}}
    return {
        **state(
            "tenantry:index:DelegatedAdminRelationship",
            displayName=f"Customer {number} everyday",
            customerName=f"Customer {number}",
            customerTenantId=f"c0000000-0000-4000-8000-{number:012}",
            status=status,
            terminate=end,
            assignments=given,
        ),
        "propertyDependencies": {"assignments": [f"{GROUP}desk", f"{GROUP}new"]},
    }


def step(urn: str, old: Step | None, new: Step | None) -> Step:
    op = "create" if old is None else "delete" if new is None else "same" if old == new else "update"
    return {"op": op, "urn": urn} | ({"oldState": old} if old else {}) | ({"newState": new} if new else {})


def of(number: int, new: Step | None, old: Step | None = None) -> Step:
    return step(f"{RELATIONSHIP}customer-{number}.everyday", old or relationship(number), new)


def later(status: str, waiting: list[str]) -> list[Step]:
    """Another relationship with the first customer, which the stack has already."""
    one = relationship(1, status=status)
    for properties in (one["inputs"], one["outputs"]):
        properties.update(displayName="Customer 1 later", waiting=waiting)
    return [step(f"{RELATIONSHIP}customer-1.later", one, one)]


def kept(*numbers: int) -> list[Step]:
    return [of(number, relationship(number)) for number in numbers]


@pytest.fixture
def evaluated(tmp_path: Path) -> Callable[..., Planned]:
    def evaluate(steps: list[Step]) -> Planned:
        content = json.loads(plan_of("unchanged").read_text("utf-8"))
        content["steps"] += steps
        content["changeSummary"]["same"] += len(steps)
        stack = declared_in(tmp_path / "partners", lambda _: None)
        return planned(stack.tenant, parse(tmp_path / "plan.json", json.dumps(content).encode()), TODAY)

    return evaluate


BOTH = group("desk", "dmitri", "hiro")
STAYS = step(f"{GROUP}desk", BOTH, BOTH)
OTHER = {"desk": {"group": DESK, "roles": ids(SUPPORT)}}
NEW = {**OTHER, "new": {"group": UNKNOWN, "roles": ids(HELPDESK)}}
CEILING, ENDS, LEFT_OUT = Kind.REMOVAL_CEILING, Kind.TERMINATION_CEILING, Kind.RELATIONSHIP_LEFT_OUT

#: The steps of a plan, and what is refused of it.
PLANS: dict[str, tuple[list[Step], list[Kind], str]] = {
    "nothing changes": ([STAYS, *kept(1, 2)], [], ""),
    "one relationship ends": ([STAYS, of(1, relationship(1, end=True)), *kept(2)], [], ""),
    "two relationships end": (
        [STAYS, *(of(number, relationship(number, end=True)) for number in (1, 2))],
        [ENDS],
        "'Customer 1 everyday' with Customer 1; 'Customer 2 everyday' with Customer 2",
    ),
    "two that wait end": (
        [
            STAYS,
            *(
                of(n, relationship(n, end=True, status="approvalPending"), relationship(n, status="approvalPending"))
                for n in (1, 2)
            ),
        ],
        [ENDS],
        "",
    ),
    "ends that an earlier update declared, and customers who have not answered": (
        [
            STAYS,
            *(
                of(
                    n,
                    relationship(n, end=True, status="approvalPending"),
                    relationship(n, end=True, status="approvalPending"),
                )
                for n in (1, 2)
            ),
        ],
        [],
        "",
    ),
    "the old one ends while the customer has not approved the new one": (
        [STAYS, of(1, relationship(1, end=True)), *later("approvalPending", ["desk"])],
        [Kind.RENEWED_TOO_EARLY],
        "'Customer 1 later' with Customer 1 is approvalPending",
    ),
    "the old one ends before the groups of the new one are assigned": (
        [STAYS, of(1, relationship(1, end=True)), *later("active", ["desk"])],
        [Kind.RENEWED_TOO_EARLY],
        "",
    ),
    "the old one ends once the new one is in use": (
        [STAYS, of(1, relationship(1, end=True)), *later("active", [])],
        [],
        "",
    ),
    "one of two leaves the group": ([step(f"{GROUP}desk", BOTH, group("desk", "hiro")), *kept(1, 2)], [], ""),
    "both leave the group": (
        [step(f"{GROUP}desk", BOTH, group("desk")), *kept(1, 2)],
        [CEILING, CEILING],
        "at customers from 2 of the 2 holders who can use it: Dmitri Okafor",
    ),
    "both leave a group that one GroupMember each puts them into": (
        [
            step(f"{GROUP}desk", group("desk"), group("desk")),
            *(step(f"{MEMBER}{person}", member(person), None) for person in PEOPLE),
            *kept(1, 2),
        ],
        [CEILING, CEILING],
        "at customers from 2 of the 2 holders who can use it: Dmitri Okafor",
    ),
    "the group's roles shrink at one customer": (
        [STAYS, of(1, relationship(1, assignments=OTHER)), *kept(2)],
        [CEILING],
        f"{HELPDESK} at customers from 2 of the 2",
    ),
    "a new group with the same people takes a role over": (
        [
            STAYS,
            step(f"{GROUP}new", None, {**group("new", "dmitri", "hiro", id_=UNKNOWN), "id": ""}),
            of(1, relationship(1, assignments=NEW)),
        ],
        [],
        "",
    ),
    "a relationship is deleted": (
        [STAYS, of(1, None), *kept(2)],
        [LEFT_OUT],
        "write `customer-1.everyday` again",
    ),
    "a relationship that has ended is deleted": (
        [STAYS, of(1, None, relationship(1, status="expired")), *kept(2)],
        [],
        "",
    ),
    "who is in the group is not known": (
        [step(f"{GROUP}desk", BOTH, group("desk", members=UNKNOWN)), *kept(1)],
        [CEILING, CEILING, Kind.NOT_EVALUATED],
        "the plan does not show the members of us-desk",
    ),
}


@pytest.mark.parametrize("what", PLANS)
def test_what_a_plan_may_take_at_customers(what: str, evaluated: Callable[..., Planned]) -> None:
    steps, kinds, says = PLANS[what]
    refusals = evaluated(steps).refusals
    assert sorted(refusal.kind for refusal in refusals) == sorted(kinds)
    assert says in "\n".join(refusal.paragraph for refusal in refusals)


def test_the_digest_is_that_of_the_program(evaluated: Callable[..., Planned], tmp_path: Path) -> None:
    """Two relationships end, and one of two people leaves the group of the third."""
    steps = [
        step(f"{GROUP}desk", BOTH, group("desk", "hiro")),
        *(of(number, relationship(number, end=True)) for number in (1, 2)),
        *kept(3),
    ]
    of_the_plan = evaluated(steps).change
    stack = declared_in(tmp_path / "declared", customers)
    assert removals_text(change(stack.tenant, _existing(stack, of_the_plan.before))) == removals_text(of_the_plan)
    assert removals_text(of_the_plan).count('"relationship"') == 2
    assert removals_text(of_the_plan).count('"access"') == 2


def test_a_plan_names_the_customer_who_left_and_resolves_nothing_by_an_end(tmp_path: Path) -> None:
    """One relationship is declared to end, and one has left the declaration: nobody held anything beside it."""

    def one_ends(file: Any) -> None:
        customers(file)
        del file["customers"]["customer-2"]

    content = json.loads(plan_of("unchanged").read_text("utf-8"))
    stays = group("desk", "hiro")
    steps = [step(f"{GROUP}desk", stays, stays), of(1, relationship(1, end=True)), of(2, None), *kept(3)]
    content["steps"] += steps
    content["changeSummary"]["same"] += len(steps)
    plan = parse(tmp_path / "plan.json", json.dumps(content).encode())
    (tenant,) = review(declared_in(tmp_path / "partners", one_ends), plan, TODAY).tenants
    assert [finding.rule for finding in tenant.findings.resolved] == []
    (hiro,) = tenant.people
    assert {loss.name for loss in hiro.losses} == {"Customer 1", "Customer 2"}


def customers(file: Any) -> None:
    file["gdap"] = {"groups": {"desk": {"name": "GDAP desk", "people": ["hiro"]}}}
    file["customers"] = {
        f"customer-{number}": {
            "name": f"Customer {number}",
            "tenant_id": f"c0000000-0000-4000-8000-{number:012}",
            "domain": f"customer-{number}.example",
            "country": "US",
            "gdap": {"everyday": {"assignments": {"desk": [HELPDESK, SUPPORT]}}},
        }
        for number in (1, 2, 3)
    }
    for number in (1, 2):
        end = {"reason": "It has ended", "decided_by": "Ada Nakamura", "decided_on": date(2026, 11, 1)}
        file["customers"][f"customer-{number}"]["gdap"]["everyday"]["terminate"] = end


def _existing(stack: Stack, as_planned: Existing) -> Existing:
    """The tenant as the program reads it: everything else is as the plan has it."""
    people = [Principal.in_directory(id_, key) for key, id_ in PEOPLE.items()]
    declared = stack.tenant.relationships
    given = ((one.dotted_key, one.customer.tenant_id, DESK, ids(HELPDESK, SUPPORT)) for one in declared)
    found = (ExistingRelationship(one.dotted_key, one.display_name, one.customer.name, "active") for one in declared)
    return replace(
        as_planned,
        relationships=tuple(found),
        at_customers=access_at_customers(given, {DESK: people}),
    )
