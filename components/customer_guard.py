"""Refuses what would leave a GDAP relationship without its declaration, or change what its customer approved."""

from collections.abc import Iterator

import pulumi

from components.customers import declared_inputs, relationship_name
from components.relationships.lifecycle import Found, Wanted, refusal, removal_refusal
from tenantry.access.state import StackState
from tenantry.declaration import Tenant


class RelationshipError(pulumi.RunError):
    """A relationship cannot become what is declared, or may not leave the declaration yet."""


def refuse_impossible_relationships(name: str, tenant: Tenant, owned: StackState) -> None:
    """Compare the relationships that this stack has with the declared ones, before anything is registered.

    ``name`` is the partner tenant's. The plugin refuses the same, but one by one, while others are being changed.
    Raises :class:`RelationshipError` with every reason.
    """
    refusals = sorted(_refusals(name, tenant, owned))
    if refusals:
        raise RelationshipError("\n".join(refusals))


def _refusals(name: str, tenant: Tenant, owned: StackState) -> Iterator[str]:
    declared = {relationship_name(name, one): one for one in tenant.relationships}
    for resource, outputs in owned.relationships.items():
        found, one = Found.in_state(outputs), declared.get(resource)
        if one is None:
            refused = removal_refusal(found, terminate=bool(outputs["terminate"]))
        else:
            groups = dict.fromkeys(one.assignments, "")  # whichever they are: groups can always be changed
            refused = refusal(Wanted.model_validate(declared_inputs(tenant, one, groups)), found)
        if refused:
            yield refused
