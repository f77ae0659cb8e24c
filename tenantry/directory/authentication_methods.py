"""How people can prove who they are: the methods that they registered, and the report of them all.

Sources: Microsoft Graph, "authenticationMethod" and its derived types, and "userRegistrationDetails". People register
methods on Microsoft's own pages, which are not here: a seed says which they have. The self-service password reset is
that of a new tenant: it takes one method, and only administrators may use it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from . import errors, users
from .documents import JsonObject, JsonValue
from .endpoint import Call, found
from .families import Family, declared
from .licences import Licence
from .permissions import READ_METHODS, READ_REGISTRATIONS
from .resources import AUTHENTICATION_METHOD, USER_REGISTRATION_DETAILS, Kind
from .tenant import Entity, Relation, Tenant


class Method(StrEnum):
    """A method that can be registered, by its name in the report."""

    EMAIL = "email"
    MOBILE_PHONE = "mobilePhone"
    ALTERNATE_MOBILE_PHONE = "alternateMobilePhone"
    OFFICE_PHONE = "officePhone"
    AUTHENTICATOR = "microsoftAuthenticatorPush"
    ONE_TIME_PASSCODE = "softwareOneTimePasscode"
    WINDOWS_HELLO = "windowsHelloForBusiness"
    PASSKEY = "passKeyDeviceBound"


@dataclass(frozen=True)
class _Type:
    """What a method is in Microsoft Graph."""

    name: str
    properties: Mapping[str, JsonValue] = field(default_factory=dict)
    id: str | None = None
    """The id that the method has for everybody, where it is not an id of its own."""
    second_factor: str | None = None
    """What the report calls it as the second factor; None where it is none, or stands for the first as well."""
    passwordless: bool = False
    resets_passwords: bool = True

    def shown(self, object_id: str, created: JsonValue) -> JsonObject:
        """Return the method as Microsoft Graph shows it."""
        named: JsonObject = {"@odata.type": f"#microsoft.graph.{self.name}AuthenticationMethod"}
        return {**named, "id": self.id or object_id, **self.properties, "createdDateTime": created}


def _phone(kind: str, number: str, object_id: str, second_factor: str) -> _Type:
    properties = {"phoneNumber": number, "phoneType": kind, "smsSignInState": "notConfigured"}
    return _Type("phone", properties, object_id, second_factor)


_PASSWORD: Final = _Type("password", {"password": None}, "28c10230-6103-485e-b985-444c60001490")
_TYPES: Final = {
    Method.EMAIL: _Type("email", {"emailAddress": None}, "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"),
    Method.MOBILE_PHONE: _phone("mobile", "+1 2065550100", "3179e48a-750b-4051-897c-87b9720928f7", "sms"),
    Method.ALTERNATE_MOBILE_PHONE: _phone(
        "alternateMobile", "+1 2065550101", "b6332ec1-7057-4abe-9331-3d72feddfe41", "voiceAlternateMobile"
    ),
    Method.OFFICE_PHONE: _phone("office", "+1 2065550102", "e37fc753-ff3b-4958-9484-eaa9425c82bc", "voiceOffice"),
    Method.AUTHENTICATOR: _Type(
        "microsoftAuthenticator",
        {"deviceTag": "SoftwareTokenActivated", "displayName": "Phone", "phoneAppVersion": "6.8.17"},
        second_factor="push",
    ),
    Method.ONE_TIME_PASSCODE: _Type("softwareOath", {"secretKey": None}, second_factor="oath"),
    Method.WINDOWS_HELLO: _Type(
        "windowsHelloForBusiness",
        {"displayName": "Laptop", "keyStrength": "normal"},
        passwordless=True,
        resets_passwords=False,
    ),
    Method.PASSKEY: _Type(
        "fido2",
        {
            "aaGuid": "00000000-0000-0000-0000-000000000000",
            "attestationCertificates": [],
            "attestationLevel": "attested",
            "displayName": "Security key",
            "model": "Security key",
        },
        passwordless=True,
        resets_passwords=False,
    ),
}
_SECOND_FACTORS: Final = ("push", "oath", "sms", "voiceAlternateMobile", "voiceOffice")
"""The most secure first: the order in which the system prefers them."""


def register(tenant: Tenant, user: Entity, method: Method, created: str | None = None) -> None:
    """Let a person have a method."""
    document: JsonObject = {"createdDateTime": created, "displayName": method}
    kept = tenant.create(AUTHENTICATION_METHOD, document)
    tenant.link(user.id, Relation.AUTHENTICATION_METHOD, kept.id)


def forget(tenant: Tenant, user_id: str) -> None:
    """Remove the methods of a person who is deleted for good."""
    for kept in [*tenant.targets(user_id, Relation.AUTHENTICATION_METHOD)]:
        tenant.remove(kept)


def _shown(tenant: Tenant, user: Entity) -> Iterator[JsonObject]:
    # Who was invited signs in with the password of another tenant.
    if user.document["externalUserState"] is None:
        yield _PASSWORD.shown("", user.document["lastPasswordChangeDateTime"] or user.document["createdDateTime"])
    for kept in tenant.targets(user.id, Relation.AUTHENTICATION_METHOD):
        yield _TYPES[_method(kept)].shown(kept.id, kept.document["createdDateTime"])


def _method(kept: Entity) -> Method:
    return Method(kept.text("displayName"))


# --- the report


def _details(tenant: Tenant, user: Entity) -> Entity:
    registered = [*tenant.targets(user.id, Relation.AUTHENTICATION_METHOD)]
    methods = [_method(kept) for kept in registered]
    types = [_TYPES[method] for method in methods]
    is_admin = any(
        tenant.roles_kept_for(holder) for holder in (user.id, *(group.id for group in tenant.all_groups_of(user.id)))
    )
    strong = any(one.second_factor or one.passwordless for one in types)
    resets = any(one.resets_passwords for one in types)
    factors = [factor for factor in _SECOND_FACTORS if any(one.second_factor == factor for one in types)]
    updated = [str(kept.document["createdDateTime"]) for kept in registered]
    document: JsonObject = {
        "id": user.id,
        "isAdmin": is_admin,
        "isMfaCapable": strong,
        "isMfaRegistered": strong,
        "isPasswordlessCapable": any(one.passwordless for one in types),
        "isSsprCapable": is_admin and resets,
        "isSsprEnabled": is_admin,
        "isSsprRegistered": resets,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "lastUpdatedDateTime": max(updated, default=str(user.document["createdDateTime"])),
        "methodsRegistered": [*methods],
        "systemPreferredAuthenticationMethods": [*factors[:1]],
        "userDisplayName": user.document["displayName"],
        "userPreferredMethodForSecondaryAuthentication": factors[0] if factors else "none",
        "userPrincipalName": user.document["userPrincipalName"],
        "userType": str(user.document["userType"]).lower(),
    }
    return Entity(user.position, user.id, Kind.USER_REGISTRATION_DETAILS, document)


def _listed(call: Call) -> Iterator[Entity]:
    """Everybody whose account is enabled: the report leaves the others out."""
    for user in call.tenant.scan(Kind.USER, call.query.after):
        if user.document["accountEnabled"] is True:
            yield _details(call.tenant, user)


def _find(call: Call) -> Entity:
    user = found(call.tenant.get(Kind.USER, call["details"]), call["details"])
    if user.document["accountEnabled"] is not True:
        raise errors.not_found(call["details"])
    return _details(call.tenant, user)


ENDPOINTS: Final = declared(
    Family(
        USER_REGISTRATION_DETAILS,
        "/reports/authenticationMethods/userRegistrationDetails/{details}",
        READ_REGISTRATIONS,
        licence=Licence.ENTRA_ID_P1,
        listed=_listed,
        find=_find,
    )
)


@ENDPOINTS.get("/users/{user}/authentication/methods", READ_METHODS)
def _list_methods(call: Call) -> JsonObject:
    user = users.find(call.tenant, call["user"])
    if call.query.select or call.query.where or call.query.expand or call.query.top is not None:
        raise errors.not_implemented("query options on authentication methods")
    context = f"{call.origin}/{call.version}/$metadata#users('{call['user']}')/authentication/methods"
    return {"@odata.context": context, "value": [*_shown(call.tenant, user)]}


@ENDPOINTS.get("/users/{user}/authentication/methods/{method}", READ_METHODS)
def _get_method(call: Call) -> JsonObject:
    user = users.find(call.tenant, call["user"])
    for shown in _shown(call.tenant, user):
        if shown["id"] == call["method"].lower():
            context = f"{call.origin}/{call.version}/$metadata#users('{call['user']}')/authentication/methods/$entity"
            return {"@odata.context": context, **shown}
    raise errors.not_found(call["method"])
