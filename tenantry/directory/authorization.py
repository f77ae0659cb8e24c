"""Whether an application may make a call: what its endpoint requires, and the sensitive actions on accounts.

A sensitive action takes a directory role beside the permission of Microsoft Graph; the table is
:mod:`tenantry.sensitive_actions`. Callers are applications here, so the columns for people who are signed in are
enforced for nobody.
"""

from tenantry.sensitive_actions import PROPERTIES, Rank, may

from . import errors, licences
from .eligibility import in_force
from .endpoint import Call, Endpoint
from .identifiers import TENANT_SCOPE, is_guid
from .permissions import MANAGES_ROLES, OWNED_BY, WRITE_APPLICATION
from .resources import Kind
from .tenant import Entity, Relation, Tenant


def check(call: Call, endpoint: Endpoint, held: frozenset[str]) -> None:
    """Refuse a call for which the caller holds too little."""
    required = endpoint.requires
    if required.owned and required.owner_needs <= held and _owns(call, call[required.owned]):
        return
    if not required.any_of & held:
        raise errors.denied()
    item = call.tenant.find_deleted(call["item"]) if required.of_kind else None
    if item is not None and not required.of_kind.get(item.kind, frozenset()) & held:
        raise errors.denied()
    if required.guards_roles and MANAGES_ROLES not in held and _concerns_roles(call):
        raise errors.denied()
    _check_sensitive(call, endpoint)
    if endpoint.licence is not None and not licences.has(call.tenant, endpoint.licence):
        raise errors.no_premium_licence()


def only_own_applications(held: frozenset[str]) -> bool:
    """Whether somebody may manage the applications and service principals that they own, and no others."""
    return OWNED_BY in held and not WRITE_APPLICATION.any_of & held


def _owns(call: Call, object_id: str) -> bool:
    return is_guid(object_id) and (
        call.tenant.target(object_id.lower(), Relation.OWNER, call.caller.object_id) is not None
    )


def _concerns_roles(call: Call) -> bool:
    group = call.tenant.get(Kind.GROUP, call.ids.get("group", "")) or call.tenant.find_deleted(call.ids.get("item", ""))
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
