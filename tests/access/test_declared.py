"""What a tenant's file gives its people, person by person."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.access import AssignmentType, Grant, Kind, Principal, Reason
from tenantry.access.declared import access_map, ftop_of, ftop_users, holders, powers_of, target_name, tool_users
from tenantry.access.principals import By
from tenantry.declaration import Assignment, FtopApproval, Person, PersonState, Program, Tenant, load
from tenantry.declaration.decisions import Deviation
from tenantry.declaration.ftop import FtopPlan
from tenantry.declaration.tenant import Tool
from tenantry.reports.who import who
from tenantry.role_templates import ROLE_TEMPLATES
from tenantry.roles import AgentGroup, CompanyRole, DirectoryRole, Ftop, PartnerRole
from tests import acme

PARTNERS = Path(__file__).resolve().parents[2] / "partners"


@pytest.fixture(scope="module")
def us() -> Tenant:
    return load(PARTNERS / "contoso").tenants["us"].model_copy(update={"tools": {}})


def principal(person: Person) -> Principal:
    return Principal(By.UPN, person.upn)


def targets(tenant: Tenant, key: str) -> set[str]:
    held = access_map(tenant).by_principal().get(principal(tenant.members[key]), {})
    return {target_name(grant) for grant in held}


def with_people(tenant: Tenant, **people: Person) -> Tenant:
    return tenant.model_copy(update={"people": {**tenant.members, **people}})


@pytest.mark.parametrize(
    ("key", "held"),
    [
        ("ada", {"AdminAgents", "Global Administrator", "Account admin"}),
        ("bruno", {"AdminAgents", "Global Administrator"}),
        ("carla", {"AdminAgents"}),
        ("dmitri", {"SalesAgents"}),
        ("emma", {"HelpdeskAgents", "Support request admin"}),
        ("farid", {"Billing Administrator"}),
        ("grace", {"User Administrator"}),
        ("hiro", {"SalesAgents", "Billing Administrator"}),
        ("ines", {"HelpdeskAgents", "fabrikam"}),
        ("rescue-1", {"Global Administrator"}),
        ("rescue-2", {"Global Administrator"}),
    ],
)
def test_the_sample_gives_each_person_the_rows_of_their_roles(us: Tenant, key: str, held: set[str]) -> None:
    assert targets(us, key) == held


def test_every_grant_of_the_sample_is_standing_and_says_why(us: Tenant) -> None:
    access = access_map(us)
    assert access.grants
    assert not access.unresolved
    for grant, reasons in access.grants.items():
        assert grant.assignment_type is AssignmentType.ACTIVE
        assert reasons
        assert access.answered(grant)


def test_the_reason_is_the_role_with_its_row_of_table_1(us: Tenant) -> None:
    access = access_map(us)
    grant = Grant(principal(us.members["ada"]), Kind.AGENT_GROUP, "AdminAgents")
    (reason,) = access.grants[grant]
    assert (reason.text, reason.source) == ("Global admin", "Table 1: Admin Agents/All Users")


def test_a_grant_of_two_roles_has_both_reasons(us: Tenant) -> None:
    both = us.members["bruno"].model_copy(update={"roles": (PartnerRole.GLOBAL_ADMIN, PartnerRole.ADMIN_AGENT)})
    grants = access_map(with_people(us, bruno=both)).grants
    reasons = grants[Grant(principal(both), Kind.AGENT_GROUP, "AdminAgents")]
    assert {reason.text for reason in reasons} == {"Global admin", "Admin agent"}


def test_emergency_accounts_stay_out_of_the_agent_groups(us: Tenant) -> None:
    assert powers_of(us, us.members["rescue-1"]) == {DirectoryRole.GLOBAL_ADMINISTRATOR}
    assert set(holders(us, AgentGroup.ADMIN_AGENTS)) == {"ada", "bruno", "carla"}
    assert set(holders(us, DirectoryRole.GLOBAL_ADMINISTRATOR)) == {"ada", "bruno", "rescue-1", "rescue-2"}


def test_a_leaver_keeps_nothing(us: Tenant) -> None:
    leaver = us.members["ada"].model_copy(update={"state": PersonState.LEAVER})
    gone = with_people(us, ada=leaver)
    assert targets(gone, "ada") == set()
    assert powers_of(gone, leaver) == frozenset()
    assert "ada" not in holders(gone, AgentGroup.ADMIN_AGENTS)
    assert ftop_of(gone, "ada").verdict == "no"


def test_a_disabled_person_keeps_their_access(us: Tenant) -> None:
    disabled = us.members["carla"].model_copy(update={"state": PersonState.DISABLED})
    assert targets(with_people(us, carla=disabled), "carla") == {"AdminAgents"}


def test_without_csp_there_are_no_agent_groups(us: Tenant) -> None:
    enrolment = us.programs[Program.CSP]
    maicpp = us.model_copy(update={"programs": {Program.MAICPP: enrolment}, "ftop": None})
    assert targets(maicpp, "ada") == {"Global Administrator", "Account admin"}
    assert targets(maicpp, "dmitri") == set()
    for group in AgentGroup:
        assert holders(maicpp, group) == {}


def test_with_the_tenants_approval_everybody_with_a_complete_row_reads_all_ftop_customers(us: Tenant) -> None:
    assert us.ftop is not None
    assert not access_map(us).holders(Kind.FTOP_ALL_CUSTOMERS, "all customers")
    approval = FtopApproval.model_validate({"on": us.programs[Program.CSP].enrolled_on, "by": "ada"})
    approved = us.model_copy(update={"ftop": us.ftop.model_copy(update={"approval": approval})})
    readers = access_map(approved).holders(Kind.FTOP_ALL_CUSTOMERS, "all customers")
    assert readers == sorted(principal(person) for person in us.members.values() if not person.emergency)


def with_ftop(tenant: Tenant, **fields: object) -> Tenant:
    assert tenant.ftop
    whole = tenant.ftop.model_dump(mode="python") | fields
    return tenant.model_copy(update={"ftop": FtopPlan.model_validate(whole)})


DAY = date(2026, 3, 2)


def test_the_tenants_approval_is_one_consent_for_everybody(us: Tenant) -> None:
    approved = with_ftop(us, approval={"on": DAY, "by": "ada"})
    ((grant, (reason,)),) = ((g, r) for g, r in access_map(approved).grants.items() if g.kind is Kind.CONSENT)
    assert (grant.principal, grant.target) == (Principal.everybody_in(us.id), "FTOP")
    assert str(grant.principal) == "everybody in the tenant"
    assert reason.text == "approved by Ada Nakamura on 2026-03-02"


@pytest.mark.parametrize("state", ["pending", "per user"])
def test_without_the_tenants_approval_a_consent_is_its_givers_alone(us: Tenant, state: str) -> None:
    access = access_map(with_ftop(us, approval={"state": state}, consents={"ines": DAY, "emma": DAY}))
    ines, emma = principal(us.members["ines"]), principal(us.members["emma"])
    assert access.holders(Kind.CONSENT, "FTOP") == [emma, ines]
    assert access.holders(Kind.FTOP_ALL_CUSTOMERS, "all customers") == [emma, ines]


def test_without_agent_groups_an_admin_role_opens_ftop_and_an_agent_role_does_not(us: Tenant) -> None:
    programs = {Program.MAICPP: us.programs[Program.CSP]}
    maicpp = with_ftop(us, approval={"on": DAY, "by": "ada"}).model_copy(update={"programs": programs})
    assert {key for key in maicpp.members if ftop_of(maicpp, key).verdict == "yes"} == {
        "ada",
        "bruno",
        "farid",
        "grace",
        "hiro",
    }
    assert ftop_of(maicpp, "carla").verdict == "no"


def test_the_map_reads_ftop_as_the_file_does(us: Tenant) -> None:
    consented = with_ftop(us, approval={"state": "per user"}, consents={"ines": DAY, "hiro": DAY, "rescue-1": DAY})
    access = access_map(consented)
    let_in = {key for key in consented.members if ftop_of(consented, key).verdict is Ftop.YES}
    assert let_in == {"ines", "hiro"}, "an emergency account has half a row"
    derived = [grant for grant in access.grants if grant.kind is Kind.FTOP_ALL_CUSTOMERS]
    assert [grant.principal for grant in derived] == sorted(principal(consented.members[key]) for key in let_in)
    assert {grant.assignment_type for grant in derived} == {AssignmentType.ACTIVE}


def test_the_consent_of_a_leaver_is_gone(us: Tenant) -> None:
    consented = with_ftop(us, consents={"ines": DAY})
    leaver = us.members["ines"].model_copy(update={"state": PersonState.LEAVER})
    assert not access_map(with_people(consented, ines=leaver)).holders(Kind.CONSENT, "FTOP")


def test_who_is_listed_for_a_tool_has_it_unless_they_leave(us: Tenant) -> None:
    tools = {Tool.POWER_BI: ("ada", "carla", "nobody-here")}
    leaver = us.members["carla"].model_copy(update={"state": PersonState.LEAVER})
    listed = with_people(us, carla=leaver).model_copy(update={"tools": tools})
    assert access_map(listed).holders(Kind.TOOL, "Power BI") == [principal(us.members["ada"])]
    assert set(tool_users(listed, Tool.POWER_BI)) == {"ada"}


def test_ftop_users_are_those_listed_assigned_or_consented(us: Tenant) -> None:
    plan = with_ftop(us, consents={"emma": DAY}).model_copy(update={"tools": {Tool.FTOP: ("dmitri",)}})
    assert list(ftop_users(plan)) == ["dmitri", "emma", "ines"]


def test_the_file_answers_for_all_kinds_but_all_users(us: Tenant) -> None:
    access = access_map(us)
    unanswered = {kind for kind in Kind if not access.answered(Grant(principal(us.members["ada"]), kind, "x"))}
    assert unanswered == {Kind.ALL_USERS}


def test_an_assignment_to_a_customer_says_as_what(us: Tenant) -> None:
    (grant,) = [grant for grant in access_map(us).grants if grant.kind is Kind.FTOP_CUSTOMER]
    assert (grant.principal, grant.target, grant.scope) == (
        principal(us.members["ines"]),
        "fabrikam",
        "FastTrack Engineer",
    )


def test_roles_of_partner_center_alone_are_grants_of_their_own_kind(us: Tenant) -> None:
    assert access_map(us).holders(Kind.COMPANY_ROLE, CompanyRole.ACCOUNT_ADMIN) == [principal(us.members["ada"])]


def test_a_role_beyond_table_1_is_named_by_its_id() -> None:
    somebody = Principal(By.UPN, "ada@contoso.com")
    assert target_name(Grant(somebody, Kind.DIRECTORY_ROLE, "729827e3")) == "role 729827e3"


def test_an_eligible_role_and_one_over_a_unit_are_granted_as_such_and_open_no_ftop(us: Tenant) -> None:
    unit = "aaaaaaaa-0000-4000-8000-0000000000a1"
    farid = us.members["farid"].model_copy(
        update={"assignments": {DirectoryRole.BILLING_ADMINISTRATOR: Assignment(eligible=True)}}
    )
    grace = us.members["grace"].model_copy(
        update={"assignments": {DirectoryRole.USER_ADMINISTRATOR: Assignment(administrative_unit=unit)}}
    )
    us = us.model_copy(update={"ftop": FtopPlan(consents={"farid": date(2026, 1, 2), "grace": date(2026, 1, 2)})})
    tenant = with_people(us, farid=farid, grace=grace)
    access = access_map(tenant)
    (eligible,) = (grant for grant in access.by_principal()[principal(farid)] if grant.kind is Kind.DIRECTORY_ROLE)
    assert (eligible.assignment_type, eligible.scope) == (AssignmentType.ELIGIBLE, "/")
    (scoped,) = (grant for grant in access.by_principal()[principal(grace)] if grant.kind is Kind.DIRECTORY_ROLE)
    assert (scoped.assignment_type, scoped.scope) == (AssignmentType.ACTIVE, f"/administrativeUnits/{unit}")
    assert ftop_of(us, "farid").verdict is ftop_of(us, "grace").verdict is Ftop.YES
    assert ftop_of(tenant, "farid").verdict is ftop_of(tenant, "grace").verdict is Ftop.NO
    held = {line.key: line.gives for line in who(tenant)}
    assert held["farid"] == ("Billing Administrator (eligible)",)
    assert held["grace"] == (f"User Administrator (over the administrative unit {unit})",)


def test_a_global_admin_who_is_kept_out_of_the_group_holds_the_role_alone_and_does_not_enter_ftop(us: Tenant) -> None:
    stated = Deviation(reason="Tenant only", owner="Ada", decided_on=date(2026, 1, 1), until=date(2026, 12, 31))
    bruno = us.members["bruno"].model_copy(update={"without": {AgentGroup.ADMIN_AGENTS: stated}})
    tenant = with_people(us, bruno=bruno)
    assert powers_of(tenant, bruno) == {DirectoryRole.GLOBAL_ADMINISTRATOR}
    assert "bruno" not in holders(tenant, AgentGroup.ADMIN_AGENTS)
    assert str(ftop_of(tenant, "bruno")) == "incomplete: lacks AdminAgents"
    assert powers_of(us, us.members["bruno"]) > powers_of(tenant, bruno)
    (line,) = [item for item in who(tenant) if item.key == "bruno"]
    assert line.notes == ("not in AdminAgents until 2026-12-31: Tenant only (Ada)",)


def of_customers(people: list[str], leaves: str = "", **relationship: Any) -> Tenant:
    named = {"ada": "Ada Moss", "bruno": "Bruno Vale"}
    plan = {"groups": {"desk": {"name": "GDAP Desk", "people": people}}}
    roles = ["Helpdesk Administrator", "Reports Reader"]
    customers = {"fabrikam": acme.customer("Fabrikam", {"desk": roles})}
    customers["fabrikam"]["gdap"]["everyday"].update(relationship)
    content = {key: {"full_name": name, "roles": ["Admin agent"]} for key, name in named.items()}
    if leaves:
        content[leaves]["state"] = "leaver"
    return Tenant.model_validate(acme.tenant_file(content, gdap=plan, customers=customers))


def at_customers(tenant: Tenant) -> dict[tuple[str, str, str], frozenset[Reason]]:
    grants = access_map(tenant).grants.items()
    return {
        (one.principal.value, one.target, ROLE_TEMPLATES[one.scope].name): why
        for one, why in grants
        if one.kind is Kind.CUSTOMER_ROLE
    }


def test_who_is_in_a_group_holds_its_roles_at_the_customer_by_group_and_relationship() -> None:
    held = at_customers(of_customers(["ada", "bruno"], duration="P90D", auto_extend=True))
    fabrikam = "00000001-0b7e-4a55-9a53-0f6f3b1f0c11"
    assert held.keys() == {
        (f"{who}{acme.AT}", fabrikam, role)
        for who in ("ada.moss", "bruno.vale")
        for role in ("Helpdesk Administrator", "Reports Reader")
    }
    text = "in GDAP Desk, for 90 days from the customer's approval, then extended by 180 days"
    assert set().union(*held.values()) == {Reason(text, "Fabrikam everyday")}


def test_a_leaver_and_a_relationship_that_is_to_end_hold_nothing_at_a_customer() -> None:
    assert {who for who, _, _ in at_customers(of_customers(["ada", "bruno"], leaves="bruno"))} == {f"ada.moss{acme.AT}"}
    decided = {"reason": "Over", "decided_by": "Ada", "decided_on": date(2026, 1, 31)}
    assert at_customers(of_customers(["ada"], terminate=decided)) == {}
