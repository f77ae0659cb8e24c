"""What a plan does, as rules evaluate it: what becomes of each resource, and what that takes from whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tenantry.access.change import Change
from tenantry.access.registered import RegisteredView
from tenantry.access.resource_changes import ResourceChange
from tenantry.rules.change.refusal import Refusal


@dataclass(frozen=True)
class Planned:
    """A plan for one tenant."""

    resource_changes: tuple[ResourceChange, ...]
    before: RegisteredView
    """What the stack holds now, as far as the plan shows it."""
    after: RegisteredView
    """What there is afterwards, also of what the stack lets go of."""
    program: RegisteredView
    """The same, without groups that nobody owns any more: what rules on a program read."""
    prior: RegisteredView
    """What the stack's state held: what was given by an update, and not by anybody else."""
    change: Change
    """What it takes from whom."""
    refusals: tuple[Refusal, ...]
    """What the rules refuse of that (:func:`tenantry.rules.change.evaluate.evaluate`)."""
    deployer: str | None = None
    """The object id of the identity that applies the plan, where it is known."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """What the stack was last updated with: the tenant's `id` and `country`, as far as its state knows them."""

    @cached_property
    def by_urn(self) -> Mapping[str, ResourceChange]:
        """What becomes of each resource; the last, where a left-over has its name."""
        return {resource_change.urn: resource_change for resource_change in self.resource_changes}
