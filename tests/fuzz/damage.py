"""Damaged inputs: real files with bytes and fields lost, repeated, replaced and moved."""

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.review.test_render_hostile import HOSTILE

TOKENS = (
    *"{}[]:,-?&*!|>'\"%@`#~<=\n\r\t \0",
    "\u2028", "\ufeff", "\x85", "\u202e", "\x1b[2J", "\ud800",
    "&a ", "*a", "<<: ", "!!python/object:os.system ", "---\n", "...\n", "%YAML 1.1\n", "? ", "|\n", ">-\n", "- - - ",
    "null", "true", "NO", "0x1F", "1_000", "1e999", "-0", ".inf", ".nan", "2026-02-30", "9" * 400,
    "[" * 60, '{"a":' * 60, "\\ud800", "\\u0000", '"\\x', "ａ", "е", "İ", "e\u0301",
)  # fmt: skip
"""What readers of YAML and JSON stumble over."""
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 10**400, 1e308, float("inf"), float("nan"), -0.0, "", " ", "x", "a" * 5000,
    [], {}, [[]], [None], {"": None}, {"a": {"b": []}}, "2026-02-30", "9999-12-31", "0001-01-01T00:00:00Z", "NaN",
    "00000000-0000-0000-0000-000000000000", "/", "::", "urn:pulumi:dev::tenantry::x::y", "../../etc/passwd",
    "\x00", "\ud800", *HOSTILE,
)  # fmt: skip


@st.composite
def damaged_bytes(draw: st.DrawFn, sources: Sequence[bytes]) -> bytes:
    """One of some files, with one to four pieces replaced."""
    content = draw(st.sampled_from(sources))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from([0, 0, 1, 1, 2, 8, 40, 400]))
        piece = draw(
            st.one_of(
                st.sampled_from(TOKENS).map(lambda text: text.encode("utf-8", "surrogatepass")),
                st.binary(max_size=6),
                st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass")),
                st.integers(0, len(content)).map(lambda at, whole=content: whole[at : at + 60]),  # type: ignore[misc]
            )
        )
        content = content[:start] + piece + content[start + length :]
    return content


@st.composite
def damaged_tree(draw: st.DrawFn, sources: Sequence[Any]) -> Any:
    """One of some documents, with one to three values lost, repeated, replaced, moved or named otherwise."""
    tree = copy.deepcopy(draw(st.sampled_from(sources)))
    for _ in range(draw(st.integers(1, 3))):
        found = _somewhere(draw, tree)
        if found is None:
            return copy.deepcopy(draw(st.sampled_from(ODD)))
        holder, key = found
        match draw(st.sampled_from(["odd", "odd", "odd", "lose", "repeat", "copy", "rename"])):
            case "lose":
                del holder[key]
            case "repeat" if isinstance(holder, list):
                holder.insert(key, copy.deepcopy(holder[key]))
            case "copy":
                other = _somewhere(draw, tree)
                holder[key] = copy.deepcopy(other[0][other[1]]) if other else None
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from(["", "id", "people", "x" * 200, "\x1b[2J", "a b", *map(str, holder)]))] = (
                    holder.pop(key)
                )
            case _:
                holder[key] = copy.deepcopy(draw(st.sampled_from(ODD) | st.text(max_size=12)))
    return tree


def _somewhere(draw: st.DrawFn, tree: Any) -> tuple[Any, Any] | None:
    """A place in a tree: what holds it, and its key or number there."""
    found = None
    while isinstance(tree, dict | list) and tree:
        key = draw(st.sampled_from(list(tree) if isinstance(tree, dict) else range(len(tree))))
        found, tree = (tree, key), tree[key]
        if draw(st.integers(0, 4)) == 0:
            break
    return found
