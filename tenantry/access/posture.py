"""What guards the power that a tenant gives, beside who holds it: owners, applications, proof of identity.

:func:`read_posture` reads plain facts, each of them the value or why it was not read. It asks only about those who hold
power or are declared, so that the number of requests grows with them, and with the pages of the reports.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tenantry.access.observed import GroupMembers, ObservedTenant
from tenantry.access.parts import Members, NotRead, Parts, or_none, read
from tenantry.graph.errors import Cause
from tenantry.graph.models import (
    GUESTS,
    ConditionalAccessPolicy,
    Credential,
    Group,
    GroupEligibility,
    Member,
    MemberKind,
    OwnedApplication,
    OwnedServicePrincipal,
    PermissionGranted,
    Registration,
    SignInActivity,
    User,
    registration,
)
from tenantry.graph_permissions import permissions, writes_directory
from tenantry.roles import AgentGroup

if TYPE_CHECKING:
    from tenantry.graph.client import GraphReader  # it needs `tenantry[graph]`, and what was read does not

ALL_USERS: Final = "All Users"


@dataclass(frozen=True)
class PoweredApplication:
    """An application that holds power in the tenant, and who can act as it."""

    principal: OwnedServicePrincipal
    permissions: tuple[str, ...]
    """Names of the permissions of Microsoft Graph that it has and that write, or of which it is not known."""
    credentials: tuple[Credential, ...] | NotRead
    """Those of its service principal and, where it is registered here, of the application."""
    owners: tuple[Member, ...] | NotRead
    """An owner of either can add a credential, and so act as it."""
    registered_in: str | None = None
    """The id of the other tenant where it is registered, which alone shows that registration's credentials and owners;
    None where it is registered here, or nowhere."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.principal.display_name or self.principal.app_id


@dataclass(frozen=True)
class Posture:
    """What was read beside the access itself. Object ids are in lower case."""

    owners: Mapping[str, tuple[Member, ...] | NotRead] = field(default_factory=dict)
    """Of each agent group, and of each group that holds something here or at customers, by object id."""
    eligible: Mapping[str, tuple[GroupEligibility, ...] | NotRead] = field(default_factory=dict)
    """Who may activate a place in each of them; nobody, where the tenant lacks the licence for it."""
    look_alikes: tuple[Group, ...] | NotRead = ()
    """Groups that are called as an agent group is, and are none."""
    applications: tuple[PoweredApplication, ...] | NotRead = ()
    """Those that hold a directory role, are in an agent group or a group for customers, or may write the directory."""
    in_all_users: int | NotRead = 0
    """How many members of the group All Users can sign in."""
    registrations: Mapping[str, Registration] | NotRead = field(default_factory=dict)
    """Of those who hold something or are declared, by object id; disabled accounts are in no report."""
    sign_ins: Mapping[str, SignInActivity | None] | NotRead = field(default_factory=dict)
    """Of the same; None for somebody who never signed in."""
    security_defaults: bool | NotRead = False
    """Whether they are on."""
    conditional_access: tuple[ConditionalAccessPolicy, ...] | NotRead = ()
    left_out_accounts: tuple[User, ...] | NotRead = ()
    """The accounts that an enabled policy leaves out by name, as far as they are there."""
    left_out_groups: Mapping[str, Members | NotRead] | NotRead = field(default_factory=dict)
    """Who is in the groups that an enabled policy leaves out, by object id of those that are there."""


def holders(observed: ObservedTenant) -> set[str]:
    """The object ids of all accounts that hold something, directly or through a group."""
    people = {member.id for member in _inside(observed) if member.kind is MemberKind.USER}
    known = {user.id for user in or_none(observed.users)}
    assigned = (*or_none(observed.role_assignments), *or_none(observed.role_eligibilities))
    return people | {one.principal_id for one in assigned if one.principal_id in known}


