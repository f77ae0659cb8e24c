"""`tenantry ftop`: its goldens, its exit codes, and that it says nothing of a declaration that is wrong."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.declaration.folder import US, Folder

from .conftest import Tenantry

Golden = Callable[[str, str], None]


@pytest.fixture
def busy(folder: Folder) -> Folder:
    """A tenant with an assignment in every state."""
    folder.replace(
        US,
        "      assignments: {ines: [FastTrack Engineer]}\n",
        """\
      assignments: {ines: [FastTrack Engineer, Regional Manager], carla: [FastTrack Manager]}
    northwind:
      name: '=HYPERLINK("https://evil.example","Northwind") | <b>Ltd.</b>'
      assignments: {zoe: [FastTrack Engineer], ines: [FastTrack Engineer], noor: [FastTrack Manager]}
    tailspin: {name: Tailspin Toys, assignments: {}}
done: {assign/fabrikam/ines: 2026-03-02, assign/fabrikam/carla: 2026-03-02}
""",
    )
    text = (folder.path / US).read_text()
    people = """\
  noor: {full_name: Noor Haddad, upn: noor@contoso-partner.onmicrosoft.com, roles: []}
  zoe: {full_name: Zoe Berg, upn: zoe@contoso-partner.onmicrosoft.com, roles: [Admin agent], state: leaver}
"""
    carla = 'upn: "carla@contoso-partner.onmicrosoft.com"\n'
    text = text.replace(carla, f"{carla}    former_upns: [carla.j@contoso.com]\n")
    folder.write(US, text.replace("ftop:\n", f"{people}ftop:\n"))
    return folder


@pytest.mark.parametrize(
    ("form", "ending"), [("terminal", "txt"), ("csv", "csv"), ("markdown", "md"), ("json", "json")]
)
def test_golden_ftop(tenantry: Tenantry, busy: Folder, matches_golden: Golden, form: str, ending: str) -> None:
    ran = tenantry("ftop", busy.path, "--format", form)
    assert (ran.exit_code, ran.stderr) == (0, "")
    matches_golden(f"ftop.{ending}", ran.stdout)


def test_csv_and_json_say_the_same(tenantry: Tenantry, busy: Folder) -> None:
    read = list(csv.DictReader(io.StringIO(tenantry("ftop", busy.path, "--format", "csv").stdout)))
    rows = json.loads(tenantry("ftop", busy.path, "--format", "json").stdout)["rows"]
    assert [row["UPN"] for row in read] == [row["upn"] for row in rows]
    assert [row["Customer"].removeprefix("'") for row in read] == [row["customer"] for row in rows]
    assert {row["state"] for row in rows} == {"to assign", "assigned", "to withdraw", "incomplete", "nobody assigned"}


def test_every_tenant_or_the_named_one(tenantry: Tenantry, sample: Path) -> None:
    assert "Fabrikam Inc." in tenantry("ftop", sample).stdout
    assert "Fabrikam Inc." in tenantry("ftop", sample, "--tenant", "us").stdout
    none = tenantry("ftop", sample, "--tenant", "uk")
    assert (none.exit_code, none.stdout) == (0, "No FTOP customers are declared.\n")
    assert tenantry("ftop", sample, "--tenant", "uk", "--format", "csv").stdout.count("\n") == 1
    assert json.loads(tenantry("ftop", sample, "--tenant", "uk", "--format", "json").stdout)["rows"] == []


@pytest.mark.parametrize("name", ["own-use", "nowhere"])
def test_a_tenant_that_is_none_exits_2(tenantry: Tenantry, sample: Path, name: str) -> None:
    ran = tenantry("ftop", sample, "--tenant", name)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "uk, us" in ran.stderr


@pytest.mark.parametrize("form", ["terminal", "csv", "markdown", "json"])
def test_a_declaration_that_is_wrong_exits_1_with_its_mistakes_and_no_sheet(
    tenantry: Tenantry, folder: Folder, form: str
) -> None:
    folder.replace(US, "{ines: [FastTrack Engineer]}", "{ines: [FastTrack Pilot], nobody: [Regional Manager]}")
    ran = tenantry("ftop", folder.path, "--format", form)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "FastTrack Pilot" in ran.stderr
    folder.write(US, "x: [")
    assert tenantry("ftop", folder.path, "--format", form).exit_code == 2


def test_a_name_is_no_markup_on_the_terminal(tenantry: Tenantry, folder: Folder) -> None:
    folder.replace(US, "name: Fabrikam Inc.", 'name: "[red]Eve[/blue]"')
    assert "[red]Eve[/blue]" in tenantry("ftop", folder.path).stdout
