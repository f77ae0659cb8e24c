"""The night's job, step by step: what is known reaches the issue, and where nothing is known the job fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .files import AZURE, OWN, read, scripts
from .runner import Job

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps need bash")

TENANTRY = """#!/bin/sh
[ -n "$REPORT" ] && echo "$REPORT"
exit "$CODE_OF_DRIFT"
"""
GH = """#!/bin/sh
case "$1 $2" in
  "issue list") printf '%s' "$OPEN" ;;
  *) printf '%s\\n' "$*" >> "$ASKED" ;;
esac
"""


def host(folder: Path, code: int, report: str, issue: str = "") -> dict[str, str]:
    tools = folder / "tools"
    tools.mkdir()
    for name, text in (("tenantry", TENANTRY), ("gh", GH)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    (folder / "asked").write_text("")
    return {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "CODE_OF_DRIFT": str(code),
        "REPORT": report,
        "OPEN": issue,
        "ASKED": str(folder / "asked"),
    }


def night(folder: Path, code: int, report: str, issue: str = "") -> tuple[int, str]:
    """The job's exit code, and what it asked of the code host."""
    (folder / "project").mkdir()
    names = ("matrix.stack", "matrix.tenant_id", "vars.ARM_CLIENT_ID", "vars.PULUMI_BACKEND_URL", "github.token")
    context = dict.fromkeys(names, "none") | {"matrix.stack": "us"}
    job = Job(OWN / "drift.yml", "drift", folder / "project", host(folder, code, report, issue), context)
    return job.run(), (folder / "asked").read_text()


@pytest.mark.parametrize("code", [1, 7])
def test_what_is_known_reaches_the_issue_also_where_a_part_was_not_read(tmp_path: Path, code: int) -> None:
    assert night(tmp_path, code, "a report") == (0, "issue create --title Drift in us --body-file drift.md\n")


def test_an_issue_that_is_open_is_kept_up_to_date(tmp_path: Path) -> None:
    assert night(tmp_path, 1, "a report", "7") == (0, "issue edit 7 --body-file drift.md\n")


def test_an_issue_is_closed_only_where_there_is_none(tmp_path: Path) -> None:
    assert night(tmp_path, 0, "no drift", "7") == (0, "issue close 7 --comment No drift any more.\n")


@pytest.mark.parametrize(("code", "report"), [(3, ""), (2, ""), (1, "")], ids=["not reached", "usage", "no report"])
def test_where_nothing_is_known_the_job_fails_and_no_issue_changes(tmp_path: Path, code: int, report: str) -> None:
    ended, asked = night(tmp_path, code, report, "7")
    assert ended != 0
    assert asked == ""


@pytest.mark.parametrize(
    ("code", "report", "fails"),
    [(0, "r", False), (1, "r", False), (7, "r", False), (3, "", True), (2, "", True), (1, "", True)],
)
def test_both_hosts_fail_the_job_on_the_same_codes(tmp_path: Path, code: int, report: str, fails: bool) -> None:
    (script,) = [item for item in scripts(read(AZURE / "drift.yml")) if "tenantry drift" in item]
    names = {"servicePrincipalId": "a", "tenantId": "b", "idToken": "c"}
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=host(tmp_path, code, report) | names, capture_output=True, check=False
    )
    assert (ran.returncode != 0) is fails, ran.stderr
