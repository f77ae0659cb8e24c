"""Refuses to change the mode of a tenant in one step, by which its agent groups would be emptied."""

from collections.abc import Iterator

import pulumi

from components.owned import known_ids
from tenantry.access.declared import holders
from tenantry.access.state import StackState
from tenantry.declaration import Mode, Tenant
from tenantry.roles import AgentGroup


class ModeError(pulumi.RunError):
    """The declared mode cannot be reached from what the stack holds."""


def refuse_a_change_of_mode_in_one_step(name: str, tenant: Tenant, owned: StackState) -> None:
    """Compare how the stack holds the agent groups' members with how it is declared to.

    The engine adopts a group first and deletes single memberships last, so that going over at once leaves the group
    empty. Raises :class:`ModeError`, before any resource is registered.
    """
    refusals = list(_refusals(name, tenant, owned))
    if refusals:
        raise ModeError("\n".join(refusals))


def _refusals(name: str, tenant: Tenant, owned: StackState) -> Iterator[str]:
    lists = owned.agent_groups_of(name)
    if tenant.mode is Mode.ADDITIVE:
        if lists and not owned.released:
            yield (
                f"Refused: this stack holds the lists of members of {', '.join(lists)} (`mode: authoritative`), and "
                "cannot change to single memberships in one step. Nothing was changed. Put `mode: "
                "authoritative` back with `agent_groups: {release: true}`, run `pulumi up`, then change the mode."
            )
        stay = _kept_by_the_release(name, tenant, owned) if owned.released else set()
        if stay:
            yield (
                f"Refused: this stack is releasing memberships (`agent_groups: {{release: true}}`), and "
                f"{len(stay)} that are no longer declared would stay in the tenant: of {', '.join(sorted(stay))}. "
                "Nothing was changed. Finish the change of mode first, or remove `release`, run `pulumi up`, and "
                "change people then."
            )
    elif owned.memberships and not owned.released:
        yield (
            f"Refused: this stack holds {len(owned.memberships)} single memberships of agent groups (`mode: "
            "additive`). Adopting the groups in the same step would leave them empty. Nothing was changed. Put `mode: "
            "additive` back with `agent_groups: {release: true}`, run `pulumi up`, then change the mode."
        )


def _kept_by_the_release(name: str, tenant: Tenant, owned: StackState) -> set[str]:
    """The object ids of those whose membership leaves the program while the stack lets go of them."""
    ids = known_ids(name, tenant, owned)
    declared = {
        (tenant.agent_groups.ids[group], ids.get(key))
        for group in AgentGroup
        if group in tenant.agent_groups.ids
        for key in holders(tenant, group)
    }
    return {member for group, member in owned.memberships if (group, member) not in declared}
