"""What this stack owns already, as its state says: known before anything is registered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi

from components.providers import first_line
from tenantry.access.existing import OwnedAccount, OwnedEligibility
from tenantry.access.grants import Grant, role_of
from tenantry.access.principals import Principal
from tenantry.declaration import Tenant
from tenantry.roles import AgentGroup, AssignmentType

_OUTPUTS_OF_A_STACK: Final = "pulumi:pulumi:readStackResourceOutputs"
_TENANT: Final = "tenantry:index:PartnerTenant"
_PEOPLE: Final = "tenantry:index:People"
_ACCOUNT: Final = f"{_PEOPLE}$azuread:index/user:User"
_GROUP: Final = "azuread:index/group:Group"
_HOLDERS: Final = ("tenantry:index:AgentGroups", "tenantry:index:GroupMemberships")
_MEMBER: Final = "azuread:index/groupMember:GroupMember"
_CONSENT: Final = "azuread:index/servicePrincipalDelegatedPermissionGrant:ServicePrincipalDelegatedPermissionGrant"
_ELIGIBILITY: Final = "azuread:index/directoryRoleEligibilityScheduleRequest:DirectoryRoleEligibilityScheduleRequest"
_ROLES: Final = ("azuread:index/directoryRoleAssignment:DirectoryRoleAssignment", _ELIGIBILITY)


@dataclass(frozen=True)
class Owned:
    """What a stack's state holds. Ids are in lower case, but for those of role assignments and consent grants."""

    accounts: tuple[OwnedAccount, ...] = ()
    """The accounts of people, as the state had them after the last update. Their keys are the resources' names: the
    tenant's and the person's first key. The rounds of their passwords are the highest that an update began to give."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Groups of which the stack owns the members: resource name to object id."""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Who was in these groups after the last update: the group's object id to the object ids of its members."""
    memberships: frozenset[tuple[str, str]] = frozenset()
    """Group and member, where each membership is a resource."""
    assignments: frozenset[str] = frozenset()
    """Role assignments and eligibilities, by id."""
    eligibilities: tuple[OwnedEligibility, ...] = ()
    """The eligibilities among them, by URN."""
    consents: frozenset[str] = frozenset()
    """Consent grants, by id."""
    released: bool = False
    """Whether the last update let go of the members of agent groups, for a change of mode."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """What the stack was last updated with: the tenant's `id` and `country`, as far as its state knows them."""
    recorded: bool = False
    """Whether no engine answers, but a recording: there is no tenant behind it, and nothing is applied."""

    def accounts_of(self, name: str) -> dict[str, OwnedAccount]:
        """The accounts of a partner tenant's people, by first key. ``name`` is the partner tenant's."""
        prefix = f"{name}-"
        return {one.key.removeprefix(prefix): one for one in self.accounts if one.key.startswith(prefix)}

    def agent_groups_of(self, name: str) -> dict[AgentGroup, str]:
        """The object ids of a partner tenant's agent groups."""
        return {group: self.groups[f"{name}-{group}"] for group in AgentGroup if f"{name}-{group}" in self.groups}


def owned_by_this_stack() -> Owned:
    """What the engine has in this stack's state.

    The engine hands out everything, secrets too: nothing but what an :class:`Owned` says is kept. Raises
    :class:`pulumi.RunError` where the state cannot be read.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        state = pulumi.runtime.invoke(_OUTPUTS_OF_A_STACK, {"stackName": stack}).value
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        said = first_line(error)
        raise pulumi.RunError(f"Could not read what this stack owns: {said} Nothing was touched.") from None
    return _read(state["outputs"], recorded=bool(state.get("recorded")))


def known_ids(name: str, tenant: Tenant, owned: Owned) -> dict[str, str]:
    """The object ids of adopted people, and of accounts that this stack made before, by key.

    ``name`` is the partner tenant's; whoever is adopted by UPN has their object id in ``tenant`` already.
    """
    made = {first_key: account.object_id for first_key, account in owned.accounts_of(name).items()}
    ids = {key: person.adopted or made.get(person.first_key(key)) for key, person in tenant.members.items()}
    return {key: object_id for key, object_id in ids.items() if object_id}


def _read(resources: Mapping[str, Mapping[str, Any]], *, recorded: bool) -> Owned:
    emergency, rounds = _of_people(resources, "emergency"), _of_people(resources, "password_round")
    accounts: list[OwnedAccount] = []
    groups: dict[str, str] = {}
    members: dict[str, frozenset[str]] = {}
    memberships: set[tuple[str, str]] = set()
    assignments: set[str] = set()
    consents: set[str] = set()
    stated: dict[str, str] = {}
    for urn, resource in resources.items():
        outputs, types, name = resource["outputs"], _types(urn), urn.rpartition("::")[2]
        if types.endswith(_ACCOUNT):
            accounts.append(
                OwnedAccount(
                    name,
                    Principal.in_directory(
                        outputs.get("objectId", "").lower(),
                        outputs.get("displayName", ""),
                        outputs.get("userPrincipalName"),
                        enabled=outputs.get("accountEnabled") is not False,
                    ),
                    _whole(rounds.get(name)),
                    emergency=bool(emergency.get(name)),
                )
            )
        elif types.endswith(_GROUP):
            groups[name] = outputs.get("objectId", "").lower()
            members[groups[name]] = frozenset(map(str.lower, outputs.get("members") or ()))
        elif types.endswith(_MEMBER):
            memberships.add((outputs.get("groupObjectId", "").lower(), outputs.get("memberObjectId", "").lower()))
        elif types.endswith(_ROLES):
            assignments.add(outputs.get("id", "").rpartition("/")[2])
        elif types.endswith(_CONSENT):
            consents.add(outputs.get("id", "").rpartition("/")[2])
        elif types == _TENANT:
            said = {"id": outputs.get("tenant"), "country": outputs.get("country")}
            stated = {name: value for name, value in said.items() if isinstance(value, str)}
    accounts.sort(key=lambda account: account.key)
    released = any(
        resource["outputs"].get("released") for urn, resource in resources.items() if _types(urn).endswith(_HOLDERS)
    )
    eligibilities = sorted(
        OwnedEligibility(
            urn,
            Grant.of(
                Principal.in_directory(outputs.get("principalId", ""), ""),
                role_of(outputs.get("roleDefinitionId", "")),
                AssignmentType.ELIGIBLE,
                outputs.get("directoryScopeId", "/"),
                outputs.get("id", "").lower(),
            ),
        )
        for urn, resource in resources.items()
        if _types(urn).endswith(_ELIGIBILITY)
        for outputs in [resource["outputs"]]
    )
    return Owned(
        tuple(accounts),
        groups,
        members,
        frozenset(memberships),
        frozenset(assignments),
        tuple(eligibilities),
        frozenset(consents),
        released,
        stated,
        recorded,
    )


def _of_people(resources: Mapping[str, Mapping[str, Any]], output: str) -> dict[str, object]:
    """What the state says of each person, by the name of their account."""
    return {
        f"{urn.rpartition('::')[2]}-{key}": value
        for urn, resource in resources.items()
        if _types(urn).endswith(_PEOPLE)
        for key, value in resource["outputs"].get(output, {}).items()
    }


def _whole(number: object) -> int | None:
    """A whole number of the state, which the engine hands out as a float."""
    return int(number) if isinstance(number, int | float) else None


def _types(urn: str) -> str:
    return urn.split("::")[2]
