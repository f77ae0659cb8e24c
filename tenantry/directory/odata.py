"""The query options of OData that the directory answers: `$select`, `$filter`, `$top`, and paging.

A filter is one or more clauses joined by `and`, where a clause is `property eq literal`, `property ne literal`
or `startsWith(property, 'text')`, and a literal is a quoted text (a quote in it doubled), `true`, `false` or
`null`. Whatever else OData has is refused as not implemented, and what is no OData as malformed: a filter is
never passed over. Source: the OData 4.01 URL conventions and Microsoft Graph's page on query parameters.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, Protocol, TypeVar

from . import errors
from .documents import JsonObject

PAGE_SIZE: Final = 100
_LARGEST_PAGE: Final = 999

_OPTIONS: Final = frozenset(
    {"select", "filter", "top", "skiptoken", "skip", "count", "expand", "orderby", "search", "format", "apply"}
)

Literal = str | bool | None


class Operator(StrEnum):
    """How a clause compares."""

    EQ = "eq"
    NE = "ne"
    STARTS_WITH = "startsWith"


@dataclass(frozen=True)
class Clause:
    """One condition on one property."""

    property: str
    operator: Operator
    value: Literal

    def __str__(self) -> str:
        literal = _render(self.value)
        if self.operator is Operator.STARTS_WITH:
            return f"startsWith({self.property}, {literal})"
        return f"{self.property} {self.operator} {literal}"

    def matches(self, document: JsonObject) -> bool:
        """Whether an object fulfils the condition; texts compare without regard to case."""
        actual = document.get(self.property)
        if isinstance(actual, list | dict):
            raise errors.not_implemented(f"a filter on the property '{self.property}'")
        if self.operator is Operator.STARTS_WITH:
            prefix = self.value
            return (
                isinstance(actual, str) and isinstance(prefix, str) and actual.casefold().startswith(prefix.casefold())
            )
        if isinstance(actual, str) and isinstance(self.value, str):
            equal = actual.casefold() == self.value.casefold()
        else:
            equal = actual is self.value
        return equal is (self.operator is Operator.EQ)


@dataclass(frozen=True)
class Filter:
    """The clauses that an object must fulfil, all of them."""

    clauses: tuple[Clause, ...] = ()

    def __str__(self) -> str:
        return " and ".join(map(str, self.clauses))

    def matches(self, document: JsonObject) -> bool:
        """Whether an object fulfils every clause."""
        return all(clause.matches(document) for clause in self.clauses)

    def equals(self, name: str) -> str | None:
        """Return the text that a property must be equal to, where the filter says so: a way to an index."""
        for clause in self.clauses:
            if clause.property == name and clause.operator is Operator.EQ and isinstance(clause.value, str):
                return clause.value
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """The properties that the filter looks at."""
        return tuple(clause.property for clause in self.clauses)


@dataclass(frozen=True)
class Query:
    """The query options of a request. `after` is the position behind which the page begins."""

    select: tuple[str, ...] = ()
    where: Filter = Filter()
    top: int | None = None
    after: int = 0


class Positioned(Protocol):
    """Something that has a place in a listing."""

    @property
    def position(self) -> int:
        """The place, above zero and rising through the listing."""


Item = TypeVar("Item", bound=Positioned)


def page(items: Iterable[Item], size: int) -> tuple[list[Item], int | None]:
    """Return the first items and, if there are more, the position behind which the next page begins."""
    taken = list(islice(items, size + 1))
    if len(taken) <= size:
        return taken, None
    return taken[:size], taken[size - 1].position


def parse_query(parameters: Mapping[str, str]) -> Query:
    """Read a request's query; the `$` of an option may be missing, as in Microsoft Graph."""
    options: dict[str, str] = {}
    for written, value in parameters.items():
        name = written.removeprefix("$").lower()
        if name in _OPTIONS:
            options[name] = value
        elif written.startswith("$"):
            raise errors.not_implemented(f"the query option '{written}'")
    select, where = options.pop("select", ""), options.pop("filter", None)
    top, after = options.pop("top", None), options.pop("skiptoken", "0")
    for name in options:
        raise errors.not_implemented(f"the query option '${name}'")
    if top is not None and not (top.isascii() and top.isdigit() and 1 <= int(top) <= _LARGEST_PAGE):
        raise errors.malformed(f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise errors.malformed("The skip token is invalid.")
    return Query(
        select=tuple(name.strip() for name in select.split(",")) if select else (),
        where=Filter() if where is None else parse_filter(where),
        top=None if top is None else int(top),
        after=int(after),
    )


_TOKEN: Final = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>\w[\w/.\-]*)|(?P<mark>[(),:]))")
_CONSTANTS: Final[Mapping[str, Literal]] = {"true": True, "false": False, "null": None}


def parse_filter(text: str) -> Filter:
    """Read a filter, or refuse it."""
    tokens = list(_tokens(text))
    clauses: list[Clause] = []
    while True:
        match tokens:
            case [
                ("word", function),
                ("mark", "("),
                ("word", name),
                ("mark", ","),
                ("text", prefix),
                ("mark", ")"),
                *rest,
            ] if function.lower() == "startswith":
                clauses.append(Clause(name, Operator.STARTS_WITH, _unquote(prefix)))
            case [("word", name), ("word", "eq" | "ne" as operator), ("text", value), *rest]:
                clauses.append(Clause(name, Operator(operator), _unquote(value)))
            case [("word", name), ("word", "eq" | "ne" as operator), ("word", constant), *rest] if (
                constant in _CONSTANTS
            ):
                clauses.append(Clause(name, Operator(operator), _CONSTANTS[constant]))
            case _:
                raise errors.not_implemented(f"the filter {text!r}")
        if not rest:
            return Filter(tuple(clauses))
        if rest[0] != ("word", "and"):
            raise errors.not_implemented(f"the filter {text!r}")
        tokens = rest[1:]


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None or token.lastgroup is None:
            raise errors.malformed(f"Invalid filter clause: syntax error at position {position} in {text!r}.")
        yield token.lastgroup, token[token.lastgroup]
        position = token.end()


def _render(value: Literal) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return {True: "true", False: "false", None: "null"}[value]


def _unquote(literal: str) -> str:
    return literal[1:-1].replace("''", "'")
