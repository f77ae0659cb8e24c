"""Service principals: the identities that applications have in a tenant, and the policies and keys on them.

One is made for an application of the tenant, or for one of Microsoft's that every tenant may use. What it shows of
its application follows the application.
"""

from collections.abc import Mapping
from typing import Final

from tenantry.graph_permissions import permissions

from . import errors
from .credentials import declare_passwords, declare_token_signing, kept_keys, kept_passwords, update
from .documents import JsonObject, JsonValue
from .endpoint import Call, Category
from .families import Family, ReferenceList, declared
from .identifiers import new_id, stable_id
from .permissions import (
    CREATE_PRINCIPALS,
    LIST_APPLICATIONS,
    OWNED_BY,
    POLICIES_OF_PRINCIPAL,
    READ_PRINCIPAL,
    WRITE_PRINCIPAL,
)
from .references import OWNERS, add, finder, only, owners_of_new
from .resources import SERVICE_PRINCIPAL, Kind
from .tenant import Entity, Relation, Tenant

find: Final = finder(Kind.SERVICE_PRINCIPAL)
_MICROSOFT: Final = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant of Microsoft's own applications."""

#: Applications of Microsoft's that a service principal can be made for: client id to name. Source: "Verify first-party
#: Microsoft applications in sign-in reports" in Microsoft's documentation.
MICROSOFT_GRAPH: Final = "00000003-0000-0000-c000-000000000000"
CUSTOMER_ADMINISTRATION: Final = "2832473f-ec63-45fb-976f-5d45a7d4bb91"
"""Stands for the partner in the tenants of its customers. Source: "Update delegatedAdminRelationship"."""
FIRST_PARTY: Final[Mapping[str, str]] = {
    CUSTOMER_ADMINISTRATION: "Partner Customer Delegated Administration",
    MICROSOFT_GRAPH: "Microsoft Graph",
    "00000002-0000-0ff1-ce00-000000000000": "Office 365 Exchange Online",
    "00000003-0000-0ff1-ce00-000000000000": "Office 365 SharePoint Online",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Windows Azure Service Management API",
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd": "Microsoft Partner Center",
}
#: What clients know Microsoft Graph by beside its client id. Source: what Microsoft Graph answers about its own service
#: principal, as the tests of the CLI for Microsoft 365 record it.
_NAMES_OF_GRAPH: Final = (
    f"{MICROSOFT_GRAPH}/ags.windows.net",
    "https://ags.windows.net",
    *(
        f"https://{host}{ending}"
        for host in (
            "graph.microsoft.com",
            "canary.graph.microsoft.com",
            "graph.microsoft.us",
            "dod-graph.microsoft.us",
        )
        for ending in ("", "/")
    ),
)


