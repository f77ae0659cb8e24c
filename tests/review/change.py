"""Small projects to review: the sample's, and what a change makes of it."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tenantry.reports.review import Report
from tenantry.review.observe import Observed, observe
from tenantry.review.review import reported
from tenantry.sandbox.checkout import Revision, Source, check_out
from tenantry.sandbox.isolation import Limits, Sandbox
from tenantry.sandbox.recording import Started
from tests import forks

TODAY = date(2026, 11, 24)
PARTS = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "components", "tenantry", "partners", "requirements.lock")
US, UK = "partners/contoso/tenants/us.yaml", "partners/contoso/tenants/uk.yaml"
PROGRAM, GROUPS = "__main__.py", "components/agent_groups.py"
EVIL = "eeeeeeee-0000-4000-8000-00000000000e"

Edit = Callable[[Path], None]


def edit(file: str, old: str, new: str) -> Edit:
    """Replaces a text that stands once in a file."""

    def change(project: Path) -> None:
        text = (project / file).read_text()
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        (project / file).write_text(text.replace(old, new))

    return change


def append(file: str, text: str) -> Edit:
    def change(project: Path) -> None:
        with (project / file).open("a") as end:
            end.write(text)

    return change


def person(tenant: str, key: str, line: str, *, instead_of: str = "") -> Edit:
    """Adds a line to a person, perhaps in place of one of theirs."""

    def change(project: Path) -> None:
        lines = (project / tenant).read_text().splitlines(keepends=True)
        start = lines.index(f"  {key}:\n")
        end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith("    ")), len(lines))
        kept = [item for item in lines[start + 1 : end] if not instead_of or not item.startswith(f"    {instead_of}")]
        assert not instead_of or len(kept) < end - start - 1, f"{key} has no {instead_of}"
        added = [f"    {line}\n"] if line else []
        (project / tenant).write_text("".join([*lines[: start + 1], *kept, *added, *lines[end:]]))

    return change


def without(tenant: str, key: str) -> Edit:
    """Removes a person."""

    def change(project: Path) -> None:
        lines = (project / tenant).read_text().splitlines(keepends=True)
        start = lines.index(f"  {key}:\n")
        end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith("    ")), len(lines))
        (project / tenant).write_text("".join([*lines[:start], *lines[end:]]))

    return change


def all_of(*edits: Edit) -> Edit:
    def change(project: Path) -> None:
        for item in edits:
            item(project)

    return change


class InForks(Sandbox):
    """Runs programs that the tests know, which need no isolation: tests/review/test_hostile.py has those that do."""

    def start(
        self, command: Sequence[str], folder: Path, request: bytes, environment: Mapping[str, str], timeout: float
    ) -> Started:
        theirs = {**environment, "HOME": str(folder), "TMPDIR": str(folder)}
        return forks.start(command, folder, request, theirs, timeout)


@dataclass(frozen=True)
class Read:
    """One side, laid out and read."""

    side: Revision
    observed: Observed
    sandbox: Sandbox


@dataclass
class Reviewer:
    """Reviews changes of the sample; the sample itself is read once."""

    root: Path
    folder: Path
    sandbox: Callable[[Limits], Sandbox] = InForks
    count: int = 0
    sample: Read | None = None

    def base(self) -> Read:
        if self.sample is None:
            self.sample = self.read("base", lambda _: None)
        return self.sample

    def project(self, change: Edit) -> Path:
        self.count += 1
        project = self.folder / f"project-{self.count}"
        project.mkdir()
        for part in PARTS:
            if (self.root / part).is_dir():
                shutil.copytree(self.root / part, project / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(self.root / part, project / part)
        change(project)
        return project

    def read(self, name: str, change: Edit, limits: Limits | None = None) -> Read:
        source = Source("before" if name == "base" else "after", folder=self.project(change))
        top = self.folder / f"side-{self.count}"
        top.mkdir()
        side = check_out(source, name, top.resolve())
        sandbox = self.sandbox(limits or Limits())
        return Read(side, observe(side, sandbox, TODAY), sandbox)

    def review(self, after: Edit, before: Edit | None = None, limits: Limits | None = None) -> Report:
        """What a change comes to; ``before`` makes another project of the sample first."""
        base = self.read("base", before) if before else self.base()
        head = self.read("head", all_of(before, after) if before else after, limits)
        warnings = head.sandbox.warnings()
        return reported(base.side, base.observed, head.side, head.observed, TODAY, warnings)
