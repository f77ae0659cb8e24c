"""Where in the program each resource is made: what the engine keeps of it in the state."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: The SDK's own six calls between a resource and its line, and three of the program's.
_CALLS: Final = 9


@contextmanager
def short_stack_traces() -> Iterator[None]:
    """For the resources made within: their line in the program and two calls above it, and no further.

    The SDK gives the engine all calls above a resource, its own and Python's as well, with the paths of the machine.
    They were a quarter of the state, which the engine writes anew for each resource (docs/performance.md).
    """
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = _CALLS
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before
