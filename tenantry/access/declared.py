"""The declared view: the access that a tenant's file gives its people."""

from collections.abc import Iterable, Iterator

from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Reason
from tenantry.access.inverse import FTOP_APPLICATION
from tenantry.access.principals import By, Identity, Principal, Principals
from tenantry.declaration.ftop import Consent
from tenantry.declaration.models import Program, Tenant, Tool
from tenantry.declaration.person import Person
from tenantry.role_templates import ROLE_TEMPLATES
from tenantry.roles import (
    ROW_OF,
    AgentGroup,
    AssignmentType,
    DirectoryRole,
    Ftop,
    FtopAccess,
    PartnerRole,
    Power,
    expand,
    ftop_access,
)

__all__ = [
    "access_map",
    "account_of",
    "counted_holders",
    "declared_grant",
    "ftop_of",
    "ftop_users",
    "has_row_for_ftop",
    "holders",
    "identities",
    "is_held_by",
    "named",
    "people_with_access",
    "powers_of",
    "target_name",
    "tool_users",
]


def account_of(key: str, person: Person) -> Principal:
    """What makes a declared person's account the same one in two declarations, whatever it is called.

    An account that exists already is its object id; one that the stack makes goes by the first key that it had.
    """
    if person.adopted_id:
        return Principals().resolve(object_id=person.adopted_id)
    if person.is_looked_up:
        return named(person)
    return Principal(By.KEY, person.first_key(key))


def who(person: Person) -> str:
    """A person as messages name them: by full name and UPN."""
    return f"{person.full_name} ({person.upn})"


def named(person: Person) -> Principal:
    """The account with somebody's sign-in name."""
    return Principals().resolve(upn=person.upn)


def people_with_access(tenant: Tenant) -> dict[str, Person]:
    """The people who are to hold what their roles give: all but leavers."""
    return {key: person for key, person in tenant.members.items() if not person.leaves}


def powers_of(tenant: Tenant, person: Person, roles: Iterable[PartnerRole] | None = None) -> frozenset[Power]:
    """The agent groups and directory roles that somebody's roles (or some of them) give; none to a leaver.

    Agent groups exist only where the tenant holds the CSP program (rule PT-407).
    """
    if person.leaves:
        return frozenset()
    powers = expand(person.roles if roles is None else roles, emergency=person.emergency)
    has_groups = Program.CSP in tenant.programs
    return frozenset(power for power in powers if has_groups or not isinstance(power, AgentGroup))


def holders(tenant: Tenant, power: Power) -> dict[str, Person]:
    """The people who are to hold an agent group or a directory role, by key."""
    return {key: person for key, person in tenant.members.items() if power in powers_of(tenant, person)}


def eligible_roles(tenant: Tenant) -> list[tuple[str, DirectoryRole]]:
    """Who is to be eligible for which directory role (Privileged Identity Management), by key, in order."""
    return [
        (key, role)
        for key, person in sorted(tenant.members.items())
        for role in DirectoryRole
        if role in powers_of(tenant, person) and person.assignment(role).eligible
    ]


def counted_holders(tenant: Tenant, power: Power) -> dict[str, Person]:
    """The people whom a floor counts (``limits.minimum_holders``), by key.

    They are to hold the power for the whole tenant, active or eligible, and to be able to sign in; emergency accounts
    and guests do not count. ``tenantry.rules.change`` counts the same people in the tenant as it is after a change.
    """
    return {
        key: person
        for key, person in holders(tenant, power).items()
        if person.may_sign_in and not person.emergency and not person.is_guest
        if isinstance(power, AgentGroup) or person.assignment(power).scope == "/"
    }


def is_held_by(tenant: Tenant, power: Power, key: str) -> bool:
    """Whether somebody whom a tenant requires is to hold a power (``limits.required_holders``) and to sign in."""
    person = tenant.members.get(key)
    return person is not None and person.may_sign_in and power in powers_of(tenant, person)


def declared_grant(principal: Principal, person: Person, power: Power) -> Grant:
    """A power that somebody's roles give, as they are to hold it: active or eligible, everywhere or over a unit."""
    if isinstance(power, AgentGroup):
        return Grant.of(principal, power)
    assignment = person.assignment(power)
    return Grant.of(principal, power, assignment.assignment_type, assignment.scope)


def ftop_of(tenant: Tenant, key: str) -> FtopAccess:
    """Whether the declaration lets somebody into FTOP, by their key: what they hold all the time, everywhere.

    Where the tenant has no agent groups an agent role gives nothing, and an admin role needs no group (rule PT-407).
    """
    return ftop_access(_powers_for_ftop(tenant, key), consented=tenant.has_consented(key))


def has_row_for_ftop(tenant: Tenant, key: str) -> bool:
    """Whether somebody, by their key, holds what opens FTOP to them once there is consent (rule PT-109)."""
    return ftop_access(_powers_for_ftop(tenant, key), consented=True).verdict is Ftop.YES


