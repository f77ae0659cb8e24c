"""``tenantry who`` as a matrix of people and roles: for the terminal, Markdown, HTML, CSV and JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tenantry.declaration.models import Tenant
from tenantry.findings import Record
from tenantry.reports.escape import LIMIT, cell, code, fitted, table
from tenantry.reports.spreadsheet import csv_text
from tenantry.reports.who import Customer, Filter, Held, Line, answers, notes, who
from tenantry.roles import COMPANY_ROLE_MAY, ROW_OF, TABLE_1, CompanyRole, Ftop, PartnerRole

NOBODY: Final = "nobody"


class CompanyRoleHeld(Record):
    """A role that is given in Partner Center only."""

    role: CompanyRole
    """Its name."""
    may: str
    """What it may do."""


class FtopEntry(Record):
    """Whether somebody gets into FTOP."""

    access: Ftop
    """Whether they do."""
    lacks: tuple[str, ...]
    """What somebody who is incomplete lacks."""


class PersonEntry(Record):
    """What one person has."""

    key: str
    """Their key under `people`."""
    name: str
    """Their full name."""
    upn: str
    """Their sign-in name."""
    account: str
    """Whether it is adopted or made here, and whether it may sign in."""
    emergency: bool
    """Whether it is an emergency account."""
    roles: tuple[Held, ...]
    """The roles of Table 1; none of a leaver's."""
    company_roles: tuple[CompanyRoleHeld, ...]
    """The roles that are given in Partner Center only."""
    ftop: FtopEntry
    """Whether they get into FTOP."""
    ftop_customers: tuple[Customer, ...]
    """The customers whose records they may write."""


class Contact(Record):
    """Somebody to ask."""

    name: str
    """Their full name."""
    upn: str
    """Their sign-in name."""


class TenantEntry(Record):
    """Who has what in one tenant."""

    tenant: str
    """As `tenantry:tenant` names it: contoso/us."""
    name: str
    """The tenant's name."""
    people: tuple[PersonEntry, ...]
    """Those who are asked for, in the order of the file."""
    answers: dict[str, tuple[Contact, ...]]
    """Each question of the guide with the people to ask."""
    notes: tuple[str, ...]
    """What a reader must know of this tenant."""


class WhoDocument(Record):
    """What ``tenantry who --format json`` writes."""

    version: int = 1
    """It changes when a key goes or changes its meaning, and not when one is added."""
    tenants: tuple[TenantEntry, ...]
    """One for each tenant."""


@dataclass(frozen=True)
class Matrix:
    """A tenant's people against the roles that somebody of them holds."""

    tenant: Tenant
    name: str
    """As ``tenantry:tenant`` has it: contoso/us."""
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, tenant: Tenant, name: str, wanted: Filter) -> "Matrix":
        """The matrix of the people who are wanted."""
        return cls(tenant, name, who(tenant, wanted))

    @property
    def roles(self) -> list[PartnerRole]:
        """The roles of Table 1 that somebody holds, in its order."""
        held = {one.role for line in self.lines for one in line.held}
        return [row.role for row in TABLE_1 if row.role in held]

    @property
    def company_roles(self) -> list[CompanyRole]:
        """The Partner Center-only roles that somebody holds."""
        held = {role for line in self.lines for role in line.company_roles}
        return [role for role in CompanyRole if role in held]

    def legend(self) -> list[tuple[str, str, str]]:
        """Each role in the matrix, the reason for what it gives, and what it may do."""
        table_1 = [
            (
                role.value,
                f"Table 1: {ROW_OF[role].group_membership}; {ROW_OF[role].admin_center_role}",
                ROW_OF[role].may,
            )
            for role in self.roles
        ]
        company = [
            (role.value, "given in Partner Center, by hand", COMPANY_ROLE_MAY[role]) for role in self.company_roles
        ]
        return table_1 + company

    def answers(self) -> dict[str, str]:
        """The questions of the guide, each answered in one line."""
        return {
            question: ", ".join(person.full_name for person in people) or NOBODY
            for question, people in answers(self.tenant).items()
        }


def cells(line: Line, roles: Iterable[PartnerRole]) -> list[Held | None]:
    """A person's row of the matrix."""
    held = {one.role: one for one in line.held}
    return [held.get(role) for role in roles]


def as_terminal(matrix: Matrix) -> Table:
    """The matrix in marks, for a terminal: the list of people, which says the reasons, is the other form."""
    title = Text(f"Who has what in {matrix.tenant.name}")
    grid = Table(title=title, title_justify="left", title_style="bold")
    grid.add_column("Person")
    for heading in (*matrix.roles, *matrix.company_roles):
        grid.add_column(Text("\n".join(heading.split())), justify="center", vertical="bottom")
    grid.add_column("FTOP")
    for line in matrix.lines:
        marks = [_mark(one) for one in cells(line, matrix.roles)]
        company = ["●" if role in line.company_roles else "" for role in matrix.company_roles]
        # Text and not markup: a name in a declaration is never an instruction to the terminal.
        grid.add_row(*map(Text, (line.name, *marks, *company, _verdict(line))))
    return grid


def _mark(held: Held | None) -> str:
    if held is None:
        return ""
    return "○" if any("(eligible" in one for one in held.gives) else "●"


def _verdict(line: Line) -> str:
    return line.ftop_access.verdict.value if line.ftop_access.verdict is not Ftop.INCOMPLETE else str(line.ftop_access)


def as_markdown(matrix: Matrix, *, limit: int = LIMIT) -> str:
    """The matrix as Markdown, safe to paste anywhere: no name can break out of its cell.

    Where it would be longer than ``limit`` (in bytes of UTF-8) its last people are left out, and it says how many.
    """

    def shortened(most: int) -> str:
        return _markdown(replace(matrix, lines=matrix.lines[:most]), len(matrix.lines) - most)

    return fitted(_markdown(matrix), shortened, len(matrix.lines), limit)


