"""What keeps Microsoft Graph from being read, each said in a sentence with its mend.

No message, and nothing that a message was made from, holds a token or a secret.
"""

from enum import StrEnum

from tenantry.errors import NOT_FOUND, NOT_REACHED, EngineError
from tenantry.graph.permissions import READINGS, Reading


class Cause(StrEnum):
    """Why something could not be read."""

    PERMISSION = "a permission is missing"
    LICENCE = "the tenant lacks the licence"
    AMBIGUOUS = "there are several that it could be"
    GONE = "it is no longer there"
    UNEXPECTED = "the answer was not understood"


class GraphError(EngineError):
    """Microsoft Graph was not read; the message says what was found and how to mend it."""

    exit_code = NOT_REACHED


class CredentialsError(GraphError):
    """The environment says too little to sign in, or contradicts itself."""

    exit_code = NOT_FOUND


class SignInError(GraphError):
    """The sign-in was refused."""


class UnreachableError(GraphError):
    """No answer, or none that could be used after several tries."""


class NotReadableError(GraphError):
    """One part of the tenant is not told to this application; others may be."""

    def __init__(self, reading: Reading, cause: Cause, message: str) -> None:
        self.reading, self.cause = reading, cause
        super().__init__(message)


def not_permitted(reading: Reading, client: str, code: str) -> NotReadableError:
    """The refusal for want of a permission, which names the least one that would do."""
    permission = READINGS[reading].permission
    message = (
        f"Microsoft Graph does not tell {client} {reading} ({code}): the application permission {permission} is "
        "missing. Add it in Entra ID under App registrations, API permissions, and have an administrator consent to it."
    )
    return NotReadableError(reading, Cause.PERMISSION, message)


def no_licence(reading: Reading, code: str) -> NotReadableError:
    """The refusal for want of a licence."""
    message = (
        f"Microsoft Graph does not tell {reading} ({code}): the tenant has no licence for Privileged Identity "
        "Management (Microsoft Entra ID P2 or Microsoft Entra ID Governance)."
    )
    return NotReadableError(reading, Cause.LICENCE, message)


def unexpected(reading: Reading, what: str) -> NotReadableError:
    """An answer that is not what Microsoft Graph's reference says; `what` is nothing that the answer held."""
    return NotReadableError(reading, Cause.UNEXPECTED, f"Microsoft Graph was asked for {reading}, and {what}.")
