"""Consent: delegated permissions (``oauth2PermissionGrants``) and application permissions (``appRoleAssignedTo``)."""

from typing import Final

from . import errors
from .documents import JsonObject, now
from .endpoint import Call, Category, Endpoints, found
from .identifiers import new_id
from .permissions import READ_APP_ROLES_OF_USER, READ_APPLICATIONS, READ_GRANTS, WRITE_APP_ROLES, WRITE_GRANTS
from .references import finder
from .resources import APP_ROLE_ASSIGNMENT, PERMISSION_GRANT, Kind
from .service_principals import FIRST_PARTY
from .service_principals import find as find_principal
from .tenant import Entity, Tenant
from .users import find as find_user

ENDPOINTS: Final = Endpoints(Category.APPLICATIONS)

_find_grant: Final = finder(Kind.PERMISSION_GRANT)
_find_assignment: Final = finder(Kind.APP_ROLE_ASSIGNMENT)
_ALL, _ONE = "AllPrincipals", "Principal"
_DEFAULT_ROLE: Final = "00000000-0000-0000-0000-000000000000"
_PRINCIPALS: Final = frozenset({Kind.USER, Kind.GROUP, Kind.SERVICE_PRINCIPAL})


# --- delegated permissions


@ENDPOINTS.get("/oauth2PermissionGrants", READ_GRANTS)
def _list_grants(call: Call) -> JsonObject:
    return call.collection(PERMISSION_GRANT, call.tenant.scan(Kind.PERMISSION_GRANT, call.query.after))


@ENDPOINTS.change("POST", "/oauth2PermissionGrants", WRITE_GRANTS, "Add delegated permission grant")
def _create_grant(call: Call) -> JsonObject:
    given = PERMISSION_GRANT.accept(call.body, creating=True)
    consent, principal_id = given["consentType"], given.get("principalId")
    if consent not in (_ALL, _ONE):
        raise errors.invalid_value("consentType", PERMISSION_GRANT.title)
    if (consent == _ONE) is (principal_id is None):
        raise errors.invalid_value("principalId", PERMISSION_GRANT.title)
    for name in ("clientId", "resourceId"):
        find_principal(call.tenant, str(given[name]))
    if principal_id is not None:
        find_user(call.tenant, str(principal_id))
    key = "/".join(str(part).lower() for part in (given["clientId"], given["resourceId"], principal_id or "*"))
    if call.tenant.named(Kind.PERMISSION_GRANT, key) is not None:
        raise errors.grant_exists()
    grant: JsonObject = {**PERMISSION_GRANT.blank(), **given, "id": new_id()}
    return call.one(call.tenant.add(Kind.PERMISSION_GRANT, str(grant["id"]), grant, name=key))


@ENDPOINTS.get("/oauth2PermissionGrants/{grant}", READ_GRANTS)
def _get_grant(call: Call) -> JsonObject:
    return call.one(_find_grant(call.tenant, call["grant"]))


@ENDPOINTS.change("PATCH", "/oauth2PermissionGrants/{grant}", WRITE_GRANTS, "Update delegated permission grant")
def _update_grant(call: Call) -> None:
    grant = _find_grant(call.tenant, call["grant"])
    call.tenant.replace(grant, {**grant.document, **PERMISSION_GRANT.accept(call.body, creating=False)})


@ENDPOINTS.change("DELETE", "/oauth2PermissionGrants/{grant}", WRITE_GRANTS, "Remove delegated permission grant")
def _delete_grant(call: Call) -> None:
    call.tenant.remove(_find_grant(call.tenant, call["grant"]))


@ENDPOINTS.get("/servicePrincipals/{principal}/oauth2PermissionGrants", READ_GRANTS)
def _list_grants_of_client(call: Call) -> JsonObject:
    client = find_principal(call.tenant, call["principal"])
    grants = call.tenant.scan(Kind.PERMISSION_GRANT, call.query.after)
    return call.collection(PERMISSION_GRANT, (one for one in grants if one.document["clientId"] == client.id))


@ENDPOINTS.get("/users/{user}/oauth2PermissionGrants", READ_GRANTS)
def _list_grants_of_user(call: Call) -> JsonObject:
    user = find_user(call.tenant, call["user"])
    grants = call.tenant.scan(Kind.PERMISSION_GRANT, call.query.after)
    return call.collection(PERMISSION_GRANT, (one for one in grants if one.document["principalId"] == user.id))


