"""Who somebody is: the one place that tells whether two mentions mean the same principal.

A declaration knows people by UPN, a Pulumi program by resource, Microsoft Graph by object id. Each view says
which of these go together (:class:`Identity`), and :class:`Principals` gives all mentions of one human the same
:class:`Principal`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tenantry.spelling import folded_upn


class By(StrEnum):
    """What a principal is named by. Views agree best on the UPN, so it comes first where it is known."""

    UPN = "upn"
    OBJECT_ID = "object id"
    URN = "resource"
    TENANT = "tenant"
    """Everybody in a tenant: what a tenant-wide consent speaks for."""


@dataclass(frozen=True, order=True)
class Principal:
    """Somebody or something that can hold access, under one name that all views share."""

    by: By
    value: str

    @classmethod
    def everybody_in(cls, tenant_id: str) -> "Principal":
        """All people of a tenant, as one."""
        return cls(By.TENANT, tenant_id.casefold())

    @property
    def is_everybody(self) -> bool:
        """Whether this stands for all people of a tenant."""
        return self.by is By.TENANT

    def __str__(self) -> str:
        if self.is_everybody:
            return "everybody in the tenant"
        return self.value if self.by is By.UPN else f"the {self.by.value} {self.value.rsplit('::', 1)[-1]}"


@dataclass(frozen=True)
class Identity:
    """Names that one principal goes by in some view, at least one; what the view does not know is None."""

    upn: str | None = None
    object_id: str | None = None
    urn: str | None = None

    def names(self) -> Iterator[Principal]:
        """Each name as a principal of its own, the best one first."""
        if self.upn is not None:
            yield Principal(By.UPN, folded_upn(self.upn))
        if self.object_id is not None:
            yield Principal(By.OBJECT_ID, self.object_id.casefold())
        if self.urn is not None:
            yield Principal(By.URN, self.urn)


class AmbiguousPrincipalError(Exception):
    """One name stands for two different people, so that nothing can be said of either."""

    def __init__(self, name: Principal, one: Principal, other: Principal) -> None:
        self.name, self.one, self.other = name, one, other
        super().__init__(f"{name} stands for both {one} and {other}")


class Principals:
    """Resolves any known name of a principal to the one that all views share.

    Raises :class:`AmbiguousPrincipalError` where identities contradict each other: the same object id or
    resource under two UPNs, or the same UPN with two object ids.
    """

    def __init__(self, identities: Iterable[Identity] = ()) -> None:
        self._same: dict[Principal, frozenset[Principal]] = {}
        for identity in identities:
            self.add(identity)

    def add(self, identity: Identity) -> None:
        """Learn which names go together; nothing is learnt from an identity that contradicts what is known."""
        names = list(identity.names())
        same = frozenset(names).union(*(self._same.get(name, ()) for name in names))
        for by in (By.UPN, By.OBJECT_ID):
            rivals = sorted(name for name in same if name.by is by)
            if len(rivals) > 1:
                shared = next((name for name in names if name.by is not by), names[0])
                raise AmbiguousPrincipalError(shared, *rivals[:2])
        self._same.update(dict.fromkeys(same, same))

    def resolve(self, *, upn: str | None = None, object_id: str | None = None, urn: str | None = None) -> Principal:
        """The principal that a name stands for; an unknown name stands for itself."""
        names = list(Identity(upn, object_id, urn).names())
        if not names:
            raise ValueError("a principal needs a UPN, an object id or a resource")
        same = next((self._same[name] for name in names if name in self._same), frozenset(names))
        return min(same, key=lambda name: (list(By).index(name.by), name.value))
