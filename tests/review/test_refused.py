"""One law: whatever a preview or an update would refuse makes the verdict of a review, and its exit code."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tenantry.access.grants import Kind
from tenantry.declaration import Declaration, Mode, Person, PersonState, load
from tenantry.declaration.limits import Limits, Override
from tenantry.declaration.person import Assignment
from tenantry.reports import markdown
from tenantry.reports.layout import layout
from tenantry.reports.review import Report, Subject, TodoState, Verdict
from tenantry.review.command import exit_code
from tenantry.review.compare import Snapshot, compare
from tenantry.review.options import FailOn
from tenantry.roles import AgentGroup, DirectoryRole, PartnerRole
from tenantry.rules import RULES, Level, Result, View, evaluate, evidence_of
from tenantry.rules import Verdict as RuleVerdict
from tenantry.rules.model import violation

from .rendered import alerts

TODAY = date(2026, 11, 24)
AT = "@contoso-partner.onmicrosoft.com"
CARLA, EMMA, INES = (f"{name}{AT}" for name in ("carla.jensen", "emma.lindqvist", "ines.costa"))
OTHER_TENANT = "0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901"
ADMINS, GLOBAL = AgentGroup.ADMIN_AGENTS, DirectoryRole.GLOBAL_ADMINISTRATOR

Change = Callable[[Declaration], Declaration]


@pytest.fixture(scope="module")
def sample(root: Path) -> Declaration:
    return load(root / "partners/contoso")


def tenant(**fields: Any) -> Change:
    """A change of the US tenant's fields."""

    def change(declaration: Declaration) -> Declaration:
        us = declaration.tenants["us"].model_copy(update=fields)
        return replace(declaration, tenants={**declaration.tenants, "us": us})

    return change


def people(edit: Callable[[dict[str, Person]], object]) -> Change:
    def change(declaration: Declaration) -> Declaration:
        members = dict(declaration.tenants["us"].members)
        edit(members)
        return tenant(people=members)(declaration)

    return change


def person(key: str, **fields: Any) -> Change:
    return people(lambda all_: all_.__setitem__(key, all_[key].model_copy(update=fields)))


def without(*keys: str) -> Change:
    return people(lambda all_: [all_.pop(key) for key in keys])


def both(*changes: Change) -> Change:
    def change(declaration: Declaration) -> Declaration:
        for item in changes:
            declaration = item(declaration)
        return declaration

    return change


def other_key(members: dict[str, Person]) -> None:
    members["carla-holt"] = members.pop("carla")


def seen(declaration: Declaration, stack: str | None = "dev") -> Snapshot:
    results = tuple(evaluate(evidence_of(declaration, "us", None, TODAY)))
    return Snapshot("contoso/us", stack, declaration, None, results)


def review(before: Declaration, after: Declaration, stack: str | None = "dev") -> Report:
    message = compare(seen(before, stack), seen(after, stack), today=TODAY)
    # No program was run: what only one tells is none of these tests' business.
    return Report(subject=Subject.CHANGE, base="base", head="head", tenants=(message,), files_moved=1)


def refusals(report: Report) -> list[tuple[str, str]]:
    return [
        (item.rule, f"{item.subject}: {item.actual}; {item.expected}; {item.remediation}") for _, item in report.refused
    ]


SWAP = both(person("carla", upn=EMMA), person("emma", upn=CARLA))
OVERRIDE = Override(change="0" * 32, reason="r", approved_by="ada", expires_on=TODAY + timedelta(days=3))
MASS = both(*(person(key, roles=()) for key in ("carla", "bruno")))

