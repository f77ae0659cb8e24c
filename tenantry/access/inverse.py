"""The inverse of Table 1 over an access map: which partner roles somebody really has, and what no role explains."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tenantry.access.grants import AccessMap, Grant, Kind
from tenantry.access.principals import Principal
from tenantry.roles import (
    AgentGroup,
    DirectoryRole,
    Ftop,
    FtopAccess,
    PartnerRole,
    Power,
    Standing,
    expand,
    ftop_access,
    held,
)

#: The application whose consent opens FTOP, as the target of a consent; its id differs from cloud to cloud.
FTOP_APPLICATION = "FTOP"


def power_of(grant: Grant) -> Power | None:
    """The power of Table 1 that a grant gives over the whole tenant, standing or eligible; None for all others."""
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
    """Complete rows of Table 1, from standing grants alone."""
    leftover: frozenset[Grant] = field(default_factory=frozenset)
    """Every grant that those rows do not explain: half rows, eligible roles, parts of the tenant, other kinds."""
    while_activated: frozenset[PartnerRole] = frozenset()
    """Rows that are complete only while eligible roles are activated. The grants behind them are leftover."""

    def grants(self, principal: Principal) -> frozenset[Grant]:
        """The grants that this was made from."""
        return frozenset(Grant.of(principal, power) for power in expand(self.roles)) | self.leftover


def held_by(access: AccessMap) -> dict[Principal, HeldBy]:
    """Who holds which partner roles, by the grants of a map; for everybody who holds anything.

    Law: expanding the roles and adding the leftover gives the grants back (:func:`expanded`).
    """
    return {principal: _held(principal, frozenset(theirs)) for principal, theirs in access.by_principal().items()}


def expanded(inverse: Mapping[Principal, HeldBy]) -> frozenset[Grant]:
    """The grants behind an inverse."""
    return frozenset(grant for principal, theirs in inverse.items() for grant in theirs.grants(principal))


def _held(principal: Principal, grants: frozenset[Grant]) -> HeldBy:
    standing, either = _powers(grants)
    roles = held(standing).roles
    explained = {Grant.of(principal, power) for power in expand(roles)}
    return HeldBy(roles, grants - explained, held(either).roles - roles)


def _powers(grants: frozenset[Grant]) -> tuple[frozenset[Power], frozenset[Power]]:
    """The powers of standing grants, and those of standing and eligible ones together."""
    either = {(power, grant.standing) for grant in grants if (power := power_of(grant))}
    return frozenset(p for p, how in either if how is Standing.STANDING), frozenset(p for p, _ in either)


@dataclass(frozen=True)
class FtopReading:
    """Whether a map lets somebody into FTOP."""

    access: FtopAccess
    """By what is there all the time."""
    only_while_activated: bool = False
    """Whether they get in while they activate an eligible role, and not otherwise."""

    def __str__(self) -> str:
        return "only while activated" if self.only_while_activated else str(self.access)


def ftop_reading(access: AccessMap, principal: Principal) -> FtopReading | None:
    """Whether a map lets somebody into FTOP, by their rows of Table 1 and their own or the tenant's consent.

    None where the map cannot speak of it: a view that does not see consents, or not every power.
    """
    needed = (
        Grant(principal, Kind.CONSENT, FTOP_APPLICATION),
        *(Grant.of(principal, power) for power in (*AgentGroup, *DirectoryRole)),
    )
    if not all(access.answered(grant) for grant in needed):
        return None
    consented = any(principal == who or who.is_everybody for who in access.holders(Kind.CONSENT, FTOP_APPLICATION))
    standing, either = _powers(frozenset(access.of_principal(principal)))
    always = ftop_access(standing, consented=consented)
    activated = ftop_access(either, consented=consented)
    return FtopReading(always, always.verdict is not Ftop.YES and activated.verdict is Ftop.YES)


def ftop_readers(access: AccessMap) -> Iterator[Grant]:
    """The derived reading: every FTOP user reads every customer of the partner, standing or while activated."""
    for principal in held_by(access):
        reading = ftop_reading(access, principal)
        if reading and (reading.only_while_activated or reading.access.verdict is Ftop.YES):
            standing = Standing.ELIGIBLE if reading.only_while_activated else Standing.STANDING
            yield Grant(principal, Kind.FTOP_ALL_CUSTOMERS, "all customers", standing=standing)
