"""Complex types of Microsoft Graph's schema: what the parts of a property can be that is an object itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from .documents import JsonObject, JsonValue


class UnfitError(ValueError):
    """A value is not of the type that the schema gives it."""


class Form(Enum):
    """What the value of a property is made of."""

    TEXT = auto()
    TEXTS = auto()
    FLAGS = auto()
    """Several choices in one text, joined by commas."""
    SWITCH = auto()
    NUMBER = auto()
    OBJECTS = auto()


@dataclass(frozen=True)
class Value:
    """A property whose value is no object; without choices, every text will do."""

    form: Form
    choices: frozenset[str] = frozenset()

    def admits(self, value: JsonValue) -> bool:
        """Whether it can have this value."""
        if value is None:
            return self.form not in (Form.TEXTS, Form.OBJECTS)
        match self.form:
            case Form.TEXT:
                return self._knows([value])
            case Form.TEXTS:
                return isinstance(value, list) and self._knows(value)
            case Form.FLAGS:
                return isinstance(value, str) and self._knows(flag.strip() for flag in value.split(","))
            case Form.SWITCH:
                return isinstance(value, bool)
            case Form.NUMBER:
                return isinstance(value, int) and not isinstance(value, bool)
            case Form.OBJECTS:
                return isinstance(value, list) and all(isinstance(item, dict) for item in value)

    def _knows(self, texts: Iterable[JsonValue]) -> bool:
        return all(isinstance(text, str) and (not self.choices or text in self.choices) for text in texts)


@dataclass(frozen=True)
class Complex:
    """A complex type, by its properties."""

    properties: Mapping[str, "Value | Complex"]
    is_base: bool = False
    """Whether other types derive from it: then a value says of which it is, and has only what it was given."""

    def accept(self, value: JsonValue, before: JsonValue = None) -> JsonObject:
        """Return a value with every property; those that it does not name are as ``before``.

        Raises UnfitError for an unknown property, and for a value of another type.
        """
        if not isinstance(value, dict):
            raise UnfitError
        accepted = self._before(before)
        for name, item in value.items():
            declared = self.properties.get(name)
            if "@odata." in name:
                if self.is_base:
                    accepted[name] = item
            elif isinstance(declared, Complex):
                accepted[name] = None if item is None else declared.accept(item, accepted.get(name))
            elif declared is not None and declared.admits(item):
                accepted[name] = item
            else:
                raise UnfitError(name)
        return accepted

    def _before(self, before: JsonValue) -> JsonObject:
        if self.is_base:
            return {}
        blanks: JsonObject = {
            name: [] if isinstance(declared, Value) and not declared.admits(None) else None
            for name, declared in self.properties.items()
        }
        return {**blanks, **(before if isinstance(before, dict) else {})}


TEXT, TEXTS = Value(Form.TEXT), Value(Form.TEXTS)
SWITCH, NUMBER, OBJECTS = Value(Form.SWITCH), Value(Form.NUMBER), Value(Form.OBJECTS)


def one_of(choices: str) -> Value:
    """Return a text that is one of these words."""
    return Value(Form.TEXT, frozenset(choices.split()))


def some_of(choices: str) -> Value:
    """Return a list of texts that are among these words."""
    return Value(Form.TEXTS, frozenset(choices.split()))


def flags(choices: str) -> Value:
    """Return a text that joins some of these words."""
    return Value(Form.FLAGS, frozenset(choices.split()))
