"""What drift is and what it is not, from facts: the honest tenant has none, and each test changes one thing."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tenantry.access.danger import Danger
from tenantry.access.parts import NotRead
from tenantry.access.resource_changes import ChangeType
from tenantry.access.resource_types import GROUP
from tenantry.drift.compare import Found
from tenantry.drift.model import Change, DriftReport, SeenBy
from tenantry.findings import NotEvaluated
from tenantry.graph.errors import Cause
from tenantry.graph.models import Group, MemberKind, ServicePrincipal
from tenantry.reports import drift as formats
from tenantry.reports import markdown
from tenantry.reports.truncate import LIMIT
from tenantry.roles import AgentGroup, DirectoryRole
from tests.acme import AT, GROUP_IDS, assignment, member, user
from tests.review.rendered import markdown_shape, markdown_words, printed

from .builder import ADA, CARLA, DECLARED, UNDECLARED, World, changed, resource

ADMINS_OF_CARLA: dict[str, Any] = {
    "displayName": "AdminAgents",
    "objectId": GROUP_IDS[AgentGroup.ADMIN_AGENTS],
    "members": [CARLA],
}
GLOBAL = DirectoryRole.GLOBAL_ADMINISTRATOR.template_id


@pytest.fixture
def world() -> World:
    return World()


def sentences(found: Found) -> list[str]:
    return [item.sentence for item in found.drift]


def report(found: Found) -> DriftReport:
    return DriftReport(
        stack="us",
        tenant="acme/us",
        name="Acme Partner",
        changes=found.drift,
        not_evaluated=found.not_evaluated,
        stale=found.stale,
    )


def person(world: World, key: str, **fields: Any) -> None:
    people = {**world.declared["people"], key: {**world.declared["people"].get(key, {}), **fields}}
    world.declared = {**world.declared, "people": people}


def undeclared_member_comes(world: World) -> None:
    world.users.append(user(UNDECLARED, "Stranger", f"stranger{AT}"))
    world.members.append(member(UNDECLARED, "Stranger", f"stranger{AT}"))
    world.admins = changed(world.admins, members=[ADA, CARLA, UNDECLARED])


def test_a_tenant_as_the_last_update_left_it_has_no_drift(world: World) -> None:
    found = world.compared()
    assert found == Found((), (), ())
    assert (report(found).headline, report(found).exit_code) == ("No drift.", 0)


def test_an_undeclared_account_in_a_group_is_added_and_the_next_update_takes_it_away(world: World) -> None:
    undeclared_member_comes(world)
    (item,) = world.compared().drift
    assert item.sentence == f"Stranger (stranger{AT}) has AdminAgents, which is not declared"
    assert (item.change, item.seen_by, item.next_update) == (Change.ADDED, SeenBy.ENGINE, "removes it")
    assert item.to_keep == (
        "declare them: write under `people`: `stranger: {full_name: Stranger, upn: stranger@acme-partner.onmicrosoft."
        f"com, roles: [Admin agent], adopted: {UNDECLARED}, email: THEIR BUSINESS ADDRESS}}`, with their own address "
        "for THEIR BUSINESS ADDRESS"
    )


def test_in_additive_mode_an_undeclared_account_stays(world: World) -> None:
    ids = {group.value: f"{n:08}-0000-4000-8000-0000000000aa" for n, group in enumerate(AgentGroup, 1)}
    world.declared |= {"mode": "additive", "agent_groups": {"ids": ids}}
    undeclared_member_comes(world)
    world.admins = replace(world.admins, before=world.admins.prior)
    (item,) = world.compared().drift
    assert (item.seen_by, item.next_update) == (SeenBy.GRAPH, "leaves it: remove it where it was given")


def test_somebody_taken_out_is_given_it_back(world: World) -> None:
    world.members.pop()
    world.admins = changed(world.admins, members=[ADA])
    (item,) = world.compared().drift
    assert item.sentence == f"Carla Wood (carla{AT}) no longer has AdminAgents"
    assert item.next_update == "gives it back"
    assert item.to_keep.startswith("it cannot stay so: [PT-311]"), "nobody is declared without a role"
    person(world, "carla", roles=["Admin agent", "Sales agent"])
    (item,) = [item for item in world.compared().drift if item.what == "AdminAgents"]
    assert item.to_keep == "write under `people.carla`: `roles: [Sales agent]`"


def test_what_has_ended_and_is_still_held_is_due_and_the_next_update_takes_it_away(world: World) -> None:
    person(world, "carla", roles=["Admin agent", "Sales agent"])
    ending = {"Admin agent": {"date": date(2026, 11, 20), "reason": "Migration"}}
    person(world, "carla", until=ending)
    found = world.compared()
    (item,) = [item for item in found.drift if item.what == "AdminAgents"]
    assert item.change is Change.DUE
    assert item.sentence == f"Carla Wood (carla{AT}) still has AdminAgents (due since 2026-11-20)"
    assert item.next_update == "removes it"
    assert item.to_keep == "write a later date in `people.carla.until.Admin agent`, with the reason"
    assert item.to_take_back == "run `pulumi up`: the next update removes it"
    assert item.counts
    assert report(found).exit_code == 7
    assert "1 due to be removed" in report(found).headline
    assert "Ended by the declaration, due to be removed" in markdown.render(formats.layout(report(found)))


def test_an_end_that_leaves_somebody_without_a_role_stands_in_nobody_elses_way(world: World) -> None:
    person(world, "carla", until={"Admin agent": {"date": date(2026, 11, 20), "reason": "Migration"}})
    undeclared_member_comes(world)
    (item,) = [item for item in world.compared().drift if item.change is Change.ADDED]
    assert item.to_keep.startswith("declare them: write under `people`: `stranger: {")


def test_what_ends_tomorrow_is_no_drift(world: World) -> None:
    person(world, "carla", until={"Admin agent": {"date": date(2026, 11, 25), "reason": "Migration"}})
    assert world.compared() == Found((), (), ())


def test_advice_that_changes_roles_takes_the_ends_of_the_others_with_them(world: World) -> None:
    person(world, "carla", roles=["Admin agent", "Helpdesk agent", "Sales agent"])
    person(world, "carla", until={"Sales agent": {"date": date(2026, 11, 20), "reason": "Migration"}})
    world.members.pop()
    world.admins = changed(world.admins, members=[ADA])
    (item,) = world.compared().drift
    assert item.to_keep == (
        "write under `people.carla`: `roles: [Helpdesk agent]`; remove under `people.carla.until`: `Sales agent`"
    )


KEPT_OUT = {
    "AdminAgents": {"reason": "r", "owner": "o", "decided_on": date(2026, 6, 1), "until": date(2027, 5, 31)},
}


def test_a_global_admin_who_is_kept_out_and_was_put_into_the_group_is_drift_and_may_be_let_in(world: World) -> None:
    person(world, "ada", without=KEPT_OUT)
    world.admins = changed(
        resource("azuread:index/group:Group", "us-AdminAgents", **ADMINS_OF_CARLA), members=[ADA, CARLA]
    )
    (item,) = world.compared().drift
    assert item.sentence == f"Ada Moss (ada{AT}) has AdminAgents, which is not declared"
    assert item.to_keep == "declare it: remove under `people.ada.without`: `AdminAgents`"


def test_what_others_took_from_a_global_admin_who_is_kept_out_leaves_their_role(world: World) -> None:
    person(world, "ada", roles=["Global admin", "Sales agent"], without=KEPT_OUT)
    world.members.pop(0)
    world.admins = resource("azuread:index/group:Group", "us-AdminAgents", **ADMINS_OF_CARLA)
    world.assignments.clear()
    (item,) = world.compared().drift
    assert item.what == "Global Administrator"
    assert item.to_keep.startswith("it cannot stay so: [PT-201]"), "nobody else is a Global admin here"


def test_what_was_taken_away_when_it_ended_is_no_drift(world: World) -> None:
    person(world, "carla", until={"Admin agent": {"date": date(2026, 11, 20), "reason": "Migration"}})
    world.members.pop()
    world.admins = changed(world.admins, members=[ADA])
    assert world.compared() == Found((), (), ())


BRIDGE = {
    "object_id": UNDECLARED,
    "name": "Backup Bridge",
    "groups": ["AdminAgents"],
    "owner": "Ada Moss",
    "reason": "No GDAP yet",
    "decided_on": date(2026, 6, 1),
}


def the_bridge_is_in(world: World, until: date) -> None:
    world.declared = {**world.declared, "identities": {"bridge": {**BRIDGE, "until": until}}}
    world.members.append(member(UNDECLARED, "Backup Bridge", kind=MemberKind.SERVICE_PRINCIPAL))
    world.admins = resource(
        "azuread:index/group:Group",
        "us-AdminAgents",
        displayName="AdminAgents",
        objectId=GROUP_IDS[AgentGroup.ADMIN_AGENTS],
        members=[ADA, CARLA, UNDECLARED],
    )


def test_a_declared_identity_is_no_drift_until_its_last_day_and_due_after_it(world: World) -> None:
    the_bridge_is_in(world, date(2026, 11, 24))
    assert world.compared() == Found((), (), ())
    world.declared["identities"]["bridge"]["until"] = date(2026, 11, 23)
    (item,) = world.compared().drift
    assert (item.change, item.how.partition(",")[0]) == (Change.DUE, "due since 2026-11-24")


def test_a_declared_identity_that_others_took_out_is_given_back(world: World) -> None:
    the_bridge_is_in(world, date(2027, 5, 31))
    world.members.pop()
    (item,) = world.compared().drift
    assert (item.change, item.next_update) == (Change.REMOVED, "gives it back")
    assert item.to_keep == "remove `identities.bridge`"


def test_a_role_that_nobody_declared_is_seen_by_graph_alone(world: World) -> None:
    world.assignments.append(assignment("two", GLOBAL, CARLA))
    (item,) = world.compared().drift
    assert item.sentence == f"Carla Wood (carla{AT}) has Global Administrator, which is not declared"
    assert (item.seen_by, item.danger) == (SeenBy.GRAPH, Danger.EVERYTHING)
    assert item.next_update.startswith("leaves it")


def test_a_role_that_is_allowed_beyond_table_1_is_no_drift(world: World) -> None:
    other = "29232cdf-9323-42fd-ade2-1d097af3e4de"
    world.assignments.append(assignment("two", other, CARLA))
    world.parts = {"role_names": {}}
    assert sentences(world.compared()) == [f"Carla Wood (carla{AT}) has role {other}, which is not declared"]
    world.declared |= {"purpose": ["partner", "own use"], "allowed_roles": {"Exchange Administrator": other}}
    assert sentences(world.compared()) == []


def test_what_is_declared_and_not_yet_applied_is_no_drift(world: World) -> None:
    person(world, "carla", roles=["Admin agent", "Sales agent"])
    person(world, "new", full_name="New One", upn=f"new{AT}", roles=["Helpdesk agent"])
    assert sentences(world.compared()) == []


def test_what_is_no_longer_declared_and_not_yet_taken_away_is_no_drift(world: World) -> None:
    person(world, "carla", roles=["Sales agent"])
    assert sentences(world.compared()) == []


def test_what_a_leaver_still_holds_is_drift_until_an_update_has_taken_it(world: World) -> None:
    """An update that stopped halfway would otherwise leave them what they hold, and nothing would say so."""
    person(world, "carla", roles=["Admin agent"], state="leaver")
    (item,) = world.compared().drift
    assert item.sentence == (
        f"Carla Wood (carla{AT}) has AdminAgents (declared `state: leaver`), which is not declared"
    )
    keep = "it cannot stay: `people.carla` is declared `state: leaver`, and leavers have no access"
    assert (item.next_update, item.to_keep) == ("removes it", keep)
    person(world, "ada", state="leaver")
    adas = {(item.what, item.next_update) for item in world.compared().drift if item.subject.startswith("Ada")}
    assert adas == {
        ("AdminAgents", "removes it"),
        ("Global Administrator", "removes it"),
        ("the account", "leaves it: no update changes an adopted account"),
    }


def test_a_change_of_the_declaration_is_distinguished_from_a_change_by_others(world: World) -> None:
    """The next update writes both; only what the tenant no longer is as it was left is drift."""
    assert world.carla
    person(world, "carla", full_name="Carla Wood-Hill")
    world.carla = replace(world.carla, change_type=ChangeType.UPDATED, changed=frozenset({"displayName"}))
    assert sentences(world.compared()) == []
    world.carla = changed(world.carla, displayName="C. Wood")
    assert sentences(world.compared()) == [
        f"Carla Wood-Hill (carla{AT}): the name was changed from 'Carla Wood' to 'C. Wood'"
    ]


def test_a_deleted_account_is_reported_and_where_it_can_be_restored(world: World) -> None:
    assert world.carla
    world.carla = replace(world.carla, change_type=ChangeType.CREATED, before=None)
    world.members.pop()
    world.users.pop()
    world.admins = changed(world.admins, members=[ADA])
    first, second = world.compared().drift
    assert {first.change, second.change} == {Change.DELETED, Change.REMOVED}
    deleted = next(item for item in (first, second) if item.change is Change.DELETED)
    assert deleted.sentence == f"Carla Wood (carla{AT}): the account was deleted"
    assert "restore" in deleted.to_keep


def test_an_undeclared_account_who_took_over_a_name_is_no_declared_person(world: World) -> None:
    """Carla's account is renamed, and another one takes her sign-in name and her place."""
    assert world.carla
    world.carla = changed(world.carla, userPrincipalName=f"gone{AT}")
    world.users = [
        user(ADA, "Ada Moss", f"ada{AT}"),
        user(CARLA, "Carla Wood", f"gone{AT}"),
        user(UNDECLARED, "Carla Wood", f"carla{AT}"),
    ]
    world.members = [member(ADA, "Ada Moss", f"ada{AT}"), member(UNDECLARED, "Carla Wood", f"carla{AT}")]
    world.admins = changed(world.admins, members=[ADA, UNDECLARED])
    message = sentences(world.compared())
    assert f"Carla Wood (carla{AT}) no longer has AdminAgents" in message
    (added,) = [item for item in world.compared().drift if item.change is Change.ADDED]
    assert not added.declared
    assert added.principal == UNDECLARED


