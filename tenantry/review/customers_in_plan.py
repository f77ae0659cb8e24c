"""What a plan does to relationships with customers and to who works there, for the ceilings of rule PT-204."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from tenantry.access import Principal
from tenantry.access.existing import Existing, ExistingRelationship, Part
from tenantry.access.grants import AccessMap, Answer, Kind
from tenantry.access.parts import NotRead
from tenantry.access.preview import Plan
from tenantry.access.registered import RegisteredResource, RegisteredView
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import GROUP
from tenantry.access.state import RELATIONSHIP
from tenantry.graph.errors import Cause
from tenantry.graph.models import GIVES_ACCESS

_Named = Callable[[Principal], Principal]
"""Somebody of a view by object id, on one side of the plan."""


def before(existing: Existing, plan: Plan, view: RegisteredView, after: RegisteredView, named: _Named) -> Existing:
    """The tenant before a plan, with the relationships that the stack has and what they give whom.

    ``view`` is what the program registered before, ``after`` what it registers now.
    """
    held = [item for item in _relationships(plan) if item.before]
    found = tuple(_relationship(item.before, item, plan) for item in held if item.before)
    given = _access(view, (item for item in held if _gives(item)), named)
    groups = {urn for item in held if item.after and _gives(item) for urn in after.at_customers[item.urn].groups}
    unknown = {item.where for item in after.access.unresolved if item.kind is Kind.CUSTOMER_ROLE}
    if hidden := sorted(item.name for item in plan.after if item.type == GROUP and item.urn in groups & unknown):
        not_read = NotRead(Cause.UNEXPECTED, f"the plan does not show the members of {', '.join(hidden)}")
        existing = replace(existing, not_read={**existing.not_read, Part.CUSTOMER_GROUPS: not_read})
    return replace(existing, relationships=found, at_customers=given)


def after(existing: Existing, plan: Plan, view: RegisteredView, prior: AccessMap, named: _Named) -> Existing:
    """The tenant after a plan, with the same: what a relationship gives that ends as a whole is counted by itself.

    ``view`` is what the program registers now, ``prior`` what the relationships gave before.
    """
    left = [item for item in _relationships(plan) if item.after]
    found = tuple(_relationship(item.after, item, plan) for item in left if item.after)
    goes_on = [one for one in left if one.after and _gives(one) and not one.after.inputs.get("terminate")]
    given = _access(view, goes_on, named)
    kept = {item.urn for item in goes_on}
    ends = ((grant, why) for grant, why in prior.records() if why.source not in kept)
    return replace(existing, relationships=found, at_customers=AccessMap.of([*given.records(), *ends], given.answers))


def _relationships(plan: Plan) -> list[ResourceChange]:
    return [item for item in plan.resource_changes if item.urn.split("::")[2].endswith(RELATIONSHIP)]


def _access(view: RegisteredView, relationships: Iterable[ResourceChange], named: _Named) -> AccessMap:
    given = (
        item for one in relationships if one.urn in view.at_customers for item in view.at_customers[one.urn].grants
    )
    grants = ((replace(grant, principal=named(grant.principal)), why) for grant, why in given)
    return AccessMap.of(grants, [Answer(Kind.CUSTOMER_ROLE)])


def _status(item: ResourceChange) -> str:
    """As it is now; one that is taken over is active and as declared, and one that is made gives nothing yet."""
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
