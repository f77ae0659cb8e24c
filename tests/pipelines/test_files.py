"""The pipelines' files: pinned, with the least permissions, and nothing of a pull request in a script."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .files import AZURE, GITHUB, OWN, read, scripts, steps

WORKFLOWS = sorted(OWN.glob("*.yml"))
PIPELINES = sorted(AZURE.glob("*.yml"))
UNTRUSTED = ("pull-request.yml", "ci.yml")
"""Workflows that run code of a pull request."""


def names(files: list[Path]) -> list[str]:
    return [file.name for file in files]


every_workflow = pytest.mark.parametrize("file", WORKFLOWS, ids=names(WORKFLOWS))
every_pipeline = pytest.mark.parametrize("file", PIPELINES, ids=names(PIPELINES))


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    return dict(read(file)["jobs"])


def test_a_partners_repository_keeps_all_workflows_but_the_projects_own() -> None:
    kept = {file.name: file.read_text() for file in WORKFLOWS if file.name != "ci.yml"}
    assert {file.name: file.read_text() for file in GITHUB.glob("*")} == kept


@every_workflow
def test_actions_are_pinned_by_digest_with_their_version_beside(file: Path) -> None:
    for step in steps(file):
        if step.uses:
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", step.uses), str(step)
    for line in file.read_text().splitlines():
        if re.search(r"^\s*(- )?uses: [^.]", line):
            assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@every_workflow
def test_nothing_is_permitted_but_what_a_job_names(file: Path) -> None:
    assert read(file)["permissions"] == {}
    for name, job in jobs(file).items():
        assert job["permissions"], name
        assert job.get("timeout-minutes") or job.get("uses"), name


@every_workflow
def test_only_who_has_to_may_write_or_sign_in(file: Path) -> None:
    writes = {
        f"{name} {what}"
        for name, job in jobs(file).items()
        for what, how in job["permissions"].items()
        if how == "write"
    }
    assert (
        writes
        == {
            "ci.yml": set(),
            "pull-request.yml": set(),
            "pull-request-comment.yml": {"comment pull-requests"},
            "deploy.yml": {"stack id-token"},
            "stack.yml": {"preview id-token", "update id-token"},
            "drift.yml": {"drift id-token", "drift issues"},
        }[file.name]
    )


@every_workflow
def test_no_expression_stands_inside_a_script(file: Path) -> None:
    """What others can write (a branch, a title) would be code there; in `env` it is a value."""
    for step in steps(file):
        assert "${{" not in step.run, str(step)


@every_workflow
def test_no_token_stays_behind_in_a_checkout(file: Path) -> None:
    for step in steps(file):
        if step.uses.startswith("actions/checkout@"):
            assert step.text["with"]["persist-credentials"] is False, str(step)


@pytest.mark.parametrize("name", UNTRUSTED)
def test_what_runs_foreign_code_has_no_secret_and_no_sign_in(name: str) -> None:
    text = (OWN / name).read_text()
    triggers = read(OWN / name)["on"]
    assert "pull_request_target" not in triggers
    assert not re.search(r"\b(secrets|vars)\.|id-token|environment:|azure/login", text, re.IGNORECASE)


def test_what_writes_comments_runs_nothing_of_the_pull_request() -> None:
    file = OWN / "pull-request-comment.yml"
    assert list(read(file)["on"]) == ["workflow_run"]
    assert {step.uses.split("@")[0] for step in steps(file) if step.uses} == {"actions/download-artifact"}
    for step in steps(file):
        assert not re.search(r"\b(python\d?|make|pulumi|source|eval|bash|sh|xargs)\b|\.venv", step.run)


def test_an_update_waits_for_its_environment_and_takes_the_plan() -> None:
    update = jobs(OWN / "stack.yml")["update"]
    assert update["environment"] == "${{ inputs.stack }}"
    assert update["needs"] == "preview"
    (up,) = [step.run for step in steps(OWN / "stack.yml") if "pulumi up" in step.run]
    assert "--plan plan/plan.json" in up
    assert "--policy-pack policies" in up
    assert "--skip-preview" not in up


@pytest.mark.parametrize(("name", "job"), [("deploy.yml", "stack"), ("drift.yml", "drift")])
def test_one_run_at_a_time_for_a_stack_and_none_is_cut_off(name: str, job: str) -> None:
    assert jobs(OWN / name)[job]["concurrency"] == {
        "group": "stack-${{ matrix.stack }}",
        "cancel-in-progress": False,
    }


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed: it checks the workflows")
def test_actionlint_has_nothing_to_say() -> None:
    ran = subprocess.run(["actionlint", *WORKFLOWS], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "")


@every_pipeline
def test_no_macro_stands_inside_a_script(file: Path) -> None:
    """`$(name)` of Azure DevOps is put in before the shell reads the script; only the shell's own stand there."""
    for script in scripts(read(file)):
        assert "${{" not in script
        for found in re.findall(r"\$\(([A-Za-z][\w.]*)\)", script):
            pytest.fail(f"{file.name}: $({found})")


@every_pipeline
def test_a_script_of_several_lines_stops_at_the_first_failure(file: Path) -> None:
    for script in scripts(read(file)):
        lines = [line for line in script.splitlines() if line.strip()]
        if len(lines) > 1 and not script.startswith("git worktree"):
            assert lines[0] == "set -euo pipefail", script


def test_a_pull_requests_pipeline_uses_no_service_connection() -> None:
    text = (AZURE / "pull-request.yml").read_text()
    assert not re.search(r"azureSubscription|System\.AccessToken|group:", text)
    assert "persistCredentials: false" in text


@every_pipeline
def test_every_job_has_a_limit_of_time(file: Path) -> None:
    def found(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, dict):
            own = [node] if "job" in node or "deployment" in node else []
            return own + [job for value in node.values() for job in found(value)]
        return [job for item in node for job in found(item)] if isinstance(node, list) else []

    for job in found(read(file)):
        assert job["timeoutInMinutes"] <= 60, file.name


def test_both_hosts_run_the_same_commands() -> None:
    """In order, the commands of the product: what differs is how one signs in and where a report goes."""

    def commands(text: str) -> list[str]:
        pattern = r"(?:tenantry (?:check|review|todo|drift)|pulumi (?:preview|up))(?: [^\n|>&]+)?"
        text = re.sub(r"^ *#.*", "", text, flags=re.MULTILINE)
        return [" ".join(item.split()) for item in re.findall(pattern, text)]

    def of(file: Path) -> list[str]:
        found = "\n".join(step.run for step in steps(file)) if file.parent == OWN else "\n".join(scripts(read(file)))
        return [
            re.sub(r"--plan \S+plan\.json\"?", "--plan PLAN", command).rstrip("'\" ")
            for command in commands(found.replace(".venv/bin/", ""))
        ]

    for name in ("pull-request.yml", "stack.yml", "drift.yml"):
        ours, theirs = of(OWN / name), of(AZURE / name)
        assert ours, name
        assert ours == theirs, name
