"""Who has what: from the declaration to one line a person."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.declaration import PersonState, Program, Purpose, Stack, Tenant, load
from tenantry.declaration.decisions import DeclaredIdentity, End
from tenantry.reports import markdown, who_document
from tenantry.reports.who import Filter, PersonAccess, TenantAccess, notes, who, who_has_what
from tenantry.roles import AgentGroup, CompanyRole, PartnerRole


@pytest.fixture(scope="module")
def us(root: Path) -> Tenant:
    return load(root / "partners/contoso").tenants["us"]


def line(tenant: Tenant, key: str, **fields: Any) -> PersonAccess:
    people = {**tenant.members, key: tenant.members[key].model_copy(update=fields)}
    return next(line for line in who(tenant.model_copy(update={"people": people})) if line.key == key)


def test_there_is_a_line_for_everybody_in_the_order_of_the_file(us: Tenant) -> None:
    assert [line.key for line in who(us)] == list(us.members)


@pytest.mark.parametrize(
    ("role", "gives"),
    [
        (PartnerRole.ADMIN_AGENT, ("AdminAgents",)),
        (PartnerRole.SALES_AGENT, ("SalesAgents",)),
        (PartnerRole.HELPDESK_AGENT, ("HelpdeskAgents",)),
        (PartnerRole.GLOBAL_ADMIN, ("AdminAgents", "Global Administrator")),
        (PartnerRole.BILLING_ADMIN, ("Billing Administrator",)),
        (PartnerRole.USER_MANAGEMENT_ADMIN, ("User Administrator",)),
    ],
)
def test_each_role_gives_its_row_of_table_1(us: Tenant, role: PartnerRole, gives: tuple[str, ...]) -> None:
    assert line(us, "carla", roles=(role,)).gives == gives


def test_an_emergency_account_is_marked_and_is_in_no_group(us: Tenant) -> None:
    rescue = line(us, "rescue-1")
    assert rescue.declared_roles == ("Global admin (emergency)",)
    assert rescue.gives == ("Global Administrator",)


def test_a_leaver_has_nothing(us: Tenant) -> None:
    left = line(us, "bruno", state=PersonState.LEAVER)
    assert (left.gives, left.roles, left.ftop_summary) == ((), (), "no")
    assert left.account == "created here, leaver"


def test_an_adopted_account_is_distinguished_from_one_made_here(us: Tenant) -> None:
    assert line(us, "ada").account == "adopted"
    assert line(us, "bruno").account == "created here"


def test_ftop_waits_for_the_tenants_approval(us: Tenant) -> None:
    assert line(us, "ada").ftop_summary == "incomplete: lacks tenant approval"
    assert line(us, "ada", roles=()).ftop_summary == "no"


def test_whoever_gets_into_ftop_reads_every_customer_and_writes_those_assigned(us: Tenant) -> None:
    assert us.ftop
    plan = us.ftop.model_copy(update={"consents": {"ines": date(2026, 3, 2)}})
    consented = us.model_copy(update={"ftop": plan})
    assert line(consented, "ines").ftop_summary == "yes, reads all customers; Fabrikam Inc.: FastTrack Engineer"
    assert line(consented, "ada").ftop_summary == "incomplete: lacks tenant approval"
    assert line(us, "ines").ftop_summary == "incomplete: lacks tenant approval; Fabrikam Inc.: FastTrack Engineer"
    assert line(us, "ines", state=PersonState.LEAVER).ftop_summary == "no"


def test_without_csp_there_are_no_agent_groups_to_be_in(us: Tenant) -> None:
    without = us.model_copy(update={"programs": {Program.FASTTRACK: us.programs[Program.FASTTRACK]}})
    assert line(without, "bruno").gives == ("Global Administrator",)


def test_the_stacks_output_has_what_is_held_and_partner_center_roles(us: Tenant) -> None:
    held = who_has_what(us)
    assert held["ada.nakamura@contoso-partner.onmicrosoft.com"] == [
        "AdminAgents",
        "Global Administrator",
        CompanyRole.ACCOUNT_ADMIN.value,
    ]
    assert list(held) == [person.upn for person in us.members.values()]


def test_a_tenant_of_own_use_warns_of_power_over_the_companys_own_users(us: Tenant) -> None:
    both = us.model_copy(update={"purpose": frozenset(Purpose)})
    assert any("users of the company itself" in note for note in notes(both))
    assert not any("users of the company itself" in note for note in notes(us))


def test_a_role_that_ends_says_until_when_and_why_in_every_form(us: Tenant) -> None:
    end = End(date=date(2026, 12, 31), reason="The move")
    farid = line(us, "farid", until={PartnerRole.BILLING_ADMIN: end})
    assert farid.notes == ("Billing admin until 2026-12-31: The move",)
    assert [held.until for held in farid.roles] == [end.date]
    assert [held.until for held in line(us, "farid").roles] == [None]


def test_a_declared_identity_is_shown_as_no_person_where_nobody_in_particular_is_asked_for(root: Path) -> None:
    declaration = load(root / "partners/contoso")
    bridge = DeclaredIdentity(
        object_id="0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21",
        name="Backup Bridge",
        groups=(AgentGroup.ADMIN_AGENTS,),
        owner="Ada",
        reason="No GDAP yet",
        decided_on=date(2026, 1, 1),
        until=date(2026, 12, 31),
    )
    us = declaration.tenants["us"].model_copy(update={"identities": {"bridge": bridge}})
    stack = Stack(replace(declaration, tenants={"us": us}), "us")
    tenant = TenantAccess.of(stack)
    message = f"Application: Backup Bridge ({bridge.object_id}) is in AdminAgents until 2026-12-31: No GDAP yet (Ada)"
    assert message in markdown.render(who_document.as_matrix([tenant])).replace("`", "")
    assert "Backup Bridge" in who_document.as_csv([tenant])
    assert "bridge" not in {person.key for person in tenant.people}
    assert TenantAccess.of(stack, Filter(person="ada")).identities == ()
