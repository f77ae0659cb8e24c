"""The files of a tenant that is taken over: new ones, or what is to be added to those that are there.

Of a file that is there every line stays as it is, but for the fields that change and the block of open questions.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tenantry.adopt.model import FIRST_LINE, LAST_LINE, QUESTIONS, Change
from tenantry.adopt.people import Content
from tenantry.adopt.propose import Proposal
from tenantry.adopt.questions import LEGEND, Question
from tenantry.declaration.document import read_text, text_of
from tenantry.declaration.files import is_there, replace, unwritable
from tenantry.declaration.insert import block, written
from tenantry.declaration.load import OF_CUSTOMERS
from tenantry.project.paths import Project
from tenantry.sanitize import sanitize

_SCHEMA: Final = "# yaml-language-server: $schema=../../{up}schemas/{name}.schema.json\n"
_COLUMNS: Final = 120
_MANY: Final = 10
"""More customers than these stand in a file of their own."""


def tenant_file(project: Project, name: str, proposal: Proposal) -> Change:
    """The tenant's file. ``name`` is that of the tenant with its partner."""
    file = _file(project, name, "tenants")
    questions = _comment(name, proposal)
    own = _of_own_file(project, name, proposal.content)
    content = {key: value for key, value in proposal.content.items() if key not in own}
    if not is_there(file):
        unseen = (
            f"# Entra does not show these, so they are open: {', '.join(proposal.unseen)}. Complete what applies.\n"
        )
        fields = "".join(
            block(key, value) + (unseen if key == "paperwork" and proposal.unseen else "")
            for key, value in content.items()
        )
        return Change(file, None, f"{_schema(project, '../', 'tenant')}{questions}{fields}")
    text = text_of(file)
    document = read_text(file, text)
    edit = tuple(_edit(document.content, content))
    changed = written(document, text, edit) if edit else text
    return Change(file, text, _with_questions(changed, questions))


def customers_file(project: Project, name: str, proposal: Proposal) -> Change | None:
    """The tenant's file of customers, where it has one or they are many."""
    own = _of_own_file(project, name, proposal.content)
    if not own:
        return None
    file, content = _file(project, name, "customers"), {key: proposal.content[key] for key in own}
    if not is_there(file):
        return Change(file, None, "".join(block(key, value) for key, value in content.items()))
    text = text_of(file)
    document = read_text(file, text)
    edit = tuple(_edit(document.content, content))
    return Change(file, text, written(document, text, edit) if edit else text)


def _of_own_file(project: Project, name: str, content: Content) -> tuple[str, ...]:
    """The fields that stand in the tenant's file of customers: many customers, unless the tenant's file has them."""
    present = [_content(_file(project, name, folder)) for folder in ("tenants", "customers")]
    in_tenants, in_customers = (there or {} for there in present)
    apart = present[1] is not None or len(content.get("customers", {})) > _MANY
    return tuple(
        key for key in OF_CUSTOMERS if key in content and (key in in_customers or (apart and key not in in_tenants))
    )


def _content(file: Path) -> Content | None:
    return read_text(file, text_of(file)).content if is_there(file) else None


def _file(project: Project, name: str, folder: str) -> Path:
    partner, _, tenant = name.partition("/")
    return project.partners / partner / folder / f"{tenant}.yaml"


def partner_file(project: Project, name: str, tenant_name: str) -> Change:
    """The partner's file, which lists the tenant."""
    partner, _, tenant = name.partition("/")
    file = project.partners / partner / "partner.yaml"
    if not is_there(file):
        content: Content = {"name": tenant_name, "tenants": [tenant]}
        return Change(file, None, _schema(project, "", "partner") + "".join(block(k, v) for k, v in content.items()))
    text = text_of(file)
    document = read_text(file, text)
    listed = document.content.get("tenants")
    names = listed if isinstance(listed, list) else []
    if tenant in names:
        return Change(file, text, text)
    return Change(file, text, written(document, text, ((("tenants",), sorted([*map(str, names), tenant])),)))


def stack_file(project: Project, stack: str, name: str) -> Change:
    """The configuration of the tenant's stack."""
    file = project.stack_file(stack)
    if not is_there(file):
        return Change(file, None, f"config:\n  tenantry:tenant: {name}\n")
    text = text_of(file)
    return Change(file, text, text)


def save(change: Change) -> None:
    """Write a file. Raises DeclarationError where it cannot be written."""
    if change.is_new:
        try:
            change.file.parent.mkdir(parents=True, exist_ok=True)
            change.file.touch()
        except OSError as error:
            raise unwritable(change.file, error) from None
    replace(change.file.resolve(), change.after)


def _schema(project: Project, up: str, name: str) -> str:
    there = (project.root / "schemas" / f"{name}.schema.json").is_file()
    return _SCHEMA.format(up=up, name=name) if there else ""


def _edit(before: Any, after: Content, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What differs, as deep as it does: whole lists, and whole entries that are new."""
    for key, value in after.items():
        there = before.get(key)
        if isinstance(there, dict) and isinstance(value, dict) and there:
            yield from _edit(there, value, (*path, key))
        elif there != value:
            yield (*path, key), value


def _with_questions(text: str, questions: str) -> str:
    """The text with these questions in place of those that it has; else below its first comment for editors."""
    if QUESTIONS.search(text):
        return QUESTIONS.sub(lambda _: questions, text, count=1)
    first = text.index("\n") + 1 if text.startswith("# yaml-language-server") else 0
    return text[:first] + questions + text[first:]


def _comment(name: str, proposal: Proposal) -> str:
    """The open questions, and what is covered, as a comment; nothing where there is neither."""
    if not (proposal.questions or proposal.covered):
        return ""
    lines = [FIRST_LINE, f"# `tenantry adopt {name}`, or with `--answer KEY=ANSWER`.", *_legend()]
    for question in proposal.questions:
        lines += ["#", *_asked(question)]
    if proposal.covered:
        lines += ["#", "# Also held, but covered by larger declared access:"]
        lines += [line for one in proposal.covered for line in _wrapped(one, "# - ", "#   ")]
    return "".join(f"{line}\n" for line in [*lines, "#", LAST_LINE]) + "\n"


def _legend() -> Iterator[str]:
    for name, does in LEGEND.items():
        yield from _wrapped(f"{name}: {does}", "#   ", "#     ")


def _asked(question: Question) -> Iterator[str]:
    holds = f" holds {', '.join(question.holds)}." if question.holds else "."
    yield from _wrapped(f"{question.key}: {question.subject}{holds} {question.asks}", "# - ", "#   ")
    for choice in question.choices:
        does = choice.by_hand if choice.name in LEGEND else choice.does
        yield from _wrapped(f"{choice.name}: {does}" if does else choice.name, "#     ", "#       ")
    if question.free:
        yield from _wrapped(question.free, "#     ", "#       ")


def _wrapped(text: str, first: str, others: str) -> list[str]:
    """A text in lines of a comment."""
    lines: list[str] = []
    line = first
    for word in sanitize(text).split(" "):
        if line not in (first, others) and len(line) + 1 + len(word) > _COLUMNS:
            lines.append(line)
            line = others
        line += word if line in (first, others) else f" {word}"
    return [*lines, line]
