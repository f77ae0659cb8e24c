"""The resource types of the azuread provider, and what power each of them can give.

One table. A test compares it with the installed provider; docs/resource-types.md is rendered from it. A type that is
not here is *unknown power*, and a finding (rule PT-108).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PACKAGE: Final = "azuread"


class Power(StrEnum):
    """What a resource of a type can give somebody."""

    NONE = "nothing on its own"
    ACCOUNT = "an account, under a declared person's name"
    GUEST = "an account of a guest"
    GROUP = "membership of a group, by its own list, its rule or its owners"
    MEMBERSHIP = "membership of a group"
    GROUP_PATH = "a way into a group: by a schedule, a catalogue of access packages or the policy of its activation"
    PACKAGE_PATH = "a way into whatever an access package or its catalogue holds"
    DIRECTORY_ROLE = "a directory role, active or eligible, of the tenant or a part of it"
    ROLE_DEFINITION = "more to everybody with a role of the tenant's own"
    APPLICATION_PATH = "a way to act as an application: a credential, an owner, or a redirect address for its tokens"
    SERVICE_PRINCIPAL = "an identity for an application, and owners who may act as it"
    DELEGATED_PERMISSION = "what an application may do in the name of its users"
    APPLICATION_PERMISSION = "what an application may do on its own (application permissions)"
    UNIT = "a group's or person's administration to the administrators of the unit"
    PROTECTION = "less protection, if it is switched off or excludes people"


@dataclass(frozen=True)
class TypePower:
    """What a type can give, and the property that names what it gives it over."""

    power: Power
    over: str = ""


def _type(name: str) -> str:
    return f"{PACKAGE}:index/{name[0].lower()}{name[1:]}:{name}"


USER: Final = _type("User")
INVITATION: Final = _type("Invitation")
GROUP: Final = _type("Group")
GROUP_WITHOUT_MEMBERS: Final = _type("GroupWithoutMembers")
GROUP_MEMBER: Final = _type("GroupMember")
APPLICATION: Final = _type("Application")
SERVICE_PRINCIPAL: Final = _type("ServicePrincipal")
DIRECTORY_ROLE: Final = _type("DirectoryRole")
DIRECTORY_ROLE_ASSIGNMENT: Final = _type("DirectoryRoleAssignment")
DIRECTORY_ROLE_MEMBER: Final = _type("DirectoryRoleMember")
DIRECTORY_ROLE_ELIGIBILITY: Final = _type("DirectoryRoleEligibilityScheduleRequest")
ADMINISTRATIVE_UNIT: Final = _type("AdministrativeUnit")
ADMINISTRATIVE_UNIT_ROLE_MEMBER: Final = _type("AdministrativeUnitRoleMember")
APP_ROLE_ASSIGNMENT: Final = _type("AppRoleAssignment")
DELEGATED_PERMISSION_GRANT: Final = _type("ServicePrincipalDelegatedPermissionGrant")
ACCESS_PACKAGE: Final = _type("AccessPackage")
ACCESS_PACKAGE_CATALOG: Final = _type("AccessPackageCatalog")
ACCESS_PACKAGE_RESOURCE: Final = _type("AccessPackageResourceCatalogAssociation")
CONDITIONAL_ACCESS_POLICY: Final = _type("ConditionalAccessPolicy")

_TABLE: Final[Mapping[Power, Mapping[str, str]]] = {
    Power.NONE: dict.fromkeys(
        (
            "AccessPackageCatalog",
            "ApplicationFromTemplate",
            "ApplicationRegistration",
            "AuthenticationStrengthPolicy",
            "ClaimsMappingPolicy",
            "DirectoryRole",
            "NamedLocation",
            "UserFlowAttribute",
        ),
        "",
    ),
    Power.ACCOUNT: {"User": "userPrincipalName"},
    Power.GUEST: {"Invitation": "userEmailAddress"},
    Power.GROUP: {"Group": "displayName", "GroupWithoutMembers": "displayName"},
    Power.MEMBERSHIP: {"GroupMember": "groupObjectId"},
    Power.GROUP_PATH: {
        "AccessPackageResourceCatalogAssociation": "resourceOriginId",
        "GroupRoleManagementPolicy": "groupId",
        "PrivilegedAccessGroupAssignmentSchedule": "groupId",
        "PrivilegedAccessGroupEligibilitySchedule": "groupId",
    },
    Power.PACKAGE_PATH: {
        "AccessPackage": "catalogId",
        "AccessPackageAssignmentPolicy": "accessPackageId",
        "AccessPackageCatalogRoleAssignment": "catalogId",
        "AccessPackageResourcePackageAssociation": "accessPackageId",
    },
    Power.DIRECTORY_ROLE: {
        "AdministrativeUnitRoleMember": "roleObjectId",
        "DirectoryRoleAssignment": "roleId",
        "DirectoryRoleEligibilityScheduleRequest": "roleDefinitionId",
        "DirectoryRoleMember": "roleObjectId",
    },
    Power.ROLE_DEFINITION: {"CustomDirectoryRole": "permissions"},
    Power.APPLICATION_PATH: {
        "Application": "",
        "ApplicationApiAccess": "applicationId",
        "ApplicationAppRole": "applicationId",
        "ApplicationCertificate": "applicationId",
        "ApplicationFallbackPublicClient": "applicationId",
        "ApplicationFederatedIdentityCredential": "applicationId",
        "ApplicationFlexibleFederatedIdentityCredential": "applicationId",
        "ApplicationIdentifierUri": "applicationId",
        "ApplicationKnownClients": "applicationId",
        "ApplicationOptionalClaims": "applicationId",
        "ApplicationOwner": "applicationId",
        "ApplicationPassword": "applicationId",
        "ApplicationPermissionScope": "applicationId",
        "ApplicationPreAuthorized": "applicationId",
        "ApplicationRedirectUris": "applicationId",
        "ServicePrincipalCertificate": "servicePrincipalId",
        "ServicePrincipalClaimsMappingPolicyAssignment": "servicePrincipalId",
        "ServicePrincipalPassword": "servicePrincipalId",
        "ServicePrincipalTokenSigningCertificate": "servicePrincipalId",
        "SynchronizationJob": "servicePrincipalId",
        "SynchronizationJobProvisionOnDemand": "servicePrincipalId",
        "SynchronizationSecret": "servicePrincipalId",
    },
    Power.SERVICE_PRINCIPAL: {"ServicePrincipal": "clientId"},
    Power.DELEGATED_PERMISSION: {"ServicePrincipalDelegatedPermissionGrant": "claimValues"},
    Power.APPLICATION_PERMISSION: {"AppRoleAssignment": "appRoleId"},
    Power.UNIT: {"AdministrativeUnit": "members", "AdministrativeUnitMember": "memberObjectId"},
    Power.PROTECTION: {"ConditionalAccessPolicy": "state"},
}

#: Every type of the provider by its token.
TYPES: Final[Mapping[str, TypePower]] = {
    _type(name): TypePower(power, over) for power, names in _TABLE.items() for name, over in names.items()
}


def over(power: Power) -> dict[str, str]:
    """The types that can give a power, with the property that names what it is over; those that name nothing aside."""
    return {token: entry.over for token, entry in TYPES.items() if entry.power is power and entry.over}
