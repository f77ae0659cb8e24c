"""The real engine: where it is missing these tests skip with the reason, or fail if they are required."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tenantry.directory.enrolment import DEPLOYMENT_PERMISSIONS
from tenantry.engine import provider, pulumi_cli
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import EngineMissingError
from tenantry.project.paths import Project

from .world import LEAST, SOURCE, World


@pytest.fixture(scope="session")
def engine() -> PulumiCli:
    try:
        found = pulumi_cli.find(Project(SOURCE))
        provider.ensure_provider(Project(SOURCE), found)
    except EngineMissingError as missing:
        if os.environ.get("TENANTRY_REQUIRE_ENGINE") == "1":
            pytest.fail(f"the real engine is required (TENANTRY_REQUIRE_ENGINE=1): {missing}")
        pytest.skip(f"without the real engine: {missing}")
    return found


@pytest.fixture(scope="module")
def world(engine: PulumiCli, request: pytest.FixtureRequest) -> Iterator[World]:
    """The sample's tenant that the module names in TENANT, on a directory as Partner Center leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder).resolve(), engine, request.module.TENANT)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture(scope="session")
def provisioned(engine: PulumiCli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed world: the sample's US tenant as the first `up`, with the least permissions, leaves it.

    The first worker that asks for it makes it, and the others wait for that: an `up` that creates people takes half
    a minute, and a copy of what it made next to nothing.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each worker has a folder of its own in the run's
    folder = shared.resolve() / "provisioned"
    with (shared / "provisioned.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = Path(tempfile.mkdtemp(dir=shared.resolve()))
            made = World(draft, engine, "us")
            try:
                made.permit(LEAST)
                made.up().ok()
                made.permit(DEPLOYMENT_PERMISSIONS)
            finally:
                made.close()
            draft.rename(folder)  # so that what is there is whole
    return folder


@contextmanager
def copied(provisioned: Path, engine: PulumiCli) -> Iterator[World]:
    """A world that begins where the first `up` ended."""
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder).resolve(), engine, "us", kept=provisioned)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def shared_copy(provisioned: Path, engine: PulumiCli) -> Iterator[World]:
    """The provisioned tenant for the tests of a module, each of which leaves it as it was."""
    with copied(provisioned, engine) as made:
        yield made


@pytest.fixture
def own_copy(provisioned: Path, engine: PulumiCli) -> Iterator[World]:
    """The provisioned tenant for one test, which may leave it as it likes."""
    with copied(provisioned, engine) as made:
        yield made
