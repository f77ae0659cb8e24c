"""What exists in a tenant before a change: who holds what, which of it the stack owns, and what could not be read.

Plain facts, from the tenant and the stack's state. Absent is never empty: :attr:`Existing.not_read` has what was not
read, with the reason.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Reason
from tenantry.access.parts import NotRead
from tenantry.access.principals import Principal
from tenantry.declaration.person import Person
from tenantry.declaration.tenant import Tenant
from tenantry.roles import AgentGroup, AssignmentType
from tenantry.sanitize import quoted
from tenantry.spelling import folded_upn


@dataclass(frozen=True)
class OwnedAccount:
    """An account that this stack made: who it is, and what the stack's state says of it."""

    key: str
    """The person's key; where the declaration is not looked at yet, what its resource is called."""
    principal: Principal
    """As the tenant has it, once that was read; until then as the state does."""
    password_round: int | None = None
    """The round of the temporary password that the stack gave it last; None where its state does not say."""

    @property
    def object_id(self) -> str:
        """By which everything else names it."""
        return self.principal.object_id

    def __str__(self) -> str:
        return str(self.principal)


@dataclass(frozen=True)
class ExistingConsent:
    """A consent to FTOP (a delegated permission grant of its application) that exists in the tenant."""

    id: str
    resource_id: str
    """The application (client) id of whose permissions it grants; not the object id of its service principal."""
    permissions: frozenset[str]
    """The delegated permissions, by name."""
    person: Principal | None = None
    """The only one whom it is for; None where it is for everybody in the tenant."""
    owned: bool = False
    """Whether the stack's state holds it."""


@dataclass(frozen=True, order=True)
class OwnedEligibility:
    """An eligible role as the stack's state has it, which may not be as the tenant has it."""

    urn: str
    grant: Grant
    assignment_id: str
    """The id of the request that made it, and of the schedule."""


@dataclass(frozen=True)
class ExistingRelationship:
    """A relationship with a customer (GDAP), as one side of a change has it."""

    key: str
    """The customer's key and its own: `fabrikam.everyday`."""
    name: str
    """Its display name, which no other relationship of the partner has."""
    customer: str
    status: str
    """As Microsoft Graph has it; of one that is declared and not made yet, `created`."""
    is_terminated: bool = False
    """Whether its end is declared."""
    waits: bool = False
    """Whether groups still wait for the update that assigns them."""

    @property
    def is_in_use(self) -> bool:
        """Whether people work by it as declared."""
        return self.status == "active" and not self.waits

    @property
    def gives_access(self) -> bool:
        """Whether it gives access, or still may once the customer approves."""
        return self.status != "created" and self.status not in _ENDING

    def __str__(self) -> str:
        return f"{quoted(self.name)} with {self.customer}"


_ENDING: Final = ("terminationRequested", "terminating", "expiring", "terminated", "expired")


@dataclass(frozen=True)
class TakenAddress:
    """An e-mail address that an account or a group of the tenant has."""

    address: str
    """In lower case."""
    holder: Principal


@dataclass(frozen=True)
class DeletedAccount:
    """A deleted account, which can be restored for thirty days, under the sign-in name that it had before."""

    principal: Principal
    owned: bool = False
    """Whether the stack's state holds it."""

    def __str__(self) -> str:
        return f"{self.principal.name} ({self.principal.upn}, {self.principal.object_id})"


class Part(StrEnum):
    """What can be read, or not, beside the members of each agent group."""

    DIRECTORY_ROLES = "the assignments of directory roles"
    ELIGIBILITIES = "who is eligible for a directory role"
    CONSENT_GRANTS = "the consents to FTOP"
    ACCOUNTS = "the accounts of this stack"
    CALLER = "the deploying identity"
    DOMAINS = "the domains of the tenant"
    NAMES = "the accounts with the sign-in names and e-mail addresses of this change"
    DELETED = "the deleted accounts"
    ROLE_ASSIGNABLE_GROUPS = "the members of role-assignable groups"
    CUSTOMER_GROUPS = "the members of the groups with roles at customers"


