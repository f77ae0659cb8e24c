"""Families about which nothing is special, and requests for a single object.

The organization, what all may do and how they may sign in are read only here: they stay as enrolment, or Microsoft,
left them ("authorizationPolicy resource type", Microsoft Graph v1.0).
"""

from collections.abc import Mapping
from typing import Final

from . import errors
from .documents import JsonObject
from .endpoint import Call, Category, found
from .families import Family, declared
from .permissions import (
    READ_AUTHORIZATION,
    READ_METHODS_POLICY,
    READ_OBJECTS,
    READ_ORGANIZATION,
    READ_POLICIES,
    WRITE_POLICIES,
)
from .resources import AUTHENTICATION_METHODS_POLICY, CLAIMS_MAPPING_POLICY, ORGANIZATION, Kind
from .tenant import Entity

ENDPOINTS: Final = declared(
    Family(ORGANIZATION, "/organization/{organization}", READ_ORGANIZATION, paged=False),
    Family(
        CLAIMS_MAPPING_POLICY,
        "/policies/claimsMappingPolicies/{policy}",
        READ_POLICIES,
        WRITE_POLICIES,
        noun="policy",
        category=Category.POLICIES,
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
#: Source: "Get authenticationMethodsPolicy" for the shape; which methods a tenant begins with is not documented, and
#: those that need a decision of the tenant's are disabled here.
_METHODS: Final[Mapping[str, tuple[str, JsonObject]]] = {
    "Fido2": ("disabled", {"isAttestationEnforced": True, "isSelfServiceRegistrationAllowed": True}),
    "MicrosoftAuthenticator": ("enabled", {"isSoftwareOathEnabled": False}),
    "Sms": ("disabled", {}),
    "TemporaryAccessPass": (
        "disabled",
        {
            "defaultLength": 8,
            "defaultLifetimeInMinutes": 60,
            "isUsableOnce": False,
            "maximumLifetimeInMinutes": 480,
            "minimumLifetimeInMinutes": 60,
        },
    ),
    "SoftwareOath": ("enabled", {}),
    "Voice": ("disabled", {}),
    "Email": ("enabled", {"allowExternalIdToUseEmailOtp": "default"}),
    "X509Certificate": ("disabled", {}),
}


def _method(name: str) -> JsonObject:
    state, settings = _METHODS[name]
    everybody: JsonObject = {"id": "all_users", "isRegistrationRequired": False, "targetType": "group"}
    return {
        "@odata.type": f"#microsoft.graph.{name[0].lower()}{name[1:]}AuthenticationMethodConfiguration",
        "id": name,
        "excludeTargets": [],
        "includeTargets": [everybody],
        "state": state,
        **settings,
    }


@ENDPOINTS.get("/policies/authenticationMethodsPolicy", READ_METHODS_POLICY)
def _authentication_methods(call: Call) -> JsonObject:
    policy: JsonObject = {
        **AUTHENTICATION_METHODS_POLICY.blank(),
        "id": "authenticationMethodsPolicy",
        "authenticationMethodConfigurations": [_method(name) for name in _METHODS],
        "description": "Which authentication methods are allowed in the tenant, and how they are registered.",
        "displayName": "Authentication Methods Policy",
        "policyMigrationState": "migrationComplete",
        "policyVersion": "1.5",
    }
    return call.one(Entity(0, "authenticationMethodsPolicy", Kind.AUTHENTICATION_METHODS_POLICY, policy))


@ENDPOINTS.get("/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{method}", READ_METHODS_POLICY)
def _authentication_method(call: Call) -> JsonObject:
    name = next((name for name in _METHODS if name.casefold() == call["method"].casefold()), None)
    return _method(errors.existing(name, call["method"]))


@ENDPOINTS.get("/policies/authorizationPolicy", READ_AUTHORIZATION)
def _authorization(call: Call) -> JsonObject:
    return call.one(Entity(0, "authorizationPolicy", Kind.AUTHORIZATION_POLICY, _AUTHORIZATION))


@ENDPOINTS.get("/directoryObjects/{object}", READ_OBJECTS)
def _get_object(call: Call) -> JsonObject:
    return call.any_of_many_kinds(found(call.tenant.find(call["object"]), call["object"]))
