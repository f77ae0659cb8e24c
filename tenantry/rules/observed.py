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
from tenantry.role_templates import ROLE_TEMPLATES, at_customers, role_name


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

    @cached_property
    def at_customers(self) -> Mapping[str, tuple[str, ...]]:
        """What everybody and everything in a group for customers holds there, in words, by its object id."""
        places: dict[str, set[str]] = {}
        for group, member in self.tenant.inside_customer_groups():
            places.setdefault(member.id, set()).add(f"a place in {group.group.display_name or group.group.id}")
        return {
            id_: tuple(sorted(at_customers(role_name(role), sorted(where)) for role, where in held.items()))
            if (held := self._roles_at_customers.get(self.name_of(id_)))
            else tuple(sorted(places[id_]))
            for id_ in sorted(places)
        }

    @cached_property
    def _roles_at_customers(self) -> Mapping[Principal, Mapping[str, set[str]]]:
        """The roles that somebody holds at customers, by template id, with the customers' names."""
        relationships = or_none(self.tenant.at_customers.relationships) if self.tenant.at_customers else ()
        called = {one.tenant_id: one.customer for one in relationships}
        roles: dict[Principal, dict[str, set[str]]] = {}
        for grant in self.access.grants:
            if grant.kind is Kind.CUSTOMER_ROLE:
                where = called.get(grant.target, grant.target)
                roles.setdefault(grant.principal, {}).setdefault(grant.scope, set()).add(where)
        return roles

    @cached_property
    def holders(self) -> tuple[str, ...]:
        """The object ids of all accounts that hold something, here or at customers."""
        there = {id_ for id_ in self.at_customers if self.known[id_].kind is MemberKind.USER}
        return tuple(sorted(self.people.keys() | there))

    def held_by(self, object_id: str) -> tuple[str, ...]:
        """What an account or application holds, here and at customers, in words."""
        here = dict.fromkeys(self.target_name(grant) for grant in self.people.get(object_id, ()))
        return (*here, *self.at_customers.get(object_id, ()))

    def powers_of(self, object_id: str) -> frozenset[str]:
        """The agent groups, by name, and the roles, by template id, that an account holds here or at customers."""
        here = (grant.target for grant in self.people.get(object_id, ()))
        return frozenset({*here, *self._roles_at_customers.get(self.name_of(object_id), ())})

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
