"""Whatever is written into a name, a reason or a file's path, it stays text in every format, and notifies nobody."""

import re
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenantry.reports import html, markdown
from tenantry.reports.escape import escape
from tenantry.reports.layout import MARKER, layout
from tenantry.reports.review import Report
from tenantry.sanitize import sanitize
from tests.depth import DEEP, deep, slow

from .rendered import (
    html_shape,
    html_text,
    markdown_shape,
    markdown_words,
    on_terminal,
    retold,
    tokens,
    without_colours,
)
from .reports import EVERYTHING, HIRE_AND_LEAVER

HOSTILE = (
    "Eve | Admin | yes",
    "Eve\\|yes",
    "Eve `code` `` \\` ```",
    "`",
    "`|`",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</details></section></table><h1>No access changes.</h1>",
    "<!-- tenantry review -->",
    "--> <!--",
    "{{ 7 * 7 }}{% raw %}",
    "[red]Eve[/red]",
    "[Eve](javascript:alert(1))",
    "[Eve]",
    "![x](https://evil.example/x.png)",
    "**Eve** _x_ ~~y~~ ***",
    "# Eve",
    "- Eve",
    "1. Eve",
    "> Eve",
    "---",
    "===",
    "    code",
    "```\ncode\n```",
    "Eve\n\n# Approved\n\n| a | b |\n| - | - |",
    "Eve\r\n<details>",
    "@contoso-owners please approve",
    "(@contoso-owners)",
    "fixes #123, GH-12, contoso/infra#7, !45, $6, %7, AB#8",
    "0123abcd 3f2a1bc4d5e6f708192a3b4c5d6e7f8091a2b3c4",
    "https://evil.example www.evil.example evil.example",
    "mailto:eve@evil.example eve@evil.example",
    "<https://evil.example>",
    ":rocket: :+1:",
    "&lt;b&gt; &#64;owners &amp;",
    "[x]: https://evil.example",
    "\x1b[2J\x1b[1;1H\x1b]0;owned\x07",
    "\x9b2J",
    "Ada\u202enimda\u202c\u2066x\u2069",
    "Ada\u200b\u200d\ufeff\u00adNakamura",
    "\x00",
    "\u2028\u2029\x85",
    "x" * 3000,
    "a " * 3000,
    "",
    " ",
)

#: What a host makes something of when it stands in text that is no code.
READ_BY_HOSTS = re.compile(r"[@#!$%~^][\w-]|\w@|://|:\w+:|\w\.\w|\bGH-\d|\b[0-9a-f]{7,40}\b|&\w", re.IGNORECASE)

_PIECES = st.sampled_from(HOSTILE) | st.sampled_from(list("|`<>\\&@#!*_~[]()-+=.:;'\"\n\t 1a\u202e\x1b"))
texts = st.text(max_size=40) | st.lists(_PIECES, max_size=6).map("".join) | st.sampled_from(HOSTILE)

HARMLESS = "word"
HARMLESS_MARKDOWN = markdown_shape(markdown.render(layout(retold(EVERYTHING, lambda _: HARMLESS))))
HARMLESS_PAGE = html_shape(html.render(layout(retold(EVERYTHING, lambda _: HARMLESS))))
REPORTS = pytest.mark.parametrize(
    "report", [pytest.param(EVERYTHING, id="everything"), pytest.param(HIRE_AND_LEAVER, id="week", marks=deep)]
)


@slow
@given(text=texts)
def test_markdown_gets_no_other_shape_from_any_text(text: str) -> None:
    output = markdown.render(layout(retold(EVERYTHING, lambda _: text)))
    assert markdown_shape(output) == HARMLESS_MARKDOWN
    assert not {token.type for token in tokens(output)} & {
        "link_open",
        "image",
        "fence",
        "code_block",
        "hr",
        "lheading",
    }


@slow
@given(text=texts)
def test_no_host_finds_anything_in_the_words_of_markdown(text: str) -> None:
    for words in markdown_words(markdown.render(layout(retold(EVERYTHING, lambda _: text)))):
        assert not READ_BY_HOSTS.search(words), words


