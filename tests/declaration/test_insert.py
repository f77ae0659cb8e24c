"""Writing values into a file: at their place, and nothing else changes."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.declaration import DeclarationError
from tenantry.declaration.document import read_text
from tenantry.declaration.insert import Edit, block, written

FILE = Path("us.yaml")


def edited(text: str, *edit: tuple[tuple[str, ...], Any]) -> str:
    return written(read_text(FILE, text), text, edit)


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        ("a: 1\n", (("b",), "two"), "a: 1\nb: two\n"),
        ("a: 1", (("b",), "two"), "a: 1\nb: two\n"),
        ("a: 1  # one\nb: 2\n", (("a",), 3), "a: 3  # one\nb: 2\n"),
        ("p:\n  a: {x: 1}\n  c: 2\n", (("p", "b"), {"x": 3}), "p:\n  a: {x: 1}\n  b:\n    x: 3\n  c: 2\n"),
        ("p: {ada: 1, cleo: 2}\n", (("p", "bob"), 3), "p: {ada: 1, bob: 3, cleo: 2}\n"),
        ("p: {}\nq: 1\n", (("p", "ada"), {"x": 1}), "p:\n  ada:\n    x: 1\nq: 1\n"),
        ("p:\nq: 1\n", (("p", "ada"), {"x": 1}), "p:\n  ada:\n    x: 1\nq: 1\n"),
        ("p:  # nobody yet\nq: 1\n", (("p", "ada"), 1), "p:  # nobody yet\n  ada: 1\nq: 1\n"),
        (
            "p:\n  a:\n    r:\n      - x  # 1\n\n# z\nq: 1\n",
            (("p", "a", "s"), [1]),
            "p:\n  a:\n    r:\n      - x  # 1\n    s: [1]\n\n# z\nq: 1\n",
        ),
        ("p:\n  ada:\n    r:\n      - x\nq: 1\n", (("p", "ada", "r"), ["x"]), "p:\n  ada:\n    r: [x]\nq: 1\n"),
        ("a: 1\r\n", (("b",), {"c": 1}), "a: 1\r\nb:\r\n  c: 1\r\n"),
    ],
)  # fmt: skip
def test_a_value_is_put_at_its_place(text: str, edit: tuple[tuple[str, ...], Any], expected: str) -> None:
    assert edited(text, edit) == expected


def test_a_layout_without_room_is_refused_with_what_to_write_by_hand() -> None:
    with pytest.raises(DeclarationError, match=r"write `p\.ada\.x: 2` by hand"):
        edited("p: [1]\n", (("p", "ada", "x"), 2))


_KEYS = st.text("abcdefgh", min_size=1, max_size=4)
_TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8)
_VALUES = st.one_of(st.booleans(), st.integers(0, 9), _TEXTS, st.dates(date(2000, 1, 1)), st.lists(_TEXTS, max_size=2))
_MAPS = st.dictionaries(_KEYS, st.one_of(_VALUES, st.dictionaries(_KEYS, _VALUES, max_size=3)), min_size=1, max_size=4)


@given(_MAPS, st.lists(_KEYS, min_size=1, max_size=3), _VALUES)
def test_a_file_says_what_was_written_and_nothing_else_is_changed(
    content: dict[str, Any], path: list[str], value: Any
) -> None:
    text = "".join(block(key, inner) for key, inner in content.items())
    assert read_text(FILE, text).content == content, "what is written reads back"
    place: Any = content
    for key in path[:-1]:
        if not isinstance(place.setdefault(key, {}), dict):
            return
        place = place[key]
    edit: Edit = ((tuple(path), value),)
    place[path[-1]] = value
    try:
        changed = written(read_text(FILE, text), text, edit)
    except DeclarationError:
        return
    assert read_text(FILE, changed).content == content
