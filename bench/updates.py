"""``python -m bench.updates [PEOPLE]``: what an update costs on the real engine, beside Terraform on the same work.

A tenant of so many people, on an embedded directory of its own: the first update; the same again with nothing changed,
with and without a refresh and under the policy pack; and an update in which one person gets another role. The same
resources in a Pulumi program without anything else, on another directory, show how much of that is Pulumi's. Terraform,
where it and the azuread provider are there (`TF_CLI_CONFIG_FILE` names the mirror), makes the same accounts, groups
and role assignments on another directory. Both work on as many resources at once as there are people, up to 300.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.__main__ import partner
from bench.plain_pulumi import make_plain
from bench.sizes import Measured, measured, report
from bench.terraform import Terraform
from tenantry.engine import provider, pulumi_cli
from tenantry.engine.environment import parallel
from tenantry.errors import EngineMissingError
from tenantry.project.paths import Project
from tests.engine.world import SOURCE, World

SIZES = (100, 300, 1_000)
RESULT = Path(".tenantry/bench-updates.json")
PACK = ("--policy-pack", "policies")
WORK = {
    "first": "first update",
    "refreshed": "nothing changed, with refresh",
    "refreshed_pack": "… and the policy pack",
    "same": "nothing changed, without refresh",
    "one_role": "one person's role changed, with refresh and pack",
    "drift": "`tenantry drift` before it, as the pipelines run it",
    "one_role_current": "the same without refresh, as `tenantry drift` allows it",
    "requests": "requests of a preview without refresh",
}


def of_bench(people: int) -> Callable[[Path], str]:
    """Lays out a project for the bench's partner of so many people."""

    def prepare(root: Path) -> str:
        partner(root / "partners" / "bench", people)
        return "bench"

    return prepare


@contextmanager
def on_a_fresh_directory(people: int) -> Iterator[World]:
    """The bench's partner of so many people, of whom the directory knows nobody yet."""
    with tempfile.TemporaryDirectory() as folder:
        engine = pulumi_cli.find(Project(SOURCE))
        world = World(Path(folder).resolve(), engine, "one", of_bench(people), patience=1800)
        try:
            yield world
        finally:
            world.close()


def timed(function: Callable[[], object]) -> float:
    """How many seconds it takes."""
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def tenantry(world: World, people: int) -> Measured:
    """Seconds of each update, and the requests of a preview."""
    at_once = {"PULUMI_PARALLEL": str(parallel(people))}

    def run(*arguments: str) -> Callable[[], object]:
        return lambda: world.pulumi(*arguments, **at_once).ok()

    result = {"first": timed(run("up", "--yes", "--skip-preview"))}
    result["refreshed"] = timed(run("preview", "--refresh", "--expect-no-changes"))
    result["refreshed_pack"] = timed(run("preview", "--refresh", "--expect-no-changes", *PACK))
    with world.requests() as requests:
        result["same"] = timed(run("preview", "--refresh=false", "--expect-no-changes"))
    result["requests"] = sum(not asked.path.endswith("/token") for asked in requests)
    with world.declaration() as document:
        document["people"]["p00001"]["roles"] = ["Helpdesk agent"]
    result["one_role"] = timed(run("up", "--yes", "--skip-preview", *PACK))
    with world.declaration() as document:
        document["people"]["p00001"]["roles"] = ["Admin agent"]
    drift = ("sh", "-c", "tenantry drift --format json > drift.json")
    result["drift"] = timed(lambda: world.run(*drift, **at_once))
    assert json.loads((world.project.root / "drift.json").read_text())["state_is_current"]
    result["one_role_current"] = timed(run("up", "--yes", "--skip-preview", "--refresh=false", *PACK))
    return {f"tenantry_{key}": value for key, value in result.items()}


def terraform(world: World, resources: list[dict[str, object]], people: int, folder: Path) -> Measured:
    """Seconds of the same in Terraform, on a fresh directory."""
    run = Terraform(folder, resources, world.env)
    at_once = f"-parallelism={parallel(people)}"
    run("init", "-input=false")
    return {
        "terraform_first": timed(lambda: run("apply", "-auto-approve", "-input=false", at_once)),
        "terraform_refreshed": timed(lambda: run("plan", "-input=false", "-detailed-exitcode", at_once)),
        "terraform_same": timed(lambda: run("plan", "-input=false", "-detailed-exitcode", "-refresh=false", at_once)),
    }


def plain(world: World, resources: list[dict[str, object]], people: int) -> Measured:
    """Seconds of the same in a Pulumi program with nothing else and a pack of no rules, on a fresh directory."""
    make_plain(world, resources)
    at_once = {"PULUMI_PARALLEL": str(parallel(people))}

    def run(*arguments: str) -> Callable[[], object]:
        return lambda: world.pulumi(*arguments, **at_once).ok()

    return {
        "plain_first": timed(run("up", "--yes", "--skip-preview")),
        "plain_refreshed": timed(run("preview", "--refresh", "--expect-no-changes")),
        "plain_refreshed_pack": timed(run("preview", "--refresh", "--expect-no-changes", *PACK)),
        "plain_same": timed(run("preview", "--refresh=false", "--expect-no-changes")),
    }


def measure(people: int) -> Measured:
    """All of it for one size."""
    provider.ensure_provider(Project(SOURCE), pulumi_cli.find(Project(SOURCE)))
    with on_a_fresh_directory(people) as world:
        result = {"people": float(people)} | tenantry(world, people)
        state = json.loads(world.pulumi("stack", "export").ok().output)
    resources = state["deployment"]["resources"]
    with on_a_fresh_directory(people) as world:
        result |= plain(world, resources, people)
    if Terraform.missing():
        return result
    with on_a_fresh_directory(people) as world, tempfile.TemporaryDirectory() as own:
        return result | terraform(world, resources, people, Path(own))


def _cell(result: Measured, key: str) -> str:
    ours = result.get(f"tenantry_{key}")
    if ours is None:
        return "–"
    if key == "requests":
        return f"{ours:.0f}"
    others = [seconds for by in ("plain", "terraform") if (seconds := result.get(f"{by}_{key}"))]
    return " / ".join([f"{ours:.1f} s", *(f"{other:.1f} s ×{ours / other:.2f}" for other in others)])


def main() -> None:
    """Measure every size; write JSON and show a table. Without the engine, say so."""
    try:
        pulumi_cli.find(Project(SOURCE))
    except EngineMissingError as absent:
        print(f"Updates were not measured: {absent}", file=sys.stderr)
        return
    results = measured("bench.updates", SIZES, measure)
    rows = [[name, *(_cell(result, key) for result in results)] for key, name in WORK.items()]
    headings = [
        "Tenantry / plain Pulumi × ratio / Terraform × ratio",
        *(f"{result['people']:,.0f} people" for result in results),
    ]
    report(RESULT, results, "updates on the real engine", headings, rows)
    if missing := Terraform.missing():
        print(f"Not compared with Terraform: {missing}.", file=sys.stderr)


if __name__ == "__main__":
    main()
