"""Why Microsoft Graph could not be read. Each message is a sentence with its fix, and holds no token or secret."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tenantry.errors import NOT_FOUND, NOT_REACHED, EngineError
from tenantry.graph.permissions import READINGS, Reading


class Cause(StrEnum):
    """Why something could not be read."""

    PERMISSION = "a permission is missing"
    LICENCE = "the tenant lacks the licence"
    AMBIGUOUS = "several match"
    GONE = "it no longer exists"
    UNEXPECTED = "the answer was not understood"
    UNDECLARED = "the declaration does not say what to look for"


class GraphError(EngineError):
    """Microsoft Graph was not read; the message says why, and the fix."""

    exit_code = NOT_REACHED


class CredentialsError(GraphError):
    """The environment says too little to sign in, or contradicts itself."""

    exit_code = NOT_FOUND


class SignInError(GraphError):
    """The sign-in was refused."""


class UnreachableError(GraphError):
    """No usable answer, after several tries."""


class NotReadableError(GraphError):
    """This application cannot read one part of the tenant; it may read others."""

    def __init__(self, reading: Reading, cause: Cause, message: str) -> None:
        self.reading, self.cause = reading, cause
        super().__init__(message)


def not_permitted(reading: Reading, client: str, code: str) -> NotReadableError:
    """The refusal for want of a permission, which names the least one that would do."""
    permissions = READINGS[reading].permissions
    both = " (both are needed)" if len(permissions) > 1 else ""
    message = (
        f"Microsoft Graph does not let {client} read {reading} ({code}): the application permission "
        f"{' or '.join(permissions)} is missing{both}. Add it in Entra ID under App registrations, API permissions, "
        "and have an administrator consent to it."
    )
    return NotReadableError(reading, Cause.PERMISSION, message)


LICENCES: Final[Mapping[str, str]] = {
    "AadPremiumLicenseRequired": (
        "Privileged Identity Management (Microsoft Entra ID P2 or Microsoft Entra ID Governance)"
    ),
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant": (
        "sign-in activity and the report of authentication methods (Microsoft Entra ID P1 or P2)"
    ),
}
"""What a licence is missing for, by the code of the refusal."""


def no_licence(reading: Reading, code: str) -> NotReadableError:
    """The refusal for want of a licence, in the same words for all that it is for: a report has each reason once."""
    message = f"The tenant has no licence for {LICENCES[code]}, and Microsoft Graph shows nothing of it ({code})."
    return NotReadableError(reading, Cause.LICENCE, message)


def unexpected(reading: Reading, what: str) -> NotReadableError:
    """An answer that is not what Microsoft Graph's reference says; `what` is nothing that the answer held."""
    return NotReadableError(reading, Cause.UNEXPECTED, f"Microsoft Graph was asked for {reading}, and {what}.")
