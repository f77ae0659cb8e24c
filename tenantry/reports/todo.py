"""To-dos for people and machines."""

from collections.abc import Sequence

from tenantry.declaration import Stack
from tenantry.findings import Record
from tenantry.reports.document import Block, Document, Entries, Entry, Lines, Section, by_tenant
from tenantry.todo import TodoKind, todos


class OpenTodo(Record):
    """One thing to do by hand."""

    id: str
    """The id to write under `done` in the tenant's file."""
    kind: TodoKind
    """How the id begins."""
    people: tuple[str, ...]
    """The keys of those whom it is about; none where it is about the tenant or the partner."""
    what: str
    """What is to be done."""
    who: str
    """Who may do it, by role and, where the declaration names them, by name."""
    where: str
    """The address to open, or the command to run."""
    steps: str
    """How it is done."""
    done_when: str
    """How you see that it worked."""


class TenantTodos(Record):
    """What is to be done by hand in one tenant."""

    tenant: str
    """As `tenantry:tenant` names it: contoso/us."""
    name: str
    """The tenant's name."""
    todos: tuple[OpenTodo, ...]
    """What is open, in the order of the file."""

    @classmethod
    def of(cls, stack: Stack, person: str | None = None) -> "TenantTodos":
        """Everything that is open in a tenant, or that is about a ``person``: a key, or a part of a name or UPN."""
        found = todos(stack.tenant, stack.declaration.partner)
        if person is not None:
            found = tuple(
                item for item in found if any(_is_named(stack, key, person.casefold()) for key in item.people)
            )
        entries = tuple(OpenTodo.model_validate(item, from_attributes=True) for item in found)
        return cls(tenant=stack.name, name=stack.tenant.name, todos=entries)


class TodoDocument(Record):
    """What ``tenantry todo --format json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    tenants: tuple[TenantTodos, ...]
    """One for each tenant."""


def _is_named(stack: Stack, key: str, text: str) -> bool:
    person = stack.tenant.members[key]
    return any(text in name.casefold() for name in (key, person.full_name, person.upn))


def layout(tenants: Sequence[TenantTodos]) -> Document:
    """A list a tenant, with a box to tick for each to-do where there are boxes."""
    return Document(
        f"To do by hand in {', '.join(tenant.name for tenant in tenants)}",
        by_tenant([Section(tenant.name, (_list(tenant),)) for tenant in tenants]),
        whole="`tenantry todo`",
    )


def _list(tenant: TenantTodos) -> Block:
    if not tenant.todos:
        return Lines(("Nothing.",))
    return Entries(tuple(map(_entry, tenant.todos)), what="to-dos", to_tick=True)


def _entry(todo: OpenTodo) -> Entry:
    done = f"{todo.done_when}; then declare `done: {{{todo.id}: YYYY-MM-DD}}`"
    return Entry(todo.what, (("Who", todo.who), ("Where", todo.where), ("How", todo.steps), ("Done when", done)))
