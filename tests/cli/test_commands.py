"""What every command has: its help under `-h`, a version; and `make` calls none that is not there."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from inspect import getdoc
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from tenantry.commands.app import app
from tenantry.commands.deferred import Deferred

from .conftest import Tenantry

Command = TyperCommand | TyperGroup


def commands(command: Any, name: tuple[str, ...] = ()) -> dict[tuple[str, ...], Command]:
    below = command.commands.items() if isinstance(command, TyperGroup) else ()
    return {name: command} | {path: item for word, sub in below for path, item in commands(sub, (*name, word)).items()}


COMMANDS = commands(get_command(app))


def test_the_version_is_the_packages(tenantry: Tenantry) -> None:
    ran = tenantry("--version")
    assert (ran.exit_code, ran.stdout) == (0, f"tenantry {version('tenantry')}\n")


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_every_command_has_its_help_under_the_short_option_too(tenantry: Tenantry, name: tuple[str, ...]) -> None:
    short, long = tenantry(*name, "-h"), tenantry(*name, "--help")
    assert short.exit_code == 0
    assert "Usage:" in short.stdout
    assert short == long


def test_a_command_starts_without_what_others_need() -> None:
    large = ("tenantry.directory", "tenantry.graph.client", "tenantry.reference", "jinja2", "httpx", "azure", "pulumi")
    assert imported_by("import tenantry.commands.check, tenantry.commands.review", large) == []


def test_the_engines_program_starts_without_what_only_reading_the_tenant_needs() -> None:
    pytest.importorskip("pulumi_azuread")
    assert imported_by("import components", ("azure", "msal", "jwt", "cryptography", "httpx")) == []


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_read_no_declaration_and_no_rule(option: str) -> None:
    large = (
        "tenantry.declaration", "tenantry.rules", "tenantry.reports", "tenantry.engine", "pydantic", "yaml",
        "ruamel.yaml", "email_validator", "disposable_email_domains", "pycountry", "pulumi",
    )  # fmt: skip
    call = f"import tenantry.commands.app; sys.argv = ['tenantry', '{option}']\ntry: tenantry.commands.app.main()\n"
    assert imported_by(f"{call}except SystemExit: pass", large) == []


def imported_by(program: str, modules: Sequence[str]) -> list[str]:
    """Which of these modules a program has imported at its end."""
    whole = f"import sys\n{program}\nsys.exit(' '.join(name for name in {modules!r} if name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=False)
    return ran.stderr.split()


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ((), ("directory",))], ids=" ".join)
def test_the_list_of_commands_says_of_each_what_its_own_help_says(name: tuple[str, ...]) -> None:
    command = COMMANDS[name]
    assert isinstance(command, Deferred)
    assert command.help == getdoc(getattr(import_module(command.module), name[-1]))


def test_make_calls_commands_and_options_that_exist(root: Path) -> None:
    called = re.findall(r"\$\(BIN\)/tenantry ([a-z -]+?)(?: *[|;]|$)", (root / "Makefile").read_text(), re.MULTILINE)
    assert {"up", "down"} <= set(called)
    for line in called:
        name, *options = line.split()
        COMMANDS[name,].make_context(name, options)  # refuses what it does not know


@pytest.mark.parametrize("stops", [True, False])
def test_make_clean_leaves_the_state_of_a_server_that_it_could_not_stop(
    root: Path, tmp_path: Path, stops: bool
) -> None:
    shutil.copy(root / "Makefile", tmp_path)
    state = tmp_path / ".tenantry/directory/running.json"
    program = tmp_path / ".venv/bin/tenantry"
    for file in (state, program):
        file.parent.mkdir(parents=True)
        file.touch()
    program.write_text(f"#!/bin/sh\nexit {0 if stops else 3}\n")
    program.chmod(0o755)
    ran = subprocess.run(["make", "clean"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode == 0) is stops
    assert state.exists() is not stops
    assert program.exists() is not stops
    assert ("would outlive its state" in ran.stderr) is not stops
