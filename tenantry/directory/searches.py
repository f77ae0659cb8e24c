"""`$search`: the words that the objects of a listing must have in a property.

A search is one clause or several, such as `"displayName:Admin"`, joined by `AND`, `OR` and parentheses. The text of
`displayName` and `description` is compared word by word: each word that is asked for must begin a word of the
property, in any order and case. Other properties must begin with the text. Source: Microsoft Graph, "Use the $search
query parameter", the part on directory objects.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tenantry.spelling import folded

from . import errors
from .documents import JsonObject

_IN_WORDS: Final = frozenset({"displayName", "description"})
_TOKEN: Final = re.compile(r'\s*(?:"(?P<clause>(?:[^"\\]|\\.)*)"|(?P<word>AND|OR)\b|(?P<mark>[()]))')
_CLAUSE: Final = re.compile(r"(?P<name>[A-Za-z]\w*):(?P<text>.+)", re.DOTALL)
# A word ends where a number or a symbol begins, and where a small letter is followed by a capital.
_WORD: Final = re.compile(r"\d+|[^\W\d_]*?[a-z](?=[A-Z])|[^\W\d_]+|[^\w\s]|_")
_DEEPEST: Final = 50
_END: Final = ("end", "")


@dataclass(frozen=True)
class _Clause:
    """A property, and what it must contain or begin with."""

    property: str
    text: str

    def matches(self, document: JsonObject) -> bool:
        value = document.get(self.property)
        texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
        if self.property not in _IN_WORDS:
            return any(folded(text).startswith(folded(self.text)) for text in texts)
        return any(_has_words(text, self.text) for text in texts)

    def names(self) -> Iterator[str]:
        yield self.property


@dataclass(frozen=True)
class Search:
    """Alternatives, of which one must hold with all its parts; without any, every object is found."""

    text: str = ""
    alternatives: tuple[tuple["Search | _Clause", ...], ...] = ((),)

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)

    def matches(self, document: JsonObject) -> bool:
        """Whether the search finds an object."""
        return any(all(part.matches(document) for part in parts) for parts in self.alternatives)

    def names(self) -> Iterator[str]:
        """Yield the properties that are searched."""
        for parts in self.alternatives:
            for part in parts:
                yield from part.names()


def parse_search(text: str) -> Search:
    """Read a search, or refuse it."""
    return _Reader(text).read()


class _Reader:
    """Reads a search from left to right; `AND` binds more tightly than `OR`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [*_tokens(text), _END]
        self._at = 0
        self._depth = 0

    def read(self) -> Search:
        search = self._alternatives()
        if self._next != _END:
            raise self._malformed()
        return search

    def _alternatives(self) -> Search:
        alternatives = [self._parts()]
        while self._took(("word", "OR")):
            alternatives.append(self._parts())
        return Search(self._text, tuple(alternatives))

    def _parts(self) -> tuple[Search | _Clause, ...]:
        parts = [self._part()]
        while self._took(("word", "AND")):
            parts.append(self._part())
        return tuple(parts)

    def _part(self) -> Search | _Clause:
        if not self._took(("mark", "(")):
            return self._clause()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise errors.malformed(f"The search is nested more than {_DEEPEST} deep.")
        inner = self._alternatives()
        self._depth -= 1
        if not self._took(("mark", ")")):
            raise self._malformed()
        return inner

    def _clause(self) -> _Clause:
        kind, written = self._next
        clause = _CLAUSE.fullmatch(re.sub(r"\\(.)", r"\1", written)) if kind == "clause" else None
        if clause is None:
            raise self._malformed()
        self._at += 1
        return _Clause(clause["name"], clause["text"])

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _took(self, token: tuple[str, str]) -> bool:
        if self._next != token:
            return False
        self._at += 1
        return True

    def _malformed(self) -> errors.GraphError:
        return errors.malformed(
            f"Invalid search: {self._next[1] or 'its end'!r} is unexpected in {self._text!r}. "
            'A clause is written as "property:text", with the quotation marks.'
        )


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None or token.lastgroup is None:
            raise errors.malformed(
                f"Syntax error at position {position} in {text!r}: a clause stands in double quotes."
            )
        yield token.lastgroup, token[token.lastgroup]
        position = token.end()


def _has_words(text: str, wanted: str) -> bool:
    words = set(_words(text))
    # Words that only symbols part count as one word, too: `helloworld` finds `hello-world`.
    words |= {folded(re.sub(r"[\W_]", "", chunk)) for chunk in text.split()}
    return all(any(word.startswith(begin) for word in words) for begin in _words(wanted))


def _words(text: str) -> Iterator[str]:
    return map(folded, _WORD.findall(text))
