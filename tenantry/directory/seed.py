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

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from . import audit, groups, licences, references, roles, users
from .documents import JsonObject
from .errors import GraphError
from .licences import Licence
from .resources import Kind
from .role_templates import ROLE_TEMPLATES
from .tenant import Entity, Relation, Tenant

_OWNERS: Final = references.only(Kind.USER, Kind.SERVICE_PRINCIPAL)


class SeedError(ValueError):
    """The file cannot be used; the message has a line for each of its mistakes."""


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


def read(path: Path) -> Seed:
    """Read a file. Raises SeedError."""
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise SeedError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    try:
        return Seed.model_validate({} if content is None else content)
    except ValidationError as error:
        mistakes = (
            f"{path}: {'.'.join(map(str, mistake['loc'])) or 'the file'}: {mistake['msg']}"
            for mistake in error.errors(include_url=False, include_input=False)
        )
        raise SeedError("\n".join(mistakes)) from None


def plant(tenant: Tenant, seed: Seed) -> None:
    """Add what a file says, in the caller's transaction. Raises SeedError with every mistake."""
    bed = _Bed(tenant, seed)
    for upn, user in seed.users.items():
        with bed.trying(f"users.{upn}"):
            bed.add_user(upn, user)
    for name in seed.groups:
        with bed.trying(f"groups.{name}"):
            bed.add_group(name)
    for name, group in seed.groups.items():
        for relation, targets in ((Relation.MEMBER, group.members), (Relation.OWNER, group.owners)):
            for target in targets:
                with bed.trying(f"groups.{name}.{relation}: {target}"):
                    bed.add_to_group(name, relation, target)
    for role, holders in seed.roles.items():
        for holder in holders:
            with bed.trying(f"roles.{role}: {holder}"):
                bed.give_role(role, holder)
    if seed.licences is not None:
        licences.give(tenant, seed.licences)
    if bed.mistakes:
        raise SeedError("\n".join(bed.mistakes))


@dataclass
class _Bed:
    """A tenant that a file is put into, and what was wrong so far."""

    tenant: Tenant
    seed: Seed
    mistakes: list[str] = field(default_factory=list)

    @contextmanager
    def trying(self, where: str) -> Iterator[None]:
        try:
            yield
        except (GraphError, SeedError) as error:
            self.mistakes.append(f"{where}: {error}")

    def add_user(self, upn: str, given: SeedUser) -> None:
        user = users.create(
            self.tenant,
            {
                "accountEnabled": given.accountEnabled,
                "displayName": given.displayName,
                "mailNickname": upn.partition("@")[0],
                "userPrincipalName": upn,
            },
        )
        if given.password is not None:
            user = users.keep_password(self.tenant, user, {"password": given.password.get_secret_value()})
        self._note("Add user", "UserManagement", [user])

    def add_group(self, name: str) -> None:
        if not self._groups(name):
            document: JsonObject = {
                "displayName": name,
                "isAssignableToRole": self.seed.groups[name].isAssignableToRole,
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

    def give_role(self, name: str, holder: str) -> None:
        template = next((one for one in ROLE_TEMPLATES.values() if one.name.casefold() == name.casefold()), None)
        if template is None:
            raise SeedError(f"There is no built-in role {name!r} here.")
        entity = self._principal(holder)
        if entity is not None:
            roles.assign(self.tenant, template.id, entity.id)
            self._note("Add member to role", "RoleManagement", [entity])

    def _principal(self, name: str) -> Entity | None:
        """A user or group; None where the file has it and it could not be made, which is said already."""
        if "@" in name:
            user = self.tenant.named(Kind.USER, name)
            if user is None and name not in self.seed.users:
                raise SeedError("There is no such user.")
            return user
        return self._group(name)

    def _group(self, name: str) -> Entity | None:
        found = self._groups(name)
        if len(found) > 1:
            raise SeedError(f"There are {len(found)} groups of the name {name!r}.")
        if not found and name not in self.seed.groups:
            raise SeedError("There is no such group.")
        return found[0] if found else None

    def _groups(self, name: str) -> list[Entity]:
        return [group for group in self.tenant.scan(Kind.GROUP) if group.document["displayName"] == name]

    def _note(self, activity: str, category: str, targets: list[Entity], *changed: str) -> None:
        by: JsonObject = {"appId": None, "displayName": "tenantry directory seed"}
        self.tenant.note(audit.entry(activity, category, by, targets, changed, {}))
