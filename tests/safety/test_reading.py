"""What exists in a tenant, read from the embedded directory: whole, or with what could not be read named."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from tenantry.access.grants import Standing
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.safety import Existing, HolderKind, Kind, OwnedEligibility, Part, Refusal, change, judge
from tenantry.safety.reading import OwnedByStack, read_existing
from tests.access.test_observed import ROLES, World, provisioned
from tests.graph.in_process import reader_of

TODAY = date(2026, 11, 24)


@pytest.fixture
def world() -> Iterator[World]:
    with provisioned() as world:
        yield world


def owned(world: World) -> OwnedByStack:
    """What the stack of the sample holds: everything but what was there at enrolment."""
    members = world.declared.members
    there = {pin for person in members.values() for pin in person.pins.role_assignments.values()}
    given = {assignment["id"] for assignment in world.tenant.get(f"{ROLES}/roleAssignments")["value"]}
    return OwnedByStack(
        accounts={world.ids[key]: key for key, person in members.items() if not person.adopted},
        emergency=frozenset(world.ids[key] for key, person in members.items() if person.emergency),
        assignments=frozenset(given | there),
        member_lists=frozenset(world.tenant.group(group) for group in AgentGroup),
    )


def existing(world: World, stack: OwnedByStack | None = None, **instead: httpx.Response) -> Existing:
    answers = {f"/{path}": answer for path, answer in instead.items()}
    groups = {group: world.tenant.group(group) for group in AgentGroup}
    with reader_of(world.store, world.declared.id, answers) as reader:
        return read_existing(reader, world.declared, groups, stack or owned(world))


def refusals(world: World, now: Existing) -> list[Refusal]:
    return judge(world.declared, change(world.declared, now), TODAY)


def test_a_tenant_that_is_as_declared_loses_nothing_and_nothing_speaks_against_it(world: World) -> None:
    now = existing(world)
    made = change(world.declared, now)
    assert (made.losses, made.gains, made.deleted, made.disabled) == ((), (), (), ())
    assert refusals(world, now) == []
    assert {held.holder.upn for held in now.held if held.power is AgentGroup.SALES_AGENTS} == {
        world.declared.members[key].upn for key in ("dmitri", "hiro")
    }
    assert now.caller is not None
    assert now.not_read == ()


def test_a_stranger_and_everybody_in_a_nested_group_are_told_by_name(world: World) -> None:
    mallory, _ = world.stranger("mallory")
    trent, _ = world.stranger("trent")
    inner = world.tenant.add_group("OldHands")
    world.join(inner, trent)
    world.join(world.admin_agents, mallory)
    world.join(world.admin_agents, inner)
    now = existing(world)
    (nested,) = (held.holder for held in now.held if held.holder.kind is HolderKind.GROUP)
    assert [one.object_id for one in nested.members or ()] == [trent]
    lost = {loss.holder.object_id for loss in change(world.declared, now).losses if loss.counts}
    assert lost == {mallory, trent}


def test_an_assignment_of_another_hand_is_not_the_stacks(world: World) -> None:
    mallory, _ = world.stranger("mallory")
    stack = owned(world)
    given = world.assign(mallory)
    now = existing(world, stack)
    (theirs,) = (held for held in now.held if held.assignment_id == given)
    assert (theirs.power, theirs.owned) == (DirectoryRole.GLOBAL_ADMINISTRATOR, False)
    assert change(world.declared, now).losses == ()


def test_a_disabled_account_is_known_as_such(world: World) -> None:
    world.tenant.patch(f"/v1.0/users/{world.ids['carla']}", {"accountEnabled": False})
    now = existing(world)
    assert {account.key for account in now.accounts if account.disabled} == {"carla"}


def test_an_eligible_role_is_read_as_such(world: World) -> None:
    world.make_eligible(world.ids["carla"], DirectoryRole.BILLING_ADMINISTRATOR)
    (eligible,) = (held for held in existing(world).held if held.standing is Standing.ELIGIBLE)
    assert (eligible.holder.object_id, eligible.power) == (world.ids["carla"], DirectoryRole.BILLING_ADMINISTRATOR)


def test_an_eligible_role_of_the_stack_is_told_from_one_whose_request_is_purged(world: World) -> None:
    world.make_eligible(world.ids["carla"], DirectoryRole.BILLING_ADMINISTRATOR)
    (schedule,) = (held.assignment_id for held in existing(world).held if held.standing is Standing.ELIGIBLE)
    assert schedule is not None
    billing = DirectoryRole.BILLING_ADMINISTRATOR.template_id
    stack = replace(owned(world), eligibilities=(OwnedEligibility("urn", schedule, world.ids["carla"], billing, "/"),))
    asked = existing(world, stack).requests
    world.store.ahead = timedelta(days=46)
    assert (asked, existing(world, stack).requests) == ({schedule}, set())
    assert existing(world, replace(stack, eligibilities=())).requests == set(), "not read where nothing goes by it"
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    now = existing(world, stack, roleEligibilityScheduleRequests=denied)
    assert ([one.part for one in now.not_read], now.eligibilities) == ([Part.ELIGIBILITIES], stack.eligibilities)


def test_without_the_licence_nobody_is_eligible_and_that_is_an_answer(world: World) -> None:
    assert existing(world).licensed
    world.unlicense()
    now = existing(world)
    assert (now.not_read, now.licensed) == ((), False)
    assert refusals(world, now) == []


def test_any_other_refusal_to_tell_who_is_eligible_says_nothing_of_the_licence(world: World) -> None:
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    now = existing(world, roleEligibilitySchedules=denied)
    assert ([one.part for one in now.not_read], now.licensed) == ([Part.ELIGIBILITIES], True)


def test_what_may_not_be_read_is_named_and_refused(world: World) -> None:
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    now = existing(world, roleAssignments=denied)
    assert [one.part for one in now.not_read] == [Part.DIRECTORY_ROLES]
    (refusal,) = (one for one in refusals(world, now) if one.kind is Kind.NOT_EVALUATED)
    assert "the assignments of directory roles" in str(refusal)
    assert "RoleManagement.Read.Directory" in str(refusal)
