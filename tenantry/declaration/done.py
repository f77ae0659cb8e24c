"""Recording a to-do as done: one entry more under ``done`` in a tenant's file, and nothing else in it changed.

The entry is put into the file's text at the place that the YAML reader's marks name, as sorting does: comments,
quotes, order, blank lines and line breaks of everything else stay byte for byte.
"""

from datetime import date
from pathlib import Path
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node

from tenantry.declaration.document import DeclarationError, Document, composed, read_text, shown, text_of
from tenantry.declaration.explain import valid
from tenantry.declaration.files import refuse_unwritable, replace
from tenantry.declaration.tenant import Tenant
from tenantry.findings import mistake

_DONE: Final = "done"


def record_done(file: Path, todo_id: str, day: date, remark: str = "") -> None:
    """Write into a tenant's file that a to-do was done on a day, with a remark as a comment where there is room.

    Raises DeclarationError, and then nothing is written: where the file is not valid, with the entry or without,
    cannot be written, or has a layout into which no line can be put.
    """
    replace(file.resolve(), _recorded(file, todo_id, day, remark))


def refuse_unrecordable(file: Path, todo_id: str, day: date) -> None:
    """Raise DeclarationError where :func:`record_done` would, as far as is known before."""
    _recorded(file, todo_id, day, "")
    refuse_unwritable(file.resolve())


def _recorded(file: Path, todo_id: str, day: date, remark: str) -> str:
    """The text of a tenant's file with the entry. The file is read anew: it may have changed since."""
    text = text_of(file)
    document = read_text(file, text)
    if todo_id in valid(Tenant, document).done:
        return text
    return with_entry(document, text, todo_id, day, remark)


def with_entry(document: Document, text: str, todo_id: str, day: date, remark: str = "") -> str:
    """The text of a valid tenant's document with one entry more under ``done``, where a sorted file has it.

    Raises DeclarationError where the text would then not be valid, or not say exactly that much more.
    """
    done = document.content.get(_DONE)
    expected = document.content | {_DONE: {**(done if isinstance(done, dict) else {}), todo_id: day}}
    changed = _inserted(document, text, todo_id, day, remark)
    try:
        again = read_text(document.file, changed)
    except DeclarationError:
        raise _refused(document, todo_id, day) from None
    if again.problems or again.content != expected:
        raise _refused(document, todo_id, day)
    valid(Tenant, again)
    return changed


def _inserted(document: Document, text: str, todo_id: str, day: date, remark: str) -> str:
    entry, comment = f"{todo_id}: {day}", _comment(remark)
    newline = "\r\n" if "\r\n" in text else "\n"
    ended = text if text.endswith("\n") else text + newline
    tree = composed(shown(document.file), ended)
    fields = tree.value if isinstance(tree, MappingNode) else []
    key, value = next(((key, value) for key, value in fields if key.value == _DONE), (None, None))
    if key is None or value is None:
        indent = " " * (fields[0][0].start_mark.column if fields else 0)
        return f"{ended}{indent}{_DONE}:{newline}{indent}  {entry}{comment}{newline}"
    entries: list[tuple[Node, Node]] = value.value if isinstance(value, MappingNode) else []
    before = [pair for pair in entries if pair[0].value < todo_id]
    if value.flow_style:
        at = before[-1][1].end_mark.index if before else value.start_mark.index + 1
        piece = f", {entry}" if before else f"{entry}, " if entries else entry
    else:
        at = ended.index("\n", before[-1][1].end_mark.index if before else key.end_mark.index) + 1
        indent = " " * (entries[0][0].start_mark.column if entries else 2)
        piece = f"{indent}{entry}{comment}{newline}"
    return ended[:at] + piece + ended[at:]


def _comment(remark: str) -> str:
    """A remark as a comment that ends with its line, whatever is in it."""
    line = " ".join("".join(character if character.isprintable() else " " for character in remark).split())
    return f"  # {line}" if line else ""


def _refused(document: Document, todo_id: str, day: date) -> DeclarationError:
    at = (_DONE,) if _DONE in document.content else ()
    actual, expected = "a layout to which no line can be added", "each field and entry on its own line"
    remediation = f"declare `done: {{{todo_id}: {day}}}` by hand"
    return DeclarationError([mistake(actual, expected, remediation, at).at(document.place(at))])
