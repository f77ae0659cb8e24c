"""A part of a tenant: its value, or why it was not read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenantry.graph.errors import Cause, NotReadableError

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class NotRead:
    """A part of the tenant that was not read."""

    cause: Cause
    text: str
    """What was found and how to mend it, in sentences."""


def read(part: Callable[[], _Value]) -> _Value | NotRead:
    """A part, or why Microsoft Graph does not tell it. Raises where nothing is told: not reached, not signed in."""
    try:
        return part()
    except NotReadableError as error:
        return NotRead(error.cause, str(error))


def or_none(part: tuple[_Value, ...] | NotRead) -> tuple[_Value, ...]:
    """What there is to look further at. Only for asking more: a part that was not read is still said to be none."""
    return () if isinstance(part, NotRead) else part
