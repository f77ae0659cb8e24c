"""The rules by id, and how they judge a tenant."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenantry.access.declared import access_map
from tenantry.access.registered import RegisteredView
from tenantry.declaration import Declaration
from tenantry.rules import administrators, mapping, people
from tenantry.rules.model import Evidence, Finding, Level, Rule, Scope, Severity, View

__all__ = [
    "RULES",
    "Evidence",
    "Finding",
    "Judgement",
    "Level",
    "Rule",
    "Scope",
    "Severity",
    "Verdict",
    "View",
    "judge",
]

#: Every rule, in order of its id.
RULES: Final[tuple[Rule, ...]] = (*mapping.RULES, *administrators.RULES, *people.RULES)


class Verdict(StrEnum):
    """What became of a rule. Neither *not applicable* nor *not evaluated* is a pass."""

    PASSED = "passed"
    BROKEN = "broken"
    NOT_APPLICABLE = "not applicable"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True)
class Judgement:
    """What one rule says of one tenant."""

    rule: Rule
    tenant: str
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    because: str = ""


def evidence_of(declaration: Declaration, tenant: str, registered: RegisteredView | None = None) -> Evidence:
    """What is known of a tenant: its declaration and, where a program was read, what that registers."""
    return Evidence(declaration, tenant, access_map(declaration.tenants[tenant]), registered)


def judge(evidence: Evidence, rules: Iterable[Rule] = RULES) -> list[Judgement]:
    """Judge a tenant by rules, on every view that is there."""
    return [_judge(rule, evidence) for rule in rules]


def _judge(rule: Rule, evidence: Evidence) -> Judgement:
    name = evidence.tenant_name
    if not rule.scope.applies_to(evidence.tenant):
        return Judgement(rule, name, Verdict.NOT_APPLICABLE, because=f"it is for {rule.scope}")
    there = {View.DECLARED} | ({View.REGISTERED} if evidence.registered else set())
    views = [view for view in rule.checks if view in there]
    if not views:
        return Judgement(rule, name, Verdict.NOT_EVALUATED, because="it is judged on a program, at `pulumi preview`")
    findings = tuple(finding for view in views for finding in rule.findings(evidence, view))
    return Judgement(rule, name, Verdict.BROKEN if findings else Verdict.PASSED, findings)
