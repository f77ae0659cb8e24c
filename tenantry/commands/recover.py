"""``tenantry recover``: after an engine was killed."""

from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands.shared import StackName, stack_name


def recover(
    stack: StackName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write to the state without asking.")] = False,
) -> None:
    """After an interrupted update: add to the stack's state what the update had created but not recorded."""
    from tenantry.engine.recover import recover as run
    from tenantry.project.paths import Project

    project = Project.around(Path.cwd())
    raise typer.Exit(run(project, stack_name(project, stack), agreed=yes))
