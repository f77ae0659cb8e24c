"""Files that cannot be read as a declaration at all: exit code 2, one problem a file, and where it is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.declaration import document

from .folder import FILES, PARTNER, US, Folder

Damage = Callable[[Path], object]


def _text(text: str) -> Damage:
    return lambda file: file.write_text(text, encoding="utf-8")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _pipe(file: Path) -> None:
    """Reading a pipe that nobody writes to would wait for ever."""
    file.unlink()
    os.mkfifo(file)


def _endless(file: Path) -> None:
    file.unlink()
    file.symlink_to("/dev/zero")


UNREADABLE: dict[str, tuple[Damage, tuple[int, int], str, str]] = {
    "a folder": (_folder, (1, 1), "a folder", "name a YAML file"),
    "a pipe": (_pipe, (1, 1), "something that is not a file", "name a YAML file"),
    "an endless device": (_endless, (1, 1), "something that is not a file", "name a YAML file"),
    "empty": (_text(""), (1, 1), "an empty file", "write the fields"),
    "only a comment": (_text("# nothing yet\n"), (1, 1), "an empty file", "write the fields"),
    "nothing said": (_text("---\nnull\n"), (1, 1), "an empty file", "write the fields"),
    "a list on top": (_text("\n- a\n- b\n"), (2, 1), "a list", "`field: value`"),
    "text on top": (_text("hello\n"), (1, 1), "the text 'hello'", "`field: value`"),
    "not UTF-8": (lambda f: f.write_bytes(b"a: 1\nb: \xff\n"), (2, 1), "not UTF-8", "save it as UTF-8"),
    "UTF-16": (lambda f: f.write_bytes("a: 1\n".encode("utf-16")), (1, 1), "not UTF-8", "save it as UTF-8"),
    "a zero byte": (lambda f: f.write_bytes(b"a: 1\nb: \0\n"), (2, 1), "control character U+0000", "remove"),
    "a program": (lambda f: f.write_bytes(b"\x7fELF\x02\x01\x01\0\0"), (1, 1), "U+007F", "remove"),
    "no YAML": (_text("a: [1, 2\nb: 3\n"), (2, 2), "while parsing a flow sequence", "correct the file"),
    "a tab": (_text("a:\n\tb: 1\n"), (2, 1), "cannot start any token", "correct the file"),
    "an open quote": (_text("a: 'x\n"), (2, 1), "while scanning a quoted scalar", "correct the file"),
    "two documents": (_text("a: 1\n---\nb: 2\n"), (2, 1), "a second document", "remove the line"),
    "a cycle": (_text("a: &x\n  b: *x\n"), (1, 4), "an anchor or alias", "write the value out"),
    "an alias": (_text("a: *x\n"), (1, 4), "an anchor or alias", "write the value out"),
    "a tag": (_text("a: !!python/object/apply:os.system [ls]\n"), (1, 4), "python/object", "remove the tag"),
    "a tag of its own": (_text("a: !include b.yaml\n"), (1, 4), "'!include'", "remove the tag"),
    "old YAML": (_text("%YAML 1.1\n---\na: NO\n"), (2, 1), "a directive", "begins with %"),
    "deep flow": (_text("a: " + "[" * 300), (1, 3 + document.MAX_DEPTH), "nesting deeper than 24", "the schema"),
    "deep block": (
        _text("".join(f"{' ' * level}a:\n" for level in range(200))),
        (document.MAX_DEPTH, document.MAX_DEPTH),
        "nesting deeper than",
        "the schema",
    ),
    "half a character": (_text('a: "\\ud83d"\n'), (1, 4), "half of a character", "the character itself"),
}


@pytest.mark.parametrize("name", [PARTNER, US])
@pytest.mark.parametrize(("damage", "place", "found", "mend"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_file_is_reported_once_with_its_place_and_exit_code_2(
    folder: Folder, name: str, damage: Damage, place: tuple[int, int], found: str, mend: str
) -> None:
    damage(folder.path / name)
    folder.here = place
    problem = folder.problem()
    assert problem.place == folder.place(name)
    assert found in problem.actual
    assert problem.expected
    assert mend in problem.remediation
    assert folder.error().exit_code == 2
    assert str(problem).isprintable()


def test_a_partner_without_its_file_is_reported(folder: Folder) -> None:
    (folder.path / PARTNER).unlink()
    assert folder.problem().actual == "no such file"
    assert folder.error().exit_code == 2


@pytest.mark.parametrize("name", ["nowhere", "contoso/partner.yaml", "a\0b"])
def test_a_folder_that_is_none_is_reported(folder: Folder, name: str) -> None:
    folder.path = folder.path.parent / name
    assert folder.problem().actual == "no such folder"
    assert folder.error().exit_code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_without_permission_is_reported(folder: Folder) -> None:
    (folder.path / US).chmod(0)
    assert "cannot be read" in folder.problem().actual


def test_a_file_that_fails_while_it_is_read_is_reported(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    assert "cannot be read (Permission denied)" in folder.error().problems[0].actual
    assert folder.error().exit_code == 2


def test_a_huge_file_is_not_read(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_BYTES", 1000)
    assert len(FILES[US]) > 1000 > len(FILES[PARTNER])
    problem = folder.problem()
    assert problem.place == folder.place(US)
    assert problem.actual == "more than 1000 bytes"
    assert folder.error().exit_code == 2


def test_a_byte_order_mark_is_no_mistake(folder: Folder) -> None:
    folder.write(US, "\ufeff" + FILES[US])
    assert folder.load().tenants["us"].name == "Contoso Partner (US)"
