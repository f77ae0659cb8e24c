"""Puts a command into a sandbox, as far as this machine's kernel allows, and becomes it.

    python -I launcher.py SETTINGS.json STATUS_FD COMMAND …

Stand-alone, so that nothing of it is in the environment of what it starts. On Linux the command gets namespaces of its
own: no network, no other processes, and a read-only file system but for one folder; folders of credentials are empty
there. Everywhere it gets limits. The status says what was achieved, in lines of JSON, before the command starts and out
of its reach.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any, Final

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_ALL: Final = _NEWNS | _NEWUTS | _NEWIPC | _NEWUSER | _NEWPID | _NEWNET
_BIND, _REC, _PRIVATE, _NOSUID, _NODEV, _NOEXEC, _RDONLY = 0x1000, 0x4000, 0x40000, 0x2, 0x4, 0x8, 0x1
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38
_INSIDE: Final = 1000
"""The user id of the command in its own namespace: not root, so that it cannot undo its sandbox."""
_LIMITS: Final = {
    "core": resource.RLIMIT_CORE,
    "cpu": resource.RLIMIT_CPU,
    "files": resource.RLIMIT_NOFILE,
    "file_size": resource.RLIMIT_FSIZE,
    "memory": resource.RLIMIT_AS,
    "processes": resource.RLIMIT_NPROC,
}


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def main() -> int:
    """Start the command; returns only where it runs in a process beside this one."""
    if sys.platform == "linux":
        # Whoever waits for this program may be killed: then nobody stops the command, unless the kernel does.
        _libc().prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    settings = json.loads(Path(sys.argv[1]).read_bytes())
    status, command = int(sys.argv[2]), sys.argv[3:]
    os.set_inheritable(status, False)
    # The limits come first: the command cannot raise them.
    for name, which in _LIMITS.items():
        _limit(which, settings["limits"][name])
    isolated = sys.platform == "linux" and _isolated()
    _report(status, network=isolated, processes=isolated)
    if not isolated:
        _become(command)
    child = os.fork()
    if child:
        _report(status, pid=child)
        os.close(status)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return code if code >= 0 else 128 - code
    _libc().prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _report(status, files=_read_only(settings["writable"], settings["hidden"], settings["sockets"]))
    _become(command)
    return 1


def _limit(which: int, limit: int) -> None:
    most = resource.getrlimit(which)[1]
    value = limit if most == resource.RLIM_INFINITY else min(limit, most)
    try:
        resource.setrlimit(which, (value, value))
    except (OSError, ValueError):
        return  # some systems know a limit and refuse to set it


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _isolated() -> bool:
    """Enter namespaces of our own; False where the kernel does not allow it."""
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(_ALL):
        return False
    # Where the ids cannot be mapped, the command runs isolated all the same, without a name.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{_INSIDE} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{_INSIDE} {group} 1")
    return True


def _read_only(writable: str, hidden: list[str], sockets: list[str]) -> bool:
    """Make everything read-only but one folder, some folders empty, and sockets dead. False where any of it fails."""
    libc, folder = _libc(), os.fsencode(writable)
    done = [
        libc.mount(None, b"/", None, _REC | _PRIVATE, None) == 0,
        libc.mount(folder, folder, None, _BIND, None) == 0,
    ]
    for place in hidden:
        if Path(place).is_dir():
            done.append(libc.mount(b"none", os.fsencode(place), b"tmpfs", _NOSUID | _NODEV | _NOEXEC, b"size=4k") == 0)
    for place in sockets:
        # A program can talk to a service through a socket in a read-only file system.
        if os.path.lexists(place):
            done.append(libc.mount(b"/dev/null", os.fsencode(place), None, _BIND, None) == 0)
    # The command must not see the processes outside, or their environments.
    quiet = _NOSUID | _NODEV | _NOEXEC
    done.append(
        libc.mount(b"proc", b"/proc", b"proc", quiet, None) == 0
        or libc.mount(b"none", b"/proc", b"tmpfs", quiet, b"size=4k") == 0
    )
    done.append(_attributes(libc, b"/", _AT_RECURSIVE, _MountAttributes(set=_RDONLY)))
    done.append(_attributes(libc, folder, 0, _MountAttributes(clear=_RDONLY)))
    os.chdir(writable)
    return all(done)


def _attributes(libc: Any, path: bytes, flags: int, attributes: _MountAttributes) -> bool:
    size = ctypes.sizeof(attributes)
    return bool(libc.syscall(_MOUNT_SETATTR, _AT_FDCWD, path, flags, ctypes.byref(attributes), size) == 0)


def _become(command: list[str]) -> None:
    if sys.platform == "linux":
        _libc().prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.execv(command[0], command)  # noqa: S606 - what this program is for


def _report(status: int, **what: bool | int) -> None:
    os.write(status, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
