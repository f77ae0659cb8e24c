"""The kinds of object in the directory, and the properties that each of them has in Microsoft Graph."""

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
    FEDERATED_CREDENTIAL = "federatedIdentityCredential"
    INVITATION = "invitation"
    ELIGIBILITY_REQUEST = "unifiedRoleEligibilityScheduleRequest"
    ELIGIBILITY_SCHEDULE = "unifiedRoleEligibilitySchedule"
    ELIGIBILITY_INSTANCE = "unifiedRoleEligibilityScheduleInstance"
    ACTIVE_ROLE_REQUEST = "unifiedRoleAssignmentScheduleRequest"
    ACTIVE_ROLE_SCHEDULE = "unifiedRoleAssignmentSchedule"
    ACTIVE_ROLE_INSTANCE = "unifiedRoleAssignmentScheduleInstance"
    GROUP_ELIGIBILITY_REQUEST = "privilegedAccessGroupEligibilityScheduleRequest"
    GROUP_ELIGIBILITY_SCHEDULE = "privilegedAccessGroupEligibilitySchedule"
    GROUP_ELIGIBILITY_INSTANCE = "privilegedAccessGroupEligibilityScheduleInstance"
    GROUP_ASSIGNMENT_REQUEST = "privilegedAccessGroupAssignmentScheduleRequest"
    GROUP_ASSIGNMENT_SCHEDULE = "privilegedAccessGroupAssignmentSchedule"
    GROUP_ASSIGNMENT_INSTANCE = "privilegedAccessGroupAssignmentScheduleInstance"
    ORGANIZATION = "organization"
    DOMAIN = "domain"
    DIRECTORY_AUDIT = "directoryAudit"
    AUTHORIZATION_POLICY = "authorizationPolicy"
    CONDITIONAL_ACCESS_POLICY = "conditionalAccessPolicy"
    SUBSCRIBED_SKU = "subscribedSku"
    LICENSE_DETAILS = "licenseDetails"
    AUTHENTICATION_METHOD = "authenticationMethod"
    USER_REGISTRATION_DETAILS = "userRegistrationDetails"
    NAMED_LOCATION = "namedLocation"
    AUTHENTICATION_STRENGTH = "authenticationStrengthPolicy"
    SECURITY_DEFAULTS = "identitySecurityDefaultsEnforcementPolicy"
    AUTHENTICATION_METHODS_POLICY = "authenticationMethodsPolicy"
    ROLE_POLICY = "unifiedRoleManagementPolicy"
    ROLE_POLICY_ASSIGNMENT = "unifiedRoleManagementPolicyAssignment"
    RELATIONSHIP = "delegatedAdminRelationship"
    ACCESS_ASSIGNMENT = "delegatedAdminAccessAssignment"
    RELATIONSHIP_REQUEST = "delegatedAdminRelationshipRequest"
    RELATIONSHIP_OPERATION = "delegatedAdminRelationshipOperation"
    CUSTOMER = "delegatedAdminCustomer"


