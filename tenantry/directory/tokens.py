"""Signing in: the token endpoint, its discovery documents, and the check of the tokens that it issued.

Two grants of the OAuth 2.0 token endpoint of the Microsoft identity platform are answered. With client
credentials the deploying application gets a token for Microsoft Graph. With the resource owner's password a
person gets one for the delegated permissions that their application was consented: little is answered to people here,
since the directory's Graph serves applications. Tokens are JSON Web Tokens, signed with a key that only this directory
has.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.types import Options

from . import errors
from .client_credentials import has_expired, proves, refusal_of_foreign
from .documents import JsonObject, JsonValue
from .endpoint import Caller
from .identifiers import is_guid, new_id
from .passwords import is_secret
from .resources import Kind
from .service_principals import MICROSOFT_GRAPH
from .store import Store, UnknownTenantError
from .tenant import Entity, Tenant

_LIFETIME: Final = 3599
_ALGORITHM: Final = "HS256"
_MICROSOFT: Final = "https://login.microsoftonline.com"
"""Clients that know no other cloud are led here by its name, and sign their assertions for it."""


class SignInError(Exception):
    """A refusal of the token endpoint: an OAuth 2.0 error with a number of Microsoft Entra ID."""

    def __init__(self, status: int, error: str, number: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.number = number
        self.message = message

    def body(self) -> JsonObject:
        """Return the answer's body."""
        trace = new_id()
        moment = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.message} "
            f"Trace ID: {trace} Correlation ID: {trace} Timestamp: {moment}",
            "error_codes": [self.number],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": trace,
        }


CLOCK: Final = "tenantry.clock"
"""The name in a request's scope of the clock that its tokens are issued by, where it is not the usual one."""


@dataclass(frozen=True)
class TokenClock:
    """How many seconds ahead the clock is that tokens are issued by, and how long they are valid."""

    skew: int = 0
    lifetime: int = _LIFETIME


@dataclass(frozen=True)
class Identity:
    """Whom a valid token is for, and what they may do."""

    tenant_id: str
    caller: Caller
    permissions: frozenset[str]
    is_person: bool = False
    """Whether it is for a signed-in person, with the delegated permissions of their application."""


def sign_in(
    store: Store, tenant: str, form: Mapping[str, str], origin: str, clock: TokenClock | None = None
) -> JsonObject:
    """Answer a request to the token endpoint, or raise SignInError.

    `tenant` is the tenant's id or one of its domains, `origin` the address under which the directory is asked.
    """
    tenant_id = tenant if is_guid(tenant) else store.tenant_of_domain(tenant)
    try:
        with store.reading(tenant_id or tenant) as opened:
            match form.get("grant_type"):
                case "client_credentials":
                    endpoint = f"/{tenant}/oauth2/v2.0/token"
                    here = (f"{origin}{endpoint}", f"{origin}/{opened.id}/v2.0", f"{_MICROSOFT}{endpoint}")
                    claims = _client_claims(opened, form, here)
                case "password":
                    claims = _password_claims(opened, form)
                case other:
                    raise SignInError(
                        400, "unsupported_grant_type", 70003, f"The grant type {other!r} is not supported."
                    )
            claims = {**claims, "tid": opened.id}
    except UnknownTenantError:
        raise SignInError(400, "invalid_request", 90002, f"Tenant '{tenant}' not found.") from None
    return {
        "token_type": "Bearer",
        "expires_in": _LIFETIME,
        "ext_expires_in": _LIFETIME,
        "access_token": _issue(store, claims, origin, clock or TokenClock()),
    }


def token_for_application(store: Store, tenant_id: str, principal_id: str, origin: str) -> str:
    """Issue a token to an application that runs in this process, and needs no secret for it."""
    with store.reading(tenant_id) as tenant:
        application = tenant.get(Kind.SERVICE_PRINCIPAL, principal_id)
        if application is None:
            raise LookupError(f"The tenant {tenant_id} has no application {principal_id}.")
        claims = {**_application_claims(tenant, application), "tid": tenant.id}
    return _issue(store, claims, origin, TokenClock())


