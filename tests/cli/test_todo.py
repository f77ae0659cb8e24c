"""`tenantry todo`: by tenant, by person, and in every format."""

import json
from pathlib import Path

import pytest

from tests.declaration.folder import US, Folder

from .conftest import Tenantry


@pytest.fixture
def sample(root: Path) -> Path:
    return root / "partners/contoso"


def test_one_tenant_and_one_person_are_reported_alone(tenantry: Tenantry, sample: Path) -> None:
    ran = tenantry("todo", sample, "--tenant", "us", "--person", "lindqvist", "--format", "json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    (us,) = json.loads(ran.stdout)["tenants"]
    assert us["tenant"] == "contoso/us"
    assert [item["id"] for item in us["todos"]] == ["hand-over/emma", "company-role/emma/support-request-admin"]
    assert [item["people"] for item in us["todos"]] == [["emma"], ["emma"]]
    assert all(item["who"] and item["where"] and item["steps"] and item["done_when"] for item in us["todos"])


def test_without_a_person_what_is_about_nobody_is_reported_too(tenantry: Tenantry, sample: Path) -> None:
    def ids(*arguments: str) -> list[str]:
        messages = json.loads(tenantry("todo", sample, "--tenant", "us", "--format", "json", *arguments).stdout)
        return [item["id"] for item in messages["tenants"][0]["todos"]]

    assert "approve-ftop" in ids()
    assert set(ids("--person", "ines")) < set(ids()) - {"approve-ftop"}
    assert ids("--person", "nobody at all") == []


def test_markdown_has_a_box_to_tick_for_each(tenantry: Tenantry, sample: Path) -> None:
    messages = tenantry("todo", sample, "--tenant", "us", "--person", "emma", "--format", "markdown").stdout
    assert [line[:5] for line in messages.splitlines() if line.startswith("- ")] == ["- [ ]", "- [ ]"]
    assert "tenantry handover emma" in messages


def test_a_tenant_that_is_not_there_is_named(tenantry: Tenantry, sample: Path) -> None:
    ran = tenantry("todo", sample, "--tenant", "mars")
    assert ran.exit_code == 2
    assert "mars" in ran.stderr


def test_a_leaver_whose_account_is_adopted_is_to_be_disabled_by_hand(tenantry: Tenantry, folder: Folder) -> None:
    text = (folder.path / US).read_text()
    zoe = (
        "  zoe: {full_name: Zoe Berg, upn: zoe@contoso-partner.onmicrosoft.com, roles: [Admin agent], state: leaver, "
        "adopted: eeeeeeee-0000-4000-8000-00000000000e}\n"
    )
    folder.write(US, text.replace("ftop:\n", f"{zoe}ftop:\n"))
    messages = json.loads(tenantry("todo", folder.path, "--person", "zoe", "--format", "json").stdout)
    (todo,) = [item for tenant in messages["tenants"] for item in tenant["todos"]]
    assert (todo["id"], todo["kind"]) == ("disable/zoe", "disable")
