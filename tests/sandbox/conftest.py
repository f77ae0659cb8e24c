import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tenantry.sandbox import recording
from tenantry.sandbox.recording import ExistingResource, Recording, RecordingRequest, record
from tests import forks

from .sample import ADA, CLIENT_CONFIG, HELPDESK, PASSWORD, PEOPLE, PROGRAM, write_program


def request(**more: Any) -> RecordingRequest:
    config = {"sample:password": PASSWORD, "azuread:tenantId": "t"}
    asked = {"config": config, "secret_config_keys": ("sample:password",), "invokes": (CLIENT_CONFIG,)}
    return RecordingRequest(project="sample", stack="dev", **(asked | more))


@dataclass(frozen=True)
class RawRun:
    exit_code: int
    stdout: str
    stderr: str
    text: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document


def run_recorder(program: Path, output: Path, *, seed: str = "0", **more: Any) -> RawRun:
    """The recorder as its command line has it: the request in a file."""
    asked = request().model_dump(mode="json") | {"output": str(output)} | more
    file = output.with_suffix(".request.json")
    file.write_text(json.dumps(asked))
    done = subprocess.run(
        [sys.executable, recording._RECORDER, program, file],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
        timeout=60,
    )
    return RawRun(done.returncode, done.stdout, done.stderr, output.read_text())


@pytest.fixture(scope="package")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_program(tmp_path_factory.mktemp("program"), PROGRAM, people=PEOPLE)


@pytest.fixture(scope="package")
def preview(program: Path) -> Recording:
    return record(program, request())


@pytest.fixture(scope="package")
def apply(program: Path) -> Recording:
    return record(program, request(preview=False))


@pytest.fixture(scope="package")
def update(program: Path) -> Recording:
    """A run on a tenant where Ada exists already, with secrets revealed."""
    ada = ExistingResource(
        id=f"/users/{HELPDESK}",
        outputs={"objectId": HELPDESK, "displayName": "Ada Byron", "aboutMe": "counts", "password": "old"},
    )
    return record(program, request(resources={ADA: ada}, reveal_secrets=True))


@pytest.fixture(scope="package")
def raw(program: Path, tmp_path_factory: pytest.TempPathFactory) -> RawRun:
    return run_recorder(program, tmp_path_factory.mktemp("raw") / "recording.json")


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., Recording]:
    """Records a program: in a fork, or ``alone`` in the process that the product starts."""

    def run(main: str, *, alone: bool = False, timeout: float = 60, **more: Any) -> Recording:
        folder = write_program(tmp_path / "program", main)
        if alone:
            return record(folder, request(**more), environment={"EXTRA": "yes"}, timeout=timeout)
        return record(folder, request(**more), start=forks.start)

    return run
