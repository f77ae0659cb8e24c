"""The rehearsal: what `pulumi up` would do, on the embedded directory, where the engine cannot be had.

It is no second engine. It takes the program's registrations from the recorder, judges them by the same rules, and
makes the same requests of the directory's Graph, in process. It knows the resource types that a partner tenant
is made of and refuses any other. All it remembers is one table in the directory's store.
"""

import hashlib
import hmac
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from azure.core.credentials import AccessToken

from tenantry.access.adoption import look_up, sign_in_names
from tenantry.access.declared import identities
from tenantry.access.existing import OwnedAccount
from tenantry.access.principals import Principal
from tenantry.access.registered import read
from tenantry.access.state import StackState
from tenantry.declaration import Stack, Tenant
from tenantry.directory.documents import JsonObject
from tenantry.directory.enrolment import deployment_client_id
from tenantry.directory.local import ORIGIN, LocalGraph
from tenantry.directory.onboarding import open_store
from tenantry.directory.state import State
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
from tenantry.sandbox.recording import UNKNOWN as RECORDED_UNKNOWN
from tenantry.sandbox.recording import (
    ExistingResource,
    InvokeAnswer,
    RecordedResource,
    Recording,
    RecordingFailed,
    RecordingRequest,
    SecretValue,
    Value,
    record,
    reference,
)
from tenantry.sandbox.registrations import registrations

DRIFTED: Final = 7
"""The exit code that says that something drifted, as Pulumi's own."""

_USER: Final = "azuread:index/user:User"
_GROUP: Final = "azuread:index/group:Group"
_ROLE: Final = "azuread:index/directoryRole:DirectoryRole"
_ASSIGNMENT: Final = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
_APPLICATION: Final = "azuread:index/servicePrincipal:ServicePrincipal"
_CONSENT: Final = "azuread:index/servicePrincipalDelegatedPermissionGrant:ServicePrincipalDelegatedPermissionGrant"
_PARTNER_TENANT: Final = "tenantry:index:PartnerTenant"
_OF_AN_ACCOUNT: Final = ("accountEnabled", "displayName", "userPrincipalName")
_ASSIGNMENTS: Final = "/v1.0/roleManagement/directory/roleAssignments"
_APPLICATIONS: Final = "/v1.0/servicePrincipals"
_CONSENTS: Final = "/v1.0/oauth2PermissionGrants"
_NOT_APPLIED: Final = ("pulumi:pulumi:Stack", "pulumi:providers:azuread")


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


@dataclass(frozen=True)
class Step:
    """One resource's share of a rehearsal."""

    action: Action
    name: str
    type: str
    changes: tuple[str, ...] = ()
    """What differs, by property: for members, who comes and who goes. Never a secret's value."""
    apply: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)

    def __str__(self) -> str:
        mark = {"create": "+", "import": "=", "update": "~", "replace": "±", "delete": "-", "retain": "-"}[self.action]
        return f" {mark} {self.action:<7} {self.name} ({self.type})" + "".join(f"\n     {c}" for c in self.changes)


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal came to."""

    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether a rule forbids to go on."""
        return any(finding.level.blocks for finding in self.findings)

    @property
    def changes(self) -> list[Step]:
        """The steps that do something."""
        return [step for step in self.steps if step.action is not Action.SAME]

    def summary(self) -> str:
        """One line: how many of each."""
        counts = {action: sum(step.action is action for step in self.steps) for action in Action}
        said = ", ".join(f"{count} {action}" for action, count in counts.items() if count and action != Action.SAME)
        return f"{said or 'nothing changes'}; {counts[Action.SAME]} stay as they are"


def preview(project: Project, stack: str) -> int:
    """Show what `up` would do. Returns the exit code: 1 where a rule forbids it."""
    with _opened(project, stack) as workshop:
        return _told(workshop.plan(evaluated=True))


def up(project: Project, stack: str) -> int:
    """Do it, on the embedded directory. Nothing is done where a rule forbids it."""
    with _opened(project, stack) as workshop:
        rehearsal = workshop.plan(evaluated=True)
        exit_code = _told(rehearsal)
        for step in rehearsal.steps if exit_code == 0 else ():
            step.apply()
        return exit_code


