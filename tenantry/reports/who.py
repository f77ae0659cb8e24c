"""Who has what in a tenant, and why: the answer of ``tenantry who`` and of the stack's outputs.

How to associate a user to your MPN ID tells people to "find your global admin" and to ask who may manage users:
:func:`answers` says it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenantry.access.declared import ftop_of, people_with_access, powers_of
from tenantry.declaration.models import FtopRole, Person, Purpose, Tenant
from tenantry.findings import Record
from tenantry.roles import ROW_OF, AgentGroup, CompanyRole, DirectoryRole, Ftop, FtopAccess, PartnerRole, Power
from tenantry.spelling import folded
from tenantry.todo import Task, people_who_may

#: What everybody should know who reads such a table.
NOTES = (
    "Partner Center shows a change within an hour.",
    "Agent groups alone open no customer's tenant (that takes delegated privileges); members of AdminAgents own the "
    "Azure subscriptions of CSP customers all the same.",
)


class Capability(StrEnum):
    """What ``--can`` asks for."""

    FTOP = "ftop"
    """Who gets into FTOP."""
    MANAGE_USERS = "manage-users"
    """Who may create people and change their roles."""
    APPROVE_FTOP = "approve-ftop"
    """Who may approve FTOP for the whole tenant."""


class Held(Record):
    """One role of Table 1 that somebody holds, and what it gives them."""

    role: PartnerRole
    """Its name."""
    why: str
    """The row of Table 1 that it comes from, in the document's words."""
    gives: tuple[str, ...]
    """Agent groups and directory roles, with how they are held where that is not active and everywhere."""
    may: str
    """What it may do."""


class Customer(Record):
    """An FTOP customer whose record somebody may write."""

    key: str
    """Its key under `ftop.customers`."""
    name: str
    """Its name."""
    roles: tuple[FtopRole, ...]
    """The roles in which they are assigned to it."""


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
    ftop: str
    """Whether they get into FTOP, what they read there, and the customers whose records they may write."""
    account: str
    """Whether the account is adopted or made here, and whether it may sign in."""
    held: tuple[Held, ...]
    """The matrix: each role of Table 1 with what it gives."""
    company_roles: tuple[CompanyRole, ...]
    emergency: bool
    ftop_access: FtopAccess
    customers: tuple[Customer, ...]


@dataclass(frozen=True)
class Filter:
    """Which people to show: those who meet everything that is asked."""

    role: PartnerRole | CompanyRole | None = None
    person: str | None = None
    """A key, or a part of a name or UPN, case and Unicode form aside."""
    can: Capability | None = None

    def among(self, tenant: Tenant, lines: Iterable[Line]) -> tuple[Line, ...]:
        """Those of some people who are to be shown."""
        able = None if self.can is None else _WHO_CAN[self.can](tenant)
        return tuple(
            line
            for line in lines
            if (able is None or line.key in able)
            and (self.role is None or self.role in {*(held.role for held in line.held), *line.company_roles})
            and (self.person is None or self._is_named(line, folded(self.person)))
        )

    @staticmethod
    def _is_named(line: Line, text: str) -> bool:
        return any(text in folded(name) for name in (line.key, line.name, line.upn))


def who(tenant: Tenant, wanted: Filter | None = None) -> tuple[Line, ...]:
    """A line a person who is wanted, in the order of the file."""
    return (wanted or Filter()).among(tenant, _lines(tenant))


def _enters_ftop(tenant: Tenant) -> dict[str, Person]:
    people = {key: person for key, person in tenant.members.items() if person.may_sign_in}
    return {key: person for key, person in people.items() if ftop_of(tenant, key).verdict is Ftop.YES}


_WHO_CAN: Final[dict[Capability, Callable[[Tenant], dict[str, Person]]]] = {
    Capability.FTOP: _enters_ftop,
    Capability.MANAGE_USERS: lambda tenant: people_who_may(tenant, Task.CREATE_PEOPLE),
    Capability.APPROVE_FTOP: lambda tenant: people_who_may(tenant, Task.FTOP_APPROVAL),
}

#: The questions of *How to associate a user to your MPN ID*, in its words.
QUESTIONS: Final[dict[str, Callable[[Tenant], dict[str, Person]]]] = {
    "Who can manage users here": lambda tenant: people_who_may(tenant, Task.CREATE_PEOPLE),
    "Your global admin": lambda tenant: _who_holds(tenant, PartnerRole.GLOBAL_ADMIN),
    "An account admin": lambda tenant: _who_holds(tenant, CompanyRole.ACCOUNT_ADMIN),
}


def answers(tenant: Tenant) -> dict[str, tuple[Person, ...]]:
    """Each question with the people to ask: no emergency account, nobody who may not sign in."""
    return {question: tuple(answer(tenant).values()) for question, answer in QUESTIONS.items()}


def _who_holds(tenant: Tenant, role: PartnerRole | CompanyRole) -> dict[str, Person]:
    return {
        key: person
        for key, person in people_with_access(tenant).items()
        if person.may_sign_in and not person.emergency and role in (*person.roles, *(person.company_roles or ()))
    }


def _lines(tenant: Tenant) -> tuple[Line, ...]:
    lines = []
    for key, person in tenant.members.items():
        emergency = " (emergency)" if person.emergency else ""
        lines.append(
            Line(
                key,
                person.full_name,
                person.upn,
                (*(f"{role}{emergency}" for role in person.roles), *(person.company_roles or ())),
                _gives(person, powers_of(tenant, person)),
                "; ".join(_ftop(tenant, key)),
                ("adopted" if person.adopted else "made here") + (f", {person.state}" if person.state else ""),
                tuple(_role(tenant, person, role) for role in _kept(person)),
                () if person.leaves else person.company_roles or (),
                person.emergency,
                ftop_of(tenant, key),
                tuple(_customers(tenant, key)),
            )
        )
    return tuple(lines)


def _role(tenant: Tenant, person: Person, role: PartnerRole) -> Held:
    row, gives = ROW_OF[role], _gives(person, powers_of(tenant, person, [role]))
    return Held(role=role, why=f"{row.group_membership}; {row.admin_center_role}", gives=gives, may=row.may)


def _kept(person: Person) -> tuple[PartnerRole, ...]:
    """The roles that somebody keeps: none of a leaver's."""
    return () if person.leaves else person.roles


def _gives(person: Person, powers: frozenset[Power]) -> tuple[str, ...]:
    return (
        *(group.value for group in AgentGroup if group in powers),
        *(_held(person, role) for role in DirectoryRole if role in powers),
    )


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
    for customer in _customers(tenant, key):
        yield f"{customer.name}: {', '.join(customer.roles)}"


def _customers(tenant: Tenant, key: str) -> Iterator[Customer]:
    if tenant.ftop and not tenant.members[key].leaves:
        for customer_key, customer in tenant.ftop.customers.items():
            if key in customer.assignments:
                yield Customer(key=customer_key, name=customer.name, roles=tuple(customer.assignments[key]))


def who_has_what(tenant: Tenant) -> dict[str, list[str]]:
    """UPN to what they hold in Entra ID and their Partner Center-only roles: the stack's output."""
    company = {line.key: list(tenant.members[line.key].company_roles or ()) for line in who(tenant)}
    return {line.upn: [*line.gives, *(str(role) for role in company[line.key])] for line in who(tenant)}


def notes(tenant: Tenant) -> tuple[str, ...]:
    """What a reader of the table must know of this tenant."""
    both = "Global admins here are Global Administrators over all the company's own users too."
    return (both, *NOTES) if Purpose.OWN_USE in tenant.purpose else NOTES
