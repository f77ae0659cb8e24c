"""What exists in a tenant, read from the embedded directory: whole, or with what could not be read named."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from tenantry.access.change import change
from tenantry.access.existing import Existing, OwnedAccount, OwnedEligibility, Part
from tenantry.access.existing_reader import read_existing
from tenantry.access.grants import Grant
from tenantry.access.principals import Principal
from tenantry.access.state import StackState
from tenantry.graph.models import MemberKind
from tenantry.graph.permissions import Reading
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole
from tenantry.rules.change.evaluate import evaluate
from tenantry.rules.change.refusal import Kind, Refusal
from tests.access.test_observed import ROLES, World, provisioned
from tests.graph.in_process import reader_of

from .builder import UNDECLARED

TODAY = date(2026, 11, 24)


@pytest.fixture
def world() -> Iterator[World]:
    with provisioned() as world:
        yield world


def owned(world: World) -> StackState:
    """What the stack of the sample holds: everything but what was there at enrolment."""
    members = world.declared.members
    present = {pin for person in members.values() for pin in person.pins.role_assignments.values()}
    given = {assignment["id"] for assignment in world.tenant.get(f"{ROLES}/roleAssignments")["value"]}
    return StackState(
        accounts=tuple(
            OwnedAccount(key, Principal.in_directory(id_, key))
            for key, id_ in world.ids.items()
            if not members[key].adopted
        ),
        emergency=frozenset(id_ for key, id_ in world.ids.items() if members[key].emergency),
        assignments=frozenset(given | present),
        groups={group.value: world.tenant.group(group) for group in AgentGroup},
    )


def existing(world: World, stack: StackState | None = None, **instead: httpx.Response) -> Existing:
    answers = {f"/{path}": answer for path, answer in instead.items()}
    groups = {group: world.tenant.group(group) for group in AgentGroup}
    with reader_of(world.store, world.declared.id, answers) as reader:
        return read_existing(reader, world.declared, groups, stack or owned(world))


def refusals(world: World, now: Existing) -> list[Refusal]:
    return evaluate(world.declared, change(world.declared, now), TODAY)


def test_a_tenant_that_is_as_declared_loses_nothing_and_nothing_speaks_against_it(world: World) -> None:
    now = existing(world)
    made = change(world.declared, now)
    assert (made.losses, made.gains, made.deleted, made.disabled) == ((), (), (), ())
    assert refusals(world, now) == []
    assert {held.principal.upn for held in now.access.grants if held.power is AgentGroup.SALES_AGENTS} == {
        world.declared.members[key].upn for key in ("dmitri", "hiro")
    }
    assert now.caller is not None
    assert now.not_read == {}


def test_an_undeclared_account_and_everybody_in_a_nested_group_are_reported_by_name(world: World) -> None:
    mallory, _ = world.undeclared_account("mallory")
    trent, _ = world.undeclared_account("trent")
    inner = world.tenant.add_group("OldHands")
    world.join(inner, trent)
    world.join(world.admin_agents, mallory)
    world.join(world.admin_agents, inner)
    now = existing(world)
    (nested,) = (held.principal for held in now.access.grants if held.principal.kind is MemberKind.GROUP)
    assert [item.object_id for item in nested.members or ()] == [trent]
    lost = {loss.grant.principal.object_id for loss in change(world.declared, now).losses if loss.counts}
    assert lost == {mallory, trent}


def test_an_assignment_of_another_hand_is_not_the_stacks(world: World) -> None:
    mallory, _ = world.undeclared_account("mallory")
    stack = owned(world)
    given = world.assign(mallory)
    now = existing(world, stack)
    ((theirs, record),) = ((held, why) for held, why in now.access.records() if why.assignment_id == given)
    assert (theirs.power, record.owned) == (DirectoryRole.GLOBAL_ADMINISTRATOR, False)
    assert change(world.declared, now).losses == ()


def test_a_disabled_account_is_known_as_such(world: World) -> None:
    world.tenant.patch(f"/v1.0/users/{world.ids['carla']}", {"accountEnabled": False})
    now = existing(world)
    assert {account.key for account in now.accounts if not account.principal.enabled} == {"carla"}


def test_an_eligible_role_is_read_as_such(world: World) -> None:
    world.make_eligible(world.ids["carla"], DirectoryRole.BILLING_ADMINISTRATOR)
    (eligible,) = (held for held in existing(world).access.grants if held.assignment_type is AssignmentType.ELIGIBLE)
    assert (eligible.principal.object_id, eligible.power) == (world.ids["carla"], DirectoryRole.BILLING_ADMINISTRATOR)


def test_an_eligible_role_of_the_stack_is_distinguished_from_one_whose_request_is_purged(world: World) -> None:
    world.make_eligible(world.ids["carla"], DirectoryRole.BILLING_ADMINISTRATOR)
    access = existing(world).access
    (eligible,) = (held for held in access.grants if held.assignment_type is AssignmentType.ELIGIBLE)
    (schedule,) = (record.assignment_id for record in access.grants[eligible])
    stack = replace(owned(world), eligibilities=(OwnedEligibility("urn", eligible, schedule),))
    asked = existing(world, stack).requests
    world.store.ahead = timedelta(days=46)
    assert (asked, existing(world, stack).requests) == (frozenset({schedule}), frozenset[str]())
    assert existing(world, replace(stack, eligibilities=())).requests == set(), "not read where nothing goes by it"
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    now = existing(world, stack, roleEligibilityScheduleRequests=denied)
    assert (list(now.not_read), now.eligibilities) == ([Part.ELIGIBILITIES], stack.eligibilities)


def test_a_request_that_gives_no_justification_is_distinguished_from_one_that_does(world: World) -> None:
    world.make_eligible(world.ids["carla"], DirectoryRole.BILLING_ADMINISTRATOR)
    world.make_eligible(world.ids["carla"], DirectoryRole.USER_ADMINISTRATOR, justification=None)
    schedules = {
        held.power: record.assignment_id
        for held, record in existing(world).access.records()
        if held.assignment_type is AssignmentType.ELIGIBLE
    }
    carla = Grant.of(Principal.in_directory(world.ids["carla"], "Carla"), DirectoryRole.BILLING_ADMINISTRATOR)
    found = existing(world, replace(owned(world), eligibilities=(OwnedEligibility("urn", carla, "id"),)))
    assert found.unjustified_requests == {schedules[DirectoryRole.USER_ADMINISTRATOR]}
    assert schedules[DirectoryRole.BILLING_ADMINISTRATOR] in found.requests - found.unjustified_requests


def test_without_the_licence_nobody_is_eligible_and_that_is_an_answer(world: World) -> None:
    assert existing(world).licensed
    world.unlicense()
    now = existing(world)
    assert (now.not_read, now.licensed) == ({}, False)
    assert refusals(world, now) == []


def test_any_other_refusal_to_tell_who_is_eligible_says_nothing_of_the_licence(world: World) -> None:
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    now = existing(world, roleEligibilitySchedules=denied)
    assert (list(now.not_read), now.licensed) == ([Part.ELIGIBILITIES], True)
    assert not now.access.answered(Grant.of(UNDECLARED, DirectoryRole.USER_ADMINISTRATOR, AssignmentType.ELIGIBLE))
    assert now.access.answered(Grant.of(UNDECLARED, DirectoryRole.USER_ADMINISTRATOR))


def test_what_may_not_be_read_is_named_and_refused(world: World) -> None:
    denied = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "no"}})
    now = existing(world, roleAssignments=denied)
    assert list(now.not_read) == [Part.DIRECTORY_ROLES]
    assert not now.access.answered(Grant.of(UNDECLARED, DirectoryRole.USER_ADMINISTRATOR))
    assert now.access.answered(Grant.of(UNDECLARED, AgentGroup.ADMIN_AGENTS))
    (refusal,) = (item for item in refusals(world, now) if item.kind is Kind.NOT_EVALUATED)
    assert "the assignments of directory roles" in str(refusal)
    assert "RoleManagement.Read.Directory" in str(refusal)


def at_customers(world: World, status: str = "active") -> StackState:
    """The stack of the sample with one more relationship, whose group holds a role at a customer."""
    outputs = {
        "customerTenantId": "c0000000-0000-4000-8000-000000000001",
        "customerName": "Fabrikam",
        "displayName": "Fabrikam everyday",
        "status": status,
        "terminate": False,
        "assignments": {"desk": {"group": world.tenant.group(AgentGroup.HELPDESK_AGENTS), "roles": [EXCHANGE]}},
    }
    return replace(owned(world), relationships={"fabrikam.everyday": outputs})


EXCHANGE = "29232cdf-9323-42fd-ade2-1d097af3e4de"


def test_who_works_at_customers_is_who_is_in_the_groups_now_also_through_others(world: World) -> None:
    stranger, _ = world.undeclared_account("stranger")
    crew = world.tenant.add_group("Crew")
    world.join(crew, stranger)
    world.join(world.tenant.group(AgentGroup.HELPDESK_AGENTS), crew)
    now = existing(world, at_customers(world))
    assert [str(item) for item in now.relationships] == ["'Fabrikam everyday' with Fabrikam"]
    ids = {grant.principal.object_id for grant in now.at_customers.grants}
    assert {stranger, world.ids["emma"]} <= ids
    assert existing(world, at_customers(world, "expired")).at_customers.grants == {}


def test_who_works_at_customers_is_refused_where_it_cannot_be_read(world: World) -> None:
    world.lack("Group.ReadWrite.All")
    subjects = {refusal.subject for refusal in refusals(world, existing(world, at_customers(world)))}
    assert Part.CUSTOMER_GROUPS.value in subjects


def hired(world: World, **fields: str) -> None:
    """Declare somebody whose account is to be made."""
    newcomer = world.declared.members["carla"].model_copy(update={"full_name": "Mallory Moss", **fields})
    world.declared = world.declared.model_copy(update={"people": {**world.declared.members, "mallory": newcomer}})


def test_a_sign_in_name_that_is_taken_is_refused_with_the_line_that_adopts_the_account(world: World) -> None:
    undeclared_account, _ = world.undeclared_account("mallory")
    hired(world, upn=f"Mallory@{world.declared.domains.initial}", email="mallory@contoso.com")
    (refusal,) = refusals(world, existing(world))
    assert refusal.kind is Kind.SIGN_IN_NAME
    assert f"write `adopted: {undeclared_account}` under `people.mallory`" in str(refusal)


@pytest.mark.parametrize("owned_by_the_stack", [False, True])
def test_the_sign_in_name_of_a_deleted_account_is_refused_until_it_is_restored_or_gone(
    world: World, owned_by_the_stack: bool
) -> None:
    undeclared_account, _ = world.undeclared_account("mallory")
    world.tenant.delete(f"/v1.0/users/{undeclared_account}")
    hired(world, upn=f"mallory@{world.declared.domains.initial}", email="mallory@contoso.com")
    stack = owned(world)
    if owned_by_the_stack:
        made = OwnedAccount("mallory", Principal.in_directory(undeclared_account, "mallory"))
        stack = replace(stack, accounts=(*stack.accounts, made))
    (refusal,) = refusals(world, existing(world, stack))
    assert refusal.kind is Kind.SIGN_IN_NAME
    assert "restore it in the Entra admin center" in str(refusal)
    assert (f"`adopted: {undeclared_account}`" in str(refusal)) is not owned_by_the_stack
    with world.store.writing(world.declared.id) as tenant:
        deleted = tenant.find_deleted(undeclared_account)
        assert deleted is not None
        tenant.purge(deleted)
    assert refusals(world, existing(world)) == []


def test_an_address_of_another_account_is_refused_and_a_guests_too(world: World) -> None:
    guest = world.tenant.add_user(
        "guest", userPrincipalName=f"mallory_contoso.com#EXT#@{world.declared.domains.initial}",
        userType="Guest", mail="mallory@contoso.com",
    )  # fmt: skip
    hired(world, upn=f"mallory@{world.declared.domains.initial}", email="Mallory@contoso.com")
    (refusal,) = refusals(world, existing(world))
    assert refusal.kind is Kind.ADDRESS
    assert f"object id {guest}, already has it (" in str(refusal)


def test_who_has_which_name_is_asked_only_of_what_the_change_gives(world: World) -> None:
    for key, person in world.declared.members.items():
        if not person.adopted:
            world.tenant.patch(f"/v1.0/users/{world.ids[key]}", {"mail": person.email} if person.email else {})
    asked = requests(world)
    hired(world, upn=f"mallory@{world.declared.domains.initial}", email="mallory@contoso.com")
    more = requests(world) - asked
    # One portion of names, one of addresses among accounts and one among groups, but the deleted accounts.
    assert more == Counter({Reading.USERS: 2, Reading.GROUPS: 1, Reading.DELETED_USERS: 1})


def requests(world: World) -> Counter[Reading]:
    with reader_of(world.store, world.declared.id) as reader:
        read_existing(reader, world.declared, {}, owned(world))
        return Counter(reader.requests)


def test_a_declared_domain_that_is_not_verified_is_refused_by_name(world: World) -> None:
    domains = world.declared.domains.model_copy(update={"verified": ("contoso.com", "elsewhere.example")})
    world.declared = world.declared.model_copy(update={"domains": domains})
    messages = [item for item in refusals(world, existing(world)) if item.kind is Kind.DOMAIN]
    assert "elsewhere.example" in [item.subject for item in messages]
    assert world.declared.domains.initial not in [item.subject for item in messages]


def test_an_activated_role_is_held_by_eligibility_alone_and_ends_before_it_can_be_pinned(world: World) -> None:
    emma = world.ids["emma"]
    world.make_eligible(emma, DirectoryRole.GLOBAL_ADMINISTRATOR)
    world.activate(emma, DirectoryRole.GLOBAL_ADMINISTRATOR)
    now = existing(world)
    held = {
        grant.assignment_type
        for grant in now.access.grants
        if grant.principal.object_id == emma and grant.power is DirectoryRole.GLOBAL_ADMINISTRATOR
    }
    assert held == {AssignmentType.ELIGIBLE}


def test_where_activations_cannot_be_read_nothing_is_reported_of_roles(world: World) -> None:
    refused = httpx.Response(403, json={"error": {"code": "Authorization_RequestDenied", "message": "No."}})
    path = "v1.0/roleManagement/directory/roleAssignmentScheduleInstances"
    assert Part.DIRECTORY_ROLES in existing(world, None, **{path: refused}).not_read
