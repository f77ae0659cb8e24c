"""``tenantry stacks``: the stacks of this project."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tenantry.commands.shared import console


def stacks(
    as_json: Annotated[bool, typer.Option("--json", help="For a pipeline's matrix.")] = False,
    real: Annotated[bool, typer.Option("--real", help="Without `dev`, which is the embedded directory's.")] = False,
) -> None:
    """The stacks of this project, each with the tenant that it manages."""
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
    console().print(table if found else "No stack: `pulumi stack init NAME` makes one (docs/own-tenant.md).")
