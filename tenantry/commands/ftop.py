"""``tenantry ftop``: who is to write which customer's record in FTOP."""

from enum import StrEnum
from typing import Annotated

import typer

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import PartnerFolder, TenantName, console, partner_folder, tenant_names
from tenantry.declaration import load
from tenantry.reports import ftop_sheet, markdown, terminal


class FtopFormat(StrEnum):
    """How ``tenantry ftop`` answers."""

    TERMINAL = "terminal"
    CSV = "csv"
    MARKDOWN = "markdown"
    JSON = "json"


@reporting
def ftop(
    partner: PartnerFolder = None,
    tenant: TenantName = None,
    form: Annotated[FtopFormat, typer.Option("--format", help="The output format.")] = FtopFormat.TERMINAL,
) -> None:
    """Who is to write which customer's record in FTOP, and what is left to do: a sheet, since there is no API."""
    declaration = load(partner_folder(partner))
    tenants = [declaration.tenants[name] for name in tenant_names(declaration, tenant)]
    rows = [row for item in tenants for row in ftop_sheet.sheet(item)]
    document = ftop_sheet.layout(rows, ", ".join(item.name for item in tenants))
    match form:
        case FtopFormat.CSV:
            print(ftop_sheet.as_csv(rows), end="")
        case FtopFormat.MARKDOWN:
            print(markdown.render(document), end="")
        case FtopFormat.JSON:
            print(ftop_sheet.FtopDocument(rows=tuple(rows)).model_dump_json(indent=2))
        case FtopFormat.TERMINAL:
            terminal.show(document, console())
