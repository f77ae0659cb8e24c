"""What a family of resources is made of: endpoints, the call that each is given, the answers it makes.

An endpoint is declared at the function that answers it, with what an application must be permitted and what the audit
trail calls it. The function is given a `Call` and returns the body of its answer, a number alone, or None for an answer
without a body.
It refuses by raising a `GraphError`; the changes that it made are then undone.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from tenantry.sensitive_actions import Action

from . import advanced_queries, errors, odata, role_definitions
from .documents import JsonObject, JsonValue
from .identifiers import is_guid
from .licences import Licence
from .permissions import Requirement, visible
from .resources import DIRECTORY_OBJECTS, RESOURCES, Kind
from .schema import Resource
from .tenant import Entity, Relation, Tenant

_VERSION_WITH_DEFAULT_SELECTION = "v1.0"
_TYPE = "@odata.type"
ETAG = "@odata.etag"
_MOST_REFERENCES = 20
_MOST_EXPANDED = 20
_PLAIN = "/$()=',@"
"""What stands in the path of an address as it is, beside letters and digits."""
_REFERENCE = re.compile(r".*/(?P<id>[^/]+)")

#: What a query may select and filter by in a listing of several kinds of object.
_KINDS = [RESOURCES[kind] for kind in sorted(DIRECTORY_OBJECTS)]
_ANY_OBJECT = Resource(
    advanced_queries.MIXED,
    "directoryObjects",
    {
        name: declared
        for resource in _KINDS
        for name, declared in resource.properties.items()
        if name not in resource.on_request
    },
    types=tuple(resource.type_name for resource in _KINDS),
    beta_only=frozenset().union(*(resource.beta_only for resource in _KINDS))
    - {name for resource in _KINDS for name in resource.properties.keys() - resource.beta_only},
)
#: The sets for which Microsoft Graph refuses `$top`, as field reports say.
_WITHOUT_PAGES = frozenset({Kind.DIRECTORY_ROLE, Kind.ROLE_TEMPLATE})
#: The references that `$expand` shows with an object: as a list, or as the one object that there can be.
_EXPANDABLE: Mapping[tuple[str, str], bool] = {
    (Kind.GROUP, Relation.MEMBER): True,
    (Kind.GROUP, Relation.OWNER): True,
    (Kind.APPLICATION, Relation.OWNER): True,
    (Kind.SERVICE_PRINCIPAL, Relation.OWNER): True,
    (Kind.USER, Relation.MANAGER): False,
}


def _scope(tenant: Tenant, scope: str) -> Entity | None:
    """Return the object that is a scope; none for the whole tenant, of which the documents do not say what is shown."""
    return tenant.find(scope.rpartition("/")[2])


#: What is shown of an object that another one names by its id: in which property, and of which type it is.
_BY_ID: Mapping[str, tuple[str, Resource, Callable[[Tenant, str], Entity | None]]] = {
    "principal": ("principalId", _ANY_OBJECT, Tenant.find),
    "directoryScope": ("directoryScopeId", _ANY_OBJECT, _scope),
    "group": ("groupId", RESOURCES[Kind.GROUP], Tenant.find),
    "roleDefinition": ("roleDefinitionId", RESOURCES[Kind.ROLE_DEFINITION], role_definitions.find),
}

#: What is shown with an object that names it by its id: of which kind it is, and in which property.
_NAMING: Mapping[str, tuple[Kind, str]] = {
    "appRoleAssignedTo": (Kind.APP_ROLE_ASSIGNMENT, "resourceId"),
    "appRoleAssignments": (Kind.APP_ROLE_ASSIGNMENT, "principalId"),
}

_Render = Callable[[Entity], JsonObject]


@dataclass(frozen=True)
class Caller:
    """The application that calls, or the person for whom it does, as its token says."""

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
    by_person: bool = False
    """Whether a signed-in person calls, and not an application."""
    held: frozenset[str] = frozenset()
    """The permissions of Microsoft Graph that the caller holds."""
    cast: Kind | None = None
    """The one kind that is asked for in a listing of several."""
    only_own: bool = False
    """Whether the caller may manage only the applications and service principals that it owns."""
    content: bytes = b""
    """The body of a request that is not JSON, such as an image."""
    if_match: str | None = None
    """The `If-Match` header: which state of an object a change is meant for."""

    def __getitem__(self, name: str) -> str:
        """Return the part of the path that the endpoint's template calls `name`."""
        return self.ids[name]

    # --- answers

    def one(self, entity: Entity) -> JsonObject:
        """Answer with one object."""
        resource = RESOURCES[entity.kind]
        self._check_single(resource)
        context = f"{self.root}/$metadata#{resource.set_name}/$entity"
        shown = self._rendered(entity)
        if "keyCredentials" in self.query.select:
            shown["keyCredentials"] = entity.document["keyCredentials"]
        return {"@odata.context": context, **shown}

    def values(self, entity: Entity, name: str) -> JsonObject:
        """Answer with the values of one property of an object, a list that has an address of its own."""
        if self.query != odata.Query():
            raise errors.not_implemented(f"query options on {name}")
        context = f"{self.root}/$metadata#{RESOURCES[entity.kind].set_name}('{entity.id}')/{name}"
        return {"@odata.context": context, "value": entity.document[name]}

    def any_of_many_kinds(self, entity: Entity) -> JsonObject:
        """Answer with one directory object, saying of which kind it is."""
        self._check_single(_ANY_OBJECT)
        return {"@odata.context": f"{self.root}/$metadata#directoryObjects/$entity", **self._typed(entity)}

    def collection(self, resource: Resource, entities: Iterable[Entity]) -> JsonObject:
        """Answer with a page of objects of one kind."""
        self._check(resource)
        return self._listing(resource, self._matching(entities), self._rendered)

    def mixed_collection(self, entities: Iterable[Entity]) -> JsonObject:
        """Answer with a page of directory objects of several kinds, saying of each of which kind it is."""
        # Hidden before they are filtered: a filter by what the caller may not read would tell it guess by guess.
        entities = map(self._readable, entities)
        if self.cast is not None:
            return self.collection(RESOURCES[self.cast], (entity for entity in entities if entity.kind is self.cast))
        self._check(_ANY_OBJECT)
        return self._listing(_ANY_OBJECT, self._matching(entities), self._typed)

    def whole_collection(self, resource: Resource, entities: Iterable[Entity]) -> JsonObject:
        """Answer with all objects of a set that is small enough to need no pages."""
        if self.query.top is not None and resource.type_name in _WITHOUT_PAGES:
            raise errors.no_page_sizes()
        if self.query.top is not None:
            raise errors.not_implemented(f"the query option '$top' on {resource.set_name}")
        self._check(resource)
        matching = list(self._matching(entities))
        return self._body(resource, matching, len(matching) if self._counts(resource) else None, None, self._rendered)

    @property
    def root(self) -> str:
        """The address of the version that is asked."""
        return f"{self.origin}/{self.version}"

    def _check_skip(self, resource: Resource) -> None:
        if self.query.skips and resource.type_name in DIRECTORY_OBJECTS | {advanced_queries.MIXED}:
            raise errors.skip_not_supported()
        if self.query.skips:
            raise errors.not_implemented("the query option '$skip'")

    def _check(self, resource: Resource) -> None:
        self._check_skip(resource)
        resource = resource.in_version(self.version)
        resource.check_names(self.query.select)
        resource.check_names(tuple(order.property for order in self.query.order))
        resource.check_names(tuple(self.query.search.names()))
        for use in self.query.where.uses():
            resource.check_use(use)
        self._check_expansion(resource)
        advanced_queries.check(resource, self.query, eventual=self.eventual)

    def _check_single(self, resource: Resource) -> None:
        self._check_skip(resource)
        resource.in_version(self.version).check_names(self.query.select)
        self._check_expansion(resource)
        query = self.query
        if query.where or query.count or query.top is not None or query.order or query.search:
            raise errors.malformed("Query options other than $select and $expand are not allowed on a single object.")

    def _check_expansion(self, resource: Resource) -> None:
        selected = self.query.expanded_select
        for relation in self._expansions():
            if resource.expands(relation) and not selected:
                continue
            if (resource.type_name, relation) in _EXPANDABLE:
                _ANY_OBJECT.in_version(self.version).check_names(selected)
                continue
            if relation in _BY_ID and relation in resource.not_kept and _BY_ID[relation][0] in resource.properties:
                _BY_ID[relation][1].in_version(self.version).check_names(selected)
                continue
            if relation in _NAMING and relation in resource.not_kept:
                RESOURCES[_NAMING[relation][0]].check_names(selected)
                continue
            if relation.isidentifier() and relation not in resource.not_kept:
                raise resource.unknown(relation)
            raise errors.not_implemented(f"'$expand={relation}' on {resource.set_name}")

    def _expansions(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.query.expand.split(",")) if self.query.expand else ()

    def _matching(self, entities: Iterable[Entity]) -> Iterator[Entity]:
        where, search = self.query.where, self.query.search
        return (
            entity
            for entity in map(self._as_listed, entities)
            if where.matches(entity.document) and search.matches(entity.document)
        )

    def _counts(self, resource: Resource) -> bool:
        """Whether a listing says how long it is.

        Only its first page does. Of directory objects it does so only with the header, and says nothing otherwise.
        """
        may_count = self.eventual or not advanced_queries.supported_on(resource)
        return self.query.count and self.query.is_first_page and may_count

    def _listing(self, resource: Resource, entities: Iterable[Entity], render: _Render) -> JsonObject:
        count = None
        entities = odata.ordered(entities, self.query)
        if self._counts(resource):
            entities = list(entities)
            count = len(entities)
        entities, following = odata.page(entities, self.query.top or odata.PAGE_SIZE)
        return self._body(resource, entities, count, following, render)

    def _body(
        self, resource: Resource, entities: list[Entity], count: int | None, following: int | None, render: _Render
    ) -> JsonObject:
        answer: JsonObject = {"@odata.context": f"{self.root}/$metadata#{resource.set_name}"}
        if count is not None:
            answer["@odata.count"] = count
        if following is not None:
            answer["@odata.nextLink"] = f"{self.origin}{quote(self.path, safe=_PLAIN)}?{self._options(following)}"
        answer["value"] = [render(entity) for entity in entities]
        return answer

    def _options(self, following: int) -> str:
        query = self.query
        options: dict[str, str | int] = {}
        if query.select:
            options["$select"] = ",".join(query.select)
        if query.where:
            options["$filter"] = str(query.where)
        if query.search:
            options["$search"] = str(query.search)
        if query.order:
            options["$orderby"] = ",".join(map(str, query.order))
        if query.count:
            options["$count"] = "true"
        if query.expand is not None:
            shown = f"($select={','.join(query.expanded_select)})" if query.expanded_select else ""
            options["$expand"] = f"{query.expand}{shown}"
        if query.top is not None:
            options["$top"] = query.top
        return urlencode({**options, "$skiptoken": following})

    def _rendered(self, entity: Entity) -> JsonObject:
        shown = self._selected(RESOURCES[entity.kind], self._as_listed(entity).document)
        return {**shown, **self._expanded(entity)}

    def _related(self, entity: Entity) -> JsonObject:
        """Return an object that another one refers to: by its type and id alone, if the caller may not read it."""
        return self._typed(self._readable(entity))

    def _as_listed(self, entity: Entity) -> Entity:
        """Return an object with what the caller may read of those it may list: a part of users alone."""
        return self._readable(entity) if entity.kind is Kind.USER else entity

    def _readable(self, entity: Entity) -> Entity:
        """Return an object with only what the caller may read of its kind, and everything else blank."""
        names = visible(entity.kind, self.held)
        if names is None:
            return entity
        declared = RESOURCES[entity.kind].properties
        document = {
            name: declared[name].blank if name in declared and name not in names else value
            for name, value in entity.document.items()
        }
        return replace(entity, document=document)

    def _selected(self, resource: Resource, document: JsonObject) -> JsonObject:
        names, known = self.query.select, resource.in_version(self.version)
        known.check_names(names)
        shown = resource.expands(self.query.expand)
        hidden = resource.on_request | (resource.properties.keys() - known.properties.keys())
        document = {name: value for name, value in document.items() if name not in resource.related - shown}
        if not names and self.version == _VERSION_WITH_DEFAULT_SELECTION:
            names = resource.default_selection
        if not names:
            return _without_keys({name: value for name, value in document.items() if name not in hidden})
        # What is of a derived type says so, whatever is selected, and what is changed by its etag has that.
        always = [name for name in (_TYPE, ETAG, *sorted(shown)) if name in document]
        for name in resource.known_of_some.intersection(names) - document.keys():
            raise errors.not_implemented(f"the property '{name}' of '{document['displayName']}'")
        left_out = {name for name in resource.on_request if document.get(name) is None}
        return _without_keys({name: document.get(name) for name in (*always, *names) if name not in left_out})

    def _typed(self, entity: Entity) -> JsonObject:
        resource = RESOURCES[entity.kind]
        kept = resource.in_version(self.version).properties
        known = tuple(name for name in self.query.select if name in kept)
        if self.query.select:
            shown: JsonObject = {name: entity.document.get(name) for name in known}
        else:
            shown = self._selected(resource, entity.document)
        return {"@odata.type": f"#microsoft.graph.{resource.type_name}", **shown}

    def _expanded(self, entity: Entity) -> JsonObject:
        """Return what `$expand` asks for with an object: twenty references at most, as in Microsoft Graph."""
        shown: JsonObject = {}
        unselected = replace(self, query=odata.Query(select=self.query.expanded_select))
        for relation in self._expansions():
            if RESOURCES[entity.kind].expands(relation):
                continue  # The document has it within it.
            if relation in _BY_ID:
                name, _, find = _BY_ID[relation]
                target = find(self.tenant, str(entity.document[name]))
                shown[relation] = None if target is None else unselected._of_its_kind(target)
                continue
            if relation in _NAMING:
                kind, name = _NAMING[relation]
                naming = (one for one in self.tenant.scan(kind) if one.document[name] == entity.id)
                shown[relation] = [unselected._rendered(one) for one in islice(naming, _MOST_EXPANDED)]
                continue
            targets = islice(self.tenant.targets(entity.id, Relation(relation)), _MOST_EXPANDED)
            listed: list[JsonValue] = [unselected._related(target) for target in targets]
            if _EXPANDABLE[entity.kind, relation]:
                shown[relation] = listed
            elif listed:
                shown[relation] = listed[0]
        return shown

    def _of_its_kind(self, entity: Entity) -> JsonObject:
        """An object with its type, where it could be of several."""
        if entity.kind is Kind.ROLE_DEFINITION:
            return self._selected(RESOURCES[entity.kind], entity.document)
        return self._related(entity)

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


