"""The licences that a tenant has, which of them its people have, and what is refused without one.

Sources: Microsoft's "Product names and service plan identifiers for licensing" for products and plans; "Microsoft Entra
ID Governance licensing fundamentals" for what Privileged Identity Management needs, and what is left when that ends;
Microsoft Graph, "subscribedSku" and "user: assignLicense". How many of a licence a tenant bought is not kept: there
are :data:`UNITS` of each.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from . import errors
from .documents import JsonObject, JsonValue, now
from .identifiers import is_guid
from .resources import SUBSCRIBED_SKU, Kind
from .tenant import Entity, Tenant


class Licence(StrEnum):
    """A licence that a tenant can have, where one makes a difference here."""

    ENTRA_ID_P1 = "Microsoft Entra ID P1"
    ENTRA_ID_P2 = "Microsoft Entra ID P2"
    """Includes Microsoft Entra ID P1."""


@dataclass(frozen=True)
class Plan:
    """A part of a product."""

    id: str
    name: str
    service: str
    applies_to: str = "User"


@dataclass(frozen=True)
class Product:
    """What is bought under the name of a licence."""

    sku_id: str
    part_number: str
    plans: tuple[Plan, ...]


UNITS: Final = 100
_PREMIUM_1: Final = Plan("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM", "AADPremiumService")
_PREMIUM_2: Final = Plan("eec0eb4f-6444-4f95-aba0-50c24d67f998", "AAD_PREMIUM_P2", "AADPremiumService")
_SHARED: Final = (
    Plan("113feb6c-3fe4-4440-bddc-54d774bf0318", "EXCHANGE_S_FOUNDATION", "exchange", "Company"),
    Plan("8a256a2b-b617-496d-b51b-e76466e88db0", "MFA_PREMIUM", "MultiFactorService"),
    Plan("932ad362-64a8-4783-9106-97849a1a30b9", "ADALLOM_S_DISCOVERY", "Adallom"),
)
PRODUCTS: Final = {
    Licence.ENTRA_ID_P1: Product("078d2b04-f1bd-4111-bbd6-b4b1b354cef4", "AAD_PREMIUM", (_PREMIUM_1, *_SHARED)),
    Licence.ENTRA_ID_P2: Product(
        "84a661c4-e949-4bd2-a560-ed7766fcaf2b", "AAD_PREMIUM_P2", (_PREMIUM_1, _PREMIUM_2, *_SHARED)
    ),
}
_NEEDED: Final = {
    Licence.ENTRA_ID_P1: frozenset({_PREMIUM_1.id, _PREMIUM_2.id}),
    Licence.ENTRA_ID_P2: frozenset({_PREMIUM_2.id}),
}
"""The plans of which one does what a licence does: P2 does all that P1 does."""
_ENABLED: Final = "Enabled"
_DELETED: Final = "Deleted"


def are_recorded(tenant: Tenant) -> bool:
    """Whether it was ever recorded which licences a tenant has."""
    return bool(_plans(tenant))


def give(tenant: Tenant, licences: Collection[Licence]) -> None:
    """Give a tenant exactly these licences. Nobody stays eligible, or active by that, where the licence for it ends."""
    bought = {plan.id for licence in licences for plan in PRODUCTS[licence].plans}
    all_plans = {plan.id: plan for product in PRODUCTS.values() for plan in product.plans}
    plans: list[JsonValue] = [
        {
            "assignedDateTime": now(),
            "capabilityStatus": _ENABLED if plan.id in bought else _DELETED,
            "service": plan.service,
            "servicePlanId": plan.id,
        }
        for plan in all_plans.values()
    ]
    tenant.update(_organization(tenant), {"assignedPlans": plans})
    for bought_before in [*tenant.scan(Kind.SUBSCRIBED_SKU)]:
        tenant.remove(bought_before)
    for licence in sorted(licences):
        product = PRODUCTS[licence]
        named: JsonObject = {"skuId": product.sku_id, "skuPartNumber": product.part_number}
        tenant.create(SUBSCRIBED_SKU, named, object_id=f"{tenant.id}_{product.sku_id}")
    ended = {PRODUCTS[licence].sku_id for licence in Licence if licence not in licences}
    for user in tenant.scan(Kind.USER):
        kept = [assigned for assigned in assigned_to(user) if assigned["skuId"] not in ended]
        if len(kept) < len(assigned_to(user)):
            tenant.update(user, {"assignedLicenses": [*kept]})
    if Licence.ENTRA_ID_P2 not in licences:
        for kind in (Kind.ELIGIBILITY_SCHEDULE, Kind.GROUP_ELIGIBILITY_SCHEDULE):
            for schedule in [*tenant.scan(kind)]:
                tenant.remove(schedule)


def has(tenant: Tenant, licence: Licence) -> bool:
    """Whether a tenant has a licence, or another one that contains it."""
    return not _NEEDED[licence].isdisjoint(_enabled(tenant))


def owned(tenant: Tenant) -> Iterator[Product]:
    """Yield the products that a tenant has."""
    bought = {kept.text("skuId") for kept in tenant.scan(Kind.SUBSCRIBED_SKU)}
    if bought:
        yield from (product for product in PRODUCTS.values() if product.sku_id in bought)
    # A store of an earlier release knows the plans alone.
    elif has(tenant, Licence.ENTRA_ID_P2):
        yield PRODUCTS[Licence.ENTRA_ID_P2]
    elif has(tenant, Licence.ENTRA_ID_P1):
        yield PRODUCTS[Licence.ENTRA_ID_P1]


def assigned_to(user: Entity) -> list[JsonObject]:
    """Return the products that a person has."""
    assigned = user.document["assignedLicenses"]
    return [one for one in assigned if isinstance(one, dict)] if isinstance(assigned, list) else []


def assign(tenant: Tenant, user: Entity, added: Collection[JsonValue], removed: Collection[JsonValue]) -> Entity:
    """Give a person products, with plans that are switched off, and take others; or refuse."""
    held = {str(one["skuId"]): one for one in assigned_to(user)}
    if added and not user.document["usageLocation"]:
        raise errors.no_usage_location()
    for sku_id in map(_guid, removed):
        if held.pop(sku_id, None) is None:
            raise errors.licence_not_assigned()
    products = {product.sku_id: product for product in owned(tenant)}
    for one in added:
        sku_id = _guid(one.get("skuId") if isinstance(one, dict) else one)
        if sku_id not in products:
            raise errors.no_such_licence(sku_id)
        if sku_id not in held and consumed(tenant, sku_id) >= UNITS:
            raise errors.no_licence_left(sku_id)
        held[sku_id] = {"disabledPlans": _disabled(products[sku_id], one), "skuId": sku_id}
    return tenant.update(user, {"assignedLicenses": [*held.values()]})


def _guid(value: JsonValue) -> str:
    if not isinstance(value, str) or not is_guid(value):
        raise errors.malformed(f"Cannot convert the literal '{value}' to the expected type 'Edm.Guid'.")
    return value.lower()


def _disabled(product: Product, given: JsonValue) -> list[JsonValue]:
    """Return the plans that are switched off of a product. Not documented: in which words another plan is refused."""
    plans = given.get("disabledPlans") if isinstance(given, dict) else None
    disabled = [_guid(plan) for plan in plans] if isinstance(plans, list) else []
    if not isinstance(plans, list | None) or not {plan.id for plan in product.plans}.issuperset(disabled):
        raise errors.bad_request(f"License {product.sku_id} does not contain all of the plans in 'disabledPlans'.")
    return [*disabled]


def consumed(tenant: Tenant, sku_id: str) -> int:
    """Return how many people have a product."""
    return sum(any(one["skuId"] == sku_id for one in assigned_to(user)) for user in tenant.scan(Kind.USER))


def _enabled(tenant: Tenant) -> set[str]:
    plans = (plan for plan in _plans(tenant) if isinstance(plan, dict))
    return {str(plan["servicePlanId"]) for plan in plans if plan["capabilityStatus"] == _ENABLED}


def check_premium(tenant: Tenant, what: str) -> None:
    """Refuse what takes Microsoft Entra ID P1, which every licence here contains.

    Sources: Microsoft Entra, "Rules for dynamic membership groups", "Use Microsoft Entra groups to manage role
    assignments", "Create a custom role": the prerequisites of each.
    """
    if not any(has(tenant, licence) for licence in Licence):
        raise errors.no_licence_for(what)


def _plans(tenant: Tenant) -> list[JsonValue]:
    plans = _organization(tenant).document["assignedPlans"]
    return plans if isinstance(plans, list) else []


def _organization(tenant: Tenant) -> Entity:
    return errors.existing(tenant.get(Kind.ORGANIZATION, tenant.id), tenant.id)
