"""Whether an application may make a call: what its endpoint requires, and the sensitive actions on accounts.

A sensitive action takes a directory role beside the permission of Microsoft Graph; the table is
:mod:`tenantry.sensitive_actions`. Callers are applications here, so the columns for people who are signed in are
enforced for nobody.
"""

from typing import Final

from tenantry.sensitive_actions import PROPERTIES, Rank, may

from . import errors, licences, restricted_units
from .eligibility import in_force
from .endpoint import Call, Endpoint
from .identifiers import TENANT_SCOPE, is_guid
from .licences import Licence
from .permissions import MANAGES_ROLES, OWNED_BY, READS_SIGN_INS, WRITE_APPLICATION, Requirement
from .resources import RECYCLED, Kind
from .tenant import Entity, Relation, Tenant

_SIGN_IN_ACTIVITY: Final = "signInActivity"


def check(call: Call, endpoint: Endpoint, held: frozenset[str]) -> None:
    """Refuse a call for which the caller holds too little."""
    required = endpoint.requires
    restricted_units.check(call, endpoint)  # which holds for owners, too
    by_owner = bool(required.owned) and required.owner_needs <= held and _owns(call, call[required.owned])
    if not (by_owner or required.any_of & held or _only_for_these(call, required, held)):
        raise errors.denied()
    if required.also and not required.also & held:
        raise errors.denied()
    item = call.tenant.find_deleted(call["item"]) if required.of_kind else None
    if item is not None and item.kind in RECYCLED and not required.of_kind.get(item.kind, frozenset()) & held:
        raise errors.denied()
    if required.guards_roles and not by_owner and MANAGES_ROLES not in held and _concerns_roles(call):
        raise errors.denied()
    _check_sensitive(call, endpoint)
    if endpoint.licence is not None:
        _check_licence(call.tenant, endpoint.licence)
    if _SIGN_IN_ACTIVITY in call.query.select:
        _check_sign_in_activity(call, held)


def _check_licence(tenant: Tenant, licence: Licence) -> None:
    if not licences.has(tenant, licence):
        raise errors.no_premium_licence() if licence is Licence.ENTRA_ID_P2 else errors.not_premium()


def _check_sign_in_activity(call: Call, held: frozenset[str]) -> None:
    """Refuse to show when somebody last signed in. Source: Microsoft Graph, "signInActivity" of the user resource."""
    if READS_SIGN_INS not in held:
        raise errors.no_audit_permission()
    _check_licence(call.tenant, Licence.ENTRA_ID_P1)
    if "user" in call.ids and not is_guid(call["user"]):
        raise errors.sign_in_activity_by_name()


def _only_for_these(call: Call, required: Requirement, held: frozenset[str]) -> bool:
    """Whether a body changes nothing but what the caller's smaller permissions are for."""
    allowed = {name for permission, names in required.for_properties.items() if permission in held for name in names}
    changed = {name for name in call.body if "@" not in name}
    return bool(changed) and changed <= allowed


def only_own_applications(held: frozenset[str]) -> bool:
    """Whether somebody may manage the applications and service principals that they own, and no others."""
    return OWNED_BY in held and not WRITE_APPLICATION.any_of & held


def _owns(call: Call, object_id: str) -> bool:
    return is_guid(object_id) and (
        call.tenant.target(object_id.lower(), Relation.OWNER, call.caller.object_id) is not None
    )


def _concerns_roles(call: Call) -> bool:
    # A request of Privileged Identity Management names its group in its body.
    name = call.ids.get("group") or str(call.body.get("groupId"))
    group = call.tenant.get(Kind.GROUP, name) or call.tenant.find_deleted(call.ids.get("item", ""))
    return call.body.get("isAssignableToRole") is True or (
        group is not None and group.document.get("isAssignableToRole") is True
    )


def _check_sensitive(call: Call, endpoint: Endpoint) -> None:
    """Refuse a sensitive action for which the calling application lacks the directory role."""
    # Whether the value of a property changes does not count: the documents do not say that it matters.
    actions = [action for action in endpoint.sensitive if action not in PROPERTIES or action in call.body]
    if not actions:
        return
    account = _account(call)
    if account is None:  # the endpoint says so itself
        return
    target, held = _rank(call.tenant, account.id), _held_by(call.tenant, call.caller.object_id)
    if not all(may(action, target, held) for action in actions):
        raise errors.denied()


def _account(call: Call) -> Entity | None:
    if "item" in call.ids:
        found = call.tenant.find_deleted(call["item"])
        return found if found is not None and found.kind is Kind.USER else None
    name = call["user"]
    return call.tenant.get(Kind.USER, name) if is_guid(name) else call.tenant.named(Kind.USER, name)


def _rank(tenant: Tenant, object_id: str) -> Rank:
    """What makes somebody an administrator, by themselves and through groups."""
    groups = list(tenant.all_groups_of(object_id))
    principals = {object_id, *(group.id for group in groups)}
    active = {role for principal in principals for role in tenant.roles_kept_for(principal)}
    eligible = {
        str(schedule.document["roleDefinitionId"]).lower()
        for schedule in in_force(tenant)
        if str(schedule.document["principalId"]).lower() in principals
    }
    around = (*groups, *tenant.groups_of(object_id, Relation.OWNER))
    return Rank(
        frozenset(active | eligible),
        any(group.kind is Kind.GROUP and group.document["isAssignableToRole"] is True for group in around),
    )


def _held_by(tenant: Tenant, object_id: str) -> frozenset[str]:
    """The roles that an application holds for the whole tenant, by itself and through groups."""
    principals = {object_id, *(group.id for group in tenant.all_groups_of(object_id))}
    return frozenset(
        assignment.template_id
        for principal in principals
        for assignment in tenant.assignments_of(principal)
        if assignment.scope == TENANT_SCOPE
    )
