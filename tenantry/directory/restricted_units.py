"""Restricted management administrative units: their members are changed by roles over the unit alone.

Source: "Restricted management administrative units in Microsoft Entra ID": properties, members and owners of a member
of such a unit are changed by nobody whose role is for the whole tenant, and by no application for its permissions of
Microsoft Graph. Here the permission is asked for as well, and of the roles that can be given over a unit the ones that
manage such objects count. What was deleted is still protected: to restore it, or to delete it for good, is a change of
it. Who is in the unit is managed as of any other.
"""

from collections.abc import Iterator
from typing import Final

from tenantry.sensitive_actions import USER_ADMINISTRATOR

from . import errors
from .endpoint import Call, Category, Endpoint
from .identifiers import is_guid
from .resources import Kind
from .tenant import Entity, Tenant

_GROUPS_ADMINISTRATOR: Final = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
_MANAGE: Final = {
    Kind.USER: frozenset({USER_ADMINISTRATOR.template_id}),
    Kind.GROUP: frozenset({USER_ADMINISTRATOR.template_id, _GROUPS_ADMINISTRATOR}),
}


def check(call: Call, endpoint: Endpoint) -> None:
    """Refuse a change of a user or a group that a restricted unit protects from the caller."""
    activity = endpoint.activity
    if activity is None or not ("item" in call.ids or activity.category in (Category.USERS, Category.GROUPS)):
        return
    changed = _changed(call)
    if changed is not None:
        check_change(call, changed)


def check_change(call: Call, changed: Entity) -> None:
    """Refuse to change this user or group if a restricted unit protects it from the caller."""
    units = list(around(call.tenant, changed.id))
    if not units:
        return
    scopes = {f"/administrativeUnits/{unit.id}" for unit in units}
    groups = (group.id for group in call.tenant.all_groups_of(call.caller.object_id))
    for principal in (call.caller.object_id, *groups):
        for assignment in call.tenant.assignments_of(principal):
            if assignment.scope in scopes and assignment.template_id in _MANAGE[changed.kind]:
                return
    raise errors.management_restricted()


def around(tenant: Tenant, object_id: str) -> Iterator[Entity]:
    """Yield the restricted units that an object is a member of."""
    return (
        unit
        for unit in tenant.groups_of(object_id)
        if unit.kind is Kind.ADMINISTRATIVE_UNIT and unit.document["isMemberManagementRestricted"] is True
    )


def _changed(call: Call) -> Entity | None:
    if "item" in call.ids:
        deleted = call.tenant.find_deleted(call["item"])
        return deleted if deleted is not None and deleted.kind in _MANAGE else None
    if "group" in call.ids:
        return call.tenant.get(Kind.GROUP, call["group"])
    name = call.ids.get("user", "")
    return call.tenant.get(Kind.USER, name) if is_guid(name) else call.tenant.named(Kind.USER, name)
