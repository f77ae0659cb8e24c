"""Temporary passwords, derived and never stored in a declaration.

A password is a keyed hash of the person: the same in every run, so that a plan holds and no output ever shows
another password than the account's. Raising the person's ``password_round`` issues a new one.
"""

import base64
import hashlib
import hmac
from typing import Final

MIN_SECRET: Final = 32
"""The least number of characters of the stack's secret."""


def temporary_password(secret: str, tenant_id: str, person: str, password_round: int = 1) -> str:
    """The temporary password of one person: 30 characters of all four classes, with 120 bits from the secret.

    Raises ValueError where the secret is shorter than :data:`MIN_SECRET` characters. The message does not
    contain it.
    """
    if len(secret) < MIN_SECRET:
        raise ValueError(f"the password secret has fewer than {MIN_SECRET} characters")
    message = "\0".join(("temporary password", tenant_id.lower(), person, str(password_round)))
    digest = hmac.digest(secret.encode(), message.encode(), hashlib.sha256)
    letters = base64.b32encode(digest).decode().lower()[:24]
    # A fixed first group of upper case and digit satisfies Entra's complexity rule whatever the hash is.
    return "T7-" + "-".join(letters[start : start + 6] for start in range(0, 24, 6))
