"""Text from a declaration in Markdown: it stays in its place, whatever is in it."""

from typing import Final

_LITERAL: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", **{character: f"&#{ord(character)};" for character in "\\`*_[]|#!@~"}}
)


def cell(text: str) -> str:
    """Text that Markdown and HTML take literally, on one line: a table's cell, a heading, an item of a list."""
    return " ".join(text.translate(_LITERAL).split())


def code(text: str) -> str:
    """Text between backticks, or escaped where something in it could end them or the cell."""
    return cell(text) if set(text) & set("`|\\<&") else f"`{text}`"
