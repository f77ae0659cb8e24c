"""``tenantry stacks``: the stacks of this project."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tenantry.commands.reporting import reporting
from tenantry.commands.shared import console


@reporting
def stacks(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a pipeline's matrix.")] = False,
    real: Annotated[
        bool, typer.Option("--real", help="Without the stack `dev`, which belongs to the embedded directory.")
    ] = False,
) -> None:
    """List the stacks of this project, and the tenant that each manages."""
    from tenantry.project.paths import Project
    from tenantry.project.stacks import all_stacks
    from tenantry.reports.stacks import ListedStack, StackList

    found = all_stacks(Project.around(Path.cwd()), real=real)
    if as_json:
        print(StackList(tuple(map(ListedStack.of, found))).model_dump_json())
        return
    table = Table("Stack", "Tenant", "Name", "Tenant id")
    for item in found:
        tenant = item.declared.tenant
        table.add_row(*map(Text, (item.stack, item.declared.name, tenant.name, tenant.id)))
    console().print(
        table if found else "No stack. Fix: create one with `pulumi stack init NAME` (`tenantry docs own-tenant`)."
    )
