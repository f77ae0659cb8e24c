"""The laws of comparing two access maps."""

from hypothesis import given
from hypothesis import strategies as st

from tenantry.access import (
    AccessDiff,
    AccessMap,
    Answer,
    AssignmentType,
    Grant,
    Kind,
    Principal,
    Reason,
    Unresolved,
    diff,
)
from tenantry.access.principals import By

KINDS = (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE, Kind.FTOP_CUSTOMER)
TARGETS = ("one", "other")
EVERYTHING = frozenset(Answer(kind) for kind in KINDS)

grants = st.builds(
    Grant,
    st.builds(Principal, st.sampled_from(list(By)), st.sampled_from(["ada", "bruno", "carla"])),
    st.sampled_from(KINDS),
    st.sampled_from(TARGETS),
    st.sampled_from(["/", "unit"]),
    st.sampled_from(list(AssignmentType)),
)
reasons = st.builds(Reason, st.sampled_from(["Global admin", "Admin agent"]))
answers = st.frozensets(st.builds(Answer, st.sampled_from(KINDS), st.sampled_from([None, *TARGETS])))


def maps(answered: frozenset[Answer] = EVERYTHING) -> st.SearchStrategy[AccessMap]:
    """Maps that hold only what they answer for, as every view does."""
    return st.lists(st.tuples(grants, reasons), max_size=12).map(
        lambda pairs: AccessMap.of([p for p in pairs if any(a.covers(p[0]) for a in answered)], answered)
    )


@given(maps(), maps())
def test_maps_that_answer_the_same_are_equal_exactly_when_their_difference_is_empty(
    one: AccessMap, other: AccessMap
) -> None:
    assert diff(one, other).empty is (one == other)


def applied(change: AccessDiff, before: AccessMap) -> dict[Grant, frozenset[Reason]]:
    """The grants of the other side: what was there, without what is lost, with what is gained."""
    kept = {grant: why for grant, why in before.grants.items() if grant not in change.lost}
    return kept | dict(change.gained) | {grant: after for grant, (_, after) in change.changed_reason.items()}


@given(maps(), maps())
def test_applying_the_difference_to_one_side_gives_the_other(one: AccessMap, other: AccessMap) -> None:
    assert applied(diff(one, other), one) == other.grants


@given(maps(), maps())
def test_by_person_says_the_same_and_gives_everybody_their_own(one: AccessMap, other: AccessMap) -> None:
    change = diff(one, other)
    people = change.by_person()
    assert list(people) == sorted(people)
    for field in ("gained", "lost", "changed_reason"):
        put_together = {grant: said for theirs in people.values() for grant, said in getattr(theirs, field).items()}
        assert put_together == getattr(change, field)
    for who, theirs in people.items():
        said = {*theirs.gained, *theirs.lost, *theirs.changed_reason, *theirs.not_compared}
        assert {grant.principal for grant in said} == {who}, "nobody stands there without a change"


@given(answers.flatmap(lambda some: st.tuples(maps(some), maps())))
def test_what_is_not_compared_stands_by_person_too(drawn: tuple[AccessMap, AccessMap]) -> None:
    change = diff(*drawn)
    hidden = {grant for theirs in change.by_person().values() for grant in theirs.not_compared}
    assert hidden == change.not_compared


@given(maps(), maps())
def test_applying_a_difference_that_is_not_compared_changes_nothing(one: AccessMap, other: AccessMap) -> None:
    silent = AccessMap(other.grants)
    assert applied(diff(one, silent), one) == one.grants


@given(maps(), maps())
def test_what_one_direction_gains_the_other_loses(one: AccessMap, other: AccessMap) -> None:
    there, back = diff(one, other), diff(other, one)
    assert (there.gained, there.lost) == (back.lost, back.gained)
    assert {g: (b, a) for g, (a, b) in there.changed_reason.items()} == back.changed_reason


@given(answers.flatmap(lambda some: st.tuples(maps(some), maps())))
def test_what_only_one_side_answers_for_is_not_compared(drawn: tuple[AccessMap, AccessMap]) -> None:
    narrow, wide = drawn
    change = diff(narrow, wide)
    unanswered = {grant for grant in wide.grants if not narrow.answered(grant)}
    assert change.not_compared == unanswered
    assert not unanswered & {*change.gained, *change.lost, *change.changed_reason}


@given(maps(), st.booleans())
def test_what_one_side_cannot_see_is_never_taken_for_nothing(one: AccessMap, first: bool) -> None:
    hidden = Unresolved(Kind.AGENT_GROUP, "one", "a resource", "a reason")
    dim = AccessMap(one.grants, one.answers, frozenset({hidden}))
    change = diff(dim, one) if first else diff(one, dim)
    assert change.unresolved == {hidden}
    assert not change.empty


@given(st.lists(st.tuples(grants, reasons), max_size=12))
def test_the_reasons_of_equal_grants_are_put_together(pairs: list[tuple[Grant, Reason]]) -> None:
    collected = AccessMap.of(pairs, EVERYTHING)
    assert list(collected.grants) == sorted({grant for grant, _ in pairs})
    for grant, why in collected.grants.items():
        assert why == {reason for other, reason in pairs if other == grant}


@given(maps())
def test_holders_and_of_principal_read_the_same_map(one: AccessMap) -> None:
    for grant in one.grants:
        assert grant.principal in one.holders(grant.kind, grant.target)
        assert one.of_principal(grant.principal)[grant] == one.grants[grant]


@given(maps(), maps())
def test_nobody_is_taken_from_or_given_what_they_have_in_another_way(one: AccessMap, other: AccessMap) -> None:
    change = diff(one, other)
    assert set(change.taken) == {g for g in change.lost if not any(kept.covers(g) for kept in other.grants)}
    assert set(change.added) == {g for g in change.gained if not any(had.covers(g) for had in one.grants)}
    assert (change.added, change.taken) == (diff(other, one).taken, diff(other, one).added)
