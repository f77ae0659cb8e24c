"""People, groups, roles and licences that are put into a tenant together, all of them or none.

As people write them in YAML:

    users:
      bob@contoso.example: {displayName: Bob}
    groups:
      Ops: {members: [bob@contoso.example], owners: [ada@contoso.example]}
    roles:
      Billing Administrator: [bob@contoso.example]
    licences: []

A user is new; a group that has the name is taken as it is, and otherwise made. Members and holders of roles are user
principal names or names of groups. The tenant has exactly the licences that are named; left out, they stay as they are.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tenantry.role_templates import ROLE_TEMPLATES, RoleTemplate, role_template_named
from tenantry.spelling import misspelt

from . import audit, groups, licences, references, roles, users
from .documents import JsonObject
from .endpoint import Activity, Category
from .errors import GraphError
from .licences import Licence
from .resources import Kind
from .tenant import Entity, Relation, Tenant


@dataclass(frozen=True)
class _Expected:
    """What may stand in a place, and what to do where something else does."""

    what: str
    remediation: str


_NEW_USER: Final = _Expected(
    "a new user principal name in a verified domain of the tenant", "correct it, or remove it if the user is there"
)
_PASSWORD: Final = _Expected(
    "8 to 256 characters, of three kinds among lower case, upper case, digits and symbols",
    "write another, or leave it out",
)
_GROUP: Final = _Expected("the name of a group, there or new", "choose another name")
_PRINCIPAL: Final = _Expected(
    "a user or group, of the tenant or of this file, that can be put there",
    "correct it, remove it, or write it under `users` or `groups`",
)
_ROLE_NAMES: Final = sorted(template.name for template in ROLE_TEMPLATES.values())
_ROLE: Final = "a built-in role of Microsoft Entra ID, by its name"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SeedUser(_Strict):
    """A person: without a password nobody signs in as them."""

    displayName: str = Field(min_length=1)  # noqa: N815 (the name in Microsoft Graph)
    accountEnabled: bool = True  # noqa: N815
    password: SecretStr | None = None


class SeedGroup(_Strict):
    """A security group."""

    members: list[str] = Field(default_factory=list)
    owners: list[str] = Field(default_factory=list)
    isAssignableToRole: bool = False  # noqa: N815


class Seed(_Strict):
    """What a file adds; of licences, which there are."""

    users: Mapping[str, SeedUser] = Field(default_factory=dict)
    groups: Mapping[str, SeedGroup] = Field(default_factory=dict)
    roles: Mapping[str, list[str]] = Field(default_factory=dict)
    licences: list[Annotated[Licence, Field(strict=False)]] | None = None


@dataclass(frozen=True)
class Rejected:
    """An entry that the tenant does not take."""

    path: tuple[str | int, ...]
    """The way to it through the maps and lists of the seed."""
    is_key: bool
    """Whether the last key of the path is what is wrong, and not what stands there."""
    actual: str | None
    """What stands there; None for a password."""
    reason: str
    expected: str
    remediation: str


class SeedError(Exception):
    """What a seed holds cannot be put into a tenant: with every entry that is rejected."""

    def __init__(self, rejected: list[Rejected]) -> None:
        self.rejected = tuple(rejected)
        super().__init__("; ".join(f"{'.'.join(map(str, entry.path))}{entry.reason}" for entry in rejected))


def plant(tenant: Tenant, seed: Seed) -> None:
    """Add what a seed says, in the caller's transaction. Raises SeedError with every mistake."""
    bed = _Bed(tenant, seed)
    for upn, user in seed.users.items():
        with bed.trying(("users", upn), upn, _NEW_USER, is_key=True):
            added = bed.add_user(upn, user)
            if user.password is not None:
                with bed.trying(("users", upn, "password"), None, _PASSWORD):
                    users.keep_password(tenant, added, {"password": user.password.get_secret_value()})
    for name in seed.groups:
        with bed.trying(("groups", name), name, _GROUP, is_key=True):
            bed.add_group(name)
    for name, group in seed.groups.items():
        for relation, targets in ((Relation.MEMBER, group.members), (Relation.OWNER, group.owners)):
            for index, target in enumerate(targets):
                with bed.trying(("groups", name, str(relation), index), target, _PRINCIPAL):
                    bed.add_to_group(name, relation, target)
    for role, holders in seed.roles.items():
        template = role_template_named(role)
        if template is None:
            near = misspelt(role, _ROLE_NAMES)
            remediation = f"did you mean `{near}`?" if near else "choose one, such as `Billing Administrator`"
            bed.reject(("roles", role), role, "", _Expected(_ROLE, remediation), is_key=True)
            continue
        for index, holder in enumerate(holders):
            with bed.trying(("roles", role, index), holder, _PRINCIPAL):
                bed.give_role(template, holder)
    if seed.licences is not None:
        licences.give(tenant, seed.licences)
    if bed.rejected:
        raise SeedError(bed.rejected)


