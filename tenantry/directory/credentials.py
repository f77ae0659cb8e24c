"""Credentials of applications and service principals: passwords that are shown once, certificates by their keys."""

import secrets
from datetime import timedelta
from typing import Any

from . import errors
from .documents import JsonObject, moment, now
from .endpoint import Call, Endpoint
from .identifiers import new_id
from .passwords import hash_secret
from .references import Find
from .tenant import Entity, Secret

_PASSWORD = "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.passwordCredential"  # noqa: S105 (a type)


def password_endpoints(path: str, name: str, find: Find) -> tuple[Endpoint, ...]:
    """``addPassword`` and ``removePassword`` of a family."""

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

    def remove_password(call: Call) -> None:
        owner, key_id = find(call.tenant, call[name]), call.body.get("keyId")
        left = [one for one in _kept(owner, "passwordCredentials") if one["keyId"] != key_id]
        if len(left) == len(_kept(owner, "passwordCredentials")):
            raise errors.bad_request(f"No credentials found to be removed with the key id '{key_id}'.")
        _keep(call, owner, "passwordCredentials", left)
        call.tenant.drop_secret(f"{owner.id}/{key_id}")

    return (
        Endpoint("POST", f"{path}/{{{name}}}/addPassword", add_password, status=200),
        Endpoint("POST", f"{path}/{{{name}}}/removePassword", remove_password),
    )


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
