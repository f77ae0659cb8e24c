"""What every renderer does with every document."""

import pytest

from tenantry.reports import html, markdown
from tenantry.reports.document import Document, Entries, Entry, Group, Lines, Look, Piece, Section, Table, Voice, cell
from tenantry.reports.truncate import LIMIT
from tests.review.rendered import html_text, printed

RED = "\x1b[1;31m"
COPIED = "write under `people.ada`: `roles: [Global admin, Sales agent]`"


def listed(*groups: Group) -> Document:
    return Document("Ada", (Table(("Who", "To keep it"), groups, sign="*", what="things"),), whole="`tenantry drift`")


def test_on_a_terminal_no_line_breaks_within_code() -> None:
    for width in range(20, 80):
        output = printed(listed(Group("Ada", ((cell(COPIED),),))), width=width)
        assert "`people.ada`" in output
        assert "`roles: [Global admin, Sales agent]`" in output


def test_what_begins_with_its_place_is_neither_wrapped_nor_indented() -> None:
    line = "us.yaml:1:1: must: " + "word " * 40 + "end"
    output = printed(Document("x", (Section("Ada", (Lines((line,), Voice.PLACED),)),)))
    assert line in output.splitlines()


def test_on_a_terminal_a_warning_in_a_cell_colours_itself_alone() -> None:
    reasons = (Piece("undeclared", Look.WARNING), Piece("`main.py` registers it"))
    messages = printed(listed(Group("Ada", ((reasons,),))), colours=True)
    (warned,) = (line for line in messages.splitlines() if "undeclared" in line)
    (reason,) = (line for line in messages.splitlines() if "registers it" in line)
    assert RED in warned
    assert "\x1b" not in reason


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_to_be_copied_is_never_cut_and_all_else_says_how_much_is(whole: bool) -> None:
    output = markdown.render(listed(Group("Ada", (((Piece("word " * 200 + "end", whole=whole),),),))))
    assert ("end |" in output) == whole
    assert ("more characters" in output) == (not whole)


def test_a_list_to_tick_is_cut_to_what_a_code_host_takes_too() -> None:
    entries = tuple(Entry(f"To do number {n} of many", (("How", "by hand"),)) for n in range(3000))
    output = markdown.render(Document("x", (Entries(entries, what="to-dos", to_tick=True),), whole="`tenantry todo`"))
    shown = output.count("- [ ] ")
    assert LIMIT * 0.95 < len(output.encode()) <= LIMIT
    assert f"Not shown: {3000 - shown:,} of 3,000 to-dos. The whole report: `tenantry todo`." in output


def test_each_format_shows_the_title_every_name_and_every_cell() -> None:
    document = listed(Group("Eve", ((cell("one", "two"),),), upn="eve@contoso.com", notes=("a note",)))
    for message in (markdown.render(document), html_text(html.render(document)), printed(document)):
        assert all(text in message for text in ("Ada", "Eve", "eve@contoso.com", "a note", "one", "two"))
