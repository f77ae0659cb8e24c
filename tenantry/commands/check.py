"""``tenantry check``: validates a declaration and runs the rules on it."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import PartnerFolder, console, partner_folder
from tenantry.declaration import DeclarationError, load
from tenantry.declaration.document import shown
from tenantry.declaration.order import sort_files
from tenantry.reports import terminal
from tenantry.reports.check import Checked, check_partner
from tenantry.reports.sarif import sarif


class CheckFormat(StrEnum):
    """How ``tenantry check`` answers."""

    TERMINAL = "terminal"
    JSON = "json"
    SARIF = "sarif"


@reporting
def check(
    partner: PartnerFolder = None,
    form: Annotated[CheckFormat, typer.Option("--format", help="The output format.")] = CheckFormat.TERMINAL,
    fix: Annotated[
        bool, typer.Option("--fix", help="Sort the files first: people by key, roles as in Table 1.")
    ] = False,
) -> None:
    """Validate a partner's declaration, and evaluate the rules on it. Reads no tenant."""
    folder = partner_folder(partner)
    sorted_files, checked = _sorted(folder) if fix else ([], None)
    checked = checked or check_partner(folder)
    for file in sorted_files:
        print(f"sorted {shown(file)}", file=sys.stdout if form is CheckFormat.TERMINAL else sys.stderr)
    if form is CheckFormat.TERMINAL:
        for problem in checked.problems:
            print(problem, file=sys.stderr)
        terminal.show(checked.layout, console())
    elif form is CheckFormat.JSON:
        print(checked.document.model_dump_json(indent=2))
    else:
        print(json.dumps(sarif(checked), indent=2, ensure_ascii=False))
    raise typer.Exit(checked.exit_code)


def _sorted(folder: Path) -> tuple[list[Path], Checked | None]:
    """Sort a partner's files: those that changed, or what is wrong with them."""
    try:
        return sort_files(load(folder)), None
    except DeclarationError as error:
        return [], Checked((), error.problems, ())
