"""What reviews look like in every format: the committed ones."""

from collections.abc import Callable

import pytest

from tenantry.reports import html, markdown
from tenantry.reports.layout import layout

from .rendered import on_terminal
from .reports import SAMPLES

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_markdown(matches_golden: Golden, name: str) -> None:
    matches_golden(f"review/{name}.md", markdown.render(layout(SAMPLES[name])))


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_page(matches_golden: Golden, name: str) -> None:
    matches_golden(f"review/{name}.html", html.render(layout(SAMPLES[name])))


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_terminal(matches_golden: Golden, name: str) -> None:
    matches_golden(f"review/{name}.txt", on_terminal(SAMPLES[name]))
