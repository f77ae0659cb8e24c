"""Consent of a whole tenant to an application, as the declaration has it."""

from dataclasses import dataclass
from typing import Final

#: The application (client) id of Microsoft Graph, the same in every tenant.
MICROSOFT_GRAPH: Final = "00000003-0000-0000-c000-000000000000"


@dataclass(frozen=True)
class TenantConsent:
    """What the declaration says of the tenant's consent to FTOP's application. Ids are in lower case."""

    tenant_id: str
    application_id: str
    """The application (client) id of FTOP."""
    approved: bool
    """Whether a Global admin approved FTOP for everybody: otherwise nobody consents for the tenant."""
    resource_id: str = MICROSOFT_GRAPH
    """The application (client) id of whose permissions are granted."""
    permissions: frozenset[str] = frozenset()
    """The delegated permissions, by name."""
    pinned: str | None = None
    """The id of the consent grant, where it was there before the stack."""
