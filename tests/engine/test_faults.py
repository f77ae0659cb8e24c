"""An update while the directory fails as the real one does: it converges, and nothing is there twice or missing."""

import re
import ssl
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from tenantry.directory import control
from tenantry.directory.state import State
from tenantry.engine.pulumi_cli import PulumiCli
from tests.depth import deep

from .world import Ran, World

pytestmark = [
    pytest.mark.engine,
    deep,
]
ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
GRAPH_WRITES = ["POST", "PATCH", "PUT", "DELETE"]
FAULTS: dict[str, list[dict[str, Any]]] = {
    "a new object is not found at once": [{"kind": "replication_lag", "reads": 3}],
    "a listing is behind": [{"kind": "stale_listing", "reads": 2}],
    "too many requests, by rate": [{"kind": "too_many_requests", "requests": 40, "seconds": 10, "retry_after": 1}],
    "reads fail with 500": [{"kind": "server_error", "status": 500, "every": 7, "methods": ["GET"]}],
    "writes fail with 503": [{"kind": "server_error", "status": 503, "every": 5, "methods": GRAPH_WRITES}],
    "writes fail with 504": [{"kind": "server_error", "status": 504, "every": 5, "methods": GRAPH_WRITES}],
    "answers to writes come late": [{"kind": "held_back", "seconds": 2, "every": 3, "methods": GRAPH_WRITES}],
    "connections drop before a read": [{"kind": "dropped", "when": "before", "every": 9, "methods": ["GET"]}],
    "connections drop before a write": [{"kind": "dropped", "when": "before", "every": 6, "methods": GRAPH_WRITES}],
    "connections drop after a membership took effect": [
        {"kind": "dropped", "when": "after", "path": "/groups", "every": 2, "count": 3, "methods": GRAPH_WRITES}
    ],
    "the sign-in service fails": [{"kind": "server_error", "status": 503, "at": "sign-in", "count": 2}],
    "tokens come from a clock that is ahead": [{"kind": "clock_skew", "seconds": 240}],
    "tokens come from a clock that is behind": [{"kind": "clock_skew", "seconds": -240}],
    "tokens expire early": [{"kind": "early_expiry", "seconds": 2}],
}


@pytest.fixture
def world(engine: PulumiCli, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path.resolve(), engine, "us")
    try:
        yield made
    finally:
        made.close()


@contextmanager
def failing(world: World, faults: list[dict[str, Any]]) -> Iterator[None]:
    """Let the directory fail so meanwhile, and make sure that it did."""
    state = State(world.project.directory)
    with httpx.Client(
        base_url=world.running.url,
        verify=ssl.create_default_context(cafile=state.bundle),
        headers={"Authorization": f"Bearer {state.control_secret()}"},
    ) as controls:
        controls.put(control.FAULTS, json={"faults": faults}).raise_for_status()
        yield
        assert all(controls.get(control.FAULTS).raise_for_status().json()["hits"]), "the fault did not strike"
        controls.delete(control.FAULTS).raise_for_status()


def access(world: World) -> dict[str, Any]:
    """Who is there, and what they hold, by names that do not change from one directory to the next."""
    graph = world.graph
    users = graph("GET", "/users?$top=999&$select=id,userPrincipalName")["value"]
    name_of = {user["id"]: user["userPrincipalName"] for user in users}
    groups = ("AdminAgents", "HelpdeskAgents", "SalesAgents")
    assignments = graph("GET", ASSIGNMENTS)["value"]
    return {
        "users": sorted(name_of.values()),
        "members": {name: sorted(graph.members(name)) for name in groups},
        "roles": Counter((name_of.get(a["principalId"], ""), a["roleDefinitionId"]) for a in assignments),
        "resources": sorted(world.resources()),
    }


