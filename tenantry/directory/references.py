"""Lists of references that objects of several families have alike: owners, members, assigned policies."""

from collections.abc import Callable

from . import errors
from .documents import JsonObject
from .endpoint import Call, Category, Endpoints, found
from .permissions import Requirement
from .resources import DIRECTORY_OBJECTS, Kind
from .tenant import Entity, Relation, Tenant

_REFERRED = DIRECTORY_OBJECTS | {Kind.CLAIMS_MAPPING_POLICY}

Find = Callable[[Tenant, str], Entity]
Allowed = Callable[[Entity, Entity], bool]


def add(tenant: Tenant, source: Entity, relation: Relation, target: Entity, allowed: Allowed) -> None:
    """Link an object to another one, or refuse."""
    if not allowed(source, target):
        raise errors.bad_request(f"Invalid reference: the object cannot be among the {relation} of this object.")
    if not tenant.link(source.id, relation, target.id):
        raise errors.reference_exists(relation)


def owners_of_new(call: Call) -> list[Entity]:
    """Who owns what a request makes: those whom it names, and a caller that may manage only what it owns."""
    named = call.references(Relation.OWNER)
    if not call.only_own or call.caller.object_id in {owner.id for owner in named}:
        return named
    return [found(call.tenant.find(call.caller.object_id), "caller"), *named]


def listed(call: Call, source: Entity, relation: Relation) -> JsonObject:
    """Answer with a page of what an object refers to."""
    only = call.query.where.equals("id")
    if only is None:
        return call.mixed_collection(call.tenant.targets(source.id, relation, call.query.after))
    # How clients ask whether somebody is in a list: answered without going through everybody.
    target = call.tenant.target(source.id, relation, only)
    return call.mixed_collection([] if target is None else [target])


def declare_list(
    endpoints: Endpoints,
    source: str,
    relation: Relation,
    find: Find,
    allowed: Allowed,
    *,
    reads: Requirement,
    writes: Requirement,
    activity: str,
    category: Category | None = None,
) -> None:
    """Declare the endpoints of a list of references: list, add, remove.

    The path of the ``source`` ends with its name in braces. ``activity`` is what is put where, "member to group".
    """
    where, name = f"{source}/{relation}", source.rpartition("/")[2].strip("{}")
    what, _, place = activity.partition(" to ")

    @endpoints.get(where, reads)
    def answer(call: Call) -> JsonObject:
        return listed(call, find(call.tenant, call[name]), relation)

    @endpoints.change("POST", f"{where}/$ref", writes, f"Add {activity}", category=category)
    def insert(call: Call) -> None:
        add(call.tenant, find(call.tenant, call[name]), relation, call.reference(_REFERRED), allowed)

    @endpoints.change("DELETE", f"{where}/{{target}}/$ref", writes, f"Remove {what} from {place}", category=category)
    def remove(call: Call) -> None:
        source, target = find(call.tenant, call[name]), call["target"]
        if call.tenant.find(target) is None or not call.tenant.unlink(source.id, relation, target):
            raise errors.not_found(target)


def only(*kinds: Kind) -> Allowed:
    """Allow targets of these kinds, and no object to refer to itself."""
    return lambda source, target: target.kind in kinds and target.id != source.id


def finder(kind: Kind) -> Find:
    """Return an object of a kind by its id, or refuse."""
    return lambda tenant, object_id: found(tenant.get(kind, object_id), object_id, frozenset({kind}))
