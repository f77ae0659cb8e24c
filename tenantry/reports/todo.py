"""To-dos for people and machines: the terminal, Markdown for an issue, JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tenantry.declaration import Stack
from tenantry.reports.escape import inert
from tenantry.todo import Todo, todos


@dataclass(frozen=True)
class Listed:
    """What is to be done by hand in one tenant."""

    tenant: str
    """As ``tenantry:tenant`` names it: contoso/us."""
    name: str
    todos: tuple[Todo, ...]

    @classmethod
    def of(cls, stack: Stack, person: str | None = None) -> "Listed":
        """Everything that is open in a tenant, or that is about a ``person``: a key, or a part of a name or UPN."""
        found = todos(stack.tenant, stack.declaration.partner)
        if person is not None:
            found = tuple(one for one in found if any(_is_named(stack, key, person.casefold()) for key in one.people))
        return cls(stack.name, stack.tenant.name, found)


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
        said.append(f"## To do by hand in {inert(one.name)}\n")
        said += [_item(entry) for entry in one.todos] or ["Nothing."]
        said.append("")
    return "\n".join(said)


def _item(entry: Todo) -> str:
    done = f"Done when {entry.done_when}; then declare `done: {{{entry.id}: YYYY-MM-DD}}`"
    parts = (f"Who: {entry.who}", f"Where: {entry.where}", entry.steps, done)
    return "<br>".join((f"- [ ] **{inert(entry.what)}**", *map(inert, parts)))


def as_json(listed: Iterable[Listed]) -> dict[str, Any]:
    """For machines; `version` changes when a key goes or changes its meaning, and not when one is added."""
    return {
        "version": 1,
        "tenants": [
            {
                "tenant": one.tenant,
                "name": one.name,
                "todos": [
                    {
                        "id": entry.id,
                        "kind": entry.kind.value,
                        "people": list(entry.people),
                        "what": entry.what,
                        "who": entry.who,
                        "where": entry.where,
                        "steps": entry.steps,
                        "done_when": entry.done_when,
                    }
                    for entry in one.todos
                ],
            }
            for one in listed
        ],
    }
