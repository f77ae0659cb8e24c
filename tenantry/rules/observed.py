"""What a tenant itself says, as rules evaluate it: who holds what, and what guards it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tenantry.access.grants import AccessMap, Grant, Kind
from tenantry.access.observed import ObservedTenant, access_map, who_is_who
from tenantry.access.parts import or_none
from tenantry.access.posture import Posture
from tenantry.access.principals import Identity, Principal, Principals
from tenantry.graph.models import MemberKind, User
from tenantry.role_templates import ROLE_TEMPLATES


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
        names = {self.name_of(id_): id_ for id_, item in self.known.items() if item.kind is MemberKind.USER}
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
        if object_id:
            return object_id if object_id in self.accounts else None
        return self._by_name.get(self._who.resolve(upn=upn))

    def target_name(self, grant: Grant) -> str:
        """What people call an agent group or directory role."""
        if grant.kind is not Kind.DIRECTORY_ROLE:
            return grant.target
        built_in = ROLE_TEMPLATES.get(grant.target)
        return self.tenant.role_names.get(grant.target) or (built_in.name if built_in else f"role {grant.target}")

    @cached_property
    def _by_name(self) -> Mapping[Principal, str]:
        return {self.name_of(id_): id_ for id_ in self.accounts}

    @cached_property
    def _who(self) -> Principals:
        return who_is_who(self.tenant, self.identities)