def _without_keys(shown: JsonObject) -> JsonObject:
    """Leave out the public part of keys, which Microsoft Graph shows only where it is selected of a single object."""
    keys = shown.get("keyCredentials")
    if not isinstance(keys, list) or not keys:
        return shown
    return {**shown, "keyCredentials": [{**key, "key": None} for key in keys if isinstance(key, dict)]}


def found(entity: Entity | None, name: str, kinds: Collection[Kind] = DIRECTORY_OBJECTS) -> Entity:
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


@dataclass(frozen=True)
class Located:
    """An answer with a `Location` header: where to find what was made, or how far something is that takes time."""

    body: JsonObject
    path: str
    takes_time: bool = False
    """Whether what was asked for has only begun (202), and is to be looked at again."""


Answered: TypeAlias = JsonObject | int | Located | None
"""What an endpoint answers: a body, a number alone, a body with an address, or nothing."""

Answer = TypeVar("Answer", bound=Callable[[Call], Answered])


@dataclass(frozen=True)
class Endpoint:
    """A method on a path below the version, what it takes, and the function that answers it."""

    method: str
    path: str
    answer: Callable[[Call], Answered]
    requires: Requirement
    activity: Activity | None = None
    """None for a request that changes nothing."""
    status: int = 0
    """The status of an answer with a body, where it is not what the method says."""
    needs_body: bool = True
    """Whether a request that writes is refused without a body."""
    binary: bool = False
    """Whether the body is not JSON: the call has it as it came."""
    licence: Licence | None = None
    """The licence without which the tenant is refused."""
    sensitive: tuple[Action, ...] = ()
    """The sensitive actions on an account that the request can be; one on a property counts where the body sets it."""
    counted: bool = False
    """Whether `$count` is answered below the path of this listing."""
    for_people: bool = False
    """Whether signed-in people are answered, and not applications alone."""
    casts: tuple[Kind, ...] = ()
    """The kinds by which this listing of several is answered, too: `/members/microsoft.graph.user`."""

    def casting(self, kind: Kind) -> "Endpoint":
        """Return the endpoint that answers with what is of one kind in this listing."""

        def answer(call: Call) -> Answered:
            return self.answer(replace(call, cast=kind))

        # The last part of the path says whether the listing goes through groups in groups.
        is_transitive = self.path.rpartition("/")[2].startswith("transitive")
        return replace(
            self,
            path=f"{self.path}/microsoft.graph.{kind}",
            answer=_advanced(answer) if is_transitive else answer,
            casts=(),
        )

    def counting(self) -> "Endpoint":
        """Return the endpoint that answers with how many objects are in this listing, as a number alone."""

        def answer(call: Call) -> int:
            if not call.eventual:
                raise errors.needs_eventual_consistency()
            listed = self.answer(replace(call, query=replace(call.query, count=True, after=0, skip=0)))
            count = listed["@odata.count"] if isinstance(listed, dict) else None
            if not isinstance(count, int):
                raise TypeError(f"{self.path} is not a listing that counts")
            return count

        # Counting takes what listing takes.
        return Endpoint("GET", f"{self.path}/$count", answer, self.requires)


