"""Runs the recorder in forks of one process that has imported what programs import, so that a start costs little.

From there on it is the recorder as it stands. Tests of its own process, of its bounds and of the command line start it
as the product does.
"""

import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from pathlib import Path

import pytest

from tenantry.sandbox.recording import Started

_CONTEXT = multiprocessing.get_context("forkserver")
_IMPORTED = ["pulumi_azuread", "tenantry.graph.client", "tenantry.policy", "tenantry.reports.who", "tests.forks"]


def start(
    command: Sequence[str], _folder: Path, request: bytes, environment: Mapping[str, str], timeout: float
) -> Started:
    """Runs the recorder to its end: what `tenantry.sandbox.recording.record` takes as ``start``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONHASHSEED", environment["PYTHONHASHSEED"])  # is fixed for all forks when their server starts
        _CONTEXT.set_forkserver_preload(_IMPORTED)
        forkserver.ensure_running()
    *_, recorder, program = map(Path, command)
    with tempfile.NamedTemporaryFile() as messages:
        process = _CONTEXT.Process(target=_run, args=(recorder, program, request, dict(environment), messages.name))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(command), timeout)
        assert process.exitcode is not None
        return Started(process.exitcode, messages.read())


def _run(recorder: Path, program: Path, request: bytes, environment: Mapping[str, str], messages: str) -> None:
    """In the fork: be the process that the product would have started."""
    with open(os.devnull, "wb") as nowhere, open(messages, "wb") as kept:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(kept.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = True
    # A program may bring a module of its own under the name of one that is imported already.
    own = {path.stem for path in program.iterdir()}
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        del sys.modules[name]
    sys.path.insert(0, str(recorder.parent))
    sys.argv = [str(recorder), str(program)]
    sys.stdin = io.TextIOWrapper(io.BytesIO(request))
    runpy.run_path(str(recorder), run_name="__main__")
