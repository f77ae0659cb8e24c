"""The rehearsal: what `pulumi up` would do, on the embedded directory, where the engine cannot be had.

It is no second engine. It takes the program's registrations from the recorder, evaluates the same rules on them, and
makes the same requests of the directory's Graph, in process. It knows the resource types that a partner tenant
consists of, leaves out relationships with customers and says so, and refuses any other. All it remembers is one table
in the directory's store.
"""

import fcntl
import hashlib
import hmac
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from azure.core.credentials import AccessToken

from tenantry.access.adoption import look_up, sign_in_names
from tenantry.access.declared import identities
from tenantry.access.existing import OwnedAccount
from tenantry.access.principals import Principal, in_tenant
from tenantry.access.registered import read
from tenantry.access.resource_types import (
    DELEGATED_PERMISSION_GRANT,
    DIRECTORY_ROLE,
    DIRECTORY_ROLE_ASSIGNMENT,
    GROUP,
    SERVICE_PRINCIPAL,
    USER,
)
from tenantry.access.state import PARTNER_TENANT, RELATIONSHIP, StackState
from tenantry.declaration import Stack
from tenantry.directory.documents import JsonObject
from tenantry.directory.enrolment import deployment_client_id
from tenantry.directory.local import ORIGIN, LocalGraph
from tenantry.directory.onboarding import open_store
from tenantry.directory.state import State
from tenantry.engine.directory_process import as_sentences
from tenantry.engine.enrolments import declared_enrolments
from tenantry.errors import WRONG, EngineError
from tenantry.graph.client import GraphReader
from tenantry.graph.clouds import Cloud
from tenantry.graph.credentials import Method, SignIn
from tenantry.project.paths import Project
from tenantry.project.stacks import declared_stack
from tenantry.roles import AgentGroup
from tenantry.rules import Finding, evaluate, evaluate_across, evidence_of
from tenantry.rules.change.preflight import preflight
from tenantry.sandbox.lookups import KnownGroup, answers
from tenantry.sandbox.recording import (
    UNKNOWN,
    ExistingResource,
    InvokeAnswer,
    RecordedResource,
    Recording,
    RecordingFailed,
    RecordingRequest,
    SecretValue,
    Value,
    is_reference,
    record,
    reference,
)
from tenantry.sandbox.registrations import registrations

DRIFTED: Final = 7
"""The exit code that says that something drifted, as Pulumi's own."""

_NOT_APPLIED: Final = ("pulumi:pulumi:Stack", "pulumi:providers:azuread")
_ACCOUNT: Final = ("accountEnabled", "displayName", "mail", "userPrincipalName")


@dataclass(frozen=True)
class _Kind:
    """How Microsoft Graph keeps the objects of a resource type."""

    path: str
    properties: Mapping[str, str]
    """The inputs that Graph takes, with its own names for them."""
    compared: tuple[str, ...] = ()
    """Graph's properties that are compared with the tenant."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """What the provider writes where the program leaves it out."""
    fixed: Mapping[str, bool | str] = field(default_factory=dict)
    """What every new object begins with."""
    key: str = ""
    """Graph's property by which the provider finds and uses an object that exists already."""
    replaced: bool = False
    """Whether a difference makes a new object, since Graph cannot change this kind."""
    permanent: bool = False
    """Whether the provider never deletes it."""


