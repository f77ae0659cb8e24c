"""The rules by id, and how they evaluate a tenant."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from tenantry.access.declared import access_map
from tenantry.access.parts import NotRead
from tenantry.access.registered import RegisteredView
from tenantry.declaration import Declaration
from tenantry.findings import Finding, Level, Severity
from tenantry.rules import exemptions
from tenantry.rules.change.beforehand import change_between
from tenantry.rules.change.evaluate import evaluate as evaluate_change
from tenantry.rules.code_owners import Ownership
from tenantry.rules.model import Evidence, NotApplicable, Previous, Rule, Scope, View
from tenantry.rules.observed import Observed
from tenantry.rules.planned import Planned
from tenantry.rules.registry import RULES
from tenantry.rules.settings import Settings, Strictness

__all__ = [
    "ON_A_CHANGE",
    "ON_A_PLAN",
    "ON_THE_TENANT",
    "RULES",
    "Evidence",
    "Finding",
    "Level",
    "Observed",
    "Previous",
    "Result",
    "Rule",
    "Scope",
    "Settings",
    "Severity",
    "Strictness",
    "Verdict",
    "View",
    "evaluate",
    "evaluate_across",
]


class Verdict(StrEnum):
    """The result of a rule. Neither *not applicable* nor *not evaluated* is a pass."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"
    NOT_EVALUATED = "not evaluated"


@dataclass(frozen=True)
class Result:
    """What one rule says of one tenant or, for a rule across tenants, of a partner."""

    rule: Rule
    tenant: str
    """The tenant's name; the partner's key for a rule across tenants."""
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    because: str = ""
    """Why it was not evaluated, or which part of it was not."""
    exempted: tuple[Finding, ...] = ()
    """What it found and a declared exemption allows for a time: no pass, and nothing to fix today."""
    unread: tuple[str, ...] = ()
    """Why parts of the tenant were not read that it is evaluated on, where no exemption accepts that."""


def evidence_of(
    declaration: Declaration,
    tenant: str,
    registered: RegisteredView | None = None,
    today: date | None = None,
    settings: Settings | None = None,
    ownership: Ownership | None = None,
    planned: Planned | None = None,
    previous: Previous | None = None,
    observed: Observed | None = None,
) -> Evidence:
    """What is known of a tenant: its declaration and, where they were read, a program, CODEOWNERS, a plan, …"""
    declared, day = declaration.tenants[tenant], today or date.today()
    refusals = {View.PLANNED: planned.refusals} if planned else {}
    if previous and previous.managed:
        change = change_between(previous.tenant, declared)
        refusals[View.CHANGED] = tuple(evaluate_change(declared, change, day, View.CHANGED))
    return Evidence(
        declaration,
        tenant,
        access_map(declared),
        registered,
        day,
        settings or Settings(),
        ownership,
        planned,
        previous,
        refusals,
        observed,
    )


def evaluate(evidence: Evidence, rules: Iterable[Rule] = RULES, views: Collection[View] = tuple(View)) -> list[Result]:
    """Evaluate a tenant by rules, on those of the views that are there.

    :func:`evaluate_across` evaluates by the rules across tenants.
    """
    results = [_evaluate(rule, evidence, views) for rule in rules if rule.scope is not Scope.ACROSS]
    return results + _unknown_rules(evidence) if rules is RULES else results


def evaluate_across(
    declaration: Declaration, today: date, rules: Iterable[Rule] = RULES, *, about: str | None = None
) -> list[Result]:
    """Evaluate the tenants of a partner together, by the rules that span them.

    ``about`` keeps what is found of one tenant; what is found of none of them goes with the first.
    """
    of = list(declaration.tenants) if about is None else [about]
    return [_evaluate_across(rule, declaration, today, of) for rule in rules if rule.scope is Scope.ACROSS]


_ON_A_PROGRAM: Final = "evaluated on a program, by `pulumi preview`"
ON_A_PLAN: Final = "is evaluated on a plan, by `tenantry review --plan`"
ON_A_CHANGE: Final = "is evaluated on a change in git, by `tenantry review`"
ON_THE_TENANT: Final = "is evaluated on the tenant itself, by `tenantry audit`"
_REST_ON_A_PROGRAM: Final = "the part that a program shows is evaluated by `pulumi preview`"


