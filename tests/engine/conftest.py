"""The real engine: where it is missing these tests skip with the reason, or fail if they are required."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenantry.engine import provider, pulumi_cli
from tenantry.engine.errors import EngineMissingError
from tenantry.engine.paths import Project
from tenantry.engine.pulumi_cli import PulumiCli

from .world import SOURCE, World


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
