"""What is read of a tenant: with the least permissions, and in few requests however many people there are."""

import tracemalloc
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tenantry.adopt.propose import AdoptError, Written, propose
from tenantry.adopt.questions import Answer
from tenantry.adopt.run import NotNamedError, NotReadError, Options, read_facts
from tenantry.declaration import DeclarationError
from tenantry.directory.local import LocalGraph
from tenantry.errors import NOT_REACHED
from tenantry.graph.errors import GraphError
from tenantry.roles import AgentGroup
from tests.depth import deep
from tests.directory.samples import UNITED_STATES, Tenant
from tests.graph.in_process import reader_of

from .tenants import DOMAIN, TODAY, adopting, people, store_of

LEAST = ("GroupMember.Read.All", "RoleManagement.Read.Directory", "User.Read.All")
SEED: dict[str, Any] = {
    "users": people("bob", "cleo"),
    "groups": {"AdminAgents": {"members": [f"bob@{DOMAIN}"]}},
    "roles": {"Exchange Administrator": [f"cleo@{DOMAIN}"]},
}


def test_the_least_permissions_are_enough() -> None:
    enrolment = replace(UNITED_STATES, permissions=frozenset(LEAST))
    proposal = adopting(SEED, enrolment).propose()
    assert (set(proposal.tenant.members), [one.key for one in proposal.questions]) == (
        {"ada", "bob"},
        ["other-roles/cleo"],
    )


@pytest.mark.parametrize("missing", LEAST)
def test_with_one_permission_fewer_nothing_is_proposed_and_the_missing_one_is_named(missing: str) -> None:
    enrolment = replace(UNITED_STATES, permissions=frozenset(LEAST) - {missing})
    with pytest.raises((NotReadError, GraphError), match=missing) as refused:
        adopting(SEED, enrolment)
    assert refused.value.exit_code == NOT_REACHED


def test_two_groups_that_are_spelt_alike_have_to_be_told_apart_by_an_answer() -> None:
    with store_of({}) as store:
        with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
            other = Tenant(graph, UNITED_STATES).add_group("AdminAgents")
        with reader_of(store, UNITED_STATES.tenant_id) as reader:
            with pytest.raises(AdoptError, match=f"--answer agent-group/AdminAgents={other}"):
                read_facts(reader, "northwind", "main", Written(), Options(), TODAY)
            answers = {"agent-group/AdminAgents": Answer(other)}
            facts = read_facts(reader, "northwind", "main", Written(), Options(answers), TODAY)
    first = propose(facts)
    assert first.tenant.agent_groups.ids[AgentGroup.ADMIN_AGENTS] == other
    another = {**first.content["agent_groups"]["ids"], "AdminAgents": UNITED_STATES.group_id("AdminAgents")}
    written = Written(content={**first.content, "agent_groups": {"ids": another}})
    again = propose(facts, written).tenant.agent_groups.ids
    assert again[AgentGroup.ADMIN_AGENTS] == other, "an answer corrects the pin of a file that is there"


def test_an_answer_that_names_a_group_of_another_name_makes_nobody_an_agent() -> None:
    seed = {"users": people("eve"), "groups": {"Everybody": {"members": [f"eve@{DOMAIN}"]}}}
    with store_of(seed) as store, reader_of(store, UNITED_STATES.tenant_id) as reader:
        (other,) = (one.id for one in reader.groups_named(["Everybody"]))
        options = Options({"agent-group/AdminAgents": Answer(other)})
        with pytest.raises(NotNamedError, match=f"Found: {UNITED_STATES.group_id('AdminAgents')}"):
            read_facts(reader, "northwind", "main", Written(), options, TODAY)
        own = Answer(UNITED_STATES.group_id("AdminAgents").upper())
        facts = read_facts(reader, "northwind", "main", Written(), Options({"agent-group/AdminAgents": own}), TODAY)
    assert not facts.look_alikes, "an id in capitals is the same group"


def test_a_file_that_names_a_group_of_another_name_makes_nobody_an_agent() -> None:
    seed = {"users": people("eve"), "groups": {"Everybody": {"members": [f"eve@{DOMAIN}"]}}}
    with store_of(seed) as store, reader_of(store, UNITED_STATES.tenant_id) as reader:
        (other,) = (one.id for one in reader.groups_named(["Everybody"]))
        written = Written(content={"agent_groups": {"ids": {"AdminAgents": other}}})
        with pytest.raises(AdoptError, match="is called 'Everybody' now"):
            read_facts(reader, "northwind", "main", written, Options(), TODAY)


def test_a_tenant_that_does_not_say_its_country_takes_one_from_the_command_line() -> None:
    with store_of({}) as store:
        organization = {"displayName": "Contoso", "countryLetterCode": None, "id": UNITED_STATES.tenant_id}
        organization |= dict.fromkeys(("street", "city", "postalCode"))
        domain = {"name": UNITED_STATES.initial_domain, "isInitial": True}
        answer = {"value": [{**organization, "verifiedDomains": [domain]}]}
        instead = {"/organization": httpx.Response(200, json=answer)}
        with reader_of(store, UNITED_STATES.tenant_id, instead) as reader:
            with pytest.raises(AdoptError, match="Add --country"):
                read_facts(reader, "northwind", "main", Written(), Options(), TODAY)
            facts = read_facts(reader, "northwind", "main", Written(), Options(country="NO"), TODAY)
            wrong = read_facts(reader, "northwind", "main", Written(), Options(country="Norway"), TODAY)
    assert propose(facts).tenant.country == "NO"
    with pytest.raises(DeclarationError, match="write NO"):
        propose(wrong)


def test_a_tenant_that_lacks_one_agent_group_is_refused() -> None:
    with store_of({}) as store:
        with store.writing(UNITED_STATES.tenant_id) as tenant:
            group = tenant.find(UNITED_STATES.group_id("SalesAgents"))
            assert group
            tenant.soft_delete(group)
        with reader_of(store, UNITED_STATES.tenant_id) as graph, pytest.raises(AdoptError, match="lacks SalesAgents"):
            read_facts(graph, "northwind", "main", Written(), Options(), TODAY)


@deep
def test_ten_thousand_people_take_few_requests_and_only_holders_are_kept() -> None:
    names = [f"person.{number}" for number in range(10_000)]
    seed = {"users": people(*names), "groups": {"SalesAgents": {"members": [f"{n}@{DOMAIN}" for n in names[::100]]}}}
    with store_of(seed) as store, reader_of(store, UNITED_STATES.tenant_id) as graph:
        facts = read_facts(graph, "northwind", "main", Written(), Options(), TODAY)
        assert sum(graph.requests.values()) <= 40
    tracemalloc.start()
    proposal = propose(facts)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (proposal.accounts, len(proposal.tenant.members), proposal.questions) == (10_001, 101, ())
    assert most < 100_000_000
