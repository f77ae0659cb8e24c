"""The customer's side of a relationship: what it decides in its own admin center, which is not here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tenantry.spelling import folded

from . import relationships
from .documents import JsonObject
from .errors import GraphError
from .identifiers import is_guid, stable_id
from .resources import Kind
from .store import Store
from .tenant import Entity

Decision: TypeAlias = Literal["approve", "reject", "terminate"]


class DecisionError(Exception):
    """The customer cannot decide that; the message says why, and what to do."""


@dataclass(frozen=True)
class Decided:
    """A relationship about which a customer decided, and of which tenant."""

    relationship_id: str
    name: str
    partner_tenant: str
    customer_tenant: str


def decide(store: Store, relationship: str, decision: Decision, customer_tenant: str | None = None) -> Decided:
    """Decide as the customer of a relationship, which is given by its id or its name. Raises DecisionError.

    A relationship that names no customer is that of the one who approves: of ``customer_tenant``, or of a tenant that
    follows from the relationship's name.
    """
    if customer_tenant is not None and not is_guid(customer_tenant):
        raise DecisionError(f"The customer's tenant must be a GUID, and is {customer_tenant!r}.")
    found = [(tenant_id, one) for tenant_id in store.tenant_ids() for one in _called(store, tenant_id, relationship)]
    if len(found) != 1:
        what = (
            f"{len(found)} relationships are called {relationship!r}" if found else f"no relationship {relationship!r}"
        )
        fix = "give its id instead" if found else "give the id or the name of one"
        raise DecisionError(
            f"The embedded directory: {what}; {fix} (/tenantRelationships/delegatedAdminRelationships)."
        )
    (partner, entity), name = found[0], found[0][1].text("displayName")
    given: JsonObject = {"tenantId": customer_tenant or stable_id(partner, f"customers/{name}"), "displayName": name}
    known = entity.document["customer"]
    customer = str((known if isinstance(known, dict) else given)["tenantId"])
    if customer_tenant is not None and customer_tenant.lower() != customer.lower():
        raise DecisionError(f"{name!r} is for the customer {customer}, and {customer_tenant} cannot decide about it.")
    with store.writing(partner) as tenant:
        try:
            relationships.act(tenant, entity, decision, given)
        except GraphError as error:
            raise DecisionError(f"{name!r}: {error.message}") from None
    return Decided(entity.id, name, partner, customer)


def _called(store: Store, tenant_id: str, relationship: str) -> Iterator[Entity]:
    with store.reading(tenant_id) as tenant:
        for entity in tenant.scan(Kind.RELATIONSHIP):
            if relationship.lower() == entity.id or folded(relationship) == folded(entity.text("displayName")):
                yield entity
