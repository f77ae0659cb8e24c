"""Runs a program that nobody has read yet, shut in: bounded in everything, and without a way out where the kernel can.

What it leaves behind is somebody else's word: its recording is read as data, never trusted to be the truth about other
code than the code that ran.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tenantry.sandbox.recording import RecordingFailed, Started

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_MIB: Final = 1024 * 1024
#: Folders below the home folder in which tools keep credentials.
_CREDENTIALS: Final = (
    ".aws", ".azure", ".config", ".docker", ".gnupg", ".kube", ".local/share/keyrings", ".pulumi", ".ssh",
)  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """How much of everything a program may take."""

    seconds: float = 900
    memory: int = 8192 * _MIB
    """In bytes, of each process."""
    file_size: int = 256 * _MIB
    """In bytes, of each file, the recording among them."""
    processes: int = 256
    files: int = 512


@dataclass
class Walls:
    """What was cut off in fact, over all runs: nothing that was not is ever passed over."""

    missing: set[str] = field(default_factory=set)

    def note(self, achieved: Mapping[str, object]) -> None:
        """Remember what one run was not cut off from."""
        self.missing |= {wall for wall in _WITHOUT if not achieved.get(wall)}

    def warnings(self) -> tuple[str, ...]:
        """What a report must say of it."""
        return tuple(text for wall, text in _WITHOUT.items() if wall in self.missing)


_WITHOUT: Final = {
    "network": "the network was not cut: this machine gives no namespaces to whoever runs the review (Ubuntu allows "
    "them with `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, a container with another seccomp profile)",
    "processes": "processes that the program leaves behind may outlive the review, for the same reason",
    "files": "the program could write wherever the reviewer can: the file system could not be made read-only",
}


@dataclass(frozen=True)
class Containment:
    """Starts commands shut in. `walls` collects what could not be done here."""

    bounds: Bounds = field(default_factory=Bounds)
    walls: Walls = field(default_factory=Walls)

    def start(
        self, command: Sequence[str], folder: Path, request: bytes, environment: Mapping[str, str], timeout: float
    ) -> Started:
        """Run a command to its end; it may write in ``folder`` alone. Raises RecordingFailed where it does not end."""
        limits = {
            "core": 0,
            "cpu": int(timeout) + 1,
            "files": self.bounds.files,
            "file_size": self.bounds.file_size,
            "memory": self.bounds.memory,
            "processes": self.bounds.processes,
        }
        with tempfile.TemporaryDirectory() as outside, tempfile.TemporaryFile() as messages:
            # Neither is in the folder that the command can write.
            asked = Path(outside, "shut-in.json")
            asked.write_text(json.dumps({"limits": limits, "writable": str(folder), **_covered()}))
            reads, writes = os.pipe()
            process = subprocess.Popen(
                [sys.executable, "-I", _LAUNCHER, asked, str(writes), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=messages,
                env={**environment, "HOME": str(folder), "TMPDIR": str(folder)},
                cwd=folder,
                pass_fds=[writes],
                start_new_session=True,
            )
            os.close(writes)
            try:
                process.communicate(request, timeout=timeout)
            except subprocess.TimeoutExpired:
                raise RecordingFailed(f"the program did not end within {timeout:g} seconds, and was ended") from None
            finally:
                status = _status(reads)
                self.walls.note(status)
                _end(process, status.get("pid"))
            messages.seek(0)
            return Started(process.returncode, messages.read(_MIB))


def _status(reads: int) -> dict[str, object]:
    os.set_blocking(reads, False)
    said = b""
    with contextlib.suppress(BlockingIOError):
        said = os.read(reads, 4096)
    os.close(reads)
    found: dict[str, object] = {}
    for line in said.splitlines():
        found |= json.loads(line)
    return found


def _end(process: subprocess.Popen[bytes], inner: object) -> None:
    """End everything: with the first process of the inner namespace everything that it started goes."""
    if process.poll() is None and isinstance(inner, int):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(inner, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _covered() -> dict[str, list[str]]:
    """What is not there for a program: folders of credentials and of running services, and sockets elsewhere."""
    folders = [*(Path.home() / name for name in _CREDENTIALS), Path("/run"), Path("/var/run")]
    hidden = [folder for folder in folders if not folder.is_symlink() and not _holds_an_interpreter(folder)]
    try:
        bound = Path("/proc/net/unix").read_text(errors="surrogateescape").splitlines()[1:]
    except OSError:
        bound = []
    named = (line.split(maxsplit=7)[7] for line in bound if len(line.split(maxsplit=7)) == 8)
    sockets = {name for name in named if name.startswith("/")}
    outside = [name for name in sorted(sockets) if not any(Path(name).is_relative_to(folder) for folder in hidden)]
    return {"hidden": [str(folder) for folder in hidden], "sockets": outside}


def _holds_an_interpreter(folder: Path) -> bool:
    return any(Path(place).is_relative_to(folder) for place in (sys.prefix, sys.base_prefix, __file__))
