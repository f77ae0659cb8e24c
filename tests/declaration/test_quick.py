"""The fast reader of YAML: it means what the other one means, in every place, or leaves the text to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.declaration import quick
from tenantry.declaration.document import MAX_DEPTH, DeclarationError, Document, _scalar, read_text

ROOT = Path(__file__).parents[2]
FILE = Path("tenant.yaml")


def outcome(text: str) -> Any:
    """What the text says and where, or why it is refused."""
    try:
        document: Document = read_text(FILE, text)
    except DeclarationError as error:
        return str(error)
    return repr(document.content), dict(document._places), document.problems


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    def alone(text: str) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(quick, "read", lambda *_: None)
            return outcome(text)

    return alone


#: Pieces of which lines are made: what YAML 1.1 and 1.2 read otherwise, and what a declaration may not hold.
PLAIN = ["NO", "yes", "on", "~", "null", "", "0o17", "017", "0x1F", "1_000", "12:30:45", "1.50", ".inf", "2026-01-31"]
ODD = [
    "&a x",
    "*a",
    "!!str 5",
    "!x y",
    "a: b",
    "- x",
    "? x",
    "# c",
    "%YAML 1.1",
    "[1, 'x', {a: b}]",
    "{a: , b}",
    "|",
    ">-",
]
QUOTED = [
    "'it''s'",
    '"\\u00e9\\ud800"',
    '"a\\\n  b"',
    "'#EXT#'",
    '"2026-01-31"',
    "R & D",
    "a\u2028b",
    "\ufeffa: b",
    "\x85",
    "x\ty",
]
LINES = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "  ", "    ", "- ", "  - ", "\t"]),
    st.sampled_from(["", "a: ", "b:", "c : ", "'d': ", "1: ", "true: ", "é: "]),
    st.sampled_from([*PLAIN, *ODD, *QUOTED]),
)


@given(lines=st.lists(LINES, max_size=8), ending=st.sampled_from(["", "\n", "\n...\n", "\n---\n", "\r\n"]))
def test_any_text_means_the_same_to_both_readers(lines: list[str], ending: str) -> None:
    text = "\n".join(lines) + ending
    fast = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "read", lambda *_: None)
        assert fast == outcome(text)


def test_every_file_of_the_tests_and_examples_means_the_same_to_both_readers(slow: Callable[[str], Any]) -> None:
    files = [*ROOT.glob("tests/data/bad/*-example/**/*.yaml"), *ROOT.glob("partners/**/*.yaml")]
    texts = {file: file.read_text() for file in files}
    assert texts
    assert [file for file, text in texts.items() if outcome(text) != slow(text)] == []


@pytest.mark.parametrize(
    "text",
    ["a: &b c", "a: [*b]", "a: !!str 5", "%YAML 1.2\n---\na: b", "a: 1\na: 2", "1: a", "a: b\n--- \nc: d", "- a"],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_other_reader(text: str) -> None:
    assert quick.read("f.yaml", text, _scalar, MAX_DEPTH) is None


def test_what_is_ordinary_is_not() -> None:
    text = (ROOT / "partners/contoso/tenants/us.yaml").read_text()
    assert quick.read("f.yaml", text, _scalar, MAX_DEPTH) is not None
