"""What an update does to each resource of a stack."""

from dataclasses import dataclass
from enum import StrEnum

from tenantry.access.registered import RegisteredResource


class ChangeType(StrEnum):
    """What becomes of a resource."""

    SAME = "stays"
    CREATED = "is created"
    UPDATED = "is changed"
    REPLACED = "is deleted and created again"
    DELETED = "is deleted"
    LET_GO = "stays, and the stack stops managing it"
    IMPORTED = "is imported"
    READ = "is only read"


@dataclass(frozen=True)
class ResourceChange:
    """What a plan does to one resource."""

    change_type: ChangeType
    urn: str
    before: RegisteredResource | None
    """As it is now; of what is taken over, as it is found."""
    after: RegisteredResource | None
    prior: RegisteredResource | None = None
    """As the state had it, before a refresh looked what is there."""
    changed: frozenset[str] = frozenset()
    """The properties that change, as far as the engine names them."""
    retained: bool = False
    """Whether its end in the stack is no end in the tenant (``retain_on_delete``)."""

    @property
    def ends(self) -> bool:
        """Whether what is there now is deleted in the tenant, even if something like it is made."""
        return self.change_type is ChangeType.DELETED or (self.change_type is ChangeType.REPLACED and not self.retained)

    @property
    def stays(self) -> bool:
        """Whether what is there now stays in the tenant without the stack."""
        return self.change_type is ChangeType.LET_GO or (self.change_type is ChangeType.REPLACED and self.retained)

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rsplit("::", 1)[-1]
