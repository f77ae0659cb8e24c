import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenantry.commands.app import main
from tests.declaration.folder import Folder


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    exit_code: int
    stdout: str
    stderr: str


Tenantry = Callable[..., Ran]


@pytest.fixture
def tenantry(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tenantry:
    """The command line, in this process. Anything but an exit is a failure of the test."""
    for name in ("FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["tenantry", *(os.fspath(argument) for argument in arguments)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        output = capsys.readouterr()
        assert "Traceback" not in output.out + output.err
        return Ran(code, output.out, output.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "contoso")


@pytest.fixture
def sample(root: Path) -> Path:
    return root / "partners/contoso"
