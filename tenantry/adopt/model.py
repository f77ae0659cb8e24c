"""What taking a tenant over comes to."""

import difflib
from dataclasses import dataclass
from pathlib import Path

from tenantry.adopt.propose import Proposal
from tenantry.declaration.document import shown


@dataclass(frozen=True)
class Change:
    """A file as it is and as it is to be."""

    file: Path
    before: str | None
    """None of a file that is not there yet."""
    after: str

    @property
    def is_new(self) -> bool:
        """Whether the file is not there yet."""
        return self.before is None

    @property
    def changes(self) -> bool:
        """Whether anything is to be written."""
        return self.before != self.after

    @property
    def diff(self) -> str:
        """What is to be written, as a unified diff."""
        name = shown(self.file)
        before = (self.before or "").splitlines(keepends=True)
        lines = difflib.unified_diff(before, self.after.splitlines(keepends=True), name, name)
        return "".join(lines)


@dataclass(frozen=True)
class Adopted:
    """What a tenant is to be declared as, before anything is written."""

    name: str
    """The tenant with its partner."""
    stack: str
    tenant_id: str
    proposal: Proposal
    files: tuple[Change, ...]
