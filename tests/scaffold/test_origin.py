"""Where tenantry was installed from decides how a repository pins it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tenantry.scaffold import origin as module
from tenantry.scaffold.origin import Origin, WheelError, origin

NAME = "tenantry-0.1.0-py3-none-any.whl"
PINNED = "tenantry[directory,graph,pulumi]==0.1.0"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    file = tmp_path / "a folder" / NAME
    file.parent.mkdir()
    file.write_bytes(b"a wheel")
    return file


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
    assert (found.wheel.path, found.wheel.content) == (f"wheels/{NAME}", b"a wheel")
    assert f"{PINNED} \\\n    --hash=sha256:{hashlib.sha256(b'a wheel').hexdigest()}\n" in found.requirements
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
    assert named.content == b"a wheel"


@pytest.mark.parametrize(
    "name", ["tenantry-0.2.0-py3-none-any.whl", "other-0.1.0-py3-none-any.whl", "tenantry-0.1.0.zip"]
)
def test_a_wheel_of_another_release_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, tmp_path: Path) -> None:
    installed(monkeypatch, None)
    (tmp_path / name).touch()
    with pytest.raises(WheelError, match=r"expected: .*tenantry-0\.1\.0-….whl"):
        origin(tmp_path / name)


def test_a_wheel_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, None)
    with pytest.raises(WheelError, match="No such file"):
        origin(tmp_path / NAME)


def test_the_running_release_is_the_packages() -> None:
    assert isinstance(origin(), Origin)
    assert origin().version