def _markdown(matrix: Matrix, left_out: int = 0) -> str:
    rows = []
    for line in matrix.lines:
        emergency = "<br>emergency account" if line.emergency else ""
        held = [_cell(one) for one in cells(line, matrix.roles)]
        company = [cell(", ".join(line.company_roles) or "–")] if matrix.company_roles else []
        person = f"{cell(line.name)}<br>{code(line.upn)}{emergency}"
        rows.append([person, *held, *company, cell(line.ftop), cell(line.account)])
    legend = [f"- {cell(role)}: {cell(why)}. May {cell(may)}." for role, why, may in matrix.legend()]
    asked = [f"- {question}: {cell(people)}" for question, people in matrix.answers().items()]
    parts = [
        f"## Who has what in {cell(matrix.tenant.name)}",
        f"⚠️ **Shortened**: {left_out:,} people are left out here; `--format csv` has everybody." if left_out else "",
        table(_headings(matrix), rows) if rows or left_out else "Nobody.",
        "\n".join(asked),
        "\n".join(legend),
        "\n".join(f"- {note}" for note in notes(matrix.tenant)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(held: Held | None) -> str:
    if held is None:
        return "–"
    return f"✓ {cell(', '.join(held.gives))}" if held.gives else "✓"


def as_html(matrices: Sequence[Matrix]) -> str:
    """The matrices as a page: one file, without scripts, that prints."""
    from tenantry.reports.page import page  # jinja2 is no business of the commands that show no page

    return page("who.html.j2", matrices=matrices, headings=_headings, columns=_columns, notes=notes)


def _headings(matrix: Matrix) -> list[str]:
    """The first column is the person's."""
    return ["Person", *(role.value for role in matrix.roles), *_beside(matrix)]


def _columns(matrix: Matrix, line: Line) -> list[tuple[str, Sequence[str] | None]]:
    """The other cells of a person's row, each with its heading; None for a role that is not held."""
    held = [None if one is None else [f"✓ {', '.join(one.gives)}"] for one in cells(line, matrix.roles)]
    company = [line.company_roles or None] if matrix.company_roles else []
    texts = [*held, *company, [line.ftop], [line.account]]
    return list(zip(_headings(matrix)[1:], texts, strict=True))


def _beside(matrix: Matrix) -> list[str]:
    return [*(["Partner Center only"] if matrix.company_roles else []), "FTOP", "Account"]


def as_csv(matrices: Sequence[Matrix]) -> str:
    """Every role and FTOP customer of every person, one a line, for a spreadsheet: it filters and pivots."""
    return csv_text(
        ("Tenant", "Key", "Person", "UPN", "Kind", "Role", "Gives", "Why", "FTOP", "Account"),
        (
            (matrix.name, line.key, line.name, line.upn, *what, _verdict(line), line.account)
            for matrix in matrices
            for line in matrix.lines
            for what in _csv_rows(line)
        ),
    )


def _csv_rows(line: Line) -> list[tuple[str, str, str, str]]:
    rows = [("Table 1", one.role.value, ", ".join(one.gives), one.why) for one in line.held]
    rows += [("Partner Center only", role.value, "", "given in Partner Center, by hand") for role in line.company_roles]
    rows += [("FTOP customer", ", ".join(one.roles), one.name, "assigned in FTOP, by hand") for one in line.customers]
    return rows or [("none", "", "", "")]


def document(matrices: Sequence[Matrix]) -> WhoDocument:
    """The same for machines."""
    return WhoDocument(tenants=tuple(map(_tenant, matrices)))


def _tenant(matrix: Matrix) -> TenantEntry:
    return TenantEntry(
        tenant=matrix.name,
        name=matrix.tenant.name,
        people=tuple(map(_person, matrix.lines)),
        answers={
            question: tuple(Contact(name=person.full_name, upn=person.upn) for person in people)
            for question, people in answers(matrix.tenant).items()
        },
        notes=notes(matrix.tenant),
    )


def _person(line: Line) -> PersonEntry:
    return PersonEntry(
        key=line.key,
        name=line.name,
        upn=line.upn,
        account=line.account,
        emergency=line.emergency,
        roles=line.held,
        company_roles=tuple(CompanyRoleHeld(role=role, may=COMPANY_ROLE_MAY[role]) for role in line.company_roles),
        ftop=FtopEntry(access=line.ftop_access.verdict, lacks=line.ftop_access.lacks),
        ftop_customers=line.customers,
    )


def print_list(matrix: Matrix, console: Console) -> None:
    """The list for a terminal: a person a row, and whom to ask."""
    title = Text(f"Who has what in {matrix.tenant.name}")
    grid = Table(title=title, title_justify="left", title_style="bold", show_lines=False)
    grid.add_column("Person", no_wrap=True)
    for heading in ("Roles", "Gives in Entra ID", "FTOP", "Account"):
        grid.add_column(heading, overflow="fold")
    for line in matrix.lines:
        # Text and not markup: a name in a declaration is never an instruction to the terminal.
        cells = (f"{line.name}\n{line.upn}", "\n".join(line.roles), "\n".join(line.gives), line.ftop, line.account)
        grid.add_row(*(Text(cell or "–") for cell in cells))
    console.print(grid if matrix.lines else Text(f"Nobody like that in {matrix.tenant.name}."))
    for question, people in matrix.answers().items():
        console.print(Text(f"- {question}: {people}"))
    for note in notes(matrix.tenant):
        console.print(Text(f"- {note}"))
