"""Families of resources as data: what is alike in them is declared once, and what is special in one is a function.

To add a family:

1. Give its type a member of `resources.Kind`, and declare the properties there with `_resource`: which are required,
   which only Microsoft Graph writes, how long a text may be, what a new object has where nothing is given.
2. Name the permissions that its requests take in `permissions`.
3. Declare a `Family`: in `simple_families` if nothing about it is special, otherwise in a module of its own, with
   functions for what is (`create`, `update`, `delete`, `check`, `listed`, `find`). Lists of references, such as owners,
   go into its `lists`.
4. Put the module's `ENDPOINTS = declared(...)` into `app._FAMILIES`. A request that is like no other is declared at the
   function that answers it: `@ENDPOINTS.get` or `@ENDPOINTS.change`.

The names of properties, the checks of a body, `$select`, `$filter`, paging, the audit trail, `directory dump` and the
permissions follow from the declaration.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from tenantry.sensitive_actions import PROPERTIES, Action

from . import errors, references
from .documents import JsonObject
from .endpoint import Activity, Call, Category, Endpoint, Endpoints
from .licences import Licence
from .permissions import Requirement
from .resources import DIRECTORY_OBJECTS, PRINCIPALS, RECYCLED, Kind
from .schema import Resource
from .tenant import Entity, Relation, Tenant

_REFERRED = DIRECTORY_OBJECTS | {Kind.CLAIMS_MAPPING_POLICY}
_CASTS = {Relation.MEMBER: PRINCIPALS, Relation.OWNER: (Kind.USER, Kind.SERVICE_PRINCIPAL)}
"""The kinds by which a list of references is asked for: `/members/microsoft.graph.user`."""
_NAMES = {Relation.MEMBER: "member", Relation.OWNER: "owner", Relation.CLAIMS_MAPPING_POLICY: "policy"}


@dataclass(frozen=True)
class ReferenceList:
    """A list of what the objects of a family refer to, such as owners: list, add, remove."""

    relation: Relation
    admits: references.Admits
    """Whether an object may refer to another one; it may refuse with a reason of its own."""
    reads: Requirement | None = None
    """What reading takes, where that is not what reading the object takes."""
    writes: Requirement | None = None
    """What adding and removing takes, where that is not what changing the object takes."""
    category: Category | None = None
    counted: bool = False
    check: Callable[[Entity], None] | None = None
    """Refuses to change the list of an object that has none of its own."""


_Answer = Callable[["Family", Call], JsonObject | None]


@dataclass(frozen=True)
class Family:
    """The resources of a type: how they are listed, read, created, changed and deleted, and what that takes.

    There are no endpoints for what nothing is required for: without `writes` a family is read only.
    """

    resource: Resource
    path: str
    """The address of one object, such as `/users/{user}`; the listing's is what stands before the last part."""
    reads: Requirement
    writes: Requirement | None = None
    noun: str = ""
    """What the audit trail calls an object: "Add user", "Update user", "Delete user"."""
    category: Category = Category.DIRECTORY
    reads_one: Requirement | None = None
    """What reading one object takes, where that is not what listing them takes."""
    creates: Requirement | None = None
    """What creating takes, where that is not what changing takes."""
    deletes: Requirement | None = None
    """What deleting takes, where that is not what changing takes."""
    changeable: bool = True
    """Whether there is a PATCH."""
    creation: str = ""
    """What the audit trail calls a creation, where that is not "Add" and the noun."""
    deletion: str = ""
    """What the audit trail calls a deletion, where that is not "Delete" and the noun."""
    parent: "Family | None" = None
    """The family that these stand below, where what is missing there is refused before the body of a request is."""
    licence: Licence | None = None
    """The licence without which the tenant is refused."""
    accounts: bool = False
    """Whether the objects are accounts: changing or deleting one can be a sensitive action."""
    created_by_people: bool = False
    """Whether signed-in people may create, and not applications alone."""
    paged: bool = True
    """Whether the listing comes in pages, or as a whole."""
    counted: bool = False
    """Whether `$count` is answered below the listing."""
    parts: tuple[str, ...] = ()
    """The properties that have an address of their own below the object's: lists of values."""
    lists: tuple[ReferenceList, ...] = ()
    listed: Callable[[Call], Iterable[Entity]] | None = None
    """What is in the listing, where that is not all objects of the type."""
    find: Callable[[Call], Entity] | None = None
    """Returns the object that the path names, or refuses; by its id, where it is left out."""
    check: Callable[[Tenant, JsonObject, Entity | None], None] | None = None
    """Refuses what the properties admit and the directory does not: in a body, for a new object or for this one."""
    create: Callable[[Call, JsonObject], Entity] | None = None
    """Creates an object with the properties of a body, where that takes more than to keep them."""
    update: Callable[[Call, Entity, JsonObject], object] | None = None
    """Changes an object, where that takes more than to keep the properties of a body."""
    delete: Callable[[Call, Entity], object] | None = None
    """Deletes an object, where that takes more than to keep it among the deleted items, or to remove it."""

    @property
    def kind(self) -> Kind:
        """The kind of its objects."""
        return Kind(self.resource.type_name)

    @property
    def item(self) -> str:
        """What the path calls the id of an object."""
        return self.path.rpartition("/")[2].strip("{}")

    @property
    def required_to_change(self) -> Requirement:
        """What changing an object takes. Raises TypeError for a family that is read only."""
        if self.writes is None:
            raise TypeError(f"{self.path} is read only")
        return self.writes

    def named_in(self, call: Call) -> Entity:
        """Return the object that a request's path names, or refuse."""
        if self.find is not None:
            return self.find(call)
        object_id = call[self.item]
        return errors.existing(call.tenant.get(self.kind, object_id), object_id)


