"""What a review of a plan says, of plans that the real engine wrote, and what the rules find in them."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenantry.access.adoption import LookedUp
from tenantry.access.preview import PlanError, read_plan
from tenantry.access.principals import Principal
from tenantry.declaration import Stack, Tenant
from tenantry.graph.errors import GraphError
from tenantry.reports.review import Report, Verdict
from tenantry.review.command import exit_code, review_plan
from tenantry.review.of_plan import review
from tenantry.review.planned import planned
from tenantry.rules.change.digests import digest

from .plans import AT, SCENARIOS, Edit, declared_in, plan_of

TODAY = date(2026, 11, 2)
ROBOT = "00000000-0000-4000-8000-0000000000ff"
NAMED = "urn:pulumi:dev::tenantry::tenantry:index:PartnerTenant$"
GROUP = f"{NAMED}tenantry:index:AgentGroups$azuread:index/group:Group::us-"
USER = f"{NAMED}tenantry:index:People$azuread:index/user:User::us-"
ROLE = (
    f"{NAMED}tenantry:index:DirectoryRoles$azuread:index/directoryRoleAssignment:DirectoryRoleAssignment::"
    "us-global-administrator-"
)

Change = Callable[[list[dict[str, Any]]], None]
"""Changes the steps of a plan."""


@pytest.fixture
def reviewed(tmp_path: Path) -> Callable[..., Report]:
    """A review of a recorded plan, with what a test changes in it."""

    def of(name: str, change: Change | None = None, edit: Edit | None = None, deployer: str | None = None) -> Report:
        file = plan_of(name)
        if change:
            content = json.loads(file.read_text("utf-8"))
            before = {item["urn"] for item in content["steps"]}
            change(content["steps"])
            content["changeSummary"]["same"] += len({item["urn"] for item in content["steps"]} - before)
            file = tmp_path / "plan.json"
            file.write_text(json.dumps(content), "utf-8")
        stack = declared_in(tmp_path / "partners", edit or SCENARIOS[name].edit)
        return review(stack, read_plan(file), TODAY, deployer, root=str(tmp_path))

    return of


def step(steps: list[dict[str, Any]], urn: str) -> dict[str, Any]:
    """What happens to a resource: the last step of it."""
    return [item for item in steps if item["urn"] == urn][-1]


def delete(urn: str, *, retained: bool = False) -> Change:
    def change(steps: list[dict[str, Any]]) -> None:
        item = step(steps, urn)
        state = {**item["oldState"], "protect": False, "retainOnDelete": retained}
        steps[:] = [other for other in steps if other["urn"] != urn]
        steps.append({"op": "delete", "urn": urn, "oldState": state})

    return change


def people_of(report: Report) -> dict[str, tuple[set[str], set[str], tuple[str, ...]]]:
    (tenant,) = report.tenants
    return {
        person.key or person.name: (
            {item.name for item in person.gains},
            {item.name for item in person.losses},
            person.notes,
        )
        for person in tenant.people
    }


def broken(report: Report) -> list[tuple[str, str, str]]:
    (tenant,) = report.tenants
    return [(item.rule, item.subject, item.actual) for item in tenant.findings.introduced if item.blocks]


def rules_broken(report: Report) -> set[str]:
    return {rule for rule, _, _ in broken(report)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_report_of_a_plan_is_the_committed_one(
    name: str, reviewed: Callable[..., Report], matches_golden: Callable[[str, str], None]
) -> None:
    document = reviewed(name).model_dump(mode="json")
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    assert "[secret]" not in text
    matches_golden(f"plans/{name}.json", text)


def test_a_first_update_gives_everybody_what_is_declared_and_takes_nothing(reviewed: Callable[..., Report]) -> None:
    report = reviewed("first-up")
    people = people_of(report)
    assert people["bruno"] == ({"AdminAgents", "Global Administrator"}, set(), ("new account",))
    assert people["rescue-1"][2] == ("new account", "emergency account")
    # She was there: her group and her role are taken over as they are.
    assert "ada" not in people
    assert broken(report) == []
    assert report.verdict is Verdict.CHANGES


def test_nothing_that_changes_is_known_to_be_nothing(reviewed: Callable[..., Report]) -> None:
    report = reviewed("unchanged")
    assert report.verdict is Verdict.NO_CHANGES
    assert report.tenants[0].people == ()
    assert broken(report) == []


def test_a_leaver_loses_the_role_and_the_account_is_disabled(reviewed: Callable[..., Report]) -> None:
    report = reviewed("leaver")
    assert people_of(report) == {"farid": (set(), {"Billing Administrator"}, ("is disabled",))}
    assert broken(report) == []
    (ceiling,) = report.tenants[0].ceilings
    assert (ceiling.power, ceiling.before, ceiling.after, ceiling.taken, ceiling.allowed, ceiling.exceeded) == (
        "Billing Administrator",
        2,
        1,
        1,
        1,
        False,
    )


def test_a_loss_is_reported_by_the_role_that_was_behind_it(reviewed: Callable[..., Report]) -> None:
    (person,) = reviewed("leaver").tenants[0].people
    (loss,) = person.losses
    assert loss.because == ("Billing admin",)
    assert loss.rows == ("Billing admin: All Users; Billing administrator",)


def test_a_rename_is_one_person_who_loses_nothing(reviewed: Callable[..., Report]) -> None:
    report = reviewed("rename")
    ((key, (gains, losses, notes)),) = people_of(report).items()
    assert (key, gains, losses) == ("carla", set(), set())
    assert set(notes) == {
        "name Carla Berg instead of Carla Jensen",
        f"signs in as carla.berg{AT} instead of carla.jensen{AT}",
    }
    assert report.verdict is Verdict.NO_CHANGES


def test_an_undeclared_account_whom_somebody_put_in_by_hand_is_taken_out_and_counts(
    reviewed: Callable[..., Report],
) -> None:
    report = reviewed("leaver-promotion-undeclared")
    people = people_of(report)
    (undeclared,) = people.keys() - {"carla", "ines", "farid"}
    assert undeclared.startswith("the object id ")
    assert people[undeclared] == (set(), {"AdminAgents"}, ())
    assert people["carla"] == ({"AdminAgents"}, set(), ())
    assert people["ines"] == ({"AdminAgents"}, {"HelpdeskAgents"}, ())
    given = {loss.name: loss.declared for person in report.tenants[0].people for loss in person.losses}
    assert given == {"AdminAgents": False, "HelpdeskAgents": True, "Billing Administrator": True}
    admins = next(item for item in report.tenants[0].ceilings if item.power == "AdminAgents")
    assert (admins.before, admins.taken, admins.after) == (3, 1, 4)
    assert [(item.rule, item.subject) for item in report.tenants[0].findings.resolved] == [("PT-101", undeclared)]
    assert broken(report) == []


def test_more_than_the_limits_allow_is_pt_204_with_everybody_by_name(reviewed: Callable[..., Report]) -> None:
    report = reviewed("mass-removal")
    found = {(rule, subject) for rule, subject, _ in broken(report)}
    assert found == {("PT-204", "HelpdeskAgents"), ("PT-204", "SalesAgents")}
    assert all("Ines Costa" in text for _, subject, text in broken(report) if subject == "HelpdeskAgents")
    assert [item.exceeded for item in report.tenants[0].ceilings] == [True, True]


def test_an_override_of_exactly_this_change_lifts_the_ceiling(reviewed: Callable[..., Report], tmp_path: Path) -> None:
    edit = SCENARIOS["mass-removal"].edit
    stack = declared_in(tmp_path / "without", edit)
    change = planned(stack.tenant, read_plan(plan_of("mass-removal")), TODAY).change

    def approved(digest_: str) -> Edit:
        def with_override(file: Any) -> None:
            edit(file)
            override = {"change": digest_, "reason": "The office closes", "approved_by": "ada", "expires_on": TODAY}
            file["limits"] = {"override": override}

        return with_override

    report = reviewed("mass-removal", edit=approved(digest(change)))
    assert broken(report) == []
    assert {item.override for item in report.tenants[0].ceilings} == {"ada, until 2026-11-02"}
    assert rules_broken(reviewed("mass-removal", edit=approved("0" * 32))) == {"PT-204"}


def test_the_program_refuses_by_the_same_digest_as_the_plan(tmp_path: Path) -> None:
    stack = declared_in(tmp_path, SCENARIOS["mass-removal"].edit)
    change = planned(stack.tenant, read_plan(plan_of("mass-removal")), TODAY).change
    (refusal,) = read_plan(plan_of("mass-removal-refused")).errors
    assert f'change: "{digest(change)}"' in refusal


@pytest.mark.parametrize("name", ["mass-removal-refused", "program-fails", "account-deleted", "retained-removed"])
def test_a_preview_that_failed_is_not_evaluated_and_says_why(name: str, reviewed: Callable[..., Report]) -> None:
    report = reviewed(name)
    assert report.verdict is Verdict.NOT_EVALUATED
    (unseen,) = report.everything_not_evaluated
    assert unseen.why in read_plan(plan_of(name)).errors
    # Half a plan gives half of what is declared: that alone is no finding.
    assert "PT-102" not in rules_broken(report)


def test_a_preview_that_failed_without_a_word_says_where_the_word_is(tmp_path: Path) -> None:
    content = json.loads(plan_of("leaver").read_text("utf-8"))
    # All that there is where a policy refuses.
    content["diagnostics"] = [{"message": "error: preview failed\n", "severity": "error"}]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content), "utf-8")
    report = review(declared_in(tmp_path / "partners", SCENARIOS["leaver"].edit), read_plan(file), TODAY)
    (unseen,) = report.everything_not_evaluated
    assert "the engine gives no reason, for example if a policy refuses:" in unseen.why


def test_a_plan_that_believes_the_state_is_not_evaluated(reviewed: Callable[..., Report]) -> None:
    def without_refresh(steps: list[dict[str, Any]]) -> None:
        for item in steps:
            if item["op"] == "refresh":
                item["op"] = "same"

    report = reviewed("unchanged", without_refresh)
    assert report.verdict is Verdict.NOT_EVALUATED
    (unseen,) = report.everything_not_evaluated
    assert "did not look at 23 resources" in unseen.why


def test_what_is_there_counts_and_not_what_the_program_once_declared(reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        item = step(steps, f"{GROUP}SalesAgents")
        item["oldState"]["outputs"]["members"].append("00000000-0000-4000-8000-00000000dead")

    people = people_of(reviewed("unchanged", change))
    assert people == {"the object id 00000000-0000-4000-8000-00000000dead": (set(), {"SalesAgents"}, ())}


def test_whoever_was_disabled_by_hand_stays_so_where_the_file_does_not_say(reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        step(steps, f"{USER}bruno")["oldState"]["outputs"]["accountEnabled"] = False

    assert people_of(reviewed("unchanged", change)) == {}


# Adopted by UPN


def by_upn(file: Any) -> None:
    file["people"]["ada"]["adopted"] = "by-upn"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[LookedUp | GraphError], Report]:
    """A review as the command makes it, of a plan that changes nothing, in a tenant that gives an answer."""

    def of(answer: LookedUp | GraphError) -> Report:
        def look_up(tenant: Tenant, _environment: object) -> LookedUp:
            assert set(tenant.looked_up) == {"ada"}
            if isinstance(answer, GraphError):
                raise answer
            return answer

        monkeypatch.setattr("tenantry.access.adopted.look_up_in_tenant", look_up)
        monkeypatch.setattr("tenantry.engine.environment.current_environment", lambda _: {})
        stack = declared_in(tmp_path / "partners", by_upn)
        monkeypatch.setattr("tenantry.review.command.declared_stack", lambda *_: stack)
        (tmp_path / "Pulumi.yaml").write_text("name: tenantry\n", "utf-8")
        return review_plan(plan_of("unchanged"), stack=None, here=tmp_path, today=TODAY)

    return of


def test_who_is_adopted_by_upn_is_the_account_that_the_tenant_says(
    asked: Callable[[LookedUp | GraphError], Report], tmp_path: Path
) -> None:
    ada = declared_in(tmp_path / "pinned", lambda _: None).tenant.members["ada"]
    report = asked(LookedUp({"ada": Principal.in_directory(ada.adopted_id or "", ada.full_name, ada.upn)}))
    assert broken(report) == []
    assert report.verdict is Verdict.NO_CHANGES
    assert report.tenants[0].people == ()


@pytest.mark.parametrize(
    "answer", [LookedUp(refusals=("no account has that name",)), GraphError("no account has that name")]
)
def test_where_the_tenant_does_not_say_whose_account_it_is_the_plan_is_not_evaluated(
    answer: LookedUp | GraphError, asked: Callable[[LookedUp | GraphError], Report]
) -> None:
    report = asked(answer)
    assert report.verdict is Verdict.NOT_EVALUATED
    (unknown,) = (item for item in report.everything_not_evaluated if "adopted by UPN" in item.what)
    assert (unknown.what, unknown.why) == ("people.ada (adopted by UPN)", "no account has that name")


# PT-105


def test_a_group_that_is_replaced_is_pt_105(reviewed: Callable[..., Report]) -> None:
    found = [
        text
        for rule, subject, text in broken(reviewed("group-replaced"))
        if (rule, subject) == ("PT-105", "AdminAgents")
    ]
    assert "the group is deleted and created again, with its 3 members; Partner Center no longer knows it" in found


def test_a_group_that_is_made_anew_under_its_name_is_a_look_alike_all_the_same(reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        for item in steps:
            if item["urn"] == f"{GROUP}AdminAgents" and item["op"] == "replace":
                item["newState"]["inputs"]["displayName"] = "AdminAgents"

    found = [text for rule, name, text in broken(reviewed("group-replaced", change)) if name == "AdminAgents"]
    assert any("a look-alike that Partner Center does not know" in text for text in found)


def test_a_group_under_another_name_is_pt_105_and_nobody_loses_it(reviewed: Callable[..., Report]) -> None:
    report = reviewed("group-renamed")
    assert people_of(report) == {}
    assert ("PT-105", "SalesAgents", "the plan changes its name") in broken(report)


def test_a_group_that_is_deleted_is_pt_105_and_everybody_in_it_loses_it(reviewed: Callable[..., Report]) -> None:
    report = reviewed("unchanged", delete(f"{GROUP}AdminAgents"))
    assert {"PT-105", "PT-204"} <= rules_broken(report)
    assert {key for key, (_, losses, _) in people_of(report).items() if "AdminAgents" in losses} == {
        "ada",
        "bruno",
        "carla",
    }
    assert report.tenants[0].notes == ("us-AdminAgents (Group) is deleted",)


def test_a_group_that_the_stack_lets_go_of_is_pt_105_until_that_is_declared(reviewed: Callable[..., Report]) -> None:
    let_go = delete(f"{GROUP}AdminAgents", retained=True)
    report = reviewed("unchanged", let_go)
    assert people_of(report) == {}
    assert rules_broken(report) == {"PT-102", "PT-105"}
    assert report.tenants[0].notes == (
        "us-AdminAgents (Group) stays in the tenant: the stack stops managing it, and its access remains",
    )

    def release(file: Any) -> None:
        file["agent_groups"] = {"release": True}

    assert "PT-105" not in rules_broken(reviewed("unchanged", let_go, release))


def test_a_change_of_mode_takes_nothing_from_anybody_and_says_that_the_groups_are_let_go_of(
    reviewed: Callable[..., Report],
) -> None:
    report = reviewed("mode-additive")
    assert people_of(report) == {}
    assert broken(report) == []
    assert len(report.tenants[0].notes) == 3
    assert report.verdict is Verdict.NO_CHANGES


@pytest.mark.parametrize("what", ["owners", "types", "assignableToRole"])
def test_another_type_or_owner_of_a_group_is_pt_105(what: str, reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        step(steps, f"{GROUP}SalesAgents").update(op="update", detailedDiff={f"{what}[0]": {"kind": "add"}})

    assert ("PT-105", "SalesAgents") in {(rule, subject) for rule, subject, _ in broken(reviewed("unchanged", change))}


def test_moving_from_single_memberships_to_a_list_at_once_is_pt_105(reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        group = step(steps, f"{GROUP}AdminAgents")["oldState"]["outputs"]
        state = {
            "type": "azuread:index/groupMember:GroupMember",
            "custom": True,
            "id": "one",
            "outputs": {"groupObjectId": group["objectId"], "memberObjectId": group["members"][0]},
        }
        urn = f"{NAMED}azuread:index/groupMember:GroupMember::us-AdminAgents-one"
        steps.append({"op": "delete", "urn": urn, "oldState": state})

    found = [text for rule, _, text in broken(reviewed("unchanged", change)) if rule == "PT-105"]
    assert len(found) == 1
    assert found[0].startswith("two kinds of membership management at once: us-AdminAgents-one")


# PT-203


def test_an_emergency_account_that_is_deleted_is_pt_203(reviewed: Callable[..., Report]) -> None:
    assert "PT-203" in rules_broken(reviewed("unchanged", delete(f"{USER}rescue-1")))


def test_an_emergency_account_that_loses_its_role_is_pt_203(reviewed: Callable[..., Report]) -> None:
    assert "PT-203" in rules_broken(reviewed("unchanged", delete(f"{ROLE}rescue-1")))


def test_an_emergency_account_that_is_disabled_is_pt_203(reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        item = step(steps, f"{USER}rescue-2")
        item["newState"]["inputs"]["accountEnabled"] = False
        steps.append({**item, "op": "update", "detailedDiff": {"accountEnabled": {"kind": "update"}}})

    found = [text for rule, _, text in broken(reviewed("unchanged", change)) if rule == "PT-203"]
    assert any("would be disabled" in text for text in found)


def test_an_emergency_account_that_leaves_file_and_stack_is_pt_203_by_the_state_alone(
    reviewed: Callable[..., Report],
) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        for urn in (f"{ROLE}rescue-1", f"{USER}rescue-1"):
            delete(urn, retained=True)(steps)
            steps[-1]["oldState"]["protect"] = True

    def without(file: Any) -> None:
        del file["people"]["rescue-1"]

    found = [text for rule, _, text in broken(reviewed("unchanged", change, without)) if rule == "PT-203"]
    assert any("is no longer declared as an emergency account" in text for text in found)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"op": "replace", "detailedDiff": {"roleId": {"kind": "update-replace"}}}, "is deleted and created again"),
        ({"op": "update"}, "loses its protection"),
    ],
)
def test_an_emergency_account_that_is_weakened_is_pt_203(
    fields: dict[str, Any], message: str, reviewed: Callable[..., Report]
) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        item = step(steps, f"{ROLE}rescue-1")
        new = {**item["newState"], "protect": False}
        steps.append({**item, **fields, "newState": new})

    found = [text for rule, _, text in broken(reviewed("unchanged", change)) if rule == "PT-203"]
    assert any(message in text for text in found)


# PT-206


def own_role(steps: list[dict[str, Any]]) -> None:
    """The deletion of a role assignment of somebody who is none of the people."""
    item = step(steps, f"{ROLE}bruno")["oldState"]
    outputs = {**item["outputs"], "principalObjectId": ROBOT}
    urn = f"{ROLE}robot"
    steps.append({"op": "delete", "urn": urn, "oldState": {**item, "inputs": outputs, "outputs": outputs}})


def app_role(steps: list[dict[str, Any]]) -> None:
    """The deletion of an application permission."""
    state = {
        "type": "azuread:index/appRoleAssignment:AppRoleAssignment",
        "custom": True,
        "outputs": {"appRoleId": "19dbc75e-c2e2-444c-a770-ec69d8559fc7", "principalObjectId": ROBOT},
    }
    urn = "urn:pulumi:dev::tenantry::azuread:index/appRoleAssignment:AppRoleAssignment::write-directory"
    steps.append({"op": "delete", "urn": urn, "oldState": state})


@pytest.mark.parametrize("change", [own_role, app_role])
def test_what_the_deploying_identity_takes_from_itself_is_pt_206(
    change: Change, reviewed: Callable[..., Report]
) -> None:
    assert "PT-206" in rules_broken(reviewed("unchanged", change, deployer=ROBOT.upper()))
    of_another = reviewed("unchanged", change, deployer="00000000-0000-4000-8000-000000000001")
    assert "PT-206" not in rules_broken(of_another)
    assert "PT-206" not in "".join(item.what for item in of_another.everything_not_evaluated)


@pytest.mark.parametrize("change", [own_role, app_role])
def test_whether_it_does_is_not_evaluated_where_nobody_says_who_deploys(
    change: Change, reviewed: Callable[..., Report]
) -> None:
    (unseen,) = reviewed("unchanged", change).everything_not_evaluated
    assert "(PT-206)" in unseen.what
    assert ROBOT in unseen.why


def test_taking_access_from_people_asks_nobody_who_deploys(reviewed: Callable[..., Report]) -> None:
    assert [*reviewed("leaver").everything_not_evaluated] == []


# What the program gives beside the declaration, and plans of something else


def test_a_membership_outside_the_declaration_is_found_in_the_plan_too(reviewed: Callable[..., Report]) -> None:
    assert {"PT-101", "PT-105"} <= rules_broken(reviewed("raw-member"))


def test_an_operation_that_nobody_knows_is_not_evaluated(reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        step(steps, f"{ROLE}bruno")["op"] = "transmute"

    report = reviewed("unchanged", change)
    assert report.verdict is Verdict.NOT_EVALUATED
    assert any("'transmute'" in item.why for item in report.everything_not_evaluated)


def test_a_plan_without_what_stays_is_not_evaluated(reviewed: Callable[..., Report]) -> None:
    def change(steps: list[dict[str, Any]]) -> None:
        steps[:] = [item for item in steps if item["op"] != "refresh"]

    report = reviewed("leaver", change)
    assert report.verdict is Verdict.NOT_EVALUATED


def of_another(content: dict[str, Any]) -> None:
    content["config"]["tenantry:tenant"] = "contoso/uk"


def of_nobody(content: dict[str, Any]) -> None:
    del content["config"]["tenantry:tenant"]


def bound_elsewhere(content: dict[str, Any]) -> None:
    (provider,) = [item for item in content["steps"] if "pulumi:providers:azuread" in item["urn"]]
    provider["newState"]["inputs"]["tenantId"] = "00000000-0000-4000-8000-000000000009"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (of_another, "a plan for the tenant 'contoso/uk', where the stack dev is of contoso/us"),
        (of_nobody, "a plan without a tenant"),
        (bound_elsewhere, "whose provider 'us' is bound to the tenant '00000000-0000-4000-8000-000000000009'"),
    ],
)
def test_a_plan_of_another_tenant_is_refused(
    change: Callable[[dict[str, Any]], None], message: str, tmp_path: Path
) -> None:
    content = json.loads(plan_of("first-up").read_text("utf-8"))
    change(content)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content), "utf-8")
    with pytest.raises(PlanError, match=message) as refused:
        review(declared_in(tmp_path / "partners", lambda _: None), read_plan(file), TODAY)
    assert refused.value.exit_code == 1


ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.lists(st.text(max_size=4), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


def places_in(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place below a JSON value."""
    inside: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, item in inside:
        yield (*path, key)
        yield from places_in(item, (*path, key))


