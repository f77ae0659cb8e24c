"""Microsoft Graph's published schema, as far as a directory's requests reach: which names exist, and of which type.

What exists there and is not kept here is answered as not implemented; only what exists nowhere is a mistake. Facts
alone: names and types of v1.0, and the names that beta has beside them; ``source`` in ``data/graph-schema.json`` says
where they are from. A type is written as ``String``, ``Collection(String)`` or ``object`` (of some complex type), with
a ``!`` where it is never null.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

_COLLECTION: Final = re.compile(r"Collection\((?P<type>.+)\)")
_KEY: Final = re.compile(r"\(.*\)")
_NAMESPACE: Final = "microsoft.graph."
_SYSTEM_SEGMENTS: Final = frozenset({"$batch", "$count", "$entity", "$metadata", "$query", "$ref", "$value"})


class GraphType(BaseModel):
    """An entity type, with what it inherits left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = ""
    properties: Mapping[str, str] = {}
    navigation: Mapping[str, str] = {}
    operations: frozenset[str] = frozenset()
    collection_operations: frozenset[str] = Field(frozenset(), alias="collectionOperations")


class _Schema(BaseModel):
    """The file."""

    source: str
    roots: Mapping[str, str]
    types: Mapping[str, GraphType]


@cache
def _schema() -> _Schema:
    text = files("tenantry").joinpath("data", "graph-schema.json").read_text(encoding="utf-8")
    return _Schema.model_validate(json.loads(text))


def lineage(type_name: str) -> Iterator[GraphType]:
    """Yield a type and those that it inherits from; nothing where the schema that is kept here lacks it."""
    known = _schema().types.get(type_name)
    while known is not None:
        yield known
        known = _schema().types.get(known.base)


def properties(type_name: str) -> dict[str, str]:
    """Return the properties of a type, inherited ones among them, with their types."""
    return {name: kind for known in lineage(type_name) for name, kind in known.properties.items()}


def relationships(type_name: str) -> dict[str, str]:
    """Return the relationships of a type, inherited ones among them, with the types that they lead to."""
    return {name: kind for known in lineage(type_name) for name, kind in known.navigation.items()}


@cache
def names(type_name: str) -> frozenset[str]:
    """Return the names of all properties and relationships of a type, inherited ones among them."""
    return frozenset(name for known in lineage(type_name) for name in (*known.properties, *known.navigation))


def spelled(name: str) -> str:
    """Return a property's name, or a path of them, as the schema spells it: Microsoft Graph takes them in any case."""
    return "/".join(_spellings().get(part.lower(), part) for part in name.split("/"))


@cache
def _spellings() -> Mapping[str, str]:
    types = _schema().types
    every = [name for known in types.values() for name in (*known.navigation, *known.properties)]
    return {name.lower(): name for name in every}


def is_key(segment: str) -> bool:
    """Whether a part of a path can be an object's id, and is no operation, cast or system segment."""
    name = _KEY.sub("", segment).lower()
    return not name.startswith(("$", _NAMESPACE)) and name not in _collection_operations()


@cache
def _collection_operations() -> frozenset[str]:
    return frozenset(name.lower() for known in _schema().types.values() for name in known.collection_operations)


def unknown_segment(path: str) -> str | None:
    """Return the first part of a path below the version that exists nowhere in Microsoft Graph.

    None if all of them exist, or if the path leaves the types that the schema here has.
    """
    place = _Place(_schema().roots)
    for segment in path.strip("/").split("/"):
        following = place.follow(segment)
        if following is None:
            return segment
        if following.is_beyond:
            return None
        place = following
    return None


@dataclass(frozen=True)
class _Place:
    """Where a path has led: to an object, or to a collection of them."""

    links: Mapping[str, str] = field(default_factory=dict)
    """What can follow, with the type that it leads to."""
    item: str = ""
    """The type of the objects in a collection."""
    is_beyond: bool = False
    """Whether the schema here does not say what can follow."""

    def follow(self, segment: str) -> "_Place | None":
        """Return where the next part of a path leads; None if it exists nowhere."""
        if segment.lower() in _SYSTEM_SEGMENTS:
            return _Place(is_beyond=True)
        if segment.startswith("$"):
            return None
        name = _KEY.sub("", segment)
        cast = name.lower().startswith(_NAMESPACE)
        leads_to = {known.lower(): kind for known, kind in self.links.items()}.get(
            name[len(_NAMESPACE) :].lower() if cast else name.lower()
        )
        if leads_to is not None:
            place = _place(leads_to)
            return _place(place.item) if place.item and name != segment else place
        if cast:
            types = {known.lower(): known for known in _schema().types}
            kind = types.get(name[len(_NAMESPACE) :].lower())
            return None if kind is None else _place(f"Collection({kind})" if self.item else kind)
        # What follows a collection and is no operation is the key of an object in it.
        return _place(self.item) if self.item else None


def _place(kind: str) -> _Place:
    collection = _COLLECTION.fullmatch(kind)
    known = list(lineage(collection["type"] if collection else kind))
    if not known:
        return _Place(is_beyond=True)
    if collection:
        operations = {name: "" for each in known for name in each.collection_operations}
        return _Place(operations, item=collection["type"])
    links = {name: "" for each in known for name in (*each.properties, *each.operations)}
    return _Place(links | {name: target for each in known for name, target in each.navigation.items()})
