"""A tenant that people have used for ten years: nothing is lost between its declaration, its questions and drift."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tenantry.access.preview import Refreshed
from tenantry.adopt.propose import Proposal, Written
from tenantry.adopt.run import Options, read_facts
from tenantry.declaration import Declaration, Partner
from tenantry.declaration.document import read_text
from tenantry.drift.compare import Facts, compare
from tests.graph.in_process import reader_of
from tests.ten_years import grown

from .tenants import TODAY, Adopting


@pytest.fixture(scope="module")
def tenant() -> Iterator[Adopting]:
    with grown() as (declaration, store, _), reader_of(store, declaration.tenants["us"].id) as reader:
        yield Adopting(read_facts(reader, "northwind", "main", Written(), Options(), TODAY))


def drift_of(tenant: Adopting, proposal: Proposal) -> tuple[set[str], tuple[str, ...]]:
    """Who has drifted and is in no decision, and the decisions that fit nothing."""
    document = read_text(Path("main.yaml"), "{}")
    partner = Partner(name="Northwind", tenants=("main",))
    declaration = Declaration("northwind", partner, {"main": proposal.tenant}, document, {"main": document})
    found = compare(Facts(declaration, "main", Refreshed((), (), ()), tenant.facts.observed, date(2026, 11, 29)))
    return {f"{one.subject}: {one.what}" for one in found.drift if one.triage is None}, found.stale


def test_what_drift_finds_afterwards_is_exactly_what_was_asked(tenant: Adopting) -> None:
    proposal = tenant.propose()
    undecided, stale = drift_of(tenant, proposal)
    asked = {path.grant for question in proposal.questions for path in question.paths}
    relationships = {one for question in proposal.questions for one in question.relationships}
    held = {(grant.principal, grant.target) for grant in asked}
    assert (len(undecided), len(relationships), stale) == (len(held) + len(relationships), 5, ())


@pytest.mark.parametrize("preferred", ["accept", "remove"])
def test_drift_knows_every_decision_and_finds_nothing_else(tenant: Adopting, preferred: str) -> None:
    # Once she is declared, all who work at one of the customers are.
    haruka = {"gdap-member/haruka-yamamoto": "declare"}
    questions = tenant.propose(haruka).questions
    answers = {one.key: preferred if preferred in one.names else "remove" for one in questions if "remove" in one.names}
    answered = tenant.propose(answers | haruka)
    assert {one.key for one in answered.questions} == {"agent-group/AdminAgents"}
    assert drift_of(tenant, answered) == (set(), ())
