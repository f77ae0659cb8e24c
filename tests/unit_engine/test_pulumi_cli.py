from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.engine import pulumi_cli
from tenantry.errors import EngineMissingError
from tenantry.project.paths import Project

from .conftest import script

Notes = tuple[list[str], Callable[[str], None]]


def answering(path: Path, version: str) -> Path:
    return script(path, f"echo {version}")


def test_path_comes_first_then_home_then_the_project(project: Project, home: Path, monkeypatch: pytest.MonkeyPatch):
    own = answering(project.own_engine / "bin" / "pulumi", "v3.272.0")
    assert pulumi_cli.find(project).path == own
    at_home = answering(home / ".pulumi" / "bin" / "pulumi", "v3.260.1")
    assert pulumi_cli.find(project).path == at_home
    on_path = answering(home / "bin" / "pulumi", "v3.249.0")
    monkeypatch.setenv("PATH", f"{home / 'bin'}:/usr/bin:/bin")
    assert pulumi_cli.find(project) == pulumi_cli.PulumiCli(on_path, "3.249.0")


def test_an_old_one_is_passed_over_and_reported(
    project: Project, home: Path, monkeypatch: pytest.MonkeyPatch, notes: Notes
):
    old = answering(home / "bin" / "pulumi", "v3.248.9")
    new = answering(project.own_engine / "bin" / "pulumi", "v3.272.0")
    monkeypatch.setenv("PATH", f"{home / 'bin'}:/usr/bin:/bin")
    sentences, note = notes
    assert pulumi_cli.find(project, note=note).path == new
    assert sentences == [f"{old} is Pulumi 3.248.9, older than 3.249.0: upgrade it."]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("echo v2.25.2", "is Pulumi 2.25.2, older than 3.249.0"),
        ("echo pulumi: command not found >&2; exit 127", "does not print its version: pulumi: command not found"),
        ("echo dev", "does not print its version: dev"),
        ("", "does not print its version: no output"),
    ],
)
def test_where_none_will_do_the_reason_is_in_the_error(project: Project, home: Path, body: str, reason: str):
    script(home / ".pulumi" / "bin" / "pulumi", body)
    with pytest.raises(EngineMissingError, match=f"No Pulumi CLI was found. .*{reason}") as caught:
        pulumi_cli.find(project)
    assert caught.value.exit_code == 3


def test_a_file_that_does_not_run_is_no_engine(project: Project, home: Path):
    script(home / ".pulumi" / "bin" / "pulumi", "").chmod(0o644)
    with pytest.raises(EngineMissingError, match="does not run: Permission denied"):
        pulumi_cli.find(project)


def test_none_at_all_is_reported(project: Project, home: Path):
    with pytest.raises(EngineMissingError, match=r"^No Pulumi CLI was found\. `make up` installs one, "):
        pulumi_cli.find(project)


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a Pulumi SDK of our own before the real one, with a body for its installer."""

    def put(body: str) -> None:
        package = tmp_path / "sdk" / "pulumi"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "automation.py").write_text(
            "import os, pathlib, subprocess, time, urllib.error\n"
            f"class PulumiCommand:\n    @staticmethod\n    def install(root):\n        {body}\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(package.parent))

    return put


def test_installing_puts_the_engine_into_the_project(project: Project, home: Path, installer: Callable[[str], None]):
    installer(
        "path = pathlib.Path(root, 'bin', 'pulumi'); path.parent.mkdir(parents=True); "
        "path.write_text('#!/bin/sh\\necho v3.272.0\\n'); path.chmod(0o755)"
    )
    installed = pulumi_cli.install(project)
    assert installed == pulumi_cli.PulumiCli(project.own_engine / "bin" / "pulumi", "3.272.0")
    assert pulumi_cli.find(project) == installed
    assert [path.name for path in project.own_engine.iterdir()] == ["bin"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "raise urllib.error.URLError('Name or service not known')",
            "get.pulumi.com cannot be reached: Name or service",
        ),
        ("raise subprocess.CalledProcessError(1, 'x', b'curl: (6)\\nerror: no such version\\n')", "no such version"),
        ("raise RuntimeError('unforeseen')", "unforeseen"),
        ("pass", "does not run: No such file"),
    ],
)
def test_an_installer_that_fails_says_why_and_leaves_nothing(
    project: Project, installer: Callable[[str], None], body: str, reason: str
):
    installer(body)
    with pytest.raises(EngineMissingError, match=f"Pulumi could not be installed: .*{reason}") as caught:
        pulumi_cli.install(project)
    assert "\n" not in str(caught.value)
    assert not project.own_engine.exists()


def test_an_installer_that_hangs_is_given_up(project: Project, installer: Callable[[str], None]):
    installer("pathlib.Path(root, 'bin').mkdir(parents=True); time.sleep(100)")
    with pytest.raises(EngineMissingError, match=r"could not be installed: no progress for 0\.5 s\.$"):
        pulumi_cli.install(project, patience=0.5)
    assert not project.own_engine.exists()
