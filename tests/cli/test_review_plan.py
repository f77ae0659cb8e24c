"""`tenantry review --plan`: what it answers, and by which exit code."""

import json
import shutil
from pathlib import Path

import pytest

from tests.review.plans import SCENARIOS, declared_in, plan_of

from .conftest import Tenantry


@pytest.fixture
def project(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as it was when the plans were recorded."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copy(root / name, tmp_path)
    declared_in(tmp_path / "partners", lambda _: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(project: Path, name: str) -> Path:
    declared_in(project / "partners", SCENARIOS[name].edit)
    return plan_of(name)


def test_a_plan_that_breaks_nothing_is_fine(tenantry: Tenantry, project: Path) -> None:
    ran = tenantry("review", "--plan", change(project, "leaver"), "--format", "json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    report = json.loads(ran.stdout)
    assert (report["subject"], report["base"], report["head"]) == ("plan", "the stack now", "leaver.json")
    assert report["headline"] == "1 person loses access in contoso/us."


@pytest.mark.parametrize(("fail_on", "code"), [("findings", 0), ("removals", 1), ("any", 1)])
def test_fail_on_fails_on_more(tenantry: Tenantry, project: Path, fail_on: str, code: int) -> None:
    file = change(project, "leaver")
    assert tenantry("review", "--plan", file, "--format", "json", "--fail-on", fail_on).exit_code == code


@pytest.mark.parametrize("name", ["mass-removal", "group-replaced", "mass-removal-refused"])
def test_a_broken_mandatory_rule_and_what_was_not_evaluated_always_fail(
    tenantry: Tenantry, project: Path, name: str
) -> None:
    assert tenantry("review", "--plan", change(project, name), "--format", "json").exit_code == 1


def test_findings_name_files_of_the_project(tenantry: Tenantry, project: Path) -> None:
    ran = tenantry("review", "--plan", change(project, "leaver"), "--format", "json")
    (tenant,) = json.loads(ran.stdout)["tenants"]
    files = {finding["file"] for finding in tenant["findings"]["still_open"]}
    assert files <= {None, "partners/contoso/tenants/us.yaml", "partners/contoso/partner.yaml"}


def test_a_plan_that_cannot_be_read_is_exit_code_2(tenantry: Tenantry, project: Path) -> None:
    (project / "plan.json").write_text("", "utf-8")
    ran = tenantry("review", "--plan", "plan.json")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("plan.json: found an empty file; expected: the output of `pulumi preview --json`")


def test_a_plan_of_another_stack_is_exit_code_1(tenantry: Tenantry, project: Path) -> None:
    ran = tenantry("review", "--plan", change(project, "leaver"), "--stack", "production")
    assert ran.exit_code == 1
    assert "found a plan of the stack dev" in ran.stderr
    (project / "Pulumi.dev.yaml").unlink()
    ran = tenantry("review", "--plan", plan_of("leaver"))
    assert ran.exit_code == 2
    assert "Pulumi.dev.yaml" in ran.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["HEAD", "--plan", "plan.json"], "leave out BASE"),
        (["--deployer", "someone"], "only together with --plan"),
    ],
)
def test_words_that_do_not_go_together_are_exit_code_2(
    tenantry: Tenantry, project: Path, words: list[str], message: str
) -> None:
    ran = tenantry("review", *words)
    assert ran.exit_code == 2
    assert message in ran.stderr
