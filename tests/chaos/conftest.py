"""A repository of its own, and commands in it as a user starts them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenantry.project.paths import Project

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "components", "policies", "partners")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Repository:
    """A copy of the sample's repository."""

    root: Path

    @property
    def project(self) -> Project:
        return Project(self.root)

    @property
    def variables(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("ARM_", "PULUMI_"))}
        return {**ours, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}

    def start(self, *command: str | Path) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tenantry", *map(str, command)],
            cwd=self.root,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str | Path) -> Ran:
        """A command to its end. None ends in a traceback."""
        return ended(self.start(*command))


def ended(process: "subprocess.Popen[str]") -> Ran:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in out + err, out + err
    return Ran(process.returncode, out, err)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    root = tmp_path / "repository"
    root.mkdir()
    for name in PROGRAM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root)
    return Repository(root)


@pytest.fixture(scope="session")
def own_disk() -> str:
    """A shell's beginning, in which `mount` mounts for that shell alone; skipped where this machine allows none."""
    tried = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        pytest.skip(f"this machine allows no mounts in a namespace: {tried.stderr.strip()}")
    return "unshare --user --map-root-user --mount"