def _powers_for_ftop(tenant: Tenant, key: str) -> frozenset[Power]:
    person = tenant.members[key]
    has_groups = Program.CSP in tenant.programs
    roles = [role for role in person.roles if has_groups or not ROW_OF[role].powers <= set(AgentGroup)]
    powers = frozenset() if person.leaves else expand(roles, emergency=person.emergency)
    return frozenset(power for power in powers if not isinstance(power, DirectoryRole) or _always(person, power))


def _always(person: Person, role: DirectoryRole) -> bool:
    assignment = person.assignment(role)
    return assignment.assignment_type is AssignmentType.ACTIVE and assignment.scope == "/"


def tool_users(tenant: Tenant, tool: Tool) -> dict[str, Person]:
    """The people who stay and are listed for a tool, by key; for FTOP also whoever is assigned or has consented."""
    named = set(tenant.tools.get(tool, ()))
    if tool is Tool.FTOP and tenant.ftop:
        named |= {key for customer in tenant.ftop.customers.values() for key in customer.assignments}
        named |= set(tenant.ftop.consents)
    return {key: person for key, person in people_with_access(tenant).items() if key in named}


def ftop_users(tenant: Tenant) -> dict[str, Person]:
    """The people who are to work in FTOP, by key: more may be able to."""
    return tool_users(tenant, Tool.FTOP)


def identities(tenant: Tenant) -> list[Identity]:
    """The names under which the declaration knows its people."""
    return [Identity(upn=person.upn, object_id=person.adopted_id) for person in tenant.members.values()]


def access_map(tenant: Tenant) -> AccessMap:
    """Everything that the tenant's file gives, each grant with the row or the field that gives it."""
    principals = Principals(identities(tenant))
    return AccessMap.of(_grants(tenant, principals), [Answer(kind) for kind in Kind if kind is not Kind.ALL_USERS])


def _grants(tenant: Tenant, principals: Principals) -> Iterator[tuple[Grant, Reason]]:
    for key, person in people_with_access(tenant).items():
        principal = principals.resolve(upn=person.upn)
        for role in person.roles:
            row = ROW_OF[role]
            for power in sorted(powers_of(tenant, person, [role])):
                grant = declared_grant(principal, person, power)
                yield grant, Reason(role.value, f"Table 1: {row.group_membership}")
        for company_role in person.company_roles or ():
            grant = Grant(principal, Kind.COMPANY_ROLE, company_role.value)
            yield grant, Reason(company_role.value, "given in Partner Center, by hand")
        if ftop_of(tenant, key).verdict is Ftop.YES:
            grant = Grant(principal, Kind.FTOP_ALL_CUSTOMERS, "all customers")
            yield grant, Reason("every FTOP user reads the whole Partner List")
        for tool in Tool:
            if key in tenant.tools.get(tool, ()):
                yield Grant(principal, Kind.TOOL, tool.value), Reason(f"needs {tool}", "tools")
    yield from _consents(tenant, principals)
    yield from _assignments(tenant, principals)


def _consents(tenant: Tenant, principals: Principals) -> Iterator[tuple[Grant, Reason]]:
    """What lets people into FTOP beside their roles: the tenant's approval, for everybody, and their own consents."""
    if tenant.ftop is None:
        return
    approval, people = tenant.ftop.approval, people_with_access(tenant)
    if approval and approval.state is Consent.TENANT:
        by = tenant.members[approval.by].full_name if approval.by in tenant.members else approval.by
        everybody = Principal.everybody_in(tenant.id)
        yield Grant(everybody, Kind.CONSENT, FTOP_APPLICATION), Reason(f"approved by {by} on {approval.on}", "FTOP")
    for key, day in tenant.ftop.consents.items():
        if key in people:
            grant = Grant(principals.resolve(upn=people[key].upn), Kind.CONSENT, FTOP_APPLICATION)
            yield grant, Reason(f"consented for themselves on {day}", "FTOP")


def _assignments(tenant: Tenant, principals: Principals) -> Iterator[tuple[Grant, Reason]]:
    people = people_with_access(tenant)
    for customer_key, customer in (tenant.ftop.customers if tenant.ftop else {}).items():
        for key, roles in customer.assignments.items():
            for role in roles if key in people else ():
                principal = principals.resolve(upn=people[key].upn)
                grant = Grant(principal, Kind.FTOP_CUSTOMER, customer_key, scope=role.value)
                yield grant, Reason(f"assigned to {customer.name} as {role}", "FTOP, by hand")


def target_name(grant: Grant) -> str:
    """A grant's target as people name it."""
    if grant.kind is Kind.DIRECTORY_ROLE:
        built_in = ROLE_TEMPLATES.get(grant.target.casefold())
        return built_in.name if built_in else f"role {grant.target}"
    return grant.target
