"""What a tenant has bought, and the licences of its people.

Source: Microsoft Graph, "subscribedSku", "licenseDetails" and "user: assignLicense". What a person is given counts at
once. Licences of groups are left out.
"""

from collections.abc import Iterator
from typing import Final

from . import domains, errors, licences, users
from .documents import JsonObject, JsonValue
from .endpoint import Call, Category
from .families import Family, declared
from .licences import UNITS, Product
from .permissions import ASSIGN_LICENCES, READ_LICENCES, READ_LICENCES_OF_USER
from .resources import LICENSE_DETAILS, SUBSCRIBED_SKU, Kind
from .tenant import Entity, Tenant


def _bought(tenant: Tenant) -> Iterator[Entity]:
    for product in licences.owned(tenant):
        document: JsonObject = {
            "id": f"{tenant.id}_{product.sku_id}",
            "accountId": tenant.id,
            "accountName": domains.initial(tenant).partition(".")[0],
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": licences.consumed(tenant, product.sku_id),
            "prepaidUnits": {"enabled": UNITS, "lockedOut": 0, "suspended": 0, "warning": 0},
            "servicePlans": _plans(product),
            "skuId": product.sku_id,
            "skuPartNumber": product.part_number,
            "subscriptionIds": [],
        }
        yield Entity(0, str(document["id"]), Kind.SUBSCRIBED_SKU, document)


def _find_bought(call: Call) -> Entity:
    return errors.existing(next((one for one in _bought(call.tenant) if one.id == call["sku"]), None), call["sku"])


def _plans(product: Product, disabled: JsonValue = None) -> list[JsonValue]:
    off = disabled if isinstance(disabled, list) else []
    return [
        {
            "appliesTo": plan.applies_to,
            "provisioningStatus": "Disabled" if plan.id in off else "Success",
            "servicePlanId": plan.id,
            "servicePlanName": plan.name,
        }
        for plan in product.plans
    ]


ENDPOINTS: Final = declared(
    Family(
        SUBSCRIBED_SKU,
        "/subscribedSkus/{sku}",
        READ_LICENCES,
        paged=False,
        listed=lambda call: _bought(call.tenant),
        find=_find_bought,
    )
)


@ENDPOINTS.get("/users/{user}/licenseDetails", READ_LICENCES_OF_USER)
def _list_details(call: Call) -> JsonObject:
    products = {product.sku_id: product for product in licences.PRODUCTS.values()}

    def details() -> Iterator[Entity]:
        for assigned in licences.assigned_to(users.find(call.tenant, call["user"])):
            product = products[str(assigned["skuId"])]
            document: JsonObject = {
                "id": product.sku_id,
                "servicePlans": _plans(product, assigned["disabledPlans"]),
                "skuId": product.sku_id,
                "skuPartNumber": product.part_number,
            }
            yield Entity(0, product.sku_id, Kind.LICENSE_DETAILS, document)

    return call.whole_collection(LICENSE_DETAILS, details())


@ENDPOINTS.change(
    "POST", "/users/{user}/assignLicense", ASSIGN_LICENCES, "Change user license", category=Category.USERS, status=200
)
def _assign(call: Call) -> JsonObject:
    user = users.find(call.tenant, call["user"])
    added, removed = call.body.get("addLicenses"), call.body.get("removeLicenses")
    if not isinstance(added, list) or not isinstance(removed, list):
        raise errors.malformed("'addLicenses' and 'removeLicenses' must both be given, and be lists.")
    return call.one(licences.assign(call.tenant, user, added, removed))
