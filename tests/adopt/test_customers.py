"""Customers of tenants that others made: what is declared of their relationships, and what is asked."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenantry.access.parts import or_none
from tenantry.adopt.propose import Facts, Written
from tenantry.adopt.write import customers_file, partner_file, save
from tenantry.declaration import load
from tenantry.declaration.document import read
from tenantry.graph.models import GroupEligibility
from tenantry.project.paths import Project
from tenantry.rules import evaluate, evidence_of
from tests.directory.samples import UNITED_STATES

from .tenants import DOMAIN, TODAY, Adopting, adopting, people, project_in

HELPDESK = ["Helpdesk Administrator", "Service Support Administrator"]


def customer(number: int, name: str = "") -> dict[str, str]:
    return {"tenantId": f"c0000000-0000-4000-8000-{number:012}", "displayName": name or f"Customer {number}"}


def relationship(number: int, assignments: dict[str, list[str]], **more: Any) -> dict[str, Any]:
    roles = sorted({role for given in assignments.values() for role in given})
    return {"customer": customer(number), "roles": roles, "assignments": assignments, **more}


def seed(relationships: dict[str, Any], **groups: Any) -> dict[str, Any]:
    """Bob is a helpdesk agent and works at customers; Cleo does that alone."""
    desk = {"GDAP Service Desk": {"members": [f"bob@{DOMAIN}"]}, "HelpdeskAgents": {"members": [f"bob@{DOMAIN}"]}}
    return {"users": people("bob", "cleo"), "groups": {**desk, **groups}, "relationships": relationships}


def everyday(number: int, **more: Any) -> dict[str, Any]:
    return {f"Customer {number} everyday": relationship(number, {"GDAP Service Desk": HELPDESK}, **more)}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_in(tmp_path)


def saved(tenant: Adopting, project: Project, answers: dict[str, str] | None = None) -> Adopting:
    """The tenant once more, with its files written."""
    proposal = tenant.propose(answers)
    own = customers_file(project, "northwind/main", proposal)
    changes = (tenant.file(project, answers), partner_file(project, "northwind/main", "Northwind"))
    for change in (*changes, *([own] if own else [])):
        save(change)
    folder = project.partners / "northwind"
    files = [file for file in (folder / "tenants/main.yaml", folder / "customers/main.yaml") if file.exists()]
    content = {key: value for file in files for key, value in read(file).content.items()}
    assert load(folder).tenants["main"] == proposal.tenant
    return Adopting(tenant.facts, Written(load(folder), content))


def asked(tenant: Adopting, answers: dict[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    return {one.key: one.names for one in tenant.propose(answers).questions}


def test_fifty_customers_are_fifty_lines_a_template_and_a_group_in_a_file_of_their_own(project: Project) -> None:
    tenant = adopting(seed({name: one for number in range(1, 51) for name, one in everyday(number).items()}))
    proposal = tenant.propose()
    assert proposal.questions == ()
    (template,) = proposal.content["gdap"]["templates"].items()
    assert template == (
        "everyday",
        {"duration": "P730D", "auto_extend": False, "assignments": {"gdap-service-desk": HELPDESK}},
    )
    again = saved(tenant, project)
    lines = (project.partners / "northwind/customers/main.yaml").read_text().splitlines()
    assert len(lines) == 50 + len(["gdap", "groups", "desk", "templates", "everyday", "customers"])
    assert "gdap:" not in (project.partners / "northwind/tenants/main.yaml").read_text()
    file = customers_file(project, "northwind/main", again.propose())
    assert file is not None
    assert (file.changes, again.file(project).changes) == (False, False), "a second run has nothing to add"


def test_what_is_declared_is_what_is_there(project: Project) -> None:
    own = relationship(2, {"GDAP Service Desk": ["Global Reader"]}, autoExtendDuration="P180D", duration="P365D")
    own["roles"] = ["Global Reader", "Security Reader"]
    tenant = adopting(seed({**everyday(1), "Audit": own}))
    proposal = tenant.propose()
    found = {item.display_name: item for item in proposal.tenant.relationships}
    observed = tenant.facts.observed.at_customers
    assert observed
    for item in or_none(observed.relationships):
        declared = found.pop(item.relationship.display_name)
        assert (declared.adopted, declared.duration) == (item.relationship.id, item.relationship.duration)
        assert declared.auto_extend == item.is_extended
        assert {role.id for role in declared.roles} == item.relationship.roles
        assert declared.customer.tenant_id == item.tenant_id
    assert found == {}
    assert proposal.tenant.gdap
    (group,) = proposal.tenant.gdap.groups.values()
    assert (group.name, group.people, group.adopted in tenant.facts.observed.customer_groups) == (
        "GDAP Service Desk",
        ("bob",),
        True,
    )
    # One group, two relationships, and the application that stands for the partner at its customers.
    assert proposal.imports == adopting(seed({})).propose().imports + 4
    assert {one for one in proposal.unseen if one.startswith("customers")} == {
        "customers.*.country",
        "customers.*.domain",
        "customers.*.reseller",
    }
    saved(tenant, project)
    evidence = evidence_of(load(project.partners / "northwind"), "main", today=TODAY)
    blocking = [
        finding
        for result in evaluate(evidence)
        for finding in result.findings
        if finding.level.blocks and finding.path[:1] in (("customers",), ("gdap",))
    ]
    assert blocking == [], "what Graph does not show is open, and stops nobody"


def test_roles_that_customers_approved_and_no_group_holds_are_named(project: Project) -> None:
    wide = relationship(1, {"GDAP Service Desk": HELPDESK})
    wide["roles"] = [*wide["roles"], "Exchange Administrator"]
    tenant = adopting(seed({"Wide": wide, **everyday(9)}))
    proposal = tenant.propose()
    assert proposal.held_by_nobody == ("Wide with Customer 1: Exchange Administrator",)
    (found,) = [one for one in proposal.tenant.relationships if one.display_name == "Wide"]
    assert "Exchange Administrator" in {role.name for role in found.roles}, "it is declared as it is"


def test_who_is_in_a_group_and_not_declared_is_asked_once_for_all_customers_and_never_left_out(
    project: Project,
) -> None:
    both = {"members": [f"bob@{DOMAIN}", f"cleo@{DOMAIN}"]}
    relationships = {**everyday(1), **everyday(2), **everyday(3)}
    tenant = adopting(seed(relationships, **{"GDAP Service Desk": both}))
    proposal = tenant.propose()
    (question,) = proposal.questions
    assert (question.key, question.names) == ("gdap-member/cleo", ("declare", "accept", "later"))
    assert len(question.relationships) == 3
    assert (proposal.tenant.relationships, proposal.tenant.customer_groups) == ((), ()), "drift goes on looking"
    answered = tenant.propose({question.key: "declare"})
    assert answered.questions == ()
    assert answered.tenant.members["cleo"].roles == ()
    assert answered.content["gdap"]["groups"]["gdap-service-desk"]["people"] == ["bob", "cleo"]
    assert len(answered.tenant.relationships) == 3
    again = saved(tenant, project, {question.key: "declare"})
    assert not again.file(project).changes
    evidence = evidence_of(load(project.partners / "northwind"), "main", today=TODAY)
    (without_role,) = (one for one in evaluate(evidence) if one.rule.id == "PT-311")
    assert [finding.level.blocks for finding in without_role.findings] == [False], "their work is at customers"


@pytest.mark.parametrize(
    ("relationships", "groups", "expected"),
    [
        pytest.param(
            {"One": relationship(1, {"AdminAgents": HELPDESK})},
            {},
            {"gdap-group/AdminAgents": ("accept", "remove", "later")},
            id="an agent group",
        ),
        pytest.param(
            {"One": relationship(1, {"Everybody": HELPDESK})},
            {"Everybody": {"membershipRule": "user.accountEnabled -eq true"}},
            {"gdap-group/everybody": ("accept", "remove", "later")},
            id="a group that a rule fills",
        ),
        pytest.param(
            {"One": relationship(1, {"Synced": HELPDESK})},
            {"Synced": {"onPremisesSyncEnabled": True}},
            {"gdap-group/synced": ("accept", "remove", "later")},
            id="a group from on-premises",
        ),
        pytest.param(
            {"One": relationship(1, {"GDAP Service Desk": ["Global Administrator"]})},
            {},
            {"relationship/one": ("declare", "accept", "remove", "later")},
            id="Global Administrator",
        ),
        pytest.param(
            {"One": {"customer": customer(1), "roles": HELPDESK}},
            {},
            {"relationship/one": ("declare", "accept", "remove", "later")},
            id="given to nobody",
        ),
        pytest.param(
            {"One": {"roles": HELPDESK, "status": "approvalPending"}},
            {},
            {"relationship/one": ("accept", "remove", "later")},
            id="nobody knows the customer",
        ),
        pytest.param(
            {"One": relationship(1, {"Outer": HELPDESK})},
            {"Inner": {"members": []}, "Outer": {"members": ["Inner"]}},
            {"gdap-member/inner": ("accept", "later")},
            id="a group in a group",
        ),
    ],
)
def test_what_cannot_be_declared_is_asked_with_the_ways_to_settle_it(
    project: Project, relationships: dict[str, Any], groups: dict[str, Any], expected: dict[str, tuple[str, ...]]
) -> None:
    tenant = adopting(seed({**relationships, **everyday(9)}, **groups))
    assert asked(tenant) == expected
    assert [item.display_name for item in tenant.propose().tenant.relationships] == ["Customer 9 everyday"]
    ((key, names),) = expected.items()
    for choice in names[:-1]:
        answered = tenant.propose({key: choice})
        assert (answered.questions, answered.unknown_answers) == ((), ())
        assert len(answered.tenant.relationships) == 1 + (choice == "declare")
        assert {one.state.value for one in answered.tenant.drift.values()} == {
            "declare": set(),
            "accept": {"accepted"},
            "remove": {"to be removed"},
        }[choice]
    assert not saved(tenant, project).file(project).changes


def test_what_has_ended_is_left_out_and_said() -> None:
    ended = {"Customer 2 old": relationship(2, {"GDAP Service Desk": HELPDESK}, status="expired")}
    proposal = adopting(seed({**everyday(1), **ended})).propose()
    assert list(proposal.tenant.customers) == ["customer-1"]
    assert proposal.left_out == ("Customer 2 old with Customer 2: expired",)


def test_without_the_permission_customers_are_said_to_be_unread_and_never_to_be_none() -> None:
    enrolment = replace(
        UNITED_STATES,
        permissions=frozenset({"GroupMember.Read.All", "RoleManagement.Read.Directory", "User.Read.All"}),
    )
    proposal = adopting(seed(everyday(1)), enrolment).propose()
    (said,) = proposal.not_read
    assert "were not read, and are not known to be absent" in said
    assert "DelegatedAdminRelationship.Read.All" in said
    assert (proposal.questions, "gdap" in proposal.content) == ((), False)


def test_what_a_file_has_already_stays_and_a_new_customer_takes_the_template_that_there_is(project: Project) -> None:
    now = adopting(seed({**everyday(1), **everyday(2), **everyday(3)}))
    at_customers = now.facts.observed.at_customers
    assert at_customers
    first_two = tuple(item for item in or_none(at_customers.relationships) if item.customer != "Customer 3")
    observed = replace(now.facts.observed, at_customers=replace(at_customers, relationships=first_two))
    written = saved(Adopting(replace(now.facts, observed=observed)), project).written
    change = Adopting(now.facts, written).file(project)
    (added,) = (line for line in change.diff.splitlines() if line.startswith("+ "))
    assert added.startswith("+  customer-3: {name: Customer 3, ")
    assert "gdap: {everyday: {adopted: " in added


def test_a_relationship_that_the_file_has_with_another_customer_is_asked_about(project: Project) -> None:
    tenant = saved(adopting(seed(everyday(1))), project)
    content = deepcopy(tenant.written.content or {})
    (one,) = content["customers"].values()
    (entry,) = one["gdap"].values()
    del entry["adopted"]
    tenant.written = replace(tenant.written, content=content)
    assert asked(tenant) == {}, "the same name and the same customer"
    one["tenant_id"] = customer(2)["tenantId"]
    assert asked(tenant) == {"relationship/customer-1-everyday": ("accept", "remove", "later")}


def now(tenant: Adopting, *members: str, customers: int = 2) -> Facts:
    """What is read where only these people are in the service desk, and there are so many customers."""
    at_customers = tenant.facts.observed.at_customers
    assert at_customers
    groups = {
        key: replace(one, members=tuple(item for item in or_none(one.members) if item.user_principal_name in members))
        for key, one in tenant.facts.observed.customer_groups.items()
    }
    found = or_none(at_customers.relationships)[:customers]
    read = replace(at_customers, groups=groups, relationships=found)
    return replace(tenant.facts, observed=replace(tenant.facts.observed, at_customers=read))


BOTH = (f"bob@{DOMAIN}", f"cleo@{DOMAIN}")
DESK_OF_BOTH = {"GDAP Service Desk": {"members": list(BOTH)}}


def test_who_is_in_a_declared_group_and_not_declared_there_is_asked_about(project: Project) -> None:
    tenant = adopting(seed({**everyday(1), **everyday(2)}, **DESK_OF_BOTH))
    written = saved(Adopting(now(tenant, BOTH[0], customers=1)), project).written
    changed = Adopting(now(tenant, *BOTH), written)
    proposal = changed.propose()
    (question,) = proposal.questions
    assert (question.key, question.names) == ("gdap-member/cleo", ("remove", "later"))
    assert "`gdap.groups.gdap-service-desk.people`" in question.asks
    assert len(proposal.tenant.relationships) == 2, "it gives no more than what is held, to those who are declared"
    again = saved(changed, project, {question.key: "remove"})
    assert (asked(again), again.file(project).changes) == ({}, False)
    (decision,) = again.propose().tenant.drift.values()
    assert (decision.what, decision.state.value) == ("a place in a GDAP group", "to be removed")


def test_a_new_relationship_waits_where_somebody_declared_is_not_in_its_group(project: Project) -> None:
    tenant = adopting(seed({**everyday(1), **everyday(2)}, **DESK_OF_BOTH))
    first = saved(Adopting(now(tenant, BOTH[0], customers=1)), project)
    assert asked(Adopting(now(tenant, customers=1), first.written)) == {}, "what is declared stays"
    proposal = Adopting(now(tenant), first.written).propose()
    (question,) = proposal.questions
    assert (question.key, question.names) == ("gdap-group/gdap-service-desk", ("accept", "remove", "later"))
    assert "declares bob in it" in question.asks
    assert len(proposal.tenant.relationships) == 1


def eligible(tenant: Adopting) -> GroupEligibility:
    (group,) = tenant.facts.observed.customer_groups
    return GroupEligibility(
        group_id=group, principal_id="c1e00000-0000-4000-8000-000000000001", access_id="member", end_date_time=None
    )


def test_a_group_in_which_some_may_activate_a_place_is_asked_about() -> None:
    tenant = adopting(seed(everyday(1)))
    one = eligible(tenant)
    owner = one.model_copy(update={"access_id": "owner"})
    assert asked(Adopting(replace(tenant.facts, group_eligibilities={one.group_id: (owner,)}))) == {}
    proposal = Adopting(replace(tenant.facts, group_eligibilities={one.group_id: (one,)})).propose()
    (question,) = proposal.questions
    assert (question.key, question.names) == ("gdap-group/gdap-service-desk", ("accept", "remove", "later"))
    assert "Some people are eligible for membership" in question.asks
    assert proposal.tenant.relationships == ()


def test_where_nobody_may_read_who_may_activate_a_place_that_is_said() -> None:
    assert adopting(seed(everyday(1))).propose().not_read == ()
    permissions = frozenset(one for one in UNITED_STATES.permissions if "EligibilitySchedule" not in one)
    (said,) = adopting(seed(everyday(1)), replace(UNITED_STATES, permissions=permissions)).propose().not_read
    assert said.startswith("Who may activate a place in a group that works at customers was not read")
    assert "PrivilegedEligibilitySchedule.Read.AzureADGroup" in said
