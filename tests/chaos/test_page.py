"""Each row of docs/reliability.md is a test, and what the row says is read stands in that test."""

import ast
import re

import pytest

from .conftest import ROOT

PAGE = (ROOT / "docs/reliability.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and "tests/" in line
]


def test_there_is_a_row_for_each_thing_that_breaks() -> None:
    assert len(ROWS) >= 15
    assert all(len(row) == 5 and all(row) for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_a_test_that_is_there_and_reads_what_the_row_says(row: list[str]) -> None:
    file, _, name = row[-1].partition("::")
    text = (ROOT / file).read_text("utf-8")
    tests = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    assert not name or name in tests
    for said in re.findall(r"`([^`]+)`", row[2]):
        assert said in text, said
