"""Compares two access maps: who gains, who loses, for which other reason, and what cannot be compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenantry.access.grants import AccessMap, Grant, Opaque, Reason


@dataclass(frozen=True)
class AccessDiff:
    """What changes from one map to another, over the kinds and targets that both answer."""

    gained: Mapping[Grant, frozenset[Reason]]
    lost: Mapping[Grant, frozenset[Reason]]
    changed_reason: Mapping[Grant, tuple[frozenset[Reason], frozenset[Reason]]]
    not_compared: frozenset[Grant]
    opaque: frozenset[Opaque]

    @property
    def empty(self) -> bool:
        """Whether nobody gains, loses or holds anything for another reason, and nothing is hidden."""
        return not (self.gained or self.lost or self.changed_reason or self.not_compared or self.opaque)


def diff(before: AccessMap, after: AccessMap) -> AccessDiff:
    """Compare what both maps answer; a grant that only one of them can speak of is *not compared*.

    What is opaque in either map is carried along: it may hide a grant, and is a finding to whoever reads this.
    """

    def comparable(grant: Grant) -> bool:
        return before.answered(grant) and after.answered(grant)

    both = [grant for grant in before.grants if grant in after.grants]
    return AccessDiff(
        gained={g: r for g, r in after.grants.items() if g not in before.grants and comparable(g)},
        lost={g: r for g, r in before.grants.items() if g not in after.grants and comparable(g)},
        changed_reason={
            g: (before.grants[g], after.grants[g])
            for g in both
            if comparable(g) and before.grants[g] != after.grants[g]
        },
        not_compared=frozenset(g for g in {*before.grants, *after.grants} if not comparable(g)),
        opaque=before.opaque | after.opaque,
    )
