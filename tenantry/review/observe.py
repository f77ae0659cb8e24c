"""Everything that one side of a change says of its tenants: declared, registered, evaluated, and what was not seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from tenantry.access import AmbiguousPrincipalError
from tenantry.access.declared import identities
from tenantry.access.principals import Principal
from tenantry.access.registered import RegisteredView, read
from tenantry.declaration import Declaration, DeclarationError, Tenant, load
from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.findings import NotEvaluated
from tenantry.project.stack_files import StackFile, Unreadable, stack_files
from tenantry.project.stacks import DEV_STACK
from tenantry.review.compare import Snapshot
from tenantry.roles import AgentGroup
from tenantry.rules import Result, code_owners, evaluate, evaluate_across, evidence_of
from tenantry.sandbox.checkout import Revision
from tenantry.sandbox.isolation import Sandbox
from tenantry.sandbox.lookups import KnownGroup, answers
from tenantry.sandbox.recording import InvokeAnswer, Recording, RecordingFailed, RecordingRequest, record
from tenantry.sandbox.registrations import with_synthetic_ids
from tenantry.sanitize import quoted

_ENVIRONMENT: Final = {"ARM_METADATA_HOSTNAME": "127.0.0.1", "PATH": "/usr/bin:/bin"}
"""The published stack refuses every directory but one on this machine. Nothing answers there."""
_LONGEST: Final = 600
"""How much of what a program says of its failure is repeated."""


@dataclass
class Observed:
    """One side, read."""

    declarations: dict[str, Declaration] = field(default_factory=dict)
    """By the partner's key."""
    tenants: dict[str, Snapshot] = field(default_factory=dict)
    """By name, as a stack names them: contoso/us."""
    stacks: dict[str, StackFile] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """Partners whose declarations cannot be read. What they say of any tenant is unknown, and is not nothing."""
    not_evaluated: list[NotEvaluated] = field(default_factory=list)
    """What is no one tenant's."""

    def seen(self, name: str) -> Snapshot | None:
        """A tenant; None where it is known not to exist."""
        if name not in self.tenants and name.partition("/")[0] in self.unread:
            return Snapshot(name)
        return self.tenants.get(name)


def observe(side: Revision, sandbox: Sandbox, today: date, stack: str | None = None) -> Observed:
    """Read a side: its declarations, and what its program registers, once a stack."""
    return _Observer(side, sandbox, today).all(stack)


