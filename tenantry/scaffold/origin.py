"""Where the running tenantry was installed from, so that a repository can pin the same."""

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from tenantry import __version__
from tenantry.errors import EngineError
from tenantry.sanitize import quoted

_PROJECT: Final = "tenantry[directory,graph,pulumi]"
_HEAD: Final = "# The tenantry that runs here. `make setup` installs it, and requirements.lock what it needs."
WHEELS: Final = "wheels"


class WheelError(EngineError):
    """A file that is no wheel of the running tenantry."""


@dataclass(frozen=True)
class Wheel:
    """The wheel that tenantry was installed from, for a repository of which no index may have it."""

    name: str
    content: bytes

    @property
    def path(self) -> str:
        """Where it lies in the repository."""
        return f"{WHEELS}/{self.name}"

    @property
    def digest(self) -> str:
        """Its SHA-256."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Origin:
    """What pins the running tenantry."""

    version: str
    wheel: Wheel | None = None
    address: str = ""
    """Of what no index gave: an archive, or a commit."""
    unpublished: bool = False
    """Whether it was installed from a folder or file of this machine that no other machine has."""

    @property
    def requirements(self) -> str:
        """The text of requirements.txt."""
        if self.wheel:
            pin = f"--find-links {WHEELS}\n{_PROJECT}=={self.version} \\\n    --hash=sha256:{self.wheel.digest}"
        else:
            pin = f"{_PROJECT} @ {self.address}" if self.address else f"{_PROJECT}=={self.version}"
        return f"{_HEAD}\n{pin}\n"

    @property
    def note(self) -> str:
        """What to know of it before `make setup` runs elsewhere; empty where there is nothing."""
        if self.wheel:
            return f"{self.wheel.path} is the tenantry that you run. Commit it: `make setup` installs it from there."
        if self.unpublished:
            return (
                f"requirements.txt pins tenantry {self.version}; the one that you run was installed from a folder or "
                "file that other machines do not have. `make setup` works where pip's index has that release. Where it "
                "has none, build a wheel and name it: tenantry init … --wheel FILE"
            )
        return ""


def origin(wheel: Path | None = None) -> Origin:
    """Where tenantry was installed from, or the wheel that is named instead. Raises WheelError."""
    if wheel is not None:
        return Origin(__version__, _named(wheel, __version__))
    # PEP 610: what an installer notes of anything that no index gave.
    noted = json.loads(distribution("tenantry").read_text("direct_url.json") or "{}")
    return _noted(noted, __version__)


def _noted(noted: dict[str, Any], version: str) -> Origin:
    address = str(noted.get("url", ""))
    if "vcs_info" in noted:
        vcs = noted["vcs_info"]
        return Origin(version, address=f"{vcs['vcs']}+{address}@{vcs['commit_id']}")
    if "archive_info" not in noted:
        return Origin(version, unpublished="dir_info" in noted)
    if urlsplit(address).scheme != "file":
        digest = noted["archive_info"].get("hashes", {}).get("sha256")
        return Origin(version, address=f"{address}#sha256={digest}" if digest else address)
    file = Path(url2pathname(urlsplit(address).path))
    is_there = file.suffix == ".whl" and file.is_file()
    return Origin(version, Wheel(file.name, file.read_bytes()) if is_there else None, unpublished=not is_there)


def _named(file: Path, version: str) -> Wheel:
    name = file.name
    if not (name.startswith(f"tenantry-{version}-") and name.endswith(".whl")):
        raise WheelError(
            f"--wheel: found {quoted(name)}; expected: the wheel of the tenantry that runs this command, "
            f"tenantry-{version}-….whl. Fix: name that file, or run the tenantry of the other one."
        )
    try:
        return Wheel(name, file.read_bytes())
    except OSError as error:
        raise WheelError(f"--wheel: {file} cannot be read ({error.strerror}). Fix: name a file that can.") from None