def verify(key: bytes, authorization: str | None) -> Identity:
    """Return the identity that the `Authorization` header of a request proves, or refuse it."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise errors.unauthenticated("Access token is empty.")
    try:
        # Clocks that a fault sets ahead issue tokens from the future, which are accepted.
        unchecked: Options = {"verify_aud": False, "verify_iat": False, "verify_nbf": False}
        claims = jwt.decode(token, key, [_ALGORITHM], options=unchecked)
    except jwt.ExpiredSignatureError:
        raise errors.unauthenticated("Lifetime validation failed, the token is expired.") from None
    except jwt.InvalidTokenError:
        raise errors.unauthenticated("Access token validation failure. Invalid signature.") from None
    caller = Caller(claims["oid"], claims["appid"])
    if claims["idtyp"] != "app":
        return Identity(claims["tid"], caller, frozenset(claims["scp"].split()), is_person=True)
    return Identity(claims["tid"], caller, frozenset(claims["roles"]))


def discovery(tenant: str, origin: str) -> JsonObject:
    """Return the OpenID Connect configuration of a tenant, as far as clients need it to sign in."""
    return {
        "authorization_endpoint": f"{origin}/{tenant}/oauth2/v2.0/authorize",
        "issuer": f"{origin}/{tenant}/v2.0",
        "jwks_uri": f"{origin}/{tenant}/discovery/v2.0/keys",
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "tenant_region_scope": None,
        "token_endpoint": f"{origin}/{tenant}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }


def published_keys() -> JsonObject:
    """Return the keys that anybody can check a token with: none, since the key of these tokens is the directory's own.

    Microsoft asks clients not to check the tokens of Graph themselves, either.
    """
    return {"keys": []}


def instance_discovery(tenant: str, origin: str) -> JsonObject:
    """Return where the configuration of an authority is, to clients that ask whether it is known."""
    return {
        "api-version": "1.1",
        "metadata": [],
        "tenant_discovery_endpoint": f"{origin}/{tenant}/v2.0/.well-known/openid-configuration",
    }


def _client_claims(tenant: Tenant, form: Mapping[str, str], audiences: tuple[str, ...]) -> JsonObject:
    application = _application(tenant, form)
    if not proves(tenant, application, form, audiences):
        if "client_assertion" in form:
            foreign = refusal_of_foreign(tenant, application, form["client_assertion"])
            if foreign is not None:
                raise SignInError(401, "invalid_client", *foreign)
            raise SignInError(
                401, "invalid_client", 700027, "The certificate with which the client assertion is signed is not known."
            )
        if has_expired(tenant, application, form):
            client_id = application.text("appId")
            raise SignInError(
                401,
                "invalid_client",
                7000222,
                f"The provided client secret keys for app '{client_id}' are expired. Create new keys for your app.",
            )
        raise SignInError(
            401,
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
            f"value, not the client secret ID, for a secret added to app '{application.text('appId')}'.",
        )
    return _application_claims(tenant, application)


def _application_claims(tenant: Tenant, application: Entity) -> JsonObject:
    permissions: list[JsonValue] = list(_permissions(tenant, application))
    return {
        "app_displayname": application.document["displayName"],
        "appid": application.text("appId"),
        "idtyp": "app",
        "oid": application.id,
        "roles": permissions,
        "sub": application.id,
    }


def _permissions(tenant: Tenant, application: Entity) -> list[str]:
    """The permissions that an application was enrolled with, and those that were consented to since."""
    given = [grant.document for grant in tenant.scan(Kind.APP_ROLE_ASSIGNMENT)]
    given = [grant for grant in given if grant["principalId"] == application.id]
    # What Microsoft Graph offers is a quarter of a megabyte: it is read for those alone that hold some of it.
    offering = tenant.named(Kind.SERVICE_PRINCIPAL, MICROSOFT_GRAPH) if given else None
    consented: set[str] = set()
    if offering is not None:
        offered: Any = offering.document["appRoles"]
        held = {grant["appRoleId"] for grant in given if grant["resourceId"] == offering.id}
        consented = {role["value"] for role in offered if role["id"] in held}
    return sorted(consented.union(tenant.permissions(application.id)))


def _password_claims(tenant: Tenant, form: Mapping[str, str]) -> JsonObject:
    application = _application(tenant, form)
    user = tenant.named(Kind.USER, form.get("username", ""))
    kept = tenant.secret(user.id) if user is not None else None
    if user is None or kept is None or not is_secret(form.get("password", ""), kept.hash):
        raise SignInError(
            400, "invalid_grant", 50126, "Error validating credentials due to invalid username or password."
        )
    if user.document["accountEnabled"] is not True:
        raise SignInError(400, "invalid_grant", 50057, "The user account is disabled.")
    if kept.must_change:
        raise SignInError(400, "invalid_grant", 50055, "The password is expired.")
    return {
        "appid": application.text("appId"),
        "idtyp": "user",
        "oid": user.id,
        "scp": " ".join(sorted({"openid", *_delegated(tenant, application, user)})),
        "sub": user.id,
        "upn": user.text("userPrincipalName"),
    }


def _delegated(tenant: Tenant, application: Entity, user: Entity) -> Iterator[str]:
    """The delegated permissions of Microsoft Graph that an application was consented, by all or by this person."""
    offering = tenant.named(Kind.SERVICE_PRINCIPAL, MICROSOFT_GRAPH)
    for grant in tenant.scan(Kind.PERMISSION_GRANT):
        given = grant.document
        is_graph = offering is not None and given["resourceId"] == offering.id
        if is_graph and given["clientId"] == application.id and given["principalId"] in (None, user.id):
            yield from str(given["scope"] or "").split()


def _application(tenant: Tenant, form: Mapping[str, str]) -> Entity:
    client_id = form.get("client_id", "")
    application = tenant.named(Kind.SERVICE_PRINCIPAL, client_id)
    if application is None:
        raise SignInError(
            400,
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory '{tenant.id}'.",
        )
    if application.document["accountEnabled"] is False:
        raise SignInError(
            400,
            "unauthorized_client",
            7000112,
            f"Application '{application.text('appId')}'({application.document['displayName']}) is disabled.",
        )
    return application


def _issue(store: Store, claims: JsonObject, origin: str, clock: TokenClock) -> str:
    moment = int(time.time()) + clock.skew
    payload: JsonObject = {
        **claims,
        "aud": origin,
        "exp": moment + clock.lifetime,
        "iat": moment,
        "iss": f"{origin}/{claims['tid']}/",
        "nbf": moment,
        "ver": "1.0",
    }
    return jwt.encode(payload, store.signing_key(), _ALGORITHM)
