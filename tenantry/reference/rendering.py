"""Renders the pages' templates."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tenantry.reports.escape import table


def rendered(template: str, **values: Any) -> str:
    """Render a template of ``tenantry/reference/templates``; one that lacks a value is an error."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - Markdown of our own constants
        loader=PackageLoader("tenantry.reference"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"capital": _capital, "codes": _codes, "roles": _roles, "variables": _variables}
    return environment


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _roles(roles: Iterable[object]) -> str:
    return ", ".join(map(str, roles)) or "none"


def _variables(variables: Mapping[str, str]) -> str:
    rows = (
        (" or ".join(f"`{name}`" for name in either.split(" or ")), _capital(what))
        for either, what in variables.items()
    )
    return table(("Variable", "What it holds"), rows)
