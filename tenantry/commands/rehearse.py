"""``tenantry rehearse``: an update without the Pulumi engine."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands.shared import StackName, stack_name


class Rehearse(StrEnum):
    """What to rehearse."""

    PREVIEW = "preview"
    UP = "up"
    DRIFT = "drift"


def rehearse(what: Annotated[Rehearse, typer.Argument(help="preview, up or drift")], stack: StackName = None) -> None:
    """Preview, apply (up) or compare (drift) a declaration on the embedded directory, without the Pulumi engine."""
    from tenantry.engine import rehearsal
    from tenantry.project.paths import Project

    run = {Rehearse.PREVIEW: rehearsal.preview, Rehearse.UP: rehearsal.up, Rehearse.DRIFT: rehearsal.drift}[what]
    project = Project.around(Path.cwd())
    raise typer.Exit(run(project, stack_name(project, stack)))
