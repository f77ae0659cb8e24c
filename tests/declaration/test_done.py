"""Recording a to-do as done: one entry more, everything else as it stands, or nothing at all."""

import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.declaration import DeclarationError
from tenantry.declaration.document import read_text
from tenantry.declaration.done import record_done, refuse_unrecordable, with_entry
from tenantry.declaration.order import unsorted
from tests.depth import slow

from .folder import FILES, US, Folder

ID = "hand-over/carla"
DAY = date(2026, 3, 2)
FILE = Path("us.yaml")
PERSON = "full_name: Carla Jensen, upn: carla@contoso-partner.onmicrosoft.com, roles: [Admin agent]"
BARE = f"""\
# The tenant.
id: 6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10
name: "Contoso"   # as people say it
country: US
purpose: [partner]
domains: {{initial: contoso-partner.onmicrosoft.com}}
mode: authoritative
people:
    carla: {{{PERSON}}}
"""


def entered(done: str, remark: str = "", todo_id: str = ID) -> str:
    """What stands under `done` after an entry was added; everything else must be as it was."""
    text = BARE + done
    changed = with_entry(read_text(FILE, text), text, todo_id, DAY, remark)
    assert changed.startswith(BARE)
    return changed.removeprefix(BARE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "done:\n  hand-over/carla: 2026-03-02\n"),
        ("# the end\n", "# the end\ndone:\n  hand-over/carla: 2026-03-02\n"),
        ("done: {}\n", "done: {hand-over/carla: 2026-03-02}\n"),
        (
            "done: {approve-ftop: 2026-01-01}  # x\nserves: [US]\n",
            "done: {approve-ftop: 2026-01-01, hand-over/carla: 2026-03-02}  # x\nserves: [US]\n",
        ),
        ("done: {withdraw/x/y: 2026-01-01}\n", "done: {hand-over/carla: 2026-03-02, withdraw/x/y: 2026-01-01}\n"),
        (
            "done: {\n  a: 2026-01-01,\n  z: 2026-01-01,\n}\n",
            "done: {\n  a: 2026-01-01, hand-over/carla: 2026-03-02,\n  z: 2026-01-01,\n}\n",
        ),
        (
            "done:  # of ours\n    # first\n    approve-ftop: 2026-01-01  # Ada\n\n"
            "    # last\n    withdraw/x/y: 2026-01-01\n",
            "done:  # of ours\n    # first\n    approve-ftop: 2026-01-01  # Ada\n    hand-over/carla: 2026-03-02\n\n"
            "    # last\n    withdraw/x/y: 2026-01-01\n",
        ),
        (
            "done:  # of ours\n  # last\n  withdraw/x/y: 2026-01-01\n",
            "done:  # of ours\n  hand-over/carla: 2026-03-02\n  # last\n  withdraw/x/y: 2026-01-01\n",
        ),
        (
            "done:\n  approve-ftop: 2026-01-01\nserves: [US]",
            "done:\n  approve-ftop: 2026-01-01\n  hand-over/carla: 2026-03-02\nserves: [US]\n",
        ),
        ("done:\n  approve-ftop: 2026-01-01", "done:\n  approve-ftop: 2026-01-01\n  hand-over/carla: 2026-03-02\n"),
    ],
)
def test_one_entry_more_and_everything_else_as_it_stands(before: str, after: str) -> None:
    assert entered(before) == after


def test_line_breaks_of_another_system_stay() -> None:
    text = BARE.replace("\n", "\r\n")
    assert with_entry(read_text(FILE, text), text, ID, DAY) == text + "done:\r\n  hand-over/carla: 2026-03-02\r\n"


@given(st.text())
def test_a_remark_is_one_comment_whatever_is_in_it(remark: str) -> None:
    message = entered("", remark)
    assert message.startswith("done:\n  hand-over/carla: 2026-03-02")
    assert len(message.splitlines()) == 2
    content = read_text(FILE, BARE + message).content
    assert content["done"] == {ID: DAY}
    assert message.splitlines()[1].isprintable()


@slow
@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,9}(/[a-z0-9.-]{1,9}){0,2}", fullmatch=True), st.just(DAY)))
def test_a_sorted_file_stays_sorted(others: dict[str, date]) -> None:
    others.pop(ID, None)
    lines = "".join(f"  {name}: {day}\n" for name, day in sorted(others.items()))
    text = BARE + ("done:\n" + lines if others else "")
    changed = read_text(FILE, with_entry(read_text(FILE, text), text, ID, DAY, "by Ada"))
    assert changed.content["done"] == {**others, ID: DAY}
    assert unsorted(changed) == []


@pytest.mark.parametrize("text", ["{" + BARE.split("\n", 1)[0], BARE + "...\n"])
def test_a_layout_without_room_is_refused_with_what_to_write_by_hand(text: str) -> None:
    if text.startswith("{"):
        pairs = (line.split("  #")[0] for line in BARE.splitlines()[1:7])
        text = "{" + ", ".join(pairs) + ", people: {carla: {" + PERSON + "}}}\n"
    with pytest.raises(DeclarationError, match=r"declare `done: \{hand-over/carla: 2026-03-02\}` by hand"):
        with_entry(read_text(FILE, text), text, ID, DAY)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "contoso")


def test_what_would_not_be_valid_is_not_written(folder: Folder) -> None:
    file = folder.path / US
    with pytest.raises(DeclarationError, match="a to-do's id"):
        record_done(file, "Hand Over", DAY)
    assert file.read_text() == FILES[US]


def test_a_file_that_is_not_valid_is_not_written(folder: Folder) -> None:
    file = folder.path / US
    for broken in (FILES[US] + "surprise: 1\n", FILES[US] + "mode: additive\n", FILES[US] + "x: [\n"):
        file.write_text(broken)
        with pytest.raises(DeclarationError):
            record_done(file, ID, DAY)
        with pytest.raises(DeclarationError):
            refuse_unrecordable(file, ID, DAY)
        assert file.read_text() == broken
    file.write_bytes(b"name: \xff\n")
    with pytest.raises(DeclarationError, match="UTF-8"):
        record_done(file, ID, DAY)


def test_what_is_recorded_already_stays_as_it_is(folder: Folder) -> None:
    file = folder.path / US
    record_done(file, ID, DAY, "by Ada")
    first = file.read_text()
    assert first == FILES[US] + "done:\n  hand-over/carla: 2026-03-02  # by Ada\n"
    record_done(file, ID, date(2026, 4, 1), "by Eve")
    assert file.read_text() == first
    folder.load()


def test_mode_and_mark_of_a_file_stay_and_a_link_stays_one(folder: Folder, tmp_path: Path) -> None:
    file, real = folder.path / US, tmp_path / "elsewhere.yaml"
    real.write_bytes(b"\xef\xbb\xbf" + FILES[US].encode())
    real.chmod(0o640)
    file.unlink()
    file.symlink_to(real)
    record_done(file, ID, DAY)
    assert file.is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbf" + FILES[US].encode() + b"done:\n  hand-over/carla: 2026-03-02\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_file_that_cannot_be_replaced_is_known_before(folder: Folder) -> None:
    file = folder.path / US
    refuse_unrecordable(file, ID, DAY)
    assert file.read_text() == FILES[US], "asking writes nothing"
    file.chmod(0o444)
    for attempt in (lambda: refuse_unrecordable(file, ID, DAY), lambda: record_done(file, ID, DAY)):
        with pytest.raises(DeclarationError, match="read-only"):
            attempt()
