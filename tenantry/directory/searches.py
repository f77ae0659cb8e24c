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
from .graph_schema import spelled
from .token_reader import TokenReader

_IN_WORDS: Final = frozenset({"displayName", "description"})
_TOKEN: Final = re.compile(r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<word>AND|OR)\b|(?P<mark>[()]))')
_CLAUSE: Final = re.compile(r"(?P<name>[A-Za-z]\w*):(?P<text>.+)", re.DOTALL)
# A word ends where a number or a symbol begins, and where a small letter is followed by a capital.
_WORD: Final = re.compile(r"\d+|[^\W\d_]*?[a-z](?=[A-Z])|[^\W\d_]+|[^\w\s]|_")


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
    return _Reader(text, _TOKEN).read()


class _Reader(TokenReader):
    """`AND` binds more tightly than `OR`."""

    def read(self) -> Search:
        search = self._alternatives()
        self._expect_end()
        return search

    def _alternatives(self) -> Search:
        return Search(self._text, tuple(self._parted("or", self._parts)))

    def _parts(self) -> tuple[Search | _Clause, ...]:
        return tuple(self._parted("and", self._part))

    def _part(self) -> Search | _Clause:
        if not self._took("("):
            return self._clause()
        with self._nested():
            inner = self._alternatives()
        self._expect(")")
        return inner

    def _clause(self) -> _Clause:
        kind, written = self._next
        clause = _CLAUSE.fullmatch(re.sub(r"\\(.)", r"\1", written)) if kind == "text" else None
        if clause is None:
            raise self._unexpected()
        self._at += 1
        return _Clause(spelled(clause["name"]), clause["text"])

    def _refused(self, why: str) -> errors.GraphError:
        return errors.malformed(
            f'Invalid search {self._text!r}: {why}. A clause is written as "property:text", with the quotation marks.'
        )


def _has_words(text: str, wanted: str) -> bool:
    words = set(_words(text))
    # Words that only symbols part count as one word, too: `helloworld` finds `hello-world`.
    words |= {folded(re.sub(r"[\W_]", "", chunk)) for chunk in text.split()}
    return all(any(word.startswith(begin) for word in words) for begin in _words(wanted))


def _words(text: str) -> Iterator[str]:
    return map(folded, _WORD.findall(text))
