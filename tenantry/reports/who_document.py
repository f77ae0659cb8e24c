"""``tenantry who`` as documents: a list for a terminal, a matrix of people and roles; and as CSV."""

from collections.abc import Iterator, Sequence
from typing import Final

from tenantry.reports.document import (
    Block,
    Cell,
    Document,
    Entries,
    Entry,
    Facts,
    Group,
    Lines,
    Section,
    Table,
    Voice,
    by_tenant,
    cell,
)
from tenantry.reports.spreadsheet import csv_text
from tenantry.reports.who import IdentityAccess, PersonAccess, RoleHeld, TenantAccess
from tenantry.role_templates import at_customers
from tenantry.roles import COMPANY_ROLE_MAY, ROW_OF, TABLE_1, CompanyRole, PartnerRole

_BY_HAND: Final = "given in Partner Center, by hand"


def as_list(tenants: Sequence[TenantAccess], *, by_customer: bool = False) -> Document:
    """A person a row with their roles, and whom to ask; ``by_customer``: then each customer with its rows."""
    return _document(tenants, list(map(_list, tenants)), by_customer=by_customer)


def _list(tenant: TenantAccess) -> Table:
    elsewhere = _works_at_customers(tenant)
    groups = []
    for one in tenant.people:
        cells = (
            cell(*one.declared_roles),
            cell(*one.gives),
            *([_at_customers(one)] if elsewhere else []),
            cell(one.ftop_summary),
            cell(one.account),
        )
        groups.append(Group(one.name, (cells,), one.upn, one.notes))
    headings = ("Person", "Roles", "Gives in Entra ID", *elsewhere, "FTOP", "Account")
    return Table(headings, tuple(groups))


def as_matrix(tenants: Sequence[TenantAccess], *, by_customer: bool = False) -> Document:
    """People against the roles that somebody of them holds, and what each role gives and why."""
    return _document(tenants, list(map(_matrix, tenants)), with_legend=True, by_customer=by_customer)


def as_customers(tenants: Sequence[TenantAccess]) -> Document:
    """Customers, and who holds what there, through which group and for how long."""
    return _document(tenants, list(map(_customers, tenants)), with_answers=False)


def as_marks(tenants: Sequence[TenantAccess]) -> Document:
    """The matrix in marks, which fits a terminal: a full one for what is held, an empty one for what is eligible."""
    return _document(tenants, list(map(_marks, tenants)), with_answers=False)


def _document(
    tenants: Sequence[TenantAccess],
    tables: Sequence[Table],
    *,
    with_legend: bool = False,
    with_answers: bool = True,
    by_customer: bool = False,
) -> Document:
    sections = []
    for tenant, table in zip(tenants, tables, strict=True):
        blocks: list[Block] = [table if tenant.people else Lines((f"No match in {tenant.name}.",))]
        if with_answers:
            blocks.insert(int(not with_legend), Facts(_answers(tenant)))
        if by_customer and _works_at_customers(tenant):
            blocks.append(_customers(tenant))
        if tenant.identities:
            blocks.append(Lines(tuple(map(_identity, tenant.identities))))
        if with_legend and tenant.people:
            blocks.append(Section("What each role gives, and why", (_legend(tenant),), folded=False))
        if with_answers:
            blocks.append(Lines(tenant.notes, Voice.OURS))
        sections.append(Section(tenant.name, tuple(blocks)))
    return Document(
        f"Who has which access in {', '.join(tenant.name for tenant in tenants)}",
        by_tenant(sections),
        closing="From the declaration; the tenant was not read. `tenantry drift` shows what differs in the tenant."
        if with_legend
        else "",
        whole="`tenantry who --format csv`",
    )


def _identity(item: IdentityAccess) -> str:
    groups = ", ".join(item.groups)
    return (
        f"Application: {item.name} ({item.object_id}) is in {groups} until {item.until}: {item.reason} ({item.owner})"
    )


def _answers(tenant: TenantAccess) -> tuple[tuple[str, str], ...]:
    return tuple(
        (question, ", ".join(person.name for person in people) or "nobody")
        for question, people in tenant.answers.items()
    )


def _roles(tenant: TenantAccess) -> list[PartnerRole]:
    """The roles of Table 1 that somebody holds, in its order."""
    held = {item.role for person in tenant.people for item in person.roles}
    return [row.role for row in TABLE_1 if row.role in held]


def _company_roles(tenant: TenantAccess) -> list[CompanyRole]:
    held = {item.role for person in tenant.people for item in person.company_roles}
    return [role for role in CompanyRole if role in held]


def _legend(tenant: TenantAccess) -> Entries:
    """Each role in the matrix, the reason for what it gives, and what it may do."""
    rows = [ROW_OF[role] for role in _roles(tenant)]
    of_table_1 = [
        (row.role.value, f"Table 1: {row.group_membership}; {row.admin_center_role}", row.may) for row in rows
    ]
    company = [(role.value, _BY_HAND, COMPANY_ROLE_MAY[role]) for role in _company_roles(tenant)]
    entries = (Entry(role, (("Why", why), ("May", may)), rank=-1) for role, why, may in (*of_table_1, *company))
    return Entries(tuple(entries), what="roles")


