"""The review of a plan: what an update would do to a tenant, for the person who approves it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from tenantry.access import Grant, Principal
from tenantry.access.inverse import power_of, roles_of
from tenantry.access.preview import Plan, PlanError
from tenantry.access.registered import RegisteredResource
from tenantry.access.resource_changes import ChangeType, ResourceChange
from tenantry.access.resource_types import DIRECTORY_ROLE, PACKAGE, TYPES, USER, Power
from tenantry.declaration import Stack
from tenantry.errors import WRONG
from tenantry.findings import NotEvaluated
from tenantry.reports import review as report
from tenantry.review import sections
from tenantry.review.compare import MAY_SIGN_IN_AGAIN, Snapshot, compare, row_text
from tenantry.review.planned import planned
from tenantry.roles import ROW_OF, PartnerRole
from tenantry.rules import Result, evaluate, evidence_of
from tenantry.rules.administrators import own_access_that_ends
from tenantry.rules.change.override import why_not_lifted
from tenantry.rules.change.refusal import Kind as RefusalKind
from tenantry.rules.planned import Planned
from tenantry.sanitize import quoted
from tenantry.spelling import folded_upn

NOW: Final = "the stack now"
_PLAN: Final = "plan"
_NEW: Final = "new account"
_SIDES: Final = {"base": NOW, "head": _PLAN}
_AGAIN: Final = "write the plan again: `pulumi preview --json --show-sames > plan.json`"
#: It says that something declared is not given: true of every stack before its update, and of half a plan.
_OF_WHAT_IS_NOT_THERE: Final = frozenset({"PT-102"})
#: Reported by person, or nothing by themselves.
_BY_PERSON: Final = frozenset({Power.ACCOUNT, Power.GUEST, Power.MEMBERSHIP, Power.DIRECTORY_ROLE})

_OF_A_NAME: Final = {
    "displayName": "name {} instead of {}",
    "userPrincipalName": "signs in as {} instead of {}",
}


def review(
    stack: Stack,
    plan: Plan,
    today: date,
    deployer: str | None = None,
    root: str = "",
    unknown: Iterable[NotEvaluated] = (),
) -> report.Report:
    """What a plan does to the tenant of a stack.

    ``deployer`` is the object id of the identity that will apply it, where it is known (rule PT-206); files are named
    from ``root``. ``stack`` has the object ids of those who are adopted by UPN; ``unknown`` says of whom it lacks them.
    Raises PlanError, with exit code 1, where the plan is of another tenant.
    """
    _refuse_another_tenant(stack, plan)
    done = planned(stack.tenant, plan, today, deployer)
    seen = Snapshot(stack.name, plan.stack, stack.declaration, root=root)
    lifted = why_not_lifted(stack.tenant, done.change, today) is None
    afterwards = tuple(
        item
        for item in evaluate(evidence_of(stack.declaration, stack.tenant_name, done.program, today, planned=done))
        if plan.whole or item.rule.id not in _OF_WHAT_IS_NOT_THERE
    )
    compared = compare(
        replace(seen, registered=done.before, results=tuple(_evaluated_now(stack, done, today, afterwards))),
        replace(seen, registered=done.after, results=afterwards),
        today=today,
        ceilings=tuple(sections.ceilings_of(stack.tenant, done.change, lifted=lifted)),
    )
    renamed = (item.model_copy(update={"side": _SIDES.get(item.side, item.side)}) for item in compared.not_evaluated)
    unseen = (*unknown, *_not_evaluated(plan, done), *renamed)
    tenant = compared.model_copy(
        update={
            "people": _with_notes(map(_Given(done).explained, compared.people), _account_notes(stack, done)),
            "not_evaluated": unseen,
            "notes": tuple(_notes(done.resource_changes)),
        }
    )
    return report.Report(subject=report.Subject.PLAN, base=NOW, head=plan.file.name, tenants=(tenant,))


def _refuse_another_tenant(stack: Stack, plan: Plan) -> None:
    """A plan is of the tenant that its configuration names, and that its provider is bound to where it shows that."""
    if plan.tenant != stack.name:
        named = f"a plan for the tenant {quoted(plan.tenant)}" if plan.tenant else "a plan without a tenant"
        found = f"{named}, where the stack {plan.stack} is of {stack.name}"
        raise PlanError(plan.file, found, f"preview the stack again: {_AGAIN}", WRONG)
    for resource in plan.after:
        signed_in = resource.known("tenantId") if resource.type == f"pulumi:providers:{PACKAGE}" else None
        if signed_in is not None and signed_in.lower() != stack.tenant.id:
            found = f"a plan whose provider {quoted(resource.name)} is bound to the tenant {quoted(signed_in)}"
            raise PlanError(plan.file, found, f"sign in to {stack.tenant.id}, and {_AGAIN}", WRONG)


def _evaluated_now(stack: Stack, done: Planned, today: date, afterwards: Iterable[Result]) -> Iterator[Result]:
    """What is wrong now, by the declaration that the plan applies.

    That somebody declared holds something else than is declared from now on is no news: it is what the plan changes,
    and shows as what they gain and lose. What the declaration breaks by itself, and must not, is new with the plan
    that applies it: nothing says what was declared before.
    """
    declared = evaluate(evidence_of(stack.declaration, stack.tenant_name, None, today))
    new = {finding.identity for item in declared for finding in item.findings if finding.level.blocks}
    stays = {finding.identity for result in afterwards for finding in result.findings}
    for item in evaluate(evidence_of(stack.declaration, stack.tenant_name, done.before, today)):
        found = tuple(
            f
            for f in item.findings
            if f.identity not in new and (f.object not in stack.tenant.members or f.identity in stays)
        )
        if item.rule.id not in _OF_WHAT_IS_NOT_THERE:
            yield replace(item, findings=found)


class _Given:
    """Why somebody held what they lose: nothing says what was declared when it was given, but Table 1 reads it."""

    def __init__(self, done: Planned) -> None:
        self._done, self._held = done, done.prior.access.by_principal()

    def explained(self, person: report.Person) -> report.Person:
        """A person with the roles behind what they lose, where an update of this stack gave it."""
        if person.upn is None:
            return person
        principal = self._done.before.principals.resolve(upn=person.upn)
        return person.model_copy(update={"losses": tuple(self._loss(principal, loss) for loss in person.losses)})

    def _loss(self, principal: Principal, loss: report.Access) -> report.Access:
        grant = Grant(principal, loss.kind, loss.target, loss.scope, loss.assignment_type)
        if loss.declared or grant not in self._done.prior.access.grants:
            return loss
        held = roles_of(self._held.get(principal, ()))
        roles = [role for role in PartnerRole if role in held and power_of(grant) in ROW_OF[role].powers]
        if not roles:
            return loss.model_copy(update={"declared": True})
        by_the_program = {reason.text for reason in self._done.before.access.grants[grant]}
        return loss.model_copy(
            update={
                "declared": True,
                "because": (
                    *(role.value for role in roles),
                    *(why for why in loss.because if why not in by_the_program),
                ),
                "rows": tuple(row_text(role) for role in roles),
                "may": tuple(ROW_OF[role].may for role in roles),
            }
        )


# What happens beside access


def _notes(resource_changes: Iterable[ResourceChange]) -> Iterator[str]:
    """Notes on the tenant: what the stack lets go of, and what is deleted that is nobody's own."""
    for resource_change in sorted(resource_changes, key=lambda resource_change: resource_change.urn):
        before = resource_change.before
        if before is None or before.component or before.package != PACKAGE:
            continue
        what = f"{resource_change.name} ({before.word})"
        if resource_change.stays:
            yield f"{what} stays in the tenant: the stack stops managing it, and its access remains"
        elif resource_change.ends and before.type != DIRECTORY_ROLE and _power(before) not in _BY_PERSON:
            yield f"{what} {resource_change.change_type}"