def test_a_group_in_a_group_is_named_with_everybody_in_it(world: World) -> None:
    nested = "00000077-0000-4000-8000-000000000000"
    world.members.append(member(nested, "Project", kind=MemberKind.GROUP))
    world.users.append(user(UNDECLARED, "Stranger", f"stranger{AT}"))
    world.parts = {"inside": {nested: (member(UNDECLARED, "Stranger", f"stranger{AT}"),)}}
    world.admins = changed(world.admins, members=[ADA, CARLA, nested])
    message = "\n".join(sentences(world.compared()))
    assert "the group Project has AdminAgents" in message
    assert f"Stranger (stranger{AT}) has AdminAgents (a member of AdminAgents, through the group Project)" in message


# --- what is unknown


def test_without_graph_the_engine_is_heard_and_nothing_is_called_clean(world: World) -> None:
    world.graph = NotEvaluated(side="tenant", what="undeclared access", why="no credentials")
    undeclared_member_comes(world)
    message = report(world.compared())
    assert message.headline == "Not evaluated in 1 part; in addition, 1 thing changed outside this stack."
    assert message.exit_code == 1
    world.admins = replace(world.admins, before=world.admins.prior)
    assert report(world.compared()).headline == "Not evaluated in 1 part."


def test_without_the_engine_graph_is_heard_and_nothing_is_called_clean(world: World) -> None:
    world.engine = NotEvaluated(side="stack", what="what the stack manages", why="the program refuses")
    world.assignments.append(assignment("two", GLOBAL, CARLA))
    messages = report(world.compared())
    assert messages.exit_code == 1
    assert [item.what for item in messages.drift] == ["Global Administrator"]


