"""What a review says: one document, from which terminal, Markdown, HTML and JSON are rendered.

Two things are reviewed: a change in git (what the program registers at base, compared with what it registers at head)
and a plan (what the stack holds now, compared with what an update would make of it). Both answer with a
:class:`Report`. Nothing in it is marked up: a renderer escapes every text, since any name may be hostile.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, computed_field

from tenantry.access.danger import Danger
from tenantry.access.grants import Kind
from tenantry.findings import Finding, NotEvaluated, Record
from tenantry.reports.document import counted
from tenantry.roles import AssignmentType

VERSION = 1
"""Changes when a key is removed or changes its meaning, not when one is added."""


class Subject(StrEnum):
    """What a review is of."""

    CHANGE = "change"
    PLAN = "plan"


class Verdict(StrEnum):
    """What a review comes to. Only one says that nobody's access changes, and only where that is known."""

    REFUSED = "would be refused"
    """A mandatory rule is broken: a preview, its policies or the update will refuse it, whatever changes in access."""
    CHANGES = "access changes"
    NO_CHANGES = "no access changes"
    CODE_CHANGES = "code changed, no access change seen"
    """The program chose to register the same here; what it registers elsewhere is known only from the code."""
    NOT_EVALUATED = "not evaluated"


class Access(Record):
    """One piece of access that somebody gains, loses, or holds for another reason."""

    kind: Kind
    target: str
    """An agent group's name, a directory role's template id, an FTOP customer's key, a customer's tenant id, … as in a
    grant."""
    name: str
    """The target as people call it."""
    scope: str
    """"/" for the whole tenant; an administrative unit; the FTOP role of a customer assignment; the template id of the
    role at a customer."""
    assignment_type: AssignmentType
    danger: Danger
    because: tuple[str, ...]
    """Why it is given (of a loss: why it was): partner roles, fields, or the resource of the program."""
    rows: tuple[str, ...]
    """The rows of Table 1 behind it: "Global admin: Admin Agents/All Users; Global admin"."""
    may: tuple[str, ...]
    """What those roles may do."""
    declared: bool
    """Whether the declaration gives it. What a program gives beside it stands out."""
    was_because: tuple[str, ...] = ()
    """Of access held for another reason: the former reasons."""
    needs_approval: bool = False
    """Of a role at a customer that is gained: whether it begins only once the customer approves a new relationship."""


class Person(Record):
    """Everybody whose access or account changes: a declared person, or a principal that nobody declared."""

    key: str | None
    """The key in the declaration; null for a principal that is not declared."""
    name: str
    upn: str | None
    """At head; of somebody who is gone, at base."""
    notes: tuple[str, ...]
    """What happens to the account: "new account", "leaves", "is disabled", "signs in as … instead of …", "emergency
    account", "also has an account in contoso/uk", …"""
    gains: tuple[Access, ...]
    """Most dangerous first."""
    losses: tuple[Access, ...]
    """Most dangerous first."""
    other_reason: tuple[Access, ...]
    """Held before and after, for another reason."""

    @property
    def danger(self) -> int:
        """The rank of the most dangerous thing that changes; past all ranks where none does."""
        return min((item.danger.rank for item in (*self.gains, *self.losses)), default=len(Danger))


class Findings(Record):
    """What the rules say of a tenant, base and head compared."""

    introduced: tuple[Finding, ...] = ()
    resolved: tuple[Finding, ...] = ()
    still_open: tuple[Finding, ...] = ()


class ExceptionState(StrEnum):
    """What becomes of a declared exception."""

    BEGINS = "begins"
    CHANGES = "changes"
    ENDS = "ends"
    EXPIRED = "expired"
    EXPIRES_SOON = "expires within 30 days"


class DeclaredException(Record):
    """An exception that a change touches, or that runs out."""

    state: ExceptionState
    rule: str
    object: str
    reason: str
    owner: str
    expires: date
    exempts: tuple[str, ...] = ()
    """The findings that it silences at head (of one that ends: that it silenced at base), each whom and what."""


