"""What the rehearsal's tests share: but for the first run of a module, programs run in forks."""

from functools import partial

import pytest

from tenantry.engine import rehearsal
from tenantry.sandbox.recording import record
from tests import forks


@pytest.fixture(autouse=True)
def in_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "record", partial(record, start=forks.start))
