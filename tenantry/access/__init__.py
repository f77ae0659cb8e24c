"""Who has access to what: one map, whichever view of the tenant it was read from."""

from tenantry.access.diff import AccessDiff, diff
from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Opaque, Reason, Standing
from tenantry.access.principals import AmbiguousPrincipalError, Identity, Principal, Principals

__all__ = [
    "AccessDiff",
    "AccessMap",
    "AmbiguousPrincipalError",
    "Answer",
    "Grant",
    "Identity",
    "Kind",
    "Opaque",
    "Principal",
    "Principals",
    "Reason",
    "Standing",
    "diff",
]