def declared(*families: Family) -> Endpoints:
    """Return the endpoints of these families; their module declares to them whatever else it answers."""
    endpoints = Endpoints(families[0].category)
    for family in families:
        endpoints += _endpoints(family)
        endpoints += chain.from_iterable(_endpoints_of_list(family, declared_list) for declared_list in family.lists)
    return endpoints


def _endpoints(family: Family) -> Iterator[Endpoint]:
    def change(
        method: str, path: str, requires: Requirement, activity: str, answer: _Answer, *sensitive: Action
    ) -> Endpoint:
        return Endpoint(
            method,
            path,
            partial(answer, family),
            requires,
            Activity(activity, family.category),
            licence=family.licence,
            sensitive=sensitive if family.accounts else (),
        )

    path, listing = family.path, family.path.rpartition("/")[0]
    reads_one, creates, writes = family.reads_one or family.reads, family.creates or family.writes, family.writes
    yield Endpoint("GET", listing, partial(_list, family), family.reads, licence=family.licence, counted=family.counted)
    yield Endpoint("GET", path, partial(_get, family), reads_one, licence=family.licence)
    for name in family.parts:
        yield Endpoint("GET", f"{path}/{name}", partial(_values, family, name), reads_one, licence=family.licence)
    if creates is not None:
        created = change("POST", listing, creates, family.creation or f"Add {family.noun}", _create)
        yield replace(created, for_people=family.created_by_people)
    if writes is not None and family.changeable:
        yield change("PATCH", path, writes, f"Update {family.noun}", _update, *PROPERTIES)
    if writes is not None:
        yield change(
            "DELETE", path, family.deletes or writes, family.deletion or f"Delete {family.noun}", _delete, Action.DELETE
        )


def _list(family: Family, call: Call) -> JsonObject:
    after = call.query.after if family.paged else 0
    entities = family.listed(call) if family.listed else call.tenant.scan(family.kind, after)
    return (call.collection if family.paged else call.whole_collection)(family.resource, entities)


def _get(family: Family, call: Call) -> JsonObject:
    return call.one(family.named_in(call))


def _values(family: Family, name: str, call: Call) -> JsonObject:
    return call.values(family.named_in(call), name)


def _create(family: Family, call: Call) -> JsonObject:
    if family.parent:
        family.parent.named_in(call)
    given = family.resource.in_version(call.version).accept(call.body, creating=True)
    if family.check:
        family.check(call.tenant, given, None)
    return call.one(family.create(call, given) if family.create else call.tenant.create(family.resource, given))


def _update(family: Family, call: Call) -> None:
    entity = family.named_in(call)
    given = family.resource.in_version(call.version).accept(call.body, creating=False)
    if family.check:
        family.check(call.tenant, given, entity)
    if family.update:
        family.update(call, entity, given)
    else:
        call.tenant.update(entity, given)


def _delete(family: Family, call: Call) -> None:
    entity = family.named_in(call)
    if family.delete:
        family.delete(call, entity)
    elif entity.kind in RECYCLED:
        call.tenant.soft_delete(entity)
    else:
        call.tenant.remove(entity)


def _endpoints_of_list(family: Family, declared_list: ReferenceList) -> Iterator[Endpoint]:
    relation = declared_list.relation
    path, name = f"{family.path}/{relation}", _NAMES[relation]
    reads = declared_list.reads or family.reads_one or family.reads
    writes, category = declared_list.writes or family.required_to_change, declared_list.category or family.category
    added = Activity(f"Add {name} to {family.noun}", category)
    removed = Activity(f"Remove {name} from {family.noun}", category)

    def answer(call: Call) -> JsonObject:
        source = family.named_in(call)
        types = source.document.get("groupTypes")
        if call.cast is Kind.GROUP and isinstance(types, list) and "Unified" in types:
            raise errors.impossible_cast(call.cast)
        return references.listed(call, source, relation)

    def add(call: Call) -> None:
        source, target = family.named_in(call), call.reference(_REFERRED)
        if declared_list.check:
            declared_list.check(source)
        references.add(call.tenant, source, relation, target, declared_list.admits)

    def remove(call: Call) -> None:
        source, target = family.named_in(call), call["target"]
        if declared_list.check:
            declared_list.check(source)
        if call.tenant.find(target) is None or not call.tenant.unlink(source.id, relation, target):
            raise errors.not_found(target)

    yield Endpoint("GET", path, answer, reads, counted=declared_list.counted, casts=_CASTS.get(relation, ()))
    yield Endpoint("POST", f"{path}/$ref", add, writes, added)
    yield Endpoint("DELETE", f"{path}/{{target}}/$ref", remove, writes, removed)


def listing_of(owner: Family, listed: Family, relation: str, name: str, reads: Requirement) -> Endpoint:
    """Return a listing, below the path of an ``owner``, of the objects whose property ``name`` is the owner's id."""

    def answer(call: Call) -> JsonObject:
        object_id = owner.named_in(call).id
        entities = call.tenant.scan(listed.kind, call.query.after)
        return call.collection(listed.resource, (entity for entity in entities if entity.document[name] == object_id))

    return Endpoint("GET", f"{owner.path}/{relation}", answer, reads)
