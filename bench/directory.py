"""``python -m bench.directory``: what the embedded directory answers in a second, and how much memory it takes.

Each size is a directory of its own, in a server process of its own. One client asks it over TLS, and waits for each
answer. It shows that no other benchmark measures the directory by mistake.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from bench.sizes import Measured, measured, report
from tenantry.directory import users
from tenantry.directory.onboarding import open_store
from tenantry.directory.state import State
from tests.directory.samples import UNITED_STATES, LiveDirectory

SIZES = (1_000, 10_000, 50_000)
REQUESTS = 300
RESULT = Path(".tenantry/bench-directory.json")


def fill(folder: Path, people: int) -> None:
    """A directory with so many users, made in one transaction and without passwords."""
    store = open_store(State.prepare(folder), [UNITED_STATES])
    with store.writing(UNITED_STATES.tenant_id) as tenant:
        for number in range(people):
            name = f"p{number:05}"
            users.create(
                tenant,
                {
                    "accountEnabled": True,
                    "displayName": f"Person {number}",
                    "mailNickname": name,
                    "userPrincipalName": f"{name}@contoso.example",
                },
            )
    store.close()


def resident_mib(pid: int) -> float:
    """The memory that a process holds now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1024 / 1024


def per_second(ask: Callable[[int], httpx.Response]) -> float:
    """How many answers a second come, one after another."""
    begun = time.perf_counter()
    for number in range(REQUESTS):
        ask(number).raise_for_status()
    return REQUESTS / (time.perf_counter() - begun)


def measure(people: int) -> Measured:
    """Requests a second by kind, and the server's memory, for one size."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        fill(state, people)
        with LiveDirectory(state) as live, live.client(live.deploying_token()) as graph:
            first = graph.get("/v1.0/users?$top=1").json()["value"][0]["id"]
            group = UNITED_STATES.group_id("All Users")
            found = {
                "one by id": lambda _: graph.get(f"/v1.0/users/{first}"),
                "one by UPN": lambda n: graph.get(
                    "/v1.0/users", params={"$filter": f"userPrincipalName eq 'p{n % people:05}@contoso.example'"}
                ),
                "is a member": lambda _: graph.get(
                    f"/beta/groups/{group}/members", params={"$filter": f"id eq '{first}'"}
                ),
                "a page of 100": lambda _: graph.get("/v1.0/users"),
                "change one": lambda n: graph.patch(f"/v1.0/users/{first}", json={"jobTitle": f"Number {n}"}),
            }
            rates = {name: per_second(ask) for name, ask in found.items()}
            return {"people": people, **rates, "memory_mib": resident_mib(live.running.pid)}


def main() -> None:
    """Measure every size; write JSON and show a table."""
    results = measured("bench.directory", SIZES, measure)
    headings = [key.replace("memory_mib", "memory, MiB") for key in results[0]]
    rows = [[f"{value:,.0f}" for value in result.values()] for result in results]
    report(RESULT, results, "answers a second, one client", headings, rows)


if __name__ == "__main__":
    main()
