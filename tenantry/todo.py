"""What a human has still to do, because no API can: who may, where, how, and how one sees that it worked.

Sources: *Establishing Partner Center (Org ID) credentials* (enrolment, FTOP approval, FastTrack Portal, customer
assignment), *How to associate a user to your MPN ID* (temporary password, who may manage users), *Create work
account* (agreement, address, domains).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, partial
from importlib.resources import files
from itertools import chain
from typing import Final

from ruamel.yaml import YAML

from tenantry.access.declared import ended, ftop_of, ftop_users, people_with_access, tool_users
from tenantry.declaration.ftop import Consent
from tenantry.declaration.partner import Partner
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant, Tool
from tenantry.roles import ROW_OF, CompanyRole, Family, Ftop, PartnerRole

PARTNER_CENTER: Final = "https://partnercenter.microsoft.com"
FTOP: Final = "https://ftop.microsoft.com"
FTOP_APPROVAL: Final = "https://aka.ms/frpftoptenantapproval"
ENROLMENT: Final = "https://partnercenter.microsoft.com/pcv/register/joinnow/enrollmentWelcome/valueaddedreseller"
_ADMIN_CONSENT: Final = "https://login.microsoftonline.com/{}/adminconsent"
_LINKS: Final = {"PARTNER_CENTER": PARTNER_CENTER, "FTOP": FTOP, "ENROLMENT": ENROLMENT}
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
    SECRETS = "read the stack's secrets"
    DEPLOY = "apply the declaration"


@dataclass(frozen=True)
class May:
    """Who may do something: who holds one of some roles or, without roles, as the text says."""

    text: str
    roles: tuple[PartnerRole | CompanyRole, ...] = ()


_ADMINS: Final = (PartnerRole.USER_MANAGEMENT_ADMIN, CompanyRole.ACCOUNT_ADMIN, PartnerRole.GLOBAL_ADMIN)

#: Who may do what: one table, for to-dos and for the approval of changes.
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
    Task.THEIR_OWN: May("the person"),
    Task.SECRETS: May("anybody who can read the stack's secrets"),
    Task.DEPLOY: May("anybody who may run `pulumi up`"),
}


@dataclass(frozen=True)
class Actor:
    """Who may do a to-do: by role and, where the declaration shows it, by name."""

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
    PAPERWORK = "paperwork"
    ADDRESS_UP_TO_DATE = "address-up-to-date"
    VERIFY_DOMAIN = "verify-domain"
    APPROVE_FTOP = "approve-ftop"
    CONSENT = "consent"
    FASTTRACK_REGISTRATION = "fasttrack-registration"
    HAND_OVER = "hand-over"
    DISABLE = "disable"
    TAKE_AWAY = "take-away"
    COMPANY_ROLE = "company-role"
    WITHDRAW_COMPANY_ROLE = "withdraw-company-role"
    ASSIGN = "assign"
    WITHDRAW = "withdraw"
    REDO_FTOP = "redo-ftop"
    RESELLER_RELATIONSHIP = "reseller-relationship"
    APPROVE_GDAP = "approve-gdap"


#: The kinds that come from the partner's file: the tenant's alone does not say whether they are left.
OF_PARTNER: Final = frozenset({TodoKind.ACCEPT_AGREEMENT, TodoKind.ADDRESS_UP_TO_DATE, TodoKind.PAPERWORK})


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
        """Who may do it, by role and, where the declaration shows it, by name."""
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

    What the partner's file says is read where it is given. ``today`` decides which stated dates are too old.
    """
    if not tenant.is_partner:
        return ()
    day = today or date.today()
    found = chain(
        _enrolment(tenant),
        _partner(tenant, partner, day) if partner else (),
        _paperwork(tenant, partner) if partner and tenant.paperwork_is_open else (),
        _domains(tenant),
        _ftop_approval(tenant),
        _fasttrack(tenant),
        _handovers(tenant),
        _leavers(tenant),
        _ended(tenant),
        _company_roles(tenant),
        _ftop_customers(tenant),
        _relationships(tenant),
    )
    # Once a task, since finding out goes through all people, and many to-dos are of one task.
    actor = cache(partial(who_may, tenant))
    named = (todo if todo.actor.names else replace(todo, actor=actor(_task(todo.kind))) for todo in found)
    return tuple(sorted((_dated(todo, tenant, day) for todo in named), key=lambda todo: todo.done_on is not None))


