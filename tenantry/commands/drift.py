"""``tenantry drift``: what others changed in the tenant."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import StackName, console, stack_name


class DriftFormat(StrEnum):
    """How ``tenantry drift`` answers."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    JSON = "json"


@reporting
def drift(
    stack: StackName = None,
    form: Annotated[DriftFormat, typer.Option("--format", help="The output format.")] = DriftFormat.TERMINAL,
) -> None:
    """Show what was changed outside this stack, and access that nobody declared. Changes nothing; exit 7 on drift."""
    from tenantry.drift.run import drift as run
    from tenantry.project.paths import Project
    from tenantry.reports import markdown, terminal
    from tenantry.reports.drift import layout

    with console(stderr=True).status("Comparing the tenant with what is declared …"):
        project = Project.around(Path.cwd())
        report = run(project, stack_name(project, stack))
    match form:
        case DriftFormat.TERMINAL:
            terminal.show(layout(report), console())
        case DriftFormat.MARKDOWN:
            print(markdown.render(layout(report)), end="")
        case DriftFormat.JSON:
            print(report.model_dump_json(indent=2))
    raise typer.Exit(report.exit_code)
