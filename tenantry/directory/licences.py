"""The licences that a tenant has, which show as plans of its organization, and what is refused without one.

Sources: Microsoft's "Product names and service plan identifiers for licensing" for the plan's id; "Microsoft Entra ID
Governance licensing fundamentals" for what Privileged Identity Management needs, and what is left when that ends.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from . import errors
from .documents import JsonValue, now
from .resources import Kind
from .tenant import Entity, Tenant


class Licence(StrEnum):
    """A licence that a tenant can have, where one makes a difference here."""

    ENTRA_ID_P2 = "Microsoft Entra ID P2"


_PLANS: Final = {Licence.ENTRA_ID_P2: "eec0eb4f-6444-4f95-aba0-50c24d67f998"}
_ENABLED: Final = "Enabled"
_DELETED: Final = "Deleted"


def are_recorded(tenant: Tenant) -> bool:
    """Whether it was ever recorded which licences a tenant has."""
    return bool(_plans(tenant))


def give(tenant: Tenant, licences: Collection[Licence]) -> None:
    """Give a tenant exactly these licences. Nobody stays eligible for a role where the licence for that ends."""
    plans: list[JsonValue] = [
        {
            "assignedDateTime": now(),
            "capabilityStatus": _ENABLED if licence in licences else _DELETED,
            "service": "AADPremiumService",
            "servicePlanId": plan,
        }
        for licence, plan in _PLANS.items()
    ]
    organization = _organization(tenant)
    tenant.update(organization, {"assignedPlans": plans})
    if Licence.ENTRA_ID_P2 not in licences:
        for schedule in [*tenant.scan(Kind.ELIGIBILITY_SCHEDULE)]:
            tenant.remove(schedule)


def has(tenant: Tenant, licence: Licence) -> bool:
    """Whether a tenant has a licence."""
    return any(
        plan["servicePlanId"] == _PLANS[licence] and plan["capabilityStatus"] == _ENABLED
        for plan in _plans(tenant)
        if isinstance(plan, dict)
    )


def _plans(tenant: Tenant) -> list[JsonValue]:
    plans = _organization(tenant).document["assignedPlans"]
    return plans if isinstance(plans, list) else []


def _organization(tenant: Tenant) -> Entity:
    found = tenant.get(Kind.ORGANIZATION, tenant.id)
    if found is None:
        raise errors.not_found(tenant.id)
    return found
