"""How much one change may take: ceilings on removals and terminations, minimum and required holders (rule PT-204).

It counts the distinct holders who can use what they hold: accounts that can sign in and service principals, by
themselves and through a group. Groups, disabled accounts and emergency accounts do not count. A group or role of which
the change takes nothing is not evaluated.

A role at customers counts once for each person, at however many customers they lose it. What ends with its relationship
is counted by relationship.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from tenantry.access.change import Change, Loss
from tenantry.access.declared import is_held_by, who
from tenantry.access.existing import Existing
from tenantry.access.grants import WHOLE_TENANT, HeldPower, RoleAtCustomers, power_id
from tenantry.access.principals import Principal
from tenantry.declaration.limits import Limits
from tenantry.declaration.tenant import Tenant
from tenantry.roles import AgentGroup, DirectoryRole, Power
from tenantry.rules.change.refusal import Kind, Refusal, refused

#: In per cent, and in people, where the declaration says nothing (docs/decisions/0008-removal-ceilings.md).
DEFAULT_SHARE: Final = 25
DEFAULT_COUNT: Final = 10
#: In relationships with customers.
DEFAULT_TERMINATIONS: Final = 1


def ceiling_of(limits: Limits, power: HeldPower) -> tuple[int, int]:
    """The share (in per cent) and the number of holders that one change may take from a group or role."""
    own = limits.per.get(power) if isinstance(power, AgentGroup | DirectoryRole) else None
    ceilings = [item for item in (own, limits) if item]
    shares = [item.removal_share for item in ceilings if item.removal_share is not None]
    counts = [item.removal_count for item in ceilings if item.removal_count is not None]
    return (*shares, DEFAULT_SHARE)[0], (*counts, DEFAULT_COUNT)[0]


def allowed_removals(share: int, count: int, held_by: int) -> int:
    """How many of so many holders may lose it: the share of them, rounded down, but one at least; never above count."""
    return min(count, max(1, held_by * share // 100))


@dataclass(frozen=True)
class Taken:
    """How much of a group or role a change takes, and how much one change may."""

    power: HeldPower
    before: int
    """How many can use it now."""
    after: int
    """How many can use it once the change is applied."""
    lost: tuple[Loss, ...]
    """One for each of them who loses it."""
    others: tuple[Loss, ...]
    """Those of groups, and of accounts that cannot use it."""
    share: int
    count: int
    allowed: int

    @property
    def too_much(self) -> bool:
        """Whether it is more than one change may take."""
        return len(self.lost) > self.allowed


def taken(tenant: Tenant, change: Change) -> Iterator[Taken]:
    """Each group or role of which the change takes anything from anybody who can use it."""
    for power, losses in by_power((*change.losses, *change.at_customers)).items():
        before, after = (_users_of(change, existing, power) for existing in (change.before, change.after))
        lost = {loss.grant.principal.object_id: loss for loss in losses if loss.grant.principal.object_id in before}
        share, count = ceiling_of(tenant.limits, power)
        if lost:
            most = allowed_removals(share, count, len(before))
            others = tuple(loss for loss in losses if loss.grant.principal.object_id not in lost)
            yield Taken(power, len(before), len(after), tuple(lost.values()), others, share, count, most)


def too_much_taken(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Groups and roles of which the change takes more than the ceilings allow."""
    for item in taken(tenant, change):
        if item.too_much:
            yield refused(
                Kind.REMOVAL_CEILING,
                str(item.power),
                f"this change removes {item.power} from {len(item.lost)} of the {item.before} holders who can use it: "
                f"{listed(item.lost)}" + (f"; and, not counted, from {listed(item.others)}" if item.others else ""),
                "make the change in smaller steps",
                f"at most {item.allowed} ({item.share} % of {item.before}, rounded down, "
                f"but at least 1 and at most {item.count})",
                liftable=True,
                power=item.power,
            )


_NOT_IN_USE: Final = {"created": "was not requested yet", "active": "has groups that are not assigned yet"}
"""Why a relationship of a status is not in use."""


def allowed_terminations(limits: Limits) -> int:
    """How many relationships with customers one change may terminate."""
    return DEFAULT_TERMINATIONS if limits.termination_count is None else limits.termination_count


