"""How much a piece of access can do."""

import pytest

from tenantry.access.danger import Danger, danger_of
from tenantry.access.grants import Grant, OtherRole
from tenantry.access.principals import Principal
from tenantry.role_templates import ROLE_TEMPLATES

ADA = Principal.in_directory("00000001-0000-4000-8000-000000000000", "Ada Moss")
BY_NAME = {role.name: role.id for role in ROLE_TEMPLATES.values()}


@pytest.mark.parametrize("name", ["Directory Readers", "Reports Reader", "Message Center Reader"])
def test_a_directory_role_that_only_reads_ranks_as_reading(name: str) -> None:
    assert danger_of(Grant.of(ADA, OtherRole(BY_NAME[name]))) is Danger.READING


@pytest.mark.parametrize("name", ["Global Reader", "Security Reader", "Directory Writers", "Helpdesk Administrator"])
def test_any_other_role_outside_table_1_may_reach_everything(name: str) -> None:
    assert danger_of(Grant.of(ADA, OtherRole(BY_NAME[name]))) is Danger.EVERYTHING


def test_a_role_of_the_tenants_own_may_reach_everything_whatever_it_is_called() -> None:
    assert danger_of(Grant.of(ADA, OtherRole("aaaaaaaa-0000-4000-8000-000000000001"))) is Danger.EVERYTHING


@pytest.mark.parametrize(
    ("name", "danger"),
    [
        ("Global Administrator", Danger.EVERYTHING),
        ("Privileged Role Administrator", Danger.EVERYTHING),
        ("Privileged Authentication Administrator", Danger.EVERYTHING),
        ("Helpdesk Administrator", Danger.PEOPLE_AND_MONEY),
        ("Billing Administrator", Danger.PEOPLE_AND_MONEY),
        ("Exchange Administrator", Danger.CUSTOMERS),
        ("Reports Reader", Danger.READING),
    ],
)
def test_a_role_at_a_customer_ranks_by_what_it_reaches_there(name: str, danger: Danger) -> None:
    assert danger_of(Grant.at_customer(ADA, "11111111-0b7e-4a55-9a53-0f6f3b1f0c11", BY_NAME[name].upper())) is danger


def test_a_role_of_the_customers_own_may_reach_everything() -> None:
    own = "aaaaaaaa-0000-4000-8000-000000000001"
    assert danger_of(Grant.at_customer(ADA, "11111111-0b7e-4a55-9a53-0f6f3b1f0c11", own)) is Danger.EVERYTHING
