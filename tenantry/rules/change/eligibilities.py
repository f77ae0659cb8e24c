"""Eligible roles: without a licence for them, and where state and tenant show them differently.

What the tenant has no licence for is refused before anything is touched, and not by the directory halfway through.

The azuread provider goes by requests, Entra does not.

The directory purges a request some 45 days after it was made. The provider then finds the schedule when it reads, and
fails when it is to take the role away, in the middle of an update and for ever. And as long as the request is there,
the provider takes a role that somebody took away by hand for one that is held. See
docs/decisions/0015-a-purged-eligible-role-goes-before-the-update.md.
"""

import json
import shlex
from collections.abc import Iterator
from typing import Final

from tenantry.access.change import Change
from tenantry.access.declared import eligible_roles, who
from tenantry.access.existing import Existing, OwnedEligibility, Part
from tenantry.access.grants import WHOLE_TENANT, Grant
from tenantry.declaration.tenant import Tenant
from tenantry.rules.change.refusal import Kind, Refusal, refused

_REQUESTS: Final = "https://graph.microsoft.com/v1.0/roleManagement/directory/roleEligibilityScheduleRequests"
_RUNBOOK: Final = "`tenantry docs runbooks/eligible-role`"


def unlicensed(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Eligible roles in a tenant where nobody can be eligible: declared ones, and those of before the licence ended.

    Rule PT-102, the complete row of Table 1, which such a tenant cannot have by an eligible role. What happens when a
    licence ends: Microsoft's "Microsoft Entra ID Governance licensing fundamentals".
    """
    if change.before.licensed:
        return
    eligible = eligible_roles(tenant)
    if eligible:
        people = (f"{who(tenant.members[key])} for {role}" for key, role in eligible)
        fields = ", ".join(f"`people.{key}.assignments.{role}`" for key, role in eligible)
        yield refused(
            Kind.LICENCE,
            "eligible roles",
            f"the declaration makes people eligible, {', '.join(people)}, and the tenant has no licence for "
            "Privileged Identity Management, without which nobody can be eligible",
            f"remove `eligible: true` under {fields}: the roles are then always active. Or license the tenant, and "
            "try again",
        )
    if change.before.eligibilities:
        commands = ", ".join(f"`pulumi state delete '{item.urn}'`" for item in change.before.eligibilities)
        yield refused(
            Kind.LICENCE,
            "eligible roles in the stack's state",
            f"the stack's state holds {len(change.before.eligibilities)} of the eligible roles that ended with the "
            "tenant's licence for Privileged Identity Management, and the provider can neither read nor remove them",
            f"remove them from the state, which removes no access: {commands}. Or license the tenant, and try again",
        )


def stay(_tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """What the engine would take away and the provider cannot, each with how it goes.

    Rule PT-108: somebody would keep power that nobody declares.
    """
    before = change.before
    for owned in before.eligibilities if _are_known(before) else ():
        if change.after.access.direct(owned.grant):
            continue
        record = before.access.direct(owned.grant)
        if record is None:
            yield _gone(before, owned)
        elif record.assignment_id == owned.assignment_id and owned.assignment_id not in before.requests:
            yield _purged(before, owned)


def unseen(existing: Existing) -> Iterator[str]:
    """What the state holds and nobody has, which the engine does not see and so does not give again."""
    for owned in existing.eligibilities if _are_known(existing) else ():
        if owned.assignment_id in existing.requests and not existing.access.direct(owned.grant):
            yield (
                f"Advice (PT-102): the stack made {_who(existing, owned)} eligible for {_role(owned)}, and the "
                "tenant no longer has it: it was removed by hand, or has ended. The engine sees that only once the "
                "directory purges the request for it, some 45 days after it was made. Fix: run "
                f"`pulumi state delete '{owned.urn}'`, and the next update gives the role again."
            )


def _are_known(existing: Existing) -> bool:
    return existing.why_not_read(Part.ELIGIBILITIES) is None and existing.licensed


def by_hand(held: Grant) -> str:
    """How somebody takes an eligible role away without the provider: part of a sentence, without its end."""
    body = {
        "action": "adminRemove",
        "principalId": held.principal.object_id,
        "roleDefinitionId": held.target,
        "directoryScopeId": held.scope,
        "justification": "Declared in Tenantry",
    }
    return (
        "remove the role in the Entra admin center (Privileged Identity Management, Microsoft Entra roles, "
        "Assignments, Eligible assignments), or run "
        f"`az rest --method POST --url {_REQUESTS} --body {shlex.quote(json.dumps(body))}`"
    )


def _forget(existing: Existing, owned: OwnedEligibility) -> str:
    """The command by which the state lets go of a role that is gone; the engine does not look before it deletes."""
    if owned.assignment_id in existing.requests:
        return f"`pulumi state delete '{owned.urn}'`"
    # Lets go of nothing that is there still.
    return f"`pulumi refresh --run-program=false --yes --target '{owned.urn}'`"


def _purged(existing: Existing, owned: OwnedEligibility) -> Refusal:
    name, role = _who(existing, owned), _role(owned)
    return refused(
        Kind.ELIGIBLE_ROLE_STAYS,
        f"{name}, {owned.grant.power}",
        f"this change removes the eligible role {role} from {name}, and the update would fail: the directory has "
        "purged the request for it, as it does some 45 days after it was made, and without the request the azuread "
        "provider cannot remove the role",
        f"first {by_hand(owned.grant)}. Then update the state with {_forget(existing, owned)}, and try again "
        f"({_RUNBOOK})",
    )


def _gone(existing: Existing, owned: OwnedEligibility) -> Refusal:
    return refused(
        Kind.ELIGIBLE_ROLE_STAYS,
        f"{_who(existing, owned)}, {_role(owned)}",
        f"{_who(existing, owned)} is no longer eligible for {_role(owned)}, which was removed by hand or has ended, "
        "and the update would fail when the azuread provider removes it again",
        f"remove it from the state, which removes no access: {_forget(existing, owned)}. Then try again ({_RUNBOOK})",
        "a state without the role that was removed by hand",
    )


def _who(existing: Existing, owned: OwnedEligibility) -> str:
    object_id = owned.grant.principal.object_id
    return str(existing.holders().get(object_id) or f"the account {object_id}")


def _role(owned: OwnedEligibility) -> str:
    where = "" if owned.grant.scope == WHOLE_TENANT else f" over {owned.grant.scope}"
    return f"{owned.grant.power}{where}"
