"""`tenantry check` in this process, on a stated day."""

import contextlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tenantry.commands.app import main


@dataclass(frozen=True)
class Ran:
    """What a check did."""

    exit_code: int
    stdout: str
    stderr: str


Check = Callable[..., Ran]


def run_check(folder: Path, *options: str) -> Ran:
    """Run it. Anything but an exit, such as a traceback, is raised."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["tenantry", "check", str(folder), *options]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    assert "Traceback" not in out.getvalue() + err.getvalue()
    return Ran(code, out.getvalue(), err.getvalue())
