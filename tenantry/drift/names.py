"""What people call a piece of access: the same in drift, in a decision about it, and where a tenant is taken over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tenantry.access.grants import UNIT_SCOPE, Grant, Kind
from tenantry.access.observed import ObservedTenant
from tenantry.roles import NEVER_ASSIGNED, DirectoryRole

_LONGEST: Final = 200


@dataclass(frozen=True)
class Names:
    """The names of a tenant's directory roles and administrative units, as far as they were read."""

    roles: Mapping[str, str] = field(default_factory=dict)
    """By definition id, with the id beside a name that several roles have."""
    units: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, observed: ObservedTenant | None) -> "Names":
        """The names in a tenant; of one that was not read, those of Microsoft's roles alone."""
        names = observed.role_names if observed else {}
        all_names = (*(role.value for role in DirectoryRole), *NEVER_ASSIGNED.values(), *names.values())
        folded = [name.casefold() for name in all_names]
        roles = {
            id_: name
            if folded.count(name.casefold()) == 1 or DirectoryRole.by_template_id(id_) or id_ in NEVER_ASSIGNED
            else f"{name} ({id_})"
            for id_, name in names.items()
        }
        return cls(roles, observed.unit_names if observed else {})

    def what(self, grant: Grant) -> str:
        """What people call an agent group or a directory role."""
        if grant.kind is not Kind.DIRECTORY_ROLE:
            return grant.target
        built_in = DirectoryRole.by_template_id(grant.target)
        name = built_in.value if built_in else NEVER_ASSIGNED.get(grant.target) or self.roles.get(grant.target)
        return _on_one_line(name) if name else f"role {grant.target}"

    def scope(self, scope: str) -> str:
        """What a role is held over: a unit by its name too, where that was read."""
        name = self.units.get(scope.removeprefix(UNIT_SCOPE))
        return f"the administrative unit {_on_one_line(name)} ({scope})" if name else scope


def _on_one_line(name: str) -> str:
    return " ".join(name.split())[:_LONGEST]
