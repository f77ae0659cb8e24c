"""What ``tenantry review`` can be asked for."""

from enum import StrEnum


class ReviewFormat(StrEnum):
    """How ``tenantry review`` answers."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class FailOn(StrEnum):
    """What of a change fails the command, beside what could not be evaluated."""

    FINDINGS = "findings"
    REMOVALS = "removals"
    ANY = "any"
