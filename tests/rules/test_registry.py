"""The registry of rules, and how they are judged."""

import re
from pathlib import Path

import pytest

from tenantry.rules import RULES, Level, Rule, Scope, Severity, Verdict, evidence_of, judge
from tenantry.rules.model import Source

from .builder import World

OF_THE_FIRST_ISSUE = [f"PT-{n}" for n in (*range(101, 109), 110, 111, 201, *range(301, 306))]
MAY_BE_LOWERED = {"PT-201"}
IN_EVERY_TENANT = {"PT-104", "PT-305"}


def test_ids_are_unique_and_in_order_and_none_is_missing() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert set(OF_THE_FIRST_ISSUE) <= set(ids)


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_rule_says_what_it_is_where_it_comes_from_and_how_to_mend(rule: Rule) -> None:
    assert re.fullmatch(r"PT-[1-9]\d\d", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.remediation.endswith(".")
    assert any(rule.source.startswith(source) for source in Source), "a document and a section of it"
    assert rule.source not in set(Source)
    assert rule.checks
    assert isinstance(rule.severity, Severity)


def test_only_some_rules_may_be_lowered_and_none_only_advises() -> None:
    assert {rule.id for rule in RULES if rule.level is Level.MANDATORY} == MAY_BE_LOWERED
    assert {rule.id for rule in RULES if rule.level is Level.ALWAYS} == set(OF_THE_FIRST_ISSUE) - MAY_BE_LOWERED


def test_rules_for_all_tenants_are_the_ones_that_say_so() -> None:
    assert {rule.id for rule in RULES if rule.scope is Scope.ALL} == IN_EVERY_TENANT


def test_one_rule_alone_can_be_judged(tmp_path: Path) -> None:
    world = World(tmp_path)
    (judged,) = judge(evidence_of(world.declaration, "us", world.view), [RULES[0]])
    assert (judged.rule, judged.tenant, judged.verdict) == (RULES[0], "us", Verdict.PASSED)


def test_the_program_can_only_be_asked_where_there_is_one(tmp_path: Path) -> None:
    evidence = evidence_of(World(tmp_path).declaration, "us")
    with pytest.raises(ValueError, match="no registered view"):
        _ = evidence.program


def test_levels_that_block() -> None:
    assert [level for level in Level if level.blocks] == [Level.ALWAYS, Level.MANDATORY]
