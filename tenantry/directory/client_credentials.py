"""How an application proves who it is: by one of its secrets, or by a certificate whose public key is registered.

Source: Microsoft identity platform, "Microsoft identity platform application authentication certificate credentials".
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .passwords import is_secret
from .resources import Kind
from .tenant import Entity, Tenant

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


# Seconds, as Microsoft's libraries allow by default. MSAL for JavaScript rounds the moment of an assertion up.
_CLOCKS_DIFFER_BY: Final = 300


def proves(tenant: Tenant, principal: Entity, form: Mapping[str, str], audiences: tuple[str, ...]) -> bool:
    """Whether a request to the token endpoint proves to be this application.

    ``audiences`` are the addresses of the token endpoint that an assertion may name.
    """
    if form.get("client_assertion_type") == _ASSERTION_TYPE:
        return _is_signed(tenant, principal, form.get("client_assertion", ""), audiences)
    given = form.get("client_secret", "")
    return any(is_secret(given, kept) for kept in _secrets(tenant, principal))


def _identities(tenant: Tenant, principal: Entity) -> Iterator[Entity]:
    """The service principal, and its application where this tenant has it: both can hold credentials."""
    yield principal
    application = tenant.named(Kind.APPLICATION, principal.text("appId"))
    if application is not None:
        yield application


def _secrets(tenant: Tenant, principal: Entity) -> Iterator[str]:
    owners = [principal.id]
    for identity in _identities(tenant, principal):
        credentials: Any = identity.document["passwordCredentials"]
        owners += [f"{identity.id}/{credential['keyId']}" for credential in credentials]
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
            if key.get("key") and key.get("usage") == "Verify":
                yield _read(base64.b64decode(key["key"]))


def _read(certificate: bytes) -> x509.Certificate:
    """A certificate as DER, or as PEM, which is taken as well."""
    is_pem = certificate.startswith(b"-----BEGIN")
    return x509.load_pem_x509_certificate(certificate) if is_pem else x509.load_der_x509_certificate(certificate)


def _thumbprint(certificate: x509.Certificate, algorithm: str) -> str:
    digest = hashlib.new(algorithm, certificate.public_bytes(Encoding.DER), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
