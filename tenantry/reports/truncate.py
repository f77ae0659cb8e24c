"""Leaves out of a document what is least dangerous, where there is no room for all, and says what was left out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Final

from tenantry.access.danger import Danger
from tenantry.reports.document import Block, Document, Entries, Entry, Group, Section, Table

LIMIT: Final = 64_000
"""How many bytes a report may have as a comment or an issue. GitHub takes 65,536 characters, Azure DevOps 150,000; a
pipeline may add some."""
_SHORTEST_ITEM: Final = 10
"""No item of a report has fewer bytes."""


def fitted(whole: str, shortened: Callable[[int], str], items: int, limit: int = LIMIT) -> str:
    """A report in at most ``limit`` bytes of UTF-8: the ``whole``, else with as many of its ``items`` as fit.

    ``shortened(n)`` is the report with its ``n`` most important items, which says how many it leaves out. Where not
    even ``shortened(0)`` fits, that is returned: what every report has is never cut.
    """
    if _fits(whole, limit):
        return whole
    low, high = 0, min(items, limit // _SHORTEST_ITEM)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(shortened(middle), limit) else (low, middle - 1)
    return shortened(low)


def _fits(text: str, limit: int) -> bool:
    return len(text.encode()) <= limit


def size(document: Document) -> int:
    """How many groups and entries a document has."""
    return sum(1 for _ in _items(document.blocks))


def keep_first(document: Document, most: int) -> tuple[Document, str]:
    """The document with only its most dangerous groups and entries, in their order; and what is left out, in words."""
    ranks = [item.rank for _, item in _items(document.blocks)]
    kept = set(sorted(range(len(ranks)), key=ranks.__getitem__)[:most])
    numbers = count()

    def cut(block: Block) -> Block | None:
        match block:
            case Section():
                blocks = _present(map(cut, block.blocks))
                number = None if block.number is None else sum(1 for _ in _items(blocks))
                return replace(block, blocks=blocks, number=number) if _stays(block, blocks) else None
            case Table():
                return replace(block, groups=tuple(group for group in block.groups if next(numbers) in kept))
            case Entries():
                entries = tuple(entry for entry in block.entries if next(numbers) in kept)
                return replace(block, entries=entries) if entries else None
            case _:
                return block

    shown = replace(document, blocks=_present(map(cut, document.blocks)))
    return shown, _left_out(document, shown)


def _present(blocks: Iterable[Block | None]) -> tuple[Block, ...]:
    return tuple(block for block in blocks if block is not None)


def _stays(before: Section, blocks: tuple[Block, ...]) -> bool:
    """Whether a section still has an item, or never had one."""
    return any(_items(blocks)) or not any(_items(before.blocks))


def _items(blocks: Iterable[Block]) -> Iterator[tuple[str, Group | Entry]]:
    """Every group and entry with what it is, in the order in which :func:`keep_first` walks."""
    for block in blocks:
        match block:
            case Section():
                yield from _items(block.blocks)
            case Table():
                yield from ((block.what, group) for group in block.groups)
            case Entries():
                yield from ((block.what, entry) for entry in block.entries)


def _left_out(document: Document, shown: Document) -> str:
    total, left = _counted(document), _counted(document) - _counted(shown)
    counts = ", ".join(f"{left[what]:,} of {total[what]:,} {what}" for what in total if left[what])
    gone = _dangers(document) - _dangers(shown)
    worst = next((danger for danger in Danger if gone[danger]), None)
    return f"{counts}; the most dangerous of these reaches {worst}" if worst else counts


def _counted(document: Document) -> Counter[str]:
    counted: Counter[str] = Counter()
    for what, item in _items(document.blocks):
        counted[what] += item.number if isinstance(item, Group) else 1
    return counted


def _dangers(document: Document) -> Counter[Danger]:
    groups = (item for _, item in _items(document.blocks) if isinstance(item, Group))
    return Counter(group.danger for group in groups if group.danger is not None)
