"""``tenantry todo``: what humans still have to do."""

from enum import StrEnum
from typing import Annotated

import typer

from tenantry.commands import completion
from tenantry.commands.reporting import reporting
from tenantry.commands.shared import PartnerFolder, TenantName, console, partner_folder, tenant_names
from tenantry.declaration import load
from tenantry.reports import markdown, terminal
from tenantry.reports.todo import TenantTodos, TodoDocument, layout


class TodoFormat(StrEnum):
    """How ``tenantry todo`` answers."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


@reporting
def todo(
    partner: PartnerFolder = None,
    tenant: TenantName = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            help="Only to-dos about this person: a key, or a part of a name.",
            autocompletion=completion.people,
        ),
    ] = None,
    form: Annotated[TodoFormat, typer.Option("--format", help="The output format.")] = TodoFormat.TERMINAL,
) -> None:
    """List what people must still do by hand in Partner Center and FTOP: what, who may do it, and where."""
    declaration = load(partner_folder(partner))
    named = tenant_names(declaration, tenant)
    tenants = [TenantTodos.of(item, person) for item in declaration.stacks() if item.tenant_name in named]
    match form:
        case TodoFormat.TERMINAL:
            terminal.show(layout(tenants), console())
        case TodoFormat.MARKDOWN:
            print(markdown.render(layout(tenants)), end="")
        case TodoFormat.JSON:
            print(TodoDocument(tenants=tuple(tenants)).model_dump_json(indent=2))
