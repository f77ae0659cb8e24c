"""What a partner wrote: its file, a file a tenant, and every mistake in them at once."""

from tenantry.declaration.document import DeclarationError
from tenantry.declaration.load import Declaration, Stack, load, load_stack
from tenantry.declaration.models import (
    AgentGroups,
    Assignment,
    FtopApproval,
    GroupSource,
    Mode,
    Partner,
    Person,
    PersonState,
    Program,
    Purpose,
    Tenant,
)
from tenantry.findings import Place

__all__ = [
    "AgentGroups",
    "Assignment",
    "Declaration",
    "DeclarationError",
    "FtopApproval",
    "GroupSource",
    "Mode",
    "Partner",
    "Person",
    "PersonState",
    "Place",
    "Program",
    "Purpose",
    "Stack",
    "Tenant",
    "load",
    "load_stack",
]
