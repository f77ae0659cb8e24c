"""What holds of every change, whatever is declared and whoever holds what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenantry.access.change import Cause, Change, change
from tenantry.access.declared import counted_holders
from tenantry.access.grants import Grant
from tenantry.access.principals import Principal
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole
from tenantry.rules.change.ceilings import people_left
from tenantry.rules.change.digests import digest, removals_text
from tenantry.rules.change.evaluate import evaluate
from tenantry.rules.change.override import LONGEST, approvers
from tenantry.rules.change.refusal import Kind, Refusal
from tests.depth import slow

from .builder import TODAY, World, existing_of
from .worlds import UNIT, id_of, override, shuffled, worlds

examples = settings(slow, suppress_health_check=list(HealthCheck))

LIFTED = {Kind.REMOVAL_CEILING, Kind.MINIMUM_HOLDERS}
"""What an override may lift."""


def about(refusals: list[Refusal]) -> set[tuple[Kind, str]]:
    return {(item.kind, item.subject) for item in refusals}


def with_override(world: World, **fields: Any) -> list[Refusal]:
    """What speaks against a change that has been approved, properly where no field is said."""
    by = next(iter(approvers(world.tenant, world.change)), "p0")
    message = {**override(digest(world.change), by, TODAY + LONGEST), **fields}
    return World({**world.file, "limits": {**world.file["limits"], "override": message}}, world.existing).refusals


@examples
@given(worlds())
def test_a_change_that_is_applied_takes_and_gives_nothing_more_and_is_not_refused(world: World) -> None:
    once = world.change
    again = change(world.tenant, once.after)
    assert (again.losses, again.gains, again.disabled, again.deleted) == ((), (), (), ())
    # Who is required and not declared is said as long as that is so; nothing else is.
    required = {item for item in about(world.refusals) if item[0] is Kind.REQUIRED_HOLDER}
    assert about(evaluate(world.tenant, again, TODAY)) == required


@examples
@given(worlds(), st.data())
def test_the_digest_does_not_depend_on_the_order_of_anything(world: World, data: st.DataObject) -> None:
    other = shuffled(data.draw, world)
    assert digest(other.change) == digest(world.change)
    assert other.refusals == world.refusals
    losses = tuple(data.draw(st.permutations(world.change.losses)))
    assert digest(replace(world.change, losses=losses)) == digest(world.change)
    _, *lines = removals_text(world.change).splitlines()
    assert lines == sorted(set(lines))


@examples
@given(worlds())
def test_the_digest_changes_with_everybody_and_everything_that_is_taken(world: World) -> None:
    taken = world.change
    others: list[Change] = [replace(taken, tenant_id="0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901")]
    for number, loss in enumerate(taken.losses):
        rest = (*taken.losses[:number], *taken.losses[number + 1 :])
        others.append(replace(taken, losses=rest))
        grant = loss.grant
        power = next(item for item in (*AgentGroup, *DirectoryRole) if item is not grant.power)
        other_grant = Grant.of(grant.principal, power)
        others += [
            replace(taken, losses=(*rest, other))
            for other in (
                replace(loss, grant=replace(grant, principal=Principal.in_directory("somebody-else", "Somebody"))),
                replace(loss, grant=replace(grant, kind=other_grant.kind, target=other_grant.target)),
                replace(
                    loss,
                    grant=replace(
                        grant,
                        assignment_type=next(item for item in AssignmentType if item is not grant.assignment_type),
                    ),
                ),
                replace(loss, grant=replace(grant, scope=f"{grant.scope}{UNIT}")),
                replace(loss, cause=next(item for item in Cause if item is not loss.cause)),
            )
            if other not in taken.losses
        ]
    others += [
        changed
        for out in taken.deleted
        for changed in [replace(taken, deleted=tuple(item for item in taken.deleted if item != out))]
    ]
    others += [
        changed
        for out in taken.disabled
        for changed in [replace(taken, disabled=tuple(item for item in taken.disabled if item != out))]
    ]
    assert digest(taken) not in {digest(other) for other in others}


@examples
@given(worlds())
def test_nobody_loses_anything_by_an_approval_whom_the_refusal_did_not_name(world: World) -> None:
    refusals = world.refusals
    message = "\n".join(map(str, refusals))
    if any(item.liftable for item in refusals):
        taken = world.change
        for whom in [*(loss.grant.principal for loss in taken.losses), *taken.deleted, *taken.disabled]:
            assert str(whom) in message
        for loss in taken.losses:
            assert f"{loss.grant.power}" in message


@examples
@given(worlds())
def test_a_refusal_of_a_group_or_role_names_everybody_who_loses_it(world: World) -> None:
    for refusal in world.refusals:
        for loss in world.change.losses:
            if refusal.power == loss.grant.power:
                assert str(loss.grant.principal) in refusal.actual


@examples
@given(worlds(), st.integers(0, 100), st.integers(0, 1000), st.booleans())
def test_a_higher_ceiling_refuses_nothing_more(world: World, share: int, count: int, of_one: bool) -> None:
    before = about(world.refusals)
    limits = world.file["limits"]
    if of_one:
        higher = {power: {"removal_count": item["removal_count"] + count} for power, item in limits["per"].items()}
        world.limits(per=higher)
    else:
        world.limits(
            removal_share=min(100, limits["removal_share"] + share), removal_count=limits["removal_count"] + count
        )
    assert about(world.refusals) <= before


@examples
@given(worlds())
def test_an_override_lifts_what_it_may_and_nothing_else(world: World) -> None:
    before, after = world.refusals, with_override(world)
    assert about(after) <= about(before)
    assert {kind for kind, _ in about(before) - about(after)} <= LIFTED
    if approvers(world.tenant, world.change):
        assert {item.kind for item in after if item.liftable} == set()
        assert Kind.REMOVAL_CEILING not in {item.kind for item in after}


@examples
@given(
    worlds(),
    st.sampled_from(
        [
            {"expires_on": TODAY - timedelta(days=1)},
            {"expires_on": TODAY + LONGEST + timedelta(days=1)},
            {"change": "0" * 32},
            {"approved_by": "nobody"},
        ]
    ),
)
def test_an_override_that_has_ended_or_is_for_another_change_lifts_nothing(world: World, wrong: dict[str, Any]) -> None:
    assert about(with_override(world, **wrong)) == about(world.refusals)


@examples
@given(worlds())
def test_a_floor_counts_the_same_people_in_the_declaration_as_in_the_tenant_that_was_made_so(world: World) -> None:
    made = existing_of(world.tenant, id_of)
    for power in (*AgentGroup, *DirectoryRole):
        left = people_left(change(world.tenant, made), power)
        declared = {id_of(key) for key in counted_holders(world.tenant, power)}
        assert set(left) == declared


def test_the_worlds_are_refused_for_every_reason_that_a_whole_reading_can_give() -> None:
    seen: set[Kind] = set()

    @settings(max_examples=300, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(worlds())
    def look(world: World) -> None:
        seen.update(item.kind for item in world.refusals)

    look()
    pinned = {Kind.ROLE_ASSIGNMENT_PIN, Kind.PROTECTED_ROLE, Kind.CONSENT_GRANT_PIN}
    pinned |= {Kind.ELIGIBLE_ROLE_STAYS, Kind.LICENCE}
    named = {Kind.DOMAIN, Kind.SIGN_IN_NAME, Kind.ADDRESS, Kind.ROUND_GOES_BACK, Kind.IDENTITY}
    at_customers = {Kind.TERMINATION_CEILING, Kind.RENEWED_TOO_EARLY, Kind.RELATIONSHIP_LEFT_OUT}
    assert seen >= set(Kind) - pinned - named - at_customers - {Kind.NOT_EVALUATED}
