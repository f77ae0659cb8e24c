"""Authentication strengths: Microsoft's own and a tenant's, which Conditional Access policies require.

Source: Microsoft Graph's reference (v1.0) for `authenticationStrengthPolicy`. "List authenticationStrengthPolicies" has
the built-in ones with their combinations; their descriptions are shortened here. The combinations of a single factor
are those that the reference and the azuread provider's tests use. That a strength in use cannot be deleted is of field
reports.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from . import errors
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category
from .families import Family, declared
from .permissions import READ_STRENGTHS, WRITE_STRENGTHS
from .resources import AUTHENTICATION_STRENGTH, Kind
from .tenant import Entity, Tenant

_PHISHING_RESISTANT: Final = ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor")
_PASSWORDLESS: Final = (*_PHISHING_RESISTANT, "deviceBasedPush")
_MULTIFACTOR: Final = (
    *_PASSWORDLESS,
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,x509CertificateSingleFactor",
    "password,x509CertificateMultiFactor",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
    "voice,federatedSingleFactor",
)
_SINGLE_FACTOR: Final = ("password", "sms", "federatedSingleFactor", "x509CertificateSingleFactor", "qrCodePin")
_BUILT_IN: Final = {
    f"00000000-0000-0000-0000-00000000000{number}": (name, description, combinations)
    for number, name, description, combinations in (
        (2, "Multifactor authentication", "Methods that satisfy strong authentication", _MULTIFACTOR),
        (3, "Passwordless MFA", "Methods without a password that satisfy strong authentication", _PASSWORDLESS),
        (4, "Phishing resistant MFA", "Methods that resist phishing", _PHISHING_RESISTANT),
    )
}
_BUILT_IN_SINCE: Final = "2021-12-01T00:00:00Z"


def _methods(combination: str) -> frozenset[str]:
    return frozenset(method.strip() for method in combination.split(","))


_SATISFY_MFA: Final = frozenset(map(_methods, _MULTIFACTOR))
_COMBINATIONS: Final = _SATISFY_MFA | frozenset(map(_methods, _SINGLE_FACTOR))


def get(tenant: Tenant, object_id: str) -> Entity | None:
    """Return the built-in strength, or the tenant's own, with this id."""
    return _built_in(object_id) if object_id in _BUILT_IN else tenant.get(Kind.AUTHENTICATION_STRENGTH, object_id)


def named_by(policy: JsonObject) -> str | None:
    """Return the strength that a Conditional Access policy requires, by id, in lower case."""
    grant = policy["grantControls"]
    strength = grant.get("authenticationStrength") if isinstance(grant, dict) else None
    return str(strength["id"]).lower() if isinstance(strength, dict) else None


def _built_in(object_id: str) -> Entity:
    name, description, combinations = _BUILT_IN[object_id]
    document: JsonObject = {
        **AUTHENTICATION_STRENGTH.blank(),
        "id": object_id,
        "allowedCombinations": [*combinations],
        "createdDateTime": _BUILT_IN_SINCE,
        "description": description,
        "displayName": name,
        "modifiedDateTime": _BUILT_IN_SINCE,
        "policyType": "builtIn",
        "requirementsSatisfied": "mfa",
    }
    return Entity(0, object_id, Kind.AUTHENTICATION_STRENGTH, document)


def _listed(call: Call) -> Iterable[Entity]:
    return chain(map(_built_in, _BUILT_IN), call.tenant.scan(Kind.AUTHENTICATION_STRENGTH))


def _find(call: Call) -> Entity:
    return errors.existing(get(call.tenant, call["strength"]), call["strength"])


def _satisfied(combinations: JsonValue) -> str:
    """Return which requirement a strength satisfies with these combinations, or refuse one that does not exist."""
    if not isinstance(combinations, list) or not combinations:
        raise errors.value_required("allowedCombinations", AUTHENTICATION_STRENGTH.title)
    allowed = {_methods(str(combination)) for combination in combinations}
    if not allowed <= _COMBINATIONS:
        raise errors.invalid_value("allowedCombinations", AUTHENTICATION_STRENGTH.title)
    return "mfa" if allowed <= _SATISFY_MFA else "none"


def _create(call: Call, given: JsonObject) -> Entity:
    strength: JsonObject = {
        **given,
        "modifiedDateTime": now(),
        "policyType": "custom",
        "requirementsSatisfied": _satisfied(given["allowedCombinations"]),
    }
    return call.tenant.create(AUTHENTICATION_STRENGTH, strength)


def _refuse_built_in(strength: Entity) -> None:
    if strength.id in _BUILT_IN:
        raise errors.built_in_strength()


def _update(call: Call, strength: Entity, given: JsonObject) -> None:
    _refuse_built_in(strength)
    call.tenant.update(strength, {**given, "modifiedDateTime": now()})


def _delete(call: Call, strength: Entity) -> None:
    _refuse_built_in(strength)
    if any(_policies_with(call.tenant, strength)):
        raise errors.in_use_by_access_policies(strength.text("displayName"))
    call.tenant.remove(strength)


def _policies_with(tenant: Tenant, strength: Entity) -> Iterator[Entity]:
    policies = tenant.scan(Kind.CONDITIONAL_ACCESS_POLICY)
    return (policy for policy in policies if named_by(policy.document) == strength.id)


_FAMILY: Final = Family(
    AUTHENTICATION_STRENGTH,
    "/policies/authenticationStrengthPolicies/{strength}",
    READ_STRENGTHS,
    WRITE_STRENGTHS,
    noun="authentication strength policy",
    category=Category.POLICIES,
    paged=False,
    listed=_listed,
    find=_find,
    create=_create,
    update=_update,
    delete=_delete,
)
ENDPOINTS: Final = declared(_FAMILY)


@ENDPOINTS.change(
    "POST",
    f"{_FAMILY.path}/updateAllowedCombinations",
    WRITE_STRENGTHS,
    "Update authentication strength policy",
    status=200,
)
def _update_combinations(call: Call) -> JsonObject:
    strength = _FAMILY.named_in(call)
    _refuse_built_in(strength)
    combinations = call.body.get("allowedCombinations")
    satisfied, policies = _satisfied(combinations), list(_policies_with(call.tenant, strength))
    if policies and strength.document["requirementsSatisfied"] == "mfa" != satisfied:
        raise errors.strength_guards_mfa()
    changes: JsonObject = {
        "allowedCombinations": combinations,
        "modifiedDateTime": now(),
        "requirementsSatisfied": satisfied,
    }
    call.tenant.update(strength, changes)
    return {
        "@odata.type": "#microsoft.graph.updateAllowedCombinationsResult",
        "additionalInformation": None,
        "conditionalAccessReferences": [policy.id for policy in policies],
        "currentCombinations": combinations,
        "previousCombinations": strength.document["allowedCombinations"],
    }


@ENDPOINTS.get(f"{_FAMILY.path}/usage", READ_STRENGTHS)
def _usage(call: Call) -> JsonObject:
    strength = _FAMILY.named_in(call)
    policies: list[JsonValue] = [policy.document for policy in _policies_with(call.tenant, strength)]
    guards_mfa = strength.document["requirementsSatisfied"] == "mfa"
    return {
        "@odata.context": f"{call.root}/$metadata#microsoft.graph.authenticationStrengthUsage",
        "mfa": policies if guards_mfa else [],
        "none": [] if guards_mfa else policies,
    }
