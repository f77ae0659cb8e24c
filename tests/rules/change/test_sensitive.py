"""What the service would refuse halfway is refused at the preview, by who holds what."""

from collections.abc import Callable
from typing import Any

import pytest

from tenantry.access.existing import Part
from tenantry.access.grants import OtherRole
from tenantry.access.parts import NotRead
from tenantry.graph.errors import Cause
from tenantry.roles import AssignmentType, DirectoryRole
from tenantry.rules.change.advice import advice
from tenantry.rules.change.refusal import Kind
from tenantry.sensitive_actions import (
    GLOBAL_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    USER_ADMINISTRATOR,
)
from tests.acme import AT

from .builder import ROBOT, ROBOTS_ROLE, World, id_of
from .test_evaluate import EXCHANGE, HELPDESK, group

UNIT = "/administrativeUnits/aaaaaaaa-0000-4000-8000-0000000000a1"
ASKED = {Kind.MISSING_ROLE, Kind.MISSING_PERMISSION}


def world_of(*roles: str, **how: Any) -> World:
    """The tenant, with a deploying identity that holds these roles, by template id."""
    world = World()
    world.remake(lambda held: None if held == ROBOTS_ROLE else held)
    for role in roles:
        world.holds(OtherRole(role), ROBOT, **how)
    return world


def refused(world: World) -> set[tuple[Kind, str]]:
    return {(item.kind, item.subject) for item in world.refusals if item.kind in ASKED}


def known(world: World, key: str, **about: object) -> None:
    """How the tenant has an account that the stack made."""
    world.account(key, **about)


CHANGES: dict[str, tuple[Callable[[World], None], str]] = {
    "disabling their account": (lambda world: world.person("fay", state="disabled"), "Fay Ford"),
    "enabling their account": (
        lambda world: (known(world, "fay", enabled=False), world.person("fay", state="present"))[1],
        "Fay Ford",
    ),
    "changing their sign-in name": (lambda world: world.person("fay", upn=f"fay{AT}"), "Fay Ford"),
    "changing their name or e-mail address": (lambda world: world.person("fay", full_name="Fay F."), "Fay Ford"),
    "giving them a new password": (
        lambda world: (known(world, "fay", password_round=1), world.person("fay", password_round=2))[1],
        "Fay Ford",
    ),
}


@pytest.mark.parametrize("operation", CHANGES)
def test_an_administrator_is_changed_by_an_identity_with_the_role_alone(operation: str) -> None:
    make, _ = CHANGES[operation]
    for roles, denied in (
        ((), True),
        ((USER_ADMINISTRATOR.template_id,), False),  # Fay is a User Administrator
        ((PRIVILEGED_AUTHENTICATION_ADMINISTRATOR.template_id,), False),
        ((GLOBAL_ADMINISTRATOR.template_id,), False),
        ((EXCHANGE.template_id,), True),
    ):
        world = world_of(*roles)
        make(world)
        assert {subject.partition(", ")[2] for _, subject in refused(world)} == ({operation} if denied else set())


def test_a_global_administrator_takes_more_than_a_user_administrator() -> None:
    for role, denied in ((USER_ADMINISTRATOR, True), (PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, False)):
        world = world_of(role.template_id)
        world.person("bruno", full_name="Bruno V.")
        assert bool(refused(world)) is denied
    (refusal,) = (item for item in world_refusals(world_of(USER_ADMINISTRATOR.template_id)))
    assert "Bruno Vale (bruno.vale@acme-partner.onmicrosoft.com) holds Global Administrator" in refusal
    assert "needs the directory role Privileged Authentication Administrator (or Global Administrator)" in refusal


def world_refusals(world: World) -> list[str]:
    world.person("bruno", full_name="Bruno V.")
    return [str(item) for item in world.refusals if item.kind is Kind.MISSING_ROLE]


@pytest.mark.parametrize("how", [{"assignment_type": AssignmentType.ELIGIBLE}, {"scope": UNIT}])
def test_a_role_of_the_identity_counts_only_active_and_for_the_whole_tenant(how: dict[str, Any]) -> None:
    world = world_of(PRIVILEGED_AUTHENTICATION_ADMINISTRATOR.template_id, **how)
    world.person("fay", full_name="Fay F.")
    assert {kind for kind, _ in refused(world)} == {Kind.MISSING_ROLE}


def test_a_role_of_the_identity_counts_through_a_group() -> None:
    world = world_of()
    world.holds(OtherRole(PRIVILEGED_AUTHENTICATION_ADMINISTRATOR.template_id), group((ROBOT,)))
    world.person("fay", full_name="Fay F.")
    assert refused(world) == set()


