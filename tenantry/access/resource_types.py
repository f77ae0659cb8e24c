"""The resource types of the azuread provider, and which of them can give somebody power.

A test compares :data:`KNOWN_TYPES` with the installed provider. A type that is not here is *unknown power*, and a
finding (rule PT-108).
"""

from typing import Final


def _type(name: str) -> str:
    return f"azuread:index/{name[0].lower()}{name[1:]}:{name}"


USER: Final = _type("User")
INVITATION: Final = _type("Invitation")
GROUP: Final = _type("Group")
GROUP_WITHOUT_MEMBERS: Final = _type("GroupWithoutMembers")
GROUP_MEMBER: Final = _type("GroupMember")
SERVICE_PRINCIPAL: Final = _type("ServicePrincipal")
DIRECTORY_ROLE: Final = _type("DirectoryRole")
DIRECTORY_ROLE_ASSIGNMENT: Final = _type("DirectoryRoleAssignment")
DIRECTORY_ROLE_MEMBER: Final = _type("DirectoryRoleMember")
DIRECTORY_ROLE_ELIGIBILITY: Final = _type("DirectoryRoleEligibilityScheduleRequest")
ADMINISTRATIVE_UNIT_ROLE_MEMBER: Final = _type("AdministrativeUnitRoleMember")
APP_ROLE_ASSIGNMENT: Final = _type("AppRoleAssignment")
DELEGATED_PERMISSION_GRANT: Final = _type("ServicePrincipalDelegatedPermissionGrant")
CONDITIONAL_ACCESS_POLICY: Final = _type("ConditionalAccessPolicy")

#: Types that let people into a group by a schedule, a package or a policy, and the property that names the group.
GROUP_DOORS: Final = {
    _type("PrivilegedAccessGroupAssignmentSchedule"): "groupId",
    _type("PrivilegedAccessGroupEligibilitySchedule"): "groupId",
    _type("GroupRoleManagementPolicy"): "groupId",
    _type("AccessPackageResourceCatalogAssociation"): "resourceOriginId",
}

#: Types that let somebody act as an application, and the property that names it.
CREDENTIALS: Final = {
    _type("ApplicationCertificate"): "applicationId",
    _type("ApplicationFederatedIdentityCredential"): "applicationId",
    _type("ApplicationFlexibleFederatedIdentityCredential"): "applicationId",
    _type("ApplicationOwner"): "applicationId",
    _type("ApplicationPassword"): "applicationId",
    _type("ServicePrincipalCertificate"): "servicePrincipalId",
    _type("ServicePrincipalPassword"): "servicePrincipalId",
}

_HARMLESS: Final = frozenset(
    _type(name)
    for name in (
        "AccessPackage",
        "AccessPackageAssignmentPolicy",
        "AccessPackageCatalog",
        "AccessPackageCatalogRoleAssignment",
        "AccessPackageResourcePackageAssociation",
        "AdministrativeUnit",
        "AdministrativeUnitMember",
        "Application",
        "ApplicationApiAccess",
        "ApplicationAppRole",
        "ApplicationFallbackPublicClient",
        "ApplicationFromTemplate",
        "ApplicationIdentifierUri",
        "ApplicationKnownClients",
        "ApplicationOptionalClaims",
        "ApplicationPermissionScope",
        "ApplicationPreAuthorized",
        "ApplicationRedirectUris",
        "ApplicationRegistration",
        "AuthenticationStrengthPolicy",
        "ClaimsMappingPolicy",
        "CustomDirectoryRole",
        "NamedLocation",
        "ServicePrincipalClaimsMappingPolicyAssignment",
        "ServicePrincipalTokenSigningCertificate",
        "SynchronizationJob",
        "SynchronizationJobProvisionOnDemand",
        "SynchronizationSecret",
        "UserFlowAttribute",
    )
)

KNOWN_TYPES: Final = (
    _HARMLESS
    | GROUP_DOORS.keys()
    | CREDENTIALS.keys()
    | {
        USER,
        INVITATION,
        GROUP,
        GROUP_WITHOUT_MEMBERS,
        GROUP_MEMBER,
        SERVICE_PRINCIPAL,
        DIRECTORY_ROLE,
        DIRECTORY_ROLE_ASSIGNMENT,
        DIRECTORY_ROLE_MEMBER,
        DIRECTORY_ROLE_ELIGIBILITY,
        ADMINISTRATIVE_UNIT_ROLE_MEMBER,
        APP_ROLE_ASSIGNMENT,
        DELEGATED_PERMISSION_GRANT,
        CONDITIONAL_ACCESS_POLICY,
    }
)
