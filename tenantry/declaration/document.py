"""Reads one YAML file into plain values, keeping where each of them stands.

A declaration is data from a pull request: reading it runs no code, and its size, depth and aliases are
bounded, so that no file can hang or exhaust the reader.
"""

import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from tenantry.declaration import quick
from tenantry.findings import FieldPath, Finding, Place, mistake
from tenantry.sanitize import quoted

MAX_BYTES: Final = 4 * 1024 * 1024
"""Some twenty thousand people: the reader takes most of a minute for as much."""
MAX_DEPTH: Final = 24
NO_SUCH_FILE: Final = "no such file"

Value = None | bool | int | float | str | date | list["Value"] | dict[str, "Value"]

_LONGEST_NUMBER: Final = 40
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_BASES: Final = {"0x": 16, "0o": 8, "0b": 2}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class DeclarationError(Exception):
    """A declaration that cannot be used, with everything that is wrong with it, sorted by place."""

    def __init__(self, problems: Iterable[Finding]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda item: (item.place or Place(""), str(item))))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def exit_code(self) -> int:
        """2 where a file is missing or is not YAML, else 1."""
        return 2 if any(problem.unreadable for problem in self.problems) else 1


def shown(file: Path) -> str:
    """A file as messages name it: from the current folder where it lies below, whole otherwise."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.as_posix()


class _RefusedError(Exception):
    """YAML that a declaration may not hold."""

    def __init__(self, mark: Any, actual: str, expected: str, remediation: str) -> None:
        self.mark, self.actual, self.expected, self.remediation = mark, actual, expected, remediation
        super().__init__(actual)


class _BoundedComposer(Composer):
    """Refuses what a declaration may not hold: aliases (and with them cycles), tags, directives, great depth."""

    _levels = 0

    def compose_document(self) -> Any:
        event = self.parser.peek_event()
        if event.version or event.tags:
            raise _RefusedError(
                event.start_mark, "a directive (%YAML or %TAG)", "plain YAML 1.2", "remove the line that begins with %"
            )
        return super().compose_document()

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        mark = event.start_mark
        if event.anchor is not None:
            raise _RefusedError(
                mark, "an anchor or alias (&name, *name)", "values written out", "write the value out in each place"
            )
        if getattr(event, "tag", None) is not None:
            raise _RefusedError(mark, f"a tag ({quoted(event.tag)})", "values without tags", "remove the tag")
        if self._levels == MAX_DEPTH:
            actual, expected = f"nesting deeper than {MAX_DEPTH} levels", f"at most {MAX_DEPTH} levels"
            raise _RefusedError(mark, actual, expected, "write the fields as in the schema (`tenantry schema`)")
        if _SURROGATE.search(getattr(event, "value", None) or ""):
            raise _RefusedError(mark, "half of a character (\\ud800 to \\udfff)", "text", "write the character itself")
        self._levels += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._levels -= 1


@dataclass(frozen=True)
class Document:
    """A YAML file that was read: its plain content, and the place of each field."""

    file: Path
    content: dict[str, Value]
    problems: tuple[Finding, ...]
    """Keys that occur twice or are not text. The content is without them."""
    _places: quick.Places

    def place(self, path: FieldPath, *, key: bool = False) -> Place:
        """Where a field's value stands (its key with ``key=True``); of a missing field, where its parent does."""
        if path in self._places:
            file, *marks = self._places[path]
            return Place(file, *marks[0 if key else 1])
        return self.place(path[:-1])

    def with_fields_of(self, other: "Document") -> "Document":
        """This document with another one's top-level fields, none of which it has itself."""
        places = {path: at for path, at in other._places.items() if path}
        problems = (*self.problems, *other.problems)
        return Document(self.file, {**self.content, **other.content}, problems, {**self._places, **places})


def read(file: Path) -> Document:
    """Read a YAML file whose top level is a map.

    Raises :class:`DeclarationError` where the file is missing, unreadable, too large, not text, empty, not YAML,
    or holds an alias, a tag, a directive or another top level than a map.
    """
    return read_text(file, text_of(file))


def read_bytes(file: Path, content: bytes) -> Document:
    """Read bytes as the content of a file. Raises as :func:`read` does."""
    return read_text(file, _decoded(Place(shown(file)), content))


def read_text(file: Path, text: str) -> Document:
    """Read a text as the content of a file. Raises as :func:`read` does."""
    name = shown(file)
    if (fast := quick.read(name, text, _scalar, MAX_DEPTH)) and not _SURROGATE.search(text):
        return Document(file, fast[0], (), fast[1])
    tree = composed(name, text)
    if tree is None or (isinstance(tree, ScalarNode) and _scalar(tree) is None):
        raise _unreadable(Place(name), "an empty file", "fields and values", "write the fields, or remove the file")
    builder = _Builder(name)
    content = builder.value(tree, ())
    if not isinstance(content, dict):
        raise _unreadable(
            _at(name, tree.start_mark), described(content), "fields and values", "begin with `field: value`"
        )
    return Document(file, content, tuple(builder.problems), builder.places)


