"""The zero-change gate of an adoption: the preview takes over what is there, and changes nothing.

What is not in the tenant is no change of it: components, the provider, and the stack's records of directory roles that
are there in every tenant.
"""

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenantry.access.declared import identities, target_name
from tenantry.access.diff import diff
from tenantry.access.preview import Plan, PlanError, errors_of, parse
from tenantry.access.registered import read
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import DIRECTORY_ROLE
from tenantry.declaration import Stack
from tenantry.engine import pulumi_cli
from tenantry.engine.bounded import last_line
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import WRONG, EngineError
from tenantry.project.paths import Project
from tenantry.project.stack_files import StackFile, stack_files
from tenantry.project.stacks import declared_stack

_PREVIEW: Final = ("preview", "--json", "--show-sames", "--refresh", "--non-interactive")
_SECRET: Final = "tenantry:passwordSecret"  # noqa: S105
_HARMLESS: Final = (ChangeType.SAME, ChangeType.READ)
_OF_NO_TENANT: Final = (DIRECTORY_ROLE, "pulumi:providers:azuread")


@dataclass(frozen=True)
class Verified:
    """What the preview of an adopted tenant would do."""

    name: str
    """The tenant with its partner."""
    stack: str
    made: bool
    """Whether the stack was made now."""
    imports: int
    """How much it takes over as it is."""
    changes: tuple[str, ...]
    """What it would change in the tenant."""
    refusals: tuple[str, ...]
    """Why there is no preview to the end."""

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
            f"The stack {stack} manages {declared.name}, and not {name}: name its stack with --stack, or correct "
            f"`tenantry:tenant` in Pulumi.{stack}.yaml."
        )
    engine = pulumi_cli.find(project)
    variables = {
        **(os.environ if environment is None else environment),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # What is looked at in the tenant is what the program registers.
        "PULUMI_RUN_PROGRAM": "true",
    }
    made = _make_stack(project, engine, variables, stack, secrets_provider)
    plan = _preview(project, engine, variables, stack)
    if isinstance(plan, str):
        return Verified(name, stack, made, 0, (), (plan,))
    imports = sum(one.change_type is ChangeType.IMPORTED for one in plan.resource_changes)
    return Verified(name, stack, made, imports, tuple(changes(declared, plan)), tuple(refusals(name, plan)))


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
    ran = subprocess.run(
        [engine.path, "config", "--stack", stack, "--json", "--non-interactive"],
        cwd=project.root,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    missing = ran.returncode != 0 and "no stack named" in ran.stderr
    if missing:
        provider = ["--secrets-provider", secrets_provider] if secrets_provider else []
        pulumi_cli.run(project, engine, variables, "stack", "init", stack, "--no-select", *provider)
    (file,) = (one for one in stack_files(project.root) if one.name == stack)
    if isinstance(file, StackFile) and _SECRET not in file.config:
        _set_secret(project, engine, variables, stack)
    return missing


def _set_secret(project: Project, engine: PulumiCli, variables: Mapping[str, str], stack: str) -> None:
    """Set the secret behind temporary passwords. It goes through a pipe: a command line is for everybody to read."""
    ran = subprocess.run(
        [engine.path, "config", "set", "--secret", _SECRET, "--stack", stack, "--non-interactive"],
        cwd=project.root,
        env=variables,
        input=secrets.token_urlsafe(33),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise EngineError(f"`pulumi config set --secret {_SECRET}` failed: {last_line(ran.stderr)}")


def _preview(project: Project, engine: PulumiCli, variables: Mapping[str, str], stack: str) -> Plan | str:
    """The plan, or why there is none."""
    ran = subprocess.run(
        [engine.path, *_PREVIEW, "--stack", stack],
        cwd=project.root,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        plan, error = parse(Path("the preview"), ran.stdout), ""
    except PlanError as refused:
        plan, error = None, str(refused)
    if plan and (ran.returncode == 0 or plan.errors):
        return plan
    # Also where the answer can be read: a preview that failed without a word proves nothing.
    why = last_line(ran.stderr.decode(errors="replace")) if ran.stderr.strip() else error
    return " ".join(errors_of(ran.stdout)) or f"`pulumi {' '.join(_PREVIEW)}` failed: {why}"


def refusals(name: str, plan: Plan) -> Iterator[str]:
    """Why a plan does not prove anything of a tenant, whatever it shows: it ended early, or did not look everywhere."""
    yield from plan.errors
    if plan.tenant != name:
        yield f"The preview ran with `tenantry:tenant: {plan.tenant}`, and not {name}: name the tenant's own stack."
    if plan.not_shown:
        yield f"The preview leaves out {plan.not_shown} resources that may give access."
    if plan.not_refreshed and not plan.errors:
        yield f"The preview believes the stack's state of {plan.not_refreshed} resources: nobody looked in the tenant."


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
