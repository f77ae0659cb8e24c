"""A stack that a released version made goes on as it is: no update because of a newer Tenantry (decision 17)."""

from pathlib import Path

import pytest

from tenantry.engine.pulumi_cli import PulumiCli
from tests.depth import deep

from . import released
from .world import World

pytestmark = [pytest.mark.engine, deep]


@pytest.mark.parametrize("version", released.versions(), ids=lambda folder: folder.name)
def test_a_state_of_a_released_version_previews_without_a_change(
    engine: PulumiCli, tmp_path: Path, version: Path
) -> None:
    world = World(tmp_path.resolve(), engine, released.TENANT, released.laid_out(version))
    try:
        released.restore(world, version)
        preview = world.preview("--refresh", "--expect-no-changes", "--diff", "--policy-pack", "policies")
        assert preview.exit_code == 0, preview.output
    finally:
        world.close()