# --- application permissions, and roles of applications


@ENDPOINTS.get("/servicePrincipals/{principal}/appRoleAssignedTo", READ_APPLICATIONS)
def _list_assigned_to(call: Call) -> JsonObject:
    return _assignments(call, "resourceId", find_principal(call.tenant, call["principal"]))


@ENDPOINTS.change(
    "POST", "/servicePrincipals/{principal}/appRoleAssignedTo", WRITE_APP_ROLES, "Add app role assignment"
)
def _create_assigned_to(call: Call) -> JsonObject:
    given = APP_ROLE_ASSIGNMENT.accept(call.body, creating=True)
    resource = find_principal(call.tenant, call["principal"])
    if str(given["resourceId"]).lower() != resource.id:
        raise errors.invalid_value("resourceId", APP_ROLE_ASSIGNMENT.title)
    principal_id, role_id = str(given["principalId"]).lower(), str(given["appRoleId"]).lower()
    principal = found(call.tenant.find(principal_id), principal_id, _PRINCIPALS)
    if not _has_role(resource, role_id):
        raise errors.bad_request("Permission being assigned was not found on application")
    key = f"{principal.id}/{resource.id}/{role_id}"
    if call.tenant.named(Kind.APP_ROLE_ASSIGNMENT, key) is not None:
        raise errors.app_role_assigned()
    assignment: JsonObject = {
        **APP_ROLE_ASSIGNMENT.blank(),
        "id": new_id(),
        "appRoleId": role_id,
        "createdDateTime": now(),
        "principalDisplayName": principal.document["displayName"],
        "principalId": principal.id,
        "principalType": principal.kind[0].upper() + principal.kind[1:],
        "resourceDisplayName": resource.document["displayName"],
        "resourceId": resource.id,
    }
    return call.one(call.tenant.add(Kind.APP_ROLE_ASSIGNMENT, str(assignment["id"]), assignment, name=key))


def _has_role(resource: Entity, role_id: str) -> bool:
    """Whether an application has a role. What Microsoft's own applications have is not known here, and not denied."""
    roles = resource.document["appRoles"]
    known = (
        {str(role.get("id")).lower() for role in roles if isinstance(role, dict)} if isinstance(roles, list) else set()
    )
    is_of_microsoft = resource.text("appId") in FIRST_PARTY
    return role_id == _DEFAULT_ROLE or role_id in known or is_of_microsoft


def _of_resource(tenant: Tenant, call: Call) -> Entity:
    assignment = _find_assignment(tenant, call["assignment"])
    if assignment.document["resourceId"] != find_principal(tenant, call["principal"]).id:
        raise errors.not_found(call["assignment"])
    return assignment


@ENDPOINTS.get("/servicePrincipals/{principal}/appRoleAssignedTo/{assignment}", READ_APPLICATIONS)
def _get_assigned_to(call: Call) -> JsonObject:
    return call.one(_of_resource(call.tenant, call))


@ENDPOINTS.change(
    "DELETE",
    "/servicePrincipals/{principal}/appRoleAssignedTo/{assignment}",
    WRITE_APP_ROLES,
    "Remove app role assignment",
)
def _delete_assigned_to(call: Call) -> None:
    call.tenant.remove(_of_resource(call.tenant, call))


def _assignments(call: Call, name: str, entity: Entity) -> JsonObject:
    found_here = call.tenant.scan(Kind.APP_ROLE_ASSIGNMENT, call.query.after)
    return call.collection(APP_ROLE_ASSIGNMENT, (one for one in found_here if one.document[name] == entity.id))


@ENDPOINTS.get("/servicePrincipals/{principal}/appRoleAssignments", READ_APPLICATIONS)
def _list_of_principal(call: Call) -> JsonObject:
    return _assignments(call, "principalId", find_principal(call.tenant, call["principal"]))


@ENDPOINTS.get("/users/{user}/appRoleAssignments", READ_APP_ROLES_OF_USER)
def _list_of_user(call: Call) -> JsonObject:
    return _assignments(call, "principalId", find_user(call.tenant, call["user"]))