_TEXT = Property()
_FLAG = Property(Shape.FLAG)
_SET_FLAG = Property(Shape.FLAG, never_null=True)
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
_USER_TYPES: Final = frozenset({"Member", "Guest"})
_AUDIENCES: Final = frozenset(
    {"AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}
)

_POLICY_STATES: Final = frozenset({"enabled", "disabled", "enabledForReportingButNotEnforced"})

RESOURCES: Final[dict[Kind, Resource]] = {}
"""The resources of all kinds; each is declared below."""


def _resource(
    kind: Kind,
    set_name: str,
    names: Mapping[Property, str],
    *,
    blanks: Mapping[str, JsonValue] | None = None,
    default_selection: str = "",
    on_request: str = "",
    related: str = "",
    beta_only: str = "",
    bound: str = "",
    bound_on_creation: str = "",
    known_of_some: str = "",
) -> Resource:
    """Declare a resource by the names of its properties beside the id, those that are alike together."""
    properties = {name: declared for declared, alike in names.items() for name in alike.split()}
    RESOURCES[kind] = Resource(
        kind,
        set_name,
        {"id": _READ, **{name: properties[name] for name in sorted(properties, key=str.lower)}},
        blanks or {},
        tuple(default_selection.split()),
        on_request=frozenset(on_request.split()),
        related=frozenset(related.split()),
        beta_only=frozenset(beta_only.split()),
        bound=frozenset(bound.split()),
        bound_on_creation=frozenset(bound_on_creation.split()),
        known_of_some=frozenset(known_of_some.split()),
    )
    return RESOURCES[kind]


# The lengths are those of the user and group resources in the reference of Microsoft Graph.
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
        Property(choices=_USER_TYPES): "userType",
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
        _READ_OBJECT: "signInActivity",
    },
    on_request="signInActivity",
    default_selection="""
        businessPhones displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage surname
        userPrincipalName
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
        _TEXT: "classification description membershipRule visibility",
        Property(choices=frozenset({"On", "Paused"})): "membershipRuleProcessingState",
        Property(choices=frozenset({"Blue", "Green", "Orange", "Pink", "Purple", "Red", "Teal"})): "theme",
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
        _READ_OBJECT: "membershipRuleProcessingStatus",
    },
    on_request="membershipRuleProcessingStatus",
    blanks={
        "allowExternalSenders": False,
        "autoSubscribeNewMembers": False,
        "hideFromAddressLists": False,
        "hideFromOutlookClients": False,
        "writebackConfiguration": {"isEnabled": None, "onPremisesGroupType": None},
    },
    beta_only="writebackConfiguration",
    bound="members owners",
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
        _FLAG: "isDeviceOnlyAuthSupported isFallbackPublicClient",
        _SET_FLAG: "oauth2RequirePostResponse",
        _READ: """
            appId applicationTemplateId createdDateTime deletedDateTime disabledByMicrosoftStatus publisherDomain
            uniqueName
        """,
        Property(Shape.OBJECTS, Access.ON_CREATION): "passwordCredentials",
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
        "oauth2RequirePostResponse": False,
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
    bound_on_creation="owners",
)

SERVICE_PRINCIPAL = _resource(
    Kind.SERVICE_PRINCIPAL,
    "servicePrincipals",
    {
        _REQUIRED_ON_CREATION: "appId",
        _FLAG: "accountEnabled",
        _SET_FLAG: "appRoleAssignmentRequired",
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
    beta_only="samlMetadataUrl",
    bound_on_creation="owners",
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
)

FEDERATED_CREDENTIAL = _resource(
    Kind.FEDERATED_CREDENTIAL,
    "applications/federatedIdentityCredentials",
    {
        _REQUIRED_TEXTS: "audiences",
        Property(required=True, longest=600): "issuer",
        Property(required=True, longest=120): "name",
        Property(longest=600): "description subject",
        _OBJECT: "claimsMatchingExpression",
    },
    # The expression, by which a credential is flexible.
    beta_only="claimsMatchingExpression",
)

INVITATION = _resource(
    Kind.INVITATION,
    "invitations",
    {
        Property(required=True): "invitedUserEmailAddress inviteRedirectUrl",
        Property(longest=256): "invitedUserDisplayName",
        Property(choices=_USER_TYPES): "invitedUserType",
        _FLAG: "resetRedemption sendInvitationMessage",
        _OBJECT: "invitedUser invitedUserMessageInfo",
        _READ: "inviteRedeemUrl status",
    },
    blanks={"resetRedemption": False, "sendInvitationMessage": False},
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
)

APP_ROLE_ASSIGNMENT = _resource(
    Kind.APP_ROLE_ASSIGNMENT,
    "appRoleAssignments",
    {
        _REQUIRED_ON_CREATION: "appRoleId principalId resourceId",
        _READ: "createdDateTime deletedDateTime principalDisplayName principalType resourceDisplayName",
    },
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
)

SCOPED_ROLE_MEMBER = _resource(
    Kind.SCOPED_ROLE_MEMBER,
    "directory/administrativeUnits/scopedRoleMembers",
    {
        _REQUIRED_ON_CREATION: "roleId",
        _REQUIRED_ON_CREATION_OBJECT: "roleMemberInfo",
        Property(access=Access.ON_CREATION, never_null=True): "administrativeUnitId",
    },
)

DIRECTORY_ROLE = _resource(
    Kind.DIRECTORY_ROLE,
    "directoryRoles",
    {
        _REQUIRED_ON_CREATION: "roleTemplateId",
        _READ: "deletedDateTime description displayName",
    },
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
    beta_only="isPrivileged",
    # What a built-in role allows in detail is not known here, and an empty list would say that it allows nothing.
    known_of_some="rolePermissions",
)

ROLE_ASSIGNMENT = _resource(
    Kind.ROLE_ASSIGNMENT,
    "roleManagement/directory/roleAssignments",
    {
        _REQUIRED_ON_CREATION: "principalId roleDefinitionId",
        _ON_CREATION: "appScopeId directoryScopeId",
    },
)

_SCHEDULE_REQUEST: Final = {
    _REQUIRED_ON_CREATION: "principalId action",
    _ON_CREATION: "justification customData",
    _ON_CREATION_OBJECT: "scheduleInfo createdBy ticketInfo",
    _ON_CREATION_FLAG: "isValidationOnly",
    _READ: "createdDateTime status approvalId completedDateTime targetScheduleId",
}
_HELD_ROLE: Final = "principalId roleDefinitionId appScopeId directoryScopeId"

ELIGIBILITY_REQUEST = _resource(
    Kind.ELIGIBILITY_REQUEST,
    "roleManagement/directory/roleEligibilityScheduleRequests",
    {
        **_SCHEDULE_REQUEST,
        _REQUIRED_ON_CREATION: "principalId action roleDefinitionId",
        _ON_CREATION: "justification customData appScopeId directoryScopeId",
    },
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
)

ELIGIBILITY_INSTANCE = _resource(
    Kind.ELIGIBILITY_INSTANCE,
    "roleManagement/directory/roleEligibilityScheduleInstances",
    {_READ: f"{_HELD_ROLE} endDateTime memberType roleEligibilityScheduleId startDateTime"},
)

ACTIVE_ROLE_REQUEST = _resource(
    Kind.ACTIVE_ROLE_REQUEST,
    "roleManagement/directory/roleAssignmentScheduleRequests",
    {
        **_SCHEDULE_REQUEST,
        _REQUIRED_ON_CREATION: "principalId action roleDefinitionId",
        _ON_CREATION: "justification customData appScopeId directoryScopeId",
    },
)

ACTIVE_ROLE_SCHEDULE = _resource(
    Kind.ACTIVE_ROLE_SCHEDULE,
    "roleManagement/directory/roleAssignmentSchedules",
    {
        _READ: f"{_HELD_ROLE} assignmentType createdDateTime createdUsing memberType modifiedDateTime status",
        _READ_OBJECT: "scheduleInfo",
    },
)

ACTIVE_ROLE_INSTANCE = _resource(
    Kind.ACTIVE_ROLE_INSTANCE,
    "roleManagement/directory/roleAssignmentScheduleInstances",
    {
        _READ: f"""
            {_HELD_ROLE} assignmentType endDateTime memberType roleAssignmentOriginId roleAssignmentScheduleId
            startDateTime
        """,
    },
)

_IN_GROUPS: Final = "identityGovernance/privilegedAccess/group"
_PLACE: Final = "accessId groupId principalId memberType"
_GROUP_REQUEST: Final = {
    **_SCHEDULE_REQUEST,
    _REQUIRED_ON_CREATION: "principalId action groupId",
    Property(access=Access.ON_CREATION, required=True, choices=frozenset({"member", "owner"})): "accessId",
}

GROUP_ELIGIBILITY_REQUEST = _resource(
    Kind.GROUP_ELIGIBILITY_REQUEST,
    f"{_IN_GROUPS}/eligibilityScheduleRequests",
    _GROUP_REQUEST,
)

GROUP_ELIGIBILITY_SCHEDULE = _resource(
    Kind.GROUP_ELIGIBILITY_SCHEDULE,
    f"{_IN_GROUPS}/eligibilitySchedules",
    {_READ: f"{_PLACE} createdDateTime createdUsing modifiedDateTime status", _READ_OBJECT: "scheduleInfo"},
)

GROUP_ELIGIBILITY_INSTANCE = _resource(
    Kind.GROUP_ELIGIBILITY_INSTANCE,
    f"{_IN_GROUPS}/eligibilityScheduleInstances",
    {_READ: f"{_PLACE} eligibilityScheduleId endDateTime startDateTime"},
)

GROUP_ASSIGNMENT_REQUEST = _resource(
    Kind.GROUP_ASSIGNMENT_REQUEST,
    f"{_IN_GROUPS}/assignmentScheduleRequests",
    _GROUP_REQUEST,
)

GROUP_ASSIGNMENT_SCHEDULE = _resource(
    Kind.GROUP_ASSIGNMENT_SCHEDULE,
    f"{_IN_GROUPS}/assignmentSchedules",
    {
        _READ: f"{_PLACE} assignmentType createdDateTime createdUsing modifiedDateTime status",
        _READ_OBJECT: "scheduleInfo",
    },
)

GROUP_ASSIGNMENT_INSTANCE = _resource(
    Kind.GROUP_ASSIGNMENT_INSTANCE,
    f"{_IN_GROUPS}/assignmentScheduleInstances",
    {_READ: f"{_PLACE} assignmentScheduleId assignmentType endDateTime startDateTime"},
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
)

DOMAIN = _resource(
    Kind.DOMAIN,
    "domains",
    {
        _READ: "authenticationType",
        _READ_FLAG: "isAdminManaged isDefault isInitial isRoot isVerified",
        _READ_TEXTS: "supportedServices",
    },
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
)

CONDITIONAL_ACCESS_POLICY = _resource(
    Kind.CONDITIONAL_ACCESS_POLICY,
    "identity/conditionalAccess/policies",
    {
        Property(Shape.OBJECT, required=True): "conditions",
        Property(required=True, longest=256): "displayName",
        Property(required=True, choices=_POLICY_STATES): "state",
        _OBJECT: "grantControls sessionControls",
        _TEXT: "description",
        _ON_CREATION: "templateId",
        _READ: "createdDateTime deletedDateTime modifiedDateTime",
    },
)

SUBSCRIBED_SKU = _resource(
    Kind.SUBSCRIBED_SKU,
    "subscribedSkus",
    {
        _READ: "accountId accountName appliesTo capabilityStatus skuId skuPartNumber",
        Property(Shape.NUMBER, Access.READ_ONLY): "consumedUnits",
        _READ_OBJECT: "prepaidUnits",
        _READ_OBJECTS: "servicePlans",
        _READ_TEXTS: "subscriptionIds",
    },
)

LICENSE_DETAILS = _resource(
    Kind.LICENSE_DETAILS,
    "licenseDetails",
    {
        _READ: "skuId skuPartNumber",
        _READ_OBJECTS: "servicePlans",
    },
)

AUTHENTICATION_METHOD = _resource(
    Kind.AUTHENTICATION_METHOD,
    "authentication/methods",
    {
        _READ: "createdDateTime displayName",
    },
)

USER_REGISTRATION_DETAILS = _resource(
    Kind.USER_REGISTRATION_DETAILS,
    "reports/authenticationMethods/userRegistrationDetails",
    {
        _READ_FLAG: """
            isAdmin isMfaCapable isMfaRegistered isPasswordlessCapable isSsprCapable isSsprEnabled isSsprRegistered
            isSystemPreferredAuthenticationMethodEnabled
        """,
        _READ: """
            lastUpdatedDateTime userDisplayName userPreferredMethodForSecondaryAuthentication userPrincipalName userType
        """,
        _READ_TEXTS: "methodsRegistered systemPreferredAuthenticationMethods",
    },
)

# What a location has beside this depends on its type: see `conditional_access`.
NAMED_LOCATION = _resource(
    Kind.NAMED_LOCATION,
    "identity/conditionalAccess/namedLocations",
    {
        Property(required=True, longest=256): "displayName",
        _READ: "createdDateTime deletedDateTime modifiedDateTime",
    },
)

AUTHENTICATION_STRENGTH = _resource(
    Kind.AUTHENTICATION_STRENGTH,
    "policies/authenticationStrengthPolicies",
    {
        _REQUIRED: "displayName",
        _TEXT: "description",
        Property(Shape.TEXTS, Access.ON_CREATION, required=True): "allowedCombinations",
        _READ: "createdDateTime modifiedDateTime policyType requirementsSatisfied",
        _READ_OBJECTS: "combinationConfigurations",
    },
)

SECURITY_DEFAULTS = _resource(
    Kind.SECURITY_DEFAULTS,
    "policies/identitySecurityDefaultsEnforcementPolicy",
    {
        _SET_FLAG: "isEnabled",
        _READ: "description displayName",
    },
)

AUTHENTICATION_METHODS_POLICY = _resource(
    Kind.AUTHENTICATION_METHODS_POLICY,
    "policies/authenticationMethodsPolicy",
    {
        _READ: "description displayName lastModifiedDateTime policyMigrationState policyVersion",
        _READ_OBJECT: "registrationEnforcement",
        _READ_OBJECTS: "authenticationMethodConfigurations",
    },
)

ROLE_POLICY = _resource(
    Kind.ROLE_POLICY,
    "policies/roleManagementPolicies",
    {
        _READ: "description displayName lastModifiedDateTime scopeId scopeType",
        _READ_FLAG: "isOrganizationDefault",
        _READ_OBJECT: "lastModifiedBy",
    },
    related="effectiveRules rules",
)

ROLE_POLICY_ASSIGNMENT = _resource(
    Kind.ROLE_POLICY_ASSIGNMENT,
    "policies/roleManagementPolicyAssignments",
    {
        _READ: "policyId roleDefinitionId scopeId scopeType",
    },
    related="policy",
)

_REQUIRED_OBJECT: Final = Property(Shape.OBJECT, required=True)

RELATIONSHIP = _resource(
    Kind.RELATIONSHIP,
    "tenantRelationships/delegatedAdminRelationships",
    {
        _REQUIRED_OBJECT: "accessDetails",
        Property(required=True, longest=50): "displayName",
        _REQUIRED: "duration",
        Property(never_null=True, choices=frozenset({"P0D", "PT0S", "P180D"})): "autoExtendDuration",
        _OBJECT: "customer",
        _READ: "activatedDateTime createdDateTime endDateTime lastModifiedDateTime status",
    },
    blanks={"autoExtendDuration": "PT0S"},
)

ACCESS_ASSIGNMENT = _resource(
    Kind.ACCESS_ASSIGNMENT,
    f"{RELATIONSHIP.set_name}/accessAssignments",
    {
        _REQUIRED_ON_CREATION_OBJECT: "accessContainer",
        _REQUIRED_OBJECT: "accessDetails",
        _READ: "createdDateTime lastModifiedDateTime status",
    },
)

RELATIONSHIP_REQUEST = _resource(
    Kind.RELATIONSHIP_REQUEST,
    f"{RELATIONSHIP.set_name}/requests",
    {_REQUIRED_ON_CREATION: "action", _READ: "createdDateTime lastModifiedDateTime status"},
)

RELATIONSHIP_OPERATION = _resource(
    Kind.RELATIONSHIP_OPERATION,
    f"{RELATIONSHIP.set_name}/operations",
    {_READ: "createdDateTime data lastModifiedDateTime operationType status"},
)

CUSTOMER = _resource(Kind.CUSTOMER, "tenantRelationships/delegatedAdminCustomers", {_READ: "displayName tenantId"})

RECYCLED: Final = (
    Kind.USER,
    Kind.GROUP,
    Kind.APPLICATION,
    Kind.SERVICE_PRINCIPAL,
    Kind.ADMINISTRATIVE_UNIT,
)
"""The kinds whose objects are kept when they are deleted, and can be restored."""

PRINCIPALS: Final = (Kind.USER, Kind.GROUP, Kind.SERVICE_PRINCIPAL)
"""The kinds that can be in a group, and be given roles and permissions."""

DIRECTORY_OBJECTS: Final = frozenset({*RECYCLED, Kind.DIRECTORY_ROLE})
"""The kinds that `/directoryObjects` finds by id and that a reference may point to."""
