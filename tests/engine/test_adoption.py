"""People whose accounts exist: looked up by UPN, compared, never written, on the real engine and the policy pack."""

import pytest

from tests.depth import deep

from .world import World

TENANT = "uk"
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-adoption")]


@pytest.fixture
def ada(world: World) -> dict[str, str]:
    """Ada's account, as the tenant has it before the test, and has it again afterwards."""
    return world.graph.user(world.tenant.members["ada"].upn)


def write(world: World, object_id: str, **properties: object) -> None:
    with world.graph.as_administrator():
        world.graph("PATCH", f"/users/{object_id}", **properties)


@deep
def test_who_is_adopted_by_upn_is_looked_up_and_the_pack_asks_the_tenant_itself(
    world: World, ada: dict[str, str]
) -> None:
    with world.declaration() as tenant:
        tenant["people"]["ada"]["adopted"] = "by-upn"
    shown = world.preview("--policy-pack", "policies").ok().output
    assert f"To pin it: `adopted: {ada['id']}`" in shown
    with world.writes() as writes:
        world.up().ok()
    assert ada["id"] in world.graph.member_ids("AdminAgents")
    assert not [write for write in writes if f"/users/{ada['id']}" in write], "no update changes an adopted account"
    assert world.drift().exit_code == 0
    # Pinned, it is the same: the state knows object ids alone.
    with world.declaration() as tenant:
        tenant["people"]["ada"]["adopted"] = ada["id"]
    world.pulumi("preview", "--expect-no-changes", "--policy-pack", "policies").ok()


@deep
def test_no_account_and_one_of_a_former_name_are_refused_before_anything_is_touched(
    world: World, ada: dict[str, str]
) -> None:
    with world.declaration() as tenant:
        tenant["people"]["ada"] |= {"adopted": "by-upn", "upn": f"ada.sato@{world.tenant.domains.initial}"}
    with world.writes() as writes:
        none = world.preview()
        with world.declaration() as tenant:
            tenant["people"]["ada"]["former_upns"] = [ada["userPrincipalName"]]
        former = world.up()
    assert (none.exit_code != 0, former.exit_code != 0, writes) == (True, True, [])
    assert f"this tenant has no account ada.sato@{world.tenant.domains.initial}. Nothing was changed" in none.output
    assert f"write `adopted: {ada['id']}` under `people.ada`" in former.output
    assert "Traceback" not in none.output + former.output
    # With the id it is hers, and what stays undone is said: nobody here renames her.
    with world.declaration() as tenant:
        tenant["people"]["ada"]["adopted"] = ada["id"]
    text = world.preview("--policy-pack", "policies").ok().output
    assert "signs in by a former name still" in text
    with world.declaration() as tenant:
        tenant["people"]["ada"] |= {"upn": ada["userPrincipalName"]}
        del tenant["people"]["ada"]["former_upns"]


@deep
def test_an_account_that_is_somebody_elses_is_refused_and_a_disabled_one_is_reported(
    world: World, ada: dict[str, str]
) -> None:
    write(world, ada["id"], userPrincipalName=f"mallory@{world.tenant.domains.initial}")
    with world.writes() as writes:
        refused = world.up()
    assert (refused.exit_code != 0, writes) == (True, [])
    assert "`people.ada.adopted` names the account of" in refused.output
    assert f"(mallory@{world.tenant.domains.initial}), and Ada Nakamura is declared as" in refused.output
    write(world, ada["id"], userPrincipalName=ada["userPrincipalName"], accountEnabled=False)
    text = world.preview().ok().output
    assert "`people.ada`) is disabled, and cannot use AdminAgents, Global Administrator" in text
    write(world, ada["id"], accountEnabled=True)


@deep
def test_a_pack_that_cannot_ask_the_tenant_says_so(world: World, ada: dict[str, str]) -> None:
    with world.declaration() as tenant:
        tenant["people"]["ada"]["adopted"] = "by-upn"
    (world.project.root / "policies/__main__.py").write_text(
        "import os\nos.environ['ARM_CLIENT_SECRET'] = 'wrong'\n"
        + (world.project.root / "policies/__main__.py").read_text()
    )
    refused = world.preview("--policy-pack", "policies")
    assert refused.exit_code != 0
    assert "people.ada: adopted by UPN, but the tenant cannot be read: " in refused.output
    assert "Fix: write the object id in place of `by-upn`" in refused.output
    assert ada["id"] in refused.output, "an account without a known owner counts as undeclared (PT-101)"
