"""`make bench`: what a check, a preview's rules and the policy pack cost, and how that grows with the number of people.

Each size runs in a process of its own, so that memory is its own. The table gives times and memory as ratios to those
of 1,000 people in the same run, beside the seconds: machines differ, growth does not.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from rich.console import Console
from rich.table import Table

from tenantry.access.registered import read
from tenantry.declaration import load
from tenantry.reports import check
from tenantry.roles import PartnerRole
from tenantry.rules import evaluate, evidence_of
from tests.policy.engine import ROOT, running
from tests.rules.builder import honest

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

SIZES = (300, 1_000, 3_000, 10_000)
AGAINST = 1_000
RESULT = Path(".tenantry/bench.json")
DOMAIN = "bench.onmicrosoft.com"


def partner(folder: Path, people: int) -> Path:
    """A partner with one tenant of so many people, every role among them."""
    roles = [role.value for role in PartnerRole]
    lines = [
        f"  p{n:05}:\n    full_name: Person {n}\n    upn: p{n}@{DOMAIN}\n    email: p{n}@contoso.com\n"
        f"    roles: [{roles[n % len(roles)]}]"
        for n in range(people)
    ]
    tenant = f"""id: 6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10
name: Bench
country: US
purpose: [partner]
programs: {{CSP: {{enrolled_on: 2026-01-31}}}}
domains: {{initial: {DOMAIN}}}
mode: authoritative
people:
"""
    (folder / "tenants").mkdir(parents=True)
    (folder / "partner.yaml").write_text("name: Bench\ntenants: [one]\n")
    (folder / "tenants" / "one.yaml").write_text(tenant + "\n".join(lines) + "\n")
    return folder


def timed(function: Callable[_Given, _Result], into: list[float]) -> Callable[_Given, _Result]:
    """The same function, which notes how long it took."""

    def call(*given: _Given.args, **named: _Given.kwargs) -> _Result:
        begun = time.perf_counter()
        try:
            return function(*given, **named)
        finally:
            into.append(time.perf_counter() - begun)

    return call


def peak_mib() -> float:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure(people: int) -> dict[str, float]:
    """Seconds of a check, of loading in it, and of reading and judging a preview; peak memory of the check in MiB."""
    loading: list[float] = []
    whole: list[float] = []
    vars(check)["load"] = timed(load, loading)
    with tempfile.TemporaryDirectory() as folder:
        where = partner(Path(folder) / "bench", people)
        size = (where / "tenants" / "one.yaml").stat().st_size
        before = peak_mib()
        checked = timed(check.check_partner, whole)(where)
        after = peak_mib()
        if checked.problems:
            raise SystemExit("\n".join(map(str, checked.problems)))
        declaration = load(where)
        resources = list(honest(declaration.tenants["one"]).values())
        begun = time.perf_counter()
        evaluate(evidence_of(declaration, "one", read(resources)))
        preview = time.perf_counter() - begun
        with running(ROOT / "policies", {"tenantry:tenant": "bench/one"}, {"partners": folder}) as pack:
            begun = time.perf_counter()
            pack.preview(resources)
            served = time.perf_counter() - begun
    return {
        "people": people,
        "file_kib": size / 1024,
        "check_s": whole[0],
        "loading_s": loading[0],
        "rules_s": whole[0] - loading[0],
        "preview_rules_s": preview,
        "pack_s": served,
        "peak_mib": after,
        "peak_above_start_mib": after - before,
    }


COLUMNS = {
    "check_s": ("check", "{:.2f} s"),
    "loading_s": ("of it loading", "{:.2f} s"),
    "rules_s": ("of it rules", "{:.2f} s"),
    "preview_rules_s": ("preview's rules", "{:.2f} s"),
    "pack_s": ("policy pack, by protocol", "{:.2f} s"),
    "peak_above_start_mib": ("memory of the check", "{:.0f} MiB"),
}


def main() -> None:
    """Measure every size in a process of its own; write JSON and show a table."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    results = [
        json.loads(subprocess.run([sys.executable, "-m", "bench", str(n)], check=True, capture_output=True).stdout)
        for n in SIZES
    ]
    against = next(result for result in results if result["people"] == AGAINST)
    for result in results:
        result["loading_share"] = result["loading_s"] / result["check_s"]
        result["growth"] = {key: result[key] / against[key] for key in ("people", *COLUMNS)}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2) + "\n")
    table = Table(title=f"{RESULT}: growth against {AGAINST:,} people, in one run", title_justify="left")
    table.add_column("people", justify="right")
    for heading, _ in COLUMNS.values():
        table.add_column(heading, justify="right")
    for result in results:
        cells = [f"{form.format(result[key])} (×{result['growth'][key]:.1f})" for key, (_, form) in COLUMNS.items()]
        table.add_row(f"{result['people']:,} (×{result['growth']['people']:.1f})", *cells)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    share = results[-1]["loading_share"]
    console.print(
        f"Of a check of {SIZES[-1]:,} people, loading is {share:.0%} and judging by the rules {1 - share:.0%}."
    )


if __name__ == "__main__":
    main()
