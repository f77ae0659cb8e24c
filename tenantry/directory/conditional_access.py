"""Conditional Access policies, and the security defaults that exclude them.

Sources: Microsoft Graph's reference (v1.0) for `conditionalAccessPolicy` and
`identitySecurityDefaultsEnforcementPolicy`; its published schema for the types of a policy's parts. The policies are
kept and checked, and not enforced at sign-in.

A deleted policy or location stays among the deleted items of its own kind. An application may look at it there, and
only people may restore it or delete it for good ("Restore conditionalAccessPolicy", beta), which is not here.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from . import authentication_strengths, errors, named_locations
from .complex_types import NUMBER, SWITCH, TEXT, TEXTS, Complex, UnfitError, flags, one_of, some_of
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category, found
from .families import Family, declared
from .identifiers import is_guid
from .permissions import (
    READ_APPLICATIONS,
    READ_SECURITY_DEFAULTS,
    READ_TENANT_POLICIES,
    WRITE_CONDITIONAL_ACCESS,
    WRITE_SECURITY_DEFAULTS,
)
from .resources import CONDITIONAL_ACCESS_POLICY, NAMED_LOCATION, SECURITY_DEFAULTS, Kind
from .schema import Resource
from .service_principals import FIRST_PARTY
from .tenant import Entity, Tenant

_ENABLED: Final = "enabled"

_FILTER = Complex({"mode": one_of("include exclude"), "rule": TEXT})
_RISK_LEVELS = some_of("low medium high hidden none")
_PLATFORMS = some_of("android iOS windows windowsPhone macOS linux all")
_GUESTS = Complex(
    {
        "externalTenants": Complex(
            {"membershipKind": one_of("all enumerated"), "members": TEXTS},
            is_base=True,
        ),
        "guestOrExternalUserTypes": flags(
            "none internalGuest b2bCollaborationGuest b2bCollaborationMember b2bDirectConnectUser otherExternalUser "
            "serviceProvider"
        ),
    }
)
_PARTS: Final = {
    "conditions": Complex(
        {
            "applications": Complex(
                {
                    "applicationFilter": _FILTER,
                    "excludeApplications": TEXTS,
                    "includeApplications": TEXTS,
                    "includeAuthenticationContextClassReferences": TEXTS,
                    "includeUserActions": TEXTS,
                }
            ),
            "authenticationFlows": Complex(
                {"transferMethods": flags("none deviceCodeFlow authenticationTransfer")},
            ),
            "clientApplications": Complex(
                {
                    "excludeServicePrincipals": TEXTS,
                    "includeServicePrincipals": TEXTS,
                    "servicePrincipalFilter": _FILTER,
                }
            ),
            "clientAppTypes": some_of("all browser mobileAppsAndDesktopClients exchangeActiveSync easSupported other"),
            "devices": Complex({"deviceFilter": _FILTER}),
            "insiderRiskLevels": flags("minor moderate elevated"),
            "locations": Complex({"excludeLocations": TEXTS, "includeLocations": TEXTS}),
            "platforms": Complex({"excludePlatforms": _PLATFORMS, "includePlatforms": _PLATFORMS}),
            "servicePrincipalRiskLevels": _RISK_LEVELS,
            "signInRiskLevels": _RISK_LEVELS,
            "userRiskLevels": _RISK_LEVELS,
            "users": Complex(
                {
                    "excludeGroups": TEXTS,
                    "excludeGuestsOrExternalUsers": _GUESTS,
                    "excludeRoles": TEXTS,
                    "excludeUsers": TEXTS,
                    "includeGroups": TEXTS,
                    "includeGuestsOrExternalUsers": _GUESTS,
                    "includeRoles": TEXTS,
                    "includeUsers": TEXTS,
                }
            ),
        }
    ),
    "grantControls": Complex(
        {
            # Only its id is kept; what is shown is the strength as it is then.
            "authenticationStrength": Complex({"id": TEXT}),
            "builtInControls": some_of(
                "block mfa compliantDevice domainJoinedDevice approvedApplication compliantApplication passwordChange "
                "riskRemediation"
            ),
            "customAuthenticationFactors": TEXTS,
            "operator": one_of("AND OR"),
            "termsOfUse": TEXTS,
        }
    ),
    "sessionControls": Complex(
        {
            "applicationEnforcedRestrictions": Complex({"isEnabled": SWITCH}),
            "cloudAppSecurity": Complex(
                {"cloudAppSecurityType": one_of("mcasConfigured monitorOnly blockDownloads"), "isEnabled": SWITCH}
            ),
            "disableResilienceDefaults": SWITCH,
            "persistentBrowser": Complex({"isEnabled": SWITCH, "mode": one_of("always never")}),
            "secureSignInSession": Complex({"isEnabled": SWITCH}),
            "signInFrequency": Complex(
                {
                    "authenticationType": one_of("primaryAndSecondaryAuthentication secondaryAuthentication"),
                    "frequencyInterval": one_of("timeBased everyTime"),
                    "isEnabled": SWITCH,
                    "type": one_of("days hours"),
                    "value": NUMBER,
                }
            ),
        }
    ),
}


_USER_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "includeUsers": frozenset({"All", "None", "GuestsOrExternalUsers"}),
    "excludeUsers": frozenset({"GuestsOrExternalUsers"}),
    **dict.fromkeys(("includeGroups", "excludeGroups", "includeRoles", "excludeRoles"), frozenset[str]()),
}
"""What a policy's lists of users can name beside ids ("conditionalAccessUsers resource type")."""
_APPLICATION_WORDS: Final = frozenset({"All", "None", "Office365", "MicrosoftAdminPortals"})
_LOCATION_WORDS: Final = frozenset({"All", "AllTrusted", "00000000-0000-0000-0000-000000000000"})
"""The id stands for the trusted addresses of multifactor authentication."""


