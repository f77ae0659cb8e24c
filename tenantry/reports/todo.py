"""To-dos for people and machines: the terminal, Markdown for an issue, JSON."""

from collections.abc import Iterable, Iterator

from tenantry.declaration import Stack
from tenantry.findings import Record
from tenantry.reports.escape import escape
from tenantry.todo import TodoKind, todos


class Entry(Record):
    """One thing to do by hand."""

    id: str
    """What `done` in the tenant's file goes by."""
    kind: TodoKind
    """How the id begins."""
    people: tuple[str, ...]
    """The keys of those whom it is about; none where it is about the tenant or the partner."""
    what: str
    """What is to be done."""
    who: str
    """Who may do it, by role and, where the declaration tells, by name."""
    where: str
    """The address to open, or the command to run."""
    steps: str
    """How it is done."""
    done_when: str
    """How one sees that it worked."""


class Listed(Record):
    """What is to be done by hand in one tenant."""

    tenant: str
    """As `tenantry:tenant` names it: contoso/us."""
    name: str
    """The tenant's name."""
    todos: tuple[Entry, ...]
    """What is open, in the order of the file."""

    @classmethod
    def of(cls, stack: Stack, person: str | None = None) -> "Listed":
        """Everything that is open in a tenant, or that is about a ``person``: a key, or a part of a name or UPN."""
        found = todos(stack.tenant, stack.declaration.partner)
        if person is not None:
            found = tuple(one for one in found if any(_is_named(stack, key, person.casefold()) for key in one.people))
        entries = tuple(Entry.model_validate(one, from_attributes=True) for one in found)
        return cls(tenant=stack.name, name=stack.tenant.name, todos=entries)


class TodoDocument(Record):
    """What ``tenantry todo --format json`` writes."""

    version: int = 1
    """It changes when a key goes or changes its meaning, and not when one is added."""
    tenants: tuple[Listed, ...]
    """One for each tenant."""


def _is_named(stack: Stack, key: str, text: str) -> bool:
    person = stack.tenant.members[key]
    return any(text in name.casefold() for name in (key, person.full_name, person.upn))


def lines(listed: Iterable[Listed]) -> Iterator[str]:
    """For a terminal."""
    for one in listed:
        yield f"To do by hand in {one.name}:"
        for entry in one.todos:
            yield f"  - {entry.what}\n    who: {entry.who}\n    where: {entry.where}\n    {entry.steps}"
            yield f"    done when {entry.done_when}; then declare `done: {{{entry.id}: YYYY-MM-DD}}`"


def as_markdown(listed: Iterable[Listed]) -> str:
    """For an issue: a list with a box to tick for each."""
    said = []
    for one in listed:
        said.append(f"## To do by hand in {escape(one.name)}\n")
        said += [_item(entry) for entry in one.todos] or ["Nothing."]
        said.append("")
    return "\n".join(said)


def _item(entry: Entry) -> str:
    done = f"Done when {entry.done_when}; then declare `done: {{{entry.id}: YYYY-MM-DD}}`"
    parts = (f"Who: {entry.who}", f"Where: {entry.where}", entry.steps, done)
    return "<br>".join((f"- [ ] **{escape(entry.what)}**", *map(escape, parts)))
