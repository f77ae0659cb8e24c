"""The steps of a pull request's workflow, in order, on a repository of a partner."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .files import OWN, ROOT
from .runner import Job

PROJECT = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py", "components", "policies", "partners", "requirements.lock")
US = "partners/contoso/tenants/us.yaml"
GIT = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the workflow's steps need bash")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A checkout of the base, and one of the merged proposal."""
    for name in PROJECT:
        source, target = ROOT / name, tmp_path / "proposal" / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    git(tmp_path / "proposal", "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path / "proposal", "Base")
    (tmp_path / "base" / ".venv" / "bin").mkdir(parents=True)
    tenantry = tmp_path / "base" / ".venv" / "bin" / "tenantry"
    tenantry.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m tenantry "$@"\n')
    tenantry.chmod(0o755)
    # A runner has an environment; nothing in it may be needed.
    return Job(OWN / "pull-request.yml", "review", tmp_path, {}, {})


def git(folder: Path, *arguments: str) -> None:
    home = {"HOME": str(folder.parent), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run([*GIT, *arguments], cwd=folder, env=home, check=True, capture_output=True)


def commit(folder: Path, what: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", what)


def propose(job: Job, old: str, new: str, file: str = US) -> None:
    """A branch with one change, merged as the host merges it: the base is the first parent."""
    proposal = job.folder / "proposal"
    git(proposal, "checkout", "--quiet", "-b", "proposal")
    text = (proposal / file).read_text()
    assert old in text
    (proposal / file).write_text(text.replace(old, new, 1))
    commit(proposal, "Change")
    git(proposal, "checkout", "--quiet", "main")
    git(proposal, "merge", "--quiet", "--no-ff", "--no-edit", "proposal")


def test_a_promotion_is_reported_for_the_comment(job: Job) -> None:
    propose(job, "roles: [Sales agent]", "roles: [Admin agent]")
    assert job.run() == 0, job.output
    report = job.folder / "review"
    text = (report / "review.md").read_text()
    assert text.splitlines()[0] == "<!-- tenantry review -->"
    assert "Dmitri Okafor" in text
    assert "AdminAgents" in text
    assert text in job.summary
    assert json.loads((report / "review.json").read_text())["tenants"]
    assert (report / "review.html").read_text().lstrip().lower().startswith("<!doctype html>")


def test_a_mistake_in_the_declaration_fails_and_the_report_is_there_all_the_same(job: Job) -> None:
    propose(job, "roles: [Sales agent]", "roles: [Sales agnt]")
    assert job.run() == 1
    assert job.ran == [
        "Check the declaration and the rules",
        "Review who gains and who loses what, and evaluate the rules of the pack on the program",
        "Show it",
    ]
    assert "Sales agnt" in job.output
    assert "ot evaluated" in (job.folder / "review" / "review.md").read_text()


def test_power_that_the_declaration_does_not_give_fails_by_the_packs_rule(job: Job) -> None:
    raw = (
        'import pulumi_azuread as azuread\nazuread.DirectoryRoleAssignment("x", '
        'role_id="62e90394-69f5-4237-9190-012177145e10", principal_object_id="5eed0000-0000-4000-8000-00000000dead")\n'
    )
    propose(job, "pulumi.export(", f"{raw}pulumi.export(", "__main__.py")
    assert job.run() == 1
    text = (job.folder / "review" / "review.md").read_text()
    assert "PT-10" in text
    assert "Global Administrator" in text
