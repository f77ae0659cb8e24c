"""Runs the recorder and `tenantry` in forks of one process that has imported what they import: a start costs little.

From there on they are what they are. Tests of the recorder's own process, of its bounds and of the command line start
them as the product or a shell does.
"""

import io
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tenantry.commands.app import main
from tenantry.sandbox.recording import Started

_CONTEXT = multiprocessing.get_context("forkserver")
_IMPORTED = [
    "azure.identity",
    "pulumi_azuread",
    "tenantry.commands.app",
    "tenantry.commands.handover",
    "tenantry.graph.client",
    "tenantry.policy",
    "tenantry.reports.who",
    "tests.forks",
]


def start(
    command: Sequence[str], _folder: Path, request: bytes, environment: Mapping[str, str], timeout: float
) -> Started:
    """Runs the recorder to its end: what `tenantry.sandbox.recording.record` takes as ``start``."""
    _ensure_running(environment["PYTHONHASHSEED"])
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


def _ensure_running(hash_seed: str = "0") -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONHASHSEED", hash_seed)  # is fixed for all forks when their server starts
        _CONTEXT.set_forkserver_preload(_IMPORTED)
        forkserver.ensure_running()


class OnTerminal:
    """`tenantry` on a terminal that becomes its own: of :class:`subprocess.Popen`, what a test of it needs."""

    def __init__(
        self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], terminal: int, errors: Path
    ) -> None:
        _ensure_running()
        with Connection(os.dup(terminal)) as held:  # so that it is open until the fork has opened it
            self._process = _CONTEXT.Process(target=_tenantry, args=(arguments, cwd, dict(env), held, errors))
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        assert self._process.exitcode is not None, "it has not ended"
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


def _tenantry(arguments: Sequence[str], cwd: Path, env: Mapping[str, str], terminal: Connection, errors: Path) -> None:
    """In the fork: be what a login shell would have started."""
    os.setsid()
    with terminal:
        own = os.open(os.ttyname(terminal.fileno()), os.O_RDWR)  # the first to be opened becomes the process's own
    for end, opened in enumerate((own, own, os.open(errors, os.O_WRONLY))):
        os.dup2(opened, end)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["tenantry", *arguments]
    main()


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
