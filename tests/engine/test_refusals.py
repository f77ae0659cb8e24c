"""What the sample's US tenant refuses on the real engine and provider, before anything is written.

The tests share one provisioned tenant, and none of them changes it.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from ruamel.yaml.comments import CommentedSeq

from tests.depth import deep

from .world import World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-us-refusals")]

SIGNED_IN = ("ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET")


@pytest.fixture(scope="module")
def world(shared_copy: World) -> World:
    return shared_copy


@pytest.fixture(autouse=True)
def as_declared(world: World) -> Iterator[None]:
    before = world.tenant_file.read_text()
    yield
    world.tenant_file.write_text(before)


def test_no_account_is_deleted_while_its_person_can_sign_in(world: World) -> None:
    """Not by removing them, by calling the account adopted, or by a program that forgets them."""
    graph, domain = world.graph, world.tenant.domains.initial
    bruno = graph.user(f"bruno.keller@{domain}")["id"]
    before = world.tenant_file.read_text()
    with world.declaration() as tenant:
        tenant["people"]["bruno"]["adopted"] = bruno
        del tenant["people"]["carla"]
    with world.writes() as writes:
        preview, up = world.preview(), world.up()
    assert writes == []
    for refused in (preview, up):
        assert refused.exit_code != 0
        assert "`people.bruno.adopted` names the account of Bruno Keller" in refused.output
        assert f"this stack created the account of Carla Jensen (carla.jensen@{domain})" in refused.output
        assert "Traceback" not in refused.output
    world.tenant_file.write_text(before)

    program = world.program.read_text()
    world.program.write_text(program.replace("PartnerTenant(stack.tenant_name", 'PartnerTenant("renamed"'))
    forgetful = world.preview()
    world.program.write_text(program)
    assert forgetful.exit_code != 0
    assert "already has that name" in forgetful.output, forgetful.output
    assert graph.status(f"/users/{bruno}") == 200


def test_a_change_that_takes_too_much_is_refused_by_name_until_exactly_it_is_approved(world: World) -> None:
    with world.declaration() as tenant:
        for key in ("dmitri", "hiro"):
            tenant["people"][key]["roles"] = CommentedSeq(["Helpdesk agent"])
    with world.writes() as writes:
        refused = world.up()
    assert refused.exit_code != 0
    assert "this change removes SalesAgents from 2 of the 2 holders who can use it: Dmitri Okafor" in refused.output
    assert "hiro.tanaka@" in refused.output
    assert "Traceback" not in refused.output
    assert writes == []
    (digest,) = set(re.findall(r'override: \{change: "([0-9a-f]{32})"', refused.output))
    with world.declaration() as tenant:
        override = {"change": digest, "reason": "reorganisation", "approved_by": "ada"}
        tenant["limits"] = {"override": {**override, "expires_on": date.today() + timedelta(days=3)}}
    world.preview("--policy-pack", "policies").ok()
    with world.declaration() as tenant:
        tenant["people"]["carla"]["roles"] = CommentedSeq(["Helpdesk agent"])
    assert "this change removes SalesAgents" in world.preview().output, "another change than the approved one"


def test_a_broken_declaration_is_reported_as_a_whole_and_nothing_is_touched(world: World) -> None:
    with world.declaration() as tenant:
        people = tenant["people"]
        people["carla"]["roles"] = CommentedSeq(["Admn agent"])
        people["dmitri"]["fullname"] = "Dmitri"
        del people["emma"]["upn"]
        people["farid"]["email"] = 17
        tenant["country"] = "USA"
    with world.writes() as writes:
        refused = world.preview()
    assert (refused.exit_code != 0, writes) == (True, [])
    for message in (
        "people.carla.roles[0]: found 'Admn agent'",
        "did you mean `Admin agent`?",
        "people.dmitri.fullname: found the unknown key",
        "did you mean `full_name`?",
        "people.emma.upn: found nothing",
        "people.farid.email: found",
        "country: found 'USA'",
    ):
        assert message in refused.output
    assert "Traceback" not in refused.output


def test_signed_in_to_another_tenant_is_refused_at_preview(world: World) -> None:
    other = world.environment_of("b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720")
    with world.writes() as writes:
        refused = world.preview(**{key: other[key] for key in SIGNED_IN})
    assert refused.exit_code != 0
    assert "Refused: signed in to the tenant b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720" in refused.output
    assert "Traceback" not in refused.output
    assert "azuread:index:User" not in refused.output
    assert writes == []


def test_an_up_without_preview_on_another_tenant_loses_nothing_from_the_state(world: World) -> None:
    """Also where the engine refreshes before it runs the program: the state is bound to the declared tenant."""
    other = world.environment_of("b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720")
    before = world.resources()
    with world.writes() as writes:
        signed_in = {key: other[key] for key in SIGNED_IN}
        for run_program in ("true", "false"):
            refused = world.pulumi("up", "--yes", "--skip-preview", **signed_in, PULUMI_RUN_PROGRAM=run_program)
            assert refused.exit_code != 0
    assert world.resources() == before
    assert writes == []


def test_a_look_alike_of_an_agent_group_is_refused_with_both_ids(world: World) -> None:
    real = world.graph.group_id("AdminAgents")
    body = {"displayName": "Admin Agents", "mailEnabled": False, "mailNickname": "fake", "securityEnabled": True}
    fake = world.graph("POST", "/groups", **body)["id"]
    refused = world.preview()
    world.graph("DELETE", f"/groups/{fake}")
    assert refused.exit_code != 0
    assert "2 groups that are called AdminAgents" in refused.output
    assert real in refused.output
    assert fake in refused.output
    assert "pin it" in refused.output


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"ARM_CLIENT_SECRET": "not-the-secret"}, "could not be reached"),
        pytest.param({"ARM_METADATA_HOSTNAME": "127.0.0.1:9"}, "could not be reached", marks=deep),
        ({"ARM_METADATA_HOSTNAME": "login.example.com"}, "for the embedded directory alone"),
    ],
)
def test_a_directory_that_cannot_be_used_is_reported_in_a_sentence(
    world: World, env: dict[str, str], message: str
) -> None:
    refused = world.preview(**env)
    assert refused.exit_code != 0
    assert message in refused.output
    assert "Traceback" not in refused.output
    assert "not-the-secret" not in refused.output
