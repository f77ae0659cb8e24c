"""What an application must be permitted for each request: Microsoft Graph's application permissions, as data.

Source: the permission tables on the pages of Microsoft Graph's reference (v1.0), one an operation. A row says which
permissions suffice, each by itself. An endpoint without a row is answered to nobody. What takes a directory role
beside the permission is in :mod:`tenantry.sensitive_actions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from . import errors, sensitive
from .endpoint import Call, Endpoint
from .identifiers import is_guid
from .resources import Kind
from .tenant import Relation

_MANAGES_ROLES: Final = "RoleManagement.ReadWrite.Directory"


@dataclass(frozen=True)
class Requirement:
    """The permissions of which one suffices."""

    any_of: frozenset[str] = frozenset()
    owned: str = ""
    """The part of the path that names an object whose owner needs less."""
    owner_needs: frozenset[str] = frozenset()
    """What its owner needs, all of it."""
    guards_roles: bool = False
    """Whether a group that directory roles can be given to takes the permission to manage roles as well."""
    of_kind: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    """For a deleted item, whose address does not say of which kind it is: what suffices for each kind."""


def row(endpoint: Endpoint) -> tuple[str, str]:
    """Return which row of the table is an endpoint's: to count takes what to list takes."""
    return endpoint.method, endpoint.path.removesuffix("/$count")


def check(call: Call, endpoint: Endpoint, held: frozenset[str]) -> None:
    """Refuse a call for which the caller holds too little."""
    required = REQUIRED.get(row(endpoint))
    if required is None:
        raise errors.denied()
    if required.owned and required.owner_needs <= held and _owns(call, call[required.owned]):
        return
    if not required.any_of & held:
        raise errors.denied()
    item = call.tenant.find_buried(call["item"]) if required.of_kind else None
    if item is not None and not required.of_kind.get(item.kind, frozenset()) & held:
        raise errors.denied()
    if required.guards_roles and _MANAGES_ROLES not in held and _concerns_roles(call):
        raise errors.denied()
    sensitive.check(call, endpoint)


def only_own_applications(held: frozenset[str]) -> bool:
    """Whether somebody may manage the applications and service principals that they own, and no others."""
    return _OWNED_BY in held and not _WRITE_APPLICATIONS & held


def _owns(call: Call, object_id: str) -> bool:
    return is_guid(object_id) and (
        call.tenant.target(object_id.lower(), Relation.OWNER, call.caller.object_id) is not None
    )


def _concerns_roles(call: Call) -> bool:
    group = call.tenant.get(Kind.GROUP, call.ids.get("group", "")) or call.tenant.find_buried(call.ids.get("item", ""))
    return call.body.get("isAssignableToRole") is True or (
        group is not None and group.document.get("isAssignableToRole") is True
    )


def _of(*names: str) -> Requirement:
    return Requirement(frozenset(names))


_READ, _WRITE = "Directory.Read.All", "Directory.ReadWrite.All"

