"""Scripts and letters: whose a letter is, what it looks like, and how Latin ones are written without marks."""

import unicodedata
from typing import Final

from anyascii import anyascii

#: Windows-1252 is the character set of Western European languages: Latin-1 with typographic quotes and Š Ž Œ Ÿ €.
_WESTERN_EUROPEAN: Final = "cp1252"

#: Letters that look like Latin ones in most typefaces. Our own choice from Unicode's confusables (UTS #39).
_LOOK_ALIKES: Final = str.maketrans(
    {
        # Cyrillic
        "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d",
        "һ": "h", "ӏ": "l", "ԛ": "q", "ԝ": "w", "к": "k", "м": "m", "т": "t", "в": "b", "н": "h",
        # Greek
        "α": "a", "ο": "o", "ρ": "p", "ν": "v", "ι": "i", "κ": "k", "τ": "t", "υ": "u", "χ": "x", "ε": "e",
        # Latin without a dot
        "ı": "i",
    }
)  # fmt: skip

#: Latin letters that Unicode does not take apart into a letter and a mark.
_LATIN: Final = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "n", "Ŋ": "N", "ĸ": "k", "ŧ": "t",
     "Ŧ": "T", "ə": "e", "Ə": "E", "ſ": "s", "ẞ": "SS"}
)  # fmt: skip


#: Scripts that are written letter for letter, vowels with them, so that a machine's transliteration can be read. Others
#: (Arabic without its vowels, Chinese characters read in Japanese) would come out as nobody writes them.
_LETTER_FOR_LETTER: Final = frozenset({"Cyrillic", "Georgian", "Greek"})


def script_of(character: str) -> str:
    """The script of a letter by its name in Unicode, such as "Latin" or "Greek"; empty for what is no letter."""
    if not character.isalpha():
        return ""
    script = unicodedata.name(character, "unnamed").split()[0].split("-")[0]
    return script if script == "CJK" else script.capitalize()


def skeleton(text: str) -> str:
    """A text as it looks: case, Unicode form and letters of other scripts that look like Latin ones aside."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_LOOK_ALIKES)


def beyond_western_european(text: str) -> tuple[str, ...]:
    """The characters of a text that Western European ones do not cover, each once, in order."""
    composed = unicodedata.normalize("NFC", text)
    return tuple(sorted({character for character in composed if not _encodes(character)}))


def _encodes(character: str) -> bool:
    try:
        character.encode(_WESTERN_EUROPEAN)
    except UnicodeEncodeError:
        return False
    return character.isprintable()


def transliterated(text: str) -> str | None:
    """The text in Western European characters: marks left out, Greek or Cyrillic letters replaced by Latin ones.

    None where no machine's transliteration is worth offering: Arabic, Hebrew, Chinese characters, …
    """
    written = "".join(_plain(character) for character in unicodedata.normalize("NFC", text))
    return None if beyond_western_european(written) else written


def _plain(character: str) -> str:
    if _encodes(character):
        return character
    if script_of(character) in _LETTER_FOR_LETTER:
        return anyascii(character)
    parts = unicodedata.normalize("NFKD", character.translate(_LATIN))
    return "".join(part for part in parts if not unicodedata.combining(part))
