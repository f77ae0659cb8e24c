"""Credentials of applications and service principals: passwords that are shown once, certificates by their keys."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from . import errors
from .clock import instant
from .documents import JsonObject, JsonValue, moment, now
from .endpoint import Call, Endpoints
from .families import Family
from .identifiers import is_guid, new_id
from .passwords import hash_secret
from .tenant import Entity, Secret, Tenant

_CERTIFICATE = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.selfSignedCertificate"
_BAD_END = "Key credential end date is invalid."
_WRITTEN = "%Y-%m-%dT%H:%M:%SZ"
_PASSWORD = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.passwordCredential"  # noqa: S105 (a type)


def declare_passwords(endpoints: Endpoints, owners: Family, *, added: str, removed: str) -> None:
    """Declare ``addPassword`` and ``removePassword``; the audit trail calls them ``added`` and ``removed``."""

    @endpoints.change("POST", f"{owners.path}/addPassword", owners.required_to_change, added, status=200)
    def add_password(call: Call) -> JsonObject:
        owner = owners.named_in(call)
        given = call.body.get("passwordCredential") or {}
        if not isinstance(given, dict):
            raise errors.malformed("'passwordCredential' must be an object.")
        (shown,) = add_passwords(call.tenant, owner, [given])
        return {"@odata.context": _PASSWORD, **shown}

    @endpoints.change("POST", f"{owners.path}/removePassword", owners.required_to_change, removed)
    def remove_password(call: Call) -> None:
        owner, key_id = owners.named_in(call), call.body.get("keyId")
        kept = _kept(owner, "passwordCredentials")
        left = [credential for credential in kept if credential["keyId"] != key_id]
        if len(left) == len(kept):
            raise errors.bad_request(f"No credentials found to be removed with the key id '{key_id}'.")
        update(call.tenant, owner, {"passwordCredentials": left})


def update(tenant: Tenant, owner: Entity, given: JsonObject) -> Entity:
    """Change an application or a service principal, and forget the passwords that it loses."""
    updated = tenant.update(owner, given)
    left = {str(password["keyId"]) for password in _kept(updated, "passwordCredentials")}
    for password in _kept(owner, "passwordCredentials"):
        if str(password["keyId"]) not in left:
            tenant.drop_secret(f"{owner.id}/{password['keyId']}")
    return updated


def add_passwords(tenant: Tenant, owner: Entity, asked: Iterable[JsonObject]) -> list[JsonObject]:
    """Make passwords as a request asks for them, and return them as they are shown: once, with their text."""
    shown: list[JsonObject] = []
    for given in asked:
        text = secrets.token_urlsafe(30)
        credential: JsonObject = {
            "customKeyIdentifier": None,
            "displayName": given.get("displayName"),
            "endDateTime": _checked(given.get("endDateTime")) or _in_two_years(),
            "hint": text[:3],
            "keyId": new_id(),
            "secretText": text,
            "startDateTime": _checked(given.get("startDateTime")) or now(),
        }
        tenant.keep_secret(f"{owner.id}/{credential['keyId']}", Secret(hash_secret(text), False))
        shown.append(credential)
    kept = [*_kept(owner, "passwordCredentials"), *({**credential, "secretText": None} for credential in shown)]
    tenant.update(owner, {"passwordCredentials": kept})
    return shown


def declare_token_signing(endpoints: Endpoints, owners: Family, activity: str) -> None:
    """Declare ``addTokenSigningCertificate``: a certificate that the directory makes, to sign what it says."""
    path = f"{owners.path}/addTokenSigningCertificate"

    @endpoints.change("POST", path, owners.required_to_change, activity, status=200)
    def add_certificate(call: Call) -> JsonObject:
        owner = owners.named_in(call)
        subject = str(call.body.get("displayName") or "CN=Microsoft Azure Federated SSO Certificate")
        if not subject.removeprefix("CN="):
            raise errors.invalid_value("displayName", owners.resource.title)
        end = call.body.get("endDateTime") or _in_two_years()
        certificate = _self_signed(subject, _moment(end))
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


def _self_signed(subject: str, end: datetime) -> x509.Certificate:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject.removeprefix("CN=")[:64])])
    today = instant()
    if end <= today:
        raise errors.bad_request(_BAD_END)
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = unsigned.not_valid_before(today).not_valid_after(end)
    return dated.serial_number(x509.random_serial_number()).sign(key, hashes.SHA256())


def kept_keys(given: JsonValue, before: JsonValue) -> list[JsonValue]:
    """Return key credentials as they are kept: with an id, and with what their certificate says where nobody did.

    A key that comes without its public part, since Microsoft Graph did not show it, is the one that was there
    ``before``. Source: Microsoft Graph, "keyCredential resource type"; the refusals are those of field reports
    (Azure/azure-rest-api-specs#11985, microsoftgraph/msgraph-sdk-java#1823).
    """
    known = {str(key["keyId"]): key for key in _objects(before)}
    return [_kept_key(key, known.get(str(key.get("keyId")), {})) for key in _objects(given)]


def kept_passwords(given: JsonValue, before: JsonValue) -> list[JsonValue]:
    """Return those passwords of ``before`` that a request names by their ids: it can take some away, and add none.

    The words of the refusal are those of a field report (ansible-collections/azure#1372).
    """
    known: dict[str, JsonValue] = {str(password["keyId"]): password for password in _objects(before)}
    named = [str(password.get("keyId")) for password in _objects(given)]
    if not known.keys() >= {*named}:
        raise errors.bad_request("New password credentials must be generated with service actions.")
    return [known[key_id] for key_id in dict.fromkeys(named)]


def _kept_key(given: JsonObject, known: JsonObject) -> JsonValue:
    if given.get("usage") not in ("Sign", "Verify"):
        raise errors.bad_request(
            'The value for the property "usage" in one of your credentials is invalid. '
            "Acceptable values are Sign, Verify."
        )
    public, key_id = given.get("key") or known.get("key"), given.get("keyId") or new_id()
    if public is not None and not isinstance(public, str):
        raise _not_of_type(public, "Edm.Binary")
    if not isinstance(key_id, str) or not is_guid(key_id):
        raise _not_of_type(key_id, "Edm.Guid")
    for name in ("startDateTime", "endDateTime"):
        _checked(given.get(name))
    said = {name: value for name, value in given.items() if value is not None}
    certificate = read_certificate(public) if public else None
    return {
        "customKeyIdentifier": None,
        "displayName": None,
        "endDateTime": None,
        "startDateTime": None,
        **(_said_by(certificate, said.get("endDateTime")) if certificate else {}),
        **said,
        "key": public,
        "keyId": key_id,
    }


def _said_by(certificate: x509.Certificate, end: JsonValue) -> JsonObject:
    """Return what a certificate says of itself; a credential cannot end after its certificate."""
    last = certificate.not_valid_after_utc
    if end is not None and _moment(end) > last:
        raise errors.bad_request(_BAD_END)
    return {
        "customKeyIdentifier": certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 (its name in Graph)
        "displayName": certificate.subject.rfc4514_string(),
        "endDateTime": last.strftime(_WRITTEN),
        "startDateTime": certificate.not_valid_before_utc.strftime(_WRITTEN),
    }


def read_certificate(public: str) -> x509.Certificate | None:
    """Return the certificate of a key credential, which is DER, or PEM, in base64; None if it is neither."""
    try:
        content = base64.b64decode(public)
        is_pem = content.startswith(b"-----BEGIN")
        return x509.load_pem_x509_certificate(content) if is_pem else x509.load_der_x509_certificate(content)
    except ValueError:
        return None


def has_ended(credential: Mapping[str, JsonValue]) -> bool:
    """Whether a password or a key is not valid any more."""
    end = credential.get("endDateTime")
    return end is not None and _moment(end) < instant()


def _checked(value: JsonValue) -> JsonValue:
    """Return a moment as the caller wrote it, or refuse it."""
    if value is not None:
        _moment(value)
    return value


def _moment(value: JsonValue) -> datetime:
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        raise _not_of_type(value, "Edm.DateTimeOffset") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _not_of_type(value: JsonValue, expected: str) -> errors.GraphError:
    return errors.malformed(f"Cannot convert the literal '{value}' to the expected type '{expected}'.")


def _objects(value: JsonValue) -> list[JsonObject]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _kept(owner: Entity, name: str) -> list[Any]:
    kept = owner.document[name]
    return list(kept) if isinstance(kept, list) else []


def _in_two_years() -> str:
    """Return when a password ends if the request names no end."""
    return moment(timedelta(days=730))
