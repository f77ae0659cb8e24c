"""Refuses, before anything is registered, what cannot or must not become of GDAP relationships and their groups."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pulumi

from components.customers import declared_inputs, relationship_name
from components.relationships.lifecycle import Found, Wanted, adoption_refusal, refusal, removal_refusal
from tenantry.access.state import StackState
from tenantry.declaration import Tenant
from tenantry.declaration.customers import Relationship
from tenantry.graph.errors import GraphError

if TYPE_CHECKING:
    from components.relationships.graph import Relationships


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
    adopted = {one.adopted for one in tenant.relationships}
    for resource, outputs in owned.relationships.items():
        found, one = Found.in_state(outputs), declared.get(resource)
        if one is None and found.id in adopted:
            continue  # under another key, which is refused below
        if one is None:
            refused = removal_refusal(found, terminate=bool(outputs["terminate"]))
        else:
            groups = dict.fromkeys(one.assignments, "")  # whichever they are: groups can always be changed
            refused = refusal(Wanted.model_validate(declared_inputs(tenant, one, groups)), found)
        if refused:
            yield refused
    for one in _taken_over(name, tenant, owned):
        if one.terminate:
            yield (
                f"Refused: the relationship {one.display_name!r} with {one.customer.name} is to be taken over and "
                "ended in one update, and only what is declared as it is can be taken over. Take `terminate` out, run "
                "`pulumi up`, and write it again after that. Nothing was changed."
            )
    yield from _owned_under_another_key(name, tenant, owned)


def refuse_relationships_that_are_not_as_declared(
    name: str, tenant: Tenant, owned: StackState, connect: "Callable[[], Relationships] | None" = None
) -> None:
    """Compare the relationships that this update takes over with the tenant's, before anything is registered.

    The engine would take each over and change it in one go, in the midst of the update, and nothing has counted what
    that takes from whom. Raises :class:`RelationshipError` with every reason. In a recorded run there is no tenant, and
    nothing is evaluated.
    """
    adopted = [] if owned.recorded else list(_taken_over(name, tenant, owned))
    if not adopted:
        return
    try:
        graph = (connect or _signed_in)()
        refusals = [refused for one in adopted if (refused := _not_as_declared(name, tenant, owned, graph, one))]
    except GraphError as error:
        raise RelationshipError(
            f"Refused: whether the relationships that are to be taken over are as declared is unknown. {error} "
            "Nothing was changed."
        ) from None
    if refusals:
        raise RelationshipError("\n".join(refusals))


def _signed_in() -> "Relationships":
    # Only here: the HTTP client takes a sixth of the program's start.
    from components.relationships.graph import Relationships

    return Relationships.from_environment()


def _taken_over(name: str, tenant: Tenant, owned: StackState) -> Iterator[Relationship]:
    """The relationships that this update takes over."""
    return (
        one for one in tenant.relationships if one.adopted and relationship_name(name, one) not in owned.relationships
    )


def _not_as_declared(
    name: str, tenant: Tenant, owned: StackState, graph: "Relationships", one: Relationship
) -> str | None:
    found = graph.get(one.adopted or "")
    if found is None:
        return (
            f"Refused: `{'.'.join(map(str, one.path))}.adopted` names {one.adopted}, and this tenant has no such "
            "relationship. Nothing was changed. Fix: correct it, or leave it out, if the update is to make one."
        )
    plan = tenant.gdap
    ids = (
        {key: group.adopted or owned.groups.get(f"{name}-{key}") for key, group in plan.groups.items()} if plan else {}
    )
    # A group that is yet to be made holds nothing: its key stands for it.
    groups = {key: ids.get(key) or key for key in one.assignments}
    return adoption_refusal(Wanted.model_validate(declared_inputs(tenant, one, groups)), found)


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
                f"adopt it under the new key, and then delete it under the old one. Keep the key `{key}`. Nothing "
                "was changed."
            )
