"""The registered view: the access that a Pulumi program's resources give, whoever wrote them.

It reads azuread resources and nothing that a program says of itself. At preview the ids of new people are not
known; who they are is known all the same, from the resources that a property depends on. What cannot be told is
opaque, and never taken for nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Opaque, Reason, Standing
from tenantry.access.principals import AmbiguousPrincipalError, By, Identity, Principal, Principals
from tenantry.roles import ALL_USERS, AgentGroup

USER: Final = "azuread:index/user:User"
INVITATION: Final = "azuread:index/invitation:Invitation"
GROUP: Final = "azuread:index/group:Group"
GROUP_WITHOUT_MEMBERS: Final = "azuread:index/groupWithoutMembers:GroupWithoutMembers"
GROUP_MEMBER: Final = "azuread:index/groupMember:GroupMember"
SERVICE_PRINCIPAL: Final = "azuread:index/servicePrincipal:ServicePrincipal"
DIRECTORY_ROLE: Final = "azuread:index/directoryRole:DirectoryRole"


@dataclass(frozen=True)
class Unknown:
    """A value that the engine does not know yet."""


UNKNOWN: Final = Unknown()

Value: TypeAlias = "bool | int | float | str | Unknown | Sequence[Value] | Mapping[str, Value] | None"


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

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]

    def known(self, key: str) -> str | None:
        """A text property where it is known: as given, else as the provider answered."""
        for value in (self.inputs.get(key), self.outputs.get(key)):
            if isinstance(value, str):
                return value
        return None

    @property
    def object_id(self) -> str | None:
        """The object id, where the engine knows it already."""
        value = self.outputs.get("objectId")
        return value.lower() if isinstance(value, str) else None


@dataclass(frozen=True)
class Account:
    """A user that the program makes or manages."""

    resource: RegisteredResource
    upn: str | None
    mail: str | None
    principal: Principal


@dataclass(frozen=True)
class Outside:
    """Something that gives partner power, or a way to it, and that no declaration can give."""

    urn: str
    what: str


@dataclass(frozen=True)
class RegisteredView:
    """What a program registers, read for access."""

    access: AccessMap
    principals: Principals
    accounts: tuple[Account, ...]
    agent_groups: tuple[tuple[AgentGroup, RegisteredResource], ...]
    """The resources that own an agent group's members."""
    members_beside: tuple[tuple[AgentGroup, RegisteredResource], ...]
    """Memberships of an agent group that stand outside the group's own list."""
    writes_all_users: tuple[RegisteredResource, ...]
    strangers: Mapping[Principal, str]
    """Principals that are no user (a group, a service principal, a guest): what they are."""
    outside: tuple[Outside, ...]


def read(
    resources: Iterable[RegisteredResource],
    people: Iterable[Identity] = (),
    pinned_groups: Mapping[AgentGroup, str] | None = None,
) -> RegisteredView:
    """Read a program's resources.

    The declaration tells no more than which object id and UPN belong together (``people``), and the object ids of
    agent groups that it pins.
    """
    return _Reader(list(resources), Principals(people), pinned_groups or {}).view()


#: The properties that are read. Nothing else of a resource is kept, a password least of all.
PROPERTIES: Final = frozenset(
    {
        "administrativeUnitObjectId",
        "appRoleId",
        "claimValues",
        "directoryScopeId",
        "displayName",
        "dynamicMembership",
        "groupId",
        "groupObjectId",
        "mail",
        "memberObjectId",
        "members",
        "objectId",
        "owners",
        "principalId",
        "principalObjectId",
        "resourceOriginId",
        "roleDefinitionId",
        "roleId",
        "roleObjectId",
        "templateId",
        "userId",
        "userPrincipalName",
    }
)


@dataclass(frozen=True)
class _RoleType:
    """Where a type that gives directory roles says which role and to whom."""

    role: str
    principal: str
    standing: Standing = Standing.STANDING
    scope: str | None = None


