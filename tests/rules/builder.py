"""A small partner and the program that provisions it, honest as they stand: a test changes one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from tenantry.access.declared import holders, identities, identities_in
from tenantry.access.registered import UNKNOWN, RegisteredResource, RegisteredView, Unknown, read
from tenantry.access.resource_types import (
    DIRECTORY_ROLE,
    DIRECTORY_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ELIGIBILITY,
    GROUP,
    GROUP_MEMBER,
    USER,
)
from tenantry.declaration import Declaration, Person, PersonState, Program, Tenant, load
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.rules import Finding, Result, Settings, evaluate, evaluate_across, evidence_of
from tests.acme import GROUP_IDS, OWN, PARTNER, US

CANARY = "Canary-temporary-password-4711!"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
BILLING_ADMINISTRATOR = "b0f54661-2d74-4c50-afa3-1ec803f12efe"
HELPDESK_ADMINISTRATOR = "729827e3-9c14-49f7-bb1b-9608f156bbb8"

#: The day of every evaluation here: stated dates age, and these files do not.
TODAY = date(2026, 11, 22)


def urn_of(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::tenantry::{type_}::{name}"


def resource(
    type_: str,
    name: str,
    inputs: Mapping[str, Any],
    *,
    object_id: str | None = None,
    depends: Mapping[str, set[str]] | None = None,
    **more: Any,
) -> RegisteredResource:
    """A resource as a preview has it: its outputs are its inputs, but for what nobody knows before it is there."""
    outputs = {key: UNKNOWN if _holds_unknown(value) else value for key, value in inputs.items()}
    outputs["objectId"] = object_id or UNKNOWN
    came_from = {key: frozenset(urns) for key, urns in (depends or {}).items()}
    return RegisteredResource(urn_of(type_, name), type_, dict(inputs), outputs, came_from, **more)


def _holds_unknown(value: Any) -> bool:
    return isinstance(value, Unknown) or (isinstance(value, list) and any(map(_holds_unknown, value)))


def user(name: str, upn: str, object_id: str | None = None, **inputs: Any) -> RegisteredResource:
    given = {"userPrincipalName": upn, "displayName": name, "password": CANARY, "forcePasswordChange": True}
    return resource(USER, name, given | inputs, object_id=object_id)


def assignment(name: str, role: Any, principal: Any, **more: Any) -> RegisteredResource:
    return resource(DIRECTORY_ROLE_ASSIGNMENT, name, {"roleId": role, "principalObjectId": principal}, **more)


def group_member(name: str, group: Any, member: Any, **more: Any) -> RegisteredResource:
    return resource(GROUP_MEMBER, name, {"groupObjectId": group, "memberObjectId": member}, **more)


def honest(tenant: Tenant, *, ids: Mapping[str, str] | None = None) -> dict[str, RegisteredResource]:
    """What the component PartnerTenant registers at a first preview, by name.

    Adopted people and groups have ids; people made here have none yet, but for those in ``ids`` (by key).
    """
    made = ids or {}
    known = {key: person.adopted or made.get(key) for key, person in tenant.members.items()}
    users = {
        key: replace(
            user(f"us-{key}", person.upn, made.get(key), displayName=person.full_name, **_of_declared(person)),
            protected=person.emergency,
        )
        for key, person in tenant.members.items()
        if not person.adopted
    }
    found = {item.name: item for item in users.values()}

    def sources(keys: Any) -> set[str]:
        return {users[key].urn for key in keys if key in users}

    for group in AgentGroup if Program.CSP in tenant.programs else ():
        keys = list(holders(tenant, group))
        found[group.value] = resource(
            GROUP,
            group.value,
            {
                "displayName": group.value,
                "securityEnabled": True,
                "members": [
                    *(known[key] or UNKNOWN for key in keys),
                    *(item.object_id for item in identities_in(tenant, group).values()),
                ],
            },
            object_id=GROUP_IDS[group],
            depends={"members": sources(keys)},
            protected=True,
            ignores=frozenset({"description", "mailNickname", "owners"}),
        )
    for role in DirectoryRole:
        found[role.value] = resource(DIRECTORY_ROLE, role.value, {"templateId": role.template_id})
        for key, person in holders(tenant, role).items():
            name = f"{role.value}-{key}"
            how = person.assignment(role)
            if how.eligible:
                found[name] = resource(
                    DIRECTORY_ROLE_ELIGIBILITY,
                    name,
                    {
                        "roleDefinitionId": role.template_id,
                        "principalId": known[key] or UNKNOWN,
                        "directoryScopeId": how.scope,
                    },
                    depends={"principalId": sources([key])},
                )
                continue
            found[name] = assignment(
                name,
                role.template_id,
                known[key] or UNKNOWN,
                depends={"principalObjectId": sources([key])},
                protected=person.emergency,
            )
            if how.administrative_unit:
                found[name] = replace(found[name], inputs={**found[name].inputs, "directoryScopeId": how.scope})
    return found


def _of_declared(person: Person) -> dict[str, Any]:
    enabled = {} if person.state is None else {"accountEnabled": person.state is PersonState.PRESENT}
    return enabled | ({} if person.email is None else {"mail": person.email})


@dataclass
class World:
    """The files of a partner and the resources of its program. :meth:`program` begins as the honest one."""

    folder: Path
    files: dict[str, str] = field(
        default_factory=lambda: {"partner.yaml": PARTNER, "tenants/own.yaml": OWN, "tenants/us.yaml": US}
    )
    settings: Settings = field(default_factory=Settings)
    """The configuration of the policy pack."""
    _program: dict[str, RegisteredResource] | None = None
    _read: tuple[dict[str, str], Declaration] | None = None

    def write(self, old: str, new: str, file: str = "tenants/us.yaml") -> None:
        """Change a text that stands once in a file, before the program is looked at or after it was made."""
        assert self.files[file].count(old) == 1, old
        self.files[file] = self.files[file].replace(old, new)

    def save(self) -> None:
        """Write the files as they stand."""
        for name, text in self.files.items():
            (self.folder / "acme" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "acme" / name).write_text(text)

    def provision(self) -> None:
        """Make the program of the files as they stand, so that what is written later leaves it as it is."""
        if self._program is None:
            self._program = honest(self.declaration.tenants["us"])

    @property
    def declaration(self) -> Declaration:
        """What the files declare, read anew where one of them has changed."""
        if self._read is None or self._read[0] != self.files:
            self.save()
            self._read = dict(self.files), load(self.folder / "acme", TODAY)
        return self._read[1]

    @property
    def program(self) -> dict[str, RegisteredResource]:
        self.provision()
        assert self._program is not None
        return self._program

    def add(self, *resources: RegisteredResource) -> None:
        self.program.update({item.name: item for item in resources})

    def change(self, name: str, **changes: Any) -> None:
        """Change attributes of a resource; ``inputs`` and ``outputs`` are merged into what is there."""
        old = self.program[name]
        for key in ("inputs", "outputs", "depends"):
            if key in changes:
                changes[key] = {**getattr(old, key), **changes[key]}
        self.program[name] = replace(old, **changes)

    def add_members(self, group: AgentGroup, members: list[Any], depends: set[str] | None = None) -> None:
        old = self.program[group.value]
        self.change(
            group.value,
            inputs={"members": [*old.inputs["members"], *members]},  # type: ignore[misc]
            outputs={"members": UNKNOWN},
            depends={"members": old.depends.get("members", frozenset()) | (depends or set())},
        )

    @property
    def view(self) -> RegisteredView:
        resources = self.program.values()
        tenant = self.declaration.tenants["us"]
        return read(resources, identities(tenant), tenant.agent_groups.ids, consent=tenant.ftop_consent)

    def results(self, *, program: bool = True, tenant: str = "us") -> list[Result]:
        return evaluate(evidence_of(self.declaration, tenant, self.view if program else None, TODAY, self.settings))

    @property
    def results_across(self) -> list[Result]:
        """What the rules that span the tenants say."""
        return evaluate_across(self.declaration, TODAY)

    def findings(self, *, program: bool = True, tenant: str = "us") -> list[Finding]:
        return [finding for evaluated in self.results(program=program, tenant=tenant) for finding in evaluated.findings]

    @property
    def everything(self) -> list[Finding]:
        """What all rules find, in the tenant that has a program, in the one of own use, and across them."""
        across = [finding for evaluated in self.results_across for finding in evaluated.findings]
        return [*self.findings(), *self.findings(program=False, tenant="own"), *across]

    def line(self, finding: Finding) -> str:
        """The line of a file that a finding points at."""
        assert finding.place is not None, finding
        (text,) = [text for name, text in self.files.items() if finding.place.file.endswith(f"acme/{name}")]
        return text.splitlines()[finding.place.line - 1].strip()
