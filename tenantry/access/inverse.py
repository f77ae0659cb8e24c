"""The inverse of Table 1 over an access map: which partner roles somebody really has, and what no role explains."""

from dataclasses import dataclass, field

from tenantry.access.grants import AccessMap, Grant, Kind
from tenantry.access.principals import Principal
from tenantry.roles import (
    AgentGroup,
    AssignmentType,
    DirectoryRole,
    PartnerRole,
    Power,
    expand,
    held,
)

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


@dataclass(frozen=True)
class HeldBy:
    """What one principal's grants amount to."""

    roles: frozenset[PartnerRole] = frozenset()
    """Complete rows of Table 1, from active grants alone."""
    leftover: frozenset[Grant] = field(default_factory=frozenset)
    """Every grant that those rows do not explain: half rows, eligible roles, parts of the tenant, other kinds."""
    while_activated: frozenset[PartnerRole] = frozenset()
    """Rows that are complete only while eligible roles are activated. The grants behind them are leftover."""

    def grants(self, principal: Principal) -> frozenset[Grant]:
        """The grants that this was made from."""
        return frozenset(Grant.of(principal, power) for power in expand(self.roles)) | self.leftover


def held_by(access: AccessMap) -> dict[Principal, HeldBy]:
    """Who holds which partner roles, by the grants of a map; for everybody who holds anything.

    Law: expanding the roles and adding the leftover gives the grants back (:meth:`HeldBy.grants`).
    """
    return {principal: _held(principal, frozenset(theirs)) for principal, theirs in access.by_principal().items()}


def _held(principal: Principal, grants: frozenset[Grant]) -> HeldBy:
    assignment_type, either = _powers(grants)
    roles = held(assignment_type).roles
    explained = {Grant.of(principal, power) for power in expand(roles)}
    return HeldBy(roles, grants - explained, held(either).roles - roles)


def _powers(grants: frozenset[Grant]) -> tuple[frozenset[Power], frozenset[Power]]:
    """The powers of active grants, and those of active and eligible ones together."""
    either = {(power, grant.assignment_type) for grant in grants if (power := power_of(grant))}
    return frozenset(p for p, how in either if how is AssignmentType.ACTIVE), frozenset(p for p, _ in either)
