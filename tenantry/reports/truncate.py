"""Leaves out of a review what is least dangerous, where there is no room for all, and says what was left out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeVar

from tenantry.access.danger import Danger
from tenantry.reports.layout import Entry, Holder, Layout, TenantLayout

_Item = TypeVar("_Item", Entry, Holder)


@dataclass(frozen=True)
class LeftOut:
    """How much is not shown."""

    gaining: int
    losing: int
    others: int
    """People of whom nothing changes, findings, to-dos, settings, files, …"""
    danger: Danger | None
    """The most dangerous access of it."""

    def __str__(self) -> str:
        people = [f"{self.gaining:,} who gain access"] * bool(self.gaining)
        people += [f"{self.losing:,} who lose access"] * bool(self.losing)
        said = [f"people: {' and '.join(people)}"] if people else []
        said += [f"{self.others:,} other lines" if self.others > 1 else "1 other line"] * bool(self.others)
        if self.danger:
            said.append(f"the most dangerous of it reaches {self.danger}")
        return "; ".join(said)


def size(layout: Layout) -> int:
    """How many people and lines an outline has."""
    return sum(1 for _ in _ranks(layout))


def keep_first(layout: Layout, most: int) -> tuple[Layout, LeftOut]:
    """The most dangerous people and lines of an outline, in their order, and what is left out.

    What is taken away stays longer than what is given with the same danger.
    """
    ranks = list(_ranks(layout))
    kept = set(sorted(range(len(ranks)), key=ranks.__getitem__)[:most])
    numbers = count()

    def some(items: tuple[_Item, ...]) -> tuple[_Item, ...]:
        return tuple(item for item in items if next(numbers) in kept)

    def tenant(whole: TenantLayout) -> TenantLayout:
        gains, losses, unchanged = some(whole.gains), some(whole.losses), some(whole.unchanged)
        sections = (replace(section, entries=some(section.entries)) for section in whole.sections)
        return replace(
            whole,
            gains=gains,
            losses=losses,
            unchanged=unchanged,
            sections=tuple(section for section in sections if section.entries),
        )

    shown = replace(
        layout,
        unseen=some(layout.unseen),
        code=some(layout.code),
        tenants=tuple(one for one in map(tenant, layout.tenants) if one.says_something),
    )
    return shown, _left_out(layout, shown, len(ranks) - len(kept))


def _left_out(layout: Layout, shown: Layout, number: int) -> LeftOut:
    gaining, losing = (
        sum(one.people for one in _holders(layout, gains=gains))
        - sum(one.people for one in _holders(shown, gains=gains))
        for gains in (True, False)
    )
    seen = {id(one) for gains in (True, False) for one in _holders(shown, gains=gains)}
    left = [one for gains in (True, False) for one in _holders(layout, gains=gains) if id(one) not in seen]
    worst = min((one.rank for one in left), default=None)
    return LeftOut(gaining, losing, number - len(left), None if worst is None else list(Danger)[worst])


def _holders(layout: Layout, *, gains: bool) -> list[Holder]:
    return [one for tenant in layout.tenants for one in (tenant.gains if gains else tenant.losses)]


def _ranks(layout: Layout) -> Iterator[float]:
    """How dangerous each person and line is, 0 most, in the order in which :func:`keep_first` walks."""
    yield from (entry.rank for entry in (*layout.unseen, *layout.code))
    for tenant in layout.tenants:
        yield from (holder.rank for holder in tenant.gains)
        yield from (holder.rank - 0.5 for holder in tenant.losses)
        yield from (holder.rank for holder in tenant.unchanged)
        yield from (entry.rank for section in tenant.sections for entry in section.entries)