class Ceiling(Record):
    """How much of a power a change takes, against what the tenant's limits allow (rule PT-204)."""

    power: str
    before: int
    """How many hold it now."""
    after: int
    taken: int
    allowed: int
    """The largest number that may be taken at once."""
    exceeded: bool
    override: str | None
    """Who approved more, and until when; null where nobody did."""


class TodoState(StrEnum):
    """Whether a change brings a to-do or takes it away."""

    NEW = "new"
    GONE = "no longer to do"


class Todo(Record):
    """What people have to do by hand because of the change, or no longer have to."""

    state: TodoState
    id: str
    what: str
    who: str
    where: str


class Setting(Record):
    """A field of the declaration beside people that changes: mode, limits, domains, programs, …"""

    field: str
    before: str | None
    """Null where it is not there."""
    after: str | None
    loosens: bool = False
    """Whether it weakens a protection: a limit, an emergency account, a mode, an allowed role, an override."""


class Tenant(Record):
    """What happens in one tenant."""

    stack: str | None
    """Null for a tenant that has no stack: it is evaluated on its declaration alone."""
    tenant: str
    """As ``tenantry:tenant`` names it: contoso/us."""
    name: str
    people: tuple[Person, ...]
    """Most dangerous first, then by name."""
    findings: Findings
    exceptions: tuple[DeclaredException, ...]
    ceilings: tuple[Ceiling, ...]
    todos: tuple[Todo, ...]
    settings: tuple[Setting, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    notes: tuple[str, ...] = ()
    """What else happens in it, a sentence's beginning each: what a plan deletes or lets go of that is nobody's own."""

    @property
    def changes_access(self) -> bool:
        """Whether anybody gains or loses anything here."""
        return any(person.gains or person.losses for person in self.people)

    @property
    def touched(self) -> bool:
        """Whether there is anything to say of it."""
        return bool(
            self.people
            or self.findings.introduced
            or self.findings.resolved
            or self.exceptions
            or self.todos
            or self.settings
            or self.not_evaluated
            or self.notes
        )


class CodeKind(StrEnum):
    """Which part of what decides about access a file belongs to, beside the declaration."""

    PROGRAM = "program"
    COMPONENTS = "components"
    POLICIES = "policies"
    LOCK = "lock and dependencies"
    STACK = "stack configuration"
    PIPELINE = "pipelines"
    OWNERS = "code owners"


_LONGEST: Final = 160
"""How much of a finding a headline repeats."""
_LOUDEST: Final = frozenset({"PT-404"})
"""What stands first, whatever else there is: the file speaks of another tenant than it did."""
_CHANGED: Final = frozenset({ExceptionState.BEGINS, ExceptionState.CHANGES, ExceptionState.ENDS})
_DECIDES: Final = frozenset({CodeKind.PROGRAM, CodeKind.COMPONENTS, CodeKind.LOCK})


NOT_IN_GIT: Final = "not in git"
"""What became of a file that lies in the working tree alone, and that no commit brings yet."""


class CodeChange(Record):
    """A file that decides what is registered, and that the change touches."""

    path: str
    kind: CodeKind
    how: str
    """"added", "changed", "removed"; "not in git" of a file that lies in the working tree alone."""


class Report(Record):
    """A whole review."""

    version: Annotated[int, Field(ge=1)] = VERSION
    subject: Subject
    base: str
    """What was compared: a revision's short hash and name, a folder, or "the stack now"."""
    head: str
    """…with what: as `base`, "the working tree", or the plan's file."""
    tenants: tuple[Tenant, ...]
    """Every tenant of either side, touched ones first."""
    code: tuple[CodeChange, ...] = ()
    files_moved: int = 0
    """How many files of the declaration the change touches."""
    not_evaluated: tuple[NotEvaluated, ...] = ()
    """What could not be seen at all, beside what each tenant says."""
    warnings: tuple[str, ...] = ()
    """What the reader must know of how this was found out: which walls around the program were missing here."""

    @property
    def everything_not_evaluated(self) -> Iterator[NotEvaluated]:
        """What could not be seen, of the whole and of each tenant."""
        yield from self.not_evaluated
        for tenant in self.tenants:
            yield from tenant.not_evaluated

    @computed_field  # type: ignore[prop-decorator]
    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        if any(self.everything_not_evaluated):
            return Verdict.NOT_EVALUATED
        if self.refused:
            return Verdict.REFUSED
        if any(tenant.changes_access for tenant in self.tenants):
            return Verdict.CHANGES
        if self.program_changes:
            return Verdict.CODE_CHANGES
        return Verdict.NO_CHANGES

    @property
    def refused(self) -> list[tuple[Tenant, Finding]]:
        """Why a preview, its policies or the update will refuse it: what breaks a tenant's identity, what is new, …

        A finding that was there before counts too: it is refused all the same.
        """
        found = [
            (new, tenant, finding)
            for tenant in self.tenants
            for new, findings in enumerate((tenant.findings.introduced, tenant.findings.still_open))
            for finding in findings
            if finding.blocks
        ]
        return [
            (tenant, finding)
            for new, tenant, finding in sorted(found, key=lambda item: (item[2].rule not in _LOUDEST, item[0]))
        ]

    @property
    def changes_anything(self) -> bool:
        """Whether there is any change to report, also where nobody's access changes."""
        return bool(self.code) or any(
            tenant.people
            or tenant.settings
            or tenant.todos
            or tenant.findings.introduced
            or tenant.findings.resolved
            or tenant.notes
            or any(item.state in _CHANGED for item in tenant.exceptions)
            for tenant in self.tenants
        )

    @property
    def program_changes(self) -> bool:
        """Whether the code that decides about access is not the same, so that its word alone is no knowledge."""
        return any(item.kind in _DECIDES for item in self.code)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def headline(self) -> str:
        """The verdict in one line: who gains, who loses, what is most dangerous, what was not seen."""
        gaining = [p for t in self.tenants for p in t.people if p.gains]
        losing = [p for t in self.tenants for p in t.people if p.losses]
        touched = [tenant.tenant for tenant in self.tenants if tenant.changes_access]
        parts = []
        if gaining:
            parts.append(f"{_people(len(gaining))} {_verb(len(gaining), 'gain')} access")
        if losing:
            parts.append(f"{_people(len(losing))} {_verb(len(losing), 'lose')} access")
        text = f"{' and '.join(parts)} in {', '.join(touched)}" if parts else ""
        unseen = sum(1 for _ in self.everything_not_evaluated)
        parts = [self.refusal] * bool(self.refused) + [f"not evaluated in {counted(unseen, 'part')}"] * bool(unseen)
        if parts:
            line = f"{'; '.join(parts)}{'; in addition, ' + text if text else ''}."
            return f"{line[0].upper()}{line[1:]}"
        if not text and self.program_changes:
            if all(item.how == NOT_IN_GIT for item in self.code if item.kind in _DECIDES):
                return "No access change was found, but files that are not in git lie beside the program."
            return "No access change was found, but the code that decides about access changed."
        return f"{text or 'No access changes'}."

    @property
    def refusal(self) -> str:
        """The first reason why it would be refused, and how many more there are; empty where nothing refuses it."""
        if not self.refused:
            return ""
        (tenant, first), *rest = self.refused
        more = f" (and {len(rest)} more)" if rest else ""
        found = first.actual if len(first.actual) <= _LONGEST else f"{first.actual[: _LONGEST - 1]}…"
        return f"Would be refused in {tenant.tenant}: {first.rule}, {first.subject}: {found}{more}"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def blocking(self) -> int:
        """How many findings that the change introduces must be fixed."""
        return sum(item.blocks for tenant in self.tenants for item in tenant.findings.introduced)


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb
