"""Who has what in a tenant, and why: the answer of ``tenantry who`` and of the stack's outputs.

"How to associate a user to your MPN ID" asks people to "find your global admin" and to ask who may manage users:
:data:`QUESTIONS` has the answers.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from tenantry.access.declared import (
    customer_roles,
    ftop_of,
    identities_in,
    lasts,
    people_with_access,
    powers_of,
)
from tenantry.declaration import Stack
from tenantry.declaration.ftop import FtopRole
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Purpose, Tenant
from tenantry.findings import Record
from tenantry.roles import (
    COMPANY_ROLE_MAY,
    ROW_OF,
    AgentGroup,
    CompanyRole,
    DirectoryRole,
    Ftop,
    FtopAccess,
    PartnerRole,
    Power,
)
from tenantry.spelling import folded
from tenantry.todo import Task, people_who_may

#: What everybody should know who reads such a table.
NOTES = (
    "Partner Center shows a change within an hour.",
    "Agent groups do not give access to a customer's tenant; GDAP does. But members of AdminAgents own the "
    "Azure subscriptions of CSP customers.",
)


class Capability(StrEnum):
    """What ``--can`` asks for."""

    FTOP = "ftop"
    """Who gets into FTOP."""
    MANAGE_USERS = "manage-users"
    """Who may create people and change their roles."""
    APPROVE_FTOP = "approve-ftop"
    """Who may approve FTOP for the whole tenant."""


class RoleHeld(Record):
    """One role of Table 1 that somebody holds, and what it gives them."""

    role: PartnerRole
    """Its name."""
    why: str
    """The row of Table 1 that it comes from, in the document's words."""
    gives: tuple[str, ...]
    """Agent groups and directory roles, with how they are held where that is not active and everywhere."""
    may: str
    """What it may do."""
    until: date | None = None
    """The first day on which the declaration no longer gives it; null where it does not end."""


class CompanyRoleHeld(Record):
    """A role that is given in Partner Center only."""

    role: CompanyRole
    """Its name."""
    may: str
    """What it may do."""


class FtopStatus(Record):
    """Whether somebody gets into FTOP."""

    access: Ftop
    """Whether they do."""
    lacks: tuple[str, ...]
    """What somebody who is incomplete lacks."""

    def __str__(self) -> str:
        return str(FtopAccess(self.access, self.lacks))


class Customer(Record):
    """An FTOP customer whose record somebody may write."""

    key: str
    """Its key under `ftop.customers`."""
    name: str
    """Its name."""
    roles: tuple[FtopRole, ...]
    """The roles in which they are assigned to it."""


class RoleAtCustomer(Record):
    """A role that somebody holds at a customer, by a GDAP relationship."""

    customer: str
    """The customer's key under `customers`."""
    name: str
    """The customer's name."""
    tenant_id: str
    """The customer's tenant id."""
    domain: str
    """A domain of the customer's."""
    role: str
    """The directory role's name."""
    group: str
    """The security group through which they hold it."""
    relationship: str
    """The relationship's display name."""
    lasts: str
    """How long the relationship lasts: the declaration does not know when the customer approved it."""


class PersonAccess(Record):
    """What one person has."""

    key: str
    """Their key under `people`."""
    name: str
    """Their full name."""
    upn: str
    """Their sign-in name."""
    account: str
    """Whether the account is adopted or created by the stack, and whether it may sign in."""
    emergency: bool
    """Whether it is an emergency account."""
    notes: tuple[str, ...] = ()
    """Roles that end, and the agent group that a Global admin is kept out of, each with its end."""
    roles: tuple[RoleHeld, ...]
    """The roles of Table 1; none of a leaver's."""
    company_roles: tuple[CompanyRoleHeld, ...]
    """The roles that are given in Partner Center only."""
    ftop: FtopStatus
    """Whether they get into FTOP."""
    ftop_customers: tuple[Customer, ...]
    """The customers whose records they may write."""
    customers: tuple[RoleAtCustomer, ...] = ()
    """The roles that they hold at customers; where customers are asked for, at those."""
    gives: tuple[str, ...] = Field(exclude=True)
    """What all their roles give in Entra ID."""
    declared_roles: tuple[str, ...] = Field(exclude=True)
    """The roles as declared, a leaver's too: those of Table 1, then those of Partner Center only."""

    @property
    def ftop_summary(self) -> str:
        """Whether they get into FTOP, what they read there, and the customers whose records they may write."""
        reads = ", reads all customers" if self.ftop.access is Ftop.YES else ""
        customers = (f"{item.name}: {', '.join(item.roles)}" for item in self.ftop_customers)
        return "; ".join((f"{self.ftop}{reads}", *customers))