def _accepted(given: JsonObject, before: JsonObject) -> JsonObject:
    """Return the properties of a body, their parts completed by what was before, or refuse them."""
    accepted = {**given}
    try:
        for name, part in _PARTS.items():
            if given.get(name) is not None:
                accepted[name] = part.accept(_strength_by_id(given[name]), before[name])
    except UnfitError:
        raise errors.no_access_policy() from None
    conditions = accepted.get("conditions")
    if isinstance(conditions, dict) and not conditions["clientAppTypes"]:
        conditions["clientAppTypes"] = ["all"]
    return accepted


def _strength_by_id(part: JsonValue) -> JsonValue:
    """A strength is kept by its id; a client may send back all that was shown of it."""
    strength = part.get("authenticationStrength") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(strength, dict):
        return part
    return {**part, "authenticationStrength": {"id": strength.get("id")}}


def _shown(tenant: Tenant, policy: Entity) -> Entity:
    """A policy with the authentication strength that it requires."""
    grant, strength_id = policy.document["grantControls"], authentication_strengths.named_by(policy.document)
    strength = None if strength_id is None else authentication_strengths.get(tenant, strength_id)
    if not isinstance(grant, dict) or strength is None:
        return policy
    controls: JsonObject = {**grant, "authenticationStrength": strength.document}
    return replace(policy, document={**policy.document, "grantControls": controls})


# --- what a policy must be


def _at(document: JsonObject, path: str) -> JsonValue:
    """Return what is at a path of names; null if a part of the path is."""
    value: JsonValue = document
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _texts_at(document: JsonObject, path: str) -> list[str]:
    value = _at(document, path)
    return [str(text) for text in value] if isinstance(value, list) else []


def _check(tenant: Tenant, policy: JsonObject) -> None:
    """Refuse a policy whose parts do not go together, or that names what does not exist."""
    _check_conditions(policy)
    _check_grant(policy)
    _check_session(policy)
    _check_named(tenant, policy)
    if policy["state"] == _ENABLED and _security_defaults(tenant).document["isEnabled"] is True:
        raise errors.security_defaults_are_enabled()


