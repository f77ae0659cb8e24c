"""What a human has still to do, because no API can: who may, where, how, and how one sees that it worked.

Sources: *Establishing Partner Center (Org ID) credentials* (enrolment, FTOP approval, FastTrack Portal, customer
assignment), *How to associate a user to your MPN ID* (temporary password, who may manage users), *Create work
account* (agreement, address, domains).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import Final

from tenantry.access.declared import ftop_of, ftop_users, people_with_access, tool_users
from tenantry.declaration.ftop import Consent
from tenantry.declaration.models import Tenant, Tool
from tenantry.declaration.partner import Partner
from tenantry.declaration.person import Person
from tenantry.roles import ROW_OF, CompanyRole, Family, Ftop, PartnerRole

PARTNER_CENTER: Final = "https://partnercenter.microsoft.com"
FTOP: Final = "https://ftop.microsoft.com"
FTOP_APPROVAL: Final = "https://aka.ms/frpftoptenantapproval"
FASTTRACK_PORTAL: Final = "https://fasttrack.microsoft.com"
ENROLMENT: Final = "https://partnercenter.microsoft.com/pcv/register/joinnow/enrollmentWelcome/valueaddedreseller"
AZURE_PORTAL: Final = "https://portal.azure.com"
ENTRA_USERS: Final = "https://entra.microsoft.com/#view/Microsoft_AAD_UsersAndTenants/UserManagementMenuBlade/AllUsers"
ENTRA_DOMAINS: Final = "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/DomainsList.ReactView"
_USER_MANAGEMENT: Final = "Settings, User management"
_DNS_NAME: Final = re.compile(r"([a-z0-9-]+\.)+[a-z0-9-]+")
_FACTS_HOLD: Final = timedelta(days=366)


class Task(StrEnum):
    """What only some people may do."""

    CREATE_PEOPLE = "create people"
    ENTRA_ROLES = "give Entra roles"
    COMPANY_ROLES = "give Partner Center-only roles"
    FTOP_APPROVAL = "approve FTOP for the tenant"
    AGREEMENT = "sign the agreement"
    RELATIONSHIP = "approve a relationship"
    ENROLMENT = "enrol the tenant"
    TENANT_SETTINGS = "change the tenant's address and domains"
    FTOP_CUSTOMERS = "assign customers in FTOP"
    THEIR_OWN = "consent and register for oneself"


@dataclass(frozen=True)
class May:
    """Who may do something: whoever holds one of some roles or, without roles, as the text says."""

    text: str
    roles: tuple[PartnerRole | CompanyRole, ...] = ()


_ADMINS: Final = (PartnerRole.USER_MANAGEMENT_ADMIN, CompanyRole.ACCOUNT_ADMIN, PartnerRole.GLOBAL_ADMIN)

#: Who may do what: one table, for to-dos and for whoever approves a change.
WHO_MAY: Final[dict[Task, May]] = {
    Task.CREATE_PEOPLE: May("a User management admin, Account admin or Global admin", _ADMINS),
    Task.ENTRA_ROLES: May("a Global admin", (PartnerRole.GLOBAL_ADMIN,)),
    Task.COMPANY_ROLES: May("an Account admin or Global admin", (CompanyRole.ACCOUNT_ADMIN, PartnerRole.GLOBAL_ADMIN)),
    Task.FTOP_APPROVAL: May("a Global admin of this tenant", (PartnerRole.GLOBAL_ADMIN,)),
    Task.AGREEMENT: May("a person with authority to sign legal agreements"),
    Task.RELATIONSHIP: May("the customer"),
    Task.ENROLMENT: May("a person with a work e-mail address and authority to sign legal agreements"),
    Task.TENANT_SETTINGS: May("a Global admin of this tenant", (PartnerRole.GLOBAL_ADMIN,)),
    Task.FTOP_CUSTOMERS: May("an FTOP user of this tenant"),
    Task.THEIR_OWN: May("they themselves"),
}


@dataclass(frozen=True)
class Actor:
    """Who may do a to-do: by role and, where the declaration tells, by name."""

    text: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.text} ({', '.join(self.names)})" if self.names else self.text


def people_who_may(tenant: Tenant, task: Task) -> dict[str, Person]:
    """The people who may do something in a tenant by their roles, by key: no emergency account, nobody disabled."""
    roles = set(WHO_MAY[task].roles)
    return {
        key: person
        for key, person in people_with_access(tenant).items()
        if person.may_sign_in and not person.emergency and {*person.roles, *(person.company_roles or ())} & roles
    }


def who_may(tenant: Tenant, task: Task) -> Actor:
    """Who may do something in a tenant. Emergency accounts and those who may not sign in are not named."""
    people = people_who_may(tenant, task)
    if task is Task.FTOP_CUSTOMERS:
        users = {k: p for k, p in ftop_users(tenant).items() if ftop_of(tenant, k).verdict is Ftop.YES}
        people = {key: person for key, person in users.items() if person.may_sign_in}
    return Actor(WHO_MAY[task].text, tuple(person.full_name for person in people.values()))


class TodoKind(StrEnum):
    """The kinds of to-do. The value is how a to-do's id begins."""

    ENROL = "enrol"
    ACCEPT_AGREEMENT = "accept-agreement"
    ADDRESS_UP_TO_DATE = "address-up-to-date"
    VERIFY_DOMAIN = "verify-domain"
    APPROVE_FTOP = "approve-ftop"
    CONSENT = "consent"
    FASTTRACK_REGISTRATION = "fasttrack-registration"
    HAND_OVER = "hand-over"
    DISABLE = "disable"
    COMPANY_ROLE = "company-role"
    WITHDRAW_COMPANY_ROLE = "withdraw-company-role"
    ASSIGN = "assign"
    WITHDRAW = "withdraw"
    REDO_FTOP = "redo-ftop"


