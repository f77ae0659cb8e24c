"""Everything that the rules refuse of a change of access, at once."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from tenantry.access.change import Change
from tenantry.access.existing import Part
from tenantry.access.grants import HeldPower, power_id
from tenantry.declaration.models import Tenant
from tenantry.rules.change import ceilings
from tenantry.rules.change.digests import digest
from tenantry.rules.change.override import LONGEST, approvers, who_may_approve, why_not_lifted
from tenantry.rules.change.refusal import Kind, Refusal
from tenantry.rules.change.unread import not_evaluated
from tenantry.rules.model import View
from tenantry.rules.registry import RULES

#: What a plan does not show, since it has the stack's own access alone: what should be pinned, what a declared identity
#: is, and by which other assignments the identity that deploys may do what the plan does.
_NOT_IN_A_PLAN: Final = frozenset(
    {
        Kind.ROLE_ASSIGNMENT_PIN,
        Kind.CONSENT_GRANT_PIN,
        Kind.MISSING_ROLE,
        Kind.MISSING_PERMISSION,
        Kind.IDENTITY,
    }
)
#: What two declarations show: refused because of the change itself. Too few holders, and required people who are
#: missing, are faults of the later declaration by itself, which `tenantry check` finds.
_IN_DECLARATIONS: Final = frozenset(
    {Kind.LAST_ADMINISTRATOR, Kind.EMERGENCY_ACCOUNT, Kind.ACCOUNT_DELETED, Kind.REMOVAL_CEILING}
)
_APPROVAL: Final = "Or have exactly this change approved: what `pulumi preview` says of it has the line to write"


def evaluate(tenant: Tenant, change: Change, today: date, view: View | None = None) -> list[Refusal]:
    """Everything that the rules refuse of a change, the most dangerous first; nothing where it may be made.

    ``change`` is what an update of this tenant takes and gives: compared with the tenant itself or, with ``view``, as
    a plan shows it or two declarations. Two declarations have no object ids: there an override that may be for this
    change lifts what it can lift. Pure: the caller says what day it is.
    """
    by_ids = view is not View.CHANGED
    why_not = why_not_lifted(tenant, change, today, whichever=not by_ids)
    kept = [
        refusal
        for refusal in _refusals(tenant, change)
        if _shows(view, refusal) and (why_not is not None or not refusal.liftable)
    ]
    way_out = _way_out(tenant, change, today, {refusal.power for refusal in kept}) if by_ids else _APPROVAL
    said = (_with_way_out(refusal, why_not, way_out) if refusal.liftable else refusal for refusal in kept)
    return sorted(said, key=lambda refusal: refusal.order)


def _refusals(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    for rule in RULES:
        yield from rule.refusals(tenant, change)
    yield from not_evaluated(tenant, change)


def _shows(view: View | None, refusal: Refusal) -> bool:
    """Whether a view shows what a refusal is about."""
    match view:
        case View.PLANNED:
            # Who deploys is a question of its own (rule PT-206): a plan that does not say is judged for the rest.
            who_deploys = refusal.kind is Kind.NOT_EVALUATED and refusal.subject == Part.CALLER.value
            return refusal.kind not in _NOT_IN_A_PLAN and not who_deploys
        case View.CHANGED:
            return refusal.kind in _IN_DECLARATIONS
        case _:
            return True


def _with_way_out(refusal: Refusal, why_not: str | None, way_out: str) -> Refusal:
    actual = f"{refusal.actual}; {why_not}" if why_not else refusal.actual
    return refusal.model_copy(update={"actual": actual, "remediation": f"{refusal.remediation}. {way_out}"})


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
    return f"Or have exactly this change{also} approved by {who}, and write: `{line}`"


def _taken_besides(change: Change, refused: set[HeldPower | None]) -> Iterator[str]:
    """What an approval lets through and no refusal names: who approves a change must know all of it."""
    for power, losses in sorted(ceilings.by_power(change.losses).items(), key=lambda entry: power_id(entry[0])):
        if power not in refused:
            yield f"{power} from {ceilings.listed(losses)}"
    bereft = {loss.grant.principal.object_id for loss in change.losses}
    for what, accounts in (("deleted", change.deleted), ("disabled", change.disabled)):
        for account in sorted(accounts, key=lambda account: account.principal.object_id):
            if account.principal.object_id not in bereft:
                yield f"the account of {account}, which is {what}"
