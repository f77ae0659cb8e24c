"""How the properties of a resource are declared, and what follows from the declaration.

A family says once which properties its objects have. From that come the blank object that a new one starts as
(every property explicit: a client may tell a missing property from a null one), the check of a request's body,
and the check of the names in `$select` and `$filter`.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from . import errors, graph_schema
from .documents import JsonObject, JsonValue
from .filters import Use


class Shape(Enum):
    """The JSON that a property's value is made of."""

    TEXT = auto()
    FLAG = auto()
    NUMBER = auto()
    TEXTS = auto()
    OBJECT = auto()
    OBJECTS = auto()

    def admits(self, value: JsonValue) -> bool:
        """Whether a value, other than null, has this shape."""
        match self:
            case Shape.TEXT:
                return isinstance(value, str)
            case Shape.FLAG:
                return isinstance(value, bool)
            case Shape.NUMBER:
                return isinstance(value, int) and not isinstance(value, bool)
            case Shape.TEXTS:
                return isinstance(value, list) and all(isinstance(item, str) for item in value)
            case Shape.OBJECT:
                return isinstance(value, dict)
            case Shape.OBJECTS:
                return isinstance(value, list) and all(isinstance(item, dict) for item in value)


class Access(Enum):
    """Who may write a property, and when."""

    WRITABLE = auto()
    ON_CREATION = auto()
    READ_ONLY = auto()


@dataclass(frozen=True)
class Property:
    """One property of a resource."""

    shape: Shape = Shape.TEXT
    access: Access = Access.WRITABLE
    required: bool = False
    never_null: bool = False
    """Whether it always has a value, given or not."""
    longest: int | None = None
    """How many characters its text may have."""
    choices: frozenset[str] = frozenset()
    """The texts that it may have, where not every text will do."""

    @property
    def nullable(self) -> bool:
        """Whether it can be null: a list is empty instead."""
        return not self.required and not self.never_null and not self._is_list

    @property
    def _is_list(self) -> bool:
        return self.shape in (Shape.TEXTS, Shape.OBJECTS)

    @property
    def blank(self) -> JsonValue:
        """What it is where nobody gave it."""
        return [] if self._is_list and not self.required else None

    def admits(self, value: JsonValue) -> bool:
        """Whether it can have this value."""
        if value is None:
            return self.nullable
        return self.shape.admits(value) and not (self.longest and isinstance(value, str) and len(value) > self.longest)


