"""People, groups, roles and licences from a small YAML file into a tenant, all of them or none.

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
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tenantry.declaration import DeclarationError, document
from tenantry.declaration.explain import did_you_mean, valid
from tenantry.declaration.problems import FieldPath, quoted
from tenantry.findings import Finding, mistake
from tenantry.role_templates import ROLE_TEMPLATES, RoleTemplate, role_template_named

from . import audit, groups, licences, references, roles, users
from .documents import JsonObject
from .errors import GraphError
from .licences import Licence
from .resources import Kind
from .tenant import Entity, Relation, Tenant

_OWNERS: Final = references.only(Kind.USER, Kind.SERVICE_PRINCIPAL)


@dataclass(frozen=True)
class _Expected:
    """What may stand in a place, and how to mend what may not."""

    allowed: str
    mend: str


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
class SeedFile:
    """What a file adds, and where in it each field stands."""

    seed: Seed
    document: document.Document


def read(path: Path) -> SeedFile:
    """Read a file. Raises DeclarationError with every mistake in it."""
    found = document.read(path)
    return SeedFile(valid(Seed, found), found)


def plant(tenant: Tenant, file: SeedFile) -> None:
    """Add what a file says, in the caller's transaction. Raises DeclarationError with every mistake."""
    seed, bed = file.seed, _Bed(tenant, file)
    for upn, user in seed.users.items():
        with bed.trying(("users", upn), quoted(upn), _NEW_USER, key=True):
            added = bed.add_user(upn, user)
            if user.password is not None:
                with bed.trying(("users", upn, "password"), "a password", _PASSWORD):
                    users.keep_password(tenant, added, {"password": user.password.get_secret_value()})
    for name in seed.groups:
        with bed.trying(("groups", name), quoted(name), _GROUP, key=True):
            bed.add_group(name)
    for name, group in seed.groups.items():
        for relation, targets in ((Relation.MEMBER, group.members), (Relation.OWNER, group.owners)):
            for index, target in enumerate(targets):
                with bed.trying(("groups", name, str(relation), index), quoted(target), _PRINCIPAL):
                    bed.add_to_group(name, relation, target)
    for role, holders in seed.roles.items():
        template = role_template_named(role)
        if template is None:
            mend = did_you_mean(role, _ROLE_NAMES, "choose one, such as `Billing Administrator`")
            bed.refuse(("roles", role), quoted(role), _Expected(_ROLE, mend), key=True)
            continue
        for index, holder in enumerate(holders):
            with bed.trying(("roles", role, index), quoted(holder), _PRINCIPAL):
                bed.give_role(template, holder)
    if seed.licences is not None:
        licences.give(tenant, seed.licences)
    if bed.problems:
        raise DeclarationError(bed.problems)


class _NotUsableError(Exception):
    """A name that cannot be used, and why."""


@dataclass
class _Bed:
    """A tenant that a file is put into, and what was wrong so far."""

    tenant: Tenant
    file: SeedFile
    problems: list[Finding] = field(default_factory=list)

    @contextmanager
    def trying(self, path: FieldPath, found: str, expected: _Expected, *, key: bool = False) -> Iterator[None]:
        try:
            yield
        except _NotUsableError as error:
            self.refuse(path, f"{found}, {error}", expected, key=key)
        except GraphError as error:
            self.refuse(path, f"{found}, which is refused ({error})", expected, key=key)

    def refuse(self, path: FieldPath, found: str, expected: _Expected, *, key: bool = False) -> None:
        place = self.file.document.place(path, key=key)
        self.problems.append(mistake(found, expected.allowed, expected.mend, path).at(place))

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
        self._note("Add user", "UserManagement", [user])
        return user

    def add_group(self, name: str) -> None:
        if not self._groups(name):
            document: JsonObject = {
                "displayName": name,
                "isAssignableToRole": self.file.seed.groups[name].isAssignableToRole,
                "mailEnabled": False,
                "mailNickname": re.sub(r"[^A-Za-z0-9]", "", name)[:64] or "group",
                "securityEnabled": True,
            }
            self._note("Add group", "GroupManagement", [groups.create(self.tenant, document)])

    def add_to_group(self, name: str, relation: Relation, target: str) -> None:
        group, entity = self._group(name), self._principal(target)
        if group is None or entity is None:
            return
        if relation is Relation.MEMBER:
            groups.add_member(self.tenant, group, entity)
        else:
            references.add(self.tenant, group, relation, entity, _OWNERS)
        activity = f"Add {relation.removesuffix('s')} to group"
        self._note(activity, "GroupManagement", [group, entity], relation)

    def give_role(self, template: RoleTemplate, holder: str) -> None:
        entity = self._principal(holder)
        if entity is not None:
            roles.assign(self.tenant, template.id, entity.id)
            self._note("Add member to role", "RoleManagement", [entity])

    def _principal(self, name: str) -> Entity | None:
        """A user or group; None where the file has it and it could not be made, which is said already."""
        if "@" in name:
            user = self.tenant.named(Kind.USER, name)
            if user is None and name not in self.file.seed.users:
                raise _NotUsableError("which is no user of the tenant or of this file")
            return user
        return self._group(name)

    def _group(self, name: str) -> Entity | None:
        found = self._groups(name)
        if len(found) > 1:
            raise _NotUsableError(f"which {len(found)} groups are called")
        if not found and name not in self.file.seed.groups:
            raise _NotUsableError("which is no group of the tenant or of this file")
        return found[0] if found else None

    def _groups(self, name: str) -> list[Entity]:
        return [group for group in self.tenant.scan(Kind.GROUP) if group.document["displayName"] == name]

    def _note(self, activity: str, category: str, targets: list[Entity], *changed: str) -> None:
        by: JsonObject = {"appId": None, "displayName": "tenantry directory seed"}
        self.tenant.note(audit.entry(activity, category, by, targets, changed, {}))
