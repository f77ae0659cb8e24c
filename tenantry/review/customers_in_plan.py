"""What a plan does to relationships with customers and to who works there, for the ceilings of rule PT-204."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tenantry.access import Principal
from tenantry.access.existing import Existing, ExistingRelationship, Part, access_at_customers
from tenantry.access.grants import AccessMap
from tenantry.access.parts import NotRead
from tenantry.access.preview import Plan
from tenantry.access.registered import RegisteredResource, Value
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import GROUP
from tenantry.access.state import RELATIONSHIP
from tenantry.graph.errors import Cause
from tenantry.graph.models import GIVES_ACCESS

_Who = Callable[[str], Principal]
"""Whoever has an object id, on one side of the plan."""


def before(existing: Existing, plan: Plan, who: _Who) -> Existing:
    """The tenant before a plan, with the relationships that the stack has and what they give whom."""
    held = [item for item in _relationships(plan) if item.before]
    found = tuple(_relationship(item.before, item, plan) for item in held if item.before)
    given = [row for item in held if item.before and _gives(item) for row in _given(item.before)]
    groups = {group for item in held if item.after and _gives(item) for _, _, group, _ in _given(item.after)}
    unknown = (item for item in plan.after if item.type == GROUP and not isinstance(_members(item), Sequence))
    if hidden := {item.name for item in unknown if {item.object_id, item.urn} & groups}:
        not_read = NotRead(Cause.UNEXPECTED, f"the plan does not show the members of {', '.join(sorted(hidden))}")
        existing = replace(existing, not_read={**existing.not_read, Part.CUSTOMER_GROUPS: not_read})
    return replace(existing, relationships=found, at_customers=access_at_customers(given, _people(plan.before, who)))


def after(existing: Existing, plan: Plan, who: _Who) -> Existing:
    """The tenant after a plan, with the same: what a relationship gives that ends as a whole is counted by itself."""
    left = [item for item in _relationships(plan) if item.after]
    found = tuple(_relationship(item.after, item, plan) for item in left if item.after)
    goes_on = [item.after for item in left if item.after and _gives(item) and not item.after.inputs.get("terminate")]
    ends = [item.before for item in _relationships(plan) if item.before and _gives(item) and item.after not in goes_on]
    given = access_at_customers((row for one in goes_on for row in _given(one)), _people(plan.after, who))
    stays = access_at_customers((row for one in ends for row in _given(one)), _people(plan.before, who))
    access = AccessMap.of([*given.records(), *stays.records()], given.answers)
    return replace(existing, relationships=found, at_customers=access)


def _relationships(plan: Plan) -> list[ResourceChange]:
    return [item for item in plan.resource_changes if item.urn.split("::")[2].endswith(RELATIONSHIP)]


def _status(item: ResourceChange) -> str:
    """As it is now; whether one that is taken over gives access is not known, and one that is made gives none yet."""
    status = item.before.outputs.get("status") if item.before else "created"
    return status if isinstance(status, str) and item.change_type is not ChangeType.IMPORTED else "active"


def _gives(item: ResourceChange) -> bool:
    return item.change_type is not ChangeType.IMPORTED and _status(item) in GIVES_ACCESS


def _relationship(one: RegisteredResource, change: ResourceChange, plan: Plan) -> ExistingRelationship:
    customer = one.known("customerName") or one.known("customerTenantId") or "a customer"
    name = one.known("displayName") or one.name
    # Which groups one has that is taken over is not known either.
    waits = change.change_type is ChangeType.IMPORTED or bool(change.before and change.before.outputs.get("waiting"))
    terminate = one.inputs.get("terminate") is True
    return ExistingRelationship(_key(one, plan), name, customer, _status(change), terminate, waits)


def _key(one: RegisteredResource, plan: Plan) -> str:
    """The customer's key and the relationship's, which follow the tenant's in the resource's name."""
    return one.name.removeprefix(f"{(plan.tenant or '').rpartition('/')[2]}-")


def _given(one: RegisteredResource) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    assignments = one.inputs.get("assignments")
    for key, item in assignments.items() if isinstance(assignments, Mapping) else ():
        group, roles = (item.get("group"), item.get("roles")) if isinstance(item, Mapping) else (None, None)
        # The id of a group that is made now is not known: the resource is, by the group's key.
        urns = one.depends.get("assignments", frozenset())
        where = group.lower() if isinstance(group, str) else next((u for u in urns if u.endswith(f"-{key}")), "")
        held = [role for role in roles if isinstance(role, str)] if isinstance(roles, Sequence) else []
        yield one.name, one.known("customerTenantId") or "", where, held


def _people(resources: Iterable[RegisteredResource], who: _Who) -> dict[str, list[Principal]]:
    """Who is in each group, by its object id and by its URN."""
    found: dict[str, list[Principal]] = {}
    for group in resources:
        members = _members(group) if group.type == GROUP else None
        people = [who(id_) for id_ in members if isinstance(id_, str)] if isinstance(members, Sequence) else []
        found |= {name: people for name in (group.object_id, group.urn) if name}
    return found


def _members(group: RegisteredResource) -> Value:
    return group.inputs.get("members") or ()