def drift(project: Project, stack: str) -> int:
    """Say what differs between the tenant and what was rehearsed; 7 where something does.

    It compares and changes nothing, so what would only stop an update does not stop it.
    """
    with _opened(project, stack) as workshop:
        rehearsal = workshop.plan(evaluated=False)
        for step in rehearsal.changes:
            print(step)
        print(f"Drift: {rehearsal.summary()}." if rehearsal.changes else "No drift.")
        return DRIFTED if rehearsal.changes else 0


def _told(rehearsal: Rehearsal) -> int:
    for step in rehearsal.changes:
        print(step)
    for warning in rehearsal.warnings:
        print(f"warning: {warning}")
    for finding in rehearsal.findings:
        print(finding if finding.level.blocks else f"advice: {finding}")
    if rehearsal.blocked:
        print("Refused by the rules above; nothing was changed.")
        return WRONG
    print(f"Rehearsal: {rehearsal.summary()}.")
    return 0


@contextmanager
def _opened(project: Project, stack_name: str) -> "Iterator[_Planner]":
    stack = declared_stack(project, stack_name)
    state = State.prepare(project.directory)
    store = open_store(state, declared_enrolments(project))
    try:
        with LocalGraph(store, stack.tenant.id) as local, closing(_StateTable(state, stack_name)) as ledger:
            yield _Planner(project, stack_name, stack, local, _Graph(local), ledger, password_secret(state, stack))
    finally:
        store.close()


def password_secret(state: State, stack: Stack) -> str:
    """A secret for the passwords that stays the same: without the engine, the stack's own cannot be opened."""
    key = state.credentials(stack.tenant.id).client_secret.encode()
    return hmac.digest(key, b"rehearsal", hashlib.sha256).hex()