class _Observer:
    def __init__(self, side: Revision, sandbox: Sandbox, today: date) -> None:
        self._side, self._sandbox, self._today = side, sandbox, today
        self._root = side.root.resolve()
        self._found = Observed(not_evaluated=list(side.not_evaluated))

    def all(self, only: str | None) -> Observed:
        found = self._found
        for folder in sorted((self._root / "partners").glob("*")):
            if (folder / "partner.yaml").is_file():
                self._load(folder)
        by_tenant: dict[str, list[StackFile]] = {}
        for stack in stack_files(self._root):
            if isinstance(stack, Unreadable):
                self._miss(f"the stack {stack.name}", stack.why, f"correct Pulumi.{stack.name}.yaml")
            elif stack.tenant is None:
                found.stacks[stack.name] = stack
                remediation = f"pulumi config set tenantry:tenant PARTNER/TENANT --stack {stack.name}"
                self._miss(f"the stack {stack.name}", "it has no `tenantry:tenant`", remediation)
            else:
                found.stacks[stack.name] = stack
                by_tenant.setdefault(stack.tenant, []).append(stack)
        declared = {f"{key}/{name}" for key, partner in found.declarations.items() for name in partner.tenants}
        for name in sorted(declared | by_tenant.keys()):
            stacks = by_tenant.get(name, [])
            if only is None or any(stack.name == only for stack in stacks):
                found.tenants[name] = self._tenant(name, stacks)
        return found

    def _load(self, folder: Path) -> None:
        try:
            declaration = load(folder, self._today)
        except DeclarationError as error:
            count = len(error.problems)
            what = f"the declaration of {folder.name}: {count} mistake{'' if count == 1 else 's'}"
            self._found.unread.add(folder.name)
            self._miss(what, str(error.problems[0]), "run `tenantry check`, which shows every mistake")
        else:
            self._found.declarations[folder.name] = declaration

    def _tenant(self, name: str, stacks: list[StackFile]) -> Snapshot:
        partner, _, own = name.partition("/")
        declaration = self._found.declarations.get(partner)
        tenant = declaration.tenants.get(own) if declaration else None
        stack, view, missed = (stacks[0] if stacks else None), None, []
        if len(stacks) > 1:
            named = ", ".join(item.name for item in stacks)
            missed.append(self._not_seen(f"the tenant {name}", f"several stacks name it: {named}", "keep only one"))
        elif stack and tenant and tenant.is_partner:
            view, missed = self._registered(stack, tenant)
        elif stack and partner not in self._found.unread and not (stack.name == DEV_STACK and tenant is None):
            # The embedded directory's stack outlives the sample partner, and manages nothing without it.
            why = (
                "no such tenant is declared"
                if tenant is None
                else "it is for own use only, and such a tenant has no stack"
            )
            missed.append(self._not_seen(f"the stack {stack.name}", f"{name}: {why}", "set `tenantry:tenant`"))
        results: tuple[Result, ...] = ()
        if declaration and tenant:
            results = tuple(self._evaluated(declaration, own, view))
        root = str(self._root)
        return Snapshot(name, stack.name if stack else None, declaration, view, results, tuple(missed), root)

    def _registered(self, stack: StackFile, tenant: Tenant) -> tuple[RegisteredView | None, list[NotEvaluated]]:
        what, remediation = f"the program, stack {stack.name}", "make `pulumi preview` work, and run the review again"
        try:
            recording = self._record(stack, tenant)
        except RecordingFailed as failed:
            return None, [self._not_seen(what, str(failed), remediation)]
        if recording.error:
            return None, [self._not_seen(what, str(recording.error), remediation)]
        remote = [resource for resource in recording.resources if resource.remote]
        try:
            known = identities(tenant.with_object_ids(_adopted(tenant)))
            view = read(with_synthetic_ids(recording), known, tenant.agent_groups.ids, consent=tenant.ftop_consent)
        except AmbiguousPrincipalError as error:
            return None, [self._not_seen(what, str(error), "correct the declaration or the program")]
        return view, [
            self._not_seen(
                f"{resource.name}, of the type {resource.type}",
                "a plugin creates it, and its access is unknown without the engine",
                "use the component in Python, and read `tenantry review --plan` before the update",
            )
            for resource in remote
        ]

    def _record(self, stack: StackFile, tenant: Tenant) -> Recording:
        request = RecordingRequest(
            project=stack.project,
            stack=stack.name,
            config=stack.config,
            secret_config_keys=tuple(sorted(stack.secrets)),
            preview=False,  # so that what a program computes from ids is computed, and seen
            invokes=tuple(_answers(tenant)),
        )
        seconds = self._sandbox.limits.seconds
        return record(self._root, request, timeout=seconds, environment=_ENVIRONMENT, start=self._sandbox.start)

    def _evaluated(self, declaration: Declaration, name: str, view: RegisteredView | None) -> Iterator[Result]:
        ownership = code_owners.around(self._root / "partners" / declaration.key, self._root)
        yield from evaluate(evidence_of(declaration, name, view, self._today, ownership=ownership))
        yield from evaluate_across(declaration, self._today, about=name)

    def _not_seen(self, what: str, why: str, remediation: str) -> NotEvaluated:
        reason = " ".join(why.replace(f"{self._root}/", "").replace(str(self._root), "the project").split())
        text = reason if reason.isprintable() and len(reason) <= _LONGEST else quoted(reason, _LONGEST)
        return NotEvaluated(side=self._side.name, what=what, why=text, remediation=remediation)

    def _miss(self, what: str, why: str, remediation: str) -> None:
        self._found.not_evaluated.append(self._not_seen(what, why, remediation))


def _answers(tenant: Tenant) -> Iterator[InvokeAnswer]:
    """What the provider would answer to a program's look-ups, on the tenant that is declared."""
    consent = tenant.ftop_consent
    applications = sorted({MICROSOFT_GRAPH, *((consent.application_id, consent.resource_id) if consent else ())})
    people = tenant.looked_up
    return answers(
        tenant.id,
        tenant.domains.initial,
        accounts=[
            Principal.in_directory(object_id, people[key].full_name, people[key].upn)
            for key, object_id in _adopted(tenant).items()
        ],
        applications={client_id: _made_up(tenant, client_id) for client_id in applications},
        groups=[KnownGroup(object_id, group.value) for group, object_id in _groups(tenant).items()],
    )


def _adopted(tenant: Tenant) -> dict[str, str]:
    """The accounts of those who are adopted by UPN, by key: what only the tenant knows is made up here."""
    return {key: _made_up(tenant, person.upn) for key, person in tenant.looked_up.items()}


def _groups(tenant: Tenant) -> dict[AgentGroup, str]:
    """The object ids of the agent groups: pinned ones, else some that are always the same."""
    return {group: tenant.agent_groups.ids.get(group, _made_up(tenant, group)) for group in AgentGroup}


def _made_up(tenant: Tenant, name: str) -> str:
    """An object id that something of a tenant could have: always the same one."""
    return str(uuid5(NAMESPACE_URL, f"{tenant.id}/{name}"))
