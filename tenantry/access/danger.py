"""How much a piece of access can do: decided here, and nowhere else, so that every report ranks it alike."""

from collections.abc import Collection
from enum import StrEnum

from tenantry.access.grants import Grant, Kind
from tenantry.role_templates import CAN_BECOME_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, ROLE_TEMPLATES
from tenantry.roles import AgentGroup, CompanyRole, DirectoryRole


class Danger(StrEnum):
    """How much a piece of access can do, most first."""

    EVERYTHING = "everything"
    """Global Administrator, AdminAgents (every customer), what no role of Table 1 explains, what is unknown; at a
    customer, the roles that lead to every other one."""
    PEOPLE_AND_MONEY = "people and money"
    """User and Billing Administrator, other directory roles, the tenant-wide consent, who administers an account; at a
    customer, what Microsoft calls privileged."""
    CUSTOMERS = "customers"
    """Sales and Helpdesk Agents, FTOP customers, other roles at customers, Partner Center-only roles."""
    READING = "reading"
    """FTOP's read-only list, tools, a person's own consent, directory roles that only read (Directory Readers)."""

    @property
    def rank(self) -> int:
        """For sorting: 0 is the most dangerous."""
        return list(Danger).index(self)


def danger_of(grant: Grant, allowed_roles: Collection[str] = ()) -> Danger:
    """How much a grant can do, active or eligible, everywhere or over a unit.

    ``allowed_roles`` are the template ids that the declaration allows beyond Table 1; any other role that Table 1 does
    not know may reach everything, unless it only reads.
    """
    match grant.kind:
        case Kind.AGENT_GROUP:
            lesser = grant.target in (AgentGroup.SALES_AGENTS, AgentGroup.HELPDESK_AGENTS)
            return Danger.CUSTOMERS if lesser else Danger.EVERYTHING
        case Kind.DIRECTORY_ROLE:
            role, template = DirectoryRole.by_template_id(grant.target), ROLE_TEMPLATES.get(grant.target.casefold())
            if template and template.reads_only:
                return Danger.READING
            lesser = role in (DirectoryRole.USER_ADMINISTRATOR, DirectoryRole.BILLING_ADMINISTRATOR)
            return Danger.PEOPLE_AND_MONEY if lesser or grant.target in allowed_roles else Danger.EVERYTHING
        case Kind.CONSENT:
            return Danger.PEOPLE_AND_MONEY if grant.principal.is_everybody else Danger.READING
        case Kind.COMPANY_ROLE:
            administers = grant.target == CompanyRole.ACCOUNT_ADMIN
            return Danger.PEOPLE_AND_MONEY if administers else Danger.CUSTOMERS
        case Kind.FTOP_CUSTOMER:
            return Danger.CUSTOMERS
        case Kind.CUSTOMER_ROLE:
            return _at_a_customer(grant.scope)
        case Kind.FTOP_ALL_CUSTOMERS | Kind.TOOL | Kind.ALL_USERS:
            return Danger.READING


def _at_a_customer(template_id: str) -> Danger:
    """How much a role can do in the tenant of a customer, of which Table 1 says nothing."""
    template = ROLE_TEMPLATES.get(template_id)
    if template is None or template == GLOBAL_ADMINISTRATOR or template in CAN_BECOME_ADMINISTRATOR:
        return Danger.EVERYTHING
    if template.privileged or template.name == DirectoryRole.BILLING_ADMINISTRATOR:
        return Danger.PEOPLE_AND_MONEY
    return Danger.READING if template.reads_only else Danger.CUSTOMERS
