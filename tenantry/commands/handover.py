"""``tenantry handover``: shows one temporary password, on a terminal only."""

from pathlib import Path
from typing import Annotated

import typer


def handover(
    person: Annotated[str, typer.Argument(help="The person's key in the declaration, such as carla.")],
    stack: Annotated[str, typer.Option("--stack", envvar="PULUMI_STACK", help="The Pulumi stack.")] = "dev",
) -> None:
    """Show one person's temporary password, on a terminal only, and record that it was handed over."""
    from tenantry.handover.story import handover as run
    from tenantry.project.paths import Project

    raise typer.Exit(run(Project.around(Path.cwd()), stack, person))
