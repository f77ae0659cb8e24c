"""The report of an audit."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field, computed_field

from tenantry.drift.model import Drift
from tenantry.errors import NOT_REACHED, WRONG
from tenantry.findings import Finding, NotEvaluated, Record
from tenantry.rules import Verdict


class AuditedRule(Record):
    """The result of a rule on a tenant."""

    rule: str
    """Its id."""
    title: str
    """What it asks for."""
    verdict: Verdict
    because: str
    """Why it was not evaluated, or which part of it was not; else empty."""


class Holder(Record):
    """An account with privileged access, and how its sign-in is protected."""

    name: str
    """Full name and sign-in name."""
    object_id: str
    """Of the account."""
    holds: tuple[str, ...]
    """Agent groups, directory roles and roles at customers, directly or through a group, active or eligible."""
    declared_at: str
    """File and line of the person in the declaration; empty where nobody is declared."""
    commit: str = ""
    """The latest commit that changed their entry or roles there; empty where it is not in git, or not committed."""
    file: str = Field("", exclude=True)
    lines: tuple[int, ...] = Field((), exclude=True)
    """Where that stands."""
    enabled: bool
    """Whether the account can sign in."""
    mfa: bool | None
    """Whether multifactor authentication is registered and allowed; null where that was not read."""
    methods: tuple[str, ...]
    """The registered methods; none where they were not read."""
    last_sign_in: datetime | None
    """When it last signed in; null where it never did as far as the tenant knows, or where that was not read."""
    sign_ins_read: bool
    """Whether it was read when it last signed in."""


class Application(Record):
    """An application with privileged access, and who can sign in as it."""

    name: str
    """What it is called."""
    object_id: str
    """Of its service principal; an exception names it by this."""
    registered_in: str
    """The id of the other tenant where it is registered, which alone knows its credentials and owners there; empty
    where it is this one, or where Microsoft Graph does not show it."""
    permissions: tuple[str, ...]
    """The application permissions by which it may write the directory."""
    credentials: int | None
    """How many secrets, certificates and federated identities are in force; null where they were not read, which
    is so where it is registered in another tenant."""
    until: tuple[datetime, ...]
    """When those of them end that end."""
    ended: int | None
    """How many ended and are still there."""
    owners: tuple[str, ...] | None
    """Who owns it here; null where they were not read."""


class TenantAudit(Record):
    """What was found in one tenant."""

    tenant: str
    """As `tenantry:tenant` names it: contoso/us."""
    name: str
    """The tenant's name."""
    unreached: str = ""
    """Why nothing was read of it; empty where it was."""
    changes: tuple[Drift, ...] = ()
    """How its access and accounts differ from the declaration, most dangerous first, as in `tenantry drift`."""
    findings: tuple[Finding, ...] = ()
    """What the rules found beside that, worst first."""
    excepted: tuple[Finding, ...] = ()
    """What an exception allows until a date."""
    not_evaluated: tuple[NotEvaluated, ...] = ()
    """What was not looked at, each reason once, with what to grant."""
    results: tuple[AuditedRule, ...] = ()
    """Each rule that is evaluated on a tenant itself."""
    compared: tuple[Finding, ...] = Field((), exclude=True)
    """The differences that no decision accepts, as findings of the rules that speak of them."""
    held: Mapping[str, frozenset[str]] = Field(default_factory=dict, exclude=True)
    """What each holder of access holds, by how a report names them."""
    narrowed: bool = Field(False, exclude=True)
    """Whether what is not about some people or a role was left out."""
    holders: tuple[Holder, ...] = ()
    """Who holds an agent group, a directory role or a role at customers."""
    applications: tuple[Application, ...] = ()
    """The applications that do, or that may write the directory."""
    at_customers: bool = False
    """Whether relationships with customers (GDAP) were looked at."""
    requests: int = 0
    """How many requests it took."""

    @property
    def open_changes(self) -> tuple[Drift, ...]:
        """The differences that no decision accepts."""
        return tuple(one for one in self.changes if one.counts)

    @property
    def accepted(self) -> tuple[Drift, ...]:
        """What the declaration accepts for a time."""
        return tuple(one for one in self.changes if not one.counts)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def exit_code(self) -> int:
        """3 where it was not reached; 1 where something is wrong or was not evaluated; else 0."""
        if self.unreached:
            return NOT_REACHED
        wrong = self.open_changes or self.not_evaluated or any(one.level.blocks for one in self.findings)
        return WRONG if wrong else 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def headline(self) -> str:
        """The result in one line. It says "As declared" only if everything was read."""
        if self.unreached:
            return "Not reached."
        blocking = sum(one.level.blocks for one in self.findings)
        said = [
            _count(len(self.open_changes), "difference from the declaration", "differences from the declaration"),
            _count(blocking, "finding that must be fixed", "findings that must be fixed"),
            _count(len(self.findings) - blocking, "piece of advice", "pieces of advice"),
            _count(len(self.accepted) + len(self.excepted), "accepted until a date", "accepted until a date"),
            _count(len(self.not_evaluated), "part not evaluated", "parts not evaluated"),
        ]
        nothing = "No match for this filter" if self.narrowed else "As declared"
        return f"{', '.join(filter(None, said)) or nothing}."


class AuditReport(Record):
    """What ``tenantry audit --format json`` writes."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    tenants: tuple[TenantAudit, ...]
    """One for each tenant."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def exit_code(self) -> int:
        """The highest of the tenants'."""
        return max((one.exit_code for one in self.tenants), default=0)


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}" if number else ""
