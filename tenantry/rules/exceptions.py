"""Declared exceptions: one object, a reason, an owner, and a day on which it ends.

An exception silences one rule's findings about one object until it ends. What it may not silence, or does not
silence, is a finding itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from tenantry.declaration import Declaration, Tenant
from tenantry.declaration.models import Waiver
from tenantry.findings import Finding, Level, Severity
from tenantry.rules.model import Rule, Scope, violation

_NO_SUCH_RULE: Final = "Exceptions name rules that there are"


@dataclass(frozen=True)
class Exempted:
    """A rule's findings, parted by the exceptions that a tenant declares."""

    findings: tuple[Finding, ...]
    excepted: tuple[Finding, ...]


def apply(
    rule: Rule, declaration: Declaration, tenant: str, today: date, found: Iterable[Finding], *, whole: bool
) -> Exempted:
    """Take out what an exception allows today, and add what is wrong with the exceptions themselves.

    With ``whole``, everything that the rule could find was looked for, so that an exception without a finding is
    one too many.
    """
    waivers = {key: waiver for key, waiver in declaration.tenants[tenant].exceptions.items() if waiver.rule == rule.id}
    if not waivers:
        return Exempted(tuple(found), ())
    allowed = {waiver.object for waiver in waivers.values() if _in_force(waiver, today)}
    kept: list[Finding] = []
    excepted: list[Finding] = []
    for finding in found:
        (excepted if finding.object in allowed and rule.exempts(finding) else kept).append(finding)
    used = {finding.object for finding in excepted}
    kept += (rule.completed(one, declaration, tenant) for one in _wrong(rule, waivers, today, used, whole=whole))
    return Exempted(tuple(kept), tuple(excepted))


def unknown_rules(tenant: Tenant, known: set[str]) -> list[Rule]:
    """A stand-in for each rule that an exception names and that there is not."""
    return [
        Rule(
            id_,
            _NO_SUCH_RULE,
            Level.ADVISORY,
            Severity.LOW,
            Scope.ALL,
            "Tenantry: exceptions name a rule of the registry",
            "Correct the rule's id, or remove the exception.",
        )
        for id_ in sorted({waiver.rule for waiver in tenant.exceptions.values()} - known)
    ]


def _in_force(waiver: Waiver, today: date) -> bool:
    return waiver.granted_on <= today <= waiver.expires_on


def _wrong(rule: Rule, waivers: dict[str, Waiver], today: date, used: set[str], *, whole: bool) -> Iterator[Finding]:
    for key, waiver in waivers.items():
        subject = f"the exception `{key}`, owner {waiver.owner}"
        if rule.title == _NO_SUCH_RULE:
            yield violation(
                subject,
                f"no rule {rule.id}",
                "ids of rules that there are (docs/rules.md)",
                "correct `rule`, or remove the exception",
                ("exceptions", key, "rule"),
                about=waiver.object,
            )
        elif not rule.takes_exceptions:
            yield violation(
                subject,
                f"an exception from {rule.id}, which takes none",
                "no exception from this rule",
                "remove it, and mend what the rule finds",
                ("exceptions", key, "rule"),
                about=waiver.object,
            )
        elif today > waiver.expires_on:
            yield violation(
                subject,
                f"it ended on {waiver.expires_on}",
                "exceptions that have not ended",
                f"mend what it was for (`{waiver.object}`) and remove it, or have it granted anew",
                ("exceptions", key, "expires_on"),
                about=waiver.object,
            )
        elif whole and _in_force(waiver, today) and waiver.object not in used:
            yield violation(
                subject,
                f"nothing that {rule.id} finds about `{waiver.object}` and that it may allow",
                "exceptions that are needed",
                "correct `object` (a person's key, a group's or a resource's name), or remove the exception",
                ("exceptions", key, "object"),
                level=Level.ADVISORY,
                about=waiver.object,
            )
