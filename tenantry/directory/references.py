"""References from one object to others: owners, members, assigned policies."""

from collections.abc import Callable
from typing import Final

from . import errors
from .documents import JsonObject
from .endpoint import Call, found
from .resources import Kind
from .tenant import Entity, Relation, Tenant

Admits = Callable[[Entity, Entity], bool]


def add(tenant: Tenant, source: Entity, relation: Relation, target: Entity, admits: Admits) -> None:
    """Link an object to another one, or refuse."""
    if not admits(source, target):
        raise errors.bad_request(f"Invalid reference: the object cannot be among the {relation} of this object.")
    if not tenant.link(source.id, relation, target.id):
        raise errors.reference_exists(relation)


def owners_of_new(call: Call) -> list[Entity]:
    """Return who owns what a request makes: those it names, and a caller that may manage only what it owns."""
    named = call.references(Relation.OWNER)
    if not call.only_own or call.caller.object_id in {owner.id for owner in named}:
        return named
    return [found(call.tenant.find(call.caller.object_id), "caller"), *named]


def listed(call: Call, source: Entity, relation: Relation) -> JsonObject:
    """Answer with a page of what an object refers to."""
    object_id = call.query.where.equals("id")
    if object_id is None:
        return call.mixed_collection(call.tenant.targets(source.id, relation, call.query.after))
    # How clients ask whether somebody is in a list: answered without going through everybody.
    target = call.tenant.target(source.id, relation, object_id)
    return call.mixed_collection([] if target is None else [target])


def only(*kinds: Kind) -> Admits:
    """Admit targets of these kinds, and no object to refer to itself."""
    return lambda source, target: target.kind in kinds and target.id != source.id


OWNERS: Final = only(Kind.USER, Kind.SERVICE_PRINCIPAL)
"""Who can own a group, an application or a service principal."""


def finder(kind: Kind) -> Callable[[Tenant, str], Entity]:
    """Return an object of a kind by its id, or refuse."""
    return lambda tenant, object_id: errors.existing(tenant.get(kind, object_id), object_id)
