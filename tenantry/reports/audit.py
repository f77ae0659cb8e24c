"""An audit as a document, as CSV, and as SARIF. For machines the report is its own JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from tenantry.access.danger import Danger
from tenantry.audit.model import Application, AuditReport, Holder, TenantAudit
from tenantry.findings import Finding, Level, Severity
from tenantry.reports.document import (
    Block,
    Document,
    Group,
    Lines,
    Section,
    Table,
    Tone,
    Voice,
    by_tenant,
    cell,
)
from tenantry.reports.drift import audited, decided
from tenantry.reports.sarif import log
from tenantry.reports.spreadsheet import csv_text
from tenantry.rules import Verdict

MARKER: Final = "<!-- tenantry audit -->"
_BINDS: Final = {Level.ALWAYS: "must", Level.MANDATORY: "must (can be lowered)", Level.ADVISORY: "advice"}


def layout(report: AuditReport, *, whole: bool = True) -> Document:
    """How tenants differ from what is declared; what was not looked at stands before it.

    ``whole`` adds who and what holds power, as an auditor reads it.
    """
    sections = [
        Section(
            f"{one.name} ({one.tenant}): {one.headline.rstrip('.')}", tuple(_blocks(one, whole=whole)), tone=_tone(one)
        )
        for one in report.tenants
    ]
    only = report.tenants[0] if len(report.tenants) == 1 else None
    title = f"{only.name} ({only.tenant}): {only.headline}" if only else _summary(report.tenants)
    looked = bool(report.tenants) and all(tenant.at_customers for tenant in report.tenants)
    customers = "DAP" if looked else "DAP, GDAP"
    return Document(
        title,
        by_tenant(sections) if sections else (),
        kind="Tenantry audit",
        tone=Tone.WARNING if report.exit_code else Tone.GOOD,
        marker=MARKER,
        whole="`tenantry audit --format csv`",
        closing="Read from Microsoft Graph, and compared with the declaration. The engine and the stack's state were "
        f"not read. Not evaluated: delegated administration of customers ({customers}), application permissions of "
        "other APIs than Microsoft Graph, and single users' consents to applications.",
    )


def _summary(tenants: Sequence[TenantAudit]) -> str:
    fine = sum(one.exit_code == 0 for one in tenants)
    unreached = sum(bool(one.unreached) for one in tenants)
    rest = len(tenants) - fine - unreached
    said = [
        f"{len(tenants)} tenants",
        f"{fine} as declared" if fine else "",
        f"{rest} with something to fix or to look at" if rest else "",
        f"{unreached} not reached" if unreached else "",
    ]
    return f"{', '.join(filter(None, said))}."


def _tone(one: TenantAudit) -> Tone:
    return Tone.WARNING if one.exit_code else Tone.GOOD


def _blocks(one: TenantAudit, *, whole: bool) -> Iterator[Block]:
    if one.unreached:
        yield Lines((f"not reached: {one.unreached}",), Voice.ALERT)
        return
    alerts = tuple(f"not evaluated: {part.what}: {part.why}" for part in one.not_evaluated)
    if alerts:
        yield Lines(alerts, Voice.ALERT)
    yield from _by_severity(one)
    if one.accepted or one.excepted:
        blocks: list[Block] = []
        if one.accepted:
            blocks.append(audited(one.accepted, "accepted changes", first_rank=len(Danger)))
        if one.excepted:
            blocks.append(_findings(one.excepted, first_rank=len(Danger)))
        yield Section("Accepted until a date", tuple(blocks))
    if whole and one.holders:
        yield Section("People with privileged access", (_holders(one),), folded=True, number=len(one.holders))
    if whole and one.applications:
        yield Section("Privileged applications", (_applications(one),), folded=True, number=len(one.applications))
    accepted = {found.rule for found in one.excepted}
    passed = [rule.rule for rule in one.results if rule.verdict is Verdict.PASSED and rule.rule not in accepted]
    if passed:
        yield Lines((f"Passed: {', '.join(passed)}.",), Voice.QUIET)
    yield from (Lines((text,), Voice.QUIET) for text in _not_applicable(one))


def _by_severity(tenant: TenantAudit) -> Iterator[Section]:
    """What differs from the declaration and what the rules find beside that, worst first."""
    for severity in reversed(Severity):
        changes = [one for one in tenant.open_changes if one.severity is severity]
        findings = [one for one in tenant.findings if one.severity is severity]
        blocks: list[Block] = [audited(changes, "differences", first_rank=0)] * bool(changes)
        blocks += [_findings(findings, first_rank=0)] * bool(findings)
        if blocks:
            yield Section(severity.capitalize(), tuple(blocks), number=len(changes) + len(findings))


def _not_applicable(tenant: TenantAudit) -> Iterator[str]:
    """The rules that have nothing to evaluate, by the reason."""
    because: dict[str, list[str]] = {}
    for one in tenant.results:
        if one.verdict is Verdict.NOT_APPLICABLE:
            because.setdefault(one.because, []).append(one.rule)
    yield from (f"Not applicable: {', '.join(rules)}: {why.rstrip('.')}." for why, rules in because.items())


def _findings(found: Iterable[Finding], *, first_rank: int) -> Table:
    worst = list(reversed(Severity))
    groups = tuple(
        Group(
            f"{one.subject}: {one.actual}" if one.subject else one.actual,
            ((cell(f"{one.rule}, {_BINDS[one.level]}, {one.severity}"), cell(one.expected), cell(one.remediation)),),
            rank=first_rank + worst.index(one.severity),
        )
        for one in found
    )
    return Table(("Findings", "Rule", "Expected", "Fix"), groups, what="findings", sign="*")


_NOT_READ: Final = "not read"
_LEAST: Final = 100
"""The rank of what is left out first where there is no room."""


def _holders(tenant: TenantAudit) -> Table:
    groups = (
        Group(
            one.name,
            (
                (
                    cell(*one.holds),
                    cell(_mfa(one), ", ".join(one.methods)),
                    cell(_last_sign_in(one)),
                    cell(one.declared_at or "undeclared", one.commit),
                ),
            ),
            rank=_LEAST,
        )
        for one in tenant.holders
    )
    return Table(("Account", "Holds", "Multifactor", "Last sign-in", "Declared"), tuple(groups), what="accounts")


def _mfa(one: Holder) -> str:
    if not one.enabled:
        return "the account is disabled"
    return _NOT_READ if one.mfa is None else "registered" if one.mfa else "none registered"


def _last_sign_in(one: Holder) -> str:
    if one.last_sign_in:
        return f"{one.last_sign_in:%Y-%m-%d}"
    return "never, as far as the tenant shows" if one.sign_ins_read else _NOT_READ


def _applications(tenant: TenantAudit) -> Table:
    groups = (
        Group(
            one.name,
            (
                (
                    cell(*(one.permissions or ("nothing",))),
                    cell(_credentials(one), *(f"until {end:%Y-%m-%d}" for end in one.until)),
                    cell(*_owners(one)),
                    cell(one.object_id),
                ),
            ),
            rank=_LEAST,
        )
        for one in tenant.applications
    )
    headings = ("Application", "Application permissions", "Credentials", "Owners", "Object id")
    return Table(headings, tuple(groups), what="applications")


def _credentials(one: Application) -> str:
    if one.credentials is None:
        return _NOT_READ
    return f"{one.credentials} valid" + (f", {one.ended} ended" if one.ended else "")


def _owners(one: Application) -> Iterator[str]:
    yield from (_NOT_READ,) if one.owners is None else one.owners or ("nobody",)
    if one.registered_in:
        yield f"{_NOT_READ} in the tenant {one.registered_in}, where it is registered"


# --- for a spreadsheet


def as_csv(report: AuditReport) -> str:
    """Everything that was found, one a line."""
    headings = ("Tenant", "What", "Rule", "Level", "Severity", "Whom", "Found", "Expected", "To keep it", "Fix")
    return csv_text(
        (*headings, "Done by", "Done at", "Decided"),
        (row for tenant in report.tenants for row in _rows(tenant)),
    )


def _rows(tenant: TenantAudit) -> Iterator[tuple[str, ...]]:
    def row(what: str, *cells: str) -> tuple[str, ...]:
        return (tenant.tenant, what, *cells, *([""] * (11 - len(cells))))

    if tenant.unreached:
        yield row("not reached", "", "", "", "", tenant.unreached)
    for part in tenant.not_evaluated:
        yield row("not evaluated", "", "", "", part.what, part.why, "", "", part.remediation)
    for one in tenant.changes:
        when = (one.done.by, f"{one.done.at:%Y-%m-%d %H:%M}") if one.done else ("", "")
        what = "difference" if one.counts else "accepted"
        yield row(
            what,
            one.rule,
            "",
            one.danger,
            one.subject,
            one.sentence,
            "",
            one.to_keep,
            one.to_take_back,
            *when,
            decided(one) if one.triage else "",
        )
    for kind, findings in (("finding", tenant.findings), ("accepted", tenant.excepted)):
        for found in findings:
            yield row(
                kind,
                found.rule,
                _BINDS[found.level],
                found.severity,
                found.subject,
                found.actual,
                found.expected,
                "",
                found.remediation,
            )


# --- for code hosts


def as_sarif(report: AuditReport) -> dict[str, Any]:
    """One run with every difference and finding, each at the field that it is about, where a file has one."""
    notes = [
        f"{tenant.tenant}: {part.what} was not evaluated: {part.why}"
        for tenant in report.tenants
        for part in tenant.not_evaluated
    ]
    notes += [f"{tenant.tenant} was not reached: {tenant.unreached}" for tenant in report.tenants if tenant.unreached]
    return log(
        [one for tenant in report.tenants for one in (*tenant.compared, *tenant.findings)],
        [one for tenant in report.tenants for one in tenant.excepted],
        notes,
        report.exit_code,
    )
