"""Text that anybody may have written, made legible: on one line, and nothing in it works unseen."""

import unicodedata
from typing import Final

#: Persian, Hindi and other scripts join their letters with these; between Latin letters they only hide.
_JOINERS: Final = "\u200c\u200d"


def sanitize(text: str) -> str:
    """A text on one line, every character that shows nothing written as its code point: ``⟨U+202E⟩``.

    Those are control characters (orders to a terminal), marks of direction (which turn text around), invisible
    characters, private and unassigned ones and lone surrogates (which no file can hold). Blanks of any kind and ends
    of lines become one space. A name in a script that joins its letters stays as it is.
    """
    return literal(" ".join(text.split()))


def literal(line: str) -> str:
    """The same of one line, with its blanks as they are."""
    if line.isprintable():
        return line
    return "".join(
        character
        if character.isprintable() or (character in _JOINERS and _joins(line[:place]))
        else f"⟨U+{ord(character):04X}⟩"
        for place, character in enumerate(line)
    )


def clipped(text: str, most: int) -> str:
    """A text on one line, cut after so many characters; its end says how many are missing."""
    line = sanitize(text)
    return line if len(line) <= most else f"{line[:most]}… ({len(line) - most} more characters)"


def quoted(value: object, limit: int = 60) -> str:
    """A value as a message quotes it: on one line, cut where it is long, nothing in it an order to a terminal."""
    text = repr(value) if isinstance(value, str) else str(value)
    if not text.isprintable() or (len(text) > limit and not isinstance(value, str)):
        text = repr(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _joins(before: str) -> bool:
    """Whether a joiner after this text joins letters of a script that needs it."""
    letter = before[-1:]
    if not letter or not unicodedata.category(letter).startswith(("L", "M")):
        return False
    return letter > "\u0590" and not unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "CYRILLIC"))
