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
    port: Annotated[
        int, typer.Option(help="The port on this machine; 0 takes any free port.", min=0, max=65535)
    ] = 7443,
    faults: Annotated[Path | None, typer.Option(help="A JSON or YAML file of faults to simulate.")] = None,
) -> None:
    """Serve the embedded directory in the foreground, until Ctrl-C."""
    from tenantry.engine.directory_process import serve as run
    from tenantry.project.paths import Project

    def say(url: str) -> None:
        # At once, also into a file or a pipe: who waits for it reads it there.
        print(f"The embedded directory runs at {url}. Ctrl-C stops it.", flush=True)

    run(Project.around(Path.cwd()), port, faults, say)


def dump(
    tenant: Annotated[str | None, typer.Option("--tenant", help="Only this tenant, by id.")] = None,
) -> None:
    """Print the contents of the embedded directory as JSON, by name and without secrets, so that it can be compared."""
    from tenantry.engine.directory_process import dumped
    from tenantry.project.paths import Project

    print(json.dumps(dumped(Project.around(Path.cwd()), tenant), indent=2, ensure_ascii=False))


def seed(
    file: Annotated[Path, typer.Argument(help="A YAML file of users, groups, applications, roles and licences.")],
    tenant: Annotated[
        str | None, typer.Option("--tenant", help="The tenant's id. Required if the directory has several.")
    ] = None,
) -> None:
    """Add the people, groups, roles and licences of a file to a tenant of the embedded directory: all of them, or none.

    The file's schema is `tenantry schema seed`; examples/seeds/ten-years.yaml is a partner after ten years.
    """
    from tenantry.engine.directory_process import seeded
    from tenantry.project.paths import Project

    print(f"added {shown(file)} to the tenant {seeded(Project.around(Path.cwd()), file, tenant)}")


def approve(
    relationships: Annotated[
        list[str],
        typer.Argument(metavar="RELATIONSHIP...", help="Ids or names of relationships that wait for approval."),
    ],
    customer: Annotated[
        str | None,
        typer.Option("--customer", help="The approving customer's tenant id, if a relationship names no customer."),
    ] = None,
) -> None:
    """Approve GDAP relationships on the embedded directory, as the customer would."""
    from tenantry.engine.directory_process import approved
    from tenantry.project.paths import Project

    for relationship in relationships:
        decided = approved(Project.around(Path.cwd()), relationship, customer)
        print(f"approved {quoted(decided.name)} for customer {decided.customer_tenant}; active in half a minute")


def log() -> None:
    """Count the requests to the embedded directory, by kind."""
    from tenantry.directory.request_log import counts
    from tenantry.project.paths import Project

    table = Table("Requests", "Method", "Path")
    counted = counts(Project.around(Path.cwd()).directory / "requests.log")
    for (method, path), number in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(str(number), method, Text(path))
    console().print(table)
