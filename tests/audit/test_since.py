"""Who did it and when: the entry of the audit log that can have made a change, and no other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from tenantry.access.danger import Danger
from tenantry.audit.since import dated
from tenantry.drift.model import Advice, Change, Drift, SeenBy
from tenantry.graph.client import GraphReader
from tenantry.graph.models import AuditEntry
from tenantry.roles import AssignmentType, DirectoryRole

MALLORY, OTHER, ADMINS, CREW = (f"{number:08}-0000-4000-8000-000000000000" for number in range(1, 5))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROLE = DirectoryRole.GLOBAL_ADMINISTRATOR


def change(what: str = "AdminAgents", **fields: Any) -> Drift:
    known: dict[str, Any] = {
        "change": Change.ADDED,
        "subject": "Mallory",
        "principal": MALLORY,
        "declared": False,
        "what": what,
        "seen_by": SeenBy.GRAPH,
        "advice": Advice("", ""),
        "danger": Danger.EVERYTHING,
        "rule": "PT-101",
        "holder": MALLORY,
        "target": ADMINS if what == "AdminAgents" else ROLE.template_id,
    }
    return Drift(**{**known, **fields})


def held(**fields: Any) -> Drift:
    return change(ROLE.value, assignment=AssignmentType.ACTIVE, **fields)


def entry(activity: str, *targets: Any, by: str | None = "ada@x", age: int = 0, result: str = "success") -> AuditEntry:
    shown = [target if isinstance(target, dict) else {"id": target, "type": "User"} for target in targets]
    return AuditEntry.model_validate(
        {
            "id": "e",
            "activityDisplayName": activity,
            "activityDateTime": (NOW - timedelta(hours=age)).isoformat(),
            "result": result,
            "initiatedBy": {"user": {"userPrincipalName": by}, "app": None},
            "targetResources": shown,
        }
    )


@dataclass
class Log:
    """The audit log, with what was asked of it."""

    entries: list[AuditEntry]
    asked: list[str] = field(default_factory=list)

    def audit_log(self, category: str) -> Iterator[AuditEntry]:
        self.asked.append(category)
        return iter(self.entries)


def role(name: str) -> dict[str, str]:
    return {"id": "r", "type": "Role", "displayName": name}


JOINED = entry("Add member to group", MALLORY, ADMINS)
ASSIGNED = entry("Add member to role", MALLORY, role("Global Administrator"))


@pytest.mark.parametrize(
    ("one", "log", "by"),
    [
        pytest.param(change(), [JOINED], "ada@x", id="joined"),
        pytest.param(change(), [entry("Add member to group", MALLORY, CREW)], "", id="joined another group"),
        pytest.param(change(), [entry("Add member to group", OTHER, ADMINS)], "", id="somebody else joined"),
        pytest.param(change(), [entry("Remove member from group", MALLORY, ADMINS)], "", id="left"),
        pytest.param(change(), [entry("Add member to group", MALLORY, ADMINS, result="failure")], "", id="failed"),
        pytest.param(change(), [entry("Add member to group", MALLORY, ADMINS, by=None)], "", id="by nobody known"),
        pytest.param(
            change(),
            [entry("Add member to group", MALLORY, ADMINS, by="old@x", age=5), JOINED],
            "ada@x",
            id="twice, the last time",
        ),
        pytest.param(change(through=CREW), [entry("Add member to group", MALLORY, CREW)], "ada@x", id="a group in it"),
        pytest.param(change(through=CREW), [JOINED], "", id="another way than it is held"),
        pytest.param(
            change(change=Change.MISSING), [entry("Remove member from group", MALLORY, ADMINS)], "ada@x", id="removed"
        ),
        pytest.param(held(), [ASSIGNED], "ada@x", id="assigned"),
        pytest.param(held(), [entry("Add member to role", MALLORY)], "ada@x", id="a role that is not named"),
        pytest.param(held(), [entry("Add member to role", MALLORY, role("Billing Administrator"))], "", id="another"),
        pytest.param(
            held(), [entry("Add eligible member to role", MALLORY, role("Global Administrator"))], "", id="eligible"
        ),
        pytest.param(held(holder=""), [ASSIGNED], "", id="nobody whose id is known"),
    ],
)
def test_a_change_is_dated_by_what_can_have_made_it(one: Drift, log: list[AuditEntry], by: str) -> None:
    (found,), unread = dated(cast(GraphReader, Log(log)), [one])
    assert unread is None
    assert (found.done.by if found.done else "") == by


def test_the_log_is_asked_once_of_each_category_that_a_change_is_of_and_not_without_one() -> None:
    log = Log([])
    dated(cast(GraphReader, log), [])
    assert log.asked == []
    dated(cast(GraphReader, log), [change(), change(), held()])
    assert log.asked == ["GroupManagement", "RoleManagement"]
