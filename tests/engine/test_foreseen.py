"""What an update would fail on half way, or do wrongly, is refused or said at the preview, by name.

The tenant is the sample's as the first update left it, and as others changed it since.
"""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from ruamel.yaml.comments import CommentedSeq

from tenantry.reports.review import Report, Verdict
from tenantry.review.command import review_plan
from tenantry.roles import AgentGroup
from tests.depth import deep
from tests.review.plans import preview

from .world import World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-foreseen")]


@pytest.fixture(scope="module")
def world(shared_copy: World) -> World:
    return shared_copy


@pytest.fixture(autouse=True)
def as_declared(world: World) -> Iterator[None]:
    before = world.tenant_file.read_text()
    yield
    world.tenant_file.write_text(before)


def account(world: World, name: str, **more: object) -> str:
    """An account that somebody makes by hand."""
    return world.graph.make(f"{name.lower()}@{world.tenant.domains.initial}", **more)


def hire(world: World, name: str) -> dict[str, object]:
    """What is declared of somebody whose account is to be made."""
    return {
        "full_name": f"{name} Berg",
        "upn": f"{name.lower()}@{world.tenant.domains.initial}",
        "email": f"{name.lower()}.berg@contoso.com",
        "roles": CommentedSeq(["Sales agent"]),
    }


def reviewed(world: World) -> Report:
    file = world.project.root / "plan.json"
    file.write_text(json.dumps(preview(world, "--show-sames")), "utf-8")
    return review_plan(file, stack=None, here=world.project.root, today=date.today())


def test_what_stands_in_the_way_of_accounts_is_refused_at_once_and_by_name(own_copy: World) -> None:
    """A domain, a sign-in name, a deleted account, an address, and a password round that goes back."""
    world = own_copy
    with world.declaration() as tenant:
        tenant["people"]["carla"]["password_round"] = 2
    with world.graph.as_administrator():
        world.up().ok()
    kim, lee, max_ = (account(world, name) for name in ("Kim", "Lee", "Max"))
    world.graph("DELETE", f"/users/{lee}")
    guest = f"noa.berg_contoso.com#EXT#@{world.tenant.domains.initial}"
    noa = account(world, "Visitor", userPrincipalName=guest, userType="Guest", mail="noa.berg@contoso.com")
    with world.declaration() as tenant:
        tenant["domains"]["verified"] = CommentedSeq(["elsewhere.example"])
        tenant["people"]["carla"]["password_round"] = 1
        tenant["people"]["dmitri"]["upn"] = f"max@{world.tenant.domains.initial}"
        tenant["people"] |= {name.lower(): hire(world, name) for name in ("Kim", "Lee", "Noa")}
    with world.writes() as writes:
        refused = world.preview()
    assert (refused.exit_code != 0, writes) == (True, [])
    for message in (
        "the domain elsewhere.example is declared as verified, but is not verified in the tenant",
        f"write `adopted: {kim}` under `people.kim`",
        "had that name: a new account would be another principal, without the old one's access",
        f"restore it in the Entra admin center (Users, Deleted users) and write `adopted: {lee}` under `people.lee`",
        f"if the account is Dmitri Okafor's, write `adopted: {max_}` under `people.dmitri`",
        f"object id {noa}, already has it (proxyAddresses)",
        "`people.carla.password_round` is 1, but Carla Jensen already has the temporary password of round 2",
        "`password_round: 3` to issue a new one",
    ):
        assert message in refused.output
    assert refused.output.count("Refused (PT-304)") == 4
    assert "Traceback" not in refused.output


def test_a_password_secret_in_plain_text_is_refused_with_the_command_that_stores_it(world: World) -> None:
    file = world.project.root / "Pulumi.dev.yaml"
    before = file.read_text()
    plain = "not-a-secret-any-more-0123456789-abcdef"
    world.pulumi("config", "set", "--plaintext", "tenantry:passwordSecret", plain).ok()
    with world.writes() as writes:
        refused = world.preview()
    file.write_text(before)
    assert (refused.exit_code != 0, writes) == (True, [])
    assert "`tenantry:passwordSecret` is stored as plain text in Pulumi.dev.yaml" in refused.output
    assert "pulumi config set --secret tenantry:passwordSecret" in refused.output
    assert plain not in refused.output


@deep
def test_a_renamed_agent_group_is_to_be_renamed_back_whether_or_not_it_is_pinned(world: World) -> None:
    group = world.graph.group_id("AdminAgents")
    world.graph("PATCH", f"/groups/{group}", displayName="Old admins")
    by_state = world.preview()
    with world.declaration() as tenant:
        tenant["agent_groups"] = {"ids": {"AdminAgents": group}}
    by_pin = world.preview()
    world.graph("PATCH", f"/groups/{group}", displayName="AdminAgents")
    for refused in (by_state, by_pin):
        assert refused.exit_code != 0
        assert AgentGroup.ADMIN_AGENTS.renamed(group, "Old admins") in refused.output
        assert "enrol" not in refused.output


@deep
def test_the_review_of_a_plan_knows_a_person_who_is_adopted_by_upn(world: World) -> None:
    with world.declaration() as tenant:
        tenant["people"]["ada"]["adopted"] = "by-upn"
    report = reviewed(world)
    assert (report.verdict, report.blocking) == (Verdict.NO_CHANGES, 0)
    assert [finding.rule for item in report.tenants for finding in item.findings.introduced] == []


@deep
def test_a_state_that_is_only_taken_away_leaves_the_account_disabled_and_that_is_reported(own_copy: World) -> None:
    world, file = own_copy, own_copy.tenant_file
    before = file.read_text()
    with world.declaration() as tenant:
        tenant["people"]["carla"]["state"] = "disabled"
    world.up().ok()
    file.write_text(before)
    assert reviewed(world).verdict is Verdict.NO_CHANGES
    message = world.up().ok()
    assert "`people.carla`) is disabled, and cannot use AdminAgents. No update enables the account" in message.output
    upn = world.tenant.members["carla"].upn
    assert world.graph("GET", f"/users/{upn}?$select=accountEnabled")["accountEnabled"] is False


@deep
def test_an_account_that_somebody_deleted_is_restored_and_not_made_anew(own_copy: World) -> None:
    world, upn = own_copy, own_copy.tenant.members["carla"].upn
    carla = world.graph.user(upn)["id"]
    world.graph("DELETE", f"/users/{carla}")
    with world.writes() as writes:
        refused = world.up()
    assert (refused.exit_code != 0, writes) == (True, [])
    assert f"the deleted account Carla Jensen ({upn}, {carla}) had that name" in refused.output
    assert "restore it in the Entra admin center" in refused.output
    world.graph("POST", f"/directory/deletedItems/{carla}/restore")
    world.up().ok()
    assert world.graph.user(upn)["id"] == carla
