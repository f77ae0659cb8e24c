"""Compares two access maps: who gains, who loses, for which other reason, and what cannot be compared."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from tenantry.access.grants import AccessMap, Grant, Kind, Reason, Unresolved
from tenantry.access.principals import Principal

Reasons: TypeAlias = frozenset[Reason]
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class PersonDiff:
    """What changes for one principal."""

    gained: Mapping[Grant, Reasons] = field(default_factory=dict)
    lost: Mapping[Grant, Reasons] = field(default_factory=dict)
    changed_reason: Mapping[Grant, tuple[Reasons, Reasons]] = field(default_factory=dict)
    not_compared: frozenset[Grant] = frozenset()


@dataclass(frozen=True)
class AccessDiff:
    """What changes from one map to another, over the kinds and targets that both answer."""

    gained: Mapping[Grant, Reasons]
    lost: Mapping[Grant, frozenset[Reason]]
    changed_reason: Mapping[Grant, tuple[frozenset[Reason], frozenset[Reason]]]
    not_compared: frozenset[Grant]
    unresolved: frozenset[Unresolved]
    added: tuple[Grant, ...] = ()
    """What is gained and nothing covered that was there before: what is worth more than anything before."""
    taken: tuple[Grant, ...] = ()
    """What is lost and nothing covers that is there afterwards: nobody loses what they keep in another way."""

    @property
    def empty(self) -> bool:
        """Whether nobody gains, loses or holds anything for another reason, and nothing is hidden."""
        return not (self.gained or self.lost or self.changed_reason or self.not_compared or self.unresolved)

    def by_person(self) -> dict[Principal, PersonDiff]:
        """The same, for each principal that it says anything of, in order. What is unresolved is nobody's."""
        gained, lost, changed = _split(self.gained), _split(self.lost), _split(self.changed_reason)
        hidden = _split(dict.fromkeys(self.not_compared))
        return {
            principal: PersonDiff(
                gained.get(principal, {}),
                lost.get(principal, {}),
                changed.get(principal, {}),
                frozenset(hidden.get(principal, {})),
            )
            for principal in sorted({*gained, *lost, *changed, *hidden})
        }


def _split(grants: Mapping[Grant, _Item]) -> dict[Principal, dict[Grant, _Item]]:
    people: dict[Principal, dict[Grant, _Item]] = {}
    for grant, item in grants.items():
        people.setdefault(grant.principal, {})[grant] = item
    return people


def covering(grants: Iterable[Grant]) -> Callable[[Grant], bool]:
    """Whether one of some grants gives at least as much as another (:meth:`Grant.covers`)."""
    ways: dict[tuple[Principal, Kind, str], list[Grant]] = {}
    for one in grants:
        ways.setdefault((one.principal, one.kind, one.target), []).append(one)
    return lambda grant: any(one.covers(grant) for one in ways.get((grant.principal, grant.kind, grant.target), ()))


def diff(before: AccessMap, after: AccessMap) -> AccessDiff:
    """Compare what both maps answer; a grant that only one of them can speak of is *not compared*.

    What is unresolved in either map is carried along: it may hide a grant.
    """

    def comparable(grant: Grant) -> bool:
        return before.answered(grant) and after.answered(grant)

    both = [grant for grant in before.grants if grant in after.grants]
    gained = {g: r for g, r in after.grants.items() if g not in before.grants and comparable(g)}
    lost = {g: r for g, r in before.grants.items() if g not in after.grants and comparable(g)}
    was_covered, is_covered = covering(before.grants), covering(after.grants)
    return AccessDiff(
        gained=gained,
        lost=lost,
        changed_reason={
            g: (before.grants[g], after.grants[g])
            for g in both
            if comparable(g) and before.grants[g] != after.grants[g]
        },
        not_compared=frozenset(g for g in {*before.grants, *after.grants} if not comparable(g)),
        unresolved=before.unresolved | after.unresolved,
        added=tuple(grant for grant in gained if not was_covered(grant)),
        taken=tuple(grant for grant in lost if not is_covered(grant)),
    )
