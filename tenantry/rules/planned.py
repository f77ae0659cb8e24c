"""What a plan does, as rules judge it: what becomes of each resource, and what that takes from whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from tenantry.access.registered import RegisteredResource, RegisteredView
from tenantry.safety import Change, Refusal


class Fate(StrEnum):
    """What becomes of a resource."""

    SAME = "stays"
    CREATED = "is made"
    UPDATED = "is changed"
    REPLACED = "is deleted and made anew"
    DELETED = "is deleted"
    LET_GO = "stays, and the stack lets go of it"
    IMPORTED = "is taken over"
    READ = "is only read"


@dataclass(frozen=True)
class Deed:
    """What a plan does to one resource."""

    fate: Fate
    urn: str
    before: RegisteredResource | None
    """As it is now; of what is taken over, as it is found."""
    after: RegisteredResource | None
    remembered: RegisteredResource | None = None
    """As the state had it, before a refresh looked what is there."""
    changed: frozenset[str] = frozenset()
    """The properties that change, as far as the engine names them."""
    retained: bool = False
    """Whether its end in the stack is no end in the tenant (``retain_on_delete``)."""

    @property
    def ends(self) -> bool:
        """Whether what is there now is deleted in the tenant, even if something like it is made."""
        return self.fate is Fate.DELETED or (self.fate is Fate.REPLACED and not self.retained)

    @property
    def stays(self) -> bool:
        """Whether what is there now stays in the tenant without the stack."""
        return self.fate is Fate.LET_GO or (self.fate is Fate.REPLACED and self.retained)

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True)
class Planned:
    """A plan for one tenant."""

    deeds: tuple[Deed, ...]
    before: RegisteredView
    """What the stack holds now, as far as the plan shows it."""
    after: RegisteredView
    """What there is afterwards, also of what the stack lets go of."""
    program: RegisteredView
    """The same, without groups that nobody owns any more: what rules on a program read."""
    remembered: RegisteredView
    """What the stack's state held: what was given by an update, and not by anybody else."""
    change: Change
    """What it takes from whom."""
    refusals: tuple[Refusal, ...]
    """What :func:`tenantry.safety.judge` says of that."""
    deployer: str | None = None
    """The object id of the identity that applies the plan, where it is known."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """What the stack was last updated with: the tenant's `id` and `country`, as far as its state knows them."""

    @cached_property
    def by_urn(self) -> Mapping[str, Deed]:
        """What becomes of each resource; the last, where a left-over has its name."""
        return {deed.urn: deed for deed in self.deeds}
