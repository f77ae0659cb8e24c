"""PartnerTenant from programs in other languages, through the plugin, on the real engine, provider and directory.

`make test` adds the package to the Python example and previews it; `make test-deep` provisions all three examples.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tenantry.access.declared import holders
from tenantry.declaration import Tenant
from tenantry.declaration.document import read
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.reports.who import who_has_what
from tenantry.roles import AgentGroup, DirectoryRole
from tests.declaration.program import EVERY_FIELD, as_sent
from tests.depth import deep

from .plugin import SECRET, Example, example, registered
from .world import SOURCE

pytestmark = [pytest.mark.engine]
LANGUAGES = ["python", "typescript", "yaml"]

#: The tenant of every field in each language: under the names that people write there, from a JSON file beside it.
PYTHON = """
import json
import pulumi
import pulumi_tenantry as tenantry

tenantry.PartnerTenant("uk", tenant=json.load(open("tenant.json")), password_secret="x" * 32)
"""
TYPESCRIPT = """
import { readFileSync } from "fs";
import * as tenantry from "@pulumi/tenantry";

const tenant: tenantry.types.input.TenantArgs = JSON.parse(readFileSync("tenant.json", "utf8"));
new tenantry.PartnerTenant("uk", { tenant, passwordSecret: "x".repeat(32) });
"""
YAML = {
    "name": "partner-tenant-yaml",
    "runtime": "yaml",
    "packages": {"tenantry": "../../components"},
    "resources": {"uk": {"type": "tenantry:PartnerTenant", "properties": {"passwordSecret": "x" * 32}}},
}


def empty_left_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: empty_left_out(inner) for key, inner in value.items() if inner not in ({}, [])}
    return [empty_left_out(inner) for inner in value] if isinstance(value, list) else value


def every_field_as_json(example: Example, content: Any) -> None:
    (example.folder / "tenant.json").write_text(json.dumps(content, default=str))


@pytest.fixture(scope="module")
def python(engine: PulumiCli) -> Iterator[Example]:
    with example(engine, "python") as made:
        yield made


@pytest.mark.xdist_group("engine-plugin")
class TestInPython:
    """One world for all: nothing here writes to the directory."""

    def test_the_package_is_added_and_no_committed_file_changes(self, python: Example) -> None:
        assert "Added package tenantry" in python.added.output
        assert (python.folder / "sdks/tenantry/pulumi_tenantry/partner_tenant.py").is_file()
        after = {name: text for name, text in python.files().items() if name in python.before}
        assert after == python.before

    @deep
    def test_the_engine_reads_the_committed_schema(self, python: Example) -> None:
        answer = python.pulumi("package", "get-schema", "../../components").ok().output
        committed = json.loads((SOURCE / "components/schema.json").read_text())
        assert empty_left_out(json.loads(answer[answer.index("{") : answer.rindex("}") + 1])) == empty_left_out(
            committed
        )

    def test_a_preview_satisfies_the_policy_pack_and_registers_what_the_program_in_tree_registers(
        self, python: Example
    ) -> None:
        preview = python.pulumi("preview", "--json", "--policy-pack", "../../policies").ok()
        assert "PT-" not in preview.output
        assert SECRET not in preview.output
        shown = registered(preview)
        made = {(name, op) for (_, name), steps in shown.items() for op, _ in steps}
        assert made >= {("uk-jonas", "create"), ("uk-kavya", "create"), ("uk-AdminAgents", "import")}
        assert shown == registered(python.world.preview("--json").ok())

    def test_every_field_comes_through(self, python: Example) -> None:
        content = read(EVERY_FIELD).content
        every_field_as_json(python, content)
        kept = python.kept("__main__.py", PYTHON)
        assert Tenant.model_validate(content) == as_model(kept)

    @deep
    def test_all_mistakes_are_reported_in_the_words_of_the_files_and_nothing_is_registered(
        self, python: Example
    ) -> None:
        program = python.folder / "__main__.py"
        wrong = program.read_text()
        for old, new in (
            ('"country": "GB"', '"country": "UK"'),
            ('"company_roles": [', '"company_rolls": ['),
            ('["Admin agent"]', '["Admn agent"]'),
            ('"2025-06-02"', '"2 June"'),
        ):
            assert old in wrong
            wrong = wrong.replace(old, new)
        with python.edited(program, wrong):
            refused = python.pulumi("preview")
        assert refused.exit_code != 0
        for message in (
            "The declaration cannot be used; nothing was changed.",
            "tenant.country: found 'UK'; expected: a country as two capital letters (ISO 3166-1). Fix: write GB",
            "tenant.people.ada.company_rolls: found the unknown key 'company_rolls'",
            "did you mean `companyRoles`?",
            "tenant.people.kavya.roles[0]: found 'Admn agent'",
            "tenant.programs.CSP.enrolledOn: found '2 June'; expected: a date. Fix: write it like \"2026-01-31\"",
        ):
            assert message in refused.output
        assert "PartnerTenant uk create" not in refused.output
        assert "azuread:" not in refused.output

    @deep
    def test_a_secret_where_a_plain_value_belongs_is_refused_and_not_shown(self, python: Example) -> None:
        program = python.folder / "__main__.py"
        named = '"full_name": "Jonas Whitfield"'
        wrong = program.read_text().replace(named, f'"full_name": pulumi.Output.secret("{SECRET}")')
        with python.edited(program, wrong):
            refused = python.pulumi("preview")
        assert refused.exit_code != 0
        assert "tenant.people.jonas.fullName: found a secret, or a value that is not known" in refused.output
        assert SECRET not in refused.output

    @deep
    def test_another_tenant_than_the_declared_one_is_refused(self, python: Example) -> None:
        program = python.folder / "__main__.py"
        with python.edited(program, program.read_text().replace("b2a7d9c4-", "a2a7d9c4-")):
            refused = python.pulumi("preview")
        assert refused.exit_code != 0
        assert "resource 'uk' has a problem: Refused: signed in to the tenant b2a7d9c4-1e08-4b6f" in refused.output
        assert "Unexpected" not in refused.output
        assert "azuread:" not in refused.output

    @deep
    def test_a_secret_that_is_too_short_is_refused_in_a_sentence(self, python: Example) -> None:
        python.pulumi("config", "set", "--secret", "passwordSecret", "too-short-canary").ok()
        try:
            refused = python.pulumi("preview")
        finally:
            python.pulumi("config", "set", "--secret", "passwordSecret", SECRET).ok()
        assert refused.exit_code != 0
        assert (
            "resource 'uk' has a problem: passwordSecret: found fewer than 32 characters; expected: " in refused.output
        )
        assert "Unexpected" not in refused.output
        assert "too-short-canary" not in refused.output


def in_language(language: str) -> Any:
    return pytest.param(language, marks=pytest.mark.xdist_group(f"engine-plugin-{language}"))


@deep
@pytest.mark.parametrize("language", [in_language(language) for language in LANGUAGES])
def test_a_program_does_what_the_program_in_tree_does(engine: PulumiCli, language: str) -> None:
    """From adding the package to drift: a world of its own for each language."""
    with example(engine, language) as made:
        assert {name: text for name, text in made.files().items() if name in made.before} == made.before
        every_field_comes_through(made)
        assert made.registered() == registered(made.world.preview("--json").ok())
        an_up_gives_everybody_what_is_declared_and_a_second_one_nothing(made)
        an_undeclared_member_is_drift(made)


def every_field_comes_through(made: Example) -> None:
    content = read(EVERY_FIELD).content
    sent = as_sent(content)
    match made.folder.name:
        case "python":
            every_field_as_json(made, content)
            kept = made.kept("__main__.py", PYTHON)
        case "typescript":
            # As a program may read it from the tenant's file, too.
            every_field_as_json(made, content)
            assert as_model(made.kept("index.ts", TYPESCRIPT)) == Tenant.model_validate(content)
            every_field_as_json(made, sent)
            kept = made.kept("index.ts", TYPESCRIPT)
        case _:
            program = json.loads(json.dumps(YAML))
            program["resources"]["uk"]["properties"]["tenant"] = whole(sent)
            kept = made.kept("Pulumi.yaml", json.dumps(program))
    assert as_model(kept) == Tenant.model_validate(content)


def an_up_gives_everybody_what_is_declared_and_a_second_one_nothing(made: Example) -> None:
    world, graph = made.world, made.world.graph
    made.pulumi("up", "--yes", "--skip-preview", "--policy-pack", "../../policies").ok()
    for group in AgentGroup:
        declared = {person.upn.split("@")[0] for person in holders(world.tenant, group).values()}
        assert graph.members(group.value) == declared
    for person in world.tenant.members.values():
        declared = {role.template_id for role in DirectoryRole if person in holders(world.tenant, role).values()}
        assert graph.roles_of(graph.user(person.upn)["id"]) == declared
    with world.writes() as writes:
        made.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes").ok()
    assert writes == []
    outputs = json.loads(made.pulumi("stack", "output", "--json").ok().output)
    assert (outputs.get("who_has_what") or outputs["whoHasWhat"]) == who_has_what(world.tenant)


def an_undeclared_member_is_drift(made: Example) -> None:
    graph = made.world.graph
    rescue = graph.user("rescue-1@contoso-partner-uk.onmicrosoft.com")["id"]
    graph.join("SalesAgents", rescue)
    drift = made.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")
    assert drift.exit_code == 7, drift.output
    assert rescue in drift.output


def whole(value: Any) -> Any:
    """Whole numbers as YAML writes them."""
    if isinstance(value, dict):
        return {key: whole(inner) for key, inner in value.items()}
    return int(value) if isinstance(value, float) else value


def as_model(kept: dict[str, Any]) -> Tenant:
    """A model as it was written to JSON by the plugin."""
    return Tenant.model_validate_json(json.dumps(kept), context={"days": "text"})
