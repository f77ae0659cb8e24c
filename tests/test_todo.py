"""What is left to people: exactly what no API can do, with who may do it, where, and when it is done."""

from pathlib import Path
from typing import Any

import pytest

from tenantry.declaration import FtopApproval, PersonState, Tenant, load
from tenantry.todo import ENROLMENT, FTOP_APPROVAL, todos

FIELDS = ("what", "who", "where", "steps", "done_when")


@pytest.fixture(scope="module")
def us(root: Path) -> Tenant:
    return load(root / "partners/contoso").tenants["us"]


def with_person(tenant: Tenant, key: str, **fields: Any) -> Tenant:
    people = {**tenant.members, key: tenant.members[key].model_copy(update=fields)}
    return tenant.model_copy(update={"people": people})


def about(tenant: Tenant, *words: str) -> list[str]:
    return [todo.what for todo in todos(tenant) if all(word in todo.what for word in words)]


def test_every_entry_says_what_who_where_how_and_when_it_is_done(us: Tenant) -> None:
    for entry in todos(us):
        assert all(getattr(entry, name) for name in FIELDS)
        assert all(getattr(entry, name) in str(entry) for name in FIELDS)


def test_no_entry_stands_twice(us: Tenant) -> None:
    assert len(set(todos(us))) == len(todos(us))


def test_ftop_is_approved_once_by_a_global_admin_who_is_no_emergency_account(us: Tenant) -> None:
    (entry,) = [todo for todo in todos(us) if "Approve FTOP" in todo.what]
    assert entry.where == FTOP_APPROVAL
    assert entry.who == "a Global admin of this tenant (Ada Nakamura, Bruno Keller)"


def test_an_approval_that_is_declared_is_done(us: Tenant) -> None:
    assert us.ftop
    approval = FtopApproval.model_validate({"on": us.programs["FastTrack"].enrolled_on, "by": "ada"})  # type: ignore[index]
    approved = us.model_copy(update={"ftop": us.ftop.model_copy(update={"approval": approval})})
    assert about(us, "Approve FTOP")
    assert not about(approved, "Approve FTOP")


def test_passwords_are_handed_to_those_whose_accounts_are_made_here(us: Tenant) -> None:
    handed = about(us, "Hand the temporary password")
    assert len(handed) == 10
    assert not any("Ada Nakamura" in what for what in handed)


@pytest.mark.parametrize("state", [PersonState.LEAVER, PersonState.DISABLED])
def test_nobody_who_may_not_sign_in_is_handed_a_password(us: Tenant, state: PersonState) -> None:
    assert about(us, "Hand", "Carla Jensen")
    assert not about(with_person(us, "carla", state=state), "Hand", "Carla Jensen")


def test_partner_center_roles_are_given_by_an_account_admin(us: Tenant) -> None:
    (entry,) = [todo for todo in todos(us) if "Support request admin" in todo.what]
    assert entry.what == "See that Emma Lindqvist holds Support request admin"
    assert entry.who == "an Account admin or Global admin (Ada Nakamura)"


def test_customers_are_assigned_to_those_who_can_get_into_ftop(us: Tenant) -> None:
    assert about(us, "Assign Fabrikam Inc. to Ines Costa as FastTrack Engineer")
    assert not about(with_person(us, "ines", roles=()), "Assign Fabrikam")
    assert not about(with_person(us, "ines", state=PersonState.LEAVER), "Assign Fabrikam")


def test_a_leaver_leaves_nothing_to_do(us: Tenant) -> None:
    left = with_person(us, "emma", state=PersonState.LEAVER)
    assert not any("Emma" in str(todo) for todo in todos(left))


def test_the_enrolment_address_is_the_documents() -> None:
    assert ENROLMENT == "https://partnercenter.microsoft.com/pcv/register/joinnow/enrollmentWelcome/valueaddedreseller"
