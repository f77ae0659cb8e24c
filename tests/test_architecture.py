"""The rooms of the code are those of docs/architecture.md, and imports run one way."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
#: Rooms from the bottom up; the first row of the table names several.
ROOMS = [
    room
    for line in PAGE.partition("## The packages")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| `")
    for room in re.findall(r"`(\w+)`", line.split("|")[1])
]
SOURCES = sorted((ROOT / "tenantry").rglob("*.py"))


def module_of(file: Path) -> list[str]:
    parts = list(file.relative_to(ROOT).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


@cache
def imported(file: Path) -> tuple[list[str], ...]:
    """What a file imports, as the parts of a module's name; relative imports stay within their room."""
    return tuple(_imported(file))


def _imported(file: Path) -> Iterator[list[str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            parts = node.module.split(".")
            if parts == ["tenantry"]:
                yield from (["tenantry", alias.name] for alias in node.names)
            else:
                yield parts
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)


def test_the_page_names_every_room_once_and_no_other() -> None:
    existing = {module_of(file)[1] for file in SOURCES if len(module_of(file)) > 1} - {"__main__"}
    assert sorted(ROOMS) == sorted(existing)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_rooms_above_it_alone(room: str) -> None:
    above = {*ROOMS[: ROOMS.index(room) + 1], "__version__"}
    below = {
        f"{'.'.join(module_of(file))} imports {'.'.join(parts)}"
        for file in SOURCES
        if module_of(file)[1:2] == [room]
        for parts in imported(file)
        if parts[0] == "tenantry" and parts[1] not in above
    }
    assert below == set()


def test_the_core_imports_neither_the_program_nor_what_only_the_program_needs() -> None:
    allowed = ("tenantry/policy/", "tenantry/sandbox/recorder.py", "tenantry/engine/install_pulumi.py")
    heavy = {
        str(file.relative_to(ROOT))
        for file in SOURCES
        for parts in imported(file)
        if parts[0] in ("components", "policies", "pulumi", "pulumi_azuread")
    }
    assert {name for name in heavy if not name.startswith(allowed)} == set()


def test_the_embedded_directory_needs_no_room_but_those_the_page_allows() -> None:
    (row,) = (line for line in PAGE.splitlines() if line.startswith("| `directory` |"))
    allowed = set(re.findall(r"`(\w+)`", row.split("|")[2])) | {"directory"}
    shared = set(ROOMS[: ROOMS.index("roles")])
    rooms = {
        parts[1]
        for file in SOURCES
        if module_of(file)[1:2] == ["directory"]
        for parts in imported(file)
        if parts[0] == "tenantry"
    }
    assert rooms <= allowed | shared


def test_every_step_of_the_walk_is_there() -> None:
    """A module and a function that the page names exist, so that the walk stays true."""
    steps = re.findall(r"`((?:\w+/)*\w+\.py):([\w.]+)`", PAGE)
    assert len(steps) >= 6
    for file, name in steps:
        tree = ast.parse((ROOT / "tenantry" / file).read_text(encoding="utf-8"))
        scope: list[ast.stmt] = tree.body
        for part in name.split("."):
            found = [node for node in scope if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part]
            assert found, f"{file} has no {name}"
            scope = found[0].body


def test_every_file_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`?((?:\w+/)+\w+\.py)", PAGE))
    missing = {name for name in named if not any((ROOT / base / name).exists() for base in ("", "tenantry"))}
    assert missing == set()
