"""Compares two access maps: who gains and who loses what, and of that what nobody has in another way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tenantry.access.grants import AccessMap, Grant, Kind, Reason
from tenantry.access.principals import Principal


@dataclass(frozen=True)
class AccessDiff:
    """What changes from one map to another, over the kinds and targets that both answer."""

    gained: Mapping[Grant, frozenset[Reason]]
    lost: Mapping[Grant, frozenset[Reason]]
    added: tuple[Grant, ...]
    """What is gained and nothing covered that was there before: what is worth more than anything before."""
    taken: tuple[Grant, ...]
    """What is lost and nothing covers that is there afterwards: nobody loses what they keep in another way."""


def covering(grants: Iterable[Grant]) -> Callable[[Grant], bool]:
    """Whether one of some grants gives at least as much as another (:meth:`Grant.covers`)."""
    ways: dict[tuple[Principal, Kind, str], list[Grant]] = {}
    for item in grants:
        ways.setdefault((item.principal, item.kind, item.target), []).append(item)
    return lambda grant: any(item.covers(grant) for item in ways.get((grant.principal, grant.kind, grant.target), ()))


def diff(before: AccessMap, after: AccessMap) -> AccessDiff:
    """Compare what both maps answer: a grant that only one of them can speak of is neither gained nor lost."""

    def comparable(grant: Grant) -> bool:
        return before.answered(grant) and after.answered(grant)

    gained = {g: r for g, r in after.grants.items() if g not in before.grants and comparable(g)}
    lost = {g: r for g, r in before.grants.items() if g not in after.grants and comparable(g)}
    was_covered, is_covered = covering(before.grants), covering(after.grants)
    return AccessDiff(
        gained,
        lost,
        added=tuple(grant for grant in gained if not was_covered(grant)),
        taken=tuple(grant for grant in lost if not is_covered(grant)),
    )