@pytest.mark.parametrize("how", [{"assignment_type": AssignmentType.ELIGIBLE}, {"scope": UNIT}, {}])
def test_any_role_of_the_person_counts_whoever_gave_it(how: dict[str, Any]) -> None:
    world = world_of()
    (gus,) = (item for item in world.existing.known if item.object_id == id_of("gus"))
    world.person("gus", state="leaver")
    assert refused(world) == set(), "nobody without a role takes one"
    world.holds(EXCHANGE, gus, **how)
    assert {kind for kind, _ in refused(world)} == {Kind.MISSING_ROLE}
    (message,) = (str(item) for item in world.refusals if item.kind is Kind.MISSING_ROLE)
    assert f"remove {EXCHANGE} from them in the Entra admin center" in message


def test_a_leaver_goes_in_two_steps_without_any_role() -> None:
    world = world_of()
    world.person("fay", state="leaver")
    (message,) = (str(item) for item in world.refusals if item.kind is Kind.MISSING_ROLE)
    assert "First declare `state: leaving` under `people.fay`" in message
    world.person("fay", state="leaving")
    assert refused(world) == set()
    assert world.change.disabled == ()
    assert {loss.grant.power for loss in world.change.losses} == {DirectoryRole.USER_ADMINISTRATOR}
    world.existing = world.change.after
    (warned,) = advice(world.tenant, world.existing)
    assert "is declared `state: leaving`, but can still sign in." in warned
    world.person("fay", state="leaver")
    assert advice(world.tenant, world.existing) == []
    assert refused(world) == set()
    world.existing = world.change.after
    world.drop("fay")
    assert refused(world) == set()


def test_an_account_is_deleted_after_the_roles_that_the_stack_gave_and_with_those_of_others() -> None:
    world = world_of()
    world.account("fay", enabled=False)
    world.drop("fay")
    assert refused(world) == set()
    (fay,) = (item for item in world.existing.known if item.object_id == id_of("fay"))
    world.holds(EXCHANGE, fay)
    assert {kind for kind, _ in refused(world)} == {Kind.MISSING_ROLE}


def test_a_new_password_takes_a_role_for_everybody_and_an_unknown_round_is_no_new_one() -> None:
    world = world_of()
    world.person("gus", password_round=2)
    assert refused(world) == set()
    world.account("gus", password_round=1)
    (message,) = (str(item) for item in world.refusals if item.kind is Kind.MISSING_ROLE)
    assert "needs the directory role User Administrator" in message


def test_a_permission_that_is_missing_is_named_and_only_where_something_is_written() -> None:
    world = world_of()
    world.facts(permissions=frozenset[str]())
    assert refused(world) == set()
    world.person("gus", full_name="Gus D.", roles=["Sales agent"])
    named = {
        "accounts": "User.ReadWrite.All",
        "agent groups": "Group.ReadWrite.All",
    }
    assert refused(world) == {(Kind.MISSING_PERMISSION, what) for what in named}
    for item in world.refusals:
        if item.kind is Kind.MISSING_PERMISSION:
            assert f"add {named[item.subject]} in Entra ID" in item.remediation
    world.facts(permissions=frozenset(named.values()))
    assert refused(world) == set()
    world.facts(permissions=None)
    assert refused(world) == set(), "a person's token does not say what they may do"


def test_deleting_an_account_takes_more_than_changing_one() -> None:
    world = world_of()
    world.account("fay", enabled=False)
    world.facts(permissions=frozenset({"Directory.ReadWrite.All", "RoleManagement.ReadWrite.Directory"}))
    world.drop("fay")
    (message,) = (item for item in world.refusals if item.kind is Kind.MISSING_PERMISSION)
    assert message.subject == "deleted accounts"
    assert "the application permission User.ReadWrite.All or User.DeleteRestore.All" in str(message)


def test_a_role_of_the_identity_may_stand_for_a_permission() -> None:
    world = world_of(USER_ADMINISTRATOR.template_id)
    world.facts(permissions=frozenset[str]())
    world.person("gus", roles=["Helpdesk agent", "Sales agent"])
    assert HELPDESK in {held.power for held in world.change.after.access.grants}
    assert refused(world) == set()


@pytest.mark.parametrize("part", [Part.DIRECTORY_ROLES, Part.ELIGIBILITIES, Part.ROLE_ASSIGNABLE_GROUPS])
def test_what_somebody_holds_must_be_known_before_their_account_is_changed(part: Part) -> None:
    world = world_of()
    world.facts(not_read={part: NotRead(Cause.PERMISSION, "the permission is missing")})
    world.person("gus", full_name="Gus D.")
    assert part.value in {item.subject for item in world.refusals if item.kind is Kind.NOT_EVALUATED}


def test_somebody_who_is_only_disabled_is_not_asked_to_leave() -> None:
    world = world_of()
    world.person("fay", state="disabled")
    (message,) = (str(item) for item in world.refusals if item.kind is Kind.MISSING_ROLE)
    assert "leaving" not in message
    assert "disable the account in the Entra admin center" in message
