"""``tenantry recover``: after an engine was killed."""

from pathlib import Path
from typing import Annotated

import typer


def recover(
    stack: Annotated[str, typer.Option("--stack", envvar="PULUMI_STACK", help="The Pulumi stack.")] = "dev",
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
) -> None:
    """After an engine was killed in an update: give the stack what it had just made."""
    from tenantry.engine.recover import recover as run
    from tenantry.project.paths import Project

    raise typer.Exit(run(Project.around(Path.cwd()), stack, agreed=yes))
