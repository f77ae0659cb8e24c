"""What a human has still to do, because no API can: who may, where, how, and how one sees that it worked.

Sources: *Establishing Partner Center (Org ID) credentials* (FTOP approval, customer assignment), *How to
associate a user to your MPN ID* (temporary password, who may manage users).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tenantry.access.declared import ftop_of, holders, people_with_access
from tenantry.declaration.models import Tenant
from tenantry.roles import CompanyRole, DirectoryRole, Ftop

PARTNER_CENTER: Final = "https://partnercenter.microsoft.com"
FTOP: Final = "https://ftop.microsoft.com"
FTOP_APPROVAL: Final = "https://aka.ms/frpftoptenantapproval"
ENROLMENT: Final = "https://partnercenter.microsoft.com/pcv/register/joinnow/enrollmentWelcome/valueaddedreseller"


@dataclass(frozen=True, order=True)
class Todo:
    """One thing to do by hand."""

    what: str
    who: str
    """Who may do it, by role and, where the declaration tells, by name."""
    where: str
    steps: str
    done_when: str

    def __str__(self) -> str:
        return f"{self.what}. Who: {self.who}. Where: {self.where}. {self.steps} Done when: {self.done_when}"


def todos(tenant: Tenant) -> tuple[Todo, ...]:
    """Everything that the tenant's declaration leaves to people, in the order of the file."""
    return (*_ftop_approval(tenant), *_handovers(tenant), *_company_roles(tenant), *_ftop_customers(tenant))


def _named(role: str, names: list[str]) -> str:
    article = "an" if role[0] in "AEIOU" else "a"
    return f"{article} {role} ({', '.join(names)})" if names else f"{article} {role}"


def _global_admins(tenant: Tenant) -> str:
    people = holders(tenant, DirectoryRole.GLOBAL_ADMINISTRATOR).values()
    return _named("Global admin of this tenant", [person.full_name for person in people if not person.emergency])


def _account_admins(tenant: Tenant) -> str:
    people = people_with_access(tenant).values()
    names = [p.full_name for p in people if CompanyRole.ACCOUNT_ADMIN in (p.company_roles or ())]
    return _named("Account admin or Global admin", names)


def _ftop_approval(tenant: Tenant) -> Iterator[Todo]:
    if tenant.ftop and not tenant.ftop.approval:
        yield Todo(
            "Approve FTOP for the whole tenant",
            _global_admins(tenant),
            FTOP_APPROVAL,
            "Open the address in a private browser window, sign in, choose Accept; ignore the harmless "
            '"Page not found" at the end; then declare `ftop.approval`.',
            "an FTOP user signs in without being asked to approve",
        )


def _handovers(tenant: Tenant) -> Iterator[Todo]:
    for key, person in people_with_access(tenant).items():
        if not person.adopted and person.may_sign_in:
            yield Todo(
                f"Hand the temporary password to {person.full_name} ({person.upn})",
                "whoever may read the stack's secrets",
                "pulumi stack output temporary_passwords --show-secrets",
                f"Give `{key}`'s password in person or by telephone, never by mail.",
                f"{person.full_name} has signed in at {PARTNER_CENTER} and chosen a password",
            )


def _company_roles(tenant: Tenant) -> Iterator[Todo]:
    for person in people_with_access(tenant).values():
        for role in person.company_roles or ():
            yield Todo(
                f"See that {person.full_name} holds {role}",
                _account_admins(tenant),
                f"{PARTNER_CENTER}, Settings, User management",
                f"Select {person.upn}, tick {role}, choose Update.",
                f"filtering User management on {role} lists {person.full_name}",
            )


def _ftop_customers(tenant: Tenant) -> Iterator[Todo]:
    if not tenant.ftop:
        return
    people = people_with_access(tenant)
    for customer in tenant.ftop.customers.values():
        for key, roles in customer.assignments.items():
            if key in people and ftop_of(tenant, people[key]).verdict is not Ftop.NO:
                upn = people[key].upn
                yield Todo(
                    f"Assign {customer.name} to {people[key].full_name} as {', '.join(roles)}",
                    "an FTOP user of this tenant",
                    FTOP,
                    f"Open the record under Partner List, enter {upn}, choose Apply Assignments.",
                    f"{people[key].full_name} sees {customer.name} under My Active Tenants and can edit it",
                )
