"""The registry of rules, and how they are judged."""

import re
from pathlib import Path

import pytest

from tenantry.rules import RULES, Level, Rule, Scope, Severity, Verdict, evidence_of, judge
from tenantry.rules.model import Source

from .builder import World

ALWAYS, MUST, ADVICE = Level.ALWAYS, Level.MANDATORY, Level.ADVISORY
#: The registry as it is meant to be: level, whether it advises beside, scope where it is not partner tenants.
MEANT: dict[int, tuple[Level, bool]] = {
    **dict.fromkeys((*range(101, 110), 111, 204, 206, 301, 302, 305, 307, 404, 405), (ALWAYS, False)),
    **dict.fromkeys((110, 203, 303, 304), (ALWAYS, True)),
    **dict.fromkeys((201, 205, 311, 312, 402, 408, 410, 501, 504), (MUST, False)),
    **dict.fromkeys((308, 314, 406, 409), (MUST, True)),
    **dict.fromkeys((202, 306, 309, 310, 313, 401, 403, 407, 502, 503, 505), (ADVICE, False)),
}
SCOPES = {
    Scope.ALL: {"PT-104", "PT-206", "PT-305", "PT-312", "PT-404"},
    Scope.PARTNER_ALONE: {"PT-309", "PT-311"},
    Scope.OWN_USE: {"PT-408"},
    Scope.ACROSS: {"PT-401", "PT-402", "PT-403", "PT-405", "PT-410"},
}
TAKES_EXCEPTIONS_ALTHOUGH_ALWAYS = {"PT-101", "PT-103", "PT-107", "PT-303"}


def test_ids_are_unique_and_in_order_and_none_is_missing() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert ids == [f"PT-{number}" for number in sorted(MEANT)]


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_rule_says_what_it_is_where_it_comes_from_and_how_to_mend(rule: Rule) -> None:
    assert re.fullmatch(r"PT-[1-9]\d\d", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.remediation.endswith(".")
    assert any(rule.source.startswith(source) for source in Source), "a document and a section of it"
    assert rule.source not in set(Source)
    assert rule.checks or rule.across
    assert (rule.across is None) is (rule.scope is not Scope.ACROSS)
    assert not rule.elsewhere.endswith(".")
    assert isinstance(rule.severity, Severity)


def test_levels_are_what_the_sources_say() -> None:
    assert {rule.id: (rule.level, rule.also_advises) for rule in RULES} == {f"PT-{n}": one for n, one in MEANT.items()}


def test_scopes_are_what_the_sources_say() -> None:
    found = {scope: {rule.id for rule in RULES if rule.scope is scope} for scope in Scope}
    assert {scope: ids for scope, ids in found.items() if scope is not Scope.PARTNER} == SCOPES


def test_what_cannot_be_lowered_takes_exceptions_in_four_rules_only() -> None:
    excusable = {rule.id for rule in RULES if rule.level is ALWAYS and rule.takes_exceptions}
    assert excusable == TAKES_EXCEPTIONS_ALTHOUGH_ALWAYS
    assert all(rule.takes_exceptions for rule in RULES if rule.level is not ALWAYS)


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