class _NotUsableError(Exception):
    """A name that cannot be used, and why."""


@dataclass
class _Bed:
    """A tenant that a seed is put into, and what was wrong so far."""

    tenant: Tenant
    seed: Seed
    rejected: list[Rejected] = field(default_factory=list)

    @contextmanager
    def trying(
        self, path: tuple[str | int, ...], actual: str | None, expected: _Expected, *, is_key: bool = False
    ) -> Iterator[None]:
        try:
            yield
        except _NotUsableError as error:
            self.reject(path, actual, f", {error}", expected, is_key=is_key)
        except GraphError as error:
            self.reject(path, actual, f", which is refused ({error})", expected, is_key=is_key)

    def reject(
        self,
        path: tuple[str | int, ...],
        actual: str | None,
        reason: str,
        expected: _Expected,
        *,
        is_key: bool = False,
    ) -> None:
        self.rejected.append(Rejected(path, is_key, actual, reason, expected.what, expected.remediation))

    def add_user(self, upn: str, given: SeedUser) -> Entity:
        user = users.create(
            self.tenant,
            {
                "accountEnabled": given.accountEnabled,
                "displayName": given.displayName,
                "mailNickname": upn.partition("@")[0],
                "userPrincipalName": upn,
            },
        )
        self._note("Add user", Category.USERS, [user])
        return user

    def add_group(self, name: str) -> None:
        if not self._groups(name):
            document: JsonObject = {
                "displayName": name,
                "isAssignableToRole": self.seed.groups[name].isAssignableToRole,
                "mailEnabled": False,
                "mailNickname": re.sub(r"[^A-Za-z0-9]", "", name)[:64] or "group",
                "securityEnabled": True,
            }
            self._note("Add group", Category.GROUPS, [groups.create(self.tenant, document)])

    def add_to_group(self, name: str, relation: Relation, target: str) -> None:
        group, entity = self._group(name), self._principal(target)
        if group is None or entity is None:
            return
        if relation is Relation.MEMBER:
            groups.add_member(self.tenant, group, entity)
        else:
            references.add(self.tenant, group, relation, entity, references.OWNERS)
        activity = f"Add {relation.removesuffix('s')} to group"
        self._note(activity, Category.GROUPS, [group, entity], relation)

    def give_role(self, template: RoleTemplate, holder: str) -> None:
        entity = self._principal(holder)
        if entity is not None:
            roles.assign(self.tenant, template.id, entity.id)
            self._note("Add member to role", Category.ROLES, [entity])

    def _principal(self, name: str) -> Entity | None:
        """A user or group; None if the file has it and it could not be created, which is reported already."""
        if "@" in name:
            user = self.tenant.named(Kind.USER, name)
            if user is None and name not in self.seed.users:
                raise _NotUsableError("which is no user of the tenant or of this file")
            return user
        return self._group(name)

    def _group(self, name: str) -> Entity | None:
        found = self._groups(name)
        if len(found) > 1:
            raise _NotUsableError(f"which {len(found)} groups are called")
        if not found and name not in self.seed.groups:
            raise _NotUsableError("which is no group of the tenant or of this file")
        return found[0] if found else None

    def _groups(self, name: str) -> list[Entity]:
        return [group for group in self.tenant.scan(Kind.GROUP) if group.document["displayName"] == name]

    def _note(self, activity: str, category: Category, targets: list[Entity], *changed: str) -> None:
        by: JsonObject = {"appId": None, "displayName": "tenantry directory seed"}
        self.tenant.note(audit.entry(Activity(activity, category), by, targets, changed, {}))
