"""A report as a document: what it says, in order. Reports build documents; each format has one renderer for all.

Nothing in a document is marked up, since any name may be hostile: each renderer escapes every text. :attr:`Voice.OURS`
alone is kept as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tenantry.access.danger import Danger


class Tone(StrEnum):
    """How a title stands out: each renderer has its colour or sign."""

    PLAIN = "plain"
    GAIN = "gain"
    LOSS = "loss"
    GOOD = "good"
    WARNING = "warning"
    STOP = "stop"
    """Read this before everything else."""


class Look(StrEnum):
    """How a piece of text stands out in its cell."""

    PLAIN = "plain"
    STRONG = "strong"
    CODE = "code"
    WARNING = "warning"


class Voice(StrEnum):
    """What lines are for."""

    TEXT = "text"
    QUIET = "quiet"
    ALERT = "alert"
    """To be seen first."""
    PLACED = "placed"
    """Each begins with its place, where editors jump to: never wrapped, never indented."""
    OURS = "ours"
    """Notes of this product, which hold nobody's text: their code and links stay as they are."""


@dataclass(frozen=True)
class Piece:
    """A text in a cell, on a line of its own where there is room."""

    text: str
    look: Look = Look.PLAIN
    danger: Danger | None = None
    """Of a text that says how far access reaches."""
    whole: bool = False
    """Whether it is there to be copied: it is never cut, however long it is."""


Cell = tuple[Piece, ...]
"""An empty one is shown as a dash."""


def cell(*texts: str) -> Cell:
    """A cell of plain texts; empty ones are left away."""
    return tuple(Piece(text) for text in texts if text)


@dataclass(frozen=True)
class Group:
    """What a table says of one person or thing: its first cell, and the rows beside it."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    upn: str | None = None
    notes: tuple[str, ...] = ()
    alike: tuple[tuple[str, str | None], ...] = ()
    """Where it stands for several people: the name of each, and what they sign in with."""
    rank: float = 0
    """Where there is no room for all, the largest is left out first."""
    danger: Danger | None = None
    """The most dangerous access in it."""

    @property
    def number(self) -> int:
        """How many people or things it stands for."""
        return len(self.alike) or 1


@dataclass(frozen=True)
class Table:
    """Groups of rows below headings."""

    headings: tuple[str, ...]
    """The first one is that of the groups' names."""
    groups: tuple[Group, ...]
    caption: str = ""
    tone: Tone = Tone.PLAIN
    what: str = "people"
    """What its groups are, where some are left out: "5 of 40 people who gain access"."""
    counted: int | None = None
    """How many the caption counts. Where some of them are left out, it says so."""
    folded_after: int | None = None
    """How many groups a comment shows before it folds the others."""
    narrow: tuple[str, ...] = ()
    """Headings of columns that hold a mark each."""
    sign: str = ""
    """Where a terminal lists the groups instead, since they are long: what each begins with."""

    @property
    def title(self) -> str:
        """The caption, and how many are shown where not all are."""
        shown = sum(group.number for group in self.groups)
        cut = self.counted is not None and shown < self.counted
        return f"{self.caption}, {shown:,} of them shown here" if cut else self.caption


@dataclass(frozen=True)
class Entry:
    """One item of a list, and what belongs to it by label."""

    head: str
    parts: tuple[tuple[str, str], ...] = ()
    rank: float = 0
    """As :attr:`Group.rank`."""


@dataclass(frozen=True)
class Entries:
    """A list."""

    entries: tuple[Entry, ...]
    what: str = "other lines"
    """As :attr:`Table.what`."""
    to_tick: bool = False


@dataclass(frozen=True)
class Facts:
    """Questions or names, each with what is known."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Lines:
    """Sentences."""

    lines: tuple[str, ...]
    voice: Voice = Voice.TEXT


@dataclass(frozen=True)
class Section:
    """A part of a report below its title."""

    title: str
    blocks: "tuple[Block, ...]"
    tone: Tone = Tone.PLAIN
    folded: bool | None = None
    """Whether a page and a comment fold it; None where it does not fold."""
    number: int | None = None
    """How many things are in it, where that stands beside its title."""
    details: bool = False
    """Whether it repeats in detail what stands above it: a terminal leaves it to pages and comments."""


Block = Section | Table | Entries | Facts | Lines


def counted(number: int, noun: str) -> str:
    """A number of things, in words: "1 file", "2 files"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def by_tenant(sections: Sequence[Section]) -> tuple[Block, ...]:
    """Sections of tenants, or what is in the only one: the title of the document names its tenant."""
    return sections[0].blocks if len(sections) == 1 else tuple(sections)


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    """What it comes to, in one line."""
    blocks: tuple[Block, ...]
    kind: str = "Tenantry"
    """What report it is, and its verdict."""
    tone: Tone = Tone.PLAIN
    icon: str = ""
    """Before the title in a comment."""
    compared: str = ""
    """What was looked at."""
    closing: str = ""
    """What the report rests on."""
    marker: str = ""
    """The first line of its Markdown, by which a comment is found again and edited in place."""
    whole: str = ""
    """Where the whole report is, when a comment leaves out a part (Markdown of our own)."""
    title_last: bool = False
    """Whether a terminal shows the title at the end, where a long list leaves the reader."""
