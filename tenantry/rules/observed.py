"""What a tenant itself says, as rules judge it: who holds what, and what guards it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tenantry.access.grants import AccessMap, Grant
from tenantry.access.observed import ObservedTenant, access_map, who_is_who
from tenantry.access.parts import or_none
from tenantry.access.posture import Posture
from tenantry.access.principals import Identity, Principal, Principals
from tenantry.graph.models import MemberKind, User


@dataclass(frozen=True)
class Observed:
    """A tenant, as it was read."""

    tenant: ObservedTenant
    posture: Posture = field(default_factory=Posture)
    identities: tuple[Identity, ...] = ()
    """Whom the declaration knows by which names."""
    ftop_application: str | None = None
    """FTOP's application (client) id, where it is declared."""

    @cached_property
    def access(self) -> AccessMap:
        """Who holds what, under the names that the declaration has for them."""
        return access_map(self.tenant, self.identities, ftop_application=self.ftop_application)

    @cached_property
    def known(self) -> Mapping[str, Principal]:
        """Everybody and everything that may hold something, by object id."""
        return self.tenant.principals()

    @cached_property
    def accounts(self) -> Mapping[str, User]:
        """The accounts that were kept, by object id: who holds something, and who is declared."""
        return {user.id: user for user in or_none(self.tenant.users)}

    @cached_property
    def people(self) -> Mapping[str, tuple[Grant, ...]]:
        """What each account holds, in agent groups and directory roles, by its object id."""
        names = {self.name_of(id_): id_ for id_, one in self.known.items() if one.kind is MemberKind.USER}
        found: dict[str, list[Grant]] = {}
        for grant in self.access.grants:
            if grant.is_power and grant.principal in names:
                found.setdefault(names[grant.principal], []).append(grant)
        return {id_: tuple(found[id_]) for id_ in sorted(found)}

    def name_of(self, object_id: str) -> Principal:
        """The name that the access map has for an object id."""
        return self._who.resolve(object_id=object_id)

    def object_id_of(self, upn: str, object_id: str | None) -> str | None:
        """The account of somebody whom the declaration knows by these names; None where the tenant has none."""
        meant = self._who.resolve(upn=upn, object_id=object_id)
        return next((id_ for id_ in self.accounts if self.name_of(id_) == meant), None)

    @cached_property
    def _who(self) -> Principals:
        return who_is_who(self.tenant, self.identities)
