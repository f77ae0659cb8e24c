"""What taking a tenant over comes to."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenantry.adopt.propose import Proposal
from tenantry.declaration.document import shown

FIRST_LINE: Final = (
    "# Open questions: what `tenantry adopt` could not declare. It writes these lines anew; answer them with"
)
LAST_LINE: Final = "# End of the open questions."
QUESTIONS: Final = re.compile(
    rf"^{re.escape(FIRST_LINE)}\r?\n(?:#.*\r?\n)*?{re.escape(LAST_LINE)}\r?\n(#\r?\n|\r?\n)?", re.MULTILINE
)
"""The block of open questions in a tenant's file: comments alone, since it is replaced."""


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
        return self._diff(self.before or "", self.after)

    @property
    def diff_of_fields(self) -> str:
        """The same without the block of open questions, which says what a report says too."""
        return self._diff(*(QUESTIONS.sub("", text) for text in (self.before or "", self.after)))

    def _diff(self, before: str, after: str) -> str:
        name = shown(self.file)
        before_lines, after_lines = (text.splitlines(keepends=True) for text in (before, after))
        return "".join(difflib.unified_diff(before_lines, after_lines, name, name))


@dataclass(frozen=True)
class Adopted:
    """What a tenant is to be declared as, before anything is written."""

    name: str
    """The tenant with its partner."""
    stack: str
    tenant_id: str
    proposal: Proposal
    files: tuple[Change, ...]
