"""What signing in asks Azure Resource Manager: which subscriptions and which tenants the caller can see.

The Azure CLI asks for the subscriptions, and AzureHound for the tenants. The rest of Azure Resource Manager is
not here. Source: "Subscriptions - List" and "Tenants - List", Azure Resource Manager, version 2022-12-01.
"""

from .documents import JsonObject, JsonValue
from .resources import Kind
from .tenant import Tenant


def subscriptions() -> JsonObject:
    """Return the caller's Azure subscriptions: the tenants here have none."""
    return {"value": [], "count": {"type": "Total", "value": 0}}


def tenants(tenant: Tenant) -> JsonObject:
    """Return the tenants of the caller: an application's token is for one."""
    organization = tenant.get(Kind.ORGANIZATION, tenant.id)
    if organization is None:
        raise LookupError(f"The tenant {tenant.id} has no organization.")
    domains: list[JsonValue] = [domain.id for domain in tenant.scan(Kind.DOMAIN)]
    default = [domain.id for domain in tenant.scan(Kind.DOMAIN) if domain.document["isDefault"] is True]
    shown: JsonObject = {
        "id": f"/tenants/{tenant.id}",
        "tenantId": tenant.id,
        "countryCode": organization.document["countryLetterCode"],
        "displayName": organization.text("displayName"),
        "domains": domains,
        "tenantCategory": "Home",
        "defaultDomain": default[0],
        "tenantType": organization.document["tenantType"],
    }
    return {"value": [shown]}
