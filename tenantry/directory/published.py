"""What Microsoft Graph's published schema has beside what the directory keeps: names of properties and relationships.

Source: microsoftgraph/msgraph-metadata, schemas/type-mappings (v1.0 and beta), commit f54f11b6 of 2026-08-20, and
`notes` of a user from msgraph-sdk 1.65. The names are facts of that schema. A request for one of them is answered
as not implemented; only a name that exists nowhere is a mistake.
"""

from collections.abc import Mapping
from typing import Final

PUBLISHED: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(names.split())
    for name, names in {
        "administrativeUnit": """
            deletedMembers extensions members membershipRule membershipRuleProcessingState
            membershipType scopedRoleMembers
        """,
        "appRoleAssignment": """
            creationTimestamp
        """,
        "application": """
            appManagementPolicies authenticationBehaviors certification connectorGroup createdByAppId
            createdOnBehalfOf extensionProperties federatedIdentityCredentials
            homeRealmDiscoveryPolicies isDisabled logo managerApplications
            nativeAuthenticationApisEnabled onPremisesPublishing owners parentalControlSettings
            requestSignatureVerification servicePrincipalLockConfiguration signInAudienceRestrictions
            synchronization tokenEncryptionKeyId tokenIssuancePolicies tokenLifetimePolicies
            verifiedPublisher windows
        """,
        "authorizationPolicy": """
            defaultUserRoleOverrides deletedDateTime enabledPreviewFeatures
            permissionGrantPolicyIdsAssignedToDefaultUserRole
        """,
        "claimsMappingPolicy": """
            appliesTo
        """,
        "conditionalAccessPolicy": """
            deletedDateTime description
        """,
        "directoryAudit": """
            performedBy userAgent
        """,
        "directoryRole": """
            members scopedMembers
        """,
        "domain": """
            availabilityStatus domainNameReferences federationConfiguration manufacturer model
            passwordNotificationWindowInDays passwordValidityPeriodInDays rootDomain
            serviceConfigurationRecords sharedEmailDomainInvitations state verificationDnsRecords
        """,
        "group": """
            acceptedSenders accessType appRoleAssignments calendar calendarView cloudLicensing
            conversations createdByAppId createdOnBehalfOf drive drives endpoints events extensions
            groupLifecyclePolicies hasMembersWithLicenseErrors infoCatalogs isArchived isFavorite
            isManagementRestricted isSubscribedByMail licenseProcessingState memberOf members
            membershipRuleProcessingStatus membersWithLicenseErrors onenote
            onPremisesExtensionAttributes onPremisesSyncBehavior organizationId owners permissionGrants
            photo photos planner rejectedSenders serviceProvisioningErrors settings sites team threads
            transitiveMemberOf transitiveMembers uniqueName unseenConversationsCount unseenCount
            unseenMessagesCount welcomeMessageEnabled
        """,
        "oAuth2PermissionGrant": """
            expiryTime startTime
        """,
        "organization": """
            branding certificateBasedAuthConfiguration certificateConnectorSetting directorySizeQuota
            extensions isMultipleDataLocationsForServicesEnabled mobileDeviceManagementAuthority
            onPremisesLastPasswordSyncDateTime onPremisesLastSyncDateTime partnerInformation
            partnerTenantType privacyProfile securityComplianceNotificationPhones settings
        """,
        "servicePrincipal": """
            addIns appManagementPolicies appRoleAssignedTo appRoleAssignments claimsMappingPolicies
            claimsPolicy createdByAppId createdObjects customSecurityAttributes
            delegatedPermissionClassifications disabledByMicrosoftStatus endpoints errorUrl
            federatedIdentityCredentials homeRealmDiscoveryPolicies info isDisabled licenseDetails
            memberOf oauth2PermissionGrants ownedObjects owners passwordSingleSignOnSettings
            permissionGrantPreApprovalPolicies preferredTokenSigningKeyEndDateTime
            publishedPermissionScopes publisherName remoteDesktopSecurityConfiguration
            resourceSpecificApplicationPermissions synchronization tokenEncryptionKeyId
            tokenIssuancePolicies tokenLifetimePolicies transitiveMemberOf verifiedPublisher
        """,
        "unifiedRoleAssignment": """
            appScope condition directoryScope principal principalOrganizationId resourceScope
            roleDefinition
        """,
        "unifiedRoleDefinition": """
            allowedPrincipalTypes inheritsPermissionsFrom
        """,
        "unifiedRoleEligibilitySchedule": """
            appScope directoryScope principal roleDefinition
        """,
        "unifiedRoleEligibilityScheduleRequest": """
            appScope directoryScope principal roleDefinition targetSchedule
        """,
        "user": """
            aboutMe activities adhocCalls agreementAcceptances analytics appConsentRequestsForApproval
            appRoleAssignedResources appRoleAssignments approvals authentication authorizationInfo
            birthday calendar calendarGroups calendars calendarView chats cloudClipboard cloudLicensing
            cloudPcPools cloudPCs cloudRealtimeCommunicationInfo communications contactFolders contacts
            createdObjects customSecurityAttributes dataSecurityAndGovernance
            deviceEnrollmentConfigurations deviceEnrollmentLimit deviceKeys
            deviceManagementTroubleshootingEvents devices directReports distributionLists drive drives
            employeeExperience employeeLeaveDateTime events extensions followedSites hireDate
            identityGovernance identityParentId inferenceClassification infoCatalogs
            informationProtection insights interests invitedBy isLicenseReconciliationNeeded
            isManagementRestricted isResourceAccount joinedGroups joinedTeams licenseAssignmentStates
            licenseDetails mailboxSettings mailFolders managedAppLogCollectionRequests
            managedAppRegistrations managedDevices manager memberOf messages mobileAppIntentAndStates
            mobileAppTroubleshootingEvents mySite notes notifications oauth2PermissionGrants onenote
            onlineMeetings onPremisesExtensionAttributes onPremisesProvisioningErrors onPremisesSipInfo
            onPremisesSyncBehavior outlook ownedDevices ownedObjects pastProjects
            pendingAccessReviewInstances people permissionGrants photo photos planner preferredName
            presence print profile provisionedPlans refreshTokensValidFromDateTime registeredDevices
            responsibilities schools scopedRoleMemberOf security serviceProvisioningErrors settings
            signInActivity skills solutions sponsorOf sponsors teamwork todo transitiveMemberOf
            transitiveReports usageRights virtualEvents windowsInformationProtectionDeviceRegistrations
        """,
    }.items()
}
"""By type."""
