"""The zero-change gate of an adoption: the preview takes over what is there, and changes nothing.

What is not in the tenant is no change of it: components, the provider, and the stack's records of directory roles that
are there in every tenant.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import computed_field

from tenantry.access.declared import identities, target_name
from tenantry.access.diff import diff
from tenantry.access.preview import Plan, PlanError, errors_of, parse
from tenantry.access.registered import read
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import DIRECTORY_ROLE
from tenantry.declaration import Stack
from tenantry.engine import pulumi_cli
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import WRONG, EngineError
from tenantry.findings import Record
from tenantry.project.paths import Project
from tenantry.project.stack_files import StackFile, stack_files
from tenantry.project.stacks import declared_stack

_PREVIEW: Final = ("preview", "--json", "--show-sames", "--refresh")
_SECRET: Final = "tenantry:passwordSecret"  # noqa: S105
_HARMLESS: Final = (ChangeType.SAME, ChangeType.READ)
_OF_NO_TENANT: Final = (DIRECTORY_ROLE, "pulumi:providers:azuread")


class Verified(Record):
    """What the preview of an adopted tenant would do; what ``tenantry adopt --verify --format json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    name: str
    """The tenant with its partner: northwind/main."""
    stack: str
    """The Pulumi stack that manages it."""
    made: bool
    """Whether this run created the stack."""
    imports: int
    """How many groups, memberships and roles the first update takes over as they are."""
    changes: tuple[str, ...]
    """What it would change in the tenant."""
    refusals: tuple[str, ...]
    """Why the preview was refused or failed."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def exit_code(self) -> int:
        """0 where nothing changes, else 1."""
        return WRONG if self.changes or self.refusals else 0


def verify(
    project: Project,
    name: str,
    stack: str | None = None,
    secrets_provider: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Verified:
    """Run the preview of an adopted tenant's stack, which is made where it is missing.

    Raises DeclarationError where the declaration is wrong, and EngineError where there is no engine, no stack of the
    tenant, or the engine does not come to a preview.
    """
    stack = stack or _stack_of(project, name)
    declared = declared_stack(project, stack)
    if declared.name != name:
        raise EngineError(
            f"The stack {stack} manages {declared.name}, not {name}: name its stack with --stack, or correct "
            f"`tenantry:tenant` in Pulumi.{stack}.yaml."
        )
    engine = pulumi_cli.find(project)
    variables = {
        **(os.environ if environment is None else environment),
        # What is looked at in the tenant is what the program registers.
        "PULUMI_RUN_PROGRAM": "true",
    }
    made = _make_stack(project, engine, variables, stack, secrets_provider)
    plan = _preview(project, engine, variables, stack)
    if isinstance(plan, str):
        return Verified(name=name, stack=stack, made=made, imports=0, changes=(), refusals=(plan,))
    return Verified(
        name=name,
        stack=stack,
        made=made,
        imports=sum(one.change_type is ChangeType.IMPORTED for one in plan.resource_changes),
        changes=tuple(changes(declared, plan)),
        refusals=tuple(refusals(name, plan)),
    )


def _stack_of(project: Project, name: str) -> str:
    found = [one.name for one in stack_files(project.root) if isinstance(one, StackFile) and one.tenant == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise EngineError(f"The stacks {', '.join(found)} manage {name}: name one with --stack.")
    raise EngineError(f"No stack manages {name}: `tenantry adopt {name}` writes its Pulumi.<stack>.yaml.")


def _make_stack(
    project: Project, engine: PulumiCli, variables: Mapping[str, str], stack: str, secrets_provider: str | None
) -> bool:
    """Make the stack and the secret behind its temporary passwords, where they are missing; whether it was made."""
    known = pulumi_cli.ask(project, engine, variables, "config", "--stack", stack, "--json")
    missing = known.returncode != 0 and pulumi_cli.NO_STACK.encode() in known.stderr
    if missing:
        provider = ["--secrets-provider", secrets_provider] if secrets_provider else []
        init = ("stack", "init", stack, "--no-select", *provider)
        _refuse_failed(pulumi_cli.ask(project, engine, variables, *init), "stack init", stack)
    (file,) = (one for one in stack_files(project.root) if one.name == stack)
    if isinstance(file, StackFile) and _SECRET not in file.config:
        setting = ("config", "set", "--secret", _SECRET, "--stack", stack)
        ran = pulumi_cli.ask(project, engine, variables, *setting, secret=secrets.token_urlsafe(33))
        _refuse_failed(ran, f"config set --secret {_SECRET}", stack)
    return missing


def _refuse_failed(ran: subprocess.CompletedProcess[bytes], command: str, stack: str) -> None:
    """Raise EngineError where a command of the engine failed, with the way out where its secrets are what it lacks."""
    if ran.returncode == 0:
        return
    why = pulumi_cli.reason(ran)
    if "passphrase" in why:
        raise EngineError(
            f"The secrets of the stack {stack} take a passphrase, which is missing or wrong. Set "
            "PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it; or, for a new stack, name a key of yours "
            "with --secrets-provider, such as azurekeyvault://VAULT.vault.azure.net/keys/KEY."
        )
    raise EngineError(f"`pulumi {command}` failed: {why}")


def _preview(project: Project, engine: PulumiCli, variables: Mapping[str, str], stack: str) -> Plan | str:
    """The plan, or why there is none."""
    ran = pulumi_cli.ask(project, engine, variables, *_PREVIEW, "--stack", stack)
    try:
        plan, error = parse(Path("the preview"), ran.stdout), ""
    except PlanError as refused:
        plan, error = None, str(refused)
    if plan and (ran.returncode == 0 or plan.errors):
        return plan
    # Also where the answer can be read: a preview that failed without a word proves nothing.
    why = pulumi_cli.reason(ran) if ran.stderr.strip() else error
    return " ".join(errors_of(ran.stdout)) or f"`pulumi {' '.join(_PREVIEW)}` failed: {why}"


def refusals(name: str, plan: Plan) -> Iterator[str]:
    """Why a plan does not prove anything of a tenant, whatever it shows: it ended early, or did not look everywhere."""
    yield from plan.errors
    if plan.tenant != name:
        yield f"The preview ran with `tenantry:tenant: {plan.tenant}`, not {name}: name its stack with --stack."
    if plan.not_shown:
        yield f"The preview leaves out {plan.not_shown} resources that may give access."
    if plan.not_refreshed and not plan.errors:
        yield f"The preview did not read {plan.not_refreshed} resources in the tenant, only in the stack's state."


def changes(declared: Stack, plan: Plan) -> Iterator[str]:
    """What the plan would do in the tenant: to whom, and by which resource."""
    known, groups = identities(declared.tenant), declared.tenant.agent_groups.ids
    change = diff(read(plan.before, known, groups).access, read(plan.after, known, groups).access)
    for grant in change.added:
        yield f"{grant.principal} would get {target_name(grant)}"
    for grant in change.taken:
        yield f"{grant.principal} would lose {target_name(grant)}"
    for one in plan.resource_changes:
        if change_of_one := _change(one):
            yield change_of_one


def _change(one: ResourceChange) -> str:
    there = one.after or one.before
    type_ = one.urn.split("::")[2].rpartition("$")[2]
    if one.change_type in _HARMLESS or type_ in _OF_NO_TENANT or (there and there.component):
        return ""
    if one.change_type is ChangeType.IMPORTED and not one.changed:
        return ""
    what = f", with {', '.join(sorted(one.changed))}" if one.changed else ""
    return f"{one.name} ({type_.rpartition(':')[2]}) {one.change_type}{what}"
