"""The stacks of a project, as their configuration files say, without any secret of theirs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenantry.declaration import DeclarationError
from tenantry.declaration.document import read

#: Stands for every secret of a configuration: long enough for whatever asks for a long one, and worth nothing.
NO_SECRET: Final = "not-a-secret: a review knows none, and needs none"  # noqa: S105

_SECURE: Final = "secure"


@dataclass(frozen=True)
class StackFile:
    """One stack's configuration."""

    name: str
    project: str
    tenant: str | None
    """As ``tenantry:tenant`` names it."""
    config: Mapping[str, str]
    secrets: frozenset[str]
    """The keys whose values stand there encrypted; `config` has `NO_SECRET` for them."""


@dataclass(frozen=True)
class Unreadable:
    """A stack whose configuration cannot be read, and why."""

    name: str
    why: str


def stack_files(root: Path) -> Iterator[StackFile | Unreadable]:
    """The stacks that a project's folder has files for, by name."""
    try:
        project = str(read(root / "Pulumi.yaml").content.get("name", "")) or "project"
    except DeclarationError as error:
        if (root / "Pulumi.yaml").exists():
            yield Unreadable("(every one)", str(error))
        return
    for file in sorted(root.glob("Pulumi.*.yaml")):
        name = file.name.removeprefix("Pulumi.").removesuffix(".yaml")
        try:
            content = read(file).content.get("config")
        except DeclarationError as error:
            yield Unreadable(name, str(error))
            continue
        yield _stack(name, project, content if isinstance(content, dict) else {})


def _stack(name: str, project: str, written: Mapping[str, object]) -> StackFile:
    config, secrets = {}, set()
    for key, value in written.items():
        full = key if ":" in key else f"{project}:{key}"
        if _holds_a_secret(value):
            secrets.add(full)
        shown = _without_secrets(value)
        config[full] = shown if isinstance(shown, str) else json.dumps(shown, default=str)
    tenant = config.get("tenantry:tenant")
    return StackFile(name, project, tenant, config, frozenset(secrets))


def _holds_a_secret(value: object) -> bool:
    if isinstance(value, dict):
        return _SECURE in value or any(map(_holds_a_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_a_secret, value))


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return NO_SECRET if _SECURE in value else {key: _without_secrets(item) for key, item in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
