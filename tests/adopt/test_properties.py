"""Whatever a tenant holds: its declaration loads, gives nothing new, and leaves nothing out in silence."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tenantry.access.declared import access_map
from tenantry.access.diff import covering
from tenantry.access.grants import Grant, Kind
from tenantry.access.observed import ObservedTenant
from tenantry.access.observed import access_map as observed_map
from tenantry.adopt.propose import Proposal, Written
from tenantry.adopt.write import partner_file
from tenantry.declaration import Tenant, load
from tenantry.declaration.document import read
from tests.depth import examples

from .tenants import ADA_KEY, DOMAIN, Adopting, adopting, project_in

NAMES = ("bob", "رشید", "Łukasz Øst", "true", "12", "Kim: #1 | `x`", "O'Neil", "李 静")
PEOPLE = tuple(f"{name}@{DOMAIN}" for name in ("bob", "bob.2", "kim", "no", "24", "o'neil"))
GUEST = "eva@fabrikam.example"
HOLDERS = (*PEOPLE, GUEST, "Crew", "Robot")
GROUPS = ("AdminAgents", "HelpdeskAgents", "SalesAgents")
ROLES = ("Global Administrator", "Billing Administrator", "User Administrator", "Exchange Administrator")
TIER = "Partner Tier2 Support"


def _some(of: tuple[str, ...], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), max_size=most, unique=True)


@st.composite
def seeds(draw: st.DrawFn) -> dict[str, Any]:
    """A tenant that people have used: every kind of holder, and everything that one can hold."""
    users = {
        upn: {
            "displayName": draw(st.sampled_from(NAMES)),
            "accountEnabled": draw(st.sampled_from([True, True, False])),
            **({"onPremisesSyncEnabled": True} if draw(st.integers(0, 4)) == 0 else {}),
            **({"mail": f"{index}@{draw(st.sampled_from(['gmail.com', DOMAIN]))}"} if draw(st.booleans()) else {}),
        }
        for index, upn in enumerate(PEOPLE)
    }
    groups: dict[str, Any] = {name: {"members": draw(_some(HOLDERS))} for name in GROUPS}
    groups["Crew"] = {"isAssignableToRole": True, "members": draw(_some((*PEOPLE, GUEST)))}
    groups |= {name: {"members": draw(_some(PEOPLE[:2]))} for name in ("Desk", "Desk 2")}
    if draw(st.integers(0, 3)) == 0:
        groups["Sales Agents"] = {"members": draw(_some(PEOPLE))}
    unit = {role: draw(_some(PEOPLE, 2)) for role in ("User Administrator", "Helpdesk Administrator")}
    return {
        "users": users,
        "guests": {GUEST: {"displayName": "Eva\u202e"}},
        "applications": {"Robot": {}},
        "groups": groups,
        "administrativeUnits": {"Oslo": {"roles": unit}},
        "roles": {role: draw(_some(HOLDERS, 2)) for role in (*ROLES, TIER)},
        "eligibleRoles": {role: draw(_some(PEOPLE, 2)) for role in ROLES[:3]},
        "relationships": {f"R {number}": draw(_relationship(number)) for number in range(draw(st.integers(0, 4)))},
    }


@st.composite
def _relationship(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """With one of three customers; it gives roles to groups of every kind, or to nobody."""
    roles = ["Helpdesk Administrator", *draw(_some(("Global Administrator", "Exchange Administrator"), 1))]
    customer = {"tenantId": f"c0000000-0000-4000-8000-{number % 3:012}", "displayName": draw(st.sampled_from(NAMES))}
    return {
        **({"customer": customer} if draw(st.integers(0, 4)) else {"status": "approvalPending"}),
        "roles": roles,
        "assignments": dict.fromkeys(draw(_some(("Crew", "Desk", "Desk 2", "AdminAgents"), 2)), roles),
    }


KINDS = (Kind.AGENT_GROUP, Kind.DIRECTORY_ROLE, Kind.CUSTOMER_ROLE)


def held(observed: ObservedTenant) -> set[Grant]:
    return set(observed_map(observed).grants)


def given_by(proposal: Proposal) -> set[Grant]:
    """What the declaration gives in agent groups and directory roles, and at customers."""
    return {grant for grant in access_map(proposal.tenant).grants if grant.kind in KINDS}


def at_customers(proposal: Proposal) -> list[str]:
    """The relationships that are declared or asked about."""
    declared = [item.adopted or "" for item in proposal.tenant.relationships]
    return sorted({*declared, *(one for question in proposal.questions for one in question.relationships)})


def as_written(tenant: Adopting, answers: Mapping[str, str]) -> tuple[Tenant, str]:
    """The tenant's file as it loads, and what a second run would change in it."""
    with TemporaryDirectory() as folder:
        project = project_in(Path(folder))
        for change in (tenant.file(project, answers), partner_file(project, "northwind/main", "Northwind")):
            change.file.parent.mkdir(parents=True, exist_ok=True)
            change.file.write_text(change.after)
        partner = project.partners / "northwind"
        declaration = load(partner)
        written = Written(declaration, read(partner / "tenants/main.yaml").content)
        return declaration.tenants["main"], Adopting(tenant.facts, written).file(project).diff


#: A directory an example takes half a second: to shrink one takes longer than to read it.
_PHASES = tuple(phase for phase in Phase if phase is not Phase.shrink)


@settings(examples(12), phases=_PHASES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(seeds(), st.booleans(), st.data())
def test_a_declaration_gives_what_is_held_and_its_questions_speak_for_the_rest(
    seed: dict[str, Any], beyond_reach: bool, data: st.DataObject
) -> None:
    tenant = adopting(seed) if beyond_reach else adopting(seed, beyond_reach=frozenset())
    proposal, observed = tenant.propose(), held(tenant.facts.observed)
    declared = given_by(proposal)
    assert declared <= observed, "nothing is given"
    asked = {path.grant for question in proposal.questions for path in question.paths}
    covered = covering(declared)
    in_tenant = {grant for grant in observed if grant.kind is not Kind.CUSTOMER_ROLE}
    assert {grant for grant in in_tenant if not covered(grant)} == asked, "nothing is left out, and nothing asked twice"
    assert len(proposal.covered) >= len({grant for grant in in_tenant - declared if covered(grant)})
    assert len(at_customers(proposal)) == len(seed["relationships"])
    assert len({question.key for question in proposal.questions}) == len(proposal.questions)
    loaded, diff = as_written(tenant, {})
    assert diff == "", "a second run has nothing to add"
    assert loaded == proposal.tenant
    assert ADA_KEY in loaded.members

    answers = {question.key: data.draw(st.sampled_from(question.names)) for question in proposal.questions}
    names = {key: one for key, one in answers.items() if not key.startswith("agent-group/")}
    answered = tenant.propose(names)
    assert given_by(answered) <= observed, "no answer gives anything"
    assert answered.unknown_answers == ()
    loaded, diff = as_written(tenant, names)
    assert diff == "", "what was answered is not asked again"
    assert loaded == answered.tenant
