"""The observed view: all access that the tenant really gives, as Microsoft Graph shows it.

:func:`observe` reads plain facts, each of them the value or why it was not read. :func:`access_map` makes an access
map of them, which answers for what was read whole, and for nothing else: what could not be read is never nothing.

Who owns a group or an application, and what applications may do by themselves, :mod:`tenantry.access.posture` reads;
what an update needs to know before it begins, :mod:`tenantry.access.existing_reader`.
A role that somebody has activated for some hours is held as eligible; where activations cannot
be read, it stands among the assignments, and shows as held all the time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tenantry.access.grants import UNIT_SCOPE, AccessMap, Answer, Grant, Kind, Reason, Unresolved
from tenantry.access.inverse import FTOP_APPLICATION
from tenantry.access.parts import Members, NotRead, Parts, or_none, read
from tenantry.access.principals import Identity, Principal, Principals, agreeing, in_tenant
from tenantry.access.relationships import AtCustomers, CustomerGroup, ObservedRelationship, read_at_customers
from tenantry.declaration.customers import GdapGroup
from tenantry.graph.errors import Cause
from tenantry.graph.models import (
    ActivatedRole,
    ConsentGrant,
    ConsentType,
    Domain,
    Group,
    Member,
    MemberKind,
    Organization,
    RoleAssignment,
    ServicePrincipal,
    User,
    is_guest,
)
from tenantry.roles import AgentGroup, AssignmentType
from tenantry.spelling import folded_upn

if TYPE_CHECKING:
    from tenantry.graph.client import GraphReader  # it needs `tenantry[graph]`, and what was read does not


@dataclass(frozen=True)
class GroupMembers:
    """An agent group and who is in it by itself."""

    group: Group
    members: Members


@dataclass(frozen=True)
class ObservedTenant:
    """What was read of a tenant. Object ids are in lower case."""

    tenant_id: str | None
    """As the token or the organization has it; None where neither says."""
    organization: Organization | NotRead
    domains: tuple[Domain, ...] | NotRead
    users: tuple[User, ...] | NotRead
    agent_groups: Mapping[AgentGroup, GroupMembers | NotRead]
    role_assignments: tuple[RoleAssignment, ...] | NotRead
    role_eligibilities: tuple[RoleAssignment, ...] | NotRead
    """Nobody, where the tenant lacks the licence for eligible roles."""
    role_groups: tuple[Group, ...] | NotRead
    """The groups among those that hold a directory role or may activate one."""
    inside: Mapping[str, Members | NotRead]
    """By object id of a group that holds a role or is in an agent group: everything in it, in groups in it as well."""
    consents: tuple[ConsentGrant, ...] | NotRead
    service_principals: tuple[ServicePrincipal, ...] | NotRead
    """The applications that were consented to or hold a directory role."""
    role_activations: tuple[ActivatedRole, ...] | NotRead
    """The assignments that somebody activated, and that end by themselves."""
    role_names: Mapping[str, str] = field(default_factory=dict)
    """What directory roles are called, by definition id; what was not read goes by its id."""
    counted: "Counted | None" = None
    """All accounts by number, where :attr:`users` has only some of them; None where they were not read."""
    unit_names: Mapping[str, str] = field(default_factory=dict)
    """What administrative units are called over which a role is held, by object id; the same."""
    at_customers: AtCustomers | None = None
    """What people may do at customers; None where nobody asked."""

    @property
    def roles_not_read(self) -> NotRead | None:
        """Why directory roles are unknown; None where all that it takes was read."""
        parts = (self.role_assignments, self.role_eligibilities, self.users, self.role_groups)
        return next((part for part in parts if isinstance(part, NotRead)), None)

    @property
    def consents_not_read(self) -> NotRead | None:
        """Why consents are unknown; None where all that it takes was read."""
        parts = (self.consents, self.service_principals, self.users, self.organization if not self.tenant_id else None)
        return next((part for part in parts if isinstance(part, NotRead)), None)

    @property
    def customer_groups(self) -> Mapping[str, CustomerGroup]:
        """The groups that have roles at customers or are declared to, by object id, as far as they were read."""
        groups = self.at_customers.groups if self.at_customers else {}
        return {} if isinstance(groups, NotRead) else groups

    def inside_customer_groups(self) -> Iterator[tuple[CustomerGroup, Member]]:
        """Everything in the groups that work at customers, in groups in them as well, as far as that was read."""
        for group in self.customer_groups.values():
            for member in or_none(group.members):
                yield group, member
                yield from ((group, item) for item in or_none(self.inside.get(member.id, ())))

    def principals(self) -> dict[str, Principal]:
        """Everything that was read and may hold access, by object id."""
        groups = [found.members for found in self.agent_groups.values() if isinstance(found, GroupMembers)]
        everything: list[User | Member | Group | ServicePrincipal] = [
            *or_none(self.users),
            *(member for members in (*groups, *self.inside.values()) for member in or_none(members)),
            *or_none(self.role_groups),
            *or_none(self.service_principals),
            *(one.group for one in self.customer_groups.values()),
            *(member for one in self.customer_groups.values() for member in or_none(one.members)),
        ]
        return {item.id: in_tenant(item) for item in reversed(everything)}

    def identities(self) -> list[Identity]:
        """The names under which the tenant knows its accounts."""
        return [Identity(upn=item.upn, object_id=item.object_id) for item in self.principals().values() if item.upn]


_NAMES_OF_OTHERS: Final = 5
_MOST_NAMES: Final = 100
"""Kept while it is not known yet who of them holds something through a group."""


@dataclass(frozen=True)
class Counted:
    """All accounts of a tenant by number, with the names of the first of those whom nobody asked for."""

    accounts: int
    enabled_members: int
    """Those of the tenant's own people who can sign in."""
    guests: int
    synchronised: int
    others: int
    """Enabled members who hold nothing and are not declared."""
    some_others: tuple[str, ...]
    """The sign-in names of the first of them."""

    def without(self, holders: Iterable[Member]) -> "Counted":
        """The same, where some of the others turned out to hold something through a group."""
        known = {
            item.user_principal_name or item.id
            for item in holders
            if item.account_enabled is not False and not is_guest(item.user_type, item.user_principal_name)
        }
        rest = tuple(name for name in self.some_others if name not in known)
        return replace(self, others=self.others - len(known), some_others=rest[:_NAMES_OF_OTHERS])


