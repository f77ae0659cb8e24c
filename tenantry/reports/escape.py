"""Text from a declaration in Markdown: it stays in its place, whatever is in it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from tenantry.sanitize import sanitize

_LITERAL: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", **{character: f"&#{ord(character)};" for character in "\\`*_[]|#!@~"}}
)

#: Words without anything that a code host reads: an address, a domain, a mention, a reference, a short code, a hash.
_PLAIN_WORD: Final = re.compile(
    r"""[(\[“„«"']*                    # what opens
    (?: [^\W_]+ (?: ['’/‐‑–+-] [^\W_]+ )* # letters and digits of any script, joined
      | \d{1,3} (?: ,\d{3} )+              # or a number in groups of three digits
      | [,.;:()]+                           # or what stands beside code
      | [–—…&%✓] )                          # or a sign that stands alone
    [)\]”“»"'’,.;:?…]*                 # what closes
    """,
    re.VERBOSE,
)
#: What is read in words that are plain to look at: "GH-1", a commit's hash, and "1." where a line begins.
_READ: Final = re.compile(r"[A-Za-z]-\d|\b[0-9a-f]{7,40}\b|^\d+[.)]$", re.IGNORECASE)
#: Code that a message quotes itself.
_QUOTED: Final = re.compile(r"`([^`]*[^`\s][^`]*)`")
_EMPTY: Final = "`(empty)`"
#: What cannot stand in code: it would end it, end the cell of a table, or begin a tag or a comment for a coarse reader.
_NOT_IN_CODE: Final = re.compile(r"([`|<>])")


def escape(text: str) -> str:
    """Text of which a code host makes nothing: no markup, link, picture, mention, reference or short code.

    Hosts look for those after Markdown is read, so that escaping does not help; none looks into code. Words in which
    they could see something are therefore shown as code, all others as they are. On one line, and legible.
    """
    pieces = _QUOTED.split(sanitize(text))
    return "".join(in_code(piece) if place % 2 else _words(piece) for place, piece in enumerate(pieces)) or _EMPTY


def _words(text: str) -> str:
    """Text without quoted code: runs of words in which a host could see something, as code."""
    escaped: list[str] = []
    unsafe: list[str] = []

    def finish(closing: str = "") -> None:
        if unsafe:
            run = " ".join(unsafe)
            bare = run.lstrip("(") or run
            escaped.append(run[: len(run) - len(bare)] + in_code(bare) + closing)
            unsafe.clear()

    for word in text.split(" "):
        if not word or _is_plain(word):
            finish()
            escaped.append(word.translate(_LITERAL))
            continue
        bare = word.rstrip(",;:.)")
        unsafe.append(bare or word)
        if bare and bare != word:
            finish(word[len(bare) :])
    finish()
    return " ".join(escaped)


def _is_plain(word: str) -> bool:
    """Whether no host could read anything in a word; marks on letters, and what joins them, count for nothing."""
    letters = "".join(c for c in word if unicodedata.category(c)[0] != "M" and c not in "\u200c\u200d")
    return bool(_PLAIN_WORD.fullmatch(letters)) and not _READ.search(letters)


def in_code(text: str) -> str:
    """Text as code, whatever is in it; what cannot stand in code stands between pieces of it."""
    line = sanitize(text)
    if not line:
        return _EMPTY
    pieces = _NOT_IN_CODE.split(line)
    return "".join(f"&#{ord(p)};" if place % 2 else f"`{p}`" if p else "" for place, p in enumerate(pieces))


def table(headings: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are escaped already."""
    lines = (headings, ["---"] * len(headings), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