#: The kinds that come from the partner's file: whoever has only the tenant's cannot tell whether they are left.
OF_PARTNER: Final = frozenset({TodoKind.ACCEPT_AGREEMENT, TodoKind.ADDRESS_UP_TO_DATE})


@dataclass(frozen=True)
class Todo:
    """One thing to do by hand."""

    id: str
    """Stable: `done` in the tenant's file goes by it."""
    kind: TodoKind
    what: str
    actor: Actor
    link: str
    """The address to open, or the command to run."""
    steps: str
    done_when: str
    menu: str = ""
    """The way from the address to the page."""
    done_on: date | None = None
    people: tuple[str, ...] = ()
    """The keys of those whom it is about; none where it is about the tenant or the partner."""

    @property
    def who(self) -> str:
        """Who may do it, by role and, where the declaration tells, by name."""
        return str(self.actor)

    @property
    def where(self) -> str:
        """Where it is done."""
        return f"{self.link}, {self.menu}" if self.menu else self.link

    def __str__(self) -> str:
        done = f"Done on {self.done_on}" if self.done_on else f"Done when: {self.done_when}"
        return f"{self.what}. Who: {self.who}. Where: {self.where}. {self.steps} {done}"


def todos(tenant: Tenant, partner: Partner | None = None, today: date | None = None) -> tuple[Todo, ...]:
    """Everything that is still to do by hand in a tenant: what :func:`all_todos` gives, less what is done."""
    return tuple(todo for todo in all_todos(tenant, partner, today) if todo.done_on is None)


def all_todos(tenant: Tenant, partner: Partner | None = None, today: date | None = None) -> tuple[Todo, ...]:
    """Everything that the declaration leaves to people, open ones first, otherwise in the order of the file.

    What the partner's file says is read where it is given. ``today`` tells which stated dates are too old.
    """
    if not tenant.is_partner:
        return ()
    day = today or date.today()
    found = chain(
        _enrolment(tenant),
        _partner(tenant, partner, day) if partner else (),
        _domains(tenant),
        _ftop_approval(tenant),
        _fasttrack(tenant),
        _handovers(tenant),
        _leavers(tenant),
        _company_roles(tenant),
        _ftop_customers(tenant),
    )
    return tuple(sorted((_dated(todo, tenant, day) for todo in found), key=lambda todo: todo.done_on is not None))


