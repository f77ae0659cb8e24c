"""Every block of commands on a page is run by a test, or has a reason why not."""

from collections import Counter

from .pages import ROOT, SHELL, named
from .shown_by import AFTER_THE_FIRST_UPDATE, ELSEWHERE, NOT_RUN, WALKS, WITHOUT_ENGINE

NAMED = [*WITHOUT_ENGINE, *AFTER_THE_FIRST_UPDATE, *ELSEWHERE, *NOT_RUN]


def test_every_block_of_commands_is_shown_to_work_in_one_way_or_says_why_not() -> None:
    times = Counter(block for name in NAMED for block in named(name))
    found = [block for block in SHELL if block.page not in WALKS]
    assert len(found) > 30
    assert {f"line {block.line} of {block.name}": times[block] for block in found if times[block] != 1} == {}


def test_no_name_is_of_a_block_that_is_not_there() -> None:
    assert [name for name in NAMED if not named(name)] == []
    assert {page for page in WALKS if not [block for block in SHELL if block.page == page]} == set()


def test_a_test_elsewhere_exists() -> None:
    for test in ELSEWHERE.values():
        path, _, function = test.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), test
