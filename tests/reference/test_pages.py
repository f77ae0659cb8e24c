"""The committed pages are what the code renders, and the schemas describe what the models take."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.access.declared import identities
from tenantry.access.registered import read
from tenantry.declaration import load
from tenantry.reference.pages import PAGES, Example, examples, write
from tenantry.reports.check import Checked, check_partner
from tenantry.roles import CompanyRole, PartnerRole
from tenantry.rules import RULES, Rule, evaluate, evidence_of
from tests.programs.harness import shown, source, write_partner

SCHEMAS = [path for path in PAGES if path.endswith(".schema.json")]


@pytest.mark.parametrize("path", PAGES)
def test_a_committed_page_is_what_the_code_renders(root: Path, path: str) -> None:
    assert (root / path).read_text(encoding="utf-8") == PAGES[path](), "render it anew: make docs"


def test_pages_are_written_below_a_folder(tmp_path: Path) -> None:
    write(tmp_path)
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == sorted(PAGES)


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_refuses_unknown_keys_everywhere(path: str) -> None:
    def objects(schema: Any) -> list[dict[str, Any]]:
        inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
        here = [schema] if isinstance(schema, dict) and "properties" in schema and "type" in schema else []
        return here + [found for item in inner for found in objects(item)]

    found = objects(json.loads(PAGES[path]()))
    assert found
    assert all(schema["additionalProperties"] is False for schema in found)


def test_every_key_of_a_json_document_is_described() -> None:
    rows = [line.split(" | ") for line in PAGES["docs/json.md"]().splitlines() if line.startswith("| `")]
    assert {row[0] for row in rows} >= {"| `results`", "| `done_when`", "| `customer_key`", "| `to_take_back`"}
    assert [row[0] for row in rows if not row[1].removesuffix("|").strip()] == []


def test_the_schema_lists_exactly_the_roles_that_there_are() -> None:
    person = json.loads(PAGES["schemas/tenant.schema.json"]())["$defs"]["Person"]["properties"]
    assert person["roles"]["items"]["enum"] == [role.value for role in PartnerRole]
    assert person["company_roles"]["items"]["enum"] == [role.value for role in CompanyRole]


@pytest.mark.parametrize(
    "file",
    [
        *(f"partners/contoso/{file}" for file in ("partner.yaml", "tenants/us.yaml", "tenants/uk.yaml")),
        "partners/contoso/tenants/own-use.yaml",
        "examples/adatum/customers/us.yaml",
    ],
)
def test_the_sample_tells_editors_its_schema(root: Path, file: str) -> None:
    sample = root / file
    modeline = sample.read_text(encoding="utf-8").splitlines()[0]
    schema = modeline.removeprefix("# yaml-language-server: $schema=")
    assert schema != modeline
    assert (sample.parent / schema).resolve().relative_to(root.resolve()).as_posix() in PAGES


def test_the_example_of_a_seed_tells_editors_its_schema(root: Path) -> None:
    seed = root / "examples/seeds/ten-years.yaml"
    modeline = seed.read_text(encoding="utf-8").splitlines()[0]
    schema = modeline.removeprefix("# yaml-language-server: $schema=")
    assert (seed.parent / schema).resolve() == root.resolve() / "schemas/seed.schema.json"


DECLARATION, EXAMPLES = examples()
DECLARED = {rule: example for rule, example in EXAMPLES.items() if example.kind == "yaml"}
PROGRAMS = {rule: example for rule, example in EXAMPLES.items() if example.kind == "python"}
TODAY = date(2026, 11, 22)


def check_with(folder: Path, file: str, piece: str) -> Checked:
    return check_partner(write_partner(folder, {file: piece}), TODAY)


def test_the_declaration_of_the_examples_breaks_no_rule(tmp_path: Path) -> None:
    checked = check_with(tmp_path, "", "")
    assert (checked.problems, checked.findings) == ((), [])


@pytest.mark.parametrize(("rule", "example"), DECLARED.items(), ids=list(DECLARED))
def test_an_example_breaks_exactly_its_rule_in_the_stated_field_and_the_other_does_not(
    tmp_path: Path, rule: str, example: Example
) -> None:
    fires = check_with(tmp_path / "fires", example.file, example.fires)
    fine = check_with(tmp_path / "fine", example.file, example.fine)
    assert (fires.problems, fine.problems) == ((), ())
    assert [(finding.rule, finding.path) for finding in fires.findings] == [(rule, example.at)]
    assert [str(finding) for finding in fine.findings if finding.rule == rule] == []
    assert [str(finding) for finding in fine.findings if finding.level.blocks] == []


def found_in(folder: Path, program: str) -> set[str]:
    """The rules that break where a piece of a program is added to the honest raw one."""
    declaration = load(write_partner(folder / "partners"))
    tenant = declaration.tenants["us"]
    view = read(
        shown(folder / "program", program), identities(tenant), tenant.agent_groups.ids, consent=tenant.ftop_consent
    )
    evaluated = evaluate(evidence_of(declaration, "us", view, TODAY))
    return {finding.rule for result in evaluated for finding in result.findings}


@pytest.mark.parametrize(("rule", "example"), PROGRAMS.items(), ids=list(PROGRAMS))
def test_an_example_of_a_program_breaks_exactly_its_rule_and_the_other_none(
    tmp_path: Path, rule: str, example: Example
) -> None:
    pytest.importorskip("pulumi_azuread")
    where = "before" if example.before else "after"
    beside = {"PT-304"} if rule == "PT-307" else set()  # the raw program has made her account already
    assert found_in(tmp_path / "fires", source(**{where: example.fires})) == {rule} | beside
    assert found_in(tmp_path / "fine", source(**{where: example.fine})) == beside


def test_the_raw_program_breaks_no_rule(tmp_path: Path) -> None:
    pytest.importorskip("pulumi_azuread")
    assert found_in(tmp_path, source()) == set()


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_rule_has_a_page_with_an_example_and_a_row_in_the_index(rule: Rule) -> None:
    page = PAGES[f"docs/rules/{rule.id}.md"]()
    for message in (rule.title, rule.level.value, rule.severity.value, rule.scope.value, rule.source, rule.remediation):
        assert message in page
    assert rule.id in EXAMPLES, "write one in docs/rules/examples.yaml"
    assert EXAMPLES[rule.id].fires.strip() in page
    assert EXAMPLES[rule.id].fine.strip() in page
    assert f"| [{rule.id}](rules/{rule.id}.md) | {rule.title} |" in PAGES["docs/rules.md"]()


def test_there_is_no_page_of_a_rule_that_there_is_not(root: Path) -> None:
    pages = {file.relative_to(root).as_posix() for file in (root / "docs/rules").glob("*.md")}
    assert pages == {path for path in PAGES if path.startswith("docs/rules/")}
