"""The job that updates: it leaves the refresh out only where drift said that the state is as the tenant."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .files import AZURE, OWN, read, scripts, steps

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps need bash")

TENANTRY = """#!/bin/sh
[ -n "$REPORT" ] && printf '%s' "$REPORT"
exit "$CODE_OF_DRIFT"
"""
PULUMI = """#!/bin/sh
printf '%s\\n' "$*" > "$ASKED"
"""
OF_THE_UPDATE = ("tenantry drift", "pulumi up")
GITHUB_SCRIPTS = [step.run for step in steps(OWN / "stack.yml") if any(name in step.run for name in OF_THE_UPDATE)]
AZURE_SCRIPTS = [
    script for script in scripts(read(AZURE / "stack.yml")) if any(name in script for name in OF_THE_UPDATE)
]

every_host = pytest.mark.parametrize("steps_of", [GITHUB_SCRIPTS, AZURE_SCRIPTS], ids=["GitHub", "Azure DevOps"])


def updated(folder: Path, steps_of: list[str], code: int, report: str) -> list[str]:
    """What `pulumi` was asked for."""
    tools = folder / "tools"
    tools.mkdir()
    for name, text in (("tenantry", TENANTRY), ("pulumi", PULUMI)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    signed_in = dict.fromkeys(("servicePrincipalId", "tenantId", "idToken", "PIPELINE_WORKSPACE", "PULUMI_STACK"), "x")
    env = signed_in | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "CODE_OF_DRIFT": str(code),
        "REPORT": report,
        "ASKED": str(folder / "asked"),
    }
    for script in steps_of:  # a process each, as on the host
        subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=env, capture_output=True, check=True)
    return (folder / "asked").read_text().split()


@every_host
@pytest.mark.parametrize("code", [0, 1, 7], ids=["no drift", "a part was not read", "undeclared access"])
def test_where_the_state_is_as_the_tenant_nothing_is_refreshed(tmp_path: Path, steps_of: list[str], code: int) -> None:
    assert "--refresh=false" in updated(tmp_path, steps_of, code, '{"state_is_current": true}')


@every_host
@pytest.mark.parametrize(
    ("code", "report"),
    [(7, '{"state_is_current": false}'), (0, "{}"), (3, ""), (0, ""), (1, "no JSON"), (2, '{"state_is_current":')],
    ids=["it is not", "not said", "not reached", "nothing said", "another text", "cut off"],
)
def test_in_any_other_case_the_update_refreshes(tmp_path: Path, steps_of: list[str], code: int, report: str) -> None:
    asked = updated(tmp_path, steps_of, code, report)
    assert asked[:2] == ["up", "--yes"]
    assert not any("refresh" in argument for argument in asked)


@every_host
def test_the_update_is_held_to_the_plan_either_way(tmp_path: Path, steps_of: list[str]) -> None:
    (tmp_path / "current").mkdir()
    (tmp_path / "unknown").mkdir()
    for folder, report in (("current", '{"state_is_current": true}'), ("unknown", "")):
        asked = updated(tmp_path / folder, steps_of, 0, report)
        assert asked[asked.index("--plan") + 1].endswith("plan.json")
        assert asked[asked.index("--policy-pack") + 1] == "policies"
