"""Rewriting a file of a declaration: as a whole, or not at all."""

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from tenantry.declaration.problems import DeclarationError, Place, shown
from tenantry.findings import mistake

BOM: Final = b"\xef\xbb\xbf"
"""What some editors put before a text in UTF-8; whoever rewrites a file keeps it."""


def read_bytes(file: Path) -> bytes:
    """What stands in a file, as it is. Raises :class:`DeclarationError`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise _no_access(file, "read", error) from None


def _no_access(file: Path, verb: str, error: OSError) -> DeclarationError:
    found, remediation = (
        f"a file that cannot be {verb} ({error.strerror})",
        "correct its permissions or those of its folder",
    )
    expected = "a file that can be read and replaced"
    return DeclarationError([mistake(found, expected, remediation, unreadable=True).at(Place(shown(file)))])


def replace(file: Path, content: bytes) -> None:
    """Replace a file as a whole: nobody ever reads half of it. Raises :class:`DeclarationError`."""
    beside = None
    try:
        _refuse_read_only(file)
        number, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with os.fdopen(number, "wb") as stream:
            stream.write(content)
        shutil.copymode(file, beside)
        Path(beside).replace(file)
        beside = None
    except OSError as error:
        raise _no_access(file, "written", error) from None
    finally:
        if beside:
            Path(beside).unlink(missing_ok=True)


def refuse_unwritable(file: Path) -> None:
    """Raise :class:`DeclarationError` where :func:`replace` would, as far as that can be told before."""
    try:
        _refuse_read_only(file)
        if not os.access(file.parent, os.W_OK | os.X_OK):
            raise PermissionError(0, "its folder is read-only")
    except OSError as error:
        raise _no_access(file, "written", error) from None


def _refuse_read_only(file: Path) -> None:
    if not file.stat().st_mode & stat.S_IWUSR:
        raise PermissionError(0, "it is read-only")
