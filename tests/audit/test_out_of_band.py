"""What somebody does in a portal, beside the declaration: each is named by an audit, with its rule, who and when.

Each row changes one thing in a tenant of which an audit finds nothing, and says what it finds then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tenantry.directory import authentication_methods, eligibility, roles
from tenantry.directory.tenant import Term
from tenantry.drift.edits import applied
from tenantry.drift.model import Change
from tenantry.roles import AgentGroup, DirectoryRole
from tests.access.test_observed import ROLES
from tests.acme import EXCHANGE_ADMINISTRATOR, PARTNER_TIER2_SUPPORT
from tests.directory.samples import NOBODY

from .world import TODAY, Audited

AT = "@contoso-partner.onmicrosoft.com"
MALLORY = f"Mallory (mallory{AT})"
CARLA, NEW = f"carla.jensen{AT}", f"carla.wood{AT}"
GROUPS = "/beta/groups"


@dataclass(frozen=True)
class Row:
    """What somebody did, and what an audit says of it."""

    what: str
    do: Callable[[Audited], object]
    says: str
    """A part of the sentence."""
    rule: str
    dated: str = ""
    """How the audit log calls it; empty where it does not tell who did it."""
    also: frozenset[str] = frozenset()
    """Rules that say something as well, by necessity."""
    more: int = 0
    """How many other differences there are, by necessity."""


def group(tenant: Audited, of: AgentGroup) -> str:
    return tenant.directory.group(of)


def join(of: AgentGroup) -> Callable[[Audited], object]:
    return lambda tenant: tenant.world.join(group(tenant, of), tenant.newcomer())


def assign(role: str, scope: str = "/") -> Callable[[Audited], object]:
    def do(tenant: Audited) -> None:
        body = {"principalId": tenant.newcomer(), "roleDefinitionId": role, "directoryScopeId": scope}
        tenant.directory.post(f"{ROLES}/roleAssignments", body)

    return do


def over_a_unit(tenant: Audited) -> None:
    unit = tenant.directory.post("/v1.0/directory/administrativeUnits", {"displayName": "West"})["id"]
    assign(DirectoryRole.USER_ADMINISTRATOR.template_id, f"/administrativeUnits/{unit}")(tenant)


def make_eligible(tenant: Audited) -> None:
    tenant.world.make_eligible(tenant.newcomer(), DirectoryRole.BILLING_ADMINISTRATOR)


def activate(tenant: Audited) -> None:
    """An eligible role of somebody undeclared, activated for an hour."""
    member, role = tenant.newcomer(), DirectoryRole.BILLING_ADMINISTRATOR
    tenant.world.make_eligible(member, role)
    begins = datetime.now(UTC)
    start, end = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (begins, begins + timedelta(hours=1)))
    with tenant.world.store.writing(tenant.tenant.id) as store:
        eligible = eligibility.find(store, role.template_id, member, "/")
        assert eligible is not None
        store.limit(roles.assign(store, role.template_id, member), Term(start, end, NOBODY, eligible.id))


def nested_group(tenant: Audited) -> None:
    inner = tenant.directory.add_group("Support Team", mailNickname="support")
    tenant.world.join(inner, tenant.newcomer())
    tenant.world.join(group(tenant, AgentGroup.ADMIN_AGENTS), inner)


def into_the_nested_group(tenant: Audited) -> None:
    nested_group(tenant)


def role_group(tenant: Audited) -> None:
    crew = tenant.directory.add_group("Operators", isAssignableToRole=True)
    tenant.world.join(crew, tenant.newcomer())
    tenant.world.assign(crew, DirectoryRole.USER_ADMINISTRATOR)


def service_principal(tenant: Audited, name: str = "Control panel") -> str:
    made = tenant.directory.post("/v1.0/applications", {"displayName": name})
    return str(tenant.directory.post("/v1.0/servicePrincipals", {"appId": made["appId"]})["id"])


def panel(tenant: Audited) -> None:
    tenant.world.join(group(tenant, AgentGroup.ADMIN_AGENTS), service_principal(tenant))


def permission(name: str) -> Callable[[Audited], object]:
    def do(tenant: Audited) -> None:
        give(tenant, service_principal(tenant), name)

    return do


def give(tenant: Audited, principal: str, name: str) -> None:
    where = "/v1.0/servicePrincipals?$filter=appId eq '00000003-0000-0000-c000-000000000000'"
    (graph,) = tenant.directory.get(where)["value"]
    (role,) = [one["id"] for one in graph["appRoles"] if one["value"] == name]
    body = {"principalId": principal, "resourceId": graph["id"], "appRoleId": role}
    tenant.directory.post(f"/v1.0/servicePrincipals/{graph['id']}/appRoleAssignedTo", body)


def owner_of_an_application(tenant: Audited) -> None:
    made = tenant.directory.post("/v1.0/applications", {"displayName": "Sync"})
    principal = tenant.directory.post("/v1.0/servicePrincipals", {"appId": made["appId"]})["id"]
    give(tenant, principal, "RoleManagement.ReadWrite.Directory")
    owner = tenant.directory.reference(tenant.newcomer())
    tenant.directory.post(f"/v1.0/applications/{made['id']}/owners/$ref", owner)


def long_secret(tenant: Audited) -> None:
    made = tenant.directory.post("/v1.0/applications", {"displayName": "Sync"})
    principal = tenant.directory.post("/v1.0/servicePrincipals", {"appId": made["appId"]})["id"]
    give(tenant, principal, "RoleManagement.ReadWrite.Directory")
    until = f"{TODAY.year + 9}-01-01T00:00:00Z"
    credential = {"passwordCredential": {"displayName": "for ever", "endDateTime": until}}
    tenant.directory._expect("POST", f"/v1.0/applications/{made['id']}/addPassword", credential, 200)


def guest(tenant: Audited) -> None:
    invited = {"invitedUserEmailAddress": "eve@fabrikam.example", "inviteRedirectUrl": "https://contoso.example"}
    eve = tenant.directory.post("/v1.0/invitations", invited)["invitedUser"]["id"]
    tenant.settle(eve)
    tenant.world.join(group(tenant, AgentGroup.HELPDESK_AGENTS), eve)


def leave(of: AgentGroup, key: str) -> Callable[[Audited], object]:
    return lambda tenant: tenant.directory.delete(f"{GROUPS}/{group(tenant, of)}/members/{tenant.id_of(key)}/$ref")


def lose_role(key: str) -> Callable[[Audited], object]:
    def do(tenant: Audited) -> None:
        listed = tenant.directory.get(f"{ROLES}/roleAssignments?$filter=principalId eq '{tenant.id_of(key)}'")
        tenant.directory.delete(f"{ROLES}/roleAssignments/{listed['value'][0]['id']}")

    return do


def patch(key: str, **changes: object) -> Callable[[Audited], object]:
    return lambda tenant: tenant.directory.patch(f"/v1.0/users/{tenant.id_of(key)}", changes)


def without_methods(key: str) -> Callable[[Audited], object]:
    def do(tenant: Audited) -> None:
        with tenant.world.store.writing(tenant.tenant.id) as store:
            authentication_methods.forget(store, tenant.id_of(key))

    return do


def last_seen(key: str, days: int) -> Callable[[Audited], object]:
    seen = f"{TODAY - timedelta(days=days)}T00:00:00Z"
    return lambda tenant: tenant.update(tenant.id_of(key), signInActivity={"lastSignInDateTime": seen})


def no_defaults(tenant: Audited) -> None:
    tenant.directory.patch("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", {"isEnabled": False})


def policy(
    tenant: Audited,
    *,
    excluded: list[str] | None = None,
    groups: list[str] | None = None,
    locations: object = None,
) -> None:
    """Conditional Access in place of security defaults: multifactor authentication of everybody."""
    no_defaults(tenant)
    conditions = {
        "clientAppTypes": ["all"],
        "applications": {"includeApplications": ["All"]},
        "users": {"includeUsers": ["All"], "excludeUsers": excluded or [], "excludeGroups": groups or []},
        **({"locations": locations} if locations else {}),
    }
    body = {
        "displayName": "MFA for everybody",
        "state": "enabled",
        "conditions": conditions,
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }
    tenant.directory.post("/v1.0/identity/conditionalAccess/policies", body)


def owner_of(of: AgentGroup) -> Callable[[Audited], object]:
    def do(tenant: Audited) -> None:
        owner = tenant.directory.reference(tenant.newcomer())
        tenant.directory.post(f"/v1.0/groups/{group(tenant, of)}/owners/$ref", owner)

    return do


def may_join(tenant: Audited) -> None:
    body = {
        "accessId": "member",
        "action": "adminAssign",
        "groupId": group(tenant, AgentGroup.ADMIN_AGENTS),
        "justification": "x",
        "principalId": tenant.newcomer(),
        "scheduleInfo": {
            "startDateTime": f"{TODAY}T00:00:00Z",
            "expiration": {"type": "afterDateTime", "endDateTime": f"{TODAY + timedelta(days=30)}T00:00:00Z"},
        },
    }
    tenant.directory.post("/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests", body)


def synchronised(tenant: Audited) -> None:
    tenant.update(tenant.id_of("ada"), onPremisesSyncEnabled=True)


def old_password(tenant: Audited) -> None:
    made = f"{TODAY - timedelta(days=60)}T00:00:00Z"
    tenant.update(tenant.id_of("carla"), createdDateTime=made, lastPasswordChangeDateTime=made)


def look_alike(tenant: Audited) -> None:
    tenant.declare(agent_groups={"ids": {AgentGroup.ADMIN_AGENTS.value: group(tenant, AgentGroup.ADMIN_AGENTS)}})
    tenant.directory.add_group("Admin Agents", mailNickname="admins")


ROWS = [
    Row(
        "joins AdminAgents",
        join(AgentGroup.ADMIN_AGENTS),
        f"{MALLORY} has AdminAgents",
        "PT-101",
        "Add member to group",
    ),
    Row(
        "joins HelpdeskAgents",
        join(AgentGroup.HELPDESK_AGENTS),
        f"{MALLORY} has HelpdeskAgents",
        "PT-101",
        "Add member to group",
    ),
    Row(
        "joins SalesAgents",
        join(AgentGroup.SALES_AGENTS),
        f"{MALLORY} has SalesAgents",
        "PT-101",
        "Add member to group",
    ),
    Row(
        "becomes Global Administrator",
        assign(DirectoryRole.GLOBAL_ADMINISTRATOR.template_id),
        f"{MALLORY} has Global Administrator",
        "PT-108",
        "Add member to role",
        also=frozenset({"PT-202"}),
    ),
    Row(
        "becomes Exchange Administrator",
        assign(EXCHANGE_ADMINISTRATOR),
        f"{MALLORY} has Exchange Administrator",
        "PT-103",
        "Add member to role",
    ),
    Row(
        "becomes Partner Tier2 Support",
        assign(PARTNER_TIER2_SUPPORT),
        f"{MALLORY} has Partner Tier2 Support",
        "PT-104",
        "Add member to role",
    ),
    Row(
        "gets a role over a unit",
        over_a_unit,
        f"{MALLORY} has User Administrator (over the administrative unit West",
        "PT-108",
        "Add member to role",
    ),
    Row(
        "becomes eligible",
        make_eligible,
        f"{MALLORY} has Billing Administrator (eligible)",
        "PT-108",
        "Change eligibility of member for role",
    ),
    Row(
        "activates what undeclared",
        activate,
        f"{MALLORY} has Billing Administrator (eligible)",
        "PT-108",
        "Change eligibility of member for role",
        more=1,
    ),
    Row(
        "puts a group into AdminAgents",
        nested_group,
        "the group Support Team has AdminAgents",
        "PT-107",
        "Add member to group",
        also=frozenset({"PT-101"}),
        more=1,
    ),
    Row(
        "joins a group in AdminAgents",
        into_the_nested_group,
        f"{MALLORY} has AdminAgents (a member of AdminAgents, through the group Support Team)",
        "PT-101",
        "Add member to group",
        also=frozenset({"PT-107"}),
        more=1,
    ),
    Row(
        "gives a role to a group",
        role_group,
        f"{MALLORY} has User Administrator (assigned, through the group Operators)",
        "PT-108",
        "Add member to group",
        more=1,
    ),
    Row(
        "puts a control panel into AdminAgents",
        panel,
        "the service principal Control panel has AdminAgents",
        "PT-107",
        "Add member to group",
    ),
    Row("puts a guest into HelpdeskAgents", guest, "has HelpdeskAgents", "PT-106", "Add member to group"),
    Row(
        "takes Carla out of AdminAgents",
        leave(AgentGroup.ADMIN_AGENTS, "carla"),
        "is declared with AdminAgents, but does not hold it",
        "PT-102",
        "Remove member from group",
    ),
    Row(
        "takes Hiro's role",
        lose_role("hiro"),
        "is declared with Billing Administrator, but does not hold it",
        "PT-102",
        "Remove member from role",
    ),
    Row(
        "deletes Carla's account",
        lambda t: t.directory.delete(f"/v1.0/users/{t.id_of('carla')}"),
        "the account is declared, but missing in the tenant",
        "PT-102",
        "",
    ),
    Row(
        "renames Carla",
        patch("carla", displayName="Somebody Else"),
        "the name was changed from 'Carla Jensen' to 'Somebody Else'",
        "PT-304",
        "",
    ),
    Row(
        "changes Carla's sign-in name",
        patch("carla", userPrincipalName=NEW),
        f"the sign-in name was changed from '{CARLA}' to '{NEW}'",
        "PT-304",
        "",
        frozenset({"PT-101"}),
        more=1,
    ),
    Row("changes Carla's address", patch("carla", mail="carla@contoso.com"), "to 'carla@contoso.com'", "PT-304", ""),
    Row(
        "owns AdminAgents",
        owner_of(AgentGroup.ADMIN_AGENTS),
        f"{MALLORY}: owns the group AdminAgents, and can add anybody to it",
        "PT-706",
        also=frozenset({"PT-309"}),
    ),
    Row(
        "lets an application write roles",
        permission("RoleManagement.ReadWrite.Directory"),
        "may change the directory on its own, without a user (RoleManagement.ReadWrite.Directory)",
        "PT-707",
        "",
    ),
    Row(
        "owns an application that may",
        owner_of_an_application,
        f"{MALLORY}: owns the application Sync, and can sign in as it",
        "PT-708",
        "",
        frozenset({"PT-309", "PT-707"}),
    ),
    Row(
        "gives it a secret for years",
        long_secret,
        f"one that is valid until {TODAY.year + 9}-01-01",
        "PT-709",
        "",
        frozenset({"PT-707"}),
    ),
    Row(
        "turns security defaults off",
        no_defaults,
        "security defaults are off, and no Conditional Access policy requires",
        "PT-701",
        "",
    ),
    Row(
        "requires MFA of all but Carla",
        lambda t: policy(t, excluded=[t.id_of("carla"), t.id_of("rescue-1")]),
        "excluded from `MFA for everybody`",
        "PT-701",
        "",
    ),
    Row(
        "binds every emergency account",
        policy,
        "every emergency account is subject to a Conditional Access policy",
        "PT-703",
        "",
    ),
    Row(
        "takes a method away",
        without_methods("carla"),
        "holds AdminAgents without multifactor authentication registered",
        "PT-702",
        "",
    ),
    Row(
        "takes the key of an emergency account",
        without_methods("rescue-1"),
        "an emergency account with no method registered",
        "PT-703",
        "",
        frozenset({"PT-702"}),
    ),
    Row(
        "uses an emergency account",
        last_seen("rescue-1", 1),
        f"an emergency account that was used on {TODAY - timedelta(days=1)}",
        "PT-704",
        "",
    ),
    Row(
        "leaves an emergency account alone",
        last_seen("rescue-1", 200),
        f"an emergency account that was last used on {TODAY - timedelta(days=200)}",
        "PT-704",
        "",
    ),
    Row(
        "does not sign in",
        last_seen("carla", 200),
        f"holds AdminAgents and last signed in on {TODAY - timedelta(days=200)}",
        "PT-705",
        "",
    ),
    Row(
        "may activate a place in AdminAgents",
        may_join,
        "may activate membership of the group AdminAgents",
        "PT-710",
        also=frozenset({"PT-309"}),
    ),
    Row(
        "synchronises an administrator",
        synchronised,
        "synchronised from an on-premises directory, with Global Administrator",
        "PT-312",
        "",
    ),
    Row(
        "never changes a temporary password",
        old_password,
        f"still has the temporary password of {TODAY - timedelta(days=60)}",
        "PT-307",
        "",
    ),
    Row("makes a look-alike", look_alike, "has the name of an agent group", "PT-105", ""),
    Row(
        "makes a needless account",
        lambda t: t.newcomer("nobody"),
        f"1 enabled account of undeclared people without partner access (nobody{AT})",
        "PT-309",
        "",
    ),
]


def test_an_audit_of_a_tenant_that_is_as_declared_finds_nothing(tenant: Audited) -> None:
    found = tenant.audit()
    assert (found.changes, found.findings, found.not_evaluated) == ((), (), ())
    assert (found.headline, found.exit_code) == ("As declared.", 0)


@pytest.mark.parametrize("row", ROWS, ids=[row.what for row in ROWS])
def test_what_somebody_does_beside_the_declaration_is_named(tenant: Audited, row: Row) -> None:
    row.do(tenant)
    found = tenant.audit()
    sentences = {one.sentence: one for one in found.changes}
    findings = {f"{one.subject}: {one.actual}": one for one in found.findings}
    said = [one.rule for text, one in sentences.items() if row.says in text]
    said += [one.rule for text, one in findings.items() if row.says in text]
    assert said == [row.rule], [*sentences, *findings]
    others = {one.rule for one in found.changes} | {one.rule for one in found.findings}
    assert others - {row.rule} == row.also
    assert len(found.changes) == sum(row.says in text for text in sentences) + row.more
    (verdict,) = [one.verdict for one in found.results if one.rule == row.rule]
    assert verdict == "failed"
    done = next((one.done for text, one in sentences.items() if row.says in text), None)
    assert (done.activity if done else "") == row.dated
    assert not done or (done.by, done.at.date()) == ("the application Tenantry deployment", datetime.now(UTC).date())


KEPT = [row for row in ROWS if row.what in ("joins AdminAgents", "joins SalesAgents", "becomes Exchange Administrator")]


@pytest.mark.parametrize("row", KEPT, ids=[row.what for row in KEPT])
def test_what_the_advice_writes_keeps_it_and_the_next_audit_is_silent(tenant: Audited, row: Row) -> None:
    tenant.declare(purpose=["partner", "own use"])
    row.do(tenant)
    (one,) = tenant.audit().changes
    tenant.update(one.holder, mail="mallory.quint@contoso.com")
    (one,) = tenant.audit().changes
    kept = applied(tenant.tenant, one.advice.edit)
    assert one.advice.edit
    assert kept is not None
    tenant.declare(**kept.model_dump(mode="python", by_alias=True, exclude_unset=True))
    assert tenant.audit().changes == ()


@pytest.mark.parametrize(("adopted", "next_update"), [(None, "restores it"), ("by-upn", "is refused")])
def test_somebody_who_was_renamed_so_it_seems_stays_undeclared_until_somebody_declares_the_new_name(
    tenant: Audited, adopted: str | None, next_update: str
) -> None:
    people = tenant.tenant.model_dump(mode="python", by_alias=True, exclude_unset=True)["people"]
    people["carla"] |= {"adopted": adopted} if adopted else {}
    tenant.declare(people=people)
    patch("carla", userPrincipalName=NEW)(tenant)
    found = tenant.audit()
    one, *others = sorted(found.changes, key=lambda each: each.change is not Change.CHANGED)
    assert [(each.rule, each.sentence) for each in others] == [
        (
            "PT-101",
            f"Carla Jensen ({NEW}) has AdminAgents (perhaps Carla Jensen ({CARLA}), renamed), which is not declared",
        )
    ]
    assert all(each.to_take_back.startswith("first check whose account this is; then ") for each in found.changes)
    assert one.sentence.startswith(f"Carla Jensen ({CARLA}): the sign-in name was changed from '{CARLA}' to '{NEW}'")
    assert "check that it is theirs" in one.sentence
    assert (one.next_update, one.severity) == (next_update, "critical"), "it is not known that it is them"
    (holder,) = [who for who in found.holders if who.object_id == tenant.id_of("carla")]
    assert not holder.declared_at, "an address that anybody may write makes nobody a declared person"
    kept = applied(tenant.tenant, one.advice.edit)
    assert kept is not None
    tenant.declare(**kept.model_dump(mode="python", by_alias=True, exclude_unset=True))
    assert tenant.audit().changes == ()


def test_where_several_may_be_the_one_who_was_renamed_both_sides_say_so(tenant: Audited) -> None:
    for name in ("carla.one", "carla.two"):
        made = tenant.newcomer(name, displayName="Carla Jensen")
        tenant.world.join(group(tenant, AgentGroup.ADMIN_AGENTS), made)
    tenant.directory.delete(f"/v1.0/users/{tenant.id_of('carla')}")
    said = {one.sentence for one in tenant.audit().changes}
    two = ", ".join(f"Carla Jensen (carla.{name}{AT})" for name in ("one", "two"))
    assert said == {
        f"Carla Jensen ({CARLA}): the account is declared, but missing in the tenant (perhaps renamed: {two})",
        *(
            f"Carla Jensen (carla.{name}{AT}) has AdminAgents (perhaps Carla Jensen ({CARLA}), renamed), "
            "which is not declared"
            for name in ("one", "two")
        ),
    }


def test_what_has_ended_and_is_still_held_is_due_since_its_day(tenant: Audited) -> None:
    people = tenant.tenant.model_dump(mode="python", by_alias=True, exclude_unset=True)["people"]
    yesterday = TODAY - timedelta(days=1)
    people["carla"]["until"] = {"Admin agent": {"date": yesterday, "reason": "Parental leave cover"}}
    tenant.declare(people=people)
    tenant.tenant = tenant.tenant.as_of(TODAY)
    tenant.declaration.tenants["us"] = tenant.tenant  # type: ignore[index]
    found = tenant.audit()
    (one,) = found.changes
    assert (one.rule, one.sentence) == (
        "PT-207",
        f"Carla Jensen (carla.jensen{AT}) still has AdminAgents (due since {yesterday})",
    )
    assert found.exit_code == 1


def test_a_declared_identity_is_where_it_belongs(tenant: Audited) -> None:
    made = service_principal(tenant)
    tenant.world.join(group(tenant, AgentGroup.ADMIN_AGENTS), made)
    (before,) = tenant.audit().changes
    assert before.rule == "PT-107"
    tenant.declare(
        identities={
            "panel": {
                "object_id": made,
                "name": "Control panel",
                "groups": ["AdminAgents"],
                "owner": "ada",
                "reason": "The vendor's panel",
                "decided_on": TODAY,
                "until": TODAY + timedelta(days=90),
            }
        }
    )
    assert tenant.audit().changes == ()


def test_there_are_thirty_kinds_and_more() -> None:
    assert len({row.what for row in ROWS}) >= 30
