"""What reviews look like in every format: the committed ones."""

import json
from collections.abc import Callable

import pytest

from tenantry.review import html, markdown
from tenantry.review.json import as_json

from .rendered import on_terminal
from .reports import SAMPLES

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_markdown(matches_golden: Golden, name: str) -> None:
    matches_golden(f"review/{name}.md", markdown.render(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_page(matches_golden: Golden, name: str) -> None:
    matches_golden(f"review/{name}.html", html.render(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_terminal(matches_golden: Golden, name: str) -> None:
    matches_golden(f"review/{name}.txt", on_terminal(SAMPLES[name]))


@pytest.mark.parametrize("name", SAMPLES)
def test_golden_json(matches_golden: Golden, name: str) -> None:
    matches_golden(f"review/{name}.json", json.dumps(as_json(SAMPLES[name]), indent=2, ensure_ascii=False) + "\n")
