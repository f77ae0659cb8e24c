"""``tenantry who``: who has what, and why."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final, NoReturn

import typer

from tenantry.commands import completion
from tenantry.commands.reporting import reporting
from tenantry.commands.shared import PartnerFolder, TenantName, console, partner_folder, tenant_names
from tenantry.declaration import Stack, load
from tenantry.findings import one_of
from tenantry.reports import markdown, terminal, who_document
from tenantry.reports.document import Document
from tenantry.reports.who import Capability, Filter, TenantAccess, WhoDocument
from tenantry.role_templates import role_template_meant, role_template_named
from tenantry.roles import CompanyRole, PartnerRole, nearest_role, role_named
from tenantry.spelling import alike

_FEW: Final = 20


class WhoFormat(StrEnum):
    """How ``tenantry who`` answers."""

    TERMINAL = "terminal"
    MATRIX = "matrix"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JSON = "json"


@reporting
def who(
    partner: PartnerFolder = None,
    tenant: TenantName = None,
    form: Annotated[WhoFormat, typer.Option("--format", help="The output format.")] = WhoFormat.TERMINAL,
    role: Annotated[
        str | None,
        typer.Option(
            "--role", help='Only holders of this role, such as "Global admin".', autocompletion=completion.roles
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person", help="Only this person: a key, or a part of a name.", autocompletion=completion.people
        ),
    ] = None,
    can: Annotated[Capability | None, typer.Option("--can", help="Only people who can do this.")] = None,
    customer: Annotated[
        str | None,
        typer.Option(
            "--customer",
            help="Access at this customer: a part of its key, name, domain or id.",
            autocompletion=completion.customers,
        ),
    ] = None,
) -> None:
    """Show who has which access in a partner's tenants, and why. From the declaration; reads no tenant."""
    declaration = load(partner_folder(partner))
    wanted = Filter(_role(role), person, can, customer)
    names = tenant_names(declaration, tenant)
    stacks = [stack for stack in declaration.stacks() if stack.tenant_name in names]
    if customer is not None:
        # Elsewhere nobody holds anything there, and that is no answer.
        stacks = [stack for stack in stacks if wanted.customers(stack.tenant)] or _unknown_customer(customer, stacks)
    tenants = [TenantAccess.of(stack, wanted) for stack in stacks]
    match form:
        case WhoFormat.TERMINAL | WhoFormat.MARKDOWN | WhoFormat.HTML if customer is not None:
            _show(who_document.as_customers(tenants), form)
        case WhoFormat.TERMINAL:
            _show(who_document.as_list(tenants, by_customer=person is not None), form)
        case WhoFormat.MATRIX:
            terminal.show(who_document.as_marks(tenants), console())
        case WhoFormat.MARKDOWN | WhoFormat.HTML:
            _show(who_document.as_matrix(tenants, by_customer=person is not None), form)
        case WhoFormat.CSV:
            print(who_document.as_csv(tenants, customers_alone=customer is not None), end="")
        case WhoFormat.JSON:
            print(WhoDocument(tenants=tuple(tenants)).model_dump_json(indent=2))


def _show(document: Document, form: WhoFormat) -> None:
    if form is WhoFormat.TERMINAL:
        terminal.show(document, console())
    elif form is WhoFormat.MARKDOWN:
        print(markdown.render(document), end="")
    else:
        from tenantry.reports import html  # jinja2 is no business of the commands that show no page

        print(html.render(document), end="")


def _role(named: str | None) -> PartnerRole | CompanyRole | None:
    if named is None:
        return None
    if role := role_named(named):
        return role
    existing = f"expected one of: {', '.join((*PartnerRole, *CompanyRole))}"
    near = None if role_template_named(named) else nearest_role(named)
    if near is None and (of_entra := role_template_named(named) or role_template_meant(named)):
        raise typer.BadParameter(f"{of_entra.name!r} is a directory role of Entra ID; {existing}")
    raise typer.BadParameter(f"unknown role {named!r}; {f'did you mean {near.value!r}?' if near else existing}")


def _unknown_customer(named: str, stacks: Iterable[Stack]) -> NoReturn:
    known = [key for stack in stacks for key in stack.tenant.customers]
    near = alike(named, known)
    few = (
        f"expected: {one_of(known[:_FEW])}{' …' if len(known) > _FEW else ''}" if known else "no customers are declared"
    )
    raise typer.BadParameter(f"unknown customer {named!r}; {f'did you mean {near!r}?' if near else few}")
