"""Declared exceptions: what each state of one does to the findings of its rule."""

import pytest

from tenantry.access import resource_types as types
from tenantry.access.registered import UNKNOWN
from tenantry.roles import AgentGroup
from tenantry.rules import Finding, Level, Result, Verdict, evaluate, evaluate_across, evidence_of
from tests.acme import UNDECLARED

from .builder import HELPDESK_ADMINISTRATOR, TODAY, World, assignment, resource

EVER = "granted_on: 2026-06-01, expires_on: 2027-05-31"
LAPSED = "granted_on: 2025-11-01, expires_on: 2026-10-31"
TO_COME = "granted_on: 2026-12-01, expires_on: 2027-05-31"


def grant(world: World, rule: str, about: str, when: str = EVER, key: str = "one") -> None:
    """Declare an exception; several go under the same heading."""
    entry = f"exceptions:\n  {key}: {{rule: {rule}, object: {about!r}, reason: because, owner: Ada Moss, {when}}}\n"
    if "exceptions:" in world.files["tenants/us.yaml"]:
        world.write("exceptions:\n", entry)
    else:
        world.files["tenants/us.yaml"] += entry


def evaluated(world: World, rule: str, *, program: bool = True) -> Result:
    (item,) = [item for item in world.results(program=program) + world.results_across if item.rule.id == rule]
    return item


def only(result: Result) -> Finding:
    (finding,) = result.findings
    return finding


def a_service_principal(world: World) -> None:
    world.add(resource(types.SERVICE_PRINCIPAL, "robot", {}))
    world.add_members(AgentGroup.ADMIN_AGENTS, [UNKNOWN], {world.program["robot"].urn})


def a_role_off_the_list(world: World) -> None:
    urns = {world.program["us-fay"].urn}
    world.add(assignment("x", HELPDESK_ADMINISTRATOR, UNKNOWN, depends={"principalObjectId": urns}))


@pytest.mark.parametrize(
    ("rule", "about", "change"),
    [
        ("PT-101", UNDECLARED, lambda world: world.add_members(AgentGroup.SALES_AGENTS, [UNDECLARED])),
        ("PT-103", "fay", a_role_off_the_list),
        ("PT-107", "robot", a_service_principal),
        ("PT-303", "fay", lambda world: world.write("email: fay.ford@", "email: info@")),
        ("PT-311", "dora", lambda world: world.write("[Sales agent]", "[]")),
        ("PT-313", "carla", lambda world: world.write("[Admin agent]", "[Admin agent, Sales agent]")),
        ("PT-401", "us", lambda world: world.write("purpose: [partner]", "purpose: [partner, own use]")),
        ("PT-409", "us", lambda world: world.write("  phone: +1 425 555 0101\n", "", "partner.yaml")),
        ("PT-505", "fabrikam", lambda world: world.write("[Helpdesk agent]", "[Helpdesk agent]\n    state: leaver")),
        (
            "PT-204",
            "SalesAgents",
            lambda world: world.write("mode:", "limits: {minimum_holders: {SalesAgents: 2}}\nmode:"),
        ),
    ],
)
def test_an_exception_names_what_a_finding_is_about(world: World, rule: str, about: str, change: object) -> None:
    change(world)  # type: ignore[operator]
    found = only(evaluated(world, rule))
    assert found.object == about
    grant(world, rule, about)
    after = evaluated(world, rule)
    if rule == "PT-204":
        assert {item.field for item in after.findings} == {"limits.minimum_holders.SalesAgents", "exceptions.one.rule"}
        return
    assert after.findings == ()
    assert [(item.actual, item.object) for item in after.exempted] == [(found.actual, about)]
    assert after.verdict is Verdict.PASSED


def test_an_exception_is_for_one_object_of_one_rule(world: World) -> None:
    world.write("[Sales agent]", "[]")
    world.write("[Billing admin]", "[]")
    grant(world, "PT-311", "dora")
    after = evaluated(world, "PT-311")
    assert [item.object for item in after.findings] == ["fay"]
    assert [item.object for item in after.exempted] == ["dora"]
    assert after.verdict is Verdict.FAILED


def test_one_that_has_ended_is_a_finding_and_excuses_nothing(world: World) -> None:
    world.write("[Sales agent]", "[]")
    grant(world, "PT-311", "dora", LAPSED)
    after = evaluated(world, "PT-311")
    assert {item.field for item in after.findings} == {"people.dora.roles", "exceptions.one.expires_on"}
    assert {item.level for item in after.findings} == {Level.MANDATORY}
    (ended,) = [item for item in after.findings if item.field == "exceptions.one.expires_on"]
    assert ended.actual == "it ended on 2026-10-31"
    assert world.line(ended).startswith("one: {rule: PT-311")


