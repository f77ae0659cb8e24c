"""A repository's own environment, `.venv`: the tenantry that it pins runs its program, whichever was called."""

import os
import subprocess
import sys
from pathlib import Path

from tenantry.errors import EngineMissingError
from tenantry.project.paths import Project


def set_up(project: Project) -> None:
    """Make the environment where `tenantry init` made the repository and it has none, or half of one.

    Raises EngineMissingError where it cannot be made.
    """
    if not project.is_made_by_init or _own_tenantry(project).exists():
        return
    try:
        code = subprocess.run(["make", "--no-print-directory", "setup"], cwd=project.root, check=False).returncode
    except FileNotFoundError:
        raise EngineMissingError(
            f"{project.environment} is missing, and `make`, which sets it up, is not on the PATH. Fix: install make, "
            "or run the last lines of the Makefile by hand."
        ) from None
    if code != 0:
        raise EngineMissingError(
            f"{project.environment} could not be set up; the reason is above. Fix: correct it, and run `make setup`."
        )


def hand_over(project: Project, *arguments: str) -> None:
    """Run a command by the repository's own tenantry instead; returns where this one is it, or where it has none."""
    own = _own_tenantry(project)
    if project.is_made_by_init and own.exists() and Path(sys.prefix).resolve() != project.environment.resolve():
        sys.stdout.flush()
        os.execv(own, [str(own), *arguments])  # noqa: S606 - a program of the repository that the user is in


def _own_tenantry(project: Project) -> Path:
    return project.environment / "bin" / "tenantry"
