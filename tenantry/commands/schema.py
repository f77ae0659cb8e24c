"""``tenantry schema``: the JSON schemas."""

from typing import Annotated

import typer

from tenantry.reference.pages import PAGES


def schema(
    kind: Annotated[str, typer.Argument(help="partner, tenant, seed or review", metavar="KIND")] = "tenant",
) -> None:
    """The JSON schema of a partner's, a tenant's or a seed's file, or of what `tenantry review --format json` says."""
    page = PAGES.get(f"schemas/{kind}.schema.json")
    if page is None:
        raise typer.BadParameter(f"{kind!r}; there are: partner, tenant, seed, review")
    print(page(), end="")
