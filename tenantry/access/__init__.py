"""Who has access to what: one map, whichever view of the tenant it was read from."""

from tenantry.access.diff import AccessDiff, diff
from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Reason, Unresolved
from tenantry.access.principals import AmbiguousPrincipalError, Identity, Principal, Principals
from tenantry.roles import AssignmentType

__all__ = [
    "AccessDiff",
    "AccessMap",
    "AmbiguousPrincipalError",
    "Answer",
    "AssignmentType",
    "Grant",
    "Identity",
    "Kind",
    "Principal",
    "Principals",
    "Reason",
    "Unresolved",
    "diff",
]
