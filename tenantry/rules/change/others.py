"""What others changed in the agent groups since the last update: why a change may be more than its author wrote."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from tenantry.access.change import Change
from tenantry.access.principals import Principal
from tenantry.roles import AgentGroup
from tenantry.sanitize import sanitize


def changed_by_others(change: Change, last: Mapping[AgentGroup, Collection[str]]) -> str | None:
    """A sentence that names who was added or removed; None where nobody was.

    ``last`` are the object ids of the members that the last update left in each group.
    """
    changes = list(_changes(change, last))
    if not changes:
        return None
    return sanitize(f"Others changed since the last update: {'; '.join(changes)}. `tenantry drift` says more.")


def _changes(change: Change, last: Mapping[AgentGroup, Collection[str]]) -> Iterator[str]:
    for group, left in last.items():
        were = {id_.casefold() for id_ in left}
        added = (loss.grant.principal for loss in change.losses if loss.grant.power is group and loss.group is None)
        removed = (gain.grant.principal for gain in change.gains if gain.grant.power is group)
        yield from _named((one for one in added if one.object_id not in were), f"added to {group}")
        yield from _named((one for one in removed if one.object_id in were), f"removed from {group}")


def _named(holders: Iterable[Principal], what: str) -> Iterator[str]:
    names = sorted({str(holder) for holder in holders})
    if names:
        listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        yield f"{listed} {'was' if len(names) == 1 else 'were'} {what}"
