"""The story of `tenantry recover`: after an engine was killed, give the stack what it had just made."""

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.prompt import Confirm

from tenantry.engine import pulumi_cli
from tenantry.engine.environment import applied, current_environment
from tenantry.engine.interrupted import (
    ASSIGNMENT,
    ELIGIBILITY,
    MEMBERSHIP,
    ROLE,
    USER,
    Found,
    PendingCreate,
    completed,
    pending_creates,
)
from tenantry.errors import NOT_REACHED, WRONG, EngineError
from tenantry.graph.client import GraphReader
from tenantry.graph.models import RoleAssignment
from tenantry.project.paths import Project
from tenantry.project.stacks import DEV_STACK, declared_stack


class StateError(EngineError):
    """The engine does not hand out the stack's state, or does not take it back; the message says why."""

    exit_code = NOT_REACHED


def recover(project: Project, stack_name: str, *, agreed: bool = False) -> int:
    """Find what an interrupted update was making, and write it into the stack's state. Returns the exit code.

    Asks first unless ``agreed``. Raises DeclarationError, EngineMissingError, GraphError, StateError where the engine
    cannot say or write what the stack has, and EngineError where there is something to mend: no stack, a lock that the
    killed engine left, the wrong passphrase, another tenant, or an object that cannot be looked up. Nothing is changed
    then.
    """
    stack = declared_stack(project, stack_name)
    engine = pulumi_cli.find(project)
    environment = dict(os.environ) if stack_name != DEV_STACK else applied(current_environment(project, stack_name))

    def state(command: str, *more: str) -> str:
        arguments = ("stack", command, "--stack", stack_name, *more)
        try:
            return pulumi_cli.asked(project, engine, environment, *arguments)
        except EngineError as error:
            raise _explained(stack_name, command, str(error)) from None

    exported = state("export")
    pending = pending_creates(exported)
    if not pending:
        print("No update was interrupted: there is nothing to recover.")
        return 0
    unknown = [str(one) for one in pending if one.type not in (USER, ROLE, ASSIGNMENT, ELIGIBILITY, MEMBERSHIP)]
    if unknown:
        raise EngineError(
            f"What became of {', '.join(unknown)} cannot be told from here. Nothing was changed. Look in the tenant "
            "whether it was made, and say so to `pulumi refresh`, which asks about each."
        )
    with GraphReader.from_environment(environment) as graph:
        signed_in = graph.caller().tenant_id
        if (signed_in or "").lower() != stack.tenant.id:
            raise EngineError(
                f"Signed in to the tenant {signed_in}, but the stack {stack_name} is of {stack.tenant.name} "
                f"({stack.tenant.id}). Nothing was changed. Sign in to the declared tenant (ARM_TENANT_ID)."
            )
        found = _found(graph, pending)
    for one in pending:
        there = found.get(one.urn)
        print(f"  {one}: {f'was made: {there.id}' if there else 'was not made'}")
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
    print(f"The stack {stack_name} has what it made. Run `pulumi up` again: it goes on where it was interrupted.")
    return 0


def _explained(stack: str, command: str, reason: str) -> EngineError:
    if "no stack named" in reason:
        return EngineError(
            f"There is no stack `{stack}`, and so nothing to recover. `pulumi stack ls` lists those there are."
        )
    if "currently locked" in reason:
        return EngineError(
            f"The stack `{stack}` is locked: an update runs, or one was killed and left its lock. Nothing was changed. "
            f"Where no update runs any more, lift the lock by `pulumi cancel --stack {stack}`, and run this again."
        )
    if "passphrase" in reason:
        return EngineError(
            f"The state of the stack `{stack}` cannot be written with this passphrase, or without one. Nothing was "
            "changed. Set PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it, and run this again."
        )
    what = "read" if command == "export" else "written"
    said = reason.partition(" failed: ")[2] or reason
    return StateError(f"The state of the stack `{stack}` cannot be {what}: {said.rstrip('.')}. Nothing was changed.")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise EngineError("Nobody can be asked here: say `--yes` to write this into the state. Nothing was changed.")
    return Confirm.ask("Write this into the stack's state?", default=False)


def _found(graph: GraphReader, pending: list[PendingCreate]) -> dict[str, Found]:
    """What each pending create came to, by URN; what is not there, or is made again without harm, is left out."""
    types = {one.type for one in pending}
    assignment_type = _by_what(graph.role_assignments()) if ASSIGNMENT in types else {}
    eligible = _by_what(graph.role_eligibilities()) if ELIGIBILITY in types else {}
    groups = {one.inputs.group.lower() for one in pending if one.type == MEMBERSHIP}
    members = {group: {member.id for member in graph.members(group)} for group in groups}
    found: dict[str, Found] = {}
    for one in pending:
        inputs = one.inputs
        there: Found | None = None
        if one.type == USER and (user := graph.user(inputs.upn)):
            there = Found(f"/users/{user.id}", user.id)
        elif one.type == ASSIGNMENT:
            given = assignment_type.get((inputs.role.lower(), inputs.holder.lower(), inputs.scope.lower()))
            there = Found(f"/roleManagement/directory/roleAssignments/{given}") if given else None
        elif one.type == ELIGIBILITY:
            key = (inputs.eligible_role.lower(), inputs.eligible_holder.lower(), inputs.scope.lower())
            there = Found(eligible[key]) if key in eligible else None
        elif one.type == MEMBERSHIP and inputs.member.lower() in members[inputs.group.lower()]:
            there = Found(f"{inputs.group}/member/{inputs.member}")
        if there:
            found[one.urn] = there
    return found


def _by_what(assignments: Iterable[RoleAssignment]) -> dict[tuple[str, str, str], str]:
    """Role assignments' ids by role, principal and scope."""
    return {(one.role_definition_id, one.principal_id, one.scope.lower()): one.id for one in assignments}
