"""`make bench`: what a check and a preview's rules cost, and how that grows with the number of people.

Each size runs in a process of its own, so that memory is its own. The table gives times as ratios to the smallest
size of the same run, beside the seconds: machines differ, growth does not.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tenantry.access.registered import UNKNOWN, RegisteredResource, Value, read
from tenantry.check import check_partner
from tenantry.declaration import load
from tenantry.roles import PartnerRole
from tenantry.rules import evidence_of, judge

SIZES = (300, 1000, 3000)
RESULT = Path(".tenantry/bench.json")
DOMAIN = "bench.onmicrosoft.com"


def partner(folder: Path, people: int) -> Path:
    """A partner with one tenant of so many people, every role among them."""
    roles = [role.value for role in PartnerRole]
    lines = [
        f"  p{n}:\n    full_name: Person {n}\n    upn: p{n}@{DOMAIN}\n    email: p{n}@contoso.com\n"
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


def registered(people: int) -> list[RegisteredResource]:
    """The first preview of such a tenant: everybody is new, and every agent group is adopted."""
    stack = "urn:pulumi:dev::tenantry::"
    roles = list(PartnerRole)
    resources = [
        RegisteredResource(
            f"{stack}azuread:index/user:User::p{n}",
            "azuread:index/user:User",
            {"userPrincipalName": f"p{n}@{DOMAIN}", "mail": f"p{n}@contoso.com"},
        )
        for n in range(people)
    ]
    agents = [r.urn for n, r in enumerate(resources) if roles[n % len(roles)] is PartnerRole.ADMIN_AGENT]
    members: list[Value] = [UNKNOWN] * len(agents)
    resources.append(
        RegisteredResource(
            f"{stack}azuread:index/group:Group::AdminAgents",
            "azuread:index/group:Group",
            {"displayName": "AdminAgents", "members": members},
            {"objectId": "11111111-0000-0000-0000-000000000000"},
            {"members": frozenset(agents)},
            protected=True,
        )
    )
    return resources


def measure(people: int) -> dict[str, float]:
    """Seconds of a check, and of reading and judging a preview; peak memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        where = partner(Path(folder) / "bench", people)
        begun = time.perf_counter()
        checked = check_partner(where)
        check = time.perf_counter() - begun
        if checked.problems:
            raise SystemExit("\n".join(map(str, checked.problems)))
        declaration = load(where)
    resources = registered(people)
    begun = time.perf_counter()
    judge(evidence_of(declaration, "one", read(resources)))
    preview = time.perf_counter() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"people": people, "check_s": check, "preview_rules_s": preview, "peak_mib": memory}


def main() -> None:
    """Measure every size in a process of its own; write JSON and show a table."""
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    results = [
        json.loads(subprocess.run([sys.executable, "-m", "bench", str(n)], check=True, capture_output=True).stdout)
        for n in SIZES
    ]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=2) + "\n")
    table = Table(title=f"{RESULT}: growth against {SIZES[0]} people, in one run", title_justify="left")
    for heading in ("people", "check", "× first", "preview's rules", "× first", "peak memory"):
        table.add_column(heading, justify="right")
    first = results[0]
    for result in results:
        table.add_row(
            str(result["people"]),
            f"{result['check_s']:.2f} s",
            f"{result['check_s'] / first['check_s']:.1f}",
            f"{result['preview_rules_s']:.3f} s",
            f"{result['preview_rules_s'] / first['preview_rules_s']:.1f}",
            f"{result['peak_mib']:.0f} MiB",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
