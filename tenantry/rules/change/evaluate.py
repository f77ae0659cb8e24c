"""Whether a change may be made: everything that speaks against it, at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain

from tenantry.access.change import Change
from tenantry.access.grants import HeldPower, power_id
from tenantry.declaration.models import Tenant
from tenantry.rules.change import ceilings, eligibilities, licence, names, pins, sensitive
from tenantry.rules.change import invariants as never
from tenantry.rules.change.digests import digest
from tenantry.rules.change.override import LONGEST, approvers, who_may_approve, why_not_lifted
from tenantry.rules.change.refusal import Refusal
from tenantry.rules.change.unread import not_evaluated


def evaluate(tenant: Tenant, change: Change, today: date) -> list[Refusal]:
    """Everything that speaks against a change, the most dangerous first; nothing where it may be made.

    ``change`` is what :func:`tenantry.access.change.change` says of the same tenant. Rules PT-203, PT-204 and PT-206,
    what exists and is not pinned, what the provider cannot take away, what the tenant has no licence for, and what the
    deploying identity may not do. Pure: the caller says what day it is.
    """
    why_not = why_not_lifted(tenant, change, today)
    kept = [refusal for refusal in against(tenant, change) if why_not is not None or not refusal.liftable]
    way_out = _way_out(tenant, change, today, {refusal.power for refusal in kept})
    told = (
        replace(one, remediation=" ".join(filter(None, (why_not, one.remediation, way_out)))) if one.liftable else one
        for one in kept
    )
    return sorted(told, key=lambda refusal: refusal.order)


def against(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """Everything that speaks against a change, whether or not somebody approved it, in no order."""
    return chain(
        never.last_administrator(change),
        never.emergency_accounts(change),
        never.own_access(change),
        never.accounts_deleted(tenant, change),
        ceilings.too_much_taken(tenant, change),
        ceilings.too_few_left(tenant, change),
        ceilings.required_missing(tenant, change),
        sensitive.missing_roles(tenant, change),
        sensitive.missing_permissions(change),
        not_evaluated(tenant, change),
        pins.role_assignments(tenant, change),
        eligibilities.stay(change),
        licence.eligible_roles(tenant, change),
        pins.consent_grants(tenant, change),
        names.refused(tenant, change.before),
    )


def _way_out(tenant: Tenant, change: Change, today: date, refused: set[HeldPower | None]) -> str:
    """The override that would lift what can be lifted, and what it would let through beside what is refused."""
    people = approvers(tenant, change)
    names = ", ".join(f"{person.full_name}: `{key}`" for key, person in people.items())
    who = f"{who_may_approve(change).text} ({names or 'nobody who is one today is declared'})"
    line = (
        f'limits: {{override: {{change: "{digest(change)}", reason: WHY, approved_by: {next(iter(people), "KEY")}, '
        f"expires_on: {today + LONGEST}}}}}"
    )
    besides = "; ".join(_taken_besides(change, refused))
    also = f" (it takes, besides, {besides})" if besides else ""
    return f"Or have exactly this change{also} approved by {who}, and write: `{line}`."


def _taken_besides(change: Change, refused: set[HeldPower | None]) -> Iterator[str]:
    """What an approval of a change lets through and no refusal tells: whoever approves it knows everything."""
    for power, losses in sorted(ceilings.by_power(change.losses).items(), key=lambda entry: power_id(entry[0])):
        if power not in refused:
            yield f"{power} from {ceilings.told(losses)}"
    bereft = {loss.grant.principal.object_id for loss in change.losses}
    for what, accounts in (("deleted", change.deleted), ("disabled", change.disabled)):
        for account in sorted(accounts, key=lambda account: account.principal.object_id):
            if account.principal.object_id not in bereft:
                yield f"the account of {account}, which is {what}"
