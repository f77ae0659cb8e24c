"""The declared view: the access that a tenant's file gives its people."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Reason
from tenantry.access.inverse import FTOP_APPLICATION
from tenantry.access.principals import By, Identity, Principal, Principals
from tenantry.declaration.customers import GdapGroup, Relationship
from tenantry.declaration.decisions import DeclaredIdentity
from tenantry.declaration.ftop import Consent
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Program, Tenant, Tool
from tenantry.findings import FieldPath
from tenantry.graph.models import MemberKind
from tenantry.role_templates import RoleTemplate, role_name
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

    Agent groups exist only where the tenant holds the CSP program (rule PT-407), and from some the declaration keeps
    somebody out (`without`).
    """
    if person.leaves:
        return frozenset()
    powers = expand(person.roles if roles is None else roles, emergency=person.emergency) - person.without.keys()
    has_groups = Program.CSP in tenant.programs
    return frozenset(power for power in powers if has_groups or not isinstance(power, AgentGroup))


def holders(tenant: Tenant, power: Power) -> dict[str, Person]:
    """The people who are to hold an agent group or a directory role, by key."""
    return {key: person for key, person in tenant.members.items() if power in powers_of(tenant, person)}


def identities_in(tenant: Tenant, group: AgentGroup) -> dict[str, DeclaredIdentity]:
    """The service principals that are to be in an agent group, by key; none where the tenant has no such groups."""
    has_groups = Program.CSP in tenant.programs
    return {key: item for key, item in tenant.identities.items() if has_groups and group in item.groups}


def identity_grants(tenant: Tenant) -> Iterator[tuple[str, Grant]]:
    """What the declaration gives service principals, by key."""
    for group in AgentGroup:
        for key, item in identities_in(tenant, group).items():
            kind = MemberKind.SERVICE_PRINCIPAL
            yield key, Grant.of(Principal.in_directory(item.object_id, item.name, kind=kind), group)


@dataclass(frozen=True)
class Ended:
    """Something that the file says and the declaration no longer gives, since a day."""

    path: FieldPath
    """The field that ended it."""
    subject: str
    what: str
    """What ended: a partner role, or an identity's place in its groups."""
    since: date
    """The first day on which it is no longer given."""
    powers: frozenset[Power]
    """What is to be taken away with it."""
    identity: Identity
    """Who held it."""
    people: tuple[str, ...] = ()
    """The key of the person; none of a service principal."""


def ended(tenant: Tenant) -> Iterator[Ended]:
    """What has ended by the day that a tenant is as of (:meth:`Tenant.as_of`), in the order of the file."""
    for key, now in tenant.members.items():
        written = tenant.written.members.get(key, now)
        for role, end in written.until.items():
            if role not in now.roles and not now.leaves:
                yield Ended(
                    ("people", key, "until", role.value),
                    f"{now.full_name} ({now.upn})",
                    role.value,
                    end.date,
                    powers_of(tenant, written, [role]) - powers_of(tenant, now),
                    Identity(upn=now.upn, object_id=now.adopted_id),
                    (key,),
                )
    for key, item in tenant.written.identities.items():
        if key not in tenant.identities:
            yield Ended(
                ("identities", key, "until"),
                f"{item.name} ({item.object_id})",
                ", ".join(item.groups),
                item.until + timedelta(days=1),
                frozenset(item.groups),
                Identity(object_id=item.object_id),
            )


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
    powers = powers_of(tenant, person, roles)
    if not has_groups and not person.leaves:
        powers = expand(roles, emergency=person.emergency)
    return frozenset(power for power in powers if not isinstance(power, DirectoryRole) or _always(person, power))


def _always(person: Person, role: DirectoryRole) -> bool:
    assignment = person.assignment(role)
    return assignment.assignment_type is AssignmentType.ACTIVE and assignment.scope == "/"


def tool_users(tenant: Tenant, tool: Tool) -> dict[str, Person]:
    """The people who stay and are listed for a tool, by key; for FTOP also those who are assigned or have consented."""
    named = set(tenant.tools.get(tool, ()))
    if tool is Tool.FTOP and tenant.ftop:
        named |= {key for customer in tenant.ftop.customers.values() for key in customer.assignments}
        named |= set(tenant.ftop.consents)
    return {key: person for key, person in people_with_access(tenant).items() if key in named}


def ftop_users(tenant: Tenant) -> dict[str, Person]:
    """The people who are to work in FTOP, by key: more may be able to."""
    return tool_users(tenant, Tool.FTOP)


def identities(tenant: Tenant) -> list[Identity]:
    """The names under which the declaration knows its people and service principals."""
    people = [Identity(upn=person.upn, object_id=person.adopted_id) for person in tenant.members.values()]
    return [*people, *(Identity(object_id=item.object_id) for item in tenant.identities.values())]


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
            yield grant, Reason("every FTOP user can read the whole Partner List")
        for tool in Tool:
            if key in tenant.tools.get(tool, ()):
                yield Grant(principal, Kind.TOOL, tool.value), Reason(f"needs {tool}", "tools")
    for key, grant in identity_grants(tenant):
        item = tenant.identities[key]
        yield grant, Reason(f"the declared identity {key}, until {item.until}", "identities")
    yield from _consents(tenant, principals)
    yield from _assignments(tenant, principals)
    for held in customer_roles(tenant):
        principal = principals.resolve(upn=tenant.members[held.person].upn)
        yield Grant.at_customer(principal, held.relationship.customer.tenant_id, held.role.id), held.reason


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


@dataclass(frozen=True)
class CustomerRole:
    """A role that one person holds at one customer, by a group and a relationship (GDAP)."""

    person: str
    """Their key."""
    group: GdapGroup
    relationship: Relationship
    role: RoleTemplate

    @property
    def reason(self) -> Reason:
        """Why it is held: the same at every customer to whom the group comes for as long."""
        one = self.relationship
        return Reason(f"in {self.group.name}, {lasts(one)}", one.display_name)


def lasts(relationship: Relationship) -> str:
    """How long a relationship gives access."""
    extended = ", then extended by 180 days" if relationship.auto_extend else ""
    return f"for {relationship.days} days from the customer's approval{extended}"


def customer_roles(tenant: Tenant) -> Iterator[CustomerRole]:
    """What people are to hold at customers, in the order of the file; nothing by a relationship that is to end."""
    people, groups = people_with_access(tenant), tenant.gdap.groups if tenant.gdap else {}
    for relationship in tenant.relationships:
        for group, roles in relationship.assignments.items() if not relationship.terminate else ():
            for role in sorted(roles, key=lambda role: role.name):
                for key in groups[group].people:
                    if key in people:
                        yield CustomerRole(key, groups[group], relationship, role)


def target_name(grant: Grant) -> str:
    """A grant's target as people name it."""
    return role_name(grant.target) if grant.kind is Kind.DIRECTORY_ROLE else grant.target
