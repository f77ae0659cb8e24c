"""What holds of every command: `--json` with its schema, `--quiet`, colour, width, and what a shell completes."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tenantry.commands.app import OF_EXTRAS
from tenantry.commands.deferred import Deferred
from tenantry.reference.pages import PAGES, SCHEMAS
from tests.declaration.folder import Folder

from .conftest import Tenantry
from .test_commands import COMMANDS


def whole(command: Any) -> Any:
    """A command with its options, which are known once its module is imported."""
    if isinstance(command, Deferred):
        return command.make_context(str(command.name), [], resilient_parsing=True).command
    return command


COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:[39][0-7]|4[0-7]|38|48)[;m]")
PARAMETERS = {
    " ".join(name): {option for item in whole(command).params for option in item.opts}
    for name, command in COMMANDS.items()
}
WITH_JSON = sorted(name for name, options in PARAMETERS.items() if "--json" in options)
#: What answers here at once, without an engine, a directory or a sign-in.
OFFLINE = ("check", "who", "todo", "ftop", "stacks")


@pytest.fixture(autouse=True)
def _in_the_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def test_every_command_that_reports_answers_in_json() -> None:
    assert {"adopt", "audit", "check", "doctor", "drift", "ftop", "review", "stacks", "todo", "upgrade", "who"} <= set(
        WITH_JSON
    )
    with_formats = {name for name, options in PARAMETERS.items() if "--format" in options}
    assert with_formats <= set(WITH_JSON)


@pytest.mark.parametrize("name", WITH_JSON)
def test_what_answers_in_json_has_a_published_schema_and_can_be_quiet(name: str) -> None:
    assert {"--quiet", "-q"} <= PARAMETERS[name]
    assert name in SCHEMAS
    Draft202012Validator.check_schema(json.loads(PAGES[f"schemas/{name}.schema.json"]()))


@pytest.mark.parametrize("name", OFFLINE)
def test_the_answer_is_what_the_schema_says(tenantry: Tenantry, name: str) -> None:
    ran = tenantry(name, "--json")
    assert ran.exit_code == 0
    Draft202012Validator(json.loads(PAGES[f"schemas/{name}.schema.json"]())).validate(json.loads(ran.stdout))
    if "--format" in PARAMETERS[name]:
        assert tenantry(name, "--format", "json") == ran


def test_two_formats_at_once_are_a_wrong_command_line(tenantry: Tenantry) -> None:
    assert tenantry("who", "--json", "--format", "csv").exit_code == 2
    assert tenantry("who", "--json", "--format", "json").exit_code == 0


@pytest.mark.parametrize("name", OFFLINE)
def test_quiet_says_nothing_where_nothing_is_wrong(tenantry: Tenantry, name: str) -> None:
    ran = tenantry(name, "--quiet")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "")


def test_quiet_keeps_the_exit_code_and_the_errors(tenantry: Tenantry, folder: Folder) -> None:
    folder.replace("tenants/us.yaml", "country: US", "country: XX")
    loud, quiet = tenantry("check", folder.path), tenantry("check", folder.path, "-q")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (loud.exit_code, "", loud.stderr)
    assert quiet.exit_code == 1
    assert "country" in quiet.stderr


@pytest.mark.parametrize("arguments", [("check",), ("who",), ("todo",), ("--help",), ("nonsense",)], ids=" ".join)
def test_no_color_is_heard(tenantry: Tenantry, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if arguments[0] in ("who", "check"):
        coloured = tenantry(*arguments)
        assert "\x1b[" in coloured.stdout
    monkeypatch.setenv("NO_COLOR", "1")
    plain = tenantry(*arguments)
    assert not COLOUR.search(plain.stdout + plain.stderr)


def test_the_width_is_that_of_columns(tenantry: Tenantry, monkeypatch: pytest.MonkeyPatch) -> None:
    def widest() -> int:
        return max(map(len, tenantry("stacks").stdout.splitlines()))

    without = widest()
    monkeypatch.setenv("COLUMNS", "60")
    assert widest() == 60 < without


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("tenantry che", {"check"}),
        ("tenantry check ", {"partners/contoso"}),
        ("tenantry who --tenant ", {"own-use", "uk", "us"}),
        ("tenantry who --person k", {"kavya"}),
        ("tenantry who partners/contoso --tenant us --person r", {"rescue-1", "rescue-2"}),
        ("tenantry todo --person zzz", set()),
        ("tenantry handover ca", {"carla"}),
        ("tenantry drift --stack ", {"dev"}),
        ("tenantry who --role Glo", {"Global admin"}),
        ("tenantry schema who", {"who"}),
    ],
)
def test_a_shell_completes_what_stands_in_the_files(line: str, names: set[str]) -> None:
    assert completed(line) == names


def test_files_that_cannot_be_read_complete_nothing_and_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenants = tmp_path / "partners/acme/tenants"
    tenants.mkdir(parents=True)
    (tenants / "us.yaml").write_text("people: [")
    monkeypatch.chdir(tmp_path)
    assert completed("tenantry handover ") == set()
    assert completed("tenantry drift --stack ") == set()
    assert completed("tenantry who --tenant ") == {"us"}


def completed(line: str) -> set[str]:
    """What bash offers at the end of a line."""
    asked = {"_TENANTRY_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    program = "import sys; sys.argv = ['tenantry']; from tenantry.commands.app import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    return set(ran.stdout.split("\n")) - {""}


def test_a_package_of_an_extra_that_is_missing_is_named_with_the_fix() -> None:
    program = "import sys; sys.modules['httpx'] = None; from tenantry.commands.app import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program, "directory", "dump"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "Traceback" in ran.stderr) == (3, False)
    assert "needs the Python package httpx" in ran.stderr
    assert "Fix: " in ran.stderr


def test_every_package_of_the_extras_is_known() -> None:
    extras = r"extra == .(?:directory|graph|pulumi)."
    wanted = {re.split(r"[<>=;\[ ]", item)[0].lower() for item in requires("tenantry") or () if re.search(extras, item)}
    brought: dict[str, Any] = {}
    for package, distributions in packages_distributions().items():
        for distribution in distributions:
            brought.setdefault(distribution.lower().replace("_", "-"), set()).add(package)
    packages = {package for name in wanted for package in brought[name] if not package.startswith("_")}
    # One of them installs a folder of pictures beside its package.
    assert packages - {"images"} == OF_EXTRAS
