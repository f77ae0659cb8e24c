"""The two revisions of a change: finds them by name, and checks each out into a folder of its own.

Files are written as git stores them: without hooks, filters, attributes or a large-file store, and without fetching. A
link that leads out of the folder is left out, and the report says so.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from tenantry.errors import NoProjectError
from tenantry.findings import NotEvaluated
from tenantry.project.paths import Project
from tenantry.sandbox import git

WORKING_TREE: Final = "the working tree"
_NO_SOURCE: Final = frozenset({".git", ".hg", ".tenantry", ".venv", "__pycache__", "node_modules"})
_SHORT: Final = 10


class RevisionError(Exception):
    """A revision that cannot be found; the message is a sentence."""


@dataclass(frozen=True)
class Source:
    """Where a revision comes from: a commit, a working tree, or a folder."""

    label: str
    """As the report names it."""
    repository: git.Repository | None = None
    commit: str | None = None
    folder: Path | None = None
    project: str = ""
    """The project's folder in the repository, or "" for its top."""


@dataclass(frozen=True)
class Revision:
    """A revision that is checked out."""

    name: str
    """"base" or "head"."""
    label: str
    top: Path
    files: dict[str, str]
    """Path to digest of mode and content."""
    project: str = ""
    not_evaluated: tuple[NotEvaluated, ...] = ()
    untracked: frozenset[str] = frozenset()
    """Those of its files that git does not have: of a working tree alone."""

    @property
    def root(self) -> Path:
        """The project's folder. It may not exist: a change may add the project."""
        return self.top / self.project


def sources(base: str | None, head: str | None, here: Path) -> tuple[Source, Source]:
    """The revisions or folders that two arguments name. Raises RevisionError.

    By default the base is where HEAD left the default branch, and the head is the working tree.
    """
    repository = git.Repository.around(here)
    if repository is None:
        if base is None or head is None:
            raise RevisionError(
                f"{here} is not in a git repository: name two folders, as in `tenantry review BEFORE AFTER`."
            )
        return _named(base, None, "", here), _named(head, None, "", here)
    project = _project_in(repository, here)
    before = _merge_base(repository, project) if base is None else _named(base, repository, project, here)
    working_tree = Source(WORKING_TREE, repository, project=project)
    return before, working_tree if head is None else _named(head, repository, project, here)


def _project_in(repository: git.Repository, here: Path) -> str:
    try:
        root = Project.around(here).root
    except NoProjectError:
        return ""
    inside = root.relative_to(repository.top).as_posix() if root.is_relative_to(repository.top) else "."
    return "" if inside == "." else inside


def _merge_base(repository: git.Repository, project: str) -> Source:
    try:
        commit, branch = repository.merge_base()
    except git.GitError as error:
        raise RevisionError(str(error)) from None
    return Source(f"{commit[:_SHORT]} (where it left {branch})", repository, commit, project=project)


def _named(name: str, repository: git.Repository | None, project: str, here: Path) -> Source:
    commit = repository.revision(name) if repository else None
    folder = here / name
    if folder.is_dir():
        if commit and not name.startswith((".", "/")):
            raise RevisionError(
                f"{name!r} is both a revision and a folder: write ./{name} for the folder, or the commit's id."
            )
        if not (folder / "Pulumi.yaml").is_file():
            raise RevisionError(f"{name} is not a project: it has no Pulumi.yaml.")
        return Source(name, folder=folder.resolve())
    if repository is None or commit is None:
        raise RevisionError(f"{name!r} is neither a git revision nor a folder here.")
    label = commit[:_SHORT] if commit.startswith(name) else f"{name} ({commit[:_SHORT]})"
    return Source(label, repository, commit, project=project)


def check_out(source: Source, name: str, top: Path) -> Revision:
    """Write a revision into an empty folder. Raises RevisionError where git cannot read it."""
    writer = _Writer(top, name)
    untracked: list[str] = []
    try:
        if source.folder:
            for path in _below(source.folder):
                writer.copy(source.folder, path)
        elif source.repository and source.commit:
            entries = list(source.repository.entries(source.commit))
            for entry in (item for item in entries if item.mode == git.SUBMODULE):
                writer.submodule(entry.path, entry.object_id)
            stored = [item for item in entries if item.mode != git.SUBMODULE]
            for entry, content in source.repository.contents(stored):
                writer.write(entry.path, content, link=entry.mode == git.LINK, run=entry.mode == git.EXECUTABLE)
        elif source.repository:
            for path in source.repository.working_files():
                writer.copy(source.repository.top, path)
            untracked = source.repository.untracked_files()
    except git.GitError as error:
        raise RevisionError(f"{source.label}: {error}") from None
    writer.make_links()
    not_evaluated = tuple(writer.not_evaluated)
    return Revision(name, source.label, top, writer.files, source.project, not_evaluated, frozenset(untracked))


def _below(folder: Path) -> Iterator[str]:
    """The files of a folder that may be sources, links to folders among them.

    What git keeps of a checkout is none of them: of a linked worktree that is a file `.git`, which nobody follows.
    """
    for place, folders, names in os.walk(folder):
        inside = Path(place)
        links = [name for name in folders if (inside / name).is_symlink() and name not in _NO_SOURCE]
        folders[:] = sorted(
            name
            for name in folders
            if name not in _NO_SOURCE and name not in links and not (inside / name / "pyvenv.cfg").exists()
        )
        for name in sorted(name for name in (*names, *links) if name != ".git"):
            yield (inside / name).relative_to(folder).as_posix()


@dataclass
class _Writer:
    top: Path
    side: str
    files: dict[str, str] = field(default_factory=dict)
    not_evaluated: list[NotEvaluated] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def copy(self, folder: Path, path: str) -> None:
        """A file or link of a folder. What was deleted meanwhile is skipped, and so is a repository inside."""
        place = folder / path
        if place.is_symlink():
            self.write(path, os.fsencode(place.readlink()), link=True)
        elif place.is_file():
            self.write(path, place.read_bytes(), run=os.access(place, os.X_OK))

    def submodule(self, path: str, commit: str) -> None:
        self.files[path] = f"submodule {commit}"

    def write(self, path: str, content: bytes, *, link: bool = False, run: bool = False) -> None:
        """A file as it is stored."""
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or any(part.casefold() == ".git" for part in parts):
            self._leave_out(path, "its path leads out of the folder")
            return
        kind = "link" if link else "run" if run else "file"
        self.files[path] = f"{kind} {hashlib.sha256(content).hexdigest()}"
        if link:
            self.links[path] = os.fsdecode(content)
            return
        place = self.top / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            place.chmod(0o755 if run else 0o644)
        except OSError as error:
            self._leave_out(path, f"it cannot be written ({error.strerror})")

    def make_links(self) -> None:
        """Make the links, after all files, so that none is written through a link."""
        top = self.top.resolve()
        made = []
        for path, target in self.links.items():
            place = self.top / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(target)
                made.append(path)
            except (OSError, ValueError):
                self._leave_out(path, "it is a link that cannot be made")
        # All of them first: one may lead out through another.
        leaving = [path for path in made if not _leads_into(self.top / path, top)]
        for path in leaving:
            (self.top / path).unlink()
            self._leave_out(path, "it is a link that leads out of the project")

    def _leave_out(self, path: str, why: str) -> None:
        self.not_evaluated.append(
            NotEvaluated(side=self.side, what=path, why=why, remediation="remove it: a program needs nothing outside")
        )


def _leads_into(link: Path, top: Path) -> bool:
    try:
        return link.resolve().is_relative_to(top)
    except (OSError, RuntimeError):
        return False