def create(tenant: Tenant, *, object_id: str, client_id: str, display_name: str, owned_by: str | None = None) -> Entity:
    """Add the service principal of an application that is registered in this tenant, or in ``owned_by``."""
    principal: JsonObject = {
        "accountEnabled": True,
        "appDisplayName": display_name,
        "appId": client_id,
        "appOwnerOrganizationId": owned_by or tenant.id,
        "displayName": display_name,
        "servicePrincipalNames": [client_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg" if owned_by is None else "AzureADMultipleOrgs",
    }
    return tenant.create(SERVICE_PRINCIPAL, principal, object_id=object_id, name=client_id)


def of_microsoft(tenant: Tenant, client_id: str) -> Entity:
    """Add the service principal of one of Microsoft's own applications."""
    name = FIRST_PARTY[client_id]
    object_id = stable_id(tenant.id, f"servicePrincipals/{client_id}")
    if tenant.find_deleted(object_id) is not None:
        object_id = new_id()
    principal = create(tenant, object_id=object_id, client_id=client_id, display_name=name, owned_by=_MICROSOFT)
    return tenant.update(principal, _offered()) if client_id == MICROSOFT_GRAPH else principal


def _offered() -> JsonObject:
    """The permissions that Microsoft Graph offers, and the names that clients find it by."""
    offered = permissions()
    scopes: list[JsonValue] = [
        {"adminConsentDisplayName": name, "id": id_, "isEnabled": True, "type": "User", "value": name}
        for id_, name in offered.delegated.items()
    ]
    roles: list[JsonValue] = [
        {
            "allowedMemberTypes": ["Application"],
            "description": name,
            "displayName": name,
            "id": id_,
            "isEnabled": True,
            "origin": "Application",
            "value": name,
        }
        for id_, name in offered.application.items()
    ]
    names: list[JsonValue] = [MICROSOFT_GRAPH, *_NAMES_OF_GRAPH]
    return {"appRoles": roles, "oauth2PermissionScopes": scopes, "servicePrincipalNames": names}


def follow(tenant: Tenant, application: Entity) -> None:
    """Let the service principal of an application show what the application is now."""
    principal = tenant.named(Kind.SERVICE_PRINCIPAL, application.text("appId"))
    if principal is not None:
        tenant.update(principal, _shown_of(application))


def delete_with(tenant: Tenant, application: Entity) -> None:
    """Delete the service principal with its application, as the directory does in the application's own tenant."""
    principal = tenant.named(Kind.SERVICE_PRINCIPAL, application.text("appId"))
    if principal is not None:
        tenant.soft_delete(principal)


def _shown_of(application: Entity) -> JsonObject:
    document = application.document
    api, web, uris = document["api"], document["web"], document["identifierUris"]
    shown: JsonObject = {
        "appDescription": document["description"],
        "appDisplayName": document["displayName"],
        "appRoles": _originating_here(document["appRoles"]),
        "displayName": document["displayName"],
        "servicePrincipalNames": [application.text("appId"), *(uris if isinstance(uris, list) else [])],
        "signInAudience": document["signInAudience"],
    }
    if isinstance(api, dict):
        shown["oauth2PermissionScopes"] = api["oauth2PermissionScopes"]
    if isinstance(web, dict):
        shown |= {"homepage": web["homePageUrl"], "logoutUrl": web["logoutUrl"], "replyUrls": web["redirectUris"]}
    return shown


def _originating_here(roles: JsonValue) -> list[JsonValue]:
    return (
        [{**role, "origin": "Application"} for role in roles if isinstance(role, dict)]
        if isinstance(roles, list)
        else []
    )


def _create(call: Call, given: JsonObject) -> Entity:
    client_id = str(given["appId"]).lower()
    if call.tenant.named(Kind.SERVICE_PRINCIPAL, client_id) is not None:
        raise errors.service_principal_exists(client_id)
    application = call.tenant.named(Kind.APPLICATION, client_id)
    # The permission for what one owns creates no identity for another's application.
    if CREATE_PRINCIPALS.any_of & call.held == {OWNED_BY} and not (application and _owns(call, application)):
        raise errors.denied()
    if application is not None:
        name = application.text("displayName")
        principal = create(call.tenant, object_id=new_id(), client_id=client_id, display_name=name)
        principal = call.tenant.update(principal, _shown_of(application))
    elif client_id in FIRST_PARTY:
        principal = of_microsoft(call.tenant, client_id)
    else:
        raise errors.no_such_application(client_id)
    principal = call.tenant.update(principal, {**_with_credentials(principal, given), "appId": client_id})
    for owner in owners_of_new(call):
        add(call.tenant, principal, Relation.OWNER, owner, OWNERS)
    return principal


def _owns(call: Call, application: Entity) -> bool:
    return call.tenant.target(application.id, Relation.OWNER, call.caller.object_id) is not None


def _update(call: Call, principal: Entity, given: JsonObject) -> None:
    update(call.tenant, principal, _with_credentials(principal, given))


def _with_credentials(principal: Entity, given: JsonObject) -> JsonObject:
    keepers = {"keyCredentials": kept_keys, "passwordCredentials": kept_passwords}
    kept = {name: keep(given[name], principal.document[name]) for name, keep in keepers.items() if name in given}
    return {**given, **kept}


def _delete(call: Call, principal: Entity) -> None:
    # Microsoft Graph stays: clients that took over its service principal (`use_existing`) try to delete it. That the
    # real directory refuses, too, is a reading of theirs, which would otherwise take it from one another.
    if principal.text("appId") == MICROSOFT_GRAPH:
        raise errors.denied()
    call.tenant.soft_delete(principal)


FAMILY: Final = Family(
    SERVICE_PRINCIPAL,
    "/servicePrincipals/{principal}",
    LIST_APPLICATIONS,
    WRITE_PRINCIPAL,
    noun="service principal",
    category=Category.APPLICATIONS,
    reads_one=READ_PRINCIPAL,
    creates=CREATE_PRINCIPALS,
    deletion="Remove service principal",
    parts=("appRoles", "oauth2PermissionScopes"),
    lists=(
        ReferenceList(Relation.OWNER, OWNERS),
        ReferenceList(
            Relation.CLAIMS_MAPPING_POLICY,
            only(Kind.CLAIMS_MAPPING_POLICY),
            reads=POLICIES_OF_PRINCIPAL,
            writes=POLICIES_OF_PRINCIPAL,
            category=Category.POLICIES,
        ),
    ),
    create=_create,
    update=_update,
    delete=_delete,
)
ENDPOINTS: Final = declared(FAMILY)
declare_passwords(
    ENDPOINTS, FAMILY, added="Add service principal credentials", removed="Remove service principal credentials"
)
declare_token_signing(ENDPOINTS, FAMILY, "Add service principal credentials")
