"""Why a change is not made: one thing that it would do, or that cannot be told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenantry.access.grants import HeldPower

#: Unprintable by themselves, and part of names in Persian, Hindi and other scripts.
_JOINERS: Final = "\u200c\u200d"


class Kind(StrEnum):
    """What a refusal is about, the most dangerous first."""

    LAST_ADMINISTRATOR = "no Global Administrator left"
    EMERGENCY_ACCOUNT = "an emergency account is touched"
    OWN_ACCESS = "the deploying identity loses its own access"
    ACCOUNT_DELETED = "an account that can sign in is deleted"
    REMOVAL_CEILING = "more is taken than the limits allow"
    MINIMUM_HOLDERS = "fewer remain than the limits allow"
    REQUIRED_HOLDER = "somebody who must hold it does not"
    MISSING_ROLE = "the deploying identity lacks the directory role"
    MISSING_PERMISSION = "the deploying identity lacks the permission"
    NOT_EVALUATED = "what was not read cannot be judged"
    ROLE_ASSIGNMENT_PIN = "an existing role assignment is not pinned, or pinned wrongly"
    ELIGIBLE_ROLE_STAYS = "the provider cannot take an eligible role away"
    CONSENT_GRANT_PIN = "an existing consent grant is not pinned, or pinned wrongly"
    LICENCE = "the tenant lacks the licence for what is declared"
    DOMAIN = "a declared domain is not verified in the tenant"
    SIGN_IN_NAME = "a sign-in name is another account's"
    ADDRESS = "an e-mail address is another account's"
    ROUND_GOES_BACK = "the round of a temporary password goes back"


@dataclass(frozen=True)
class Refusal:
    """One reason why a change is not made."""

    kind: Kind
    rule: str
    """The rule that it comes from, such as PT-204."""
    subject: str
    """What or whom it is about."""
    found: str
    """What the change would do, as a sentence without its end; everybody who would lose something is named."""
    allowed: str
    remediation: str
    """What to do instead: one or more sentences."""
    liftable: bool = False
    """Whether an approved override lifts it."""
    power: HeldPower | None = None
    """The group or role that it is about, where it names everybody who would lose it."""

    def __str__(self) -> str:
        """One paragraph for people, on one line whatever the directory's names hold."""
        return sanitize(
            f"Refused ({self.rule}): {self.found}. Nothing was touched. Allowed: {self.allowed}. {self.remediation}"
        )

    @property
    def order(self) -> tuple[int, str, str]:
        """Sorts refusals: the most dangerous first, then by what they are about."""
        return list(Kind).index(self.kind), self.subject, self.found


def sanitize(text: str) -> str:
    """A text in which no name breaks the line, gives orders to a terminal, or turns the direction of writing."""
    return "".join(
        one if one.isprintable() or one in _JOINERS else one.encode("unicode_escape").decode("ascii") for one in text
    )
