"""The pages as a site: each is in the navigation, and every link on one leads somewhere."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from ruamel.yaml import YAML

from .pages import PAGES, ROOT, tokens

SITE = YAML(typ="safe", pure=True).load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
#: What GitHub shows first, and not the site, which begins with docs/README.md.
NOT_ON_THE_SITE = {"README.md"}


def navigation(part: Any = SITE["nav"]) -> Iterator[str]:
    """The paths in the navigation; those with `*` as what they match."""
    if isinstance(part, str):
        yield from [str(file.relative_to(ROOT)) for file in ROOT.glob(part)] if "*" in part else [part]
    else:
        for item in part.values() if isinstance(part, dict) else part:
            yield from navigation(item)


def test_every_page_is_in_the_navigation_once_and_no_other() -> None:
    assert sorted(navigation()) == sorted(set(PAGES) - NOT_ON_THE_SITE)


def slug(heading: str) -> str:
    """A heading's anchor, as the site and GitHub make it."""
    return re.sub(r"[\s]", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


@cache
def anchors(page: str) -> set[str]:
    parsed = tokens(page)
    headings = [after.children or [] for token, after in pairwise(parsed) if token.type == "heading_open"]
    return {slug("".join(child.content for child in children)) for children in headings}


def links(page: str) -> Iterator[str]:
    for token in tokens(page):
        for child in token.children or ():
            for attribute in ("href", "src"):
                if attribute in child.attrs:
                    yield str(child.attrs[attribute])


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: str) -> None:
    wrong = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists():
            wrong.append(f"{link}: no such file")
        elif anchor and anchor not in anchors(str(target.resolve().relative_to(ROOT))):
            wrong.append(f"{link}: no such heading")
        elif page not in NOT_ON_THE_SITE and not target.is_file():
            wrong.append(f"{link}: a folder, which the site has no page of")
    assert wrong == []


def test_links_are_found_at_all() -> None:
    assert len([link for page in PAGES for link in links(page)]) > 400
    assert "it-was-lost-or-somebody-else-saw-it" in anchors("docs/handover.md")


def test_pages_ask_no_other_host_for_anything() -> None:
    """Pictures and styles come from here, and so do fonts."""
    assert SITE["theme"]["font"] is False
    assert [link for page in PAGES for link in pictures(page) if ":" in link] == []
    assert not re.search("https?:", (ROOT / "docs/site.css").read_text(encoding="utf-8"))


def pictures(page: str) -> Iterator[str]:
    for token in tokens(page):
        yield from (str(child.attrs["src"]) for child in token.children or () if child.type == "image")


def test_the_build_fails_on_whatever_leads_nowhere() -> None:
    nav, found = SITE["validation"]["nav"], SITE["validation"]["links"]
    assert set(nav.values()) | set(found.values()) == {"warn"}
    assert {"not_found", "anchors", "unrecognized_links"} <= set(found)
    # With --quiet, MkDocs counts no warning, and so strict fails on none.
    assert re.search(r"^site:.*\n.*mkdocs build --strict$", (ROOT / "Makefile").read_text(), re.MULTILINE)
