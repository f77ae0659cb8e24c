"""Checks a partner: its files, and the rules on every tenant. Nothing is touched, and no network is used."""

from dataclasses import dataclass
from pathlib import Path

from tenantry.declaration import DeclarationError, Problem, load
from tenantry.rules import Finding, Judgement, Verdict, evidence_of, judge


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    tenants: tuple[str, ...]
    problems: tuple[Problem, ...]
    """Mistakes in the files; where there are any, no rule was judged."""
    judgements: tuple[Judgement, ...]

    @property
    def findings(self) -> list[Finding]:
        """What the rules found, what blocks first."""
        findings = [finding for judgement in self.judgements for finding in judgement.findings]
        return sorted(findings, key=lambda finding: (not finding.level.blocks, str(finding)))

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

    def summary(self) -> str:
        """One line that says how it went, without calling passed what was not judged."""
        if self.problems:
            return f"{_count(len(self.problems), 'mistake')} in the declaration; no rule was judged."
        blocking = sum(finding.level.blocks for finding in self.findings)
        passed = sum(judgement.verdict is Verdict.PASSED for judgement in self.judgements)
        waiting = sorted({judgement.rule.id for judgement in self.not_evaluated})
        said = [
            _count(len(self.tenants), "tenant"),
            f"{_count(blocking, 'finding')} that must be mended" if blocking else "nothing that must be mended",
            _count(len(self.findings) - blocking, "piece", "pieces") + " of advice",
            f"{passed} judgements passed",
        ]
        later = f" Judged on the program, at `pulumi preview`: {', '.join(waiting)}." if waiting else ""
        return f"{', '.join(said)}.{later}"


def check_partner(folder: Path) -> Checked:
    """Load a partner's folder and judge each of its tenants. Never raises for a mistake in the files."""
    try:
        declaration = load(folder)
    except DeclarationError as error:
        return Checked((), error.problems, ())
    judgements = (judgement for name in declaration.tenants for judgement in judge(evidence_of(declaration, name)))
    return Checked(tuple(declaration.tenants), (), tuple(judgements))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
