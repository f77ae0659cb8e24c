"""Addresses with keys in parentheses: `/users('ada@contoso.example')` and `/servicePrincipals(appId='…')`.

The first is `/users/ada@contoso.example` in the older way of OData. The second names an object by another of its
properties that is unique in the tenant. Source: "Get servicePrincipal", "Get application" and "Get directoryRole" in
Microsoft Graph's reference.
"""

import re
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from . import errors
from .documents import JsonValue
from .resources import Kind
from .tenant import Tenant

_KEY: Final = re.compile(r"/(?P<set>[A-Za-z]+)\((?:(?P<name>[A-Za-z]+)=)?'(?P<value>(?:[^'/]|'')+)'\)")
_NAMED: Final = re.compile(r"\((?P<name>\w+)=(?P<value>.+)\)")
_ALTERNATE: Final[Mapping[tuple[str, str], Kind]] = {
    ("applications", "appid"): Kind.APPLICATION,
    ("directoryroles", "roletemplateid"): Kind.DIRECTORY_ROLE,
    ("serviceprincipals", "appid"): Kind.SERVICE_PRINCIPAL,
    ("users", "userprincipalname"): Kind.USER,
}
_ASKED: Final = "tenantry.address"
_MY_ORGANIZATION: Final = re.compile(r"^(/v1\.0|/beta)/myorganization(?=/)", re.IGNORECASE)
"""The caller's own tenant, as Azure AD Graph's addresses had it: Graph takes it, and clients still write it."""


class PlainAddresses:
    """Lets an application see every key as a part of the address: `/users/ada@…` and `/servicePrincipals/(appId=…)`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http":
            path = _MY_ORGANIZATION.sub(r"\1", scope["path"])
            scope = {**scope, "path": _KEY.sub(_as_part, path), _ASKED: path}
        await self._app(scope, receive, send)


def asked(scope: Scope) -> str:
    """Return the address as the caller wrote it."""
    return str(scope.get(_ASKED, scope["path"]))


def _as_part(key: re.Match[str]) -> str:
    value, name = key["value"].replace("''", "'"), key["name"]
    if name is None:
        return f"/{key['set']}/{value}"
    known = (key["set"].lower(), name.lower()) in _ALTERNATE
    return f"/{key['set']}/({name}={value})" if known else key[0]


def ids(tenant: Tenant, path: str, named: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parts of an address that name objects, each of them as an id or as it was given; or refuse."""
    return {part: _id(tenant, path, value) for part, value in named.items()}


def _id(tenant: Tenant, path: str, value: str) -> str:
    key = _NAMED.fullmatch(value)
    parts = path.split("/")
    kind = _ALTERNATE.get((parts[parts.index(value) - 1].lower(), key["name"].lower())) if key else None
    if key is None or kind is None:
        return value
    return errors.existing(tenant.named(kind, key["value"]), key["value"]).id


def names(tenant: Tenant, ids: Mapping[str, str], object_id: JsonValue) -> bool:
    """Whether an id is that of an object that the parts of an address name, or of the user whom they name."""
    user = tenant.named(Kind.USER, ids["user"]) if "user" in ids else None
    known = {value.lower() for value in ids.values()} | ({user.id} if user else set())
    return isinstance(object_id, str) and object_id.lower() in known
