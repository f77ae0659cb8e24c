"""What only people can settle of a tenant that is taken over, and the ways to settle it."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from tenantry.access.danger import Danger
from tenantry.drift.advice import Path
from tenantry.drift.model import Edit

LATER: Final = "later"
"""The answer that leaves a question open."""


ACCEPT: Final = "accept"
REMOVE: Final = "remove"
LEGEND: Final = {
    ACCEPT: "accept it until a date: a decision under `drift:` with an owner, a reason and an end",
    REMOVE: "decide to remove it by hand: a decision under `drift:` records this",
    LATER: "leave the question open in the file",
}
"""The answers that many questions take, and what they do."""


class About(StrEnum):
    """What a question is about: the first part of its key."""

    GROUP_NAME = "agent-group"
    DISABLED = "disabled"
    LEAVER = "leaver"
    GUEST = "guest"
    GROUP = "group"
    APPLICATION = "application"
    OBJECT = "object"
    UNKNOWN = "unknown"
    PARTNER_TIER = "partner-tier"
    OUTSIDE = "outside-admin-agents"
    SYNCHRONISED = "synchronised"
    ELIGIBLE = "eligible"
    OTHER_ROLES = "other-roles"
    RULES = "rules"
    EMAIL = "email"
    CONSENT = "ftop"
    RELATIONSHIP = "relationship"
    GDAP_GROUP = "gdap-group"
    GDAP_MEMBER = "gdap-member"


@dataclass(frozen=True)
class Choice:
    """One answer to a question."""

    name: str
    """What `--answer KEY=NAME` takes."""
    does: str
    """What it does."""
    by_hand: str = ""
    """What somebody then does in the tenant."""
    edit: Edit = ()
    """What it writes into the tenant's file."""
    decisions: Edit = ()
    """What it writes with an owner, a reason and an end, which come with the answer."""


@dataclass(frozen=True)
class Question:
    """Access that a declaration cannot, or must not, give without a decision."""

    key: str
    subject: str
    """Whom or what it is about: "Erik Dahl (erik.dahl@…)", "the group Support Team"."""
    holds: tuple[str, ...]
    """What they hold: "AdminAgents", "Global Administrator (eligible)"."""
    asks: str
    """The question, in a sentence."""
    choices: tuple[Choice, ...]
    danger: Danger = Danger.CUSTOMERS
    free: str = ""
    """What else an answer may be, where it is none of the choices."""
    paths: tuple[Path, ...] = field(default=(), repr=False)
    """What it speaks for: nothing that somebody holds is in no question and not declared."""
    relationships: frozenset[str] = field(default=frozenset(), repr=False)
    """The ids of the relationships with customers that it speaks for, likewise."""

    def choice(self, name: str) -> Choice | None:
        """The choice of a name; None where there is none."""
        return next((one for one in self.choices if one.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the choices."""
        return tuple(one.name for one in self.choices)


@dataclass(frozen=True)
class Signature:
    """Who answers for the decisions of a run, why, and until when."""

    owner: str | None = None
    reason: str | None = None
    until: date | None = None


@dataclass(frozen=True)
class Answer:
    """What somebody chose."""

    choice: str
    signature: Signature = Signature()
