"""What is installed with `pip install tenantry`."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import tenantry
from tenantry.commands.docs import pages
from tenantry.scaffold.origin import origin
from tenantry.scaffold.pipelines import Pipeline
from tenantry.scaffold.release import kept_current, made_once


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as opened:
        yield opened


def pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^ ]+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_wheel_holds_every_template_and_style_and_no_package_but_tenantry(
    root: Path, wheel: zipfile.ZipFile
) -> None:
    names = wheel.namelist()
    kinds = ("*.j2", "*.css", "data/*", "templates/*")
    pages = [file for kind in kinds for file in (root / "tenantry").rglob(kind) if file.is_file()]
    assert {file.relative_to(root).as_posix() for file in pages} <= set(names)
    assert len(pages) >= 3
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"tenantry"}


def test_the_wheel_holds_every_page_of_the_documentation(wheel: zipfile.ZipFile, root: Path, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    run = [sys.executable, "-P", "-m", "tenantry", "docs"]
    for name in ("permissions", "rules/PT-101", "policies"):
        ran = subprocess.run(
            [*run, name], cwd="/", env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stdout) == (0, pages()[name].read_text(encoding="utf-8")), ran.stderr
    installed = {name for name in wheel.namelist() if name.startswith("tenantry/data/docs/") and name.endswith(".md")}
    assert installed == {f"tenantry/data/{file.relative_to(root)}" for file in (root / "docs").rglob("*.md")}


def test_what_is_installed_makes_the_same_repository_as_the_checkout(
    wheel: zipfile.ZipFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed, made = tmp_path / "installed", tmp_path / "made"
    wheel.extractall(installed)
    made.mkdir()
    compiled = installed / "tenantry/data/project/components/__pycache__/people.cpython-311.pyc"
    compiled.parent.mkdir()
    compiled.touch()  # as an installer leaves it
    run = [sys.executable, "-P", "-m", "tenantry"]
    for arguments in (["--version"], ["schema", "tenant"], ["schema", "audit"], ["init", "northwind"]):
        ran = subprocess.run(
            [*run, *arguments],
            cwd=made,
            env={"PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
    wanted = {**kept_current(Pipeline.GITHUB_ACTIONS, origin()), **made_once("northwind", Pipeline.GITHUB_ACTIONS)}
    found = {file.relative_to(made).as_posix(): file.read_bytes() for file in made.rglob("*") if file.is_file()}
    assert found.keys() - wanted.keys() == {"tenantry.lock", ".github/CODEOWNERS"}
    assert {name: found[name] for name in wanted if name != "requirements.txt"} == {
        name: text for name, text in wanted.items() if name != "requirements.txt"
    }


def test_the_version_stands_in_one_place_and_everything_else_has_it(root: Path, wheel: zipfile.ZipFile) -> None:
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    assert f"\nVersion: {tenantry.__version__}\n" in wheel.read(metadata).decode()
    pack = YAML(typ="safe").load(root / "policies/PulumiPolicy.yaml")
    assert pack["version"] == tenantry.__version__


@pytest.mark.parametrize("name", ["requirements-project.lock", "requirements-release.lock"])
def test_every_lock_pins_the_same_with_hashes(root: Path, name: str) -> None:
    text, locked = (root / name).read_text(encoding="utf-8"), pins(root / "requirements.lock")
    own = pins(root / name)
    assert len(own) > 20
    assert {package: pin for package, pin in own.items() if package in locked and locked[package] != pin} == {}
    for requirement in re.split(r"\n(?=[\w])", text):
        assert "--hash=sha256:" in requirement, requirement


def test_a_partners_lock_holds_all_that_the_extras_need_and_no_tool_of_this_project(root: Path) -> None:
    own = pins(root / "requirements-project.lock")
    assert {"pulumi", "pulumi-azuread", "pulumi-policy", "starlette", "azure-identity", "pydantic"} <= own.keys()
    assert own.keys() <= pins(root / "requirements.lock").keys()
    assert own.keys() & {"pytest", "mypy", "ruff", "hypothesis", "hatchling"} == set()
