"""The first adoption of a tenant that people have used for years, in both modes, on the real engine.

Minutes of waiting: `make test-deep` runs it.
"""

import re
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tenantry.directory.onboarding import open_store
from tenantry.directory.state import State
from tenantry.engine.enrolments import declared_enrolments
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.roles import DirectoryRole
from tests.depth import deep

from .world import Graph, World

pytestmark = [
    pytest.mark.engine,
    deep,
]

GLOBAL_ADMINISTRATOR = DirectoryRole.GLOBAL_ADMINISTRATOR.template_id


@pytest.fixture
def messy(engine: PulumiCli) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder).resolve(), engine, "uk")
        try:
            yield world
        finally:
            world.close()


def everybody_in(graph: Graph, group: str) -> set[str]:
    return graph.member_ids(group)


def make_a_mess(world: World) -> dict[str, str]:
    """Undeclared accounts and a group in AdminAgents, a soft-deleted namesake, a disabled admin, an existing role."""
    graph, domain = world.graph, world.tenant.domains.initial
    ids = {name: graph.make(f"{name}@{domain}") for name in ("mallory", "trent", "victor")}
    ids["old-hands"] = graph(
        "POST", "/groups", displayName="Old hands", mailEnabled=False, mailNickname="oldhands", securityEnabled=True
    )["id"]
    for member in ids.values():
        graph.join("AdminAgents", member)
    ids["peggy"] = graph.make(f"peggy@{domain}", accountEnabled=False)
    graph.assign(GLOBAL_ADMINISTRATOR, ids["peggy"])
    ids["namesake"] = graph.make(f"kavya.rao@{domain}")
    graph("DELETE", f"/users/{ids['namesake']}")
    assert graph.status(f"/users/{ids['namesake']}") == 404
    ids["jonas"] = graph.make(f"jonas.whitfield@{domain}", department="Advisory", displayName="Jonas W.")
    ids["jonas-is-admin"] = graph.assign(GLOBAL_ADMINISTRATOR, ids["jonas"])
    assert domain
    return ids


def delete_permanently(world: World, object_id: str) -> None:
    """What an administrator does in a portal: the deploying application may not."""
    store = open_store(State(world.project.directory), declared_enrolments(world.project))
    with store.writing(world.tenant.id) as tenant:
        deleted = tenant.find_deleted(object_id)
        assert deleted is not None
        tenant.purge(deleted)
    store.close()


def declare_jonas(world: World, ids: dict[str, str]) -> None:
    with world.declaration() as tenant:
        tenant["people"]["jonas"]["adopted"] = ids["jonas"]


def pin_jonas(world: World, ids: dict[str, str]) -> None:
    with world.declaration() as tenant:
        tenant["people"]["jonas"]["pins"] = {"role_assignments": {"Global Administrator": ids["jonas-is-admin"]}}


def test_authoritatively_every_undeclared_account_is_named_before_they_go_and_nothing_else_is_lost(
    messy: World,
) -> None:
    graph = messy.graph
    ids = make_a_mess(messy)
    declare_jonas(messy, ids)
    with messy.writes() as writes:
        refused = messy.preview("--policy-pack", "policies")
    assert refused.exit_code != 0
    for who in ("Mallory", "Trent", "Victor"):
        assert f"{who} ({who.lower()}@" in refused.output
    assert "this change removes AdminAgents from" in refused.output
    assert f"pins: {{role_assignments: {{Global Administrator: {ids['jonas-is-admin']}}}}}" in refused.output
    assert f"write `adopted: {ids['namesake']}` under `people.kavya`" in refused.output
    assert "Traceback" not in refused.output
    assert writes == []

    pin_jonas(messy, ids)
    delete_permanently(messy, ids["namesake"])
    (digest,) = set(re.findall(r'override: \{change: "([0-9a-f]{32})"', messy.preview().output))
    with messy.declaration() as tenant:
        override = {"change": digest, "reason": "the first adoption", "approved_by": "ada"}
        tenant["limits"] = {"override": {**override, "expires_on": date.today() + timedelta(days=2)}}
    messy.up().ok()
    domain = messy.tenant.domains.initial
    kavya = graph.user(f"kavya.rao@{domain}")["id"]
    ada = messy.tenant.members["ada"].adopted
    assert everybody_in(graph, "AdminAgents") == {ada, ids["jonas"], kavya}
    for undeclared in ("mallory", "trent", "victor"):
        assert graph.status(f"/users/{ids[undeclared]}") == 200, "out of the group, and no more"
    assert graph.status(f"/groups/{ids['old-hands']}") == 200
    assert graph.roles_of(ids["peggy"]) == {GLOBAL_ADMINISTRATOR}, "others' roles are not touched"
    jonas = graph("GET", f"/users/{ids['jonas']}?$select=department,displayName")
    assert (jonas["department"], jonas["displayName"]) == ("Advisory", "Jonas W."), "adopted people are never written"
    assert messy.drift().exit_code == 0
    with messy.writes() as writes:
        messy.up().ok()
    assert writes == []


def test_additively_every_undeclared_account_stays(messy: World) -> None:
    graph = messy.graph
    ids = make_a_mess(messy)
    before = everybody_in(graph, "AdminAgents")
    declare_jonas(messy, ids)
    pin_jonas(messy, ids)
    delete_permanently(messy, ids["namesake"])
    with messy.declaration() as tenant:
        tenant["mode"] = "additive"
        tenant["agent_groups"] = {
            "ids": {name: graph.group_id(name) for name in ("AdminAgents", "HelpdeskAgents", "SalesAgents")}
        }
    messy.up().ok()
    kavya = graph.user(f"kavya.rao@{messy.tenant.domains.initial}")["id"]
    assert everybody_in(graph, "AdminAgents") == before | {ids["jonas"], kavya}
    assert graph.roles_of(ids["peggy"]) == {GLOBAL_ADMINISTRATOR}
    assert messy.drift().exit_code == 0


@pytest.mark.parametrize("mode", ["authoritative", "additive"])
def test_a_missing_group_is_refused_and_nothing_is_made(messy: World, mode: str) -> None:
    graph = messy.graph
    helpdesk = graph.group_id("HelpdeskAgents")
    with messy.declaration() as tenant:
        tenant["mode"] = mode
        if mode == "additive":
            ids = {name: graph.group_id(name) for name in ("AdminAgents", "HelpdeskAgents", "SalesAgents")}
            tenant["agent_groups"] = {"ids": ids}
    graph("DELETE", f"/groups/{helpdesk}")
    with messy.writes() as writes:
        refused = messy.up()
    assert refused.exit_code != 0
    assert "HelpdeskAgents" in refused.output
    assert "Nothing was changed" in refused.output
    assert writes == []
