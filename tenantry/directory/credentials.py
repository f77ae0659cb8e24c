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
from .identifiers import new_id
from .passwords import hash_secret
from .permissions import Requirement
from .references import Find
from .tenant import Entity, Secret

_CERTIFICATE = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.selfSignedCertificate"
_PASSWORD = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.passwordCredential"  # noqa: S105 (a type)


def declare_passwords(
    endpoints: Endpoints, owner_path: str, find: Find, requires: Requirement, *, added: str, removed: str
) -> None:
    """Declare ``addPassword`` and ``removePassword``. The path of the owner ends with its name in braces."""
    name = owner_path.rpartition("/")[2].strip("{}")

    @endpoints.change("POST", f"{owner_path}/addPassword", requires, added, status=200)
    def add_password(call: Call) -> JsonObject:
        owner = find(call.tenant, call[name])
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
        _keep(
            call,
            owner,
            "passwordCredentials",
            [*_kept(owner, "passwordCredentials"), credential | {"secretText": None}],
        )
        call.tenant.keep_secret(f"{owner.id}/{credential['keyId']}", Secret(hash_secret(text), False))
        return {"@odata.context": _PASSWORD, **credential, "secretText": text}

    @endpoints.change("POST", f"{owner_path}/removePassword", requires, removed)
    def remove_password(call: Call) -> None:
        owner, key_id = find(call.tenant, call[name]), call.body.get("keyId")
        left = [one for one in _kept(owner, "passwordCredentials") if one["keyId"] != key_id]
        if len(left) == len(_kept(owner, "passwordCredentials")):
            raise errors.bad_request(f"No credentials found to be removed with the key id '{key_id}'.")
        _keep(call, owner, "passwordCredentials", left)
        call.tenant.drop_secret(f"{owner.id}/{key_id}")


def declare_token_signing(
    endpoints: Endpoints, owner_path: str, find: Find, requires: Requirement, activity: str
) -> None:
    """Declare ``addTokenSigningCertificate``: a certificate that the directory makes, to sign what it says."""
    name = owner_path.rpartition("/")[2].strip("{}")

    @endpoints.change("POST", f"{owner_path}/addTokenSigningCertificate", requires, activity, status=200)
    def add_certificate(call: Call) -> JsonObject:
        owner = find(call.tenant, call[name])
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
            **_blank_password(),
            "customKeyIdentifier": thumbprint,
            "endDateTime": end,
            "keyId": signing["keyId"],
        }
        kept = call.tenant.replace(
            owner, {**owner.document, "keyCredentials": [*_kept(owner, "keyCredentials"), signing, key]}
        )
        _keep(call, kept, "passwordCredentials", [*_kept(owner, "passwordCredentials"), password])
        return {"@odata.context": _CERTIFICATE, **key, "thumbprint": thumbprint}


def _blank_password() -> JsonObject:
    return {"displayName": None, "hint": None, "secretText": None, "startDateTime": now()}


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


def _keep(call: Call, owner: Entity, name: str, credentials: list[Any]) -> None:
    call.tenant.replace(owner, {**owner.document, name: credentials})


def _in_two_years() -> str:
    """When a password ends for which no end was asked."""
    return moment(timedelta(days=730))
