"""Where the running tenantry was installed from, so that a repository can pin the same."""

import hashlib
import json
import zlib
from dataclasses import dataclass
from email import message_from_bytes
from fnmatch import fnmatchcase
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname
from zipfile import BadZipFile, ZipFile

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from tenantry import __version__
from tenantry.errors import NOT_FOUND, EngineError
from tenantry.findings import statement
from tenantry.sanitize import quoted

_PROJECT: Final = "tenantry[directory,graph,pulumi]"
_HEAD: Final = "# The tenantry that runs here. `make setup` installs it, and requirements.lock what it needs."
WHEELS: Final = "wheels"


class WheelError(EngineError):
    """A file that is no wheel of the running tenantry."""

    exit_code = NOT_FOUND


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
    try:
        wheel = Wheel(file.name, file.read_bytes())
    except FileNotFoundError:
        raise _no_wheel(file, "no such file", version) from None
    except OSError as error:
        raise _no_wheel(file, f"a file that cannot be read ({error.strerror})", version) from None
    held = _held(wheel.content)
    if held != ("tenantry", version):
        raise _no_wheel(
            file, f"the wheel of {' '.join(map(quoted, held))}" if held else "a file that is no wheel", version
        )
    try:
        called = parse_wheel_filename(wheel.name)[:2]  # pip looks for it by its name
    except InvalidWheelFilename:
        called = None
    if called != ("tenantry", Version(version)):
        raise _no_wheel(file, f"the name {quoted(wheel.name)}", version)
    return wheel


def _held(content: bytes) -> tuple[str, str] | None:
    """The project and the release that a wheel says it holds; None where it is no wheel."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            (path,) = (name for name in archive.namelist() if fnmatchcase(name, "*.dist-info/METADATA"))
            said = message_from_bytes(archive.read(path))
    # What `zipfile` raises of a damaged archive, an encrypted one, and one compressed as nobody does.
    except (BadZipFile, EOFError, OSError, RuntimeError, ValueError, zlib.error):
        return None
    return canonicalize_name(str(said["Name"])), str(said["Version"])


def _no_wheel(file: Path, found: str, version: str) -> WheelError:
    expected = f"the wheel of the tenantry that runs this command, named as it was built: tenantry-{version}-….whl"
    remediation = "name that file, or run the tenantry of the other one"
    return WheelError(f"--wheel: {file}: found {statement(found, expected, remediation)}")
