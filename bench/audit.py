"""``python -m bench.audit``: how many requests an audit takes, how long, and how much memory, by the number of users.

Each size is a tenant of its own in a directory in another process, with the same thirty people in AdminAgents, whom
nobody declared: what an audit keeps grows with them, and what it asks with the pages of people.
"""

import tempfile
import time
import tracemalloc
from datetime import date
from pathlib import Path

from bench.__main__ import PARTNER
from bench.directory import fill
from bench.sizes import Measured, measured, report
from tenantry.audit.run import audit_tenant
from tenantry.declaration import Stack, load
from tenantry.graph.client import GraphReader
from tenantry.graph.permissions import Reading
from tests.directory.samples import ADA, UNITED_STATES, LiveDirectory

SIZES = (100, 1_000, 10_000)
HOLDERS = 30
RESULT = Path(".tenantry/bench-audit.json")
TENANT = f"""\
id: {UNITED_STATES.tenant_id}
name: Bench
country: US
purpose: [partner]
programs: {{CSP: {{enrolled_on: 2026-01-31}}}}
domains: {{initial: {UNITED_STATES.initial_domain}, verified: [contoso.example]}}
mode: authoritative
agent_groups: {{ids: {{AdminAgents: {UNITED_STATES.group_id("AdminAgents")}}}}}
people:
  ada:
    full_name: {ADA.display_name}
    upn: {ADA.upn}
    email: ada@contoso.example
    roles: [Global admin]
    adopted: {ADA.object_id}
"""


def let_some_join(live: LiveDirectory) -> None:
    """Thirty people in AdminAgents, by hand."""
    with live.client(live.deploying_token()) as graph:
        people = graph.get("/v1.0/users", params={"$top": HOLDERS + 1}).json()["value"]
        for person in [item for item in people if item["id"] != ADA.object_id][:HOLDERS]:
            group = UNITED_STATES.group_id("AdminAgents")
            body = {"@odata.id": f"{live.url}/v1.0/directoryObjects/{person['id']}"}
            graph.post(f"/v1.0/groups/{group}/members/$ref", json=body).raise_for_status()


def measure(people: int) -> Measured:
    """What one audit takes."""
    with tempfile.TemporaryDirectory() as folder:
        partner = Path(folder) / "bench"
        (partner / "tenants").mkdir(parents=True)
        (partner / "partner.yaml").write_text(PARTNER)
        (partner / "tenants" / "one.yaml").write_text(TENANT)
        state = Path(folder) / "state"
        fill(state, people)
        with LiveDirectory(state) as live:
            let_some_join(live)
            credentials = live.credentials()
            environment = {
                "ARM_TENANT_ID": UNITED_STATES.tenant_id,
                "ARM_CLIENT_ID": credentials.client_id,
                "ARM_CLIENT_SECRET": credentials.client_secret,
                "ARM_METADATA_HOSTNAME": live.running.metadata_host,
                "SSL_CERT_FILE": str(live.bundle),
            }
            stack = Stack(load(partner), "one")
            with GraphReader.from_environment(environment) as graph:
                graph.organization()
                first, begun = sum(graph.requests.values()), time.perf_counter()
                found = audit_tenant(graph, stack, date.today())
                seconds = time.perf_counter() - begun
                requests = sum(graph.requests.values()) - first
                of_methods = graph.requests[Reading.REGISTRATIONS]
                # Once more, since counting memory takes time.
                tracemalloc.start()
                audit_tenant(graph, stack, date.today())
                peak = tracemalloc.get_traced_memory()[1] / 1024 / 1024
            if len(found.changes) < HOLDERS:
                raise SystemExit(f"found {len(found.changes)} of {HOLDERS} who joined")
    return {
        "users": people,
        "requests": requests,
        "requests_without_methods": requests - of_methods,
        "seconds": seconds,
        "peak_mib": peak,
    }


def main() -> None:
    """Measure every size; write JSON and show a table."""
    results = measured("bench.audit", SIZES, measure)
    headings = ["users", "requests", "without the report of methods", "seconds", "memory of the audit"]
    rows = [
        [
            f"{item['users']:,.0f}",
            f"{item['requests']:.0f}",
            f"{item['requests_without_methods']:.0f}",
            f"{item['seconds']:.1f} s",
            f"{item['peak_mib']:.1f} MiB",
        ]
        for item in results
    ]
    report(RESULT, results, f"an audit of a tenant with {HOLDERS} people in AdminAgents", headings, rows)


if __name__ == "__main__":
    main()
