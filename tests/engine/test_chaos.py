"""What docs/reliability.md says of the engine: two updates at once, a damaged state, a plugin of another version."""

import shutil
import time
from pathlib import Path

import pytest

from tenantry.doctor.model import Check, Standing
from tenantry.doctor.run import doctor
from tests.chaos import chaos

from .world import World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-chaos"), chaos]
AT = "@contoso-partner.onmicrosoft.com"


def contents(world: World, stack: str) -> Check:
    """What the doctor says of a stack's state."""
    report = doctor(world.project.root, stack, world.env, offline=True)
    (check,) = (check for check in report.checks if check.name == "contents")
    return check


def state_of(world: World) -> Path:
    return world.states / "dev.json.gz"


def test_of_two_updates_at_once_the_second_is_refused_and_the_first_completes(own_copy: World) -> None:
    world = own_copy
    with world.declaration() as tenant:
        tenant["people"]["judy"] = {"full_name": "Judy Park", "upn": f"judy.park{AT}", "roles": ["Sales agent"]}
    first = world.start_up()
    locks, end = world.project.backend / ".pulumi/locks", time.monotonic() + 60
    while not list(locks.rglob("*.json")) and time.monotonic() < end:
        assert first.poll() is None
        time.sleep(0.02)
    second = world.up()
    assert second.exit_code != 0
    assert "the stack is currently locked by 1 lock(s)" in second.output
    assert first.wait(timeout=180) == 0
    assert world.graph.user(f"judy.park{AT}")["displayName"] == "Judy Park"
    world.preview("--expect-no-changes").ok()


def test_a_damaged_state_is_named_left_as_it_is_and_its_backup_restores_it(own_copy: World) -> None:
    world = own_copy
    file = state_of(world)
    damaged = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(damaged)
    # drift still compares what Microsoft Graph shows; recover can do nothing without the state.
    for exit_code, *command in ((1, "tenantry", "drift"), (3, "tenantry", "recover", "--stack", "dev")):
        ran = world.run(*map(str, command))
        output = " ".join(ran.output.split())
        assert ran.exit_code == exit_code, output
        assert "failed to load checkpoint" in output
        assert (
            "put its backup in its place (beside `dev.json.gz` it is `dev.json.gz.bak`), and run `pulumi up`" in output
        )
        assert "Traceback" not in output
        assert file.read_bytes() == damaged
    # As advised.
    shutil.copy(f"{file}.bak", file)
    world.up().ok()
    world.preview("--expect-no-changes").ok()


def test_what_a_killed_update_left_half_written_beside_the_state_is_removed_as_advised(own_copy: World) -> None:
    world = own_copy
    half = Path(f"{state_of(world)}.attrs")
    assert not half.exists(), "the sample's backend is to write none"
    half.touch()
    ran = world.run("tenantry", "recover", "--stack", "dev")
    output = " ".join(ran.output.split())
    assert ran.exit_code == 3
    assert "failed to load checkpoint" in output
    assert "remove the file of attributes beside the state's file" in output
    assert "`dev.json.gz.attrs`" in output
    check = contents(world, "dev")
    assert (check.standing, check.found.endswith("failed to load checkpoint: EOF")) == (Standing.WRONG, True)
    assert check.remediation.startswith("remove the file of attributes")
    half.unlink()
    assert contents(world, "dev").standing is Standing.FINE
    world.preview("--expect-no-changes").ok()


def test_a_stack_that_the_backend_does_not_have_is_made_as_the_doctor_advises(own_copy: World) -> None:
    world = own_copy
    root = world.project.root
    shutil.copy(root / "Pulumi.dev.yaml", root / "Pulumi.us.yaml")
    check = contents(world, "us")
    assert (check.standing, check.found) == (Standing.WRONG, "the backend has no stack us")
    advised = check.remediation.partition("`")[2].partition("`")[0]
    world.run(*advised.split(), "--non-interactive").ok()
    assert contents(world, "us").standing is Standing.FINE


def test_without_the_plugins_version_nothing_is_done_and_the_doctor_says_what_to_install(
    own_copy: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = own_copy
    before = state_of(world).read_bytes()
    without = {"PULUMI_HOME": str(tmp_path), "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}
    with world.writes() as writes:
        ran = world.pulumi("up", "--yes", **without)
    assert ran.exit_code != 0
    assert "azuread" in ran.output
    assert writes == []
    assert state_of(world).read_bytes() == before
    for name, value in {**world.env, **without}.items():
        monkeypatch.setenv(name, value)
    report = doctor(world.project.root, "dev", {**world.env, **without}, offline=True)
    (check,) = (check for check in report.checks if check.name == "azuread provider")
    assert check.standing is Standing.WRONG
    assert check.remediation.startswith("`pulumi plugin install resource azuread 6.")
