"""docs/coverage.md says of every statement of the source documents what became of it, and says it truly."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenantry.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/coverage.md"

#: Document to how many statements it makes; they are numbered from 1.
STATEMENTS = {"S0": 15, "S1": 71, "S2": 21, "S3": 25, "S4": 38}
IDS = [f"{document}.{number}" for document, count in STATEMENTS.items() for number in range(1, count + 1)]
BUILT, DOCUMENTED, NOT, NOT_YET = "built", "documented", "not", "not yet"
REGISTERED = {rule.id for rule in RULES}
#: What guards power, and what ends, comes from other documents of Microsoft's, which each of these rules names.
OF_OTHER_DOCUMENTS = {"PT-207", *(id_ for id_ in REGISTERED if id_.startswith("PT-7"))}
#: What only a customer.s tenant shows: no rule of it exists yet.
LATER = re.compile(r"PT-609")


@dataclass(frozen=True)
class Row:
    """What the page says of one statement."""

    id: str
    line: str
    quote: str
    became: str
    answer: str
    shown_by: str

    @property
    def rules(self) -> set[str]:
        return set(re.findall(r"PT-\d{3}", self.answer))

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`(tests/[^`]*)`", self.shown_by)


def rows(page: str) -> list[Row]:
    cells = (re.split(r"(?<!\\)\|", line) for line in page.splitlines() if re.match(r"\| S\d\.", line))
    return [Row(*(cell.strip() for cell in row[1:-1])) for row in cells]


def mistakes(found: Iterable[Row]) -> list[str]:
    """Everything that is wrong with some rows, taken together."""
    found = list(found)
    ids = [row.id for row in found]
    messages = [f"{id_} has no row" for id_ in IDS if id_ not in ids]
    messages += [f"{id_} has {ids.count(id_)} rows" for id_ in dict.fromkeys(ids) if ids.count(id_) > 1]
    messages += [f"{id_} is no statement" for id_ in ids if id_ not in IDS]
    for row in found:
        messages += [f"{row.id}: {what}" for what in _mistakes_in(row)]
    named = {rule for row in found for rule in row.rules}
    messages += [f"{rule} is in the registry and in no row" for rule in sorted(REGISTERED - OF_OTHER_DOCUMENTS - named)]
    return messages


def _mistakes_in(row: Row) -> Iterable[str]:
    if not (row.line and row.quote):
        yield "no line or no quote"
    if row.became not in (BUILT, DOCUMENTED, NOT, NOT_YET):
        yield f"{row.became!r}"
    if len(row.answer.strip(" –-.")) < 3:
        yield "neither an answer nor a reason"
    if row.became == BUILT and not row.tests:
        yield "built, and no test shows it"
    for rule in sorted(row.rules - REGISTERED):
        if not (row.became == NOT_YET and LATER.fullmatch(rule)):
            yield f"{rule} is not in the registry"
    for named in row.tests:
        path, _, function = named.partition("::")
        if not (ROOT / path).is_file():
            yield f"there is no {path}"
        elif function and f"def {function}(" not in (ROOT / path).read_text(encoding="utf-8"):
            yield f"there is no {function} in {path}"


@pytest.fixture(scope="module")
def coverage() -> list[Row]:
    return rows(PAGE.read_text(encoding="utf-8"))


def test_every_statement_has_one_row_that_says_truly_what_became_of_it(coverage: list[Row]) -> None:
    assert mistakes(coverage) == []


def test_the_statements_stand_in_the_order_of_the_documents(coverage: list[Row]) -> None:
    assert len(IDS) == 170
    assert [row.id for row in coverage] == IDS


def test_every_document_is_named(coverage: list[Row]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for document in STATEMENTS:
        assert re.search(rf"^\| {document} \| \*[A-Z]", page, re.MULTILINE)


def test_every_to_do_that_is_named_is_of_a_kind_that_exists(coverage: list[Row]) -> None:
    from tenantry.todo import TodoKind

    named = {kind for row in coverage for kind in re.findall(r"`([a-z-]+)/…`", row.answer)}
    assert named
    assert named <= {kind.value for kind in TodoKind}


def test_links_lead_somewhere(coverage: list[Row]) -> None:
    links = [link for row in coverage for link in re.findall(r"\]\(([^)]*)\)", row.answer)]
    assert links
    for link in links:
        assert (PAGE.parent / link).is_file(), link


WRONG = {
    "a statement without a row": (lambda row: None, "S1.50 has no row"),
    "a rule that does not exist": (lambda row: _with(row, answer="PT-999"), "S1.50: PT-999 is not in the registry"),
    "a later rule that is called built": (
        lambda row: _with(row, answer="PT-699"),
        "S1.50: PT-699 is not in the registry",
    ),
    "no answer": (lambda row: _with(row, answer="–"), "S1.50: neither an answer nor a reason"),
    "no test": (lambda row: _with(row, shown_by="–"), "S1.50: built, and no test shows it"),
    "a missing test file": (
        lambda row: _with(row, shown_by="`tests/test_none.py`"),
        "S1.50: there is no tests/test_none.py",
    ),
    "a missing test": (
        lambda row: _with(row, shown_by="`tests/reports/test_todo.py::test_none`"),
        "S1.50: there is no test_none in tests/reports/test_todo.py",
    ),
    "another word": (lambda row: _with(row, became="maybe"), "S1.50: 'maybe'"),
    "no such statement": (lambda row: _with(row, id="S1.99"), "S1.99 is no statement"),
    "no quote": (lambda row: _with(row, quote=""), "S1.50: no line or no quote"),
}


def _with(row: Row, **fields: str) -> Row:
    return Row(**{**vars(row), **fields})


@pytest.mark.parametrize("wrong", WRONG)
def test_a_page_that_is_wrong_is_found_out(coverage: list[Row], wrong: str) -> None:
    change, message = WRONG[wrong]
    page = [change(row) if row.id == "S1.50" else row for row in coverage]
    assert message in mistakes(row for row in page if row is not None)


def test_a_statement_with_two_rows_is_found_out(coverage: list[Row]) -> None:
    assert "S2.4 has 2 rows" in mistakes([*coverage, next(row for row in coverage if row.id == "S2.4")])


@pytest.mark.parametrize("rule", sorted(REGISTERED - OF_OTHER_DOCUMENTS))
def test_a_rule_that_no_row_names_is_found_out(coverage: list[Row], rule: str) -> None:
    silent = [_with(row, answer=row.answer.replace(rule, "it")) for row in coverage]
    assert f"{rule} is in the registry and in no row" in mistakes(silent)


def test_a_bar_in_a_quote_ends_no_cell() -> None:
    (row,) = rows(r"| S1.50 | 116 | \"Admin agent \| Admin Agents/All Users\" | built | Table 1 | `tests/x.py` |")
    assert row.quote == r"\"Admin agent \| Admin Agents/All Users\""
    assert row.became == BUILT
