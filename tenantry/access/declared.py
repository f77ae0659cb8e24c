"""The declared view: the access that a tenant's file gives its people."""

from collections.abc import Iterable, Iterator

from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Reason
from tenantry.access.principals import Identity, Principal, Principals
from tenantry.declaration.models import Person, Program, Tenant
from tenantry.roles import ROW_OF, AgentGroup, DirectoryRole, FtopAccess, PartnerRole, Power, expand, ftop_access


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


def ftop_of(tenant: Tenant, person: Person) -> FtopAccess:
    """Whether the declaration lets somebody into FTOP."""
    powers = frozenset() if person.leaves else expand(person.roles, emergency=person.emergency)
    return ftop_access(powers, consented=bool(tenant.ftop and tenant.ftop.approval))


def identities(tenant: Tenant) -> list[Identity]:
    """The names under which the declaration knows its people."""
    return [Identity(upn=person.upn, object_id=person.adopted) for person in tenant.members.values()]


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
                yield grant_of(principal, power), Reason(role.value, f"Table 1: {row.group_membership}")
        for company_role in person.company_roles or ():
            grant = Grant(principal, Kind.COMPANY_ROLE, company_role.value)
            yield grant, Reason(company_role.value, "given in Partner Center, by hand")
        if ftop_of(tenant, person).verdict == "yes":
            grant = Grant(principal, Kind.FTOP_ALL_CUSTOMERS, "all customers")
            yield grant, Reason("every FTOP user reads the whole Partner List")
        for customer_key, customer in (tenant.ftop.customers if tenant.ftop else {}).items():
            for ftop_role in customer.assignments.get(key, ()):
                grant = Grant(principal, Kind.FTOP_CUSTOMER, customer_key, scope=ftop_role.value)
                yield grant, Reason(f"assigned to {customer.name} as {ftop_role}", "FTOP, by hand")


def grant_of(principal: Principal, power: Power) -> Grant:
    """A power of Table 1 as a grant: agent groups by name, directory roles by template id."""
    if isinstance(power, AgentGroup):
        return Grant(principal, Kind.AGENT_GROUP, power.value)
    return Grant(principal, Kind.DIRECTORY_ROLE, power.template_id)


def target_name(grant: Grant) -> str:
    """A grant's target as people name it."""
    if grant.kind is Kind.DIRECTORY_ROLE:
        role = DirectoryRole.by_template_id(grant.target)
        return role.value if role else f"role {grant.target}"
    return grant.target
