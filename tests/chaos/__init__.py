"""What docs/reliability.md says, row by row: things break, what is read says so, and nothing is lost.

``make chaos`` runs all of it, from the seed CHAOS_SEED (0 if left out); ``make test`` what takes only a moment.
"""

import os
from typing import Final

import pytest

from tests.depth import DEEP

CHAOS: Final = DEEP or os.environ.get("TENANTRY_CHAOS") == "1"
SEED: Final = int(os.environ.get("CHAOS_SEED", "0"))
chaos: Final = pytest.mark.skipif(not CHAOS, reason="it starts many processes: `make chaos` runs it")