@pytest.fixture(scope="module")
def stack_of_the_change(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return declared_in(tmp_path_factory.mktemp("declared"), SCENARIOS["leaver-promotion-undeclared"].edit)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_plan_it_is_reviewed_or_refused(
    data: st.DataObject, tmp_path: Path, stack_of_the_change: Stack
) -> None:
    content = json.loads(plan_of("leaver-promotion-undeclared").read_text("utf-8"))
    changed = [item for item in content["steps"] if item["op"] != "refresh"] + [content["changeSummary"]]
    target = data.draw(st.sampled_from(changed))
    *path, last = data.draw(st.sampled_from(list(places_in(target))))
    for key in path:
        target = target[key]
    target[last] = data.draw(ODD_VALUES)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content), "utf-8")
    # Anything but an answer or a refusal is a traceback for somebody who waits for an approval.
    with suppress(PlanError):
        report = review(stack_of_the_change, read_plan(file), TODAY)
        Report.model_validate_json(report.model_dump_json(round_trip=True))


def test_what_the_declaration_of_a_plan_breaks_and_must_not_is_new_and_makes_the_exit_code(
    reviewed: Callable[..., Report],
) -> None:
    def personal(file: Any) -> None:
        file["people"]["carla"]["email"] = "carla.jensen@gmail.com"

    report = reviewed("unchanged", edit=personal)
    assert rules_broken(report) == {"PT-301"}
    assert report.verdict is Verdict.REFUSED
    assert exit_code(report, None) == 1
    assert not [item for item in report.tenants[0].findings.still_open if item.blocks]