def _power(resource: RegisteredResource) -> Power | None:
    known = TYPES.get(resource.type)
    return known.power if known else None


@dataclass(frozen=True)
class _Note:
    """What happens to somebody's account."""

    key: str | None
    name: str
    upn: str | None
    text: str
    emergency: bool = False


def _who(key: str | None, upn: str | None) -> tuple[str, str]:
    """Who somebody is in a report: a key, or the name of an account that nobody declared."""
    return (key, "") if key is not None else ("", folded_upn(upn or ""))


def _account_notes(stack: Stack, done: Planned) -> Iterator[_Note]:
    keys = {folded_upn(person.upn): key for key, person in stack.tenant.members.items()}
    for resource_change in done.resource_changes:
        resource = resource_change.after or resource_change.before
        if resource is None or resource.type != USER:
            continue
        upn = resource.known("userPrincipalName")
        key = keys.get(folded_upn(upn)) if upn else None
        name = resource.known("displayName") or upn or resource_change.name
        emergency = key is not None and stack.tenant.members[key].emergency
        for text in _becomes(resource_change):
            yield _Note(key, name, upn, text, emergency)


def _becomes(resource_change: ResourceChange) -> Iterator[str]:
    match resource_change.change_type:
        case ChangeType.CREATED:
            yield _NEW
        case ChangeType.DELETED:
            yield "the account is deleted"
        case ChangeType.LET_GO:
            yield "the account stays, and the stack stops managing it"
        case ChangeType.REPLACED:
            yield "the account is deleted and created again, with another object id"
        case ChangeType.IMPORTED:
            yield "the stack imports an existing account"
        case ChangeType.UPDATED if resource_change.before and resource_change.after:
            yield from _changes(resource_change, resource_change.before, resource_change.after)


