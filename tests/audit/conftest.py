from collections.abc import Iterator

import pytest

from .world import Audited, audited


@pytest.fixture
def tenant() -> Iterator[Audited]:
    with audited() as one:
        yield one
