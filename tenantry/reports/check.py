"""Checks a partner: its files, and the rules on every tenant. Nothing is touched, and no network is used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from tenantry.declaration import Declaration, DeclarationError, Place, Problem, load
from tenantry.declaration.order import unsorted_at
from tenantry.declaration.problems import field_name
from tenantry.rules import Finding, Judgement, Level, Severity, Verdict, code_owners, evidence_of, judge, judge_across
from tenantry.rules.code_owners import Ownership
from tenantry.todo import unknown_done

_LEVELS: Final = list(Level)
_SEVERITIES: Final = list(reversed(Severity))
_WORDS: Final = {Level.ALWAYS: "must", Level.MANDATORY: "must unless lowered", Level.ADVISORY: "advice"}

SORTING: Final = "run `tenantry check --fix`, so that a change of one person is a change of one line"
"""How to mend a file that is not sorted."""

NO_TO_DO: Final = "correct it (`tenantry todo` shows the names), or remove the line"
"""How to mend an entry of ``done`` that names nothing."""

JSON_KEYS: Final[dict[str, str]] = {
    "version": "1; it changes when a key goes or changes its meaning, and not when one is added",
    "ok": "whether nothing must be mended: the exit code is 0",
    "tenants": "the names of the tenants that were judged; none where a file has a mistake",
    "problems": "mistakes in the files: `file`, `line`, `column`, `field`, `found`, `allowed`, `mend`",
    "findings": (
        "what the rules found, worst first: `rule`, `level`, `severity`, `blocks`, `subject`, `object` (what an "
        "exception would name), `found`, `allowed`, `mend`, `field`, `file`, `line`, `column`"
    ),
    "excepted": "what a declared exception allows for a time, as in `findings`",
    "unsorted": "where a file is not sorted first, which only advises: `file`, `line`, `column`, `field`",
    "unknown_done": "entries of `done` that name no to-do, which only advises: as in `unsorted`",
    "not_evaluated": "the ids of rules that were not judged on some tenant, which is neither a pass nor a failure",
    "judgements": "each rule on each tenant: `rule`, `tenant`, `verdict`, `because`",
}
"""The keys of ``tenantry check --json``."""


@dataclass(frozen=True)
class Remark:
    """Something about a file that no rule speaks of, and that only advises."""

    place: Place
    field: str
    found: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: advice: {self.field}: {self.found}; to mend: {self.mend}"


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    tenants: tuple[str, ...]
    problems: tuple[Problem, ...]
    """Mistakes in the files; where there are any, no rule was judged."""
    judgements: tuple[Judgement, ...]
    unsorted: tuple[Remark, ...] = ()
    unknown_done: tuple[Remark, ...] = ()

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is said of the files beside the rules."""
        return (*self.unsorted, *self.unknown_done)

    @property
    def findings(self) -> list[Finding]:
        """What the rules found, worst first; what several tenants share is said once."""
        return _worst_first(finding for judgement in self.judgements for finding in judgement.findings)

    @property
    def excepted(self) -> list[Finding]:
        """What a declared exception allows for a time."""
        return _worst_first(finding for judgement in self.judgements for finding in judgement.excepted)

    @property
    def not_evaluated(self) -> list[Judgement]:
        """Rules that could not be judged, which is neither a pass nor a failure."""
        return [judgement for judgement in self.judgements if judgement.verdict is Verdict.NOT_EVALUATED]

    @property
    def exit_code(self) -> int:
        """0 fine; 1 something is wrong; 2 a file is missing or no YAML."""
        if self.problems:
            return DeclarationError(self.problems).exit_code
        return int(any(finding.level.blocks for finding in self.findings))

    def lines(self) -> Iterator[str]:
        """For people, beside mistakes in the files: each finding under whom it is about, worst first; how it went."""
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault((finding.subject, finding.place.file if finding.place else ""), []).append(finding)
        for (subject, _), findings in groups.items():
            yield f"{subject}:"
            yield from map(_line, findings)
        yield from map(str, self.remarks)
        yield from self.not_judged()
        yield self.summary()

    def summary(self) -> str:
        """One line that says how it went, without calling passed what was not judged."""
        if self.problems:
            return f"{_count(len(self.problems), 'mistake')} in the declaration; no rule was judged."
        findings = self.findings
        blocking = sum(finding.level.blocks for finding in findings)
        passed = sum(judgement.verdict is Verdict.PASSED for judgement in self.judgements)
        said = [
            _count(len(self.tenants), "tenant"),
            f"{_count(blocking, 'finding')} that must be mended" if blocking else "nothing that must be mended",
            f"{_count(len(findings) - blocking + len(self.remarks), 'piece')} of advice",
            f"{_count(passed, 'judgement')} passed",
        ]
        if self.excepted:
            said.append(f"{len(self.excepted)} allowed for a time by exceptions")
        waiting = {judgement.rule.id for judgement in self.not_evaluated}
        if waiting:
            said.append(f"{_count(len(waiting), 'rule')} not judged here")
        return f"{', '.join(said)}."

    def not_judged(self) -> Iterator[str]:
        """A line for each reason for which rules were not judged."""
        waiting = sorted({(judgement.rule.id, judgement.because) for judgement in self.not_evaluated})
        reasons: dict[str, list[str]] = {}
        for rule, because in waiting:
            reasons.setdefault(because, []).append(rule)
        for because, rules in reasons.items():
            yield f"not judged: {', '.join(rules)}: {because}"

    def as_json(self) -> dict[str, Any]:
        """The same for machines; :data:`JSON_KEYS` says what each key is."""
        return {
            "version": 1,
            "ok": self.exit_code == 0,
            "tenants": list(self.tenants),
            "problems": [
                _at(problem.place) | {key: getattr(problem, key) for key in ("field", "found", "allowed", "mend")}
                for problem in self.problems
            ],
            "findings": [_finding(finding) for finding in self.findings],
            "excepted": [_finding(finding) for finding in self.excepted],
            "unsorted": [_at(one.place) | {"field": one.field} for one in self.unsorted],
            "unknown_done": [_at(one.place) | {"field": one.field} for one in self.unknown_done],
            "not_evaluated": sorted({judgement.rule.id for judgement in self.not_evaluated}),
            "judgements": [
                {"rule": one.rule.id, "tenant": one.tenant, "verdict": one.verdict.value, "because": one.because}
                for one in self.judgements
            ],
        }


