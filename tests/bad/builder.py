"""A partner whose declaration fires nothing, and how a case makes one mistake in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from tenantry.reference.pages import examples

PARTNER = "partner.yaml"
OWN = "tenants/own.yaml"
US = "tenants/us.yaml"

#: The day on which the committed folder is evaluated: stated dates age, and these files do not.
TODAY = date(2026, 11, 22)

HERE = "§"
"""Marks, in the text of a change, a place that a message must name."""

FILES = dict(examples()[0])
#: Without pins of the agent groups, of which some cases write their own.
FILES[US] = re.sub(r"agent_groups:\n(  .*\n)+", "", FILES[US])

DECLARATION = "declaration"
"""Stands, where a rule's id could, for a mistake in the files."""


@dataclass(frozen=True)
class Edit:
    """A text that stands once in a file, and what it becomes."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Write:
    """A file with other content, or a further file; with None, no such file."""

    file: str
    content: str | bytes | None


Change = Edit | Write
Content = tuple[dict[str, bytes], tuple[tuple[str, int, int], ...]]
"""The files of a case, and the marked places in them."""


@dataclass(frozen=True)
class Case:
    """One mistake: what is changed, and what must be said of it.

    ``says`` has the ids of everything that is said, in the order of the marks in the files; one mark serves for all
    of them, and no mark means the beginning of the file that is changed. ``make`` makes the files, for the few tests
    that look into them: the cases' names are needed wherever tests are collected.
    """

    name: str
    says: tuple[str, ...]
    exit_code: int
    make: Callable[[], Content]

    @cached_property
    def _content(self) -> Content:
        return self.make()

    @property
    def files(self) -> dict[str, bytes]:
        return self._content[0]

    @property
    def places(self) -> tuple[tuple[str, int, int], ...]:
        return self._content[1]

    @property
    def expected(self) -> dict[str, object]:
        """What the committed index says of the case."""
        message = sorted(zip(self.says, self.places, strict=True))
        return {
            "exit_code": self.exit_code,
            "says": [
                {"id": id_, "file": file, "line": line, "column": column} for id_, (file, line, column) in message
            ],
        }


def case(name: str, *changes: Change, says: tuple[str, ...] = (DECLARATION,), exit_code: int = 1) -> Case:
    """A case with its files and the marked places in them."""
    return Case(name, says, exit_code, lambda: _content(name, changes, says))


def _content(name: str, changes: tuple[Change, ...], says: tuple[str, ...]) -> Content:
    files: dict[str, str | bytes] = dict(FILES)
    for change in changes:
        if isinstance(change, Write):
            if change.content is None:
                del files[change.file]
            else:
                files[change.file] = change.content
            continue
        text = files[change.file]
        assert isinstance(text, str)
        assert text.count(change.old) == 1, f"{name}: {change.old!r} stands {text.count(change.old)} times"
        files[change.file] = text.replace(change.old, change.new)
    places: list[tuple[str, int, int]] = []
    written: dict[str, bytes] = {}
    for file, content in files.items():
        if isinstance(content, str):
            while HERE in content:
                before, _, after = content.partition(HERE)
                places.append((file, before.count("\n") + 1, len(before) - before.rfind("\n")))
                content = before + after
            content = content.encode()
        written[file] = content
    if not places and says:
        places = [(changes[0].file, 1, 1)]
    if len(places) == 1:
        places *= len(says)
    return written, tuple(places)
