"""What commands share: the partner that is meant, its tenants, and the terminal."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tenantry.commands import completion
from tenantry.declaration import Declaration
from tenantry.declaration.load import DECLARE_ONE, partner_folders
from tenantry.findings import one_of
from tenantry.project.paths import Project
from tenantry.project.stacks import stack_names

PartnerFolder = Annotated[
    Path | None,
    typer.Argument(
        help="A partner's folder. Default: the only one under partners/.",
        show_default=False,
        autocompletion=completion.partners,
    ),
]
TenantName = Annotated[
    str | None, typer.Option("--tenant", help="Only this tenant, by name.", autocompletion=completion.tenants)
]
StackName = Annotated[
    str | None,
    typer.Option(
        "--stack",
        envvar="PULUMI_STACK",
        help="The Pulumi stack. Default: the only one here.",
        show_default=False,
        autocompletion=completion.stacks,
    ),
]


def console(*, stderr: bool = False) -> Console:
    """The terminal, or 140 columns where the answer goes elsewhere, unless `COLUMNS` says how many."""
    stream = sys.stderr if stderr else sys.stdout
    own_width = stream.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(width=None if own_width else 140, stderr=stderr)


def partner_folder(given: Path | None) -> Path:
    """The partner's folder: the given one, else the only one under partners/. Raises NoProjectError."""
    if given is not None:
        return given
    folders = partner_folders(Path("partners"))
    if len(folders) == 1:
        return folders[0]
    if folders:
        raise typer.BadParameter(f"name a partner's folder. Folders under partners/: {', '.join(map(str, folders))}")
    root = Project.around(Path.cwd()).root
    fix = DECLARE_ONE if root == Path.cwd() else f"change to the repository's folder, {root}"
    raise typer.BadParameter(f"there is no partner here yet: no folder partners/… has a partner.yaml. Fix: {fix}")


def stack_name(project: Project, given: str | None) -> str:
    """The stack that is meant: the named one, else the only one that the project has a file for."""
    if given is not None:
        return given
    names = stack_names(project)
    if len(names) == 1:
        return names[0]
    if names:
        raise typer.BadParameter(f"name a stack. Stacks of this project: {', '.join(names)}", param_hint="--stack")
    raise typer.BadParameter(
        f"this project has no stack yet. Fix: {DECLARE_ONE} and makes the file of its stack", param_hint="--stack"
    )


def tenant_names(declaration: Declaration, named: str | None) -> list[str]:
    """The partner tenants to speak of: the named one, or all."""
    names = [stack.tenant_name for stack in declaration.stacks()]
    if named is not None and named not in names:
        raise typer.BadParameter(f"unknown partner tenant {named!r}; expected: {one_of(names)}")
    return names if named is None else [named]
