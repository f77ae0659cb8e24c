"""What another release changes in a repository, file by file. A file that the repository changed waits for a choice."""

import difflib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from packaging.version import InvalidVersion, Version

from tenantry.errors import EngineError
from tenantry.project.paths import RECORD
from tenantry.sanitize import quoted
from tenantry.scaffold.folder import RepositoryError, present, remove, write
from tenantry.scaffold.origin import WHEELS, Origin, Wheel
from tenantry.scaffold.record import Record, digest, record_of, recorded
from tenantry.scaffold.release import Files, kept_current


class Fate(StrEnum):
    """What becomes of a file."""

    ADDED = "added"
    REPLACED = "replaced"
    REMOVED = "removed"
    KEPT = "kept"
    """It stays as the repository has it, since somebody said so."""
    UNDECIDED = "undecided"
    """The repository changed it and so does the release: somebody decides."""


class Choice(StrEnum):
    """What somebody decides of a file that both changed."""

    KEEP = "keep"
    """The repository's."""
    TAKE = "take"
    """The release's."""


@dataclass(frozen=True)
class Step:
    """What is to become of one file."""

    path: str
    fate: Fate
    before: bytes | None
    """As the repository has it; None where it has none."""
    after: bytes | None
    """As the release has it."""

    @property
    def writes(self) -> bool:
        """Whether the repository's file changes."""
        return self.fate in (Fate.ADDED, Fate.REPLACED, Fate.REMOVED)

    @property
    def diff(self) -> str:
        """From the repository's to the release's, as a unified diff."""
        try:
            before, after = ((side or b"").decode().splitlines() for side in (self.before, self.after))
        except UnicodeDecodeError:
            return f"Binary files a/{self.path} and b/{self.path} differ\n"
        names = (
            f"a/{self.path}" if self.before is not None else "/dev/null",
            f"b/{self.path}" if self.after is not None else "/dev/null",
        )
        return "".join(f"{line}\n" for line in difflib.unified_diff(before, after, *names, lineterm=""))


class ChoiceError(EngineError):
    """A choice about a file of which there is nothing to decide."""


@dataclass(frozen=True)
class Upgrade:
    """What a release changes in a repository."""

    before: Record
    after: Record
    steps: tuple[Step, ...]

    @property
    def undecided(self) -> tuple[Step, ...]:
        """What somebody has to decide first."""
        return tuple(step for step in self.steps if step.fate is Fate.UNDECIDED)


def plan(root: Path, origin: Origin, choices: Mapping[str, Choice]) -> Upgrade:
    """What the running release changes. Raises DeclarationError and EngineError."""
    if not (root / RECORD).exists():
        raise RepositoryError(
            f"{root} holds no {RECORD}. Fix: restore it, `git checkout {RECORD}`. If `tenantry init` did not make this "
            "repository, make one with `tenantry init PARTNER` in an empty folder, and move your partners/ and "
            "Pulumi.*.yaml there."
        )
    before = recorded(root)
    _refuse_an_older_release(before, origin)
    origin = _pinned(root, before, origin)
    release = kept_current(before.pipeline, origin)
    found = present(root, {*before.files, *release})
    planned = steps(before, found, release, choices)
    if idle := sorted(choices.keys() - {step.path for step in planned}):
        open_ones = [step.path for step in planned if step.fate is Fate.UNDECIDED]
        raise ChoiceError(
            f"Nothing is to be decided about {', '.join(map(quoted, idle))}; there is about: "
            f"{', '.join(open_ones) or 'no file'}. Fix: name one of these, or leave the option out."
        )
    return Upgrade(before, record_of(origin.version, before.pipeline, release), planned)


def _refuse_an_older_release(before: Record, origin: Origin) -> None:
    """A tenantry that is older than the repository would take files of the later release back, the policies' too."""
    try:
        is_older = Version(origin.version) < Version(before.version)
    except InvalidVersion:
        raise RepositoryError(
            f"{RECORD}: version: found {quoted(before.version)}; expected: a release. Fix: git checkout {RECORD}"
        ) from None
    if is_older:
        raise RepositoryError(
            f"This tenantry is {origin.version} ({sys.executable}), but the repository has {before.version}: nothing "
            "was written. Fix: upgrade tenantry itself first (`pipx upgrade tenantry`), and run that one."
        )


def _pinned(root: Path, before: Record, origin: Origin) -> Origin:
    """The wheel that the repository holds of the running release, where its environment was installed from it.

    pip notes nothing of a wheel that it found in a folder. Without this the pin would lose its hash.
    """
    if origin.wheel or origin.address:
        return origin
    for path, known in before.files.items():
        name = path.removeprefix(f"{WHEELS}/")
        file = root / path
        if name == path or not name.startswith(f"tenantry-{origin.version}-") or not file.is_file():
            continue
        if digest(content := file.read_bytes()) == known:
            return replace(origin, wheel=Wheel(name, content), unpublished=False)
    return origin


def apply(root: Path, upgrade: Upgrade) -> None:
    """Write what was planned, the record last: what breaks off is finished by running it again.

    Raises RepositoryError.
    """
    try:
        for step in upgrade.steps:
            if step.fate is Fate.REMOVED and step.before is not None:
                remove(root, step.path)
            elif step.writes and step.after is not None:
                write(root, {step.path: step.after})
        write(root, {RECORD: upgrade.after.text.encode()})
    except OSError as error:
        raise RepositoryError(
            f"{root} cannot be written ({error.strerror}). Fix: correct its permissions or make room on the disk, and "
            "run this again: it goes on where it stopped."
        ) from None


def steps(record: Record, present: Files, release: Files, choices: Mapping[str, Choice]) -> tuple[Step, ...]:
    """What becomes of every file that differs, by path.

    ``present`` is what the repository has of the record's and the release's files.
    """
    return tuple(_steps(record, present, release, choices))


def _steps(record: Record, present: Files, release: Files, choices: Mapping[str, Choice]) -> Iterator[Step]:
    for path in sorted({*record.files, *release}):
        before, after = present.get(path), release.get(path)
        was, now, brings = record.files.get(path), _digest(before), _digest(after)
        if now == brings or brings == was:
            continue  # as the release has it, or not changed by the release
        if now == was:
            yield Step(path, _fate(before, after), before, after)
        elif path in choices:
            fate = Fate.KEPT if choices[path] is Choice.KEEP else _fate(before, after)
            yield Step(path, fate, before, after)
        else:
            yield Step(path, Fate.UNDECIDED, before, after)


def _fate(before: bytes | None, after: bytes | None) -> Fate:
    if after is None:
        return Fate.REMOVED
    return Fate.ADDED if before is None else Fate.REPLACED


def _digest(content: bytes | None) -> str | None:
    return None if content is None else digest(content)
