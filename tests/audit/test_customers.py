"""What an audit says of access at customers: by the declaration, by what it may read, and by what it finds."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tenantry.audit.model import AuditReport
from tenantry.audit.run import narrowed
from tenantry.declaration.customers import CUSTOMER_ADMINISTRATION
from tenantry.directory import authentication_methods
from tenantry.findings import Level
from tenantry.graph.permissions import EVERY_FEATURE
from tests.access.customers import Customers
from tests.access.test_customers import CUSTOMERS, EXCHANGE_ADMINISTRATOR, FABRIKAM, PLAN

from .world import TODAY, Audited, audited

AT = "@contoso-partner.onmicrosoft.com"
READ = "DelegatedAdminRelationship.Read.All"
WITHOUT = tuple(one for one in EVERY_FEATURE if one != READ)


def test_an_audit_that_may_finds_a_relationship_although_no_customer_is_declared(tenant: Audited) -> None:
    tenant.directory.post("/v1.0/servicePrincipals", {"appId": CUSTOMER_ADMINISTRATION})
    customers = Customers(tenant.world)
    customer = {"tenantId": FABRIKAM, "displayName": "Fabrikam"}
    customers.relationship("By hand", customer, [EXCHANGE_ADMINISTRATOR])
    customers.assign("By hand", customers.group("Mail", tenant.id_of("emma")), EXCHANGE_ADMINISTRATOR)
    found = tenant.audit()
    (change,) = found.changes
    assert (change.subject, change.what, change.rule) == ("the customer Fabrikam", "the relationship", "PT-108")
    assert "Exchange Administrator for Mail" in change.how
    assert tenant.audit(permissions=WITHOUT).changes == ()


def test_where_nothing_is_declared_and_nothing_may_be_read_the_report_says_that_it_did_not_look(
    tenant: Audited,
) -> None:
    found = tenant.audit(permissions=WITHOUT)
    assert (found.at_customers, found.exit_code) == (False, 0)
    (ends,) = [one for one in found.results if one.rule == "PT-609"]
    assert (ends.verdict, "were not read" in ends.because) == ("not applicable", True), "no pass"


def test_where_customers_are_declared_the_missing_permission_is_named(tenant: Audited) -> None:
    tenant.declare(gdap=PLAN, customers=CUSTOMERS)
    found = tenant.audit(permissions=WITHOUT)
    (part,) = [one for one in found.not_evaluated if READ in one.why]
    assert part.what.startswith("access at customers; PT-609")
    assert (found.at_customers, found.exit_code) == (True, 1)
    (undeclared,) = [one for one in found.results if one.rule == "PT-108"]
    assert (undeclared.verdict, READ in undeclared.because) == ("not evaluated", True)


# --- how the access at customers is guarded


@pytest.fixture(scope="module")
def as_declared() -> Iterator[Audited]:
    """The sample's tenant with two customers who approved, and Uma, who works there alone: nothing is wrong."""
    with audited() as one:
        one.directory.post("/v1.0/servicePrincipals", {"appId": CUSTOMER_ADMINISTRATION})
        one.world.ids["uma"] = one.newcomer("uma", displayName="Uma Berg")
        people = one.tenant.model_dump(mode="python", by_alias=True, exclude_unset=True)["people"]
        uma = {"full_name": "Uma Berg", "upn": f"uma{AT}", "roles": []}
        groups = {**PLAN["groups"], "mail": {"name": "GDAP Mail", "people": ["emma", "ines", "uma"]}}
        one.declare(people={**people, "uma": uma}, gdap={"groups": groups}, customers=CUSTOMERS)
        one.world.declared = one.tenant
        Customers(one.world).provide()
        yield one


@pytest.fixture
def working(as_declared: Audited) -> Iterator[Audited]:
    with as_declared.copied() as one:
        yield one


def test_a_filter_by_role_finds_who_holds_it_at_customers_alone(as_declared: Audited) -> None:
    report = AuditReport(tenants=(as_declared.audit(),))
    (of_mail,) = narrowed(report, targets={EXCHANGE_ADMINISTRATOR, "Exchange Administrator"}).tenants
    assert f"Uma Berg (uma{AT})" in [one.name for one in of_mail.holders]
    (of_a_customer,) = narrowed(report, targets={FABRIKAM}).tenants
    assert of_a_customer.holders == (), "a customer is no role"


EVERYWHERE = "Exchange Administrator at 2 customers"
MALLORY = f"Mallory (mallory{AT})"


def in_group(tenant: Audited, name: str = "GDAP Mail") -> str:
    (found,) = tenant.directory.get(f"/v1.0/groups?$filter=displayName eq '{name}'")["value"]
    return str(found["id"])


def without_method(tenant: Audited, object_id: str) -> None:
    with tenant.world.store.writing(tenant.tenant.id) as store:
        authentication_methods.forget(store, object_id)


