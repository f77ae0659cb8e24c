"""Passwords and client secrets: which are strong enough, and how they are kept.

Only salted hashes are kept. The cost of a hash is far below what a real service would choose: the store of an
embedded directory guards throw-away accounts, and each sign-in of a test pays for it.
"""

import hashlib
import hmac
import secrets
import string
from typing import Final

_COST: Final = 2**10
_SHORTEST, _LONGEST = 8, 256
_CLASSES: Final = (
    frozenset(string.ascii_lowercase),
    frozenset(string.ascii_uppercase),
    frozenset(string.digits),
    frozenset(string.punctuation + " "),
)
_CLASSES_NEEDED: Final = 3


def is_strong(password: str, *, plain_allowed: bool = False) -> bool:
    """Whether Microsoft Entra ID takes the password: 8 to 256 characters, three of four kinds.

    `plain_allowed` is for accounts with the password policy `DisableStrongPassword`: the length alone counts.
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        return False
    used = sum(not kind.isdisjoint(password) for kind in _CLASSES)
    return plain_allowed or used >= _CLASSES_NEEDED


def hash_secret(secret: str) -> str:
    """Return what is kept in place of a secret."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(secret, salt).hex()}"


def is_secret(given: str, kept: str) -> bool:
    """Whether a secret is the one that was kept."""
    salt, _, digest = kept.partition("$")
    return hmac.compare_digest(_scrypt(given, bytes.fromhex(salt)).hex(), digest)


def _scrypt(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=_COST, r=8, p=1)
