"""The order of a declaration's entries, so that a change of one person is a change of one line.

People, customers and other maps stand by key; lists of roles in Table 1's order; other lists by their text. Fields
of one entry stay as their writer ordered them. Sorting moves pieces of text and rewrites none: comments, quotes,
blank lines and line breaks stay, and a comment above an entry goes with it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tenantry.declaration.document import Document, Value, composed, read_text
from tenantry.declaration.files import BOM, read_bytes, replace
from tenantry.declaration.load import Declaration
from tenantry.declaration.models import FtopRole, Purpose
from tenantry.declaration.problems import DeclarationError, FieldPath, Place, shown
from tenantry.findings import mistake
from tenantry.roles import CompanyRole, PartnerRole, role_named

Order = Callable[[str], Any]
"""What an entry is sorted by: a map's key, or a list's item."""

EACH: Final = "*"
"""In a path: every key of a map."""


def _by_text(entry: str) -> Any:
    return entry


def _as_in(names: type[StrEnum]) -> Order:
    rank = {name: number for number, name in enumerate(names)}
    return lambda entry: rank[names(role_named(entry) or entry)]


#: What is sorted in a partner's and in a tenant's file, and by what.
ORDERS: Final[Mapping[FieldPath, Order]] = {
    ("tenants",): _by_text,
    ("purpose",): _as_in(Purpose),
    ("serves",): _by_text,
    ("programs",): _by_text,
    ("domains", "verified"): _by_text,
    ("limits", "per"): _by_text,
    ("limits", "minimum_holders"): _by_text,
    ("limits", "required_holders"): _by_text,
    ("limits", "required_holders", EACH): _by_text,
    ("agent_groups", "ids"): _by_text,
    ("allowed_roles",): _by_text,
    ("people",): _by_text,
    ("people", EACH, "roles"): _as_in(PartnerRole),
    ("people", EACH, "company_roles"): _as_in(CompanyRole),
    ("people", EACH, "pins", "role_assignments"): _by_text,
    ("people", EACH, "assignments"): _by_text,
    ("ftop", "consents"): _by_text,
    ("ftop", "permissions"): _by_text,
    ("ftop", "customers"): _by_text,
    ("ftop", "customers", EACH, "assignments"): _by_text,
    ("ftop", "customers", EACH, "assignments", EACH): _as_in(FtopRole),
    ("tools",): _by_text,
    ("tools", EACH): _by_text,
    ("exceptions",): _by_text,
    ("drift",): _by_text,
    ("done",): _by_text,
}


def unsorted(document: Document) -> list[FieldPath]:
    """The maps and lists of a valid document that do not stand in order."""
    return list(_unsorted(document.content, (), ()))


def _unsorted(value: Value, path: FieldPath, pattern: FieldPath) -> Iterator[FieldPath]:
    order = ORDERS.get(pattern)
    if order and isinstance(value, dict | list):
        entries = [str(entry) for entry in value]
        if entries != sorted(entries, key=order):
            yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _unsorted(inner, (*path, key), (*pattern, EACH if order else key))


def in_order(document: Document, text: str) -> str:
    """The text of a valid document with its entries in order.

    Raises :class:`DeclarationError` where that cannot be done by moving text alone.
    """
    name = shown(document.file)
    if not unsorted(document):
        return text
    ended = text if text.endswith("\n") else text + "\n"
    tree = composed(name, ended)
    moved = _Mover(name, ended).moved(tree) if tree else ended
    if not _same_in_order(document, moved):
        raise _refused(Place(name), "a layout that cannot be sorted by moving lines")
    return moved


def _same_in_order(document: Document, moved: str) -> bool:
    """Whether a text is in order and says what a document says. Nothing is ever written that does not."""
    try:
        again = read_text(document.file, moved)
    except DeclarationError:
        return False
    return not unsorted(again) and _lists_aside(again.content) == _lists_aside(document.content)


def _lists_aside(value: Value) -> Any:
    """A value without the order of its lists. Two maps are equal in any order."""
    if isinstance(value, dict):
        return {key: _lists_aside(inner) for key, inner in value.items()}
    return sorted(map(repr, value)) if isinstance(value, list) else (type(value), value)


def sort_files(declaration: Declaration) -> list[Path]:
    """Sort the files of a valid declaration; the ones that changed. Nothing is written where one cannot be sorted."""
    changed: dict[Path, bytes] = {}
    for document in (declaration.partner_document, *declaration.tenant_documents.values()):
        if unsorted(document):
            raw = read_bytes(document.file)
            text = raw.decode("utf-8-sig")
            # What is sorted is what is there now.
            if read_text(document.file, text).content != document.content:
                found, allowed = "a file that changed meanwhile", "a file that stays while it is sorted"
                raise DeclarationError([mistake(found, allowed, "run it again").at(Place(shown(document.file)))])
            mark = BOM if raw.startswith(BOM) else b""
            changed[document.file] = mark + in_order(document, text).encode()
    for file, content in changed.items():
        replace(file.resolve(), content)
    return list(changed)


@dataclass
class _Slot:
    """A piece of text that moves as one: an entry with its comments, and what moves inside it."""

    start: int
    end: int
    inside: "list[_Move]" = field(default_factory=list)


@dataclass
class _Move:
    """The entries of a map or list as they stand, and the order that they should stand in."""

    slots: list[_Slot]
    order: list[int]


@dataclass
class _Entry:
    name: str
    start: int
    end: int
    inside: list[_Move]


class _Mover:
    """Moves the entries of one text. Offsets are those of the text as it stands."""

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text = file, text

    def moved(self, tree: Node) -> str:
        return self._rendered(0, len(self._text), self._moves(tree, ()))

    def _rendered(self, start: int, end: int, moves: Iterable[_Move]) -> str:
        said, at = [], start
        for move in moves:
            for slot, number in zip(move.slots, move.order, strict=True):
                said.append(self._text[at : slot.start])
                source = move.slots[number]
                said.append(self._rendered(source.start, source.end, source.inside))
                at = slot.end
        return "".join([*said, self._text[at:end]])

    def _moves(self, node: Node, pattern: FieldPath) -> list[_Move]:
        order = ORDERS.get(pattern)
        entries: list[_Entry] = []
        if isinstance(node, MappingNode):
            for key, value in node.value:
                inside = self._moves(value, (*pattern, EACH if order else str(key.value)))
                entries.append(_Entry(str(key.value), key.start_mark.index, self._end(value, key), inside))
        elif isinstance(node, SequenceNode):
            entries = [_Entry(str(one.value), one.start_mark.index, self._end(one), []) for one in node.value]
        inner = [move for entry in entries for move in entry.inside]
        if order is None or not isinstance(node, MappingNode | SequenceNode):
            return inner
        numbers = sorted(range(len(entries)), key=lambda number: order(entries[number].name))
        if numbers == list(range(len(entries))):
            return inner
        slots = self._in_line(node, entries) if node.flow_style else self._in_block(node, entries)
        return [_Move(slots, numbers)]

    def _end(self, node: Node, key: Node | None = None) -> int:
        """Where the last thing that a node says ends. (A block's own end mark is where the next thing begins.)"""
        if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1], last[0]) if isinstance(node, MappingNode) else self._end(last)
        start, end = node.start_mark.index, node.end_mark.index
        if start == end and key is not None:
            return int(key.end_mark.index)
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            return int(start + len(self._text[start:end].rstrip()))
        return int(end)

    def _in_line(self, node: Node, entries: Sequence[_Entry]) -> list[_Slot]:
        """Entries between brackets: they change places, and what stands between them stays."""
        edges = [
            node.start_mark.index,
            *(edge for one in entries for edge in (one.start, one.end)),
            node.end_mark.index,
        ]
        if any("#" in self._text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)):
            mark = node.start_mark
            place = Place(self._file, mark.line + 1, mark.column + 1)
            raise _refused(place, "comments between brackets, whose entry cannot be told")
        return [_Slot(one.start, one.end, one.inside) for one in entries]

    def _in_block(self, node: Node, entries: Sequence[_Entry]) -> list[_Slot]:
        """Entries on lines of their own: each moves with the comments above it; blank lines between them stay."""
        lines = [self._entry_lines(node, one) for one in entries]
        column = lines[0][1]
        slots: list[_Slot] = []
        before = self._before(lines[0][0])
        for number, ((start, _, end), entry) in enumerate(zip(lines, entries, strict=True)):
            below = before if number == 0 else self._deeper(lines[number - 1][2], start, column)
            if number:
                slots[-1].end = below
            slots.append(_Slot(self._after_blanks(below, start), end, entry.inside))
        slots[-1].end = self._deeper(slots[-1].end, self._after_comments(slots[-1].end), column)
        return slots

    def _entry_lines(self, node: Node, entry: _Entry) -> tuple[int, int, int]:
        """Of an entry: where its first line begins, the column that it begins in, and where its last line ends."""
        first = entry.start
        if isinstance(node, SequenceNode):
            first = len(self._text[:first].rstrip()) - 1
        start = self._text.rfind("\n", 0, first) + 1
        if self._text[start:first].strip() or (isinstance(node, SequenceNode) and self._text[first] != "-"):
            line = self._text.count("\n", 0, first) + 1
            raise _refused(Place(self._file, line, first - start + 1), "an entry that does not begin its line")
        return start, first - start, self._text.index("\n", entry.end - 1) + 1

    def _before(self, start: int) -> int:
        """Where the comments and blank lines above a line begin."""
        while start:
            above = self._text.rfind("\n", 0, start - 1) + 1
            line = self._text[above:start].strip()
            if line and not line.startswith("#"):
                break
            start = above
        return start

    def _after_comments(self, start: int) -> int:
        """Where the comments and blank lines that begin here end."""
        while start < len(self._text):
            end = self._text.index("\n", start) + 1
            line = self._text[start:end].strip()
            if line and not line.startswith("#"):
                break
            start = end
        return start

    def _after_blanks(self, start: int, end: int) -> int:
        while start < end:
            below = self._text.index("\n", start) + 1
            if self._text[start:below].strip():
                break
            start = below
        return start

    def _deeper(self, start: int, end: int, column: int) -> int:
        """Where, in comments below an entry, those that are set in deeper than the entry itself end: they are its."""
        own = at = start
        while at < end:
            below = self._text.index("\n", at) + 1
            line = self._text[at:below]
            if line.strip() and len(line) - len(line.lstrip()) > column:
                own = below
            at = below
        return own


def unsorted_at(document: Document) -> tuple[Place, FieldPath] | None:
    """The first place of a document that is not in order, and its field."""
    paths = unsorted(document)
    return (document.place(paths[0], key=True), paths[0]) if paths else None


def _refused(place: Place, found: str) -> DeclarationError:
    allowed, remediation = (
        "entries that can be sorted by moving whole lines",
        "write one entry a line, and sort here by hand",
    )
    return DeclarationError([mistake(found, allowed, remediation).at(place)])
