"""Relationships with customers as Microsoft Graph shows them (GDAP): what they give which groups, and until when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from tenantry.access.parts import Members, NotRead, Parts, or_none, read
from tenantry.declaration.customers import CUSTOMER_ADMINISTRATION, GdapGroup
from tenantry.declaration.tenant import Tenant
from tenantry.graph.models import GIVES_ACCESS, AccessAssignment, Group, Relationship
from tenantry.spelling import folded

if TYPE_CHECKING:
    from tenantry.graph.client import GraphReader  # it needs `tenantry[graph]`, and what was read does not

_IN_DAYS: Final = {"P1Y": "P365D", "P2Y": "P730D"}
_TAKEN: Final = frozenset({"deleting", "deleted", "error"})


@dataclass(frozen=True)
class ObservedRelationship:
    """A relationship with what it gives groups of the partner's tenant."""

    relationship: Relationship
    assignments: tuple[AccessAssignment, ...] | NotRead
    """Those that hold, or soon will; none where the relationship gives no access."""

    @property
    def gives_access(self) -> bool:
        """Whether groups can have access by it now."""
        return self.relationship.status in GIVES_ACCESS

    @property
    def tenant_id(self) -> str:
        """The customer's tenant id; empty where the customer is not known yet."""
        return self.relationship.customer.tenant_id if self.relationship.customer else ""

    @property
    def customer(self) -> str:
        """What the customer is called."""
        customer = self.relationship.customer
        return (customer.display_name or customer.tenant_id) if customer else "a customer who is not known yet"

    @property
    def ends_on(self) -> date | None:
        """Its last day, where it has begun; Microsoft may extend it then."""
        return self.relationship.end_date_time.date() if self.relationship.end_date_time else None

    @property
    def duration(self) -> str:
        """How long it lasts, in days."""
        return _IN_DAYS.get(self.relationship.duration, self.relationship.duration)

    @property
    def is_extended(self) -> bool:
        """Whether Microsoft extends it when it ends."""
        return self.relationship.auto_extend_duration == "P180D"


@dataclass(frozen=True)
class CustomerGroup:
    """A security group that has roles at customers or is declared to have, and who is in it by itself."""

    group: Group
    members: Members | NotRead

    @property
    def why_undeclarable(self) -> str:
        """Why a declaration cannot say who is in it; empty where it can."""
        if self.group.is_dynamic:
            return "A membership rule decides its members, so a declaration cannot."
        if self.group.on_premises_sync_enabled:
            return "It is synchronised from an on-premises directory, which decides its members."
        if not self.group.security_enabled or self.group.is_unified:
            return "It is not a security group."
        return ""


@dataclass(frozen=True)
class AtCustomers:
    """What was read of a partner's access at customers."""

    relationships: tuple[ObservedRelationship, ...] | NotRead
    groups: Mapping[str, CustomerGroup] | NotRead
    """By object id: those with roles at a customer, and the declared ones."""

    @property
    def not_read(self) -> tuple[NotRead, ...]:
        """Why it is not known who holds what at customers; nothing where it is."""
        groups = (self.groups,) if isinstance(self.groups, NotRead) else (one.members for one in self.groups.values())
        assigned = (one.assignments for one in or_none(self.relationships))
        return tuple(one for one in (self.relationships, *assigned, *groups) if isinstance(one, NotRead))

    def members_of(self, group_id: str) -> Members | NotRead:
        """Who is in a group by itself; nobody where it is gone, and its assignments gave nothing since."""
        if isinstance(self.groups, NotRead):
            return self.groups
        return self.groups[group_id].members if group_id in self.groups else ()

    def name_of(self, group_id: str) -> str:
        """What a group is called; its id where it is gone or was not read."""
        group = None if isinstance(self.groups, NotRead) else self.groups.get(group_id)
        return (group.group.display_name if group else None) or group_id

    def group_named(self, declared: GdapGroup) -> CustomerGroup | None:
        """A declared group: by its object id, or the only one with its name."""
        named = self.groups_named(declared)
        return named[0] if len(named) == 1 else None

    def groups_named(self, declared: GdapGroup) -> list[CustomerGroup]:
        """All that a declared group may be."""
        groups = {} if isinstance(self.groups, NotRead) else self.groups
        if declared.adopted:
            return [groups[declared.adopted]] if declared.adopted in groups else []
        return [item for item in groups.values() if folded(item.group.display_name or "") == folded(declared.name)]


_MAY_READ: Final = frozenset({"DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"})


def groups_to_read(reader: "GraphReader", tenant: Tenant) -> Iterable[GdapGroup] | None:
    """The declared groups by which people work at customers; None where access at customers is not to be read.

    Where nothing is declared of customers, an application that may read relationships finds those that are there.
    """
    if tenant.customer_groups is not None or not _MAY_READ & (reader.caller().permissions or frozenset()):
        return tenant.customer_groups
    return None if read(lambda: reader.service_principal(CUSTOMER_ADMINISTRATION)) is None else ()


def read_at_customers(reader: "GraphReader", parts: Parts, declared: Iterable[GdapGroup]) -> AtCustomers:
    """Read the relationships with customers, and the groups that they give roles to."""
    found = read(lambda: tuple(reader.relationships()))
    relationships = found if isinstance(found, NotRead) else tuple(_whole(reader, item) for item in found)
    holding = {given.group for item in or_none(relationships) for given in or_none(item.assignments)}
    groups = read(lambda: tuple(_groups(reader, holding, declared)))
    if isinstance(groups, NotRead):
        return AtCustomers(relationships, groups)
    return AtCustomers(relationships, {item.id: CustomerGroup(item, parts.members(item.id)) for item in groups})


def _whole(reader: "GraphReader", item: Relationship) -> ObservedRelationship:
    if item.status not in GIVES_ACCESS:
        return ObservedRelationship(item, ())
    given = read(lambda: tuple(each for each in reader.access_assignments(item.id) if each.status not in _TAKEN))
    return ObservedRelationship(item, given)


def _groups(reader: "GraphReader", holding: Iterable[str], declared: Iterable[GdapGroup]) -> Iterable[Group]:
    known = list(declared)
    ids = {*holding, *(item.adopted for item in known if item.adopted)}
    found = {item.id: item for item in reader.groups_by_id(ids)}
    found |= {item.id: item for item in reader.groups_named(item.name for item in known if not item.adopted)}
    return found.values()
