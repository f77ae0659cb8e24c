"""What a review says of access at customers: in one line, whoever and how many they are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.access.declared import identities
from tenantry.access.registered import UNKNOWN, RegisteredResource, read
from tenantry.access.resource_types import GROUP, GROUP_MEMBER, USER
from tenantry.access.state import RELATIONSHIP
from tenantry.declaration import Declaration, load
from tenantry.declaration.customers import Customer, Termination
from tenantry.reports import html, markdown
from tenantry.reports.layout import layout
from tenantry.reports.review import Access, Report, Subject, Tenant
from tenantry.review.compare import Snapshot, compare
from tenantry.rules import evaluate, evidence_of

from .rendered import on_terminal

Edit = Callable[[dict[str, Customer]], dict[str, Customer]]
DECIDED = Termination(reason="The contract has ended", decided_by="Noor Haddad", decided_on=date(2026, 11, 20))


@pytest.fixture(scope="module")
def adatum(root: Path) -> Declaration:
    return load(root / "examples/adatum")


def with_customers(declaration: Declaration, edit: Edit) -> Declaration:
    us = declaration.tenants["us"]
    changed = us.model_copy(update={"customers": edit(dict(us.customers))})
    return replace(declaration, tenants={**declaration.tenants, "us": changed})


def with_people(declaration: Declaration, group: str, *people: str) -> Declaration:
    us = declaration.tenants["us"]
    assert us.gdap
    groups = {**us.gdap.groups, group: us.gdap.groups[group].model_copy(update={"people": people})}
    changed = us.model_copy(update={"gdap": us.gdap.model_copy(update={"groups": groups})})
    return replace(declaration, tenants={**declaration.tenants, "us": changed})


def relationship(key: str, **fields: Any) -> Edit:
    def edit(customers: dict[str, Customer]) -> dict[str, Customer]:
        gdap = {name: one.model_copy(update=fields) for name, one in customers[key].gdap.items()}
        return {**customers, key: customers[key].model_copy(update={"gdap": gdap})}

    return edit


def first(number: int) -> Edit:
    return lambda customers: dict(list(customers.items())[:number])


def without(key: str) -> Edit:
    return lambda customers: {other: one for other, one in customers.items() if other != key}


def compared(before: Declaration, after: Declaration) -> Tenant:
    sides = (Snapshot("adatum/us", "us", one) for one in (before, after))
    return compare(*sides, today=date(2026, 11, 24))


def reported(tenant: Tenant) -> Report:
    return Report(subject=Subject.CHANGE, base="base", head="head", tenants=(tenant,))


def title(before: Declaration, after: Declaration) -> str:
    return layout(reported(compared(before, after))).title


def losses(before: Declaration, after: Declaration) -> list[Access]:
    return [one for person in compared(before, after).people for one in person.losses]


def test_a_place_in_a_group_is_gained_at_every_customer_in_one_line(adatum: Declaration) -> None:
    before, after = with_people(adatum, "mail", "rosa"), adatum
    assert title(before, after) == "Pia Costa gains Exchange Administrator at 50 customers in adatum/us."
    assert title(after, before) == "Pia Costa loses Exchange Administrator at 50 customers in adatum/us."


def test_what_a_new_relationship_gives_waits_for_the_customer(adatum: Declaration) -> None:
    before, after = with_people(adatum, "service-desk"), with_people(adatum, "service-desk")
    before = with_people(with_customers(before, first(36)), "mail", "pia")
    after = with_people(after, "mail", "pia")
    waits = "Exchange Administrator at 14 customers (once they approve)"
    assert title(before, after) == f"Pia Costa gains {waits} in adatum/us."
    waits = "Exchange Administrator at Tailspin Toys (once the customer approves)"
    assert title(with_customers(after, without("tailspin-toys")), after) == f"Pia Costa gains {waits} in adatum/us."


def test_a_customer_who_comes_is_one_setting_and_one_who_changes_says_what(adatum: Declaration) -> None:
    fewer = with_customers(adatum, without("tailspin-toys"))
    (one,) = compared(fewer, adatum).settings
    assert (one.field, one.after) == ("customers.tailspin-toys", "Tailspin Toys (tailspintoys.example, US)")
    (one,) = compared(adatum, with_customers(adatum, relationship("tailspin-toys", duration="P90D"))).settings
    assert (one.field, one.after) == ("customers.tailspin-toys.gdap.everyday.duration", "P90D")


def test_an_adopted_relationship_waits_for_nobody(adatum: Declaration) -> None:
    before = with_customers(adatum, first(1))
    (last,) = list(with_customers(adatum, first(2)).tenants["us"].customers)[1:]
    adopted = with_customers(with_customers(adatum, first(2)), relationship(last, adopted="00000000-aaaa"))
    gains = [one for person in compared(before, adopted).people for one in person.gains]
    assert gains
    assert not any(one.needs_approval for one in gains)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (relationship("tailspin-toys", terminate=DECIDED), "the relationship is to be terminated"),
        (
            lambda all_: {k: v for k, v in all_.items() if k != "tailspin-toys"},
            "the relationship is no longer declared",
        ),
    ],
)
def test_a_relationship_that_ends_is_a_loss_that_says_so(adatum: Declaration, edit: Edit, why: str) -> None:
    lost = losses(adatum, with_customers(adatum, edit))
    assert len(lost) == 6
    assert {(one.name, one.because[-1]) for one in lost} == {("Tailspin Toys", why)}


def test_who_keeps_a_role_by_another_relationship_loses_nothing(adatum: Declaration) -> None:
    def renewed(customers: dict[str, Customer]) -> dict[str, Customer]:
        old = customers["tailspin-toys"]
        new = old.gdap["everyday"].model_copy(update={"template": "everyday", "display_name": "Tailspin 2028"})
        ended = old.gdap["everyday"].model_copy(update={"terminate": DECIDED})
        gdap = {"everyday": ended, "everyday-2": new}
        return {**customers, "tailspin-toys": old.model_copy(update={"gdap": gdap})}

    assert losses(adatum, with_customers(adatum, renewed)) == []


# --- a plan


IDS = {key: f"{number:08}-0000-4000-8000-000000000000" for number, key in enumerate(["pia", "quinn", "rosa"], 1)}
MAIL = "aaaaaaaa-0000-4000-8000-00000000000a"
EXCHANGE_ADMINISTRATOR = "29232cdf-9323-42fd-ade2-1d097af3e4de"


def planned(
    declaration: Declaration, people: list[str], status: str | None, customers: list[str], **more: Any
) -> Snapshot:
    """The stack with the group Mail and its relationships, as one side of a plan has it."""
    resources = with_relationships(declaration, people, status, customers, **more)
    view = read(resources, identities(declaration.tenants["us"]), at_customers=True)
    return Snapshot("adatum/us", "us", declaration, view)


def with_relationships(
    declaration: Declaration, people: list[str], status: str | None, customers: list[str], **more: Any
) -> list[RegisteredResource]:
    tenant = declaration.tenants["us"]
    upns = {key: tenant.members[key].upn for key in IDS}
    resources = [
        registered(USER, key, userPrincipalName=upns[key], displayName=key, objectId=id_) for key, id_ in IDS.items()
    ]
    resources.append(
        registered(GROUP, "mail", displayName="GDAP Mail", objectId=MAIL, members=[IDS[p] for p in people])
    )
    for key in customers:
        customer = tenant.customers[key]
        held = {"mail": {"group": MAIL, "roles": [EXCHANGE_ADMINISTRATOR]}}
        values = {"displayName": f"{customer.name} everyday", "customerTenantId": customer.tenant_id}
        resources.append(registered(RELATIONSHIP, f"{key}.everyday", **values, assignments=held, status=status, **more))
    return resources


def registered(type_: str, name: str, **values: Any) -> RegisteredResource:
    return RegisteredResource(f"urn:pulumi:us::tenantry::{type_}::us-{name}", type_, values, values)


def title_of_plan(before: Snapshot, after: Snapshot) -> str:
    return layout(reported(compare(before, after, today=date(2026, 11, 24)))).title


def test_a_plan_gives_a_new_member_every_active_relationship_of_the_group(adatum: Declaration) -> None:
    both = ["tailspin-toys", "fabrikam"]
    before, after = (planned(adatum, people, "active", both) for people in (["rosa"], ["pia", "rosa"]))
    assert title_of_plan(before, after) == "Pia Costa gains Exchange Administrator at 2 customers in adatum/us."
    assert title_of_plan(after, before) == "Pia Costa loses Exchange Administrator at 2 customers in adatum/us."


@pytest.mark.parametrize("status", [None, "approvalPending"])
def test_what_a_plan_asks_of_a_customer_begins_once_they_approve(adatum: Declaration, status: str | None) -> None:
    before, after = planned(adatum, ["pia"], None, []), planned(adatum, ["pia"], status, ["fabrikam"])
    gains = "gains Exchange Administrator at Fabrikam (once the customer approves)"
    assert title_of_plan(before, after) == f"Pia Costa {gains} in adatum/us."


def test_a_plan_that_terminates_a_relationship_takes_its_roles_and_says_so(adatum: Declaration) -> None:
    ends = with_customers(adatum, relationship("fabrikam", terminate=DECIDED))
    before = planned(ends, ["pia"], "active", ["fabrikam"])
    after = planned(ends, ["pia"], "active", ["fabrikam"], terminate=True)
    (person,) = compare(before, after, today=date(2026, 11, 24)).people
    (lost,) = person.losses
    assert (lost.name, lost.because[-1]) == ("Fabrikam", "the relationship is to be terminated")


def test_a_program_that_gives_a_role_at_customers_beside_the_declaration_breaks_the_rule(adatum: Declaration) -> None:
    def broken(people: list[str]) -> list[str]:
        view = planned(adatum, people, None, ["fabrikam", "tailspin-toys"]).registered
        results = evaluate(evidence_of(adatum, "us", view, date(2026, 11, 24)))
        return [str(one.actual) for result in results for one in result.findings if one.rule == "PT-108"]

    assert broken(["pia", "rosa"]) == []
    assert broken(["pia", "quinn", "rosa"]) == ["Exchange Administrator at 2 customers outside the declaration"]


UNIT = "azuread:index/administrativeUnit:AdministrativeUnit"
SCHEDULE = "azuread:index/privilegedAccessGroupEligibilitySchedule:PrivilegedAccessGroupEligibilitySchedule"
OWNERS = "owners of GDAP Mail (roles at customers), who can add members to it"
UNITED = "GDAP Mail (roles at customers) in an administrative unit, whose administrators can change"


@pytest.mark.parametrize(
    ("group", "beside", "says"),
    [
        ({"owners": [IDS["quinn"]]}, {}, OWNERS),
        ({"dynamicMembership": {"rule": "x"}}, {}, "a dynamic membership rule of GDAP Mail"),
        ({"administrativeUnitIds": ["x"]}, {}, UNITED),
        ({}, {UNIT: {"members": [MAIL]}}, UNITED),
        (
            {},
            {SCHEDULE: {"groupId": MAIL, "principalId": IDS["quinn"]}},
            "PrivilegedAccessGroupEligibilitySchedule lets people become members of GDAP Mail (roles at customers)",
        ),
        (
            {},
            {GROUP_MEMBER: {"groupObjectId": MAIL, "memberObjectId": IDS["quinn"]}},
            "Exchange Administrator at 2 customers outside the declaration",
        ),
        ({}, {GROUP_MEMBER: {"groupObjectId": MAIL, "memberObjectId": UNKNOWN}}, "`memberObjectId`: 1 unknown"),
    ],
)
def test_every_way_into_a_group_with_roles_at_customers_breaks_the_rule(
    adatum: Declaration, group: dict[str, Any], beside: dict[str, dict[str, Any]], says: str
) -> None:
    made = with_relationships(adatum, ["pia", "rosa"], None, ["fabrikam", "tailspin-toys"])
    given = [replace(one, inputs={**one.inputs, **group}) if one.type == GROUP else one for one in made]
    given += [registered(type_, "x", **values) for type_, values in beside.items()]
    found = of_rule("PT-108", adatum, given)
    assert [one for one in found if says in one], found
    relationships = [one for one in given if one.type != RELATIONSHIP]
    assert not [one for one in of_rule("PT-108", adatum, relationships) if "GDAP Mail" in one], "then it gives nothing"


def of_rule(rule: str, declaration: Declaration, resources: list[RegisteredResource]) -> list[str]:
    view = read(resources, identities(declaration.tenants["us"]))
    results = evaluate(evidence_of(declaration, "us", view, date(2026, 11, 24)))
    return [str(one.actual) for result in results for one in result.findings if one.rule == rule]


def test_changes_of_members_that_are_ignored_hide_who_works_at_customers(adatum: Declaration) -> None:
    made = with_relationships(adatum, ["pia", "rosa"], None, ["fabrikam"])
    given = [replace(one, ignores=frozenset({"members"})) if one.type == GROUP else one for one in made]
    assert [one for one in of_rule("PT-108", adatum, given) if "changes of `members` are ignored" in one]
    assert of_rule("PT-108", adatum, made) == []


def test_what_a_group_for_customers_that_is_taken_over_has_already_is_no_finding(adatum: Declaration) -> None:
    made = with_relationships(adatum, ["pia", "rosa"], None, ["fabrikam"])
    kept = {"owners": [IDS["quinn"]], "administrativeUnitIds": ["x"]}
    ignored = frozenset({"owners", "administrativeUnitIds"})
    given = [replace(o, inputs={**o.inputs, **kept}, ignores=ignored) if o.type == GROUP else o for o in made]
    assert of_rule("PT-108", adatum, given) == []


def test_golden_of_changes_at_customers(adatum: Declaration, matches_golden: Callable[[str, str], None]) -> None:
    before = with_people(with_customers(adatum, first(36)), "mail", "rosa")
    after = with_customers(adatum, relationship("alpine-ski-house", terminate=DECIDED))
    report = reported(compared(before, after))
    matches_golden("review/customers.md", markdown.render(layout(report)))
    matches_golden("review/customers.html", html.render(layout(report)))
    matches_golden("review/customers.txt", on_terminal(report))
