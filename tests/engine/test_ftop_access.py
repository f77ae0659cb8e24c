"""The tenant's approval of FTOP on the real engine and provider: given, widened, withdrawn, found and taken over.

The tests share one tenant, and each goes on from where the one before left it.
"""

from datetime import date
from typing import Any

import pytest
from ruamel.yaml.comments import CommentedSeq

from tenantry.directory.service_principals import MICROSOFT_GRAPH
from tenantry.graph.permissions import WRITINGS
from tests.depth import deep

from .world import World

TENANT = "us"
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-ftop")]

GRANTS, PRINCIPALS = "/oauth2PermissionGrants", "/servicePrincipals"
APPROVED = {"on": date(2026, 11, 20), "by": "ada"}


class Ftop:
    """FTOP's application, as the tenant has it. Nobody knows the real one's id: this one is the tenant's own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.application_id = world.graph("POST", "/applications", displayName="FTOP")["appId"]

    @property
    def principal(self) -> str:
        (found,) = self._world.graph("GET", f"{PRINCIPALS}?$filter=appId eq '{self.application_id}'")["value"]
        return str(found["id"])

    @property
    def grants(self) -> dict[str | None, dict[str, Any]]:
        """The consents to it, by whom they are for: None is everybody."""
        found = self._world.graph("GET", GRANTS)["value"]
        return {item["principalId"]: item for item in found if item["clientId"] == self.principal}

    def consent(self, scope: str, person: str | None = None) -> str:
        """Consent by hand, as people do in the Entra admin center or when they sign in."""
        (graph,) = self._world.graph("GET", f"{PRINCIPALS}?$filter=appId eq '{MICROSOFT_GRAPH}'")["value"]
        whom = {"consentType": "Principal", "principalId": person} if person else {"consentType": "AllPrincipals"}
        made = self._world.graph("POST", GRANTS, clientId=self.principal, resourceId=graph["id"], scope=scope, **whom)
        return str(made["id"])


@pytest.fixture(scope="module")
def ftop(world: World) -> Ftop:
    made = Ftop(world)
    with world.declaration() as tenant:
        tenant["ftop"]["application_id"] = made.application_id
        tenant["ftop"]["approval"] = dict(APPROVED)
        tenant["ftop"]["permissions"] = CommentedSeq(["Mail.Send", "User.Read", "openid"])
    return made


@pytest.fixture(scope="module")
def ines(world: World) -> str:
    return str(world.graph.user(f"ines.costa@{world.tenant.domains.initial}")["id"])


@deep
def test_the_approval_comes_before_anybody_joins_an_agent_group_and_a_second_run_writes_nothing(
    world: World, ftop: Ftop
) -> None:
    least = frozenset(need.permission for need in WRITINGS)
    world.permit(least - {"DelegatedPermissionGrant.ReadWrite.All"})
    with world.writes() as writes:
        refused = world.up()
    assert (refused.exit_code != 0, writes) == (True, [])
    assert "the consents to FTOP could not be read" in refused.output
    world.permit(least)
    with world.writes() as writes:
        world.up().ok()
    consented = writes.index(f"POST /v1.0{GRANTS}")
    assert writes.index(f"POST /v1.0{PRINCIPALS}") < consented
    joined = [number for number, write in enumerate(writes) if write.endswith("/members/$ref")]
    assert len(joined) == 6
    assert consented < min(joined)
    (grant,) = ftop.grants.values()
    assert (grant["consentType"], grant["principalId"]) == ("AllPrincipals", None)
    assert set(grant["scope"].split()) == {"Mail.Send", "User.Read", "openid"}

    with world.writes() as writes:
        assert "unchanged" in world.up().ok().output
        drift = world.drift()
    assert (drift.exit_code, writes) == (0, []), drift.output


@deep
def test_a_permission_that_was_added_by_hand_is_drift_and_up_takes_it_back(world: World, ftop: Ftop) -> None:
    grant = ftop.grants[None]["id"]
    world.graph("PATCH", f"{GRANTS}/{grant}", scope="Mail.Send User.Read openid Directory.AccessAsUser.All")
    drift = world.drift()
    assert drift.exit_code == 7, drift.output
    assert "Directory.AccessAsUser.All" in drift.output
    world.pulumi("up", "--yes", "--skip-preview", "--refresh", "--policy-pack", "policies").ok()
    assert set(ftop.grants[None]["scope"].split()) == {"Mail.Send", "User.Read", "openid"}


@deep
def test_a_persons_own_consent_is_reported_and_stays_also_when_the_tenants_approval_is_withdrawn(
    world: World, ftop: Ftop, ines: str
) -> None:
    principal, theirs = ftop.principal, ftop.consent("User.Read", ines)
    message = f"(ines.costa@{world.tenant.domains.initial}) has consented to FTOP for themselves, by the grant {theirs}"
    with world.declaration() as tenant:
        tenant["ftop"]["approval"] = {"state": "pending"}
    with world.writes() as writes:
        up = world.up().ok()
    assert "PT-502" in up.output
    assert message in up.output
    assert [write.split("/")[0] + write.split("/")[2] for write in writes] == ["DELETE oauth2PermissionGrants"]
    assert {whom: grant["id"] for whom, grant in ftop.grants.items()} == {ines: theirs}
    assert ftop.principal == principal


@deep
def test_a_consent_that_exists_is_refused_with_its_id_until_it_is_pinned_as_it_is(world: World, ftop: Ftop) -> None:
    grant = ftop.consent("openid User.Read offline_access")
    # Whom an administrator has kept out of the application stays out.
    world.graph("PATCH", f"{PRINCIPALS}/{ftop.principal}", appRoleAssignmentRequired=True, tags=["kept"])
    with world.declaration() as tenant:
        tenant["ftop"]["approval"] = dict(APPROVED)
    with world.writes() as writes:
        refused = world.preview("--policy-pack", "policies"), world.up()
    line = f"`pins: {{consent_grant: {grant}}}` and `permissions: [User.Read, offline_access, openid]`"
    for ran in refused:
        assert ran.exit_code != 0
        assert line in ran.output
        assert "azuread:index:User" not in ran.output
        assert "Traceback" not in ran.output
    assert writes == []

    with world.declaration() as tenant:
        tenant["ftop"]["pins"] = {"consent_grant": grant}
        tenant["ftop"]["permissions"] = CommentedSeq(["User.Read", "offline_access", "openid"])
    with world.writes() as writes:
        world.up().ok()
        imported = world.changes()
        drift = world.drift()
    assert (writes, drift.exit_code) == ([], 0), drift.output
    assert imported == {"create": 1, "import": 3}, "the component; FTOP, Microsoft Graph and the grant"
    kept = world.graph("GET", f"{PRINCIPALS}/{ftop.principal}")
    assert (kept["appRoleAssignmentRequired"], kept["tags"]) == (True, ["kept"])
    assert ftop.grants[None]["id"] == grant

    with world.declaration() as tenant:
        tenant["ftop"]["approval"] = {"state": "pending"}
        del tenant["ftop"]["pins"]
    protected = world.preview()
    assert protected.exit_code != 0
    assert "protected" in protected.output
