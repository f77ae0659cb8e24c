"""The shapes of the models' fields, for those that speak of a tenant in other words than YAML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel


class Kind(Enum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    LIST = "list"
    MAP = "map"
    RECORD = "record"


@dataclass(frozen=True)
class Shape:
    """What a field holds, and what is inside."""

    kind: Kind
    inner: "Shape | None" = None
    """Of a list its entries, of a map its values."""
    model: type[BaseModel] | None = None
    """Of a record, the model with its fields."""
    choices: tuple[str, ...] = ()
    """Of a text, what it may be where that is a closed list; of a map, what its keys may be."""

    @property
    def fields(self) -> Mapping[str, "Shape"]:
        """A record's fields by the models' names, in order; nothing of other shapes."""
        return _fields_of(self.model) if self.model else {}

    def at(self, step: str | int) -> "Shape | None":
        """The shape of what stands under a field, key or index; None of an unknown field."""
        return self.fields.get(str(step)) if self.kind is Kind.RECORD else self.inner


@cache
def _fields_of(model: type[BaseModel]) -> Mapping[str, Shape]:
    return {name: shape_of(field.annotation) for name, field in model.model_fields.items()}


def shape_of(annotation: Any) -> Shape:
    """The shape of a type that a model's field has; optional ones are like others.

    Raises :class:`TypeError` for a type that has no shape here: a new kind of field needs a decision, not a guess.
    """
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shape_of(inside[0])
    if origin in (Union, UnionType):
        return _union([kind for kind in inside if kind is not NoneType])
    if origin is dict:
        return Shape(Kind.MAP, shape_of(inside[1]), choices=shape_of(inside[0]).choices)
    if origin in (tuple, frozenset):
        return Shape(Kind.LIST, shape_of(inside[0]))
    return _plain(annotation)


def _union(kinds: list[Any]) -> Shape:
    shapes = [shape_of(kind) for kind in kinds]
    if len(shapes) == 1:
        return shapes[0]
    if all(shape.choices for shape in shapes):
        return Shape(Kind.TEXT, choices=tuple(choice for shape in shapes for choice in shape.choices))
    raise TypeError(f"a field of several kinds: {kinds}")


def _plain(kind: Any) -> Shape:
    if isinstance(kind, type):
        if issubclass(kind, BaseModel):
            return Shape(Kind.RECORD, model=kind)
        if issubclass(kind, StrEnum):
            return Shape(Kind.TEXT, choices=tuple(choice.value for choice in kind))
        plain = {str: Kind.TEXT, int: Kind.NUMBER, bool: Kind.FLAG, date: Kind.DAY}
        if kind in plain:
            return Shape(plain[kind])
    raise TypeError(f"a field without a shape: {kind!r}")
