"""What the comparison of two sides takes for the same account, for a change, and for something that it cannot tell."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tenantry.access.declared import identities
from tenantry.access.registered import UNKNOWN, RegisteredResource, RegisteredView, read
from tenantry.access.resource_types import DIRECTORY_ROLE_ASSIGNMENT, GROUP, USER
from tenantry.declaration import Declaration, Person, PersonState, load
from tenantry.declaration.decisions import DeclaredIdentity, Deviation, End, Exemption
from tenantry.declaration.limits import Ceiling, Limits
from tenantry.declaration.person import Assignment
from tenantry.findings import NotEvaluated
from tenantry.reports.review import ExceptionState
from tenantry.reports.review import Tenant as Compared
from tenantry.review.compare import Snapshot, compare
from tenantry.roles import AgentGroup, DirectoryRole, PartnerRole
from tenantry.rules import evaluate, evidence_of

TODAY = date(2026, 11, 24)
ID = "dddddddd-0000-4000-8000-00000000000d"


@pytest.fixture(scope="module")
def sample(root: Path) -> Declaration:
    return load(root / "partners/contoso")


def with_people(declaration: Declaration, people: dict[str, Person], **fields: Any) -> Declaration:
    us = declaration.tenants["us"].model_copy(update={"people": people, **fields})
    return replace(declaration, tenants={**declaration.tenants, "us": us})


def changed(declaration: Declaration, key: str, **fields: Any) -> Declaration:
    people = declaration.tenants["us"].members
    return with_people(declaration, {**people, key: people[key].model_copy(update=fields)})


def tenant_with(declaration: Declaration, **fields: Any) -> Declaration:
    return with_people(declaration, declaration.tenants["us"].members, **fields)


def seen(declaration: Declaration | None, view: RegisteredView | None = None, **more: Any) -> Snapshot:
    results = tuple(evaluate(evidence_of(declaration, "us", view, TODAY))) if declaration else ()
    return Snapshot("contoso/us", "dev", declaration, view, results, **more)


def compared(before: Declaration | None, after: Declaration | None) -> Compared:
    return compare(seen(before), seen(after), today=TODAY)


def changes(tenant: Compared) -> dict[str | None, tuple[list[str], list[str]]]:
    """By key: the names of what is gained and of what is lost, of both accounts where a key names two."""
    found: dict[str | None, tuple[list[str], list[str]]] = {}
    for person in tenant.people:
        gains, losses = found.setdefault(person.key, ([], []))
        gains += [item.name for item in person.gains]
        losses += [item.name for item in person.losses]
    return found


def test_nothing_changes_where_nothing_changes(sample: Declaration) -> None:
    assert not compared(sample, sample).touched


@pytest.mark.parametrize(
    "fields",
    [
        {"upn": "c.jensen@contoso-partner.onmicrosoft.com"},
        {"full_name": "Carla Holt"},
        {"email": "c.jensen@contoso.com"},
        {"password_round": 2},
        {"handle": "@carla-jensen"},
    ],
)
def test_another_name_is_a_note(sample: Declaration, fields: dict[str, Any]) -> None:
    after = compared(sample, changed(sample, "carla", **fields))
    assert changes(after) == {"carla": ([], [])}
    assert [len(person.notes) for person in after.people] == [1]
    assert not after.changes_access


def test_who_takes_over_every_name_is_asked_about(sample: Declaration) -> None:
    other = {"full_name": "Omar Eid", "upn": "omar@contoso-partner.onmicrosoft.com", "email": "omar@contoso.com"}
    (person,) = compared(sample, changed(sample, "carla", **other)).people
    assert person.notes[-1] == "name, sign-in name and e-mail all change: check that this is the same person"


def test_a_new_key_with_the_former_one_is_the_same_account_and_without_it_another(sample: Declaration) -> None:
    people = dict(sample.tenants["us"].members)
    carla = people.pop("carla")
    kept = with_people(sample, {**people, "carla-holt": carla.model_copy(update={"former_keys": ("carla",)})})
    other = with_people(sample, {**people, "carla-holt": carla})
    assert changes(compared(sample, kept)) == {"carla-holt": ([], [])}
    assert changes(compared(sample, other)) == {"carla-holt": (["AdminAgents"], []), "carla": ([], ["AdminAgents"])}


@pytest.mark.parametrize("upn", ["bruno.keller@contoso-partner.onmicrosoft.com", "b@contoso-partner.onmicrosoft.com"])
def test_another_object_id_is_another_account_under_whatever_name(sample: Declaration, upn: str) -> None:
    after = compared(sample, changed(sample, "bruno", adopted=ID, upn=upn))
    power = ["AdminAgents", "Global Administrator"]
    assert changes(after) == {"bruno": (power, power)}
    assert len(after.people) == 2
    assert "adopted now" in after.people[0].notes[0]


def test_people_who_are_adopted_by_upn_are_not_one_account(sample: Declaration) -> None:
    both = changed(changed(sample, "carla", adopted="by-upn"), "emma", adopted="by-upn")
    assert changes(compared(both, changed(both, "carla", roles=()))) == {"carla": ([], ["AdminAgents"])}


def test_whoever_is_pinned_by_object_id_under_the_same_name_stays_who_they_are(sample: Declaration) -> None:
    by_upn, by_id = changed(sample, "carla", adopted="by-upn"), changed(sample, "carla", adopted=ID)
    for was, now, message in (
        (by_upn, by_id, f"adopted by the object id {ID} instead of by its sign-in name"),
        (by_id, by_upn, f"adopted by its sign-in name instead of by the object id {ID}"),
    ):
        assert changes(compared(was, now)) == {"carla": ([], [])}
        (carla,) = compared(was, now).people
        assert carla.notes == (f"{message}: must be the same account, otherwise the preview refuses it",)


def test_two_people_who_swap_their_names_keep_their_access(sample: Declaration) -> None:
    people = sample.tenants["us"].members
    swapped = changed(sample, "carla", upn=people["emma"].upn)
    swapped = changed(swapped, "emma", upn=people["carla"].upn)
    assert changes(compared(sample, swapped)) == {"carla": ([], []), "emma": ([], [])}


def test_whoever_may_sign_in_again_gains_what_they_hold(sample: Declaration) -> None:
    disabled = changed(sample, "hiro", state=PersonState.DISABLED)
    held = ["Billing Administrator", "SalesAgents"]
    assert changes(compared(sample, disabled)) == {"hiro": ([], held)}
    present = changed(sample, "hiro", state=PersonState.PRESENT)
    assert changes(compared(disabled, present)) == {"hiro": (held, [])}


@pytest.mark.parametrize("state", [PersonState.DISABLED, PersonState.LEAVER])
def test_a_state_that_is_only_taken_away_lets_nobody_sign_in_again(sample: Declaration, state: PersonState) -> None:
    (hiro,) = compared(changed(sample, "hiro", state=state), sample).people
    assert "stays disabled: without `state` no update enables the account; `state: present` does" in hiro.notes
    assert "may sign in again" not in hiro.notes
    # A leaver's memberships come back, and a disabled account never lost them.
    assert bool(hiro.gains) is (state is PersonState.LEAVER)
    assert not any("the account can sign in again" in gain.because for gain in hiro.gains)


def test_a_round_that_goes_back_is_no_new_password(sample: Declaration) -> None:
    (hiro,) = compared(changed(sample, "hiro", password_round=3), changed(sample, "hiro", password_round=None)).people
    (note,) = hiro.notes
    assert note.startswith("password_round goes back from 3 to 1, which the preview refuses")
    assert "write `password_round: 3` under `people.hiro`" in note
    assert "`password_round: 4` to issue a new one" in note
    (hiro,) = compared(changed(sample, "hiro", password_round=2), changed(sample, "hiro", password_round=3)).people
    assert hiro.notes == ("gets a new temporary password (round 3 instead of 2)",)


def test_an_eligible_role_is_another_than_a_standing_one(sample: Declaration) -> None:
    eligible = changed(sample, "farid", assignments={DirectoryRole.BILLING_ADMINISTRATOR: Assignment(eligible=True)})
    role = ["Billing Administrator"]
    assert changes(compared(sample, eligible)) == {"farid": (role, role)}


def test_access_that_stays_for_another_reason_is_reported_with_both(sample: Declaration) -> None:
    (carla,) = compared(sample, changed(sample, "carla", roles=(PartnerRole.GLOBAL_ADMIN,))).people
    assert [item.name for item in carla.gains] == ["Global Administrator"]
    assert [(item.name, item.was_because, item.because) for item in carla.other_reason] == [
        ("AdminAgents", ("Admin agent",), ("Global admin",))
    ]


def test_what_is_reported_first_is_the_most_dangerous(sample: Declaration) -> None:
    after = changed(sample, "ines", roles=(PartnerRole.SALES_AGENT,))
    after = changed(after, "hiro", roles=(PartnerRole.GLOBAL_ADMIN,))
    assert [person.key for person in compared(sample, after).people] == ["hiro", "ines"]


# What is unknown


def group(members: Any) -> RegisteredResource:
    inputs = {"displayName": "AdminAgents", "members": members}
    return RegisteredResource("urn:pulumi:dev::p::azuread:index/group:Group::us-AdminAgents", GROUP, inputs)


def view(declaration: Declaration, *resources: RegisteredResource) -> RegisteredView:
    return read(resources, identities(declaration.tenants["us"]))


def test_a_declaration_that_cannot_be_read_is_not_an_empty_one(sample: Declaration) -> None:
    why = NotEvaluated(side="head", what="access", why="a mistake", remediation="correct it")
    after = compare(seen(sample), seen(None, not_evaluated=(why,)), today=TODAY)
    assert (after.people, after.todos, after.settings, after.ceilings) == ((), (), (), ())
    assert after.findings.resolved == ()
    assert after.not_evaluated == (why,)


def test_a_tenant_that_goes_takes_everything_with_it(sample: Declaration) -> None:
    after = compare(seen(sample), None, today=TODAY)
    assert len(changes(after)) == len(sample.tenants["us"].members)
    assert changes(after)["carla"] == ([], ["AdminAgents"])


def test_what_is_hidden_on_both_sides_may_differ(sample: Declaration) -> None:
    hidden = seen(sample, view(sample, group(UNKNOWN)))
    after = compare(hidden, hidden, today=TODAY)
    assert [(item.side, item.what) for item in after.not_evaluated] == [
        ("base", "agent group AdminAgents, in us-AdminAgents"),
        ("head", "agent group AdminAgents, in us-AdminAgents"),
    ]


def test_two_people_with_one_sign_in_name_cannot_be_distinguished(sample: Declaration) -> None:
    upn = sample.tenants["us"].members["carla"].upn.upper()
    after = compared(sample, changed(sample, "emma", upn=upn))
    assert [item.what for item in after.not_evaluated] == [f"{upn.lower()}, the sign-in name of carla, emma"]


def test_an_account_that_the_program_enables_gains_what_it_holds(sample: Declaration) -> None:
    def made(enabled: bool) -> RegisteredView:
        inputs: dict[str, Any] = {
            "userPrincipalName": sample.tenants["us"].members["carla"].upn,
            "accountEnabled": enabled,
        }
        user = RegisteredResource(
            "urn:pulumi:dev::p::azuread:index/user:User::us-carla", USER, inputs, {"objectId": ID}
        )
        return view(sample, user, group([ID]))

    off, on = seen(sample, made(enabled=False)), seen(sample, made(enabled=True))
    assert changes(compare(off, on, today=TODAY)) == {"carla": (["AdminAgents"], [])}
    assert changes(compare(on, off, today=TODAY)) == {"carla": ([], ["AdminAgents"])}
    assert compare(off, on, today=TODAY).people[0].notes == ("may sign in again",)


def test_what_a_program_gives_beside_the_declaration_is_reported_and_marked(sample: Declaration) -> None:
    urn = f"urn:pulumi:dev::p::{DIRECTORY_ROLE_ASSIGNMENT}::raw"
    role = DirectoryRole.GLOBAL_ADMINISTRATOR.template_id
    raw = RegisteredResource(urn, DIRECTORY_ROLE_ASSIGNMENT, {"roleId": role, "principalObjectId": ID})
    after = compare(seen(sample, view(sample)), seen(sample, view(sample, raw)), today=TODAY)
    (undeclared,) = after.people
    assert (undeclared.key, undeclared.name) == (None, f"the object id {ID}")
    (gain,) = undeclared.gains
    assert (gain.name, gain.declared, gain.rows) == ("Global Administrator", False, ())
    assert gain.may
    assert [finding.rule for finding in after.findings.introduced] == ["PT-108"]


# What stands beside people


def test_a_finding_that_only_moves_in_its_file_is_still_open(sample: Declaration) -> None:
    before = seen(changed(sample, "bruno", roles=()))
    moved = tuple(
        replace(item, findings=tuple(f.model_copy(update={"line": 99}) for f in item.findings))
        for item in before.results
    )
    found = compare(before, replace(before, results=moved), today=TODAY).findings
    assert [item.line for item in found.still_open if item.file] == [99 for item in found.still_open if item.file]
    assert found.still_open
    assert found.introduced == found.resolved == ()


def test_what_is_taken_is_counted_against_the_limits_and_never_emergency_accounts(sample: Declaration) -> None:
    people = {k: p for k, p in sample.tenants["us"].members.items() if k not in ("bruno", "carla", "rescue-1")}
    found = {item.power: item for item in compared(sample, with_people(sample, people)).ceilings}
    groups = found["AdminAgents (declared holders)"]
    assert (groups.before, groups.after, groups.taken, groups.allowed, groups.exceeded) == (3, 1, 2, 1, True)
    roles = found["Global Administrator (declared holders)"]
    assert (roles.before, roles.taken, roles.exceeded) == (2, 1, False)


def test_the_fewest_holders_bound_what_may_be_taken(sample: Declaration) -> None:
    limits = Limits(minimum_holders={DirectoryRole.GLOBAL_ADMINISTRATOR: 2})
    before = tenant_with(sample, limits=limits)
    after = with_people(before, {k: p for k, p in before.tenants["us"].members.items() if k != "bruno"}, limits=limits)
    found = {item.power: item for item in compared(before, after).ceilings}
    assert found["Global Administrator (declared holders)"].exceeded


def test_an_end_of_access_that_moves_away_protects_less(sample: Declaration) -> None:
    role, soon, late = PartnerRole.ADMIN_AGENT, date(2027, 1, 31), date(2027, 6, 30)
    ending = changed(sample, "carla", until={role: End(date=soon, reason="The migration")})
    later = changed(sample, "carla", until={role: End(date=late, reason="The migration")})

    def loosened(before: Declaration, after: Declaration) -> list[tuple[str, str | None]]:
        return [(item.field, item.after) for item in compared(before, after).settings if item.loosens]

    field = "people.carla.until.Admin agent"
    assert loosened(ending, sample) == [(field, None)]
    assert loosened(ending, later) == [(field, str(late))]
    assert loosened(later, ending) == loosened(sample, ending) == loosened(ending, ending) == []
    carla = sample.tenants["us"].members["carla"]
    others = {key: item for key, item in sample.tenants["us"].members.items() if key != "carla"}
    renamed = with_people(sample, {**others, "carla-j": carla.model_copy(update={"former_keys": ("carla",)})})
    assert loosened(ending, renamed) == [(field, None)], "also of somebody whose key changes at the same time"


def test_an_identity_that_ends_later_protects_less(sample: Declaration) -> None:
    stated = {"object_id": ID, "name": "Bridge", "groups": (AgentGroup.ADMIN_AGENTS,), "owner": "G", "reason": "r"}
    item = DeclaredIdentity(**stated, decided_on=TODAY, until=date(2027, 1, 31))
    before = tenant_with(sample, identities={"bridge": item})
    after = tenant_with(sample, identities={"bridge": item.model_copy(update={"until": date(2027, 6, 30)})})
    assert [item.field for item in compared(before, after).settings if item.loosens] == ["identities.bridge.until"]
    assert not [item for item in compared(after, before).settings if item.loosens]


@pytest.mark.parametrize(
    ("was", "now", "loosens"),
    [
        (Limits(), Limits(removal_count=11), True),
        (Limits(), Limits(removal_count=10), False),
        (Limits(), Limits(termination_count=2), True),
        (Limits(termination_count=2), Limits(termination_count=1), False),
        (Limits(removal_count=2), Limits(), True),
        (Limits(removal_share=50), Limits(removal_share=20), False),
        (Limits(per={AgentGroup.ADMIN_AGENTS: Ceiling(removal_count=1)}), Limits(), True),
        (Limits(required_holders={DirectoryRole.GLOBAL_ADMINISTRATOR: ("ada", "bruno")}), Limits(), True),
        (Limits(minimum_holders={DirectoryRole.GLOBAL_ADMINISTRATOR: 2}), Limits(), True),
        (Limits(), Limits(minimum_holders={DirectoryRole.GLOBAL_ADMINISTRATOR: 2}), False),
    ],
)
def test_a_setting_says_whether_it_protects_less(sample: Declaration, was: Limits, now: Limits, loosens: bool) -> None:
    after = compared(tenant_with(sample, limits=was), tenant_with(sample, limits=now))
    assert [item.loosens for item in after.settings] == [loosens]


def test_exceptions_begin_change_end_and_run_out(sample: Declaration) -> None:
    def exemption(expires: date) -> Exemption:
        return Exemption(
            rule="PT-306", object="carla", reason="r", owner="o", granted_on=date(2026, 1, 5), expires_on=expires
        )

    def states(was: Exemption | None, now: Exemption | None) -> list[ExceptionState]:
        sides = [tenant_with(sample, exceptions={"x": item} if item else {}) for item in (was, now)]
        return [item.state for item in compared(*sides).exceptions]

    late, soon, past = exemption(date(2026, 12, 31)), exemption(date(2026, 12, 24)), exemption(date(2026, 11, 23))
    assert states(late, late) == []
    assert states(None, late) == [ExceptionState.BEGINS]
    assert states(late, None) == [ExceptionState.ENDS]
    assert states(late, soon) == [ExceptionState.CHANGES]
    assert states(soon, soon) == [ExceptionState.EXPIRES_SOON]
    assert states(past, past) == [ExceptionState.EXPIRED]


def test_an_exception_says_what_it_exempts(sample: Declaration) -> None:
    """Of one that ends, what it excused until now."""
    exemption = Exemption(
        rule="PT-306",
        object="carla",
        reason="r",
        owner="o",
        granted_on=date(2026, 1, 5),
        expires_on=date(2026, 12, 31),
    )
    regional = changed(sample, "carla", email="carla.jensen@contoso.de")
    excepted = tenant_with(regional, exceptions={"x": exemption})
    message = (
        "Carla Jensen (carla.jensen@contoso-partner.onmicrosoft.com): 'carla.jensen@contoso.de', in a regional domain",
    )
    for sides, state in (((regional, excepted), ExceptionState.BEGINS), ((excepted, regional), ExceptionState.ENDS)):
        (item,) = compared(*sides).exceptions
        assert (item.state, item.exempts) == (state, message)
    (idle,) = compared(sample, tenant_with(sample, exceptions={"x": exemption})).exceptions
    assert idle.exempts == ()


def test_the_same_human_in_another_tenant_is_reported(sample: Declaration) -> None:
    kavya = sample.tenants["uk"].members["kavya"]
    here = kavya.model_copy(update={"upn": "kavya.rao@contoso-partner.onmicrosoft.com"})
    after = with_people(sample, {**sample.tenants["us"].members, "kavya": here})
    (person,) = compared(sample, after).people
    assert person.notes == ("new account", "also has an account in contoso/uk")


def test_a_deviation_is_noted_with_its_end_and_takes_the_group(sample: Declaration) -> None:
    stated = Deviation(reason="Tenant only", owner="Ada", decided_on=date(2026, 1, 1), until=date(2026, 12, 31))
    after = changed(sample, "bruno", without={AgentGroup.ADMIN_AGENTS: stated})
    (bruno,) = compared(sample, after).people
    assert bruno.notes == ("kept out of AdminAgents until 2026-12-31: Tenant only (Ada)",)
    assert bruno.losses[0].name == "AdminAgents"
    (back,) = compared(after, sample).people
    assert back.notes == ("no longer kept out of AdminAgents (until 2026-12-31: Tenant only (Ada))",)


def test_an_end_is_noted_when_it_begins_moves_and_goes(sample: Declaration) -> None:
    def ending(day: date) -> Declaration:
        return changed(sample, "farid", until={PartnerRole.BILLING_ADMIN: End(date=day, reason="The move")})

    def notes(before: Declaration, after: Declaration) -> tuple[str, ...]:
        (farid,) = compared(before, after).people
        assert (farid.gains, farid.losses) == ((), ())
        return farid.notes

    one, other = ending(date(2026, 12, 31)), ending(date(2027, 1, 31))
    assert notes(sample, one) == ("Billing admin until 2026-12-31: The move",)
    assert notes(one, other) == ("Billing admin until 2027-01-31: The move; before: until 2026-12-31: The move",)
    assert notes(one, sample) == ("Billing admin no longer has an end (until 2026-12-31: The move)",)


def test_an_identity_is_called_by_its_name_and_gains_its_group(sample: Declaration) -> None:
    bridge = DeclaredIdentity(
        object_id=ID,
        name="Backup Bridge",
        groups=(AgentGroup.ADMIN_AGENTS,),
        owner="Ada",
        reason="No GDAP yet",
        decided_on=date(2026, 1, 1),
        until=date(2026, 12, 31),
    )
    (found,) = compared(sample, tenant_with(sample, identities={"bridge": bridge})).people
    assert found.name == "Backup Bridge (declared identity)"
    assert [gain.name for gain in found.gains] == ["AdminAgents"]
    assert found.gains[0].because == ("the declared identity bridge, until 2026-12-31",)
