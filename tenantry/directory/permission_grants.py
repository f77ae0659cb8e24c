"""Consent: delegated permissions (``oauth2PermissionGrants``) and application permissions (``appRoleAssignments``)."""

from collections.abc import Iterator
from typing import Final

from . import errors, groups, service_principals, users
from .documents import JsonObject
from .endpoint import Call, Category, found
from .families import Family, declared, listing_of
from .permissions import (
    ASSIGN_APP_ROLES,
    READ_APP_ROLES_OF_GROUP,
    READ_APP_ROLES_OF_USER,
    READ_APPLICATIONS,
    READ_GRANTS,
    READ_GRANTS_OF_USER,
    UNASSIGN_APP_ROLES,
    WRITE_GRANTS,
    Requirement,
)
from .resources import APP_ROLE_ASSIGNMENT, PERMISSION_GRANT, PRINCIPALS, Kind
from .tenant import Entity, Tenant

_DEFAULT_ROLE: Final = "00000000-0000-0000-0000-000000000000"


def _create_grant(call: Call, given: JsonObject) -> Entity:
    principal_id = given.get("principalId")
    if (given["consentType"] == "Principal") is (principal_id is None):
        raise errors.invalid_value("principalId", PERMISSION_GRANT.title)
    client, resource = (service_principals.find(call.tenant, str(given[name])) for name in ("clientId", "resourceId"))
    principal = None if principal_id is None else users.find(call.tenant, str(principal_id))
    key = f"{client.id}/{resource.id}/{principal.id if principal else '*'}"
    if call.tenant.named(Kind.PERMISSION_GRANT, key) is not None:
        raise errors.grant_exists()
    ids: JsonObject = {
        "clientId": client.id,
        "principalId": principal.id if principal else None,
        "resourceId": resource.id,
    }
    return call.tenant.create(PERMISSION_GRANT, {**given, **ids}, name=key)


def _assign(tenant: Tenant, given: JsonObject) -> Entity:
    resource = service_principals.find(tenant, str(given["resourceId"]))
    principal_id, role_id = str(given["principalId"]).lower(), str(given["appRoleId"]).lower()
    principal = found(tenant.find(principal_id), principal_id, PRINCIPALS)
    if not _has_role(resource, role_id):
        raise errors.bad_request("Permission being assigned was not found on application")
    key = f"{principal.id}/{resource.id}/{role_id}"
    if tenant.named(Kind.APP_ROLE_ASSIGNMENT, key) is not None:
        raise errors.app_role_assigned()
    assignment: JsonObject = {
        "appRoleId": role_id,
        "principalDisplayName": principal.document["displayName"],
        "principalId": principal.id,
        "principalType": principal.kind[0].upper() + principal.kind[1:],
        "resourceDisplayName": resource.document["displayName"],
        "resourceId": resource.id,
    }
    return tenant.create(APP_ROLE_ASSIGNMENT, assignment, name=key)


def _has_role(resource: Entity, role_id: str) -> bool:
    """Whether an application has a role. The roles of Microsoft's own applications are not known, and not denied."""
    roles = resource.document["appRoles"]
    known = (
        {str(role.get("id")).lower() for role in roles if isinstance(role, dict)} if isinstance(roles, list) else set()
    )
    is_of_microsoft = resource.text("appId") in service_principals.FIRST_PARTY
    return role_id == _DEFAULT_ROLE or role_id in known or is_of_microsoft


_GRANTS: Final = Family(
    PERMISSION_GRANT,
    "/oauth2PermissionGrants/{grant}",
    READ_GRANTS,
    WRITE_GRANTS,
    noun="delegated permission grant",
    deletion="Remove delegated permission grant",
    category=Category.APPLICATIONS,
    create=_create_grant,
)


def _assigned(owner: Family, relation: str, end: str, reads: Requirement, assigns: Requirement) -> Family:
    """Return the app role assignments below one of their ends: those whose property ``end`` is the owner's id."""

    def listed(call: Call) -> Iterator[Entity]:
        object_id = owner.named_in(call).id
        assignments = call.tenant.scan(Kind.APP_ROLE_ASSIGNMENT, call.query.after)
        return (assignment for assignment in assignments if assignment.document[end] == object_id)

    def find(call: Call) -> Entity:
        object_id = call["assignment"]
        assignment = errors.existing(call.tenant.get(Kind.APP_ROLE_ASSIGNMENT, object_id), object_id)
        if assignment.document[end] != owner.named_in(call).id:
            raise errors.not_found(object_id)
        return assignment

    def create(call: Call, given: JsonObject) -> Entity:
        if str(given[end]).lower() != owner.named_in(call).id:
            raise errors.invalid_value(end, APP_ROLE_ASSIGNMENT.title)
        return _assign(call.tenant, given)

    return Family(
        APP_ROLE_ASSIGNMENT,
        f"{owner.path}/{relation}/{{assignment}}",
        reads,
        UNASSIGN_APP_ROLES,
        noun="app role assignment",
        deletion="Remove app role assignment",
        category=Category.APPLICATIONS,
        creates=assigns,
        changeable=False,
        listed=listed,
        find=find,
        create=create,
    )


_TO, _OF = ("appRoleAssignedTo", "resourceId"), ("appRoleAssignments", "principalId")
ENDPOINTS: Final = declared(
    _GRANTS,
    _assigned(service_principals.FAMILY, *_TO, READ_APPLICATIONS, ASSIGN_APP_ROLES),
    _assigned(service_principals.FAMILY, *_OF, READ_APPLICATIONS, ASSIGN_APP_ROLES),
    _assigned(users.FAMILY, *_OF, READ_APP_ROLES_OF_USER, UNASSIGN_APP_ROLES),
    _assigned(groups.FAMILY, *_OF, READ_APP_ROLES_OF_GROUP, UNASSIGN_APP_ROLES),
)
ENDPOINTS.extend(
    (
        listing_of(service_principals.FAMILY, _GRANTS, "oauth2PermissionGrants", "clientId", READ_GRANTS),
        listing_of(users.FAMILY, _GRANTS, "oauth2PermissionGrants", "principalId", READ_GRANTS_OF_USER),
    )
)
