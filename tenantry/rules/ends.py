"""PT-207: what ends soon, or has ended by now, is known to those whom it concerns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tenantry.declaration import Tenant
from tenantry.findings import FieldPath, Finding, Level, Severity
from tenantry.rules.model import Evidence, Rule, Source, View, violation

SOON: Final = timedelta(days=14)
"""How long before an end it is reported."""


@dataclass(frozen=True)
class _End:
    """Something in the file that ends on a day."""

    path: FieldPath
    subject: str
    what: str
    since: date
    """The first day without it."""
    reason: str
    effect: str
    """What the next update does from that day."""


def _ends(tenant: Tenant) -> Iterator[_End]:
    written, a_day = tenant.written, timedelta(days=1)
    for key, person in written.members.items():
        if person.leaves:
            continue
        who = f"{person.full_name} ({person.upn})"
        for role, end in person.until.items():
            path = ("people", key, "until", role.value)
            yield _End(path, who, role.value, end.date, end.reason, "removes it")
        for group, item in person.without.items():
            path, what = ("people", key, "without", group.value), f"the deviation that keeps them out of {group}"
            yield _End(path, who, what, item.until + a_day, item.reason, "is refused (PT-102)")
    for key, service in written.identities.items():
        who = f"{service.name} ({service.object_id})"
        groups = ", ".join(service.groups)
        yield _End(("identities", key, "until"), who, groups, service.until + a_day, service.reason, "removes it")


def _what_ends(evidence: Evidence) -> Iterator[Finding]:
    for end in _ends(evidence.tenant):
        days = (end.since - evidence.today).days
        if timedelta(days=days) > SOON or (days <= 0 and end.path[2:3] == ("without",)):
            continue  # an ended deviation is refused by PT-102
        if days > 0:
            left = "tomorrow" if days == 1 else f"in {days} days"
            actual = (
                f"{end.what} ends on {end.since}, {left} ({end.reason}); from then on, the next update {end.effect}"
            )
            expected, remediation = (
                "a later date for access that is still needed",
                "write a later date if it is still needed",
            )
        else:
            actual = f"{end.what} ended on {end.since} ({end.reason}); the next update {end.effect}"
            expected = "no entry that has ended"
            remediation = "run `pulumi up`, then remove the entry; or write a later date if it is still needed"
        yield violation(end.subject, actual, expected, remediation, end.path)


RULES: Final = (
    Rule(
        "PT-207",
        "Access that ends soon, or has ended, is reported",
        Level.ADVISORY,
        Severity.LOW,
        f'{Source.ENTRA}: best practices for Entra roles: "revoke unneeded permissions over time"',
        "Write a later date if the access is still needed. Otherwise let it end, and remove the entry afterwards.",
        {View.DECLARED: _what_ends},
        on_the_tenant="whether ended access is still held",
    ),
)