def unknown_done(tenant: Tenant, partner: Partner | None = None, today: date | None = None) -> tuple[str, ...]:
    """The ids under `done` that are no to-do of the tenant (any more), in the order of the file."""
    if not tenant.done:
        return ()
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


@cache
def _texts() -> dict[str, dict[str, str]]:
    text = files("tenantry").joinpath("data", "to-dos.yaml").read_text(encoding="utf-8")
    texts: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(text)
    return texts


def _task(kind: TodoKind) -> Task:
    return Task(_texts()[kind]["task"])


def _todo(
    tenant: Tenant, kind: TodoKind, *parts: str, time: int = 1, item: tuple[str, Person] | None = None, **values: object
) -> Todo:
    """A to-do in the words of ``data/to-dos.yaml``, about ``item``. Who may do it by their roles is not named yet."""
    key, person = item or ("", None)
    values |= {**_LINKS, "tenant": tenant, "key": key, "person": person}
    text = {name: line.format_map(values) for name, line in _texts()[kind].items()}
    task = _task(kind)
    return Todo(
        todo_id(kind, *parts, time=time),
        kind,
        text["what"],
        Actor(WHO_MAY[task].text, (person.full_name,) if person and task is Task.THEIR_OWN else ()),
        text["link"],
        text["steps"],
        text["done_when"],
        text.get("menu", ""),
        people=(key,) if key else (),
    )


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


def _enrolment(tenant: Tenant) -> Iterator[Todo]:
    """A tenant that is in one program is enrolled in Partner Center, and need not go through it again."""
    if tenant.programs:
        return
    people = people_with_access(tenant).values()
    if any(ROW_OF[role].family is Family.CSP for person in people for role in person.roles):
        program = "CSP"
    elif ftop_users(tenant) or tool_users(tenant, Tool.FASTTRACK_PORTAL):
        program = "FastTrack"
    else:
        program = "MAICPP"
    yield _todo(tenant, TodoKind.ENROL, program.lower(), program=program)


def _partner(tenant: Tenant, partner: Partner, today: date) -> Iterator[Todo]:
    if partner.agreement is None:
        yield _todo(tenant, TodoKind.ACCEPT_AGREEMENT)
    checked = partner.legal.checked_on if partner.legal else None
    if checked is None or today - checked > _FACTS_HOLD:
        yield _todo(tenant, TodoKind.ADDRESS_UP_TO_DATE)


def _paperwork(tenant: Tenant, partner: Partner) -> Iterator[Todo]:
    """What the rules require once the tenant's paperwork is complete, and nobody has stated yet."""
    stated = {
        "`legal`": partner.legal,
        "`contact`": partner.contact,
        "`agreement`": partner.agreement,
        "`account_verified_on`": partner.account_verified_on,
        **{f"`programs.{name}.enrolled_on`": item.enrolled_on for name, item in tenant.programs.items()},
    }
    left = ", ".join(field for field, value in stated.items() if value is None)
    fields = (f": {left}", left) if left else ("", "what `tenantry check` still advises")
    yield _todo(tenant, TodoKind.PAPERWORK, left=fields)


