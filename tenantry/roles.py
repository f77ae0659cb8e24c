"""Partner roles and what each one gives: Table 1, once.

Table 1 ("Mapping Partner Center Agent/Admin roles to Office 365 Admin Center") stands in Microsoft's guide
*Establishing Partner Center (Org ID) credentials*. :data:`TABLE_1` holds its words and, beside them, their
effect in Entra ID. Everything else that speaks of roles (the declaration, its schema, the components, the
rules, docs/role-mapping.md) is made from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenantry.spelling import folded, misspelt


class AgentGroup(StrEnum):
    """The three groups that Partner Center makes in the tenant of a Cloud Solution Provider."""

    ADMIN_AGENTS = "AdminAgents"
    HELPDESK_AGENTS = "HelpdeskAgents"
    SALES_AGENTS = "SalesAgents"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The spelling of Table 1, "Admin Agents"; for looking a group up, both spellings are one name."""
        return self.value.replace("Agents", " Agents")

    @classmethod
    def by_display_name(cls, display_name: str) -> "AgentGroup | None":
        """The agent group that a display name stands for, spaces, case and Unicode form aside; None for another."""
        return _GROUPS_BY_NAME.get("".join(folded(display_name).split()))

    def renamed(self, object_id: str, name: str) -> str:
        """What to do where somebody gave this group another name, as a sentence: the same in every report."""
        return (
            f"The agent group {self} ({object_id}) is called {name!r} now. Rename it back to {self} in the Entra admin "
            "center (Groups): Partner Center knows it by that name."
        )


_GROUPS_BY_NAME: Final = {group.value.casefold(): group for group in AgentGroup}


class DirectoryRole(StrEnum):
    """A built-in Entra ID role. The value is its name today; :attr:`template_id` is what identifies it.

    Names have changed several times (Global Administrator was "Company Administrator"), ids never.
    """

    GLOBAL_ADMINISTRATOR = "Global Administrator"
    BILLING_ADMINISTRATOR = "Billing Administrator"
    USER_ADMINISTRATOR = "User Administrator"

    @property
    def template_id(self) -> str:
        """The role's template id, the same in every tenant (Microsoft Entra built-in roles)."""
        return _TEMPLATE_IDS[self]

    @classmethod
    def by_template_id(cls, template_id: str) -> "DirectoryRole | None":
        """Table 1's directory role with this template id, compared without case; None for any other role."""
        return _ROLES_BY_TEMPLATE_ID.get(template_id.casefold())


_TEMPLATE_IDS: Final = {
    DirectoryRole.GLOBAL_ADMINISTRATOR: "62e90394-69f5-4237-9190-012177145e10",
    DirectoryRole.BILLING_ADMINISTRATOR: "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    DirectoryRole.USER_ADMINISTRATOR: "fe930be7-5e62-47db-91af-98c3a49a38b1",
}
_ROLES_BY_TEMPLATE_ID: Final = {template_id: role for role, template_id in _TEMPLATE_IDS.items()}

#: Roles that Microsoft lists as "do not use": never assigned (rule PT-104).
NEVER_ASSIGNED: Final = {
    "4ba39ca4-527c-499a-b93d-d9b492c50246": "Partner Tier1 Support",
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8": "Partner Tier2 Support",
}

#: The group that Table 1 names in every row. Partner Center fills it; nobody writes it (rule PT-110).
ALL_USERS: Final = "All Users"

Power = AgentGroup | DirectoryRole
"""What Table 1 can give somebody in Entra ID: membership of an agent group, or a directory role."""


class Family(StrEnum):
    """The three families of roles (How to associate a user to your MPN ID, "Assign user roles")."""

    ENTRA = "Entra tenant role"
    CSP = "Cloud Solution Provider role"
    COMPANY = "Partner Center-only role"


class PartnerRole(StrEnum):
    """The six roles of Table 1, by the names that it gives them."""

    GLOBAL_ADMIN = "Global admin"
    BILLING_ADMIN = "Billing admin"
    USER_MANAGEMENT_ADMIN = "User management admin"
    ADMIN_AGENT = "Admin agent"
    SALES_AGENT = "Sales agent"
    HELPDESK_AGENT = "Helpdesk agent"


