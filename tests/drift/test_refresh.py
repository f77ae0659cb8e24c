"""What a refresh found is read from the engine's events, whatever became of the program that ran after it."""

import json
from subprocess import CompletedProcess
from typing import Any

import pytest

from tenantry.access.preview import Refreshed, parse_refresh
from tenantry.access.resource_changes import ChangeType
from tenantry.access.resource_types import DIRECTORY_ROLE_ASSIGNMENT, GROUP
from tenantry.drift import run
from tenantry.engine import pulumi_cli
from tenantry.findings import NotEvaluated

ROOT = "pulumi:pulumi:Stack"


def step(kind: str, op: str, type_: str, name: str, old: Any = None, new: Any = None) -> dict[str, Any]:
    def state(outputs: Any) -> Any:
        return None if outputs is None else {"type": type_, "custom": type_ != ROOT, "id": "x", "outputs": outputs}

    metadata = {"op": op, "urn": f"urn:pulumi:us::tenantry::{type_}::{name}", "old": state(old), "new": state(new)}
    return {"sequence": 1, kind: {"metadata": metadata, "planning": True}}


def refreshed(type_: str, name: str, old: Any, new: Any) -> list[dict[str, Any]]:
    return [
        step("resourcePreEvent", "refresh", type_, name, old, old),
        step("resOutputsEvent", "refresh", type_, name, old, new),
    ]


def diagnostic(text: str, urn: str = "", severity: str = "error") -> dict[str, Any]:
    return {"diagnosticEvent": {"urn": urn, "prefix": "error: ", "message": text, "severity": severity}}


BEFORE = [
    {"preludeEvent": {"config": {}}},
    *refreshed(ROOT, "tenantry-us", {}, {}),
    *refreshed(GROUP, "us-AdminAgents", {"members": ["a"], "objectId": "g"}, {"members": ["a", "b"], "objectId": "g"}),
    *refreshed(DIRECTORY_ROLE_ASSIGNMENT, "us-role", {"principalObjectId": "a"}, None),
]
THE_PROGRAM_RUNS = [step("resourcePreEvent", "same", ROOT, "tenantry-us", {}, {})]
ENDS = [diagnostic("an unhandled error occurred: program exited with non-zero exit code: 1\n")]


def read(*events: dict[str, Any]) -> Refreshed:
    return parse_refresh("\n".join(map(json.dumps, events)).encode())


def test_a_program_that_is_refused_takes_nothing_from_what_the_refresh_found() -> None:
    refused = diagnostic("Refused (PT-204): too much.\nRefused (PT-108): not pinned.\n")
    found = read(*BEFORE, *THE_PROGRAM_RUNS, refused, *ENDS)
    resource_changes = {resource_change.name: resource_change for resource_change in found.resource_changes}
    group, role = resource_changes["us-AdminAgents"], resource_changes["us-role"]
    assert group.prior
    assert group.before
    assert (group.prior.outputs["members"], group.before.outputs["members"]) == (["a"], ["a", "b"])
    assert group.changed == {"members"}
    assert (role.change_type, role.before) == (ChangeType.DELETED, None)
    assert found.refusals == ("Refused (PT-204): too much.", "Refused (PT-108): not pinned.")
    assert found.not_read == ()


def test_what_the_program_would_change_is_no_part_of_what_was_found() -> None:
    update = step("resOutputsEvent", "update", GROUP, "us-AdminAgents", {"members": ["a", "b"]}, {"members": ["a"]})
    assert read(*BEFORE, *THE_PROGRAM_RUNS, update) == read(*BEFORE, *THE_PROGRAM_RUNS)


def test_a_program_that_crashes_is_reported_by_its_last_line() -> None:
    crash = "Program failed with an unhandled exception:\nTraceback (most recent call last):\n  File x\nKeyError: 'y'\n"
    found = read(*BEFORE, *THE_PROGRAM_RUNS, diagnostic(crash))
    assert found.refusals == ("Program failed with an unhandled exception: KeyError: 'y'",)


