"""The parts of a tenant that say who holds what, from Microsoft Graph: each its value, or why it was not read.

What an update needs to know before it begins (:mod:`tenantry.access.existing_reader`) and what an audit reports
(:mod:`tenantry.access.observed`) are read here, so that the same refusal means the same to both.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from tenantry.graph.errors import Cause, NotReadableError
from tenantry.graph.models import (
    ActivatedRole,
    ConsentGrant,
    Group,
    GroupEligibility,
    Member,
    RoleAssignment,
    ServicePrincipal,
    User,
)

if TYPE_CHECKING:
    from tenantry.graph.client import GraphReader  # it needs `tenantry[graph]`, and what was read does not

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class NotRead:
    """A part of the tenant that was not read."""

    cause: Cause
    text: str
    """What was found and how to correct it, in sentences."""


def read(part: Callable[[], _Value]) -> _Value | NotRead:
    """A part, or why it cannot be read. Raises where nothing can be read: not reached, not signed in."""
    try:
        return part()
    except NotReadableError as error:
        return NotRead(error.cause, str(error))


def or_none(part: tuple[_Value, ...] | NotRead) -> tuple[_Value, ...]:
    """What there is to look further at. Only for asking more: unread parts are treated as empty here."""
    return () if isinstance(part, NotRead) else part


Members: TypeAlias = tuple[Member, ...]


@dataclass(frozen=True)
class Eligibilities:
    """Who is eligible for a directory role: nobody, where the tenant lacks the licence for it."""

    roles: tuple[RoleAssignment, ...] = ()
    requests: frozenset[str] = frozenset()
    """The ids of the requests that are there still, where they were asked for."""
    unjustified: frozenset[str] = frozenset()
    """Those of them that give no justification."""
    licensed: bool = True


@dataclass(frozen=True)
class Behind:
    """Who and what is behind some object ids."""

    users: tuple[User, ...] | NotRead
    groups: tuple[Group, ...] | NotRead
    service_principals: tuple[ServicePrincipal, ...] | NotRead

    @property
    def everything(self) -> tuple[User | Group | ServicePrincipal, ...] | NotRead:
        """All of them; where one kind was not read, why, since nobody knows then what the others are."""
        found: list[User | Group | ServicePrincipal] = []
        for part in (self.users, self.groups, self.service_principals):
            if isinstance(part, NotRead):
                return part
            found += part
        return tuple(found)


class Parts:
    """Reads the parts of one tenant."""

    def __init__(self, graph: "GraphReader") -> None:
        self._graph = graph
        self._inside: dict[str, Members | NotRead] = {}

    def role_assignments(self) -> tuple[RoleAssignment, ...] | NotRead:
        """Who holds which directory role, activated ones among them."""
        return read(lambda: tuple(self._graph.role_assignments()))

    def eligibilities(self, *, with_requests: bool = False) -> Eligibilities | NotRead:
        """Who is eligible for a directory role."""
        found = read(lambda: self._eligibilities(with_requests))
        if isinstance(found, NotRead) and found.cause is Cause.LICENCE:
            return Eligibilities(licensed=False)  # nobody can be eligible: that is an answer
        return found

    def _eligibilities(self, with_requests: bool) -> Eligibilities:
        requests = tuple(self._graph.role_eligibility_requests()) if with_requests else ()
        ids = frozenset(request.id for request in requests)
        unjustified = ids - {request.id for request in requests if request.justification}
        return Eligibilities(tuple(self._graph.role_eligibilities()), ids, unjustified)

    def activations(self) -> tuple[ActivatedRole, ...] | NotRead:
        """Who has activated which directory role: nobody, where the tenant lacks the licence for it."""
        found = read(lambda: tuple(self._graph.activated_roles()))
        return () if isinstance(found, NotRead) and found.cause is Cause.LICENCE else found

    def group_eligibilities(self, group_id: str) -> tuple[GroupEligibility, ...] | NotRead:
        """Who may activate a place in a group: nobody, where the tenant lacks the licence for it."""
        found = read(lambda: tuple(self._graph.group_eligibilities(group_id)))
        return () if isinstance(found, NotRead) and found.cause is Cause.LICENCE else found

    def consents(self) -> tuple[ConsentGrant, ...] | NotRead:
        """Every consent to an application that acts for people."""
        return read(lambda: tuple(self._graph.consent_grants()))

    def members(self, group_id: str) -> Members | NotRead:
        """Who and what is in a group by itself."""
        return read(lambda: tuple(self._graph.members(group_id)))

    def inside(self, group_id: str) -> Members | NotRead:
        """Everything in a group, in groups in it as well. What was read once is not asked for again."""
        if group_id not in self._inside:
            self._inside[group_id] = read(lambda: tuple(self._graph.transitive_members(group_id)))
        return self._inside[group_id]

    def behind(
        self,
        ids: set[str],
        users: tuple[User, ...] | NotRead | None = None,
        applications: Iterable[str] = (),
    ) -> Behind:
        """Those of some object ids that are there, whatever they are.

        ``users`` are all users where they were read already; else the ids are looked up among them. ``applications``
        are the ids of service principals to look up with them.
        """
        if users is None:
            users = read(lambda: tuple(self._graph.users_by_id(ids)))
        others = ids - {user.id for user in or_none(users)}
        groups = read(lambda: tuple(self._graph.groups_by_id(others)))
        services = others.union(applications) - {group.id for group in or_none(groups)}
        return Behind(users, groups, read(lambda: tuple(self._graph.service_principals_by_id(services))))
