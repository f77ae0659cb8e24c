"""Refuses a change that takes too much, before the first resource (rules PT-203, PT-204 and PT-206)."""

from collections.abc import Mapping
from datetime import date

import pulumi

from components.agent_groups import ExistingGroup
from tenantry.access.existing import Existing
from tenantry.access.state import StackState
from tenantry.declaration import Tenant
from tenantry.roles import AgentGroup


class UnsafeChangeError(pulumi.RunError):
    """What the declaration would take from people is more than one change may take, or is unknown."""


def refuse_unsafe_change(
    name: str, tenant: Tenant, existing: Mapping[AgentGroup, ExistingGroup], owned: StackState
) -> Existing | None:
    """Compare who holds what in the tenant now, and adopted accounts, with what is declared, and refuse by name.

    ``name`` is the partner tenant's, ``existing`` are the agent groups to adopt. The tenant is read with the
    credentials of the environment, by :mod:`tenantry.graph`. Raises :class:`UnsafeChangeError` with every reason,
    before any resource is registered; what is worth saying and no reason to refuse becomes a warning. Returns the
    tenant as it was read. In a recorded run there is no tenant, and nothing is evaluated.
    """
    if owned.recorded:
        return None
    # Here, so that a recorded run, which reads no tenant, starts without what that takes.
    from tenantry.graph.client import GraphReader
    from tenantry.graph.errors import GraphError
    from tenantry.rules.change.advice import changed_by_others
    from tenantry.rules.change.preflight import preflight

    groups = owned.agent_groups_of(name) | {group: item.object_id for group, item in existing.items()}
    try:
        with GraphReader.from_environment() as graph:
            _refuse_another_tenant(tenant, graph.caller().tenant_id)
            found = preflight(graph, tenant, groups, owned.of_tenant(name, tenant), date.today())
    except GraphError as error:
        raise UnsafeChangeError(
            f"Refused: it is unknown which access this change removes. {error} Nothing was changed."
        ) from None
    if found.refusals:
        others = changed_by_others(found.change, _left(owned, groups))
        raise UnsafeChangeError("\n".join([*found.refusals, *([others] if others else [])]))
    for warning in found.warnings:
        pulumi.log.warn(warning)
    return found.existing


def _left(owned: StackState, groups: Mapping[AgentGroup, str]) -> dict[AgentGroup, frozenset[str]]:
    """Who was in each agent group after the last update, as far as the stack had put them there."""
    single = {
        group: frozenset(who for where, who in owned.memberships if where == id_) for group, id_ in groups.items()
    }
    return {group: owned.members.get(id_, single[group]) for group, id_ in groups.items()}


def _refuse_another_tenant(tenant: Tenant, signed_in: str | None) -> None:
    """A provider that the caller gave may be signed in elsewhere than the environment, by which the tenant is read."""
    if (signed_in or "").lower() != tenant.id:
        raise UnsafeChangeError(
            f"Refused: it is unknown which access this change removes, because the environment signs in to the "
            f"tenant {signed_in}, and the declaration is of {tenant.name} ({tenant.id}). Nothing was changed. Sign in "
            "to the declared tenant in the environment too (ARM_TENANT_ID)."
        )