_KINDS: Final = {
    USER: _Kind("/v1.0/users", {name: name for name in _ACCOUNT}, compared=_ACCOUNT, fixed={"accountEnabled": True}),
    GROUP: _Kind("/beta/groups", {"displayName": "displayName"}, fixed={"mailEnabled": False, "securityEnabled": True}),
    DIRECTORY_ROLE: _Kind(
        "/v1.0/directoryRoles", {"templateId": "roleTemplateId"}, key="roleTemplateId", permanent=True
    ),
    DIRECTORY_ROLE_ASSIGNMENT: _Kind(
        "/v1.0/roleManagement/directory/roleAssignments",
        {
            "roleId": "roleDefinitionId",
            "principalObjectId": "principalId",
            "directoryScopeId": "directoryScopeId",
        },
        compared=("roleDefinitionId", "principalId", "directoryScopeId"),
        defaults={"directoryScopeId": "/"},
        replaced=True,
    ),
    SERVICE_PRINCIPAL: _Kind("/v1.0/servicePrincipals", {"clientId": "appId"}, key="appId"),
    DELEGATED_PERMISSION_GRANT: _Kind(
        "/v1.0/oauth2PermissionGrants",
        {
            "servicePrincipalObjectId": "clientId",
            "resourceServicePrincipalObjectId": "resourceId",
            "claimValues": "scope",
        },
        compared=("scope",),
        fixed={"consentType": "AllPrincipals"},
    ),
}


class RehearsalError(EngineError):
    """The rehearsal cannot go on; nothing was changed unless the message says so."""

    exit_code = WRONG


class Action(StrEnum):
    """What a step does to a resource, as Pulumi calls it."""

    CREATE = "create"
    IMPORT = "import"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    RETAIN = "retain"
    SAME = "same"


_MARKS: Final = {"create": "+", "import": "=", "update": "~", "replace": "±", "delete": "-", "retain": "-"}


@dataclass(frozen=True)
class Step:
    """One resource's share of a rehearsal."""

    action: Action
    name: str
    type: str
    changes: tuple[str, ...]
    """What differs, by property: for members, who joins and who leaves. Never a secret's value."""
    apply: Callable[[], None] = field(repr=False, compare=False)

    def __str__(self) -> str:
        changes = "".join(f"\n     {change}" for change in self.changes)
        return f" {_MARKS[self.action]} {self.action:<7} {self.name} ({self.type}){changes}"


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal came to."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]

    @property
    def changes(self) -> list[Step]:
        """The steps that do something."""
        return [step for step in self.steps if step.action is not Action.SAME]

    def summary(self) -> str:
        """One line: how many of each."""
        counts = Counter(step.action for step in self.steps)
        same = counts.pop(Action.SAME, 0)
        changes = ", ".join(f"{counts[action]} {action}" for action in Action if action in counts)
        return f"{changes or 'nothing changes'}; {same} unchanged"


def preview(project: Project, stack: str) -> int:
    """Show what `up` would do. Returns the exit code: 1 where a rule forbids it."""
    with _opened(project, stack) as planner:
        return _show(planner.plan(evaluated=True))


def up(project: Project, stack: str) -> int:
    """Do it, on the embedded directory. Nothing is done where a rule forbids it."""
    with _opened(project, stack, alone=True) as planner:
        rehearsal = planner.plan(evaluated=True)
        exit_code = _show(rehearsal)
        for step in rehearsal.steps if exit_code == 0 else ():
            step.apply()
        return exit_code


def drift(project: Project, stack: str) -> int:
    """Show what differs between the tenant and what was rehearsed; returns 7 where something does.

    It changes nothing, so what would only stop an update does not stop it.
    """
    with _opened(project, stack) as planner:
        rehearsal = planner.plan(evaluated=False)
    for step in rehearsal.changes:
        print(step)
    for warning in rehearsal.warnings:
        print(f"warning: {warning}")
    print(f"Drift: {rehearsal.summary()}." if rehearsal.changes else "No drift.")
    return DRIFTED if rehearsal.changes else 0


def _show(rehearsal: Rehearsal) -> int:
    for step in rehearsal.changes:
        print(step)
    for warning in rehearsal.warnings:
        print(f"warning: {warning}")
    for finding in rehearsal.findings:
        print(finding if finding.level.blocks else f"advice: {finding}")
    if any(finding.level.blocks for finding in rehearsal.findings):
        print("Refused by the rules above; nothing was changed.")
        return WRONG
    print(f"Rehearsal: {rehearsal.summary()}.")
    return 0


