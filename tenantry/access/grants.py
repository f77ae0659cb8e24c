"""The access map: which principal holds what, why, and what a view does not know."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self

from tenantry.access.principals import Principal
from tenantry.role_templates import ROLE_TEMPLATES, role_name
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole, Power

WHOLE_TENANT: Final = "/"
UNIT_SCOPE: Final = "/administrativeUnits/"
"""How the scope of a role begins that is held over an administrative unit; the unit's object id follows."""


class Kind(StrEnum):
    """The kinds of access that a partner tenant gives."""

    AGENT_GROUP = "agent group"
    ALL_USERS = "All Users"
    DIRECTORY_ROLE = "directory role"
    CONSENT = "application consent"
    FTOP_CUSTOMER = "FTOP customer"
    FTOP_ALL_CUSTOMERS = "FTOP, all customers, read-only"
    TOOL = "tool"
    COMPANY_ROLE = "Partner Center-only role"
    CUSTOMER_ROLE = "role at a customer"


@dataclass(frozen=True, order=True)
class OtherRole:
    """A directory role outside Table 1. No declaration gives it, and no change but an account's end takes it."""

    template_id: str

    def __str__(self) -> str:
        built_in = ROLE_TEMPLATES.get(self.template_id)
        return built_in.name if built_in else f"the directory role {self.template_id}"


@dataclass(frozen=True, order=True)
class RoleAtCustomers:
    """A role that is held at customers (GDAP): one, at however many of them."""

    template_id: str

    def __str__(self) -> str:
        return f"{role_name(self.template_id)} at customers"


HeldPower = Power | OtherRole | RoleAtCustomers
"""What somebody can hold: membership of an agent group, a directory role, or a role at customers."""


def role_of(template_id: str) -> DirectoryRole | OtherRole:
    """The role of a template id: Table 1's where it is one of them, compared without case."""
    return DirectoryRole.by_template_id(template_id) or OtherRole(template_id.casefold())


def power_id(power: HeldPower) -> str:
    """What identifies a power, whatever it is called: an agent group's name, or a role's template id."""
    return power.value if isinstance(power, AgentGroup) else power.template_id


@dataclass(frozen=True, order=True)
class Grant:
    """One piece of access. Why it is given, and by which record of the directory, is not part of what it is.

    ``target`` is an agent group's name, a directory role's template id, an FTOP customer's key, a customer's tenant
    id, …; ``scope`` is "/" for the whole tenant, an administrative unit, the FTOP role that a customer assignment
    gives, or the template id of the role that is held at a customer (GDAP).
    """

    principal: Principal
    kind: Kind
    target: str
    scope: str = WHOLE_TENANT
    assignment_type: AssignmentType = AssignmentType.ACTIVE

    @classmethod
    def of(
        cls,
        principal: Principal,
        power: HeldPower,
        assignment_type: AssignmentType = AssignmentType.ACTIVE,
        scope: str = WHOLE_TENANT,
    ) -> Self:
        """Membership of an agent group, by its name, or a directory role, by its template id."""
        kind = Kind.AGENT_GROUP if isinstance(power, AgentGroup) else Kind.DIRECTORY_ROLE
        where, _, id_ = scope.rpartition("/")
        scope = f"{where}/{id_.casefold()}"
        return cls(principal, kind, power_id(power), scope, assignment_type)

    @classmethod
    def at_customer(cls, principal: Principal, tenant_id: str, role: str) -> Self:
        """A role at a customer, by the customer's tenant id and the role's template id."""
        return cls(principal, Kind.CUSTOMER_ROLE, tenant_id.casefold(), role.casefold())

    @property
    def power(self) -> HeldPower:
        """The agent group, directory role or role at customers. Raises ValueError for access of another kind."""
        if self.kind is Kind.CUSTOMER_ROLE:
            return RoleAtCustomers(self.scope)
        return role_of(self.target) if self.kind is Kind.DIRECTORY_ROLE else AgentGroup(self.target)

    @property
    def is_power(self) -> bool:
        """Whether it is membership of an agent group or a directory role."""
        of_group = self.kind is Kind.AGENT_GROUP and self.target in list(AgentGroup)
        return of_group or self.kind is Kind.DIRECTORY_ROLE

    def covers(self, other: "Grant") -> bool:
        """Whether this gives at least what another grant gives: active covers eligible, everywhere covers a part."""
        return (
            (self.principal, self.kind, self.target) == (other.principal, other.kind, other.target)
            and self.scope in (WHOLE_TENANT, other.scope)
            and self.assignment_type in (AssignmentType.ACTIVE, other.assignment_type)
        )


