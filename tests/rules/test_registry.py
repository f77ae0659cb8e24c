"""The registry of rules, and how they are evaluated."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tenantry.rules import RULES, Level, Rule, Scope, Verdict, evaluate, evidence_of
from tenantry.rules.change.refusal import Kind, refused
from tenantry.rules.model import Source, View

from .builder import World

TAKES_EXEMPTIONS_ALTHOUGH_ALWAYS = {"PT-101", "PT-103", "PT-107", "PT-303"}


def test_ids_are_unique_and_in_order() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_rule_says_what_it_is_where_it_comes_from_and_how_to_mend(rule: Rule) -> None:
    assert re.fullmatch(r"PT-[1-9]\d\d", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.remediation.endswith(".")
    assert any(rule.source.startswith(source) for source in Source), "a document and a section of it"
    assert rule.source not in set(Source)
    assert rule.checks or rule.across
    for view, shown in ((View.PLANNED, rule.on_a_plan), (View.CHANGED, rule.on_a_change)):
        assert not shown or view in rule.checks or rule.of_changes, "what a view shows is evaluated there"
    assert (rule.across is None) is (rule.scope is not Scope.ACROSS)
    assert not rule.elsewhere.endswith(".")


def test_what_cannot_be_lowered_takes_exemptions_in_four_rules_only() -> None:
    exemptible = {rule.id for rule in RULES if rule.level is Level.ALWAYS and rule.takes_exemptions}
    assert exemptible == TAKES_EXEMPTIONS_ALTHOUGH_ALWAYS
    assert all(rule.takes_exemptions for rule in RULES if rule.level is not Level.ALWAYS)


def test_one_rule_alone_can_be_evaluated(tmp_path: Path) -> None:
    world = World(tmp_path)
    (evaluated,) = evaluate(evidence_of(world.declaration, "us", world.view), [RULES[0]])
    assert (evaluated.rule, evaluated.tenant, evaluated.verdict) == (RULES[0], "us", Verdict.PASSED)


def test_the_program_can_only_be_asked_where_there_is_one(tmp_path: Path) -> None:
    evidence = evidence_of(World(tmp_path).declaration, "us")
    with pytest.raises(ValueError, match="no program was run"):
        _ = evidence.program


def test_levels_that_block() -> None:
    assert [level for level in Level if level.blocks] == [Level.ALWAYS, Level.MANDATORY]


def test_what_a_plan_could_not_show_is_no_finding_of_a_rule(world: World) -> None:
    unread = refused(Kind.NOT_EVALUATED, "Ops", "who is in Ops was not read", "let it be read")
    taken = refused(Kind.REMOVAL_CEILING, "Ops", "everybody loses it", "take less")
    (rule,) = (item for item in RULES if item.id == "PT-204")
    refusals = tuple(item.model_copy(update={"rule": rule.id}) for item in (unread, taken))
    evidence = replace(evidence_of(world.declaration, "us"), refusals={View.PLANNED: refusals})
    assert [item.actual for item in rule.findings(evidence, View.PLANNED)] == ["everybody loses it"]
