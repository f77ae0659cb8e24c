"""An audit while Microsoft Graph throttles, fails, cuts connections and lags: whole, or named as not read."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tenantry.audit.model import TenantAudit
from tenantry.audit.run import audit
from tenantry.directory.app import create_app
from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.fault_layer import FaultLayer
from tenantry.directory.faults import Faults
from tenantry.directory.tokens import token_for_application
from tenantry.graph.permissions import EVERY_FEATURE
from tenantry.roles import AgentGroup, DirectoryRole
from tests.directory.samples import ORIGIN
from tests.graph.in_process import reader_of

from .world import OTHERS, TODAY, Audited, audited


@pytest.fixture(scope="module")
def changed() -> Iterator[Audited]:
    """Somebody in AdminAgents and a Global Administrator, both undeclared."""
    with audited() as one:
        one.world.join(one.directory.group(AgentGroup.ADMIN_AGENTS), one.newcomer())
        one.world.assign(one.newcomer("oscar"), DirectoryRole.GLOBAL_ADMINISTRATOR)
        one.world.permit(*OTHERS, *EVERY_FEATURE)
        yield one


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it would have waited between tries."""
    found: list[float] = []
    monkeypatch.setattr("httpx_retries.retry.time.sleep", found.append)
    return found


def layer(tenant: Audited, *faults: dict[str, Any]) -> FaultLayer:
    made = FaultLayer(create_app(tenant.world.store), tenant.world.store)
    made.switch(Faults.model_validate({"faults": faults}))
    return made


def audited_through(tenant: Audited, through: FaultLayer | None, monkeypatch: pytest.MonkeyPatch) -> TenantAudit:
    with reader_of(tenant.world.store, tenant.tenant.id, through=through) as graph:
        monkeypatch.setattr("tenantry.audit.run.GraphReader.from_environment", lambda _: graph)
        (found,) = audit(tenant.declaration, ["us"], lambda _: {}, TODAY).tenants
    return found


@dataclass(frozen=True)
class Row:
    what: str
    fault: dict[str, Any]
    unreached: str = ""
    """Why the tenant is not reached; empty where all is read in the end."""
    waits: float | None = None
    """What is waited for once at least."""


ROWS = [
    Row(
        "throttled", {"kind": "too_many_requests", "requests": 0, "seconds": 1.0, "retry_after": 17, "count": 5}, "", 17
    ),
    Row(
        "throttled without end",
        {"kind": "too_many_requests", "requests": 0, "seconds": 1.0},
        "limits requests at present",
    ),
    Row("fails three times", {"kind": "server_error", "status": 503, "retry_after": 23, "count": 3}, "", 23),
    Row("fails every other time", {"kind": "server_error", "status": 500, "every": 2}),
    Row("fails without end", {"kind": "server_error", "status": 504}, "fails (504"),
    Row(
        "one part fails without end",
        {"kind": "server_error", "status": 503, "path": "/roleManagement/directory/roleAssignments"},
        "fails (503",
    ),
    Row("cuts every third connection", {"kind": "dropped", "when": "before", "every": 3}),
    Row("cuts every other answer", {"kind": "dropped", "when": "after", "every": 2}),
    Row("cuts every connection", {"kind": "dropped", "when": "before"}, "cannot be reached"),
]


@pytest.mark.parametrize("row", ROWS, ids=[row.what for row in ROWS])
def test_an_audit_is_whole_or_says_that_the_tenant_was_not_reached(
    changed: Audited, row: Row, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = audited_through(changed, None, monkeypatch)
    assert {one.rule for one in whole.changes} == {"PT-101", "PT-108"}
    through = layer(changed, row.fault)
    found = audited_through(changed, through, monkeypatch)
    assert through.hits[0] > 0
    if row.unreached:
        assert row.unreached in found.unreached
        assert (found.headline, found.exit_code, found.changes) == ("Not reached.", 3, ())
    else:
        assert found.model_dump(exclude={"requests"}) == whole.model_dump(exclude={"requests"})
    assert row.waits is None or row.waits in waits


def write(tenant: Audited, through: FaultLayer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Somebody changes the tenant while it lags."""
    token = token_for_application(
        tenant.world.store, tenant.tenant.id, deployment_principal_id(tenant.tenant.id), ORIGIN
    )

    async def send() -> httpx.Response:
        transport, headers = httpx.ASGITransport(through), {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
            return await client.post(path, json=body)

    answer = asyncio.run(send())
    assert answer.is_success, answer.text
    return answer.json() if answer.content else {}


def test_a_group_that_is_not_replicated_yet_is_named_as_not_read(
    tenant: Audited, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.world.permit(*OTHERS, *EVERY_FEATURE)
    through = layer(tenant, {"kind": "replication_lag", "reads": 1000})
    crew = {"displayName": "Crew", "mailNickname": "crew", "securityEnabled": True, "mailEnabled": False}
    made = write(tenant, through, "/v1.0/groups", crew | {"isAssignableToRole": True})
    tenant.world.assign(made["id"], DirectoryRole.USER_ADMINISTRATOR)
    found = audited_through(tenant, through, monkeypatch)
    assert any("the group Crew has User Administrator" in one.sentence for one in found.changes)
    assert any("the group Crew" in part.what + part.why for part in found.not_evaluated)


def test_a_holder_whom_the_list_of_people_does_not_have_yet_is_named(
    tenant: Audited, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.world.permit(*OTHERS, *EVERY_FEATURE)
    through = layer(tenant, {"kind": "stale_listing", "reads": 1000, "path": "/users"})
    body = {
        "displayName": "Mallory",
        "userPrincipalName": f"mallory@{tenant.tenant.domains.initial}",
        "mailNickname": "mallory",
        "accountEnabled": True,
        "passwordProfile": {"password": "Long-enough-1234"},
    }
    made = write(tenant, through, "/v1.0/users", body)
    tenant.world.assign(made["id"], DirectoryRole.GLOBAL_ADMINISTRATOR)
    found = audited_through(tenant, through, monkeypatch)
    (one,) = found.changes
    assert (one.rule, one.holder or one.principal, found.exit_code) == ("PT-108", made["id"], 1)
    assert "has Global Administrator" in one.sentence