def _changes(resource_change: ResourceChange, before: RegisteredResource, after: RegisteredResource) -> Iterator[str]:
    for name, says in _OF_A_NAME.items():
        was, becomes = before.known(name), after.known(name)
        if name in resource_change.changed or was != becomes:
            yield says.format(becomes or "a name not known yet", was)
    if "mail" in resource_change.changed:
        yield f"e-mail {after.known('mail') or 'not known yet'} instead of {before.known('mail') or 'none'}"
    if "password" in resource_change.changed:
        yield "gets a new temporary password"
    if before.protected and not after.protected:
        yield "no longer protected against deletion"


def _with_notes(people: Iterable[report.Person], notes: Iterable[_Note]) -> tuple[report.Person, ...]:
    """Everybody with what happens to their account, also those whose access does not change."""
    found = list(people)
    places = {_who(person.key, person.upn): place for place, person in enumerate(found)}
    for note in notes:
        place = places.setdefault(_who(note.key, note.upn), len(found))
        if place == len(found):
            new = (note.text, "emergency account") if note.emergency else (note.text,)
            found.append(
                report.Person(
                    key=note.key, name=note.name, upn=note.upn, notes=new, gains=(), losses=(), other_reason=()
                )
            )
        elif note.text not in found[place].notes:
            # That a new account may sign in is no news.
            others = [text for text in found[place].notes if note.text != _NEW or text != MAY_SIGN_IN_AGAIN]
            found[place] = found[place].model_copy(update={"notes": (note.text, *others)})
    return tuple(sorted(found, key=lambda item: (item.danger, item.name, item.upn or "", not item.gains)))


# What was not evaluated


def _not_evaluated(plan: Plan, done: Planned) -> Iterator[NotEvaluated]:
    unseen = partial(NotEvaluated, side=_PLAN)
    for error in plan.errors:
        yield unseen(
            what="the whole update: the preview failed",
            why=error,
            remediation="correct what the preview names, and run it again",
        )
    if plan.not_shown:
        yield unseen(
            what=f"{plan.not_shown} resources that stay as they are",
            why="they are not in the plan, and may give access",
            remediation=_AGAIN,
        )
    if plan.not_refreshed:
        yield unseen(
            what="changes by hand that the update would undo",
            why=f"the preview did not look at {plan.not_refreshed} resources in the tenant first (`--refresh=false`)",
            remediation="preview with `--refresh`, as Pulumi.yaml says",
        )
    for urn, op in plan.unknown_ops:
        yield unseen(
            what=urn.rsplit("::", 1)[-1],
            why=f"the engine's operation {quoted(op)} is unknown to this version of Tenantry",
            remediation="update Tenantry to a version for this version of Pulumi",
        )
    for refusal in done.refusals:
        if refusal.kind is RefusalKind.NOT_EVALUATED:
            yield unseen(
                what=f"{refusal.subject} ({refusal.rule})",
                why=refusal.actual,
                remediation=refusal.remediation,
            )
    for resource_change, holder in own_access_that_ends(done) if done.deployer is None else ():
        yield unseen(
            what=f"whether the deploying identity keeps its own access (PT-206): {resource_change.name} "
            f"{resource_change.change_type}",
            why=f"{holder or 'somebody unknown'} holds access by it, is not a declared person, and may be the "
            "deploying identity",
            remediation="add `--deployer OBJECT_ID`, the object id of the deploying identity",
        )
