"""The licences of locked packages, as what is installed says, against the list in pyproject.toml."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

ROOT: Final = Path(__file__).resolve().parents[2]
LOCKS: Final = ("requirements.lock", "requirements-clients.lock")
_SPDX: Final = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The MIT License (MIT)": "MIT",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""What packages without an SPDX expression call their licences."""


@dataclass(frozen=True)
class Policy:
    """Which licences are allowed, and for which packages others."""

    allowed: frozenset[str]
    exceptions: dict[str, dict[str, str]]
    elsewhere: dict[str, str]

    @classmethod
    def read(cls) -> "Policy":
        """As pyproject.toml has it."""
        found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        table = found["tool"]["tenantry"]["licences"]
        return cls(frozenset(table["allowed"]), table["exceptions"], table["elsewhere"])

    def allows(self, package: str, licence: str) -> bool:
        """Whether a package may be used by its licence: by one of several to choose from, or by all that bind."""
        also = self.exceptions.get(package, {}).get("licence")
        return any(
            all(part.strip("() ") in {*self.allowed, also} for part in choice.split(" AND "))
            for choice in licence.split(" OR ")
        )


def locked(lock: str) -> Iterator[str]:
    """The names of a lock's packages."""
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if line and not line.startswith((" ", "#", "-")):
            try:
                yield Requirement(line.removesuffix("\\").strip()).name
            except InvalidRequirement:
                raise AssertionError(f"{lock}: {line}") from None


def licence_of(package: str) -> str | None:
    """The licence that an installed package states, as an SPDX expression; None where it is not installed."""
    try:
        about = metadata(package)
    except PackageNotFoundError:
        return None
    if expression := next(iter(about.get_all("License-Expression") or []), ""):
        return str(expression)
    named = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    if named:
        return " OR ".join(_SPDX.get(name, name) for name in named)
    stated = next(iter("\n".join(about.get_all("License") or []).splitlines()), "").strip()
    return _SPDX.get(stated, stated) or "none stated"


@dataclass(frozen=True)
class Looked:
    """What came of looking at a lock's licences."""

    refused: tuple[str, ...]
    not_looked_at: tuple[str, ...]
    """Packages that are not installed here."""


def look(lock: str, policy: Policy) -> Looked:
    """Compare a lock's licences with the policy."""
    refused: list[str] = []
    missing: list[str] = []
    for package in dict.fromkeys(locked(lock)):
        licence = licence_of(package) or policy.elsewhere.get(package)
        if licence is None:
            missing.append(package)
        elif not policy.allows(package, licence):
            refused.append(f"{package}: {licence}")
    return Looked(tuple(refused), tuple(missing))
