"""A terminal on which `tenantry` runs: what it shows, what is typed, and what goes past it."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests import forks

#: The terminal becomes the process's own, as a login shell makes it: what is typed without echo is read from there.
_IN_A_SHELL = (
    "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # a background job ignores it
    "os.open(os.ttyname(0), os.O_RDWR); from tenantry.commands.app import main; main()"
)
LEAVES = "\x1b[?1049l"
ENTERS = "\x1b[?1049h"
_SECONDS = 60


class Terminal:
    """`tenantry` with arguments, in a folder, on a terminal of its own; what it says on stderr goes to a file.

    It runs in a fork, or ``alone`` in the process that a shell starts.
    """

    process: subprocess.Popen[bytes] | forks.OnTerminal

    def __init__(
        self,
        *arguments: str,
        cwd: Path,
        env: Mapping[str, str],
        errors: Path,
        size: tuple[int, int] = (24, 100),
        alone: bool = False,
    ) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, size)
        self._errors = errors
        env = {**env, "TERM": env.get("TERM", "xterm-256color")}
        with errors.open("wb") as stderr:
            if alone:
                self.process = subprocess.Popen(
                    [sys.executable, "-c", _IN_A_SHELL, *arguments],
                    cwd=cwd,
                    env=env,
                    stdin=theirs,
                    stdout=theirs,
                    stderr=stderr,
                    start_new_session=True,
                )
            else:
                self.process = forks.OnTerminal(arguments, cwd, env, theirs, errors)
        os.close(theirs)
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def until(self, text: str) -> Self:
        """Read until a text was shown."""
        self._read(lambda: text in self.shown)
        assert text in self.shown, f"{text!r} was never shown: {self.shown!r}; {self.errors}"
        return self

    def until_hushed(self) -> Self:
        """Wait until nothing that is typed is shown: what was typed before that is forgotten."""
        end = time.monotonic() + _SECONDS
        while termios.tcgetattr(self._ours)[3] & termios.ECHO and time.monotonic() < end:
            time.sleep(0.01)
        return self

    def type(self, text: str) -> Self:
        os.write(self._ours, text.encode())
        return self

    def signal(self, number: signal.Signals) -> Self:
        self.process.send_signal(number)
        return self

    def ends(self) -> int:
        """Read to the end: the exit code."""
        self._read(lambda: False)
        return self.process.wait(_SECONDS)

    def _read(self, enough: Callable[[], bool]) -> None:
        end = time.monotonic() + _SECONDS
        while not enough() and time.monotonic() < end:
            if not select.select([self._ours], [], [], 1)[0]:
                continue
            try:
                read = os.read(self._ours, 65536)
            except OSError:  # the other side is closed
                return
            if not read:
                return
            self.shown += read.decode()
