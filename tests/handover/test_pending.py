"""Whose temporary password may be handed over, and what is said of everybody else's."""

from pathlib import Path

import pytest

from tenantry.declaration import DeclarationError, Stack
from tenantry.handover.pending import handover_of
from tests.declaration.folder import US, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "contoso")


def refused(folder: Folder, name: str) -> str:
    with pytest.raises(DeclarationError) as caught:
        handover_of(Stack(folder.load(), "us"), name)
    assert caught.value.exit_code == 1
    (problem,) = caught.value.problems
    assert str(problem.file).endswith(US)
    return str(problem)


def test_who_was_made_here_has_one_with_the_to_do_that_it_ends(folder: Folder) -> None:
    wanted = handover_of(Stack(folder.load(), "us"), "carla")
    assert (wanted.key, wanted.person.full_name, wanted.password_round) == ("carla", "Carla Jensen", 1)
    assert wanted.todo.id == "hand-over/carla"


def test_a_raised_round_is_another_handover(folder: Folder) -> None:
    folder.replace(US, "full_name: 'Carla Jensen'", "password_round: 3\n    full_name: 'Carla Jensen'")
    wanted = handover_of(Stack(folder.load(), "us"), "carla")
    assert (wanted.password_round, wanted.todo.id) == (3, "hand-over/carla/3")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("carl", "`carla`"),
        ("Carla", "`carla`"),
        ("Carla Jensen", "`carla`"),
        ("carla@contoso-partner.onmicrosoft.com", "`carla`"),
        ("Jnes Costa", "`ines`"),
        ("rescue1", "`rescue`"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(folder: Folder, name: str, near: str) -> None:
    message = refused(folder, name)
    assert f"found nobody with the key {name!r}" in message
    assert f"did you mean {near}" in message


@pytest.mark.parametrize("name", ["zzz", "", "\x1b[31m"])
def test_where_nobody_is_near_it_says_where_to_look(folder: Folder, name: str) -> None:
    message = refused(folder, name)
    assert "see `tenantry who`" in message
    assert "\x1b" not in message


def test_an_account_that_was_there_before_has_none_here(folder: Folder) -> None:
    message = refused(folder, "ada")
    assert "us.yaml:17:14: people.ada.adopted" in message
    assert "has no temporary password here" in message
    assert "reset it in the Entra admin center" in message


def test_an_emergency_account_that_was_there_before_has_a_sealed_one(folder: Folder) -> None:
    adopted = "emergency: true\n    adopted: 3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e02"
    folder.replace(US, "emergency: true", adopted)
    assert "the password that was sealed" in refused(folder, "rescue")


@pytest.mark.parametrize(("state", "message"), [("leaver", "who leaves"), ("disabled", "who is disabled")])
def test_who_may_not_sign_in_is_handed_none(folder: Folder, state: str, message: str) -> None:
    folder.replace(US, "full_name: 'Carla Jensen'", f"state: {state}\n    full_name: 'Carla Jensen'")
    assert f"people.carla.state: found 'carla', {message}" in refused(folder, "carla")


def test_what_was_handed_over_is_not_shown_again(folder: Folder) -> None:
    folder.write(US, (folder.path / US).read_text() + "done: {hand-over/carla: 2026-03-02}\n")
    message = refused(folder, "carla")
    assert "'hand-over/carla', which was done on 2026-03-02" in message
    assert "set `password_round: 2` on `carla`, run `pulumi up`" in message
