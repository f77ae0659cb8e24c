"""The zero-change gate, on plans as the engine wrote them: what of them is a change of the tenant."""

from pathlib import Path

import pytest

from tenantry.access.preview import parse
from tenantry.adopt.verify import Verified, changes
from tenantry.declaration import Stack, load

PLANS = Path(__file__).parents[1] / "data/plans"


def of(name: str) -> list[str]:
    file = PLANS / f"{name}.json"
    return list(changes(Stack(load(PLANS / "partners/contoso"), "us"), parse(file, file.read_bytes())))


def test_a_plan_in_which_all_stays_changes_nothing() -> None:
    assert of("unchanged") == []


@pytest.mark.parametrize(
    "name",
    [
        "first-up",
        "hire",
        "promotion",
        "eligible",
        "leaver",
        "mass-removal",
        "group-replaced",
        "rename",
        "account-deleted",
    ],
)
def test_a_plan_that_makes_changes_or_takes_anything_is_named(name: str) -> None:
    assert of(name)


def test_of_access_it_says_who_would_get_and_lose_what() -> None:
    gained = [change for change in of("promotion") if " would get " in change]
    lost = [change for change in of("mass-removal") if " would lose " in change]
    assert gained
    assert lost


def test_components_providers_and_records_of_roles_are_no_change() -> None:
    made = of("first-up")
    assert not [change for change in made if "(DirectoryRole)" in change or "(azuread)" in change]
    assert not [change for change in made if "PartnerTenant" in change]


@pytest.mark.parametrize(
    ("changed", "refused", "exit_code"), [((), (), 0), (("one",), (), 1), ((), ("why",), 1), (("one",), ("why",), 1)]
)
def test_it_passes_only_where_nothing_changes_and_nothing_was_refused(
    changed: tuple[str, ...], refused: tuple[str, ...], exit_code: int
) -> None:
    assert Verified("northwind/main", "main", False, 3, changed, refused).exit_code == exit_code