@contextmanager
def _opened(project: Project, stack_name: str, *, alone: bool = False) -> "Iterator[_Planner]":
    stack = declared_stack(project, stack_name)
    state = State.prepare(project.directory)
    with (
        _locked(state, alone=alone),
        as_sentences(),
        closing(open_store(state, declared_enrolments(project))) as store,
        LocalGraph(store, stack.tenant.id) as local,
        _reader(local, stack.tenant.id) as reader,
        closing(_StateTable(state, stack_name)) as table,
    ):
        yield _Planner(project, stack_name, stack, _Graph(local), reader, table, password_secret(state, stack))


@contextmanager
def _locked(state: State, *, alone: bool) -> Iterator[None]:
    """Refuse while another rehearsal changes the directory: it would show what is half done."""
    with (state.folder / "rehearsal.lock").open("w") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RehearsalError(
                "Another rehearsal is running. Nothing was changed. Fix: wait until it has ended, and run this again."
            ) from None
        yield


def password_secret(state: State, stack: Stack) -> str:
    """A secret for the passwords that stays the same: without the engine, the stack's own cannot be opened."""
    key = state.credentials(stack.tenant.id).client_secret.encode()
    return hmac.digest(key, b"rehearsal", hashlib.sha256).hex()


def _reader(local: LocalGraph, tenant_id: str) -> GraphReader:
    """The reader of the real service, on the embedded directory."""
    identity = SignIn(Method.SECRET, tenant_id, deployment_client_id(tenant_id), _Token(local.token))
    return GraphReader(Cloud(ORIGIN, ORIGIN), identity, {}, transport=local.transport)


class _Token:
    """A credential that is signed in already."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_: str, **__: object) -> AccessToken:
        return AccessToken(self._token, 2**31)


class _Graph:
    """Microsoft Graph of the tenant, in process."""

    def __init__(self, local: LocalGraph) -> None:
        self._local = local

    def __call__(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        status, answer = self._local.request(method, path, body)
        _raise_if_refused(method, path, status, answer)
        return answer

    def find(self, type_: str, object_id: str) -> JsonObject | None:
        """The object of a resource; None if it does not exist."""
        select = f"?$select=id,{','.join(_ACCOUNT)}" if type_ == USER else ""
        path = f"{_KINDS[type_].path}/{object_id}{select}"
        status, found = self._local.request("GET", path)
        if status == 404:
            return None
        _raise_if_refused("GET", path, status, found)
        if type_ == DELEGATED_PERMISSION_GRANT and "scope" in found:
            found["scope"] = _scope(str(found["scope"]).split())
        return found

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a collection, over all its pages."""
        items: list[dict[str, Any]] = []
        link: str | None = path
        while link:
            page: dict[str, Any] = dict(self("GET", link))
            items += page["value"]
            link = page.get("@odata.nextLink")
        return items

    def members(self, group_id: str) -> set[str]:
        """The object ids of a group's members."""
        return {member["id"] for member in self.all(f"/beta/groups/{group_id}/members")}


@dataclass(frozen=True)
class _Entry:
    """What the rehearsal remembers of one resource."""

    object_id: str
    protect: bool
    retain: bool
    password: str
    """The digest of a temporary password, by which the next update knows a new one."""


class _StateTable:
    """The rehearsal's one table: which object each resource of a stack is."""

    def __init__(self, state: State, stack: str) -> None:
        self._stack = stack
        self._connection = sqlite3.connect(state.store, timeout=30, isolation_level=None)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS rehearsed (stack TEXT, urn TEXT, object_id TEXT, protect INTEGER, "
            "retain INTEGER, password TEXT, PRIMARY KEY (stack, urn))"
        )

    def close(self) -> None:
        self._connection.close()

    def entries(self) -> dict[str, _Entry]:
        """By URN, in the order in which they were last registered."""
        rows = self._connection.execute(
            "SELECT urn, object_id, protect, retain, password FROM rehearsed WHERE stack = ? ORDER BY rowid",
            (self._stack,),
        )
        return {urn: _Entry(object_id, bool(p), bool(r), password) for urn, object_id, p, r, password in rows}

    def keep(self, urn: str, entry: _Entry) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO rehearsed VALUES (?, ?, ?, ?, ?, ?)",
            (self._stack, urn, entry.object_id, entry.protect, entry.retain, entry.password),
        )

    def forget(self, urn: str) -> None:
        self._connection.execute("DELETE FROM rehearsed WHERE stack = ? AND urn = ?", (self._stack, urn))


