"""An engine that is killed at ten moments of an update of fifty people, and what `tenantry recover` makes of it.

Minutes of waiting: `make test-deep` runs it.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest

from tenantry.directory.state import State
from tenantry.drift.run import drift
from tests.depth import deep

from .world import SOURCE, World

TENANT = "uk"
pytestmark = [
    pytest.mark.engine,
    pytest.mark.xdist_group("engine-interrupted"),
    deep,
]

PEOPLE = 50
KILLS = 10
SAMPLE = ("ada", "jonas", "kavya", "rescue-1", "rescue-2")
ROLES = ("Admin agent", "Sales agent", "Helpdesk agent", "Billing admin", "User management admin")


def declare(world: World, people: int) -> None:
    """As many people as that, the sample's own among them."""
    domain = world.tenant.domains.initial
    with world.declaration() as tenant:
        for number in range(people - len(SAMPLE)):
            tenant["people"][f"p{number:02}"] = {
                "full_name": f"Person {number}",
                "upn": f"p{number:02}@{domain}",
                "roles": [ROLES[number % len(ROLES)]],
            }


def killed_at(world: World, number: int, path: str = "") -> bool:
    """Whether an update was killed when the directory had answered so many of its writes: false where it made fewer.

    Of all its writes, or of those to a path.
    """
    before = written(world, path)
    update = world.start_up()
    while update.poll() is None:
        if written(world, path) - before >= number:
            os.killpg(update.pid, signal.SIGKILL)
            update.wait()
            return True
        time.sleep(0.05)
    return False


def written(world: World, path: str) -> int:
    """How many writes, of all or of those to a path, the directory answered since it was there."""
    requests = (line.split(" ") for line in State(world.project.directory).request_log.read_text().splitlines())
    return sum(
        method != "GET" and where.endswith(path) and not where.endswith("/token") for method, where, _ in requests
    )


def recovered(world: World) -> str:
    world.pulumi("cancel", "--yes")
    ran = subprocess.run(
        [sys.executable, "-c", "from tenantry.commands.app import main; main()", "recover", "--yes"],
        cwd=world.project.root,
        env={**world.env, "PYTHONPATH": str(SOURCE)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_fifty_people_are_all_there_once_however_often_the_engine_was_killed(world: World) -> None:
    graph = world.graph
    moments = random.Random(20261124)
    kills, made = 0, 0
    for number in range(KILLS):
        # Five more people each time, so that there is always something to interrupt.
        declare(world, PEOPLE * (number + 1) // KILLS)
        kills += killed_at(world, moments.randint(1, 8))
        made += recovered(world).count("was created: ")
    assert kills == KILLS
    assert made > 0, "no kill left anything to recover"
    world.up().ok()
    assert world.drift().exit_code == 0
    with world.writes() as writes:
        world.up().ok()
    assert writes == []

    upns = Counter(user["userPrincipalName"] for user in _all(world, "/users"))
    declared = [person["upn"] for person in _people(world).values()]
    assert len(declared) == PEOPLE
    assert {upn: upns[upn] for upn in declared} == dict.fromkeys(declared, 1)
    assert not [upn for upn in upns if upn.startswith("p") and upn not in declared]
    for group, role in (("AdminAgents", {"Admin agent", "Global admin"}), ("SalesAgents", {"Sales agent"})):
        expected = {
            person["upn"].split("@")[0]
            for person in _people(world).values()
            if set(person["roles"]) & role and not person.get("emergency")
        }
        assert graph.members(group) == expected
    assignments = Counter((a["principalId"], a["roleDefinitionId"]) for a in _all(world, _ASSIGNMENTS))
    assert set(assignments.values()) == {1}
    passwords = world.outputs()["temporary_passwords"]
    for key in ("p00", "p20", "p44"):
        assert graph.sign_in_error(_people(world)[key]["upn"], passwords[key]) == "AADSTS50055"
    assert json.loads(world.pulumi("stack", "export").output)["deployment"].get("pending_operations", []) == []


_ASSIGNMENTS = "/roleManagement/directory/roleAssignments"


def _people(world: World) -> dict[str, dict[str, Any]]:
    with world.declaration() as tenant:
        return {key: dict(person) for key, person in tenant["people"].items()}


def _all(world: World, path: str) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    link: str | None = path
    while link:
        page = world.graph("GET", link)
        items += page["value"]
        following = page.get("@odata.nextLink")
        link = following.partition("/v1.0")[2] if following else None
    return items


def test_drift_does_not_pass_over_what_a_killed_update_was_creating(world: World) -> None:
    declare(world, PEOPLE + 4)
    assert killed_at(world, 1, "/users"), "the update was over before it could be killed"
    world.pulumi("cancel", "--yes")
    killed = drift(world.project, "dev")
    assert any(re.fullmatch(r"uk-[\w-]+ \(User\)", part.what) for part in killed.not_evaluated)
    assert all("the state lists it as being created" in part.why for part in killed.not_evaluated)
    assert not killed.state_is_current
    assert killed.exit_code == 1

    recovered(world)
    assert drift(world.project, "dev").not_evaluated == ()


def test_nothing_is_recovered_where_nothing_was_interrupted(world: World) -> None:
    assert "there is nothing to recover" in recovered(world)