def test_a_part_that_graph_does_not_tell_is_not_evaluated(world: World) -> None:
    world.parts = {"role_assignments": NotRead(Cause.PERMISSION, "RoleManagement.Read.Directory is missing.")}
    (part,) = world.compared().not_evaluated
    what, why = "undeclared directory roles", "RoleManagement.Read.Directory is missing."
    assert part == NotEvaluated(side="tenant", what=what, why=why)
    assert report(world.compared()).exit_code == 1


@pytest.mark.parametrize(
    ("group", "cause", "reported"),
    [
        (AgentGroup.SALES_AGENTS, Cause.PERMISSION, True),
        (AgentGroup.SALES_AGENTS, Cause.GONE, False),
        (AgentGroup.ADMIN_AGENTS, Cause.GONE, True),
    ],
)
def test_a_group_that_was_not_read_may_hold_anybody_and_one_that_is_not_there_nobody(
    world: World, group: AgentGroup, cause: Cause, reported: bool
) -> None:
    """Nobody is declared in SalesAgents here: an undeclared account in it would be drift all the same."""
    groups = dict(world.observed().agent_groups)
    world.parts = {"agent_groups": {**groups, group: NotRead(cause, "why")}}
    assert [part.what for part in world.compared().not_evaluated] == ([f"the members of {group}"] if reported else [])


