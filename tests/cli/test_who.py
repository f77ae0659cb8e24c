"""`tenantry who`, `todo` and `schema`: their goldens, and that no name escapes from its place."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tenantry.reference.pages import PAGES
from tests.declaration.folder import US, Folder
from tests.review.rendered import markdown_shape, markdown_words, tokens
from tests.review.test_render_hostile import READ_BY_HOSTS

from .conftest import Ran, Tenantry

Golden = Callable[[str, str], None]

HOSTILE = [
    "Eve | Admin | yes",
    "Eve `code` ``",
    "<script>alert(1)</script>",
    "[red]Eve[/red]",
    "[Eve](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "**Eve** _x_ ~~y~~",
    "# Eve",
    "@contoso-owners",
    "Eve\\|",
    "&lt;b&gt;",
    "https://evil.example",
    "Eve \u200d\u200c",
]


@pytest.mark.parametrize("tenant", ["us", "uk"])
@pytest.mark.parametrize(
    ("form", "ending"),
    [
        ("terminal", "txt"),
        ("matrix", "matrix.txt"),
        ("markdown", "md"),
        ("html", "html"),
        ("csv", "csv"),
        ("json", "json"),
    ],
)
def test_golden_who(
    tenantry: Tenantry, sample: Path, matches_golden: Golden, tenant: str, form: str, ending: str
) -> None:
    ran = tenantry("who", sample, "--tenant", tenant, "--format", form)
    assert (ran.exit_code, ran.stderr) == (0, "")
    matches_golden(f"who-{tenant}.{ending}", ran.stdout)


@pytest.fixture(scope="module")
def adatum(root: Path) -> Path:
    """A partner with fifty customers."""
    return root / "examples/adatum"


@pytest.mark.parametrize(
    ("options", "golden"),
    [
        ((), "who-customers.txt"),
        (("--format", "markdown"), "who-customers.md"),
        (("--customer", "tailspin"), "who-customer.txt"),
        (("--customer", "tailspin", "--format", "csv"), "who-customer.csv"),
        (("--customer", "tailspin", "--format", "json"), "who-customer.json"),
    ],
)
def test_golden_who_at_customers(
    tenantry: Tenantry, adatum: Path, matches_golden: Golden, options: tuple[str, ...], golden: str
) -> None:
    ran = tenantry("who", adatum, *options)
    assert (ran.exit_code, ran.stderr) == (0, "")
    matches_golden(golden, ran.stdout)


@pytest.mark.parametrize("named", ["tailspin-toys", "TAILSPIN TOYS", "tailspintoys.example", "00000026-0b7e"])
def test_a_customer_is_found_by_key_name_domain_and_tenant_id(tenantry: Tenantry, adatum: Path, named: str) -> None:
    found = json.loads(tenantry("who", adatum, "--customer", named, "--format", "json").stdout)
    people = found["tenants"][0]["people"]
    assert {one["key"]: {at["role"] for at in one["customers"]} for one in people} == {
        "pia": {"Exchange Administrator"},
        "quinn": {"Helpdesk Administrator", "Service Support Administrator"},
        "rosa": {"Exchange Administrator", "Helpdesk Administrator", "Service Support Administrator"},
    }
    assert {at["name"] for one in people for at in one["customers"]} == {"Tailspin Toys"}


def test_a_customer_that_nobody_declared_exits_2_and_names_the_nearest(tenantry: Tenantry, adatum: Path) -> None:
    ran = tenantry("who", adatum, "--customer", "tailspn-toys")
    assert ran.exit_code == 2
    assert "did you mean 'tailspin-toys'?" in " ".join(ran.stderr.replace("│", "").split())


def test_somebody_who_is_asked_for_is_shown_customer_by_customer(tenantry: Tenantry, adatum: Path) -> None:
    said = tenantry("who", adatum, "--person", "pia").stdout
    assert said.count("for 730 days from") == 50
    assert "Wide World Importers" in said
    assert "Wide World Importers" not in tenantry("who", adatum).stdout


def test_every_row_of_every_customer_is_in_the_csv(tenantry: Tenantry, adatum: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(tenantry("who", adatum, "--format", "csv").stdout)))
    held = [row for row in rows if row["Kind"] == "role at a customer"]
    assert len(held) == 50 * 6
    assert len({(row["Key"], row["Role"], row["Gives"]) for row in held}) == len(held)


def test_golden_todo(tenantry: Tenantry, sample: Path, matches_golden: Golden) -> None:
    ran = tenantry("todo", sample)
    assert (ran.exit_code, ran.stderr) == (0, "")
    matches_golden("todo.txt", ran.stdout)


def test_without_a_tenant_every_partner_tenant_is_shown(tenantry: Tenantry, sample: Path) -> None:
    output = tenantry("who", sample).stdout
    assert "Contoso Partner (US)" in output
    assert "Contoso Partner (UK)" in output


def people(ran: Ran) -> list[str]:
    return [person["key"] for tenant in json.loads(ran.stdout)["tenants"] for person in tenant["people"]]


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        (["--role", "Global admin"], ["ada", "bruno", "rescue-1", "rescue-2"]),
        (["--role", "global_administrator"], ["ada", "bruno", "rescue-1", "rescue-2"]),
        (["--role", "Account admin"], ["ada"]),
        (["--person", "carla"], ["carla"]),
        (["--person", "TANAKA"], ["hiro"]),
        (["--person", "ｔａｎａｋａ"], ["hiro"]),
        (["--can", "manage-users"], ["ada", "bruno", "grace"]),
        (["--can", "approve-ftop"], ["ada", "bruno"]),
        (["--can", "ftop"], []),
        (["--can", "manage-users", "--role", "Global admin", "--person", "bruno"], ["bruno"]),
        (["--person", "nobody"], []),
    ],
)
def test_filters_show_exactly_who_is_asked_for(
    tenantry: Tenantry, sample: Path, filters: list[str], shown: list[str]
) -> None:
    assert people(tenantry("who", sample, "--tenant", "us", "--format", "json", *filters)) == shown


def test_only_those_who_get_into_ftop_can_ftop(tenantry: Tenantry, folder: Folder) -> None:
    text = "  ines: {full_name: Ines Costa, upn: ines@contoso-partner.onmicrosoft.com, roles: [Helpdesk agent]}\n"
    gone = text.replace("ines", "noor").replace("]}", "], state: disabled}")
    folder.replace(US, text, f"{text}{gone}")
    assert people(tenantry("who", folder.path, "--format", "json", "--can", "ftop")) == ["ada", "carla", "ines"]


def test_the_questions_of_the_guide_are_answered(tenantry: Tenantry, sample: Path) -> None:
    output = tenantry("who", sample, "--tenant", "us").stdout
    assert "- Who can manage users here: Ada Nakamura, Bruno Keller, Grace Mbeki\n" in output
    assert "- Your global admin: Ada Nakamura, Bruno Keller\n" in output
    assert "- An account admin: Ada Nakamura\n" in output


def test_a_role_that_is_none_exits_2_and_names_the_nearest(tenantry: Tenantry, sample: Path) -> None:
    ran = tenantry("who", sample, "--role", "Helpdesk agnt")
    assert ran.exit_code == 2
    assert "did you mean 'Helpdesk agent'?" in " ".join(ran.stderr.replace("│", "").split())
    assert "Admin agent" in tenantry("who", sample, "--role", "zzz").stderr


def test_an_eligible_role_is_distinguished_from_a_standing_one(tenantry: Tenantry, folder: Folder) -> None:
    roles = "      - Billing admin\n"
    folder.replace(US, roles, f"{roles}    assignments: {{Billing Administrator: {{eligible: true}}}}\n")
    carla = next(
        line for line in tenantry("who", folder.path, "--format", "matrix").stdout.splitlines() if "Carla" in line
    )
    assert ("●" in carla, "○" in carla) == (True, True)
    assert "✓ Billing Administrator (eligible)" in tenantry("who", folder.path, "--format", "markdown").stdout


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_no_markup_on_the_page(tenantry: Tenantry, folder: Folder, name: str) -> None:
    def tags(text: str) -> list[str]:
        return re.findall(r"<[^>]*>", text.partition("</head>")[2])

    honest = tenantry("who", folder.path, "--format", "html").stdout
    folder.replace(US, "'Carla Jensen'", json.dumps(name.strip(), ensure_ascii=False))
    output = tenantry("who", folder.path, "--format", "html").stdout
    assert output != honest
    assert tags(output) == tags(honest)
    assert "<script" not in output


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x"])
def test_a_hostile_name_is_no_formula_in_csv(tenantry: Tenantry, folder: Folder, name: str) -> None:
    folder.replace(US, "'Carla Jensen'", json.dumps(name))
    rows = list(csv.reader(io.StringIO(tenantry("who", folder.path, "--format", "csv").stdout)))
    assert f"'{name}" in {row[2] for row in rows}
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize("name", ["own-use", "nowhere", ""])
def test_a_tenant_that_is_none_exits_2_and_names_those_there_are(tenantry: Tenantry, sample: Path, name: str) -> None:
    ran = tenantry("who", sample, "--tenant", name)
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert "uk, us" in ran.stderr


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_literal_text_on_the_terminal(tenantry: Tenantry, folder: Folder, name: str) -> None:
    folder.replace(US, "'Carla Jensen'", json.dumps(name.strip(), ensure_ascii=False))
    ran = tenantry("who", folder.path)
    assert ran.exit_code == 0
    assert name.strip().replace("\u200d", "").replace("\u200c", "")[:20] in ran.stdout
    assert "\x1b" not in ran.stdout


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_in_its_markdown_cell(tenantry: Tenantry, folder: Folder, name: str) -> None:
    honest = tenantry("who", folder.path, "--format", "markdown").stdout
    folder.replace(US, "'Carla Jensen'", json.dumps(name.strip(), ensure_ascii=False))
    output = tenantry("who", folder.path, "--format", "markdown").stdout
    (was,) = set(honest.splitlines()) - set(output.splitlines())
    (now,) = set(output.splitlines()) - set(honest.splitlines())
    assert now.count("|") == was.count("|")
    assert markdown_shape(output) == markdown_shape(honest)
    assert not [words for words in markdown_words(now.split("<br>")[0]) if READ_BY_HOSTS.search(words)]


@pytest.mark.parametrize("upn", ["eve`x@contoso.com", "eve|x@contoso.com", "eve\\|x@contoso.com", "<b>@contoso.com"])
def test_a_hostile_sign_in_name_stays_in_its_markdown_cell(tenantry: Tenantry, folder: Folder, upn: str) -> None:
    honest = tenantry("who", folder.path, "--format", "markdown").stdout
    folder.replace(US, '"carla@contoso-partner.onmicrosoft.com"', json.dumps(upn))
    output = tenantry("who", folder.path, "--format", "markdown").stdout
    (was,) = set(honest.splitlines()) - set(output.splitlines())
    (now,) = set(output.splitlines()) - set(honest.splitlines())
    assert now.count("|") == was.count("|")
    assert markdown_shape(output) == markdown_shape(honest)
    shown = "".join(token.content for token in tokens(now) if token.type in {"text", "text_special", "code_inline"})
    assert upn.replace("`", "") in shown.replace("`", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_tenant_name_stays_in_its_heading(tenantry: Tenantry, folder: Folder, name: str) -> None:
    honest = tenantry("who", folder.path, "--format", "markdown").stdout
    folder.replace(US, "name: Contoso Partner (US)", f"name: {json.dumps(name.strip(), ensure_ascii=False)}")
    output = tenantry("who", folder.path, "--format", "markdown").stdout
    heading = output.splitlines()[0]
    assert heading.startswith("## Who has which access in ")
    assert markdown_shape(output) == markdown_shape(honest)
    assert not [words for words in markdown_words(heading) if READ_BY_HOSTS.search(words)]
    assert tenantry("who", folder.path).exit_code == 0


def test_a_hostile_tenant_name_is_no_markup_on_the_terminal(tenantry: Tenantry, folder: Folder) -> None:
    folder.replace(US, "name: Contoso Partner (US)", 'name: "[red]Eve[/blue]"')
    ran = tenantry("who", folder.path)
    assert ran.exit_code == 0
    assert "Who has which access in [red]Eve[/blue]" in ran.stdout


@pytest.mark.parametrize("kind", ["partner", "tenant", "seed"])
def test_schema_is_the_committed_one(tenantry: Tenantry, root: Path, kind: str) -> None:
    ran = tenantry("schema", kind)
    assert ran.exit_code == 0
    assert ran.stdout == (root / f"schemas/{kind}.schema.json").read_text(encoding="utf-8")
    assert f"schemas/{kind}.schema.json" in PAGES


def test_where_one_tenant_alone_could_be_meant_no_choice_is_offered(tenantry: Tenantry, folder: Folder) -> None:
    ran = tenantry("who", folder.path, "--tenant", "uk")
    assert ran.exit_code == 2
    assert "unknown partner tenant 'uk'; expected: us" in ran.stderr
