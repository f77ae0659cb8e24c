"""Which name somebody meant who misspelt one.

A suggestion is followed without a second thought, so it is made only where it is the same word: never the contrary,
and of what gives access never one that is merely alike ("Helpdesk admin" is no misspelt "Helpdesk agent").
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_ALIKE: Final = 0.6
_THE_SAME_WORD: Final = 0.85
_NEGATIONS: Final = ("dis", "un", "in", "non")


def folded(text: str) -> str:
    """A text as it is looked up: case and Unicode form aside."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def alike(value: str, names: Iterable[str]) -> str | None:
    """The most similar of some names, for names that give no access; None where none is similar, or only a contrary."""
    near = get_close_matches(value, [name for name in names if not _are_contrary(value, name)], n=1, cutoff=_ALIKE)
    return near[0] if near else None


def misspelt(value: str, names: Iterable[str]) -> str | None:
    """The name of which a text differs by a letter or two, blanks, case and the end of "administrator" aside."""
    by_letters = {_letters(name): name for name in names}
    near = get_close_matches(_letters(value), by_letters, n=1, cutoff=_THE_SAME_WORD)
    return by_letters[near[0]] if near else None


def _letters(text: str) -> str:
    words = ("admin" if word.startswith("administ") else word for word in re.split(r"[\W_]+", folded(text)))
    return "".join(words)


def _are_contrary(one: str, other: str) -> bool:
    shorter, longer = sorted((folded(one), folded(other)), key=len)
    stems = {shorter, shorter.removeprefix("en")}  # enabled, disabled
    return any(longer == f"{negation}{stem}" for negation in _NEGATIONS for stem in stems)


def folded_upn(upn: str) -> str:
    """A UPN as Entra compares it: case and Unicode form aside."""
    return folded(upn)