class _Planner:
    """One rehearsal of one stack: the program as it registers, the tenant as it is."""

    def __init__(
        self,
        project: Project,
        stack_name: str,
        stack: Stack,
        graph: _Graph,
        reader: GraphReader,
        table: _StateTable,
        password_secret: str,
    ) -> None:
        self._project, self._stack_name, self._stack = project, stack_name, stack
        self._graph, self._reader, self._table = graph, reader, table
        self._password_secret = password_secret
        self._adopted = [in_tenant(user) for user in reader.users_named(sign_in_names(stack.tenant))]
        accounts = look_up(stack.tenant, self._adopted).accounts
        self._tenant = stack.tenant.with_object_ids({key: each.object_id for key, each in accounts.items()})
        """The declared tenant, with the object ids of the people who are adopted by UPN."""
        entries = table.entries()
        found = {urn: graph.find(_type(urn), entry.object_id) for urn, entry in entries.items()}
        self._objects = {urn: item for urn, item in found.items() if item is not None}
        """What the stack's resources look like in the tenant, by URN."""
        self._known = {urn: entry for urn, entry in entries.items() if urn in self._objects}
        self._ids: dict[str, str] = {}
        """Placeholders of new resources to their object ids, as these are created."""

    def plan(self, *, evaluated: bool) -> Rehearsal:
        """Record the program, evaluate the rules on it, and compare each resource with the tenant.

        ``evaluated``: whether what would stop an update stops this too. Raises RehearsalError with what it refuses.
        """
        recording = self._record()
        resources = [r for r in recording.resources if r.custom and not r.read and r.type not in _NOT_APPLIED]
        left_out = sum(resource.type == RELATIONSHIP for resource in resources)
        resources = [resource for resource in resources if resource.type != RELATIONSHIP]
        unknown = sorted({resource.type for resource in resources} - _KINDS.keys())
        if unknown:
            raise RehearsalError(f"The rehearsal does not support {', '.join(unknown)}; install the Pulumi engine.")
        findings = self._findings(recording)
        warnings = [
            *([_without_relationships(left_out)] if left_out else ()),
            *(self._preflight(recording) if evaluated else ()),
        ]
        steps = [self._step(resource, evaluated=evaluated) for resource in resources]
        removed = [urn for urn in self._known if urn not in {resource.urn for resource in resources}]
        return Rehearsal((*steps, *map(self._removal, reversed(removed))), findings, tuple(warnings))

    # The program and the rules

    def _record(self) -> Recording:
        request = RecordingRequest(
            project="tenantry",
            stack=self._stack_name,
            config={"tenantry:tenant": self._stack.name, "tenantry:passwordSecret": self._password_secret},
            secret_config_keys=("tenantry:passwordSecret",),
            preview=False,
            invokes=tuple(self._answers()),
            resources={urn: self._existing(urn, entry) for urn, entry in self._known.items()},
            reveal_secrets=True,
        )
        # The program asks for the directory that it is signed in to; ours answers on this machine alone.
        environment = {"ARM_METADATA_HOSTNAME": "127.0.0.1", "PATH": os.environ.get("PATH", "")}
        try:
            recording = record(self._project.root, request, environment=environment)
        except RecordingFailed as failed:
            raise RehearsalError(str(failed)) from None
        if recording.error:
            raise RehearsalError(recording.error.message)
        return recording

    def _existing(self, urn: str, entry: _Entry) -> ExistingResource:
        account = {name: self._objects[urn].get(name) for name in _ACCOUNT} if _type(urn) == USER else {}
        return ExistingResource(id=entry.object_id, outputs={"objectId": entry.object_id, **account})

    def _answers(self) -> Iterator[InvokeAnswer]:
        """What the provider would answer to the program's look-ups."""
        consent = self._tenant.ftop_consent
        service = self._reader.service_principal(consent.resource_id) if consent else None
        names = {str(self._objects[urn]["id"]): str(self._objects[urn]["displayName"]) for urn in self._urns(GROUP)}
        for prefix in (group.removesuffix("Agents") for group in AgentGroup):
            query = f"securityEnabled eq true and startsWith(displayName, '{prefix}')"
            names |= {item["id"]: item["displayName"] for item in self._graph.all(f"/beta/groups?$filter={query}")}
        return answers(
            self._tenant.id,
            next(domain.id for domain in self._reader.domains() if domain.is_initial),
            accounts=self._adopted,
            applications={service.app_id: service.id} if service else {},
            groups=[KnownGroup(id_, name, tuple(self._graph.members(id_))) for id_, name in names.items()],
        )

    def _findings(self, recording: Recording) -> tuple[Finding, ...]:
        """The same rules as the policy pack's, on the same view."""
        tenant = self._tenant
        view = read(registrations(recording), identities(tenant), tenant.agent_groups.ids, consent=tenant.ftop_consent)
        evidence = evidence_of(self._stack.declaration, self._stack.tenant_name, view)
        evaluated = [*evaluate(evidence), *evaluate_across(self._stack.declaration, evidence.today)]
        found = {finding for result in evaluated for finding in result.findings}
        return tuple(sorted(found, key=lambda finding: (not finding.level.blocks, str(finding))))

    def _preflight(self, recording: Recording) -> Iterator[str]:
        """What PartnerTenant does before its first resource, which a recorded program leaves out: warnings.

        Raises RehearsalError with every refusal.
        """
        groups = {
            resource.name: self._known[resource.urn].object_id if resource.urn in self._known else _imported(resource)
            for resource in recording.resources
            if resource.type == GROUP
        }
        for component in recording.resources:
            if component.type != PARTNER_TENANT:
                continue
            names = {group: groups.get(f"{component.name}-{group}") for group in AgentGroup}
            existing = {group: object_id for group, object_id in names.items() if object_id}
            result = preflight(self._reader, self._tenant, existing, self._owned_by_stack(component.name), date.today())
            if result.refusals:
                raise RehearsalError("\n".join(result.refusals))
            yield from result.warnings

    def _owned_by_stack(self, name: str) -> StackState:
        """What the rehearsal made for a partner tenant, as the program reads it from the stack's state."""
        keys = {f"{name}-{person.first_key(key)}": key for key, person in self._tenant.members.items()}
        accounts = {
            account: self._known[urn]
            for urn in self._urns(USER)
            if (account := urn.rpartition("::")[2]).startswith(f"{name}-")
        }
        return StackState(
            accounts=tuple(
                OwnedAccount(
                    keys.get(account, account.removeprefix(f"{name}-")),
                    Principal.in_directory(entry.object_id, account),
                )
                for account, entry in accounts.items()
            ),
            # Emergency accounts are the ones that are retained.
            emergency=frozenset(entry.object_id for entry in accounts.values() if entry.retain),
            assignments=self._object_ids(DIRECTORY_ROLE_ASSIGNMENT),
            protected=frozenset(
                self._known[urn].object_id for urn in self._urns(DIRECTORY_ROLE_ASSIGNMENT) if self._known[urn].protect
            ),
            consents=self._object_ids(DELEGATED_PERMISSION_GRANT),
            groups={urn.rpartition("::")[2]: self._known[urn].object_id for urn in self._urns(GROUP)},
        )

    def _urns(self, type_: str) -> list[str]:
        return [urn for urn in self._known if _type(urn) == type_]

    def _object_ids(self, type_: str) -> frozenset[str]:
        return frozenset(self._known[urn].object_id for urn in self._urns(type_))

    # The resources

    def _step(self, resource: RecordedResource, *, evaluated: bool) -> Step:
        kind, entry, imported = _KINDS[resource.type], self._known.get(resource.urn), _imported(resource)
        object_id = entry.object_id if entry else imported or self._by_key(resource)
        current = self._graph.find(resource.type, object_id) if object_id else None
        if object_id and current is None:
            raise RehearsalError(f"{resource.name} is pinned to {object_id}, which does not exist.")
        changed = self._differences(resource, current) if current else {}
        changes = [f"{name}: {(current or {}).get(name)} -> {value}" for name, value in changed.items()]
        if changed and kind.replaced and (entry.protect if entry else evaluated):
            why = "protected" if entry else "imported"
            raise RehearsalError(f"{resource.name} is {why} and would be replaced; nothing was changed.")
        password = self._password_digest(resource)
        if entry and password != entry.password:
            changed["passwordProfile"] = self._password_profile(resource)
            changes.append("password: a new temporary password")
        members = self._graph.members(object_id) if resource.type == GROUP and object_id else set()
        expected = self._members(resource)
        changes += [f"members: + {self._label(member)}" for member in sorted(expected - members)]
        changes += [f"members: - {self._label(member)}" for member in sorted(members - expected)]
        if entry is None:
            # A role of the directory's is activated when it is needed; what else exists already is taken over.
            exists = imported or (current is not None and not kind.permanent)
            action = Action.IMPORT if exists else Action.CREATE
        elif changed and kind.replaced:
            action = Action.REPLACE
        else:
            action = Action.UPDATE if changes else Action.SAME

        def apply() -> None:
            new_id = object_id
            if current is None or action is Action.REPLACE:
                new_id = str(self._graph("POST", kind.path, self._new(resource))["id"])
            elif changed:
                self._graph("PATCH", f"{kind.path}/{object_id}", changed)
            if action is Action.REPLACE:
                self._graph("DELETE", f"{kind.path}/{object_id}")
            self._set_members(new_id, members, self._members(resource))
            for name in ("id", "objectId"):
                self._ids[reference(resource.urn, name)] = new_id
            self._table.keep(resource.urn, _Entry(new_id, resource.protect, resource.retain_on_delete, password))

        return Step(action, resource.name, _short(resource.type), tuple(changes), apply)

    def _removal(self, urn: str) -> Step:
        entry, type_ = self._known[urn], _type(urn)
        name, kind = urn.rpartition("::")[2], _KINDS[type_]
        if entry.protect:
            raise RehearsalError(f"{name} ({_short(type_)}) is protected and would be deleted; nothing was changed.")
        retained = entry.retain or kind.permanent

        def remove() -> None:
            if not retained:
                self._graph("DELETE", f"{kind.path}/{entry.object_id}")
            self._table.forget(urn)

        return Step(Action.RETAIN if retained else Action.DELETE, name, _short(type_), (), remove)

    def _by_key(self, resource: RecordedResource) -> str:
        """The object id of what exists already and the provider would use; empty if nothing does."""
        kind = _KINDS[resource.type]
        if not kind.key:
            return ""
        found = self._graph.all(f"{kind.path}?$filter={kind.key} eq '{self._stated(resource)[kind.key]}'")
        return str(found[0]["id"]) if found else ""

    def _stated(self, resource: RecordedResource) -> JsonObject:
        """What the program states of an object, in Graph's words."""
        kind = _KINDS[resource.type]
        inputs = {graph: self._resolved(resource.inputs.get(name)) for name, graph in kind.properties.items()}
        if resource.type == DELEGATED_PERMISSION_GRANT:
            inputs["scope"] = _scope(inputs["scope"])
        return {**kind.defaults, **{name: value for name, value in inputs.items() if value is not None}}

    def _differences(self, resource: RecordedResource, current: JsonObject) -> JsonObject:
        """What an update writes. It leaves alone whatever the program ignores."""
        kind, stated = _KINDS[resource.type], self._stated(resource)
        ignored = {kind.properties.get(name) for name in resource.ignore_changes}
        compared = [name for name in kind.compared if name in stated and name not in ignored]
        return {name: stated[name] for name in compared if current.get(name) != stated[name]}

    def _new(self, resource: RecordedResource) -> JsonObject:
        """What Graph takes for a new object."""
        body: JsonObject = {**_KINDS[resource.type].fixed, **self._stated(resource)}
        if resource.type == USER:
            body["mailNickname"] = str(body["userPrincipalName"]).rpartition("@")[0]
            body["passwordProfile"] = self._password_profile(resource)
        if resource.type == GROUP:
            body["mailNickname"] = "".join(filter(str.isalnum, str(body["displayName"])))
        return body

    def _password_profile(self, resource: RecordedResource) -> JsonObject:
        return {
            "password": str(self._resolved(resource.inputs.get("password"))),
            "forceChangePasswordNextSignIn": bool(self._resolved(resource.inputs.get("forcePasswordChange"))),
        }

    def _password_digest(self, resource: RecordedResource) -> str:
        if resource.type != USER:
            return ""
        return hashlib.sha256(str(self._resolved(resource.inputs.get("password"))).encode()).hexdigest()

    def _members(self, resource: RecordedResource) -> set[str]:
        return set(self._resolved(resource.inputs.get("members")) or ()) if resource.type == GROUP else set()

    def _set_members(self, group_id: str, current: set[str], expected: set[str]) -> None:
        for member in sorted(current - expected):
            self._graph("DELETE", f"/beta/groups/{group_id}/members/{member}/$ref")
        for member in sorted(expected - current):
            target = f"https://localhost/v1.0/directoryObjects/{member}"
            self._graph("POST", f"/beta/groups/{group_id}/members/$ref", {"@odata.id": target})

    def _resolved(self, value: Value) -> Any:
        """A property's value as Graph takes it: secrets opened, placeholders replaced."""
        if isinstance(value, SecretValue):
            return self._resolved(value.value)
        if isinstance(value, tuple):
            return [self._resolved(item) for item in value]
        if value is UNKNOWN:
            raise RehearsalError("The program creates a value that only the provider knows.")
        return self._ids.get(value, value) if isinstance(value, str) else value

    def _label(self, object_id: str) -> str:
        """The name of a member, for a person to read."""
        if is_reference(object_id):
            return f"{object_id.rsplit('::', 1)[-1].rpartition(':')[0]} (new)"
        account = self._graph.find(USER, object_id)
        return str(account["userPrincipalName"]) if account else object_id


def _without_relationships(count: int) -> str:
    return (
        f"not rehearsed: {count} {'relationship' if count == 1 else 'relationships'} with customers (GDAP), and the "
        "roles assigned there. They were neither read, created nor compared; their groups are. Only the engine "
        "does this: install Pulumi (`tenantry docs engines`)."
    )


def _raise_if_refused(method: str, path: str, status: int, answer: JsonObject) -> None:
    if status >= 400:
        error = answer.get("error")
        message = error.get("message") if isinstance(error, dict) else status
        raise RehearsalError(f"The directory refused {method} {path.partition('?')[0]}: {message}")


def _imported(resource: RecordedResource) -> str:
    """The object id that a resource is imported by; empty if it is not."""
    return (resource.import_id or "").rpartition("/")[2]


def _scope(permissions: list[str]) -> str:
    return " ".join(sorted(permissions))


def _type(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _short(type_: str) -> str:
    return type_.rsplit(":", 1)[-1]
