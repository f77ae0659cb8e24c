"""Checks a partner: its files, and the rules on every tenant. Nothing is touched, and no network is used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from tenantry.declaration import Declaration, DeclarationError, load
from tenantry.declaration.order import unsorted_at
from tenantry.findings import FieldPath, Finding, Level, Record, Severity, mistake, statement, worst_first
from tenantry.reports.document import Document, Lines, Section, Tone, Voice, counted
from tenantry.rules import Result, Verdict, code_owners, evaluate, evaluate_across, evidence_of
from tenantry.rules.code_owners import Ownership
from tenantry.rules.model import View
from tenantry.todo import unknown_done

UNSORTED: Final = "sorted"
"""Stands, where the id of a rule could, for files that are not sorted."""
UNKNOWN_DONE: Final = "done"
"""Stands, where the id of a rule could, for entries of ``done`` that tick nothing off."""

_ASKS: Final = {
    View.REGISTERED: "`pulumi preview`",
    View.PLANNED: "`tenantry review --plan`",
    View.CHANGED: "`tenantry review`",
    View.OBSERVED: "`tenantry audit`",
}
"""The commands that look at what a declaration does not show."""
_WORDS: Final = {Level.ALWAYS: "must", Level.MANDATORY: "must (can be lowered)", Level.ADVISORY: "advice"}


class RuleResult(Record):
    """The result of a rule on a tenant."""

    rule: str
    """Its id."""
    tenant: str
    """As in `tenants`."""
    verdict: Verdict
    because: str
    """Why it was not evaluated, or which part of it was not; else empty."""


class CheckDocument(Record):
    """What ``tenantry check --json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    ok: bool
    """Whether the exit code is 0: nothing must be fixed."""
    tenants: tuple[str, ...]
    """The names of the tenants that were evaluated; none where a file has a mistake."""
    problems: tuple[Finding, ...]
    """Mistakes in the files."""
    findings: tuple[Finding, ...]
    """What the rules found, worst first."""
    excepted: tuple[Finding, ...]
    """What an exception allows until a date."""
    unsorted: tuple[Finding, ...]
    """The first place in each file that is not sorted. Advice only."""
    unknown_done: tuple[Finding, ...]
    """Entries of `done` that name no to-do. Advice only."""
    not_evaluated: tuple[str, ...]
    """The rules that were not evaluated on some tenant. That is neither a pass nor a failure."""
    results: tuple[RuleResult, ...]
    """Each rule on each tenant."""


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    tenants: tuple[str, ...]
    problems: tuple[Finding, ...]
    """Mistakes in the files; where there are any, no rule was evaluated."""
    results: tuple[Result, ...]
    unsorted: tuple[Finding, ...] = ()
    unknown_done: tuple[Finding, ...] = ()

    @property
    def remarks(self) -> tuple[Finding, ...]:
        """What the loader found in the files, beside the rules."""
        return (*self.unsorted, *self.unknown_done)

    @property
    def findings(self) -> list[Finding]:
        """What the rules found, worst first; what several tenants share stands once."""
        return worst_first(finding for result in self.results for finding in result.findings)

    @property
    def excepted(self) -> list[Finding]:
        """What an exception allows until a date."""
        return worst_first(finding for result in self.results for finding in result.exempted)

    @property
    def not_evaluated(self) -> list[Result]:
        """Rules that could not be evaluated, which is neither a pass nor a failure."""
        return [result for result in self.results if result.verdict is Verdict.NOT_EVALUATED]

    @property
    def exit_code(self) -> int:
        """0 fine; 1 something is wrong; 2 a file is missing or not YAML."""
        if self.problems:
            return DeclarationError(self.problems).exit_code
        return int(any(finding.level.blocks for finding in self.findings))

    @property
    def layout(self) -> Document:
        """For people, beside mistakes in the files: each finding under whom it is about, worst first; how it went."""
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.findings:
            groups.setdefault((finding.subject, finding.place.file if finding.place else ""), []).append(finding)
        rest, waiting = (*map(_line, self.remarks), *self.reasons_not_evaluated()), self.evaluated_elsewhere()
        return Document(
            self.summary(),
            (
                *(Section(subject, (_placed(map(_line, found)),)) for (subject, _), found in groups.items()),
                *([_placed(rest)] if rest else []),
                *([Lines((waiting,))] if waiting else []),
            ),
            tone=Tone.STOP if self.exit_code else Tone.GOOD,
            title_last=True,
        )

    def summary(self) -> str:
        """One line that says how it went, without calling passed what was not evaluated."""
        if self.problems:
            return f"{counted(len(self.problems), 'mistake')} in the declaration; no rule was evaluated."
        findings = self.findings
        blocking = sum(finding.level.blocks for finding in findings)
        passed = sum(result.verdict is Verdict.PASSED for result in self.results)
        parts = [
            counted(len(self.tenants), "tenant"),
            f"{counted(blocking, 'finding')} that must be fixed" if blocking else "nothing that must be fixed",
            f"{counted(len(findings) - blocking + len(self.remarks), 'piece')} of advice",
            f"{counted(passed, 'evaluation')} passed",
        ]
        if self.excepted:
            parts.append(f"{len(self.excepted)} allowed until a date by exceptions")
        waiting = {result.rule.id for result in self.not_evaluated}
        if waiting:
            parts.append(f"{counted(len(waiting), 'rule')} not evaluated here")
        return f"{', '.join(parts)}."

    def reasons_not_evaluated(self) -> Iterator[str]:
        """A line for each reason for which rules were not evaluated that a declaration can answer."""
        reasons: dict[str, set[str]] = {}
        for result in self.not_evaluated:
            if View.DECLARED in result.rule.views:
                reasons.setdefault(result.because, set()).add(result.rule.id)
        for because, rules in reasons.items():
            yield f"not evaluated: {', '.join(sorted(rules))}: {because}"

    def evaluated_elsewhere(self) -> str:
        """A sentence on the rules that no declaration can answer, by the commands that do; empty without one."""
        where: dict[tuple[View, ...], set[str]] = {}
        for rule in (result.rule for result in self.not_evaluated):
            if View.DECLARED not in rule.views:
                where.setdefault(tuple(view for view in _ASKS if view in rule.views), set()).add(rule.id)
        groups = (
            f"{', '.join(sorted(rules))} ({', '.join(_ASKS[view] for view in views) or '`tenantry docs rules`'})"
            for views, rules in sorted(where.items(), key=lambda entry: min(entry[1]))
        )
        rest = (
            "`tenantry docs rules` describes each rule, `tenantry docs permissions` the permissions for "
            "`tenantry audit`"
        )
        return (
            f"not evaluated by this command, but by the one in brackets: {'; '.join(groups)}. {rest}." if where else ""
        )

    @property
    def document(self) -> CheckDocument:
        """The same for machines."""
        return CheckDocument(
            ok=self.exit_code == 0,
            tenants=self.tenants,
            problems=self.problems,
            findings=tuple(self.findings),
            excepted=tuple(self.excepted),
            unsorted=self.unsorted,
            unknown_done=self.unknown_done,
            not_evaluated=tuple(sorted({result.rule.id for result in self.not_evaluated})),
            results=tuple(
                RuleResult(rule=item.rule.id, tenant=item.tenant, verdict=item.verdict, because=item.because)
                for item in self.results
            ),
        )