_ROLE_TYPES: Final = {
    "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment": _RoleType(
        "roleId", "principalObjectId", scope="directoryScopeId"
    ),
    "azuread:index/directoryRoleMember:DirectoryRoleMember": _RoleType("roleObjectId", "memberObjectId"),
    "azuread:index/directoryRoleEligibilityScheduleRequest:DirectoryRoleEligibilityScheduleRequest": _RoleType(
        "roleDefinitionId", "principalId", Standing.ELIGIBLE, "directoryScopeId"
    ),
    "azuread:index/administrativeUnitRoleMember:AdministrativeUnitRoleMember": _RoleType(
        "roleObjectId", "memberObjectId", scope="administrativeUnitObjectId"
    ),
}

#: Types that put people into a group by a schedule, a package or a policy, and the property that names the group.
_GROUP_DOORS: Final = {
    "azuread:index/privilegedAccessGroupAssignmentSchedule:PrivilegedAccessGroupAssignmentSchedule": "groupId",
    "azuread:index/privilegedAccessGroupEligibilitySchedule:PrivilegedAccessGroupEligibilitySchedule": "groupId",
    "azuread:index/groupRoleManagementPolicy:GroupRoleManagementPolicy": "groupId",
    "azuread:index/accessPackageResourceCatalogAssociation:AccessPackageResourceCatalogAssociation": "resourceOriginId",
}

#: Application permissions of Microsoft Graph that can write the directory, its groups or its roles (Microsoft
#: Graph permissions reference).
_WRITING_APP_ROLES: Final = {
    "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8": "RoleManagement.ReadWrite.Directory",
    "19dbc75e-c2e2-444c-a770-ec69d8559fc7": "Directory.ReadWrite.All",
    "62a82d76-70ea-41e2-9197-370581804d09": "Group.ReadWrite.All",
    "dbaae8cf-10b5-4b86-a4a1-f871c94c6695": "GroupMember.ReadWrite.All",
    "06b708a9-e830-4db3-a914-8e69da51d44f": "AppRoleAssignment.ReadWrite.All",
    "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9": "Application.ReadWrite.All",
    "741f803b-c850-494e-b5df-cde7c675a1ca": "User.ReadWrite.All",
}
_WRITING_SCOPES: Final = frozenset({*_WRITING_APP_ROLES.values(), "Directory.AccessAsUser.All"})


