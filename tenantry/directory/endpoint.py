"""What a family of resources is made of: endpoints, the call that each is given, the answers it makes.

An endpoint is declared at the function that answers it, with what an application must be permitted and what the audit
trail calls it. The function is given a `Call` and returns the body of its answer, a number alone, or None for an answer
without a body.
It refuses by raising a `GraphError`; the changes that it made are then undone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import TypeVar
from urllib.parse import urlencode

from tenantry.sensitive_actions import Action

from . import errors, odata
from .documents import JsonObject, JsonValue
from .identifiers import is_guid
from .licences import Licence
from .permissions import Requirement
from .resources import DIRECTORY_OBJECTS, RESOURCES, Kind
from .schema import Resource
from .tenant import Entity, Relation, Tenant

_VERSION_WITH_DEFAULT_SELECTION = "v1.0"
_MOST_REFERENCES = 20
_MOST_EXPANDED = 20
_REFERENCE = re.compile(r".*/(?P<id>[^/]+)")

#: What a query may select and filter by in a listing of several kinds of object.
_ANY_OBJECT = Resource(
    "directoryObject",
    "directoryObjects",
    {name: declared for kind in sorted(DIRECTORY_OBJECTS) for name, declared in RESOURCES[kind].properties.items()},
    not_kept=frozenset().union(*(RESOURCES[kind].not_kept for kind in DIRECTORY_OBJECTS)),
)
#: The references that `$expand` shows with an object: as a list, or as the one object that there can be.
_EXPANDABLE: Mapping[tuple[str, str], bool] = {
    (Kind.GROUP, Relation.MEMBER): True,
    (Kind.GROUP, Relation.OWNER): True,
    (Kind.USER, Relation.MANAGER): False,
}

_Render = Callable[[Entity], JsonObject]


@dataclass(frozen=True)
class Caller:
    """The application that calls, as its token says."""

    object_id: str
    client_id: str


@dataclass(frozen=True)
class Call:
    """A request to Microsoft Graph, read and authenticated, within its transaction."""

    tenant: Tenant
    caller: Caller
    origin: str
    version: str
    path: str
    ids: Mapping[str, str]
    query: odata.Query = field(default_factory=odata.Query)
    body: JsonObject = field(default_factory=dict)
    eventual: bool = False
    """Whether the caller takes an answer that may be a little late: `ConsistencyLevel: eventual`."""
    only_own: bool = False
    """Whether the caller may manage only the applications and service principals that it owns."""

    def __getitem__(self, name: str) -> str:
        """Return the part of the path that the endpoint's template calls `name`."""
        return self.ids[name]

    # --- answers

    def one(self, entity: Entity) -> JsonObject:
        """Answer with one object."""
        resource = RESOURCES[entity.kind]
        self._check_single(resource)
        context = f"{self._root}/$metadata#{resource.set_name}/$entity"
        return {"@odata.context": context, **self._rendered(entity)}

    def any_of_many_kinds(self, entity: Entity) -> JsonObject:
        """Answer with one directory object, saying of which kind it is."""
        self._check_single(_ANY_OBJECT)
        return {"@odata.context": f"{self._root}/$metadata#directoryObjects/$entity", **self._typed(entity)}

    def collection(self, resource: Resource, entities: Iterable[Entity]) -> JsonObject:
        """Answer with a page of objects of one kind."""
        self._check(resource)
        return self._listing(resource, self._matching(entities), self._rendered)

    def mixed_collection(self, entities: Iterable[Entity]) -> JsonObject:
        """Answer with a page of directory objects of several kinds, saying of each of which kind it is."""
        self._check(_ANY_OBJECT)
        return self._listing(_ANY_OBJECT, self._matching(entities), self._typed)

    def whole_collection(self, resource: Resource, entities: Iterable[Entity]) -> JsonObject:
        """Answer with all objects of a set that is small enough to need no pages."""
        if self.query.top is not None:
            raise errors.not_implemented(f"the query option '$top' on {resource.set_name}")
        self._check(resource)
        matching = list(self._matching(entities))
        return self._body(resource, matching, len(matching) if self.query.count else None, None, self._rendered)

    @property
    def _root(self) -> str:
        return f"{self.origin}/{self.version}"

    def _check(self, resource: Resource) -> None:
        resource.check_names(self.query.select)
        for use in self.query.where.uses():
            resource.check_use(use)
        self._check_expansion(resource)

    def _check_single(self, resource: Resource) -> None:
        self._check_expansion(resource)
        if self.query.where or self.query.count or self.query.top is not None:
            raise errors.malformed("Query options other than $select and $expand are not allowed on a single object.")

    def _check_expansion(self, resource: Resource) -> None:
        relation = self.query.expand
        if relation is None or (resource.type_name, relation) in _EXPANDABLE:
            return
        if relation.isidentifier() and relation not in resource.not_kept:
            raise resource.unknown(relation)
        raise errors.not_implemented(f"'$expand={relation}' on {resource.set_name}")

    def _matching(self, entities: Iterable[Entity]) -> Iterator[Entity]:
        return (entity for entity in entities if self.query.where.matches(entity.document))

    def _listing(self, resource: Resource, entities: Iterable[Entity], render: _Render) -> JsonObject:
        count = None
        # Only the first page counts: the others begin in the middle of the listing.
        if self.query.count and self.query.after == 0:
            entities = list(entities)
            count = len(entities)
        entities, following = odata.page(entities, self.query.top or odata.PAGE_SIZE)
        return self._body(resource, entities, count, following, render)

    def _body(
        self, resource: Resource, entities: list[Entity], count: int | None, following: int | None, render: _Render
    ) -> JsonObject:
        answer: JsonObject = {"@odata.context": f"{self._root}/$metadata#{resource.set_name}"}
        if count is not None:
            answer["@odata.count"] = count
        if following is not None:
            answer["@odata.nextLink"] = f"{self.origin}{self.path}?{self._options(following)}"
        answer["value"] = [render(entity) for entity in entities]
        return answer

    def _options(self, following: int) -> str:
        query = self.query
        options: dict[str, str | int] = {}
        if query.select:
            options["$select"] = ",".join(query.select)
        if query.where:
            options["$filter"] = str(query.where)
        if query.expand is not None:
            options["$expand"] = query.expand
        if query.top is not None:
            options["$top"] = query.top
        return urlencode({**options, "$skiptoken": following})

    def _rendered(self, entity: Entity) -> JsonObject:
        return {**self._selected(RESOURCES[entity.kind], entity.document), **self._expanded(entity)}

    def _selected(self, resource: Resource, document: JsonObject) -> JsonObject:
        names = self.query.select
        resource.check_names(names)
        if not names and self.version == _VERSION_WITH_DEFAULT_SELECTION:
            names = resource.default_selection
        return {name: document[name] for name in names} if names else document

    def _typed(self, entity: Entity) -> JsonObject:
        resource = RESOURCES[entity.kind]
        known = tuple(name for name in self.query.select if name in resource.properties)
        if self.query.select:
            shown: JsonObject = {name: entity.document[name] for name in known}
        else:
            shown = self._selected(resource, entity.document)
        return {"@odata.type": f"#microsoft.graph.{resource.type_name}", **shown}

    def _expanded(self, entity: Entity) -> JsonObject:
        """Return what `$expand` asks for with an object: twenty references at most, as in Microsoft Graph."""
        relation = self.query.expand
        if relation is None:
            return {}
        unselected = replace(self, query=odata.Query())
        targets = islice(self.tenant.targets(entity.id, Relation(relation)), _MOST_EXPANDED)
        shown: list[JsonValue] = [unselected._typed(target) for target in targets]
        if _EXPANDABLE[entity.kind, relation]:
            return {relation: shown}
        return {relation: shown[0]} if shown else {}

    # --- references to other objects

    def reference(self, kinds: frozenset[Kind] = DIRECTORY_OBJECTS) -> Entity:
        """Return the object that the body of a `$ref` request points to."""
        return self._referred(self.body.get("@odata.id"), kinds)

    def references(self, relation: str) -> list[Entity]:
        """Return the objects that a body binds, as in `owners@odata.bind`."""
        bound = self.body.get(f"{relation}@odata.bind", [])
        if not isinstance(bound, list):
            raise errors.malformed(f"'{relation}@odata.bind' must be a list of references.")
        if len(bound) > _MOST_REFERENCES:
            raise errors.bad_request(
                f"The number of references in '{relation}' exceeds the limit of {_MOST_REFERENCES}."
            )
        entities = [self._referred(reference) for reference in bound]
        if len({entity.id for entity in entities}) < len(entities):
            raise errors.duplicate_values()
        return entities

    def _referred(self, reference: JsonValue, kinds: frozenset[Kind] = DIRECTORY_OBJECTS) -> Entity:
        match = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
        if match is None or not is_guid(match["id"]):
            raise errors.bad_request("Invalid reference: '@odata.id' must be the address of an object.")
        return found(self.tenant.find(match["id"]), match["id"], kinds)