def composed(name: str, text: str) -> Node | None:
    """The nodes of a YAML text, each with its place; None of an empty one."""
    reader = YAML(typ="safe", pure=True)
    reader.Composer = _BoundedComposer
    try:
        tree: Node | None = reader.compose(text)
    except _RefusedError as error:
        raise _unreadable(_at(name, error.mark), error.actual, error.expected, error.remediation) from None
    except MarkedYAMLError as error:
        place = _at(name, error.problem_mark or error.context_mark)
        if error.problem == "but found another document":
            raise _unreadable(place, "a second document", "one document in a file", "remove the line `---`") from None
        why = ", ".join(str(part) for part in (error.context, error.problem) if part)
        raise _unreadable(place, f"invalid YAML ({why})", "valid YAML", "correct the file at this place") from None
    except ReaderError as error:
        place = Place(name, text.count("\n", 0, error.position) + 1)
        code = error.character if isinstance(error.character, int) else ord(error.character)
        actual = f"the control character U+{code:04X}"
        raise _unreadable(place, actual, "text", "remove the character, or save the file as UTF-8 text") from None
    except (YAMLError, ValueError) as error:
        actual = f"invalid YAML ({quoted(str(error))})"
        raise _unreadable(Place(name), actual, "valid YAML", "correct the file") from None
    return tree


class _Builder:
    """Makes plain values of the reader's nodes, and remembers where they stand."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.places: quick.Places = {}
        self.problems: list[Finding] = []

    def value(self, node: Node, path: FieldPath, key: Node | None = None) -> Value:
        at_key = _mark(key or node)
        # The reader puts a value that is left out on the next line; people look for it beside its key.
        left_out = isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index
        self.places[path] = (self._file, at_key, at_key if left_out else _mark(node))
        if isinstance(node, MappingNode):
            return self._map(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return _scalar(node)

    def _map(self, node: MappingNode, path: FieldPath) -> Value:
        content: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node) if isinstance(key_node, ScalarNode) else _Builder(self._file).value(key_node, ())
            if not isinstance(key, str):
                remediation = "write a name, in quotes if it looks like a number"
                self._refuse(key_node, path, f"{described(key)} as a key", "text", remediation)
            elif key in content:
                _, (line, _), _ = self.places[*path, key]
                self._refuse(
                    key_node,
                    (*path, key),
                    f"the key {quoted(key)} a second time (the first is in line {line})",
                    "each key once",
                    "remove one of the two, or rename its key",
                )
            else:
                content[key] = self.value(value_node, (*path, key), key_node)
        return content

    def _refuse(self, node: Node, path: FieldPath, actual: str, expected: str, remediation: str) -> None:
        self.problems.append(mistake(actual, expected, remediation, path).at(_at(self._file, node.start_mark)))


def kind_of(value: object) -> str:
    """What a value is, in a word for people: text, number, list, map, …"""
    if value is None:
        return "nothing"
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (int, "number"),
        (float, "number"),
        (str, "text"),
        (date, "date"),
        (list, "list"),
        (dict, "map"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), type(value).__name__)


def described(value: object) -> str:
    """A value in a few words: a list, the number 5, the text 'x', true, nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return f"{'a' if value else 'an empty'} {kind_of(value)}"
    return f"the {kind_of(value)} {quoted(value)}"


class _Written:
    """A number that a message shows as it was written: 01234 and not 1234, 1.50 and not 1.5."""

    written: str

    def __str__(self) -> str:
        return self.written


class _WrittenInt(_Written, int):
    pass


class _WrittenFloat(_Written, float):
    pass


def _scalar(node: Node) -> Value:
    """A scalar as YAML 1.2 reads it; what only looks like a number or a day stays text."""
    text: str = node.value
    match str(node.tag).removeprefix("tag:yaml.org,2002:"):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case ("int" | "float") as kind if len(text) <= _LONGEST_NUMBER:
            return _as_written(_number(text.replace("_", ""), float if kind == "float" else int), text)
        case "timestamp" if _DAY.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                return text
    return text


def _as_written(value: int | float | str, text: str) -> int | float | str:
    if isinstance(value, str) or str(value) == text:
        return value
    number = _WrittenInt(value) if isinstance(value, int) else _WrittenFloat(value)
    number.written = text
    return number


def _number(text: str, kind: type[int] | type[float]) -> int | float | str:
    try:
        if kind is float:
            return float(re.sub(r"\.(inf|nan)$", r"\1", text.lower()))
        sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
        base = _BASES.get(digits[:2].lower(), 10)
        return int(sign + (digits if base == 10 else digits[2:]), base)
    except ValueError:
        return text


def text_of(file: Path) -> str:
    """The text of a file, with the byte order mark that some editors write. Raises as :func:`read` does."""
    place = Place(shown(file))
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            actual = "a folder" if file.is_dir() else "something that is not a file"
            raise _unreadable(place, actual, "a YAML file", "name a YAML file")
        with file.open("rb") as stream:
            return _decoded(place, stream.read(MAX_BYTES + 1))
    except FileNotFoundError:
        raise _unreadable(place, NO_SUCH_FILE, "a YAML file", "create it, or correct its name") from None
    except OSError as error:
        actual = f"a file that cannot be read ({error.strerror})"
        raise _unreadable(place, actual, "a readable YAML file", "give yourself read permission") from None


def _decoded(place: Place, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        remediation = "shorten it; `customers` and `gdap` can be moved to customers/<tenant>.yaml"
        raise _unreadable(place, f"more than {MAX_BYTES} bytes", f"at most {MAX_BYTES} bytes", remediation)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            Place(place.file, line), "bytes that are not UTF-8 text", "a YAML file in UTF-8", "save it as UTF-8 text"
        ) from None


def _mark(node: Node) -> quick.Mark:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _at(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)


def _unreadable(place: Place, actual: str, expected: str, remediation: str) -> DeclarationError:
    return DeclarationError([mistake(actual, expected, remediation, unreadable=True).at(place)])
