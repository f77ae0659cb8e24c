"""Refuses, before anything is registered, what cannot or must not become of GDAP relationships and their groups."""

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
    for resource, one in declared.items():
        if one.adopted and one.terminate and resource not in owned.relationships:
            yield (
                f"Refused: the relationship {one.display_name!r} with {one.customer.name} is to be taken over and "
                "ended in one update, and only what is declared as it is can be taken over. Take `terminate` out, run "
                "`pulumi up`, and write it again after that. Nothing was changed."
            )
    yield from _owned_under_another_key(name, tenant, owned)


def _owned_under_another_key(name: str, tenant: Tenant, owned: StackState) -> Iterator[str]:
    """What would be adopted under a new name and deleted under the old one, although it is one and the same."""
    adopted = [
        (f"gdap.groups.{key}", f"{name}-{key}", group.adopted)
        for key, group in (tenant.gdap.groups if tenant.gdap else {}).items()
    ]
    adopted += [
        (".".join(map(str, one.path)), relationship_name(name, one), one.adopted) for one in tenant.relationships
    ]
    found = {**owned.groups, **{key: outputs["relationshipId"] for key, outputs in owned.relationships.items()}}
    for path, resource, id_ in adopted:
        for key in (other.removeprefix(f"{name}-") for other in found if found[other] == id_ and other != resource):
            yield (
                f"Refused: `{path}.adopted` names {id_}, which this stack has under the key `{key}`: the update would "
                f"take it over under the new key, and then delete it under the old one. Keep the key `{key}`. Nothing "
                "was touched."
            )
