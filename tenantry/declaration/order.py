"""The order of a declaration's entries, so that a change of one person is a change of one line.

People, customers and other maps stand by key; lists of roles in Table 1's order; other lists by their text. Fields
of one entry stay as their writer ordered them. Sorting moves pieces of text and rewrites none: comments, quotes,
blank lines and line breaks stay, and a comment above an entry goes with it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from tenantry.declaration.document import DeclarationError, Document, Value, composed, read_text, shown, text_of
from tenantry.declaration.files import replace
from tenantry.declaration.insert import end_of
from tenantry.declaration.load import Declaration
from tenantry.declaration.partner import Partner
from tenantry.declaration.shape import Kind, Shape, shape_of
from tenantry.declaration.tenant import Tenant
from tenantry.findings import FieldPath, Place, mistake
from tenantry.roles import role_named

_Order = Callable[[str], Any]
"""What an entry is sorted by: a map's key, or a list's item."""

_HISTORY: Final = ("former_upns", "former_keys")
"""Lists that say what was first: they are never sorted."""


def _order(path: FieldPath, shape: Shape | None) -> _Order | None:
    """How the entries of a field are sorted; None where they stay as they are."""
    if shape is None or shape.kind not in (Kind.MAP, Kind.LIST) or path[-1] in _HISTORY:
        return None
    choices = shape.inner.choices if shape.kind is Kind.LIST and shape.inner else ()
    return (lambda entry: choices.index(role_named(entry) or entry)) if choices else str


def _shape(document: Document) -> Shape:
    return shape_of(Partner if "tenants" in document.content else Tenant)


def unsorted(document: Document) -> list[FieldPath]:
    """The maps and lists of a valid document that do not stand in order."""
    return list(_unsorted(document.content, (), _shape(document)))


def _unsorted(value: Value, path: FieldPath, shape: Shape | None) -> Iterator[FieldPath]:
    order = _order(path, shape)
    if order and isinstance(value, dict | list):
        entries = [str(entry) for entry in value]
        if entries != sorted(entries, key=order):
            yield path
    if shape and isinstance(value, dict):
        for key, inner in value.items():
            yield from _unsorted(inner, (*path, key), shape.at(key))


def in_order(document: Document, text: str) -> str:
    """The text of a valid document with its entries in order.

    Raises :class:`DeclarationError` where that cannot be done by moving text alone.
    """
    name = shown(document.file)
    if not unsorted(document):
        return text
    ended = text if text.endswith("\n") else text + "\n"
    tree = composed(name, ended)
    moved = _Mover(name, ended).moved(tree, _shape(document)) if tree else ended
    if not _same_in_order(document, moved):
        raise _refused(Place(name), "a layout that cannot be sorted by moving whole lines")
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
    changed: dict[Path, str] = {}
    for document in declaration.files:
        if unsorted(document):
            text = text_of(document.file)
            # The file may have changed since it was read.
            if read_text(document.file, text).content != document.content:
                actual, expected = (
                    "a file that was changed while it was sorted",
                    "a file that does not change meanwhile",
                )
                raise DeclarationError(
                    [mistake(actual, expected, "run the command again").at(Place(shown(document.file)))]
                )
            changed[document.file] = in_order(document, text)
    for file, text in changed.items():
        replace(file.resolve(), text)
    return list(changed)


@dataclass(frozen=True)
class _Entry:
    """An entry of a map or list, and where its text begins and ends."""

    name: str
    start: int
    end: int


_Slot = tuple[int, int]
"""Where a piece of text that moves as one begins and ends: an entry with its comments."""


class _Mover:
    """Moves the entries of one text. Offsets are those of the text as it was.

    Inner entries move first. To change places leaves the length of the whole as it is, so that the offsets of what is
    around them stay right.
    """

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text, self._characters = file, text, list(text)

    def moved(self, tree: Node, shape: Shape) -> str:
        self._move(tree, (), shape)
        return "".join(self._characters)

    def _move(self, node: Node, path: FieldPath, shape: Shape | None) -> None:
        entries: list[_Entry] = []
        if isinstance(node, MappingNode):
            for key, value in node.value:
                name = str(key.value)
                self._move(value, (*path, name), shape.at(name) if shape else None)
                entries.append(_Entry(name, key.start_mark.index, end_of(self._text, value, key)))
        elif isinstance(node, SequenceNode):
            entries = [_Entry(str(item.value), item.start_mark.index, end_of(self._text, item)) for item in node.value]
        order = _order(path, shape)
        if order is None or not isinstance(node, MappingNode | SequenceNode):
            return
        numbers = sorted(range(len(entries)), key=lambda number: order(entries[number].name))
        if numbers == list(range(len(entries))):
            return
        slots = self._in_line(node, entries) if node.flow_style else self._in_block(node, entries)
        moved, at = [], slots[0][0]
        for (start, end), number in zip(slots, numbers, strict=True):
            moved += self._characters[at:start] + self._characters[slice(*slots[number])]
            at = end
        self._characters[slots[0][0] : at] = moved

    def _in_line(self, node: Node, entries: Sequence[_Entry]) -> list[_Slot]:
        """Entries between brackets: they change places, and what stands between them stays."""
        edges = [node.start_mark.index, *(edge for entry in entries for edge in (entry.start, entry.end))]
        edges.append(node.end_mark.index)
        if any("#" in self._text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)):
            mark = node.start_mark
            place = Place(self._file, mark.line + 1, mark.column + 1)
            raise _refused(place, "comments between brackets, which may belong to the entry before or after them")
        return [(entry.start, entry.end) for entry in entries]

    def _in_block(self, node: Node, entries: Sequence[_Entry]) -> list[_Slot]:
        """Entries on lines of their own: each moves with the comments above it; blank lines between them stay."""
        lines = [self._entry_lines(node, entry) for entry in entries]
        column = lines[0][1]
        ends = [self._own_comments(end, column) for _, _, end in lines]
        starts = [self._comments_above(lines[0][0]), *ends[:-1]]
        below = zip(starts, lines, ends, strict=True)
        return [(self._after_blanks(start, first), end) for start, (first, _, _), end in below]

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

    def _comments_above(self, start: int) -> int:
        """Where the comments and blank lines above a line begin."""
        while start:
            above = self._text.rfind("\n", 0, start - 1) + 1
            line = self._text[above:start].strip()
            if line and not line.startswith("#"):
                break
            start = above
        return start

    def _after_blanks(self, start: int, end: int) -> int:
        while start < end:
            below = self._text.index("\n", start) + 1
            if self._text[start:below].strip():
                break
            start = below
        return start

    def _own_comments(self, end: int, column: int) -> int:
        """Where the comments below an entry end that are set in deeper than the entry itself: they are its own."""
        own = at = end
        while at < len(self._text):
            below = self._text.index("\n", at) + 1
            line = self._text[at:below]
            if line.strip() and not line.lstrip().startswith("#"):
                break
            if line.strip() and len(line) - len(line.lstrip()) > column:
                own = below
            at = below
        return own


def unsorted_at(document: Document) -> tuple[Place, FieldPath] | None:
    """The first place of a document that is not in order, and its field."""
    paths = unsorted(document)
    return (document.place(paths[0], key=True), paths[0]) if paths else None


def _refused(place: Place, actual: str) -> DeclarationError:
    expected = "entries that can be sorted by moving whole lines"
    return DeclarationError([mistake(actual, expected, "write one entry a line, or sort this part by hand").at(place)])
