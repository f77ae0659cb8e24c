"""What drift is, as reports show it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from pydantic import Field, computed_field

from tenantry.access.danger import Danger
from tenantry.declaration.decisions import DRIFT_OBJECTS, DriftState
from tenantry.findings import NotEvaluated, Record, Severity
from tenantry.roles import AgentGroup, AssignmentType


class Change(StrEnum):
    """What somebody else did."""

    ADDED = "added"
    """Access that nobody declared."""
    REMOVED = "removed"
    """Access that the last update gave, and that is gone."""
    MISSING = "missing"
    """Access or an account that is declared and that the tenant does not have, whoever took it or never gave it."""
    CHANGED = "changed"
    """A property of an account or group."""
    DELETED = "deleted"
    """An account or group."""
    DUE = "due"
    """Access whose end in the declaration has come, and that the tenant still gives."""
    KEPT = "kept"
    """The sign-in of a leaver whose account is adopted: only people can end it."""


class SeenBy(StrEnum):
    """Who sees it."""

    ENGINE = "the engine"
    GRAPH = "Microsoft Graph alone"
    """The engine does not look there: it would never be put right, nor found by `pulumi preview`."""


class Triage(Record):
    """What the declaration decides about drift."""

    key: str
    """The key of the decision under `drift`."""
    state: DriftState
    """What was decided."""
    reason: str
    """Why."""
    owner: str
    """Who decided it."""
    until: date
    """The last day on which it is valid."""
    expired: bool
    """Whether `until` is over."""
    decided_on: date
    """When it was decided."""
    early: bool
    """Whether that day is in the future, so that the decision is not valid yet."""

    @property
    def holds(self) -> bool:
        """Whether it decides anything today."""
        return not self.expired and not self.early


Edit = tuple[tuple[tuple[str, ...], Any], ...]
"""What to write into the tenant's file: paths of fields with their values; None takes a field out."""


@dataclass(frozen=True)
class Advice:
    """What to do about a piece of drift."""

    to_keep: str
    """How it stays, or that it cannot; the end of a sentence that begins "To keep it:"."""
    to_take_back: str
    """How it goes; the end of a sentence that begins "To take it back:"."""
    edit: Edit = ()
    """What `to_keep` writes into the tenant's file; empty where no declaration of people keeps it."""
    decision: bool = False
    """Whether `to_keep` is a decision under `drift:`, which accepts it for a time."""
    take_back_first: bool = False
    """Whether it has to be taken away before the edit is applied, which then gives it."""


class Done(Record):
    """Who did something and when, as the directory's audit log has it."""

    by: str
    """Who: a sign-in name, or "the application …"; empty where the log does not say."""
    at: datetime
    """When."""
    activity: str
    """What the log calls it."""


_SEVERITIES: Final = {
    Danger.EVERYTHING: Severity.CRITICAL,
    Danger.PEOPLE_AND_MONEY: Severity.HIGH,
    Danger.CUSTOMERS: Severity.MEDIUM,
    Danger.READING: Severity.LOW,
}


