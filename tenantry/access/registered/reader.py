"""Reads a program's resources for who is in an agent group and who holds a directory role."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Reason, Unresolved
from tenantry.access.inverse import FTOP_APPLICATION
from tenantry.access.principals import AmbiguousPrincipalError, By, Identity, Principal, Principals
from tenantry.access.registered.escalation_paths import EscalationPaths
from tenantry.access.registered.lookup import GROUPS, Lookup, UnknownGroupError, is_unknown, items
from tenantry.access.registered.resources import (
    UNKNOWN,
    Allowed,
    GivenAtCustomer,
    OutOfPolicyGrant,
    PendingPrincipal,
    RegisteredResource,
    RegisteredView,
)
from tenantry.access.resource_types import (
    ADMINISTRATIVE_UNIT_ROLE_MEMBER,
    DELEGATED_PERMISSION_GRANT,
    DIRECTORY_ROLE,
    DIRECTORY_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ELIGIBILITY,
    DIRECTORY_ROLE_MEMBER,
    GROUP,
    GROUP_MEMBER,
    GROUP_WITHOUT_MEMBERS,
    INVITATION,
    SERVICE_PRINCIPAL,
    USER,
)
from tenantry.access.state import RELATIONSHIP
from tenantry.declaration.consent import TenantConsent
from tenantry.graph.models import ENDED, GIVES_ACCESS, MemberKind
from tenantry.roles import ALL_USERS, AgentGroup, AssignmentType
from tenantry.spelling import folded


def read(
    resources: Iterable[RegisteredResource],
    people: Iterable[Identity] = (),
    pinned_groups: Mapping[AgentGroup, str] | None = None,
    allowed: Allowed | None = None,
    consent: TenantConsent | None = None,
    *,
    at_customers: bool = False,
) -> RegisteredView:
    """Read a program's resources.

    ``at_customers`` says that they are all there are, as in a plan, so that no relationship is no access at customers.

    The declaration says no more than which object id and UPN belong together (``people``), the object ids of
    agent groups that it pins, and which application is FTOP's and what the tenant consents to (``consent``); the
    configuration of the pack, what is ``allowed`` although nothing shows what it gives.
    """
    lookup = Lookup(resources, pinned_groups or {}, allowed or Allowed())
    return _Reader(lookup, Principals(people), consent).view(at_customers=at_customers)


@dataclass(frozen=True)
class _RoleType:
    """Where a type that gives directory roles says which role, to whom, and over what."""

    role: str
    principal: str
    assignment_type: AssignmentType = AssignmentType.ACTIVE
    scopes: tuple[str, ...] = ()


_ROLE_TYPES: Final = {
    DIRECTORY_ROLE_ASSIGNMENT: _RoleType("roleId", "principalObjectId", scopes=("directoryScopeId", "appScopeId")),
    DIRECTORY_ROLE_MEMBER: _RoleType("roleObjectId", "memberObjectId"),
    DIRECTORY_ROLE_ELIGIBILITY: _RoleType(
        "roleDefinitionId", "principalId", AssignmentType.ELIGIBLE, ("directoryScopeId",)
    ),
    ADMINISTRATIVE_UNIT_ROLE_MEMBER: _RoleType(
        "roleObjectId", "memberObjectId", scopes=("administrativeUnitObjectId",)
    ),
}

_KINDS: Final = {
    GROUP: MemberKind.GROUP,
    GROUP_WITHOUT_MEMBERS: MemberKind.GROUP,
    SERVICE_PRINCIPAL: MemberKind.SERVICE_PRINCIPAL,
    INVITATION: MemberKind.USER,
}


class _Reader:
    def __init__(self, lookup: Lookup, people: Principals, consent: TenantConsent | None) -> None:
        self.lookup = lookup
        self.consent = consent
        self.unresolved: list[Unresolved] = []
        self.out_of_policy: list[OutOfPolicyGrant] = []
        self.pending: list[PendingPrincipal] = []
        self.principals = self._principals(people)
        self.accounts = tuple(
            (self._account(resource), resource) for resource in self.lookup.registered if resource.type == USER
        )
        self.known = {principal: principal for principal, _ in self.accounts}
        self._customer_groups: dict[str, tuple[Principal, ...]] = {}
        """The members of groups with roles at customers, by URN."""

    def view(self, *, at_customers: bool) -> RegisteredView:
        grants = [*self._group_grants(), *self._member_grants(), *self._role_grants(), *self._consents()]
        given = {one.urn: self._at_customer(one) for one in self.lookup.registered if one.type == RELATIONSHIP}
        grants += (item for urn, one in given.items() if not self._ends(urn) for item in one.grants)
        paths = EscalationPaths(self.lookup, self.consent)
        paths.read()
        answers = [Answer(Kind.DIRECTORY_ROLE), *(Answer(Kind.AGENT_GROUP, group.value) for group in AgentGroup)]
        if self.consent:
            answers.append(Answer(Kind.CONSENT, FTOP_APPLICATION))
        if at_customers:
            answers.append(Answer(Kind.CUSTOMER_ROLE))
        return RegisteredView(
            access=AccessMap.of(grants, answers, {*self.unresolved, *paths.unresolved}),
            principals=self.principals,
            accounts=self.accounts,
            agent_groups=tuple((group, resource) for resource, group in self._own_groups()),
            members_beside=tuple(self._members_beside()),
            writes_all_users=tuple(r for r in self.lookup.registered if self._is_all_users(r)),
            out_of_policy=(*self.out_of_policy, *paths.out_of_policy),
            pending=tuple(self.pending),
            protected=frozenset(item.urn for item in self.lookup.registered if item.protected),
            left_out=tuple(
                (self._principal(left) if isinstance(left, str) else self._principal_of(left), policy)
                for left, policy in paths.left_out
            ),
            at_customers=given,
        )

    def _principals(self, principals: Principals) -> Principals:
        """Names that belong together; one that contradicts the declaration is a way round it."""
        for resource in self.lookup.resources:
            if resource.type == USER:
                try:
                    principals.add(Identity(resource.known("userPrincipalName"), resource.object_id, resource.urn))
                except AmbiguousPrincipalError as error:
                    if resource.registered:
                        self.out_of_policy.append(
                            OutOfPolicyGrant(resource.urn, f"an account under somebody else's name: {error}")
                        )
        return principals

    def _account(self, resource: RegisteredResource) -> Principal:
        """Whose account a user is, and what the resource says of it."""
        principal = self.principals.resolve(urn=resource.urn)
        return replace(
            principal,
            object_id=principal.object_id or resource.object_id or "",
            upn=resource.known("userPrincipalName"),
            email=resource.known("mail"),
            enabled=resource.outputs.get("accountEnabled") is not False,
            guest="#ext#" in _upn(resource),
        )

    # Who a value stands for

    def _principals_in(self, resource: RegisteredResource, key: str, where: tuple[Kind, str]) -> Iterator[Principal]:
        """Whom a property names, one id or a list of them. What is unknown becomes unresolved."""
        value = resource.inputs.get(key)
        given = items(value) or ([value] if value is None else [])
        known = [item for item in given if isinstance(item, str)]
        hidden = len(given) - len(known)
        for object_id in known:
            yield self._principal(object_id)
        if value is None or not hidden:
            return
        self.pending.append(PendingPrincipal(resource.urn, where[1], hidden))
        new = self._pending(resource.depends.get(key, frozenset()))
        for urn in new:
            yield self._principal_of(self.lookup.by_urn[urn])
        whole = is_unknown(value) and key == "members"
        if whole or len(new) != hidden:
            seen = "its members are unknown as a whole" if whole else f"{hidden} unknown, {len(new)} new account(s)"
            self.unresolved.append(Unresolved(*where, resource.urn, f"`{key}`: {seen}"))

    def _pending(self, urns: Iterable[str]) -> list[str]:
        """The principals among some resources whose ids the engine does not know yet."""
        births = (USER, INVITATION, SERVICE_PRINCIPAL, *GROUPS)
        return sorted(
            urn for urn in urns if (r := self.lookup.by_urn.get(urn)) and r.type in births and not self._own_id(r)
        )

    @staticmethod
    def _own_id(resource: RegisteredResource) -> str | None:
        return resource.known("userId") if resource.type == INVITATION else resource.object_id

    def _principal(self, object_id: str) -> Principal:
        resource = self.lookup.by_id(object_id)
        # By its id, not by the account that claims the id: the claim may contradict the declaration.
        if resource is None or (resource.type == USER and "#ext#" not in _upn(resource)):
            principal = self.principals.resolve(object_id=object_id)
            return self.known.get(principal, principal)
        return self._principal_of(resource)

    def _principal_of(self, resource: RegisteredResource) -> Principal:
        if resource.type == USER:
            principal = self._account(resource)
            return self.known.get(principal, principal)
        kind = _KINDS.get(resource.type, MemberKind.OTHER)
        if resource.type == SERVICE_PRINCIPAL and resource.object_id and self.principals.knows(resource.object_id):
            return replace(self.principals.resolve(object_id=resource.object_id), kind=kind)
        return Principal(By.URN, resource.urn, kind=kind, guest=resource.type == INVITATION)

    # Agent groups

    def _own_groups(self) -> Iterator[tuple[RegisteredResource, AgentGroup]]:
        """The agent groups that the program itself registers."""
        return ((r, group) for r in self.lookup.registered if (group := self.lookup.agent_group(r)))

    def _group_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for resource in self.lookup.registered:
            if resource.type in GROUPS and resource.object_id is None and resource.known("displayName") is None:
                why = "a new group whose name is unknown"
                self.unresolved.append(Unresolved(Kind.AGENT_GROUP, "unknown", resource.urn, why))
        for resource, group in self._own_groups():
            urn, where = resource.urn, (Kind.AGENT_GROUP, group.value)
            for principal in self._principals_in(resource, "members", where):
                yield Grant(principal, *where), Reason(f"a member in {resource.name}", urn)
            if resource.inputs.get("dynamicMembership"):
                self.unresolved.append(Unresolved(*where, urn, "a dynamic membership rule decides its members"))
            if resource.ignores_changes_of("members"):
                self.unresolved.append(
                    Unresolved(*where, urn, "changes of `members` are ignored, so that anybody may be a member")
                )
            # An adopted group keeps the owners that it has: they are ignored, and only seen here.
            adopted = resource.object_id is not None and resource.ignores_changes_of("owners")
            if resource.inputs.get("owners") and not adopted:
                self.out_of_policy.append(OutOfPolicyGrant(urn, f"owners of {group}, who can add members to it"))

    def _member_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for group, resource in self._members_beside():
            where = (Kind.AGENT_GROUP, group.value)
            for principal in self._principals_in(resource, "memberObjectId", where):
                yield Grant(principal, *where), Reason(f"the GroupMember {resource.name}", resource.urn)

    def _members_beside(self) -> Iterator[tuple[AgentGroup, RegisteredResource]]:
        return ((group, resource) for group, resource in self._memberships() if isinstance(group, AgentGroup))

    def _memberships(self) -> Iterator[tuple[AgentGroup | RegisteredResource | str, RegisteredResource]]:
        """The memberships that stand outside a group's own list, each with the group where it is known."""
        for resource in self.lookup.registered:
            if resource.type == GROUP_MEMBER:
                try:
                    yield self.lookup.group(resource, "groupObjectId"), resource
                except UnknownGroupError:
                    continue  # the escalation paths say so

    def _is_all_users(self, resource: RegisteredResource) -> bool:
        def named(candidate: RegisteredResource) -> bool:
            name = candidate.known("displayName") or ""
            return candidate.type in GROUPS and folded(name).strip() == folded(ALL_USERS)

        if resource.type != GROUP_MEMBER:
            return named(resource)
        found = self.lookup.by_id(resource.known("groupObjectId") or "")
        sources = (self.lookup.by_urn.get(urn) for urn in resource.depends.get("groupObjectId", ()))
        return any(named(group) for group in (found, *sources) if group)

    # Directory roles

    def _role_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for resource in self.lookup.registered:
            role_type = _ROLE_TYPES.get(resource.type)
            if role_type is None:
                continue
            template_id = self._role(resource, role_type.role)
            if template_id is None:
                self.unresolved.append(Unresolved(Kind.DIRECTORY_ROLE, "unknown", resource.urn, "the role is unknown"))
                template_id = "unknown"
            scope = _scope(resource, role_type)
            for principal in self._principals_in(resource, role_type.principal, (Kind.DIRECTORY_ROLE, template_id)):
                grant = Grant(principal, Kind.DIRECTORY_ROLE, template_id, scope, role_type.assignment_type)
                yield grant, Reason(f"the {resource.word} {resource.name}", resource.urn)

    def _role(self, resource: RegisteredResource, key: str) -> str | None:
        """The template id of the role that a property names, by template id or by the role's object id."""
        named = resource.known(key)
        source = self.lookup.named(resource, key)
        if source and source.type == DIRECTORY_ROLE:
            return (source.known("templateId") or "").lower() or None
        return named.lower() if named else None

    # Roles at customers

    def _ends(self, urn: str) -> bool:
        """Whether a relationship gives nothing any more, or is to end."""
        resource = self.lookup.by_urn[urn]
        terminates = resource.inputs.get("terminate") is True and not resource.ignores_changes_of("terminate")
        return terminates or resource.outputs.get("status") in ENDED

    def _at_customer(self, resource: RegisteredResource) -> GivenAtCustomer:
        """What a relationship gives the members of groups, or will once its customer approves."""
        status, given = str(resource.outputs.get("status")), resource.inputs.get("assignments")
        tenant_id = resource.known("customerTenantId") or "unknown"
        grants: list[tuple[Grant, Reason]] = []
        groups: set[str] = set()
        unknown: list[str] = []
        if given is not None and not isinstance(given, Mapping):
            unknown.append("`assignments` is not known")
        if resource.ignores_changes_of("assignments"):
            unknown.append("changes of `assignments` are ignored, so that others may be given there")
        for key, each in given.items() if isinstance(given, Mapping) else ():
            if not isinstance(each, Mapping):
                unknown.append(f"`assignments.{key}` is not known")
                continue
            roles = items(each.get("roles"))
            if any(is_unknown(role) for role in roles):
                unknown.append(f"`assignments.{key}`: which roles is not known")
            group = self.lookup.customer_group(resource, key, each)
            if group is None:
                unknown.append(f"`assignments.{key}`: which group is not known")
                continue
            name = group.known("displayName") or group.name
            why = Reason(f"in {name}", resource.urn, pending=status not in GIVES_ACCESS)
            named = [role for role in roles if isinstance(role, str)]
            members = self._members_of(group)
            grants += ((Grant.at_customer(one, tenant_id, role), why) for one in members for role in named)
            groups.add(group.urn)
        if not self._ends(resource.urn):
            where = (Kind.CUSTOMER_ROLE, tenant_id, resource.urn)
            self.unresolved += (Unresolved(*where, what) for what in unknown)
        name = resource.known("customerName") or ""
        return GivenAtCustomer(name, tenant_id, tuple(grants), frozenset(groups))

    def _members_of(self, group: RegisteredResource) -> tuple[Principal, ...]:
        if group.urn not in self._customer_groups:
            where = (Kind.CUSTOMER_ROLE, group.known("displayName") or group.name)
            listed = self._principals_in(group, "members", where)
            beside = (
                principal
                for into, resource in self._memberships()
                if isinstance(into, RegisteredResource) and into.urn == group.urn
                for principal in self._principals_in(resource, "memberObjectId", where)
            )
            self._customer_groups[group.urn] = tuple(dict.fromkeys((*listed, *beside)))
            if _is_silent_on_members(group):
                self.unresolved.append(Unresolved(*where, group.urn, "its members are not stated here"))
            if group.ignores_changes_of("members"):
                why = "changes of `members` are ignored, so that anybody can be in it"
                self.unresolved.append(Unresolved(*where, group.urn, why))
        return self._customer_groups[group.urn]

    # Consent to FTOP

    def _consents(self) -> Iterator[tuple[Grant, Reason]]:
        """Consent to the application that is declared to be FTOP's: everybody's, or one person's."""
        for resource in self.lookup.registered:
            if resource.type != DELEGATED_PERMISSION_GRANT or self.consent is None:
                continue
            if self.lookup.application(resource, "servicePrincipalObjectId") != self.consent.application_id:
                continue
            where, reason = (Kind.CONSENT, FTOP_APPLICATION), Reason(f"the consent {resource.name}", resource.urn)
            if resource.inputs.get("userObjectId") is None:
                yield Grant(Principal.everybody_in(self.consent.tenant_id), *where), reason
            for principal in self._principals_in(resource, "userObjectId", where):
                yield Grant(principal, *where), reason


def _is_silent_on_members(group: RegisteredResource) -> bool:
    """Whether a group can have members that the program does not state: only a new one has nobody else in it."""
    is_new = group.registered and not group.imported and group.object_id is None
    return group.inputs.get("members") is None and not (is_new and not group.inputs.get("dynamicMembership"))


def _upn(resource: RegisteredResource) -> str:
    return (resource.known("userPrincipalName") or "").lower()


def _scope(resource: RegisteredResource, role_type: _RoleType) -> str:
    """Where a role holds: an administrative unit, an application, or the whole tenant."""
    given = [resource.known(key) for key in role_type.scopes]
    if any(resource.inputs.get(key) == UNKNOWN and not resource.known(key) for key in role_type.scopes):
        given.append("not known yet")
    return next((scope for scope in given if scope and scope != "/"), "/")