# --- decisions


def undeclared_account_gets_a_role(world: World) -> None:
    world.users.append(user(UNDECLARED, "Stranger", f"stranger{AT}"))
    world.assignments.append(assignment("two", GLOBAL, UNDECLARED))


def decide(world: World, **fields: Any) -> None:
    decision = {
        "principal": f"stranger{AT}",
        "what": "Global Administrator",
        "assignment": "active",
        "state": "accepted",
        "reason": "Migration",
        "owner": "Ada Moss",
        "decided_on": date(2026, 11, 1),
        "until": date(2026, 12, 1),
    }
    message = {key: value for key, value in {**decision, **fields}.items() if value is not None}
    world.declared = {**world.declared, "drift": {"migration": message}}


@pytest.mark.parametrize("principal", [f"stranger{AT}", f"STRANGER{AT}", UNDECLARED])
def test_what_is_accepted_is_no_drift_until_the_day(world: World, principal: str) -> None:
    undeclared_account_gets_a_role(world)
    decide(world, principal=principal)
    message = report(world.compared())
    assert (message.exit_code, len(message.accepted), message.stale) == (0, 1, ())
    assert message.headline == "No drift; 1 accepted until a date."


@pytest.mark.parametrize(
    "fields",
    [
        {"until": date(2026, 11, 23)},
        {"decided_on": date(2036, 11, 1), "until": date(2036, 12, 1)},
        {"state": "to be removed"},
        {"what": "User Administrator"},
        {"principal": f"carla{AT}"},
        {"assignment": "eligible"},
        {"scope": f"/administrativeUnits/{UNDECLARED}"},
        {"through": CARLA},
    ],
    ids=[
        "expired",
        "of a day to come",
        "to be removed",
        "other access",
        "somebody else",
        "eligible",
        "over a unit",
        "through a group",
    ],
)
def test_what_is_not_accepted_today_stays_drift(world: World, fields: dict[str, Any]) -> None:
    undeclared_account_gets_a_role(world)
    decide(world, **fields)
    assert report(world.compared()).exit_code == 7