class _Graph:
    """Microsoft Graph of the tenant, in process."""

    def __init__(self, local: LocalGraph) -> None:
        self._local = local

    def __call__(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        status, answer = self._local.request(method, path, body)
        if status >= 400:
            error = answer.get("error")
            said = error.get("message") if isinstance(error, dict) else status
            raise RehearsalError(f"The directory refused {method} {path.partition('?')[0]}: {said}")
        return answer

    def found(self, path: str) -> JsonObject | None:
        """An object, or None where there is none."""
        status, answer = self._local.request("GET", path)
        return None if status == 404 else answer

    def all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a collection, over all its pages."""
        items: list[dict[str, Any]] = []
        link: str | None = path
        while link:
            page: dict[str, Any] = dict(self(("GET"), link))
            items += page["value"]
            link = page.get("@odata.nextLink")
        return items


@dataclass(frozen=True)
class _Entry:
    """What the rehearsal remembers of one resource."""

    object_id: str
    protect: bool = False
    retain: bool = False
    password: str = ""
    """A digest, by which a new temporary password is told from the old one."""


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
        rows = self._connection.execute(
            "SELECT urn, object_id, protect, retain, password FROM rehearsed WHERE stack = ? ORDER BY rowid",
            (self._stack,),
        )
        return {urn: _Entry(object_id, bool(p), bool(r), password) for urn, object_id, p, r, password in rows}

    def keep(self, urn: str, entry: _Entry) -> None:
        self._connection.execute(
            "INSERT INTO rehearsed VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stack, urn) DO UPDATE SET "
            "object_id = excluded.object_id, protect = excluded.protect, retain = excluded.retain, "
            "password = excluded.password",
            (self._stack, urn, entry.object_id, entry.protect, entry.retain, entry.password),
        )

    def forget(self, urn: str) -> None:
        self._connection.execute("DELETE FROM rehearsed WHERE stack = ? AND urn = ?", (self._stack, urn))


@dataclass
class _Planner:
    """One rehearsal of one stack: the program as it registers, the tenant as it is."""

    project: Project
    stack_name: str
    stack: Stack
    local: LocalGraph
    graph: _Graph
    ledger: _StateTable
    password_secret: str
    ids: dict[str, str] = field(default_factory=dict)
    """Placeholders of new resources to their object ids, as these come to be."""

    def plan(self, *, evaluated: bool) -> Rehearsal:
        """Record the program, judge it, and compare each resource with the tenant.

        ``judged``: as the program judges itself where it has an engine. Raises RehearsalError with what it refuses.
        """
        known = {urn: entry for urn, entry in self.ledger.entries().items() if self._exists(urn, entry)}
        recording = self._record(known)
        resources = [r for r in recording.resources if r.custom and not r.read and r.type not in _NOT_APPLIED]
        handlers = {
            _USER: self._user,
            _GROUP: self._group,
            _ROLE: self._role,
            _ASSIGNMENT: self._assignment,
            _APPLICATION: self._application,
            _CONSENT: self._consent,
        }
        unknown = sorted({resource.type for resource in resources} - handlers.keys())
        if unknown:
            raise RehearsalError(f"The rehearsal does not know {', '.join(unknown)}; install the Pulumi engine.")
        findings = self._findings(recording)
        warnings = self._preflight(recording, known) if evaluated else ()
        steps = [handlers[resource.type](resource, known.get(resource.urn)) for resource in resources]
        gone = [urn for urn in known if urn not in {resource.urn for resource in resources}]
        steps += [self._removal(urn, known[urn]) for urn in reversed(gone)]
        return Rehearsal(tuple(steps), findings, warnings)

    def _record(self, known: Mapping[str, _Entry]) -> Recording:
        request = RecordingRequest(
            project="tenantry",
            stack=self.stack_name,
            config={"tenantry:tenant": self.stack.name, "tenantry:passwordSecret": self.password_secret},
            secret_config_keys=("tenantry:passwordSecret",),
            preview=False,
            invokes=tuple(self._answers()),
            resources={urn: self._existing(urn, entry) for urn, entry in known.items()},
            reveal_secrets=True,
        )
        # The program asks for the directory that it is signed in to; ours answers on this machine alone.
        environment = {"ARM_METADATA_HOSTNAME": "127.0.0.1", "PATH": os.environ.get("PATH", "")}
        try:
            recording = record(self.project.root, request, environment=environment)
        except RecordingFailed as failed:
            raise RehearsalError(str(failed)) from None
        if recording.error:
            raise RehearsalError(recording.error.message)
        return recording

    def _answers(self) -> Iterator[InvokeAnswer]:
        """What the provider would answer to the program's look-ups."""
        yield InvokeAnswer(
            token="azuread:index/getClientConfig:getClientConfig",  # noqa: S106 (a function's name)
            result={"tenantId": self.stack.tenant.id, "clientId": "", "objectId": "", "id": "rehearsal"},
        )
        initial = [d["id"] for d in self.graph.all("/v1.0/domains") if d["isInitial"]]
        yield InvokeAnswer(
            token="azuread:index/getDomains:getDomains",  # noqa: S106
            args={"onlyInitial": True},
            result={"domains": [{"domainName": name} for name in initial], "id": "rehearsal", "onlyInitial": True},
        )
        accounts = self._adopted_by_upn()
        yield InvokeAnswer(
            token="azuread:index/getUsers:getUsers",  # noqa: S106
            result={
                "users": [
                    {"objectId": one.object_id, "userPrincipalName": one.upn, "displayName": one.name}
                    for one in accounts
                ],
                "id": "rehearsal",
            },
        )
        consent = self.stack.tenant.ftop_consent
        for application in self._applications(consent.resource_id) if consent else ():
            yield InvokeAnswer(
                token="azuread:index/getServicePrincipal:getServicePrincipal",  # noqa: S106
                args={"clientId": application["appId"]},
                result={"objectId": application["id"], "clientId": application["appId"], "id": "rehearsal"},
            )
        for group in AgentGroup:
            prefix = group.value.removesuffix("Agents")
            found = self.graph.all(
                f"/beta/groups?$filter=securityEnabled eq true and startsWith(displayName, '{prefix}')"
            )
            yield InvokeAnswer(
                token="azuread:index/getGroups:getGroups",  # noqa: S106
                args={"displayNamePrefix": prefix},
                result={
                    "objectIds": [item["id"] for item in found],
                    "displayNames": [item["displayName"] for item in found],
                    "displayNamePrefix": prefix,
                    "id": "rehearsal",
                },
            )

        for urn, entry in self.ledger.entries().items():
            if _type(urn) == _GROUP and (group_there := self.graph.found(_path(urn, entry.object_id))):
                yield InvokeAnswer(
                    token="azuread:index/getGroup:getGroup",  # noqa: S106
                    args={"objectId": entry.object_id},
                    result={
                        "id": entry.object_id,
                        "objectId": entry.object_id,
                        "displayName": group_there["displayName"],
                    },
                )

    def _adopted_by_upn(self) -> list[Principal]:
        """The accounts that have a sign-in name of somebody who is adopted by it."""
        return [
            Principal.in_directory(str(found["id"]), str(found["displayName"]), str(found["userPrincipalName"]))
            for name in sign_in_names(self.stack.tenant)
            if (found := self.graph.found(f"/v1.0/users/{quote(name, safe='@')}"))
        ]

    def _findings(self, recording: Recording) -> tuple[Finding, ...]:
        """The same rules as the policy pack's, on the same view."""
        tenant = self.stack.tenant
        people = identities(self._with_adopted_accounts())
        view = read(registrations(recording), people, tenant.agent_groups.ids, consent=tenant.ftop_consent)
        evidence = evidence_of(self.stack.declaration, self.stack.tenant_name, view)
        evaluated = [*evaluate(evidence), *evaluate_across(self.stack.declaration, evidence.today)]
        found = {finding for result in evaluated for finding in result.findings}
        return tuple(sorted(found, key=lambda finding: (not finding.level.blocks, str(finding))))

    def _with_adopted_accounts(self) -> Tenant:
        """The tenant with the object ids of those who are adopted by UPN."""
        accounts = look_up(self.stack.tenant, self._adopted_by_upn()).accounts
        return self.stack.tenant.with_object_ids({key: account.object_id for key, account in accounts.items()})

    def _preflight(self, recording: Recording, known: Mapping[str, _Entry]) -> tuple[str, ...]:
        """What PartnerTenant does before its first resource, which a recorded program leaves out: warnings.

        Raises RehearsalError with every refusal.
        """
        warnings: list[str] = []
        for component in recording.resources:
            if component.type != _PARTNER_TENANT:
                continue
            tenant = self._with_adopted_accounts()
            groups = {
                group: object_id
                for resource in recording.resources
                for group in AgentGroup
                if resource.type == _GROUP and resource.name == f"{component.name}-{group}"
                if (object_id := _object_id(resource, known.get(resource.urn)))
            }
            with self._reader() as reader:
                owned = _owned_by_stack(component.name, tenant, known)
                found = preflight(reader, tenant, groups, owned, date.today())
            if found.refusals:
                raise RehearsalError("\n".join(found.refusals))
            warnings += found.warnings
        return tuple(warnings)

    def _reader(self) -> GraphReader:
        """The reader of the real service, on the embedded directory."""
        tenant_id = self.stack.tenant.id
        who = SignIn(Method.SECRET, tenant_id, deployment_client_id(tenant_id), _Token(self.local.token))
        return GraphReader(Cloud(ORIGIN, ORIGIN), who, {}, transport=self.local.transport)

    # What is there

    def _exists(self, urn: str, entry: _Entry) -> bool:
        return self.graph.found(_path(urn, entry.object_id)) is not None

    def _existing(self, urn: str, entry: _Entry) -> ExistingResource:
        if _type(urn) in (_ASSIGNMENT, _CONSENT):
            return ExistingResource(id=entry.object_id)
        seen: Mapping[str, Any] = {}
        if _type(urn) == _USER:
            seen = self.graph("GET", f"{_path(urn, entry.object_id)}?$select={','.join(_OF_AN_ACCOUNT)}")
        outputs = {name: seen[name] for name in _OF_AN_ACCOUNT if name in seen}
        return ExistingResource(id=entry.object_id, outputs={"objectId": entry.object_id, **outputs})

    def _resolved(self, value: Value) -> Any:
        """A property's value as Graph takes it: secrets opened, placeholders replaced."""
        if isinstance(value, SecretValue):
            return self._resolved(value.value)
        if isinstance(value, tuple):
            return [self._resolved(item) for item in value]
        if value is RECORDED_UNKNOWN:
            raise RehearsalError("The program makes a value that only the provider would know.")
        return self.ids.get(value, value) if isinstance(value, str) else value

    def _born(self, resource: RecordedResource, object_id: str) -> None:
        for name in ("id", "objectId"):
            self.ids[reference(resource.urn, name)] = object_id

    def _keep(self, resource: RecordedResource, object_id: str, password: str = "") -> None:
        entry = _Entry(object_id, resource.protect, resource.retain_on_delete, password)
        self.ledger.keep(resource.urn, entry)

    def _step(
        self, action: Action, resource: RecordedResource, apply: Callable[[], None], changes: tuple[str, ...] = ()
    ) -> Step:
        return Step(action, resource.name, resource.type.rsplit(":", 1)[-1], changes, apply)

    # The types

    def _user(self, resource: RecordedResource, entry: _Entry | None) -> Step:
        wanted = {
            name: value
            for name in ("accountEnabled", "displayName", "mail", "userPrincipalName")
            if (value := self._resolved(resource.inputs.get(name))) is not None
        }
        password = str(self._resolved(resource.inputs.get("password")))
        digest = hashlib.sha256(password.encode()).hexdigest()
        profile: JsonObject = {
            "password": password,
            "forceChangePasswordNextSignIn": bool(self._resolved(resource.inputs.get("forcePasswordChange"))),
        }
        if entry is None:
            nickname = wanted["userPrincipalName"].rpartition("@")[0]

            def create() -> None:
                body = {"accountEnabled": True, "mailNickname": nickname, **wanted, "passwordProfile": profile}
                object_id = str(self.graph("POST", "/v1.0/users", body)["id"])
                self._born(resource, object_id)
                self._keep(resource, object_id, digest)

            return self._step(Action.CREATE, resource, create)
        managed = {name: value for name, value in wanted.items() if name not in resource.ignore_changes}
        now = self.graph("GET", f"/v1.0/users/{entry.object_id}?$select=id,{','.join(sorted(managed))}")
        changed: JsonObject = {name: value for name, value in managed.items() if now.get(name) != value}
        said = tuple(f"{name}: {now.get(name)} -> {value}" for name, value in changed.items())
        if digest != entry.password:
            changed["passwordProfile"] = profile
            said = (*said, "password: a new temporary one")

        def update() -> None:
            if changed:
                self.graph("PATCH", f"/v1.0/users/{entry.object_id}", changed)
            self._keep(resource, entry.object_id, digest)

        return self._step(Action.UPDATE if changed else Action.SAME, resource, update, said)

    def _group(self, resource: RecordedResource, entry: _Entry | None) -> Step:
        imported = (resource.import_id or "").removeprefix("/groups/")
        object_id = entry.object_id if entry else imported
        now = {m["id"] for m in self.graph.all(f"/beta/groups/{object_id}/members")} if object_id else set()

        def apply() -> None:
            group_id = object_id
            if not group_id:
                name = self._resolved(resource.inputs["displayName"])
                nickname = "".join(character for character in name if character.isalnum())
                body: JsonObject = {
                    "displayName": name,
                    "mailEnabled": False,
                    "mailNickname": nickname,
                    "securityEnabled": True,
                }
                group_id = str(self.graph("POST", "/beta/groups", body)["id"])
                self._born(resource, group_id)
            wanted = set(self._resolved(resource.inputs.get("members")) or [])
            for member in sorted(now - wanted):
                self.graph("DELETE", f"/beta/groups/{group_id}/members/{member}/$ref")
            for member in sorted(wanted - now):
                target = f"https://localhost/v1.0/directoryObjects/{member}"
                self.graph("POST", f"/beta/groups/{group_id}/members/$ref", {"@odata.id": target})
            self._keep(resource, group_id)

        wanted = set(self._resolved(resource.inputs.get("members")) or [])
        said = (
            *(f"members: + {self._called(member)}" for member in sorted(wanted - now)),
            *(f"members: - {self._called(member)}" for member in sorted(now - wanted)),
        )
        action = Action.UPDATE if said else Action.SAME
        if entry is None:
            action = Action.IMPORT if imported else Action.CREATE
        return self._step(action, resource, apply, said)

    def _role(self, resource: RecordedResource, entry: _Entry | None) -> Step:
        template_id = self._resolved(resource.inputs["templateId"])

        def activate() -> None:
            active = self.graph.all(f"/v1.0/directoryRoles?$filter=roleTemplateId eq '{template_id}'")
            made = active[0] if active else self.graph("POST", "/v1.0/directoryRoles", {"roleTemplateId": template_id})
            self._born(resource, str(made["id"]))
            self._keep(resource, str(made["id"]))

        return self._step(Action.SAME if entry else Action.CREATE, resource, activate if not entry else lambda: None)

    def _assignment(self, resource: RecordedResource, entry: _Entry | None) -> Step:
        imported = (resource.import_id or "").rpartition("/")[2]

        def wanted() -> JsonObject:
            return {
                "roleDefinitionId": self._resolved(resource.inputs["roleId"]),
                "principalId": self._resolved(resource.inputs["principalObjectId"]),
                # Left out, it is the whole tenant.
                "directoryScopeId": self._resolved(resource.inputs.get("directoryScopeId")) or "/",
            }

        def assign() -> None:
            self._keep(resource, imported or str(self.graph("POST", _ASSIGNMENTS, wanted())["id"]))

        def replace() -> None:
            assign()
            self.graph("DELETE", f"{_ASSIGNMENTS}/{entry.object_id}" if entry else "")

        if entry:
            now = self.graph("GET", f"{_ASSIGNMENTS}/{entry.object_id}")
            said = tuple(f"{name}: {now[name]} -> {to}" for name, to in wanted().items() if now[name] != to)
            if not said:
                return self._step(Action.SAME, resource, lambda: self._keep(resource, entry.object_id))
            if entry.protect:
                raise RehearsalError(f"{resource.name} is protected and would be replaced; nothing was changed.")
            return self._step(Action.REPLACE, resource, replace, said)
        if imported and self.graph.found(f"{_ASSIGNMENTS}/{imported}") is None:
            raise RehearsalError(f"The role assignment {imported}, pinned for {resource.name}, does not exist.")
        return self._step(Action.IMPORT if imported else Action.CREATE, resource, assign)

    def _application(self, resource: RecordedResource, entry: _Entry | None) -> Step:
        client_id = str(self._resolved(resource.inputs["clientId"]))
        there = self._applications(client_id)
        if there:
            self._born(resource, there[0]["id"])

        def make() -> None:
            made = there[0] if there else self.graph("POST", _APPLICATIONS, {"appId": client_id})
            self._born(resource, str(made["id"]))
            self._keep(resource, str(made["id"]))

        # One that is there stays as it is: what is declared is no more than that there is one.
        action = Action.SAME if entry else Action.IMPORT if there else Action.CREATE
        return self._step(action, resource, make)

    def _applications(self, client_id: str) -> list[dict[str, Any]]:
        return self.graph.all(f"{_APPLICATIONS}?$filter=appId eq '{client_id}'")

    def _consent(self, resource: RecordedResource, entry: _Entry | None) -> Step:
        scope = " ".join(sorted(self._resolved(resource.inputs["claimValues"])))
        imported = (resource.import_id or "").rpartition("/")[2]
        grant_id = entry.object_id if entry else imported
        now = self.graph.found(f"{_CONSENTS}/{grant_id}") if grant_id else None
        if grant_id and now is None:
            raise RehearsalError(f"The consent grant {grant_id}, pinned for {resource.name}, does not exist.")
        was = " ".join(sorted(str(now["scope"]).split())) if now else ""

        def consent() -> None:
            if now is None:
                body: JsonObject = {
                    "clientId": self._resolved(resource.inputs["servicePrincipalObjectId"]),
                    "consentType": "AllPrincipals",
                    "resourceId": self._resolved(resource.inputs["resourceServicePrincipalObjectId"]),
                    "scope": scope,
                }
                self._keep(resource, str(self.graph("POST", _CONSENTS, body)["id"]))
                return
            if was != scope:
                self.graph("PATCH", f"{_CONSENTS}/{grant_id}", {"scope": scope})
            self._keep(resource, grant_id)

        action = Action.SAME if was == scope else Action.UPDATE
        if entry is None:
            action = Action.IMPORT if imported else Action.CREATE
        return self._step(action, resource, consent, (f"scope: {was} -> {scope}",) if now and was != scope else ())

    def _removal(self, urn: str, entry: _Entry) -> Step:
        name, kind = urn.rsplit("::", 1)[-1], _type(urn).rsplit(":", 1)[-1]
        if entry.protect:
            raise RehearsalError(f"{name} ({kind}) is protected and would be deleted; nothing was changed.")
        # A directory role is activated for good: like the provider, the rehearsal only forgets it.
        retained = entry.retain or _type(urn) == _ROLE

        def remove() -> None:
            if not retained:
                self.graph("DELETE", _path(urn, entry.object_id))
            self.ledger.forget(urn)

        return Step(Action.RETAIN if retained else Action.DELETE, name, kind, (), remove)

    def _called(self, object_id: str) -> str:
        """Who an object id is, for a person to read."""
        new = next((urn for urn in self.ids if self.ids[urn] == object_id), object_id)
        if new.startswith("ref:"):
            return f"{new.rsplit('::', 1)[-1].rpartition(':')[0]} (new)"
        found = self.graph.found(f"/v1.0/users/{object_id}")
        return str(found["userPrincipalName"]) if found else object_id


class _Token:
    """The credential of who is signed in already."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_: str, **__: object) -> AccessToken:
        return AccessToken(self._token, 2**31)


def _object_id(resource: RecordedResource, entry: _Entry | None) -> str:
    """Which group a resource is; nothing where it is to be made."""
    return entry.object_id if entry else (resource.import_id or "").removeprefix("/groups/")


def _owned_by_stack(name: str, tenant: Tenant, known: Mapping[str, _Entry]) -> StackState:
    """What the rehearsal made for a partner tenant, as the program reads it from the stack's state."""
    today = {f"{name}-{person.first_key(key)}": key for key, person in tenant.members.items()}
    of_type = {
        type_: {urn: entry for urn, entry in known.items() if _type(urn) == type_}
        for type_ in (_USER, _GROUP, _ASSIGNMENT, _CONSENT)
    }
    # Emergency accounts are the ones that are retained.
    made = {
        called: entry
        for urn, entry in of_type[_USER].items()
        if (called := urn.rpartition("::")[2]).startswith(f"{name}-")
    }
    return StackState(
        accounts=tuple(
            OwnedAccount(
                today.get(called, called.removeprefix(f"{name}-")), Principal.in_directory(entry.object_id, called)
            )
            for called, entry in made.items()
        ),
        emergency=frozenset(entry.object_id for entry in made.values() if entry.retain),
        assignments=frozenset(entry.object_id for entry in of_type[_ASSIGNMENT].values()),
        consents=frozenset(entry.object_id for entry in of_type[_CONSENT].values()),
        groups={urn.rpartition("::")[2]: entry.object_id for urn, entry in of_type[_GROUP].items()},
    )


def _type(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _path(urn: str, object_id: str) -> str:
    """Where Graph has the object of a resource."""
    folders = {
        _USER: "/v1.0/users",
        _GROUP: "/beta/groups",
        _ROLE: "/v1.0/directoryRoles",
        _ASSIGNMENT: _ASSIGNMENTS,
        _APPLICATION: _APPLICATIONS,
        _CONSENT: _CONSENTS,
    }
    return f"{folders[_type(urn)]}/{object_id}"