@dataclass(frozen=True)
class Wanted:
    """Of which accounts more is kept than their number: whom a declaration names, beside those who hold something."""

    object_ids: frozenset[str] = frozenset()
    upns: frozenset[str] = frozenset()
    """Folded."""
    emails: frozenset[str] = frozenset()
    """The same: somebody who was renamed keeps their address."""

    @classmethod
    def of(cls, known: Iterable[Identity], emails: Iterable[str] = ()) -> "Wanted":
        """Those of some identities, and those with some addresses."""
        names = list(known)
        return cls(
            frozenset(item.object_id.lower() for item in names if item.object_id),
            frozenset(folded_upn(item.upn) for item in names if item.upn),
            frozenset(map(folded_upn, emails)),
        )

    def has(self, user: User) -> bool:
        """Whether an account is among them."""
        named = user.id in self.object_ids or folded_upn(user.user_principal_name) in self.upns
        return named or bool(user.mail and folded_upn(user.mail) in self.emails)


# --- reading


def observe(
    reader: "GraphReader",
    pinned_groups: Mapping[AgentGroup, str] | None = None,
    wanted: Wanted | None = None,
    customer_groups: Iterable[GdapGroup] | None = None,
) -> ObservedTenant:
    """Read a tenant. `pinned_groups` gives the object ids of agent groups that are not to be looked up by name.

    With `wanted`, accounts are kept that are among them or hold something, and the others only counted. With
    `customer_groups`, the declared groups by which people work at customers, what they may do there is read too.
    Raises UnreachableError and SignInError, where nothing can be read; a part that is refused is a NotRead.
    """
    organization = read(reader.organization)
    parts = Parts(reader)
    unnamed = _agent_groups(reader, parts, pinned_groups or {})
    assignments = parts.role_assignments()
    eligible = parts.eligibilities()
    eligibilities = eligible if isinstance(eligible, NotRead) else eligible.roles
    consents = parts.consents()
    holding = _holders(assignments, eligibilities) | {
        member.id for found in unnamed.values() if isinstance(found, GroupMembers) for member in found.members
    }
    holding |= {grant.principal_id for grant in or_none(consents) if grant.principal_id}
    customers = None if customer_groups is None else read_at_customers(reader, parts, customer_groups)
    groups_there = {} if customers is None or isinstance(customers.groups, NotRead) else customers.groups
    there = [member for one in groups_there.values() for member in or_none(one.members)]
    holding |= {member.id for member in there}
    counted: Counted | None = None
    if wanted is None:
        users = read(lambda: tuple(reader.users()))
    else:
        some = read(lambda: _some_users(reader.users(), wanted, holding))
        users, counted = (some, None) if isinstance(some, NotRead) else some
    agent_groups = {
        group: found if isinstance(found, NotRead) else _with_names(found, users) for group, found in unnamed.items()
    }
    clients = {grant.client_id for grant in or_none(consents)}
    holders = parts.behind(_holders(assignments, eligibilities), users, clients)
    members = [item for found in agent_groups.values() if isinstance(found, GroupMembers) for item in found.members]
    nested = {member.id for member in (*members, *there) if member.kind is MemberKind.GROUP}
    inside = {
        group_id: _named(parts.inside(group_id), users)
        for group_id in sorted(nested | {group.id for group in or_none(holders.groups)})
    }
    if counted:
        kept = {user.id for user in or_none(users)}
        through = {member.id: member for members in inside.values() for member in or_none(members)}
        counted = counted.without(
            item for item in through.values() if item.kind is MemberKind.USER and item.id not in kept
        )
    return ObservedTenant(
        tenant_id=reader.caller().tenant_id if isinstance(organization, NotRead) else organization.id,
        organization=organization,
        domains=read(lambda: tuple(reader.domains())),
        users=users,
        agent_groups=agent_groups,
        role_assignments=assignments,
        role_eligibilities=eligibilities,
        role_groups=holders.groups,
        inside=inside,
        consents=consents,
        service_principals=holders.service_principals,
        role_activations=parts.activations(),
        role_names=_role_names(reader, assignments, eligibilities),
        counted=counted,
        unit_names=_unit_names(reader, assignments, eligibilities),
        at_customers=_with_known_names(customers, users),
    )