def last_seen(tenant: Audited, object_id: str, days: int) -> None:
    tenant.update(object_id, signInActivity={"lastSignInDateTime": f"{TODAY - timedelta(days=days)}T00:00:00Z"})


def nested(tenant: Audited, *members: str) -> str:
    made = Customers(tenant.world).group("Night shift", *members)
    tenant.world.join(in_group(tenant), made)
    return made


def owns(tenant: Audited, group: str, owner: str) -> None:
    tenant.directory.post(f"/v1.0/groups/{group}/owners/$ref", tenant.directory.reference(owner))


def may_activate(tenant: Audited, group: str, principal: str, access: str = "member") -> None:
    body = {
        "accessId": access,
        "action": "adminAssign",
        "groupId": group,
        "justification": "x",
        "principalId": principal,
        "scheduleInfo": {
            "startDateTime": f"{TODAY}T00:00:00Z",
            "expiration": {"type": "afterDateTime", "endDateTime": f"{TODAY + timedelta(days=30)}T00:00:00Z"},
        },
    }
    tenant.directory.post("/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests", body)


def unproved_in_a_nested_group(tenant: Audited) -> None:
    mallory = tenant.newcomer()
    without_method(tenant, mallory)
    nested(tenant, mallory)


def unproved_guest(tenant: Audited) -> None:
    invited = {"invitedUserEmailAddress": "eve@fabrikam.example", "inviteRedirectUrl": "https://contoso.example"}
    eve = tenant.directory.post("/v1.0/invitations", invited)["invitedUser"]["id"]
    last_seen(tenant, eve, 0)
    tenant.world.join(in_group(tenant), eve)


def unproved_before_the_customer_answers(tenant: Audited) -> None:
    """In a group that is declared, and of which no customer has approved anything yet."""
    plan = tenant.tenant.model_dump(mode="python", by_alias=True, exclude_unset=True)["gdap"]
    tenant.declare(gdap={"groups": {**plan["groups"], "new": {"name": "GDAP New", "people": ["uma"]}}})
    Customers(tenant.world).group("GDAP New", tenant.id_of("uma"))
    tenant.directory.delete(f"/v1.0/groups/{in_group(tenant)}/members/{tenant.id_of('uma')}/$ref")
    without_method(tenant, tenant.id_of("uma"))


def left_out(tenant: Audited) -> None:
    tenant.directory.patch("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", {"isEnabled": False})
    excluded = [tenant.id_of("uma"), tenant.id_of("rescue-1")]
    conditions = {
        "clientAppTypes": ["all"],
        "applications": {"includeApplications": ["All"]},
        "users": {"includeUsers": ["All"], "excludeUsers": excluded},
    }
    controls = {"operator": "OR", "builtInControls": ["mfa"]}
    body = {"displayName": "MFA", "state": "enabled", "conditions": conditions, "grantControls": controls}
    tenant.directory.post("/v1.0/identity/conditionalAccess/policies", body)


def undeclared_group(tenant: Audited, name: str = "Night") -> str:
    """A group with a role at a customer, beside the declared ones."""
    customers = Customers(tenant.world)
    made = customers.group(name, tenant.id_of("ada"))
    customers.relationship("By hand", {"tenantId": FABRIKAM, "displayName": "Fabrikam"}, [EXCHANGE_ADMINISTRATOR])
    customers.assign("By hand", made, EXCHANGE_ADMINISTRATOR)
    return made


def panel(tenant: Audited, **changes: str) -> None:
    """An application that works at customers, with an owner and a secret for years."""
    made = tenant.directory.post("/v1.0/applications", {"displayName": "Panel"})
    principal = tenant.directory.post("/v1.0/servicePrincipals", {"appId": made["appId"]})["id"]
    owner = tenant.directory.reference(tenant.newcomer())
    tenant.directory.post(f"/v1.0/applications/{made['id']}/owners/$ref", owner)
    until = f"{TODAY.year + 9}-01-01T00:00:00Z"
    credential = {"passwordCredential": {"displayName": "for ever", "endDateTime": until}}
    tenant.directory._expect("POST", f"/v1.0/applications/{made['id']}/addPassword", credential, 200)
    tenant.world.join(in_group(tenant), principal)


