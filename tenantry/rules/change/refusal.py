"""Why a change is not made: one thing that it would do, or that was not read."""

from enum import StrEnum

from pydantic import Field

from tenantry.access.grants import HeldPower
from tenantry.findings import Finding, statement
from tenantry.sanitize import sanitize


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
    IDENTITY = "a declared identity is no service principal of the tenant"
    LICENCE = "the tenant lacks the licence for what is declared"
    DOMAIN = "a declared domain is not verified in the tenant"
    SIGN_IN_NAME = "a sign-in name is another account's"
    ADDRESS = "an e-mail address is another account's"
    ROUND_GOES_BACK = "the round of a temporary password goes back"


class Refusal(Finding):
    """A finding about a change of access. ``actual`` names everybody who would lose something."""

    kind: Kind = Field(exclude=True)
    liftable: bool = Field(False, exclude=True)
    """Whether an approved override lifts it."""
    power: HeldPower | None = Field(None, exclude=True)
    """The group or role that it is about, where it names everybody who would lose it."""

    @property
    def paragraph(self) -> str:
        """What the program says, on one line whatever the directory's names hold."""
        said = statement(self.actual, self.expected, self.remediation)
        return sanitize(f"Refused ({self.rule}): {said}. Nothing was touched.")

    @property
    def order(self) -> tuple[int, str, str]:
        """Sorts refusals: the most dangerous first, then by what they are about."""
        return list(Kind).index(self.kind), self.subject, self.actual


def refused(
    kind: Kind,
    subject: str,
    actual: str,
    expected: str,
    remediation: str,
    *,
    liftable: bool = False,
    power: HeldPower | None = None,
) -> Refusal:
    """What a check finds; its rule adds the id (:meth:`tenantry.rules.model.Rule.refusals`)."""
    return Refusal(
        kind=kind,
        subject=subject,
        actual=actual,
        expected=expected,
        remediation=remediation,
        path=("limits",) if power else ("people",),
        liftable=liftable,
        power=power,
    )
