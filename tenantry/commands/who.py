"""``tenantry who``: who has what, and why."""

from enum import StrEnum
from typing import Annotated

import typer

from tenantry.commands.shared import PartnerFolder, console, partner_folder, tenant_names
from tenantry.declaration import load
from tenantry.reports import who_formats
from tenantry.reports.who import Capability, Filter
from tenantry.reports.who_formats import Matrix
from tenantry.role_templates import role_template_meant, role_template_named
from tenantry.roles import CompanyRole, PartnerRole, nearest_role, role_named


class WhoFormat(StrEnum):
    """How ``tenantry who`` answers."""

    TERMINAL = "terminal"
    MATRIX = "matrix"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


def who(
    partner: PartnerFolder = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant only, by name.")] = None,
    form: Annotated[WhoFormat, typer.Option("--format", help="How to answer.")] = WhoFormat.TERMINAL,
    role: Annotated[str | None, typer.Option("--role", help='Only who holds this role: "Global admin".')] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Only this person: a key, or a part of a name.")
    ] = None,
    can: Annotated[Capability | None, typer.Option("--can", help="Only who can do this.")] = None,
) -> None:
    """Who has what in a partner's tenants, and why."""
    declaration = load(partner_folder(partner))
    wanted = Filter(_role(role), person, can)
    matrices = [
        Matrix.of(declaration.tenants[name], f"{declaration.key}/{name}", wanted)
        for name in tenant_names(declaration, tenant)
    ]
    match form:
        case WhoFormat.TERMINAL:
            for matrix in matrices:
                who_formats.print_list(matrix, console())
        case WhoFormat.MATRIX:
            for matrix in matrices:
                console().print(who_formats.as_terminal(matrix))
        case WhoFormat.MARKDOWN:
            print("\n".join(who_formats.as_markdown(matrix) for matrix in matrices), end="")
        case WhoFormat.HTML:
            print(who_formats.as_html(matrices), end="")
        case WhoFormat.CSV:
            print(who_formats.as_csv(matrices), end="")
        case WhoFormat.JSON:
            print(who_formats.document(matrices).model_dump_json(indent=2))


def _role(named: str | None) -> PartnerRole | CompanyRole | None:
    if named is None:
        return None
    if role := role_named(named):
        return role
    there = f"there are: {', '.join((*PartnerRole, *CompanyRole))}"
    near = None if role_template_named(named) else nearest_role(named)
    if near is None and (of_entra := role_template_named(named) or role_template_meant(named)):
        raise typer.BadParameter(f"{of_entra.name!r} is a directory role of Entra ID; {there}")
    raise typer.BadParameter(f"{named!r} is no role; {f'did you mean {near.value!r}?' if near else there}")
