"""Everything that speaks against an update before its first resource: reads the tenant once, and asks every rule.

The program and the rehearsal run it, so that a rehearsal is never kinder than the engine's run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tenantry.access.adoption import compare
from tenantry.access.change import Change, change
from tenantry.access.existing import Existing
from tenantry.access.existing_reader import read_existing
from tenantry.access.state import StackState
from tenantry.declaration.tenant import Tenant
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import NotReadableError
from tenantry.roles import AgentGroup
from tenantry.rules.change.advice import advice
from tenantry.rules.change.evaluate import evaluate


@dataclass(frozen=True)
class Preflight:
    """What the tenant holds before an update, and what speaks against the update."""

    existing: Existing
    """The tenant as it was read."""
    change: Change
    """What the update does to access."""
    refusals: tuple[str, ...]
    """Why the update is not made; none where it may be."""
    warnings: tuple[str, ...]
    """What somebody should know, and no reason to refuse."""


def preflight(
    graph: GraphReader, tenant: Tenant, groups: Mapping[AgentGroup, str], owned: StackState, today: date
) -> Preflight:
    """Read a tenant, and say what the rules refuse of an update and how adopted accounts differ from the declaration.

    ``groups`` are the object ids of the agent groups that exist, ``owned`` is what the stack's state holds. People who
    are adopted by UPN have their object ids in ``tenant`` already. Raises GraphError where it could read nothing.
    """
    now = read_existing(graph, tenant, groups, owned)
    adopted = [person.adopted_id for person in tenant.members.values() if person.adopted_id]
    compared = compare(tenant, graph.users_by_id(adopted))
    does = change(tenant, now)
    evaluated = (refusal.paragraph for refusal in evaluate(tenant, does, today))
    refusals = (*_another_country(graph, tenant), *compared.refusals, *evaluated)
    return Preflight(now, does, refusals, (*compared.warnings, *advice(tenant, now)))


def _another_country(graph: GraphReader, tenant: Tenant) -> Iterator[str]:
    """Rule PT-404 against the tenant itself; nothing where its record may not be read."""
    try:
        country = graph.organization().country_letter_code
    except NotReadableError:
        return
    if country and country.casefold() != tenant.country.casefold():
        yield (
            f"Refused (PT-404): the tenant {tenant.id} says that its country is {country}, and {tenant.name} is "
            f"declared with `country: {tenant.country}`. A tenant's country never changes. Nothing was changed. Fix: "
            f"write `country: {country}`, or sign in to the declared tenant."
        )
