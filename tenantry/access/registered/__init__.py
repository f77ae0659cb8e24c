"""The registered view: the access that a Pulumi program's resources give, whoever wrote them.

It reads azuread resources and nothing that a program says of itself. At preview the ids of new people are not
known; who they are is known all the same, from the resources that a property depends on. What cannot be told is
opaque, and never taken for nothing.
"""

from tenantry.access.registered.reader import read
from tenantry.access.registered.resources import (
    LEFT_OUT,
    PROPERTIES,
    UNKNOWN,
    Allowed,
    OutOfPolicyGrant,
    PendingPrincipal,
    RegisteredResource,
    RegisteredView,
    Unknown,
    Value,
)

__all__ = [
    "LEFT_OUT",
    "PROPERTIES",
    "UNKNOWN",
    "Allowed",
    "OutOfPolicyGrant",
    "PendingPrincipal",
    "RegisteredResource",
    "RegisteredView",
    "Unknown",
    "Value",
    "read",
]
