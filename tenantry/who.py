"""Who has what in a tenant, and why: the answer of ``tenantry who`` and of the stack's outputs."""

from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.access.declared import ftop_of, powers_of
from tenantry.declaration.models import Person, Purpose, Tenant
from tenantry.markdown import cell, code
from tenantry.roles import ROW_OF, AgentGroup, DirectoryRole, Ftop

#: What everybody should know who reads such a table.
NOTES = (
    "Partner Center shows a change within an hour.",
    "Agent groups alone open no customer's tenant (that takes delegated privileges); members of AdminAgents own the "
    "Azure subscriptions of CSP customers all the same.",
)


@dataclass(frozen=True)
class Line:
    """What one person has."""

    key: str
    name: str
    upn: str
    roles: tuple[str, ...]
    """Their partner roles, emergency accounts marked, Partner Center-only roles last."""
    gives: tuple[str, ...]
    """What the roles give in Entra ID: agent groups and directory roles."""
    may: tuple[str, ...]
    ftop: str
    """Whether they get into FTOP, what they read there, and the customers whose records they may write."""
    account: str
    """Whether the account is adopted or made here, and whether it may sign in."""


def who(tenant: Tenant) -> tuple[Line, ...]:
    """A line a person, in the order of the file."""
    lines = []
    for key, person in tenant.members.items():
        powers = powers_of(tenant, person)
        emergency = " (emergency)" if person.emergency else ""
        lines.append(
            Line(
                key,
                person.full_name,
                person.upn,
                (*(f"{role}{emergency}" for role in person.roles), *(person.company_roles or ())),
                (
                    *(group.value for group in AgentGroup if group in powers),
                    *(_held(person, role) for role in DirectoryRole if role in powers),
                ),
                tuple(ROW_OF[role].may for role in person.roles) if powers else (),
                "; ".join(_ftop(tenant, key)),
                ("adopted" if person.adopted else "made here") + (f", {person.state}" if person.state else ""),
            )
        )
    return tuple(lines)


def _held(person: Person, role: DirectoryRole) -> str:
    assignment = person.assignment(role)
    how = [
        *(["eligible"] if assignment.eligible else []),
        *([f"over the administrative unit {assignment.administrative_unit}"] if assignment.administrative_unit else []),
    ]
    return f"{role} ({', '.join(how)})" if how else role.value


def _ftop(tenant: Tenant, key: str) -> Iterator[str]:
    access = ftop_of(tenant, key)
    yield f"{access}, reads all customers" if access.verdict is Ftop.YES else str(access)
    if tenant.ftop and not tenant.members[key].leaves:
        for customer in tenant.ftop.customers.values():
            if key in customer.assignments:
                yield f"{customer.name}: {', '.join(customer.assignments[key])}"


def who_has_what(tenant: Tenant) -> dict[str, list[str]]:
    """UPN to what they hold in Entra ID and their Partner Center-only roles: the stack's output."""
    company = {line.key: list(tenant.members[line.key].company_roles or ()) for line in who(tenant)}
    return {line.upn: [*line.gives, *(str(role) for role in company[line.key])] for line in who(tenant)}


def notes(tenant: Tenant) -> tuple[str, ...]:
    """What a reader of the table must know of this tenant."""
    both = "Global admins here are Global Administrators over all the company's own users too."
    return (both, *NOTES) if Purpose.OWN_USE in tenant.purpose else NOTES


def as_markdown(tenant: Tenant) -> str:
    """The table as Markdown, safe to paste anywhere: no name can break out of its cell."""
    head = "| Person | Roles | Gives in Entra ID | FTOP | Account |\n| --- | --- | --- | --- | --- |"
    rows = [
        f"| {cell(line.name)}<br>{code(line.upn)} | {cell(', '.join(line.roles) or '–')} "
        f"| {cell(', '.join(line.gives) or '–')} | {cell(line.ftop)} | {cell(line.account)} |"
        for line in who(tenant)
    ]
    title = f"## Who has what in {cell(tenant.name)}"
    return "\n\n".join((title, "\n".join((head, *rows)), "\n".join(f"- {note}" for note in notes(tenant)))) + "\n"
