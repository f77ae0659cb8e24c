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
_DISPLAY_NAME = Property(nullable=False, required=True, longest=256)
_NICKNAME = Property(nullable=False, required=True, longest=64)
_FLAG_OF_EXCHANGE = Property(Shape.FLAG, blank=False)


class Kind(StrEnum):
    """The kinds of object, named by their type in Microsoft Graph."""

    USER = "user"
    GROUP = "group"
    SERVICE_PRINCIPAL = "servicePrincipal"
    DIRECTORY_ROLE = "directoryRole"
    ROLE_TEMPLATE = "directoryRoleTemplate"
    ROLE_DEFINITION = "unifiedRoleDefinition"
    ROLE_ASSIGNMENT = "unifiedRoleAssignment"
    APPLICATION = "application"
    ADMINISTRATIVE_UNIT = "administrativeUnit"
    SCOPED_ROLE_MEMBER = "scopedRoleMembership"
    PERMISSION_GRANT = "oAuth2PermissionGrant"
    APP_ROLE_ASSIGNMENT = "appRoleAssignment"
    CLAIMS_MAPPING_POLICY = "claimsMappingPolicy"
    ELIGIBILITY_REQUEST = "unifiedRoleEligibilityScheduleRequest"
    ELIGIBILITY_SCHEDULE = "unifiedRoleEligibilitySchedule"
    ORGANIZATION = "organization"
    DOMAIN = "domain"
    DIRECTORY_AUDIT = "directoryAudit"


# The lengths are those of the user and group resources in the reference of Microsoft Graph.
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
        "city": Property(longest=128),
        "companyName": Property(longest=64),
        "consentProvidedForMinor": _TEXT,
        "country": Property(longest=128),
        "createdDateTime": _READ,
        "creationType": _READ,
        "deletedDateTime": _READ,
        "department": Property(longest=64),
        "displayName": _DISPLAY_NAME,
        "employeeHireDate": _TEXT,
        "employeeId": Property(longest=16),
        "employeeOrgData": Property(Shape.OBJECT),
        "employeeType": _TEXT,
        "externalUserState": _READ,
        "externalUserStateChangeDateTime": _READ,
        "faxNumber": _TEXT,
        "givenName": Property(longest=64),
        "identities": _READ_OBJECTS,
        "imAddresses": _READ_TEXTS,
        "jobTitle": Property(longest=128),
        "lastPasswordChangeDateTime": _READ,
        "legalAgeGroupClassification": _READ,
        "mail": _TEXT,
        "mailNickname": _NICKNAME,
        "mobilePhone": Property(longest=64),
        "officeLocation": Property(longest=128),
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
        "postalCode": Property(longest=40),
        "preferredDataLocation": _READ,
        "preferredLanguage": _TEXT,
        "proxyAddresses": _READ_TEXTS,
        "securityIdentifier": _READ,
        "showInAddressList": Property(Shape.FLAG),
        "signInSessionsValidFromDateTime": _READ,
        "state": Property(longest=128),
        "streetAddress": Property(longest=1024),
        "surname": Property(longest=64),
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
        "allowExternalSenders": _FLAG_OF_EXCHANGE,
        "assignedLabels": _READ_OBJECTS,
        "autoSubscribeNewMembers": _FLAG_OF_EXCHANGE,
        "hideFromAddressLists": _FLAG_OF_EXCHANGE,
        "hideFromOutlookClients": _FLAG_OF_EXCHANGE,
        "assignedLicenses": _READ_OBJECTS,
        "classification": _TEXT,
        "createdDateTime": _READ,
        "creationOptions": _READ_TEXTS,
        "deletedDateTime": _READ,
        "description": _TEXT,
        "displayName": _DISPLAY_NAME,
        "expirationDateTime": _READ,
        "groupTypes": Property(Shape.TEXTS, Access.ON_CREATION, blank=[], nullable=False),
        "isAssignableToRole": Property(Shape.FLAG, Access.ON_CREATION),
        "mail": _READ,
        "mailEnabled": Property(Shape.FLAG, nullable=False, required=True),
        "mailNickname": _NICKNAME,
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
        "writebackConfiguration": Property(Shape.OBJECT, blank={"isEnabled": None, "onPremisesGroupType": None}),
    },
)

