"""What is declared of a tenant that exists, and what becomes a question."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tenantry.adopt.consent import FtopConsent, OwnConsents
from tenantry.adopt.propose import AdoptError, UnsignedError, Written
from tenantry.adopt.questions import Question, Signature
from tenantry.declaration.consent import MICROSOFT_GRAPH
from tenantry.declaration.tenant import Mode
from tenantry.graph.models import ConsentGrant, ConsentType
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.todo import TodoKind, todos
from tests.directory.samples import ADA, UNITED_STATES

from .tenants import DOMAIN, Adopting, adopting, people

GLOBAL = DirectoryRole.GLOBAL_ADMINISTRATOR.value


def asked(questions: tuple[Question, ...]) -> dict[str, tuple[str, ...]]:
    """The questions by key, with the answers that each takes."""
    return {one.key: one.names for one in questions}


# --- what is declared


def test_a_tenant_in_which_all_can_be_declared_is_authoritative_and_asks_nothing() -> None:
    seed = {
        "users": people("bob.berg", "cleo", "dan"),
        "groups": {"AdminAgents": {"members": [f"bob.berg@{DOMAIN}"]}, "SalesAgents": {"members": [f"cleo@{DOMAIN}"]}},
        "roles": {"Billing Administrator": [f"dan@{DOMAIN}"]},
    }
    proposal = adopting(seed).propose()
    roles = {key: [role.value for role in person.roles] for key, person in proposal.tenant.members.items()}
    assert roles == {
        "ada": ["Global admin"],
        "bob-berg": ["Admin agent"],
        "cleo": ["Sales agent"],
        "dan": ["Billing admin"],
    }
    assert (proposal.questions, proposal.tenant.mode) == ((), Mode.AUTHORITATIVE)
    assert (proposal.accounts, proposal.holders, proposal.imports) == (4, 4, 3 + 2)
    assert set(proposal.tenant.agent_groups.ids) == set(AgentGroup)


def test_the_head_is_what_the_tenant_says_of_itself() -> None:
    tenant = adopting({}).propose().tenant
    assert (tenant.id, tenant.name) == (UNITED_STATES.tenant_id, UNITED_STATES.display_name)
    assert (tenant.country, tenant.domains.all) == ("US", (UNITED_STATES.initial_domain, DOMAIN))


def test_people_are_adopted_by_object_id_and_their_roles_pinned() -> None:
    ada = adopting({}).propose().tenant.members["ada"]
    assert (ada.adopted, ada.upn) == (ADA.object_id, ADA.upn)
    assert set(ada.pins.role_assignments) == {DirectoryRole.GLOBAL_ADMINISTRATOR}


def test_who_holds_nothing_is_not_declared() -> None:
    assert set(adopting({"users": people("zoe")}).propose().tenant.members) == {"ada"}


def test_keys_are_readable_in_every_script_and_numbered_where_they_collide() -> None:
    seed: dict[str, Any] = {
        "users": {
            f"soren@{DOMAIN}": {"displayName": "Søren Østergård"},
            "soren@contoso-partner.onmicrosoft.com": {"displayName": "Sören"},
            f"o'connor@{DOMAIN}": {"displayName": "Zoë O'Connor"},
            f"24@{DOMAIN}": {"displayName": "عمر حداد"},
        },
    }
    seed["groups"] = {"HelpdeskAgents": {"members": list(seed["users"])}}
    keys = set(adopting(seed).propose().tenant.members)
    assert keys == {"ada", "soren", "soren-2", "oconnor", "p-24"}


def test_user_administrator_over_a_unit_is_declared_so() -> None:
    seed = {
        "users": people("eve"),
        "administrativeUnits": {"Oslo": {"roles": {"User Administrator": [f"eve@{DOMAIN}"]}}},
    }
    proposal = adopting(seed).propose()
    eve = proposal.tenant.members["eve"]
    assert eve.assignment(DirectoryRole.USER_ADMINISTRATOR).administrative_unit
    assert proposal.questions == ()


def test_what_is_held_in_a_broader_way_as_well_is_said_to_be_covered() -> None:
    seed = {
        "users": people("eve"),
        "roles": {"User Administrator": [f"eve@{DOMAIN}"]},
        "administrativeUnits": {"Oslo": {"roles": {"User Administrator": [f"eve@{DOMAIN}"]}}},
    }
    proposal = adopting(seed).propose()
    assert proposal.questions == ()
    (covered,) = proposal.covered
    assert covered.startswith(f"Eve (eve@{DOMAIN}): User Administrator (over the administrative unit Oslo (/admin")


def test_without_agent_groups_an_administrator_needs_none() -> None:
    enrolment = replace(UNITED_STATES, agent_groups=False)
    proposal = adopting(
        {"users": people("gus"), "roles": {"User Administrator": [f"gus@{DOMAIN}"]}}, enrolment
    ).propose()
    assert (dict(proposal.tenant.programs), proposal.tenant.agent_groups.ids) == ({}, {})
    assert {key: person.roles[0].value for key, person in proposal.tenant.members.items()} == {
        "ada": "Global admin",
        "gus": "User management admin",
    }
    assert proposal.questions == ()


def test_without_the_licence_nobody_is_eligible_and_all_else_is_adopted() -> None:
    proposal = adopting({"licences": []}).propose()
    assert (set(proposal.tenant.members), proposal.questions) == ({"ada"}, ())


# --- what is asked


def test_a_guest_is_asked_about_and_nothing_makes_it_right() -> None:
    seed: dict[str, Any] = {"guests": {"eva@fabrikam.example": {"displayName": "Eva"}}}
    seed["groups"] = {"HelpdeskAgents": {"members": ["eva@fabrikam.example"]}}
    proposal = adopting(seed).propose()
    assert asked(proposal.questions) == {"guest/eva-fabrikam-example": ("remove", "later")}
    assert (set(proposal.tenant.members), proposal.tenant.mode) == ({"ada"}, Mode.ADDITIVE)


def test_a_group_in_an_agent_group_is_one_question_with_everybody_in_it() -> None:
    seed = {
        "users": people("bob", "cleo"),
        "groups": {
            "Crew": {"members": [f"bob@{DOMAIN}", f"cleo@{DOMAIN}"]},
            "AdminAgents": {"members": ["Crew"]},
        },
    }
    proposal = adopting(seed).propose()
    (question,) = proposal.questions
    assert (question.key, question.names) == ("group/crew", ("remove", "later"))
    assert question.subject == "the group Crew (2 accounts in it)"
    assert len(question.paths) == 3, "the group's own membership, and what two people have by it"


def test_an_application_in_an_agent_group_is_asked_about() -> None:
    seed = {"applications": {"Backup Bridge": {}}, "groups": {"AdminAgents": {"members": ["Backup Bridge"]}}}
    (question,) = adopting(seed).propose().questions
    assert question.key == "application/backup-bridge"
    assert question.subject == "the service principal Backup Bridge"
    assert "accept" not in question.names


@pytest.mark.parametrize(
    ("answer", "person"),
    [("leaver", {"roles": [], "state": "leaver"}), ("declare", {"roles": ["Admin agent"], "state": None})],
)
def test_of_a_disabled_account_people_say_whether_its_person_left(answer: str, person: dict[str, object]) -> None:
    seed = {"users": people("erik", accountEnabled=False), "groups": {"AdminAgents": {"members": [f"erik@{DOMAIN}"]}}}
    tenant = adopting(seed)
    (question,) = tenant.propose().questions
    assert (question.key, question.names) == ("disabled/erik", ("leaver", "declare", "remove", "later"))
    answered = tenant.propose({"disabled/erik": answer})
    assert ({*asked(answered.questions)} - {"leaver/erik"}, answered.unknown_answers) == (set(), ())
    erik = answered.tenant.members["erik"].model_dump(mode="json")
    assert {name: erik[name] for name in person} == person


def test_a_leaver_who_still_holds_something_is_asked_about_until_it_is_gone_or_decided() -> None:
    seed = {"users": people("erik", accountEnabled=False), "groups": {"AdminAgents": {"members": [f"erik@{DOMAIN}"]}}}
    tenant = adopting(seed)
    answered = tenant.propose({"disabled/erik": "leaver"})
    assert asked(answered.questions) == {"leaver/erik": ("remove", "later")}
    assert not [todo for todo in todos(answered.tenant) if todo.kind is TodoKind.DISABLE], "it is seen to be disabled"
    later = replace(tenant, written=Written(content=answered.content))
    assert asked(later.propose().questions) == {"leaver/erik": ("remove", "later")}
    decided = later.propose({"leaver/erik": "remove"})
    (decision,) = decided.tenant.drift.values()
    assert (decided.questions, decision.what, decision.state.value) == ((), "AdminAgents", "to be removed")


def test_a_disabled_leaver_in_a_group_keeps_the_tenant_additive() -> None:
    seed = {"users": people("erik", accountEnabled=False), "groups": {"AdminAgents": {"members": [f"erik@{DOMAIN}"]}}}
    answered = adopting(seed).propose({"disabled/erik": "leaver"})
    assert answered.tenant.mode is Mode.ADDITIVE, "an authoritative update would take Erik out of AdminAgents"


def test_a_global_admin_outside_admin_agents_is_never_put_into_it() -> None:
    rescue_upn = f"rescue@{UNITED_STATES.initial_domain}"
    tenant = adopting({"users": {rescue_upn: {"displayName": "Rescue"}}, "roles": {GLOBAL: [rescue_upn]}})
    proposal = tenant.propose()
    assert "rescue" not in proposal.tenant.members
    (question,) = proposal.questions
    assert question.key == "outside-admin-agents/rescue"
    answered = tenant.propose({question.key: "emergency"})
    rescue = answered.tenant.members["rescue"]
    assert (rescue.emergency, set(rescue.pins.role_assignments)) == (True, {DirectoryRole.GLOBAL_ADMINISTRATOR})
    assert answered.questions == ()


@pytest.mark.parametrize(
    ("upn", "how"),
    [
        (f"rita@{DOMAIN}", "roles"),
        (f"rita@{UNITED_STATES.initial_domain}", "eligibleRoles"),
    ],
    ids=["a name of the partner's own domain", "eligible"],
)
def test_nobody_is_offered_as_an_emergency_account_without_a_sign_of_it(upn: str, how: str) -> None:
    tenant = adopting({"users": {upn: {"displayName": "Rita"}}, how: {GLOBAL: [upn]}}, beyond_reach=frozenset())
    (question,) = tenant.propose().questions
    assert question.key == "outside-admin-agents/rita"
    assert "emergency" not in question.names
    assert "Nothing shows that it is an emergency account" in question.asks
    assert tenant.propose({question.key: "emergency"}).unknown_answers == (question.key,)


def test_a_global_admin_outside_admin_agents_can_be_declared_so_for_a_time() -> None:
    seed = {
        "users": people("rita"),
        "groups": {"SalesAgents": {"members": [f"rita@{DOMAIN}"]}},
        "roles": {GLOBAL: [f"rita@{DOMAIN}"]},
    }
    tenant = adopting(seed)
    (question,) = tenant.propose().questions
    assert (question.key, question.names) == ("outside-admin-agents/rita", ("deviation", "accept", "remove", "later"))
    answered = tenant.propose({question.key: "deviation"})
    rita = answered.tenant.members["rita"]
    assert [role.value for role in rita.roles] == ["Global admin", "Sales agent"]
    assert rita.without[AgentGroup.ADMIN_AGENTS].owner == "Grace Mbeki"
    assert (set(rita.pins.role_assignments), answered.questions) == ({DirectoryRole.GLOBAL_ADMINISTRATOR}, ())
    assert answered.tenant.mode is Mode.AUTHORITATIVE, "everybody in the groups is declared"


def test_an_application_in_an_agent_group_can_be_declared_for_a_time() -> None:
    seed = {"applications": {"Backup Bridge": {}}, "groups": {"AdminAgents": {"members": ["Backup Bridge"]}}}
    answered = adopting(seed).propose({"application/backup-bridge": "declare"})
    (identity,) = answered.tenant.identities.values()
    assert (identity.name, identity.groups, identity.owner) == (
        "Backup Bridge",
        (AgentGroup.ADMIN_AGENTS,),
        "Grace Mbeki",
    )
    assert (answered.questions, answered.tenant.mode) == ((), Mode.AUTHORITATIVE)


def test_what_only_people_know_is_open_paperwork_and_no_made_up_day() -> None:
    tenant = adopting({}).propose().tenant
    assert (tenant.paperwork_is_open, [one.enrolled_on for one in tenant.programs.values()]) == (True, [None])


def test_a_role_beyond_table_1_can_be_accepted_by_a_decision_with_an_owner_a_reason_and_an_end() -> None:
    seed = {"users": people("kim"), "roles": {"Exchange Administrator": [f"kim@{DOMAIN}"]}}
    tenant = adopting(seed)
    assert asked(tenant.propose().questions) == {"other-roles/kim": ("accept", "remove", "later")}
    answered = tenant.propose({"other-roles/kim": "accept"})
    assert answered.questions == ()
    (decision,) = answered.tenant.drift.values()
    assert (decision.what, decision.owner, decision.state.value) == (
        "Exchange Administrator",
        "Grace Mbeki",
        "accepted",
    )
    with pytest.raises(UnsignedError, match="add --owner NAME and --reason TEXT"):
        tenant.propose({"other-roles/kim": "accept"}, signed=Signature())


def test_a_partner_tier_role_can_only_go() -> None:
    seed = {"users": people("kim"), "roles": {"Partner Tier1 Support": [f"kim@{DOMAIN}"]}}
    assert asked(adopting(seed).propose().questions) == {"partner-tier/kim": ("remove", "later")}


def test_a_role_held_through_a_group_is_asked_about_with_the_group() -> None:
    seed = {
        "users": people("kim"),
        "groups": {"Operators": {"isAssignableToRole": True, "members": [f"kim@{DOMAIN}"]}},
        "roles": {"Billing Administrator": ["Operators"]},
    }
    tenant = adopting(seed)
    assert asked(tenant.propose().questions) == {"group/operators": ("accept", "remove", "later")}
    answered = tenant.propose({"group/operators": "accept"})
    assert answered.questions == ()
    assert len(answered.tenant.drift) == 2, "the group's own, and Kim's by it"


def test_a_synchronised_account_keeps_its_agent_role_and_its_directory_role_is_asked_about() -> None:
    seed = {
        "users": people("kim", onPremisesSyncEnabled=True),
        "groups": {"AdminAgents": {"members": [f"kim@{DOMAIN}"]}},
        "roles": {"Billing Administrator": [f"kim@{DOMAIN}"]},
    }
    proposal = adopting(seed).propose()
    kim = proposal.tenant.members["kim"]
    assert (kim.synchronised, [role.value for role in kim.roles]) == (True, ["Admin agent"])
    assert asked(proposal.questions) == {"synchronised/kim": ("accept", "remove", "later")}


def test_an_eligible_role_that_no_stack_can_take_over_is_not_declared() -> None:
    seed = {"users": people("kim"), "eligibleRoles": {"Billing Administrator": [f"kim@{DOMAIN}"]}}
    proposal = adopting(seed).propose()
    assert ("kim" in proposal.tenant.members, asked(proposal.questions)) == (
        False,
        {"eligible/kim": ("accept", "remove", "later")},
    )
    taken_over = adopting(seed, beyond_reach=frozenset()).propose()
    kim = taken_over.tenant.members["kim"]
    assert kim.assignment(DirectoryRole.BILLING_ADMINISTRATOR).eligible
    assert taken_over.questions == ()


def test_who_has_an_address_that_the_rules_refuse_is_declared_without_it_and_it_is_asked_about() -> None:
    seed = {"users": people("kim", mail="kim@gmail.com"), "groups": {"SalesAgents": {"members": [f"kim@{DOMAIN}"]}}}
    tenant = adopting(seed)
    proposal = tenant.propose()
    assert proposal.tenant.members["kim"].email is None
    assert asked(proposal.questions) == {"email/kim": ("declare", "later")}
    assert tenant.propose({"email/kim": "declare"}).tenant.members["kim"].email == "kim@gmail.com"


def test_an_answer_that_another_one_leaves_no_room_for_is_no_mistake_and_is_asked_again() -> None:
    crew = {"isAssignableToRole": True, "members": [f"kim@{DOMAIN}"]}
    seed = {
        "users": people("kim", accountEnabled=False),
        "groups": {"SalesAgents": {"members": [f"kim@{DOMAIN}"]}, "Crew": crew},
        "roles": {"Billing Administrator": ["Crew"]},
    }
    proposal = adopting(seed).propose({"disabled/kim": "leaver", "group/crew": "accept"})
    assert proposal.unknown_answers == ()
    assert asked(proposal.questions)["group/crew"] == ("remove", "later")
    assert adopting(seed).propose({"group/crew": "keep"}).unknown_answers == ("group/crew",)


def test_an_account_that_was_made_again_under_its_name_is_refused_with_both_object_ids() -> None:
    seed = {"users": people("bob"), "groups": {"SalesAgents": {"members": [f"bob@{DOMAIN}"]}}}
    tenant = adopting(seed)
    content = tenant.propose().content
    again = content["people"]["bob"]["adopted"]
    deleted = "d0000000-0000-4000-8000-000000000000"
    content["people"]["bob"]["adopted"] = deleted
    with pytest.raises(AdoptError, match=rf"`people\.bob` has bob@{DOMAIN} .*{deleted}.*{again}"):
        Adopting(tenant.facts, Written(content=content)).propose()
    content["people"]["bob"]["adopted"] = again
    assert Adopting(tenant.facts, Written(content=content)).propose().questions == ()


def test_an_address_that_an_answer_leaves_out_is_asked_about_in_the_same_run() -> None:
    tenant = adopting({"users": people("kim", mail="kim@gmail.com"), "roles": {GLOBAL: [f"kim@{DOMAIN}"]}})
    answered = tenant.propose({"outside-admin-agents/kim": "deviation"})
    assert asked(answered.questions) == {"email/kim": ("declare", "later")}
    both = tenant.propose({"outside-admin-agents/kim": "deviation", "email/kim": "declare"})
    assert (both.questions, both.tenant.members["kim"].email) == ((), "kim@gmail.com")


def test_a_group_of_the_same_name_is_asked_about_and_what_partner_center_calls_it_is_taken() -> None:
    seed = {"users": people("kim"), "groups": {"Admin Agents": {"members": [f"kim@{DOMAIN}"]}}}
    tenant = adopting(seed)
    (question,) = tenant.propose().questions
    real = tenant.facts.observed.agent_groups[AgentGroup.ADMIN_AGENTS].group.id  # type: ignore[union-attr]
    assert (question.key, len(question.names), real in question.asks) == ("agent-group/AdminAgents", 2, True)
    assert "kim" not in tenant.propose().tenant.members, "whoever is in the other holds nothing"


def test_an_answer_that_fits_nothing_is_told() -> None:
    proposal = adopting({}).propose({"guest/nobody": "remove"})
    assert proposal.unknown_answers == ("guest/nobody",)


# --- consent to FTOP

FTOP = "0f7090aa-0000-4000-8000-00000000f70b"


def with_consent(*permissions: str, resource: str = MICROSOFT_GRAPH) -> FtopConsent:
    grant = ConsentGrant(
        id="the-grant",
        client_id="c",
        consent_type=ConsentType.ALL_PRINCIPALS,
        principal_id=None,
        resource_id="r",
        scope=" ".join(permissions),
    )
    return FtopConsent(FTOP, grant, resource)


def test_the_tenants_consent_to_ftop_is_pinned_once_somebody_says_who_gave_it_and_when() -> None:
    tenant = adopting({}, consent=with_consent("User.Read", "openid"))
    (question,) = tenant.propose().questions
    assert (question.key, "PERSON@DAY" in question.free) == ("ftop/approval", True)
    answered = tenant.propose({"ftop/approval": "ada@2025-03-04"})
    ftop = answered.tenant.ftop
    assert ftop is not None
    assert (ftop.application_id, ftop.pins.consent_grant) == (FTOP, "the-grant")
    assert ftop.approval
    assert (ftop.approval.by, str(ftop.approval.on), ftop.permissions) == ("ada", "2025-03-04", ("User.Read", "openid"))
    assert (answered.questions, answered.unknown_answers) == ((), ())


@pytest.mark.parametrize("answer", ["ada", "nobody@2025-03-04", "ada@2025-02-30", "ada@2027-01-01", "remove"])
def test_an_approval_by_nobody_or_on_no_day_is_none(answer: str) -> None:
    proposal = adopting({}, consent=with_consent("User.Read")).propose({"ftop/approval": answer})
    assert (proposal.tenant.ftop, proposal.unknown_answers) == (None, ("ftop/approval",))


def with_own_consents(*upns: str, seed: dict[str, Any], consent: FtopConsent | None = None) -> Adopting:
    tenant = adopting(seed, consent=consent)
    ids = {user.user_principal_name: user.id for user in tenant.facts.observed.users}  # type: ignore[union-attr]
    return replace(tenant, facts=replace(tenant.facts, own_consents=OwnConsents(FTOP, tuple(ids[upn] for upn in upns))))


def test_consents_of_people_for_themselves_are_asked_about_until_the_file_has_their_day() -> None:
    seed = {"users": people("zoe")}
    tenant = with_own_consents(ADA.upn, f"zoe@{DOMAIN}", seed=seed)
    (question,) = tenant.propose().questions
    assert (question.key, question.holds[0]) == (
        "ftop/own-consents",
        f"the own consent of {ADA.display_name} ({ADA.upn})",
    )
    answered = tenant.propose({"ftop/own-consents": "2025-03-04"})
    assert answered.tenant.ftop
    assert answered.tenant.ftop.consents == {"ada": date(2025, 3, 4)}
    (left,) = answered.questions
    assert [holds.split("(")[0] for holds in left.holds] == ["the own consent of Zoe "], "nobody declares Zoe"
    for wrong in ("yesterday", "2027-01-01"):
        assert tenant.propose({"ftop/own-consents": wrong}).unknown_answers == ("ftop/own-consents",)


def test_beside_the_tenants_approval_peoples_own_consents_are_to_be_revoked() -> None:
    tenant = with_own_consents(ADA.upn, seed={}, consent=with_consent("User.Read"))
    own = next(one for one in tenant.propose().questions if one.key == "ftop/own-consents")
    assert "for everybody (PT-502): revoke them" in own.asks
    assert tenant.propose({"ftop/own-consents": "2025-03-04"}).unknown_answers == ("ftop/own-consents",)


def test_consent_to_another_application_is_declared_with_it() -> None:
    proposal = adopting({}, consent=with_consent("Profiles.Read", resource=FTOP)).propose(
        {"ftop/approval": "ada@2025-03-04"}
    )
    assert proposal.tenant.ftop
    assert proposal.tenant.ftop.resource_application_id == FTOP