def test_one_that_has_ended_is_a_finding_without_anything_to_excuse(world: World) -> None:
    grant(world, "PT-101", "dora", LAPSED)
    ended = only(evaluated(world, "PT-101", program=False))
    assert (ended.rule, ended.level) == ("PT-101", Level.ALWAYS)


def test_one_whose_day_has_not_come_exempts_nothing_and_its_date_is_reported_as_wrong(world: World) -> None:
    world.write("[Sales agent]", "[]")
    grant(world, "PT-311", "dora", TO_COME)
    after = evaluated(world, "PT-311")
    assert {item.field for item in after.findings} == {"people.dora.roles", "exceptions.one.granted_on"}
    assert any(item.actual == "granted on 2026-12-01, in the future" for item in after.findings)


@pytest.mark.parametrize("day", ["2026-11-22", "2026-11-23"])
def test_the_last_day_counts(world: World, day: str) -> None:
    world.write("[Sales agent]", "[]")
    grant(world, "PT-311", "dora", f"granted_on: 2026-01-01, expires_on: {day}")
    assert evaluated(world, "PT-311").findings == ()


@pytest.mark.parametrize("rule", ["PT-108", "PT-301", "PT-405", "PT-404"])
def test_a_rule_that_takes_none_says_so(world: World, rule: str) -> None:
    grant(world, rule, "ada")
    after = evaluated(world, rule)
    refused = only(after)
    assert refused.actual == f"an exception from {rule}, which allows none"
    assert (refused.level, after.verdict) == (Level.ALWAYS, Verdict.FAILED)


def test_what_can_never_be_lowered_is_not_excused_either(world: World) -> None:
    """Fewer than two administrators is mandatory and may be excused; none at all may not."""
    world.write("roles: [Global admin]\n    email_verified", "roles: [Helpdesk agent]\n    email_verified")
    grant(world, "PT-201", "us")
    assert evaluated(world, "PT-201").findings == ()
    world.write("roles: [Global admin]\n    adopted", "roles: [Admin agent]\n    adopted")
    after = evaluated(world, "PT-201")
    assert (Level.ALWAYS, "people") in {(item.level, item.field) for item in after.findings}
    assert after.exempted == ()


def test_one_that_excuses_nothing_is_advice(world: World) -> None:
    grant(world, "PT-311", "nobody")
    needless = only(evaluated(world, "PT-311"))
    assert (needless.level, needless.field) == (Level.ADVISORY, "exceptions.one.object")


def test_one_whose_rule_was_evaluated_in_part_only_may_still_be_needed(world: World) -> None:
    grant(world, "PT-101", UNDECLARED)
    before = evaluated(world, "PT-101", program=False)
    assert (before.verdict, before.findings) == (Verdict.NOT_EVALUATED, ())
    assert only(evaluated(world, "PT-101")).level is Level.ADVISORY


def test_one_from_a_rule_that_there_is_not_is_advice(world: World) -> None:
    grant(world, "PT-999", "ada")
    unknown = evaluated(world, "PT-999")
    assert (only(unknown).level, only(unknown).field) == (Level.ADVISORY, "exceptions.one.rule")
    assert "no rule PT-999" in only(unknown).actual


def test_the_day_of_the_evaluation_is_the_one_that_is_given(world: World) -> None:
    world.write("[Sales agent]", "[]")
    grant(world, "PT-311", "dora")
    late = TODAY.replace(year=2028)
    found = [item for item in evaluate(evidence_of(world.declaration, "us", today=late)) if item.rule.id == "PT-311"]
    assert len(found[0].findings) == 2
    assert evaluate_across(world.declaration, late)[0].rule.id == "PT-401"


def test_more_roles_beside_own_use_are_on_the_list(world: World) -> None:
    a_role_off_the_list(world)
    assert evaluated(world, "PT-103").verdict is Verdict.FAILED
    world.write("purpose: [partner]", "purpose: [partner, own use]")
    world.write("mode:", f"allowed_roles: {{Helpdesk Administrator: {HELPDESK_ADMINISTRATOR.upper()}}}\nmode:")
    assert evaluated(world, "PT-103").verdict is Verdict.PASSED
    world.add(assignment("y", "f2ef992c-3afb-46b9-b7cf-a126ee74c451", UNDECLARED))
    assert "Helpdesk Administrator (729827e3" in only(evaluated(world, "PT-103")).expected
