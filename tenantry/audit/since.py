"""Who did it and when, from the directory's audit log, as far as it is kept and may be read."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from tenantry.access.parts import NotRead, read
from tenantry.drift.model import Change, Done, Drift
from tenantry.graph.models import AuditEntry
from tenantry.roles import AssignmentType

if TYPE_CHECKING:
    from tenantry.graph.client import GraphReader

_MOST_ENTRIES: Final = 2 * 999
"""Of one category: two pages. A busy tenant's log is not read whole to date one change."""
_OF_GROUPS, _OF_ROLES, _OF_USERS = "GroupManagement", "RoleManagement", "UserManagement"


_ROLES: Final = ("role", "directoryrole", "unifiedroledefinition")
"""How a target is called that is a directory role."""


def dated(graph: "GraphReader", changes: Iterable[Drift]) -> tuple[tuple[Drift, ...], NotRead | None]:
    """The same changes with who did them and when; and why that is not known, where the log may not be read."""
    found = tuple(changes)
    log: list[AuditEntry] = []
    for category in sorted({category for one in found for category in _categories(one)}):
        entries = read(lambda of=category: tuple(islice(graph.audit_log(of), _MOST_ENTRIES)))  # type: ignore[misc]
        if isinstance(entries, NotRead):
            return found, entries
        log += entries
    log.sort(key=lambda entry: entry.activity_date_time, reverse=True)
    return tuple(one.model_copy(update={"done": _done(one, log)}) for one in found), None


def _categories(one: Drift) -> Iterator[str]:
    if not one.holder:
        return
    if one.through or one.is_membership:
        yield _OF_GROUPS
    if one.assignment:
        yield _OF_ROLES
    if one.change in (Change.CHANGED, Change.DELETED):
        yield _OF_USERS


def _done(one: Drift, log: Iterable[AuditEntry]) -> Done | None:
    """The last thing that was done to somebody and to what they hold, and that can have made the change."""
    verb = "add" if one.change is Change.ADDED else "remove"
    for entry in log:
        activity = entry.activity_display_name.casefold()
        if entry.result not in (None, "success") or one.holder not in entry.targets:
            continue
        if one.through:
            fits = activity == f"{verb} member to group" and one.through in entry.targets
        elif one.is_membership:
            fits = activity.startswith(verb) and " group" in activity and one.target in entry.targets
        else:
            eligible = one.assignment is AssignmentType.ELIGIBLE
            done = activity.startswith((verb, "change eligibility"))
            fits = done and " role" in activity and ("eligib" in activity) is eligible and _is_about(one, entry)
        if fits and entry.by:
            return Done(by=entry.by, at=entry.activity_date_time, activity=entry.activity_display_name)
    return None


def _is_about(one: Drift, entry: AuditEntry) -> bool:
    """Whether an entry names the role, by its template id or its name, or names none."""
    roles = [target for target in entry.target_resources if (target.type or "").casefold() in _ROLES]
    named = {(name or "").casefold() for target in roles for name in (target.id, target.display_name)}
    return not roles or bool(named & {one.target.casefold(), one.what.casefold()})
