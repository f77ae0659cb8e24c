"""What is wrong with a declaration, said so that its writer can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FieldPath = tuple[str | int, ...]
"""The way to a field from the top of its file: keys of maps, indexes of lists."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a file, and a line and column in it, both counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it is, what was found, what is allowed and how to mend it."""

    place: Place
    field: str
    found: str
    allowed: str
    mend: str
    unreadable: bool = False
    """True where the file is missing or is no YAML (exit code 2), False for a mistake inside (exit code 1)."""

    @classmethod
    def at(cls, place: Place, path: FieldPath, found: str, allowed: str, mend: str) -> Self:
        """A mistake in the field with this path."""
        return cls(place, field_name(path), found, allowed, mend)

    def __str__(self) -> str:
        at = f"{self.place}: {self.field}: " if self.field else f"{self.place}: "
        return f"{at}found {self.found}; allowed: {self.allowed}; to mend: {self.mend}"


class DeclarationError(Exception):
    """A declaration that cannot be used, with all of its problems, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def exit_code(self) -> int:
        """2 where a file is missing or no YAML, else 1."""
        return 2 if any(problem.unreadable for problem in self.problems) else 1


def field_name(path: FieldPath) -> str:
    """A path as people write it: ``people.ada.roles[0]``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_legible(step)}" if text else _legible(step)
    return text


def quoted(value: object, limit: int = 60) -> str:
    """A value as a message quotes it: on one line, cut where it is long, nothing in it an order to a terminal."""
    text = repr(value) if isinstance(value, str) else _legible(str(value))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _legible(text: str) -> str:
    return text if text.isprintable() and len(text) <= 60 else quoted(text)


def shown(file: Path) -> str:
    """A file as messages name it: from the current folder where it lies below, whole otherwise."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.as_posix()
