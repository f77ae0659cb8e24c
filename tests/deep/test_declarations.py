"""Whatever a declaration holds, a check of it ends with words for people: no traceback, no place or mend missing.

``make test`` tries a hundred and forty declarations; ``make test-deep`` (TENANTRY_DEEP=1) at least 20,000.
"""

import contextlib
import copy
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tenantry.commands import app
from tenantry.commands import check as check_command
from tenantry.declaration import DeclarationError, load
from tenantry.declaration.document import NO_SUCH_FILE
from tenantry.declaration.order import sort_files, unsorted
from tenantry.findings import Finding
from tenantry.reports.check import Checked, check_partner
from tests.deep.declarations import addresses, days, names, partners
from tests.deep.trees import Map, damage, paths, retyped, text_of, value_at
from tests.depth import DEEP

EXAMPLES = {
    "valid": (30, 5500),
    "fields": (40, 5200),
    "lines": (25, 4200),
    "bytes": (25, 4200),
    "between": (10, 1400),
    "sorting": (10, 1000),
}
"""How many in ``make test`` and in ``make test-deep``: there 20,500 that are checked, and 1,000 that are sorted."""

#: What a name may hold, though it is not printable by itself: Persian, Hindi and other scripts join letters so.
JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))


def examples(kind: str) -> settings:
    return settings(
        max_examples=EXAMPLES[kind][DEEP],
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )


