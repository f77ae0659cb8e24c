"""What a recording says of the resources that a program registers."""

from pathlib import Path

import pytest

from tenantry.sandbox.recording import UNKNOWN, RecordedResource, Recording, SecretValue, reference

from .conftest import RawRun, run_recorder
from .sample import ADA, ADMIN_AGENTS, ADMINS, HELPDESK, PASSWORD, STACK, TENANT, UNDECLARED


def named(recording: Recording, name: str, kind: str = "") -> RecordedResource:
    [found] = [item for item in recording.resources if item.name == name and item.type.endswith(kind)]
    return found


def test_a_whole_program_is_recorded_with_what_follows_after_what_it_follows_from(preview: Recording) -> None:
    assert preview.error is None
    seen: set[str] = set()
    for resource in preview.resources:
        assert {urn for urns in resource.property_dependencies.values() for urn in urns} <= seen
        seen.add(resource.urn)


def test_what_a_program_registers_is_recorded_in_one_order_in_each_kind_of_run(
    preview: Recording, apply: Recording, update: Recording
) -> None:
    in_order = ["ada", "ada", "admins", "helpdesk", "ada-helps", "role", "elsewhere", "ada-administers"]
    for recording in (preview, apply, update):
        assert [resource.name for resource in recording.resources] == ["sample-dev", *in_order]
        assert list(recording.outputs) == sorted(recording.outputs)


def test_urns_are_those_of_the_engine(preview: Recording) -> None:
    assert preview.resources[0].urn == STACK
    assert named(preview, "ada", "User").urn == ADA
    assert named(preview, "admins").urn == ADMINS


def test_a_literal_member_stays_visible_beside_an_unknown_one(preview: Recording) -> None:
    admins = named(preview, "admins")
    assert admins.inputs["members"] == (UNDECLARED, UNKNOWN)
    assert admins.property_dependencies["members"] == (ADA,)


def test_resource_options_are_recorded(preview: Recording) -> None:
    admins = named(preview, "admins")
    assert admins.import_id == f"/groups/{ADMIN_AGENTS}"
    assert admins.protect
    assert admins.retain_on_delete
    assert admins.ignore_changes == ("displayName", "mailNickname")
    role = named(preview, "role")
    assert (role.import_id, role.protect, role.retain_on_delete) == (None, False, False)


def test_protection_and_retention_are_inherited_from_the_component(preview: Recording) -> None:
    ada = named(preview, "ada", "User")
    assert ada.protect
    assert ada.retain_on_delete


def test_each_input_is_recorded_with_the_resources_that_it_comes_from(preview: Recording) -> None:
    assignment = named(preview, "ada-administers")
    assert assignment.property_dependencies == {
        "principalObjectId": (ADA,),
        "roleId": (named(preview, "role").urn,),
    }


def test_a_component_has_no_id(preview: Recording) -> None:
    ada = named(preview, "ada", "Person")
    assert (ada.custom, ada.id) == (False, None)


def test_a_resource_that_is_only_read_is_marked_and_known_by_its_id(preview: Recording) -> None:
    helpdesk = named(preview, "helpdesk")
    assert (helpdesk.read, helpdesk.id) == (True, f"/groups/{HELPDESK}")
    assert [resource.name for resource in preview.resources if resource.read] == ["helpdesk"]
    assert named(preview, "ada-helps").inputs["groupObjectId"] == HELPDESK


def test_in_a_preview_what_does_not_exist_has_unknown_ids(preview: Recording) -> None:
    assert named(preview, "ada", "User").id is UNKNOWN
    assert named(preview, "role").id is UNKNOWN
    assert preview.outputs["ada"] is UNKNOWN
    assert preview.outputs["ada-link"] is UNKNOWN


def test_otherwise_what_does_not_exist_has_placeholders_for_its_identities(apply: Recording) -> None:
    object_id = reference(ADA, "objectId")
    role = named(apply, "role")
    assert object_id == f"ref:{ADA}:objectId"
    assert named(apply, "ada", "User").id == reference(ADA, "id")
    assert named(apply, "admins").inputs["members"] == (UNDECLARED, object_id)
    assert apply.outputs["ada-link"] == f"/users/{object_id}"
    assert role.id == reference(role.urn, "id")
    assert named(apply, "ada-administers").inputs == {
        "roleId": reference(role.urn, "templateId"),
        "principalObjectId": object_id,
    }


def test_other_outputs_of_a_new_resource_are_unknown_and_never_none(preview: Recording, apply: Recording) -> None:
    assert preview.outputs["about-ada"] is UNKNOWN
    assert apply.outputs["about-ada"] is UNKNOWN


@pytest.mark.parametrize("kind", ["preview", "apply"])
def test_an_imported_resource_is_known_by_its_import_id(kind: str, request: pytest.FixtureRequest) -> None:
    recording: Recording = request.getfixturevalue(kind)
    assert named(recording, "admins").id == f"/groups/{ADMIN_AGENTS}"
    assert recording.outputs["admins"] == ADMIN_AGENTS


def test_an_existing_resource_has_its_real_id_and_outputs_under_its_new_inputs(update: Recording) -> None:
    ada = named(update, "ada", "User")
    assert ada.id == f"/users/{HELPDESK}"
    assert named(update, "admins").inputs["members"] == (UNDECLARED, HELPDESK)
    assert update.outputs["about-ada"] == "counts"
    assert update.outputs["password"] == SecretValue(revealed=True, value=PASSWORD)


def test_exports_are_the_outputs_of_the_recording(preview: Recording) -> None:
    assert preview.outputs["tenant"] == TENANT
    assert preview.outputs["helpdesk"] == f"/groups/{HELPDESK}"
    assert preview.outputs["nested"] == {"list": (1, None, True, SecretValue())}


def test_plain_objects_that_look_like_markers_stay_what_they_are(preview: Recording) -> None:
    assert preview.outputs["lookalikes"] == (
        {"secret": "x"},
        {"unknown": True},
        {"map": {}},
        {"unknown": True, "more": 1.5},
    )


def test_secrets_are_marked_and_their_values_withheld(preview: Recording) -> None:
    assert named(preview, "ada", "User").inputs["password"] == SecretValue()
    assert preview.outputs["password"] == SecretValue()


def test_a_configured_secret_that_the_program_uses_in_plain_is_withheld_too(preview: Recording) -> None:
    assert preview.outputs["leaked"] == SecretValue()


def test_revealed_secrets_keep_their_mark_and_do_not_show_in_a_printout(update: Recording) -> None:
    password = named(update, "ada", "User").inputs["password"]
    assert password == SecretValue(revealed=True, value=PASSWORD)
    assert update.outputs["leaked"] == f"it is {PASSWORD}"
    assert PASSWORD not in repr(password)


def test_a_secret_is_neither_in_the_document_nor_in_any_output(raw: RawRun) -> None:
    assert raw.exit_code == 0
    assert PASSWORD not in raw.text + raw.stdout + raw.stderr


def test_what_the_program_prints_is_no_part_of_the_document(raw: RawRun) -> None:
    assert raw.stdout == "not a part of the recording\n"
    assert "not a part of the recording" not in raw.text


def test_the_same_program_gives_the_same_document(program: Path, raw: RawRun, tmp_path: Path) -> None:
    assert run_recorder(program, tmp_path / "again.json", seed="4711").text == raw.text