def test_who_is_accepted_as_eligible_is_not_accepted_as_active(world: World) -> None:
    world.users.append(user(UNDECLARED, "Stranger", f"stranger{AT}"))
    world.parts = {"role_eligibilities": (assignment("three", GLOBAL, UNDECLARED),)}
    decide(world, assignment="eligible")
    assert report(world.compared()).exit_code == 0
    world.assignments.append(assignment("two", GLOBAL, UNDECLARED))
    messages = report(world.compared())
    assert [(item.what, item.assignment) for item in messages.drift] == [("Global Administrator", "active")]


def test_who_is_accepted_through_a_group_is_not_accepted_directly(world: World) -> None:
    group_id = "00000077-0000-4000-8000-000000000000"
    existing = Group(
        id=group_id,
        display_name="Operators",
        security_enabled=True,
        on_premises_sync_enabled=None,
    )
    world.users.append(user(UNDECLARED, "Stranger", f"stranger{AT}"))
    world.assignments.append(assignment("two", GLOBAL, group_id))
    inside = (member(UNDECLARED, "Stranger", f"stranger{AT}"),)
    world.parts = {"role_groups": (existing,), "inside": {group_id: inside}}
    decide(world, through=group_id)
    messages = report(world.compared())
    assert [item.subject for item in messages.drift] == ["the group Operators"], (
        "the group itself is decided on by itself"
    )
    world.assignments.append(assignment("three", GLOBAL, UNDECLARED))
    messages = report(world.compared())
    assert [(item.subject, item.through) for item in messages.drift] == [
        (f"Stranger (stranger{AT})", None),
        ("the group Operators", None),
    ]


