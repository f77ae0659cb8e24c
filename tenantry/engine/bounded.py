"""Running a program that may hang, for as long as it makes progress."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LOOK_EVERY: Final = 0.2


class StalledError(Exception):
    """The program made no progress for too long, and was stopped."""

    def __init__(self, patience: float, output: str) -> None:
        super().__init__(f"no progress for {patience:g} s")
        self.output = output


@dataclass(frozen=True)
class Finished:
    """A program that came to its end."""

    exit_code: int
    output: str


def run_while_it_progresses(
    command: Sequence[str], *, watch: Path, patience: float, environment: Mapping[str, str] | None = None
) -> Finished:
    """Run a program until it ends, or until for `patience` seconds it wrote nothing.

    Progress is output, or a change in size of the folder `watch`, where the program puts its temporary files. It gets
    no input. Raises StalledError once it and everything that it started has ended, and OSError where it cannot start.
    """
    watch.mkdir(parents=True, exist_ok=True)
    variables = {**(os.environ if environment is None else environment), "TMPDIR": str(watch)}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=variables,
            start_new_session=True,  # so that all of its children can be ended with it
        )
        try:
            written, since = -1, time.monotonic()
            while True:
                try:
                    exit_code = process.wait(min(_LOOK_EVERY, patience))
                    return Finished(exit_code, _text(output.fileno()))
                except subprocess.TimeoutExpired:
                    pass
                now = os.fstat(output.fileno()).st_size + _size(watch)
                if now != written:
                    written, since = now, time.monotonic()
                elif time.monotonic() - since >= patience:
                    raise StalledError(patience, _text(output.fileno()))
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def last_line(output: str) -> str:
    """The last line with text: where a program that failed gives the reason."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ") if lines else "no output"


def _text(descriptor: int) -> str:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8", "replace")


def _size(folder: Path) -> int:
    """The bytes in a folder that another process is changing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(Path(parent, name)).st_size
            except FileNotFoundError:
                continue
    return total
