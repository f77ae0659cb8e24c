"""A refusal names whom others added or removed, and nobody whom the declaration itself adds or removes."""

from tenantry.roles import AgentGroup
from tenantry.rules.change.advice import changed_by_others

from .builder import UNDECLARED, World, id_of

ADMINS, HELPDESK = AgentGroup.ADMIN_AGENTS, AgentGroup.HELPDESK_AGENTS
LAST = {
    ADMINS: {id_of(key) for key in ("ada", "bruno", "carla")},
    HELPDESK: {id_of(key) for key in ("dora", "emil", "gus")},
}


def test_nobody_is_named_where_others_changed_nothing() -> None:
    world = World()
    world.drop("dora")
    world.person("emil", roles=["Admin agent"])
    assert world.change.losses
    assert world.change.gains
    assert changed_by_others(world.change, LAST) is None


def test_who_was_added_and_who_was_removed_is_named_by_group() -> None:
    world = World()
    world.holds(ADMINS, UNDECLARED, owned=True)
    world.remake(lambda held: None if held.power is HELPDESK and held.principal.object_id != id_of("dora") else held)
    assert changed_by_others(world.change, LAST) == (
        "Changed outside this stack since the last update: Sven Dahl (sven.dahl@acme-partner.onmicrosoft.com) was "
        "added to AdminAgents; Emil Hill (emil.hill@acme-partner.onmicrosoft.com) and Gus Dale "
        "(gus.dale@acme-partner.onmicrosoft.com) were removed from HelpdeskAgents. `tenantry drift` shows the details."
    )


def test_a_group_that_others_added_is_named_and_not_everybody_in_it() -> None:
    world = World()
    world.holds(ADMINS, UNDECLARED, owned=True)
    message = changed_by_others(world.change, {ADMINS: LAST[ADMINS] | {UNDECLARED.object_id}})
    assert message is None, "the last update put them there"