@pytest.fixture(scope="session")
def without_faults(engine: PulumiCli, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    made = World(tmp_path_factory.mktemp("whole").resolve(), engine, "us")
    try:
        made.up().ok()
        return access(made)
    finally:
        made.close()


def converged(world: World, first: Ran, without_faults: dict[str, Any]) -> None:
    """Everything is as without a fault after the first update, or after a second."""
    assert "has no group" not in first.output  # what could not be read is not taken for missing
    if first.exit_code:
        world.up().ok()

    assert access(world) == without_faults
    assert world.drift().exit_code == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_an_update_converges_at_once_or_once_the_fault_has_passed(
    world: World, fault: str, without_faults: dict[str, Any]
) -> None:
    with failing(world, FAULTS[fault]):
        first = world.up()
    print(f"{fault}: exit {first.exit_code}")
    converged(world, first, without_faults)


@contextmanager
def other_load(world: World) -> Iterator[set[str]]:
    """Let the same application ask for more meanwhile; the addresses, which nobody else asks for.

    The costly request empties what the limits allow, and the cheap one takes what the costly one has to leave. Several
    ask at once, so that the limits are met on a slow machine, too.
    """
    costly = f"/groups/{world.graph.group_id('AdminAgents')}/transitiveMembers"
    cheap = "/users/of-the-load"
    enough = Event()

    def ask() -> None:
        while not enough.is_set():
            world.graph.status(costly)
            world.graph.status(f"{cheap}?$select=id")

    with ThreadPoolExecutor() as threads:
        loads = [threads.submit(ask) for _ in range(4)]
        try:
            yield {f"/v1.0{path}" for path in (costly, cheap)}
        finally:
            enough.set()
        for load in loads:
            load.result()


def test_an_update_converges_while_its_application_is_at_graphs_own_limits(
    world: World, without_faults: dict[str, Any]
) -> None:
    """An update of the sample alone stays below them: its application is made to do more at the same time."""
    with (
        failing(world, [{"kind": "graph_limits", "size": "S"}]),
        world.requests() as requests,
        other_load(world) as asked_by_the_load,
    ):
        first = world.up()
    refused = [asked for asked in requests if asked.status == 429 and asked.path not in asked_by_the_load]
    print(f"Graph's own limits: exit {first.exit_code}, {len(refused)} requests of the update refused")
    assert refused, "the update met no limit"
    converged(world, first, without_faults)


def lost_answer(world: World, path: str) -> str:
    """Lose the answer to the first POST to a path, and say what the next update makes of it."""
    with failing(world, [{"kind": "dropped", "when": "after", "path": path, "count": 1, "methods": ["POST"]}]):
        assert world.up().exit_code != 0
    again = world.up()
    assert again.exit_code != 0, "if this passes now, docs/directory.md can promise more"
    return again.output


def test_a_user_whose_answer_was_lost_is_refused_until_it_is_adopted(
    world: World, without_faults: dict[str, Any]
) -> None:
    """Nobody can know whose account it is: a second one is not made, and the first is not taken over unasked."""
    message = lost_answer(world, "/users")
    assert "already has that name" in message
    ((object_id, lost),) = set(re.findall(r"write `adopted: (\S+)` under `people\.(\S+)`", message))
    assert world.graph.user(world.tenant.members[lost].upn)["id"] == object_id
    with world.declaration() as tenant:
        tenant["people"][lost]["adopted"] = object_id
    world.up().ok()

    found = access(world)
    # An adopted account has no temporary password, so the resource of that is not there.
    assert {**found, "resources": None} == {**without_faults, "resources": None}
    assert set(found["resources"]) < set(without_faults["resources"])
    assert world.drift().exit_code == 0


def test_a_role_assignment_whose_answer_was_lost_is_refused_until_it_is_taken_away(
    world: World, without_faults: dict[str, Any]
) -> None:
    message = lost_answer(world, ASSIGNMENTS)
    assert "or by an update whose answer was lost" in message
    (held,) = set(re.findall(r"by the assignment (\S+),", message))
    assert held in {item["id"] for item in world.graph("GET", ASSIGNMENTS)["value"]}
    world.graph("DELETE", f"{ASSIGNMENTS}/{held}")
    world.up().ok()

    assert access(world) == without_faults
    assert world.drift().exit_code == 0
