"""Reads one YAML file into plain values, keeping where each of them stands.

A declaration is data from a pull request: reading it runs no code, and its size, depth and aliases are
bounded, so that no file can hang or exhaust the reader.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

from tenantry.declaration.problems import DeclarationError, FieldPath, Place, Problem, shown

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 24

Value = None | bool | int | float | str | date | list["Value"] | dict[Any, "Value"]


class _BoundedComposer(Composer):
    """Refuses what a declaration has no use for: aliases (and with them cycles), tags, and great depth."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent):
            raise ComposerError(None, None, "an alias (*name); write the value out", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise ComposerError(None, None, f"a tag ({event.tag}); leave it out", event.start_mark)
        if self._depth > MAX_DEPTH:
            raise ComposerError(None, None, f"more than {MAX_DEPTH} levels of nesting", event.start_mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


@dataclass(frozen=True)
class Document:
    """A YAML file that was read: its plain content, and the place of each field."""

    file: Path
    content: dict[Any, Value]
    _tree: CommentedMap

    def place(self, path: FieldPath, *, key: bool = False) -> Place:
        """Where a field's value stands (its key with ``key=True``); of a missing field, where its parent does."""
        node: Any = self._tree
        line, column = node.lc.line, node.lc.col
        for index, step in enumerate(path):
            wanted_key = key and index == len(path) - 1
            try:
                if isinstance(node, CommentedMap):
                    line, column = node.lc.key(step) if wanted_key else node.lc.value(step)
                elif isinstance(node, CommentedSeq):
                    line, column = node.lc.item(step)
                else:
                    break
                node = node[step]
            except (KeyError, IndexError, TypeError):
                break
        return Place(shown(self.file), line + 1, column + 1)


def read(file: Path) -> Document:
    """Read a YAML file whose top level is a map.

    Raises :class:`DeclarationError` where the file is missing, unreadable, too large, not text, empty, not YAML,
    or holds a duplicate key, an alias, a tag or another top level than a map.
    """
    text = _text(file)
    reader = YAML(typ="rt")
    reader.Composer = _BoundedComposer
    try:
        tree = reader.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown(file), mark.line + 1, mark.column + 1) if mark else Place(shown(file))
        found = str(error.problem or error.context or "no YAML").strip().split("\n")[0]
        raise _unreadable(place, found, "plain YAML, each key once", "correct the file there") from None
    except (YAMLError, ValueError, RecursionError) as error:
        found = (str(error) or "no YAML").split("\n")[0]
        raise _unreadable(Place(shown(file)), found, "plain YAML", "correct the file") from None
    if tree is None:
        raise _unreadable(
            Place(shown(file)), "an empty file", "a map of fields", "write the fields, or remove the file"
        )
    if not isinstance(tree, CommentedMap):
        raise _unreadable(
            Place(shown(file)), f"a {kind_of(_plain(tree))}", "a map of fields", "begin with `field: value`"
        )
    return Document(file, {key: _plain(value) for key, value in tree.items()}, tree)


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


def _text(file: Path) -> str:
    place = Place(shown(file))
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise _unreadable(
                place,
                f"{size} bytes",
                f"at most {MAX_BYTES} bytes",
                "split the people over more tenants' files",
            )
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _unreadable(place, "no such file", "a YAML file", "create it, or correct its name") from None
    except IsADirectoryError:
        raise _unreadable(place, "a folder", "a YAML file", "name a file") from None
    except OSError as error:
        raise _unreadable(
            place,
            f"a file that cannot be read ({error.strerror})",
            "a readable YAML file",
            "correct its permissions",
        ) from None
    except UnicodeDecodeError:
        raise _unreadable(
            place, "bytes that are no UTF-8 text", "a YAML file in UTF-8", "save it as UTF-8 text"
        ) from None


def _unreadable(place: Place, found: str, allowed: str, mend: str) -> DeclarationError:
    return DeclarationError([Problem(place, "", found, allowed, mend, unreadable=True)])


def _plain(node: Any) -> Value:
    """The reader's round-trip nodes as plain Python values."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node if node is None or isinstance(node, date) else str(node)