class IdentityAccess(Record):
    """What one service principal has that is declared as an identity."""

    key: str
    """Its key under `identities`."""
    name: str
    """Its name."""
    object_id: str
    """Its object id."""
    groups: tuple[AgentGroup, ...]
    """The agent groups that it is in."""
    owner: str
    """Who is responsible for it."""
    reason: str
    """Why it has them."""
    until: date
    """The last day on which the declaration gives them."""


class Contact(Record):
    """Somebody to ask."""

    name: str
    """Their full name."""
    upn: str
    """Their sign-in name."""


class TenantAccess(Record):
    """Who has what in one tenant."""

    tenant: str
    """As `tenantry:tenant` names it: contoso/us."""
    name: str
    """The tenant's name."""
    people: tuple[PersonAccess, ...]
    """Those who are asked for, in the order of the file."""
    identities: tuple[IdentityAccess, ...] = ()
    """Service principals that are declared to be in an agent group; none where people are asked for."""
    answers: dict[str, tuple[Contact, ...]]
    """Each question of the guide with the people to ask."""
    notes: tuple[str, ...]
    """What a reader must know of this tenant."""

    @classmethod
    def of(cls, stack: Stack, wanted: "Filter | None" = None) -> "TenantAccess":
        """The people of a tenant who are wanted, and the answers, which name others too."""
        contacts = {
            question: tuple(Contact(name=person.full_name, upn=person.upn) for person in answer(stack.tenant).values())
            for question, answer in QUESTIONS.items()
        }
        return cls(
            tenant=stack.name,
            name=stack.tenant.name,
            people=who(stack.tenant, wanted),
            identities=() if wanted and wanted != Filter() else tuple(_identities(stack.tenant)),
            answers=contacts,
            notes=notes(stack.tenant),
        )


