"""``tenantry up`` and ``tenantry down``: the tenant of the stack `dev` on the embedded directory."""

from pathlib import Path

import typer

from tenantry.commands.shared import console
from tenantry.errors import NoStackError
from tenantry.reports import terminal, who_document
from tenantry.reports.who import TenantAccess
from tenantry.todo import todos


def up() -> None:
    """Start the embedded directory, apply the tenant of the stack `dev` to it, and show who has which access."""
    from tenantry.engine.own_environment import hand_over, set_up
    from tenantry.project.paths import Project
    from tenantry.project.stacks import DEV_STACK, declared_stack

    project = Project.around(Path.cwd())
    if not project.stack_file(DEV_STACK).exists():
        raise NoStackError(
            f"{project.root} has no stack `{DEV_STACK}`, and this provisions no other: it is the embedded directory's. "
            "Fix: for a tenant of Microsoft's, `pulumi up --stack NAME --policy-pack policies`; `tenantry stacks` has "
            "the names."
        )
    stack = declared_stack(project, DEV_STACK)
    set_up(project)
    hand_over(project, "up")

    from tenantry.engine import rehearsal
    from tenantry.engine.up import Report
    from tenantry.engine.up import up as run_up

    def by_hand() -> str:
        entries = todos(stack.tenant, stack.declaration.partner)
        return "\n".join(
            ["To do by hand (`tenantry todo` shows who, where and how):", *(f"  - {e.what}" for e in entries)]
        )

    def who_has_what() -> str:
        screen = console()
        with screen.capture() as captured:
            terminal.show(who_document.as_list([TenantAccess.of(stack)]), screen)
        return captured.get()

    raise typer.Exit(run_up(project, Report(who_has_what, by_hand), lambda: rehearsal.up(project, DEV_STACK)))


def down() -> None:
    """Stop the embedded directory. Its contents are kept."""
    from tenantry.engine.own_environment import hand_over
    from tenantry.project.paths import Project

    project = Project.around(Path.cwd())
    hand_over(project, "down")

    from tenantry.engine.up import down as run_down

    raise typer.Exit(run_down(project))