@dataclass(frozen=True, order=True)
class Reason:
    """Why a grant is there: the row of Table 1, the field or the directory's record that gives it."""

    text: str = ""
    source: str = ""
    through: str = ""
    """The object id of the group through which it is held, in the tenant as it is; empty where it is held directly."""
    assignment_id: str = ""
    """Of a directory role in the tenant: the id of its assignment or eligibility schedule; empty where it has none."""
    owned: bool = False
    """Whether the stack's state holds the assignment, the membership, or the group's list of members."""
    says_how: bool = False
    """Whether the text says more than that it is held: through or as which group, or what is not known of it."""
    pending: bool = False
    """Of a role at a customer: whether the customer has not approved the relationship yet."""


@dataclass(frozen=True, order=True)
class Answer:
    """What a view can speak of: a kind, for one target or (None) for all, held in one way or (None) in any."""

    kind: Kind
    target: str | None = None
    assignment_type: AssignmentType | None = None

    def covers(self, grant: Grant) -> bool:
        """Whether this answer says anything about a grant."""
        return (
            grant.kind is self.kind
            and self.target in (None, grant.target)
            and self.assignment_type in (None, grant.assignment_type)
        )


@dataclass(frozen=True, order=True)
class Unresolved:
    """A place where a view sees that something is there, but not what."""

    kind: Kind
    target: str
    where: str
    why: str
    remediation: str = ""
    """How to make it plain, where something else would than to write down what is meant."""


@dataclass(frozen=True)
class AccessMap:
    """All access that one view of a tenant knows of."""

    grants: Mapping[Grant, frozenset[Reason]] = field(default_factory=dict)
    answers: frozenset[Answer] = frozenset()
    unresolved: frozenset[Unresolved] = frozenset()

    @classmethod
    def of(
        cls,
        grants: Iterable[tuple[Grant, Reason]],
        answers: Iterable[Answer],
        unresolved: Iterable[Unresolved] = (),
    ) -> Self:
        """Collect grants, putting the reasons of equal ones together."""
        collected: dict[Grant, set[Reason]] = {}
        for grant, reason in grants:
            collected.setdefault(grant, set()).add(reason)
        return cls(
            {grant: frozenset(collected[grant]) for grant in sorted(collected)},
            frozenset(answers),
            frozenset(unresolved),
        )

    def answered(self, grant: Grant) -> bool:
        """Whether this view can say that the grant is there or is not."""
        return any(answer.covers(grant) for answer in self.answers)

    def records(self) -> Iterator[tuple[Grant, Reason]]:
        """Each grant with each reason for it."""
        return ((grant, reason) for grant, reasons in self.grants.items() for reason in sorted(reasons))

    def direct(self, grant: Grant) -> Reason | None:
        """The record by which a grant is held directly, through no group."""
        return next((reason for reason in sorted(self.grants.get(grant, ())) if not reason.through), None)

    def directly(self) -> Self:
        """The same without what is held through groups alone."""
        return replace(self, grants={grant: reasons for grant, reasons in self.grants.items() if self.direct(grant)})

    def usable(self) -> Self:
        """The same of those who can sign in alone."""
        grants = {grant: reasons for grant, reasons in self.grants.items() if grant.principal.enabled}
        return replace(self, grants=grants)

    def by_principal(self) -> dict[Principal, dict[Grant, frozenset[Reason]]]:
        """What each principal holds, in order."""
        found: dict[Principal, dict[Grant, frozenset[Reason]]] = {}
        for grant in sorted(self.grants):
            found.setdefault(grant.principal, {})[grant] = self.grants[grant]
        return found

    def renamed(self, name: Callable[[Principal], Principal]) -> Self:
        """The same under other names of the principals, as another map knows them."""
        grants = ((replace(grant, principal=name(grant.principal)), why) for grant, why in self.records())
        return self.of(grants, self.answers, self.unresolved)

    def holders(self, kind: Kind, target: str) -> list[Principal]:
        """Who holds one thing, in order."""
        return sorted({grant.principal for grant in self.grants if grant.kind is kind and grant.target == target})
