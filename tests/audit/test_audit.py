"""`tenantry audit`: what it says where something is missing, of several tenants, and in each format."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from tenantry.audit.model import Application, AuditReport, Holder, TenantAudit
from tenantry.audit.run import audit, audit_tenant, narrowed
from tenantry.declaration import Stack
from tenantry.directory.resources import Kind
from tenantry.drift.model import Change
from tenantry.errors import NOT_REACHED
from tenantry.graph.errors import CredentialsError, SignInError, UnreachableError
from tenantry.graph.permissions import EVERY_FEATURE, Reading
from tenantry.reports import html, markdown
from tenantry.reports.audit import as_csv, as_sarif, layout
from tenantry.roles import AgentGroup, DirectoryRole
from tests.graph.in_process import reader_of
from tests.review.rendered import printed
from tests.ten_years import AT, grown

from .test_out_of_band import assign, join, long_secret, no_defaults, permission, policy, without_methods
from .world import TODAY, Audited

#: What an audit cannot say without one of the permissions: the rules that are not evaluated then.
LACKING = {
    "Application.Read.All": {"PT-709"},
    "AuditLog.Read.All": {"PT-702", "PT-703", "PT-704", "PT-705"},
    "Directory.Read.All": {
        *("PT-101", "PT-102", "PT-104", "PT-106", "PT-107", "PT-108", "PT-110"),
        *("PT-201", "PT-202", "PT-203", "PT-305", "PT-307", "PT-309", "PT-312"),
        *("PT-702", "PT-703", "PT-704", "PT-705", "PT-706", "PT-710"),
    },
    "Policy.Read.All": {"PT-701", "PT-703"},
    "PrivilegedEligibilitySchedule.Read.AzureADGroup": {"PT-710"},
    "RoleManagement.Read.Directory": {
        *("PT-102", "PT-103", "PT-104", "PT-106", "PT-108", "PT-111"),
        *("PT-201", "PT-202", "PT-312", "PT-702", "PT-705", "PT-706", "PT-710"),
    },
}


def verdicts(found: TenantAudit, verdict: str) -> set[str]:
    return {one.rule for one in found.results if one.verdict == verdict}


@pytest.mark.parametrize("missing", [one for one in EVERY_FEATURE if not one.startswith("DelegatedAdmin")])
def test_with_one_permission_fewer_it_says_once_what_is_not_evaluated_and_what_to_grant(
    tenant: Audited, missing: str
) -> None:
    permission("User.ReadWrite.All")(tenant)
    found = tenant.audit(permissions=tuple(one for one in EVERY_FEATURE if one != missing))
    reasons = [part.why for part in found.not_evaluated]
    assert len(reasons) == len(set(reasons))
    assert any(
        re.search(rf"\b{re.escape(granted)}\b", why)
        for why in reasons
        for granted in [missing, *INSTEAD.get(missing, ())]
    )
    assert verdicts(found, "not evaluated") >= LACKING[missing]
    assert found.exit_code == 1
    assert "As declared" not in found.headline
    if missing != "Directory.Read.All":
        assert found.changes == ()


#: The smaller permissions that a refusal names in place of one that shows more.
INSTEAD = {
    "RoleManagement.Read.Directory": ("RoleEligibilitySchedule.Read.Directory",),
    "Directory.Read.All": ("User.Read.All", "Domain.Read.All", "GroupMember.Read.All"),
}


def test_without_the_audit_log_a_change_is_named_and_nobody_is_blamed(tenant: Audited) -> None:
    join(AgentGroup.ADMIN_AGENTS)(tenant)
    found = tenant.audit(instead={"/directoryAudits": httpx.Response(403, json={"error": {"code": "Denied"}})})
    (one,) = found.changes
    assert one.done is None
    assert [part.what for part in found.not_evaluated] == ["who did it and when"]


def test_without_a_licence_it_says_which_one_is_missing_and_what_shows_methods_all_the_same(tenant: Audited) -> None:
    tenant.world.unlicense()
    found = tenant.audit()
    assert verdicts(found, "not evaluated") == {"PT-702", "PT-703", "PT-704", "PT-705"}
    licence = (
        "The tenant has no licence for sign-in activity and the report of authentication methods "
        "(Microsoft Entra ID P1 or P2), "
    )
    methods, sign_ins = found.not_evaluated
    assert (methods.why.startswith(licence), sign_ins.why.startswith(licence)) == (True, True)
    assert "UserAuthenticationMethod.Read.All is missing" in methods.why
    assert (methods.what.count("PT-70"), sign_ins.what.count("PT-70")) == (2, 2)
    assert "PT-702" in methods.what


def test_without_a_licence_the_methods_of_each_holder_are_read_one_by_one(tenant: Audited) -> None:
    tenant.world.unlicense()
    without_methods("carla")(tenant)
    tenant.settle(tenant.id_of("ada"), method="email")
    found = tenant.audit(permissions=(*EVERY_FEATURE, "UserAuthenticationMethod.Read.All"))
    assert verdicts(found, "not evaluated") == {"PT-704", "PT-705"}
    assert [one.subject for one in found.findings if one.rule == "PT-702"] == [f"Carla Jensen (carla.jensen{AT})"]
    ada = next(one for one in found.holders if one.object_id == tenant.id_of("ada"))
    assert (ada.mfa, ada.methods) == (True, ("email", "fido2"))


def test_what_lacks_a_licence_is_accepted_until_a_day_and_is_no_pass(tenant: Audited) -> None:
    tenant.world.unlicense()
    stated = {"object": "us", "reason": "No P1 before March", "owner": "Ada Nakamura", "granted_on": TODAY}
    tenant.declare(
        exceptions={
            rule.lower(): {**stated, "rule": rule, "expires_on": TODAY + timedelta(days=90)}
            for rule in ("PT-704", "PT-705")
        }
    )
    found = tenant.audit(permissions=(*EVERY_FEATURE, "UserAuthenticationMethod.Read.All"))
    assert (found.exit_code, found.not_evaluated, found.findings) == (0, (), ())
    assert verdicts(found, "not evaluated") == {"PT-704", "PT-705"}
    assert {one.rule for one in found.excepted if "no licence" in one.actual} == {"PT-704", "PT-705"}
    tenant.world.permit(*EVERY_FEATURE)
    assert tenant.audit(permissions=tuple(one for one in EVERY_FEATURE if one != "AuditLog.Read.All")).exit_code == 1


def test_a_tenant_after_ten_years_is_evaluated_whole() -> None:
    with grown() as (declaration, store, tenant):
        us = declaration.tenants["us"]
        pinned = us.model_copy(
            update={
                "agent_groups": us.agent_groups.model_validate({"ids": {"AdminAgents": tenant.group("AdminAgents")}})
            }
        )
        declaration.tenants["us"] = pinned  # type: ignore[index]
        with reader_of(store, us.id) as graph:
            found = audit_tenant(graph, Stack(declaration, "us"), date(2026, 11, 29))
            users = graph.requests[Reading.USERS]
    rules = {one.rule for one in found.compared} | {one.rule for one in found.findings}
    assert rules >= {"PT-101", "PT-102", "PT-103", "PT-105", "PT-106", "PT-107", "PT-108", "PT-202", "PT-309", "PT-312"}
    assert rules >= {"PT-702", "PT-705", "PT-706", "PT-707", "PT-708", "PT-709"}
    said = [one.sentence for one in found.changes]
    assert any(text.startswith("the service principal Control panel has AdminAgents") for text in said)
    assert any("guests may hold no agent group" in one.to_keep for one in found.changes)
    actual = {f"{one.subject}: {one.actual}" for one in found.findings}
    assert any("owns the group Support Team, and can add anybody to it" in text for text in actual)
    assert any("Ticket system" in text and "2 that expired" in text for text in actual)
    assert any("adm-rashid" in text and "last signed in on 2025-12-04" in text for text in actual)
    assert {one.change for one in found.changes} >= {Change.ADDED, Change.MISSING}
    assert users == 1, "one page of people, and no request a person"


def test_the_comparison_says_the_same_as_a_drift_of_everything_that_was_added() -> None:
    """A stack that is as declared, beside no stack at all: the same access, in the same words."""
    from tenantry.access.observed import observe
    from tenantry.access.preview import Refreshed
    from tenantry.drift.compare import Facts, compare

    with grown() as (declaration, store, tenant):
        ids = {AgentGroup.ADMIN_AGENTS: tenant.group("AdminAgents")}
        with reader_of(store, declaration.tenants["us"].id) as graph:
            observed = observe(graph, ids)
    day = date(2026, 11, 29)
    drift = compare(Facts(declaration, "us", Refreshed((), (), ()), observed, day))
    audited = compare(Facts(declaration, "us", None, observed, day))
    added = [one for one in audited.drift if one.change is Change.ADDED]
    # A stack knows the accounts that it made, whatever they are called now: it needs no guess of who was renamed.
    checked = "first check whose account this is; then "
    guessed = re.compile(r" \(perhaps [^()]*\([^()]*\), renamed\)")
    assert [
        (guessed.sub("", item.sentence), item.to_keep, item.to_take_back.removeprefix(checked), item.decision)
        for item in added
    ] == [(item.sentence, item.to_keep, item.to_take_back, item.decision) for item in drift.drift]


# --- several tenants


def failing(us: Mapping[str, str], tenant_id: str) -> Any:
    def of(id_: str) -> Mapping[str, str]:
        if id_ != tenant_id:
            raise CredentialsError("To sign in, ARM_CLIENT_ID must be set.")
        return us

    return of


def test_a_tenant_that_fails_does_not_hide_the_others(tenant: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant.world.permit(*EVERY_FEATURE)
    with reader_of(tenant.world.store, tenant.tenant.id) as graph:
        monkeypatch.setattr("tenantry.audit.run.GraphReader.from_environment", lambda _: graph)
        found = audit(tenant.declaration, ["uk", "us"], failing({}, tenant.tenant.id), TODAY)
    assert {one.tenant: one.exit_code for one in found.tenants} == {"contoso/uk": NOT_REACHED, "contoso/us": 0}
    assert found.exit_code == NOT_REACHED
    text = printed(layout(found), width=1000)
    assert "2 tenants, 1 as declared, 1 not reached." in text
    assert "not reached: To sign in, ARM_CLIENT_ID must be set." in text
    assert any("contoso/uk was not reached" in note for note in notes(as_sarif(found)))


def notes(sarif: dict[str, Any]) -> list[str]:
    (run,) = sarif["runs"]
    return [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]


def test_another_tenant_than_the_declared_one_is_refused(tenant: Audited) -> None:
    tenant.declare(id="11111111-2222-4333-8444-555555555555")
    with (
        reader_of(tenant.world.store, tenant.world.declared.id) as graph,
        pytest.raises(SignInError, match="signs in to the tenant"),
    ):
        audit_tenant(graph, Stack(tenant.declaration, "us"), TODAY)


def test_a_page_that_fails_is_no_tenant_that_is_fine(tenant: Audited) -> None:
    with pytest.raises(UnreachableError):
        tenant.audit(instead={"/roleAssignments": httpx.Response(503)})


# --- formats and filters


@pytest.fixture
def changed(tenant: Audited) -> AuditReport:
    """Somebody joins AdminAgents, and somebody else becomes Global Administrator."""
    join(AgentGroup.ADMIN_AGENTS)(tenant)
    other = tenant.newcomer("oscar")
    tenant.world.assign(other, DirectoryRole.GLOBAL_ADMINISTRATOR)
    return AuditReport(tenants=(tenant.audit(),))


def test_every_format_says_what_was_found_its_rule_and_who_did_it(changed: AuditReport) -> None:
    document = layout(changed)
    for text in (printed(document, width=1000), markdown.render(document), html.render(document), as_csv(changed)):
        assert "Mallory" in text
        assert "PT-101" in text
        assert "Tenantry deployment" in text
    assert "2 differences from the declaration" in printed(document, width=1000)


def test_the_most_severe_comes_first_whether_it_differs_or_a_rule_finds_it(tenant: Audited) -> None:
    join(AgentGroup.HELPDESK_AGENTS)(tenant)
    no_defaults(tenant)
    permission("Group.ReadWrite.All")(tenant)
    text = printed(layout(AuditReport(tenants=(tenant.audit(),))), width=1000)
    headings = [line for line in text.splitlines() if line.rstrip(":") in ("Critical", "High", "Medium", "Low")]
    assert headings == ["Critical:", "High:", "Medium:"]
    assert re.findall(r"rule: (PT-\d+), .*(critical|high|medium)", text) == [
        ("PT-701", "critical"),
        ("PT-707", "high"),
        ("PT-101", "medium"),
    ]


def test_json_has_all_of_it(changed: AuditReport) -> None:
    content = json.loads(changed.model_dump_json())
    (one,) = content["tenants"]
    assert content["version"] == 1
    assert (content["exit_code"], one["exit_code"]) == (1, 1)
    assert {change["rule"] for change in one["changes"]} == {"PT-101", "PT-108"}
    assert all(change["done"]["by"] == "the application Tenantry deployment" for change in one["changes"])
    assert {"PT-101", "PT-701"} <= {result["rule"] for result in one["results"]}


def test_sarif_has_each_difference_with_its_rule_at_the_field_of_people(changed: AuditReport) -> None:
    (run,) = as_sarif(changed)["runs"]
    found = {one["ruleId"]: one for one in run["results"]}
    assert {"PT-101", "PT-108", "PT-202"} <= found.keys()
    assert "Mallory" in found["PT-101"]["message"]["text"]
    assert found["PT-101"]["locations"][0]["physicalLocation"]["region"]["startLine"] > 1
    assert found["PT-101"]["level"] == "error"
    assert run["invocations"][0]["exitCode"] == 1


def test_an_auditor_reads_who_and_what_holds_power_and_how_it_is_guarded(tenant: Audited) -> None:
    long_secret(tenant)
    without_methods("carla")(tenant)
    tenant.newcomer("nobody")
    found = tenant.audit()
    declared = {key for key, person in tenant.tenant.members.items() if person.roles}
    assert {one.object_id for one in found.holders} == {tenant.id_of(key) for key in declared}
    carla, ada = (next(one for one in found.holders if one.object_id == tenant.id_of(key)) for key in ("carla", "ada"))
    assert (carla.holds, carla.mfa, carla.methods) == (("AdminAgents",), False, ())
    assert (ada.holds, ada.mfa) == (("AdminAgents", "Global Administrator"), True)
    assert re.search(r"us\.yaml:\d+$", ada.declared_at)
    assert (ada.file, len(ada.lines)) == (ada.declared_at.rpartition(":")[0], 2), "who they are, and their roles"
    assert ada.last_sign_in is not None
    assert ada.last_sign_in.date() == TODAY
    (sync,) = found.applications
    assert (sync.name, sync.permissions, sync.credentials, sync.ended, sync.owners) == (
        "Sync",
        ("RoleManagement.ReadWrite.Directory",),
        1,
        0,
        (),
    )
    assert [end.year for end in sync.until] == [TODAY.year + 9]
    page = html.render(layout(AuditReport(tenants=(found,))))
    for text in ("People with privileged access", "none registered", "Privileged applications", "1 valid"):
        assert text in page
    assert "People with privileged access" not in printed(layout(AuditReport(tenants=(found,)), whole=False))


ADA = Holder(
    name="Ada",
    object_id="a",
    holds=("AdminAgents",),
    declared_at="",
    enabled=True,
    mfa=None,
    methods=(),
    last_sign_in=None,
    sign_ins_read=True,
)
SYNC = Application(
    name="Sync", object_id="s", registered_in="", permissions=(), credentials=0, until=(), ended=0, owners=()
)


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (ADA, "| AdminAgents | not read | never, as far as the tenant shows | undeclared |"),
        (ADA.model_copy(update={"sign_ins_read": False}), "| AdminAgents | not read | not read | undeclared |"),
        (SYNC, "| nothing | 0 valid | nobody | s |"),
        (SYNC.model_copy(update={"owners": None, "credentials": None}), "| nothing | not read | not read | s |"),
        (
            SYNC.model_copy(update={"registered_in": "t", "credentials": None}),
            "| nothing | not read | nobody<br>not read in the tenant t, where it is registered | s |",
        ),
    ],
)
def test_a_cell_of_the_auditors_tables_says_whether_there_is_nothing_or_it_was_not_read(
    one: Holder | Application, says: str
) -> None:
    rows: dict[str, Any] = {"holders" if isinstance(one, Holder) else "applications": (one,)}
    report = AuditReport(tenants=(TenantAudit(tenant="contoso/us", name="Us", **rows),))
    assert says in markdown.render(layout(report))


def test_filters_leave_what_is_asked_for(changed: AuditReport) -> None:
    (person,) = narrowed(changed, person="mallory").tenants
    assert [one.rule for one in person.changes] == ["PT-101"]
    assert {one.subject for one in person.findings} <= {f"Mallory (mallory{AT})"}
    role = frozenset({DirectoryRole.GLOBAL_ADMINISTRATOR.template_id, "Global Administrator"})
    (holders,) = narrowed(changed, targets=role).tenants
    assert [one.rule for one in holders.changes] == ["PT-108"]
    (nobody,) = narrowed(changed, person="nobody like that").tenants
    assert (nobody.changes, nobody.findings) == ((), ())
    assert nobody.headline == "No match for this filter."
    assert narrowed(changed) == changed


def test_what_a_decision_accepts_for_a_time_is_shown_and_does_not_count(tenant: Audited) -> None:
    assign("29232cdf-9323-42fd-ade2-1d097af3e4de")(tenant)
    (one,) = tenant.audit().changes
    tenant.declare(
        drift={
            "exchange": {
                **one.decision,
                "state": "accepted",
                "reason": "Mail moves until January",
                "owner": "Ada Nakamura",
                "decided_on": TODAY,
                "until": TODAY + timedelta(days=1),
            }
        }
    )
    found = tenant.audit()
    assert (found.open_changes, found.exit_code) == ((), 0)
    assert [one.sentence for one in found.accepted] == [one.sentence]
    assert found.headline == "1 accepted until a date."


@pytest.mark.parametrize("name", ["User.Read.All", "Mail.Send", "Directory.Read.All"])
def test_an_application_that_only_reads_or_sends_mail_holds_no_power(tenant: Audited, name: str) -> None:
    permission(name)(tenant)
    found = tenant.audit()
    assert (found.applications, found.findings) == ((), ())


def test_what_has_nothing_to_evaluate_is_said_and_is_no_reason_to_fail(tenant: Audited) -> None:
    found = tenant.audit()
    assert (found.exit_code, verdicts(found, "not applicable")) == (0, {"PT-501", "PT-502", "PT-609", "PT-612"})
    text = printed(layout(AuditReport(tenants=(found,))), width=1000)
    assert "Not evaluated: delegated administration of customers (DAP, GDAP)" in text
    assert "Not applicable: PT-501, PT-502: No consent to FTOP is declared, and without `ftop.application_id`" in text


def test_an_exception_for_an_application_is_shown_and_does_not_count(tenant: Audited) -> None:
    permission("Group.ReadWrite.All")(tenant)
    (one,) = tenant.audit().findings
    tenant.declare(
        exceptions={
            "panel": {
                "rule": "PT-707",
                "object": one.object,
                "reason": "The vendor's control panel",
                "owner": "Ada Nakamura",
                "granted_on": TODAY,
                "expires_on": TODAY + timedelta(days=1),
            }
        }
    )
    found = tenant.audit()
    assert (found.findings, found.exit_code) == ((), 0)
    assert [one.rule for one in found.excepted] == ["PT-707"]


def test_what_another_tenant_keeps_of_an_application_is_named_and_never_passed(tenant: Audited) -> None:
    long_secret(tenant)
    (sync,) = tenant.audit().applications
    with tenant.world.store.writing(tenant.tenant.id) as store:
        entity = store.get(Kind.SERVICE_PRINCIPAL, sync.object_id)
        assert entity is not None
        store.update(entity, {"appOwnerOrganizationId": "99999999-0000-4000-8000-000000000000"})
    found = tenant.audit()
    assert [(one.credentials, one.ended) for one in found.applications] == [(None, None)]
    unseen = {one.rule for one in found.findings if ": not evaluated" in one.actual}
    assert unseen == {"PT-708", "PT-709"}
    assert not unseen & verdicts(found, "passed")
    assert "not read" in html.render(layout(AuditReport(tenants=(found,))))
    settle = {"object": sync.object_id, "reason": "The vendor's", "owner": "Ada Nakamura", "granted_on": TODAY}
    until = TODAY + timedelta(days=1)
    tenant.declare(exceptions={rule.lower(): {**settle, "rule": rule, "expires_on": until} for rule in unseen})
    settled = tenant.audit()
    assert {one.rule for one in settled.excepted} == unseen
    passed = next(
        line for line in printed(layout(AuditReport(tenants=(settled,))), width=1000).splitlines() if "Passed:" in line
    )
    assert not any(rule in passed for rule in unseen)


def test_every_owner_is_found_beyond_the_twenty_that_are_shown_beside_an_object(tenant: Audited) -> None:
    long_secret(tenant)
    (sync,) = tenant.audit().applications
    (registered,) = tenant.directory.ids("/v1.0/applications?$filter=displayName eq 'Sync'")
    people = [tenant.newcomer(f"owner-{number}") for number in range(42)]
    for path, owners in (
        (f"groups/{tenant.directory.group(AgentGroup.ADMIN_AGENTS)}", people[:21]),
        (f"applications/{registered}", people[:21]),
        (f"servicePrincipals/{sync.object_id}", people[21:]),
    ):
        for owner in owners:
            tenant.directory.post(f"/v1.0/{path}/owners/$ref", tenant.directory.reference(owner))
    assert (len(findings(tenant, "PT-706")), len(findings(tenant, "PT-708"))) == (21, 42)


def findings(tenant: Audited, rule: str) -> list[str]:
    return [f"{one.subject}: {one.actual}" for one in tenant.audit().findings if one.rule == rule]


def test_whom_a_policy_leaves_out_through_a_group_may_sign_in_without_multifactor_authentication(
    tenant: Audited,
) -> None:
    left_out, inner = (tenant.directory.add_group(name) for name in ("Left", "Inner"))
    emergency = [key for key, person in tenant.tenant.members.items() if person.emergency]
    tenant.world.join(left_out, inner)
    for member in (tenant.id_of("carla"), tenant.newcomer("plain"), *map(tenant.id_of, emergency)):
        tenant.world.join(inner, member)
    asleep = tenant.newcomer("asleep")
    tenant.directory.patch(f"/v1.0/users/{asleep}", {"accountEnabled": False})
    deleted = tenant.newcomer("deleted")
    tenant.directory.delete(f"/v1.0/users/{deleted}")
    policy(tenant, excluded=[asleep, deleted, tenant.newcomer("named")], groups=[left_out])
    plain, carla = sorted(findings(tenant, "PT-701"), key=lambda one: one.startswith("Carla"))
    assert carla.startswith("Carla Jensen")
    assert "excluded from `MFA for everybody`" in carla
    assert "2 accounts that hold nothing, excluded from `MFA for everybody`, may sign in without" in plain
    assert plain.endswith(f"(Named (named{AT}), Plain (plain{AT}))")
    assert findings(tenant, "PT-703") == []


def test_who_owns_a_group_deep_in_an_agent_group_gives_power(tenant: Audited) -> None:
    outer, inner = (tenant.directory.add_group(name) for name in ("Outer", "Inner"))
    tenant.world.join(tenant.directory.group("AdminAgents"), outer)
    tenant.world.join(outer, inner)
    owner = tenant.directory.reference(tenant.newcomer())
    tenant.directory.post(f"/v1.0/groups/{inner}/owners/$ref", owner)
    assert findings(tenant, "PT-706") == [f"Mallory (mallory{AT}): owns the group Inner, and can add anybody to it"]
