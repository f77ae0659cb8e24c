"""What `tenantry drift` reads of access at customers: by what is declared, and by what it may read."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tenantry.access.observed import ObservedTenant
from tenantry.access.preview import Refreshed
from tenantry.access.relationships import groups_to_read
from tenantry.declaration import Stack, load
from tenantry.declaration.customers import CUSTOMER_ADMINISTRATION
from tenantry.drift import run
from tenantry.graph.client import GraphReader
from tests.access.customers import Customers
from tests.access.test_customers import CUSTOMERS, PLAN
from tests.access.test_observed import PARTNERS, provisioned
from tests.graph.in_process import reader_of

READ, WRITE = "DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"


@pytest.fixture
def customers() -> Iterator[Customers]:
    with provisioned() as world:
        yield Customers(world)


def read(customers: Customers) -> list[str] | None:
    """The names of the groups that are read; None where access at customers is not."""
    tenant = customers.world.declared
    with reader_of(customers.world.store, tenant.id) as reader:
        groups = groups_to_read(reader, tenant)
    return None if groups is None else [group.name for group in groups]


def enable(customers: Customers) -> None:
    customers.world.tenant.post("/v1.0/servicePrincipals", {"appId": CUSTOMER_ADMINISTRATION})


@pytest.mark.parametrize("permitted", [True, False])
def test_the_declared_groups_are_read_whatever_the_application_may(customers: Customers, permitted: bool) -> None:
    """What may not be read is said then, and never passed over."""
    customers.declare(gdap=PLAN, customers=CUSTOMERS)
    if not permitted:
        customers.world.lack(READ, WRITE)
    assert read(customers) == ["GDAP Mail", "GDAP Desk"]


def test_without_a_declaration_whoever_may_looks_for_relationships_that_nobody_declared(customers: Customers) -> None:
    enable(customers)
    assert read(customers) == []


def test_without_a_declaration_and_a_permission_nothing_of_customers_is_asked(customers: Customers) -> None:
    enable(customers)
    customers.world.lack(READ, WRITE)
    assert read(customers) is None


def test_a_tenant_without_the_application_for_customers_has_no_relationships_to_read(customers: Customers) -> None:
    assert read(customers) is None


@pytest.mark.parametrize("declared", [True, False])
def test_drift_reads_relationships_where_customers_are_declared_or_it_may(
    customers: Customers, monkeypatch: pytest.MonkeyPatch, declared: bool
) -> None:
    if declared:
        customers.declare(gdap=PLAN, customers=CUSTOMERS)
    customers.world.lack(READ, WRITE)
    tenant = customers.world.declared
    stack = Stack(replace(load(PARTNERS / "contoso"), tenants={"us": tenant}), "us")
    nobody: Any = None  # the engine, which is asked for nothing of customers
    monkeypatch.setattr(GraphReader, "from_environment", lambda _: reader_of(customers.world.store, tenant.id))
    monkeypatch.setattr(run, "_refreshed", lambda *_: Refreshed((), (), ()))
    _, observed = run._look(nobody, nobody, {}, "dev", stack)
    assert isinstance(observed, ObservedTenant)
    assert (observed.at_customers is not None) is declared