def _with_known_names(customers: AtCustomers | None, users: tuple[User, ...] | NotRead) -> AtCustomers | None:
    if customers is None or isinstance(customers.groups, NotRead):
        return customers
    groups = {id_: replace(one, members=_named(one.members, users)) for id_, one in customers.groups.items()}
    return replace(customers, groups=groups)


def _some_users(users: Iterable[User], wanted: Wanted, holding: set[str]) -> tuple[tuple[User, ...], Counted]:
    """Those who matter, page by page: the memory that it takes grows with them, not with the tenant."""
    kept: list[User] = []
    names: list[str] = []
    accounts = members = guests = synchronised = others = 0
    for user in users:
        accounts += 1
        guests += user.is_guest
        synchronised += bool(user.on_premises_sync_enabled)
        is_member = not user.is_guest and user.account_enabled is not False
        members += is_member
        if user.id in holding or wanted.has(user):
            kept.append(user)
        elif is_member:
            others += 1
            names += [user.user_principal_name] * (len(names) < _MOST_NAMES)
    return tuple(kept), Counted(accounts, members, guests, synchronised, others, tuple(names))


def _role_names(reader: "GraphReader", *parts: tuple[RoleAssignment, ...] | NotRead) -> dict[str, str]:
    """Names only: where they may not be read, roles go by their ids, and nothing else is known any less."""
    held = {assignment.role_definition_id for part in parts for assignment in or_none(part)}
    found = read(lambda: tuple(reader.role_definitions())) if held else ()
    return {item.id: item.display_name for item in or_none(found) if item.id in held and item.display_name}


