"""Service principals: read only; the deploying application's is there from the beginning."""

from collections.abc import Iterable

from .documents import JsonObject, now
from .endpoint import Call, Endpoint, found
from .resources import SERVICE_PRINCIPAL, Kind
from .tenant import Entity, Tenant


def create(tenant: Tenant, *, object_id: str, client_id: str, display_name: str) -> Entity:
    """Add the service principal of an application that this tenant owns."""
    principal: JsonObject = {
        **SERVICE_PRINCIPAL.blank(),
        "id": object_id,
        "accountEnabled": True,
        "appDisplayName": display_name,
        "appId": client_id,
        "appOwnerOrganizationId": tenant.id,
        "appRoleAssignmentRequired": False,
        "createdDateTime": now(),
        "displayName": display_name,
        "servicePrincipalNames": [client_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg",
    }
    return tenant.add(Kind.SERVICE_PRINCIPAL, object_id, principal, name=client_id)


def _list(call: Call) -> JsonObject:
    return call.collection(SERVICE_PRINCIPAL, call.tenant.scan(Kind.SERVICE_PRINCIPAL, call.query.after))


def _get(call: Call) -> JsonObject:
    principal = call.tenant.get(Kind.SERVICE_PRINCIPAL, call["principal"])
    return call.one(found(principal, call["principal"]))


ENDPOINTS: Iterable[Endpoint] = (
    Endpoint("GET", "/servicePrincipals", _list),
    Endpoint("GET", "/servicePrincipals/{principal}", _get),
)
