"""The tenant as an update finds it: reads :class:`Existing` from Microsoft Graph and from what the stack owns.

An update has to know whom it touches, and no more: the holders, the names that it gives, and which records are the
stack's. All that a tenant holds, for whoever compares or audits it, :mod:`tenantry.access.observed` reads. Both ask
Graph through :mod:`tenantry.access.parts`.

What may not be read becomes a part that was not read; a Graph that is not reached at all raises.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from tenantry.access.declared import eligible_roles
from tenantry.access.existing import (
    DeletedAccount,
    Existing,
    ExistingConsent,
    ExistingRelationship,
    Part,
    TakenAddress,
    access_at_customers,
    access_of,
    new_addresses,
    new_names,
)
from tenantry.access.grants import Grant, Reason, role_of
from tenantry.access.parts import Eligibilities, NotRead, Parts, read
from tenantry.access.principals import Principal, in_tenant
from tenantry.access.state import StackState
from tenantry.declaration.consent import TenantConsent
from tenantry.declaration.tenant import Tenant
from tenantry.graph.client import GraphReader
from tenantry.graph.models import (
    GIVES_ACCESS,
    ConsentGrant,
    ConsentType,
    Group,
    Member,
    MemberKind,
    RoleAssignment,
    ServicePrincipal,
    User,
)
from tenantry.roles import AgentGroup, AssignmentType
from tenantry.spelling import folded_upn

_Item = TypeVar("_Item")


def read_existing(graph: GraphReader, tenant: Tenant, groups: Mapping[AgentGroup, str], owned: StackState) -> Existing:
    """A tenant as it is now. ``groups`` are the object ids of the agent groups that exist.

    ``owned`` is what the stack's state holds of this tenant (:meth:`StackState.of_tenant`).

    Raises UnreachableError and SignInError where nothing could be read.
    """
    return _Reading(graph, owned).existing(tenant, groups)


class _Reading:
    def __init__(self, graph: GraphReader, owned: StackState) -> None:
        self._graph, self._owned = graph, owned
        self._not_read: dict[AgentGroup | Part, NotRead] = {}
        self._parts = Parts(graph)
        self._made = frozenset(account.object_id for account in owned.accounts)

    def existing(self, tenant: Tenant, groups: Mapping[AgentGroup, str]) -> Existing:
        members = [held for group, object_id in groups.items() for held in self._members(group, object_id)]
        assignments = self._all(Part.DIRECTORY_ROLES, self._parts.role_assignments())
        is_asked = bool(self._owned.eligibilities or eligible_roles(tenant))
        eligible = self._part(Part.ELIGIBILITIES, self._parts.eligibilities(with_requests=is_asked)) or Eligibilities()
        adopted = {person.adopted for person in tenant.members.values() if person.adopted}
        adopted |= {item.object_id for item in tenant.identities.values()}
        principals = {assignment.principal_id for assignment in (*assignments, *eligible.roles)}
        everybody = principals | adopted | self._made
        holders = self._part(Part.ACCOUNTS, self._holders(everybody)) or {}
        roles = [
            *self._roles(self._lasting(assignments), AssignmentType.ACTIVE, holders),
            *self._roles(eligible.roles, AssignmentType.ELIGIBLE, holders),
        ]
        ftop, consents = self._part(Part.CONSENT_GRANTS, self._consents(tenant.ftop_consent)) or (None, ())
        domains = read(lambda: frozenset(item.id.casefold() for item in self._graph.domains() if item.is_verified))
        found = Existing(
            access=access_of([*members, *roles], self._not_read),
            accounts=tuple(
                replace(account, principal=holders[account.object_id])
                for account in self._owned.accounts
                if account.object_id in holders
            ),
            caller=self._part(Part.CALLER, read(lambda: self._caller(holders))),
            ftop_principal=ftop,
            consents=consents,
            known=tuple(holders[id_] for id_ in sorted(adopted | self._made) if id_ in holders),
            emergency=self._owned.emergency,
            not_read=dict(self._not_read),
            licensed=eligible.licensed,
            eligibilities=self._owned.eligibilities,
            protected=self._owned.protected,
            requests=eligible.requests,
            unjustified_requests=eligible.unjustified,
            verified_domains=self._part(Part.DOMAINS, domains),
            permissions=self._graph.caller().permissions,
            in_role_assignable_groups=frozenset(self._part(Part.ROLE_ASSIGNABLE_GROUPS, read(self._guarded)) or ()),
        )
        found = self._with_customers(found)
        return self._with_names(tenant, found) if Part.ACCOUNTS not in self._not_read else found

    def _lasting(self, assignments: tuple[RoleAssignment, ...]) -> Iterator[RoleAssignment]:
        """The active assignments that do not end by themselves, within hours.

        Who has activated a role is eligible for it, and no more: as an administrator who is left they would not be
        there tomorrow, and a pin would be wrong by then. What the identity that deploys has activated counts, since the
        update runs now.
        """
        activations = self._all(Part.DIRECTORY_ROLES, self._parts.activations())
        activated = {(item.principal_id, item.role_definition_id, item.scope) for item in activations}
        own = (self._graph.caller().object_id or "").lower()
        for item in assignments:
            if item.principal_id == own or (item.principal_id, item.role_definition_id, item.scope) not in activated:
                yield item

    def _with_names(self, tenant: Tenant, found: Existing) -> Existing:
        """With who has the names and addresses that the change gives: nobody is asked where it gives none."""
        names, addresses = new_names(tenant, found.accounts), new_addresses(tenant, found.accounts)
        upns = set(names.values())
        return replace(
            found,
            names=self._all(Part.NAMES, read(lambda: tuple(map(in_tenant, self._graph.users_named(upns))))),
            addresses=self._all(Part.NAMES, read(lambda: tuple(self._taken(set(addresses.values()))))),
            deleted=self._all(Part.DELETED, read(lambda: tuple(self._deleted(upns)))) if upns else (),
            not_read=dict(self._not_read),
        )

    def _with_customers(self, found: Existing) -> Existing:
        """With the relationships that the stack has, and who is in their groups now."""
        given = [
            (key, str(outputs["customerTenantId"]), str(one["group"]).lower(), tuple(one["roles"]))
            for key, outputs in self._owned.relationships.items()
            if outputs["status"] in GIVES_ACCESS
            for one in outputs["assignments"].values()
        ]
        groups = self._part(Part.CUSTOMER_GROUPS, read(lambda: dict(self._inside({item[2] for item in given})))) or {}
        return replace(
            found,
            relationships=tuple(
                ExistingRelationship(
                    key,
                    str(outputs["displayName"]),
                    str(outputs["customerName"] or outputs["customerTenantId"]),
                    str(outputs["status"]),
                    bool(outputs["terminate"]),
                    bool(outputs.get("waiting")),
                )
                for key, outputs in self._owned.relationships.items()
            ),
            at_customers=access_at_customers(given, groups),
            not_read=dict(self._not_read),
        )

    def _inside(self, groups: set[str]) -> Iterator[tuple[str, tuple[Principal, ...]]]:
        """Everybody in groups that exist, also through further groups."""
        for group in self._graph.groups_by_id(groups):
            members = map(in_tenant, self._graph.transitive_members(group.id))
            yield group.id.lower(), tuple(member for member in members if not member.is_group)

    def _taken(self, addresses: set[str]) -> Iterator[TakenAddress]:
        for user in self._graph.users_with_address(addresses):
            for address in _addresses(user.proxy_addresses) & addresses:
                yield TakenAddress(
                    address, Principal.in_directory(user.id, user.display_name or user.id, user.user_principal_name)
                )
        for group in self._graph.groups_with_address(addresses):
            for address in _addresses(group.proxy_addresses) & addresses:
                yield TakenAddress(
                    address, Principal.in_directory(group.id, group.display_name or group.id, kind=MemberKind.GROUP)
                )

    def _deleted(self, upns: set[str]) -> Iterator[DeletedAccount]:
        for user in self._graph.deleted_users():
            if folded_upn(user.former_upn) in upns:
                name = user.display_name or user.former_upn
                account = Principal.in_directory(user.id, name, user.former_upn)
                yield DeletedAccount(account, owned=user.id in self._made)

    def _all(self, part: AgentGroup | Part, found: tuple[_Item, ...] | NotRead) -> tuple[_Item, ...]:
        return self._part(part, found) or ()

    def _part(self, part: AgentGroup | Part, found: _Item | NotRead) -> _Item | None:
        """What a part is; None where it was not read, which is remembered."""
        if not isinstance(found, NotRead):
            return found
        self._not_read.setdefault(part, found)
        return None

    def _members(self, group: AgentGroup, object_id: str) -> Iterator[tuple[Grant, Reason]]:
        for member in self._all(group, self._parts.members(object_id)):
            holder = self._principal(member)
            owned = (
                object_id.lower() in self._owned.groups.values()
                or (object_id.lower(), member.id) in self._owned.memberships
            )
            yield Grant.of(holder, group), Reason(owned=owned)

    def _roles(
        self, assignments: Iterable[RoleAssignment], assignment_type: AssignmentType, holders: Mapping[str, Principal]
    ) -> Iterator[tuple[Grant, Reason]]:
        for assignment in assignments:
            holder = holders.get(assignment.principal_id)
            holder = holder or Principal.in_directory(assignment.principal_id, "somebody unknown", enabled=False)
            grant = Grant.of(holder, role_of(assignment.role_definition_id), assignment_type, assignment.scope)
            yield grant, Reason(assignment_id=assignment.id, owned=assignment.id in self._owned.assignments)

    def _consents(self, declared: TenantConsent | None) -> tuple[str | None, tuple[ExistingConsent, ...]] | NotRead:
        """FTOP's service principal, and every consent to it; nothing where the declaration does not name FTOP."""
        if declared is None:
            return None, ()
        # Also where FTOP is not there yet: who may not read consents may not give one either, and hears so now.
        everybodys = self._parts.consents()
        if isinstance(everybodys, NotRead):
            return everybodys
        client = read(lambda: self._graph.service_principal(declared.application_id))
        if client is None or isinstance(client, NotRead):
            return client or (None, ())
        grants = [grant for grant in everybodys if grant.client_id == client.id]
        people = self._holders({grant.principal_id for grant in grants if grant.principal_id})
        if isinstance(people, NotRead):
            return people
        ftop = client.id
        return read(lambda: (ftop, tuple(self._grants(grants, people))))

    def _grants(self, grants: Sequence[ConsentGrant], people: Mapping[str, Principal]) -> Iterator[ExistingConsent]:
        resources = self._graph.service_principals_by_id({grant.resource_id for grant in grants})
        app_ids = {resource.id: resource.app_id for resource in resources}
        for grant in grants:
            yield ExistingConsent(
                grant.id,
                app_ids.get(grant.resource_id, grant.resource_id),
                frozenset((grant.scope or "").split()),
                self._person(grant.principal_id, people) if grant.consent_type is ConsentType.PRINCIPAL else None,
                owned=grant.id in self._owned.consents,
            )

    @staticmethod
    def _person(object_id: str | None, known: Mapping[str, Principal]) -> Principal:
        unknown = Principal.in_directory(object_id or "no object id", "somebody unknown", enabled=False)
        return known.get(object_id or "", unknown)

    def _holders(self, ids: set[str]) -> dict[str, Principal] | NotRead:
        """Those of some object ids that are there, whatever they are."""
        found = self._parts.behind(ids).everything
        return found if isinstance(found, NotRead) else {item.id: self._principal(item) for item in found}

    def _principal(self, item: User | Member | Group | ServicePrincipal) -> Principal:
        """Somebody or something, and of a group everybody in it; None of them where that may not be read."""
        who = in_tenant(item)
        if not who.is_group:
            return who
        inside = self._parts.inside(who.object_id)
        if isinstance(inside, NotRead):
            return who
        return replace(who, members=tuple(item for item in map(in_tenant, inside) if not item.is_group))

    def _guarded(self) -> set[str]:
        """Everybody in a group that directory roles can be given to, also through further groups, and its owners."""
        found: set[str] = set()
        for group in self._graph.role_assignable_groups():
            found |= {member.id for member in self._graph.transitive_members(group.id)}
            found |= {owner.id for owner in self._graph.owners(group.id)}
        return found

    def _caller(self, holders: Mapping[str, Principal]) -> Principal | None:
        object_id = self._graph.caller().object_id
        if object_id is None:
            return None
        known = holders.get(object_id.lower())
        return known or Principal.in_directory(
            object_id.lower(), "the signed-in identity", kind=MemberKind.SERVICE_PRINCIPAL
        )


def _addresses(proxies: Iterable[str]) -> set[str]:
    """The e-mail addresses among proxy addresses ("SMTP:ada@contoso.com"), in lower case."""
    parted = (proxy.casefold().partition(":") for proxy in proxies)
    return {address for kind, _, address in parted if kind == "smtp"}
