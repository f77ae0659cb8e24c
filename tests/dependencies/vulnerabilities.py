"""What pip-audit says of a lock, and what it did not look at: it calls that "no known vulnerabilities" too."""

import subprocess
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from tests.dependencies.licences import ROOT

_SECONDS: Final = 600
_COMMAND: Final = (
    "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off",
    "--timeout", "15", "--requirement",
)  # fmt: skip


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Vulnerability(_Read):
    id: str
    fix_versions: tuple[str, ...] = ()


class _Package(_Read):
    name: str
    version: str = ""
    skip_reason: str = ""
    vulns: tuple[_Vulnerability, ...] = ()


class _Answer(_Read):
    dependencies: tuple[_Package, ...]


@dataclass(frozen=True)
class Audit:
    """What is known of a lock."""

    looked_up: int = 0
    vulnerable: tuple[str, ...] = ()
    not_looked_up: str = ""
    """Which packages, or all, and why."""

    @property
    def whole(self) -> bool:
        """Whether every package was looked up."""
        return not self.not_looked_up


def run(python: str, lock: str) -> Audit:
    """Ask pip-audit, which asks PyPI."""
    try:
        ran = subprocess.run(
            [python, *_COMMAND, lock], cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Audit(not_looked_up=f"all of them: {error}")
    return read(ran.stdout, ran.stderr)


def read(answer: str, messages: str) -> Audit:
    """What an answer of pip-audit comes to."""
    try:
        packages = _Answer.model_validate_json(answer).dependencies
    except ValidationError:
        last = next((line for line in reversed(messages.splitlines()) if line.strip()), "pip-audit gave no answer")
        return Audit(not_looked_up=f"all of them: {last.strip()}")
    skipped = [package for package in packages if package.skip_reason]
    vulnerable = tuple(
        f"{package.name} {package.version}: {one.id}. Fix: {' or '.join(one.fix_versions) or 'no release fixes it yet'}"
        for package in packages
        for one in package.vulns
    )
    reason = f"{len(skipped)} packages, such as {skipped[0].name}: {skipped[0].skip_reason}" if skipped else ""
    return Audit(
        len(packages) - len(skipped), vulnerable, reason or ("" if packages else "all of them: none is listed")
    )
