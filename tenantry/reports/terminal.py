"""A report on a terminal: coloured where there is colour, and never led by what it shows.

Texts are taken literally: no markup, and no character that a terminal would obey. Lines break between words alone, and
never within code, so that whatever is to be copied stays whole.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from tenantry.access.danger import Danger
from tenantry.reports.document import (
    Block,
    Cell,
    Document,
    Entries,
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
from tenantry.sanitize import sanitize

_TONES: Final = {
    Tone.PLAIN: "bold",
    Tone.GAIN: "bold green",
    Tone.LOSS: "bold red",
    Tone.GOOD: "bold green",
    Tone.WARNING: "bold yellow",
    Tone.STOP: "bold red",
}
_LOOKS: Final = {Look.PLAIN: "", Look.STRONG: "bold", Look.CODE: "", Look.WARNING: "bold red"}
_DANGERS: Final = {
    Danger.EVERYTHING: "bold red",
    Danger.PEOPLE_AND_MONEY: "yellow",
    Danger.CUSTOMERS: "cyan",
    Danger.READING: "dim",
}
_VOICES: Final = {
    Voice.TEXT: ("", ""),
    Voice.QUIET: ("", "dim"),
    Voice.ALERT: ("! ", "bold yellow"),
    Voice.PLACED: ("", ""),
    Voice.OURS: ("- ", ""),
}
_CODE: Final = re.compile("`[^`]*`")
_HELD: Final = "\ue000"
"""Stands for a blank at which no line breaks: a character that :func:`sanitize` lets no text have."""


def show(document: Document, console: Console) -> None:
    """Print a document."""
    if not document.title_last:
        _print(console, document.title, _TONES[document.tone])
    if document.compared:
        _print(console, f"{document.compared}.", "dim")
    _blocks(console, document.blocks, 0)
    if document.closing:
        console.print()
        _print(console, document.closing, "dim")
    if document.title_last:
        _print(console, document.title, _TONES[document.tone])


def _blocks(console: Console, blocks: Iterable[Block], depth: int) -> None:
    for block in blocks:
        if depth == 0:
            console.print()
        match block:
            case Section() if block.details:
                _print(console, f"{block.title} ({block.number}): in `--format markdown` and `html`", "dim")
            case Section():
                style = _TONES[block.tone] + (" underline" if depth == 0 else "")
                _print(console, f"{block.title}:", style)
                _blocks(console, block.blocks, depth + 1)
            case Table():
                _table(console, block)
            case Entries():
                for entry in block.entries:
                    _print(console, f"* {entry.head}", "", indent=2)
                    for label, text in entry.parts:
                        _print(console, f"{label.lower()}: {text}" if label else text, "dim", indent=6)
            case Facts():
                for name, fact in block.facts:
                    _print(console, f"- {name}: {fact}", "")
            case Lines():
                _lines(console, block)


def _lines(console: Console, block: Lines) -> None:
    sign, style = _VOICES[block.voice]
    for line in block.lines:
        if block.voice is Voice.PLACED:
            console.print(Text(sanitize(line), style), highlight=False, soft_wrap=True)
        else:
            _print(console, f"{sign}{line}", style)


def _table(console: Console, table: Table) -> None:
    if table.caption and table.groups:
        _print(console, f"{table.title}:", _TONES[table.tone])
    if table.sign:
        for group in table.groups:
            _listed(console, group, table)
    elif table.groups:
        console.print(_grid(table))


def _listed(console: Console, group: Group, table: Table) -> None:
    """A group of a table whose rows would not fit side by side: each cell on a line with its heading."""
    upn = "" if group.upn is None else f" <{group.upn}>"
    _print(console, f"{table.sign} {group.name}{upn}", _TONES[table.tone], indent=2)
    for note in group.notes:
        _print(console, note, "italic", indent=4)
    for row in group.rows:
        for heading, pieces in zip(table.headings[1:], row, strict=True):
            plain = [piece for piece in pieces if piece.look is not Look.WARNING]
            for piece in pieces:
                if piece.look is Look.WARNING:
                    _print(console, piece.text, _LOOKS[piece.look], indent=6)
            if plain:
                text = f"{heading.lower()}: {'; '.join(piece.text for piece in plain)}"
                _print(console, text, _style(plain[0]), indent=4 if plain[0].look is Look.STRONG else 6)
    if group.alike:
        _print(console, f"they are: {', '.join(name for name, _ in group.alike)}", "dim", indent=4)


def _grid(table: Table) -> Grid:
    grid = Grid()
    first, *others = table.headings
    grid.add_column(Text(first), no_wrap=any(group.upn for group in table.groups), overflow="fold")
    for heading in others:
        if heading in table.narrow:
            grid.add_column(Text("\n".join(heading.split())), justify="center", vertical="bottom")
        else:
            grid.add_column(Text(heading), overflow="fold")
    for group in table.groups:
        name = "\n".join(map(sanitize, (group.name, *([group.upn] if group.upn else []), *group.notes)))
        for number, cells in enumerate(group.rows):
            dash = ("" if heading in table.narrow else "–" for heading in others)
            texts = (_pieces(cell) or Text(empty) for cell, empty in zip(cells, dash, strict=True))
            grid.add_row(Text(name if number == 0 else ""), *texts)
    return grid


def _pieces(pieces: Cell) -> Text:
    return Text("\n").join(Text(sanitize(piece.text), _style(piece)) for piece in pieces)


def _style(piece: Piece) -> str:
    return _LOOKS[piece.look] if piece.danger is None else _DANGERS[piece.danger]


def _print(console: Console, text: str, style: str, *, indent: int = 0) -> None:
    """Print a text below its indentation."""
    for line in _wrapped(sanitize(text), max(console.width - indent, 20)):
        console.print(Text(" " * indent).append(line, style), highlight=False, soft_wrap=True)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most a width, but for words and code that are longer."""
    line, taken = "", 0
    for word in _CODE.sub(lambda code: code[0].replace(" ", _HELD), text).split(" "):
        wide = cell_len(word)
        if line and taken + 1 + wide > width:
            yield line.replace(_HELD, " ")
            line, taken = word, wide
        else:
            line, taken = (f"{line} {word}", taken + 1 + wide) if line else (word, wide)
    yield line.replace(_HELD, " ")
