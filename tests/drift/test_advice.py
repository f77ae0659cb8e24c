"""Following an advice of drift gives exactly the access that was there; where it cannot stay, the advice says so."""

from typing import Any

from hypothesis import event, given

from tenantry.access.adoption import compare as compare_adopted
from tenantry.access.change import change
from tenantry.access.existing import Existing
from tenantry.access.grants import power_id
from tenantry.declaration import Tenant
from tenantry.declaration.insert import flow
from tenantry.drift.edits import applied
from tenantry.drift.model import Change, Drift
from tenantry.reports.check import check_declaration
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole
from tenantry.rules.change.evaluate import evaluate
from tests import acme
from tests.acme import DOMAIN, EXCHANGE_ADMINISTRATOR, PARTNER_TIER2_SUPPORT, tenant_file
from tests.depth import slow

from .builder import ADA, CARLA, TODAY
from .worlds import (
    CREW,
    LEFT,
    NAMES,
    PEOPLE,
    RESCUE,
    ROBOTS,
    Given,
    World,
    id_of,
    worlds,
)

ZOE, ANN, GUEST = id_of(31), id_of(33), id_of(34)
GLOBAL, BILLING, USERS = (
    DirectoryRole.GLOBAL_ADMINISTRATOR.template_id,
    DirectoryRole.BILLING_ADMINISTRATOR.template_id,
    DirectoryRole.USER_ADMINISTRATOR.template_id,
)
ADMINS = AgentGroup.ADMIN_AGENTS
Access = set[tuple[str, str, AssignmentType, str]]


def world(*given: Given, **declared: Any) -> World:
    file = tenant_file(PEOPLE, **{"domains": {"initial": DOMAIN, "verified": ["acme.example"]}, **declared})
    return World(file, (*LEFT, *given), ())


def only(here: World) -> Drift:
    (item,) = here.compared().drift
    return item


# --- the inputs that somebody tried


def test_a_person_in_an_agent_group_is_declared_with_their_account() -> None:
    item = only(world(Given(ZOE, ADMINS)))
    assert item.to_keep == (
        "declare them: write under `people`: `zoe-berg: {full_name: Zoe Berg, upn: "
        "zoe.berg@acme-partner.onmicrosoft.com, roles: [Admin agent], adopted: "
        f"{ZOE}, email: zoe.berg@acme.example}}`"
    )


def test_a_guest_cannot_stay_and_the_next_update_takes_it_out() -> None:
    item = only(world(Given(GUEST, ADMINS)))
    assert item.to_keep.startswith("it cannot stay: guests may hold no agent group or directory role (PT-106)")
    assert item.to_take_back == "run `pulumi up`, which removes it from AdminAgents"


def test_a_group_in_an_agent_group_cannot_stay() -> None:
    item = only(world(Given(CREW, ADMINS)))
    assert item.to_keep.startswith("it cannot stay: a group may not be in an agent group (PT-107)")


def test_an_application_in_an_agent_group_stays_as_a_declared_identity_and_by_no_decision() -> None:
    item = only(world(Given(ROBOTS, ADMINS)))
    assert item.to_keep == (
        f"declare it until a date: write under `identities`: `robots: {{object_id: {ROBOTS}, name: Robots, "
        "groups: [AdminAgents], owner: WHO, reason: WHY, decided_on: DAY, until: DAY}`"
    )
    assert "only as a declared identity (PT-107)" in item.cannot_be_accepted


def test_an_eligible_global_administrator_is_not_made_an_active_one_with_admin_agents() -> None:
    item = only(world(Given(ZOE, GLOBAL, AssignmentType.ELIGIBLE)))
    assert item.to_keep == (
        "it cannot be declared under `people`: no role of Table 1 gives Global Administrator without "
        "AdminAgents (a Global admin may be declared `without` it); accept it until a date with the decision below"
    )
    assert dict(item.decision) == {"principal": ZOE, "what": "Global Administrator", "assignment": "eligible"}
    assert "Privileged Identity Management" in item.to_take_back


def test_partner_tier_2_support_is_called_by_its_name_and_cannot_stay() -> None:
    item = only(world(Given(ZOE, PARTNER_TIER2_SUPPORT)))
    assert item.what == "Partner Tier2 Support"
    assert item.to_keep == "it cannot stay: Microsoft lists Partner Tier2 Support as not intended for use (PT-104)"
    assert item.to_take_back.startswith("remove the assignment of Partner Tier2 Support")


def test_a_role_that_table_1_does_not_know_is_named_and_accepted_for_a_time_or_allowed_beside_own_use() -> None:
    item = only(world(Given(ZOE, EXCHANGE_ADMINISTRATOR)))
    assert (item.what, item.advice.decision) == ("Exchange Administrator", True)
    item = only(world(Given(ZOE, EXCHANGE_ADMINISTRATOR), purpose=["partner", "own use"]))
    line = f"write under `allowed_roles`: `Exchange Administrator: {EXCHANGE_ADMINISTRATOR}`"
    assert item.to_keep == f"allow the role in this tenant: {line}"


def test_a_role_of_an_adopted_account_is_declared_with_its_pin() -> None:
    assignment = Given(ADA, BILLING)
    item = only(world(assignment))
    assert item.to_keep == (
        "declare it: write under `people.ada`: `roles: [Global admin, Billing admin]`; write under "
        f"`people.ada.pins.role_assignments`: `Billing Administrator: {flow(assignment.id)}`"
    )


