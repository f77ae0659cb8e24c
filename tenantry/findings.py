"""What is found, and what could not be looked at: the same from the first file that is read to the last report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, computed_field

from tenantry.sanitize import quoted

FieldPath = tuple[str | int, ...]
"""The way to a field from the top of its file: keys of maps, indexes of lists."""

DECLARATION: Final = "declaration"
"""Stands, where the id of a rule could, for mistakes in files."""
_LONGEST_KEY: Final = 60


class Level(StrEnum):
    """How binding a rule is. The source's words decide: *must* binds, *recommends* advises."""

    ALWAYS = "mandatory, cannot be lowered"
    MANDATORY = "mandatory"
    ADVISORY = "advisory"

    @property
    def blocks(self) -> bool:
        """Whether a finding of this level fails a check or a preview."""
        return self is not Level.ADVISORY


class Severity(StrEnum):
    """How bad it is if the rule is broken."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands: a file, and a line and column in it, both counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Record(BaseModel):
    """A part of a report: its fields are keys of the JSON, and their docstrings say what each is."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Finding(Record):
    """Something that a rule or the schema does not allow, or advises against.

    The rule or the loader that finds it says what, and in which field; the loader adds the place of that field, a rule
    also its id, level and severity where the finding does not state its own.
    """

    rule: str = DECLARATION
    """The id of the rule that it breaks; of a mistake in a file, "declaration"."""
    title: str = ""
    """What the rule requires."""
    level: Level = Level.ALWAYS
    """How binding the rule is."""
    severity: Severity = Severity.HIGH
    """How bad it is."""
    subject: str = ""
    """Whom or what it is about: a person's full name and UPN, a group, a tenant. Empty for a mistake in a file."""
    object: str = ""
    """What an exemption would name: a person's, customer's or tenant's key, a group's or resource's name."""
    actual: str
    """What was found."""
    expected: str
    """What would have been right."""
    remediation: str
    """What to do about it."""
    tenant: str | None = Field(None, exclude=True)
    """Whose file the field is in; None for the partner's."""
    path: FieldPath = Field((), exclude=True)
    file: str | None = None
    """Null if only a program says it, and no file."""
    line: int | None = None
    """Counted from 1, as the column."""
    column: int | None = None
    """Where the field, or its value, begins."""
    resource: str | None = None
    """The URN of the resource that it is about, if it is about one."""
    unreadable: bool = Field(False, exclude=True)
    """Whether the file is missing or is not YAML (exit code 2)."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def field(self) -> str:
        """The field, as people write its path: `people.ada.roles[0]`."""
        return field_name(self.path)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def blocks(self) -> bool:
        """Whether it fails a check or a preview."""
        return self.level.blocks

    @property
    def place(self) -> Place | None:
        """Where the field stands."""
        return Place(self.file, self.line or 1, self.column or 1) if self.file is not None else None

    @property
    def message(self) -> str:
        """Who or which field, what is wrong with it and what to do: all but the place and the rule."""
        about = f"{self.subject}: " if self.subject else f"{self.field}: found " if self.field else "found "
        return f"{about}{statement(self.actual, self.expected, self.remediation)}"

    def at(self, place: Place) -> Self:
        """The same, with its place."""
        return self.model_copy(update={"file": place.file, "line": place.line, "column": place.column})

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same finding, wherever its file or its place in it moves."""
        return self.rule, self.object, self.field, self.actual

    def __str__(self) -> str:
        where = (str(self.place), self.field if self.subject else "") if self.place else ()
        rule = "" if self.rule == DECLARATION else f"[{self.rule}] "
        return ": ".join((*filter(None, where), f"{rule}{self.message}"))


class NotEvaluated(Record):
    """A part that could not be seen, why, and what to do. Never read as "no change"."""

    side: str
    """Where it was looked for: "base" or "head" of a change, "plan", "stack" (the engine), "tenant" (Graph)."""
    what: str
    """The part."""
    why: str
    """Why it could not be seen."""
    remediation: str = ""
    """Empty where the reason says it."""


def worst_first(found: Iterable[Finding]) -> list[Finding]:
    """Findings by level and severity, then by place; what is found with several tenants alike is there once."""
    levels, severities = list(Level), list(reversed(Severity))
    return sorted(
        {(item.level, str(item)): item for item in found}.values(),
        key=lambda f: (levels.index(f.level), severities.index(f.severity), f.place or Place(""), str(f)),
    )


def mistake(actual: str, expected: str, remediation: str, path: FieldPath = (), *, unreadable: bool = False) -> Finding:
    """A mistake in a file, in the field with this path; :meth:`Finding.at` adds its place."""
    return Finding(actual=actual, expected=expected, remediation=remediation, path=path, unreadable=unreadable)


def statement(actual: str, expected: str, remediation: str) -> str:
    """What is wrong, what would be right, and what to do: the order and the words of every message."""
    return f"{actual}; expected: {expected}. Fix: {remediation}"


def one_of(names: Sequence[str]) -> str:
    """What is expected where there is a choice, and where there is none."""
    return f"one of: {', '.join(names)}" if len(names) > 1 else ", ".join(names) or "nothing"


def choose(names: Sequence[str]) -> str:
    """What to do about it."""
    return "choose one of them" if len(names) > 1 else f"write `{names[0]}`" if names else "remove it"


def field_name(path: FieldPath) -> str:
    """A path as people write it: ``people.ada.roles[0]``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_step(step)}" if text else _step(step)
    return text


def _step(key: str) -> str:
    return key if key.isprintable() and len(key) <= _LONGEST_KEY else quoted(key)
