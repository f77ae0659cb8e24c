"""``python -m bench.customers [SIZE]``: what updates of many customers cost, on the real engine and our directory.

The partner is examples/adatum, with customers like its own beside these. Three updates with the policy pack: all
relationships are made; all customers have approved, and every group is assigned; nothing is left to do. The requests
are those in the directory's log, sign-ins aside. It needs the engine, and is no part of `make bench`.
"""

import sys
import tempfile
import time
from pathlib import Path

from bench.sizes import Measured, measured, report
from tenantry.engine import provider, pulumi_cli
from tenantry.project.paths import Project
from tests.engine.adatum import RELATIONSHIPS, approve, of_adatum, relationships
from tests.engine.world import SOURCE, World

SIZES = (50, 500)
RESULT = Path(".tenantry/bench-customers.json")
UPDATES = ("made", "assigned", "unchanged")


def update(world: World, name: str) -> Measured:
    """How long an update takes, and how many requests it makes: all, of relationships, and what is written there."""
    begun = time.perf_counter()
    with world.requests() as requests:
        world.up().ok()
    taken = time.perf_counter() - begun
    asked = [one for one in requests if not one.path.endswith("/token")]
    ours = [one for one in asked if RELATIONSHIPS in one.path]
    result: Measured = {
        f"{name}_seconds": round(taken, 1),
        f"{name}_requests": len(asked),
        f"{name}_of_relationships": len(ours),
        f"{name}_writes": sum(one.method != "GET" for one in ours),
    }
    print(result, file=sys.stderr)  # the next one may take minutes
    return result


def measure(customers: int) -> Measured:
    """The three updates for one size."""
    engine = pulumi_cli.find(Project(SOURCE))
    provider.ensure_provider(Project(SOURCE), engine)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder).resolve(), engine, "us", of_adatum(customers), patience=1800)
        try:
            result = {"customers": float(customers)} | update(world, "made")
            approve(world, [one["id"] for one in relationships(world)], minutes=1)
            result |= update(world, "assigned")
            world.let_days_pass(1)
            return result | update(world, "unchanged")
        finally:
            world.close()


if __name__ == "__main__":
    RESULTS = measured("bench.customers", SIZES, measure)
    report(
        RESULT,
        RESULTS,
        "seconds, and requests in all / of relationships / of these writes",
        ["customers", *UPDATES],
        (
            [
                f"{result['customers']:.0f}",
                *(
                    f"{result[f'{name}_seconds']:.0f} s, {result[f'{name}_requests']:.0f} / "
                    f"{result[f'{name}_of_relationships']:.0f} / {result[f'{name}_writes']:.0f}"
                    for name in UPDATES
                ),
            ]
            for result in RESULTS
        ),
    )
