"""Runs a program that nobody has read yet in a sandbox: limited in everything, and isolated where the kernel can.

Its recording is data from an untrusted source, and says nothing about other code than the code that ran.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from tenantry.sandbox.recording import RecordingFailed, Started

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_MIB: Final = 1024 * 1024
#: Folders below the home folder in which tools keep credentials.
_CREDENTIALS: Final = (
    ".aws", ".azure", ".config", ".docker", ".gnupg", ".kube", ".local/share/keyrings", ".pulumi", ".ssh",
)  # fmt: skip
_WARNINGS: Final = {
    "network": "the program could reach the network: this machine does not allow namespaces (on Ubuntu, "
    "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` allows them; in a container, another seccomp profile)",
    "processes": "processes that the program started may keep running after the review, for the same reason",
    "files": "the program could write everywhere that the reviewer can: the file system could not be made read-only",
}
"""What a report says where the sandbox lacks a part."""


@dataclass(frozen=True)
class Limits:
    """How much of everything a program may take."""

    seconds: float = 900
    memory: int = 8192 * _MIB
    """In bytes, of each process."""
    file_size: int = 256 * _MIB
    """In bytes, of each file, the recording among them."""
    processes: int = 256
    files: int = 512


@dataclass(frozen=True)
class Sandbox:
    """Starts commands in isolation, and remembers what could not be isolated here, over all runs."""

    limits: Limits = field(default_factory=Limits)
    missing: set[str] = field(default_factory=set)

    def warnings(self) -> tuple[str, ...]:
        """What a report must say of the parts that were missing."""
        return tuple(text for part, text in _WARNINGS.items() if part in self.missing)

    def start(
        self, command: Sequence[str], folder: Path, request: bytes, environment: Mapping[str, str], timeout: float
    ) -> Started:
        """Run a command to its end; it may write in ``folder`` alone. Raises RecordingFailed where it does not end."""
        limits = {**asdict(self.limits), "core": 0, "cpu": int(timeout) + 1}
        with tempfile.TemporaryDirectory() as outside, tempfile.TemporaryFile() as messages:
            # Neither is in the folder that the command can write.
            settings = Path(outside, "settings.json")
            settings.write_text(json.dumps({"limits": limits, "writable": str(folder), **_hidden()}))
            reads, writes = os.pipe()
            process = subprocess.Popen(
                [sys.executable, "-I", _LAUNCHER, settings, str(writes), *command],
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
                raise RecordingFailed(f"the program did not end within {timeout:g} seconds, and was stopped") from None
            finally:
                status = _status(reads)
                self.missing.update(part for part in _WARNINGS if not status.get(part))
                _end(process, status.get("pid"))
            messages.seek(0)
            return Started(process.returncode, messages.read(_MIB))


def _status(reads: int) -> dict[str, object]:
    os.set_blocking(reads, False)
    lines = b""
    with contextlib.suppress(BlockingIOError):
        lines = os.read(reads, 4096)
    os.close(reads)
    status: dict[str, object] = {}
    for line in lines.splitlines():
        status |= json.loads(line)
    return status


def _end(process: subprocess.Popen[bytes], inner: object) -> None:
    """End everything: the kernel ends what the first process of the inner namespace started together with it."""
    if process.poll() is None and isinstance(inner, int):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(inner, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _hidden() -> dict[str, list[str]]:
    """What a program must not see: folders of credentials and of running services, and sockets elsewhere."""
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
