"""What time it is in the directory: this machine's, or ahead of it by as much as its control sets.

Everything here that depends on the time asks this module, within a transaction of the store, which keeps how far the
clock is ahead. Tokens go by this machine's own time: their readers do, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Final

_AHEAD: Final[ContextVar[timedelta]] = ContextVar("ahead", default=timedelta())


def instant() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC) + _AHEAD.get()


@contextmanager
def ahead(by: timedelta) -> Iterator[None]:
    """Let the clock be ahead of this machine's for the length of the block."""
    token = _AHEAD.set(by)
    try:
        yield
    finally:
        _AHEAD.reset(token)