_READ_USERS: Final = _of("User.Read.All", "User.ReadWrite.All", _READ, _WRITE)
_READ_MEMBERSHIP: Final = _of("GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE)
_READ_PARTS: Final = _of(
    "GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE
)
_READ_APPLICATIONS: Final = _of("Application.Read.All", "Application.ReadWrite.All", _READ, _WRITE)
_READ_ROLES: Final = _of("RoleManagement.Read.Directory", _MANAGES_ROLES, _READ, _WRITE)
_READ_ASSIGNMENTS: Final = _of("RoleManagement.Read.All", "RoleManagement.Read.Directory", _MANAGES_ROLES)
_READ_ELIGIBILITY: Final = _of(
    "RoleEligibilitySchedule.Read.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.Read.Directory",
    _MANAGES_ROLES,
)
_READ_UNITS: Final = _of("AdministrativeUnit.Read.All", "AdministrativeUnit.ReadWrite.All", _READ, _WRITE)
_READ_GRANTS: Final = _of("DelegatedPermissionGrant.ReadWrite.All", _READ, _WRITE)
_READ_ORGANIZATION: Final = _of("Organization.Read.All", "Organization.ReadWrite.All", _READ, _WRITE)
_READ_DOMAINS: Final = _of("Domain.Read.All", "Domain.ReadWrite.All", _READ, _WRITE)
_READ_TENANT_POLICIES: Final = _of("Policy.Read.All")
_READ_POLICIES: Final = _of("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration")

_WRITE_USERS: Final = _of("User.ReadWrite.All", _WRITE)
_CREATE_GROUPS: Final = replace(_of("Group.Create", "Group.ReadWrite.All", _WRITE), guards_roles=True)
_WRITE_GROUP: Final = replace(_of("Group.ReadWrite.All", _WRITE), owned="group", guards_roles=True)
_WRITE_MEMBERS: Final = replace(
    _of("GroupMember.ReadWrite.All", "Group.ReadWrite.All", _WRITE), owned="group", guards_roles=True
)
# Says what may be done with what one owns; to list all takes more ("Microsoft Graph permissions reference", remarks).
_OWNED_BY: Final = "Application.ReadWrite.OwnedBy"
_WRITE_APPLICATIONS: Final = frozenset({"Application.ReadWrite.All", _WRITE})
_CREATE_APPLICATIONS: Final = Requirement(_WRITE_APPLICATIONS | {_OWNED_BY})
_READ_APPLICATION: Final = replace(_READ_APPLICATIONS, owned="application", owner_needs=frozenset({_OWNED_BY}))
_WRITE_APPLICATION: Final = replace(_READ_APPLICATION, any_of=_WRITE_APPLICATIONS)
_READ_PRINCIPAL: Final = replace(_READ_APPLICATION, owned="principal")
_WRITE_PRINCIPAL: Final = replace(_WRITE_APPLICATION, owned="principal")
_WRITE_ROLES: Final = _of(_MANAGES_ROLES)
_WRITE_ELIGIBILITY: Final = _of("RoleEligibilitySchedule.ReadWrite.Directory", _MANAGES_ROLES)
_WRITE_UNITS: Final = _of("AdministrativeUnit.ReadWrite.All", _WRITE)
_WRITE_GRANTS: Final = _of("DelegatedPermissionGrant.ReadWrite.All", _WRITE)
_WRITE_APP_ROLES: Final = _of("AppRoleAssignment.ReadWrite.All")
_WRITE_POLICIES: Final = _of("Policy.ReadWrite.ApplicationConfiguration")
_READ_OBJECTS: Final = _of(_READ, _WRITE, "User.Read.All", "User.ReadWrite.All", "Group.ReadWrite.All")
"""What an object is told to: Directory.Read.All, or the permission for objects of one of the kinds."""

_DELETED_APPLICATIONS: Final = _of("Application.ReadWrite.All")
_READ_DELETED: Final = {
    Kind.USER: _READ_USERS,
    Kind.GROUP: _of("Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE),
    Kind.APPLICATION: _READ_APPLICATIONS,
    Kind.SERVICE_PRINCIPAL: _READ_APPLICATIONS,
    Kind.ADMINISTRATIVE_UNIT: _READ_UNITS,
}
_RESTORE: Final = {
    Kind.USER: _of("User.DeleteRestore.All", "User.ReadWrite.All"),
    Kind.GROUP: _of("Group.ReadWrite.All"),
    Kind.APPLICATION: _DELETED_APPLICATIONS,
    Kind.SERVICE_PRINCIPAL: _DELETED_APPLICATIONS,
    Kind.ADMINISTRATIVE_UNIT: _of("AdministrativeUnit.ReadWrite.All"),
}
# Groups are deleted for good by people alone, and administrative units by time.
_ERASE: Final = {
    Kind.USER: _of("User.DeleteRestore.All"),
    Kind.APPLICATION: _DELETED_APPLICATIONS,
    Kind.SERVICE_PRINCIPAL: _DELETED_APPLICATIONS,
}


def _by_kind(requirements: Mapping[Kind, Requirement], *, guards_roles: bool = False) -> Requirement:
    of_kind = {kind: required.any_of for kind, required in requirements.items()}
    return Requirement(frozenset().union(*of_kind.values()), guards_roles=guards_roles, of_kind=of_kind)


_DELETED: Final = "/directory/deletedItems"
_ROLES: Final = "/roleManagement/directory"
_UNITS: Final = "/directory/administrativeUnits"
_ELIGIBILITY_REQUESTS: Final = f"{_ROLES}/roleEligibilityScheduleRequests"
_ELIGIBILITY_SCHEDULES: Final = f"{_ROLES}/roleEligibilitySchedules"
_POLICIES: Final = "/policies/claimsMappingPolicies"

REQUIRED: Final[Mapping[tuple[str, str], Requirement]] = {
    ("GET", "/users"): _READ_USERS,
    ("POST", "/users"): _WRITE_USERS,
    ("GET", "/users/{user}"): _READ_USERS,
    ("PATCH", "/users/{user}"): _WRITE_USERS,
    ("DELETE", "/users/{user}"): _WRITE_USERS,
    ("POST", "/users/{user}/revokeSignInSessions"): _of("User.RevokeSessions.All"),
    ("GET", "/users/{user}/manager"): _READ_USERS,
    ("PUT", "/users/{user}/manager/$ref"): _WRITE_USERS,
    ("DELETE", "/users/{user}/manager/$ref"): _WRITE_USERS,
    ("GET", "/users/{object}/memberOf"): _READ_USERS,
    ("GET", "/users/{object}/transitiveMemberOf"): _READ_USERS,
    ("GET", "/users/{user}/oauth2PermissionGrants"): _READ_GRANTS,
    ("GET", "/users/{user}/appRoleAssignments"): _of("AppRoleAssignment.ReadWrite.All", _READ, _WRITE),
    ("GET", "/groups"): _READ_PARTS,
    ("POST", "/groups"): _CREATE_GROUPS,
    ("GET", "/groups/{group}"): _READ_PARTS,
    ("PATCH", "/groups/{group}"): _WRITE_GROUP,
    ("DELETE", "/groups/{group}"): _WRITE_GROUP,
    ("GET", "/groups/{group}/members"): _READ_PARTS,
    ("POST", "/groups/{group}/members/$ref"): _WRITE_MEMBERS,
    ("DELETE", "/groups/{group}/members/{target}/$ref"): _WRITE_MEMBERS,
    ("GET", "/groups/{group}/transitiveMembers"): _READ_PARTS,
    ("GET", "/groups/{group}/owners"): _READ_PARTS,
    ("POST", "/groups/{group}/owners/$ref"): _WRITE_GROUP,
    ("DELETE", "/groups/{group}/owners/{target}/$ref"): _WRITE_GROUP,
    ("GET", "/groups/{object}/memberOf"): _READ_MEMBERSHIP,
    ("GET", "/groups/{object}/transitiveMemberOf"): _READ_MEMBERSHIP,
    ("GET", "/directoryRoleTemplates"): _READ_ROLES,
    ("GET", "/directoryRoleTemplates/{template}"): _READ_ROLES,
    ("GET", "/directoryRoles"): _READ_ROLES,
    ("POST", "/directoryRoles"): _WRITE_ROLES,
    ("GET", "/directoryRoles/{role}"): _READ_ROLES,
    ("GET", "/directoryRoles/{role}/members"): _READ_ROLES,
    ("POST", "/directoryRoles/{role}/members/$ref"): _WRITE_ROLES,
    ("DELETE", "/directoryRoles/{role}/members/{target}/$ref"): _WRITE_ROLES,
    ("GET", f"{_ROLES}/roleDefinitions"): _READ_ROLES,
    ("POST", f"{_ROLES}/roleDefinitions"): _WRITE_ROLES,
    ("GET", f"{_ROLES}/roleDefinitions/{{definition}}"): _READ_ROLES,
    ("PATCH", f"{_ROLES}/roleDefinitions/{{definition}}"): _WRITE_ROLES,
    ("DELETE", f"{_ROLES}/roleDefinitions/{{definition}}"): _WRITE_ROLES,
    ("GET", f"{_ROLES}/roleAssignments"): _READ_ASSIGNMENTS,
    ("POST", f"{_ROLES}/roleAssignments"): _WRITE_ROLES,
    ("GET", f"{_ROLES}/roleAssignments/{{assignment}}"): _READ_ASSIGNMENTS,
    ("DELETE", f"{_ROLES}/roleAssignments/{{assignment}}"): _WRITE_ROLES,
    ("GET", _ELIGIBILITY_REQUESTS): _READ_ELIGIBILITY,
    ("POST", _ELIGIBILITY_REQUESTS): _WRITE_ELIGIBILITY,
    ("GET", f"{_ELIGIBILITY_REQUESTS}/{{request}}"): _READ_ELIGIBILITY,
    ("GET", _ELIGIBILITY_SCHEDULES): _READ_ELIGIBILITY,
    ("GET", f"{_ELIGIBILITY_SCHEDULES}/{{schedule}}"): _READ_ELIGIBILITY,
    ("GET", "/organization"): _READ_ORGANIZATION,
    ("GET", "/organization/{organization}"): _READ_ORGANIZATION,
    ("GET", "/policies/authorizationPolicy"): _READ_TENANT_POLICIES,
    ("GET", "/identity/conditionalAccess/policies"): _READ_TENANT_POLICIES,
    ("GET", "/identity/conditionalAccess/policies/{policy}"): _READ_TENANT_POLICIES,
    ("GET", "/domains"): _READ_DOMAINS,
    ("GET", "/domains/{domain}"): _READ_DOMAINS,
    ("GET", "/applications"): _READ_APPLICATIONS,
    ("POST", "/applications"): _CREATE_APPLICATIONS,
    ("GET", "/applications/{application}"): _READ_APPLICATION,
    ("PATCH", "/applications/{application}"): _WRITE_APPLICATION,
    ("DELETE", "/applications/{application}"): _WRITE_APPLICATION,
    ("POST", "/applications/{application}/addPassword"): _WRITE_APPLICATION,
    ("POST", "/applications/{application}/removePassword"): _WRITE_APPLICATION,
    ("GET", "/applications/{application}/owners"): _READ_APPLICATION,
    ("POST", "/applications/{application}/owners/$ref"): _WRITE_APPLICATION,
    ("DELETE", "/applications/{application}/owners/{target}/$ref"): _WRITE_APPLICATION,
    ("GET", "/servicePrincipals"): _READ_APPLICATIONS,
    ("POST", "/servicePrincipals"): _CREATE_APPLICATIONS,
    ("GET", "/servicePrincipals/{principal}"): _READ_PRINCIPAL,
    ("PATCH", "/servicePrincipals/{principal}"): _WRITE_PRINCIPAL,
    ("DELETE", "/servicePrincipals/{principal}"): _WRITE_PRINCIPAL,
    ("POST", "/servicePrincipals/{principal}/addPassword"): _WRITE_PRINCIPAL,
    ("POST", "/servicePrincipals/{principal}/removePassword"): _WRITE_PRINCIPAL,
    ("POST", "/servicePrincipals/{principal}/addTokenSigningCertificate"): _WRITE_PRINCIPAL,
    ("GET", "/servicePrincipals/{principal}/owners"): _READ_PRINCIPAL,
    ("POST", "/servicePrincipals/{principal}/owners/$ref"): _WRITE_PRINCIPAL,
    ("DELETE", "/servicePrincipals/{principal}/owners/{target}/$ref"): _WRITE_PRINCIPAL,
    ("GET", "/servicePrincipals/{principal}/claimsMappingPolicies"): _READ_POLICIES,
    ("POST", "/servicePrincipals/{principal}/claimsMappingPolicies/$ref"): _WRITE_POLICIES,
    ("DELETE", "/servicePrincipals/{principal}/claimsMappingPolicies/{target}/$ref"): _WRITE_POLICIES,
    ("GET", "/servicePrincipals/{object}/memberOf"): _READ_APPLICATIONS,
    ("GET", "/servicePrincipals/{object}/transitiveMemberOf"): _READ_APPLICATIONS,
    ("GET", "/servicePrincipals/{principal}/oauth2PermissionGrants"): _READ_GRANTS,
    ("GET", "/servicePrincipals/{principal}/appRoleAssignedTo"): _READ_APPLICATIONS,
    ("POST", "/servicePrincipals/{principal}/appRoleAssignedTo"): _WRITE_APP_ROLES,
    ("GET", "/servicePrincipals/{principal}/appRoleAssignedTo/{assignment}"): _READ_APPLICATIONS,
    ("DELETE", "/servicePrincipals/{principal}/appRoleAssignedTo/{assignment}"): _WRITE_APP_ROLES,
    ("GET", "/servicePrincipals/{principal}/appRoleAssignments"): _READ_APPLICATIONS,
    ("GET", "/oauth2PermissionGrants"): _READ_GRANTS,
    ("POST", "/oauth2PermissionGrants"): _WRITE_GRANTS,
    ("GET", "/oauth2PermissionGrants/{grant}"): _READ_GRANTS,
    ("PATCH", "/oauth2PermissionGrants/{grant}"): _WRITE_GRANTS,
    ("DELETE", "/oauth2PermissionGrants/{grant}"): _WRITE_GRANTS,
    ("GET", _POLICIES): _READ_POLICIES,
    ("POST", _POLICIES): _WRITE_POLICIES,
    ("GET", f"{_POLICIES}/{{policy}}"): _READ_POLICIES,
    ("PATCH", f"{_POLICIES}/{{policy}}"): _WRITE_POLICIES,
    ("DELETE", f"{_POLICIES}/{{policy}}"): _WRITE_POLICIES,
    ("GET", _UNITS): _READ_UNITS,
    ("POST", _UNITS): _WRITE_UNITS,
    ("GET", f"{_UNITS}/{{unit}}"): _READ_UNITS,
    ("PATCH", f"{_UNITS}/{{unit}}"): _WRITE_UNITS,
    ("DELETE", f"{_UNITS}/{{unit}}"): _WRITE_UNITS,
    ("DELETE", "/administrativeUnits/{unit}"): _WRITE_UNITS,
    # Makes a group, and not only a membership.
    ("POST", f"{_UNITS}/{{unit}}/members"): _CREATE_GROUPS,
    ("GET", f"{_UNITS}/{{unit}}/members"): _READ_UNITS,
    ("POST", f"{_UNITS}/{{unit}}/members/$ref"): _WRITE_UNITS,
    ("DELETE", f"{_UNITS}/{{unit}}/members/{{target}}/$ref"): _WRITE_UNITS,
    ("GET", f"{_UNITS}/{{unit}}/scopedRoleMembers"): _READ_ROLES,
    ("POST", f"{_UNITS}/{{unit}}/scopedRoleMembers"): _WRITE_ROLES,
    ("GET", f"{_UNITS}/{{unit}}/scopedRoleMembers/{{member}}"): _READ_ROLES,
    ("DELETE", f"{_UNITS}/{{unit}}/scopedRoleMembers/{{member}}"): _WRITE_ROLES,
    ("GET", "/directoryObjects/{object}"): _READ_OBJECTS,
    ("GET", "/auditLogs/directoryAudits"): _of("AuditLog.Read.All"),
    **{("GET", f"{_DELETED}/microsoft.graph.{kind}"): required for kind, required in _READ_DELETED.items()},
    ("GET", f"{_DELETED}/{{item}}"): _by_kind(_READ_DELETED),
    ("POST", f"{_DELETED}/{{item}}/restore"): _by_kind(_RESTORE, guards_roles=True),
    ("DELETE", f"{_DELETED}/{{item}}"): _by_kind(_ERASE),
}
