"""Whether a change may be made: everything that speaks against it, at once."""

from dataclasses import replace
from datetime import date
from itertools import chain

from tenantry.declaration.models import Tenant
from tenantry.safety import ceilings, never, pins
from tenantry.safety.changes import Change
from tenantry.safety.digests import digest
from tenantry.safety.override import LONGEST, approvers, who_may_approve, why_not_lifted
from tenantry.safety.refusal import Refusal
from tenantry.safety.unread import not_evaluated


def judge(tenant: Tenant, change: Change, today: date) -> list[Refusal]:
    """Everything that speaks against a change, the most dangerous first; nothing where it may be made.

    ``change`` is what :func:`tenantry.safety.change` says of the same tenant. Rules PT-203, PT-204 and PT-206, and
    what exists and is not pinned. Pure: the caller says what day it is.
    """
    found = chain(
        never.last_administrator(change),
        never.emergency_accounts(change),
        never.own_access(change),
        never.accounts_deleted(tenant, change),
        ceilings.too_much_taken(tenant, change),
        ceilings.too_few_left(tenant, change),
        ceilings.required_missing(tenant, change),
        not_evaluated(tenant, change),
        pins.role_assignments(tenant, change),
        pins.consent_grants(tenant, change),
    )
    why_not = why_not_lifted(tenant, change, today)
    kept = (refusal for refusal in found if why_not is not None or not refusal.liftable)
    told = (_with_way_out(one, tenant, change, today, why_not or "") if one.liftable else one for one in kept)
    return sorted(told, key=lambda refusal: refusal.order)


def _with_way_out(refusal: Refusal, tenant: Tenant, change: Change, today: date, why_not: str) -> Refusal:
    """A refusal with the override that would lift it, and why the one that is declared does not."""
    people = approvers(tenant, change)
    names = ", ".join(f"{person.full_name}: `{key}`" for key, person in people.items())
    who = f"{who_may_approve(change).text} ({names or 'nobody who is one today is declared'})"
    line = (
        f'limits: {{override: {{change: "{digest(change)}", reason: WHY, approved_by: {next(iter(people), "KEY")}, '
        f"expires_on: {today + LONGEST}}}}}"
    )
    ways = [why_not, refusal.mend, f"Or have exactly this change approved by {who}, and write: `{line}`."]
    return replace(refusal, mend=" ".join(filter(None, ways)))
