"""``tenantry schema``: the JSON schemas."""

from typing import Annotated

import typer

from tenantry.sanitize import quoted


def _kinds(incomplete: str) -> list[str]:
    from tenantry.reference.pages import SCHEMAS

    return [kind for kind in SCHEMAS if kind.startswith(incomplete)]


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            help="A file that people write (partner, tenant, customers, seed), or a command that answers in JSON: "
            "check, who, audit, …",
            metavar="KIND",
            autocompletion=_kinds,
        ),
    ] = "tenant",
) -> None:
    """The JSON schema of a file that people write, or of what a command answers with `--json`."""
    from tenantry.reference.pages import PAGES, SCHEMAS  # no business of other commands, with all that they import

    if kind not in SCHEMAS:
        raise typer.BadParameter(f"{quoted(kind)}; expected one of: {', '.join(SCHEMAS)}")
    print(PAGES[f"schemas/{kind}.schema.json"](), end="")
