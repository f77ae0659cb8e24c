"""Rewriting a file of a declaration: as a whole, or not at all."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from tenantry.declaration.document import DeclarationError, shown
from tenantry.findings import Place, mistake


def replace(file: Path, text: str) -> None:
    """Replace a file as a whole: nobody ever reads half of it. Raises :class:`DeclarationError`."""
    beside = None
    try:
        _refuse_read_only(file)
        number, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with os.fdopen(number, "wb") as stream:
            stream.write(text.encode())
        shutil.copymode(file, beside)
        Path(beside).replace(file)
        beside = None
    except OSError as error:
        raise unwritable(file, error) from None
    finally:
        if beside:
            Path(beside).unlink(missing_ok=True)


def is_there(file: Path) -> bool:
    """Whether a file is there. Raises :class:`DeclarationError` of a link that leads nowhere: it is neither."""
    if file.is_symlink() and not file.exists():
        actual, expected = f"a symbolic link to {file.readlink()}, which does not exist", "a file, or nothing"
        remediation = "remove the link, or create its target"
        raise DeclarationError([mistake(actual, expected, remediation, unreadable=True).at(Place(shown(file)))])
    return file.exists()


def refuse_unwritable(file: Path) -> None:
    """Raise :class:`DeclarationError` where :func:`replace` would, as far as that is known before."""
    try:
        _refuse_read_only(file)
        if not os.access(file.parent, os.W_OK | os.X_OK):
            raise PermissionError(0, "its folder is read-only")
    except OSError as error:
        raise unwritable(file, error) from None


def unwritable(file: Path, error: OSError) -> DeclarationError:
    """What is raised of a file that cannot be written."""
    actual, expected = f"a file that cannot be written ({error.strerror})", "a file that can be replaced"
    remediation = "give yourself write permission on it and on its folder"
    return DeclarationError([mistake(actual, expected, remediation, unreadable=True).at(Place(shown(file)))])


def _refuse_read_only(file: Path) -> None:
    if not file.stat().st_mode & stat.S_IWUSR:
        raise PermissionError(0, "it is read-only")
