"""How much a run tries: `make test` what guards each update and some examples, `make test-deep` all and many."""

import os
from typing import Final

import pytest
from hypothesis import settings

DEEP: Final = os.environ.get("TENANTRY_DEEP") == "1"

deep: Final = pytest.mark.skipif(not DEEP, reason="it takes long: `make test-deep` runs it")


slow: Final = settings(deadline=None, max_examples=1000 if DEEP else 50)
"""Half as many examples, of a property of which a hundred take longer than a second."""


def examples(few: int) -> settings:
    """So many examples of a property of which each takes long; ten times as many in the deep run."""
    return settings(max_examples=few * 10 if DEEP else few)