def test_a_resource_that_could_not_be_looked_at_is_named_and_the_others_are_known() -> None:
    pre = step("resourcePreEvent", "refresh", GROUP, "us-SalesAgents", {"members": []}, {"members": []})
    urn = pre["resourcePreEvent"]["metadata"]["urn"]
    found = read(*BEFORE, pre, diagnostic("Preview failed: 403", urn), diagnostic("preview failed"))
    assert [resource_change.name for resource_change in found.resource_changes] == [
        "tenantry-us",
        "us-AdminAgents",
        "us-role",
    ]
    assert found.not_read == (("us-SalesAgents", "Preview failed: 403"),)
    assert found.refusals == (), "the program did not run, and refused nothing"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "answer is unknown"),
        (b"error: no stack\n", "not a list of events"),
        (json.dumps(diagnostic("incorrect passphrase")).encode(), "incorrect passphrase"),
    ],
)
def test_an_engine_that_looked_at_nothing_is_never_taken_for_one_that_found_nothing(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_refresh(content)


def test_debug_messages_are_no_refusals() -> None:
    assert read(*BEFORE, *THE_PROGRAM_RUNS, diagnostic("registering", severity="debug")).refusals == ()


ALL_AS_UPDATED = refreshed(ROOT, "tenantry-us", {}, {}) + refreshed(
    GROUP, "us-AdminAgents", {"members": ["a"]}, {"members": ["a"]}
)


@pytest.mark.parametrize(
    "changed",
    [
        refreshed(GROUP, "us-SalesAgents", {"members": ["a"]}, {"members": ["a", "a stranger"]}),
        refreshed("azuread:index/user:User", "us-fay", {"department": ""}, {"department": "what nobody declares"}),
        refreshed(DIRECTORY_ROLE_ASSIGNMENT, "us-role", {"principalObjectId": "a"}, None),
        [step("resourcePreEvent", "refresh", DIRECTORY_ROLE_ASSIGNMENT, "us-not-read", {}, {})],
    ],
    ids=["a stranger in a group", "an undeclared property", "a role taken away", "a role that was not read"],
)
def test_a_state_is_as_updated_only_if_each_resource_was_read_and_is_the_same(changed: list[dict[str, Any]]) -> None:
    assert read(*ALL_AS_UPDATED, *THE_PROGRAM_RUNS).found_as_updated
    assert not read(*ALL_AS_UPDATED, *changed, *THE_PROGRAM_RUNS).found_as_updated


SHAPE = "__pulumi_raw_state_delta"


@pytest.mark.parametrize(
    ("state", "found", "same"),
    [
        ({}, {"otherMails": []}, True),
        ({"otherMails": None, SHAPE: {"obj": {}}}, {"otherMails": [], SHAPE: {"obj": {"ps": {}}}}, True),
        ({}, {"otherMails": ["own@example.com"]}, False),
        ({"otherMails": ["own@example.com"]}, {}, False),
        ({"otherMails": ["own@example.com"]}, {"otherMails": []}, False),
        ({}, {"department": "Finance"}, False),
        ({}, {"accountEnabled": False}, False),
    ],
    ids=["an empty list", "null", "a filled list", "a list that is gone", "an emptied list", "a text", "a switch"],
)
def test_of_what_the_state_does_not_have_only_an_empty_list_is_as_updated(
    state: dict[str, Any], found: dict[str, Any], same: bool
) -> None:
    fay = refreshed("azuread:index/user:User", "us-fay", state, found)
    assert read(*ALL_AS_UPDATED, *fay, *THE_PROGRAM_RUNS).found_as_updated is same


def answered(text: str, code: int = 0) -> CompletedProcess[bytes]:
    return CompletedProcess([], code, text.encode(), b"" if code == 0 else b"error: the lock is held")


def state(*operations: dict[str, Any]) -> CompletedProcess[bytes]:
    """What `pulumi stack export` answers."""
    return answered(json.dumps({"version": 3, "deployment": {"pending_operations": operations}}))


def operation(kind: str, name: str) -> dict[str, Any]:
    type_ = "azuread:index/user:User"
    return {"type": kind, "resource": {"urn": f"urn:pulumi:dev::tenantry::{type_}::{name}", "type": type_}}


def asked(
    monkeypatch: pytest.MonkeyPatch, *events: dict[str, Any], exported: CompletedProcess[bytes] | None = None
) -> Refreshed | NotEvaluated:
    answers = {"preview": answered("\n".join(map(json.dumps, events))), "stack": exported or state()}
    monkeypatch.setattr(pulumi_cli, "ask", lambda _, __, ___, command, *____: answers[command])
    nobody: Any = None  # neither project nor engine: the answer is there
    return run._refreshed(nobody, nobody, {}, "dev")


def test_a_state_without_resources_is_not_taken_for_one_without_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(asked(monkeypatch, *BEFORE, *THE_PROGRAM_RUNS), Refreshed)
    empty = asked(monkeypatch, *THE_PROGRAM_RUNS)
    assert isinstance(empty, NotEvaluated)
    assert empty.why.startswith("the stack's state holds no resources")


@pytest.mark.parametrize("events", [(*ALL_AS_UPDATED, *THE_PROGRAM_RUNS), THE_PROGRAM_RUNS], ids=["some", "none"])
def test_what_a_killed_update_was_creating_is_not_taken_for_looked_at(
    monkeypatch: pytest.MonkeyPatch, events: tuple[dict[str, Any], ...]
) -> None:
    """Whether there are other resources in the state, or it was the first update that was killed."""
    found = asked(
        monkeypatch, *events, exported=state(operation("creating", "us-fay"), operation("updating", "us-ada"))
    )
    assert isinstance(found, Refreshed)
    assert not found.found_as_updated
    ((name, why),) = found.not_read
    assert name == "us-fay (User)"
    assert "`tenantry recover --stack dev`" in why


def test_a_state_in_which_nothing_is_being_created_is_one_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(monkeypatch, *ALL_AS_UPDATED, *THE_PROGRAM_RUNS, exported=state(operation("updating", "us-ada")))
    assert isinstance(found, Refreshed)
    assert (found.found_as_updated, found.not_read) == (True, ())


@pytest.mark.parametrize("exported", [answered("", code=255), answered("{}")], ids=["it fails", "it is no state"])
def test_a_state_that_cannot_be_exported_is_said_to_be_unread(
    monkeypatch: pytest.MonkeyPatch, exported: CompletedProcess[bytes]
) -> None:
    found = asked(monkeypatch, *ALL_AS_UPDATED, *THE_PROGRAM_RUNS, exported=exported)
    assert isinstance(found, Refreshed)
    assert not found.found_as_updated
    ((what, why),) = found.not_read
    assert what == "what a killed update was creating"
    assert "pulumi stack export" in why
