"""The tenant's own policies, read only: what all may do, and conditional access.

A tenant begins with Microsoft's defaults for the first ("authorizationPolicy resource type", Microsoft Graph v1.0) and
with no policy of the second; here it stays so, since nothing here writes them.
"""

from typing import Final

from . import errors
from .documents import JsonObject
from .endpoint import Call, Endpoints
from .permissions import READ_TENANT_POLICIES
from .resources import AUTHORIZATION_POLICY, CONDITIONAL_ACCESS_POLICY

ENDPOINTS: Final = Endpoints()

_GUEST_USER: Final = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_DEFAULTS: Final[JsonObject] = {
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
    return call.document(AUTHORIZATION_POLICY, _DEFAULTS)


@ENDPOINTS.get("/identity/conditionalAccess/policies", READ_TENANT_POLICIES)
def _list_conditional_access(call: Call) -> JsonObject:
    return call.whole_collection(CONDITIONAL_ACCESS_POLICY, ())


@ENDPOINTS.get("/identity/conditionalAccess/policies/{policy}", READ_TENANT_POLICIES)
def _get_conditional_access(call: Call) -> JsonObject:
    raise errors.not_found(call["policy"])
