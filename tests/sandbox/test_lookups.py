"""What a recorded program hears of a tenant that is known."""

from typing import Any

from tenantry.sandbox.lookups import KnownGroup, answers

from .sample import ADMIN_AGENTS, HELPDESK, TENANT, UNDECLARED


def answered(function: str, args: dict[str, str], *groups: KnownGroup) -> list[dict[str, Any]]:
    token = f"azuread:index/{function}:{function}"
    given = answers(TENANT, "contoso.onmicrosoft.com", accounts=(), applications={}, groups=groups)
    return [dict(item.result) for item in given if (item.token, item.args) == (token, args)]


def test_a_group_is_found_by_its_id_and_name_with_its_members() -> None:
    group = KnownGroup(ADMIN_AGENTS, "AdminAgents", (UNDECLARED,))
    by_id = answered("getGroup", {"objectId": ADMIN_AGENTS}, group)
    assert by_id == answered("getGroup", {"displayName": "AdminAgents"}, group)
    assert [(item["objectId"], item["members"]) for item in by_id] == [(ADMIN_AGENTS, [UNDECLARED])]


def test_a_name_that_two_groups_have_finds_neither() -> None:
    twins = KnownGroup(ADMIN_AGENTS, "AdminAgents"), KnownGroup(HELPDESK, "AdminAgents")
    assert answered("getGroup", {"displayName": "AdminAgents"}, *twins) == []
    assert len(answered("getGroup", {"objectId": HELPDESK}, *twins)) == 1


def test_groups_are_listed_by_the_head_of_their_name_and_an_empty_list_is_an_answer() -> None:
    groups = KnownGroup(ADMIN_AGENTS, "admin agents"), KnownGroup(HELPDESK, "HelpdeskAgents")
    (admins,) = answered("getGroups", {"displayNamePrefix": "Admin"}, *groups)
    assert admins["objectIds"] == [ADMIN_AGENTS]
    (sales,) = answered("getGroups", {"displayNamePrefix": "Sales"}, *groups)
    assert sales["objectIds"] == []