class CompanyRole(StrEnum):
    """Roles that exist in Partner Center alone ("non-AAD company roles"): no API gives them, a person does."""

    ACCOUNT_ADMIN = "Account admin"
    SUPPORT_REQUEST_ADMIN = "Support request admin"
    PARTNER_PROGRAM_ADMIN = "Partner program admin"
    BUSINESS_PROFILE_ADMIN = "Business profile admin"
    REFERRAL_ADMIN = "Referral admin"
    REFERRAL_USER = "Referral user"
    INCENTIVE_ADMIN = "Incentive admin"
    INCENTIVE_USER = "Incentive user"
    EXECUTIVE_REPORT_VIEWER = "Executive report viewer"
    REPORT_VIEWER = "Report viewer"


@dataclass(frozen=True)
class Row:
    """One row of Table 1: its three cells word for word, and what they mean in Entra ID today."""

    role: PartnerRole
    group_membership: str
    admin_center_role: str
    family: Family
    powers: frozenset[Power]
    may: str
    note: str = ""


TABLE_1: Final[tuple[Row, ...]] = (
    Row(
        role=PartnerRole.ADMIN_AGENT,
        group_membership="Admin Agents/All Users",
        admin_center_role="Admin agent",
        family=Family.CSP,
        powers=frozenset({AgentGroup.ADMIN_AGENTS}),
        may="manage every customer, their subscriptions and service requests; request delegated privileges; "
        "administer on behalf of customers; own customers' Azure subscriptions; see prices and bills",
        note='No Entra role is called "Admin agent": the third cell gives nothing beside the group.',
    ),
    Row(
        role=PartnerRole.SALES_AGENT,
        group_membership="Sales Agents/All Users",
        admin_center_role="User (no admin access)",
        family=Family.CSP,
        powers=frozenset({AgentGroup.SALES_AGENTS}),
        may="manage customers and their subscriptions; request a relationship with a customer; see prices and leads",
        note='"No admin access": no directory role, active or eligible.',
    ),
    Row(
        role=PartnerRole.HELPDESK_AGENT,
        group_membership="Helpdesk Agents/All Users",
        admin_center_role="User (no admin access)",
        family=Family.CSP,
        powers=frozenset({AgentGroup.HELPDESK_AGENTS}),
        may="look up customers, edit their details, help with billing and subscriptions, request support for them",
        note='Not Entra\'s role "Helpdesk Administrator", in spite of the name.',
    ),
    Row(
        role=PartnerRole.GLOBAL_ADMIN,
        group_membership="Admin Agents/All Users",
        admin_center_role="Global admin",
        family=Family.ENTRA,
        powers=frozenset({AgentGroup.ADMIN_AGENTS, DirectoryRole.GLOBAL_ADMINISTRATOR}),
        may="do everything in the tenant and its Microsoft services; manage users and their roles; accept agreements",
        note="Emergency accounts hold the directory role only: they are kept out of Admin Agents.",
    ),
    Row(
        role=PartnerRole.BILLING_ADMIN,
        group_membership="All Users",
        admin_center_role="Billing administrator",
        family=Family.ENTRA,
        powers=frozenset({DirectoryRole.BILLING_ADMINISTRATOR}),
        may="see and pay bills, invoices and reconciliation files; see prices",
    ),
    Row(
        role=PartnerRole.USER_MANAGEMENT_ADMIN,
        group_membership="All Users",
        admin_center_role="User management administrator",
        family=Family.ENTRA,
        powers=frozenset({DirectoryRole.USER_ADMINISTRATOR}),
        may="create and manage users; see all partner profiles",
        note='Entra calls the role "User Administrator" today.',
    ),
)

ROW_OF: Final = {row.role: row for row in TABLE_1}

COMPANY_ROLE_MAY: Final = {
    CompanyRole.ACCOUNT_ADMIN: "manage the account's profiles and locations; assign the roles that are not Entra's",
    CompanyRole.SUPPORT_REQUEST_ADMIN: "open and follow support requests with Microsoft",
    CompanyRole.PARTNER_PROGRAM_ADMIN: "manage program membership, benefits and partner profiles; assigns no roles",
    CompanyRole.BUSINESS_PROFILE_ADMIN: "manage the business profiles that customers find",
    CompanyRole.REFERRAL_ADMIN: "manage referrals and who works on them",
    CompanyRole.REFERRAL_USER: "work on referrals",
    CompanyRole.INCENTIVE_ADMIN: "manage incentive programs, bank and tax details",
    CompanyRole.INCENTIVE_USER: "see incentive earnings",
    CompanyRole.EXECUTIVE_REPORT_VIEWER: "see all reports",
    CompanyRole.REPORT_VIEWER: "see the reports of the own workspaces",
}

