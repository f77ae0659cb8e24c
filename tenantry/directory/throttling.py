"""Microsoft Graph's limits for identity and access: what a request costs, and the buckets that it is paid from.

Source: "Microsoft Graph service-specific throttling limits", the section on identity and access.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .faults import TenantSize
from .odata import number

UNITS: Final[dict[TenantSize, int]] = {TenantSize.S: 3_500, TenantSize.M: 5_000, TenantSize.L: 8_000}
"""The resource units that an application has in a tenant."""
UNIT_SECONDS: Final = 10
WRITES: Final = 3_000
WRITE_SECONDS: Final = 150

_SMALL_PAGE: Final = 20
_COLLECTION_COSTS: Final[Mapping[str, int]] = {
    "users": 2,
    "applications": 2,
    "contracts": 3,
    "oauth2PermissionGrants": 2,
    "subscribedSkus": 3,
}
_RELATION_COSTS: Final[Mapping[str, int]] = {
    "members": 3,
    "transitiveMembers": 5,
    "oauth2PermissionGrants": 2,
    "appRoleAssignments": 2,
}


def resource_units(method: str, path: str, options: Mapping[str, str]) -> int:
    """Return what a request costs; `path` is below the version."""
    if method != "GET":
        return 1
    collection, *rest = path.strip("/").split("/")
    cost = _RELATION_COSTS.get(rest[1], 1) if len(rest) > 1 else _COLLECTION_COSTS.get(collection, 1)
    names = {name.removeprefix("$").lower(): value for name, value in options.items()}
    cost += ("expand" in names) - ("select" in names)
    top = number(names.get("top", ""))
    if top is not None and top < _SMALL_PAGE:
        cost -= 1
    return max(cost, 1)


@dataclass
class Bucket:
    """So much in so many seconds: it is full at first, and fills again evenly."""

    capacity: float
    seconds: float
    spent: float = 0.0
    at: float = 0.0

    def wait(self, amount: float, now: float) -> float:
        """Return in how many seconds there will be this amount; 0 where it is there."""
        self.spent = max(0.0, self.spent - (now - self.at) * self.capacity / self.seconds)
        self.at = now
        return max(0.0, (self.spent + amount - self.capacity) * self.seconds / self.capacity)

    def take(self, amount: float) -> None:
        """Take an amount that there is."""
        self.spent += amount

    @property
    def used(self) -> float:
        """Which part of it is used, from 0 to 1."""
        return self.spent / self.capacity