def _check_conditions(policy: JsonObject) -> None:
    about = ("includeApplications", "includeUserActions", "includeAuthenticationContextClassReferences")
    if not any(_texts_at(policy, f"conditions/applications/{name}") for name in about):
        raise errors.incomplete_access_policy("an application, a user action or an authentication context")
    who = ("includeUsers", "includeGroups", "includeRoles", "includeGuestsOrExternalUsers")
    paths = (*(f"users/{name}" for name in who), "clientApplications/includeServicePrincipals")
    if not any(_at(policy, f"conditions/{path}") for path in paths):
        raise errors.incomplete_access_policy("users, groups, roles, guests or service principals")
    for name, words in _USER_WORDS.items():
        if not all(is_guid(text) or text in words for text in _texts_at(policy, f"conditions/users/{name}")):
            raise errors.no_access_policy()


def _check_grant(policy: JsonObject) -> None:
    """Source: "conditionalAccessGrantControls resource type"."""
    if policy["grantControls"] is None:
        if policy["sessionControls"] is None:
            raise errors.incomplete_access_policy("grant controls or session controls")
        return
    controls = _texts_at(policy, "grantControls/builtInControls")
    strength = _at(policy, "grantControls/authenticationStrength")
    factors, terms = (
        _texts_at(policy, f"grantControls/{name}") for name in ("customAuthenticationFactors", "termsOfUse")
    )
    number, operator = (
        len([*controls, *factors, *terms]) + (strength is not None),
        _at(policy, "grantControls/operator"),
    )
    is_blocked_and_more = "block" in controls and number > 1
    is_strong_twice = "mfa" in controls and strength is not None
    if number == 0 or operator is None or is_blocked_and_more or is_strong_twice:
        raise errors.invalid_access_policy("InvalidControls")
    proves_identity = "mfa" in controls or strength is not None
    if "passwordChange" in controls and not (operator == "AND" and proves_identity):
        raise errors.invalid_access_policy("InvalidPasswordResetControl")


def _check_session(policy: JsonObject) -> None:
    """Refuse session controls without effect. Source: "signInFrequencySessionControl resource type"."""
    controls = policy["sessionControls"]
    if not isinstance(controls, dict):
        return
    switches = (value.get("isEnabled") if isinstance(value, dict) else value for value in controls.values())
    if not any(switches):
        raise errors.invalid_access_policy("InvalidSessionControls")
    frequency = controls["signInFrequency"]
    if not isinstance(frequency, dict) or frequency["isEnabled"] is not True:
        return
    is_every_time = frequency["frequencyInterval"] == "everyTime"
    if any((frequency[name] is None) is not is_every_time for name in ("type", "value")):
        raise errors.invalid_access_policy("InvalidSessionControls")


def _check_named(tenant: Tenant, policy: JsonObject) -> None:
    applications = chain.from_iterable(
        _texts_at(policy, f"conditions/applications/{name}Applications") for name in ("include", "exclude")
    )
    unknown = [
        client_id
        for client_id in applications
        if client_id not in _APPLICATION_WORDS
        and client_id.lower() not in FIRST_PARTY
        and tenant.named(Kind.SERVICE_PRINCIPAL, client_id) is None
    ]
    if unknown:
        raise errors.unknown_applications(unknown)
    for location in named_locations.named_by(policy):
        if location not in _LOCATION_WORDS and tenant.get(Kind.NAMED_LOCATION, location) is None:
            raise errors.no_such_named_location(location)
    strength_id = authentication_strengths.named_by(policy)
    if strength_id is not None and authentication_strengths.get(tenant, strength_id) is None:
        raise errors.no_such_strength(strength_id)


# --- the endpoints


def _find(call: Call) -> Entity:
    return errors.existing(call.tenant.get(Kind.CONDITIONAL_ACCESS_POLICY, call["policy"]), call["policy"])


def _check_caller(call: Call) -> None:
    """Making and changing a policy takes reading applications as well ("Create conditionalAccessPolicy")."""
    if not READ_APPLICATIONS.any_of & call.held:
        raise errors.denied()
    named_locations.check_licence(call.tenant)


