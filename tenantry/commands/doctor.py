"""``tenantry doctor``: what is wrong with the set-up, and how to fix it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import StackName, console


@reporting
def doctor(
    stack: StackName = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing over the network.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """What is wrong with this machine, repository, sign-in and tenant, and how to fix it. Changes nothing."""
    from tenantry.doctor.run import doctor as run
    from tenantry.reports import terminal
    from tenantry.reports.doctor import layout

    with console(stderr=True).status("Looking …"):
        report = run(Path.cwd(), stack, os.environ, offline=offline)
    if as_json:
        print(report.model_dump_json(indent=2))
    else:
        terminal.show(layout(report), console())
    raise typer.Exit(report.exit_code)
