"""Keys and names, as a declaration takes them, for people whom it does not have yet."""

import re
from collections.abc import Collection
from typing import Final

from anyascii import anyascii

_LONGEST: Final = 50
_LONGEST_NAME: Final = 256


def key_for(name: str, taken: Collection[str]) -> str:
    """A key that nobody has, from a sign-in name or another name: in ASCII, and the same each time.

    A number tells it from one that is taken.
    """
    letters = anyascii(re.split("[@#]", name)[0]).casefold().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:_LONGEST].strip("-")
    slug = slug if slug[:1].isalpha() else f"p-{slug}".rstrip("-")
    numbered = (slug if number == 1 else f"{slug}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


def name_for(text: str) -> str:
    """A display name as a declaration takes it; empty where it cannot."""
    name = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return name[:_LONGEST_NAME].strip()