REFUSED: dict[str, tuple[Change, Change, str, list[str]]] = {
    "another country": (tenant(), tenant(country="CA"), "PT-404", ["CA instead of US", "write `country: US` again"]),
    "another tenant id": (tenant(), tenant(id=OTHER_TENANT), "PT-404", [f"{OTHER_TENANT} instead of 6f1f7c0e"]),
    "somebody removed outright": (
        tenant(),
        without("farid"),
        "PT-204",
        ["deletes the account of Farid Haddad", "put `farid` back into `people` with `state: leaver`"],
    ),
    "another key without the former one": (
        tenant(),
        people(other_key),
        "PT-204",
        ["write `former_keys: [carla]` under `people.carla-holt`"],
    ),
    "too much at once": (
        tenant(),
        both(MASS, tenant()),
        "PT-204",
        ["AdminAgents from 2 of the 3", "make the change in smaller steps", "`pulumi preview` shows the line to write"],
    ),
    "an override that expired": (
        tenant(limits=Limits(override=OVERRIDE.model_copy(update={"expires_on": TODAY - timedelta(days=1)}))),
        MASS,
        "PT-204",
        ["`limits.override` does not allow it: it ended on"],
    ),
    "below the fewest who may hold it": (
        tenant(limits=Limits(minimum_holders={GLOBAL: 2})),
        person("bruno", roles=(PartnerRole.HELPDESK_AGENT,)),
        "PT-204",
        ["Global Administrator: 1 holder (Ada Nakamura", "at least 2"],
    ),
    "nobody left who administers": (
        tenant(),
        both(*(person(key, roles=(PartnerRole.HELPDESK_AGENT,)) for key in ("ada", "bruno", "rescue-1", "rescue-2"))),
        "PT-204",
        ["leaves nobody with Global Administrator"],
    ),
    "an emergency account removed": (tenant(), without("rescue-2"), "PT-203", ["would be deleted"]),
    "an emergency account that is none any more": (
        tenant(),
        person("rescue-2", emergency=False),
        "PT-203",
        ["is no longer declared as an emergency account"],
    ),
    "names that are swapped": (tenant(), SWAP, "PT-304", ["until this change is applied", "first give `emma` another"]),
    "the mode in one step": (
        tenant(),
        tenant(mode=Mode.ADDITIVE),
        "PT-105",
        ["in one step", "put `mode: authoritative` back with `agent_groups: {release: true}`"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_preview_would_refuse_is_new_makes_the_verdict_and_the_exit_code_and_says_what_to_write(
    sample: Declaration, name: str
) -> None:
    begin, change, rule, says = REFUSED[name]
    before = begin(sample)
    report = review(before, change(before))
    assert (report.verdict, exit_code(report, FailOn.FINDINGS)) == (Verdict.REFUSED, 1)
    found = [text for broken, text in refusals(report) if broken == rule]
    assert any(all(words in text for words in says) for text in found), found
    assert rule in {item.rule for item in report.tenants[0].findings.introduced}
    assert rule in " ".join(alerts(layout(report)))
    assert "No access changes" not in report.headline


def test_every_rule_that_is_evaluated_on_a_change_has_its_refusal_here() -> None:
    assert {rule.id for rule in RULES if View.CHANGED in rule.views} == {rule for _, _, rule, _ in REFUSED.values()}


@pytest.mark.parametrize(
    "change",
    [
        person("farid", state=PersonState.LEAVER),
        person("carla", roles=(PartnerRole.SALES_AGENT,)),
        person("carla", upn=f"carla.holt{AT}", former_upns=(CARLA,)),
        people(lambda all_: all_.__setitem__("c", all_.pop("carla").model_copy(update={"former_keys": ("carla",)}))),
        tenant(country="us", id="6F1F7C0E-52A3-4D0B-9E57-2B8B9F4C1A10"),
    ],
    ids=["leaver", "another role", "renamed", "another key", "another way to write it"],
)
def test_what_a_preview_would_take_is_not_refused(sample: Declaration, change: Change) -> None:
    report = review(sample, change(sample))
    assert refusals(report) == []
    assert exit_code(report, FailOn.FINDINGS) == 0


def test_whoever_was_disabled_before_may_go(sample: Declaration) -> None:
    before = person("farid", state=PersonState.LEAVER)(sample)
    assert refusals(review(before, without("farid")(before))) == []


def test_an_override_that_may_be_for_this_change_lifts_the_ceiling_and_nothing_else(sample: Declaration) -> None:
    approved = tenant(limits=Limits(override=OVERRIDE))
    report = review(sample, both(MASS, approved)(sample))
    assert "PT-204" not in {rule for rule, _ in refusals(report)}
    (ceiling,) = [item for item in report.tenants[0].ceilings if item.power.startswith("AdminAgents")]
    assert (ceiling.exceeded, ceiling.override) == (True, f"ada, until {OVERRIDE.expires_on}")
    gone = review(sample, both(without("farid"), approved)(sample))
    assert [rule for rule, _ in refusals(gone)] == ["PT-204"]


def test_a_tenant_without_a_stack_is_refused_nothing_but_another_country(sample: Declaration) -> None:
    change = both(without("farid"), SWAP, tenant(mode=Mode.ADDITIVE))
    assert refusals(review(sample, change(sample), stack=None)) == []
    moved = review(sample, tenant(country="CA")(sample), stack=None)
    assert [rule for rule, _ in refusals(moved)] == ["PT-404"]


def test_what_is_reported_first_of_all_is_that_the_file_speaks_of_another_tenant(sample: Declaration) -> None:
    change = both(tenant(country="CA", id=OTHER_TENANT), without("farid", "carla"), SWAP_OF_THE_REST)
    report = review(sample, change(sample))
    assert len(report.refused) > 3
    for title in (report.headline, layout(report).title):
        assert title.startswith("Would be refused in contoso/us: PT-404, Contoso Partner (US): another ")
    assert markdown.render(layout(report)).splitlines()[1].startswith("## 🛑 Would be refused in contoso/us: `PT-404`")


SWAP_OF_THE_REST = both(person("dmitri", upn=EMMA), person("emma", upn=f"dmitri.okafor{AT}"))


# The law itself, for every rule and on every view


def found(rule_id: str, level: Level) -> Result:
    """A finding of a rule, whichever view showed it."""
    rule = next(rule for rule in RULES if rule.id == rule_id)
    finding = violation("somebody", "something", "nothing", "stop", level=level)
    finding = finding.model_copy(update={"rule": rule_id})
    return Result(rule, "us", RuleVerdict.FAILED, (finding,))


@pytest.mark.parametrize("subject", Subject)
@pytest.mark.parametrize("old", [False, True], ids=["introduced", "still open"])
@pytest.mark.parametrize("level", Level)
def test_a_finding_that_blocks_makes_verdict_and_exit_code_and_one_that_advises_does_not(
    sample: Declaration, subject: Subject, old: bool, level: Level
) -> None:
    for rule in RULES:
        evaluated = (found(rule.id, level),)
        message = compare(
            *(replace(seen_once(sample), results=evaluated * existing) for existing in (old, True)), today=TODAY
        )
        report = Report(subject=subject, base="base", head="head", tenants=(message,))
        assert bool(message.findings.introduced) is not old
        assert (report.verdict is Verdict.REFUSED) is level.blocks
        assert exit_code(report, FailOn.FINDINGS) == level.blocks
        assert exit_code(report, None) == (level.blocks and subject is Subject.PLAN)


def seen_once(declaration: Declaration) -> Snapshot:
    return Snapshot("contoso/us", "dev", declaration)


# What moves with a sign-in name


def moves(report: Report) -> dict[str | None, tuple[list[str], list[str]]]:
    def names(access: Any) -> list[str]:
        return [item.name for item in access if item.kind is Kind.FTOP_CUSTOMER]

    return {item.key: (names(item.gains), names(item.losses)) for item in report.tenants[0].people}


def test_a_record_in_ftop_passes_with_the_name_to_whoever_takes_it(sample: Declaration) -> None:
    swap = both(person("ines", upn=EMMA), person("emma", upn=INES))
    report = review(sample, swap(sample))
    assert moves(report) == {"ines": ([], ["Fabrikam Inc."]), "emma": (["Fabrikam Inc."], [])}
    (loss,) = [item for person in report.tenants[0].people for item in person.losses]
    assert loss.because[-1] == f"FTOP identifies people by the sign-in name: its record has {INES}"
    assert report.headline.endswith("1 person gains access and 1 person loses access in contoso/us.")


def test_a_new_name_without_the_former_one_loses_the_record_asks_for_it_and_is_a_to_do(sample: Declaration) -> None:
    report = review(sample, person("ines", upn=f"ines.holt{AT}")(sample))
    assert moves(report) == {"ines": ([], ["Fabrikam Inc."])}
    assert report.verdict is Verdict.CHANGES
    (asked,) = report.tenants[0].findings.introduced
    assert (asked.rule, asked.blocks, asked.remediation) == (
        "PT-304",
        False,
        f"write `former_upns: [{INES}]` under `people.ines`",
    )
    new = [item.id for item in report.tenants[0].todos if item.state is TodoState.NEW]
    assert new == ["redo-ftop/fabrikam/ines"]


def test_a_new_name_with_the_former_one_is_a_to_do_alone(sample: Declaration) -> None:
    report = review(sample, person("ines", upn=f"ines.holt{AT}", former_upns=(INES,))(sample))
    assert moves(report) == {"ines": ([], [])}
    assert (report.verdict, report.tenants[0].findings.introduced) == (Verdict.NO_CHANGES, ())
    assert [item.id for item in report.tenants[0].todos] == ["redo-ftop/fabrikam/ines"]


def test_an_adopted_person_who_takes_a_free_name_does_not_collide(sample: Declaration) -> None:
    """Nobody writes the name of an adopted account: it was changed before it was declared."""
    before = person("emma", adopted="eeeeeeee-0000-4000-8000-00000000000e")(sample)
    swap = both(person("ines", upn=EMMA), person("emma", upn=INES))
    assert refusals(review(before, swap(before))) == []


# One count


def counted(before: Declaration, after: Declaration, power: str) -> tuple[int, int, int]:
    (item,) = [
        item for item in review(before, after).tenants[0].ceilings if item.power == f"{power} (declared holders)"
    ]
    return item.before, item.after, item.taken


def test_who_holds_a_role_over_a_unit_alone_is_no_holder_whom_a_floor_counts(sample: Declaration) -> None:
    """The guard leaves out guests and those who hold it over a unit, and so does the review."""
    unit = Assignment(administrative_unit="eeeeeeee-0000-4000-8000-00000000000a")
    before = both(
        person("hiro", assignments={DirectoryRole.BILLING_ADMINISTRATOR: unit}),
        person("grace", roles=(PartnerRole.BILLING_ADMIN,)),
        tenant(limits=Limits(minimum_holders={DirectoryRole.BILLING_ADMINISTRATOR: 2})),
    )(sample)
    after = person("farid", roles=(PartnerRole.HELPDESK_AGENT,))(before)
    (ceiling,) = review(before, after).tenants[0].ceilings
    assert (ceiling.before, ceiling.after, ceiling.taken, ceiling.allowed, ceiling.exceeded) == (3, 2, 1, 0, True)


def test_a_role_that_becomes_more_is_no_holder_more(sample: Declaration) -> None:
    before = both(
        person("farid", assignments={DirectoryRole.BILLING_ADMINISTRATOR: Assignment(eligible=True)}),
        person("grace", roles=(PartnerRole.BILLING_ADMIN,)),
    )(sample)
    after = both(person("farid", assignments={}), person("grace", roles=()))(before)
    assert counted(before, after, "Billing Administrator") == (3, 2, 1)


def test_a_required_holder_more_is_no_protection_less(sample: Declaration) -> None:
    (setting,) = review(sample, tenant(limits=Limits(required_holders={GLOBAL: ("ada",)}))(sample)).tenants[0].settings
    assert (setting.before, setting.after, setting.loosens) == (None, "ada", False)


@pytest.mark.parametrize(
    ("limits", "before", "after"),
    [
        (Limits(removal_share=50), "25 (not stated)", "50"),
        (Limits(removal_count=3), "10 (not stated)", "3"),
        (Limits(minimum_holders={GLOBAL: 2}), "0 (not stated)", "2"),
    ],
)
def test_a_limit_that_is_first_stated_is_compared_with_what_was_in_force(
    sample: Declaration, limits: Limits, before: str, after: str
) -> None:
    (setting,) = review(sample, tenant(limits=limits)(sample)).tenants[0].settings
    assert (setting.before, setting.after) == (before, after)


def test_a_pin_that_is_taken_away_takes_nothing_over(sample: Declaration) -> None:
    pins = sample.tenants["us"].members["ada"].pins
    bare = pins.model_copy(update={"role_assignments": {}})
    unpinned = person("ada", pins=bare)(sample)
    (gone,), (back,) = (
        [item.notes[0] for item in review(*sides).tenants[0].people]
        for sides in ((sample, unpinned), (unpinned, sample))
    )
    id_ = pins.role_assignments[GLOBAL]
    assert gone.startswith(f"the assignment {id_} of Global Administrator is no longer pinned")
    assert back == f"the existing assignment {id_} of Global Administrator is taken over (`pins`)"


def test_people_adopted_by_their_names_are_several(sample: Declaration) -> None:
    before = both(person("carla", adopted="by-upn"), person("emma", adopted="by-upn"))(sample)
    after = person("carla", roles=(PartnerRole.GLOBAL_ADMIN,))(before)
    (messages,) = review(before, after).tenants[0].people
    assert (messages.key, [item.name for item in messages.gains]) == ("carla", ["Global Administrator"])