def unknown_done(tenant: Tenant, partner: Partner | None = None, today: date | None = None) -> tuple[str, ...]:
    """The ids under `done` that are no to-do of the tenant (any more), in the order of the file."""
    known = {time for todo in all_todos(tenant, partner, today) for time in _up_to(todo.id)}
    if tenant.is_partner:
        # Whether these are left to do depends on dates and on the partner's file; naming them is no mistake.
        known |= {kind.value for kind in OF_PARTNER}
    return tuple(named for named in tenant.done if named not in known)


def _dated(todo: Todo, tenant: Tenant, today: date) -> Todo:
    done_on = tenant.done.get(todo.id)
    if done_on and todo.kind is TodoKind.ADDRESS_UP_TO_DATE and today - done_on > _FACTS_HOLD:
        return todo
    return replace(todo, done_on=done_on)


def todo_id(kind: TodoKind, *parts: str, time: int = 1) -> str:
    """The id of a to-do: its kind, what it is about, and from the second time on the number of the time."""
    return "/".join((kind.value, *parts, *_round(time)))


def _round(number: int) -> tuple[str, ...]:
    """What sets the second time of a to-do apart from the first."""
    return (str(number),) if number > 1 else ()


def _up_to(todo_id: str) -> Iterator[str]:
    """A to-do's id, and those of the earlier times that it had to be done."""
    yield todo_id
    base, _, number = todo_id.rpartition("/")
    if number.isdecimal():
        for earlier in range(1, int(number)):
            yield "/".join((base, *_round(earlier)))


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _enrolment(tenant: Tenant) -> Iterator[Todo]:
    """A tenant that is in one program is enrolled in Partner Center, and need not go through it again."""
    if tenant.programs:
        return
    kind, people = TodoKind.ENROL, people_with_access(tenant).values()
    if any(ROW_OF[role].family is Family.CSP for person in people for role in person.roles):
        program = "CSP"
    elif ftop_users(tenant) or tool_users(tenant, Tool.FASTTRACK_PORTAL):
        program = "FastTrack"
    else:
        program = "MAICPP"
    yield Todo(
        todo_id(kind, program.lower()),
        kind,
        f"Enrol {tenant.name} in Partner Center ({program})",
        who_may(tenant, Task.ENROLMENT),
        ENROLMENT,
        "Choose Partner, sign in with a work account of this tenant (a new one brings a new tenant and a billing "
        "account), choose an Organization account, give the legal name and address exactly as registered and a "
        "primary contact, and no payment data to anybody but Microsoft; then declare the day under `programs`.",
        f"{PARTNER_CENTER} shows {program} under Account settings, Programs",
    )


def _partner(tenant: Tenant, partner: Partner, today: date) -> Iterator[Todo]:
    if partner.agreement is None:
        yield Todo(
            todo_id(TodoKind.ACCEPT_AGREEMENT),
            TodoKind.ACCEPT_AGREEMENT,
            "Accept the Microsoft Partner Agreement",
            who_may(tenant, Task.AGREEMENT),
            PARTNER_CENTER,
            "Read and accept it; then declare `agreement` with the day and the name in partner.yaml.",
            "Partner Center shows the agreement as accepted",
            "Account settings, Agreements",
        )
    checked = partner.legal.checked_on if partner.legal else None
    if checked is None or today - checked > _FACTS_HOLD:
        yield Todo(
            todo_id(TodoKind.ADDRESS_UP_TO_DATE),
            TodoKind.ADDRESS_UP_TO_DATE,
            "See that the organisation's name and address are up to date",
            who_may(tenant, Task.TENANT_SETTINGS),
            AZURE_PORTAL,
            "Compare them with the business register, character by character; mend what differs; then declare the day "
            "as `legal.checked_on` in partner.yaml.",
            "register, Azure portal and partner.yaml say the same",
            "Microsoft Entra ID, Properties, and Cost Management + Billing",
        )


