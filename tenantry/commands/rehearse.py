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
    """Without the Pulumi engine: show (preview), do (up) or compare (drift) on the embedded directory, in process."""
    from tenantry.engine import rehearsal
    from tenantry.project.paths import Project

    run = {Rehearse.PREVIEW: rehearsal.preview, Rehearse.UP: rehearsal.up, Rehearse.DRIFT: rehearsal.drift}[what]
    project = Project.around(Path.cwd())
    raise typer.Exit(run(project, stack_name(project, stack)))