@given(text=texts)
def test_the_marker_is_the_first_line_and_stands_nowhere_else(text: str) -> None:
    output = markdown.render(layout(retold(EVERYTHING, lambda _: text)))
    assert output.splitlines()[0] == MARKER
    assert output.count("<!--") == 1


@given(text=texts)
def test_a_page_gets_no_other_elements_from_any_text(text: str) -> None:
    assert html_shape(html.render(layout(retold(EVERYTHING, lambda _: text)))) == HARMLESS_PAGE


@slow
@given(text=texts)
def test_a_terminal_is_given_no_order_but_for_colours(text: str) -> None:
    for colours in (True, False):
        message = on_terminal(retold(EVERYTHING, lambda _: text), colours=colours)
        shown = without_colours(message) if colours else message
        assert shown.translate(dict.fromkeys(map(ord, "\n\u200c\u200d"))).isprintable()


def _in_place_of(old: str, new: str, text: str) -> str:
    return new if text == old else text


@REPORTS
@pytest.mark.parametrize("text", HOSTILE)
def test_one_hostile_text_among_harmless_ones_changes_nothing_around_it(report: Report, text: str) -> None:
    for hostile in ("Emma Lindqvist", "3f2a1bc (main)", "contoso/us", "people.lena.email", "Contoso Partner (UK)"):
        message = retold(report, partial(_in_place_of, hostile, text))
        calm = retold(report, partial(_in_place_of, hostile, HARMLESS))
        assert markdown_shape(markdown.render(layout(message))) == markdown_shape(markdown.render(layout(calm)))
        assert html_shape(html.render(layout(message))) == html_shape(html.render(layout(calm)))


@settings(max_examples=1000 if DEEP else 300)
@given(text=texts)
def test_inert_text_says_what_was_written(text: str) -> None:
    shown = "".join(
        token.content for token in tokens(f"x {escape(text)}") if token.type in {"text", "text_special", "code_inline"}
    )
    plain = sanitize(text).replace("`", "")
    assert _letters(shown.removeprefix("x ")) in (_letters(plain), _letters(sanitize(text)), "(empty)")


def _letters(text: str) -> str:
    return "".join(text.split()).replace("`", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Nakamura", "Ada Nakamura"),
        ("Zoë O'Neill-Smith", "Zoë O'Neill-Smith"),
        ("Zoe\u0308", "Zoe\u0308"),
        ("محمد علی\u200cرضا", "محمد علی\u200cرضا"),
        ("क्\u200dष", "क्\u200dष"),
        ("Admin Agents/All Users; Global admin", "Admin Agents/All Users; Global admin"),
        ("Smith & Sons", "Smith &amp; Sons"),
        ("see https://evil.example, please", "see `https://evil.example`, please"),
        ("thanks @contoso-owners (#12)", "thanks `@contoso-owners (#12`)"),
        ("Eve (eve@contoso.com), gone", "Eve (`eve@contoso.com`), gone"),
        ("run `pulumi up` then", "run `pulumi up` then"),
        ("write `a: b`, or (`c`): `d`.", "write `a: b`, or (`c`): `d`."),
        ("a|b", "`a`&#124;`b`"),
        ("", "`(empty)`"),
    ],
)
def test_words_stay_as_they_are_and_what_a_host_could_read_is_code(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", "a⟨U+001B⟩[2Jb"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("Ada\u200dNakamura", "Ada⟨U+200D⟩Nakamura"),
        ("\u200dAda", "⟨U+200D⟩Ada"),
        ("\ud800", "⟨U+D800⟩"),
        ("a\r\n\tb\u2028c", "a b c"),
        ("علی\u200cرضا", "علی\u200cرضا"),
    ],
)
def test_what_shows_nothing_is_shown(text: str, shown: str) -> None:
    assert sanitize(text) == shown


def test_a_hostile_name_is_shown_whole_on_a_page() -> None:
    hostile = retold(EVERYTHING, partial(_in_place_of, "Emma Lindqvist", "<b>Eve</b> & {{ x }}"))
    assert "<b>Eve</b> & {{ x }}" in html_text(html.render(layout(hostile)))