@dataclass(frozen=True)
class Existing:
    """A tenant as it is before a change."""

    access: AccessMap
    """Who holds which agent group or directory role: groups, and everybody in them (:func:`access_of`)."""
    accounts: tuple[OwnedAccount, ...]
    caller: Principal | None
    """The identity that deploys; None only where it was not read."""
    ftop_principal: str | None = None
    """The object id of FTOP's service principal, where its application is declared and the tenant has it."""
    consents: tuple[ExistingConsent, ...] = ()
    known: tuple[Principal, ...] = ()
    """Accounts that need hold nothing: those that the declaration adopts and those that the stack owns, as they are."""
    emergency: frozenset[str] = frozenset()
    """Object ids of the accounts that the stack's state knows as emergency accounts."""
    not_read: Mapping[AgentGroup | Part, NotRead] = field(default_factory=dict)
    licensed: bool = True
    """Whether the tenant has the licence for eligible roles (Privileged Identity Management)."""
    eligibilities: tuple[OwnedEligibility, ...] = ()
    """The eligible roles that the stack's state holds."""
    protected: frozenset[str] = frozenset()
    """The ids of role assignments that the stack's state protects: the engine refuses to take one away."""
    requests: frozenset[str] = frozenset()
    """The ids of the requests for eligible roles that the directory has still: it purges them, and the provider needs
    the one of a role to take it over or away. Read where the stack has or makes eligible roles."""
    unjustified_requests: frozenset[str] = frozenset()
    """Those of them that give no justification: the provider takes over no role without one."""
    verified_domains: frozenset[str] | None = None
    """In lower case; None where they were not read."""
    names: tuple[Principal, ...] = ()
    """The accounts with a sign-in name that the change would give (:func:`tenantry.rules.change.names.new_names`)."""
    addresses: tuple[TakenAddress, ...] = ()
    """Which of the e-mail addresses that the change would give are taken, and by whom."""
    deleted: tuple[DeletedAccount, ...] = ()
    """The deleted accounts that had one of those sign-in names."""
    permissions: frozenset[str] | None = None
    """The application permissions of the identity that deploys; None where it is no application, or does not say."""
    in_role_assignable_groups: frozenset[str] = frozenset()
    """The object ids, in lower case, of members and owners of groups that directory roles can be given to."""

    relationships: tuple[ExistingRelationship, ...] = ()
    """The relationships with customers that the stack has."""
    at_customers: AccessMap = field(default_factory=AccessMap)
    """What they give whom (:func:`access_at_customers`)."""

    def why_not_read(self, part: AgentGroup | Part) -> str | None:
        """Why a part was not read; None where it was."""
        if part in self.not_read:
            return self.not_read[part].text
        return "it was not read" if part is Part.CALLER and self.caller is None else None

    def holders(self) -> dict[str, Principal]:
        """Everybody and everything known here, by object id."""
        direct = {grant.principal.object_id: grant.principal for grant, why in self.access.records() if not why.through}
        others = [*self.known, *([self.caller] if self.caller else [])]
        everybody = {grant.principal.object_id: grant.principal for grant in self.access.grants}
        return everybody | direct | {holder.object_id: holder for holder in others}


def access_of(direct: Iterable[tuple[Grant, Reason]], not_read: Collection[AgentGroup | Part] = ()) -> AccessMap:
    """The access of a tenant, from what is held directly: what a group holds, everybody in it holds through it.

    It answers for all agent groups and directory roles but those ``not_read``.
    """
    held = list(direct)
    through = (
        (replace(grant, principal=member), replace(why, through=grant.principal.object_id))
        for grant, why in held
        for member in grant.principal.members or ()
    )
    of_groups = (Answer(Kind.AGENT_GROUP, group.value) for group in AgentGroup if group not in not_read)
    of_roles = (
        Answer(Kind.DIRECTORY_ROLE, None, assignment_type)
        for part, assignment_type in _ROLES_BY_PART.items()
        if part not in not_read
    )
    # Direct ones first: what is known of a holder is best known there.
    return AccessMap.of([*held, *through], [*of_groups, *of_roles])


def access_at_customers(
    given: Iterable[tuple[str, str, str, Iterable[str]]], members: Mapping[str, Iterable[Principal]]
) -> AccessMap:
    """Who holds which role at which customer, by relationships that give access.

    ``given`` are the relationship's key, the customer's tenant id, a group and its roles there; ``members`` are the
    people in each group, whatever groups are named by.
    """
    grants = (
        (Grant.at_customer(member, tenant_id, role), Reason(source=key))
        for key, tenant_id, group, roles in given
        for member in members.get(group, ())
        for role in roles
    )
    return AccessMap.of(grants, [Answer(Kind.CUSTOMER_ROLE)])


_ROLES_BY_PART: Final = {
    Part.DIRECTORY_ROLES: AssignmentType.ACTIVE,
    Part.ELIGIBILITIES: AssignmentType.ELIGIBLE,
}


def new_names(tenant: Tenant, accounts: Iterable[OwnedAccount]) -> dict[str, str]:
    """The sign-in names that accounts would be made with or renamed to, folded, by key of the person.

    ``accounts`` are those that the stack made and that are there.
    """
    return {
        key: folded_upn(person.upn)
        for key, person, account in made_here(tenant, accounts)
        if account is None or folded_upn(account.principal.upn or "") != folded_upn(person.upn)
    }


def new_addresses(tenant: Tenant, accounts: Iterable[OwnedAccount]) -> dict[str, str]:
    """The e-mail addresses that accounts would be made with or changed to, in lower case, by key of the person."""
    return {
        key: person.email.casefold()
        for key, person, account in made_here(tenant, accounts)
        if person.email
        if account is None or (account.principal.email or "").casefold() != person.email.casefold()
    }


def made_here(tenant: Tenant, accounts: Iterable[OwnedAccount]) -> Iterator[tuple[str, Person, OwnedAccount | None]]:
    """The people whose accounts are made here, each with the account where there is one."""
    by_key = {account.key: account for account in accounts}
    for key, person in tenant.members.items():
        if not person.adopted:
            yield key, person, by_key.get(key)
