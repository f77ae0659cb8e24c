"""What is read, and what it is read as: a program's resources free of any SDK, and the view of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tenantry.access.grants import AccessMap, Grant, Reason
from tenantry.access.principals import Principal, Principals
from tenantry.roles import AgentGroup


@dataclass(frozen=True)
class Unknown:
    """A value that the engine does not know yet."""


UNKNOWN: Final = Unknown()

Value: TypeAlias = "bool | int | float | str | Unknown | Sequence[Value] | Mapping[str, Value] | None"

#: The properties that are read. Nothing else of a resource is kept, a password least of all.
PROPERTIES: Final = frozenset(
    {
        "accessPackageId",
        "accountEnabled",
        "administrativeUnitIds",
        "administrativeUnitObjectId",
        "applicationId",
        "appScopeId",
        "appRoleId",
        "assignableToRole",
        "assignments",
        "catalogId",
        "catalogResourceAssociationId",
        "claimValues",
        "clientId",
        "conditions",
        "customerName",
        "customerTenantId",
        "directoryScopeId",
        "displayName",
        "dynamicMembership",
        "forcePasswordChange",
        "groupId",
        "groupObjectId",
        "mail",
        "memberObjectId",
        "members",
        "objectId",
        "onpremisesImmutableId",
        "owners",
        "permissions",
        "pluginDownloadURL",
        "principalId",
        "principalObjectId",
        "resourceObjectId",
        "resourceOriginId",
        "resourceOriginSystem",
        "resourceServicePrincipalObjectId",
        "roleDefinitionId",
        "roleId",
        "roleObjectId",
        "servicePrincipalId",
        "servicePrincipalObjectId",
        "state",
        "status",
        "templateId",
        "tenantId",
        "terminate",
        "useExisting",
        "userId",
        "userObjectId",
        "userPrincipalName",
        "waiting",
    }
)

#: Properties that say something by being left out, with what they then are. A view that did not read them at all (an
#: old state) says nothing.
LEFT_OUT: Final[Mapping[str, Value]] = {"accountEnabled": None, "forcePasswordChange": None}

_HEAD_OF_PATH: Final = re.compile(r'^\["?')


@dataclass(frozen=True)
class RegisteredResource:
    """One resource as a program registers it, free of any SDK."""

    urn: str
    type: str
    inputs: Mapping[str, Value]
    outputs: Mapping[str, Value] = field(default_factory=dict)
    depends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Property to the URNs of the resources that its value came from."""
    protected: bool = False
    ignores: frozenset[str] = frozenset()
    registered: bool = True
    """False for what the program refers to (``Group.get``) or leaves behind, to be deleted: it shows what an id
    means, and gives nobody anything."""
    component: bool = False
    """Whether it only groups others: no provider stands behind what it says of itself."""
    imported: bool = False
    """Whether it takes over what exists. A recording shows it; the engine does not send it to policies."""

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def word(self) -> str:
        """The type's own name: ``azuread:index/group:Group`` is "Group"."""
        return self.type.rsplit(":", 1)[-1]

    @property
    def package(self) -> str:
        """The package that the type is of, such as ``azuread``."""
        return self.type.split(":", 1)[0]

    def ignores_changes_of(self, key: str) -> bool:
        """Whether `ignore_changes` covers a property or something in it: ``members``, ``members[0]``, ``*``, …"""
        return any(_HEAD_OF_PATH.sub("", path).startswith(("*", key)) for path in self.ignores)

    def known(self, key: str) -> str | None:
        """A text property where it is known: as given or, where it is left out, as the provider answered.

        What is given and not known yet is not what the provider answered: that is how it was before.
        """
        value = self._given(key)
        return value if isinstance(value, str) else None

    def may_be(self, key: str) -> bool:
        """Whether a switch is on, or may be: as given, else as the provider answered."""
        return self._given(key) not in (None, False)

    def _given(self, key: str) -> Value:
        given = self.inputs.get(key)
        return self.outputs.get(key) if given is None else given

    @property
    def object_id(self) -> str | None:
        """The object id, where the engine knows it already."""
        value = self.outputs.get("objectId")
        return value.lower() if isinstance(value, str) else None


@dataclass(frozen=True)
class Allowed:
    """What the configuration of the pack says of things that the table of types does not know."""

    types: frozenset[str] = frozenset()
    """Types of other providers that give no partner power: a token, or ``package:*`` for all of a package."""
    permissions: frozenset[str] = frozenset()
    """Permissions that may be granted to applications, by name, or by id for application permissions."""
    groups: frozenset[str] = frozenset()
    """Object ids of groups that give nothing, so that people may be put into them by id alone."""

    def has_type(self, token: str) -> bool:
        """Whether a type is allowed by its token or its package."""
        return token in self.types or f"{token.split(':', 1)[0]}:*" in self.types


@dataclass(frozen=True)
class OutOfPolicyGrant:
    """Something that gives partner power, or a way to it, and that no declaration can give."""

    urn: str
    what: str
    remediation: str = "remove it, and declare roles"


@dataclass(frozen=True)
class PendingPrincipal:
    """A place that gives power to somebody whose object id nobody knows yet."""

    urn: str
    where: str
    """The agent group or directory role."""
    count: int


@dataclass(frozen=True)
class GivenAtCustomer:
    """What a relationship resource gives at its customer, as its inputs say and whatever its status is."""

    customer: str
    """The customer's name; empty where it is not known."""
    tenant_id: str
    grants: tuple[tuple[Grant, Reason], ...]
    groups: frozenset[str]
    """The URNs of the groups that it gives roles, as far as they are known."""


@dataclass(frozen=True)
class RegisteredView:
    """What a program registers, read for access."""

    access: AccessMap
    principals: Principals
    accounts: tuple[tuple[Principal, RegisteredResource], ...]
    """The users that the program makes or manages."""
    agent_groups: tuple[tuple[AgentGroup, RegisteredResource], ...]
    """The resources that own an agent group's members."""
    members_beside: tuple[tuple[AgentGroup, RegisteredResource], ...]
    """Memberships of an agent group that stand outside the group's own list."""
    writes_all_users: tuple[RegisteredResource, ...]
    out_of_policy: tuple[OutOfPolicyGrant, ...]
    pending: tuple[PendingPrincipal, ...]
    protected: frozenset[str]
    """The URNs of what is protected against deletion."""
    left_out: tuple[tuple[Principal, RegisteredResource], ...]
    """Whom a Conditional Access policy leaves out."""
    at_customers: Mapping[str, GivenAtCustomer] = field(default_factory=dict)
    """By the URN of each relationship."""

    @property
    def customer_names(self) -> dict[str, str]:
        """What the customers are called with whom there is a relationship, by tenant id."""
        return {one.tenant_id.casefold(): one.customer for one in self.at_customers.values() if one.customer}
