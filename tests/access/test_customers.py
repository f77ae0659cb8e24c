"""Who really holds what at which customer, read from the embedded directory."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tenantry.access import AccessDiff, Answer, Kind, diff
from tenantry.access.declared import access_map
from tenantry.access.parts import NotRead
from tenantry.graph.errors import Cause
from tests import acme

from .customers import Customers

MAIL, DESK = "Exchange Administrator", "Helpdesk Administrator"
EXCHANGE_ADMINISTRATOR = "29232cdf-9323-42fd-ade2-1d097af3e4de"
PLAN = {
    "groups": {
        "mail": {"name": "GDAP Mail", "people": ["emma", "ines"]},
        "desk": {"name": "GDAP Desk", "people": ["ines"]},
    }
}
CUSTOMERS = {
    name.lower(): acme.customer(name, {"mail": [MAIL], "desk": [DESK, "Reports Reader"]}, number)
    for number, name in enumerate(["Fabrikam", "Tailspin"], 1)
}
FABRIKAM = CUSTOMERS["fabrikam"]["tenant_id"]
ANSWER = Answer(Kind.CUSTOMER_ROLE)


@pytest.fixture(scope="module")
def as_declared() -> Iterator[Customers]:
    with Customers.provided(PLAN, CUSTOMERS) as one:
        yield one


@pytest.fixture
def customers(as_declared: Customers) -> Iterator[Customers]:
    with as_declared.copied() as one:
        yield one


def drift(customers: Customers) -> AccessDiff:
    return diff(access_map(customers.world.declared), customers.view())


def test_what_is_declared_and_approved_is_what_is_seen(customers: Customers) -> None:
    found = drift(customers)
    assert (found.gained, found.lost) == ({}, {})
    view = customers.view()
    assert ANSWER in view.answers
    held = {grant: why for grant, why in view.grants.items() if grant.kind is Kind.CUSTOMER_ROLE}
    assert len(held) == 2 * (2 + 2)
    sources = {reason.source for why in held.values() for reason in why}
    assert sources == {"relationship Fabrikam everyday", "relationship Tailspin everyday"}
    (until,) = {reason.text.partition(", ")[2] for why in held.values() for reason in why}
    assert until.startswith("until 202")


def test_somebody_in_a_group_by_hand_or_through_a_group_in_it_holds_its_roles_everywhere(customers: Customers) -> None:
    world = customers.world
    world.join(customers.groups["mail"], world.ids["dmitri"])
    nested = customers.group("Night shift", world.ids["farid"])
    world.join(customers.groups["desk"], nested)
    gained = {(one.principal, one.target) for one in drift(customers).gained if one.principal.upn}
    tenants = {one["tenant_id"] for one in CUSTOMERS.values()}
    assert gained == {(world.named(key), tenant) for key in ("dmitri", "farid") for tenant in tenants}


def test_what_has_ended_or_waits_for_its_customer_gives_nothing(customers: Customers) -> None:
    customers.terminate("Tailspin everyday")
    lost = drift(customers).lost
    assert {one.target for one in lost} == {CUSTOMERS["tailspin"]["tenant_id"]}
    customers.asked("Again", {"tenantId": FABRIKAM, "displayName": "Fabrikam"}, [EXCHANGE_ADMINISTRATOR])
    assert not drift(customers).gained
    customers.wait(timedelta(days=731))
    assert len(drift(customers).lost) == 2 * 4


def test_a_group_that_is_gone_gives_nobody_anything(customers: Customers) -> None:
    customers.world.tenant.graph.request("DELETE", f"/beta/groups/{customers.groups['mail']}")
    view = customers.view()
    assert ANSWER in view.answers
    assert not view.unresolved
    assert EXCHANGE_ADMINISTRATOR not in {one.scope for one in view.grants}


def test_without_the_permission_nothing_is_known_at_customers_and_it_says_why(customers: Customers) -> None:
    customers.world.lack("DelegatedAdminRelationship.ReadWrite.All")
    found = customers.observe().at_customers
    assert found
    assert isinstance(found.relationships, NotRead)
    assert found.relationships.cause is Cause.PERMISSION
    assert "DelegatedAdminRelationship.Read.All is missing" in found.relationships.text
    assert not [one for one in customers.view().answers if one.kind is Kind.CUSTOMER_ROLE]
    assert not [one for one in drift(customers).lost if one.kind is Kind.CUSTOMER_ROLE]
