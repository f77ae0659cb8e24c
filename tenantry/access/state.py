"""What a stack owns, read from the outputs that its state has. Pure: the caller asks the engine for them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from tenantry.access.existing import OwnedAccount, OwnedEligibility
from tenantry.access.grants import Grant, role_of
from tenantry.access.principals import Principal
from tenantry.access.resource_types import (
    DELEGATED_PERMISSION_GRANT,
    DIRECTORY_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ELIGIBILITY,
    GROUP,
    GROUP_MEMBER,
    USER,
)
from tenantry.declaration.tenant import Mode, Tenant
from tenantry.roles import AgentGroup, AssignmentType

PARTNER_TENANT: Final = "tenantry:index:PartnerTenant"
RELATIONSHIP: Final = "tenantry:index:DelegatedAdminRelationship"
_PEOPLE: Final = "tenantry:index:People"
_ROLE_HOLDERS: Final = "tenantry:index:DirectoryRoles"
_ACCOUNT: Final = f"{_PEOPLE}${USER}"
_HOLDERS: Final = ("tenantry:index:AgentGroups", "tenantry:index:GroupMemberships")
_Outputs: TypeAlias = Mapping[str, Mapping[str, Any]]
_ROLES: Final = (DIRECTORY_ROLE_ASSIGNMENT, DIRECTORY_ROLE_ELIGIBILITY)


@dataclass(frozen=True)
class StackState:
    """What a stack's state holds. Ids are in lower case, but for those of role assignments and consent grants."""

    accounts: tuple[OwnedAccount, ...] = ()
    """The accounts of people, as the state had them after the last update. Their keys are the resources' names: the
    tenant's and the person's first key. The rounds of their passwords are the highest that an update began to give."""
    emergency: frozenset[str] = frozenset()
    """The object ids of those that it knows as emergency accounts."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Groups of which the stack owns the members: resource name to object id."""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Who was in these groups after the last update: the group's object id to the object ids of its members."""
    memberships: frozenset[tuple[str, str]] = frozenset()
    """Group and member, where each membership is a resource."""
    assignments: frozenset[str] = frozenset()
    """Role assignments and eligibilities, by id."""
    protected: frozenset[str] = frozenset()
    """Those of them that the last update left protected."""
    eligibilities: tuple[OwnedEligibility, ...] = ()
    """The eligibilities among them, by URN."""
    consents: frozenset[str] = frozenset()
    """Consent grants, by id."""
    relationships: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Relationships with customers: resource name to outputs."""
    released: bool = False
    """Whether the last update let go of the members of agent groups, for a change of mode."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """What the stack was last updated with: the tenant's `id` and `country`, as far as its state knows them."""
    recorded: bool = False
    """Whether no engine answers, but a recording: there is no tenant behind it, and nothing is applied."""

    def accounts_of(self, name: str) -> dict[str, OwnedAccount]:
        """The accounts of a partner tenant's people, by first key. ``name`` is the partner tenant's."""
        prefix = f"{name}-"
        return {item.key.removeprefix(prefix): item for item in self.accounts if item.key.startswith(prefix)}

    def agent_groups_of(self, name: str) -> dict[AgentGroup, str]:
        """The object ids of a partner tenant's agent groups."""
        return {group: self.groups[f"{name}-{group}"] for group in AgentGroup if f"{name}-{group}" in self.groups}

    def of_tenant(self, name: str, tenant: Tenant) -> "StackState":
        """The same of one partner tenant, with its accounts by the keys that their people have today, and its
        relationships with customers by their keys (`fabrikam.everyday`).

        In mode additive a list of members that is being let go of takes nobody out: no list counts there.
        """
        today = {person.first_key(key): key for key, person in tenant.members.items()}
        accounts = self.accounts_of(name)
        return replace(
            self,
            accounts=tuple(
                replace(account, key=today.get(first_key, first_key)) for first_key, account in accounts.items()
            ),
            emergency=self.emergency & {account.object_id for account in accounts.values()},
            groups={} if tenant.mode is Mode.ADDITIVE else self.groups,
            relationships={
                resource.removeprefix(f"{name}-"): found
                for resource, found in self.relationships.items()
                if resource.startswith(f"{name}-")
            },
        )


