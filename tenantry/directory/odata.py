"""The query options of OData that the directory answers, `$select`, `$filter` and `$orderby` among them, and paging.

A filter is read by `filters`, a search by `searches`. Whatever else OData has is refused as not implemented, and what
is no OData as malformed. Source: the OData 4.01 URL conventions and Microsoft Graph's page on query parameters.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from tenantry.spelling import folded

from . import errors
from .documents import JsonValue
from .filters import Filter, parse_filter
from .graph_schema import spelled
from .searches import Search, parse_search
from .tenant import Entity

PAGE_SIZE: Final = 100
_LARGEST_PAGE: Final = 999

_OPTIONS: Final = frozenset(
    {"select", "filter", "top", "skiptoken", "skip", "count", "expand", "orderby", "search", "format", "apply"}
    | {"compute", "deltatoken", "index", "schemaversion"}
)
# What is shown of the objects that an expansion adds: `members($select=id,displayName)`.
_RELATIONS: Final = re.compile(r"[\w, ]+")
_EXPANSION: Final = re.compile(r"(?P<relation>\w+)\(\$select=(?P<names>[\w, ]+)\)")
_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_ORDER: Final = re.compile(r"(?P<name>[A-Za-z][\w/]*)(?: +(?P<direction>asc|desc))?", re.IGNORECASE)


@dataclass(frozen=True)
class Order:
    """A property to sort by."""

    property: str
    descending: bool = False

    def __str__(self) -> str:
        return f"{self.property} desc" if self.descending else self.property


@dataclass(frozen=True)
class Query:
    """The query options of a request. `after` is the position behind which the page begins."""

    select: tuple[str, ...] = ()
    where: Filter = field(default_factory=Filter)
    expand: str | None = None
    count: bool = False
    top: int | None = None
    after: int = 0
    order: tuple[Order, ...] = ()
    skip: int = 0
    """How many objects of a sorted listing stand before the page: their positions say nothing there."""
    skips: bool = False
    """Whether the request has `$skip`, which is answered nowhere: Microsoft Graph refuses it for directory objects."""
    search: Search = field(default_factory=Search)
    expanded_select: tuple[str, ...] = ()
    """The properties that are shown of the objects that `expand` adds."""

    @property
    def is_first_page(self) -> bool:
        """Whether the page is the beginning of its listing."""
        return self.after == self.skip == 0


def ordered(entities: Iterable[Entity], query: Query) -> Iterable[Entity]:
    """Return a listing as it is sorted, from the page on that is asked for, with positions of its own."""
    if not query.order:
        return entities
    listed = list(entities)
    # By the last property first, since sorting keeps the order of what is equal.
    for order in reversed(query.order):
        listed.sort(key=lambda entity: _sort_key(entity.document.get(order.property)), reverse=order.descending)
    return [replace(entity, position=position) for position, entity in enumerate(listed, start=1)][query.skip :]


def _sort_key(value: JsonValue) -> str:
    return folded(value) if isinstance(value, str) else ""


def page(entities: Iterable[Entity], size: int) -> tuple[list[Entity], int | None]:
    """Return the first objects and, if there are more, the position behind which the next page begins."""
    taken = list(islice(entities, size + 1))
    if len(taken) <= size:
        return taken, None
    return taken[:size], taken[size - 1].position


def parse_query(parameters: Iterable[tuple[str, str]]) -> Query:
    """Read a request's query; the `$` of an option may be missing, as in Microsoft Graph."""
    options: dict[str, str] = {}
    for written, value in parameters:
        name = written.removeprefix("$").lower()
        if name in options:
            raise errors.malformed(
                f"Query option '{written}' was specified more than once, but it must be specified at most once."
            )
        if name in _OPTIONS:
            options[name] = value
        elif written.startswith("$"):
            raise errors.malformed(f"The query parameter '{written}' is not supported.")
    select, where = options.pop("select", ""), options.pop("filter", None)
    top, after = options.pop("top", None), options.pop("skiptoken", "0")
    expand, count = options.pop("expand", None), options.pop("count", "false").lower()
    order, search = tuple(_read_order(options.pop("orderby", ""))), options.pop("search", None)
    skips = options.pop("skip", None) is not None
    for name in options:
        raise errors.not_implemented(f"the query option '${name}'")
    size = None if top is None else number(top)
    if top is not None and not (size and size <= _LARGEST_PAGE):
        raise errors.malformed(f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.")
    if count not in ("true", "false"):
        raise errors.malformed(f"Invalid value '{count}' for $count: it is true or false.")
    position = number(after)
    if position is None:
        raise errors.malformed("The skip token is invalid.")
    expansion = _EXPANSION.fullmatch(expand or "")
    return Query(
        select=_names(select),
        where=Filter() if where is None else parse_filter(where),
        expand=_expanded(expansion["relation"] if expansion else expand),
        count=count == "true",
        top=size,
        after=0 if order else position,
        order=order,
        skip=position if order else 0,
        skips=skips,
        search=Search() if search is None else parse_search(search),
        expanded_select=_names(expansion["names"]) if expansion else (),
    )


def number(written: str) -> int | None:
    """Return the number that a text is; None if it is another text, or has more digits than any number here."""
    return int(written) if _NUMBER.fullmatch(written) else None


def _expanded(written: str | None) -> str | None:
    if written is None or not _RELATIONS.fullmatch(written):
        return written
    return ",".join(_names(written))


def _names(written: str) -> tuple[str, ...]:
    return tuple(spelled(name.strip()) for name in written.split(",")) if written else ()


def _read_order(written: str) -> Iterator[Order]:
    for name in written.split(",") if written else ():
        order = _ORDER.fullmatch(name.strip())
        if order is None:
            raise errors.malformed(f"Invalid value '{written}' for $orderby: properties, each with 'asc' or 'desc'.")
        yield Order(spelled(order["name"]), (order["direction"] or "").lower() == "desc")
