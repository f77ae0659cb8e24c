"""A report as an HTML page: one file without scripts, links or anything from elsewhere, to read, print and keep.

Every value is escaped and sanitized, no matter who wrote it.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tenantry.reports.document import Document
from tenantry.sanitize import sanitize

_STYLE: Final = files("tenantry.reports").joinpath("templates", "style.css").read_text(encoding="utf-8")
_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)


def render(document: Document) -> str:
    """A document as a page."""
    return page("document.html.j2", document=document)


def page(template: str, **values: object) -> str:
    """Render a template of ``tenantry/reports/templates``; one that lacks a value is an error."""
    return _environment().get_template(template).render(style=Markup(_STYLE), policy=_POLICY, **values)  # noqa: S704


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tenantry.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["block"] = lambda block, kind: type(block).__name__ == kind
    return environment


def _finalized(value: Any) -> Any:
    """What a template puts out: text on one line and legible; markup, which only templates make, as it is."""
    return value if isinstance(value, Markup) else sanitize(str(value))
