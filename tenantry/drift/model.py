"""What drift is, as it is said."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tenantry.declaration.models import DriftState


class Change(StrEnum):
    """What somebody else did."""

    ADDED = "added"
    """Access that nobody declared."""
    REMOVED = "removed"
    """Access that the last update gave, and that is gone."""
    CHANGED = "changed"
    """A property of an account or group."""
    DELETED = "deleted"
    """An account or group."""
    KEPT = "kept"
    """The sign-in of a leaver whose account is adopted: only people can end it."""


class SeenBy(StrEnum):
    """Who sees it."""

    ENGINE = "the engine"
    GRAPH = "Microsoft Graph alone"
    """The engine does not look there: it would never be put right, nor found by `pulumi preview`."""


@dataclass(frozen=True)
class Triage:
    """What the declaration says of a piece of drift."""

    key: str
    state: DriftState
    reason: str
    owner: str
    until: date
    expired: bool


@dataclass(frozen=True)
class Drift:
    """One thing that somebody else changed."""

    change: Change
    who: str
    """Whose access or account: "Ada Moss (ada.moss@…)", or what is known of a stranger."""
    principal: str
    """The UPN or object id by which the declaration may name them under `drift`."""
    declared: bool
    """Whether they are somebody whom the declaration names."""
    what: str
    """An agent group, a directory role, a property, "the account"."""
    how: str
    """The scope and standing of a role, a value before and after, the group it is held through."""
    seen_by: SeenBy
    next_update: str
    """What `pulumi up` does about it."""
    keep: str
    """What to declare in order to keep it."""
    danger: int
    """0 is the most dangerous."""
    triage: Triage | None = None

    @property
    def counts(self) -> bool:
        """Whether it is drift today: whatever is not accepted for a time that still runs."""
        return not (self.triage and self.triage.state is DriftState.ACCEPTED and not self.triage.expired)


@dataclass(frozen=True)
class NotEvaluated:
    """A part that was not looked at, and why: it may have drifted."""

    what: str
    why: str


@dataclass(frozen=True)
class DriftReport:
    """What was found in one tenant."""

    stack: str
    tenant: str
    """As ``tenantry:tenant`` names it."""
    name: str
    found: tuple[Drift, ...]
    """Most dangerous first."""
    not_evaluated: tuple[NotEvaluated, ...]
    stale: tuple[Triage, ...] = ()
    """Triage that fits nothing which was found: it can go."""

    @property
    def drift(self) -> tuple[Drift, ...]:
        """What counts as drift today."""
        return tuple(one for one in self.found if one.counts)

    @property
    def accepted(self) -> tuple[Drift, ...]:
        """What the declaration accepts for a time."""
        return tuple(one for one in self.found if not one.counts)

    @property
    def exit_code(self) -> int:
        """1 where a part could not be told, 7 on drift, else 0."""
        if self.not_evaluated:
            return 1
        return 7 if self.drift else 0

    @property
    def headline(self) -> str:
        """How it is, in one line. "No drift" is only said where everything was looked at."""
        count = len(self.drift)
        said = f"{count} thing{'' if count == 1 else 's'} changed by others" if count else ""
        if self.not_evaluated:
            parts = f"{len(self.not_evaluated)} part{'' if len(self.not_evaluated) == 1 else 's'}"
            return f"Not evaluated in {parts}" + (f"; beside that, {said}" if said else "") + "."
        accepted = f"; {len(self.accepted)} accepted for a time" if self.accepted else ""
        return f"{said or 'No drift'}{accepted}."
