"""From the wheel to `tenantry up`, outside this repository and without a network, on the real engine."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenantry.engine.pulumi_cli import PulumiCli
from tests.depth import deep
from tests.pipelines.runner import Job

from .world import SOURCE, Ran

pytestmark = [pytest.mark.engine, deep]

# Python, whose new environments find what is installed already: so that the test downloads nothing.
_PYTHON = """#!/bin/sh
"{python}" "$@" || exit
[ "$2" = venv ] || exit 0
for folder; do :; done
site=$(echo "$folder"/lib/python3*/site-packages)
rm -rf "$site"/setuptools* "$site"/pkg_resources "$site"/_distutils_hack "$site"/distutils-precedence.pth
echo "{shelf}" > "$site/shelf.pth"
"""


@dataclass(frozen=True)
class Machine:
    """A machine on which somebody installed the wheel."""

    folder: Path

    @property
    def repository(self) -> Path:
        return self.folder / "tenants"

    def run(self, *command: str | Path, at: Path | None = None) -> Ran:
        names = ("HOME", "LANG", "PATH")
        env = {name: os.environ[name] for name in names if name in os.environ}
        env |= {"PYTHON": str(self.folder / "python3"), "PIP_NO_INDEX": "1", "PULUMI_SKIP_UPDATE_CHECK": "true"}
        ran = subprocess.run(
            command,
            cwd=at or self.repository,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=280,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout)

    def tenantry(self, *arguments: str) -> Ran:
        """The one that somebody installed, which is not the repository's."""
        return self.run(self.folder / "cli/bin/tenantry", *arguments)


@pytest.fixture(scope="module")
def machine(engine: PulumiCli, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The wheel is built and installed, and nothing else of this project is there."""
    assert engine
    made = Machine(tmp_path_factory.mktemp("machine").resolve())
    made.repository.mkdir()
    installed, shelf = Path(sysconfig.get_path("purelib")), made.folder / "shelf"
    shelf.mkdir()
    for item in installed.iterdir():
        if "tenantry" not in item.name and item.suffix != ".pth":
            (shelf / item.name).symlink_to(item)
    python = made.folder / "python3"
    python.write_text(_PYTHON.format(python=sys.executable, shelf=shelf))
    python.chmod(0o755)
    made.run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", made.folder / "dist", at=SOURCE).ok()
    made.run(python, "-m", "venv", made.folder / "cli").ok()
    (wheel,) = (made.folder / "dist").iterdir()
    made.run(made.folder / "cli/bin/python", "-m", "pip", "install", "--quiet", "--no-deps", wheel).ok()
    yield made
    made.tenantry("down")


def test_from_the_wheel_to_an_update_and_a_reviewed_change(machine: Machine) -> None:
    made = machine.tenantry("init", "northwind").ok()
    assert "is the tenantry that you run" in made.output
    up = machine.tenantry("up").ok()
    assert "Setting up .venv" in up.output, "the environment of the repository is made, by the lock"
    assert "15 create, 4 import, 3 update" in up.output
    assert "Béla Novák" in up.output
    where = "import tenantry; print(tenantry.__file__)"
    own = machine.run(machine.repository / ".venv/bin/python", "-c", where).ok().output
    assert Path(own.strip()).is_relative_to(machine.repository / ".venv"), "the pinned one, and not the checkout"

    machine.run("git", "init", "--quiet", "--initial-branch=main").ok()
    commit = ("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "commit", "--quiet", "-m")
    machine.run("git", "add", "--all").ok()
    machine.run(*commit, "Begin").ok()
    assert machine.run("git", "status", "--short").ok().output == "", "what runs leaves nothing to commit"
    machine.run("make", "check").ok()
    assert "northwind/main" in machine.tenantry("stacks").ok().output

    nothing_drifted = "tenantry drift && pulumi preview --refresh --expect-no-changes --policy-pack policies"
    machine.run("bash", "-c", f'eval "$(.venv/bin/tenantry env)" && {nothing_drifted}').ok()

    tenant = machine.repository / "partners/northwind/tenants/main.yaml"
    tenant.write_text(tenant.read_text().replace("[Helpdesk agent]", "[Admin agent]"))
    machine.run(*commit, "Chipo becomes an Admin agent", "--all").ok()
    assert_the_pull_request_is_reviewed(machine)
    assert "is stopped" in machine.tenantry("down").ok().output


def assert_the_pull_request_is_reviewed(machine: Machine) -> None:
    """The steps of the repository's own workflow, as the host runs them: the base's tenantry reads the proposal."""
    host = machine.folder / "host"
    for name in ("base", "proposal"):
        shutil.copytree(machine.repository, host / name, symlinks=True, ignore=shutil.ignore_patterns(".tenantry"))
    machine.run("git", "reset", "--hard", "--quiet", "HEAD^", at=host / "base").ok()
    # The host's commit of a pull request merges: its first parent is the base.
    file = machine.repository / ".github/workflows/pull-request.yml"
    job = Job(file, "review", host, {"PATH": os.environ["PATH"]}, {})
    assert job.run() == 0, job.output
    assert "Chipo Moyo" in job.summary
    assert "AdminAgents" in job.summary
