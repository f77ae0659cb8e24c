"""Why a change is not made: one thing that it would do, or that was not read."""

from enum import StrEnum

from pydantic import Field

from tenantry.access.grants import HeldPower
from tenantry.findings import FieldPath, Finding, statement
from tenantry.sanitize import sanitize


class Kind(StrEnum):
    """What a refusal is about, the most dangerous first, with what is expected where a refusal does not say."""

    LAST_ADMINISTRATOR = "an active Global Administrator who can sign in; no approval allows otherwise"
    EMERGENCY_ACCOUNT = (
        "emergency accounts unchanged, with Global Administrator and in no agent group; no approval allows otherwise"
    )
    OWN_ACCESS = "no loss of access for the deploying identity; no approval allows otherwise"
    ACCOUNT_DELETED = "an account is disabled before it is deleted"
    REMOVAL_CEILING = "no more access removed than the limits allow"
    TERMINATION_CEILING = "no more relationships with customers terminated than the limits allow"
    RENEWED_TOO_EARLY = "an old relationship with a customer that ends once the new one is in use"
    RELATIONSHIP_LEFT_OUT = "relationships with customers that end before they leave the declaration"
    MINIMUM_HOLDERS = "as many holders left as the limits require"
    REQUIRED_HOLDER = "every required holder has it"
    MISSING_ROLE = "a deploying identity whose directory roles allow this (`tenantry docs permissions`)"
    MISSING_PERMISSION = "the application permission that the change needs"
    NOT_EVALUATED = "everything that the change depends on is read"
    ROLE_ASSIGNMENT_PIN = "existing access pinned by its id"
    PROTECTED_ROLE = "a role whose protection was ended by an earlier update"
    ELIGIBLE_ROLE_STAYS = "an eligible role is removed before its request is purged, or by hand before the update"
    CONSENT_GRANT_PIN = "an existing consent pinned by its id, and declared as it is"
    IDENTITY = "under `identities`, only service principals of the tenant"
    LICENCE = "eligible roles only with Microsoft Entra ID P2 or Microsoft Entra ID Governance, otherwise active ones"
    DOMAIN = "domains that are verified in the tenant"
    SIGN_IN_NAME = "a sign-in name that no other account has"
    ADDRESS = "an e-mail address that no other account or group has"
    ROUND_GOES_BACK = "a round that is not lower than before"


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
        message = statement(self.actual, self.expected, self.remediation)
        return sanitize(f"Refused ({self.rule}): {message}. Nothing was changed.")

    @property
    def order(self) -> tuple[int, str, str]:
        """Sorts refusals: the most dangerous first, then by what they are about."""
        return list(Kind).index(self.kind), self.subject, self.actual


def refused(
    kind: Kind,
    subject: str,
    actual: str,
    remediation: str,
    expected: str = "",
    *,
    liftable: bool = False,
    power: HeldPower | None = None,
    path: FieldPath = (),
) -> Refusal:
    """What a check finds; its rule adds the id (:meth:`tenantry.rules.model.Rule.refusals`)."""
    return Refusal(
        kind=kind,
        subject=subject,
        actual=actual,
        expected=expected or kind.value,
        remediation=remediation,
        path=path or (("limits",) if power else ("people",)),
        liftable=liftable,
        power=power,
    )
