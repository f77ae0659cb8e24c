"""Families about which nothing is special, and requests for a single object.

The organization, its domains and the tenant's policies are read only here: they stay as enrolment, or Microsoft, left
them. A tenant begins with Microsoft's defaults for what all may do ("authorizationPolicy resource type", Microsoft
Graph v1.0) and with no conditional access policy.
"""

from typing import Final

from .documents import JsonObject
from .endpoint import Call, Category, found
from .families import Family, declared
from .permissions import (
    READ_DOMAINS,
    READ_OBJECTS,
    READ_ORGANIZATION,
    READ_POLICIES,
    READ_TENANT_POLICIES,
    WRITE_POLICIES,
)
from .resources import CLAIMS_MAPPING_POLICY, CONDITIONAL_ACCESS_POLICY, DOMAIN, ORGANIZATION, Kind
from .tenant import Entity

ENDPOINTS: Final = declared(
    Family(ORGANIZATION, "/organization/{organization}", READ_ORGANIZATION, paged=False),
    Family(
        DOMAIN,
        "/domains/{domain}",
        READ_DOMAINS,
        paged=False,
        find=lambda call: found(
            call.tenant.named(Kind.DOMAIN, call["domain"]), call["domain"], frozenset({Kind.DOMAIN})
        ),
    ),
    Family(
        CLAIMS_MAPPING_POLICY,
        "/policies/claimsMappingPolicies/{policy}",
        READ_POLICIES,
        WRITE_POLICIES,
        noun="policy",
        category=Category.POLICIES,
    ),
    Family(
        CONDITIONAL_ACCESS_POLICY,
        "/identity/conditionalAccess/policies/{policy}",
        READ_TENANT_POLICIES,
        paged=False,
    ),
)

_GUEST_USER: Final = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_AUTHORIZATION: Final[JsonObject] = {
    "id": "authorizationPolicy",
    "allowedToSignUpEmailBasedSubscriptions": True,
    "allowedToUseSSPR": True,
    "allowEmailVerifiedUsersToJoinOrganization": False,
    "allowInvitesFrom": "everyone",
    "allowUserConsentForRiskyApps": None,
    "blockMsolPowerShell": False,
    "defaultUserRolePermissions": {
        "allowedToCreateApps": True,
        "allowedToCreateSecurityGroups": True,
        "allowedToCreateTenants": True,
        "allowedToReadBitlockerKeysForOwnedDevice": True,
        "allowedToReadOtherUsers": True,
        "permissionGrantPoliciesAssigned": ["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"],
    },
    "description": "Used to manage authorization related settings across the company.",
    "displayName": "Authorization Policy",
    "guestUserRoleId": _GUEST_USER,
}


@ENDPOINTS.get("/policies/authorizationPolicy", READ_TENANT_POLICIES)
def _authorization(call: Call) -> JsonObject:
    return call.one(Entity(0, "authorizationPolicy", Kind.AUTHORIZATION_POLICY, _AUTHORIZATION))


@ENDPOINTS.get("/directoryObjects/{object}", READ_OBJECTS)
def _get_object(call: Call) -> JsonObject:
    return call.any_of_many_kinds(found(call.tenant.find(call["object"]), call["object"]))