ROWS: list[tuple[str, Callable[[Audited], object], str, set[str]]] = [
    (
        "PT-701",
        left_out,
        "Uma Berg (uma{}): excluded from `MFA`: may sign in without multifactor authentication",
        set(),
    ),
    (
        "PT-702",
        lambda t: without_method(t, t.id_of("uma")),
        f"Uma Berg (uma{{}}): holds {EVERYWHERE} without multifactor authentication registered",
        set(),
    ),
    (
        "PT-702",
        unproved_in_a_nested_group,
        f"{MALLORY}: holds {EVERYWHERE} without multifactor authentication registered",
        set(),
    ),
    ("PT-702", unproved_guest, f"holds {EVERYWHERE} without multifactor authentication registered", set()),
    (
        "PT-702",
        unproved_before_the_customer_answers,
        "Uma Berg (uma{}): holds a place in GDAP New without multifactor authentication registered",
        set(),
    ),
    (
        "PT-705",
        lambda t: last_seen(t, t.id_of("uma"), 91),
        f"Uma Berg (uma{{}}): holds {EVERYWHERE} and last signed in on {TODAY - timedelta(days=91)}",
        set(),
    ),
    (
        "PT-706",
        lambda t: owns(t, in_group(t), t.newcomer()),
        f"{MALLORY}: owns the group GDAP Mail, and can add anybody to it",
        {"PT-309"},
    ),
    (
        "PT-706",
        lambda t: owns(t, in_group(t), t.id_of("ada")),
        "Ada Nakamura (ada.nakamura{}): owns the group GDAP Mail, and can add anybody to it",
        set(),
    ),
    (
        "PT-706",
        lambda t: owns(t, nested(t), t.newcomer()),
        f"{MALLORY}: owns the group Night shift, and can add anybody to it",
        {"PT-309"},
    ),
    (
        "PT-706",
        lambda t: owns(t, undeclared_group(t), t.newcomer()),
        f"{MALLORY}: owns the group Night, and can add anybody to it",
        {"PT-309"},
    ),
    (
        "PT-708",
        panel,
        f"{MALLORY}: owns the application Panel, and can sign in as it and use {EVERYWHERE}",
        {"PT-309", "PT-709"},
    ),
    (
        "PT-710",
        lambda t: may_activate(t, in_group(t), t.newcomer()),
        "may activate membership of the group GDAP Mail",
        {"PT-309"},
    ),
    (
        "PT-710",
        lambda t: may_activate(t, in_group(t), t.id_of("carla")),
        "Carla Jensen (carla.jensen{}): may activate membership of the group GDAP Mail",
        set(),
    ),
    (
        "PT-710",
        lambda t: may_activate(t, in_group(t), t.id_of("uma"), "owner"),
        "Uma Berg (uma{}): may activate ownership of the group GDAP Mail",
        set(),
    ),
]


@pytest.mark.parametrize(("rule", "do", "says", "also"), ROWS, ids=[f"{row[0]} {row[2]}" for row in ROWS])
def test_what_guards_the_access_at_customers_is_evaluated(
    working: Audited, rule: str, do: Callable[[Audited], object], says: str, also: set[str]
) -> None:
    do(working)
    found = working.audit()
    said = [f"{one.subject}: {one.actual}" for one in found.findings if one.rule == rule]
    assert [one for one in said if says.format(AT) in one], [f"{one.rule} {one.actual}" for one in found.findings]
    assert {one.rule for one in found.findings} == {rule, *also}
    assert not found.not_evaluated


def test_nothing_is_found_of_who_works_at_customers_as_declared_and_the_auditor_reads_their_line(
    working: Audited,
) -> None:
    may_activate(working, in_group(working), working.id_of("uma"))
    found = working.audit()
    assert (found.headline, found.findings) == ("As declared.", ())
    (uma,) = [one for one in found.holders if one.name.startswith("Uma Berg")]
    assert (uma.holds, uma.mfa) == ((EVERYWHERE,), True)
    (ines,) = [one for one in found.holders if one.name.startswith("Ines")]
    assert {"Helpdesk Administrator at 2 customers", EVERYWHERE} < {*ines.holds}


def test_a_leaver_who_may_still_activate_a_place_in_a_group_for_customers_is_named(working: Audited) -> None:
    people = working.tenant.model_dump(mode="python", by_alias=True, exclude_unset=True)["people"]
    working.declare(people={**people, "uma": {**people["uma"], "state": "leaver"}})
    may_activate(working, in_group(working), working.id_of("uma"))
    (one,) = [one for one in working.audit().findings if one.rule == "PT-710"]
    assert (one.subject, one.level) == (f"Uma Berg (uma{AT})", Level.MANDATORY)


def test_a_group_that_is_only_called_like_an_agent_group_is_none(working: Audited) -> None:
    """Whom the declaration puts into the agent group, it gives nothing of what the other group gives."""
    may_activate(working, undeclared_group(working, "Admin  agents"), working.id_of("ada"))
    (one,) = [one for one in working.audit().findings if one.rule == "PT-710"]
    assert "may activate membership of the group Admin  agents" in one.actual


def test_without_the_permission_no_rule_on_who_holds_power_passes(working: Audited) -> None:
    (part,) = [one for one in working.audit(permissions=WITHOUT).not_evaluated if READ in one.why]
    assert {rule for rule in ("PT-702", "PT-705", "PT-706", "PT-710") if rule in part.what} == {
        "PT-702",
        "PT-705",
        "PT-706",
        "PT-710",
    }
