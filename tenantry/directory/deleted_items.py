"""Deleted items: what was deleted can be looked at, brought back, or deleted for good.

Source: Microsoft Graph's `directory/deletedItems`. An object comes back with its members, owners and roles, unless
what must be unique about it was taken meanwhile. That the directory forgets an object after thirty days is left out:
a test of thirty days would be a long one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from . import applications, errors, users
from .documents import JsonObject
from .endpoint import Call, Endpoint, found
from .resources import RESOURCES, Kind
from .tenant import Entity, Tenant

_CAST: Final = "microsoft.graph."


def _check_user(tenant: Tenant, user: Entity) -> None:
    if tenant.named(Kind.USER, user.text("userPrincipalName")) is not None:
        raise errors.taken("userPrincipalName")
    mail = user.document["mail"]
    if isinstance(mail, str) and mail:
        users.check_address(tenant, mail)


def _check_service_principal(tenant: Tenant, principal: Entity) -> None:
    client_id = principal.text("appId")
    if tenant.named(Kind.SERVICE_PRINCIPAL, client_id) is not None:
        raise errors.service_principal_exists(client_id)


def _check_application(tenant: Tenant, application: Entity) -> None:
    applications.check_identifier_uris(tenant, application.document["identifierUris"])


def _check_nothing(_: Tenant, __: Entity) -> None:
    """Nothing about the object is unique but its id."""


_CHECKS: Final[Mapping[Kind, Callable[[Tenant, Entity], None]]] = {
    Kind.USER: _check_user,
    Kind.GROUP: _check_nothing,
    Kind.APPLICATION: _check_application,
    Kind.SERVICE_PRINCIPAL: _check_service_principal,
    Kind.ADMINISTRATIVE_UNIT: _check_nothing,
}
"""The kinds of object that are kept when they are deleted, and what has to be free for them to come back."""


def _shown(entity: Entity) -> Entity:
    """A deleted user has a name that is in nobody's way."""
    if entity.kind is not Kind.USER:
        return entity
    name = entity.id.replace("-", "") + entity.text("userPrincipalName")
    return replace(entity, document={**entity.document, "userPrincipalName": name})


def _find(call: Call) -> Entity:
    object_id = call["item"]
    if object_id.startswith(_CAST):
        raise errors.not_implemented(f"deleted items of the type {object_id}")
    return found(call.tenant.find_buried(object_id), object_id, frozenset(_CHECKS))


def _list(kind: Kind) -> Endpoint:
    def answer(call: Call) -> JsonObject:
        return call.collection(RESOURCES[kind], map(_shown, call.tenant.scan_buried(kind, call.query.after)))

    return Endpoint("GET", f"{_WHERE}/{_CAST}{kind}", answer)


def _get(call: Call) -> JsonObject:
    return call.any_of_many_kinds(_shown(_find(call)))


def _restore(call: Call) -> JsonObject:
    entity = _find(call)
    for name in call.body:
        raise errors.not_implemented(f"restoring with '{name}'")
    _CHECKS[entity.kind](call.tenant, entity)
    return call.any_of_many_kinds(call.tenant.unbury(entity, {**entity.document, "deletedDateTime": None}))


def _delete(call: Call) -> None:
    call.tenant.erase(_find(call))


_WHERE: Final = "/directory/deletedItems"

ENDPOINTS: Iterable[Endpoint] = (
    *map(_list, _CHECKS),
    Endpoint("GET", f"{_WHERE}/{{item}}", _get),
    Endpoint("DELETE", f"{_WHERE}/{{item}}", _delete),
    Endpoint("POST", f"{_WHERE}/{{item}}/restore", _restore, status=200, needs_body=False),
)
