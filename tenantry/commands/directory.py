"""``tenantry directory``: the embedded directory."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tenantry.commands.shared import console
from tenantry.declaration.document import shown
from tenantry.sanitize import quoted


def serve(
    port: Annotated[int, typer.Option(help="The port on this machine; 0: any free one.", min=0, max=65535)] = 7443,
    faults: Annotated[Path | None, typer.Option(help="A file of faults to switch on, JSON or YAML.")] = None,
) -> None:
    """Serve the embedded directory in the foreground, until it is interrupted."""
    from tenantry.engine.directory_process import serve as run
    from tenantry.project.paths import Project

    def say(url: str) -> None:
        # At once, also into a file or a pipe: who waits for it reads it there.
        print(f"The embedded directory answers at {url}; Ctrl-C ends it.", flush=True)

    run(Project.around(Path.cwd()), port, faults, say)


def dump(
    tenant: Annotated[str | None, typer.Option("--tenant", help="One tenant only, by id.")] = None,
) -> None:
    """What is in the embedded directory, as JSON that can be compared: by name, without secrets."""
    from tenantry.engine.directory_process import dumped
    from tenantry.project.paths import Project

    print(json.dumps(dumped(Project.around(Path.cwd()), tenant), indent=2, ensure_ascii=False))


def seed(
    file: Annotated[Path, typer.Argument(help="A YAML file of users, groups, applications, roles and licences.")],
    tenant: Annotated[str | None, typer.Option("--tenant", help="The tenant's id, where there are several.")] = None,
) -> None:
    """Add what a file says to a tenant of the embedded directory, all or none: people, groups, roles, licences.

    The file's schema is `tenantry schema seed`; examples/seeds/ten-years.yaml is a partner after ten years.
    """
    from tenantry.engine.directory_process import seeded
    from tenantry.project.paths import Project

    print(f"seeded {shown(file)} into tenant {seeded(Project.around(Path.cwd()), file, tenant)}")


def approve(
    relationships: Annotated[
        list[str],
        typer.Argument(metavar="RELATIONSHIP...", help="The ids or the names of relationships that wait for approval."),
    ],
    customer: Annotated[
        str | None,
        typer.Option("--customer", help="The tenant id of who approves, where a relationship names no customer."),
    ] = None,
) -> None:
    """The customer's side of relationships (GDAP) on the embedded directory: approve them, one after the other."""
    from tenantry.engine.directory_process import approved
    from tenantry.project.paths import Project

    for relationship in relationships:
        decided = approved(Project.around(Path.cwd()), relationship, customer)
        print(f"approved {quoted(decided.name)} for customer {decided.customer_tenant}; active in half a minute")


def log() -> None:
    """How often each kind of request was made to the embedded directory."""
    from tenantry.directory.request_log import counts
    from tenantry.project.paths import Project

    table = Table("Requests", "Method", "Path")
    counted = counts(Project.around(Path.cwd()).directory / "requests.log")
    for (method, path), number in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(str(number), method, Text(path))
    console().print(table)
