"""The committed folder of bad declarations: each says what it must, where it must, with the exit code it must."""

import json
from pathlib import Path
from typing import Any

import pytest

from tenantry.rules import RULES, View
from tests.bad import build
from tests.bad.builder import DECLARATION, FILES, Case
from tests.bad.cases import CASES
from tests.bad.run import Check

KNOWN = {rule.id for rule in RULES}


def reported(document: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Everything that a check reported in JSON, in the form of the committed index."""
    problems = [{"rule": DECLARATION, **problem} for problem in document["problems"]]
    return sorted(
        (
            {
                "id": item["rule"],
                "file": Path(item["file"]).resolve().relative_to(folder.resolve()).as_posix(),
                "line": item["line"],
                "column": item["column"],
            }
            for item in [*problems, *document["findings"]]
        ),
        key=lambda item: (item["id"], item["file"], item["line"], item["column"]),
    )


def test_the_committed_folder_is_what_the_builder_makes() -> None:
    committed = {
        file.relative_to(build.FOLDER).as_posix(): file.read_bytes()
        for file in build.FOLDER.rglob("*")
        if file.is_file()
    }
    assert committed == build.content(), "write it anew: python -m tests.bad.build"


def test_the_names_of_the_cases_differ() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_default_fires_nothing(tmp_path: Path, check: Check) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    ran = check(tmp_path, "--json")
    document = json.loads(ran.stdout)
    assert ran.exit_code == 0
    for reported in ("problems", "findings", "excepted", "unsorted", "unknown_done"):
        assert document[reported] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_declaration_says_its_id_place_and_exit_code(case: Case, check: Check) -> None:
    expected = json.loads((build.FOLDER / "expected.json").read_text())[case.name]
    folder = build.FOLDER / case.name
    ran = check(folder, "--json")
    document = json.loads(ran.stdout)
    assert reported(document, folder) == expected["says"]
    assert ran.exit_code == expected["exit_code"]
    assert document["ok"] is (expected["exit_code"] == 0)
    assert ran.stderr == ""
    for item in [*document["problems"], *document["findings"]]:
        assert item["actual"]
        assert item["expected"]
        assert item["remediation"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_declaration_is_reported_to_people_in_lines_without_orders_to_a_terminal(
    case: Case, check: Check
) -> None:
    ran = check(build.FOLDER / case.name)
    assert ran.exit_code == case.exit_code
    reported = ran.stdout + ran.stderr
    for _, line, column in case.places:
        assert f":{line}:{column}: " in reported
    for id_ in set(case.says) - {DECLARATION}:
        assert id_ in reported
    assert reported.replace("\n", "").isprintable()


def test_every_rule_on_declarations_has_a_case() -> None:
    evaluated = {rule.id for rule in RULES if View.DECLARED in rule.checks or rule.across}
    evaluated -= {"PT-205"}  # speaks of the repository around them: tests/cli/test_codeowners.py
    assert evaluated <= {id_ for case in CASES for id_ in case.says}


def test_no_case_names_a_rule_that_there_is_not() -> None:
    assert {id_ for case in CASES for id_ in case.says} - {DECLARATION} <= KNOWN


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, check: Check) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    huge = tmp_path / "tenants/us.yaml"
    with huge.open("ab") as stream:
        stream.truncate(1 << 32)  # a hole: it takes no room on the disk
    ran = check(tmp_path, "--json")
    assert ran.exit_code == 2
    (item,) = json.loads(ran.stdout)["problems"]
    assert "at most" in item["expected"]
