"""What ends by itself: the declaration as of a day, and what has ended between two days."""

from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.access.declared import access_map, ended, powers_of
from tenantry.access.diff import diff
from tenantry.access.grants import AccessMap, Answer, Kind, power_id
from tenantry.access.principals import Principals
from tenantry.declaration import Tenant, load
from tenantry.findings import Level
from tenantry.roles import ROW_OF, AgentGroup, DirectoryRole, PartnerRole, Power
from tenantry.rules import evaluate, evidence_of
from tests import acme

from .folder import US, Folder

CONTOSO = load(Path(__file__).resolve().parents[2] / "partners/contoso")
BEGIN = date(2026, 1, 1)
DAYS = st.integers(0, 60).map(lambda days: BEGIN + timedelta(days=days))
LAST = BEGIN + timedelta(days=100)
ADMINS = AgentGroup.ADMIN_AGENTS


def for_a_time(until: date) -> dict[str, Any]:
    return {"reason": "r", "owner": "o", "decided_on": BEGIN - timedelta(days=1), "until": until}


@st.composite
def people(draw: st.DrawFn, number: int) -> dict[str, Any]:
    roles = draw(st.lists(st.sampled_from(list(PartnerRole)), unique=True, max_size=4))
    person: dict[str, Any] = {"full_name": f"Person {number}", "roles": [role.value for role in roles]}
    ending = draw(st.lists(st.sampled_from(roles), unique=True)) if roles else []
    person["until"] = {role.value: {"date": draw(DAYS), "reason": "r"} for role in ending}
    if PartnerRole.GLOBAL_ADMIN in roles and PartnerRole.ADMIN_AGENT not in roles and draw(st.booleans()):
        person["without"] = {"AdminAgents": for_a_time(draw(DAYS))}
    gives = {power for role in roles for power in ROW_OF[role].powers if isinstance(power, DirectoryRole)}
    eligible = draw(st.lists(st.sampled_from(sorted(gives)), unique=True)) if gives else []
    person["assignments"] = {role.value: {"eligible": True} for role in eligible}
    if draw(st.booleans()):
        person["adopted"] = f"{number:08}-0000-4000-8000-000000000000"
        pinned = draw(st.lists(st.sampled_from(sorted(gives)), unique=True)) if gives else []
        ids = {r.value: f"{number:08}-0000-4000-8000-00000000000{n}" for n, r in enumerate(eligible) if r in pinned}
        active = {r.value: f"pin-{number}-{n}" for n, r in enumerate(pinned) if r not in eligible}
        person["pins"] = {"role_assignments": ids | active}
    return person


@st.composite
def tenants(draw: st.DrawFn) -> Tenant:
    numbers = range(1, draw(st.integers(1, 4)) + 1)
    identities = {
        f"service-{n}": {
            "object_id": f"{n:08}-0000-4000-8000-00000000000a",
            "name": f"Service {n}",
            "groups": [group.value for group in draw(st.lists(st.sampled_from(AgentGroup), unique=True, min_size=1))],
            **for_a_time(draw(DAYS)),
        }
        for n in range(draw(st.integers(0, 2)))
    }
    declared = {f"person-{n}": draw(people(n)) for n in numbers}
    gdap = {
        "groups": {"desk": {"name": "Desk", "people": draw(st.lists(st.sampled_from(list(declared)), unique=True))}}
    }
    customers = {"fabrikam": acme.customer("Fabrikam", {"desk": ["Helpdesk Administrator"]})}
    return Tenant.model_validate(acme.tenant_file(declared, identities=identities, gdap=gdap, customers=customers))


def held(tenant: Tenant) -> AccessMap:
    kinds = (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE, Kind.CUSTOMER_ROLE)
    grants = {grant: why for grant, why in access_map(tenant).grants.items() if grant.kind in kinds}
    return AccessMap(grants, frozenset(Answer(kind) for kind in Kind))


def given_on(tenant: Tenant, key: str, day: date) -> set[Power]:
    """What a person's roles give on a day, said a second time, in other words."""
    person = tenant.members[key]
    running = [role for role in person.roles if not (role in person.until and person.until[role].date <= day)]
    powers = {power for role in running for power in ROW_OF[role].powers}
    return powers - person.without.keys()


