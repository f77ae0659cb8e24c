"""What the deploying identity may not do to an administrator, on the real engine and provider: refused at the preview.

The deploying application of the sample holds no directory role.
"""

import pytest
from ruamel.yaml.comments import CommentedSeq

from tenantry.directory.enrolment import DEPLOYMENT_PERMISSIONS
from tenantry.drift.run import drift
from tenantry.roles import DirectoryRole
from tenantry.sensitive_actions import USER_ADMINISTRATOR
from tests.depth import deep

from .world import World

pytestmark = pytest.mark.engine

AT = "@contoso-partner.onmicrosoft.com"
BILLING = DirectoryRole.BILLING_ADMINISTRATOR.template_id


def declare(world: World, key: str, **fields: object) -> None:
    """Change a person of the file; None takes a field out."""
    with world.declaration() as tenant:
        person = tenant["people"][key]
        for name, value in fields.items():
            if value is None:
                person.pop(name, None)
            else:
                person[name] = value


def is_enabled(world: World, object_id: str) -> bool:
    return bool(world.graph("GET", f"/users/{object_id}?$select=accountEnabled")["accountEnabled"])


@deep
def test_a_leaver_with_a_role_is_refused_by_name_and_goes_in_two_steps_without_any_role_of_the_identity(
    own_copy: World,
) -> None:
    world = own_copy
    farid = world.graph.user(f"farid.haddad{AT}")["id"]
    declare(world, "farid", state="leaver")
    with world.writes() as writes:
        refused = world.preview()
    assert (refused.exit_code != 0, writes) == (True, [])
    text = " ".join(refused.output.split())
    assert f"Farid Haddad (farid.haddad{AT}) holds Billing Administrator: disabling their account needs" in text
    assert "the directory role Privileged Authentication Administrator (or Global Administrator)" in text
    assert "First declare `state: leaving` under `people.farid`" in text

    declare(world, "farid", state="leaving")
    with world.writes() as writes:
        assert "is declared `state: leaving`, but can still sign in" in " ".join(world.up().ok().output.split())
    assert [write.split("/")[0] for write in writes] == ["DELETE "], "the account is not written"
    assert (world.graph.roles_of(farid), is_enabled(world, farid)) == (set(), True)
    declare(world, "farid", state="leaver")
    world.up().ok()
    assert is_enabled(world, farid) is False


@deep
def test_a_leaver_who_is_disabled_by_hand_loses_the_role_in_one_update(own_copy: World) -> None:
    world = own_copy
    farid = world.graph.user(f"farid.haddad{AT}")["id"]
    with world.graph.as_administrator():
        world.graph("PATCH", f"/users/{farid}", accountEnabled=False)
    declare(world, "farid", state="leaver")
    with world.writes() as writes:
        world.up().ok()
    assert [write.split("/")[0] for write in writes] == ["DELETE "], "the account is not written"
    assert (world.graph.roles_of(farid), is_enabled(world, farid)) == (set(), False)
    assert world.drift().exit_code == 0
    with world.declaration() as tenant:
        del tenant["people"]["farid"]
    world.up().ok()
    assert world.graph.status(f"/users/{farid}") == 404, "nobody without a role takes one to delete"


@deep
@pytest.mark.parametrize(
    ("key", "fields", "operation"),
    [
        ("bruno", {"full_name": "Bruno Keller-Roy"}, "changing their name or e-mail address"),
        (
            "bruno",
            {"upn": f"bruno.k{AT}", "former_upns": CommentedSeq([f"bruno.keller{AT}"])},
            "changing their sign-in",
        ),
        ("bruno", {"password_round": 2}, "giving them a new password"),
        ("dmitri", {"password_round": 2}, "giving them a new password"),
    ],
)
def test_the_service_would_refuse_halfway_what_the_preview_refuses(
    own_copy: World, key: str, fields: dict[str, object], operation: str
) -> None:
    world = own_copy
    declare(world, key, **fields)
    with world.writes() as writes:
        refused = world.preview()
    assert (refused.exit_code != 0, writes) == (True, [])
    assert f"{operation}" in " ".join(refused.output.split())
    unguarded(world)
    halfway = world.up()
    assert halfway.exit_code != 0
    assert "Insufficient privileges to complete the operation" in halfway.output
    world.graph.empower()
    world.up().ok()


@deep
def test_a_leaver_whom_an_update_left_in_their_role_is_drift(own_copy: World) -> None:
    """What the engine does where nothing stops it: it disables first, is refused, and never takes the role."""
    world = own_copy
    farid = world.graph.user(f"farid.haddad{AT}")["id"]
    declare(world, "farid", state="leaver")
    unguarded(world)
    halfway = world.up()
    assert halfway.exit_code != 0
    assert "Insufficient privileges to complete the operation" in halfway.output
    assert (world.graph.roles_of(farid), is_enabled(world, farid)) == ({BILLING}, True)
    report = drift(world.project, "dev")
    assert report.exit_code == 7
    assert [item.sentence for item in report.drift] == [
        f"Farid Haddad (farid.haddad{AT}) has Billing Administrator (declared `state: leaver`), which is not declared"
    ]


@deep
def test_with_a_user_administrators_role_ordinary_passwords_are_renewed_and_no_billing_administrators(
    own_copy: World,
) -> None:
    world = own_copy
    world.graph.empower(USER_ADMINISTRATOR)
    declare(world, "dmitri", password_round=2)
    world.up().ok()
    declare(world, "grace", full_name="Grace Mbeki-Roy")  # a User Administrator
    world.up().ok()
    declare(world, "farid", full_name="Farid H.")
    assert "Farid Haddad" in world.preview().output


@deep
@pytest.mark.parametrize(
    ("missing", "fields"),
    [
        ("User.ReadWrite.All", {"full_name": "Carla J."}),
        ("Group.ReadWrite.All", {"roles": CommentedSeq(["Helpdesk agent"])}),
        ("RoleManagement.ReadWrite.Directory", {"roles": CommentedSeq(["Admin agent", "Billing admin"])}),
    ],
)
def test_a_permission_that_was_taken_since_is_named_at_the_preview(
    own_copy: World, missing: str, fields: dict[str, object]
) -> None:
    world = own_copy
    reading = {"User.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory"}
    world.permit((DEPLOYMENT_PERMISSIONS - {missing}) | reading)
    declare(world, "carla", **fields)
    with world.writes() as writes:
        refused = world.preview()
    assert (refused.exit_code != 0, writes) == (True, [])
    assert f"add {missing} in Entra ID under App registrations" in " ".join(refused.output.split())


def unguarded(world: World) -> None:
    """Take the evaluation out of the copy of the program, so that the service itself answers."""
    guard = world.project.root / "components" / "change_guard.py"
    text = guard.read_text()
    assert "    if found.refusals:\n" in text
    guard.write_text(text.replace("    if found.refusals:\n", "    if False:\n"))