def _inside(observed: ObservedTenant) -> Iterator[Member]:
    """Everything in a group that gives power."""
    for found in observed.agent_groups.values():
        yield from found.members if isinstance(found, GroupMembers) else ()
    for inside in observed.inside.values():
        yield from or_none(inside)
    for group in observed.customer_groups.values():
        yield from or_none(group.members)


def read_posture(reader: "GraphReader", observed: ObservedTenant) -> Posture:
    """Read what guards the power that a tenant gives.

    Raises UnreachableError and SignInError, where nothing can be read; what is refused by itself is a NotRead.
    """
    groups = _groups(observed)
    names = [name for group in AgentGroup for name in (group.value, group.title)]
    named = read(lambda: tuple(reader.groups_named([*names, ALL_USERS])))
    asked = sorted(holders(observed) | {user.id for user in or_none(observed.users)})
    policies = read(lambda: tuple(reader.conditional_access()))
    left_out = [one.conditions.users for one in or_none(policies) if one.state == "enabled" and one.conditions.users]
    return Posture(
        owners=_owners(reader, groups),
        eligible={group_id: Parts(reader).group_eligibilities(group_id) for group_id in groups},
        look_alikes=_look_alikes(named, observed),
        applications=_applications(reader, observed),
        in_all_users=_in_all_users(reader, named),
        registrations=_registrations(reader, observed, asked),
        sign_ins=(
            observed.users
            if isinstance(observed.users, NotRead)
            else read(lambda: {one.id: one.sign_in_activity for one in reader.sign_ins(asked)})
        ),
        security_defaults=read(lambda: reader.security_defaults().is_enabled),
        conditional_access=policies,
        left_out_accounts=_accounts(reader, {id_ for one in left_out for id_ in one.exclude_users}),
        left_out_groups=_members(reader, {id_ for one in left_out for id_ in one.exclude_groups}),
    )


def _accounts(reader: "GraphReader", names: set[str]) -> tuple[User, ...] | NotRead:
    ids = names - {GUESTS}
    return read(lambda: tuple(reader.users_by_id(ids))) if ids else ()


def _members(reader: "GraphReader", ids: set[str]) -> dict[str, Members | NotRead] | NotRead:
    found = read(lambda: tuple(reader.groups_by_id(ids))) if ids else ()
    if isinstance(found, NotRead):
        return found
    return {one.id: read(lambda id_=one.id: tuple(reader.transitive_members(id_))) for one in found}  # type: ignore[misc]


def _registrations(
    reader: "GraphReader", observed: ObservedTenant, asked: list[str]
) -> dict[str, Registration] | NotRead:
    """From the report or, where the tenant has no licence for it, one by one of those who can sign in."""
    if isinstance(observed.users, NotRead):
        return observed.users
    report = read(lambda: _of(asked, reader.registrations()))
    if not isinstance(report, NotRead) or report.cause is not Cause.LICENCE:
        return report
    disabled = {user.id for user in observed.users if user.account_enabled is False}
    some = [id_ for id_ in asked if id_ not in disabled]
    single = read(lambda: {id_: registration(id_, reader.authentication_methods(id_)) for id_ in some})
    if isinstance(single, NotRead):
        text = f"{report.text} Without it, the methods of each account must be read, which was refused: {single.text}"
        return NotRead(Cause.LICENCE, text)
    return single


def _of(asked: Iterable[str], registrations: Iterable[Registration]) -> dict[str, Registration]:
    """Those of some people, page by page: the report has everybody."""
    ids = frozenset(asked)
    return {one.id: one for one in registrations if one.id in ids}


def _groups(observed: ObservedTenant) -> list[str]:
    """The groups whose owners and members have power."""
    found = {group.group.id for group in observed.agent_groups.values() if isinstance(group, GroupMembers)}
    members = [one for inside in observed.inside.values() for one in or_none(inside)]
    nested = {one.id for one in members if one.kind is MemberKind.GROUP}
    holding = {group.id for group in or_none(observed.role_groups)} | observed.customer_groups.keys()
    return sorted(found | nested | holding | observed.inside.keys())