def _advanced(answer: Callable[[Call], Answered]) -> Callable[[Call], Answered]:
    """Answer an advanced query, and refuse any other."""

    def checked(call: Call) -> Answered:
        if not (call.eventual and call.query.count):
            raise errors.cast_needs_advanced_query()
        return answer(call)

    return checked


class Endpoints(list[Endpoint]):
    """The endpoints of a family, which are declared at the functions that answer them."""

    def __init__(self, category: Category = Category.DIRECTORY) -> None:
        """`category` is what the family's changes are counted among, where one does not say otherwise."""
        super().__init__()
        self._category = category

    def get(
        self,
        path: str,
        requires: Requirement,
        *,
        counted: bool = False,
        casts: tuple[Kind, ...] = (),
        licence: Licence | None = None,
    ) -> Callable[[Answer], Answer]:
        """Declare a request that reads."""
        return self._declare(
            lambda answer: Endpoint("GET", path, answer, requires, licence=licence, counted=counted, casts=casts)
        )

    def ask(self, path: str, requires: Requirement) -> Callable[[Answer], Answer]:
        """Declare a request that only reads, though it is a POST: what it asks for stands in a body."""
        return self._declare(lambda answer: Endpoint("POST", path, answer, requires, status=200))

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
        binary: bool = False,
        licence: Licence | None = None,
        sensitive: tuple[Action, ...] = (),
    ) -> Callable[[Answer], Answer]:
        """Declare a request that changes something; the audit trail calls it `activity`."""
        noted = Activity(activity, category or self._category)
        return self._declare(
            lambda answer: Endpoint(
                method,
                path,
                answer,
                requires,
                noted,
                status,
                needs_body,
                binary,
                licence=licence,
                sensitive=sensitive,
            )
        )

    def _declare(self, endpoint: Callable[[Answer], Endpoint]) -> Callable[[Answer], Answer]:
        def declare(answer: Answer) -> Answer:
            self.append(endpoint(answer))
            return answer

        return declare