def too_many_terminated(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """More relationships with customers that give access, or still may, and that the change ends."""
    most, ended = allowed_terminations(tenant.limits), change.terminated
    if len(ended) > most:
        yield refused(
            Kind.TERMINATION_CEILING,
            "relationships with customers",
            f"this change terminates {len(ended)} relationship{'' if len(ended) == 1 else 's'}: {ended_by(change)}",
            "terminate them in several changes",
            f"at most {most} (`limits.termination_count`): only the customer can give the access back",
            liftable=True,
            path=("limits",),
        )


def renewed_too_early(_tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Relationships by which people work, and which end while another one with their customer is not in use yet."""
    before = {item.key: item for item in change.before.relationships}
    in_use = {key for key, item in before.items() if item.is_in_use}
    for item in change.terminated:
        customer, _, key = item.key.partition(".")
        later = [
            other
            for other in change.after.relationships
            if other.key.startswith(f"{customer}.") and not other.is_terminated and other.key not in in_use
        ]
        if later and item.key in before and before[item.key].status == "active":
            named = "; ".join(
                sorted(f"{other} {_NOT_IN_USE.get(other.status, f'is {other.status}')}" for other in later)
            )
            yield refused(
                Kind.RENEWED_TOO_EARLY,
                str(item),
                f"the relationship {item} ends before its replacement is in use: {named}",
                "remove `terminate`, and add it once the new one is active and its groups are assigned; or end "
                "the new one too, or remove its entry if it has ended",
                liftable=True,
                path=("customers", customer, "gdap", key, "terminate"),
            )


def undeclared(_tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Relationships that would leave the declaration while they give access."""
    for item in change.undeclared:
        customer, _, key = item.key.partition(".")
        yield refused(
            Kind.RELATIONSHIP_LEFT_OUT,
            str(item),
            f"the relationship {item} is no longer declared, but would continue: an update is refused while it gives "
            "access or waits for the customer",
            "put it back with `terminate: {reason: …, decided_by: …, decided_on: …}`, and remove it once an update "
            f"says that it has ended; or, if only its key was changed, write `{item.key}` again",
            path=("customers", customer, "gdap", key),
        )


def ended_by(change: Change) -> str:
    """The relationships that a change ends, in order, and who works there by them."""
    keys = {item.key for item in change.terminated}
    held = change.before.at_customers.records()
    people = sorted({str(grant.principal) for grant, why in held if why.source in keys})
    named = "; ".join(sorted(map(str, change.terminated)))
    return f"{named} (used by {', '.join(people)})" if people else named


def too_few_left(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Groups and roles in which the change leaves fewer people than `minimum_holders` says."""
    losses = by_power(change.losses)
    for power, least in tenant.limits.minimum_holders.items():
        lost = losses.get(power, ())
        left = people_left(change, power)
        if any(loss.grant.principal.is_person for loss in lost) and len(left) < least:
            names = ", ".join(sorted(map(str, left.values()))) or "nobody"
            yield refused(
                Kind.MINIMUM_HOLDERS,
                str(power),
                f"this change removes {power} from {listed(lost)} and leaves {len(left)} ({names})",
                f"first give another person a role that gives {power}",
                f"at least {least} {'person' if least == 1 else 'people'} who can sign in, not counting emergency "
                "accounts and guests (`limits.minimum_holders`)",
                liftable=bool(left),
                power=power,
            )


def required_missing(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """People who must hold a group or role, and whom the declaration does not give it or does not let sign in."""
    losses = by_power(change.losses)
    for power, keys in tenant.limits.required_holders.items():
        for key in keys:
            if key in change.people and is_held_by(tenant, power, key):
                continue
            name = who(tenant.members[key]) if key in tenant.members else f"`{key}`"
            taken = listed(losses.get(power, ()))
            yield refused(
                Kind.REQUIRED_HOLDER,
                f"{power}, {key}",
                f"{name} is required to hold {power}, but would not hold it after this change"
                + (f"; it removes {power} from {taken}" if taken else ""),
                "keep a role that gives it; or first change `limits.required_holders`, in a separate change",
                f"{name} in {power}, able to sign in (`limits.required_holders`)",
            )


def people_left(change: Change, power: Power) -> dict[str, Principal]:
    """The people who hold a power for the whole tenant after the change and can sign in, emergency accounts aside.

    :func:`tenantry.access.declared.counted_holders` counts the same people in a declaration.
    """
    emergency = emergency_ids(change)
    return {
        held.principal.object_id: held.principal
        for held in change.after.access.grants
        if held.target == power_id(power) and held.scope == WHOLE_TENANT and held.principal.is_person
        if held.principal.object_id not in emergency
    }


def emergency_ids(change: Change) -> frozenset[str]:
    """The emergency accounts, those of the declaration and those that the stack knows, by object id."""
    return frozenset(id_.casefold() for id_ in change.before.emergency | change.after.emergency)


def by_power(losses: Iterable[Loss]) -> dict[HeldPower, list[Loss]]:
    """Losses by what is lost; of a role at customers one a person, which says at how many."""
    found: dict[HeldPower, list[Loss]] = {}
    for loss in losses:
        found.setdefault(loss.grant.power, []).append(loss)
    return {power: _once(theirs) if isinstance(power, RoleAtCustomers) else theirs for power, theirs in found.items()}


def _once(losses: Iterable[Loss]) -> list[Loss]:
    by_holder: dict[Principal, list[Loss]] = {}
    for loss in losses:
        by_holder.setdefault(loss.grant.principal, []).append(loss)
    return [replace(theirs[0], customers=len(theirs)) for theirs in by_holder.values()]


def listed(losses: Iterable[Loss]) -> str:
    """Who loses something, and how where that is not plain, in order."""
    return "; ".join(sorted(map(str, losses)))


def _users_of(change: Change, existing: Existing, power: HeldPower) -> dict[str, Principal]:
    emergency = emergency_ids(change)
    return {
        held.principal.object_id: held.principal
        for held in (*existing.access.grants, *existing.at_customers.grants)
        if held.power == power and held.principal.enabled and not held.principal.is_group
        if held.principal.object_id not in emergency
    }
