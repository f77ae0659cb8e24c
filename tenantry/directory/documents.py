"""JSON documents: their types, and how a moment is written in them."""

from datetime import timedelta
from typing import TypeAlias

from .clock import instant

JsonValue: TypeAlias = "str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None"
"""Any JSON value."""

JsonObject: TypeAlias = dict[str, JsonValue]
"""A JSON object: a directory object's properties, or the body of a request or an answer."""


def now() -> str:
    """Return the moment as Microsoft Graph writes it."""
    return moment(timedelta())


def moment(from_now: timedelta) -> str:
    """Return a moment that is so far from now, as Microsoft Graph writes it."""
    return (instant() + from_now).strftime("%Y-%m-%dT%H:%M:%SZ")
