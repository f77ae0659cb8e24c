"""Whose account a UPN means, and where an adopted account is not as declared."""

from pathlib import Path
from typing import Any

import pytest

from tenantry.access.adoption import compare, look_up, sign_in_names
from tenantry.access.principals import Principal
from tenantry.declaration import Tenant, load
from tenantry.declaration.person import PersonState
from tenantry.graph.models import User

ADA = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"
OTHER = "91d5f0b7-6f4b-4b59-8f0c-6e0a7c1d2f02"
UPN = "ada.nakamura@contoso-partner.onmicrosoft.com"
FORMER = "ada.sato@contoso-partner.onmicrosoft.com"


@pytest.fixture(scope="module")
def us(root: Path) -> Tenant:
    return load(root / "partners/contoso").tenants["us"]


def changed(tenant: Tenant, key: str, **fields: Any) -> Tenant:
    person = tenant.members[key].model_copy(update=fields)
    return tenant.model_copy(update={"people": {**tenant.members, key: person}})


@pytest.fixture(scope="module")
def by_upn(us: Tenant) -> Tenant:
    return changed(us, "ada", adopted="by-upn", former_upns=(FORMER,))


def account(object_id: str = ADA, upn: str = UPN, name: str = "Ada Nakamura") -> Principal:
    return Principal.in_directory(object_id, name, upn)


def user(object_id: str = ADA, upn: str = UPN, **fields: Any) -> User:
    known = {"display_name": "Somebody", "account_enabled": True, "user_type": "Member"}
    unknown = dict.fromkeys(("mail", "on_premises_sync_enabled", "created_date_time", "last_password_change_date_time"))
    return User.model_validate({"id": object_id, "user_principal_name": upn, **unknown, **known, **fields})


# By UPN


def test_only_those_who_are_adopted_by_upn_are_looked_up_by_every_name_that_they_had(
    us: Tenant, by_upn: Tenant
) -> None:
    assert sign_in_names(us) == []
    assert sign_in_names(by_upn) == [UPN, FORMER]


def test_the_one_account_of_the_name_is_theirs_whatever_its_case(by_upn: Tenant) -> None:
    found = look_up(by_upn, [account(upn=UPN.title())])
    assert found.refusals == ()
    assert {key: item.object_id for key, item in found.accounts.items()} == {"ada": ADA}
    resolved = by_upn.with_object_ids({"ada": ADA})
    assert (resolved.members["ada"].adopted_id, resolved.looked_up) == (ADA, {})


def test_an_account_that_came_twice_is_one(by_upn: Tenant) -> None:
    assert look_up(by_upn, [account(), account()]).refusals == ()


@pytest.mark.parametrize(
    ("accounts", "messages"),
    [
        ([], (f"this tenant has no account {UPN} or {FORMER}", "remove `adopted`")),
        (
            [account(upn=FORMER, name="Aiko Sato")],
            (f"no account {UPN};", f"Aiko Sato ({FORMER}, {ADA})", f"write `adopted: {ADA}` under `people.ada`"),
        ),
        (
            [account(), account(OTHER, FORMER, "Aiko Sato")],
            ("there are 2 accounts", f"Aiko Sato ({FORMER}, {OTHER})", f"`adopted: {ADA}` or `adopted: {OTHER}`"),
        ),
    ],
    ids=["none", "only a former name", "several"],
)
def test_without_exactly_one_account_what_was_found_is_reported_with_the_line_to_write(
    by_upn: Tenant, accounts: list[Principal], messages: tuple[str, ...]
) -> None:
    found = look_up(by_upn, accounts)
    (refusal,) = found.refusals
    assert found.accounts == {}
    for words in ("Refused: `people.ada` is adopted by UPN", "Nothing was changed", *messages):
        assert words in refusal


def test_a_leaver_without_an_account_is_to_be_taken_out_of_the_file(by_upn: Tenant) -> None:
    (refusal,) = look_up(changed(by_upn, "ada", state=PersonState.LEAVER), []).refusals
    assert "remove `ada` from the file" in refusal


def test_one_account_is_not_two_people(by_upn: Tenant) -> None:
    (refusal,) = look_up(changed(by_upn, "bruno", adopted=ADA), [account()]).refusals
    assert "which `people.bruno` adopts as well" in refusal
    twin = changed(by_upn, "bruno", adopted="by-upn", upn=UPN)
    assert "which `people.ada` adopts as well" in look_up(twin, [account()]).refusals[0]


# Compared


def test_an_account_that_is_as_declared_is_passed_over_in_silence(us: Tenant) -> None:
    assert compare(us, [user()]) == compare(changed(us, "ada", adopted=None), [])


@pytest.mark.parametrize(
    ("accounts", "messages"),
    [
        ([], (f"names {ADA}, but this tenant has no account",)),
        ([user(upn="mallory@contoso.com", display_name="Mallory")], ("the account of Mallory (mallory@contoso.com)",)),
        ([user(user_type="Guest")], ("names a guest", "AdminAgents, Global Administrator (PT-106)")),
    ],
    ids=["gone", "somebody else", "a guest's"],
)
def test_an_account_that_may_not_be_theirs_is_refused(
    us: Tenant, accounts: list[User], messages: tuple[str, ...]
) -> None:
    compared = compare(us, accounts)
    (refusal,) = compared.refusals
    for words in ("Refused: `people.ada.adopted`", "Nothing was changed", *messages):
        assert words in refusal
    # Somebody who leaves gets nothing: their account may be gone, or renamed by whoever disabled it.
    assert compare(changed(us, "ada", state=PersonState.LEAVER), accounts).refusals == ()


def test_a_guest_who_holds_nothing_may_be_named(us: Tenant) -> None:
    assert compare(changed(us, "ada", roles=()), [user(user_type="Guest")]).refusals == ()


def test_a_former_name_is_theirs_and_reported(us: Tenant) -> None:
    compared = compare(changed(us, "ada", former_upns=(FORMER,)), [user(upn=FORMER)])
    assert compared.refusals == ()
    (warning,) = compared.warnings
    assert f"Ada Nakamura ({FORMER}, `people.ada`) is declared as {UPN}" in warning


@pytest.mark.parametrize(
    ("fields", "found", "message"),
    [
        ({}, {"account_enabled": False}, "is disabled, and cannot use AdminAgents, Global Administrator"),
        ({"state": PersonState.LEAVER}, {}, "is declared `state: leaver` but can still sign in"),
        ({}, {"on_premises_sync_enabled": True}, "who holds Global Administrator (PT-312)"),
    ],
    ids=["disabled", "a leaver who can sign in", "synchronised"],
)
def test_what_is_declared_and_stays_undone_is_reported_and_does_not_stop_anybody(
    us: Tenant, fields: dict[str, Any], found: dict[str, Any], message: str
) -> None:
    compared = compare(changed(us, "ada", **fields), [user(**found)])
    assert compared.refusals == ()
    (warning,) = compared.warnings
    assert message in warning


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"roles": ()}, {"account_enabled": False}),
        ({"state": PersonState.LEAVER}, {"account_enabled": False}),
        ({"roles": ()}, {"on_premises_sync_enabled": True}),
        ({"former_upns": (UPN,)}, {}),
    ],
)
def test_what_takes_nothing_from_anybody_is_not_reported(
    us: Tenant, fields: dict[str, Any], found: dict[str, Any]
) -> None:
    compared = compare(changed(us, "ada", **fields), [user(**found)])
    assert (compared.refusals, compared.warnings) == ((), ())
