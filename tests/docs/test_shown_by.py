"""Every block of commands on a page is run by a test, and every quote compared, or it says why not."""

from collections import Counter

from .pages import QUOTED, ROOT, SHELL, named
from .shown_by import AFTER_THE_FIRST_UPDATE, ELSEWHERE, NOT_COMPARED, NOT_RUN, QUOTES, WALKS, WITHOUT_ENGINE

NAMED = [*WITHOUT_ENGINE, *AFTER_THE_FIRST_UPDATE, *ELSEWHERE, *NOT_RUN]


def test_every_block_of_commands_is_shown_to_work_in_one_way_or_says_why_not() -> None:
    times = Counter(block for name in NAMED for block in named(name))
    found = [block for block in SHELL if block.page not in WALKS]
    assert len(found) > 30
    assert {f"line {block.line} of {block.name}": times[block] for block in found if times[block] != 1} == {}


def test_no_name_is_of_a_block_that_is_not_there() -> None:
    assert [name for name in NAMED if not named(name)] == []
    assert {page for page in WALKS if not [block for block in SHELL if block.page == page]} == set()


def test_every_quote_is_compared_with_what_a_command_answers_or_says_why_not() -> None:
    names = [*QUOTES, *NOT_COMPARED]
    times = {
        f"line {block.line} of {block.name}": sum(block.name.startswith(name) for name in names) for block in QUOTED
    }
    assert len(times) == len(names) > 8
    assert {block: count for block, count in times.items() if count != 1} == {}


def test_a_test_elsewhere_exists() -> None:
    for test in (*ELSEWHERE.values(), *QUOTES.values()):
        path, _, function = test.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), test