def _evaluate(rule: Rule, evidence: Evidence, among: Collection[View]) -> Result:
    name = evidence.tenant_name
    if not rule.scope.applies_to(evidence.tenant):
        return Result(rule, name, Verdict.NOT_APPLICABLE, because=f"it applies to {rule.scope}")
    existing = {
        View.DECLARED: True,
        View.REGISTERED: evidence.registered is not None,
        View.PLANNED: evidence.planned is not None,
        View.CHANGED: evidence.previous is not None,
        View.OBSERVED: evidence.observed is not None,
    }
    asked = [view for view in rule.views if view in among]
    views = [view for view in asked if existing[view]]
    lacks = rule.needs(evidence) if rule.needs else None
    evaluated = [] if lacks else [rule.evaluate(evidence, view) for view in views]
    found = [finding for findings, _ in evaluated for finding in findings]
    rest = [item for _, some in evaluated for item in some]
    unread = list(dict.fromkeys(item for item in rest if isinstance(item, NotRead)))
    nothing = next((item.why for item in rest if isinstance(item, NotApplicable)), "")
    # What the access of a tenant is beside the declaration takes decisions under `drift`, and no exemption.
    exempting = [view for view in asked if view is not View.OBSERVED or view in rule.checks]
    whole = not lacks and not rest and bool(exempting) and set(exempting) <= set(views)
    applied = exemptions.apply(rule, evidence.declaration, name, evidence.today, found, whole=whole)
    verdict = Verdict.PASSED if views and not lacks and not unread else Verdict.NOT_EVALUATED
    if applied.findings:
        verdict = Verdict.FAILED
    elif nothing:
        verdict = Verdict.NOT_APPLICABLE
    texts = " ".join(one.text for one in unread)
    because = lacks or texts or nothing or _because(rule, set(asked) - set(views), part=bool(views))
    accepted = exemptions.unlicensed(rule, evidence.declaration, name, evidence.today, unread)
    exempted = (*applied.exempted, *accepted.values())
    left = tuple(one.text for one in unread if one not in accepted)
    return Result(rule, name, verdict, applied.findings, because, exempted, left)


def _because(rule: Rule, missing: set[View], *, part: bool) -> str:
    """Why a rule was not evaluated on some views. ``part``: it was on others."""
    where = {
        View.REGISTERED: _REST_ON_A_PROGRAM if part else _ON_A_PROGRAM,
        View.PLANNED: f"{rule.on_a_plan} {ON_A_PLAN}",
        View.CHANGED: f"{rule.on_a_change} {ON_A_CHANGE}",
        View.OBSERVED: f"{rule.on_the_tenant} {ON_THE_TENANT}",
    }
    return "; ".join(filter(None, [*(text for view, text in where.items() if view in missing), rule.elsewhere]))


def _unknown_rules(evidence: Evidence) -> list[Result]:
    """The exemptions from unknown rules, as findings of stand-ins for those rules."""
    name = evidence.tenant_name
    results = []
    for rule in exemptions.unknown_rules(evidence.tenant, {rule.id for rule in RULES}):
        found = exemptions.apply(rule, evidence.declaration, name, evidence.today, (), whole=True)
        results.append(Result(rule, name, Verdict.FAILED, found.findings))
    return results


def _evaluate_across(rule: Rule, declaration: Declaration, today: date, about: list[str]) -> Result:
    found = rule.findings_across(declaration)
    with_the_first = next(iter(declaration.tenants)) in about
    findings: list[Finding] = [item for item in found if item.tenant is None and with_the_first]
    exempted: list[Finding] = []
    for name in about:
        own = [item for item in found if item.tenant == name]
        applied = exemptions.apply(rule, declaration, name, today, own, whole=True)
        findings += applied.findings
        exempted += applied.exempted
    verdict = Verdict.FAILED if findings else Verdict.PASSED
    return Result(rule, declaration.key, verdict, tuple(findings), rule.elsewhere, tuple(exempted))