def _works_at_customers(tenant: TenantAccess) -> list[str]:
    """The heading of what people hold at customers, where somebody does."""
    return ["At customers"] if any(one.customers for one in tenant.people) else []


def _at_customers(person: PersonAccess) -> Cell:
    """A line a role, however many the customers are."""
    held: dict[str, dict[str, str]] = {}
    for one in person.customers:
        held.setdefault(one.role, {})[one.customer] = one.name
    return cell(*(at_customers(role, customers.values()) for role, customers in held.items()))


def _customers(tenant: TenantAccess) -> Table:
    held: dict[tuple[str, str, str], dict[tuple[str, ...], list[str]]] = {}
    for person in tenant.people:
        for one in person.customers:
            rows = held.setdefault((one.name, one.domain, one.tenant_id), {})
            rows.setdefault((person.name, one.group, one.relationship, one.lasts), []).append(one.role)
    groups = []
    for (name, *notes), rows in held.items():
        cells = ((cell(who), cell(*roles), *map(cell, how)) for (who, *how), roles in rows.items())
        groups.append(Group(name, tuple(cells), notes=tuple(filter(None, notes))))
    return Table(("Customer", "Person", "Roles", "In the group", "By the relationship", "Lasts"), tuple(groups))


def _matrix(tenant: TenantAccess) -> Table:
    roles, company, elsewhere = _roles(tenant), _company_roles(tenant), _works_at_customers(tenant)
    headings = (*roles, *(["Partner Center only"] if company else []), *elsewhere, "FTOP", "Account")
    groups = []
    for person in tenant.people:
        held = {item.role: item for item in person.roles}
        cells = (
            *(_held(held.get(role)) for role in roles),
            *([cell(*(item.role for item in person.company_roles))] if company else []),
            *([_at_customers(person)] if elsewhere else []),
            cell(person.ftop_summary),
            cell(person.account),
        )
        notes = (*(["emergency account"] if person.emergency else []), *person.notes)
        groups.append(Group(person.name, (cells,), person.upn, notes))
    return Table(("Person", *map(str, headings)), tuple(groups), caption="People and the roles they hold")


def _held(held: RoleHeld | None) -> Cell:
    if held is None:
        return ()
    return cell(f"✓ {', '.join(held.gives)}".strip())


def _marks(tenant: TenantAccess) -> Table:
    roles = tuple(str(role) for role in (*_roles(tenant), *_company_roles(tenant)))
    groups = []
    for person in tenant.people:
        eligible = {item.role for item in person.roles if any("(eligible" in power for power in item.gives)}
        marks = {str(item.role): "○" if item.role in eligible else "●" for item in person.roles}
        marks |= {str(item.role): "●" for item in person.company_roles}
        cells = (*(cell(marks.get(role, "")) for role in roles), cell(str(person.ftop)))
        groups.append(Group(person.name, (cells,)))
    return Table(("Person", *roles, "FTOP"), tuple(groups), narrow=roles)


def as_csv(tenants: Sequence[TenantAccess], *, customers_alone: bool = False) -> str:
    """Every role of every person, at every customer, one a line, for a spreadsheet: it filters and pivots.

    With ``customers_alone``, the roles at customers and nothing else.
    """
    return csv_text(
        ("Tenant", "Key", "Person", "UPN", "Kind", "Role", "Gives", "Why", "FTOP", "Account", "Until"),
        (row for tenant in tenants for row in _csv_tenant(tenant, customers_alone=customers_alone)),
    )


def _csv_tenant(tenant: TenantAccess, *, customers_alone: bool) -> Iterator[tuple[str, ...]]:
    for person in tenant.people:
        who = (tenant.tenant, person.key, person.name, person.upn)
        for *what, until in _csv_at_customers(person) if customers_alone else _csv_rows(person):
            yield (*who, *what, str(person.ftop), person.account, until)
    if not customers_alone:
        yield from _csv_identities(tenant)


def _csv_identities(tenant: TenantAccess) -> Iterator[tuple[str, ...]]:
    for item in tenant.identities:
        groups, kind = ", ".join(item.groups), "service principal"
        yield (
            tenant.tenant,
            item.key,
            item.name,
            item.object_id,
            kind,
            "",
            groups,
            item.reason,
            "no",
            "",
            str(item.until),
        )


def _csv_rows(person: PersonAccess) -> list[tuple[str, str, str, str, str]]:
    rows = [
        ("Table 1", item.role.value, ", ".join(item.gives), item.why, str(item.until or "")) for item in person.roles
    ]
    rows += [("Partner Center only", item.role.value, "", _BY_HAND, "") for item in person.company_roles]
    customers = person.ftop_customers
    rows += [("FTOP customer", ", ".join(item.roles), item.name, "assigned in FTOP, by hand", "") for item in customers]
    return [*rows, *_csv_at_customers(person)] or [("none", "", "", "", "")]


def _csv_at_customers(person: PersonAccess) -> Iterator[tuple[str, str, str, str, str]]:
    for at in person.customers:
        yield "role at a customer", at.role, at.name, f"in {at.group}, by {at.relationship}, {at.lasts}", ""
