"""The least of Microsoft Graph's application permissions that each thing takes: one table, rendered as a page.

Source: the permission tables on the pages of Microsoft Graph's reference, one an operation. Tests run each reading
on the embedded directory with exactly these permissions, and with one fewer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

Request: TypeAlias = tuple[str, str]
"""A method, and a path below the version: ("GET", "/groups/{group}/members")."""


class Writing(StrEnum):
    """What is written in a tenant."""

    ACCOUNTS = "accounts"
    DELETED_ACCOUNTS = "deleted accounts"
    AGENT_GROUPS = "agent groups"
    DIRECTORY_ROLES = "directory roles"


SUFFICES: Final[Mapping[Writing, tuple[str, ...]]] = {
    Writing.ACCOUNTS: ("User.ReadWrite.All", "Directory.ReadWrite.All"),
    Writing.DELETED_ACCOUNTS: ("User.ReadWrite.All", "User.DeleteRestore.All"),
    # The azuread provider reads the group itself before it adds a member: what only writes members does not suffice.
    Writing.AGENT_GROUPS: ("Group.ReadWrite.All", "Directory.ReadWrite.All"),
    Writing.DIRECTORY_ROLES: ("RoleManagement.ReadWrite.Directory",),
}
"""The permissions of which one is enough to write something, the least first."""


class Reading(StrEnum):
    """What is read of a tenant. Requests are counted by it, and a refusal names it."""

    ORGANIZATION = "the organization"
    DOMAINS = "the domains"
    USERS = "users"
    DELETED_USERS = "deleted users"
    GROUPS = "groups and their members"
    ROLE_ASSIGNMENTS = "role assignments"
    ROLE_ELIGIBILITIES = "eligible role assignments"
    ROLE_ACTIVATIONS = "activated role assignments"
    ROLE_DEFINITIONS = "role definitions"
    GROUP_ELIGIBILITIES = "eligible members and owners of groups"
    ADMINISTRATIVE_UNITS = "administrative units"
    CONSENT_GRANTS = "consent grants"
    SERVICE_PRINCIPALS = "service principals"
    APPLICATIONS = "applications"
    REGISTRATIONS = "registered authentication methods"
    METHODS = "authentication methods of single accounts"
    SIGN_INS = "last sign-ins"
    SECURITY_DEFAULTS = "security defaults"
    CONDITIONAL_ACCESS = "Conditional Access policies"
    AUDIT_LOG = "the audit log"
    RELATIONSHIPS = "relationships with customers"


@dataclass(frozen=True)
class Need:
    """What something takes: one permission, which suffices for each of the requests."""

    permission: str
    requests: tuple[Request, ...]
    why: str
    """What it is needed for, as a sentence without a full stop."""
    only_where: str = ""
    """Where it is needed, if not everywhere; as the end of a sentence."""
    also: str = ""
    """A second permission that each of the requests takes as well."""

    @property
    def permissions(self) -> tuple[str, ...]:
        """Everything that it takes."""
        return (self.permission, *([self.also] if self.also else []))


def _reads(permission: str, why: str, *paths: str, also: str = "") -> Need:
    return Need(permission, tuple(("GET", path) for path in paths), why, also=also)


_ROLES: Final = "/roleManagement/directory"
_GDAP: Final = "/tenantRelationships/delegatedAdminRelationships"

READINGS: Final[Mapping[Reading, Need]] = {
    Reading.ORGANIZATION: _reads(
        "Organization.Read.All",
        "the tenant's id, country and name, compared with the declared ones",
        "/organization",
    ),
    Reading.DOMAINS: _reads("Domain.Read.All", "which domains are verified", "/domains"),
    Reading.USERS: _reads(
        "User.Read.All",
        "who somebody is, whether their account is enabled, a guest's, or synchronised",
        "/users",
        "/users/{user}",
    ),
    Reading.DELETED_USERS: _reads(
        "User.Read.All", "whether a declared person was deleted", "/directory/deletedItems/microsoft.graph.user"
    ),
    Reading.GROUPS: _reads(
        "GroupMember.Read.All",
        "who is in the agent groups, and in groups that hold something",
        "/groups",
        "/groups/{group}",
        "/groups/{group}/members",
        "/groups/{group}/members/microsoft.graph.user/$count",
        "/groups/{group}/transitiveMembers",
        "/groups/{group}/owners",
    ),
    Reading.ROLE_ASSIGNMENTS: _reads(
        "RoleManagement.Read.Directory", "who holds which directory role", f"{_ROLES}/roleAssignments"
    ),
    Reading.ROLE_ELIGIBILITIES: _reads(
        "RoleEligibilitySchedule.Read.Directory",
        "who may activate which directory role (RoleManagement.Read.Directory suffices as well)",
        f"{_ROLES}/roleEligibilitySchedules",
        f"{_ROLES}/roleEligibilityScheduleRequests",
    ),
    Reading.ROLE_ACTIVATIONS: _reads(
        "RoleAssignmentSchedule.Read.Directory",
        "who has activated which directory role, and until when (RoleManagement.Read.Directory suffices as well)",
        f"{_ROLES}/roleAssignmentScheduleInstances",
    ),
    Reading.ROLE_DEFINITIONS: _reads(
        "RoleManagement.Read.Directory", "what a directory role is called", f"{_ROLES}/roleDefinitions"
    ),
    Reading.ADMINISTRATIVE_UNITS: _reads(
        "AdministrativeUnit.Read.All",
        "what an administrative unit is called, where a role is held over one",
        "/directory/administrativeUnits",
    ),
    Reading.GROUP_ELIGIBILITIES: _reads(
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        "who is eligible for membership of a privileged group",
        "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
    ),
    Reading.CONSENT_GRANTS: _reads(
        "Directory.Read.All",
        "who has consented to which application (DelegatedPermissionGrant.ReadWrite.All suffices as well, and writes)",
        "/oauth2PermissionGrants",
    ),
    Reading.SERVICE_PRINCIPALS: _reads(
        "Application.Read.All",
        "which application a consent or a role is for, who owns it, and what applications may do on their own",
        "/servicePrincipals",
        "/servicePrincipals/{principal}/appRoleAssignedTo",
        "/servicePrincipals/{principal}/owners",
    ),
    Reading.APPLICATIONS: _reads(
        "Application.Read.All",
        "who owns a privileged application, and when its credentials expire",
        "/applications",
        "/applications/{application}/federatedIdentityCredentials",
        "/applications/{application}/owners",
    ),
    Reading.REGISTRATIONS: _reads(
        "AuditLog.Read.All",
        "who has registered multifactor authentication",
        "/reports/authenticationMethods/userRegistrationDetails",
    ),
    Reading.METHODS: _reads(
        "UserAuthenticationMethod.Read.All",
        "the same of each who holds something, where the tenant has no licence for the report",
        "/users/{user}/authentication/methods",
    ),
    Reading.SIGN_INS: _reads("AuditLog.Read.All", "when somebody last signed in", "/users", also="User.Read.All"),
    Reading.SECURITY_DEFAULTS: _reads(
        "Policy.Read.All", "whether security defaults are on", "/policies/identitySecurityDefaultsEnforcementPolicy"
    ),
    Reading.CONDITIONAL_ACCESS: _reads(
        "Policy.Read.All",
        "which policies require multifactor authentication, and of whom",
        "/identity/conditionalAccess/policies",
    ),
    Reading.AUDIT_LOG: _reads(
        "AuditLog.Read.All", "who did something, and when", "/auditLogs/directoryAudits", also="Directory.Read.All"
    ),
    Reading.RELATIONSHIPS: _reads(
        "DelegatedAdminRelationship.Read.All",
        "which roles a customer has approved, until when, and which groups hold them there (GDAP)",
        _GDAP,
        f"{_GDAP}/{{relationship}}",
        f"{_GDAP}/{{relationship}}/accessAssignments",
    ),
}
"""What each reading takes, by itself."""


class Feature(StrEnum):
    """What Tenantry says about a tenant. Each feature works by itself, with its own permissions."""

    TENANT = "which tenant it is"
    AGENT_GROUPS = "who is in the agent groups"
    DIRECTORY_ROLES = "who holds which directory role, active or eligible"
    GROUP_ELIGIBILITIES = "who is eligible for membership of a privileged group"
    CONSENT = "who has consented to FTOP"
    APPLICATIONS = "what applications may do on their own, who owns them, and their credentials"
    PROOF = "multifactor authentication: who has registered it, and what requires it"
    SIGN_INS = "when somebody last signed in"
    AUDIT_LOG = "who did something, and when"
    CUSTOMERS = "who holds which role at which customer, and until when"


FEATURES: Final[Mapping[Feature, tuple[str, ...]]] = {
    Feature.TENANT: ("Domain.Read.All", "Organization.Read.All"),
    Feature.AGENT_GROUPS: ("GroupMember.Read.All", "User.Read.All"),
    # Who may read assignments may read eligibilities and activations.
    Feature.DIRECTORY_ROLES: ("GroupMember.Read.All", "RoleManagement.Read.Directory", "User.Read.All"),
    Feature.GROUP_ELIGIBILITIES: (
        "GroupMember.Read.All",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
        "User.Read.All",
    ),
    # No smaller permission that only reads shows consent grants. This one shows people and applications too.
    Feature.CONSENT: ("Directory.Read.All",),
    Feature.APPLICATIONS: ("Application.Read.All",),
    Feature.PROOF: ("AuditLog.Read.All", "Policy.Read.All", "User.Read.All"),
    Feature.SIGN_INS: ("AuditLog.Read.All", "User.Read.All"),
    Feature.AUDIT_LOG: ("AuditLog.Read.All", "Directory.Read.All"),
    Feature.CUSTOMERS: ("DelegatedAdminRelationship.Read.All", "GroupMember.Read.All", "User.Read.All"),
}
"""The permissions that each feature takes: with one fewer it does not work."""

EVERY_FEATURE: Final = (
    "Application.Read.All",
    "AuditLog.Read.All",
    "DelegatedAdminRelationship.Read.All",
    "Directory.Read.All",
    "Policy.Read.All",
    "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    "RoleManagement.Read.Directory",
)
"""What all features together take. Directory.Read.All shows all that the smaller ones show, but not who is eligible for
a role or a place in a group, what was done, what guards sign-ins, whose tokens an application takes, and customers."""

WRITINGS: Final[tuple[Need, ...]] = (
    Need(
        "User.ReadWrite.All",
        (
            ("POST", "/users"),
            ("GET", "/users/{user}"),
            ("PATCH", "/users/{user}"),
            ("DELETE", "/users/{user}"),
            ("GET", "/users/{user}/manager"),
            ("GET", "/users"),
            ("GET", "/directory/deletedItems/microsoft.graph.user"),
        ),
        "creating, disabling and deleting accounts, and the check whether a name or address is taken",
    ),
    Need(
        "Group.ReadWrite.All",
        (
            ("GET", "/groups"),
            ("POST", "/groups"),
            ("GET", "/groups/{group}"),
            ("PATCH", "/groups/{group}"),
            ("DELETE", "/groups/{group}"),
            ("GET", "/groups/{group}/members"),
            ("GET", "/groups/{group}/owners"),
            ("GET", "/groups/{object}/memberOf"),
            ("POST", "/groups/{group}/members/$ref"),
            ("DELETE", "/groups/{group}/members/{target}/$ref"),
        ),
        "adopting the agent groups, creating groups for customers, and their members",
    ),
    Need(
        "RoleManagement.ReadWrite.Directory",
        (
            ("GET", "/directoryRoleTemplates/{template}"),
            ("GET", "/directoryRoles"),
            ("POST", "/directoryRoles"),
            ("GET", "/directoryRoles/{role}"),
            ("GET", f"{_ROLES}/roleAssignments/{{assignment}}"),
            ("POST", f"{_ROLES}/roleAssignments"),
            ("DELETE", f"{_ROLES}/roleAssignments/{{assignment}}"),
            ("GET", f"{_ROLES}/roleEligibilityScheduleRequests/{{request}}"),
            ("POST", f"{_ROLES}/roleEligibilityScheduleRequests"),
            ("GET", f"{_ROLES}/roleEligibilitySchedules/{{schedule}}"),
        ),
        "assigning and removing directory roles, active or eligible",
    ),
    Need(
        "Domain.Read.All",
        (("GET", "/domains"),),
        "the check that this is the declared tenant, before anything else, and that the declared domains are verified",
    ),
    Need(
        "Application.ReadWrite.All",
        (
            ("GET", "/servicePrincipals"),
            ("GET", "/servicePrincipals/{principal}"),
            ("POST", "/servicePrincipals"),
            ("PATCH", "/servicePrincipals/{principal}"),
            ("GET", "/servicePrincipals/{principal}/owners"),
        ),
        "the applications in the tenant that FTOP and relationships with customers need",
        only_where="FTOP's application id or customers are declared",
    ),
    Need(
        "DelegatedPermissionGrant.ReadWrite.All",
        (
            ("GET", "/oauth2PermissionGrants"),
            ("GET", "/oauth2PermissionGrants/{grant}"),
            ("POST", "/oauth2PermissionGrants"),
            ("PATCH", "/oauth2PermissionGrants/{grant}"),
            ("DELETE", "/oauth2PermissionGrants/{grant}"),
        ),
        "the tenant's consent to FTOP, and the check whether it exists",
        only_where="FTOP's application id is declared",
    ),
    Need(
        "DelegatedAdminRelationship.ReadWrite.All",
        (
            ("GET", _GDAP),
            ("POST", _GDAP),
            ("GET", f"{_GDAP}/{{relationship}}"),
            ("PATCH", f"{_GDAP}/{{relationship}}"),
            ("DELETE", f"{_GDAP}/{{relationship}}"),
            ("POST", f"{_GDAP}/{{relationship}}/requests"),
            ("GET", f"{_GDAP}/{{relationship}}/accessAssignments"),
            ("POST", f"{_GDAP}/{{relationship}}/accessAssignments"),
            ("PATCH", f"{_GDAP}/{{relationship}}/accessAssignments/{{part}}"),
            ("DELETE", f"{_GDAP}/{{relationship}}/accessAssignments/{{part}}"),
        ),
        "relationships with customers (GDAP), and which groups work there",
        only_where="customers are declared",
    ),
)
"""What provisioning takes, by what is provisioned."""
