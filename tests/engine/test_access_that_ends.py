"""On the real engine: access until a day is given before and taken on it; an identity stays; a deviation keeps out."""

from datetime import date, timedelta
from typing import Any

import pytest

from tenantry.roles import DirectoryRole
from tests.depth import deep

from .world import World

TENANT = "uk"
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-ends"), deep]

BEFORE: dict[str, str] = {}
"""The files as they were, by path."""
BILLING = DirectoryRole.BILLING_ADMINISTRATOR.template_id
GLOBAL = DirectoryRole.GLOBAL_ADMINISTRATOR.template_id
#: As if the day had come, for a program that asks which one it is.
ON_THE_DAY = """\
import datetime
import sys

import tenantry.declaration
import tenantry.rules


class OnTheDay(datetime.date):
    @classmethod
    def today(cls) -> "OnTheDay":
        return cls.fromisoformat("{day}")


sys.modules["tenantry.declaration.load"].date = OnTheDay
sys.modules["tenantry.rules"].date = OnTheDay
"""


def decided() -> dict[str, Any]:
    # Days of their own for each entry: the same object twice would be written as an alias.
    begin, end = date.today() - timedelta(days=1), date.today() + timedelta(days=30)
    return {"reason": "Until the move", "owner": "Ada Nakamura", "decided_on": begin, "until": end}


def let_it_be(world: World, day: date) -> None:
    """Let the program and the policy pack load the declaration as of a day."""
    for file, first in (
        (world.program, "import pulumi\n"),
        (world.project.root / "policies/__main__.py", "import sys\n"),
    ):
        head, marker, rest = BEFORE.setdefault(str(file), file.read_text()).partition(first)
        file.write_text(f"{head}{ON_THE_DAY.format(day=day)}\n{marker}{rest}")


def test_access_is_given_until_its_day_and_the_next_update_takes_it_away(world: World) -> None:
    graph, last = world.graph, date.today() + timedelta(days=30)
    app = graph("POST", "/applications", displayName="Backup Bridge")["appId"]
    bridge = graph("POST", "/servicePrincipals", appId=app)["id"]
    graph.join("AdminAgents", bridge)
    with world.declaration() as tenant:
        people = tenant["people"]
        people["kavya"]["roles"] = ["Admin agent", "Billing admin"]
        people["kavya"]["until"] = {"Billing admin": {"date": last, "reason": "Until the move"}}
        people["jonas"]["without"] = {"AdminAgents": decided()}
        tenant["identities"] = {
            "bridge": {"object_id": bridge, "name": "Backup Bridge", "groups": ["AdminAgents"], **decided()}
        }

    world.up().ok()
    jonas, kavya = (
        graph.user(f"{who}@{world.tenant.domains.initial}")["id"] for who in ("jonas.whitfield", "kavya.rao")
    )
    assert graph.roles_of(kavya) == {BILLING}
    assert graph.roles_of(jonas) == {GLOBAL}
    assert bridge in graph.member_ids("AdminAgents"), "an authoritative update keeps a declared identity"
    assert jonas not in graph.member_ids("AdminAgents"), "kept out of the group that the role gives"
    assert world.drift().exit_code == 0

    # On the day the role goes; the deviation and the identity have theirs as their last.
    let_it_be(world, last)
    world.up().ok()
    assert graph.roles_of(kavya) == set()
    assert kavya in graph.member_ids("AdminAgents"), "the other role stays"
    assert bridge in graph.member_ids("AdminAgents")
    assert jonas not in graph.member_ids("AdminAgents")

    # The day after, nobody is put into AdminAgents by the calendar: somebody has to decide. The identity goes.
    let_it_be(world, last + timedelta(days=1))
    refused = world.up()
    assert refused.exit_code != 0
    assert "PT-102" in refused.output
    assert jonas not in graph.member_ids("AdminAgents")
    with world.declaration() as tenant:
        del tenant["people"]["jonas"]["without"]
    world.up().ok()
    assert bridge not in graph.member_ids("AdminAgents")
    assert jonas in graph.member_ids("AdminAgents")
