"""``tenantry codeowners``: who approves which change."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import PartnerFolder, partner_folder
from tenantry.declaration import load
from tenantry.declaration.document import shown
from tenantry.declaration.files import replace
from tenantry.rules import code_owners


@reporting
def codeowners(
    partner: PartnerFolder = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file to write; `-` prints it. Default: the repository's, or .github/CODEOWNERS.",
            show_default=False,
        ),
    ] = None,
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing. Exit 1 if the file is not up to date.")
    ] = False,
) -> None:
    """Write CODEOWNERS: those who may manage users approve changes to people, Global admins everything else."""
    folder = partner_folder(partner)
    root = code_owners.root_of(folder)
    if root is None:
        raise typer.BadParameter(
            f"{folder} is not in a git repository, and CODEOWNERS belongs to one: run this in the repository"
        )
    existing = code_owners.around(folder)
    file = output or root / (existing.file if existing else code_owners.PLACES[0])
    try:
        lines = code_owners.block(load(folder), folder.resolve().relative_to(root).as_posix())
    except code_owners.NobodyMayApproveError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    if output == Path("-"):
        print(lines, end="")
        return
    text = file.read_text("utf-8") if file.exists() else ""
    wanted = code_owners.merged(text, lines)
    if check_only:
        if text != wanted:
            print(f"{shown(file)} is not up to date. Fix: run `tenantry codeowners`", file=sys.stderr)
        raise typer.Exit(int(text != wanted))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    replace(file.resolve(), wanted)
    print(f"{'wrote' if text != wanted else 'nothing to change in'} {shown(file)}")
