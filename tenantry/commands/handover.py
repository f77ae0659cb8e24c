"""``tenantry handover``: shows one temporary password, on a terminal only."""

from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands import completion
from tenantry.commands.shared import StackName, stack_name


def handover(
    person: Annotated[
        str,
        typer.Argument(help="The person's key in the declaration, such as carla.", autocompletion=completion.people),
    ],
    stack: StackName = None,
) -> None:
    """Show one person's temporary password, on a terminal only, and record that it was handed over."""
    from tenantry.handover.story import handover as run
    from tenantry.project.paths import Project

    project = Project.around(Path.cwd())
    raise typer.Exit(run(project, stack_name(project, stack), person))
