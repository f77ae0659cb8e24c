"""What ``tenantry doctor`` says: each area with its checks, and how many are wrong."""

from itertools import groupby
from typing import Final

from tenantry.doctor.model import Check, DoctorReport, Standing
from tenantry.reports.document import Document, Entries, Entry, Section, Tone, counted

_SIGNS: Final = {Standing.FINE: "ok", Standing.WRONG: "WRONG", Standing.NOT_LOOKED_AT: "not looked at"}


def layout(report: DoctorReport) -> Document:
    """For people: by area, and what to do below what is wrong."""
    skipped = sum(check.standing is Standing.NOT_LOOKED_AT for check in report.checks)
    title = f"{counted(len(report.wrong), 'thing')} to fix" if report.wrong else "Nothing is wrong"
    more = f"; {skipped} not looked at" if skipped else ""
    return Document(
        title=f"{title} ({counted(len(report.checks), 'check')}{more}).",
        blocks=tuple(_section(area, list(checks)) for area, checks in groupby(report.checks, lambda one: one.area)),
        kind="Tenantry doctor",
        tone=Tone.STOP if report.wrong else Tone.GOOD,
        title_last=True,
    )


def _section(area: str, checks: list[Check]) -> Section:
    tone = Tone.STOP if any(check.standing is Standing.WRONG for check in checks) else Tone.PLAIN
    return Section(area, (Entries(tuple(map(_entry, checks)), what="checks"),), tone)


def _entry(check: Check) -> Entry:
    fix = (("Fix", check.remediation),) if check.remediation else ()
    return Entry(f"{_SIGNS[check.standing]}: {check.name}: {check.found}", fix)
