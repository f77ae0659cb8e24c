"""The sheet of FTOP assignments: its states, that it agrees with the to-dos, and that all of it is only text."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tenantry.declaration import PersonState, Tenant, load
from tenantry.declaration.ftop import FtopPlan, FtopRole
from tenantry.reports import markdown
from tenantry.reports.ftop_sheet import HEADER, FtopAssignment, State, as_csv, layout, sheet
from tenantry.reports.spreadsheet import csv_text, safe_cell
from tenantry.todo import TodoKind, todos

from .test_todo import tenants

US = load(Path(__file__).resolve().parents[2] / "partners/contoso").tenants["us"]
DAY, LATER = date(2026, 3, 2), date(2026, 5, 4)
UPN = US.members["ines"].upn
OF_FTOP = (TodoKind.ASSIGN, TodoKind.WITHDRAW, TodoKind.REDO_FTOP)


def tenant(
    *, approved: bool = True, assignments: Any = None, done: dict[str, date] | None = None, **ines: Any
) -> Tenant:
    """The sample with one customer, and Ines as said."""
    assigned = {"ines": ["FastTrack Engineer"]} if assignments is None else assignments
    ftop = {
        "approval": {"on": DAY, "by": "ada"} if approved else {"state": "pending"},
        "customers": {"fabrikam": {"name": "Fabrikam Inc.", "assignments": assigned}},
    }
    people = {**US.members, "ines": US.members["ines"].model_copy(update=ines)}
    return US.model_copy(update={"ftop": FtopPlan.model_validate(ftop), "people": people, "done": done or {}})


def rows(tenant: Tenant) -> list[tuple[str, str, str]]:
    return [(row.upn, str(row), row.todo) for row in sheet(tenant)]


# States


def test_an_assignment_is_to_do_until_somebody_declares_the_day() -> None:
    assert rows(tenant()) == [(UPN, "to assign", "assign/fabrikam/ines")]
    assert rows(tenant(done={"assign/fabrikam/ines": DAY})) == [
        (UPN, "assigned on 2026-03-02", "assign/fabrikam/ines"),
    ]


def test_a_row_for_each_role_of_the_three() -> None:
    rows = sheet(tenant(assignments={"ines": [role.value for role in FtopRole]}))
    assert [row.role for row in rows] == list(FtopRole)
    assert {(row.customer, row.person, row.upn) for row in rows} == {("Fabrikam Inc.", "Ines Costa", UPN)}


def test_who_does_not_get_into_ftop_is_incomplete_and_says_what_is_lacking() -> None:
    assert rows(tenant(approved=False)) == [(UPN, "incomplete: lacks tenant approval", "assign/fabrikam/ines")]
    assert rows(tenant(approved=False, done={"assign/fabrikam/ines": DAY})) == [
        (UPN, "incomplete: lacks tenant approval (assigned on 2026-03-02)", "assign/fabrikam/ines")
    ]
    assert rows(tenant(roles=())) == [(UPN, "incomplete: lacks a role of Table 1", "")]
    rescue = sheet(tenant(assignments={"rescue-1": ["Regional Manager"]}))
    assert [str(row) for row in rescue] == ["incomplete: lacks AdminAgents"]


def test_a_leaver_is_to_withdraw_under_every_name_and_leaves_nobody_behind() -> None:
    left: dict[str, Any] = {"state": PersonState.LEAVER, "former_upns": ("i@contoso.com",)}
    assert rows(tenant(**left)) == [
        (UPN, "to withdraw", "withdraw/fabrikam/ines"),
        ("i@contoso.com", "to withdraw", "withdraw/fabrikam/ines"),
        ("", "nobody assigned", ""),
    ]
    assert rows(tenant(**left, done={"withdraw/fabrikam/ines": DAY}))[:2] == [
        (UPN, "withdrawn on 2026-03-02", "withdraw/fabrikam/ines"),
        ("i@contoso.com", "withdrawn on 2026-03-02", "withdraw/fabrikam/ines"),
    ]
    both = tenant(**left, assignments={"ines": ["Regional Manager"], "emma": ["FastTrack Manager"]})
    assert State.NOBODY not in {row.state for row in sheet(both)}


def test_a_changed_sign_in_name_is_assigned_anew_and_the_former_withdrawn() -> None:
    redo, assigned = "redo-ftop/fabrikam/ines", {"assign/fabrikam/ines": DAY}
    once: dict[str, Any] = {"former_upns": ("i@contoso.com",)}
    assert rows(tenant(done=assigned, **once)) == [
        (UPN, "to assign", redo),
        ("i@contoso.com", "to withdraw", redo),
    ]
    made_anew = assigned | {redo: LATER}
    assert rows(tenant(done=made_anew, **once)) == [(UPN, "assigned on 2026-05-04", redo)]
    twice: dict[str, Any] = {"former_upns": ("i@contoso.com", "ic@contoso.com")}
    assert rows(tenant(done=made_anew, **twice)) == [
        (UPN, "to assign", f"{redo}/2"),
        ("ic@contoso.com", "to withdraw", f"{redo}/2"),
    ]


def test_a_customer_without_anybody_is_seen_and_one_tenant_without_customers_is_empty() -> None:
    assert rows(tenant(assignments={})) == [("", "nobody assigned", "")]
    assert sheet(US.model_copy(update={"ftop": None})) == ()


@given(tenants(), st.data())
def test_it_says_open_exactly_where_a_to_do_is_open(declared: Tenant, data: st.DataObject) -> None:
    names = [todo.id for todo in todos(declared) if todo.kind in OF_FTOP]
    done = data.draw(st.sets(st.sampled_from(names))) if names else set()
    after = declared.model_copy(update={"done": dict.fromkeys(done, DAY)})
    left = {todo.id for todo in todos(after) if todo.kind in OF_FTOP}
    rows = sheet(after)
    for row in rows:
        about = {todo for todo in left if todo.split("/")[1:3] == [row.customer_key, row.person_key]}
        if row.state in (State.ASSIGNED, State.WITHDRAWN):
            assert not about
        elif row.state in (State.TO_ASSIGN, State.TO_WITHDRAW):
            assert row.todo in (about or {""})
    pairs = {(row.customer_key, row.person_key) for row in rows if row.state is not State.NOBODY}
    assert {tuple(todo.split("/")[1:3]) for todo in left} <= pairs


# Nothing in it is more than text


def printable(**more: Any) -> st.SearchStrategy[str]:
    """Names as a declaration may have them: printable characters of every script, and not blank."""
    characters = st.characters(exclude_categories=("C", "Zl", "Zp"))
    return st.text(characters, min_size=1, **more).map(str.strip).filter(bool)


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "  =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "﹣1",
    "−1",
    " ＝1",
    '="a""b"',
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_could_be_a_formula_begins_with_a_quote(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Fabrikam Inc.", "a=1", "1-2", "'=1", "Ωmega", "…", " x", "ines@contoso.com"])
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
@example('a","=1')
def test_a_cell_is_the_text_with_at_most_a_quote_before_it_and_never_a_formula(text: str) -> None:
    made = safe_cell(text)
    assert made in (text, f"'{text}")
    assert not made.strip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not made.startswith(("\t", "\r", "\n", "\0"))


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=3, max_size=3)
    )
)
def test_what_is_read_back_has_the_same_cells(rows: list[list[str]]) -> None:
    text = csv_text(("a", "b", "c"), rows)
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert read == [["a", "b", "c"], *([safe_cell(value) for value in row] for row in rows)]
    assert all(line.startswith('"') for line in text.splitlines()[:1])


def rows_of(customer: str, person: str, upn: str) -> list[FtopAssignment]:
    return [
        FtopAssignment(
            tenant="Contoso",
            customer_key="x",
            customer=customer,
            role=FtopRole.REGIONAL_MANAGER,
            person_key="p",
            person=person,
            upn=upn,
            state=State.TO_ASSIGN,
            todo="assign/x/p",
        ),
        FtopAssignment(tenant="Contoso", customer_key="y", customer="Honest Ltd.", state=State.NOBODY),
    ]


UPNS = st.from_regex(r"[!-?A-~]{1,20}@[!-?A-~]{1,20}", fullmatch=True)


@given(printable(), printable(), UPNS)
def test_no_name_leaves_its_cell_in_csv(customer: str, person: str, upn: str) -> None:
    read = list(csv.reader(io.StringIO(as_csv(rows_of(customer, person, upn)), newline=""), strict=True))
    assert [len(row) for row in read] == [len(HEADER)] * 3
    assert read[1][1:5:3] == [safe_cell(customer), safe_cell(person)]
    assert not [value for row in read for value in row if value.lstrip()[:1] in ("=", "+", "-", "@")]


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def texts(tokens: list[Token]) -> list[list[str]]:
    """The cells of the only table, as somebody reads them; and nothing in them but text, code and line breaks."""
    found: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and token.level == 4:
            assert {child.type for child in token.children or ()} <= {
                "text", "code_inline", "text_special", "strong_open", "strong_close",
            }  # fmt: skip
            found[-1].append("".join(child.content for child in token.children or ()))
    return found


def letters(text: str) -> str:
    """A text without blanks and backticks, of which Markdown's code keeps not all."""
    return "".join(text.split()).replace("`", "")


@given(printable(), printable(), UPNS)
@example("Eve | Admin | yes", "<script>alert(1)</script>", "eve`x@contoso.com")
@example("![x](https://evil.example/x.png)", "[Eve](javascript:alert(1))", "eve|x@contoso.com")
@example("&lt;b&gt;", "Eve\\", "eve\\|x@contoso.com")
def test_no_name_leaves_its_cell_in_markdown(customer: str, person: str, upn: str) -> None:
    tokens = MARKDOWN.parse(markdown.render(layout(rows_of(customer, person, upn), customer)))
    assert [token.type for token in tokens if token.type.endswith("_open") and token.level == 0] == [
        "heading_open",
        "table_open",
        "bullet_list_open",
    ]
    assert not [token for token in tokens if "html" in token.type]
    _, row, honest = texts(tokens)
    assert [len(row), len(honest)] == [len(HEADER)] * 2
    assert [*map(letters, (row[1], row[3], row[4]))] == [*map(letters, (customer, upn, person))]
    assert honest[1] == "Honest Ltd."