_FLAG = Property(Shape.FLAG)
_OBJECT = Property(Shape.OBJECT)
_OBJECTS = Property(Shape.OBJECTS, blank=[], nullable=False)
_ON_CREATION = Property(access=Access.ON_CREATION)

APPLICATION = Resource(
    Kind.APPLICATION,
    "applications",
    {
        "id": _ID,
        "addIns": _OBJECTS,
        "api": Property(
            Shape.OBJECT,
            blank={
                "acceptMappedClaims": None,
                "knownClientApplications": [],
                "oauth2PermissionScopes": [],
                "preAuthorizedApplications": [],
                "requestedAccessTokenVersion": None,
            },
        ),
        "appId": _READ,
        "appRoles": _OBJECTS,
        "applicationTemplateId": _READ,
        "createdDateTime": _READ,
        "defaultRedirectUri": _TEXT,
        "deletedDateTime": _READ,
        "description": _TEXT,
        "disabledByMicrosoftStatus": _READ,
        "displayName": _NAME,
        "groupMembershipClaims": _TEXT,
        "identifierUris": _TEXTS,
        "info": Property(
            Shape.OBJECT,
            blank={
                "logoUrl": None,
                "marketingUrl": None,
                "privacyStatementUrl": None,
                "supportUrl": None,
                "termsOfServiceUrl": None,
            },
        ),
        "isDeviceOnlyAuthSupported": _FLAG,
        "isFallbackPublicClient": _FLAG,
        "keyCredentials": _OBJECTS,
        "notes": _TEXT,
        "oauth2RequirePostResponse": _FLAG,
        "optionalClaims": _OBJECT,
        "passwordCredentials": _READ_OBJECTS,
        "publicClient": Property(Shape.OBJECT, blank={"redirectUris": []}),
        "publisherDomain": _READ,
        "requiredResourceAccess": _OBJECTS,
        "samlMetadataUrl": _TEXT,
        "serviceManagementReference": _TEXT,
        "signInAudience": Property(blank="AzureADMyOrg"),
        "spa": Property(Shape.OBJECT, blank={"redirectUris": []}),
        "tags": _TEXTS,
        "uniqueName": _READ,
        "web": Property(
            Shape.OBJECT,
            blank={
                "homePageUrl": None,
                "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
                "logoutUrl": None,
                "redirectUriSettings": [],
                "redirectUris": [],
            },
        ),
    },
)

SERVICE_PRINCIPAL = Resource(
    Kind.SERVICE_PRINCIPAL,
    "servicePrincipals",
    {
        "id": _ID,
        "accountEnabled": _FLAG,
        "alternativeNames": _TEXTS,
        "appDescription": _READ,
        "appDisplayName": _READ,
        "appId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "appOwnerOrganizationId": _READ,
        "appRoleAssignmentRequired": Property(Shape.FLAG, blank=False),
        "appRoles": _READ_OBJECTS,
        "applicationTemplateId": _READ,
        "createdDateTime": _READ,
        "deletedDateTime": _READ,
        "description": _TEXT,
        "displayName": _TEXT,
        "homepage": _READ,
        "keyCredentials": _OBJECTS,
        "loginUrl": _TEXT,
        "logoutUrl": _READ,
        "notes": _TEXT,
        "notificationEmailAddresses": _TEXTS,
        "oauth2PermissionScopes": _READ_OBJECTS,
        "passwordCredentials": _OBJECTS,
        "preferredSingleSignOnMode": _TEXT,
        "preferredTokenSigningKeyThumbprint": _TEXT,
        "replyUrls": _READ_TEXTS,
        "samlMetadataUrl": _READ,
        "samlSingleSignOnSettings": _OBJECT,
        "servicePrincipalNames": _READ_TEXTS,
        "servicePrincipalType": _READ,
        "signInAudience": _READ,
        "tags": _TEXTS,
    },
)

