"""``tenantry todo``: what humans still have to do."""

from enum import StrEnum
from typing import Annotated

import typer

from tenantry.commands.shared import PartnerFolder, partner_folder, tenant_names
from tenantry.declaration import load
from tenantry.reports import todo as todo_formats


class TodoFormat(StrEnum):
    """How ``tenantry todo`` answers."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


def todo(
    partner: PartnerFolder = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant only, by name.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Only what is about this person: a key, or a part of a name.")
    ] = None,
    form: Annotated[TodoFormat, typer.Option("--format", help="How to answer.")] = TodoFormat.TERMINAL,
) -> None:
    """What humans still have to do in Partner Center and FTOP, who may, and where."""
    declaration = load(partner_folder(partner))
    named = tenant_names(declaration, tenant)
    listed = [todo_formats.Listed.of(one, person) for one in declaration.stacks() if one.tenant_name in named]
    match form:
        case TodoFormat.TERMINAL:
            print("\n".join(todo_formats.lines(listed)))
        case TodoFormat.MARKDOWN:
            print(todo_formats.as_markdown(listed), end="")
        case TodoFormat.JSON:
            print(todo_formats.TodoDocument(tenants=tuple(listed)).model_dump_json(indent=2))
