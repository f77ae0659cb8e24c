"""What readers of small languages share: filters, searches and membership rules are read token by token."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

_END: Final = ("end", "")
_DEEPEST: Final = 50
"""How deep a text may be nested: each level costs a few of Python's own, of which there are not so many."""
_Part = TypeVar("_Part")


class TokenReader(ABC):
    """A text and the place in it, from left to right. Who derives from it has one method for each rule of a grammar."""

    def __init__(self, text: str, token: re.Pattern[str]) -> None:
        """`token` has a named group for each kind of token."""
        self._text = text
        self._tokens = [*self._split(token), _END]
        self._at = 0
        self._depth = 0

    @abstractmethod
    def _refused(self, why: str) -> Exception:
        """What to raise for a text that is none of the language; `why` is a part of a sentence."""

    def _split(self, token: re.Pattern[str]) -> Iterator[tuple[str, str]]:
        position, end = 0, len(self._text.rstrip())
        while position < end:
            found = token.match(self._text, position)
            if found is None or found.lastgroup is None:
                raise self._refused(f"{self._text[position:].split()[0]!r} cannot be read")
            yield found.lastgroup, found[found.lastgroup]
            position = found.end()

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _is(self, word: str) -> bool:
        kind, found = self._next
        return kind != "text" and found.lower() == word

    def _took(self, word: str) -> bool:
        if not self._is(word):
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._took(word):
            raise self._unexpected()

    def _expect_end(self) -> None:
        if self._next != _END:
            raise self._unexpected()

    def _unexpected(self) -> Exception:
        word = self._next[1]
        return self._refused(f"{word!r} is not expected there" if word else "it ends too early")

    def _parted(self, by: str, read: Callable[[], _Part]) -> list[_Part]:
        """Read one part or more, with a word between each two."""
        parts = [read()]
        while self._took(by):
            parts.append(read())
        return parts

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refused(f"it is nested more than {_DEEPEST} deep")
        yield
        self._depth -= 1
