"""`make bench`: what a check, a preview's rules and the policy pack cost, and how that grows with the number of people.

The table gives times and memory, and their ratios to those of 1,000 people in the same run: machines differ, growth
does not.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from bench.sizes import Measured, measured, report
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
PARTNER = """\
name: Bench
legal:
  name: Bench Inc.
  phone: +1 425 555 0100
  address: {street: 1 Main Street, city: Redmond, postal_code: "98052", country: US}
contact: {name: Person 0, email: p0@contoso.com, phone: +1 425 555 0101}
agreement: {accepted_on: 2025-02-03, by: Person 0}
account_verified_on: 2025-02-10
tenants: [one]
"""


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
    (folder / "partner.yaml").write_text(PARTNER)
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
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts the parent's memory in `ru_maxrss` too
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure(people: int) -> Measured:
    """Seconds of a check, of loading in it, and of the rules on a preview; peak memory of the check in MiB."""
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
    """Measure every size; write JSON and show a table."""
    results = measured("bench", SIZES, measure)
    against = next(result for result in results if result["people"] == AGAINST)
    growth = [{key: item[key] / against[key] for key in ("people", *COLUMNS)} for item in results]
    shares = [item["loading_s"] / item["check_s"] for item in results]
    written = [
        {**item, "loading_share": share, "growth": ratios}
        for item, share, ratios in zip(results, shares, growth, strict=True)
    ]
    rows = []
    for item, ratios in zip(results, growth, strict=True):
        cells = [f"{form.format(item[key])} (×{ratios[key]:.1f})" for key, (_, form) in COLUMNS.items()]
        rows.append([f"{item['people']:,} (×{ratios['people']:.1f})", *cells])
    headings = ["people", *(heading for heading, _ in COLUMNS.values())]
    report(RESULT, written, f"growth against {AGAINST:,} people, in one run", headings, rows)
    print(f"Of a check of {SIZES[-1]:,} people, loading takes {shares[-1]:.0%} and the rules {1 - shares[-1]:.0%}.")


if __name__ == "__main__":
    main()