def _domains(tenant: Tenant) -> Iterator[Todo]:
    """Domains that somebody is to sign in with, and that the tenant has not verified."""
    people = people_with_access(tenant).values()
    for domain in dict.fromkeys(_dns_name(person.upn.rpartition("@")[2]) for person in people):
        if domain and domain not in tenant.domains.all:
            yield Todo(
                todo_id(TodoKind.VERIFY_DOMAIN, domain),
                TodoKind.VERIFY_DOMAIN,
                f"Verify the domain {domain} in {tenant.name}",
                who_may(tenant, Task.TENANT_SETTINGS),
                ENTRA_DOMAINS,
                "Add the domain, put the TXT record that is shown into its DNS zone, choose Verify; then list it under "
                "`domains.verified`. A domain can be verified in one tenant at a time.",
                f"the domain's status is Verified, and {domain} can be chosen for a sign-in name",
                "Custom domain names",
            )


def _dns_name(domain: str) -> str | None:
    """A domain as DNS has it; None for what cannot be one, of which rule PT-305 speaks."""
    try:
        name = domain.lower().encode("idna").decode()
    except UnicodeError:
        return None
    return name if _DNS_NAME.fullmatch(name) else None


def _ftop_approval(tenant: Tenant) -> Iterator[Todo]:
    users = ftop_users(tenant)
    state = tenant.ftop.approval.state if tenant.ftop and tenant.ftop.approval else Consent.PENDING
    if not users or state is Consent.TENANT:
        return
    application = tenant.ftop.application_id if tenant.ftop else None
    if state is Consent.PENDING:
        yield Todo(
            todo_id(TodoKind.APPROVE_FTOP),
            TodoKind.APPROVE_FTOP,
            "Approve FTOP for the whole tenant",
            who_may(tenant, Task.FTOP_APPROVAL),
            f"https://login.microsoftonline.com/{tenant.id}/adminconsent?client_id={application}"
            if application
            else FTOP_APPROVAL,
            "Open the address in a private browser window, sign in, choose Accept; ignore the harmless "
            '"Page not found" at the end; then declare `ftop.approval`'
            + (", and pin the consent as the next `pulumi preview` says." if application else "."),
            "an FTOP user signs in without being asked to approve",
        )
    for key, person in users.items():
        if person.may_sign_in and not tenant.has_consented(key):
            yield Todo(
                todo_id(TodoKind.CONSENT, key),
                TodoKind.CONSENT,
                f"Consent to FTOP as {person.full_name}, unless the whole tenant is approved first",
                Actor(WHO_MAY[Task.THEIR_OWN].text, (person.full_name,)),
                FTOP,
                f"Sign in as {person.upn}, choose Accept; then declare the day as `{key}` under `ftop.consents`.",
                f"{person.full_name} sees the Partner List without being asked to approve",
                people=(key,),
            )


def _fasttrack(tenant: Tenant) -> Iterator[Todo]:
    for key, person in tool_users(tenant, Tool.FASTTRACK_PORTAL).items():
        if person.may_sign_in:
            yield Todo(
                todo_id(TodoKind.FASTTRACK_REGISTRATION, key),
                TodoKind.FASTTRACK_REGISTRATION,
                f"Register {person.full_name} in the FastTrack Portal",
                Actor(WHO_MAY[Task.THEIR_OWN].text, (person.full_name,)),
                FASTTRACK_PORTAL,
                f"Sign in as {person.upn}, accept the permissions request if there is one, complete the registration "
                "form.",
                f"{person.full_name} can open a Request for Assistance",
                people=(key,),
            )


def _handovers(tenant: Tenant) -> Iterator[Todo]:
    for key, person in people_with_access(tenant).items():
        if not person.adopted and person.may_sign_in:
            steps = f"Give `{key}`'s password in person or by telephone, never by mail."
            done_when = f"{person.full_name} has signed in at {PARTNER_CENTER} and chosen a password"
            if person.emergency:
                steps = f"Sign in with `{key}`'s password, choose a new one, and seal it where two people can reach it."
                done_when = "the new password is sealed"
            yield Todo(
                todo_id(TodoKind.HAND_OVER, key, time=person.password_round or 1),
                TodoKind.HAND_OVER,
                f"Hand the temporary password to {person.full_name} ({person.upn})",
                Actor("whoever may read the stack's secrets"),
                f"tenantry handover {key}",
                steps,
                done_when,
                people=(key,),
            )


