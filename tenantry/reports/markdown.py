"""A report as Markdown for a comment or an issue: understood in ten seconds, details folded, no longer than hosts take.

No text of the report can break out of its place, link, mention or refer to anything.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from tenantry.reports.document import (
    Block,
    Cell,
    Document,
    Entries,
    Entry,
    Facts,
    Group,
    Lines,
    Look,
    Piece,
    Section,
    Table,
    Tone,
    Voice,
)
from tenantry.reports.escape import escape, in_code, table
from tenantry.reports.truncate import LIMIT, fitted, keep_first, size
from tenantry.sanitize import clipped

_LONGEST: Final = 500
"""How many characters of one text are shown."""
_PIECES: Final = 12
"""How many pieces of one cell are shown."""
_ALIKE: Final = 100
"""How many people with one and the same change are named."""
_SHORT: Final = 80
"""How many characters of one of their names are shown."""

_ICONS: Final = {Tone.GAIN: "🔼 ", Tone.LOSS: "🔻 ", Tone.STOP: "⛔ "}


def render(document: Document, *, limit: int = LIMIT) -> str:
    """A document as Markdown.

    Where it would be longer than ``limit`` (in bytes of UTF-8), the least dangerous groups and entries are left out,
    and it says how many, and where the whole report is.
    """

    def shortened(most: int) -> str:
        shown, left = keep_first(document, most)
        return _document(
            shown,
            "⚠️ **Shortened to fit into a comment**, least dangerous entries first. "
            f"Not shown: {left}. The whole report: {document.whole}.",
        )

    return fitted(_document(document), shortened, size(document), limit)


def _document(document: Document, shortened: str = "") -> str:
    marker = f"{document.marker}\n" if document.marker else ""
    icon = f"{document.icon} " if document.icon else ""
    small = [_text(text) for text in (f"{document.compared}." if document.compared else "", document.closing) if text]
    parts = [
        f"{marker}## {icon}{_text(document.title)}",
        shortened,
        *_blocks(document.blocks, 3),
        f"<sub>{' '.join(small)}</sub>" if small else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _blocks(blocks: Iterable[Block], level: int) -> Iterator[str]:
    for block in blocks:
        match block:
            case Section():
                yield from _section(block, level)
            case Table():
                yield from _table(block, level)
            case Entries():
                yield "\n".join(_entry(entry, to_tick=block.to_tick) for entry in block.entries)
            case Facts():
                yield "\n".join(f"- {_text(name)}: {_text(fact)}" for name, fact in block.facts)
            case Lines():
                yield _lines(block)


def _section(section: Section, level: int) -> Iterator[str]:
    title = _text(section.title) + ("" if section.number is None else f" ({section.number:,})")
    if section.folded:
        yield _folded(title, "\n\n".join(_blocks(section.blocks, level + 1)))
        return
    yield f"{'#' * level} {_ICONS.get(section.tone, '')}{title}"
    yield from _blocks(section.blocks, level + 1)


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def _lines(block: Lines) -> str:
    match block.voice:
        case Voice.OURS:
            return "\n".join(f"- {line}" for line in block.lines)
        case Voice.PLACED:
            return "\n".join(f"- {_text(line)}" for line in block.lines)
        case Voice.ALERT:
            return "\n\n".join(f"⚠️ **{_text(line)}**" for line in block.lines)
        case _:
            return "\n\n".join(map(_text, block.lines))


def _entry(entry: Entry, *, to_tick: bool) -> str:
    parts = ((f"{label}: " if label else "") + _text(text) for label, text in entry.parts)
    return "<br>".join((f"- {'[ ] ' if to_tick else ''}**{_text(entry.head)}**", *parts))


def _table(shown: Table, level: int) -> Iterator[str]:
    if shown.caption:
        yield f"{'#' * level} {_ICONS.get(shown.tone, '')}{_text(shown.title)}"
    first = shown.groups[: shown.folded_after]
    rest = shown.groups[len(first) :]
    if first:
        yield table([*map(_text, shown.headings)], _rows(first))
    if rest:
        yield _folded(f"And {len(rest):,} more, less dangerous", table([*map(_text, shown.headings)], _rows(rest)))


def _rows(groups: Iterable[Group]) -> Iterator[list[str]]:
    for group in groups:
        for number, cells in enumerate(group.rows):
            yield [_name(group) if number == 0 else "", *map(_cell, cells)]


def _name(group: Group) -> str:
    upn = [] if group.upn is None else [in_code(clipped(group.upn, _LONGEST))]
    return "<br>".join((f"**{_text(group.name)}**", *upn, *map(_text, group.notes), *_alike(group)))


def _alike(group: Group) -> Iterator[str]:
    """Everybody with whom the same happens, folded."""
    if group.alike:
        names = [
            _text(clipped(name, _SHORT)) + ("" if upn is None else f" {in_code(clipped(upn, _SHORT))}")
            for name, upn in group.alike[:_ALIKE]
        ]
        more = [f"and {group.number - _ALIKE:,} more"] if group.number > _ALIKE else []
        yield f"<details><summary>who</summary>{', '.join([*names, *more])}</details>"


def _cell(pieces: Cell) -> str:
    more = [f"and {len(pieces) - _PIECES} more"] if len(pieces) > _PIECES else []
    return "<br>".join([*map(_piece, pieces[:_PIECES]), *more]) or "–"


def _piece(piece: Piece) -> str:
    match piece.look:
        case Look.STRONG:
            return f"**{_text(piece.text)}**"
        case Look.WARNING:
            return f"⚠️ **{_text(piece.text)}**"
        case Look.CODE:
            return in_code(clipped(piece.text, _LONGEST))
        case Look.PLAIN:
            return escape(piece.text) if piece.whole else _text(piece.text)


@lru_cache(4096)
def _text(text: str) -> str:
    """Text of the report, no matter who wrote it."""
    return escape(clipped(text, _LONGEST))