CLAIMS_MAPPING_POLICY = Resource(
    Kind.CLAIMS_MAPPING_POLICY,
    "policies/claimsMappingPolicies",
    {
        "id": _ID,
        "definition": Property(Shape.TEXTS, nullable=False, required=True),
        "deletedDateTime": _READ,
        "description": _TEXT,
        "displayName": _NAME,
        "isOrganizationDefault": _FLAG,
    },
)

PERMISSION_GRANT = Resource(
    Kind.PERMISSION_GRANT,
    "oauth2PermissionGrants",
    {
        "id": _ID,
        "clientId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "consentType": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "principalId": _ON_CREATION,
        "resourceId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "scope": _TEXT,
    },
)

APP_ROLE_ASSIGNMENT = Resource(
    Kind.APP_ROLE_ASSIGNMENT,
    "appRoleAssignments",
    {
        "id": _ID,
        "appRoleId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "createdDateTime": _READ,
        "deletedDateTime": _READ,
        "principalDisplayName": _READ,
        "principalId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "principalType": _READ,
        "resourceDisplayName": _READ,
        "resourceId": Property(access=Access.ON_CREATION, nullable=False, required=True),
    },
)

ADMINISTRATIVE_UNIT = Resource(
    Kind.ADMINISTRATIVE_UNIT,
    "directory/administrativeUnits",
    {
        "id": _ID,
        "deletedDateTime": _READ,
        "description": _TEXT,
        "displayName": _NAME,
        "isMemberManagementRestricted": Property(Shape.FLAG, Access.ON_CREATION),
        "visibility": _TEXT,
    },
)

