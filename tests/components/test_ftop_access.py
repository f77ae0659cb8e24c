"""The tenant's approval of FTOP: what is registered for it, and in which order."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pulumi_azuread as azuread
import pytest

from components.applications import SETTINGS
from tenantry.declaration import AgentGroups, Mode, Tenant
from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.declaration.ftop import FtopPlan
from tenantry.roles import AgentGroup

from .test_partner_tenant import camel, inputs_of
from .world import APPLICATION, CONSENT, GROUP, GROUPS, Run, World, provision

FTOP = "7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11"
APPROVED = {"on": date(2026, 11, 20), "by": "ada"}
MEMBER = "azuread:index/groupMember:GroupMember"


def with_ftop(tenant: Tenant, **fields: Any) -> Tenant:
    given: Mapping[str, Any] = {"application_id": FTOP, "approval": APPROVED, **fields}
    return tenant.model_copy(update={"ftop": FtopPlan.model_validate(given)})


@pytest.fixture(scope="module")
def approved(us: Tenant) -> Run:
    return provision(with_ftop(us))


@pytest.mark.parametrize(
    "fields",
    [{"application_id": None}, {"approval": None}, *({"approval": {"state": s}} for s in ("pending", "per user"))],
)
def test_without_an_application_or_the_tenants_approval_there_is_no_consent(us: Tenant, fields: dict[str, Any]) -> None:
    run = provision(with_ftop(us, **fields))
    assert (run.of(APPLICATION), run.of(CONSENT)) == ({}, {})
    assert ("getServicePrincipal", "") not in run.monitor.looked_up


def test_the_consent_is_everybodys_to_the_declared_permissions_on_microsoft_graph(approved: Run) -> None:
    (consent,) = approved.of(CONSENT).values()
    assert consent.inputs == {
        "servicePrincipalObjectId": "object-id-of-us-ftop",
        "resourceServicePrincipalObjectId": f"principal-of-{MICROSOFT_GRAPH}",
        "claimValues": ["User.Read", "openid", "profile"],
    }
    assert (consent.import_id, consent.protect, consent.retain) == ("", False, False)


def test_another_resource_and_other_permissions_are_granted_as_declared(us: Tenant) -> None:
    other = "00000002-0000-0ff1-ce00-000000000000"
    run = provision(with_ftop(us, resource_application_id=other, permissions=["email", "EWS.Read"]))
    (consent,) = run.of(CONSENT).values()
    assert consent.inputs["claimValues"] == ["EWS.Read", "email"]
    assert consent.inputs["resourceServicePrincipalObjectId"] == f"principal-of-{other}"
    assert run.of(APPLICATION)["us-ftop-resource"].inputs["clientId"] == other


def test_no_setting_of_an_application_that_is_there_is_ever_written(approved: Run) -> None:
    assert {camel(setting) for setting in SETTINGS} == inputs_of(azuread.ServicePrincipal) - {"clientId"}
    for application in approved.of(APPLICATION).values():
        assert set(application.inputs) == {"clientId", "useExisting"}
        assert application.ignored == {camel(setting) for setting in SETTINGS}
        assert application.retain
    resource = approved.of(APPLICATION)["us-ftop-resource"]
    assert resource.import_id == f"/servicePrincipals/principal-of-{MICROSOFT_GRAPH}"


def test_a_pinned_consent_is_taken_over_protected_and_retained(us: Tenant) -> None:
    (consent,) = provision(with_ftop(us, pins={"consent_grant": "grant-1"})).of(CONSENT).values()
    assert (consent.import_id, consent.protect, consent.retain) == ("/oauth2PermissionGrants/grant-1", True, True)


@pytest.mark.parametrize("mode", [Mode.AUTHORITATIVE, Mode.ADDITIVE])
def test_the_consent_is_there_before_anybody_is_in_an_agent_group(us: Tenant, mode: Mode) -> None:
    ids = {AgentGroup(name): object_id for object_id, name in GROUPS}
    tenant = with_ftop(us).model_copy(update={"mode": mode, "agent_groups": AgentGroups(ids=ids)})
    run = provision(tenant)
    memberships = [*run.of(GROUP).values(), *run.of(MEMBER).values()]
    assert len(memberships) == (3 if mode is Mode.AUTHORITATIVE else 7)
    assert all("us-ftop" in membership.after for membership in memberships)


def test_an_application_that_cannot_be_read_is_refused_before_anything_is_registered(us: Tenant) -> None:
    world = World.of(us, failures={"getServicePrincipal": "No service principal found"})
    refusal = provision(with_ftop(us), world).refusal
    assert f"Could not read the application {MICROSOFT_GRAPH}" in refusal
    assert "Nothing was changed" in refusal
