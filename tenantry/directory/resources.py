"""The kinds of object in the directory and the properties that each of them has in Microsoft Graph."""

from collections.abc import Mapping
from enum import StrEnum

from .schema import Access, Property, Resource, Shape

_ID = Property(access=Access.READ_ONLY)
_TEXT = Property()
_TEXTS = Property(Shape.TEXTS, blank=[], nullable=False)
_READ = Property(access=Access.READ_ONLY)
_READ_FLAG = Property(Shape.FLAG, Access.READ_ONLY)
_READ_TEXTS = Property(Shape.TEXTS, Access.READ_ONLY, blank=[])
_READ_OBJECT = Property(Shape.OBJECT, Access.READ_ONLY)
_READ_OBJECTS = Property(Shape.OBJECTS, Access.READ_ONLY, blank=[])
_NAME = Property(nullable=False, required=True)


class Kind(StrEnum):
    """The kinds of object, named by their type in Microsoft Graph."""

    USER = "user"
    GROUP = "group"
    SERVICE_PRINCIPAL = "servicePrincipal"
    DIRECTORY_ROLE = "directoryRole"
    ROLE_TEMPLATE = "directoryRoleTemplate"
    ROLE_DEFINITION = "unifiedRoleDefinition"
    ROLE_ASSIGNMENT = "unifiedRoleAssignment"
    ORGANIZATION = "organization"
    DOMAIN = "domain"


USER = Resource(
    Kind.USER,
    "users",
    {
        "id": _ID,
        "accountEnabled": Property(Shape.FLAG, nullable=False, required=True),
        "ageGroup": _TEXT,
        "assignedLicenses": _READ_OBJECTS,
        "assignedPlans": _READ_OBJECTS,
        "businessPhones": _TEXTS,
        "city": _TEXT,
        "companyName": _TEXT,
        "consentProvidedForMinor": _TEXT,
        "country": _TEXT,
        "createdDateTime": _READ,
        "creationType": _READ,
        "deletedDateTime": _READ,
        "department": _TEXT,
        "displayName": _NAME,
        "employeeHireDate": _TEXT,
        "employeeId": _TEXT,
        "employeeOrgData": Property(Shape.OBJECT),
        "employeeType": _TEXT,
        "externalUserState": _READ,
        "externalUserStateChangeDateTime": _READ,
        "faxNumber": _TEXT,
        "givenName": _TEXT,
        "identities": _READ_OBJECTS,
        "imAddresses": _READ_TEXTS,
        "jobTitle": _TEXT,
        "lastPasswordChangeDateTime": _READ,
        "legalAgeGroupClassification": _READ,
        "mail": _TEXT,
        "mailNickname": _NAME,
        "mobilePhone": _TEXT,
        "officeLocation": _TEXT,
        "onPremisesDistinguishedName": _READ,
        "onPremisesDomainName": _READ,
        "onPremisesImmutableId": _TEXT,
        "onPremisesLastSyncDateTime": _READ,
        "onPremisesSamAccountName": _READ,
        "onPremisesSecurityIdentifier": _READ,
        "onPremisesSyncEnabled": _READ_FLAG,
        "onPremisesUserPrincipalName": _READ,
        "otherMails": _TEXTS,
        "passwordPolicies": _TEXT,
        "passwordProfile": Property(Shape.OBJECT),
        "postalCode": _TEXT,
        "preferredDataLocation": _READ,
        "preferredLanguage": _TEXT,
        "proxyAddresses": _READ_TEXTS,
        "securityIdentifier": _READ,
        "showInAddressList": Property(Shape.FLAG),
        "signInSessionsValidFromDateTime": _READ,
        "state": _TEXT,
        "streetAddress": _TEXT,
        "surname": _TEXT,
        "usageLocation": _TEXT,
        "userPrincipalName": _NAME,
        "userType": Property(),
    },
    default_selection=(
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ),
)

GROUP = Resource(
    Kind.GROUP,
    "groups",
    {
        "id": _ID,
        "assignedLabels": _READ_OBJECTS,
        "assignedLicenses": _READ_OBJECTS,
        "classification": _TEXT,
        "createdDateTime": _READ,
        "creationOptions": _READ_TEXTS,
        "deletedDateTime": _READ,
        "description": _TEXT,
        "displayName": _NAME,
        "expirationDateTime": _READ,
        "groupTypes": Property(Shape.TEXTS, Access.ON_CREATION, blank=[], nullable=False),
        "isAssignableToRole": Property(Shape.FLAG, Access.ON_CREATION),
        "mail": _READ,
        "mailEnabled": Property(Shape.FLAG, nullable=False, required=True),
        "mailNickname": _NAME,
        "membershipRule": _TEXT,
        "membershipRuleProcessingState": _TEXT,
        "onPremisesDomainName": _READ,
        "onPremisesLastSyncDateTime": _READ,
        "onPremisesNetBiosName": _READ,
        "onPremisesProvisioningErrors": _READ_OBJECTS,
        "onPremisesSamAccountName": _READ,
        "onPremisesSecurityIdentifier": _READ,
        "onPremisesSyncEnabled": _READ_FLAG,
        "preferredDataLocation": _READ,
        "preferredLanguage": _READ,
        "proxyAddresses": _READ_TEXTS,
        "renewedDateTime": _READ,
        "resourceBehaviorOptions": Property(Shape.TEXTS, Access.ON_CREATION, blank=[], nullable=False),
        "resourceProvisioningOptions": Property(Shape.TEXTS, Access.ON_CREATION, blank=[], nullable=False),
        "securityEnabled": Property(Shape.FLAG, nullable=False, required=True),
        "securityIdentifier": _READ,
        "theme": _TEXT,
        "visibility": _TEXT,
        "writebackConfiguration": Property(Shape.OBJECT),
    },
)