def _unit_names(reader: "GraphReader", *parts: tuple[RoleAssignment, ...] | NotRead) -> dict[str, str]:
    """Names only, as of roles."""
    scopes = {assignment.scope for part in parts for assignment in or_none(part)}
    over_units = any(scope.startswith(UNIT_SCOPE) for scope in scopes)
    found = read(lambda: tuple(reader.administrative_units())) if over_units else ()
    return {item.id: item.display_name for item in or_none(found) if item.display_name}


def _holders(*parts: tuple[RoleAssignment, ...] | NotRead) -> set[str]:
    return {assignment.principal_id for part in parts for assignment in or_none(part)}


def _agent_groups(
    reader: "GraphReader", parts: Parts, pinned: Mapping[AgentGroup, str]
) -> dict[AgentGroup, GroupMembers | NotRead]:
    names = [name for group in AgentGroup if group not in pinned for name in (group.value, group.title)]
    named = read(lambda: tuple(reader.groups_named(names)))
    found: dict[AgentGroup, GroupMembers | NotRead] = {}
    for agent_group in AgentGroup:
        object_id = pinned.get(agent_group)
        group = _pinned(reader, agent_group, object_id) if object_id else _only(agent_group, named)
        found[agent_group] = group if isinstance(group, NotRead) else _members(parts, group)
    return found


def _pinned(reader: "GraphReader", agent_group: AgentGroup, object_id: str) -> Group | NotRead:
    group = read(lambda: reader.group(object_id))
    if group is None:
        text = f"{agent_group} is declared as the group {object_id}, but the tenant has no such group."
        return NotRead(Cause.GONE, f"{text} Correct its id under agent_groups, or remove it there.")
    return group


def _only(agent_group: AgentGroup, named: tuple[Group, ...] | NotRead) -> Group | NotRead:
    """The only security group of a name, as adopting takes it; either spelling is the same name."""
    if isinstance(named, NotRead):
        return named
    found = [g for g in named if g.security_enabled and AgentGroup.by_display_name(g.display_name or "") is agent_group]
    if not found:
        text = f"The tenant has no security group named {agent_group}: Partner Center creates it at enrolment."
        remediation = f"If it was renamed, rename it back to {agent_group} in the Entra admin center."
        return NotRead(Cause.GONE, f"{text} {remediation}")
    if len(found) > 1:
        ids = ", ".join(sorted(group.id for group in found))
        text = f"The tenant has {len(found)} security groups named {agent_group} ({ids})."
        return NotRead(Cause.AMBIGUOUS, f"{text} Give the object id of the real one under agent_groups.")
    return found[0]


def _members(parts: Parts, group: Group) -> GroupMembers | NotRead:
    members = parts.members(group.id)
    return members if isinstance(members, NotRead) else GroupMembers(group, members)


def _with_names(found: GroupMembers, users: tuple[User, ...] | NotRead) -> GroupMembers | NotRead:
    members = _named(found.members, users)
    return members if isinstance(members, NotRead) else GroupMembers(found.group, members)


def _named(members: Members | NotRead, users: tuple[User, ...] | NotRead) -> Members | NotRead:
    """Members, of whom each person's name is known: Graph leaves it out for who may not read people."""
    if isinstance(members, NotRead) or all(m.user_principal_name for m in members if m.kind is MemberKind.USER):
        return members
    if isinstance(users, NotRead):
        return users
    known = {user.id: user for user in users}
    return tuple(
        Member(kind=MemberKind.USER, **known[member.id].model_dump()) if member.id in known else member
        for member in members
    )


# --- mapping


def access_map(
    observed: ObservedTenant, identities: Iterable[Identity] = (), *, ftop_application: str | None = None
) -> AccessMap:
    """The access that was observed, with the assignment or membership that gives it.

    `identities` are those of the declaration: an object id that it has is the person whom it names, whatever they are
    called now, and another account that took over a name is not its former bearer. `ftop_application` is FTOP's
    application (client) id; without it consent is left out. Consent to other applications is left to the facts.
    """
    return _Mapper(observed, identities).map(ftop_application)


