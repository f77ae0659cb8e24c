"""The steps of the default branch's and the nightly workflow, in order, with the real engine."""

import json
from pathlib import Path

import pytest

from tests.depth import deep
from tests.pipelines.files import OWN
from tests.pipelines.runner import Job

from .world import World

pytestmark = [pytest.mark.engine, deep]
TENANT = "us"
AT = "@contoso-partner.onmicrosoft.com"

GH = """#!/bin/sh
case "$1 $2" in
  "issue list") cat "$ISSUES" ;;
  *) printf '%s\\n' "$*" >> "$ASKED" ;;
esac
"""


def signed_in(world: World) -> dict[str, str]:
    """What the host's sign-in gives: here a client secret, and no OIDC."""
    names = ("ARM_", "PULUMI_", "SSL_", "PATH", "HOME", "VIRTUAL_ENV")
    return {k: v for k, v in world.env.items() if k.startswith(names)} | {"ARM_USE_OIDC": "false"}


def job(world: World, file: str, name: str, **more: str) -> Job:
    context = {
        "inputs.stack": "dev",
        "inputs.tenant-id": world.tenant.id,
        "matrix.stack": "dev",
        "matrix.tenant_id": world.tenant.id,
        "vars.UPDATE_PRINCIPAL_ID": "5eed0000-0000-4000-8000-00000000dead",
        "vars.ARM_CLIENT_ID": world.env["ARM_CLIENT_ID"],
        "vars.PULUMI_BACKEND_URL": world.env["PULUMI_BACKEND_URL"],
        "github.token": "none",
    }
    return Job(OWN / file, name, world.project.root, {**signed_in(world), **more}, context)


def state_is_current(world: World) -> bool:
    """Whether the update's job found so, and left out the refresh."""
    return bool(json.loads((world.project.root / "drift.json").read_text())["state_is_current"])


def test_what_was_approved_is_what_is_done(own_copy: World) -> None:
    world = own_copy
    with world.declaration() as document:
        document["people"]["dmitri"]["roles"] = ["Helpdesk agent"]
    preview = job(world, "stack.yml", "preview")
    assert preview.run() == 0, preview.output
    assert "Dmitri Okafor" in preview.summary
    assert preview.outputs["steps.plan.outputs.changes"] == "2"
    assert "dmitri.okafor" in world.graph.members("SalesAgents"), "a preview writes nothing"
    update = job(world, "stack.yml", "update")
    assert update.run() == 0, update.output
    assert "dmitri.okafor" in world.graph.members("HelpdeskAgents")
    assert "dmitri.okafor" not in world.graph.members("SalesAgents")
    assert state_is_current(world)


def test_from_the_default_branch_to_the_tenant_and_through_the_night(world: World, tmp_path: Path) -> None:
    preview = job(world, "stack.yml", "preview")
    assert preview.run() == 0, preview.output
    assert int(preview.outputs["steps.plan.outputs.changes"]) > 30
    assert "Bruno Keller" in preview.summary
    assert world.graph.members("SalesAgents") == set(), "a preview writes nothing"

    update = job(world, "stack.yml", "update")
    assert update.run() == 0, update.output
    assert world.graph.members("SalesAgents") == {"dmitri.okafor", "hiro.tanaka"}
    assert "Hand the temporary password" in update.summary

    again = job(world, "stack.yml", "preview")
    assert again.run() == 0, again.output
    assert again.outputs["steps.plan.outputs.changes"] == "0"

    asked, issues, tools = tmp_path / "asked", tmp_path / "issues", tmp_path / "bin"
    tools.mkdir()
    (tools / "gh").write_text(GH)
    (tools / "gh").chmod(0o755)
    issues.write_text("")
    host = {"ASKED": str(asked), "ISSUES": str(issues), "PATH": f"{tools}:{world.env['PATH']}"}

    def night() -> str:
        asked.write_text("")
        drift = job(world, "drift.yml", "drift", **host)
        assert drift.run() == 0, drift.output
        return asked.read_text()

    assert night() == ""
    dmitri = world.graph.user(f"dmitri.okafor{AT}")["id"]
    world.graph("DELETE", f"/groups/{world.graph.group_id('SalesAgents')}/members/{dmitri}/$ref")
    assert night() == "issue create --title Drift in dev --body-file drift.md\n"
    assert "Dmitri Okafor" in (world.project.root / "drift.md").read_text()
    issues.write_text("7\n")
    assert night() == "issue edit 7 --body-file drift.md\n"

    # What was approved is not what would happen any more: the plan holds the update to it.
    stale = job(world, "stack.yml", "update")
    assert stale.run() != 0
    assert not state_is_current(world)
    assert world.graph.members("SalesAgents") == {"hiro.tanaka"}

    repair = job(world, "stack.yml", "preview")
    assert repair.run() == 0, repair.output
    assert job(world, "stack.yml", "update").run() == 0
    assert world.graph.members("SalesAgents") == {"dmitri.okafor", "hiro.tanaka"}
    assert night() == "issue close 7 --comment No drift any more.\n"
    assert json.loads((world.project.root / "plan" / "preview.json").read_text())["changeSummary"]
