"""The stacks of a project, for machines."""

from pydantic import RootModel

from tenantry.findings import Record
from tenantry.project.stacks import Managed


class ListedStack(Record):
    """A stack, and the tenant that it manages."""

    stack: str
    """Its name."""
    tenant: str
    """As `tenantry:tenant` names it: contoso/us."""
    tenant_id: str
    """The tenant's id."""
    name: str
    """The tenant's name."""
    embedded: bool
    """Whether it is the embedded directory's, and no tenant of Microsoft's."""

    @classmethod
    def of(cls, managed: Managed) -> "ListedStack":
        """A stack as it is listed."""
        tenant = managed.declared.tenant
        return cls(
            stack=managed.stack,
            tenant=managed.declared.name,
            tenant_id=tenant.id,
            name=tenant.name,
            embedded=managed.embedded,
        )


class StackList(RootModel[tuple[ListedStack, ...]]):
    """What ``tenantry stacks --json`` writes: a list, as a pipeline's matrix takes it."""
