"""The kinds of object in the directory, and the properties that each of them has in Microsoft Graph.

The names in `not_kept` are the other properties and relationships of a type in Graph's published schema: a request for
one of them is answered as not implemented, and only a name that exists nowhere is a mistake. Source:
microsoftgraph/msgraph-metadata, schemas/type-mappings (v1.0 and beta), commit f54f11b6 of 2026-08-20, and `notes` of a
user from msgraph-sdk 1.65.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .documents import JsonValue
from .schema import Access, Property, Resource, Shape


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
    AUTHORIZATION_POLICY = "authorizationPolicy"
    CONDITIONAL_ACCESS_POLICY = "conditionalAccessPolicy"


_TEXT = Property()
_FLAG = Property(Shape.FLAG)
_TEXTS = Property(Shape.TEXTS)
_OBJECT = Property(Shape.OBJECT)
_OBJECTS = Property(Shape.OBJECTS)
_REQUIRED = Property(required=True)
_REQUIRED_FLAG = Property(Shape.FLAG, required=True)
_REQUIRED_TEXTS = Property(Shape.TEXTS, required=True)
_REQUIRED_OBJECTS = Property(Shape.OBJECTS, required=True)
_ON_CREATION = Property(access=Access.ON_CREATION)
_ON_CREATION_FLAG = Property(Shape.FLAG, Access.ON_CREATION)
_ON_CREATION_TEXTS = Property(Shape.TEXTS, Access.ON_CREATION)
_ON_CREATION_OBJECT = Property(Shape.OBJECT, Access.ON_CREATION)
_REQUIRED_ON_CREATION = Property(access=Access.ON_CREATION, required=True)
_REQUIRED_ON_CREATION_OBJECT = Property(Shape.OBJECT, Access.ON_CREATION, required=True)
_READ = Property(access=Access.READ_ONLY)
_READ_FLAG = Property(Shape.FLAG, Access.READ_ONLY)
_READ_TEXTS = Property(Shape.TEXTS, Access.READ_ONLY)
_READ_OBJECT = Property(Shape.OBJECT, Access.READ_ONLY)
_READ_OBJECTS = Property(Shape.OBJECTS, Access.READ_ONLY)

_CONSENT_TYPES: Final = frozenset({"AllPrincipals", "Principal"})
_AUDIENCES: Final = frozenset(
    {"AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}
)

RESOURCES: Final[dict[Kind, Resource]] = {}
"""The resources of all kinds; each is declared below."""


def _resource(
    kind: Kind,
    set_name: str,
    names: Mapping[Property, str],
    *,
    blanks: Mapping[str, JsonValue] | None = None,
    default_selection: str = "",
    not_kept: str = "",
) -> Resource:
    """Declare a resource by the names of its properties beside the id, those that are alike together."""
    properties = {name: declared for declared, alike in names.items() for name in alike.split()}
    RESOURCES[kind] = Resource(
        kind,
        set_name,
        {"id": _READ, **{name: properties[name] for name in sorted(properties, key=str.lower)}},
        blanks or {},
        tuple(default_selection.split()),
        frozenset(not_kept.split()),
    )
    return RESOURCES[kind]


# The lengths are those of the user and group resources in the reference of Microsoft Graph. A role definition that is
# built in has no `rolePermissions`: the directory does not know what it allows in detail, and an empty list would say
# that it allows nothing.
USER = _resource(
    Kind.USER,
    "users",
    {
        _REQUIRED_FLAG: "accountEnabled",
        Property(required=True, longest=256): "displayName",
        Property(required=True, longest=64): "mailNickname",
        _REQUIRED: "userPrincipalName",
        _TEXT: """
            ageGroup consentProvidedForMinor employeeHireDate employeeType faxNumber mail onPremisesImmutableId
            passwordPolicies preferredLanguage usageLocation
        """,
        Property(choices=frozenset({"Member", "Guest"})): "userType",
        _TEXTS: "businessPhones otherMails",
        Property(longest=128): "city country jobTitle officeLocation state",
        Property(longest=64): "companyName department givenName mobilePhone surname",
        Property(longest=16): "employeeId",
        _OBJECT: "employeeOrgData passwordProfile",
        Property(longest=40): "postalCode",
        _FLAG: "showInAddressList",
        Property(longest=1024): "streetAddress",
        _READ_OBJECTS: "assignedLicenses assignedPlans identities",
        _READ: """
            createdDateTime creationType deletedDateTime externalUserState externalUserStateChangeDateTime
            lastPasswordChangeDateTime legalAgeGroupClassification onPremisesDistinguishedName onPremisesDomainName
            onPremisesLastSyncDateTime onPremisesSamAccountName onPremisesSecurityIdentifier
            onPremisesUserPrincipalName preferredDataLocation securityIdentifier signInSessionsValidFromDateTime
        """,
        _READ_TEXTS: "imAddresses proxyAddresses",
        _READ_FLAG: "onPremisesSyncEnabled",
    },
    default_selection="""
        businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage surname
        userPrincipalName
    """,
    not_kept="""
        aboutMe activities adhocCalls agreementAcceptances analytics appConsentRequestsForApproval
        appRoleAssignedResources appRoleAssignments approvals authentication authorizationInfo birthday calendar
        calendarGroups calendars calendarView chats cloudClipboard cloudLicensing cloudPcPools cloudPCs
        cloudRealtimeCommunicationInfo communications contactFolders contacts createdObjects customSecurityAttributes
        dataSecurityAndGovernance deviceEnrollmentConfigurations deviceEnrollmentLimit deviceKeys
        deviceManagementTroubleshootingEvents devices directReports distributionLists drive drives employeeExperience
        employeeLeaveDateTime events extensions followedSites hireDate identityGovernance identityParentId
        inferenceClassification infoCatalogs informationProtection insights interests invitedBy
        isLicenseReconciliationNeeded isManagementRestricted isResourceAccount joinedGroups joinedTeams
        licenseAssignmentStates licenseDetails mailboxSettings mailFolders managedAppLogCollectionRequests
        managedAppRegistrations managedDevices manager memberOf messages mobileAppIntentAndStates
        mobileAppTroubleshootingEvents mySite notes notifications oauth2PermissionGrants onenote onlineMeetings
        onPremisesExtensionAttributes onPremisesProvisioningErrors onPremisesSipInfo onPremisesSyncBehavior outlook
        ownedDevices ownedObjects pastProjects pendingAccessReviewInstances people permissionGrants photo photos
        planner preferredName presence print profile provisionedPlans refreshTokensValidFromDateTime registeredDevices
        responsibilities schools scopedRoleMemberOf security serviceProvisioningErrors settings signInActivity skills
        solutions sponsorOf sponsors teamwork todo transitiveMemberOf transitiveReports usageRights virtualEvents
        windowsInformationProtectionDeviceRegistrations
    """,
)

GROUP = _resource(
    Kind.GROUP,
    "groups",
    {
        Property(required=True, longest=256): "displayName",
        _REQUIRED_FLAG: "mailEnabled securityEnabled",
        Property(required=True, longest=64): "mailNickname",
        _FLAG: "allowExternalSenders autoSubscribeNewMembers hideFromAddressLists hideFromOutlookClients",
        _TEXT: "classification description membershipRule membershipRuleProcessingState theme visibility",
        _OBJECT: "writebackConfiguration",
        _ON_CREATION_TEXTS: "groupTypes resourceBehaviorOptions resourceProvisioningOptions",
        _ON_CREATION_FLAG: "isAssignableToRole",
        _READ_OBJECTS: "assignedLabels assignedLicenses onPremisesProvisioningErrors",
        _READ: """
            createdDateTime deletedDateTime expirationDateTime mail onPremisesDomainName onPremisesLastSyncDateTime
            onPremisesNetBiosName onPremisesSamAccountName onPremisesSecurityIdentifier preferredDataLocation
            preferredLanguage renewedDateTime securityIdentifier
        """,
        _READ_TEXTS: "creationOptions proxyAddresses",
        _READ_FLAG: "onPremisesSyncEnabled",
    },
    blanks={
        "allowExternalSenders": False,
        "autoSubscribeNewMembers": False,
        "hideFromAddressLists": False,
        "hideFromOutlookClients": False,
        "writebackConfiguration": {"isEnabled": None, "onPremisesGroupType": None},
    },
    not_kept="""
        acceptedSenders accessType appRoleAssignments calendar calendarView cloudLicensing conversations
        createdByAppId createdOnBehalfOf drive drives endpoints events extensions groupLifecyclePolicies
        hasMembersWithLicenseErrors infoCatalogs isArchived isFavorite isManagementRestricted isSubscribedByMail
        licenseProcessingState memberOf members membershipRuleProcessingStatus membersWithLicenseErrors onenote
        onPremisesExtensionAttributes onPremisesSyncBehavior organizationId owners permissionGrants photo photos
        planner rejectedSenders serviceProvisioningErrors settings sites team threads transitiveMemberOf
        transitiveMembers uniqueName unseenConversationsCount unseenCount unseenMessagesCount welcomeMessageEnabled
    """,
)

APPLICATION = _resource(
    Kind.APPLICATION,
    "applications",
    {
        _REQUIRED: "displayName",
        _OBJECTS: "addIns appRoles keyCredentials requiredResourceAccess",
        _OBJECT: "api info optionalClaims publicClient spa web",
        _TEXT: """
            defaultRedirectUri description groupMembershipClaims notes samlMetadataUrl serviceManagementReference
        """,
        Property(choices=_AUDIENCES): "signInAudience",
        _TEXTS: "identifierUris tags",
        _FLAG: "isDeviceOnlyAuthSupported isFallbackPublicClient oauth2RequirePostResponse",
        _READ: """
            appId applicationTemplateId createdDateTime deletedDateTime disabledByMicrosoftStatus publisherDomain
            uniqueName
        """,
        _READ_OBJECTS: "passwordCredentials",
    },
    blanks={
        "api": {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
            "requestedAccessTokenVersion": None,
        },
        "info": {
            "logoUrl": None,
            "marketingUrl": None,
            "privacyStatementUrl": None,
            "supportUrl": None,
            "termsOfServiceUrl": None,
        },
        "publicClient": {"redirectUris": []},
        "signInAudience": "AzureADMyOrg",
        "spa": {"redirectUris": []},
        "web": {
            "homePageUrl": None,
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
            "logoutUrl": None,
            "redirectUriSettings": [],
            "redirectUris": [],
        },
    },
    not_kept="""
        appManagementPolicies authenticationBehaviors certification connectorGroup createdByAppId createdOnBehalfOf
        extensionProperties federatedIdentityCredentials homeRealmDiscoveryPolicies isDisabled logo
        managerApplications nativeAuthenticationApisEnabled onPremisesPublishing owners parentalControlSettings
        requestSignatureVerification servicePrincipalLockConfiguration signInAudienceRestrictions synchronization
        tokenEncryptionKeyId tokenIssuancePolicies tokenLifetimePolicies verifiedPublisher windows
    """,
)

SERVICE_PRINCIPAL = _resource(
    Kind.SERVICE_PRINCIPAL,
    "servicePrincipals",
    {
        _REQUIRED_ON_CREATION: "appId",
        _FLAG: "accountEnabled appRoleAssignmentRequired",
        _TEXTS: "alternativeNames notificationEmailAddresses tags",
        _TEXT: "description displayName loginUrl notes preferredSingleSignOnMode preferredTokenSigningKeyThumbprint",
        _OBJECTS: "keyCredentials passwordCredentials",
        _OBJECT: "samlSingleSignOnSettings",
        _READ: """
            appDescription appDisplayName appOwnerOrganizationId applicationTemplateId createdDateTime deletedDateTime
            homepage logoutUrl samlMetadataUrl servicePrincipalType signInAudience
        """,
        _READ_OBJECTS: "appRoles oauth2PermissionScopes",
        _READ_TEXTS: "replyUrls servicePrincipalNames",
    },
    blanks={"appRoleAssignmentRequired": False},
    not_kept="""
        addIns appManagementPolicies appRoleAssignedTo appRoleAssignments claimsMappingPolicies claimsPolicy
        createdByAppId createdObjects customSecurityAttributes delegatedPermissionClassifications
        disabledByMicrosoftStatus endpoints errorUrl federatedIdentityCredentials homeRealmDiscoveryPolicies info
        isDisabled licenseDetails memberOf oauth2PermissionGrants ownedObjects owners passwordSingleSignOnSettings
        permissionGrantPreApprovalPolicies preferredTokenSigningKeyEndDateTime publishedPermissionScopes publisherName
        remoteDesktopSecurityConfiguration resourceSpecificApplicationPermissions synchronization tokenEncryptionKeyId
        tokenIssuancePolicies tokenLifetimePolicies transitiveMemberOf verifiedPublisher
    """,
)

CLAIMS_MAPPING_POLICY = _resource(
    Kind.CLAIMS_MAPPING_POLICY,
    "policies/claimsMappingPolicies",
    {
        _REQUIRED_TEXTS: "definition",
        _REQUIRED: "displayName",
        _TEXT: "description",
        _FLAG: "isOrganizationDefault",
        _READ: "deletedDateTime",
    },
    not_kept="appliesTo",
)

PERMISSION_GRANT = _resource(
    Kind.PERMISSION_GRANT,
    "oauth2PermissionGrants",
    {
        _REQUIRED_ON_CREATION: "clientId resourceId",
        Property(access=Access.ON_CREATION, required=True, choices=_CONSENT_TYPES): "consentType",
        _TEXT: "scope",
        _ON_CREATION: "principalId",
    },
    not_kept="expiryTime startTime",
)

APP_ROLE_ASSIGNMENT = _resource(
    Kind.APP_ROLE_ASSIGNMENT,
    "appRoleAssignments",
    {
        _REQUIRED_ON_CREATION: "appRoleId principalId resourceId",
        _READ: "createdDateTime deletedDateTime principalDisplayName principalType resourceDisplayName",
    },
    not_kept="creationTimestamp",
)

ADMINISTRATIVE_UNIT = _resource(
    Kind.ADMINISTRATIVE_UNIT,
    "directory/administrativeUnits",
    {
        _REQUIRED: "displayName",
        _TEXT: "description",
        Property(choices=frozenset({"Public", "HiddenMembership"})): "visibility",
        _ON_CREATION_FLAG: "isMemberManagementRestricted",
        _READ: "deletedDateTime",
    },
    not_kept="""
        deletedMembers extensions members membershipRule membershipRuleProcessingState membershipType
        scopedRoleMembers
    """,
)

SCOPED_ROLE_MEMBER = _resource(
    Kind.SCOPED_ROLE_MEMBER,
    "directory/administrativeUnits/scopedRoleMembers",
    {
        _REQUIRED_ON_CREATION: "roleId",
        _REQUIRED_ON_CREATION_OBJECT: "roleMemberInfo",
        _ON_CREATION: "administrativeUnitId",
    },
)

DIRECTORY_ROLE = _resource(
    Kind.DIRECTORY_ROLE,
    "directoryRoles",
    {
        _REQUIRED_ON_CREATION: "roleTemplateId",
        _READ: "deletedDateTime description displayName",
    },
    not_kept="members scopedMembers",
)

ROLE_TEMPLATE = _resource(
    Kind.ROLE_TEMPLATE,
    "directoryRoleTemplates",
    {
        _READ: "deletedDateTime description displayName",
    },
)

ROLE_DEFINITION = _resource(
    Kind.ROLE_DEFINITION,
    "roleManagement/directory/roleDefinitions",
    {
        _REQUIRED: "displayName",
        _REQUIRED_FLAG: "isEnabled",
        _REQUIRED_OBJECTS: "rolePermissions",
        _TEXT: "description version",
        _ON_CREATION: "templateId",
        _READ_FLAG: "isBuiltIn isPrivileged",
        _READ_TEXTS: "resourceScopes",
    },
    not_kept="allowedPrincipalTypes inheritsPermissionsFrom",
)

ROLE_ASSIGNMENT = _resource(
    Kind.ROLE_ASSIGNMENT,
    "roleManagement/directory/roleAssignments",
    {
        _REQUIRED_ON_CREATION: "principalId roleDefinitionId",
        _ON_CREATION: "appScopeId directoryScopeId",
    },
    not_kept="""
        appScope condition directoryScope principal principalOrganizationId resourceScope roleDefinition
    """,
)

ELIGIBILITY_REQUEST = _resource(
    Kind.ELIGIBILITY_REQUEST,
    "roleManagement/directory/roleEligibilityScheduleRequests",
    {
        _REQUIRED_ON_CREATION: "principalId roleDefinitionId action",
        _ON_CREATION: "appScopeId directoryScopeId customData justification",
        _ON_CREATION_OBJECT: "scheduleInfo createdBy ticketInfo",
        _ON_CREATION_FLAG: "isValidationOnly",
        _READ: "createdDateTime status approvalId completedDateTime targetScheduleId",
    },
    not_kept="appScope directoryScope principal roleDefinition targetSchedule",
)

ELIGIBILITY_SCHEDULE = _resource(
    Kind.ELIGIBILITY_SCHEDULE,
    "roleManagement/directory/roleEligibilitySchedules",
    {
        _REQUIRED_ON_CREATION: "principalId roleDefinitionId",
        _ON_CREATION: "appScopeId directoryScopeId",
        _ON_CREATION_OBJECT: "scheduleInfo",
        _READ: "createdDateTime status createdUsing memberType modifiedDateTime",
    },
    not_kept="appScope directoryScope principal roleDefinition",
)

ORGANIZATION = _resource(
    Kind.ORGANIZATION,
    "organization",
    {
        _READ_OBJECTS: "assignedPlans provisionedPlans verifiedDomains",
        _READ_TEXTS: """
            businessPhones marketingNotificationEmails securityComplianceNotificationMails technicalNotificationMails
        """,
        _READ: """
            city country countryLetterCode createdDateTime defaultUsageLocation deletedDateTime displayName postalCode
            preferredLanguage state street tenantType
        """,
        _READ_FLAG: "onPremisesSyncEnabled",
    },
    not_kept="""
        branding certificateBasedAuthConfiguration certificateConnectorSetting directorySizeQuota extensions
        isMultipleDataLocationsForServicesEnabled mobileDeviceManagementAuthority onPremisesLastPasswordSyncDateTime
        onPremisesLastSyncDateTime partnerInformation partnerTenantType privacyProfile
        securityComplianceNotificationPhones settings
    """,
)

DOMAIN = _resource(
    Kind.DOMAIN,
    "domains",
    {
        _READ: "authenticationType",
        _READ_FLAG: "isAdminManaged isDefault isInitial isRoot isVerified",
        _READ_TEXTS: "supportedServices",
    },
    not_kept="""
        availabilityStatus domainNameReferences federationConfiguration manufacturer model
        passwordNotificationWindowInDays passwordValidityPeriodInDays rootDomain serviceConfigurationRecords
        sharedEmailDomainInvitations state verificationDnsRecords
    """,
)

DIRECTORY_AUDIT = _resource(
    Kind.DIRECTORY_AUDIT,
    "auditLogs/directoryAudits",
    {
        _READ: """
            activityDateTime activityDisplayName category correlationId loggedByService operationType result
            resultReason
        """,
        _READ_OBJECTS: "additionalDetails targetResources",
        _READ_OBJECT: "initiatedBy",
    },
    blanks={"resultReason": ""},
    not_kept="performedBy userAgent",
)

AUTHORIZATION_POLICY = _resource(
    Kind.AUTHORIZATION_POLICY,
    "policies/authorizationPolicy",
    {
        _READ_FLAG: """
            allowedToSignUpEmailBasedSubscriptions allowedToUseSSPR allowEmailVerifiedUsersToJoinOrganization
            allowUserConsentForRiskyApps blockMsolPowerShell
        """,
        _READ: "allowInvitesFrom description displayName guestUserRoleId",
        _READ_OBJECT: "defaultUserRolePermissions",
    },
    not_kept="""
        defaultUserRoleOverrides deletedDateTime enabledPreviewFeatures
        permissionGrantPolicyIdsAssignedToDefaultUserRole
    """,
)

CONDITIONAL_ACCESS_POLICY = _resource(
    Kind.CONDITIONAL_ACCESS_POLICY,
    "identity/conditionalAccess/policies",
    {
        _READ_OBJECT: "conditions grantControls sessionControls",
        _READ: "createdDateTime displayName modifiedDateTime state templateId",
    },
    not_kept="deletedDateTime description",
)

RECYCLED: Final = (
    Kind.USER,
    Kind.GROUP,
    Kind.APPLICATION,
    Kind.SERVICE_PRINCIPAL,
    Kind.ADMINISTRATIVE_UNIT,
)
"""The kinds whose objects are kept when they are deleted, and can be restored."""

DIRECTORY_OBJECTS: Final = frozenset({*RECYCLED, Kind.DIRECTORY_ROLE})
"""The kinds that `/directoryObjects` finds by id and that a reference may point to."""
