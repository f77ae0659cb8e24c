"""Is Python new enough, are the locked packages there, and do the engine's programs run with them?"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check

_fine = partial(model.fine, Area.PYTHON)
_wrong = partial(model.wrong, Area.PYTHON)
_skipped = partial(model.not_looked_at, Area.PYTHON)

LEAST: Final = (3, 11)
"""The oldest Python that will do, as pyproject.toml says."""
_SHOWN: Final = 3


@dataclass(frozen=True)
class Difference:
    """A package that is not there as it is locked."""

    name: str
    locked: str
    installed: str | None

    def __str__(self) -> str:
        return f"{self.name} {self.installed or 'is missing'} (locked: {self.locked})"


@dataclass(frozen=True)
class Runs:
    """The Python with which the engine runs a program, and what that one lacks."""

    python: Path | None
    """None where there is none."""
    lacks: tuple[str, ...] = ()
    """The packages that are missing in it."""


@dataclass(frozen=True)
class Facts:
    """What is there of Python."""

    version: tuple[int, int]
    executable: Path
    lacks: tuple[str, ...] = ()
    """The packages that signing in and the embedded directory need, and that are missing in this Python."""
    lock: str | None = None
    """The name of the file in which the repository locks its packages."""
    differences: tuple[Difference, ...] = ()
    environment: str | None = None
    """The virtual environment that Pulumi.yaml names."""
    has_setup: bool = False
    """Whether the repository's Makefile makes that environment: `make setup`."""
    program: Runs | None = None
    pack: Runs | None = None
    """The policy pack's."""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    yield _version(facts)
    yield _packages(facts)
    yield _runs("program", facts, facts.program)
    yield _runs("policy pack", facts, facts.pack)


def _version(facts: Facts) -> Check:
    version = ".".join(map(str, facts.version))
    if facts.version < LEAST:
        least = ".".join(map(str, LEAST))
        fix = f"make the virtual environment with a newer one: `python{least} -m venv --clear .venv`"
        return _wrong("version", f"Python {version} ({facts.executable}) is older than {least}", fix)
    return _fine("version", f"Python {version} ({facts.executable})")


def _install(python: Path | str, lock: str) -> str:
    return f"{shlex.quote(str(python))} -m pip install --requirement {shlex.quote(lock)}"


def _packages(facts: Facts) -> Check:
    if facts.lacks:
        fix = f"`{shlex.quote(str(facts.executable))} -m pip install 'tenantry[pulumi,directory,graph]'`"
        return _wrong("packages", f"missing in {facts.executable}: {', '.join(facts.lacks)}", fix)
    if facts.lock is None:
        return _skipped("packages", "no requirements.lock or requirements.txt says which versions are meant")
    if facts.differences:
        shown = ", ".join(map(str, facts.differences[:_SHOWN]))
        more = f" and {len(facts.differences) - _SHOWN} more" if len(facts.differences) > _SHOWN else ""
        found = f"{facts.executable} has other packages than {facts.lock}: {shown}{more}"
        return _wrong("packages", found, f"`{_install(facts.executable, facts.lock)}`")
    return _fine("packages", f"as in {facts.lock}")


def _runs(name: str, facts: Facts, runs: Runs | None) -> Check:
    if runs is None:
        return _skipped(name, f"there is no Python {name} here")
    ours = facts.executable.parent
    if runs.python is None and name == "program" and facts.environment is not None:
        python = f"{facts.environment}/bin/python"
        then = f" && {_install(python, facts.lock)}" if facts.lock else ""
        found = f"Pulumi.yaml names the virtual environment {facts.environment}, which is not there"
        if facts.has_setup:
            return _wrong(name, found, "`make setup`")
        return _wrong(name, found, f"`python3 -m venv {shlex.quote(facts.environment)}{then}`")
    if runs.python is None:
        return _wrong(name, "there is no python3 on the PATH to run it with", f'`export PATH="{ours}:$PATH"`')
    if runs.lacks:
        found = f"`pulumi` runs it with {runs.python}, in which is missing: {', '.join(runs.lacks)}"
        if name == "program" and facts.environment is not None:
            fix = f"`{_install(runs.python, facts.lock or 'requirements.txt')}`"
        else:
            fix = f'put the Python that has them first: `export PATH="{ours}:$PATH"`'
        return _wrong(name, found, fix)
    return _fine(name, f"runs with {runs.python}")