def _leavers(tenant: Tenant) -> Iterator[Todo]:
    """Leavers whose accounts are adopted: no update writes such an account, so that it stays able to sign in."""
    for key, person in tenant.members.items():
        if person.adopted and person.leaves:
            yield Todo(
                todo_id(TodoKind.DISABLE, key),
                TodoKind.DISABLE,
                f"Disable the account of {person.full_name} ({person.upn}), who leaves and whose account is adopted",
                who_may(tenant, Task.CREATE_PEOPLE),
                ENTRA_USERS,
                f"Open {person.upn}, clear Account enabled, and choose Revoke sessions; an administrator's account "
                "needs a Global admin.",
                f"`tenantry drift` no longer says that {person.full_name} can still sign in",
                people=(key,),
            )


def _company_roles(tenant: Tenant) -> Iterator[Todo]:
    for key, person in tenant.members.items():
        kind = TodoKind.WITHDRAW_COMPANY_ROLE if person.leaves else TodoKind.COMPANY_ROLE
        for role in person.company_roles or ():
            holds, tick, lists = (
                ("no longer holds", "clear", "does not list") if person.leaves else ("holds", "tick", "lists")
            )
            yield Todo(
                todo_id(kind, key, _slug(role)),
                kind,
                f"See that {person.full_name} {holds} {role}",
                who_may(tenant, Task.COMPANY_ROLES),
                PARTNER_CENTER,
                f"Select {person.upn}, {tick} {role}, choose Update.",
                f"filtering User management on {role} {lists} {person.full_name}",
                _USER_MANAGEMENT,
                people=(key,),
            )


def _ftop_customers(tenant: Tenant) -> Iterator[Todo]:
    who = who_may(tenant, Task.FTOP_CUSTOMERS)
    for customer_key, customer in (tenant.ftop.customers if tenant.ftop else {}).items():
        for key, roles in customer.assignments.items():
            person = tenant.members.get(key)
            if person is not None and (person.leaves or ftop_of(tenant, key).verdict is not Ftop.NO):
                yield from _assignment(who, (customer_key, customer.name), (key, person), roles)


def _assignment(who: Actor, customer: tuple[str, str], one: tuple[str, Person], roles: Iterable[str]) -> Iterator[Todo]:
    (customer_key, name), (key, person) = customer, one
    if person.leaves:
        yield Todo(
            todo_id(TodoKind.WITHDRAW, customer_key, key),
            TodoKind.WITHDRAW,
            f"Withdraw {name} from {person.full_name}",
            who,
            FTOP,
            f"Open the record under Partner List, remove {person.upn}, choose Apply Assignments; then remove `{key}` "
            f"from the assignments of `{customer_key}`.",
            f"the record of {name} no longer names {person.upn}",
            people=(key,),
        )
        return
    yield Todo(
        todo_id(TodoKind.ASSIGN, customer_key, key),
        TodoKind.ASSIGN,
        f"Assign {name} to {person.full_name} as {', '.join(roles)}",
        who,
        FTOP,
        f"Open the record under Partner List, enter {person.upn}, choose Apply Assignments.",
        f"{person.full_name} sees {name} under My Active Tenants and can edit it",
        people=(key,),
    )
    if person.former_upns:
        yield Todo(
            todo_id(TodoKind.REDO_FTOP, customer_key, key, time=len(person.former_upns)),
            TodoKind.REDO_FTOP,
            f"Assign {name} to {person.full_name} anew: FTOP goes by the sign-in name, which has changed",
            who,
            FTOP,
            f"Open the record under Partner List, replace {', '.join(person.former_upns)} by {person.upn}, choose "
            "Apply Assignments.",
            f"{person.full_name} sees {name} under My Active Tenants and can edit it",
            people=(key,),
        )
