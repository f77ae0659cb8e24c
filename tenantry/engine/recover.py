"""`tenantry recover`: after an engine was killed, give the stack what it had just made."""

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from rich.prompt import Confirm

from tenantry.access.resource_types import (
    DIRECTORY_ROLE,
    DIRECTORY_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ELIGIBILITY,
    GROUP,
    GROUP_MEMBER,
    USER,
)
from tenantry.access.state import RELATIONSHIP
from tenantry.engine import pulumi_cli
from tenantry.engine.environment import applied, current_environment
from tenantry.engine.interrupted import Found, PendingCreate, completed, pending_creates
from tenantry.errors import NOT_REACHED, WRONG, EngineError
from tenantry.graph.client import GraphReader
from tenantry.graph.models import RoleAssignment
from tenantry.project.paths import Project
from tenantry.project.stacks import DEV_STACK, declared_stack

_KNOWN: Final = (
    USER,
    GROUP,
    DIRECTORY_ROLE,
    DIRECTORY_ROLE_ASSIGNMENT,
    DIRECTORY_ROLE_ELIGIBILITY,
    GROUP_MEMBER,
    RELATIONSHIP,
)


class StateError(EngineError):
    """The engine cannot export the stack's state, or cannot import it; the message says why."""

    exit_code = NOT_REACHED


def recover(project: Project, stack_name: str, *, agreed: bool = False) -> int:
    """Find what an interrupted update was making, and write it into the stack's state. Returns the exit code.

    Asks first unless ``agreed``. Raises DeclarationError, EngineMissingError, GraphError; StateError where the engine
    cannot read or write the state; and EngineError for what the user can fix: no stack, a lock that the killed engine
    left, the wrong passphrase, another tenant, or an object that cannot be looked up. Nothing is changed then.
    """
    stack = declared_stack(project, stack_name)
    engine = pulumi_cli.find(project)
    environment = dict(os.environ) if stack_name != DEV_STACK else applied(current_environment(project, stack_name))

    def state(command: str, *more: str) -> str:
        arguments = ("stack", command, "--stack", stack_name, *more)
        try:
            return pulumi_cli.run(project, engine, environment, *arguments)
        except EngineError as error:
            raise _explained(stack_name, command, str(error)) from None

    exported = state("export")
    pending = pending_creates(exported)
    if not pending:
        print("No update was interrupted: there is nothing to recover.")
        return 0
    unknown = [
        str(item) for item in pending if item.type not in _KNOWN or (item.type == GROUP and not item.inputs.only_one)
    ]
    if unknown:
        raise EngineError(
            f"It is not known whether {', '.join(unknown)} exists. Nothing was changed. Look for it in the tenant, and "
            "run `pulumi refresh`, which asks about each."
        )
    with GraphReader.from_environment(environment) as graph:
        signed_in = graph.caller().tenant_id
        if (signed_in or "").lower() != stack.tenant.id:
            raise EngineError(
                f"Signed in to the tenant {signed_in}, but the stack {stack_name} is of {stack.tenant.name} "
                f"({stack.tenant.id}). Nothing was changed. Sign in to the declared tenant (ARM_TENANT_ID)."
            )
        found = _found(graph, pending)
    for item in pending:
        created = found.get(item.urn)
        otherwise = "unknown; the next update looks for it" if item.type == RELATIONSHIP else "was not created"
        print(f"  {item}: {f'was created: {created.id}' if created else otherwise}")
    if not agreed and not _agreed():
        print("Nothing was changed.", file=sys.stderr)
        return WRONG
    if state("export") != exported:
        raise EngineError(
            f"The state of the stack `{stack_name}` has changed since it was read: an update may be running. Nothing "
            "was changed. Run this again once it has ended."
        )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "state.json"
        file.touch(mode=0o600)
        file.write_text(completed(exported, found), encoding="utf-8")
        state("import", "--file", str(file))
    print(f"The stack {stack_name} now has what the update created. Run `pulumi up` again to continue.")
    return 0


def _explained(stack: str, command: str, reason: str) -> EngineError:
    if pulumi_cli.NO_STACK in reason:
        return EngineError(
            f"The stack `{stack}` does not exist, so there is nothing to recover. `pulumi stack ls` lists the stacks."
        )
    if "currently locked" in reason:
        return EngineError(
            f"The stack `{stack}` is locked: an update runs, or one was killed and left its lock. Nothing was changed. "
            f"If no update runs, remove the lock with `pulumi cancel --stack {stack}`, and run this again."
        )
    if "passphrase" in reason:
        return EngineError(
            f"The passphrase of the stack `{stack}` is missing or wrong. Nothing was changed. Set "
            "PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it, and run this again."
        )
    what = "read" if command == "export" else "written"
    why = reason.partition(" failed: ")[2] or reason
    return StateError(f"The state of the stack `{stack}` cannot be {what}, and nothing was changed: {why.rstrip('.')}.")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise EngineError("No terminal to ask on: add `--yes` to write this into the state. Nothing was changed.")
    return Confirm.ask("Write this into the stack's state?", default=False)


def _found(graph: GraphReader, pending: list[PendingCreate]) -> dict[str, Found]:
    """The objects of pending creates, by URN.

    A directory role is left out: it can be activated again without harm. So is a relationship with a customer: its
    plugin looks for it by its name before it makes another.
    """
    types = {item.type for item in pending}
    assigned = _by_what(graph.role_assignments()) if DIRECTORY_ROLE_ASSIGNMENT in types else {}
    eligible = _by_what(graph.role_eligibilities()) if DIRECTORY_ROLE_ELIGIBILITY in types else {}
    groups = {item.inputs.group.lower() for item in pending if item.type == GROUP_MEMBER}
    members = {group: {member.id for member in graph.members(group)} for group in groups}
    found: dict[str, Found] = {}
    for item in pending:
        inputs = item.inputs
        key = _key(inputs.role, inputs.holder, inputs.scope)
        if item.type == USER and (user := graph.user(inputs.upn)):
            found[item.urn] = Found(f"/users/{user.id}", user.id)
        elif item.type == GROUP and (group := next(graph.groups_named([inputs.name]), None)):
            found[item.urn] = Found(f"/groups/{group.id}", group.id)
        elif item.type == DIRECTORY_ROLE_ASSIGNMENT and key in assigned:
            found[item.urn] = Found(f"/roleManagement/directory/roleAssignments/{assigned[key]}")
        elif item.type == DIRECTORY_ROLE_ELIGIBILITY and key in eligible:
            found[item.urn] = Found(eligible[key])
        elif item.type == GROUP_MEMBER and inputs.member.lower() in members[inputs.group.lower()]:
            found[item.urn] = Found(f"{inputs.group}/member/{inputs.member}")
    return found


def _by_what(assignments: Iterable[RoleAssignment]) -> dict[tuple[str, str, str], str]:
    """Role assignments' ids by role, principal and scope."""
    return {_key(item.role_definition_id, item.principal_id, item.scope): item.id for item in assignments}


def _key(role: str, holder: str, scope: str) -> tuple[str, str, str]:
    return role.lower(), holder.lower(), scope.lower()