@dataclass(frozen=True)
class Resource:
    """A kind of object: its type in Microsoft Graph's metadata, its set, and its properties."""

    type_name: str
    set_name: str
    properties: Mapping[str, Property]
    blanks: Mapping[str, JsonValue] = field(default_factory=dict)
    """What properties are where nobody gave them, if it is not null or an empty list."""
    default_selection: tuple[str, ...] = ()
    """What v1.0 returns without `$select`, where that is not everything."""
    on_request: frozenset[str] = frozenset()
    """Properties that are shown only to a `$select` that names them, and only where they are filled in."""
    related: frozenset[str] = frozenset()
    """Relationships that a document has within it, and an answer only where `$expand` names them."""
    types: tuple[str, ...] = ()
    """The types that the objects may have, where that is not the type alone."""

    beta_only: frozenset[str] = frozenset()
    """Properties that only beta has."""
    bound: frozenset[str] = frozenset()
    """Relationships that a body binds when it creates an object or changes one: `owners@odata.bind`."""
    bound_on_creation: frozenset[str] = frozenset()
    """Relationships that a body binds when it creates an object alone."""
    known_of_some: frozenset[str] = frozenset()
    """Properties that the directory knows of some objects alone, and shows of those."""

    @property
    def not_kept(self) -> frozenset[str]:
        """The properties and relationships of the type in Graph's published schema that the directory does not keep."""
        in_graph = (graph_schema.names(name) for name in (self.type_name, *self.types))
        return frozenset().union(*in_graph) - self.properties.keys() - self.related

    def in_version(self, version: str) -> "Resource":
        """Return the resource as a version of Microsoft Graph has it."""
        if version == "beta" or not self.beta_only:
            return self
        known = {name: declared for name, declared in self.properties.items() if name not in self.beta_only}
        return replace(self, properties=known)

    @property
    def title(self) -> str:
        """The name that error messages use: `User`."""
        return self.type_name[0].upper() + self.type_name[1:]

    def blank(self) -> JsonObject:
        """Return an object of this kind with every property present and nothing filled in."""
        return {name: deepcopy(self.blanks.get(name, declared.blank)) for name, declared in self.properties.items()}

    def expands(self, expansion: str | None) -> frozenset[str]:
        """Return which of its relationships an `$expand` names; none, if it names another."""
        if expansion is None:
            return frozenset()
        names = {part.removesuffix("($expand=rules)") for part in expansion.split(",")}
        return self.related if names == {"*"} else frozenset(names) if names <= self.related else frozenset()

    def check_names(self, names: tuple[str, ...]) -> None:
        """Refuse a property name in a query that the directory does not keep of this resource."""
        for name in names:
            if name not in self.properties:
                raise self.unknown(name)

    def unknown(self, name: str) -> errors.GraphError:
        """Return the refusal of a property that is not kept: it is unknown only if Graph does not have it either."""
        first, _, nested = name.partition("/")
        if first in self.properties and nested:
            return errors.not_implemented(f"the nested property '{name}' in a query")
        if first in self.properties or first in (self.not_kept | self.related) - self.beta_only:
            return errors.not_implemented(f"the property '{first}' of the type 'microsoft.graph.{self.type_name}'")
        return self.missing(first)

    def _unbound(self, relation: str) -> errors.GraphError:
        """Return the refusal of a reference that a body binds and no family reads."""
        if relation in graph_schema.relationships(self.type_name):
            return errors.not_implemented(f"'{relation}@odata.bind' in this request")
        return errors.unknown_property(relation, self.type_name)

    def missing(self, name: str) -> errors.GraphError:
        """Return the refusal of a property that Microsoft Graph does not have."""
        return errors.malformed(f"Could not find a property named '{name}' on type 'microsoft.graph.{self.type_name}'.")

    def check_use(self, use: Use) -> None:
        """Refuse a filter that compares a property with what it can never be."""
        self.check_names((use.property,))
        shape = self.properties[use.property].shape
        if use.in_list is not (shape is Shape.TEXTS) or shape in (Shape.OBJECT, Shape.OBJECTS):
            raise errors.not_implemented(f"this filter on the property '{use.property}'")
        fitting = {Shape.FLAG: bool, Shape.NUMBER: int}.get(shape, str)
        if use.value is not None and type(use.value) is not fitting:
            raise errors.malformed(
                "A binary operator with incompatible types was detected: the property "
                f"'{use.property}' is not to be compared with {use.value!r}."
            )

    def refuse_empty(self, given: JsonObject) -> None:
        """Refuse empty texts, as field reports say of users and groups: null takes a value away."""
        for name, value in given.items():
            if value == "":
                raise errors.invalid_value(name, self.title)

    def accept(self, body: JsonObject, *, creating: bool) -> JsonObject:
        """Return the properties that a request's body sets, or refuse it.

        OData annotations are not properties and are left out: `@odata.type`, and references such as
        `owners@odata.bind`, which the families read themselves.
        """
        for name in body:
            relation, _, annotation = name.partition("@odata.")
            if annotation == "bind" and relation not in self.bound | (self.bound_on_creation if creating else set()):
                raise self._unbound(relation)
        given = {name: value for name, value in body.items() if "@odata." not in name}
        for name, value in given.items():
            declared = self.properties.get(name)
            if declared is None and name in self.not_kept:
                raise self.unknown(name)
            if declared is None:
                raise errors.unknown_property(name, self.type_name)
            if declared.access is Access.READ_ONLY or (declared.access is Access.ON_CREATION and not creating):
                raise errors.bad_request(f"Property '{name}' is read-only and cannot be set.")
            if declared.required and value is None:
                raise errors.value_required(name, self.title)
            if not declared.admits(value):
                raise errors.invalid_value(name, self.title)
        if creating:
            for name, declared in self.properties.items():
                if declared.required and given.get(name) in (None, ""):
                    raise errors.value_required(name, self.title)
        for name, value in given.items():
            choices = self.properties[name].choices
            if choices and isinstance(value, str) and value not in choices:
                raise errors.invalid_value(name, self.title)
        return given
