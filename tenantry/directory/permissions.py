"""What an application must be permitted: Microsoft Graph's application permissions, as endpoints require them.

Source: the permission tables on the pages of Microsoft Graph's reference (v1.0), one an operation. A requirement says
which permissions suffice, each by itself. ``tests/directory/test_permission_data.py`` compares every endpoint with the
data that Microsoft makes these tables from, and gives the reason for each difference. What takes a directory role
beside the permission is in :mod:`tenantry.sensitive_actions`.
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
    also: frozenset[str] = frozenset()
    """The permissions of which one is needed as well, if there are any."""
    for_properties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Smaller permissions, with the properties that each of them may change."""
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


def either(*requirements: Requirement) -> Requirement:
    """Return what suffices for one of these; what is asked for then decides for which."""
    return Requirement(frozenset().union(*(required.any_of for required in requirements)))


_READ, _WRITE = "Directory.Read.All", "Directory.ReadWrite.All"

READ_USERS: Final = _of("User.Read.All", "User.ReadWrite.All", _READ, _WRITE)
LIST_USERS: Final = replace(READ_USERS, any_of=READ_USERS.any_of | {"User.ReadBasic.All"})
READ_GROUPS: Final = _of("GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE)
VALIDATE_GROUP: Final = _of("Group.Read.All", "Group.ReadWrite.All")
VALIDATE_NEW_GROUP: Final = _of("Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE)
READ_MEMBERS: Final = _of(
    "GroupMember.Read.All", "GroupMember.ReadWrite.All", "Group.Read.All", "Group.ReadWrite.All", _READ, _WRITE
)
READ_GROUPS_OF_USER: Final = _of(_READ, _WRITE)
READ_ALL_GROUPS_OF_USER: Final = _of("User.Read.All", "GroupMember.Read.All", "Group.Read.All", _READ, _WRITE)
READ_ALL_GROUPS_OF_GROUP: Final = _of(_READ, _WRITE)
# Microsoft's data names the same for every kind of object, and one fewer for getMemberGroups.
GET_MEMBER_GROUPS: Final = _of(
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "GroupMember.Read.All",
    "User.Read.All",
    _READ,
    _WRITE,
)
CHECK_MEMBERSHIPS: Final = Requirement(GET_MEMBER_GROUPS.any_of | {"User.ReadWrite.All"})
READ_APPLICATIONS: Final = _of("Application.Read.All", "Application.ReadWrite.All", _READ, _WRITE)
LIST_APPLICATIONS: Final = _of(
    "Application.Read.All", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", _READ
)
READ_ROLES: Final = _of("RoleManagement.Read.Directory", MANAGES_ROLES, _READ, _WRITE)
READ_DEFINITIONS: Final = replace(READ_ROLES, any_of=READ_ROLES.any_of | {"RoleManagement.Read.All"})
READ_ELIGIBILITY: Final = _of(
    "RoleEligibilitySchedule.Read.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.Read.Directory",
    MANAGES_ROLES,
)
READ_ACTIVE_SCHEDULES: Final = _of(
    "RoleAssignmentSchedule.Read.Directory",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleManagement.Read.All",
    "RoleManagement.Read.Directory",
    MANAGES_ROLES,
)
READ_GROUP_ELIGIBILITY: Final = _of(
    "PrivilegedEligibilitySchedule.Read.AzureADGroup", "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"
)
READ_GROUP_SCHEDULES: Final = _of(
    "PrivilegedAssignmentSchedule.Read.AzureADGroup", "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"
)
READ_UNITS: Final = _of("AdministrativeUnit.Read.All", "AdministrativeUnit.ReadWrite.All", _READ, _WRITE)
READ_GRANTS: Final = _of("DelegatedPermissionGrant.ReadWrite.All", _READ, _WRITE)
READ_GRANTS_OF_USER: Final = _of("DelegatedPermissionGrant.ReadWrite.All", _READ)
READ_ORGANIZATION: Final = _of("Organization.Read.All", "Organization.ReadWrite.All", "User.Read.All", _READ, _WRITE)
READ_DOMAINS: Final = _of("Domain.Read.All", "Domain.ReadWrite.All", _READ)
READ_APP_ROLES_OF_USER: Final = _of("AppRoleAssignment.ReadWrite.All", _READ)
READ_APP_ROLES_OF_GROUP: Final = replace(READ_APP_ROLES_OF_USER, any_of=READ_APP_ROLES_OF_USER.any_of | {_WRITE})
READS_SIGN_INS: Final = "AuditLog.Read.All"
READ_AUDITS: Final = replace(_of(READS_SIGN_INS), also=frozenset({_READ}))
READ_REGISTRATIONS: Final = _of(READS_SIGN_INS)
READ_METHODS: Final = _of("UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All")
READ_LICENCES: Final = _of(
    "LicenseAssignment.Read.All", "Organization.Read.All", "Organization.ReadWrite.All", _READ, _WRITE
)
READ_LICENCES_OF_USER: Final = _of("LicenseAssignment.Read.All", "User.Read.All", "User.ReadWrite.All", _READ, _WRITE)
READ_TENANT_POLICIES: Final = _of("Policy.Read.All")
READ_AUTHORIZATION: Final = _of("Policy.Read.All", "Policy.ReadWrite.Authorization")
READ_POLICIES: Final = _of("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration")

ASSIGN_LICENCES: Final = _of("LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", _WRITE)
WRITE_USERS: Final = _of("User.ReadWrite.All", _WRITE)
CHANGE_USER: Final = replace(
    WRITE_USERS,
    for_properties={
        "User.EnableDisableAccount.All": frozenset({"accountEnabled"}),
        "User-Mail.ReadWrite.All": frozenset({"otherMails"}),
        "User-PasswordProfile.ReadWrite.All": frozenset({"passwordProfile"}),
        "User-Phone.ReadWrite.All": frozenset({"businessPhones", "mobilePhone"}),
    },
)
DELETE_USER: Final = _of("User.DeleteRestore.All", "User.ReadWrite.All")
INVITE: Final = _of("User.Invite.All", "User.ReadWrite.All", _WRITE)
RESET_REDEMPTION: Final = _of("User.ReadWrite.All")
CREATE_GROUPS: Final = replace(_of("Group.Create", "Group.ReadWrite.All", _WRITE), guards_roles=True)
WRITE_GROUP: Final = replace(_of("Group.ReadWrite.All", _WRITE), owned="group", guards_roles=True)
DELETE_GROUP: Final = replace(WRITE_GROUP, any_of=frozenset({"Group.ReadWrite.All"}))
WRITE_MEMBERS: Final = replace(
    _of("GroupMember.ReadWrite.All", "Group.ReadWrite.All", _WRITE), owned="group", guards_roles=True
)
# Says what may be done with what one owns, and lists everybody's ("Get servicePrincipal", Permissions).
OWNED_BY: Final = "Application.ReadWrite.OwnedBy"
CREATE_APPLICATIONS: Final = _of("Application.ReadWrite.All", "AppRegistration.Create", OWNED_BY)
CREATE_PRINCIPALS: Final = _of("Application.ReadWrite.All", OWNED_BY, _WRITE)
READ_APPLICATION: Final = replace(READ_APPLICATIONS, owned="application", owner_needs=frozenset({OWNED_BY}))
WRITE_APPLICATION: Final = replace(READ_APPLICATION, any_of=frozenset({"Application.ReadWrite.All"}))
WRITE_APPLICATION_OWNERS: Final = replace(WRITE_APPLICATION, any_of=WRITE_APPLICATION.any_of | {_WRITE})
READ_FEDERATION: Final = replace(
    READ_APPLICATION, any_of=frozenset({"Application.Read.All", "Application.ReadWrite.All"})
)
WRITE_FEDERATION: Final = WRITE_APPLICATION
WRITE_LOGO: Final = WRITE_APPLICATION
READ_PRINCIPAL: Final = replace(READ_APPLICATION, owned="principal")
WRITE_PRINCIPAL: Final = replace(WRITE_APPLICATION_OWNERS, owned="principal")
REVOKE_SESSIONS: Final = _of("User.RevokeSessions.All", "User.ReadWrite.All", _WRITE)
WRITE_ROLES: Final = _of(MANAGES_ROLES)
WRITE_DEFINITIONS: Final = _of(MANAGES_ROLES, _WRITE)
WRITE_ELIGIBILITY: Final = _of("RoleEligibilitySchedule.ReadWrite.Directory", MANAGES_ROLES)
# Those that only remove ("….Remove.Directory") are not told apart here.
WRITE_ACTIVE_SCHEDULES: Final = _of("RoleAssignmentSchedule.ReadWrite.Directory", MANAGES_ROLES)
# People need another role for role-assignable groups. The reference does not say what applications need: here it is
# what changing such a group directly takes, which is the stricter reading.
WRITE_GROUP_ELIGIBILITY: Final = replace(_of("PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup"), guards_roles=True)
WRITE_GROUP_SCHEDULES: Final = replace(_of("PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup"), guards_roles=True)
WRITE_UNITS: Final = _of("AdministrativeUnit.ReadWrite.All")
WRITE_GRANTS: Final = _of("DelegatedPermissionGrant.ReadWrite.All", _WRITE)
UNASSIGN_APP_ROLES: Final = _of("AppRoleAssignment.ReadWrite.All")
# What writes applications reads them, too.
ASSIGN_APP_ROLES: Final = replace(
    UNASSIGN_APP_ROLES, also=frozenset({"Application.Read.All", "Application.ReadWrite.All", _READ})
)
WRITE_POLICIES: Final = _of("Policy.ReadWrite.ApplicationConfiguration")
# What reads and what writes them is the same: a permission for the policies, and one for the service principal.
POLICIES_OF_PRINCIPAL: Final = replace(WRITE_APPLICATION, owned="principal", also=READ_POLICIES.any_of)
READ_OBJECTS: Final = _of(_READ)

# Security posture: writing takes reading as well ("Create namedLocation", "Delete conditionalAccessPolicy").
_CONDITIONAL_ACCESS: Final = "Policy.ReadWrite.ConditionalAccess"
WRITE_CONDITIONAL_ACCESS: Final = replace(_of(_CONDITIONAL_ACCESS), also=READ_TENANT_POLICIES.any_of)
READ_SECURITY_DEFAULTS: Final = replace(
    _of("Policy.Read.All", "Policy.ReadWrite.SecurityDefaults"), also=READ_TENANT_POLICIES.any_of
)
WRITE_SECURITY_DEFAULTS: Final = replace(
    _of("Policy.ReadWrite.SecurityDefaults", _CONDITIONAL_ACCESS), also=READ_TENANT_POLICIES.any_of
)
# Microsoft's data has neither the permissions for groups nor, for applications, those to write; its pages have both.
READ_ROLE_POLICIES: Final = _of(
    "RoleManagement.Read.All",
    "RoleManagement.Read.Directory",
    MANAGES_ROLES,
    "RoleManagementPolicy.Read.Directory",
    "RoleManagementPolicy.ReadWrite.Directory",
)
WRITE_ROLE_POLICIES: Final = _of(MANAGES_ROLES, "RoleManagementPolicy.ReadWrite.Directory")
READ_GROUP_POLICIES: Final = _of(
    "RoleManagementPolicy.Read.AzureADGroup", "RoleManagementPolicy.ReadWrite.AzureADGroup"
)
WRITE_GROUP_POLICIES: Final = _of("RoleManagementPolicy.ReadWrite.AzureADGroup")
_AUTHENTICATION_METHODS: Final = "Policy.ReadWrite.AuthenticationMethod"
READ_METHODS_POLICY: Final = _of("Policy.Read.All", "Policy.Read.AuthenticationMethod", _AUTHENTICATION_METHODS)
READ_STRENGTHS: Final = Requirement(READ_METHODS_POLICY.any_of | {_CONDITIONAL_ACCESS})
WRITE_STRENGTHS: Final = _of(_AUTHENTICATION_METHODS, _CONDITIONAL_ACCESS)

WRITE_RELATIONSHIPS: Final = _of("DelegatedAdminRelationship.ReadWrite.All")
READ_RELATIONSHIPS: Final = Requirement(WRITE_RELATIONSHIPS.any_of | {"DelegatedAdminRelationship.Read.All"})

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

_READ_OF_KIND: Final = {
    Kind.USER: READ_USERS,
    Kind.GROUP: READ_GROUPS,
    Kind.APPLICATION: READ_APPLICATIONS,
    Kind.SERVICE_PRINCIPAL: READ_APPLICATIONS,
    Kind.DIRECTORY_ROLE: READ_ROLES,
    Kind.ADMINISTRATIVE_UNIT: READ_UNITS,
}
_BASIC_PROFILE: Final = frozenset(
    {"id", "displayName", "givenName", "mail", "photo", "securityIdentifier", "surname", "userPrincipalName"}
)


def visible(kind: Kind, held: frozenset[str]) -> frozenset[str] | None:
    """Return the properties that permissions show of an object which another one refers to; None for all of them.

    Source: "Overview of Microsoft Graph permissions", *Limited information returned for inaccessible member objects*;
    "Microsoft Graph permissions reference", remarks on User.ReadBasic.All.
    """
    if kind not in _READ_OF_KIND or _READ_OF_KIND[kind].any_of & held:
        return None
    return _BASIC_PROFILE if kind is Kind.USER and "User.ReadBasic.All" in held else frozenset({"id"})
