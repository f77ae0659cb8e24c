"""What a page quotes of a command's answer is what the command answers."""

from pathlib import Path

import pulumi
import pytest
import typer
from ruamel.yaml import YAML

import tenantry.engine.up
from components.plugin import Plugin
from tenantry.commands.up import up
from tenantry.engine import own_environment
from tenantry.engine.up import Report
from tenantry.project.paths import Project

from .pages import QUOTED, ROOT, Block, blocks, project, quotes, shell
from .test_run import SAMPLE, TENANT, served

MALLORY = "mallory.quint@contoso-partner.onmicrosoft.com"
BY_HAND = f"""
users:
  {MALLORY}: {{displayName: Mallory Quint, mail: mallory.quint@contoso.com}}
groups:
  AdminAgents: {{members: [{MALLORY}]}}
applications:
  Control panel: {{permissions: [Group.ReadWrite.All]}}
"""


def quoted(name: str) -> Block:
    (block,) = (block for block in QUOTED if block.name.startswith(name))
    return block


@pytest.mark.parametrize("page", ["README.md", "docs/ten-minutes.md"])
def test_what_make_up_ends_with(page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(_: Project, report: Report, __: object) -> int:
        print(report.who_has_what(), report.by_hand(), sep="\n")
        return 0

    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("COLUMNS", raising=False)  # set where tests run side by side
    monkeypatch.setattr(own_environment, "set_up", lambda _: None)
    monkeypatch.setattr(own_environment, "hand_over", lambda *_: None)
    monkeypatch.setattr(tenantry.engine.up, "up", run)
    with pytest.raises(typer.Exit):
        up()
    shown = capsys.readouterr().out
    assert quotes(quoted(f"{page}: Who has which access"), shown), shown


def test_what_a_review_says_of_the_first_change(tmp_path: Path) -> None:
    env = project(tmp_path, *SAMPLE)
    (change,) = blocks("docs/ten-minutes.md", "diff")
    (tmp_path / "change.diff").write_text(change.text)
    ran = shell("git apply change.diff\nrm change.diff\ntenantry review", tmp_path, env)
    assert ran.failed == []
    assert quotes(quoted("docs/ten-minutes.md: 1 person gains access"), ran.output), ran.output


def test_what_an_audit_says_of_what_was_done_by_hand(tmp_path: Path) -> None:
    env = project(tmp_path, *SAMPLE)
    (tmp_path / "by-hand.yaml").write_text(BY_HAND)
    with served(tmp_path):
        ran = shell(
            f'tenantry rehearse up\neval "$(tenantry env)"\ntenantry directory seed by-hand.yaml --tenant {TENANT}\n'
            "tenantry audit --tenant us",
            tmp_path,
            env,
        )
    assert ran.failed == ["1: tenantry audit --tenant us"], ran.output
    assert quotes(quoted("docs/audit.md: Contoso Partner (US)"), ran.output), ran.output


def test_what_the_plugin_says_of_mistakes() -> None:
    example = YAML(typ="safe", pure=True).load((ROOT / "examples/yaml/Pulumi.yaml").read_text("utf-8"))
    content = example["resources"]["uk"]["properties"]["tenant"]
    people = content["people"]
    people["kavya"]["roles"] = ["Admn agent"]
    people["ada"]["companyRolls"] = people["ada"].pop("companyRoles")
    with pytest.raises(pulumi.InputPropertiesError) as refused:
        Plugin().construct("uk", "tenantry:index:PartnerTenant", {"tenant": content, "passwordSecret": "x" * 40})
    message = str(refused.value)
    assert quotes(quoted("docs/plugin.md: The declaration cannot be used"), message), message


def test_a_quote_is_found_wherever_lines_break_and_only_in_order() -> None:
    def block(text: str) -> Block:
        return Block("page.md", 1, "text", text)

    output = "First: Ada\n  has a role\nSecond: Bob   leaves\nThird: Cy stays\n"
    assert quotes(block("First: Ada has\na role\n"), output)
    assert quotes(block("First: … a role\n…\nThird: Cy …\n"), output.replace("\n  has", " has"))
    assert not quotes(block("First: … leaves\n"), output)
    assert not quotes(block("Third: Cy stays\n…\nFirst: Ada\n"), output)
    assert not quotes(block("First: Ada\nSecond: Bob\n"), output)