def who_is_who(observed: ObservedTenant, identities: Iterable[Identity] = ()) -> Principals:
    """Whom each name in a tenant means: the declaration first, so that a name that contradicts it teaches nothing."""
    return Principals(agreeing([*identities, *observed.identities()]))


_ANYBODY: Final = ""
"""Stands for those in a group whose members were not read."""
_AS_WELL: Final = "also eligible, so it may be only activated now"
_PERHAPS: Final = "perhaps activated now, through a group whose members could not be read"


class _Mapper:
    def __init__(self, observed: ObservedTenant, identities: Iterable[Identity]) -> None:
        self._observed = observed
        self._principals = who_is_who(observed, identities)
        self._called = {
            object_id: f"the {item.kind} {item.name}"
            for object_id, item in observed.principals().items()
            if item.kind is not MemberKind.USER
        }
        self._grants: list[tuple[Grant, Reason]] = []
        self._answers: list[Answer] = []
        self._unresolved: list[Unresolved] = []

    def map(self, ftop_application: str | None) -> AccessMap:
        for agent_group, found in self._observed.agent_groups.items():
            if isinstance(found, GroupMembers):
                self._agent_group(agent_group, found)
        if self._observed.roles_not_read is None:
            self._roles()
        if self._observed.at_customers:
            self._customers(self._observed.at_customers)
        if ftop_application and self._observed.consents_not_read is None and self._observed.tenant_id:
            self._consents(ftop_application.lower(), self._observed.tenant_id)
        return AccessMap.of(self._grants, self._answers, self._unresolved)

    def _principal(self, object_id: str) -> Principal:
        return self._principals.resolve(object_id=object_id)

    def _agent_group(self, agent_group: AgentGroup, found: GroupMembers) -> None:
        self._answers.append(Answer(Kind.AGENT_GROUP, agent_group.value))
        for member in found.members:
            reason = Reason(f"a member of {agent_group}", f"group {found.group.id}")
            self._give(member.id, Grant(self._principal(member.id), Kind.AGENT_GROUP, agent_group.value), reason)

    def _roles(self) -> None:
        self._answers.append(Answer(Kind.DIRECTORY_ROLE))
        activations = self._observed.role_activations
        eligible = {*self._eligible()} if isinstance(activations, NotRead) else set()
        activated = {_what(item): item.end_date_time for item in or_none(activations)}
        for item in or_none(self._observed.role_assignments):
            if _what(item) in activated:
                until = activated[_what(item)]
                text = f"activated until {until:%Y-%m-%d %H:%M} UTC" if until else "activated"
                self._role(item, AssignmentType.ELIGIBLE, text, "role assignment")
            else:
                perhaps = _PERHAPS if (_ANYBODY, *_what(item)[1:]) in eligible else ""
                doubt = _AS_WELL if _what(item) in eligible else perhaps
                text = f"assigned; {doubt}" if doubt else "assigned"
                self._role(item, AssignmentType.ACTIVE, text, "role assignment", says_how=bool(doubt))
        for item in or_none(self._observed.role_eligibilities):
            self._role(item, AssignmentType.ELIGIBLE, "eligible", "eligibility")

    def _eligible(self) -> Iterator[tuple[str, str, str]]:
        """Yield who may activate which role where, also by being in a group that may."""
        for item in or_none(self._observed.role_eligibilities):
            inside = self._observed.inside.get(item.principal_id, ())
            members = [_ANYBODY] if isinstance(inside, NotRead) else [member.id for member in inside]
            for holder in (item.principal_id, *members):
                yield holder, *_what(item)[1:]

    def _role(
        self, item: RoleAssignment, assignment_type: AssignmentType, text: str, record: str, *, says_how: bool = False
    ) -> None:
        principal = self._principal(item.principal_id)
        grant = Grant(principal, Kind.DIRECTORY_ROLE, item.role_definition_id, item.scope, assignment_type)
        reason = Reason(text, f"{record} {item.id}", assignment_id=item.id, says_how=says_how)
        self._give(item.principal_id, grant, reason)

    def _give(self, holder: str, grant: Grant, reason: Reason) -> None:
        """A grant to its holder, and to everything in it if the holder is a group."""
        called = self._called.get(holder)
        own = replace(reason, text=f"{reason.text}, as {called}", says_how=True) if called else reason
        self._grants.append((grant, own))
        inside = self._observed.inside.get(holder, ())
        if isinstance(inside, NotRead):
            self._unresolved.append(Unresolved(grant.kind, grant.target, called or f"the group {holder}", inside.text))
            return
        through = replace(reason, text=f"{reason.text}, through {called or holder}", through=holder, says_how=True)
        for member in inside:
            theirs = Grant(self._principal(member.id), grant.kind, grant.target, grant.scope, grant.assignment_type)
            self._grants.append((theirs, through))

    def _customers(self, found: AtCustomers) -> None:
        if isinstance(found.relationships, NotRead):
            return
        # Of a customer with whom a part was not read nothing is known to be absent.
        unread = {one.tenant_id for one in found.relationships if not self._at_customer(found, one)}
        whole = {one.tenant_id for one in found.relationships} - unread
        kind = Kind.CUSTOMER_ROLE
        self._answers += [Answer(kind, tenant_id) for tenant_id in sorted(whole)] if unread else [Answer(kind)]

    def _at_customer(self, found: AtCustomers, one: ObservedRelationship) -> bool:
        """What a relationship gives; whether all of it was read."""
        where = f"the relationship {one.relationship.display_name}"
        if isinstance(one.assignments, NotRead):
            self._unresolved.append(Unresolved(Kind.CUSTOMER_ROLE, one.tenant_id, where, one.assignments.text))
            return False
        read_whole = True
        for given in one.assignments:
            members = found.members_of(given.group)
            if isinstance(members, NotRead):
                self._unresolved.append(Unresolved(Kind.CUSTOMER_ROLE, one.tenant_id, where, members.text))
                read_whole = False
                continue
            until = f", until {one.ends_on}" if one.ends_on else ""
            source = f"relationship {one.relationship.display_name}"
            reason = Reason(f"in {found.name_of(given.group)}{until}", source, through=given.group, says_how=True)
            for role in sorted(given.roles):
                for member in members:
                    grant = Grant.at_customer(self._principal(member.id), one.tenant_id, role)
                    self._give(member.id, grant, reason)
        return read_whole

    def _consents(self, application: str, tenant_id: str) -> None:
        self._answers.append(Answer(Kind.CONSENT, FTOP_APPLICATION))
        app_ids = {known.id: known.app_id for known in or_none(self._observed.service_principals)}
        for consent in or_none(self._observed.consents):
            whose = app_ids.get(consent.client_id)
            if whose == application:
                self._consent(consent, tenant_id)
            elif whose is None:
                self._hide_consent(consent, f"the tenant has no application {consent.client_id}")

    def _consent(self, consent: ConsentGrant, tenant_id: str) -> None:
        source = f"consent grant {consent.id}"
        if consent.consent_type is ConsentType.ALL_PRINCIPALS:
            grant = Grant(Principal.everybody_in(tenant_id), Kind.CONSENT, FTOP_APPLICATION)
            self._grants.append((grant, Reason("approved for the tenant", source)))
        elif consent.principal_id:
            grant = Grant(self._principal(consent.principal_id), Kind.CONSENT, FTOP_APPLICATION)
            self._grants.append((grant, Reason("consented for one person", source)))
        else:
            self._hide_consent(consent, "it is for one person, but does not say for whom")

    def _hide_consent(self, consent: ConsentGrant, why: str) -> None:
        self._unresolved.append(Unresolved(Kind.CONSENT, FTOP_APPLICATION, f"the consent grant {consent.id}", why))


def _what(item: RoleAssignment) -> tuple[str, str, str]:
    return item.principal_id, item.role_definition_id, item.scope
