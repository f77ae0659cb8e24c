"""A stack that a released version made goes on as it is: no update because of a newer Tenantry (decision 17)."""

from pathlib import Path

import pytest

from tenantry.engine.pulumi_cli import PulumiCli
from tests.depth import deep

from . import released
from .world import World, content

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


def test_an_update_goes_on_from_a_state_that_is_not_compressed_and_leaves_no_second_one(own_copy: World) -> None:
    """As states were before `tenantry env` had the engine compress them."""
    world, folder = own_copy, own_copy.states
    before = world.resources()
    plain, compressed = folder / "dev.json", folder / "dev.json.gz"
    plain.write_bytes(content(compressed))
    for file in folder.glob("dev.json.gz*"):
        file.unlink()
    assert world.resources() == before

    upn = f"judy.park@{world.tenant.domains.initial}"
    with world.declaration() as tenant:
        tenant["people"]["judy"] = {"full_name": "Judy Park", "upn": upn, "roles": ["Sales agent"]}
    world.up().ok()
    assert world.changes() == {"create": 1, "update": 1}, "Judy, and the group that she is in"
    assert {file.name for file in folder.glob("dev.json*") if file.suffix in (".json", ".gz")} == {"dev.json.gz"}
    assert before < world.resources()
    with world.writes() as writes:
        world.up().ok()
        assert world.drift().exit_code == 0
    assert (writes, world.changes()) == ([], {})
