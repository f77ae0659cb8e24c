"""Which files of a change decide about access without being a declaration."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from tenantry.reports.review import NOT_IN_GIT, CodeChange, CodeKind

Files = Mapping[str, str]
"""Files of a side: path from the top of the repository to a digest of mode and content."""

_LOCKS: Final = (
    "requirements*.lock", "requirements*.txt", "constraints*.txt", "uv.lock", "poetry.lock", "pdm.lock",
    "Pipfile.lock", "package-lock.json",
)  # fmt: skip
_DEPENDENCIES: Final = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "package.json")
_INERT: Final = ("*.md", "LICENSE*", "docs/*", "tests/*", "bench/*", "examples/*", "schemas/*", ".gitignore")
_PIPELINES: Final = (".github/*", ".azuredevops/*", ".ci/*", "pipelines/*", "azure-pipelines*", "Makefile")

_DECLARED: Final = ("partners/*/partner.yaml", "partners/*/tenants/*.yaml")


def changed_paths(before: Files, after: Files) -> list[str]:
    """The paths of files that are not the same on both sides."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def code_changes(
    before: Files, after: Files, project: str = "", untracked: Collection[str] = ()
) -> Iterator[CodeChange]:
    """The files beside declarations that the change touches and that can decide about access.

    A program may read whatever lies beside it: what is not known to be inert belongs to it. ``project`` is the
    project's folder in the repository; ``untracked`` are files that git does not have.
    """
    for path in changed_paths(before, after):
        kind = _kind(path, _within(path, project))
        if kind:
            added = NOT_IN_GIT if path in untracked else "added"
            how = added if path not in before else "removed" if path not in after else "changed"
            yield CodeChange(path=path, kind=kind, how=how)


def declarations_changed(before: Files, after: Files, project: str = "") -> int:
    """How many files of declarations the change touches."""
    return sum(_is_declaration(_within(path, project)) for path in changed_paths(before, after))


def locks_changed(before: Files, after: Files, project: str = "") -> list[str]:
    """The files that pin what the program runs on, where they differ."""
    return [
        path
        for path in changed_paths(before, after)
        if _kind(path, _within(path, project)) is CodeKind.LOCK and _matches(path.rpartition("/")[2], _LOCKS)
    ]


def _within(path: str, project: str) -> str | None:
    """A path from the project's folder; None outside it."""
    if not project:
        return path
    return path.removeprefix(f"{project}/") if path.startswith(f"{project}/") else None


def _kind(path: str, within: str | None) -> CodeKind | None:
    name = path.rpartition("/")[2]
    if name == "CODEOWNERS":
        return CodeKind.OWNERS
    if _matches(path, _PIPELINES) or (within and _matches(within, _PIPELINES)):
        return CodeKind.PIPELINE
    if within is None or _is_declaration(within) or _matches(within, _INERT):
        return None
    if within.startswith("policies/"):
        return CodeKind.POLICIES
    if _matches(name, (*_LOCKS, *_DEPENDENCIES)):
        return CodeKind.LOCK
    if within.startswith("components/"):
        return CodeKind.COMPONENTS
    if "/" not in within and fnmatchcase(within, "Pulumi.*.yaml"):
        return CodeKind.STACK
    return CodeKind.PROGRAM


def _is_declaration(within: str | None) -> bool:
    parts = within.split("/") if within else []
    return any(len(parts) == pattern.count("/") + 1 and fnmatchcase(within or "", pattern) for pattern in _DECLARED)


def _matches(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