SCOPED_ROLE_MEMBER = Resource(
    Kind.SCOPED_ROLE_MEMBER,
    "directory/administrativeUnits/scopedRoleMembers",
    {
        "id": _ID,
        "administrativeUnitId": _ON_CREATION,
        "roleId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "roleMemberInfo": Property(Shape.OBJECT, Access.ON_CREATION, nullable=False, required=True),
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

# A built-in role has no `rolePermissions` here: the directory does not know what it allows in detail, and an empty list
# would say that it allows nothing.
ROLE_DEFINITION = Resource(
    Kind.ROLE_DEFINITION,
    "roleManagement/directory/roleDefinitions",
    {
        "id": _ID,
        "description": _TEXT,
        "displayName": _NAME,
        "isBuiltIn": _READ_FLAG,
        "isEnabled": Property(Shape.FLAG, nullable=False, required=True),
        "isPrivileged": _READ_FLAG,
        "resourceScopes": _READ_TEXTS,
        "rolePermissions": Property(Shape.OBJECTS, nullable=False, required=True),
        "templateId": _ON_CREATION,
        "version": _TEXT,
    },
)

ROLE_ASSIGNMENT = Resource(
    Kind.ROLE_ASSIGNMENT,
    "roleManagement/directory/roleAssignments",
    {
        "id": _ID,
        "appScopeId": _ON_CREATION,
        "directoryScopeId": _ON_CREATION,
        "principalId": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "roleDefinitionId": Property(access=Access.ON_CREATION, nullable=False, required=True),
    },
)

_SCHEDULE = {
    "id": _ID,
    "appScopeId": _ON_CREATION,
    "createdDateTime": _READ,
    "directoryScopeId": _ON_CREATION,
    "principalId": Property(access=Access.ON_CREATION, nullable=False, required=True),
    "roleDefinitionId": Property(access=Access.ON_CREATION, nullable=False, required=True),
    "scheduleInfo": Property(Shape.OBJECT, Access.ON_CREATION),
    "status": _READ,
}

ELIGIBILITY_REQUEST = Resource(
    Kind.ELIGIBILITY_REQUEST,
    "roleManagement/directory/roleEligibilityScheduleRequests",
    {
        **_SCHEDULE,
        "action": Property(access=Access.ON_CREATION, nullable=False, required=True),
        "approvalId": _READ,
        "completedDateTime": _READ,
        "createdBy": Property(Shape.OBJECT, Access.ON_CREATION),
        "customData": _ON_CREATION,
        "isValidationOnly": Property(Shape.FLAG, Access.ON_CREATION),
        "justification": _ON_CREATION,
        "targetScheduleId": _READ,
        "ticketInfo": Property(Shape.OBJECT, Access.ON_CREATION),
    },
)

ELIGIBILITY_SCHEDULE = Resource(
    Kind.ELIGIBILITY_SCHEDULE,
    "roleManagement/directory/roleEligibilitySchedules",
    {**_SCHEDULE, "createdUsing": _READ, "memberType": _READ, "modifiedDateTime": _READ},
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

DIRECTORY_AUDIT = Resource(
    Kind.DIRECTORY_AUDIT,
    "auditLogs/directoryAudits",
    {
        "id": _ID,
        "activityDateTime": _READ,
        "activityDisplayName": _READ,
        "additionalDetails": _READ_OBJECTS,
        "category": _READ,
        "correlationId": _READ,
        "initiatedBy": _READ_OBJECT,
        "loggedByService": _READ,
        "operationType": _READ,
        "result": _READ,
        "resultReason": Property(access=Access.READ_ONLY, blank=""),
        "targetResources": _READ_OBJECTS,
    },
)

# The two below are no objects of the store, so they have no kind.
AUTHORIZATION_POLICY = Resource(
    "authorizationPolicy",
    "policies/authorizationPolicy",
    {
        "id": _ID,
        "allowedToSignUpEmailBasedSubscriptions": _READ_FLAG,
        "allowedToUseSSPR": _READ_FLAG,
        "allowEmailVerifiedUsersToJoinOrganization": _READ_FLAG,
        "allowInvitesFrom": _READ,
        "allowUserConsentForRiskyApps": _READ_FLAG,
        "blockMsolPowerShell": _READ_FLAG,
        "defaultUserRolePermissions": _READ_OBJECT,
        "description": _READ,
        "displayName": _READ,
        "guestUserRoleId": _READ,
    },
)

CONDITIONAL_ACCESS_POLICY = Resource(
    "conditionalAccessPolicy",
    "identity/conditionalAccess/policies",
    {
        "id": _ID,
        "conditions": _READ_OBJECT,
        "createdDateTime": _READ,
        "displayName": _READ,
        "grantControls": _READ_OBJECT,
        "modifiedDateTime": _READ,
        "sessionControls": _READ_OBJECT,
        "state": _READ,
        "templateId": _READ,
    },
)

RESOURCES: Mapping[Kind, Resource] = {
    Kind(resource.type_name): resource
    for resource in (
        USER,
        GROUP,
        APPLICATION,
        SERVICE_PRINCIPAL,
        CLAIMS_MAPPING_POLICY,
        PERMISSION_GRANT,
        APP_ROLE_ASSIGNMENT,
        ADMINISTRATIVE_UNIT,
        SCOPED_ROLE_MEMBER,
        ELIGIBILITY_REQUEST,
        ELIGIBILITY_SCHEDULE,
        DIRECTORY_ROLE,
        ROLE_TEMPLATE,
        ROLE_DEFINITION,
        ROLE_ASSIGNMENT,
        ORGANIZATION,
        DOMAIN,
        DIRECTORY_AUDIT,
    )
}

DIRECTORY_OBJECTS = frozenset(
    {
        Kind.USER,
        Kind.GROUP,
        Kind.SERVICE_PRINCIPAL,
        Kind.APPLICATION,
        Kind.DIRECTORY_ROLE,
        Kind.ADMINISTRATIVE_UNIT,
    }
)
"""The kinds that `/directoryObjects` finds by id and that a reference may point to."""