class WhoDocument(Record):
    """What ``tenantry who --format json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    tenants: tuple[TenantAccess, ...]
    """One for each tenant."""


@dataclass(frozen=True)
class Filter:
    """Which people to show: those who meet everything that is asked."""

    role: PartnerRole | CompanyRole | None = None
    person: str | None = None
    """A key, or a part of a name or UPN, case and Unicode form aside."""
    can: Capability | None = None
    customer: str | None = None
    """A customer: a part of its key, name, domain or tenant id, in the same way."""

    def customers(self, tenant: Tenant) -> tuple[str, ...]:
        """The keys of the customers that are asked for; all where none is."""
        text = folded(self.customer or "")
        return tuple(
            key
            for key, one in tenant.customers.items()
            if any(text in folded(name) for name in (key, one.name, one.domain or "", one.tenant_id))
        )

    def among(self, tenant: Tenant, people: Iterable[PersonAccess]) -> tuple[PersonAccess, ...]:
        """Those of some people who are to be shown."""
        able = None if self.can is None else _WHO_CAN[self.can](tenant)
        return tuple(
            person
            for person in people
            if (able is None or person.key in able)
            and (self.customer is None or person.customers)
            and (
                self.role is None
                or self.role in {*(item.role for item in person.roles), *(item.role for item in person.company_roles)}
            )
            and (self.person is None or self._is_named(person, folded(self.person)))
        )

    @staticmethod
    def _is_named(person: PersonAccess, text: str) -> bool:
        return any(text in folded(name) for name in (person.key, person.name, person.upn))


def who(tenant: Tenant, wanted: Filter | None = None) -> tuple[PersonAccess, ...]:
    """What each person has who is wanted, in the order of the file."""
    wanted = wanted or Filter()
    held = _at_customers(tenant, wanted.customers(tenant))
    return wanted.among(tenant, (_person(tenant, key, item, held.get(key, ())) for key, item in tenant.members.items()))


def _at_customers(tenant: Tenant, customers: Collection[str]) -> dict[str, list[RoleAtCustomer]]:
    found: dict[str, list[RoleAtCustomer]] = {}
    for held in customer_roles(tenant):
        relationship = held.relationship
        if relationship.customer_key in customers:
            role = RoleAtCustomer(
                customer=relationship.customer_key,
                name=relationship.customer.name,
                tenant_id=relationship.customer.tenant_id,
                domain=relationship.customer.domain or "",
                role=held.role.name,
                group=held.group.name,
                relationship=relationship.display_name,
                lasts=lasts(relationship),
            )
            found.setdefault(held.person, []).append(role)
    return found


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


def _who_holds(tenant: Tenant, role: PartnerRole | CompanyRole) -> dict[str, Person]:
    return {
        key: person
        for key, person in people_with_access(tenant).items()
        if person.may_sign_in and not person.emergency and role in (*person.roles, *(person.company_roles or ()))
    }


def _person(tenant: Tenant, key: str, person: Person, customers: Iterable[RoleAtCustomer]) -> PersonAccess:
    emergency = " (emergency)" if person.emergency else ""
    access, company = ftop_of(tenant, key), person.company_roles or ()
    return PersonAccess(
        key=key,
        name=person.full_name,
        upn=person.upn,
        account=("adopted" if person.adopted else "created here") + (f", {person.state}" if person.state else ""),
        emergency=person.emergency,
        notes=() if person.leaves else tuple(_stated(person)),
        roles=() if person.leaves else tuple(_role(tenant, person, role) for role in person.roles),
        company_roles=()
        if person.leaves
        else tuple(CompanyRoleHeld(role=role, may=COMPANY_ROLE_MAY[role]) for role in company),
        ftop=FtopStatus(access=access.verdict, lacks=access.lacks),
        ftop_customers=tuple(_customers(tenant, key)),
        customers=tuple(customers),
        gives=_gives(person, powers_of(tenant, person)),
        declared_roles=(*(f"{role}{emergency}" for role in person.roles), *company),
    )


def _stated(person: Person) -> Iterator[str]:
    for role, end in person.until.items():
        yield f"{role} until {end.date}: {end.reason}"
    for group, deviation in person.without.items():
        yield f"not in {group} until {deviation.until}: {deviation.reason} ({deviation.owner})"


def _role(tenant: Tenant, person: Person, role: PartnerRole) -> RoleHeld:
    row, gives = ROW_OF[role], _gives(person, powers_of(tenant, person, [role]))
    why, end = f"{row.group_membership}; {row.admin_center_role}", person.until.get(role)
    return RoleHeld(role=role, why=why, gives=gives, may=row.may, until=end.date if end else None)


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


def _customers(tenant: Tenant, key: str) -> Iterator[Customer]:
    if tenant.ftop and not tenant.members[key].leaves:
        for customer_key, customer in tenant.ftop.customers.items():
            if key in customer.assignments:
                yield Customer(key=customer_key, name=customer.name, roles=tuple(customer.assignments[key]))


def _identities(tenant: Tenant) -> Iterator[IdentityAccess]:
    for key, item in tenant.identities.items():
        yield IdentityAccess(
            key=key,
            name=item.name,
            object_id=item.object_id,
            groups=tuple(group for group in AgentGroup if key in identities_in(tenant, group)),
            owner=item.owner,
            reason=item.reason,
            until=item.until,
        )


def who_has_what(tenant: Tenant) -> dict[str, list[str]]:
    """UPN to what they hold in Entra ID and their Partner Center-only roles: the stack's output."""
    return {person.upn: [*person.gives, *(tenant.members[person.key].company_roles or ())] for person in who(tenant)}


def notes(tenant: Tenant) -> tuple[str, ...]:
    """What a reader of the table must know of this tenant."""
    both = "Global admins here are also Global Administrators over all users of the company itself."
    return (both, *NOTES) if Purpose.OWN_USE in tenant.purpose else NOTES
