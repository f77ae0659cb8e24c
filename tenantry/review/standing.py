"""What stands beside people's access on both sides of a review: findings, exceptions, ceilings and to-dos."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import PurePath
from typing import Final

from tenantry.access.declared import holders
from tenantry.declaration import Declaration, Tenant
from tenantry.declaration.models import Waiver
from tenantry.review import report
from tenantry.review.accounts import Account
from tenantry.roles import AgentGroup, DirectoryRole, Power
from tenantry.rules import RULES, Finding, Judgement, Level, Severity
from tenantry.safety.ceilings import allowed_removals, ceiling_of
from tenantry.todo import Todo
from tenantry.todo import todos as open_todos

SOON: Final = timedelta(days=30)
_TITLES: Final = {rule.id: rule.title for rule in RULES}


def findings(
    before: Iterable[Judgement], after: Iterable[Judgement], base_root: str = "", head_root: str = ""
) -> report.Findings:
    """What the rules find on one side and not on the other. A finding that only moves in its file is the same one."""
    was, now = _by_identity(before, base_root), _by_identity(after, head_root)
    return report.Findings(
        introduced=_worst_first(now[one] for one in now.keys() - was.keys()),
        resolved=_worst_first(was[one] for one in was.keys() - now.keys()),
        still_open=_worst_first(now[one] for one in now.keys() & was.keys()),
    )


def _by_identity(judgements: Iterable[Judgement], root: str) -> dict[tuple[str, ...], report.Finding]:
    found: dict[tuple[str, ...], report.Finding] = {}
    for judgement in judgements:
        for one in judgement.findings:
            found[one.rule, one.object, one.field, one.found] = _finding(one, judgement.rule.title, root)
    return found


def _finding(one: Finding, title: str, root: str) -> report.Finding:
    return report.Finding(
        rule=one.rule,
        title=_TITLES.get(one.rule, title),
        level=one.level,
        severity=one.severity,
        blocks=one.level.blocks,
        subject=one.subject,
        found=one.found,
        allowed=one.allowed,
        mend=one.mend,
        field=one.field,
        file=_below(one.place.file, root) if one.place else None,
        line=one.place.line if one.place else None,
    )


def _below(file: str, root: str) -> str:
    path = PurePath(file)
    return path.relative_to(root).as_posix() if root and path.is_relative_to(root) else file


def _worst_first(found: Iterable[report.Finding]) -> tuple[report.Finding, ...]:
    levels, severities = list(Level), list(reversed(Severity))
    return tuple(
        sorted(found, key=lambda f: (levels.index(f.level), severities.index(f.severity), f.rule, f.subject, f.found))
    )


def exceptions(before: Tenant | None, after: Tenant | None, today: date) -> tuple[report.DeclaredException, ...]:
    """Exceptions that begin, change or end, and those at head that have run out or soon will."""
    was, now = (before.exceptions if before else {}), (after.exceptions if after else {})
    return tuple(
        report.DeclaredException(
            state=state,
            rule=waiver.rule,
            object=waiver.object,
            reason=waiver.reason,
            owner=waiver.owner,
            expires=waiver.expires_on,
        )
        for key in sorted(was.keys() | now.keys())
        for waiver, state in _becomes(was.get(key), now.get(key), today)
    )


def _becomes(was: Waiver | None, now: Waiver | None, today: date) -> Iterator[tuple[Waiver, report.ExceptionState]]:
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


def declared_ceilings(before: Tenant | None, after: Tenant | None) -> Iterator[report.Ceiling]:
    """What the declaration takes of each group and role, by the limits at head (rule PT-204).

    A change in git knows no tenant: declared holders are counted, and each entry says so. The program counts the
    real ones before it changes anything.
    """
    if before is None:
        return
    limits = (after or before).limits
    for power in (*AgentGroup, *DirectoryRole):
        was, now = _holders(before, power), _holders(after, power)
        taken = len(was - now)
        if taken:
            least = limits.minimum_holders.get(power, 0)
            allowed = min(allowed_removals(*ceiling_of(limits, power), len(was)), max(0, len(was) - least))
            override = limits.override
            yield report.Ceiling(
                power=f"{power} (declared holders)",
                before=len(was),
                after=len(now),
                taken=taken,
                allowed=allowed,
                exceeded=taken > allowed or len(now) < least,
                override=f"{override.approved_by}, until {override.expires_on}" if override else None,
            )


def _holders(tenant: Tenant | None, power: Power) -> set[Account]:
    """Who is to hold a power and can use it, emergency accounts aside: whoever the ceilings count."""
    if tenant is None:
        return set()
    return {
        Account.of(key, person)
        for key, person in holders(tenant, power).items()
        if person.may_sign_in and not person.emergency
    }


def todos(before: Declaration | None, after: Declaration | None, name: str, today: date) -> tuple[report.Todo, ...]:
    """What people have to do by hand because of the change, and what they no longer have to."""
    was, now = _todos(before, name, today), _todos(after, name, today)
    new = [_todo(now[id_], report.TodoState.NEW) for id_ in now if id_ not in was]
    gone = [_todo(was[id_], report.TodoState.GONE) for id_ in was if id_ not in now]
    return (*new, *gone)


def _todos(declaration: Declaration | None, name: str, today: date) -> dict[str, Todo]:
    tenant = declaration.tenants.get(name.rpartition("/")[2]) if declaration else None
    if declaration is None or tenant is None:
        return {}
    return {todo.id: todo for todo in open_todos(tenant, declaration.partner, today)}


def _todo(todo: Todo, state: report.TodoState) -> report.Todo:
    return report.Todo(state=state, id=todo.id, what=todo.what, who=todo.who, where=todo.where)
