"""Everything that the rules refuse of a change of access, at once."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from tenantry.access.change import Change
from tenantry.access.declared import eligible_roles, powers_of
from tenantry.access.existing import Part
from tenantry.access.grants import power_id
from tenantry.declaration.tenant import Mode, Program, Tenant
from tenantry.findings import Level
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.rules.change import ceilings
from tenantry.rules.change.digests import digest
from tenantry.rules.change.override import LONGEST, approvers, who_may_approve, why_not_lifted
from tenantry.rules.change.refusal import Kind, Refusal, refused
from tenantry.rules.change.sensitive import operations
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
    {
        Kind.LAST_ADMINISTRATOR,
        Kind.EMERGENCY_ACCOUNT,
        Kind.ACCOUNT_DELETED,
        Kind.REMOVAL_CEILING,
        Kind.TERMINATION_CEILING,
        Kind.RENEWED_TOO_EARLY,
        Kind.RELATIONSHIP_LEFT_OUT,
    }
)
#: Advice there: nothing in git says whether a relationship has ended by itself, or whether a customer has approved.
_BY_STATUS: Final = frozenset({Kind.RENEWED_TOO_EARLY, Kind.RELATIONSHIP_LEFT_OUT})
_APPROVAL: Final = "Or have this change approved: `pulumi preview` shows the line to write"


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
    way_out = _way_out(tenant, change, today, kept) if by_ids else _APPROVAL
    found = [_with_way_out(refusal, why_not, way_out) if refusal.liftable else refusal for refusal in kept]
    if view is View.CHANGED:
        found = [_advice(refusal) if refusal.kind in _BY_STATUS else refusal for refusal in found]
    return sorted(found, key=lambda refusal: refusal.order)


def _advice(refusal: Refusal) -> Refusal:
    return refusal.model_copy(update={"level": Level.ADVISORY})


def _refusals(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    for rule in RULES:
        yield from rule.refusals(tenant, change)
    yield from _not_evaluated(tenant, change)


def _shows(view: View | None, refusal: Refusal) -> bool:
    """Whether a view shows what a refusal is about."""
    match view:
        case View.PLANNED:
            # Who deploys is a question of its own (rule PT-206): a plan that does not say is evaluated for the rest.
            who_deploys = refusal.kind is Kind.NOT_EVALUATED and refusal.subject == Part.CALLER.value
            return refusal.kind not in _NOT_IN_A_PLAN and not who_deploys
        case View.CHANGED:
            return refusal.kind in _IN_DECLARATIONS
        case _:
            return True


def _with_way_out(refusal: Refusal, why_not: str | None, way_out: str) -> Refusal:
    actual = f"{refusal.actual}; {why_not}" if why_not else refusal.actual
    return refusal.model_copy(update={"actual": actual, "remediation": f"{refusal.remediation}. {way_out}"})


def _way_out(tenant: Tenant, change: Change, today: date, kept: Collection[Refusal]) -> str:
    """The override that would lift what can be lifted, and what it would let through beside what is refused."""
    people = approvers(tenant, change)
    names = ", ".join(f"{person.full_name}: `{key}`" for key, person in people.items())
    who = f"{who_may_approve(change).text} ({names or 'at present no declared person'})"
    line = (
        f'limits: {{override: {{change: "{digest(change)}", reason: WHY, approved_by: {next(iter(people), "KEY")}, '
        f"expires_on: {today + LONGEST}}}}}"
    )
    besides = "; ".join(_taken_besides(change, kept))
    also = f" (it also removes {besides})" if besides else ""
    return f"Or have this change{also} approved by {who}, and write: `{line}`"


def _taken_besides(change: Change, kept: Collection[Refusal]) -> Iterator[str]:
    """What an approval lets through and no refusal names: who approves a change must know all of it."""
    named = {refusal.power for refusal in kept}
    losses = ceilings.by_power((*change.losses, *change.at_customers))
    for power, theirs in sorted(losses.items(), key=lambda entry: power_id(entry[0])):
        if power not in named:
            yield f"{power} from {ceilings.listed(theirs)}"
    if change.terminated and not any(refusal.kind is Kind.TERMINATION_CEILING for refusal in kept):
        yield f"the access by the relationships that it terminates: {ceilings.ended_by(change)}"
    bereft = {loss.grant.principal.object_id for loss in change.losses}
    for what, accounts in (("deleted", change.deleted), ("disabled", change.disabled)):
        for account in sorted(accounts, key=lambda account: account.principal.object_id):
            if account.principal.object_id not in bereft:
                yield f"the account of {account}, which is {what}"


#: What was not read and the rules need is refused: absent is never empty.
_RULE_OF: Final = {
    Part.CALLER: "PT-206",
    Part.ROLE_ASSIGNABLE_GROUPS: "PT-206",
    Part.CONSENT_GRANTS: "PT-108",
    Part.DOMAINS: "PT-305",
    Part.NAMES: "PT-304",
    Part.DELETED: "PT-304",
}
_GIVEN: Final = (Part.DOMAINS, Part.NAMES, Part.DELETED)
"""The parts that show whether accounts can be made as declared, and not what anybody loses."""


def _not_evaluated(tenant: Tenant, change: Change) -> Iterator[Refusal]:
    """The parts of the tenant that the rules need for this change and that could not be read."""
    for part in (*AgentGroup, *Part):
        because = change.before.why_not_read(part)
        if because and _is_needed(tenant, change, part):
            what = f"the members of {part}" if isinstance(part, AgentGroup) else part.value
            rule = _RULE_OF.get(part, "PT-204") if isinstance(part, Part) else "PT-204"
            yield _unread(what, because, rule, "gives" if part in _GIVEN else "removes")
    lost = {loss.grant for loss in change.losses}
    for grant in change.before.access.grants:
        group = grant.principal
        # The accounts that the change disables or deletes may hold through it what the group keeps.
        if group.is_group and group.members is None and (grant in lost or _ends(change)):
            how = "which loses" if grant in lost else "which keeps"
            yield _unread(f"the members of {group} ({how} {grant.power})", "it was not read", "PT-204")


def _ends(change: Change) -> bool:
    return bool(change.deleted or change.disabled)


def _is_needed(tenant: Tenant, change: Change, part: AgentGroup | Part) -> bool:
    ends = _ends(change)
    # What may be done to an account depends on what its person holds.
    touched = any(operations(change))
    if isinstance(part, AgentGroup):
        authoritative = tenant.mode is Mode.AUTHORITATIVE and Program.CSP in tenant.programs
        return ends or authoritative or any(loss.grant.power is part for loss in change.losses)
    match part:
        case Part.ACCOUNTS:
            return True
        case Part.CALLER:
            return change.takes
        case Part.ELIGIBILITIES:
            return ends or touched or bool(change.before.eligibilities or eligible_roles(tenant))
        case Part.ROLE_ASSIGNABLE_GROUPS:
            return ends or touched
        case Part.DIRECTORY_ROLES:
            given = any(
                isinstance(power, DirectoryRole) for p in tenant.members.values() for power in powers_of(tenant, p)
            )
            return (
                ends or touched or given or any(not isinstance(loss.grant.power, AgentGroup) for loss in change.losses)
            )
        case Part.CONSENT_GRANTS:
            return tenant.ftop_consent is not None and tenant.ftop_consent.approved
        case Part.DOMAINS | Part.NAMES | Part.DELETED | Part.CUSTOMER_GROUPS:
            return True


def _unread(what: str, because: str, rule: str, does: str = "removes") -> Refusal:
    found = refused(
        Kind.NOT_EVALUATED,
        what,
        f"what this change {does} was not evaluated, because {what} could not be read: {because}",
        "let the deploying identity read it (`tenantry docs permissions`), and try again",
        f"a change for which everything that it {does} is known",
    )
    return found.model_copy(update={"rule": rule})
