"""Reads and writes the files of a repository."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tenantry.errors import EngineError
from tenantry.scaffold.release import Files


class RepositoryError(EngineError):
    """A folder or file of a repository that cannot be read or written as it is."""


def present(root: Path, paths: Iterable[str]) -> Files:
    """The content of those of these files that are there. Raises RepositoryError."""
    found = {}
    for path in paths:
        file = root / path
        if not file.resolve().is_relative_to(root.resolve()):
            raise RepositoryError(
                f"{path}: found a link that leads out of the repository; expected: a file in it. Fix: replace the link."
            )
        try:
            found[path] = file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise RepositoryError(
                f"{path}: cannot be read ({error.strerror}). Fix: correct or remove it, and run this again."
            ) from None
    return found


def write(root: Path, content: Files) -> None:
    """Write files, each as a whole. Raises OSError."""
    for path, text in content.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch()
        number, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(number, "wb") as stream:
                stream.write(text)
            Path(beside).chmod(file.stat().st_mode)
            Path(beside).replace(file)
        except OSError:
            Path(beside).unlink(missing_ok=True)
            raise


def remove(root: Path, path: str) -> None:
    """Delete a file, and the folders that are empty then. Raises OSError."""
    file = root / path
    file.unlink()
    for folder in file.relative_to(root).parents:
        if any((root / folder).iterdir()) or folder == Path():
            return
        (root / folder).rmdir()
