"""Recording a to-do as done: one entry more under ``done`` in a tenant's file, and nothing else in it changed.

The entry is put into the file's text at the place that the YAML reader's marks name, as sorting does: comments,
quotes, order, blank lines and line breaks of everything else stay byte for byte.
"""

from datetime import date
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from ruamel.yaml.nodes import MappingNode, Node

from tenantry.declaration.document import Document, composed, read, read_text
from tenantry.declaration.explain import explained
from tenantry.declaration.files import BOM, read_bytes, refuse_unwritable, replace
from tenantry.declaration.models import Tenant
from tenantry.declaration.problems import DeclarationError, shown
from tenantry.findings import mistake

_DONE: Final = "done"


def record_done(file: Path, todo_id: str, day: date, remark: str = "") -> None:
    """Write into a tenant's file that a to-do was done on a day, with a remark as a comment where there is room.

    Raises DeclarationError, and then nothing is written: where the file is not valid, with the entry or without,
    cannot be written, or has a layout into which no line can be put.
    """
    content = _recorded(file, todo_id, day, remark)
    replace(file.resolve(), content)


def refuse_unrecordable(file: Path, todo_id: str, day: date) -> None:
    """Raise DeclarationError where :func:`record_done` would, as far as that can be told before."""
    _recorded(file, todo_id, day, "")
    refuse_unwritable(file.resolve())


def _recorded(file: Path, todo_id: str, day: date, remark: str) -> bytes:
    """A tenant's file with the entry. What is changed is what is there now, and not what was read before."""
    raw = read_bytes(file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        read(file)  # says where
        raise
    document = read_text(file, text)
    _refuse_invalid(document)
    done = document.content.get(_DONE) or {}
    if not isinstance(done, dict) or todo_id in done:
        return raw
    changed = with_entry(document, text, todo_id, day, remark)
    return (BOM if raw.startswith(BOM) else b"") + changed.encode()


def _refuse_invalid(document: Document) -> None:
    problems = list(document.problems)
    try:
        Tenant.model_validate(document.content)
    except ValidationError as error:
        problems += explained(error, Tenant, document)
    if problems:
        raise DeclarationError(problems)


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
    _refuse_invalid(again)
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
    sanitize = " ".join("".join(character if character.isprintable() else " " for character in remark).split())
    return f"  # {sanitize}" if sanitize else ""


def _refused(document: Document, todo_id: str, day: date) -> DeclarationError:
    at = (_DONE,) if _DONE in document.content else ()
    found, allowed = "a layout into which no line can be put", "fields and entries on lines of their own"
    remediation = f"declare `done: {{{todo_id}: {day}}}` by hand"
    return DeclarationError([mistake(found, allowed, remediation, at).at(document.place(at))])
