"""Temporary passwords: the same in every run, another for everybody else, and never a weak one."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenantry.passwords import MIN_SECRET, temporary_password

SECRET = "s" * MIN_SECRET
secrets = st.text(st.characters(exclude_categories=["Cs"]), min_size=MIN_SECRET, max_size=80)
words = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=64)
rounds = st.integers(1, 1_000_000)
inputs = st.tuples(secrets, words, words, rounds)


def test_a_password_never_changes_by_itself() -> None:
    """Accounts live on with passwords of earlier releases: another value here is a breaking change."""
    assert temporary_password(SECRET, "t", "ada") == "T7-6glzgd-55coup-2qbi33-6iy34j"


@given(inputs)
def test_the_same_inputs_give_the_same_password(these: tuple[str, str, str, int]) -> None:
    assert temporary_password(*these) == temporary_password(*these)


@given(inputs, inputs)
def test_any_other_input_gives_another_password(
    these: tuple[str, str, str, int], those: tuple[str, str, str, int]
) -> None:
    assume(these != those)
    assert temporary_password(*these) != temporary_password(*those)


@pytest.mark.parametrize(
    "other",
    [("x" * MIN_SECRET, "t", "ada", 1), (SECRET, "u", "ada", 1), (SECRET, "t", "bob", 1), (SECRET, "t", "ada", 2)],
    ids=["secret", "tenant", "person", "round"],
)
def test_every_part_matters(other: tuple[str, str, str, int]) -> None:
    assert temporary_password(*other) != temporary_password(SECRET, "t", "ada", 1)


def test_parts_do_not_run_into_each_other() -> None:
    assert temporary_password(SECRET, "t", "ada", 11) != temporary_password(SECRET, "t", "ada1", 1)
    assert temporary_password(SECRET, "ta", "da") != temporary_password(SECRET, "t", "ada")


def test_the_first_round_is_one_and_the_tenants_id_has_no_case() -> None:
    assert temporary_password(SECRET, "AB", "ada") == temporary_password(SECRET, "ab", "ada", 1)


@given(inputs)
def test_every_password_meets_entras_complexity_rule(these: tuple[str, str, str, int]) -> None:
    password = temporary_password(*these)
    assert 8 <= len(password) <= 256
    for characters in (string.ascii_uppercase, string.ascii_lowercase, string.digits, "-"):
        assert set(password) & set(characters)
    assert password.isascii()
    assert password.isprintable()
    assert " " not in password


@given(st.text(min_size=1, max_size=MIN_SECRET - 1))
def test_a_short_secret_is_refused_and_not_repeated(secret: str) -> None:
    canary = ("canary" + secret)[: MIN_SECRET - 1]
    with pytest.raises(ValueError, match=f"fewer than {MIN_SECRET} characters") as refused:
        temporary_password(canary, "t", "ada")
    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None
