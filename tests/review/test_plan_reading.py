"""What `pulumi preview --json` wrote, read: what becomes of each resource, and every refusal of a file that is none."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import proxy

from tenantry.access.preview import _NOT_KNOWN, PlanError, read_plan
from tenantry.access.registered import UNKNOWN
from tenantry.access.resource_changes import ChangeType

from .plans import SCENARIOS, plan_of

GROUP = (
    "urn:pulumi:dev::tenantry::tenantry:index:PartnerTenant$tenantry:index:AgentGroups$azuread:index/group:Group::us-"
)


def document(name: str) -> dict[str, Any]:
    return dict(json.loads(plan_of(name).read_text("utf-8")))


def written(folder: Path, content: object) -> Path:
    file = folder / "plan.json"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def fates(name: str) -> dict[ChangeType, int]:
    return dict(
        Counter(
            resource_change.change_type
            for resource_change in read_plan(plan_of(name)).resource_changes
            if resource_change.change_type is not ChangeType.SAME
        )
    )


def test_every_step_of_the_engine_has_a_fate() -> None:
    assert fates("first-up") == {ChangeType.CREATED: 25, ChangeType.IMPORTED: 4}
    assert fates("unchanged") == {}
    assert fates("hire") == {ChangeType.CREATED: 2, ChangeType.UPDATED: 1}
    assert fates("leaver") == {ChangeType.UPDATED: 1, ChangeType.DELETED: 1}
    assert fates("group-replaced") == {ChangeType.REPLACED: 3}
    assert fates("retained-removed") == {ChangeType.LET_GO: 1}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_plan_that_the_engine_ended_well_shows_everything_that_gives_access(name: str) -> None:
    plan = read_plan(plan_of(name))
    assert (plan.stack, plan.tenant, plan.not_shown, plan.unknown_ops) == ("dev", "contoso/us", 0, ())
    assert plan.whole == (name not in ("mass-removal-refused", "account-deleted", "retained-removed", "program-fails"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_recorded_plan_holds_a_secret_or_a_path(name: str) -> None:
    text = plan_of(name).read_text("utf-8")
    assert '"password":"' not in text.replace('"password":"[secret]"', "")
    for folder in ("tmp", "home", "root"):
        assert f"/{folder}/" not in text


def test_what_is_there_now_is_what_a_refresh_found_and_not_what_the_state_held() -> None:
    plan = read_plan(plan_of("leaver-promotion-undeclared"))
    (resource_change,) = [
        resource_change for resource_change in plan.resource_changes if resource_change.urn == f"{GROUP}AdminAgents"
    ]
    refreshes = [
        step
        for step in document("leaver-promotion-undeclared")["steps"]
        if (step["op"], step["urn"]) == ("refresh", resource_change.urn)
    ]
    assert resource_change.before is not None
    members = resource_change.before.inputs["members"]
    assert isinstance(members, list)
    assert sorted(map(str, members)) != sorted(refreshes[0]["oldState"]["outputs"]["members"])


def test_what_is_imported_was_there_before_with_the_members_that_it_has() -> None:
    plan = read_plan(plan_of("first-up"))
    before = {resource.urn: resource for resource in plan.before}
    ada = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"
    assert before[f"{GROUP}AdminAgents"].inputs["members"] == [ada]
    assert any(urn.endswith("::us-global-administrator-ada") for urn in before)


def test_new_ids_are_unknown_and_tell_whose_they_are() -> None:
    plan = read_plan(plan_of("hire"))
    (sales,) = [resource for resource in plan.after if resource.urn == f"{GROUP}SalesAgents"]
    members = sales.inputs["members"]
    assert isinstance(members, list)
    assert members.count(UNKNOWN) == 1
    assert any(urn.endswith("::us-judy") for urn in sales.depends["members"])


def test_the_marks_of_the_unknown_are_the_engines() -> None:
    assert {value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")} == _NOT_KNOWN


def test_no_password_is_kept_even_of_a_plan_that_shows_secrets(tmp_path: Path) -> None:
    text = plan_of("hire").read_text("utf-8").replace('"password":"[secret]"', '"password":"In-the-Clear-1"')
    assert "In-the-Clear-1" in text
    assert "In-the-Clear-1" not in repr(read_plan(written(tmp_path, text)))


def test_what_is_hidden_may_be_anybody(tmp_path: Path) -> None:
    content = document("promotion")
    for step in content["steps"]:
        if step["urn"] == f"{GROUP}AdminAgents":
            step["newState"]["inputs"]["members"] = "[secret]"
    (group,) = [item for item in read_plan(written(tmp_path, content)).after if item.urn == f"{GROUP}AdminAgents"]
    assert group.inputs["members"] is UNKNOWN


def test_a_plan_in_the_encoding_of_powershell_is_read(tmp_path: Path) -> None:
    text = plan_of("leaver").read_text("utf-8")
    assert (
        read_plan(written(tmp_path, text.encode("utf-16"))).resource_changes
        == read_plan(plan_of("leaver")).resource_changes
    )


def test_resources_that_stay_and_are_left_out_are_counted(tmp_path: Path) -> None:
    content = document("leaver")
    content["steps"] = [step for step in content["steps"] if step["op"] != "refresh"]
    plan = read_plan(written(tmp_path, content))
    # Without the accounts and groups that stay, their components are not known either.
    assert plan.not_shown > 20
    assert not plan.whole


def test_an_operation_that_nobody_knows_is_reported(tmp_path: Path) -> None:
    content = document("leaver")
    step = next(step for step in content["steps"] if step["op"] == "delete")
    step["op"] = "transmute"
    assert read_plan(written(tmp_path, content)).unknown_ops == ((step["urn"], "transmute"),)


def test_what_an_interrupted_update_left_behind_is_deleted_beside_its_successor(tmp_path: Path) -> None:
    content = document("unchanged")
    kept = next(step for step in content["steps"] if step["urn"] == f"{GROUP}AdminAgents")
    old = {**kept["oldState"], "id": "/groups/00000000-0000-4000-8000-000000000001", "delete": True}
    old.pop("retainOnDelete", None)
    same = {**kept, "op": "same"}
    content["steps"] += [same, {"op": "delete", "urn": kept["urn"], "oldState": old}]
    resource_changes = [
        resource_change
        for resource_change in read_plan(written(tmp_path, content)).resource_changes
        if resource_change.urn == kept["urn"]
    ]
    assert [resource_change.change_type for resource_change in resource_changes] == [
        ChangeType.DELETED,
        ChangeType.SAME,
    ]


def test_a_discarded_resource_only_leaves_the_state(tmp_path: Path) -> None:
    content = document("leaver")
    step = next(step for step in content["steps"] if step["op"] == "delete")
    step["op"] = "discard"
    (resource_change,) = [
        resource_change
        for resource_change in read_plan(written(tmp_path, content)).resource_changes
        if resource_change.urn == step["urn"]
    ]
    assert (resource_change.change_type, resource_change.ends, resource_change.stays) == (
        ChangeType.LET_GO,
        False,
        True,
    )


REFUSED: dict[str, tuple[object, int, str]] = {
    "empty": (b"", 2, "an empty file"),
    "no JSON": ("Previewing update (dev)\n", 2, "invalid JSON (line 1, column 1:"),
    "no text": (b"\xff\xfe\x00\xd8\x00", 2, "no text"),
    "cut off": (plan_of("leaver").read_bytes()[:5000], 2, "JSON that ends too early or is damaged"),
    "events": ('{"sequence": 0}\n{"sequence": 1}\n', 2, "more than one JSON document (line 2, column 1)"),
    "bottomless": ("[" * 100_000, 2, "more deeply than a plan"),
    "a list": ([], 2, "JSON without `steps` and `changeSummary`"),
    "half a document": ({"steps": []}, 2, "JSON without `changeSummary`"),
    "a saved plan": ({"manifest": {}, "resourcePlans": {}}, 2, "the output of `--save-plan`"),
    "a state": ({"version": 3, "deployment": {}}, 2, "a stack's state"),
    "another shape": ({"steps": [{"op": "same"}], "changeSummary": {}}, 2, "`steps.0.urn`: Field required"),
    "no resources": ({"steps": [], "changeSummary": {}}, 1, "no resource"),
    "no URN": ({"steps": [{"op": "same", "urn": "us-ada"}], "changeSummary": {}}, 1, "'us-ada', which is not a URN"),
    "two stacks": (
        {
            "steps": [
                {"op": "same", "urn": "urn:pulumi:dev::tenantry::pulumi:pulumi:Stack::tenantry-dev"},
                {"op": "same", "urn": "urn:pulumi:prod::tenantry::pulumi:pulumi:Stack::tenantry-prod"},
            ],
            "changeSummary": {"same": 2},
        },
        1,
        "resources of 2 stacks ('dev', 'prod')",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_plan_is_refused_in_a_sentence(tmp_path: Path, what: str) -> None:
    content, exit_code, found = REFUSED[what]
    with pytest.raises(PlanError) as refused:
        read_plan(written(tmp_path, content))
    assert refused.value.exit_code == exit_code
    assert found in str(refused.value)
    assert "plan.json: found" in str(refused.value)
    assert "; expected: the output of `pulumi preview --json`. Fix: write it again:" in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="a file that cannot be read") as refused:
        read_plan(tmp_path / "none.json")
    assert refused.value.exit_code == 2
