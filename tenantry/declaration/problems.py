"""What is wrong with a declaration, said so that its writer can correct it."""

from collections.abc import Iterable
from pathlib import Path

from tenantry.findings import FieldPath, Finding, Place
from tenantry.sanitize import quoted

__all__ = ["DeclarationError", "FieldPath", "Place", "quoted", "shown"]


class DeclarationError(Exception):
    """A declaration that cannot be used, with everything that is wrong with it, sorted by place."""

    def __init__(self, problems: Iterable[Finding]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda one: (one.place or Place(""), str(one))))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def exit_code(self) -> int:
        """2 where a file is missing or no YAML, else 1."""
        return 2 if any(problem.unreadable for problem in self.problems) else 1


def shown(file: Path) -> str:
    """A file as messages name it: from the current folder where it lies below, whole otherwise."""
    try:
        return file.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.as_posix()