SERVICE_PRINCIPAL = Resource(
    Kind.SERVICE_PRINCIPAL,
    "servicePrincipals",
    {
        "id": _ID,
        "accountEnabled": _READ_FLAG,
        "alternativeNames": _READ_TEXTS,
        "appDescription": _READ,
        "appDisplayName": _READ,
        "appId": _READ,
        "appOwnerOrganizationId": _READ,
        "appRoleAssignmentRequired": _READ_FLAG,
        "appRoles": _READ_OBJECTS,
        "createdDateTime": _READ,
        "deletedDateTime": _READ,
        "description": _READ,
        "displayName": _READ,
        "homepage": _READ,
        "loginUrl": _READ,
        "logoutUrl": _READ,
        "notes": _READ,
        "notificationEmailAddresses": _READ_TEXTS,
        "oauth2PermissionScopes": _READ_OBJECTS,
        "preferredSingleSignOnMode": _READ,
        "replyUrls": _READ_TEXTS,
        "samlMetadataUrl": _READ,
        "samlSingleSignOnSettings": _READ_OBJECT,
        "servicePrincipalNames": _READ_TEXTS,
        "servicePrincipalType": _READ,
        "signInAudience": _READ,
        "tags": _READ_TEXTS,
    },
)

DIRECTORY_ROLE = Resource(
    Kind.DIRECTORY_ROLE,
    "directoryRoles",
    {
        "id": _ID,
        "deletedDateTime": _READ,
        "description": _READ,
        "displayName": _READ,
        "roleTemplateId": Property(access=Access.ON_CREATION, nullable=False, required=True),
    },
)

ROLE_TEMPLATE = Resource(
    Kind.ROLE_TEMPLATE,
    "directoryRoleTemplates",
    {"id": _ID, "deletedDateTime": _READ, "description": _READ, "displayName": _READ},
)

# `rolePermissions` is left out on purpose: the directory does not know what a role allows in detail, and an
# empty list would say that it allows nothing.
ROLE_DEFINITION = Resource(
    Kind.ROLE_DEFINITION,
    "roleManagement/directory/roleDefinitions",
    {
        "id": _ID,
        "description": _READ,
        "displayName": _READ,
        "isBuiltIn": _READ_FLAG,
        "isEnabled": _READ_FLAG,
        "isPrivileged": _READ_FLAG,
        "resourceScopes": _READ_TEXTS,
        "templateId": _READ,
        "version": _READ,
    },
)

ROLE_ASSIGNMENT = Resource(
    Kind.ROLE_ASSIGNMENT,
    "roleManagement/directory/roleAssignments",
    {
        "id": _ID,
        "appScopeId": Property(access=Access.ON_CREATION),
        "directoryScopeId": Property(access=Access.ON_CREATION),
        "principalId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "roleDefinitionId": Property(access=Access.ON_CREATION, nullable=False, required=True),
    },
)

ORGANIZATION = Resource(
    Kind.ORGANIZATION,
    "organization",
    {
        "id": _ID,
        "assignedPlans": _READ_OBJECTS,
        "businessPhones": _READ_TEXTS,
        "city": _READ,
        "country": _READ,
        "countryLetterCode": _READ,
        "createdDateTime": _READ,
        "defaultUsageLocation": _READ,
        "deletedDateTime": _READ,
        "displayName": _READ,
        "marketingNotificationEmails": _READ_TEXTS,
        "onPremisesSyncEnabled": _READ_FLAG,
        "postalCode": _READ,
        "preferredLanguage": _READ,
        "provisionedPlans": _READ_OBJECTS,
        "securityComplianceNotificationMails": _READ_TEXTS,
        "state": _READ,
        "street": _READ,
        "technicalNotificationMails": _READ_TEXTS,
        "tenantType": _READ,
        "verifiedDomains": _READ_OBJECTS,
    },
)

DOMAIN = Resource(
    Kind.DOMAIN,
    "domains",
    {
        "id": _ID,
        "authenticationType": _READ,
        "isAdminManaged": _READ_FLAG,
        "isDefault": _READ_FLAG,
        "isInitial": _READ_FLAG,
        "isRoot": _READ_FLAG,
        "isVerified": _READ_FLAG,
        "supportedServices": _READ_TEXTS,
    },
)

RESOURCES: Mapping[Kind, Resource] = {
    Kind(resource.type_name): resource
    for resource in (
        USER,
        GROUP,
        SERVICE_PRINCIPAL,
        DIRECTORY_ROLE,
        ROLE_TEMPLATE,
        ROLE_DEFINITION,
        ROLE_ASSIGNMENT,
        ORGANIZATION,
        DOMAIN,
    )
}

DIRECTORY_OBJECTS = frozenset({Kind.USER, Kind.GROUP, Kind.SERVICE_PRINCIPAL, Kind.DIRECTORY_ROLE})
"""The kinds that `/directoryObjects` finds by id and that a reference may point to."""
