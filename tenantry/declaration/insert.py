"""Writes values into a file of a declaration, and changes nothing else of its text.

A value is put at the place that the YAML reader's marks name: comments, quotes, order, blank lines and line breaks of
everything else stay byte for byte.
"""

import json
import re
from copy import deepcopy
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tenantry.declaration.document import DeclarationError, Document, composed, read_text, shown
from tenantry.findings import Place, mistake

Edit = tuple[tuple[tuple[str, ...], Any], ...]
"""Paths of fields with their values."""

#: Text that YAML takes as the text that it is. What begins with a digit may be a number or a day, an object id is not.
_PLAIN: Final = re.compile(r"[A-Za-z/](?:[A-Za-z0-9 ._@/+-]*[A-Za-z0-9_@/+-])?")
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_BLOCKS: Final = 2
"""How many levels of a file are written on lines of their own; what is below stands on one line."""
_FLAT: Final = frozenset({"customers"})
"""The fields of which each entry stands on one line: fifty customers are fifty lines."""


def flow(value: Any) -> str:
    """A value as YAML on one line, which reads back as the same value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return f"{{{', '.join(f'{flow(key)}: {flow(item)}' for key, item in value.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
        case str():
            plain = _PLAIN.fullmatch(value) and value.casefold() not in _WORDS
            return value if plain or _OBJECT_ID.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def block(
    key: str, value: Any, depth: int = 0, newline: str = "\n", column: int | None = None, levels: int | None = None
) -> str:
    """A field as lines of a file, at a depth of it; of a field that is not at its top, ``levels`` is the top's."""
    levels = levels or _levels(key)
    indent = " " * (2 * depth if column is None else column)
    if not isinstance(value, dict) or not value or depth >= levels:
        return f"{indent}{flow(key)}: {flow(value)}{newline}"
    inner = (block(name, item, depth + 1, newline, len(indent) + 2, levels) for name, item in value.items())
    return f"{indent}{flow(key)}:{newline}{''.join(inner)}"


def _levels(top: str) -> int:
    """On how many levels a field of the file's top is written on lines of their own."""
    return 1 if top in _FLAT else _BLOCKS


def written(document: Document, text: str, edit: Edit) -> str:
    """The text of a document with some values in it.

    Raises DeclarationError where the text would then not say exactly that: its layout has no room for them.
    """
    expected = deepcopy(document.content)
    changed = text if text.endswith("\n") or not text else f"{text}\n"
    for path, value in edit:
        place: Any = expected
        for name in path[:-1]:
            if place.get(name) is None:
                place[name] = {}
            if not isinstance(place[name], dict):
                raise _refused(document, edit)
            place = place[name]
        place[path[-1]] = value
        changed = _with(document, changed, path, value)
    try:
        again = read_text(document.file, changed)
    except DeclarationError:
        raise _refused(document, edit) from None
    if again.problems or again.content != expected:
        raise _refused(document, edit)
    return changed


def _with(document: Document, text: str, path: tuple[str, ...], value: Any) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    node: Node | None = composed(shown(document.file), text)
    key: Node | None = None
    levels = _levels(path[0])
    for depth, name in enumerate(path):
        if not isinstance(node, MappingNode) or not node.value:
            rest: Any = value
            for inner in reversed(path[depth:]):
                rest = {inner: rest}
            return _replaced(text, node, key, rest, depth, newline, levels)
        pair = next(((k, v) for k, v in node.value if k.value == name), None)
        if pair is None:
            for inner in reversed(path[depth + 1 :]):
                value = {inner: value}
            return _inserted(text, node, name, value, depth, newline, levels)
        key, node = pair
    return _replaced(text, node, key, value, len(path), newline, levels)


def _replaced(text: str, node: Node | None, key: Node | None, value: Any, depth: int, newline: str, levels: int) -> str:
    """The text with a value in place of another, or of none."""
    if node is None or key is None:
        return text + "".join(block(name, item, 0, newline) for name, item in value.items())
    start, end = node.start_mark.index, end_of(text, node, key)
    colon = text.index(":", key.end_mark.index) + 1
    left_out = start == node.end_mark.index
    if left_out:
        start = end = colon
    elif "\n" in text[colon:start] and "#" not in text[colon:start]:
        start, left_out = colon, True
    if isinstance(value, dict) and value and depth < levels:
        column = key.start_mark.column + 2
        lines = "".join(block(name, item, depth, newline, column, levels) for name, item in value.items())
        rest = text.index("\n", end) + 1
        return text[:start].rstrip(" ") + text[end:rest] + lines + text[rest:]
    return f"{text[:start]}{' ' * left_out}{flow(value)}{text[end:]}"


def _inserted(text: str, node: MappingNode, name: str, value: Any, depth: int, newline: str, levels: int) -> str:
    """The text with one entry more in a map: where a sorted one has it, else at its end."""
    names = [str(key.value) for key, _ in node.value]
    is_sorted = depth > 0 and names == sorted(names)
    before = [pair for pair in node.value if str(pair[0].value) < name] if is_sorted else list(node.value)
    if node.flow_style:
        at = end_of(text, before[-1][1], before[-1][0]) if before else node.start_mark.index + 1
        piece = f"{flow(name)}: {flow(value)}"
        return text[:at] + (f", {piece}" if before else f"{piece}, ") + text[at:]
    column = node.value[0][0].start_mark.column
    if before:
        at = text.index("\n", end_of(text, before[-1][1], before[-1][0])) + 1
    else:
        at = text.rindex("\n", 0, node.value[0][0].start_mark.index) + 1
    return text[:at] + block(name, value, depth, newline, column, levels) + text[at:]


def end_of(text: str, node: Node, key: Node | None = None) -> int:
    """Where the last thing that a node says ends. (A block's own end mark is where the next thing begins.)"""
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(text, last[1], last[0]) if isinstance(node, MappingNode) else end_of(text, last)
    start, end = node.start_mark.index, node.end_mark.index
    if start == end and key is not None:
        return int(key.end_mark.index)
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return int(start + len(text[start:end].rstrip()))
    return int(end)


def _refused(document: Document, edit: Edit) -> DeclarationError:
    fields = ", ".join(f"`{'.'.join(path)}: {flow(value)}`" for path, value in edit[:3])
    more = f" and {len(edit) - 3} more" if len(edit) > 3 else ""
    actual, expected = "a layout to which no line can be added", "each field and entry on its own line"
    return DeclarationError(
        [mistake(actual, expected, f"write {fields}{more} by hand").at(Place(shown(document.file)))]
    )
