"""``tenantry schema``: the JSON schemas."""

from typing import Annotated

import typer


def schema(
    kind: Annotated[str, typer.Argument(help="partner, tenant, seed or review", metavar="KIND")] = "tenant",
) -> None:
    """The JSON schema of a partner's, a tenant's or a seed's file, or of what `tenantry review --format json` says."""
    from tenantry.reference.pages import PAGES  # the directory, its seed and jinja2 are no business of other commands

    page = PAGES.get(f"schemas/{kind}.schema.json")
    if page is None:
        raise typer.BadParameter(f"{kind!r}; there are: partner, tenant, seed, review")
    print(page(), end="")