@given(tenants(), DAYS, DAYS)
def test_between_two_days_goes_exactly_what_ended_between_them(tenant: Tenant, one: date, other: date) -> None:
    first, then = sorted((one, other))
    change = diff(held(tenant.as_of(first)), held(tenant.as_of(then)))
    taken = {(grant.principal.value, grant.target) for grant in change.taken}
    people_lose = {
        (who(tenant, key), power_id(power))
        for key in tenant.members
        for power in given_on(tenant, key, first) - given_on(tenant, key, then)
    }
    services_lose = {
        (one.object_id, group.value)
        for one in tenant.identities.values()
        for group in one.groups
        if first <= one.until < then
    }
    assert taken == people_lose | services_lose
    assert not change.added, "an end never gives access"


def who(tenant: Tenant, key: str) -> str:
    person = tenant.members[key]
    return Principals().resolve(upn=person.upn).value


@given(tenants(), DAYS, DAYS)
def test_a_day_after_a_day_is_the_later_one(tenant: Tenant, one: date, other: date) -> None:
    once = tenant.as_of(one)
    assert once.as_of(one) == once
    assert once.as_of(other) == tenant.as_of(max(one, other))
    assert once.written == tenant


@given(tenants(), DAYS)
def test_what_is_left_is_a_declaration_without_a_mistake(tenant: Tenant, day: date) -> None:
    later = tenant.as_of(day)
    again = Tenant.model_validate(later.model_dump(exclude_unset=True))
    assert held(again).grants == held(later).grants


@given(tenants(), DAYS)
def test_what_has_ended_is_named_with_what_is_to_be_taken_away(tenant: Tenant, day: date) -> None:
    later = tenant.as_of(day)
    before = tenant.as_of(BEGIN - timedelta(days=1))
    due = {
        (principal, power_id(power))
        for item in ended(later)
        for principal in [Principals().resolve(upn=item.identity.upn, object_id=item.identity.object_id)]
        for power in item.powers
    }
    names = {
        Principals().resolve(upn=person.upn): Principals().resolve(upn=person.upn, object_id=person.adopted_id)
        for person in tenant.members.values()
    }
    taken = {
        (names.get(grant.principal, grant.principal), grant.target) for grant in diff(held(before), held(later)).taken
    }
    assert taken <= due
    assert all(item.since <= day for item in ended(later))


@given(tenants(), DAYS)
def test_no_end_of_access_stops_the_update_that_takes_it_away_but_a_floor(tenant: Tenant, day: date) -> None:
    def blocking(item: Tenant) -> set[tuple[str, str]]:
        results = evaluate(evidence_of(acme.declaration(item), "us", today=day))
        return {(finding.rule, finding.object) for r in results for finding in r.findings if finding.level.blocks}

    over = {
        ("PT-102", key)
        for key, person in tenant.as_of(day).members.items()
        if any(item.until < day for item in person.without.values())
    }
    new = blocking(tenant.as_of(day)) - over
    assert over <= blocking(tenant.as_of(day)), "somebody decides, not the calendar"
    assert {rule for rule, _ in new - blocking(tenant)} <= {"PT-201", "PT-204"}


@given(st.sampled_from(["us", "uk"]), DAYS)
def test_a_declaration_without_ends_is_the_same_on_every_day(name: str, day: date) -> None:
    tenant = CONTOSO.tenants[name]
    assert tenant.as_of(day) is tenant
    assert list(ended(tenant)) == []


@pytest.mark.parametrize(("day", "roles"), [(date(2026, 3, 30), 1), (date(2026, 3, 31), 0)])
def test_a_file_is_loaded_as_of_the_day_and_the_role_goes_on_its_first_day_without_it(
    folder: Folder, day: date, roles: int
) -> None:
    ends = "until: {Helpdesk agent: {date: 2026-03-31, reason: Migration}}"
    folder.replace(US, "roles: [Helpdesk agent]}", f"roles: [Helpdesk agent], {ends}}}")
    tenant = load(folder.path, day).tenants["us"]
    assert len(tenant.members["ines"].roles) == roles
    assert len(powers_of(tenant, tenant.members["ines"])) == roles


@pytest.mark.parametrize(("days", "level"), [(0, Level.ADVISORY), (1, Level.ALWAYS)])
def test_a_deviation_that_is_over_gives_nobody_access_and_is_refused(days: int, level: Level) -> None:
    person = {"full_name": "Ada Moss", "roles": ["Global admin"], "without": {"AdminAgents": for_a_time(BEGIN)}}
    day = BEGIN + timedelta(days=days)
    tenant = Tenant.model_validate(acme.tenant_file({"ada": deepcopy(person)})).as_of(day)
    assert powers_of(tenant, tenant.members["ada"]) == {DirectoryRole.GLOBAL_ADMINISTRATOR}
    results = evaluate(evidence_of(acme.declaration(tenant), "us", today=day))
    assert [item.level for r in results for item in r.findings if item.rule == "PT-102"] == [level]
