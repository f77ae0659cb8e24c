"""What an application must be permitted: Microsoft Graph's application permissions, as endpoints require them.

Source: the permission tables on the pages of Microsoft Graph's reference (v1.0), one an operation. A requirement says
which permissions suffice, each by itself. What takes a directory role beside the permission is in
:mod:`tenantry.sensitive_actions`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from .resources import Kind

MANAGES_ROLES: Final = "RoleManagement.ReadWrite.Directory"


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


def _of(*names: str) -> Requirement:
    return Requirement(frozenset(names))


_READ, _WRITE = "Directory.Read.All", "Directory.ReadWrite.All"

READ_USERS: Final = _of("User.Read.All", "User.ReadWrite.All", _READ, _WRITE)
READ_MEMBERSHIP: Final = _of("GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE)
READ_GROUPS: Final = _of(
    "GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE
)
READ_APPLICATIONS: Final = _of("Application.Read.All", "Application.ReadWrite.All", _READ, _WRITE)
READ_ROLES: Final = _of("RoleManagement.Read.Directory", MANAGES_ROLES, _READ, _WRITE)
READ_ASSIGNMENTS: Final = _of("RoleManagement.Read.All", "RoleManagement.Read.Directory", MANAGES_ROLES)
READ_ELIGIBILITY: Final = _of(
    "RoleEligibilitySchedule.Read.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.Read.Directory",
    MANAGES_ROLES,
)
READ_UNITS: Final = _of("AdministrativeUnit.Read.All", "AdministrativeUnit.ReadWrite.All", _READ, _WRITE)
READ_GRANTS: Final = _of("DelegatedPermissionGrant.ReadWrite.All", _READ, _WRITE)
READ_ORGANIZATION: Final = _of("Organization.Read.All", "Organization.ReadWrite.All", _READ, _WRITE)
READ_DOMAINS: Final = _of("Domain.Read.All", "Domain.ReadWrite.All", _READ, _WRITE)
READ_APP_ROLES_OF_USER: Final = _of("AppRoleAssignment.ReadWrite.All", _READ, _WRITE)
READ_AUDITS: Final = _of("AuditLog.Read.All")
READ_TENANT_POLICIES: Final = _of("Policy.Read.All")
READ_POLICIES: Final = _of("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration")

WRITE_USERS: Final = _of("User.ReadWrite.All", _WRITE)
CREATE_GROUPS: Final = replace(_of("Group.Create", "Group.ReadWrite.All", _WRITE), guards_roles=True)
WRITE_GROUP: Final = replace(_of("Group.ReadWrite.All", _WRITE), owned="group", guards_roles=True)
WRITE_MEMBERS: Final = replace(
    _of("GroupMember.ReadWrite.All", "Group.ReadWrite.All", _WRITE), owned="group", guards_roles=True
)
# Says what may be done with what one owns; to list all takes more ("Microsoft Graph permissions reference", remarks).
OWNED_BY: Final = "Application.ReadWrite.OwnedBy"
_WRITE_APPLICATIONS: Final = frozenset({"Application.ReadWrite.All", _WRITE})
CREATE_APPLICATIONS: Final = Requirement(_WRITE_APPLICATIONS | {OWNED_BY})
READ_APPLICATION: Final = replace(READ_APPLICATIONS, owned="application", owner_needs=frozenset({OWNED_BY}))
WRITE_APPLICATION: Final = replace(READ_APPLICATION, any_of=_WRITE_APPLICATIONS)
READ_PRINCIPAL: Final = replace(READ_APPLICATION, owned="principal")
WRITE_PRINCIPAL: Final = replace(WRITE_APPLICATION, owned="principal")
REVOKE_SESSIONS: Final = _of("User.RevokeSessions.All")
WRITE_ROLES: Final = _of(MANAGES_ROLES)
WRITE_ELIGIBILITY: Final = _of("RoleEligibilitySchedule.ReadWrite.Directory", MANAGES_ROLES)
WRITE_UNITS: Final = _of("AdministrativeUnit.ReadWrite.All", _WRITE)
WRITE_GRANTS: Final = _of("DelegatedPermissionGrant.ReadWrite.All", _WRITE)
WRITE_APP_ROLES: Final = _of("AppRoleAssignment.ReadWrite.All")
WRITE_POLICIES: Final = _of("Policy.ReadWrite.ApplicationConfiguration")
READ_OBJECTS: Final = _of(_READ, _WRITE, "User.Read.All", "User.ReadWrite.All", "Group.ReadWrite.All")
"""What reading any object takes: Directory.Read.All, or the permission for objects of one of the kinds."""

_DELETED_APPLICATIONS: Final = _of("Application.ReadWrite.All")
READ_DELETED: Final = {
    Kind.USER: READ_USERS,
    Kind.GROUP: _of("Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE),
    Kind.APPLICATION: READ_APPLICATIONS,
    Kind.SERVICE_PRINCIPAL: READ_APPLICATIONS,
    Kind.ADMINISTRATIVE_UNIT: READ_UNITS,
}
_RESTORE: Final = {
    Kind.USER: _of("User.DeleteRestore.All", "User.ReadWrite.All"),
    Kind.GROUP: _of("Group.ReadWrite.All"),
    Kind.APPLICATION: _DELETED_APPLICATIONS,
    Kind.SERVICE_PRINCIPAL: _DELETED_APPLICATIONS,
    Kind.ADMINISTRATIVE_UNIT: _of("AdministrativeUnit.ReadWrite.All"),
}
# Groups are deleted for good by people alone, and administrative units by time.
_PURGE: Final = {
    Kind.USER: _of("User.DeleteRestore.All"),
    Kind.APPLICATION: _DELETED_APPLICATIONS,
    Kind.SERVICE_PRINCIPAL: _DELETED_APPLICATIONS,
}


def _by_kind(requirements: Mapping[Kind, Requirement], *, guards_roles: bool = False) -> Requirement:
    of_kind = {kind: required.any_of for kind, required in requirements.items()}
    return Requirement(frozenset().union(*of_kind.values()), guards_roles=guards_roles, of_kind=of_kind)


READ_DELETED_ITEM: Final = _by_kind(READ_DELETED)
RESTORE_DELETED_ITEM: Final = _by_kind(_RESTORE, guards_roles=True)
PURGE_DELETED_ITEM: Final = _by_kind(_PURGE)
