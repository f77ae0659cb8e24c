"""A plan of the real engine, reviewed, and then applied: what the review said is what happens to the tenant."""

import json
from datetime import date
from pathlib import Path

import pytest

from tenantry.project.stacks import declared_stack
from tenantry.reports.review import Report, Verdict
from tenantry.review.command import review_plan
from tenantry.roles import DirectoryRole
from tests.depth import deep
from tests.review.plans import SCENARIOS, preview, swap_carla_for_an_undeclared_account

from .world import World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-review-plan")]

CHANGE = SCENARIOS["leaver-promotion-undeclared"]


def reviewed(world: World, *arguments: str) -> tuple[Report, Path]:
    file = world.project.root / "plan.json"
    file.write_text(json.dumps(preview(world, *arguments)), "utf-8")
    return review_plan(file, stack=None, here=world.project.root, today=date.today()), file


def held(world: World) -> dict[str, set[str]]:
    """Who holds what in the tenant, by object id, and who may sign in."""
    graph = world.graph
    found = {name: graph.member_ids(name) for name in ("AdminAgents", "HelpdeskAgents", "SalesAgents")}
    assignments = graph("GET", "/roleManagement/directory/roleAssignments")["value"]
    for role in DirectoryRole:
        found[role.value] = {a["principalId"] for a in assignments if a["roleDefinitionId"] == role.template_id}
    users = graph("GET", "/users?$select=id,accountEnabled")["value"]
    return found | {"may sign in": {user["id"] for user in users if user["accountEnabled"]}}


@deep
def test_what_the_review_of_a_plan_says_is_what_happens(own_copy: World) -> None:
    world = own_copy
    world.graph.empower()  # else the leaver, who holds a directory role, would go in two steps
    assert reviewed(world)[0].verdict is Verdict.NO_CHANGES
    assert reviewed(world, "--show-sames")[0].verdict is Verdict.NO_CHANGES

    swap_carla_for_an_undeclared_account(world)
    with world.declaration() as content:
        CHANGE.edit(content)
    before = held(world)
    report, file = reviewed(world)
    assert report.verdict is Verdict.CHANGES
    assert report.blocking == 0
    assert '"password": "[secret]"' in file.read_text("utf-8")

    ids = {
        key: person.adopted or world.graph.user(person.upn)["id"]
        for key, person in declared_stack(world.project, "dev").tenant.members.items()
    }
    (tenant,) = report.tenants
    expected = {name: set(holders) for name, holders in before.items()}
    for person in tenant.people:
        object_id = ids[person.key] if person.key else person.name.rpartition(" ")[2]
        for gain in person.gains:
            expected[gain.name].add(object_id)
        for loss in person.losses:
            expected[loss.name].remove(object_id)
        if "is disabled" in person.notes:
            expected["may sign in"].remove(object_id)
    assert expected != before

    world.up().ok()
    assert held(world) == expected
    assert reviewed(world)[0].verdict is Verdict.NO_CHANGES


@deep
def test_the_program_refuses_what_the_plan_would_show_as_too_much(own_copy: World) -> None:
    world = own_copy
    file = world.tenant_file.read_text("utf-8")
    with world.declaration() as content:
        SCENARIOS["mass-removal"].edit(content)
    try:
        report, _ = reviewed(world)
    finally:
        world.tenant_file.write_text(file, "utf-8")
    assert report.verdict is Verdict.NOT_EVALUATED
    (unseen,) = report.everything_not_evaluated
    assert unseen.why.startswith("Refused (PT-204): this change removes")
