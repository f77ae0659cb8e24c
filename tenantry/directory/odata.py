"""The query options of OData that the directory answers: `$select`, `$filter`, `$expand`, `$count`, `$top`, and paging.

A filter is read by `filters`. Whatever else OData has is refused as not implemented, and what is no OData as
malformed. Source: the OData 4.01 URL conventions and Microsoft Graph's page on query parameters.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from . import errors
from .filters import Filter, parse_filter
from .tenant import Entity

PAGE_SIZE: Final = 100
_LARGEST_PAGE: Final = 999

_OPTIONS: Final = frozenset(
    {"select", "filter", "top", "skiptoken", "skip", "count", "expand", "orderby", "search", "format", "apply"}
)


@dataclass(frozen=True)
class Query:
    """The query options of a request. `after` is the position behind which the page begins."""

    select: tuple[str, ...] = ()
    where: Filter = field(default_factory=Filter)
    expand: str | None = None
    count: bool = False
    top: int | None = None
    after: int = 0


def page(entities: Iterable[Entity], size: int) -> tuple[list[Entity], int | None]:
    """Return the first objects and, if there are more, the position behind which the next page begins."""
    taken = list(islice(entities, size + 1))
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
    expand, count = options.pop("expand", None), options.pop("count", "false").lower()
    for name in options:
        raise errors.not_implemented(f"the query option '${name}'")
    if top is not None and not (top.isascii() and top.isdigit() and 1 <= int(top) <= _LARGEST_PAGE):
        raise errors.malformed(f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.")
    if count not in ("true", "false"):
        raise errors.malformed(f"Invalid value '{count}' for $count: it is true or false.")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise errors.malformed("The skip token is invalid.")
    return Query(
        select=tuple(name.strip() for name in select.split(",")) if select else (),
        where=Filter() if where is None else parse_filter(where),
        expand=expand,
        count=count == "true",
        top=None if top is None else int(top),
        after=int(after),
    )
