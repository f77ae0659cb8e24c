from datetime import date
from importlib import import_module
from typing import Self

import pytest

from tests.bad.builder import TODAY
from tests.bad.run import Check, run_check


class _ThatDay(date):
    @classmethod
    def today(cls) -> Self:
        return cls(TODAY.year, TODAY.month, TODAY.day)


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Check:
    """A check on the day for which the files were made."""
    for name in ("tenantry.reports.check", "tenantry.commands.app", "tenantry.rules"):
        module = import_module(name)
        if hasattr(module, "date"):
            monkeypatch.setattr(module, "date", _ThatDay)
    return run_check
