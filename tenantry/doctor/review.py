"""Can `tenantry review` run a program of somebody else in a sandbox here?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check

_fine = partial(model.fine, Area.REVIEW)
_wrong = partial(model.wrong, Area.REVIEW)
_skipped = partial(model.not_looked_at, Area.REVIEW)


@dataclass(frozen=True)
class Facts:
    """What is there for a review."""

    git: str | None = None
    """The git that is on the PATH."""
    linux: bool = True
    missing: frozenset[str] = frozenset()
    """Which parts of the sandbox this machine's kernel refuses: network, processes, files."""
    failed: str = ""
    """Why the sandbox could not be tried."""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    if facts.git:
        yield _fine("git", facts.git)
    else:
        yield _wrong("git", "git is not on the PATH", "install it: `sudo apt-get install git`")
    yield _sandbox(facts)


def _sandbox(facts: Facts) -> Check:
    name = "sandbox"
    if not facts.linux:
        return _skipped(name, "only Linux has namespaces; here a review limits a program and does not isolate it")
    if facts.failed:
        return _skipped(name, f"it could not be tried: {facts.failed.rstrip('.')}")
    if "network" in facts.missing:
        found = "this machine allows no user namespaces: a reviewed program could reach the network"
        fix = (
            "on Ubuntu, `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`; in a container, another "
            "seccomp profile; or review where they are allowed"
        )
        return _wrong(name, found, fix)
    if "files" in facts.missing:
        found = "this machine allows no mounts in a namespace: a reviewed program could write wherever you can"
        return _wrong(name, found, "review on another machine, or in a container that allows mounts in its namespaces")
    return _fine(name, "a reviewed program gets no network, no other processes and a read-only file system")