#: Other names in use, folded; messages and reports only ever use the canonical one.
ALIASES: Final[dict[str, PartnerRole | CompanyRole]] = {
    "global administrator": PartnerRole.GLOBAL_ADMIN,
    "company administrator": PartnerRole.GLOBAL_ADMIN,
    "billing administrator": PartnerRole.BILLING_ADMIN,
    "user administrator": PartnerRole.USER_MANAGEMENT_ADMIN,
    "user management administrator": PartnerRole.USER_MANAGEMENT_ADMIN,
    "user account administrator": PartnerRole.USER_MANAGEMENT_ADMIN,
    "accounts admin": CompanyRole.ACCOUNT_ADMIN,
    "account administrator": CompanyRole.ACCOUNT_ADMIN,
    "mpn partner admin": CompanyRole.PARTNER_PROGRAM_ADMIN,
    "mpn admin": CompanyRole.PARTNER_PROGRAM_ADMIN,
    "maicpp partner admin": CompanyRole.PARTNER_PROGRAM_ADMIN,
}

_NAMES: Final[dict[str, PartnerRole | CompanyRole]] = (
    {role.value.casefold(): role for role in PartnerRole}
    | {role.value.casefold(): role for role in CompanyRole}
    | ALIASES
)


def role_named(name: str) -> PartnerRole | CompanyRole | None:
    """The role that a name or an alias stands for, in any case, with spaces, hyphens or underscores."""
    return _NAMES.get(_fold(name))


def nearest_role(name: str) -> PartnerRole | CompanyRole | None:
    """The role whose name or alias was misspelt; None where nothing is so near that it gives what was meant."""
    near = misspelt(name, _NAMES)
    return _NAMES[near] if near else None


def _fold(name: str) -> str:
    return " ".join(folded(name).replace("_", " ").replace("-", " ").split())


def expand(roles: Iterable[PartnerRole], *, emergency: bool = False) -> frozenset[Power]:
    """What these roles give in Entra ID: the union of their rows.

    An emergency account gets its rows' directory roles and no agent group (rule PT-102).
    """
    powers = frozenset[Power]().union(*(ROW_OF[role].powers for role in roles))
    return frozenset(p for p in powers if isinstance(p, DirectoryRole)) if emergency else powers


@dataclass(frozen=True)
class Held:
    """What a set of powers amounts to: complete rows of Table 1, and what no complete row explains."""

    roles: frozenset[PartnerRole]
    leftover: frozenset[Power]


def held(powers: Iterable[Power]) -> Held:
    """The inverse of :func:`expand`: the partner roles that somebody with these powers really has.

    Law: ``expand(held(p).roles) | held(p).leftover == p``. A row that a larger one contains is not claimed:
    {Global Administrator, AdminAgents} reads "Global admin", and whether Admin agent was meant too is
    unknown. A half row is leftover, never a role.
    """
    powers = frozenset(powers)
    covered: frozenset[Power] = frozenset()
    roles: set[PartnerRole] = set()
    for row in sorted(TABLE_1, key=lambda row: -len(row.powers)):
        if row.powers <= powers and not row.powers <= covered:
            roles.add(row.role)
            covered |= row.powers
    return Held(frozenset(roles), powers - covered)


class Ftop(StrEnum):
    """Whether somebody gets into the FastTrack Orchestration Portal."""

    YES = "yes"
    NO = "no"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class FtopAccess:
    """The verdict, and for an incomplete row what it lacks ("AdminAgents", "tenant approval", …)."""

    verdict: Ftop
    lacks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"incomplete: lacks {', '.join(self.lacks)}" if self.lacks else self.verdict.value


def ftop_access(powers: Iterable[Power], *, consented: bool) -> FtopAccess:
    """Who may enter FTOP: a complete row of Table 1, and the tenant's approval or the user's own consent.

    "A user that is not an agent and not an admin will be unable to access FTOP" (Establishing Partner Center
    credentials, "User creation and role assignment", step 3). Partner Center-only roles give none.
    """
    powers = frozenset(powers)
    if held(powers).roles:
        return FtopAccess(Ftop.YES) if consented else FtopAccess(Ftop.INCOMPLETE, ("tenant approval",))
    halves = [row.powers - powers for row in TABLE_1 if row.powers & powers]
    if not halves:
        return FtopAccess(Ftop.NO)
    missing = min(halves, key=len)
    return FtopAccess(Ftop.INCOMPLETE, tuple(sorted(power.value for power in missing)))


class AssignmentType(StrEnum):
    """Whether a grant holds all the time, or only while its holder activates it: the words of PIM."""

    ACTIVE = "active"
    ELIGIBLE = "eligible"
