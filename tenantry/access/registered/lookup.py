"""Which resource a value means: by an id that is known, or by the one resource that an unknown value comes from."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from tenantry.access.registered.resources import Allowed, RegisteredResource, Unknown, Value
from tenantry.access.resource_types import (
    ACCESS_PACKAGE,
    ACCESS_PACKAGE_CATALOG,
    ACCESS_PACKAGE_RESOURCE,
    APPLICATION,
    GROUP,
    GROUP_WITHOUT_MEMBERS,
    PACKAGE,
    SERVICE_PRINCIPAL,
)
from tenantry.access.state import RELATIONSHIP
from tenantry.roles import AgentGroup

GROUPS: Final = (GROUP, GROUP_WITHOUT_MEMBERS)
_WITHOUT_OBJECT_ID: Final = (ACCESS_PACKAGE, ACCESS_PACKAGE_CATALOG, ACCESS_PACKAGE_RESOURCE)


class UnknownGroupError(Exception):
    """It is not known which group a program means, so that it may be any; the message says why."""


class Lookup:
    """A program's resources by what they are found by.

    A component that goes by a type of azuread is not among them: it would say of an id whatever it likes.
    """

    def __init__(
        self, resources: Iterable[RegisteredResource], pinned_groups: Mapping[AgentGroup, str], allowed: Allowed
    ) -> None:
        everything = list(resources)
        self.spoofed = [item for item in everything if _is_spoofed(item)]
        self.resources = [item for item in everything if not _is_spoofed(item)]
        self.registered = [item for item in self.resources if item.registered]
        self.allowed = allowed
        self.by_urn = {item.urn: item for item in self.resources}
        self._urn_of_id = {item.object_id: item.urn for item in self.resources if item.object_id}
        groups = [item for item in self.resources if item.type in GROUPS]
        # By id first, which finds an agent group that is taken over under another name.
        self._group_of_id = {r.object_id: g for r in groups if r.object_id and (g := group_by_name(r))}
        self._group_of_id |= {object_id: group for group, object_id in pinned_groups.items()}
        self._group_of_urn = {
            r.urn: group for r in groups if (group := self._group_of_id.get(r.object_id or "") or group_by_name(r))
        }

    def by_id(self, object_id: str) -> RegisteredResource | None:
        """The resource of an object id, or of a path that ends in one."""
        return self.by_urn.get(self._urn_of_id.get(bare(object_id), ""))

    def only_source(self, resource: RegisteredResource, key: str) -> RegisteredResource | None:
        """The resource that an unknown value comes from, where it comes from one alone."""
        urns = resource.depends.get(key, frozenset())
        return self.by_urn.get(next(iter(urns))) if len(urns) == 1 else None

    def named(self, resource: RegisteredResource, key: str) -> RegisteredResource | None:
        """The resource that a property names, if it is one of the program's.

        A known id is believed before the resource that it depends on: `other.urn.apply(lambda _: id)`
        comes from another. Only what has no object id (access packages, catalogues) is known by its source alone.
        """
        known = resource.known(key)
        source = self.only_source(resource, key)
        if known is None or (source and source.type in _WITHOUT_OBJECT_ID):
            return source
        return self.by_id(known)

    def made_here(self, resource: RegisteredResource, key: str) -> bool:
        """Whether a property names something of this program's own: it can do nothing that this program does not give.

        What is only referred to, was there before (``use_existing``) or is taken over by import is not made here.
        """
        source = self.named(resource, key)
        return (
            source is not None
            and source.registered
            and not source.component
            and not source.imported
            and source.inputs.get("useExisting") in (None, False)
            and self._is_of_an_own_application(source)
        )

    def _is_of_an_own_application(self, source: RegisteredResource) -> bool:
        """Whether a service principal is of an application of the program's; true of everything else.

        One that is known by its application's id alone may be taken over: the policy pack does not see imports.
        """
        client_id = source.known("clientId") if source.type == SERVICE_PRINCIPAL else None
        return client_id is None or any(
            item.type == APPLICATION and item.known("clientId") == client_id for item in self.registered
        )

    def application(self, resource: RegisteredResource, key: str) -> str | None:
        """The application (client) id of the service principal that a property names, where it is known."""
        source = self.named(resource, key)
        if source is None or source.type != SERVICE_PRINCIPAL or source.ignores_changes_of("clientId"):
            return None
        return (source.known("clientId") or "").lower() or None

    def agent_group(self, resource: RegisteredResource) -> AgentGroup | None:
        """The agent group that a resource is."""
        return self._group_of_urn.get(resource.urn)

    def customer_group(self, relationship: RegisteredResource, key: str, given: Value) -> RegisteredResource | None:
        """The group of an assignment: by its id, or the new one whose id the assignment waits for.

        None where the assignments wait for other ids than those of one new group each: a name alone shows nothing.
        """
        group_id = _group_id(given)
        if group_id is not None:
            return self.by_id(group_id)
        sources = (self.by_urn.get(urn) for urn in relationship.depends.get("assignments", ()))
        new = [item for item in sources if item and item.type in GROUPS and item.object_id is None]
        assignments = relationship.inputs.get("assignments")
        each = assignments.values() if isinstance(assignments, Mapping) else ()
        if len(new) != sum(_group_id(one) is None for one in each):
            return None
        # The shortest, since `us-help-desk` ends in `desk` as well.
        named = [item for item in new if item.name.endswith(f"-{key}")]
        return min(named, key=lambda item: len(item.name), default=None)

    @cached_property
    def customer_groups(self) -> frozenset[str]:
        """The URNs of the groups that relationships give roles at customers, now or once these approve."""
        given = (
            self.customer_group(item, key, each)
            for item in self.registered
            if item.type == RELATIONSHIP and isinstance(assignments := item.inputs.get("assignments"), Mapping)
            for key, each in assignments.items()
        )
        return frozenset(group.urn for group in given if group)

    def group(self, resource: RegisteredResource, key: str) -> AgentGroup | RegisteredResource | str:
        """The group that a property names: an agent group, another one of the program's, or an id that is allowed.

        Raises :class:`UnknownGroupError` for one that may be an agent group, or hold roles, for all that can be seen.
        """
        object_id = resource.known(key)
        if object_id is None:
            source = self.only_source(resource, key)
            if source is None or source.type not in GROUPS:
                raise UnknownGroupError(f"`{key}`: the group is unknown")
            return self._group_of_urn.get(source.urn) or source
        if group := self._group_of_id.get(bare(object_id)):
            return group
        found = self.by_id(object_id)
        if found is not None and found.type in GROUPS:
            return found
        if bare(object_id) in self.allowed.groups:
            return bare(object_id)
        raise UnknownGroupError(f"`{key}`: {bare(object_id)} is a group that this program does not create")


def _is_spoofed(resource: RegisteredResource) -> bool:
    return resource.component and resource.package == PACKAGE


def group_by_name(resource: RegisteredResource) -> AgentGroup | None:
    """The agent group that a resource is by its name."""
    name = resource.known("displayName")
    return AgentGroup.by_display_name(name) if name else None


def _group_id(assignment: Value) -> str | None:
    group_id = assignment.get("group") if isinstance(assignment, Mapping) else None
    return group_id if isinstance(group_id, str) else None


def bare(object_id: str) -> str:
    """The object id at the end of a path such as ``/groups/<id>``."""
    return object_id.rsplit("/", 1)[-1].lower()


def items(value: Value) -> list[Value]:
    """What a property holds, one value or several; nothing where it is left out."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def is_unknown(value: Value) -> bool:
    """Whether nobody knows a value yet."""
    return isinstance(value, Unknown)
