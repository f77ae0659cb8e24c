"""``tenantry audit``: how tenants differ from what is declared, rule by rule."""

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import PartnerFolder, TenantName, console, partner_folder, tenant_names
from tenantry.declaration import Declaration, load
from tenantry.role_templates import role_template_named
from tenantry.roles import ROW_OF, AgentGroup, DirectoryRole, PartnerRole, role_named
from tenantry.spelling import folded

if TYPE_CHECKING:
    from tenantry.audit.model import AuditReport


class AuditFormat(StrEnum):
    """How ``tenantry audit`` answers."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    JSON = "json"
    SARIF = "sarif"


@reporting
def audit(
    partner: PartnerFolder = None,
    tenant: TenantName = None,
    form: Annotated[AuditFormat, typer.Option("--format", help="The output format.")] = AuditFormat.TERMINAL,
    role: Annotated[
        str | None,
        typer.Option("--role", help='Only holders of this: "Global admin", "AdminAgents", "Exchange Administrator".'),
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Only people with this in their name or sign-in name (UPN).")
    ] = None,
) -> None:
    """Compare a partner's tenants with the declaration, by the rules. Only reads, from Microsoft Graph."""
    from tenantry.audit.commits import with_commits
    from tenantry.audit.run import audit as run
    from tenantry.audit.run import narrowed
    from tenantry.audit.sign_in import environments
    from tenantry.reports import html, markdown, terminal
    from tenantry.reports.audit import as_csv, as_sarif, layout

    declaration = load(partner_folder(partner))
    names, targets = tenant_names(declaration, tenant), None if role is None else _targets(role)
    if not names:
        raise typer.BadParameter(f"{declaration.partner.name} declares no partner tenant")
    with console(stderr=True).status("Reading …") as status:
        report = run(declaration, names, environments(Path.cwd()), progress=status.update)
    report = with_commits(narrowed(report, person, targets), Path.cwd())
    if person is not None and not targets and not _is_anybody(person, declaration, names, report):
        raise typer.BadParameter(
            f"no match for {person!r} in the names and sign-in names (UPNs) of the declaration and the tenants"
        )
    match form:
        case AuditFormat.TERMINAL:
            terminal.show(layout(report, whole=False), console())
        case AuditFormat.MARKDOWN:
            print(markdown.render(layout(report)), end="")
        case AuditFormat.HTML:
            print(html.render(layout(report)), end="")
        case AuditFormat.CSV:
            print(as_csv(report), end="")
        case AuditFormat.JSON:
            print(report.model_dump_json(indent=2))
        case AuditFormat.SARIF:
            print(json.dumps(as_sarif(report), indent=2, ensure_ascii=False))
    raise typer.Exit(report.exit_code)


def _is_anybody(person: str, declaration: Declaration, names: Iterable[str], report: "AuditReport") -> bool:
    """Whether a part of a name is anybody's; not to be said while a tenant was not reached."""
    people = (item for name in names for item in declaration.tenants[name].members.values())
    if any(folded(person) in folded(f"{item.full_name} ({item.upn})") for item in people):
        return True
    return any(
        item.unreached or item.changes or item.findings or item.excepted or item.holders for item in report.tenants
    )


def _targets(named: str) -> frozenset[str]:
    """What a role gives: names of agent groups, and template ids of directory roles with their names."""
    role = role_named(named)
    if isinstance(role, PartnerRole):
        powers = ROW_OF[role].powers
        ids = {power.template_id for power in powers if isinstance(power, DirectoryRole)}
        return frozenset({*ids, *(power.value for power in powers)})
    if group := AgentGroup.by_display_name(named):
        return frozenset({group.value})
    if template := role_template_named(named):
        return frozenset({template.id, template.name})
    raise typer.BadParameter(
        f"unknown role {named!r}; expected: a partner role, an agent group or a directory role of Entra ID"
    )
