"""Credentials of applications and service principals: passwords that are shown once, certificates by their keys."""

import base64
import secrets
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from . import errors
from .clock import instant
from .documents import JsonObject, moment, now
from .endpoint import Call, Endpoints
from .families import Family
from .identifiers import new_id
from .passwords import hash_secret
from .tenant import Entity, Secret

_CERTIFICATE = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.selfSignedCertificate"
_PASSWORD = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.passwordCredential"  # noqa: S105 (a type)


def declare_passwords(endpoints: Endpoints, owners: Family, *, added: str, removed: str) -> None:
    """Declare ``addPassword`` and ``removePassword``; the audit trail calls them ``added`` and ``removed``."""

    @endpoints.change("POST", f"{owners.path}/addPassword", owners.required_to_change, added, status=200)
    def add_password(call: Call) -> JsonObject:
        owner = owners.named_in(call)
        given = call.body.get("passwordCredential") or {}
        if not isinstance(given, dict):
            raise errors.malformed("'passwordCredential' must be an object.")
        text = secrets.token_urlsafe(30)
        credential: JsonObject = {
            "customKeyIdentifier": None,
            "displayName": given.get("displayName"),
            "endDateTime": given.get("endDateTime") or _in_two_years(),
            "hint": text[:3],
            "keyId": new_id(),
            "startDateTime": given.get("startDateTime") or now(),
        }
        kept = [*_kept(owner, "passwordCredentials"), credential | {"secretText": None}]
        call.tenant.update(owner, {"passwordCredentials": kept})
        call.tenant.keep_secret(f"{owner.id}/{credential['keyId']}", Secret(hash_secret(text), False))
        return {"@odata.context": _PASSWORD, **credential, "secretText": text}

    @endpoints.change("POST", f"{owners.path}/removePassword", owners.required_to_change, removed)
    def remove_password(call: Call) -> None:
        owner, key_id = owners.named_in(call), call.body.get("keyId")
        kept = _kept(owner, "passwordCredentials")
        left = [credential for credential in kept if credential["keyId"] != key_id]
        if len(left) == len(kept):
            raise errors.bad_request(f"No credentials found to be removed with the key id '{key_id}'.")
        call.tenant.update(owner, {"passwordCredentials": left})
        call.tenant.drop_secret(f"{owner.id}/{key_id}")


def declare_token_signing(endpoints: Endpoints, owners: Family, activity: str) -> None:
    """Declare ``addTokenSigningCertificate``: a certificate that the directory makes, to sign what it says."""
    path = f"{owners.path}/addTokenSigningCertificate"

    @endpoints.change("POST", path, owners.required_to_change, activity, status=200)
    def add_certificate(call: Call) -> JsonObject:
        owner = owners.named_in(call)
        subject = str(call.body.get("displayName") or "CN=Microsoft Azure Federated SSO Certificate")
        end = call.body.get("endDateTime") or _in_two_years()
        certificate = _self_signed(subject)
        thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 (what Graph names it by)
        key: JsonObject = {
            "customKeyIdentifier": thumbprint,
            "displayName": subject,
            "endDateTime": end,
            "key": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
            "keyId": new_id(),
            "startDateTime": now(),
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
        }
        signing = {**key, "key": None, "keyId": new_id(), "type": "X509CertAndPassword", "usage": "Sign"}
        password = {
            "displayName": None,
            "hint": None,
            "secretText": None,
            "startDateTime": now(),
            "customKeyIdentifier": thumbprint,
            "endDateTime": end,
            "keyId": signing["keyId"],
        }
        credentials: JsonObject = {
            "keyCredentials": [*_kept(owner, "keyCredentials"), signing, key],
            "passwordCredentials": [*_kept(owner, "passwordCredentials"), password],
        }
        call.tenant.update(owner, credentials)
        return {"@odata.context": _CERTIFICATE, **key, "thumbprint": thumbprint}


def _self_signed(subject: str) -> x509.Certificate:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject.removeprefix("CN=")[:64])])
    today = instant()
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = unsigned.not_valid_before(today).not_valid_after(today + timedelta(days=730))
    return dated.serial_number(x509.random_serial_number()).sign(key, hashes.SHA256())


def with_key_ids(keys: Any) -> list[JsonObject]:
    """Key credentials as they are kept: each with an id, and the public key without what it was sent in."""
    return [
        {"displayName": None, "customKeyIdentifier": None, **key, "keyId": key.get("keyId") or new_id()} for key in keys
    ]


def _kept(owner: Entity, name: str) -> list[Any]:
    kept = owner.document[name]
    return list(kept) if isinstance(kept, list) else []


def _in_two_years() -> str:
    """Return when a password ends if the request names no end."""
    return moment(timedelta(days=730))
