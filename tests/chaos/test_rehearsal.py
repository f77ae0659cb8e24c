"""Two rehearsals at once: one does it, the other is refused and changes nothing."""

import fcntl
import json

import pytest

from tenantry.directory.state import State

from . import chaos
from .conftest import Repository, ended


@chaos
def test_of_two_rehearsals_at_once_one_is_refused_and_the_outcome_is_that_of_one(repository: Repository) -> None:
    both = [repository.start("rehearse", "up") for _ in range(2)]
    ran = sorted(map(ended, both), key=lambda one: one.exit_code)
    assert ran[0].exit_code == 0, ran
    if ran[1].exit_code:  # else one came only after the other
        assert ran[1].exit_code == 1
        assert "Another rehearsal is running. Nothing was changed. Fix: wait until it has ended" in ran[1].stderr
    again = repository.run("rehearse", "up")
    assert again.exit_code == 0
    assert "nothing changes" in again.stdout
    people = [
        person["userPrincipalName"]
        for tenant in json.loads(repository.run("directory", "dump").stdout).values()
        for person in tenant["users"]
    ]
    assert people
    assert len(people) == len(set(people))


@pytest.mark.parametrize("command", [("rehearse", "up"), ("rehearse", "preview"), ("rehearse", "drift")])
@chaos
def test_while_a_rehearsal_changes_the_directory_no_other_shows_what_is_half_done(
    repository: Repository, command: tuple[str, ...]
) -> None:
    state = State.prepare(repository.project.directory)
    with (state.folder / "rehearsal.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = repository.run(*command)
    assert ran.exit_code == 1
    assert "Another rehearsal is running" in ran.stderr