def check_partner(folder: Path, today: date | None = None) -> Checked:
    """Load a partner's folder and evaluate its tenants. Never raises for a mistake in the files."""
    try:
        declaration = load(folder, today)
    except DeclarationError as error:
        return Checked((), error.problems, ())
    return check_declaration(declaration, today or date.today(), code_owners.around(folder))


def check_declaration(declaration: Declaration, today: date, ownership: Ownership | None = None) -> Checked:
    """Evaluate a valid declaration: each tenant, and all of them together; and who approves, where that was read."""
    results = [
        result
        for name in declaration.tenants
        for result in evaluate(evidence_of(declaration, name, today=today, ownership=ownership))
    ]
    return Checked(
        tuple(declaration.tenants),
        (),
        (*results, *evaluate_across(declaration, today)),
        tuple(_unsorted(declaration)),
        tuple(_unknown_done(declaration, today)),
    )


def _unsorted(declaration: Declaration) -> Iterator[Finding]:
    for document in declaration.files:
        if found := unsorted_at(document):
            place, path = found
            yield _advice(
                UNSORTED,
                "entries out of order",
                "people sorted by key, and roles as in Table 1",
                "run `tenantry check --fix`: sorted, a change of one person is a change of one line",
                path,
            ).at(place)


def _unknown_done(declaration: Declaration, today: date) -> Iterator[Finding]:
    for name, tenant in declaration.tenants.items():
        for id_ in unknown_done(tenant, declaration.partner, today):
            path = ("done", id_)
            remediation = "correct the id (`tenantry todo` shows them), or remove the line"
            found = _advice(UNKNOWN_DONE, "no to-do with this id", "the id of a to-do", remediation, path)
            yield found.at(declaration.place(name, path))


def _advice(rule: str, actual: str, expected: str, remediation: str, path: FieldPath) -> Finding:
    """Something about a file that no rule of the registry speaks of."""
    stated = {"rule": rule, "level": Level.ADVISORY, "severity": Severity.LOW}
    return mistake(actual, expected, remediation, path).model_copy(update=stated)


def _placed(lines: Iterable[str]) -> Lines:
    return Lines(tuple(lines), Voice.PLACED)


def _line(finding: Finding) -> str:
    """A finding below whom it is about."""
    place = f"{finding.place}: " if finding.place else ""
    field = f"{finding.field}: " if finding.field else ""
    text = statement(finding.actual, finding.expected, finding.remediation)
    return f"{place}{_WORDS[finding.level]}: [{finding.rule}] {field}{text}"