def check_partner(folder: Path, today: date | None = None) -> Checked:
    """Load a partner's folder and judge its tenants. Never raises for a mistake in the files."""
    try:
        declaration = load(folder)
    except DeclarationError as error:
        return Checked((), error.problems, ())
    return check_declaration(declaration, today or date.today(), code_owners.around(folder))


def check_declaration(declaration: Declaration, today: date, ownership: Ownership | None = None) -> Checked:
    """Judge a valid declaration: each tenant, and all of them together; and who approves, where that was read."""
    judgements = [
        judgement
        for name in declaration.tenants
        for judgement in judge(evidence_of(declaration, name, today=today, ownership=ownership))
    ]
    return Checked(
        tuple(declaration.tenants),
        (),
        (*judgements, *judge_across(declaration, today)),
        tuple(_unsorted(declaration)),
        tuple(_unknown_done(declaration, today)),
    )


def _unsorted(declaration: Declaration) -> Iterator[Remark]:
    for document in (declaration.partner_document, *declaration.tenant_documents.values()):
        if found := unsorted_at(document):
            yield Remark(*found, "not sorted", SORTING)


def _unknown_done(declaration: Declaration, today: date) -> Iterator[Remark]:
    for name, tenant in declaration.tenants.items():
        for id_ in unknown_done(tenant, declaration.partner, today):
            path = ("done", id_)
            yield Remark(declaration.place(name, path), field_name(path), "no to-do of this name", NO_TO_DO)


def _worst_first(findings: Iterable[Finding]) -> list[Finding]:
    # A partner's contact is judged with each of its tenants, and is one contact.
    once = {(finding.level, str(finding)): finding for finding in findings}
    return sorted(
        once.values(),
        key=lambda one: (_LEVELS.index(one.level), _SEVERITIES.index(one.severity), one.place or Place(""), str(one)),
    )


def _line(finding: Finding) -> str:
    place = f"{finding.place}: " if finding.place else ""
    field_ = f"{finding.field}: " if finding.field else ""
    said = f"{finding.found}; allowed: {finding.allowed}; to mend: {finding.mend}"
    return f"{place}{_WORDS[finding.level]}: [{finding.rule}] {field_}{said}"


def _finding(finding: Finding) -> dict[str, Any]:
    said = {key: getattr(finding, key) for key in ("subject", "object", "found", "allowed", "mend", "field")}
    about = {"rule": finding.rule, "level": finding.level.value, "severity": finding.severity.value}
    return about | {"blocks": finding.level.blocks} | said | _at(finding.place)


def _at(place: Place | None) -> dict[str, str | int | None]:
    return {
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"