def found(entity: Entity | None, name: str, kinds: frozenset[Kind] = DIRECTORY_OBJECTS) -> Entity:
    """Return the object, or refuse if it is missing or of another kind."""
    if entity is None or entity.kind not in kinds:
        raise errors.not_found(name)
    return entity


class Category(StrEnum):
    """What a change is counted among in the audit trail."""

    UNITS = "AdministrativeUnit"
    APPLICATIONS = "ApplicationManagement"
    DIRECTORY = "DirectoryManagement"
    GROUPS = "GroupManagement"
    POLICIES = "Policy"
    ROLES = "RoleManagement"
    USERS = "UserManagement"


@dataclass(frozen=True)
class Activity:
    """What the audit trail calls a change."""

    name: str
    category: Category


Answer = TypeVar("Answer", bound=Callable[[Call], JsonObject | int | None])


@dataclass(frozen=True)
class Endpoint:
    """A method on a path below the version, what it takes, and the function that answers it."""

    method: str
    path: str
    answer: Callable[[Call], JsonObject | int | None]
    requires: Requirement
    activity: Activity | None = None
    """None for a request that changes nothing."""
    status: int = 0
    """The status of an answer with a body, where it is not what the method says."""
    needs_body: bool = True
    """Whether a request that writes is refused without a body."""
    licence: Licence | None = None
    """The licence without which the tenant is refused."""
    sensitive: tuple[Action, ...] = ()
    """The sensitive actions on an account that the request can be; one on a property counts where the body sets it."""
    counted: bool = False
    """Whether `$count` is answered below the path of this listing."""

    def counting(self) -> "Endpoint":
        """Return the endpoint that answers with how many objects are in this listing, as a number alone."""

        def answer(call: Call) -> int:
            if not call.eventual:
                raise errors.needs_eventual_consistency()
            listed = self.answer(replace(call, query=replace(call.query, count=True, after=0)))
            count = listed["@odata.count"] if isinstance(listed, dict) else None
            if not isinstance(count, int):
                raise TypeError(f"{self.path} is not a listing that counts")
            return count

        # Counting takes what listing takes.
        return Endpoint("GET", f"{self.path}/$count", answer, self.requires)