class _Reader:
    def __init__(
        self, resources: list[RegisteredResource], people: Principals, pinned_groups: Mapping[AgentGroup, str]
    ) -> None:
        self.resources = resources
        self.pinned = {object_id: group for group, object_id in pinned_groups.items()}
        self.by_urn = {resource.urn: resource for resource in resources}
        self.urn_of_id = {r.object_id: r.urn for r in resources if r.object_id}
        self.group_of_urn = {r.urn: group for r in resources if (group := self._agent_group(r))}
        self.group_of_id = self.pinned | {
            resource.object_id: group
            for urn, group in self.group_of_urn.items()
            if (resource := self.by_urn[urn]).object_id
        }
        self.opaque: list[Opaque] = []
        self.outside: list[Outside] = []
        self.strangers: dict[Principal, str] = {}
        self.principals = self._principals(people)

    def view(self) -> RegisteredView:
        grants = [*self._group_grants(), *self._member_grants(), *self._role_grants()]
        self._read_other_doors()
        answers = [Answer(Kind.DIRECTORY_ROLE), *(Answer(Kind.AGENT_GROUP, group.value) for group in AgentGroup)]
        return RegisteredView(
            access=AccessMap.of(grants, answers, self.opaque),
            principals=self.principals,
            accounts=tuple(self._accounts()),
            agent_groups=tuple((g, self.by_urn[urn]) for urn, g in self.group_of_urn.items()),
            members_beside=tuple(
                (group, r) for r in self.resources if r.type == GROUP_MEMBER and (group := self._target_group(r))
            ),
            writes_all_users=tuple(r for r in self.resources if self._is_all_users(r)),
            strangers=self.strangers,
            outside=tuple(self.outside),
        )

    def _agent_group(self, resource: RegisteredResource) -> AgentGroup | None:
        if resource.type not in (GROUP, GROUP_WITHOUT_MEMBERS):
            return None
        name = resource.known("displayName")
        return self.pinned.get(resource.object_id or "") or (AgentGroup.by_display_name(name) if name else None)

    def _principals(self, principals: Principals) -> Principals:
        """Names that belong together; one that contradicts the declaration is a way round it."""
        for resource in self.resources:
            if resource.type == USER:
                try:
                    principals.add(Identity(resource.known("userPrincipalName"), resource.object_id, resource.urn))
                except AmbiguousPrincipalError as error:
                    self.outside.append(Outside(resource.urn, f"an account under somebody else's name: {error}"))
        return principals

    def _accounts(self) -> Iterator[Account]:
        for resource in self.resources:
            if resource.type == USER:
                upn = resource.known("userPrincipalName")
                principal = self.principals.resolve(urn=resource.urn)
                yield Account(resource, upn, resource.known("mail"), principal)

    # Who a value stands for

    def _principals_in(self, resource: RegisteredResource, key: str, where: tuple[Kind, str]) -> Iterator[Principal]:
        """Whom a property names, one id or a list of them. What cannot be told becomes opaque."""
        value = resource.inputs.get(key)
        if isinstance(value, Unknown) and isinstance(resource.outputs.get(key), str | Sequence):
            value = resource.outputs.get(key)
        given = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        known = [item for item in given if isinstance(item, str)]
        hidden = len(given) - len(known)
        for object_id in known:
            yield self._principal(object_id)
        if value is None or not hidden:
            return
        new = self._unborn(resource.depends.get(key, frozenset()))
        for urn in new:
            yield self._principal_of(self.by_urn[urn])
        whole = isinstance(value, Unknown) and key == "members"
        if whole or len(new) != hidden:
            seen = "its members are unknown as a whole" if whole else f"{hidden} unknown, {len(new)} new account(s)"
            self.opaque.append(Opaque(*where, resource.urn, f"`{key}`: {seen}"))

    def _unborn(self, urns: Iterable[str]) -> list[str]:
        """The principals among some resources whose ids the engine does not know yet."""
        births = (USER, INVITATION, GROUP, GROUP_WITHOUT_MEMBERS, SERVICE_PRINCIPAL)
        return sorted(urn for urn in urns if (r := self.by_urn.get(urn)) and r.type in births and not self._own_id(r))

    @staticmethod
    def _own_id(resource: RegisteredResource) -> str | None:
        return resource.known("userId") if resource.type == INVITATION else resource.object_id

    def _principal(self, object_id: str) -> Principal:
        urn = self.urn_of_id.get(object_id.lower())
        return self._principal_of(self.by_urn[urn]) if urn else self.principals.resolve(object_id=object_id)

    def _principal_of(self, resource: RegisteredResource) -> Principal:
        if resource.type == USER:
            upn = resource.known("userPrincipalName") or ""
            principal = self.principals.resolve(urn=resource.urn)
            if "#ext#" in upn.lower():
                self.strangers[principal] = "a guest"
            return principal
        principal = Principal(By.URN, resource.urn)
        self.strangers[principal] = "a guest" if resource.type == INVITATION else _word(resource.type)
        return principal

    # Agent groups

    def _group_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for urn, group in self.group_of_urn.items():
            resource = self.by_urn[urn]
            where = (Kind.AGENT_GROUP, group.value)
            for principal in self._principals_in(resource, "members", where):
                yield Grant(principal, *where), Reason(f"a member in {resource.name}", urn)
            if resource.inputs.get("dynamicMembership"):
                self.opaque.append(Opaque(*where, urn, "a dynamic membership rule decides who is in it"))
            if "members" in resource.ignores:
                self.opaque.append(
                    Opaque(*where, urn, "changes of `members` are ignored, so that anybody can be in it")
                )
            if resource.inputs.get("owners") and "owners" not in resource.ignores:
                self.outside.append(Outside(urn, f"owners of {group}, who can add members to it"))

    def _member_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for resource in self.resources:
            if resource.type == GROUP_MEMBER and (group := self._target_group(resource)):
                where = (Kind.AGENT_GROUP, group.value)
                for principal in self._principals_in(resource, "memberObjectId", where):
                    yield Grant(principal, *where), Reason(f"the GroupMember {resource.name}", resource.urn)

    def _target_group(self, resource: RegisteredResource, key: str = "groupObjectId") -> AgentGroup | None:
        """The agent group that a property names, by id or through the resource that the id comes from."""
        object_id = resource.known(key)
        if object_id is not None:
            return self.group_of_id.get(object_id.rsplit("/", 1)[-1].lower())
        groups = {self.group_of_urn[urn] for urn in resource.depends.get(key, ()) if urn in self.group_of_urn}
        return groups.pop() if len(groups) == 1 else None

    def _is_all_users(self, resource: RegisteredResource) -> bool:
        def named(candidate: RegisteredResource) -> bool:
            name = candidate.known("displayName") or ""
            return candidate.type in (GROUP, GROUP_WITHOUT_MEMBERS) and name.strip().casefold() == ALL_USERS.casefold()

        if resource.type != GROUP_MEMBER:
            return named(resource)
        group_id = resource.known("groupObjectId")
        targets = {self.urn_of_id.get((group_id or "").lower()), *resource.depends.get("groupObjectId", ())}
        return any(named(self.by_urn[urn]) for urn in targets if urn in self.by_urn)

    # Directory roles

    def _role_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for resource in self.resources:
            door = _ROLE_TYPES.get(resource.type)
            if door is None:
                continue
            template_id = self._role(resource, door.role)
            if template_id is None:
                self.opaque.append(Opaque(Kind.DIRECTORY_ROLE, "unknown", resource.urn, "which role is not known"))
                template_id = "unknown"
            scope = (resource.known(door.scope) or "/") if door.scope else "/"
            for principal in self._principals_in(resource, door.principal, (Kind.DIRECTORY_ROLE, template_id)):
                grant = Grant(principal, Kind.DIRECTORY_ROLE, template_id, scope, door.standing)
                yield grant, Reason(f"the {_word(resource.type)} {resource.name}", resource.urn)

    def _role(self, resource: RegisteredResource, key: str) -> str | None:
        """The template id of the role that a property names, by template id or by the role's object id."""
        named = resource.known(key)
        urns = [self.urn_of_id.get(named.lower())] if named else list(resource.depends.get(key, ()))
        for urn in urns:
            role = self.by_urn.get(urn or "")
            if role and role.type == DIRECTORY_ROLE:
                return (role.known("templateId") or "").lower() or None
        return named.lower() if named else None

    # Other doors to partner power

    def _read_other_doors(self) -> None:
        for resource in self.resources:
            key = _GROUP_DOORS.get(resource.type)
            if key and (group := self._target_group(resource, key)):
                self.outside.append(Outside(resource.urn, f"{_word(resource.type)} lets people into {group}"))
            if resource.type == "azuread:index/appRoleAssignment:AppRoleAssignment":
                permission = _WRITING_APP_ROLES.get((resource.known("appRoleId") or "").lower())
                if permission:
                    self.outside.append(Outside(resource.urn, f"the application permission {permission}"))
            if resource.type.endswith(":ServicePrincipalDelegatedPermissionGrant"):
                claims = resource.inputs.get("claimValues")
                named = {claim for claim in claims if isinstance(claim, str)} if isinstance(claims, Sequence) else set()
                for permission in sorted(named & _WRITING_SCOPES):
                    self.outside.append(Outside(resource.urn, f"the delegated permission {permission}"))


def _word(type_token: str) -> str:
    """A type's own name: ``azuread:index/group:Group`` is "Group"."""
    return type_token.rsplit(":", 1)[-1]