def test_a_plan_of_a_stack_that_was_another_tenants_is_refused_and_says_so_first(
    reviewed: Callable[..., Report],
) -> None:
    def moved(steps: list[dict[str, Any]]) -> None:
        type_ = "tenantry:index:PartnerTenant"
        state = {"type": type_, "outputs": {"tenant": "6F1F7C0E-52A3-4D0B-9E57-2B8B9F4C1A10", "country": "CA"}}
        urn = f"urn:pulumi:dev::tenantry::{type_}::us"
        steps.append({"op": "same", "urn": urn, "oldState": state, "newState": state})

    report = reviewed("mass-removal", moved)
    assert report.headline.startswith(
        "Would be refused in contoso/us: PT-404, Contoso Partner (US): another country: US"
    )
    assert exit_code(report, None) == 1


def test_a_plan_names_the_customers_where_somebody_gains_or_loses_a_role(reviewed: Callable[..., Report]) -> None:
    """One customer comes, one is terminated, and Emma joins the service desk."""
    (tenant,) = reviewed("customers").tenants
    found = {
        person.key: (
            {(gain.name, gain.needs_approval) for gain in person.gains},
            {(loss.name, loss.because[-1]) for loss in person.losses},
        )
        for person in tenant.people
    }
    comes, goes = ("Adventure Works", True), ("Tailspin Toys", "the relationship is to be terminated")
    assert found == {
        "emma": ({("Fabrikam", False), comes}, set()),
        "grace": ({comes}, {goes}),
        "ines": ({comes}, {goes}),
    }
