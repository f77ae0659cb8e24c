"""How an application proves who it is: by one of its secrets, or by a certificate whose public key is registered.

Source: Microsoft identity platform, "Microsoft identity platform application authentication certificate credentials".
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from . import errors
from .credentials import has_ended, read_certificate
from .passwords import is_secret
from .resources import Kind
from .tenant import Entity, Relation, Tenant

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


# Seconds, as Microsoft's libraries allow by default. MSAL for JavaScript rounds the moment of an assertion up.
_CLOCKS_DIFFER_BY: Final = 300


def proves(tenant: Tenant, principal: Entity, form: Mapping[str, str], audiences: tuple[str, ...]) -> bool:
    """Whether a request to the token endpoint proves to be this application.

    ``audiences`` are the addresses of the token endpoint that an assertion may name.
    """
    if form.get("client_assertion_type") == _ASSERTION_TYPE:
        return _is_signed(tenant, principal, form.get("client_assertion", ""), audiences)
    return _has_secret(tenant, principal, form, ended=False)


def has_expired(tenant: Tenant, principal: Entity, form: Mapping[str, str]) -> bool:
    """Whether a request brings a secret of this application that is not valid any more."""
    return _has_secret(tenant, principal, form, ended=True)


def _has_secret(tenant: Tenant, principal: Entity, form: Mapping[str, str], *, ended: bool) -> bool:
    given = form.get("client_secret", "")
    return any(is_secret(given, kept) for kept in _secrets(tenant, principal, ended=ended))


def refusal_of_foreign(tenant: Tenant, principal: Entity, assertion: str) -> tuple[int, str] | None:
    """Return the number and the words with which an assertion of another issuer is refused.

    None for an assertion that is the application's own. Source: the words are those of field reports
    (Azure/login#515 and others). One that a federated identity credential names raises GraphError: this directory asks
    nobody for keys, so that it cannot tell whether the issuer signed it.
    """
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    issuer, audience, subject = claims.get("iss"), claims.get("aud"), claims.get("sub")
    if issuer in (None, principal.text("appId")):
        return None
    known = [
        credential.document
        for identity in _identities(tenant, principal)
        for credential in tenant.targets(identity.id, Relation.FEDERATED_CREDENTIAL)
    ]
    of_issuer = [credential for credential in known if credential["issuer"] == issuer]
    of_audience = [credential for credential in of_issuer if credential["audiences"] == [audience]]
    # An expression takes several subjects, and is not evaluated.
    if any(credential["subject"] in (None, subject) for credential in of_audience):
        raise errors.not_implemented(f"signing in by a token of {issuer}, whom it does not ask for keys")
    number, what = 700213, f"subject '{subject}'"
    if not of_audience:
        number, what = 700212, f"audience '{audience}'"
    if not of_issuer:
        number, what = 700211, f"issuer '{issuer}'"
    return number, (
        f"No matching federated identity record found for presented assertion {what}. Please check your federated "
        "identity credential Subject, Audience and Issuer against the presented assertion."
    )


def _identities(tenant: Tenant, principal: Entity) -> Iterator[Entity]:
    """The service principal, and its application where this tenant has it: both can hold credentials."""
    yield principal
    application = tenant.named(Kind.APPLICATION, principal.text("appId"))
    if application is not None:
        yield application


def _secrets(tenant: Tenant, principal: Entity, *, ended: bool) -> Iterator[str]:
    # The secret that enrolment gave the deploying application has no end.
    owners = [] if ended else [principal.id]
    for identity in _identities(tenant, principal):
        passwords: Any = identity.document["passwordCredentials"]
        owners += [f"{identity.id}/{password['keyId']}" for password in passwords if has_ended(password) is ended]
    for owner in owners:
        kept = tenant.secret(owner)
        if kept is not None:
            yield kept.hash


def _is_signed(tenant: Tenant, principal: Entity, assertion: str, audiences: tuple[str, ...]) -> bool:
    client_id = principal.text("appId")
    try:
        header = jwt.get_unverified_header(assertion)
        # Some clients pad what the standard leaves unpadded, and the azuread provider names the certificate by `kid`.
        named = {str(header[name]).rstrip("=") for name in ("x5t", "x5t#S256", "kid") if name in header}
        for certificate in _certificates(tenant, principal):
            if named & {_thumbprint(certificate, "sha1"), _thumbprint(certificate, "sha256")}:
                key: Any = certificate.public_key()
                claims = jwt.decode(
                    assertion, key, ["RS256", "PS256"], audience=audiences, issuer=client_id, leeway=_CLOCKS_DIFFER_BY
                )
                return claims.get("sub") == client_id
    except jwt.InvalidTokenError:
        pass
    return False


def _certificates(tenant: Tenant, principal: Entity) -> Iterator[x509.Certificate]:
    for identity in _identities(tenant, principal):
        keys: Any = identity.document["keyCredentials"]
        for key in keys:
            public = key["key"] if key.get("usage") == "Verify" and not has_ended(key) else None
            certificate = read_certificate(public) if public else None
            # An assertion is signed with an RSA key; a certificate may have another.
            if certificate is not None and isinstance(certificate.public_key(), rsa.RSAPublicKey):
                yield certificate


def _thumbprint(certificate: x509.Certificate, algorithm: str) -> str:
    digest = hashlib.new(algorithm, certificate.public_bytes(Encoding.DER), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