class Drift(Record):
    """One thing that somebody else changed."""

    change: Change
    """What they did."""
    subject: str
    """Whose access or account: "Ada Moss (ada.moss@…)", or what is known of somebody undeclared."""
    principal: str
    """The UPN or object id by which the declaration may name them under `drift`."""
    declared: bool
    """Whether they are somebody whom the declaration names."""
    what: str = ""
    """An agent group, a directory role, a property, "the account"."""
    how: str = ""
    """The scope and type of a role's assignment, a value before and after, the group it is held through."""
    seen_by: SeenBy
    """Who sees it."""
    next_update: str = ""
    """What `pulumi up` does about it."""
    advice: Advice = Field(exclude=True)
    danger: Danger
    """How much it can do."""
    assignment: AssignmentType | None = Field(None, exclude=True)
    """Of a directory role."""
    scope: str = Field("/", exclude=True)
    through: str | None = Field(None, exclude=True)
    """The object id of the group through which it is held."""
    names: frozenset[str] = Field(frozenset(), exclude=True)
    """Other names by which a decision may call them or it, folded."""
    cannot_be_accepted: str = ""
    """Why a decision does not keep it: the next update undoes it, or a rule never allows it. Empty where one does."""
    triage: Triage | None = None
    """What the declaration says of it; null where it says nothing."""
    rule: str
    """The id of the rule that speaks of it."""
    done: Done | None = None
    """Who did it and when; null if the audit log was not read, or does not show it."""
    holder: str = Field("", exclude=True)
    """The object id of the account, group or application; empty where it is not known."""
    target: str = Field("", exclude=True)
    """The object id of an agent group, or the template id of a directory role."""

    @property
    def severity(self) -> Severity:
        """How bad it is, beside what rules find."""
        return _SEVERITIES[self.danger]

    @property
    def sentence(self) -> str:
        """What happened, in one line."""
        return f"{self.subject}{self._predicate}"

    @property
    def predicate(self) -> str:
        """The same without whom it is about."""
        return self._predicate.lstrip(": ")

    @property
    def _predicate(self) -> str:
        how = f" ({self.how})" if self.how else ""
        match self.change:
            case Change.ADDED:
                return f" has {self.what}{how}, which is not declared"
            case Change.REMOVED:
                return f" no longer has {self.what}{how}"
            case Change.MISSING:
                if self.what in DRIFT_OBJECTS:
                    return f": {self.what} is declared, but missing in the tenant{how}"
                return f" is declared with {self.what}{how}, but does not hold it"
            case Change.CHANGED:
                return f": {self.what} was changed {self.how}"
            case Change.DELETED:
                return f": {self.what} was deleted"
            case Change.DUE:
                return f" still has {self.what}{how}"
            case Change.KEPT:
                return f": {self.what} can still sign in{how}"

    @property
    def is_membership(self) -> bool:
        """Whether it is about who is in an agent group."""
        return self.what in list(AgentGroup)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def to_keep(self) -> str:
        """What to declare in order to keep it."""
        return self.advice.to_keep

    @computed_field  # type: ignore[prop-decorator]
    @property
    def to_take_back(self) -> str:
        """How to undo it."""
        return self.advice.to_take_back

    @computed_field  # type: ignore[prop-decorator]
    @property
    def counts(self) -> bool:
        """Whether it is drift today: true unless a decision that has not ended accepts it."""
        accepted = self.triage and self.triage.state is DriftState.ACCEPTED and self.triage.holds
        return not accepted or bool(self.cannot_be_accepted)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def decision(self) -> dict[str, str]:
        """The fields by which a decision under `drift:` names exactly this; the rest is for the person who decides."""
        fields = {"principal": self.principal, "what": self.what}
        if self.assignment:
            fields["assignment"] = self.assignment.value
        if self.scope != "/":
            fields["scope"] = self.scope
        if self.through:
            fields["through"] = self.through
        return fields


class DriftReport(Record):
    """What ``tenantry drift --format json`` writes: what was found in one tenant."""

    version: int = 1
    """Changes when a key is removed or changes its meaning, not when one is added."""
    stack: str
    """The stack's name."""
    tenant: str
    """As `tenantry:tenant` names it: contoso/us."""
    name: str
    """The tenant's name."""
    changes: tuple[Drift, ...]
    """What others changed, most dangerous first."""
    not_evaluated: tuple[NotEvaluated, ...]
    """What was not read: it may have drifted."""
    stale: tuple[str, ...] = ()
    """The keys under `drift` in the declaration that match no difference: remove them."""
    at_customers: bool = True
    """Whether relationships with customers (GDAP) were looked at."""
    state_is_current: bool = False
    """Whether the state matches the tenant in everything that the stack manages, undeclared properties included: then
    an update that follows at once need not refresh (`tenantry docs performance`)."""
    refusals: tuple[str, ...] = ()
    """Why the next update would be refused. The comparison is complete all the same."""

    @property
    def drift(self) -> tuple[Drift, ...]:
        """What counts as drift today."""
        return tuple(item for item in self.changes if item.counts)

    @property
    def due(self) -> tuple[Drift, ...]:
        """What the declaration has ended and the tenant still gives."""
        return tuple(item for item in self.drift if item.change is Change.DUE)

    @property
    def accepted(self) -> tuple[Drift, ...]:
        """What the declaration accepts for a time."""
        return tuple(item for item in self.changes if not item.counts)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def exit_code(self) -> int:
        """1 where a part was not read, 7 on drift or where the next update would be refused, else 0."""
        if self.not_evaluated:
            return 1
        return 7 if self.drift or self.refusals else 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def headline(self) -> str:
        """The result in one line. It says "No drift" only if everything was read."""
        count, due = len(self.drift) - len(self.due), len(self.due)
        by_others = f"{count} thing{'' if count == 1 else 's'} changed outside this stack" if count else ""
        found = "; ".join(filter(None, (by_others, f"{due} due to be removed" if due else "")))
        refused = "; the next update would be refused" if self.refusals else ""
        if self.not_evaluated:
            parts = f"{len(self.not_evaluated)} part{'' if len(self.not_evaluated) == 1 else 's'}"
            return f"Not evaluated in {parts}" + (f"; in addition, {found}" if found else "") + f"{refused}."
        accepted = f"; {len(self.accepted)} accepted until a date" if self.accepted else ""
        return f"{found or 'No drift'}{accepted}{refused}."
