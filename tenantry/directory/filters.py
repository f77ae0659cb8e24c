"""`$filter`: what a request says that the objects of a listing must fulfil.

Answered are `eq`, `ne`, `in`, `startsWith(property, 'text')`, `endsWith(property, 'text')`, `property/any(x: …)` on a
list of texts, joined by `and`, `or`, `not` and parentheses; a literal is a quoted text (a quote in it doubled), a GUID,
`true`, `false`, `null` or an integer. Words of the language are read in any case, as Microsoft Graph reads them.
Whatever else OData has is refused as not implemented, and what is no OData as malformed: a filter is never passed over.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Final, Protocol

from tenantry.spelling import folded

from . import errors
from .documents import JsonObject
from .graph_schema import spelled
from .identifiers import is_guid
from .token_reader import TokenReader

Literal = str | bool | int | None


class Operator(StrEnum):
    """How a comparison compares."""

    EQ = "eq"
    NE = "ne"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"


@dataclass(frozen=True)
class Use:
    """A value that a filter compares a property with, or each text of the property where that is a list."""

    property: str
    value: Literal
    in_list: bool = False
    operator: Operator = Operator.EQ
    negated: bool = False
    """Whether it stands behind a `not`."""


class _Condition(Protocol):
    """What an object fulfils or does not."""

    def matches(self, document: JsonObject) -> bool:
        """Whether an object fulfils the condition."""

    def uses(self) -> Iterator[Use]:
        """Yield what the condition compares with what."""


@dataclass(frozen=True)
class _Comparison:
    """A property and a value; texts compare without regard to case and Unicode form."""

    property: str
    operator: Operator
    value: Literal

    def matches(self, document: JsonObject) -> bool:
        actual, value = _folded(document.get(self.property)), _folded(self.value)
        if self.operator is Operator.STARTS_WITH:
            return isinstance(actual, str) and isinstance(value, str) and actual.startswith(value)
        if self.operator is Operator.ENDS_WITH:
            return isinstance(actual, str) and isinstance(value, str) and actual.endswith(value)
        # Truth is no number here, though Python has it so.
        equal = type(actual) is type(value) and actual == value
        return equal is (self.operator is Operator.EQ)

    def uses(self) -> Iterator[Use]:
        yield Use(self.property, self.value, operator=self.operator)


@dataclass(frozen=True)
class _AnyOf:
    """`property/any(variable: item)`: one text of a list, at least, fulfils a condition on the variable."""

    property: str
    variable: str
    item: _Condition

    def matches(self, document: JsonObject) -> bool:
        texts = document.get(self.property)
        return isinstance(texts, list) and any(self.item.matches({self.variable: text}) for text in texts)

    def uses(self) -> Iterator[Use]:
        return (replace(use, property=self.property, in_list=True) for use in self.item.uses())


@dataclass(frozen=True)
class _Several:
    """Conditions that are joined."""

    parts: tuple[_Condition, ...] = ()

    def uses(self) -> Iterator[Use]:
        return chain.from_iterable(part.uses() for part in self.parts)


@dataclass(frozen=True)
class _And(_Several):
    """All conditions hold; without any, every object does."""

    def matches(self, document: JsonObject) -> bool:
        return all(part.matches(document) for part in self.parts)


@dataclass(frozen=True)
class _Or(_Several):
    """One of the conditions holds at least."""

    def matches(self, document: JsonObject) -> bool:
        return any(part.matches(document) for part in self.parts)


@dataclass(frozen=True)
class _Not:
    """The contrary of a condition."""

    part: _Condition

    def matches(self, document: JsonObject) -> bool:
        return not self.part.matches(document)

    def uses(self) -> Iterator[Use]:
        return (replace(use, negated=True) for use in self.part.uses())


@dataclass(frozen=True)
class Filter:
    """A condition with the text that it was read from; without a text, every object fulfils it."""

    text: str = ""
    condition: _Condition = _And()

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)

    def matches(self, document: JsonObject) -> bool:
        """Whether an object fulfils the condition."""
        return self.condition.matches(document)

    def uses(self) -> Iterator[Use]:
        """Yield what the filter compares with what."""
        return self.condition.uses()

    def equals(self, name: str) -> str | None:
        """Return the text that a property must be equal to, where the filter says so: a way to an index."""
        waiting = [self.condition]
        while waiting:
            match waiting.pop():
                case _And(parts):
                    waiting += parts
                case _Comparison(property, Operator.EQ, str(value)) if property == name:
                    return value
        return None


def parse_filter(text: str) -> Filter:
    """Read a filter, or refuse it."""
    return Filter(text, _Reader(text, _TOKEN).read())


_TOKEN: Final = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>-?\w[\w/.\-]*)|(?P<mark>[(),:]))")
_NAME: Final = re.compile(r"[A-Za-z_][\w/.]*")
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_CONSTANTS: Final[Mapping[str, Literal]] = {"true": True, "false": False, "null": None}
_FUNCTIONS: Final = {operator.lower(): operator for operator in (Operator.STARTS_WITH, Operator.ENDS_WITH)}
_OTHER_OPERATORS: Final = frozenset({"gt", "ge", "lt", "le", "has", "add", "sub", "mul", "div", "divby", "mod"})


class _Reader(TokenReader):
    """One method for each rule of the grammar."""

    def read(self) -> _Condition:
        condition = self._alternatives()
        self._expect_end()
        return condition

    def _alternatives(self) -> _Condition:
        parts = self._parted("or", self._conjunction)
        return _Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def _conjunction(self) -> _Condition:
        parts = self._parted("and", self._condition)
        return _And(tuple(parts)) if len(parts) > 1 else parts[0]

    def _condition(self) -> _Condition:
        with self._nested():
            if self._took("("):
                inner = self._alternatives()
                self._expect(")")
                return inner
            return self._negation() if self._took("not") else self._about_a_property()

    def _negation(self) -> _Condition:
        # `not` binds more tightly than `eq`: without parentheses it would be the property's alone.
        is_called = self._tokens[self._at + 1 : self._at + 2] == [("mark", "(")]
        if self._next[0] == "word" and not is_called and not self._is("not"):
            raise self._unknown()
        return _Not(self._condition())

    def _about_a_property(self) -> _Condition:
        name = spelled(self._name())
        if self._took("("):
            return self._call(name)
        operator = self._name().lower()
        match operator:
            case "eq" | "ne":
                return _Comparison(name, Operator(operator), self._literal())
            case "in":
                self._expect("(")
                choices = [_Comparison(name, Operator.EQ, self._literal())]
                while self._took(","):
                    choices.append(_Comparison(name, Operator.EQ, self._literal()))
                self._expect(")")
                return _Or(tuple(choices))
            case operator if operator in _OTHER_OPERATORS:
                raise self._unknown()
            case _:
                raise errors.malformed(f"Invalid filter clause: {operator!r} is no operator in {self._text!r}.")

    def _call(self, function: str) -> _Condition:
        owner, _, last = function.rpartition("/")
        if owner and last.lower() == "any" and self._next != ("mark", ")"):
            variable = spelled(self._name())
            self._expect(":")
            item = self._alternatives()
            if any(use.property != variable or use.in_list for use in item.uses()):
                raise self._unknown()
            self._expect(")")
            return _AnyOf(owner, variable, item)
        operator = _FUNCTIONS.get(function.lower())
        if operator is None:
            raise self._unknown()
        name = spelled(self._name())
        if self._is("("):
            raise self._unknown()
        self._expect(",")
        text = self._literal()
        self._expect(")")
        return _Comparison(name, operator, text)

    def _name(self) -> str:
        kind, word = self._next
        if kind != "word":
            raise self._unknown() if kind == "text" else self._unexpected()
        if _NAME.fullmatch(word) is None:
            raise self._unknown()
        self._at += 1
        return word

    def _literal(self) -> Literal:
        kind, word = self._next
        if kind not in ("text", "word"):
            raise self._unexpected()
        self._at += 1
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if word.lower() in _CONSTANTS:
            return _CONSTANTS[word.lower()]
        if is_guid(word):
            return word
        if _INTEGER.fullmatch(word):
            return int(word)
        raise self._unknown()

    def _unknown(self) -> errors.GraphError:
        return errors.not_implemented(f"the filter {self._text!r}")

    def _refused(self, why: str) -> errors.GraphError:
        return errors.malformed(f"Invalid filter clause in {self._text!r}: {why}.")


def _folded(value: object) -> object:
    return folded(value) if isinstance(value, str) else value
