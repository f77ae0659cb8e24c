"""The registered view: the access that a Pulumi program's resources give, in any program.

It reads azuread resources and nothing that a program says of itself. At preview the ids of new people are not
known; who they are is known all the same, from the resources that a property depends on. What stays unknown is
unresolved, and never taken for nothing.
"""

from tenantry.access.registered.reader import read
from tenantry.access.registered.resources import (
    LEFT_OUT,
    PROPERTIES,
    UNKNOWN,
    Allowed,
    GivenAtCustomer,
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
    "GivenAtCustomer",
    "OutOfPolicyGrant",
    "PendingPrincipal",
    "RegisteredResource",
    "RegisteredView",
    "Unknown",
    "Value",
    "read",
]
