"""``tenantry who``: who has what, and why."""

from enum import StrEnum
from typing import Annotated

import typer

from tenantry.commands.shared import PartnerFolder, console, partner_folder, tenant_names
from tenantry.declaration import load
from tenantry.reports import markdown, terminal, who_document
from tenantry.reports.who import Capability, Filter, TenantAccess, WhoDocument
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
    names = tenant_names(declaration, tenant)
    tenants = [TenantAccess.of(stack, wanted) for stack in declaration.stacks() if stack.tenant_name in names]
    match form:
        case WhoFormat.TERMINAL:
            terminal.show(who_document.as_list(tenants), console())
        case WhoFormat.MATRIX:
            terminal.show(who_document.as_marks(tenants), console())
        case WhoFormat.MARKDOWN:
            print(markdown.render(who_document.as_matrix(tenants)), end="")
        case WhoFormat.HTML:
            from tenantry.reports import html  # jinja2 is no business of the commands that show no page

            print(html.render(who_document.as_matrix(tenants)), end="")
        case WhoFormat.CSV:
            print(who_document.as_csv(tenants), end="")
        case WhoFormat.JSON:
            print(WhoDocument(tenants=tuple(tenants)).model_dump_json(indent=2))


def _role(named: str | None) -> PartnerRole | CompanyRole | None:
    if named is None:
        return None
    if role := role_named(named):
        return role
    existing = f"there are: {', '.join((*PartnerRole, *CompanyRole))}"
    near = None if role_template_named(named) else nearest_role(named)
    if near is None and (of_entra := role_template_named(named) or role_template_meant(named)):
        raise typer.BadParameter(f"{of_entra.name!r} is a directory role of Entra ID; {existing}")
    raise typer.BadParameter(f"{named!r} is no role; {f'did you mean {near.value!r}?' if near else existing}")
