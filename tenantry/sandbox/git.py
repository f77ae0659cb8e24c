"""The little of git that a review needs, without hooks, filters, attributes or the network."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_QUIET: Final = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "protocol.allow=never"),
)
_ENVIRONMENT: Final = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
_DEFAULT_BRANCHES: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")

LINK: Final = "120000"
SUBMODULE: Final = "160000"
EXECUTABLE: Final = "100755"


class GitError(Exception):
    """Git is missing, or fails; the message is a sentence."""


@dataclass(frozen=True)
class Entry:
    """A file of a revision: its mode, the id of its content, and its path from the top of the repository."""

    mode: str
    object_id: str
    path: str


@dataclass(frozen=True)
class Commit:
    """A commit, as a report names it."""

    id: str
    at: int
    """When, in seconds since 1970."""
    day: str
    author: str

    def __str__(self) -> str:
        return f"{self.id[:12]} of {self.day}, by {self.author}"


@dataclass(frozen=True)
class Repository:
    """A repository, by the top of its working tree."""

    top: Path

    @classmethod
    def around(cls, folder: Path) -> Self | None:
        """The repository that a folder is in; None for a folder outside of one, and without git."""
        try:
            return cls(Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n"))).resolve())
        except GitError:
            return None

    def revision(self, name: str) -> str | None:
        """The commit that a name stands for, if any."""
        try:
            found = _git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitError:
            return None
        return found.decode().strip() or None

    def merge_base(self) -> tuple[str, str]:
        """Where HEAD left the default branch: the commit, and the branch's name. Raises GitError."""
        head = self.revision("HEAD")
        branch = next((name for name in _DEFAULT_BRANCHES if self.revision(name)), None)
        if head is None or branch is None:
            raise GitError(
                f"No default branch to compare with ({', '.join(_DEFAULT_BRANCHES)}): name the base, as in "
                "`tenantry review BASE`."
            )
        try:
            return _git(self.top, "merge-base", branch, head).decode().strip(), branch
        except GitError:
            raise GitError(
                f"{branch} and HEAD have no common commit here: fetch the whole history (in GitHub Actions: "
                "`fetch-depth: 0`), or name the base."
            ) from None

    def entries(self, commit: str) -> Iterator[Entry]:
        """Every file of a commit."""
        for line in _git(self.top, "ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            if line:
                about, _, path = line.partition(b"\t")
                mode, _, object_id = about.decode().split(" ")
                yield Entry(mode, object_id, os.fsdecode(path))

    def contents(self, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """Files with their content, as it is stored. Raises GitError where this clone lacks one."""
        with subprocess.Popen(
            ["git", *_QUIET, "cat-file", "--batch"],
            cwd=self.top,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise GitError("git gives no output")
            for entry in entries:
                process.stdin.write(entry.object_id.encode() + b"\n")
                process.stdin.flush()
                head = process.stdout.readline().split()
                if len(head) != 3 or head[1] != b"blob":
                    process.stdin.close()
                    raise GitError(f"{entry.path} is not in this clone: fetch it whole (not `--filter`).")
                content = process.stdout.read(int(head[2]))
                process.stdout.read(1)
                yield entry, content
            process.stdin.close()

    def commits_by_line(self, file: Path) -> dict[int, Commit]:
        """The commit that last changed each line of a working file, but for those not committed. Raises GitError."""
        blamed = _git(self.top, "blame", "-l", "-s", "--", str(file.resolve())).decode("utf-8", "replace").splitlines()
        ids = {number: line.split(maxsplit=1)[0].lstrip("^") for number, line in enumerate(blamed, 1)}
        commits = {id_: self._commit(id_) for id_ in sorted(set(ids.values())) if id_.strip("0")}
        return {number: commits[id_] for number, id_ in ids.items() if id_ in commits}

    def _commit(self, id_: str) -> Commit:
        said = _git(self.top, "log", "-1", "--no-show-signature", "--format=%ct%x00%as%x00%an", id_)
        at, day, author = said.decode("utf-8", "replace").rstrip("\n").split("\0")
        return Commit(id_, int(at), day, author)

    def working_files(self) -> list[str]:
        """The paths of the working tree: what is tracked, and what is not and is not ignored either."""
        return self._files("--cached", "--others", "--exclude-standard", "--deduplicate")

    def untracked_files(self) -> list[str]:
        """Those of them that git does not have, and is not told to ignore."""
        return self._files("--others", "--exclude-standard")

    def _files(self, *options: str) -> list[str]:
        found = _git(self.top, "ls-files", "-z", *options)
        return [os.fsdecode(path) for path in found.split(b"\0") if path]


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", *_QUIET, *arguments],
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror}.") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(lines[-1] if lines else f"git {arguments[0]} failed.")
    return done.stdout
