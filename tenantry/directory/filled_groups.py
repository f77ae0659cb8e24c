"""The groups that the directory fills itself: `All Users`, and groups with a rule.

In Microsoft Entra a rule takes effect after some minutes; here at once. A group whose rule is paused keeps its members.
One whose rule cannot be evaluated here is empty, and its `membershipRuleProcessingStatus` says why. Source: Microsoft
Graph, "group" and "membershipRuleProcessingStatus".
"""

from typing import Final

from .documents import JsonObject, now
from .membership_rules import Condition, RuleError, read_rule
from .resources import Kind
from .tenant import Entity, Relation, Tenant

_ON: Final = "On"
_MEMBER: Final = "Member"


def place(tenant: Tenant, user: Entity) -> None:
    """Put a user into the groups that the directory fills, and take them out of the others among these."""
    all_users = tenant.all_users_group
    if all_users is not None and tenant.get(Kind.GROUP, all_users) is not None:
        enabled = user.document["accountEnabled"] is True and user.document["userType"] == _MEMBER
        _keep(tenant, all_users, user, belongs=enabled)
    for group in tenant.groups_with_a_rule():
        rule = _in_force(group)
        if rule is not None:
            _keep(tenant, group.id, user, belongs=rule(user.document))


def fill(tenant: Tenant, group: Entity) -> Entity:
    """Let a group contain whom its rule names, and say how that went."""
    if group.document["membershipRule"] is None and group.document.get("membershipRuleProcessingStatus") is None:
        return group
    if group.document["membershipRule"] is None or group.document["membershipRuleProcessingState"] != _ON:
        return tenant.update(group, {"membershipRuleProcessingStatus": None})
    status: JsonObject = {"errorMessage": None, "lastMembershipUpdated": now(), "status": "Succeeded"}
    try:
        rule = read_rule(group.text("membershipRule"))
    except RuleError as error:
        tenant.unlink_all(group.id, Relation.MEMBER)
        status |= {"errorMessage": f"The embedded directory does not evaluate this rule: {error}.", "status": "Failed"}
    else:
        for user in [*tenant.scan(Kind.USER)]:
            _keep(tenant, group.id, user, belongs=rule(user.document))
    return tenant.update(group, {"membershipRuleProcessingStatus": status})


def _in_force(group: Entity) -> Condition | None:
    """The rule of a group, if it is evaluated."""
    if group.document["membershipRuleProcessingState"] != _ON:
        return None
    try:
        return read_rule(group.text("membershipRule"))
    except RuleError:
        return None


def _keep(tenant: Tenant, group_id: str, user: Entity, *, belongs: bool) -> None:
    (tenant.link if belongs else tenant.unlink)(group_id, Relation.MEMBER, user.id)