def test_a_display_name_that_holds_somebodys_sign_in_name_is_not_covered_by_their_decision(world: World) -> None:
    intruder = "00000066-0000-4000-8000-000000000000"
    application = ServicePrincipal(
        id=intruder, app_id=intruder, display_name=f"Sync (stranger{AT})", account_enabled=True
    )
    world.parts = {"service_principals": (application,)}
    world.assignments.append(assignment("two", GLOBAL, intruder))
    decide(world)
    message = report(world.compared())
    assert (len(message.drift), len(message.accepted)) == (1, 0)


def test_a_decision_that_fits_nothing_is_reported_as_stale(world: World) -> None:
    decide(world)
    assert world.compared().stale == ("migration",)


def test_a_decision_of_a_day_to_come_decides_nothing_and_its_date_is_reported_as_wrong(world: World) -> None:
    undeclared_account_gets_a_role(world)
    decide(world, decided_on=date(2036, 11, 1), until=date(2036, 12, 1))
    message = report(world.compared())
    assert (message.exit_code, len(message.drift), message.stale) == (7, 1, ())
    text = printed(formats.layout(message), width=1000)
    assert "decided on 2036-11-01, which is in the future: write the date of the decision" in text
    assert "fits nothing" not in text


def test_what_a_rule_never_allows_stays_drift_whoever_accepts_it(world: World) -> None:
    guest = user(UNDECLARED, "Stranger", f"stranger{AT}").model_copy(update={"user_type": "Guest"})
    world.users.append(guest)
    world.assignments.append(assignment("two", GLOBAL, UNDECLARED))
    decide(world)
    message = report(world.compared())
    assert message.exit_code == 7
    assert "guests may hold no agent group" in printed(formats.layout(message), width=1000)


def test_declared_is_not_changed_by_a_test() -> None:
    assert "drift" not in DECLARED


# --- formats


@pytest.mark.parametrize("name", ["Eve | Admin", "<script>x</script>", "@owners", "`x`", "[x](javascript:1)", "a\nb"])
def test_a_hostile_name_stays_in_its_cell(world: World, name: str) -> None:
    undeclared_member_comes(world)
    honest = markdown.render(formats.layout(report(world.compared())))
    world.users[-1] = user(UNDECLARED, name, f"stranger{AT}")
    messages = markdown.render(formats.layout(report(world.compared())))
    assert [line.count("|") for line in messages.splitlines()] == [line.count("|") for line in honest.splitlines()]
    assert markdown_shape(messages) == markdown_shape(honest)
    assert not any("@owners" in words or "<script" in words for words in markdown_words(messages))
    assert messages.startswith(formats.MARKER)


