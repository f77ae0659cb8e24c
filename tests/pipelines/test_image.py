"""The image for pipelines that reach no package index."""

import re
import shutil
import subprocess

import pytest

from tenantry.engine import provider
from tests.depth import deep

from .files import OWN, ROOT

FILE = ROOT / "pipelines/Containerfile"
TEXT = FILE.read_text(encoding="utf-8").replace("\\\n", " ")
INSTRUCTIONS = [line.split(maxsplit=1) for line in TEXT.splitlines() if line and not line.startswith("#")]


def said(instruction: str) -> list[str]:
    return [rest for word, rest in INSTRUCTIONS if word == instruction]


def test_the_image_of_python_is_named_by_who_builds_it_and_by_no_tag_that_moves() -> None:
    assert said("FROM") == ["${PYTHON}"]
    assert "PYTHON" in said("ARG"), "without a default: it is to be named with its digest"
    assert "@sha256:" in FILE.read_text(encoding="utf-8").partition("ARG PYTHON")[0]


def test_packages_are_installed_by_their_hashes_and_tenantry_from_its_wheel_alone() -> None:
    (installed,) = (run for run in said("RUN") if "pip install" in run)
    assert "--require-hashes --requirement /tmp/requirements.lock" in installed
    assert "--no-deps --no-index /tmp/dist/*.whl" in installed
    copied = {item.split()[0] for item in said("COPY")}
    assert copied == {"requirements-project.lock", "dist/*.whl"}


def test_it_runs_as_a_user_who_is_not_root() -> None:
    assert said("USER") == ["10001"]
    after = INSTRUCTIONS[INSTRUCTIONS.index(["USER", "10001"]) :]
    assert not any("apt-get" in rest or "pip install" in rest for _, rest in after)


def test_the_engine_and_its_provider_are_those_of_the_pipelines() -> None:
    arguments = dict(item.split("=") for item in said("ARG") if "=" in item)
    wanted = re.findall(r'pulumi-version: "([\d.]+)"', (OWN / "stack.yml").read_text())
    assert {arguments["PULUMI"]} == set(wanted)
    assert arguments["AZUREAD"] == provider.wanted_version()


@deep
def test_it_builds_where_there_is_a_builder() -> None:
    builder = next((name for name in ("docker", "podman") if shutil.which(name)), None)
    if builder is None or subprocess.run([builder, "info"], capture_output=True, check=False).returncode != 0:
        pytest.skip("not built here: no builder (docker or podman with a daemon that answers)")
    if not any((ROOT / "dist").glob("*.whl")):
        pytest.skip("not built here: `make release` makes the wheel first")
    build = [builder, "build", "--file", str(FILE), "--build-arg", "PYTHON=docker.io/library/python:3.12-slim", "."]
    subprocess.run(build, cwd=ROOT, check=True)
