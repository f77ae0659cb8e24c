"""Deleted items: what was deleted can be looked at, brought back, or deleted for good.

Source: Microsoft Graph's `directory/deletedItems`. An object comes back with its members, owners and roles, unless
what must be unique about it was taken meanwhile. That the directory forgets an object after thirty days is left out:
a test of thirty days would be a long one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from tenantry.sensitive_actions import Action

from . import applications, authentication_methods, errors, filled_groups, groups, users
from .documents import JsonObject
from .endpoint import Call, Category, Endpoints, found
from .permissions import PURGE_DELETED_ITEM, READ_DELETED, READ_DELETED_ITEM, RESTORE_DELETED_ITEM
from .resources import RECYCLED, RESOURCES, Kind
from .tenant import Entity, Tenant

ENDPOINTS: Final = Endpoints(Category.DIRECTORY)

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


_CHECKS: Final[Mapping[Kind, Callable[[Tenant, Entity], None]]] = {
    Kind.GROUP: groups.check_to_restore,
    Kind.USER: _check_user,
    Kind.APPLICATION: _check_application,
    Kind.SERVICE_PRINCIPAL: _check_service_principal,
}
"""What has to be free for an object to be restored; of the other kinds nothing is unique but the id."""


def _shown(entity: Entity) -> Entity:
    """A deleted user has a name that is in nobody's way."""
    if entity.kind is not Kind.USER:
        return entity
    name = entity.id.replace("-", "") + entity.text("userPrincipalName")
    return replace(entity, document={**entity.document, "userPrincipalName": name})


def _find(call: Call) -> Entity:
    object_id = call["item"]
    return found(call.tenant.find_deleted(object_id), object_id, frozenset(RECYCLED))


def _declare_list(kind: Kind) -> None:
    @ENDPOINTS.get(f"/directory/deletedItems/{_CAST}{kind}", READ_DELETED[kind])
    def answer(call: Call) -> JsonObject:
        return call.collection(RESOURCES[kind], map(_shown, call.tenant.scan_deleted(kind, call.query.after)))


for _kind in RECYCLED:  # before the endpoint that would take the kind for an id
    _declare_list(_kind)


@ENDPOINTS.get("/directory/deletedItems/{item}", READ_DELETED_ITEM)
def _get(call: Call) -> JsonObject:
    return call.any_of_many_kinds(_shown(_find(call)))


@ENDPOINTS.change(
    "POST",
    "/directory/deletedItems/{item}/restore",
    RESTORE_DELETED_ITEM,
    "Restore object",
    status=200,
    needs_body=False,
    sensitive=(Action.RESTORE,),
)
def _restore(call: Call) -> JsonObject:
    entity = _find(call)
    for name in call.body:
        raise errors.not_implemented(f"restoring with '{name}'")
    if entity.kind in _CHECKS:
        _CHECKS[entity.kind](call.tenant, entity)
    restored = call.tenant.restore(entity)
    if restored.kind is Kind.USER:
        filled_groups.place(call.tenant, restored)
    elif restored.kind is Kind.GROUP:
        filled_groups.fill(call.tenant, restored)
    return call.any_of_many_kinds(restored)


@ENDPOINTS.change(
    "DELETE",
    "/directory/deletedItems/{item}",
    PURGE_DELETED_ITEM,
    "Hard delete object",
    sensitive=(Action.DELETE,),
)
def _delete(call: Call) -> None:
    entity = _find(call)
    authentication_methods.forget(call.tenant, entity.id)
    call.tenant.purge(entity)
