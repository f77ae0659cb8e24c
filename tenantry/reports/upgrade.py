"""What an upgrade does to a repository, for people and machines."""

from pydantic import Field

from tenantry.findings import Record
from tenantry.scaffold.upgrade import Fate, Upgrade


class FileChange(Record):
    """A file that another release has otherwise."""

    path: str
    """From the repository's folder."""
    fate: Fate
    """What becomes of it."""
    diff: str
    """From the repository's to the release's, as a unified diff."""


class UpgradeReport(Record):
    """What ``tenantry upgrade --json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    before: str
    """The release whose files the repository has."""
    after: str
    """The release that runs."""
    written: bool
    """Whether the changes were made; not with `--dry-run`, and not while something is undecided."""
    files: tuple[FileChange, ...] = Field(default=())
    """Every file that changes, or about which somebody decides."""

    @classmethod
    def of(cls, upgrade: Upgrade, *, written: bool) -> "UpgradeReport":
        """The report of what was planned."""
        files = tuple(FileChange(path=step.path, fate=step.fate, diff=step.diff) for step in upgrade.steps)
        return cls(before=upgrade.before.version, after=upgrade.after.version, written=written, files=files)
