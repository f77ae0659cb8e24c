"""The workflow that comments, step by step, against a code host that answers as GitHub's API does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from .files import OWN, read, steps

pytestmark = pytest.mark.skipif(
    shutil.which("jq") is None or shutil.which("bash") is None, reason="the workflow's steps need bash and jq"
)

FILE = OWN / "pull-request-comment.yml"
MARKER = "<!-- tenantry review -->"
REPORT = f"{MARKER}\n**1 person gains access in contoso/us.**\n"
SHA = "8f4b1d0c55aa5f7c9e3a7fd0f1c2d3e4a5b6c7d8"

GH = """
import json, os, subprocess, sys
from pathlib import Path

host = json.loads(Path(os.environ["HOST"]).read_text())
arguments = sys.argv[2:]
method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
path = next(one for one in arguments if one.startswith("repos/"))
if method == "GET":
    answer = json.dumps(host["answers"][path])
    jq = arguments[arguments.index("--jq") + 1]
    sys.exit(subprocess.run(["jq", "-r", jq], input=answer, text=True).returncode)
field = arguments[arguments.index("--field") + 1]
assert field.startswith("body=@")
host["posted"].append([method, path, Path(field.removeprefix("body=@")).read_text()])
Path(os.environ["HOST"]).write_text(json.dumps(host))
"""


class Run:
    """The job in a folder of its own."""

    def __init__(self, folder: Path, report: str) -> None:
        self.folder = folder
        (folder / "review").mkdir()
        (folder / "review" / "review.md").write_text(report)
        self.host = folder / "host.json"
        self.outputs = folder / "outputs"
        (folder / "bin").mkdir()
        (folder / "bin" / "gh.py").write_text(GH)
        gh = folder / "bin" / "gh"
        gh.write_text(f'#!/bin/sh\nexec {sys.executable} {folder / "bin" / "gh.py"} "$@"\n')
        gh.chmod(0o755)
        self.answers: dict[str, Any] = {
            f"repos/contoso/tenants/commits/{SHA}/pulls": [self.pull(7)],
            "repos/contoso/tenants/pulls/7/files": [{"filename": "partners/contoso/tenants/us.yaml"}],
            "repos/contoso/tenants/issues/7/comments": [],
        }

    @staticmethod
    def pull(number: int, sha: str = SHA, state: str = "open", into: str = "contoso/tenants") -> dict[str, Any]:
        return {"number": number, "state": state, "head": {"sha": sha}, "base": {"repo": {"full_name": into}}}

    def run(self) -> tuple[int, list[list[str]]]:
        """Every step in order, until one fails: the exit code, and what was posted."""
        self.host.write_text(json.dumps({"answers": self.answers, "posted": []}))
        self.outputs.write_text("")
        env = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOST": str(self.host),
            "GITHUB_OUTPUT": str(self.outputs),
            "REPOSITORY": "contoso/tenants",
            "RUN_URL": "https://github.example/contoso/tenants/actions/runs/1",
            "HEAD_SHA": SHA,
            "MAKES_REPORTS": read(FILE)["jobs"]["comment"]["env"]["MAKES_REPORTS"],
        }
        code = 0
        for step in steps(FILE):
            found = dict(line.split("=", 1) for line in self.outputs.read_text().splitlines())
            wanted = step.text.get("if", "")
            if not step.run or (wanted and not found.get("number")):
                continue
            assert wanted in ("", "${{ steps.find.outputs.number }}")
            env["NUMBER"] = found.get("number", "")
            # As the host runs a step whose shell is not named.
            command = ["bash", "-e", "-c", step.run]
            code = subprocess.run(command, cwd=self.folder, env=env, check=False).returncode
            if code:
                break
        return code, json.loads(self.host.read_text())["posted"]


@pytest.fixture
def job(tmp_path: Path) -> Run:
    return Run(tmp_path, REPORT)


def test_the_report_becomes_the_one_comment(job: Run) -> None:
    code, [[method, path, body]] = job.run()
    assert (code, method, path) == (0, "POST", "repos/contoso/tenants/issues/7/comments")
    assert body == dedent(f"""\
        {MARKER}
        _[This run](https://github.example/contoso/tenants/actions/runs/1) made the report, from {SHA[:12]}._

        **1 person gains access in contoso/us.**
        """)


def test_a_later_run_edits_it_in_place(job: Run) -> None:
    job.answers["repos/contoso/tenants/issues/7/comments"] = [
        {"id": 1, "user": {"login": "stranger"}, "body": f"{MARKER}\nNo access changes."},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "Something else."},
        {"id": 3, "user": {"login": "github-actions[bot]"}, "body": f"{MARKER}\nThe former report."},
    ]
    code, [[method, path, _]] = job.run()
    assert (code, method, path) == (0, "PATCH", "repos/contoso/tenants/issues/comments/3")


@pytest.mark.parametrize(
    "report",
    [
        "**No access changes.**\n",
        f"\n{REPORT}",
        f"{REPORT}{MARKER}\n",
        f"{REPORT}{'x' * 65_536}",
        "",
    ],
    ids=["without the marker", "marker not first", "marker twice", "too large", "empty"],
)
def test_what_is_no_report_is_not_posted(tmp_path: Path, report: str) -> None:
    code, posted = Run(tmp_path, report).run()
    assert code != 0
    assert posted == []


@pytest.mark.parametrize(
    "pulls",
    [
        [],
        [Run.pull(7, sha="0" * 40)],
        [Run.pull(7, state="closed")],
        [Run.pull(7, into="stranger/tenants")],
    ],
    ids=["none", "of another commit", "closed", "into another repository"],
)
def test_without_an_open_pull_request_of_that_commit_nothing_is_posted(job: Run, pulls: list[dict[str, Any]]) -> None:
    job.answers[f"repos/contoso/tenants/commits/{SHA}/pulls"] = pulls
    assert job.run() == (0, [])


@pytest.mark.parametrize(
    "changed",
    [
        {"filename": ".github/workflows/pull-request.yml"},
        {"filename": "tenantry/reports/markdown.py"},
        {"filename": "components/people.py"},
        {"filename": "__main__.py"},
        {"filename": "requirements.lock"},
        {"filename": "docs/x.py", "previous_filename": "policies/__main__.py"},
    ],
    ids=lambda changed: changed["filename"],
)
def test_a_change_of_what_makes_reports_is_reported_above_the_report(job: Run, changed: dict[str, str]) -> None:
    job.answers["repos/contoso/tenants/pulls/7/files"].append(changed)
    _, [[_, _, body]] = job.run()
    assert body.index("changes code or pipelines") < body.index("1 person gains access")
