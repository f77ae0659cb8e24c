"""What a change takes at customers (PT-204), as an update and as git see it: one table for both."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from tenantry.access.change import Change
from tenantry.access.existing import Existing, ExistingRelationship, access_at_customers
from tenantry.access.principals import Principal
from tenantry.declaration.tenant import Tenant
from tenantry.findings import Level
from tenantry.rules.change.beforehand import change_between
from tenantry.rules.change.digests import digest, removals_text
from tenantry.rules.change.evaluate import evaluate
from tenantry.rules.change.refusal import Kind, Refusal
from tenantry.rules.model import View
from tests.acme import customer, tenant_file

from .builder import PEOPLE, TODAY, World, existing_of, id_of

DESK = ["carla", "dora", "emil", "fay", "gus"]
HELPDESK, SUPPORT = "Helpdesk Administrator", "Service Support Administrator"
END = {"reason": "The contract has ended", "decided_by": "Ada Moss", "decided_on": date(2026, 5, 20)}
AT = "@acme-partner.onmicrosoft.com"
Step = Callable[[World], None]


def declared() -> dict[str, Any]:
    """Four customers, at each of whom five people hold two roles and one of them a third."""
    assignments = {"desk": [HELPDESK, SUPPORT], "mail": ["Exchange Administrator"]}
    groups = {"desk": {"name": "GDAP Desk", "people": DESK}, "mail": {"name": "GDAP Mail", "people": ["carla"]}}
    names = ("Alpine", "Bellows", "Coho", "Datum")
    customers = {name.lower(): customer(name, assignments, number) for number, name in enumerate(names, 1)}
    return tenant_file(PEOPLE, gdap={"groups": groups}, customers=customers)


def as_the_stack_has_it(tenant: Tenant, status: str = "active") -> Existing:
    existing = existing_of(tenant)
    people = {key: _principal(existing, key) for key in tenant.members}
    groups = tenant.gdap.groups if tenant.gdap else {}
    given = (
        (one.dotted_key, one.customer.tenant_id, group, [role.id for role in roles])
        for one in tenant.relationships
        if status == "active"
        for group, roles in one.assignments.items()
    )
    return replace(
        existing,
        relationships=tuple(
            ExistingRelationship(one.dotted_key, one.display_name, one.customer.name, status)
            for one in tenant.relationships
        ),
        at_customers=access_at_customers(
            given, {key: [people[person] for person in group.people] for key, group in groups.items()}
        ),
    )


def _principal(existing: Existing, key: str) -> Principal:
    return next(item for item in existing.known if item.object_id == id_of(key))


def world(step: Step, status: str = "active") -> World:
    made = World()
    with_customers(step, status)(made)
    return made


def with_customers(step: Step, status: str = "active") -> Step:
    """A change where customers are declared, but the stack has their relationships."""

    def change(made: World) -> None:
        made.file = declared()
        made.existing = as_the_stack_has_it(Tenant.model_validate(declared()), status)
        step(made)

    return change


def of_the_update(made: World) -> list[Refusal]:
    return made.refusals


def in_git(made: World) -> list[Refusal]:
    change = change_between(Tenant.model_validate(declared()), made.tenant)
    return evaluate(made.tenant, change, TODAY, View.CHANGED)


def terminate(*keys: str) -> Step:
    def step(made: World) -> None:
        for key in keys:
            made.file["customers"][key]["gdap"]["everyday"]["terminate"] = END

    return step


def people(group: str, *keys: str) -> Step:
    return lambda made: made.file["gdap"]["groups"][group].update(people=list(keys))


def assign(key: str, **assignments: list[str]) -> Step:
    """Other assignments in a relationship whose customer approved the same roles as before."""

    def step(made: World) -> None:
        one = made.file["customers"][key]["gdap"]["everyday"]
        one.update(assignments=assignments, roles=[HELPDESK, SUPPORT, "Exchange Administrator"])

    return step


def without(key: str) -> Step:
    def step(made: World) -> None:
        del made.file["customers"][key]

    return step


def both(*steps: Step) -> Step:
    def step(made: World) -> None:
        for one in steps:
            one(made)

    return step


def renew(key: str) -> Step:
    """Another relationship beside the one with a customer."""

    def step(made: World) -> None:
        gdap = made.file["customers"][key]["gdap"]
        gdap["later"] = {"assignments": dict(gdap["everyday"]["assignments"])}

    return step


def limits(**fields: Any) -> Step:
    return lambda made: made.limits(**fields)


@dataclass(frozen=True)
class Row:
    """A change, the kind of each of its refusals, and words that they say."""

    change: Step
    kinds: tuple[Kind, ...]
    says: tuple[str, ...] = ()


CEILING, ENDS, LEFT_OUT = Kind.REMOVAL_CEILING, Kind.TERMINATION_CEILING, Kind.RELATIONSHIP_LEFT_OUT
EARLY = Kind.RENEWED_TOO_EARLY
ROWS = {
    "one relationship ends": Row(terminate("alpine"), ()),
    "two relationships end": Row(
        terminate("alpine", "coho"),
        (ENDS,),
        (
            "this change terminates 2 relationships: 'Alpine everyday' with Alpine; 'Coho everyday' with Coho",
            "expected: at most 1 (`limits.termination_count`)",
            "terminate them in several changes. Or have this change",
        ),
    ),
    "two end, where two may": Row(both(terminate("alpine", "coho"), limits(termination_count=2)), ()),
    "one ends, where none may": Row(
        both(terminate("alpine"), limits(termination_count=0)), (ENDS,), ("1 relationship:",)
    ),
    "a renewal in one change": Row(
        both(terminate("alpine"), renew("alpine")),
        (EARLY,),
        (
            "'Alpine everyday' with Alpine ends before its replacement is in use: 'Alpine later' with Alpine was "
            "not requested yet",
            "add it once the new one is active and its groups are assigned",
        ),
    ),
    "a renewal, while another customer's ends": Row(both(terminate("alpine"), renew("coho")), ()),
    "one person of five leaves a group": Row(people("desk", *DESK[1:]), ()),
    "two people of five leave a group": Row(
        people("desk", *DESK[2:]),
        (CEILING, CEILING),
        (
            f"removes {HELPDESK} at customers from 2 of the 5 holders who can use it: "
            f"Carla Wood (carla.wood{AT}) at 4 customers",
            f"; Dora Lake (dora.lake{AT}) at 4 customers",
            f"removes {SUPPORT} at customers from 2 of the 5",
            "expected: at most 1 (25 % of 5",
        ),
    ),
    "two leave, where so many may": Row(both(people("desk", *DESK[2:]), limits(removal_share=40)), ()),
    "the only person of a group leaves": Row(people("mail", "dora"), ()),
    "a group loses a role at one customer": Row(
        assign("alpine", desk=[SUPPORT], mail=["Exchange Administrator"]),
        (CEILING,),
        (f"{HELPDESK} at customers from 5 of the 5", f"Gus Dale (gus.dale{AT}) at 1 customer"),
    ),
    "an assignment goes at one customer": Row(
        assign("alpine", mail=[SUPPORT, "Exchange Administrator"]), (CEILING, CEILING), ("5 of the 5", "4 of the 5")
    ),
    "a group's role goes over to another group with the same people": Row(
        both(
            lambda made: made.file["gdap"]["groups"].update(more={"name": "GDAP More", "people": DESK}),
            assign("alpine", desk=[SUPPORT], more=[HELPDESK], mail=["Exchange Administrator"]),
        ),
        (),
    ),
    "two people who can work there are disabled": Row(
        both(
            limits(per={"HelpdeskAgents": {"removal_share": 100}}),
            *(lambda made, key=key: made.person(key, state="disabled") for key in ("dora", "emil")),
        ),
        (CEILING, CEILING),
        ("at 4 customers: the account is disabled",),
    ),
    "what ends as a whole is counted by relationship alone": Row(
        both(terminate("alpine"), people("desk", *DESK[1:])), ()
    ),
    "a relationship leaves the file": Row(
        without("alpine"),
        (LEFT_OUT,),
        ("'Alpine everyday' with Alpine is no longer declared", "put it back with `terminate: {reason: …"),
    ),
    "a relationship gets another key": Row(
        lambda made: made.file["customers"].update(alps=made.file["customers"].pop("alpine")),
        (LEFT_OUT,),
        ("write `alpine.everyday` again",),
    ),
    "a new relationship that nobody has approved makes up for nothing": Row(
        both(
            assign("alpine", desk=[SUPPORT], mail=["Exchange Administrator"]),
            lambda made: made.file["customers"]["alpine"]["gdap"].update(more={"assignments": {"desk": [HELPDESK]}}),
        ),
        (CEILING,),
        (f"{HELPDESK} at customers from 5 of the 5",),
    ),
}


@pytest.mark.parametrize("view", [of_the_update, in_git])
@pytest.mark.parametrize("what", ROWS)
def test_what_a_change_may_take_at_customers(what: str, view: Callable[[World], list[Refusal]]) -> None:
    row = ROWS[what]
    refusals = view(world(row.change))
    assert sorted(refusal.kind for refusal in refusals) == sorted(row.kinds)
    text = "\n".join(refusal.paragraph for refusal in refusals)
    for words in row.says:
        assert words in text
    assert {refusal.rule for refusal in refusals} <= {"PT-204"}


def test_git_only_advises_of_what_may_have_ended_by_itself() -> None:
    (found,) = in_git(world(without("alpine")))
    assert found.level is Level.ADVISORY
    assert found.path == ("customers", "alpine", "gdap", "everyday")


def test_git_only_advises_of_a_renewal_whose_customer_may_have_approved() -> None:
    (found,) = in_git(world(both(terminate("alpine"), renew("alpine"))))
    assert found.level is Level.ADVISORY


@pytest.mark.parametrize(
    ("old", "new", "waits", "kinds"),
    [
        ("active", "approvalPending", True, [EARLY]),
        ("active", "active", True, [EARLY]),
        ("active", "active", False, []),
        ("active", "terminated", False, [EARLY]),
        ("approvalPending", "approvalPending", True, []),
    ],
)
def test_the_old_relationship_ends_once_the_new_one_is_in_use(
    old: str, new: str, waits: bool, kinds: list[Kind]
) -> None:
    made = world(both(terminate("alpine"), renew("alpine")), old)
    later = ExistingRelationship("alpine.later", "Alpine later", "Alpine", new, waits=waits)
    made.facts(relationships=(*made.existing.relationships, later))
    assert [refusal.kind for refusal in made.refusals] == kinds


def test_a_renewal_in_one_change_is_made_where_a_global_admin_approves_it() -> None:
    made = world(both(terminate("alpine"), renew("alpine")))
    _approve(made)
    assert made.refusals == []


@pytest.mark.parametrize(
    ("status", "kinds"),
    [("approvalPending", [ENDS]), ("created", []), ("terminating", []), ("expired", []), ("activating", [ENDS])],
)
def test_only_what_gives_access_or_still_may_counts_as_ended(status: str, kinds: list[Kind]) -> None:
    assert [refusal.kind for refusal in world(terminate("alpine", "coho"), status).refusals] == kinds
    assert [refusal.kind for refusal in world(without("alpine"), status).refusals] == [LEFT_OUT for _ in kinds]


@pytest.mark.parametrize("status", ["approvalPending", "active"])
def test_an_end_that_an_earlier_change_declared_counts_no_more(status: str) -> None:
    made = world(terminate("alpine", "coho", "datum"), status)
    earlier = {"coho.everyday", "datum.everyday"}
    made.facts(
        relationships=tuple(replace(item, is_terminated=item.key in earlier) for item in made.existing.relationships)
    )
    assert [item.key for item in made.change.terminated] == ["alpine.everyday"]
    assert made.refusals == []
    before = World()
    with_customers(terminate("coho", "datum"))(before)
    assert [item.key for item in change_between(before.tenant, made.tenant).terminated] == ["alpine.everyday"]


def test_what_is_taken_over_to_be_ended_counts() -> None:
    def adopt(made: World) -> None:
        terminate("alpine", "coho")(made)
        for key in ("alpine", "coho"):
            made.file["customers"][key]["gdap"]["everyday"]["adopted"] = f"{id_of('dora')}-{id_of('dora')}"

    made = world(adopt)
    made.facts(relationships=(), at_customers=access_at_customers((), {}))
    assert [refusal.kind for refusal in made.refusals] == [ENDS]


def test_an_approval_of_its_digest_lifts_it_and_names_all_that_goes_with_it() -> None:
    made = world(both(terminate("alpine", "coho"), people("mail")))
    (refusal,) = made.refusals
    assert "it also removes Exchange Administrator at customers from Carla Wood" in refusal.remediation
    assert "approved by a Global admin (Ada Moss: `ada`" in refusal.remediation
    assert digest(made.change) in refusal.remediation
    _approve(made)
    assert made.refusals == []
    terminate("datum")(made)
    assert "it is for another change" in made.refusals[0].actual


def test_who_approves_a_loss_of_roles_is_shown_what_ends_besides() -> None:
    made = world(both(terminate("alpine"), people("desk", *DESK[2:])))
    assert all("'Alpine everyday' with Alpine" in refusal.remediation for refusal in made.refusals)
    _approve(made)
    assert made.refusals == []


def test_the_digest_names_the_customer_and_the_relationship() -> None:
    lines = removals_text(world(both(terminate("alpine"), people("mail"))).change).splitlines()
    assert '["relationship","terminated","alpine everyday"]' in lines
    exchange = "29232cdf-9323-42fd-ade2-1d097af3e4de"
    tenant_id = customer("Bellows", {}, 2)["tenant_id"]
    assert f'["access","removed","{tenant_id}","{id_of("carla")}","active","{exchange}"]' in lines
    assert len(lines) == 1 + 1 + 3, "not at the customer whose relationship ends as a whole"


def test_a_tenant_that_is_no_longer_declared_leaves_no_relationship_unsaid() -> None:
    change: Change = change_between(Tenant.model_validate(declared()), None)
    assert len(change.undeclared) == 4


def _approve(made: World) -> None:
    made.limits(
        override={"change": digest(made.change), "reason": "r", "approved_by": "ada", "expires_on": date(2026, 6, 5)}
    )
