"""A person as the tenant has them, and as a declaration says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from tenantry.access.grants import UNIT_SCOPE
from tenantry.access.principals import Principal
from tenantry.adopt.holdings import Holdings
from tenantry.declaration.keys import name_for
from tenantry.declaration.person import Person
from tenantry.drift.advice import Path, assignment_of
from tenantry.roles import ROW_OF, AgentGroup, DirectoryRole, PartnerRole, Power, expand, held

Content = dict[str, Any]
"""What a file of a declaration says, or an entry of one."""


@dataclass(frozen=True)
class Account:
    """An account of the tenant's own, with the roles of Table 1 that it amounts to."""

    key: str
    known: Principal
    email: str | None
    stated: Person | None
    """What the file says of its person already."""
    powers: Mapping[Power, Path]
    """What it holds directly of Table 1, each in the broadest way that a declaration can say."""
    roles: tuple[PartnerRole, ...]
    """Those of which it holds the whole row, beside those that the file gives already."""

    @classmethod
    def of(cls, holdings: Holdings, who: Principal, *, has_groups: bool, with_email: bool = True) -> "Account":
        """An account as the tenant shows it; ``has_groups`` says whether the tenant has the agent groups."""
        known = holdings.known[who]
        stated = holdings.stated[who][1] if who in holdings.stated else None
        powers: dict[Power, Path] = {}
        for path in holdings.paths.get(who, ()):
            power = path.power
            if power is not None and holdings.can_be_taken_over(path) and _can_be_said(path, power, known, stated):
                powers.setdefault(power, path)
        email = known.email if with_email else None
        return cls(holdings.keys[who], known, email, stated, powers, _roles(powers, stated, has_groups))

    @property
    def is_new(self) -> bool:
        """Whether it amounts to roles that the file does not give yet."""
        return bool(set(self.roles) - set(self.stated.roles if self.stated else ()))

    def entry(self, **fields: Any) -> Content:
        """Its person's entry in the file, with some fields."""
        upn = self.known.upn or ""
        stated: Content = {"full_name": name_for(self.known.name) or upn.partition("@")[0], "upn": upn}
        stated |= {"email": self.email} if self.email else {}
        stated |= {"adopted": self.known.object_id, **fields}
        return {name: stated[name] for name in Person.model_fields if name in stated}

    def declared(self) -> Content:
        """Its person's entry with all that its roles give, pinned."""
        synchronised = {"synchronised": True} if self.known.synchronised else {}
        return self.entry(roles=[role.value for role in self.roles], **self._held({}), **synchronised)

    def extended(self, entry: Content) -> Content:
        """An entry of the file with what its person holds beside what it says."""
        return {**entry, "roles": [role.value for role in self.roles], **self._held(entry)}

    def kept_out(self, entry: Content | None) -> Content | None:
        """Its person's entry as a Global admin outside AdminAgents; None where that cannot be declared."""
        powers = {*self.powers, AgentGroup.ADMIN_AGENTS}
        role = self.powers.get(DirectoryRole.GLOBAL_ADMINISTRATOR)
        if role is None or AgentGroup.ADMIN_AGENTS in self.powers:
            return None
        whole = replace(self, roles=_roles(dict.fromkeys(powers, role), self.stated, has_groups=True))
        return whole.declared() if entry is None else {**entry, **whole.extended(entry)}

    def _held(self, entry: Content) -> Content:
        """The pins of directory roles that the entry does not give yet, and how they are assigned."""
        given = expand(self.stated.roles) if self.stated else frozenset[Power]()
        new = {
            power.value: path
            for power, path in self.powers.items()
            if isinstance(power, DirectoryRole) and power in expand(self.roles) and power not in given
        }
        pins = {name: path.assignment_id for name, path in new.items() if path.assignment_id}
        how = {name: fields for name, path in new.items() if (fields := assignment_of(path))}
        before = entry.get("pins", {}).get("role_assignments", {})
        return {
            **({"pins": {"role_assignments": {**before, **pins}}} if pins else {}),
            **({"assignments": {**entry.get("assignments", {}), **how}} if how else {}),
        }


def is_person(entry: Content) -> bool:
    """Whether a declaration can hold an entry."""
    try:
        Person.model_validate(entry)
    except ValidationError:
        return False
    return True


def _can_be_said(path: Path, power: Power, known: Principal, stated: Person | None) -> bool:
    """Whether a declaration can say that somebody holds this, and would be right to."""
    if isinstance(power, AgentGroup):
        return True
    if known.synchronised or (stated and not stated.adopted):
        return False
    of_a_unit = path.grant.scope.startswith(UNIT_SCOPE)
    return path.grant.scope == "/" or (of_a_unit and power is DirectoryRole.USER_ADMINISTRATOR)


def _roles(powers: Mapping[Power, Path], stated: Person | None, has_groups: bool) -> tuple[PartnerRole, ...]:
    before = frozenset(stated.roles) if stated else frozenset[PartnerRole]()
    given = set(powers) | expand(before)
    complete = held(given if has_groups else {*given, *AgentGroup}).roles
    new = {role for role in complete if ROW_OF[role].powers & given and not ROW_OF[role].powers <= expand(before)}
    contained = {role for role in before for other in new if ROW_OF[role].powers < ROW_OF[other].powers}
    return tuple(role for role in PartnerRole if role in (before - contained) | new)
