"""What a review of a change foretells, the real engine refuses: in a preview or, where names collide, in the update."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tenantry.declaration import Declaration, load
from tenantry.reports.review import Report, Subject, Verdict
from tenantry.review.compare import Snapshot, compare
from tenantry.roles import AgentGroup
from tests.depth import deep

from .world import World

pytestmark = [pytest.mark.engine, deep]

CARLA, EMMA = (f"{name}@contoso-partner.onmicrosoft.com" for name in ("carla.jensen", "emma.lindqvist"))

Edit = Callable[[Any], None]


def another_country(content: Any) -> None:
    content["country"] = "CA"


def removed(content: Any) -> None:
    del content["people"]["farid"]


def another_key(content: Any) -> None:
    content["people"]["carla-holt"] = content["people"].pop("carla")


def emergency_removed(content: Any) -> None:
    del content["people"]["rescue-2"]


def too_much(content: Any) -> None:
    for key in ("bruno", "carla"):
        content["people"][key]["roles"] = ["Helpdesk agent"]


def foretold(before: Declaration, after: Declaration) -> Report:
    sides = (Snapshot("contoso/us", "dev", item) for item in (before, after))
    message = compare(*sides, today=date.today())
    return Report(subject=Subject.CHANGE, base="base", head="head", tenants=(message,))


def changed(world: World, edit: Edit) -> Report:
    folder = world.tenant_file.parents[1]
    before = load(folder)
    with world.declaration() as content:
        edit(content)
    return foretold(before, load(folder))


def refused_as_foretold(world: World, edit: Edit, says: str) -> None:
    text = world.tenant_file.read_text()
    try:
        assert changed(world, edit).verdict is Verdict.REFUSED
        refused = world.preview()
    finally:
        world.tenant_file.write_text(text)
    assert refused.exit_code != 0
    assert says in refused.output


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (another_country, "last updated with `country: US`"),
        (removed, "Farid Haddad"),
        (another_key, "former_keys: [carla]"),
        (emergency_removed, "rescue-2"),
        (too_much, "PT-204"),
    ],
)
def test_a_preview_refuses_what_was_foretold(shared_copy: World, edit: Edit, says: str) -> None:
    refused_as_foretold(shared_copy, edit, says)


def test_a_mode_that_changes_in_one_step_is_refused(shared_copy: World) -> None:
    ids = {group.value: shared_copy.graph.group_id(group.value) for group in AgentGroup}

    def another_mode(content: Any) -> None:
        content["mode"] = "additive"
        content["agent_groups"] = {"ids": ids}

    refused_as_foretold(shared_copy, another_mode, "in one step")


def test_a_tenant_that_says_another_country_is_refused_before_anything_was_made(shared_copy: World) -> None:
    """Also where no state knows it: the tenant does."""
    shared_copy.pulumi("stack", "init", "first").ok()
    try:
        config = ("config", "set", "--stack", "first")
        shared_copy.pulumi(*config, "tenantry:tenant", "contoso/us").ok()
        shared_copy.pulumi(*config, "--secret", "tenantry:passwordSecret", "0123456789-abcdefghij-0123456789").ok()
        text = shared_copy.tenant_file.read_text()
        with shared_copy.declaration() as content:
            another_country(content)
        refused = shared_copy.preview("--stack", "first")
        shared_copy.tenant_file.write_text(text)
    finally:
        shared_copy.pulumi("stack", "select", "dev").ok()
    assert refused.exit_code != 0
    assert "says that its country is US" in refused.output


def test_names_that_are_swapped_are_refused_before_the_update_touches_anything(own_copy: World) -> None:
    def swap(content: Any) -> None:
        people = content["people"]
        people["carla"]["upn"], people["emma"]["upn"] = EMMA, CARLA

    report = changed(own_copy, swap)
    assert (report.verdict, {item.rule for _, item in report.refused}) == (Verdict.REFUSED, {"PT-304"})
    with own_copy.writes() as writes:
        ran = own_copy.up()
    assert ran.exit_code != 0
    assert "Refused (PT-304): `people.carla` is to sign in as" in ran.output, ran.output
    assert writes == []