def _domains(tenant: Tenant) -> Iterator[Todo]:
    """Domains that somebody is to sign in with, and that the tenant has not verified."""
    people = people_with_access(tenant).values()
    for domain in dict.fromkeys(_dns_name(person.upn.rpartition("@")[2]) for person in people):
        if domain and domain not in tenant.domains.all:
            yield _todo(tenant, TodoKind.VERIFY_DOMAIN, domain, domain=domain)


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
    if state is Consent.PENDING:
        approval, pinned = FTOP_APPROVAL, ""
        if tenant.ftop and tenant.ftop.application_id:
            approval = f"{_ADMIN_CONSENT.format(tenant.id)}?client_id={tenant.ftop.application_id}"
            pinned = ", and pin the consent as the next `pulumi preview` shows"
        yield _todo(tenant, TodoKind.APPROVE_FTOP, approval=approval, pinned=pinned)
    for key, person in users.items():
        if person.may_sign_in and not tenant.has_consented(key):
            yield _todo(tenant, TodoKind.CONSENT, key, item=(key, person))


def _fasttrack(tenant: Tenant) -> Iterator[Todo]:
    for key, person in tool_users(tenant, Tool.FASTTRACK_PORTAL).items():
        if person.may_sign_in:
            yield _todo(tenant, TodoKind.FASTTRACK_REGISTRATION, key, item=(key, person))


def _handovers(tenant: Tenant) -> Iterator[Todo]:
    for key, person in people_with_access(tenant).items():
        if not person.adopted and person.may_sign_in:
            steps = f"Tell `{key}` the password in person or by telephone, never by e-mail."
            done_when = f"{person.full_name} has signed in at {PARTNER_CENTER} and chosen a new password"
            if person.emergency:
                steps = f"Sign in with `{key}`'s password, choose a new one, and keep it sealed where two can get it."
                done_when = "the new password is sealed"
            time = person.password_round or 1
            yield _todo(tenant, TodoKind.HAND_OVER, key, time=time, item=(key, person), hand_over=(steps, done_when))


def _leavers(tenant: Tenant) -> Iterator[Todo]:
    """Leavers whose accounts are adopted: no update writes such an account, so that it stays able to sign in."""
    for key, person in tenant.members.items():
        if person.adopted and person.leaves:
            yield _todo(tenant, TodoKind.DISABLE, key, item=(key, person))


def _ended(tenant: Tenant) -> Iterator[Todo]:
    """What the declaration has ended, which an update takes away."""
    for ends in ended(tenant):
        key = str(ends.path[1])
        item = (key, tenant.members[key]) if ends.people else None
        about = (key, _slug(ends.what)) if item else (key,)
        yield _todo(tenant, TodoKind.TAKE_AWAY, *about, item=item, ends=ends)


def _company_roles(tenant: Tenant) -> Iterator[Todo]:
    for key, person in tenant.members.items():
        kind = TodoKind.WITHDRAW_COMPANY_ROLE if person.leaves else TodoKind.COMPANY_ROLE
        for role in person.company_roles or ():
            yield _todo(tenant, kind, key, _slug(role), item=(key, person), role=role)


def _ftop_customers(tenant: Tenant) -> Iterator[Todo]:
    for customer_key, customer in (tenant.ftop.customers if tenant.ftop else {}).items():
        for key, roles in customer.assignments.items():
            person = tenant.members.get(key)
            if person is None or not (person.leaves or ftop_of(tenant, key).verdict is not Ftop.NO):
                continue
            about = partial(
                _todo, tenant, item=(key, person), customer=customer, customer_key=customer_key, roles=", ".join(roles)
            )
            yield about(TodoKind.WITHDRAW if person.leaves else TodoKind.ASSIGN, customer_key, key)
            if person.former_upns and not person.leaves:
                former = ", ".join(person.former_upns)
                time = len(person.former_upns)
                yield about(TodoKind.REDO_FTOP, customer_key, key, time=time, former_upns=former)


def _relationships(tenant: Tenant) -> Iterator[Todo]:
    """What only customers can approve."""
    for key, customer in tenant.customers.items():
        if customer.reseller is None or customer.reseller.approved_on is None:
            yield _todo(tenant, TodoKind.RESELLER_RELATIONSHIP, key, customer=customer, customer_key=key)
    for item in tenant.relationships:
        if item.adopted is None and item.terminate is None:
            yield _todo(tenant, TodoKind.APPROVE_GDAP, item.customer_key, item.key, relationship=item)
