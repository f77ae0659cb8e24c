"""Declared exemptions: one object, a reason, an owner, and a day on which it ends. Files call them `exceptions`.

An exemption silences one rule's findings about one object until it ends. One that silences nothing, or may not
silence what it names, is a finding itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from tenantry.access.parts import NotRead
from tenantry.declaration import Declaration, Tenant
from tenantry.declaration.decisions import Exemption
from tenantry.findings import Finding, Level, Severity
from tenantry.graph.errors import Cause
from tenantry.rules.model import Rule, Scope, violation

_NO_SUCH_RULE: Final = "Exceptions name existing rules"


@dataclass(frozen=True)
class Applied:
    """A rule's findings, parted by the exemptions that a tenant declares."""

    findings: tuple[Finding, ...]
    exempted: tuple[Finding, ...]


def apply(
    rule: Rule, declaration: Declaration, tenant: str, today: date, found: Iterable[Finding], *, whole: bool
) -> Applied:
    """Take out what an exemption allows today, and add what is wrong with the exemptions themselves.

    ``whole``: the rule was evaluated on all that it reads, so that an exemption without a finding is one too many.
    """
    exemptions = {
        key: exemption for key, exemption in declaration.tenants[tenant].exceptions.items() if exemption.rule == rule.id
    }
    if not exemptions:
        return Applied(tuple(found), ())
    allowed = {exemption.object for exemption in exemptions.values() if _in_force(exemption, today)}
    kept: list[Finding] = []
    exempted: list[Finding] = []
    for finding in found:
        (exempted if finding.object in allowed and rule.exempts(finding) else kept).append(finding)
    used = {finding.object for finding in exempted}
    kept += (rule.completed(item, declaration, tenant) for item in _wrong(rule, exemptions, today, used, whole=whole))
    return Applied(tuple(kept), tuple(exempted))


def unlicensed(
    rule: Rule, declaration: Declaration, tenant: str, today: date, unread: Iterable[NotRead]
) -> dict[NotRead, Finding]:
    """What was not read for want of a licence, where an exemption of the whole tenant accepts that. It is no pass."""
    found = {
        one: rule.completed(violation(declaration.tenants[tenant].name, one.text, path=("id",)), declaration, tenant)
        for one in unread
        if one.cause is Cause.LICENCE
    }
    accepted = apply(rule, declaration, tenant, today, found.values(), whole=False).exempted
    return {one: finding for one, finding in found.items() if finding in accepted}


def unknown_rules(tenant: Tenant, known: set[str]) -> list[Rule]:
    """A stand-in for each unknown rule that an exemption names."""
    return [
        Rule(
            id_,
            _NO_SUCH_RULE,
            Level.ADVISORY,
            Severity.LOW,
            "Tenantry: exceptions name a rule of the registry",
            "Correct the rule's id, or remove the exception.",
            scope=Scope.ALL,
        )
        for id_ in sorted({exemption.rule for exemption in tenant.exceptions.values()} - known)
    ]


def _in_force(exemption: Exemption, today: date) -> bool:
    return exemption.granted_on <= today <= exemption.expires_on


def _wrong(
    rule: Rule, exemptions: dict[str, Exemption], today: date, used: set[str], *, whole: bool
) -> Iterator[Finding]:
    for key, exemption in exemptions.items():
        level = None
        if rule.title == _NO_SUCH_RULE:
            field, actual, expected = "rule", f"no rule {rule.id}", "ids of existing rules (`tenantry docs rules`)"
            remediation = "correct `rule`, or remove the exception"
        elif not rule.takes_exemptions:
            field, actual = "rule", f"an exception from {rule.id}, which allows none"
            expected, remediation = "no exception from this rule", "remove it, and fix the rule's finding"
        elif today > exemption.expires_on:
            field, actual, expected = (
                "expires_on",
                f"it ended on {exemption.expires_on}",
                "exceptions that have not ended",
            )
            remediation = f"fix `{exemption.object}` and remove the exception, or have it granted again with new dates"
        elif today < exemption.granted_on:
            # It would hold for longer than the year that it may.
            field, level = "granted_on", Level.ADVISORY
            actual, expected = f"granted on {exemption.granted_on}, in the future", "today or a day before"
            remediation = "write the date on which it was granted, and an end within a year of it"
        elif whole and _in_force(exemption, today) and exemption.object not in used:
            field, level = "object", Level.ADVISORY
            actual = f"{rule.id} has no finding about `{exemption.object}` that an exception may allow"
            expected = "only exceptions that are needed"
            remediation = "correct `object` (a person's key, a group's or a resource's name), or remove the exception"
        else:
            continue
        subject, path = f"the exception `{key}`, owner {exemption.owner}", ("exceptions", key, field)
        yield violation(subject, actual, expected, remediation, path, level=level, about=exemption.object)