def stated(outputs: Mapping[str, Any]) -> dict[str, str]:
    """What the outputs of a PartnerTenant say of its tenant: `id` and `country`."""
    values = {"id": outputs.get("tenant"), "country": outputs.get("country")}
    return {name: value for name, value in values.items() if isinstance(value, str)}


def read_state(outputs: _Outputs, *, recorded: bool = False) -> StackState:
    """What the outputs of a stack's resources, by URN, say that it owns.

    The engine hands out everything, secrets too: nothing but what a :class:`StackState` has is kept.
    """
    emergency, rounds = _by_account(outputs, "emergency"), _by_account(outputs, "password_round")
    accounts = {name: _account(found) for name, found in _named(outputs, _ACCOUNT).items()}
    groups = _named(outputs, GROUP)
    protected = {name for found in _named(outputs, _ROLE_HOLDERS).values() for name in found.get("protected", ())}
    return StackState(
        accounts=tuple(OwnedAccount(name, accounts[name], _whole(rounds.get(name))) for name in sorted(accounts)),
        emergency=frozenset(account.object_id for name, account in accounts.items() if emergency.get(name)),
        groups={name: _object_id(found) for name, found in groups.items()},
        members={_object_id(found): frozenset(map(str.lower, found.get("members") or ())) for found in groups.values()},
        memberships=frozenset(
            (_lower(found, "groupObjectId"), _lower(found, "memberObjectId")) for _, found in _of(outputs, GROUP_MEMBER)
        ),
        assignments=frozenset(_last_part(found) for _, found in _of(outputs, *_ROLES)),
        protected=frozenset(_last_part(found) for urn, found in _of(outputs, *_ROLES) if _name(urn) in protected),
        eligibilities=tuple(
            sorted(_eligibility(urn, found) for urn, found in _of(outputs, DIRECTORY_ROLE_ELIGIBILITY))
        ),
        consents=frozenset(_last_part(found) for _, found in _of(outputs, DELEGATED_PERMISSION_GRANT)),
        relationships=_named(outputs, RELATIONSHIP),
        released=any(found.get("released") for _, found in _of(outputs, *_HOLDERS)),
        stated=dict(item for found in _named(outputs, PARTNER_TENANT).values() for item in stated(found).items()),
        recorded=recorded,
    )


def _of(outputs: _Outputs, *types: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """URN and outputs of each resource whose chain of types ends in one of ``types``."""
    return ((urn, found) for urn, found in outputs.items() if urn.split("::")[2].endswith(types))


def _named(outputs: _Outputs, type_: str) -> dict[str, Mapping[str, Any]]:
    return {_name(urn): found for urn, found in _of(outputs, type_)}


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _lower(outputs: Mapping[str, Any], output: str) -> str:
    return str(outputs.get(output, "")).lower()


def _last_part(outputs: Mapping[str, Any]) -> str:
    """The id at the end of a resource's path."""
    return str(outputs.get("id", "")).rpartition("/")[2]


def _object_id(outputs: Mapping[str, Any]) -> str:
    """The object id of an account or a group.

    Where a request fails after the one that created it, the azuread provider leaves ``objectId`` empty: only the
    resource's own id has it then, as in ``/users/<object id>``.
    """
    return str(outputs.get("objectId") or _last_part(outputs)).lower()


def _account(outputs: Mapping[str, Any]) -> Principal:
    return Principal.in_directory(
        _object_id(outputs),
        outputs.get("displayName", ""),
        outputs.get("userPrincipalName"),
        enabled=outputs.get("accountEnabled") is not False,
    )


def _eligibility(urn: str, outputs: Mapping[str, Any]) -> OwnedEligibility:
    holder, role = Principal.in_directory(_lower(outputs, "principalId"), ""), outputs.get("roleDefinitionId", "")
    scope = outputs.get("directoryScopeId", "/")
    return OwnedEligibility(urn, Grant.of(holder, role_of(role), AssignmentType.ELIGIBLE, scope), _lower(outputs, "id"))


def _by_account(outputs: _Outputs, output: str) -> dict[str, object]:
    """What the state says of each person, by the name of their account."""
    people = _named(outputs, _PEOPLE)
    return {f"{name}-{key}": value for name, found in people.items() for key, value in found.get(output, {}).items()}


def _whole(number: object) -> int | None:
    """A whole number of the state, which the engine hands out as a float."""
    return int(number) if isinstance(number, int | float) else None
