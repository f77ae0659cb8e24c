"""Table 1 as the source document prints it, its effect, and the laws of its inverse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.role_templates import ROLE_TEMPLATES, RoleTemplate
from tenantry.roles import (
    ALIASES,
    COMPANY_ROLE_MAY,
    ROW_OF,
    TABLE_1,
    AgentGroup,
    CompanyRole,
    DirectoryRole,
    Family,
    Ftop,
    PartnerRole,
    Power,
    expand,
    ftop_access,
    held,
    nearest_role,
    role_named,
)

# The table as the document prints it: an independent copy, so that a slip in roles.py shows.
PRINTED = """
|Admin agent| Admin Agents/All Users| Admin agent|
|Sales agent| Sales Agents/All Users| User (no admin access)|
|Helpdesk agent| Helpdesk Agents/All Users| User (no admin access)|
|Global admin| Admin Agents/All Users| Global admin|
|Billing admin| All Users| Billing administrator|
|User management admin| All Users| User management administrator|
"""
POWERS: list[Power] = [*AgentGroup, *DirectoryRole]
powers = st.frozensets(st.sampled_from(POWERS))
roles = st.frozensets(st.sampled_from(list(PartnerRole)))


def test_table_1_is_kept_word_for_word_and_in_order() -> None:
    ours = [f"|{row.role}| {row.group_membership}| {row.admin_center_role}|" for row in TABLE_1]
    assert ours == PRINTED.strip().splitlines()


def test_the_group_column_and_the_effect_agree() -> None:
    for row in TABLE_1:
        printed = {AgentGroup.by_display_name(name) for name in row.group_membership.split("/")} - {None}
        assert printed == {power for power in row.powers if isinstance(power, AgentGroup)}


@pytest.mark.parametrize(
    ("role", "effect"),
    [
        (PartnerRole.ADMIN_AGENT, {AgentGroup.ADMIN_AGENTS}),
        (PartnerRole.SALES_AGENT, {AgentGroup.SALES_AGENTS}),
        (PartnerRole.HELPDESK_AGENT, {AgentGroup.HELPDESK_AGENTS}),
        (PartnerRole.GLOBAL_ADMIN, {AgentGroup.ADMIN_AGENTS, DirectoryRole.GLOBAL_ADMINISTRATOR}),
        (PartnerRole.BILLING_ADMIN, {DirectoryRole.BILLING_ADMINISTRATOR}),
        (PartnerRole.USER_MANAGEMENT_ADMIN, {DirectoryRole.USER_ADMINISTRATOR}),
    ],
)
def test_each_role_gives_its_row(role: PartnerRole, effect: set[Power]) -> None:
    assert expand([role]) == effect


def test_template_ids_are_those_of_the_built_in_roles() -> None:
    assert {role.value: role.template_id for role in DirectoryRole} == {
        "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
        "Billing Administrator": "b0f54661-2d74-4c50-afa3-1ec803f12efe",
        "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    }


@pytest.mark.parametrize("role", DirectoryRole)
def test_a_template_id_is_found_in_any_case(role: DirectoryRole) -> None:
    assert DirectoryRole.by_template_id(role.template_id.upper()) is role


def test_an_emergency_account_holds_its_directory_role_and_no_agent_group() -> None:
    assert expand([PartnerRole.GLOBAL_ADMIN], emergency=True) == {DirectoryRole.GLOBAL_ADMINISTRATOR}


@given(powers)
def test_expanding_the_inverse_and_adding_the_leftover_gives_the_powers_back(these: frozenset[Power]) -> None:
    what = held(these)
    assert expand(what.roles) | what.leftover == these
    assert not expand(what.roles) & what.leftover


@given(roles)
def test_the_inverse_of_an_expansion_has_no_leftover_and_the_same_effect(
    these: frozenset[PartnerRole],
) -> None:
    what = held(expand(these))
    assert what.leftover == frozenset()
    assert expand(what.roles) == expand(these)
    assert what.roles <= these


def test_global_admin_is_read_alone_where_admin_agent_may_have_been_meant_too() -> None:
    both = expand([PartnerRole.GLOBAL_ADMIN, PartnerRole.ADMIN_AGENT])
    assert held(both).roles == {PartnerRole.GLOBAL_ADMIN}


def test_half_a_row_is_no_role() -> None:
    assert held([DirectoryRole.GLOBAL_ADMINISTRATOR]).roles == frozenset()
    assert held([DirectoryRole.GLOBAL_ADMINISTRATOR]).leftover == {DirectoryRole.GLOBAL_ADMINISTRATOR}


@pytest.mark.parametrize("role", PartnerRole)
def test_each_complete_row_opens_ftop_once_the_tenant_is_approved(role: PartnerRole) -> None:
    assert ftop_access(expand([role]), consented=True).verdict is Ftop.YES
    assert str(ftop_access(expand([role]), consented=False)) == "incomplete: lacks tenant approval"


def test_ftop_is_closed_to_somebody_who_is_neither_agent_nor_admin() -> None:
    assert ftop_access([], consented=True).verdict is Ftop.NO


def test_ftop_names_what_half_a_row_lacks() -> None:
    half = ftop_access([DirectoryRole.GLOBAL_ADMINISTRATOR], consented=True)
    assert str(half) == "incomplete: lacks AdminAgents"


@pytest.mark.parametrize("spelling", ["AdminAgents", "Admin Agents", "adminagents", " ADMIN  AGENTS "])
def test_both_spellings_of_a_group_are_one_name(spelling: str) -> None:
    assert AgentGroup.by_display_name(spelling) is AgentGroup.ADMIN_AGENTS


@pytest.mark.parametrize("name", ["All Users", "Admin", "AdminAgents2", ""])
def test_other_groups_are_no_agent_group(name: str) -> None:
    assert AgentGroup.by_display_name(name) is None


@pytest.mark.parametrize(("spelling", "role"), list(ALIASES.items()))
def test_an_alias_is_understood_in_any_case(spelling: str, role: PartnerRole | CompanyRole) -> None:
    assert role_named(spelling.upper().replace(" ", "_")) is role


def test_a_misspelt_role_has_a_nearest_one() -> None:
    assert role_named("Admn agnt") is None
    assert nearest_role("Admn agnt") is PartnerRole.ADMIN_AGENT
    assert nearest_role("qqqq") is None


def test_no_name_stands_for_two_roles() -> None:
    names = [role.value.casefold() for role in [*PartnerRole, *CompanyRole]]
    assert len(names) == len(set(names))
    assert not set(names) & set(ALIASES)


def test_every_role_says_what_it_may_do_and_which_family_it_is_of() -> None:
    assert set(COMPANY_ROLE_MAY) == set(CompanyRole)
    assert all(row.may for row in TABLE_1)
    csp = {row.role for row in TABLE_1 if row.family is Family.CSP}
    assert csp == {PartnerRole.ADMIN_AGENT, PartnerRole.SALES_AGENT, PartnerRole.HELPDESK_AGENT}


@pytest.mark.parametrize(
    "name",
    ["Helpdesk admin", "Exchange Administrator", "Global agent", "Sales admin", "Global Reader", "admin", "agent"],
)
def test_what_is_merely_alike_is_never_suggested(name: str) -> None:
    """Each of these was answered with a role that gives an agent group or the whole tenant."""
    assert nearest_role(name) is None


@pytest.mark.parametrize("template", ROLE_TEMPLATES.values(), ids=lambda template: template.name)
def test_no_directory_role_of_entra_is_taken_for_a_partner_role_that_gives_another(template: RoleTemplate) -> None:
    role = role_named(template.name) or nearest_role(template.name)
    if isinstance(role, PartnerRole):
        assert template.id in {power.template_id for power in ROW_OF[role].powers if isinstance(power, DirectoryRole)}
    else:
        assert role is None


def test_names_are_one_in_every_unicode_form() -> None:
    full_width = "".join(chr(ord(letter) + 0xFEE0) if letter != " " else letter for letter in "Admin agent")
    assert role_named(full_width) is PartnerRole.ADMIN_AGENT
    assert AgentGroup.by_display_name(full_width + "ｓ") is AgentGroup.ADMIN_AGENTS
