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
    diff,
)
from tenantry.access.principals import By

KINDS = (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE, Kind.FTOP_CUSTOMER, Kind.CUSTOMER_ROLE)
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


def applied(change: AccessDiff, before: AccessMap) -> set[Grant]:
    """The grants of the other side: what was there, without what is lost, with what is gained."""
    return before.grants.keys() - change.lost.keys() | change.gained.keys()


@given(maps(), maps())
def test_applying_the_difference_to_one_side_gives_the_other(one: AccessMap, other: AccessMap) -> None:
    change = diff(one, other)
    assert applied(change, one) == other.grants.keys()
    assert not change.lost.keys() & other.grants.keys()
    assert not change.gained.keys() & one.grants.keys()


@given(maps(), maps())
def test_applying_a_difference_that_is_not_compared_changes_nothing(one: AccessMap, other: AccessMap) -> None:
    silent = AccessMap(other.grants)
    assert applied(diff(one, silent), one) == one.grants.keys()


@given(maps(), maps())
def test_what_one_direction_gains_the_other_loses(one: AccessMap, other: AccessMap) -> None:
    existing, back = diff(one, other), diff(other, one)
    assert (existing.gained, existing.lost) == (back.lost, back.gained)


@given(answers.flatmap(lambda some: st.tuples(maps(some), maps())))
def test_what_only_one_side_answers_for_is_neither_gained_nor_lost(drawn: tuple[AccessMap, AccessMap]) -> None:
    narrow, wide = drawn
    for change in (diff(narrow, wide), diff(wide, narrow)):
        assert all(narrow.answered(grant) for grant in (*change.gained, *change.lost))


@given(st.lists(st.tuples(grants, reasons), max_size=12))
def test_the_reasons_of_equal_grants_are_put_together(pairs: list[tuple[Grant, Reason]]) -> None:
    collected = AccessMap.of(pairs, EVERYTHING)
    assert list(collected.grants) == sorted({grant for grant, _ in pairs})
    for grant, why in collected.grants.items():
        assert why == {reason for other, reason in pairs if other == grant}


@given(maps())
def test_holders_and_by_principal_read_the_same_map(item: AccessMap) -> None:
    for grant in item.grants:
        assert grant.principal in item.holders(grant.kind, grant.target)
        assert item.by_principal()[grant.principal][grant] == item.grants[grant]


@given(maps(), maps())
def test_nobody_is_taken_from_or_given_what_they_have_in_another_way(one: AccessMap, other: AccessMap) -> None:
    change = diff(one, other)
    assert set(change.taken) == {g for g in change.lost if not any(kept.covers(g) for kept in other.grants)}
    assert set(change.added) == {g for g in change.gained if not any(had.covers(g) for had in one.grants)}
    assert (change.added, change.taken) == (diff(other, one).taken, diff(other, one).added)
