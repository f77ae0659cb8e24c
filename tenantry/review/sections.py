"""What stands beside people's access on both sides of a review: findings, exceptions, ceilings and to-dos."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import PurePath
from typing import Final

from tenantry.access.change import Change
from tenantry.access.grants import OtherRole, RoleAtCustomers
from tenantry.declaration import Declaration, Tenant
from tenantry.declaration.decisions import Exemption
from tenantry.findings import Finding, worst_first
from tenantry.reports import review as report
from tenantry.rules import RULES, Previous, Result, View, evaluate, evidence_of
from tenantry.rules.change.beforehand import change_between
from tenantry.rules.change.ceilings import allowed_terminations, people_left, taken
from tenantry.rules.change.names import renamed
from tenantry.rules.change.override import why_not_lifted
from tenantry.todo import Todo
from tenantry.todo import todos as open_todos

SOON: Final = timedelta(days=30)


def findings(
    before: Iterable[Result], after: Iterable[Result], base_root: str = "", head_root: str = ""
) -> report.Findings:
    """What the rules find on one side and not on the other. A finding that only moves in its file is the same one."""
    was, now = _by_identity(before, base_root), _by_identity(after, head_root)
    return report.Findings(
        introduced=tuple(worst_first(now[one] for one in now.keys() - was.keys())),
        resolved=tuple(worst_first(was[one] for one in was.keys() - now.keys())),
        still_open=tuple(worst_first(now[one] for one in now.keys() & was.keys())),
    )


def _by_identity(results: Iterable[Result], root: str) -> dict[tuple[str, ...], Finding]:
    found = (item for result in results for item in result.findings)
    return {item.identity: item.model_copy(update={"file": item.file and _below(item.file, root)}) for item in found}


def _below(file: str, root: str) -> str:
    path = PurePath(file)
    return path.relative_to(root).as_posix() if root and path.is_relative_to(root) else file


def exceptions(
    before: Tenant | None,
    after: Tenant | None,
    today: date,
    evaluated: tuple[Iterable[Result], Iterable[Result]],
) -> tuple[report.DeclaredException, ...]:
    """Exceptions that begin, change or end, and those at head that have run out or soon will.

    ``evaluated`` is what the rules say at base and at head, and so what an exception silences.
    """
    silenced = tuple([item for result in side for item in result.exempted] for side in evaluated)
    was, now = (before.exceptions if before else {}), (after.exceptions if after else {})
    return tuple(
        report.DeclaredException(
            state=state,
            rule=exemption.rule,
            object=exemption.object,
            reason=exemption.reason,
            owner=exemption.owner,
            expires=exemption.expires_on,
            exempts=_exempts(exemption, silenced[state is not report.ExceptionState.ENDS]),
        )
        for key in sorted(was.keys() | now.keys())
        for exemption, state in _becomes(was.get(key), now.get(key), today)
    )


def _exempts(exemption: Exemption, silenced: Iterable[Finding]) -> tuple[str, ...]:
    found = (item for item in silenced if (item.rule, item.object) == (exemption.rule, exemption.object))
    return tuple(sorted({f"{item.subject}: {item.actual}" for item in found}))


def _becomes(
    was: Exemption | None, now: Exemption | None, today: date
) -> Iterator[tuple[Exemption, report.ExceptionState]]:
    if now is None:
        if was is not None:
            yield was, report.ExceptionState.ENDS
        return
    if was is None:
        yield now, report.ExceptionState.BEGINS
    elif was != now:
        yield now, report.ExceptionState.CHANGES
    if now.expires_on < today:
        yield now, report.ExceptionState.EXPIRED
    elif now.expires_on <= today + SOON and was == now:
        yield now, report.ExceptionState.EXPIRES_SOON


def ceilings_of(tenant: Tenant, change: Change, *, lifted: bool, counted: str = "") -> Iterator[report.Ceiling]:
    """What a change takes of each group and role, against the limits of the tenant (rule PT-204).

    ``lifted`` says whether the tenant's override is good for the change; ``counted`` is who is counted, where that is
    not everybody in the tenant. Who counts is defined in :mod:`tenantry.rules.change.ceilings`, for every view.
    """
    override = tenant.limits.override
    approval = f"{override.approved_by}, until {override.expires_on}" if override and lifted else None
    for item in sorted(taken(tenant, change), key=lambda item: str(item.power)):
        power = None if isinstance(item.power, OtherRole | RoleAtCustomers) else item.power
        least = tenant.limits.minimum_holders.get(power, 0) if power else 0
        missing = least - len(people_left(change, power)) if least and power else 0
        allowed = max(0, min(item.allowed, len(item.lost) - missing)) if missing > 0 else item.allowed
        yield report.Ceiling(
            power=f"{item.power} ({counted})" if counted else str(item.power),
            before=item.before,
            after=item.after,
            taken=len(item.lost),
            allowed=allowed,
            exceeded=len(item.lost) > allowed,
            override=approval,
        )
    if ended := len(change.terminated):
        open_before = sum(item.gives_access for item in change.before.relationships)
        most = allowed_terminations(tenant.limits)
        yield report.Ceiling(
            power="relationships with customers" + (" (declared)" if counted else ""),
            before=open_before,
            after=max(0, open_before - ended),
            taken=ended,
            allowed=most,
            exceeded=ended > most,
            override=approval,
        )


def declared_ceilings(before: Tenant | None, after: Tenant | None, today: date) -> Iterator[report.Ceiling]:
    """What the declaration takes of each group and role, by the limits at head.

    A change in git knows no tenant: declared holders are counted, and each entry says so. The program counts the
    real ones before it changes anything.
    """
    if before is not None:
        tenant, change = after or before, change_between(before, after)
        lifted = why_not_lifted(tenant, change, today, whichever=True) is None
        yield from ceilings_of(tenant, change, lifted=lifted, counted="declared holders")


def change_evaluated(before: Declaration, after: Declaration, name: str, today: date, *, managed: bool) -> list[Result]:
    """What the rules say of a change itself: what a preview will refuse, and what nobody knows yet."""
    previous = Previous(before.tenants[name], managed)
    evidence = evidence_of(after, name, None, today, previous=previous)
    # By this view alone: what the declaration breaks by itself has been evaluated with what its program registers.
    return evaluate(evidence, [rule for rule in RULES if View.CHANGED in rule.views], [View.CHANGED])


def todos(before: Declaration | None, after: Declaration | None, name: str, today: date) -> tuple[report.Todo, ...]:
    """What people have to do by hand because of the change, and what they no longer have to."""
    was, now = _todos(before, name, today), _todos(after, name, today, before)
    new = [_todo(now[id_], report.TodoState.NEW) for id_ in now if id_ not in was]
    gone = [_todo(was[id_], report.TodoState.GONE) for id_ in was if id_ not in now]
    return (*new, *gone)


def _todos(
    declaration: Declaration | None, name: str, today: date, before: Declaration | None = None
) -> dict[str, Todo]:
    own = name.rpartition("/")[2]
    tenant = declaration.tenants.get(own) if declaration else None
    if declaration is None or tenant is None:
        return {}
    if before and own in before.tenants:
        tenant = _with_former_names(tenant, renamed(before.tenants[own], tenant))
    return {todo.id: todo for todo in open_todos(tenant, declaration.partner, today)}


def _with_former_names(tenant: Tenant, former: dict[str, str]) -> Tenant:
    """A tenant that states the former names of its people: FTOP goes by them, whether or not the file says so."""
    people = {
        key: person.model_copy(update={"former_upns": (*person.former_upns, former[key])}) if key in former else person
        for key, person in tenant.members.items()
    }
    return tenant.model_copy(update={"people": people}) if former else tenant


def _todo(todo: Todo, state: report.TodoState) -> report.Todo:
    return report.Todo(state=state, id=todo.id, what=todo.what, who=todo.who, where=todo.where)