class Folder:
    """One folder in memory, where the machine has one, that every example writes anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "tenants").mkdir(parents=True)

    def write(self, files: Mapping[str, bytes]) -> None:
        for old in [*self.path.glob("*.y*ml"), *self.path.glob("tenants/*")]:
            if old.relative_to(self.path).as_posix() not in files:
                old.unlink()
        for name, content in files.items():
            (self.path / name).write_bytes(content)


@pytest.fixture(scope="module")
def folder() -> Iterator[Folder]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as place:
        yield Folder(Path(place) / "contoso")
    shutil.rmtree(place, ignore_errors=True)


def check(folder: Folder, files: Mapping[str, bytes], form: tuple[str, ...]) -> Checked:
    """Check a partner of these files, and show what was found in one of the forms of the command line."""
    folder.write(files)
    checked = check_partner(folder.path)
    assert_told(folder.path, checked)
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(check_command, "check_partner", return_value=checked),
        mock.patch.object(sys, "argv", ["tenantry", "check", str(folder.path), *form]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as stop,
    ):
        app.main()
    assert (stop.value.code or 0) == checked.exit_code
    if form:
        assert err.getvalue() == ""
        assert json.loads(out.getvalue())
    else:
        assert out.getvalue()
    return checked


def assert_told(folder: Path, checked: Checked) -> None:
    """Everything that is said has a place in the folder, what was found, what is allowed, and how to mend it."""
    assert checked.exit_code in ((1, 2) if checked.problems else (0, 1))
    assert not (checked.problems and checked.results)
    lines: dict[str, int] = {}
    messages: list[Finding] = [*checked.problems, *checked.findings]
    for item in messages:
        assert item.place is not None, item
        file = Path(item.place.file)
        assert file.is_relative_to(folder), item
        if item.place.file not in lines:
            lines[item.place.file] = _lines(file)
        assert 1 <= item.place.line <= lines[item.place.file], item
        assert item.place.column >= 1, item
        assert item.actual, item
        assert item.expected, item
        assert item.remediation, item
        message = str(item)
        assert message.translate(JOINERS).isprintable(), message
        assert "Traceback" not in message
        assert "pydantic" not in message
    for result in checked.results:
        assert result.because or result.verdict.value in ("passed", "failed"), result


def _lines(file: Path) -> int:
    """How many lines a file has, the empty one behind the last line break with them."""
    return len(file.read_bytes().decode(errors="replace").splitlines()) + 1 if file.is_file() else 1


forms = st.sampled_from([(), ("--json",), ("--format", "sarif")])
seeds = st.integers(0, 2**32 - 1)
hows = st.sampled_from(["drop", "repeat", "reorder", "rename", "insert", "replace", "retype", "copy"])
KEYS = [
    "roles", "people", "ada", "[key]", "", "<<", "1", "x" * 100, "a b", "\n", 7, None, True, "emergency", "upn",
    "state",     "adopted", "pins", "rоles", "by", "on", "PT-101", "mode", "country", "\u202e",
]  # fmt: skip
keys = st.one_of(st.sampled_from(KEYS), names, days)
SCALARS = [
    None, True, False, 0, -1, 2.5, 10**30, "", " ", "x", "a@b", "@", "../x", "\x1b[2J", "Global admin", "ada", "NO",
    "é\u202e", "2025-02-30", "\u0000", "\U0001f468\u200d\U0001f469", "e\u0301", "İ@x.example", "own use", "leaver",
]  # fmt: skip
junk = st.recursive(
    st.one_of(st.sampled_from(SCALARS), addresses, days, names),
    lambda inner: (
        st.lists(inner, max_size=2) | st.lists(st.tuples(keys, inner), max_size=2).map(lambda entries: Map(entries))
    ),
    max_leaves=4,
)


def spelt(trees: Mapping[str, Map], seed: int) -> dict[str, bytes]:
    """Trees as files, in one of their many spellings."""
    style = Random(seed)
    return {name: text_of(tree, style).encode("utf-8", "surrogatepass") for name, tree in trees.items()}


@examples("valid")
@given(partners(), seeds, forms)
def test_a_valid_declaration_has_no_mistakes_however_it_is_spelt(
    folder: Folder, trees: dict[str, Map], seed: int, form: tuple[str, ...]
) -> None:
    checked = check(folder, spelt(trees, seed), form)
    assert checked.problems == (), "\n".join(map(str, checked.problems))
    assert set(checked.tenants) == {Path(name).stem for name in trees if name.startswith("tenants/")}


@examples("fields")
@given(partners(), seeds, forms, st.data())
def test_damaged_fields_are_reported_with_place_and_remediation(
    folder: Folder, trees: dict[str, Map], seed: int, form: tuple[str, ...], data: st.DataObject
) -> None:
    trees = copy.deepcopy(trees)
    for _ in range(data.draw(st.integers(1, 4))):
        tree = trees[data.draw(st.sampled_from(sorted(trees)))]
        ways = paths(tree)
        if not ways:
            continue
        way, how = data.draw(st.sampled_from(ways)), data.draw(hows)
        value: Any = None
        if how == "retype":
            value = retyped(value_at(tree, way))
        elif how == "copy":
            value = copy.deepcopy(value_at(tree, data.draw(st.sampled_from(ways))))
        elif how in ("insert", "replace"):
            value = data.draw(junk)
        damage(tree, way, how, data.draw(keys) if how in ("rename", "insert") else None, value)
    check(folder, spelt(trees, seed), form)


@examples("lines")
@given(partners(), seeds, forms, st.data())
def test_lines_that_are_lost_repeated_or_moved_are_reported_with_place_and_remediation(
    folder: Folder, trees: dict[str, Map], seed: int, form: tuple[str, ...], data: st.DataObject
) -> None:
    files = spelt(trees, seed)
    name = data.draw(st.sampled_from(sorted(files)))
    lines = files[name].splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        if not lines:
            break
        at, to = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match data.draw(st.sampled_from(["lose", "repeat", "move", "indent", "outdent", "join", "crlf", "comment"])):
            case "lose":
                del lines[at]
            case "repeat":
                lines.insert(to, lines[at])
            case "move":
                lines.insert(to, lines.pop(at))
            case "indent":
                lines[at] = b" " * data.draw(st.integers(1, 3)) + lines[at]
            case "outdent":
                lines[at] = lines[at].lstrip()
            case "join":
                lines[at] = lines[at].rstrip(b"\n") + b" "
            case "crlf":
                lines[at] = lines[at].replace(
                    b"\n", data.draw(st.sampled_from([b"\r\n", b"\r", b"\xc2\x85", b"\xe2\x80\xa8"]))
                )
            case "comment":
                lines[at] = b"# " + lines[at]
    check(folder, {**files, name: b"".join(lines)}, form)


signs = st.text("{}[]:,-?&*!|>'\"@`#~<=\n\r\t éa1.\x85\u2028\ufeff", max_size=6)
pieces = st.binary(max_size=6) | st.text("{}[]:,-?&*!|>'\"%@`#~<=\n\t é\0\u2028\ufeff", max_size=6).map(str.encode)


@examples("bytes")
@given(partners(), seeds, forms, st.data())
def test_garbled_bytes_are_reported_with_place_and_remediation(
    folder: Folder, trees: dict[str, Map], seed: int, form: tuple[str, ...], data: st.DataObject
) -> None:
    files = spelt(trees, seed)
    name = data.draw(st.sampled_from(sorted(files)))
    content = files[name]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.sampled_from([0, 0, 1, 1, 2, 8, 40])))
        content = content[:start] + data.draw(pieces) + content[end:]
    check(folder, {**files, name: content}, form)


def without_order(value: Any) -> Any:
    """A model's values, the order of lists aside."""
    if isinstance(value, dict):
        return {key: without_order(inner) for key, inner in value.items()}
    return sorted(map(repr, value)) if isinstance(value, tuple | list | frozenset) else value


