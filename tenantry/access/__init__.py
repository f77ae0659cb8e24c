"""Who has access to what: one map, whichever view of the tenant it was read from."""

from tenantry.access.diff import AccessDiff, PersonDiff, diff
from tenantry.access.grants import AccessMap, Answer, Grant, Kind, Opaque, Reason
from tenantry.access.inverse import HeldBy, held_by
from tenantry.access.principals import AmbiguousPrincipalError, Identity, Principal, Principals
from tenantry.roles import Standing

__all__ = [
    "AccessDiff",
    "AccessMap",
    "AmbiguousPrincipalError",
    "Answer",
    "Grant",
    "HeldBy",
    "Identity",
    "Kind",
    "Opaque",
    "PersonDiff",
    "Principal",
    "Principals",
    "Reason",
    "Standing",
    "diff",
    "held_by",
]
