"""``tenantry schema``: the JSON schemas."""

from typing import Annotated

import typer


def schema(
    kind: Annotated[str, typer.Argument(help="partner, tenant, customers, seed or review", metavar="KIND")] = "tenant",
) -> None:
    """Print the JSON schema of a partner, tenant, customers or seed file, or of `tenantry review --format json`."""
    from tenantry.reference.pages import PAGES  # the directory, its seed and jinja2 are no business of other commands

    page = PAGES.get(f"schemas/{kind}.schema.json")
    if page is None:
        raise typer.BadParameter(f"unknown kind {kind!r}; expected one of: partner, tenant, customers, seed, review")
    print(page(), end="")