@examples("sorting")
@given(partners(), seeds)
def test_sorting_keeps_what_is_declared_and_its_comments_or_says_why_not(
    folder: Folder, trees: dict[str, Map], seed: int
) -> None:
    files = spelt(trees, seed)
    folder.write(files)
    before = load(folder.path)
    try:
        sort_files(before)
    except DeclarationError as error:
        assert_told(folder.path, Checked((), error.problems, ()))
        assert all((folder.path / name).read_bytes() == content for name, content in files.items())
        return
    after = load(folder.path)
    for old, new in [
        (before.partner, after.partner),
        *((before.tenants[name], after.tenants[name]) for name in before.tenants),
    ]:
        assert without_order(new.model_dump()) == without_order(old.model_dump())
    for name, content in files.items():
        assert (folder.path / name).read_bytes().count(b"#") == content.count(b"#")
    assert not any(map(unsorted, (after.partner_document, *after.tenant_documents.values())))
    assert sort_files(after) == []


@examples("between")
@given(partners(), partners(), seeds, forms, st.data())
def test_files_that_are_missing_swapped_or_of_another_partner_are_reported(
    folder: Folder, trees: dict[str, Map], others: dict[str, Map], seed: int, form: tuple[str, ...], data: st.DataObject
) -> None:
    files, other = spelt(trees, seed), spelt(others, seed)
    name = data.draw(st.sampled_from(sorted(files)))
    match data.draw(st.sampled_from(["missing", "swapped", "foreign", "unlisted", "misnamed", "any bytes"])):
        case "missing":
            del files[name]
        case "swapped":
            into = data.draw(st.sampled_from(sorted(files)))
            files[name], files[into] = files[into], files[name]
        case "foreign":
            files |= other
        case "unlisted":
            files |= {"tenants/further.yaml": files[name]}
        case "misnamed":
            files |= {data.draw(st.sampled_from(["tenants/us.yml", "tenants/US.yaml", "tenants/ü.yaml"])): files[name]}
        case _:
            files[name] = data.draw(
                st.binary(max_size=60) | st.text(max_size=40).map(lambda t: t.encode("utf-8", "replace"))
            )
    checked = check(folder, files, form)
    assert checked.exit_code != 2 or any(p.unreadable or NO_SUCH_FILE in p.actual for p in checked.problems)
