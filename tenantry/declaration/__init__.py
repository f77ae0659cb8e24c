"""What a partner wrote: its file, a file a tenant, and every mistake in them at once."""

from tenantry.declaration.document import DeclarationError
from tenantry.declaration.ftop import FtopApproval
from tenantry.declaration.load import Declaration, Stack, load, load_stack
from tenantry.declaration.partner import Partner
from tenantry.declaration.person import Assignment, Person, PersonState
from tenantry.declaration.tenant import AgentGroups, GroupSource, Mode, Program, Purpose, Tenant
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
