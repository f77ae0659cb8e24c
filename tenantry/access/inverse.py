"""The inverse of Table 1 over grants: which partner roles somebody really has."""

from collections.abc import Iterable

from tenantry.access.grants import Grant, Kind
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole, PartnerRole, Power, held

#: The application whose consent opens FTOP, as the target of a consent; its id differs from cloud to cloud.
FTOP_APPLICATION = "FTOP"


def power_of(grant: Grant) -> Power | None:
    """The power of Table 1 that a grant gives over the whole tenant, active or eligible; None for all others."""
    if grant.scope != "/":
        return None
    if grant.kind is Kind.DIRECTORY_ROLE:
        return DirectoryRole.by_template_id(grant.target)
    if grant.kind is Kind.AGENT_GROUP and grant.target in list(AgentGroup):
        return AgentGroup(grant.target)
    return None


def roles_of(grants: Iterable[Grant]) -> frozenset[PartnerRole]:
    """The rows of Table 1 of which somebody with these grants holds everything, active and over the whole tenant."""
    active = (power_of(grant) for grant in grants if grant.assignment_type is AssignmentType.ACTIVE)
    return held(power for power in active if power).roles