def test_a_role_of_an_account_that_was_made_here_is_taken_away_first() -> None:
    item = only(world(Given(CARLA, BILLING)))
    assert item.advice.take_back_first
    assert "first remove the assignment of Billing Administrator" in item.to_keep


def test_an_emergency_account_in_an_agent_group_cannot_stay() -> None:
    assert only(world(Given(RESCUE, ADMINS))).to_keep.startswith("it cannot stay: an emergency account holds")


def test_an_account_outside_the_tenants_domains_cannot_be_declared_and_the_rule_says_so() -> None:
    assert "it cannot stay: [PT-305]" in only(world(Given(ANN, ADMINS))).to_keep


# --- the law


def access(existing: Existing) -> Access:
    return {
        (held.principal.object_id, power_id(held.power), held.assignment_type, held.scope)
        for held in existing.access.grants
        if not held.principal.is_group
    }


def covered(item: tuple[str, str, AssignmentType, str], by: Access) -> bool:
    who, what, assignment_type, scope = item
    return any((who, what, s, where) in by for s in {AssignmentType.ACTIVE, assignment_type} for where in {"/", scope})


def refused(tenant: Tenant, existing: Existing) -> set[tuple[str, str]]:
    return {(item.kind.value, item.subject) for item in evaluate(tenant, change(tenant, existing), TODAY)}


@slow
@given(worlds())
def test_an_advice_leads_to_the_access_that_was_there_or_says_that_it_cannot_stay(here: World) -> None:
    for item in here.compared().drift:
        assert item.to_keep
        assert item.to_take_back
        if item.advice.edit:
            event(f"declared: {item.change}")
            follow(here, item)
        elif item.advice.decision:
            event("accepted until a date")
            accept(here, item)
        else:
            event(f"cannot stay: {item.change}")
            assert "cannot stay" in item.to_keep or "reason: WHY" in item.to_keep


def follow(here: World, item: Drift) -> None:
    tenant = here.declaration.tenants["us"]
    edit = tuple(
        (path, {**value, "email": "their.own@acme.example"} if "THEIR BUSINESS ADDRESS" in str(value) else value)
        for path, value in item.advice.edit
    )
    wanted = applied(tenant, edit)
    assert wanted is not None, edit
    before = {str(finding) for finding in blocking(tenant)}
    assert {str(finding) for finding in blocking(wanted)} <= before, edit

    assignment = next((given for given in here.given if given.id in item.to_take_back), None)
    existing = here.existing(assignment.id if item.advice.take_back_first and assignment else "")
    assert refused(wanted, existing) <= refused(tenant, existing), edit
    users = here.users.values()
    assert not compare_adopted(wanted, users).refusals

    # Everybody else gets and keeps what they would anyway; whom it is about has what they have now, and nothing more.
    whose = who(here, item)
    now, then = access(here.existing()), access(change(wanted, existing).after)
    anyway = access(change(tenant, existing).after)
    assert {held for held in then if held[0] != whose} == {held for held in anyway if held[0] != whose}
    mine = {held for held in now if held[0] == whose}
    given = {held for held in then if held[0] == whose}
    declared_before = {held for held in anyway if held[0] == whose}
    assert all(covered(held, mine | declared_before) for held in given), (edit, given, mine)
    about = (
        whose,
        what(item),
        AssignmentType.ELIGIBLE if item.assignment == "eligible" else AssignmentType.ACTIVE,
        item.scope,
    )
    if item.change is Change.ADDED and whose is not None and not allows(edit):
        assert covered((whose, *about[1:]), given), edit
    if item.change is Change.REMOVED:
        assert about not in given


def allows(edit: Any) -> bool:
    return any(path[0] == "allowed_roles" for path, _ in edit)


def accept(here: World, item: Drift) -> None:
    """A decision copied from the report is a valid one, is about this alone, and nothing undoes it."""
    decision = {
        **item.decision,
        "state": "accepted",
        "reason": "Why",
        "owner": "Who",
        "decided_on": TODAY,
        "until": TODAY.replace(year=2027),
    }
    decided = World({**here.declared, "drift": {"it": decision}}, here.given, here.crew)
    found = decided.compared()
    accepted = [other for other in found.drift if not other.counts]
    assert [(other.subject, other.what, other.how) for other in accepted] == [(item.subject, item.what, item.how)]
    assert found.stale == ()
    tenant = here.declaration.tenants["us"]
    now, then = access(here.existing()), access(change(tenant, here.existing()).after)
    whose = who(here, item)
    assert {h for h in now if h[0] == whose and h[1] == what(item)} <= then


def who(here: World, item: Drift) -> str:
    by_upn = {user.user_principal_name: id_ for id_, user in here.users.items()}
    return by_upn.get(item.principal, item.principal)


def what(item: Drift) -> str:
    ids = {role.value: role.template_id for role in DirectoryRole} | {name: id_ for id_, name in NAMES.items()}
    return ids.get(item.what, item.what)


def blocking(tenant: Tenant) -> list[Any]:
    checked = check_declaration(acme.declaration(tenant), TODAY)
    return [finding for finding in checked.findings if finding.level.blocks]