def _owners(reader: "GraphReader", groups: list[str]) -> dict[str, tuple[Member, ...] | NotRead]:
    found = read(lambda: {one.id: one.owners for one in reader.groups_with_owners(groups)})
    return {id_: found if isinstance(found, NotRead) else found.get(id_, ()) for id_ in groups}


def _look_alikes(named: tuple[Group, ...] | NotRead, observed: ObservedTenant) -> tuple[Group, ...] | NotRead:
    if isinstance(named, NotRead):
        return named
    real = {group.group.id for group in observed.agent_groups.values() if isinstance(group, GroupMembers)}
    return tuple(one for one in named if AgentGroup.by_display_name(one.display_name or "") and one.id not in real)


def _in_all_users(reader: "GraphReader", named: tuple[Group, ...] | NotRead) -> int | NotRead:
    if isinstance(named, NotRead):
        return named
    found = [one for one in named if AgentGroup.by_display_name(one.display_name or "") is None]
    if len(found) != 1:
        which = "no group" if not found else f"{len(found)} groups"
        text = f"The tenant has {which} named {ALL_USERS}: Partner Center creates one at enrolment."
        return NotRead(Cause.AMBIGUOUS if found else Cause.GONE, text)
    return read(lambda: reader.enabled_people_in(found[0].id))


# --- applications


def _applications(reader: "GraphReader", observed: ObservedTenant) -> tuple[PoweredApplication, ...] | NotRead:
    granted = read(lambda: _that_write(reader.permissions_granted()))
    if isinstance(granted, NotRead):
        return granted
    ids = granted.keys() | _services_that_hold(observed)
    principals = read(lambda: tuple(reader.service_principals_with_owners(ids)))
    if isinstance(principals, NotRead):
        return principals
    registered = read(
        lambda: {one.app_id: one for one in reader.applications_with_owners(one.app_id for one in principals)}
    )
    found = []
    for principal in principals:
        held, home = tuple(sorted(granted.get(principal.id, ()))), principal.app_owner_organization_id
        found.append(
            PoweredApplication(
                principal,
                held,
                *_who_can_act_as(reader, principal, registered),
                registered_in=home if home != (observed.tenant_id or "").lower() else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.principal.id)))


def _who_can_act_as(
    reader: "GraphReader", principal: OwnedServicePrincipal, registered: Mapping[str, OwnedApplication] | NotRead
) -> tuple[tuple[Credential, ...] | NotRead, tuple[Member, ...] | NotRead]:
    """The credentials and owners of a service principal and of its registration here."""
    if isinstance(registered, NotRead):
        return registered, registered
    application = registered.get(principal.app_id)
    if application is None:
        return principal.credentials, principal.owners
    federated = read(lambda: tuple(reader.federated_identities(application.id)))
    both = {owner.id: owner for owner in (*principal.owners, *application.owners)}
    credentials = (*principal.credentials, *application.credentials, *or_none(federated))
    return federated if isinstance(federated, NotRead) else credentials, tuple(both.values())


def _that_write(granted: Iterable[PermissionGranted]) -> dict[str, set[str]]:
    """The names of the permissions that do not only read, by the object id of who has them."""
    known = permissions()
    found: dict[str, set[str]] = {}
    for one in granted:
        name = known.application.get(one.app_role_id)
        if name is None or writes_directory(name):
            found.setdefault(one.principal_id, set()).add(name or f"the permission {one.app_role_id}")
    return found


def _services_that_hold(observed: ObservedTenant) -> set[str]:
    found = {member.id for member in _inside(observed) if member.kind is MemberKind.SERVICE_PRINCIPAL}
    assigned = {
        one.principal_id for one in (*or_none(observed.role_assignments), *or_none(observed.role_eligibilities))
    }
    return found | {one.id for one in or_none(observed.service_principals) if one.id in assigned}