def _create(call: Call, given: JsonObject) -> Entity:
    _check_caller(call)
    blank = CONDITIONAL_ACCESS_POLICY.blank()
    policy = {**blank, **_accepted(given, blank)}
    _check(call.tenant, policy)
    return _shown(call.tenant, call.tenant.create(CONDITIONAL_ACCESS_POLICY, policy))


def _update(call: Call, _: Entity, given: JsonObject) -> None:
    _check_caller(call)
    policy = _find(call)
    changes = {**_accepted(given, policy.document), "modifiedDateTime": now()}
    _check(call.tenant, {**policy.document, **changes})
    call.tenant.update(policy, changes)


ENDPOINTS: Final = declared(
    Family(
        CONDITIONAL_ACCESS_POLICY,
        "/identity/conditionalAccess/policies/{policy}",
        READ_TENANT_POLICIES,
        WRITE_CONDITIONAL_ACCESS,
        noun="conditional access policy",
        category=Category.POLICIES,
        paged=False,
        listed=lambda call: (
            _shown(call.tenant, policy) for policy in call.tenant.scan(Kind.CONDITIONAL_ACCESS_POLICY)
        ),
        find=lambda call: _shown(call.tenant, _find(call)),
        create=_create,
        update=_update,
        delete=lambda call, _: call.tenant.soft_delete(_find(call)),
    )
)


def _declare_deleted(resource: Resource, name: str) -> None:
    kind, path = Kind(resource.type_name), f"/identity/conditionalAccess/deletedItems/{name}"

    @ENDPOINTS.get(path, READ_TENANT_POLICIES)
    def listed(call: Call) -> JsonObject:
        return call.whole_collection(resource, call.tenant.scan_deleted(kind))

    @ENDPOINTS.get(f"{path}/{{item}}", READ_TENANT_POLICIES)
    def read(call: Call) -> JsonObject:
        return call.one(found(call.tenant.find_deleted(call["item"]), call["item"], frozenset({kind})))


_declare_deleted(CONDITIONAL_ACCESS_POLICY, "policies")
_declare_deleted(NAMED_LOCATION, "namedLocations")


# --- security defaults

_DEFAULTS_ID: Final = "00000000-0000-0000-0000-000000000005"
_DEFAULTS_PATH: Final = "/policies/identitySecurityDefaultsEnforcementPolicy"


def _security_defaults(tenant: Tenant) -> Entity:
    """A tenant's security defaults: enabled, as a new tenant begins, until somebody changes that."""
    begins: JsonObject = {
        "id": _DEFAULTS_ID,
        "description": "Basic security mechanisms that Microsoft recommends, enforced for the whole organization.",
        "displayName": "Security Defaults",
        "isEnabled": True,
    }
    kept = tenant.get(Kind.SECURITY_DEFAULTS, _DEFAULTS_ID)
    return kept or Entity(0, _DEFAULTS_ID, Kind.SECURITY_DEFAULTS, begins)


@ENDPOINTS.get(_DEFAULTS_PATH, READ_SECURITY_DEFAULTS)
def _get_defaults(call: Call) -> JsonObject:
    return call.one(_security_defaults(call.tenant))


@ENDPOINTS.change("PATCH", _DEFAULTS_PATH, WRITE_SECURITY_DEFAULTS, "Update security defaults")
def _update_defaults(call: Call) -> None:
    given, tenant = SECURITY_DEFAULTS.accept(call.body, creating=False), call.tenant
    policies = tenant.scan(Kind.CONDITIONAL_ACCESS_POLICY)
    if given.get("isEnabled") is True and any(policy.document["state"] == _ENABLED for policy in policies):
        raise errors.access_policies_are_enabled()
    defaults = _security_defaults(tenant)
    if tenant.get(Kind.SECURITY_DEFAULTS, defaults.id) is None:
        defaults = tenant.create(SECURITY_DEFAULTS, defaults.document, object_id=defaults.id)
    tenant.update(defaults, given)
