"""The registered view: the access that a Pulumi program's resources give, whoever wrote them.

It reads azuread resources and nothing that a program says of itself. At preview the ids of new people are not
known; who they are is known all the same, from the resources that a property depends on. What cannot be told is
opaque, and never taken for nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Opaque, Reason, Standing
from tenantry.access.principals import AmbiguousPrincipalError, By, Identity, Principal, Principals
from tenantry.access.resource_types import (
    ADMINISTRATIVE_UNIT_ROLE_MEMBER,
    APP_ROLE_ASSIGNMENT,
    CONDITIONAL_ACCESS_POLICY,
    CREDENTIALS,
    DELEGATED_PERMISSION_GRANT,
    DIRECTORY_ROLE,
    DIRECTORY_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ELIGIBILITY,
    DIRECTORY_ROLE_MEMBER,
    GROUP,
    GROUP_DOORS,
    GROUP_MEMBER,
    GROUP_WITHOUT_MEMBERS,
    INVITATION,
    KNOWN_TYPES,
    SERVICE_PRINCIPAL,
    USER,
)
from tenantry.roles import ALL_USERS, AgentGroup

_GROUPS: Final = (GROUP, GROUP_WITHOUT_MEMBERS)


@dataclass(frozen=True)
class Unknown:
    """A value that the engine does not know yet."""


UNKNOWN: Final = Unknown()

Value: TypeAlias = "bool | int | float | str | Unknown | Sequence[Value] | Mapping[str, Value] | None"


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
    """False for what the program refers to (``Group.get``) or leaves behind, to be deleted: it tells what an id
    means, and gives nobody anything."""

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]

    def ignores_changes_of(self, key: str) -> bool:
        """Whether `ignore_changes` covers a property or something in it: ``members``, ``members[0]``, ``*``, …"""
        return any(_HEAD_OF_PATH.sub("", path).startswith(("*", key)) for path in self.ignores)

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
        "applicationId",
        "appScopeId",
        "appRoleId",
        "claimValues",
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
        "owners",
        "principalId",
        "principalObjectId",
        "resourceOriginId",
        "roleDefinitionId",
        "roleId",
        "roleObjectId",
        "servicePrincipalId",
        "state",
        "templateId",
        "tenantId",
        "useExisting",
        "userId",
        "userPrincipalName",
    }
)


#: Properties that say something by being left out, with what they then are. A view that did not read them at all (an
#: old state) says nothing.
LEFT_OUT: Final[Mapping[str, Value]] = {"forcePasswordChange": None}


@dataclass(frozen=True)
class _RoleType:
    """Where a type that gives directory roles says which role, to whom, and over what."""

    role: str
    principal: str
    standing: Standing = Standing.STANDING
    scopes: tuple[str, ...] = ()


_ROLE_TYPES: Final = {
    DIRECTORY_ROLE_ASSIGNMENT: _RoleType("roleId", "principalObjectId", scopes=("directoryScopeId", "appScopeId")),
    DIRECTORY_ROLE_MEMBER: _RoleType("roleObjectId", "memberObjectId"),
    DIRECTORY_ROLE_ELIGIBILITY: _RoleType("roleDefinitionId", "principalId", Standing.ELIGIBLE, ("directoryScopeId",)),
    ADMINISTRATIVE_UNIT_ROLE_MEMBER: _RoleType(
        "roleObjectId", "memberObjectId", scopes=("administrativeUnitObjectId",)
    ),
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
        self.registered = [resource for resource in resources if resource.registered]
        self.pinned = {object_id: group for group, object_id in pinned_groups.items()}
        self.by_urn = {resource.urn: resource for resource in resources}
        self.urn_of_id = {r.object_id: r.urn for r in resources if r.object_id}
        groups = [resource for resource in resources if resource.type in _GROUPS]
        self.group_of_id = {r.object_id: g for r in groups if r.object_id and (g := _group_by_name(r))} | self.pinned
        # By id first: whoever takes an agent group over under another name is found out.
        self.group_of_urn = {
            r.urn: group for r in groups if (group := self.group_of_id.get(r.object_id or "") or _group_by_name(r))
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
            agent_groups=tuple((group, resource) for resource, group in self._own_groups()),
            members_beside=tuple(
                (group, r) for r in self.registered if r.type == GROUP_MEMBER and (group := self._target_group(r))
            ),
            writes_all_users=tuple(r for r in self.registered if self._is_all_users(r)),
            strangers=self.strangers,
            outside=tuple(self.outside),
        )

    def _principals(self, principals: Principals) -> Principals:
        """Names that belong together; one that contradicts the declaration is a way round it."""
        for resource in self.resources:
            if resource.type == USER:
                try:
                    principals.add(Identity(resource.known("userPrincipalName"), resource.object_id, resource.urn))
                except AmbiguousPrincipalError as error:
                    if resource.registered:
                        self.outside.append(Outside(resource.urn, f"an account under somebody else's name: {error}"))
        return principals

    def _accounts(self) -> Iterator[Account]:
        for resource in self.registered:
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
        births = (USER, INVITATION, SERVICE_PRINCIPAL, *_GROUPS)
        return sorted(urn for urn in urns if (r := self.by_urn.get(urn)) and r.type in births and not self._own_id(r))

    @staticmethod
    def _own_id(resource: RegisteredResource) -> str | None:
        return resource.known("userId") if resource.type == INVITATION else resource.object_id

    def _principal(self, object_id: str) -> Principal:
        resource = self._by_id(object_id)
        # By its id, not by the account that claims the id: the claim may contradict the declaration.
        if resource is None or (resource.type == USER and "#ext#" not in _upn(resource)):
            return self.principals.resolve(object_id=object_id)
        return self._principal_of(resource)

    def _principal_of(self, resource: RegisteredResource) -> Principal:
        if resource.type == USER:
            principal = self.principals.resolve(urn=resource.urn)
            if "#ext#" in _upn(resource):
                self.strangers[principal] = "a guest"
            return principal
        principal = Principal(By.URN, resource.urn)
        self.strangers[principal] = "a guest" if resource.type == INVITATION else _word(resource.type)
        return principal

    # Agent groups

    def _own_groups(self) -> Iterator[tuple[RegisteredResource, AgentGroup]]:
        """The agent groups that the program itself registers."""
        return ((r, group) for r in self.registered if (group := self.group_of_urn.get(r.urn)))

    def _group_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for resource in self.registered:
            if resource.type in _GROUPS and resource.object_id is None and resource.known("displayName") is None:
                why = "a new group whose name is not known"
                self.opaque.append(Opaque(Kind.AGENT_GROUP, "unknown", resource.urn, why))
        for resource, group in self._own_groups():
            urn, where = resource.urn, (Kind.AGENT_GROUP, group.value)
            for principal in self._principals_in(resource, "members", where):
                yield Grant(principal, *where), Reason(f"a member in {resource.name}", urn)
            if resource.inputs.get("dynamicMembership"):
                self.opaque.append(Opaque(*where, urn, "a dynamic membership rule decides who is in it"))
            if resource.ignores_changes_of("members"):
                self.opaque.append(
                    Opaque(*where, urn, "changes of `members` are ignored, so that anybody can be in it")
                )
            # An adopted group keeps the owners that it has: they are ignored, and only seen here.
            adopted = resource.object_id is not None and resource.ignores_changes_of("owners")
            if resource.inputs.get("owners") and not adopted:
                self.outside.append(Outside(urn, f"owners of {group}, who can add members to it"))

    def _member_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for resource in self.registered:
            if resource.type != GROUP_MEMBER or self._hides_its_group(resource, "groupObjectId"):
                continue
            if group := self._target_group(resource):
                where = (Kind.AGENT_GROUP, group.value)
                for principal in self._principals_in(resource, "memberObjectId", where):
                    yield Grant(principal, *where), Reason(f"the GroupMember {resource.name}", resource.urn)

    def _target_group(self, resource: RegisteredResource, key: str = "groupObjectId") -> AgentGroup | None:
        """The agent group that a property names, by id or through the resource that the id comes from."""
        object_id = resource.known(key)
        if object_id is not None:
            return self.group_of_id.get(_bare(object_id))
        source = self._only_source(resource, key)
        return self.group_of_urn.get(source.urn) if source else None

    def _hides_its_group(self, resource: RegisteredResource, key: str) -> bool:
        """Whether nobody can tell which group is meant, so that it may be an agent group; it becomes opaque."""
        source = self._only_source(resource, key)
        if resource.known(key) is not None or (source and source.type in _GROUPS):
            return False
        self.opaque.append(Opaque(Kind.AGENT_GROUP, "unknown", resource.urn, f"`{key}`: which group is not known"))
        return True

    def _by_id(self, object_id: str) -> RegisteredResource | None:
        return self.by_urn.get(self.urn_of_id.get(_bare(object_id), ""))

    def _only_source(self, resource: RegisteredResource, key: str) -> RegisteredResource | None:
        """The resource that an unknown value comes from, where it comes from one alone."""
        urns = resource.depends.get(key, frozenset())
        return self.by_urn.get(next(iter(urns))) if len(urns) == 1 else None

    def _is_all_users(self, resource: RegisteredResource) -> bool:
        def named(candidate: RegisteredResource) -> bool:
            name = candidate.known("displayName") or ""
            return candidate.type in _GROUPS and name.strip().casefold() == ALL_USERS.casefold()

        if resource.type != GROUP_MEMBER:
            return named(resource)
        group_id = resource.known("groupObjectId")
        targets = {self.urn_of_id.get((group_id or "").lower()), *resource.depends.get("groupObjectId", ())}
        return any(named(self.by_urn[urn]) for urn in targets if urn in self.by_urn)

    # Directory roles

    def _role_grants(self) -> Iterator[tuple[Grant, Reason]]:
        for resource in self.registered:
            door = _ROLE_TYPES.get(resource.type)
            if door is None:
                continue
            template_id = self._role(resource, door.role)
            if template_id is None:
                self.opaque.append(Opaque(Kind.DIRECTORY_ROLE, "unknown", resource.urn, "which role is not known"))
                template_id = "unknown"
            scope = _scope(resource, door)
            for principal in self._principals_in(resource, door.principal, (Kind.DIRECTORY_ROLE, template_id)):
                grant = Grant(principal, Kind.DIRECTORY_ROLE, template_id, scope, door.standing)
                yield grant, Reason(f"the {_word(resource.type)} {resource.name}", resource.urn)

    def _role(self, resource: RegisteredResource, key: str) -> str | None:
        """The template id of the role that a property names, by template id or by the role's object id."""
        named = resource.known(key)
        source = self._by_id(named) if named else self._only_source(resource, key)
        if source and source.type == DIRECTORY_ROLE:
            return (source.known("templateId") or "").lower() or None
        return named.lower() if named else None

    # Other doors to partner power

    def _read_other_doors(self) -> None:
        for resource in self.registered:
            for what in self._doors(resource):
                self.outside.append(Outside(resource.urn, what))

    def _doors(self, resource: RegisteredResource) -> Iterator[str]:
        key = GROUP_DOORS.get(resource.type)
        if key and not self._hides_its_group(resource, key) and (group := self._target_group(resource, key)):
            yield f"{_word(resource.type)} lets people into {group}"
        key = CREDENTIALS.get(resource.type)
        if key and not self._made_here(resource, key):
            yield f"{_word(resource.type)} lets somebody act as an application that is not made here"
        if resource.type == APP_ROLE_ASSIGNMENT:
            app_role = resource.known("appRoleId")
            if app_role is None:
                self._consent_is_opaque(resource, "appRoleId")
            elif permission := _WRITING_APP_ROLES.get(app_role.lower()):
                yield f"the application permission {permission}"
        if resource.type == DELEGATED_PERMISSION_GRANT:
            claims = resource.inputs.get("claimValues")
            given = claims if isinstance(claims, Sequence) and not isinstance(claims, str) else [claims]
            if not all(isinstance(claim, str) for claim in given):
                self._consent_is_opaque(resource, "claimValues")
            for permission in sorted(_WRITING_SCOPES.intersection(claim for claim in given if isinstance(claim, str))):
                yield f"the delegated permission {permission}"
        if resource.type == CONDITIONAL_ACCESS_POLICY and resource.known("state") == "disabled":
            yield "a Conditional Access policy that is switched off"
        if resource.type.startswith("azuread:") and resource.type not in KNOWN_TYPES:
            yield f"{resource.type}, a type that this version of the policy pack does not know"

    def _made_here(self, resource: RegisteredResource, key: str) -> bool:
        """Whether an application is one of this program's own: it can do nothing that this program does not grant."""
        named = resource.known(key)
        source = self._by_id(named) if named else self._only_source(resource, key)
        return source is not None and source.registered and source.inputs.get("useExisting") in (None, False)

    def _consent_is_opaque(self, resource: RegisteredResource, key: str) -> None:
        why = f"`{key}`: which permission is not known"
        self.opaque.append(Opaque(Kind.CONSENT, "unknown", resource.urn, why))


def _upn(resource: RegisteredResource) -> str:
    return (resource.known("userPrincipalName") or "").lower()


def _group_by_name(resource: RegisteredResource) -> AgentGroup | None:
    name = resource.known("displayName")
    return AgentGroup.by_display_name(name) if name else None


def _scope(resource: RegisteredResource, door: _RoleType) -> str:
    """Where a role holds: an administrative unit, an application, or the whole tenant."""
    given = [resource.known(key) for key in door.scopes]
    if any(isinstance(resource.inputs.get(key), Unknown) and not resource.known(key) for key in door.scopes):
        given.append("not known yet")
    return next((scope for scope in given if scope and scope != "/"), "/")


def _bare(object_id: str) -> str:
    """The object id at the end of a path such as ``/groups/<id>``."""
    return object_id.rsplit("/", 1)[-1].lower()


def _word(type_token: str) -> str:
    """A type's own name: ``azuread:index/group:Group`` is "Group"."""
    return type_token.rsplit(":", 1)[-1]