class Endpoints(list[Endpoint]):
    """The endpoints of a family, which are declared at the functions that answer them."""

    def __init__(self, category: Category = Category.DIRECTORY) -> None:
        """`category` is what the family's changes are counted among, where one does not say otherwise."""
        super().__init__()
        self._category = category

    def get(self, path: str, requires: Requirement, *, counted: bool = False) -> Callable[[Answer], Answer]:
        """Declare a request that reads."""
        return self._declare(lambda answer: Endpoint("GET", path, answer, requires, counted=counted))

    def change(
        self,
        method: str,
        path: str,
        requires: Requirement,
        activity: str,
        *,
        category: Category | None = None,
        status: int = 0,
        needs_body: bool = True,
        sensitive: tuple[Action, ...] = (),
    ) -> Callable[[Answer], Answer]:
        """Declare a request that changes something; the audit trail calls it `activity`."""
        noted = Activity(activity, category or self._category)
        return self._declare(
            lambda answer: Endpoint(method, path, answer, requires, noted, status, needs_body, sensitive=sensitive)
        )

    def _declare(self, endpoint: Callable[[Answer], Endpoint]) -> Callable[[Answer], Answer]:
        def declare(answer: Answer) -> Answer:
            self.append(endpoint(answer))
            return answer

        return declare
