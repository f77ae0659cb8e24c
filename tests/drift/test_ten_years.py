"""Drift in a tenant that people have used for ten years: the example's, as Microsoft Graph shows it."""

import re
from collections.abc import Mapping
from datetime import date

import pytest

from tenantry.access.observed import observe
from tenantry.access.preview import Refreshed
from tenantry.drift.compare import Facts, Found, compare
from tenantry.drift.model import Change, Drift, SeenBy
from tenantry.roles import AgentGroup
from tests.graph.in_process import reader_of
from tests.ten_years import AT, grown


def compared(*, pinned: bool) -> Found:
    """What the drift is; `pinned` says by its id which group is AdminAgents."""
    with grown() as (declaration, store, tenant):
        ids: Mapping[AgentGroup, str] = {AgentGroup.ADMIN_AGENTS: tenant.group("AdminAgents")} if pinned else {}
        with reader_of(store, declaration.tenants["us"].id) as reader:
            observed = observe(reader, ids)
        return compare(Facts(declaration, "us", Refreshed((), (), ()), observed, date(2026, 11, 29)))


@pytest.fixture(scope="module")
def found() -> Found:
    return compared(pinned=True)


def of(found: Found, what: str) -> dict[str, Drift]:
    """Who was given something, by the part of their sign-in name before the @, or by what they are called."""
    return {item.subject.rpartition("(")[2].removesuffix(f"{AT})"): item for item in found.drift if item.what == what}


def test_all_that_grew_was_added_by_others_and_graph_alone_sees_it(found: Found) -> None:
    assert {(item.change, item.seen_by, item.declared) for item in found.drift} == {(Change.ADDED, SeenBy.GRAPH, False)}
    assert found.not_evaluated == ()


def test_while_two_groups_share_a_name_nobody_says_who_is_in_the_real_one() -> None:
    found = compared(pinned=False)
    assert of(found, "AdminAgents") == {}
    (unread,) = found.not_evaluated
    assert unread.what == "the members of AdminAgents"
    assert "2 security groups named AdminAgents" in unread.why


def test_leavers_guests_service_accounts_and_what_is_in_a_nested_group_are_found(found: Found) -> None:
    agents = of(found, "AdminAgents")
    assert agents.keys() >= {"erik.dahl", "petra.schulz", "svc-backup", "emergency-1", "the group Support Team"}
    assert agents.keys() >= {"the service principal Control panel", "lukasz.wisniewski", "maria.garcia2"}
    assert "through the group Support Team" in agents["maria.garcia2"].how
    assert "tiago.moreira" not in agents, "who is in the group that only looks like it"
    helpdesk = of(found, "HelpdeskAgents")
    assert "guests may hold no agent group" in helpdesk["carmen.ruiz_fabrikam.example#EXT#"].cannot_be_accepted
    assert "through the group Night shift" in helpdesk["olga.demchenko"].how, "a dynamic group"


def test_nothing_keeps_a_group_in_admin_agents_and_a_declared_identity_an_application(found: Found) -> None:
    agents = of(found, "AdminAgents")
    assert agents["the group Support Team"].advice.to_keep.startswith("it cannot stay")
    assert "write under `identities`: `control-panel: {" in agents["the service principal Control panel"].to_keep


def test_roles_are_found_that_are_held_for_a_part_through_a_group_or_only_by_eligibility(found: Found) -> None:
    over_a_unit = of(found, "Helpdesk Administrator")["petra.schulz"].how
    assert re.match(r"over the administrative unit [A-Z][\w ]+ \(/administrativeUnits/[0-9a-f-]{36}\)", over_a_unit)
    assert "through the group Privileged operators" in of(found, "Privileged Role Administrator")["adm-rashid"].how
    assert of(found, "Exchange Administrator")["kiran.joshi"].how == "eligible"
    twice = [
        item.how for item in found.drift if item.what == "Global Administrator" and "rashid.karimi" in item.subject
    ]
    assert sorted(twice) == ["", "eligible"], "what is assigned is no activation"


def test_of_who_can_no_longer_sign_in_it_is_reported(found: Found) -> None:
    assert of(found, "HelpdeskAgents")["anil.mehta"].how == "the account is disabled"
    assert of(found, "AdminAgents")["astrid.lund"].how == ""


def test_somebody_who_was_deleted_is_not_taken_for_who_has_their_name_now(found: Found) -> None:
    assert "maria.garcia" not in of(found, "AdminAgents")
    assert "maria.garcia" not in of(found, "Global Administrator")
    assert "maria.garcia" in of(found, "SalesAgents")
