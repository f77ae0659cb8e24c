"""Who somebody is: the one place that decides whether two mentions mean the same principal.

A declaration knows people by UPN, a Pulumi program by resource, Microsoft Graph by object id. Each view says
which of these go together (:class:`Identity`), and :class:`Principals` gives all mentions of one human the same
:class:`Principal`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tenantry.graph.models import Group, Member, MemberKind, ServicePrincipal, User, is_guest
from tenantry.spelling import folded_upn

_PENDING: Final = "made now: "


class By(StrEnum):
    """What a principal is named by. Views agree best on the UPN, so it comes first where it is known."""

    UPN = "upn"
    OBJECT_ID = "object id"
    URN = "resource"
    KEY = "made here"
    """An account that the stack makes, whatever it is called: the first key that its person had."""
    TENANT = "tenant"
    """Everybody in a tenant: what a tenant-wide consent speaks for."""


@dataclass(frozen=True, order=True)
class Principal:
    """Somebody or something that can hold access: one record, from whichever view it was learnt.

    Equal is who has the same name of the same sort (``by`` and ``value``), as the views of one comparison resolve it.
    Everything else is what a view knows of them, and may be different in another view.
    """

    by: By
    value: str
    object_id: str = field(default="", compare=False)
    """In lower case; empty where the view does not know it."""
    name: str = field(default="", compare=False)
    upn: str | None = field(default=None, compare=False)
    kind: MemberKind = field(default=MemberKind.USER, compare=False)
    enabled: bool = field(default=True, compare=False)
    guest: bool = field(default=False, compare=False)
    members: tuple["Principal", ...] | None = field(default=None, compare=False, repr=False)
    """Of a group: everybody in it, also through further groups, none of them a group; None where that was not read."""
    email: str | None = field(default=None, compare=False)
    """An account's e-mail address; None where it has none, or where that was not asked."""
    synchronised: bool = field(default=False, compare=False)
    """Whether the account comes from an on-premises directory."""

    @classmethod
    def in_directory(
        cls,
        object_id: str,
        name: str,
        upn: str | None = None,
        kind: MemberKind = MemberKind.USER,
        *,
        enabled: bool = True,
        guest: bool = False,
        members: tuple["Principal", ...] | None = None,
        email: str | None = None,
        synchronised: bool = False,
    ) -> "Principal":
        """Somebody or something in a tenant's directory, which knows them by object id."""
        id_ = object_id.casefold()
        return cls(By.OBJECT_ID, id_, id_, name, upn, kind, enabled, guest, members, email, synchronised)

    @classmethod
    def everybody_in(cls, tenant_id: str) -> "Principal":
        """All people of a tenant, as one."""
        return cls(By.TENANT, tenant_id.casefold())

    @property
    def is_pending(self) -> bool:
        """Whether it is an account that a change makes, and the directory has given it no object id yet."""
        return self.object_id.startswith(_PENDING)

    @property
    def is_everybody(self) -> bool:
        """Whether this stands for all people of a tenant."""
        return self.by is By.TENANT

    @property
    def is_group(self) -> bool:
        """Whether it stands for others."""
        return self.kind is MemberKind.GROUP

    @property
    def is_member_account(self) -> bool:
        """Whether it is, or may be, an account of this tenant's own: no guest, no group and no service principal."""
        return self.kind is MemberKind.USER and not self.guest

    @property
    def is_person(self) -> bool:
        """Whether it is a person's account of this tenant that can sign in."""
        return self.kind is MemberKind.USER and self.enabled and not is_guest("guest" if self.guest else None, self.upn)

    def __str__(self) -> str:
        if self.name:
            what = "" if self.kind is MemberKind.USER else f"the {self.kind} "
            return f"{what}{self.name} ({self.upn or self.object_id})"
        if self.is_everybody:
            return "everybody in the tenant"
        return self.value if self.by is By.UPN else f"the {self.by.value} {self.value.rsplit('::', 1)[-1]}"


def pending_id(key: str) -> str:
    """What stands for the object id of an account that a change makes, by the key of its person."""
    return f"{_PENDING}{key}"


def in_tenant(item: User | Member | Group | ServicePrincipal) -> Principal:
    """Somebody or something as Microsoft Graph shows it."""
    upn = None if isinstance(item, Group | ServicePrincipal) else item.user_principal_name
    kind = MemberKind.USER
    if not isinstance(item, User):
        groups = isinstance(item, Group)
        kind = item.kind if isinstance(item, Member) else MemberKind.GROUP if groups else MemberKind.SERVICE_PRINCIPAL
    return Principal.in_directory(
        item.id,
        item.display_name or upn or item.id,
        upn,
        kind,
        enabled=isinstance(item, Group) or item.account_enabled is not False,
        guest=isinstance(item, User | Member) and kind is MemberKind.USER and is_guest(item.user_type, upn),
        email=item.mail if isinstance(item, User) else None,
        synchronised=isinstance(item, User | Member) and bool(item.on_premises_sync_enabled),
    )


@dataclass(frozen=True)
class Identity:
    """Names that one principal goes by in some view, at least one; what the view does not know is None."""

    upn: str | None = None
    object_id: str | None = None
    urn: str | None = None

    def names(self) -> Iterator[Principal]:
        """Each name as a principal of its own, the best one first."""
        if self.upn is not None:
            yield Principal(By.UPN, folded_upn(self.upn), upn=folded_upn(self.upn))
        if self.object_id is not None:
            yield Principal(By.OBJECT_ID, self.object_id.casefold(), self.object_id.casefold())
        if self.urn is not None:
            yield Principal(By.URN, self.urn)


class AmbiguousPrincipalError(Exception):
    """One name stands for two different people, so that it identifies neither."""

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

    def knows(self, object_id: str) -> bool:
        """Whether somebody or something is known by an object id."""
        return Principal(By.OBJECT_ID, object_id.casefold()) in self._same

    def resolve(self, *, upn: str | None = None, object_id: str | None = None, urn: str | None = None) -> Principal:
        """The principal that a name stands for; an unknown name stands for itself."""
        names = list(Identity(upn, object_id, urn).names())
        if not names:
            raise ValueError("a principal needs a UPN, an object id or a resource")
        same = next((self._same[name] for name in names if name in self._same), frozenset(names))
        return min(same, key=lambda name: (list(By).index(name.by), name.value))


def agreeing(known: Iterable[Identity]) -> Iterator[Identity]:
    """Those that contradict no earlier one: an account that took over a name is not its former bearer."""
    principals = Principals()
    for identity in known:
        try:
            principals.add(identity)
        except AmbiguousPrincipalError:
            continue
        yield identity
