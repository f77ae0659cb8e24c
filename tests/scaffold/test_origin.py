"""Where tenantry was installed from decides how a repository pins it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tenantry.scaffold import origin as module
from tenantry.scaffold.origin import Origin, WheelError, origin

NAME = "tenantry-0.1.0-py3-none-any.whl"
PINNED = "tenantry[directory,graph,pulumi]==0.1.0"


def built(file: Path, name: str = "tenantry", version: str = "0.1.0") -> Path:
    """A wheel as a build leaves it, as far as it is looked at."""
    file.parent.mkdir(exist_ok=True)
    with ZipFile(file, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(
            f"{name}-{version}.dist-info/METADATA", f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n"
        )
    return file


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return built(tmp_path / "a folder" / NAME)


def installed(monkeypatch: pytest.MonkeyPatch, noted: dict[str, Any] | None) -> None:
    class Distribution:
        version = "0.1.0"

        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return None if noted is None else json.dumps(noted)

    monkeypatch.setattr(module, "distribution", lambda _: Distribution())


def test_from_an_index_the_release_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, None)
    assert origin().requirements.splitlines()[1:] == [PINNED]
    assert origin().note == ""


def test_from_a_wheel_that_is_there_the_wheel_is_kept_and_pinned_by_its_digest(
    monkeypatch: pytest.MonkeyPatch, wheel: Path
) -> None:
    installed(monkeypatch, {"url": wheel.as_uri(), "archive_info": {}})
    found = origin()
    assert found.wheel
    assert (found.wheel.path, found.wheel.content) == (f"wheels/{NAME}", wheel.read_bytes())
    assert f"{PINNED} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n" in found.requirements
    assert "--find-links wheels" in found.requirements
    assert "Commit it" in found.note


def test_from_an_archive_elsewhere_its_address_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"https://packages.example/{NAME}"
    installed(monkeypatch, {"url": address, "archive_info": {"hashes": {"sha256": "ab" * 32}}})
    assert f"@ {address}#sha256={'ab' * 32}\n" in origin().requirements


def test_from_a_commit_the_commit_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    vcs = {"vcs": "git", "commit_id": "c0ffee", "requested_revision": "main"}
    installed(monkeypatch, {"url": "https://code.example/tenantry", "vcs_info": vcs})
    assert "tenantry[directory,graph,pulumi] @ git+https://code.example/tenantry@c0ffee\n" in origin().requirements


@pytest.mark.parametrize(
    "noted",
    [
        {"url": "file:///somewhere/tenantry", "dir_info": {"editable": True}},
        {"url": "file:///somewhere/tenantry-0.1.0-py3-none-any.whl", "archive_info": {}},
        {"url": "file:///somewhere/tenantry-0.1.0.tar.gz", "archive_info": {}},
    ],
    ids=["a checkout", "a wheel that is gone", "a source archive"],
)
def test_what_no_other_machine_has_is_pinned_by_its_release_and_noted(
    monkeypatch: pytest.MonkeyPatch, noted: dict[str, Any]
) -> None:
    installed(monkeypatch, noted)
    assert origin().requirements.splitlines()[1:] == [PINNED]
    assert "--wheel FILE" in origin().note


def test_a_wheel_that_is_named_wins(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> None:
    installed(monkeypatch, None)
    named = origin(wheel).wheel
    assert named
    assert named.content == wheel.read_bytes()


@pytest.mark.parametrize(
    ("name", "holds", "found"),
    [
        (NAME, None, "no such file"),
        (NAME, b"", "a file that is no wheel"),
        (NAME, b"a wheel", "a file that is no wheel"),
        (NAME, ("tenantry", "0.2.0"), "the wheel of 'tenantry' '0.2.0'"),
        (NAME, ("other", "0.1.0"), "the wheel of 'other' '0.1.0'"),
        ("tenantry-0.2.0-py3-none-any.whl", ("tenantry", "0.1.0"), "the name 'tenantry-0.2.0-py3-none-any.whl'"),
        ("other-0.1.0-py3-none-any.whl", ("tenantry", "0.1.0"), "the name 'other-0.1.0-py3-none-any.whl'"),
        ("tenantry-0.1.0.zip", ("tenantry", "0.1.0"), "the name 'tenantry-0.1.0.zip'"),
    ],
)
def test_what_is_no_wheel_of_the_running_release_is_refused_whatever_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, holds: bytes | tuple[str, str] | None, found: str
) -> None:
    installed(monkeypatch, None)
    monkeypatch.setattr(module, "__version__", "0.1.0")
    file = tmp_path / name
    if isinstance(holds, tuple):
        built(file, *holds)
    elif holds is not None:
        file.write_bytes(holds)
    with pytest.raises(WheelError) as refused:
        origin(file)
    assert str(refused.value).startswith(f"--wheel: {file}: found {found}; expected: ")
    assert "tenantry-0.1.0-….whl. Fix: name that file" in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_damaged_wheel_is_refused(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> None:
    installed(monkeypatch, None)
    whole = wheel.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole.replace(b"Name: tenantry", b"Name: tenantrx")):
        wheel.write_bytes(damaged)
        with pytest.raises(WheelError, match="a file that is no wheel"):
            origin(wheel)


def test_a_wheel_as_this_project_builds_it_is_taken(tmp_path: Path, root: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=root, capture_output=True, check=True)
    (file,) = tmp_path.iterdir()
    found = origin(file)
    assert found.wheel
    assert found.wheel.name == file.name


def test_the_running_release_is_the_packages() -> None:
    assert isinstance(origin(), Origin)
    assert origin().version
