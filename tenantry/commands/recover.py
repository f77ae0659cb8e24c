"""``tenantry recover``: after an engine was killed."""

from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands.shared import StackName, stack_name


def recover(
    stack: StackName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
) -> None:
    """After an engine was killed in an update: give the stack what it had just made."""
    from tenantry.engine.recover import recover as run
    from tenantry.project.paths import Project

    project = Project.around(Path.cwd())
    raise typer.Exit(run(project, stack_name(project, stack), agreed=yes))