def test_json_says_what_a_decision_names_and_leaves_out_how_it_was_found(world: World) -> None:
    undeclared_account_gets_a_role(world)
    decide(world)
    document = json.loads(report(world.compared()).model_dump_json())
    assert document.keys() == DriftReport.model_json_schema(mode="serialization")["properties"].keys()
    assert (document["version"], document["exit_code"], document["stale"]) == (1, 0, [])
    (item,) = document["changes"]
    assert item["decision"] == {"principal": UNDECLARED, "what": "Global Administrator", "assignment": "active"}
    assert (item["counts"], item["triage"]["state"]) == (False, "accepted")
    assert not item.keys() & {"advice", "names", "assignment", "scope", "through"}


def test_an_adopted_leaver_who_can_still_sign_in_is_reported_and_one_who_cannot_is_not(world: World) -> None:
    person(world, "ada", state="leaver")
    (item,) = [item for item in world.compared().drift if item.change is Change.KEPT]
    assert item.sentence == f"Ada Moss (ada{AT}): the account can still sign in (declared `state: leaver`)"
    assert item.next_update == "leaves it: no update changes an adopted account"
    assert item.to_take_back == "disable it in the Entra admin center"
    assert report(world.compared()).exit_code == 7
    world.users[0] = world.users[0].model_copy(update={"account_enabled": False})
    assert [item for item in world.compared().drift if item.change is Change.KEPT] == []


@pytest.mark.parametrize("width", ["Intruder", "Ein|dring[ling]" * 6])
def test_an_issue_about_230_undeclared_agents_is_cut_to_what_a_code_host_takes(world: World, width: str) -> None:
    ids = [f"{number:08}-0000-4000-8000-0000000000bb" for number in range(230)]
    names = {id_: (f"{width} {number}", f"x{number}{AT}") for number, id_ in enumerate(ids)}
    world.users += [user(id_, *name) for id_, name in names.items()]
    world.members += [member(id_, *name) for id_, name in names.items()]
    world.admins = changed(world.admins, members=[ADA, CARLA, *ids])
    world.assignments.append(assignment("two", DirectoryRole.USER_ADMINISTRATOR.template_id, CARLA))
    whole = report(world.compared())
    output = markdown.render(formats.layout(whole))
    assert len(whole.drift) == 231
    assert LIMIT * 0.9 < len(output.encode()) <= LIMIT
    shown = output.count("has AdminAgents, which is not declared")
    assert f"Not shown: {231 - shown} of 231 changes outside this stack; the most dangerous of these" in output
    assert "User Administrator" not in output, "what is least dangerous goes first"
    everything = markdown.render(formats.layout(whole), limit=10**6)
    assert everything.count("which is not declared") == 231


def test_a_unit_over_which_a_role_is_held_is_called_by_its_name_beside_its_id(world: World) -> None:
    scope = f"/administrativeUnits/{CARLA}"
    world.users.append(user(UNDECLARED, "Stranger", f"stranger{AT}"))
    world.assignments.append(assignment("two", GLOBAL, UNDECLARED, scope))
    world.parts = {"unit_names": {CARLA: "Berlin\n office"}}
    (item,) = world.compared().drift
    assert (item.how, item.scope) == (f"over the administrative unit Berlin office ({scope})", scope)
    world.parts = {}
    (item,) = world.compared().drift
    assert item.how == f"over {scope}"


def test_words_in_a_resources_name_do_not_say_how_access_is_held(world: World) -> None:
    world.graph = NotEvaluated(side="tenant", what="Microsoft Graph", why="it did not answer")
    before = resource(
        GROUP,
        "kept as it was, through the years",
        displayName="AdminAgents",
        objectId=GROUP_IDS[AgentGroup.ADMIN_AGENTS],
        members=[ADA, CARLA],
    )
    world.admins = changed(before, members=[ADA, CARLA, UNDECLARED])
    (added,) = [item for item in world.compared().drift if item.change is Change.ADDED]
    assert (added.what, added.how) == ("AdminAgents", "")
