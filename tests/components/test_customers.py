"""What the component registers for customers, and what of their relationships it refuses first."""

from dataclasses import replace
from typing import Any

import pytest

from components.customer_guard import RelationshipError, refuse_relationships_that_are_not_as_declared
from components.relationships.graph import WriteError
from components.relationships.lifecycle import Found, Held, Wanted
from tenantry.access.state import RELATIONSHIP, StackState
from tenantry.declaration import PersonState, Tenant

from .world import APPLICATION, GROUP, Run, World, changed, provision

ADOPTED = "aaaaaaaa-0000-4000-8000-0000000000bb"
EXISTING = "11111111-0000-4000-8000-000000000001-6f1f7c0e-52a3-4d0b-9e57-2b8b9f4c1a10"
HELPDESK, USERS = "729827e3-9c14-49f7-bb1b-9608f156bbb8", "fe930be7-5e62-47db-91af-98c3a49a38b1"
DESK, ACCOUNTS = "object-id-of-us-desk", ADOPTED
URN_OF_GROUP = f"urn:pulumi:prod::tenantry::tenantry:index:PartnerTenant$tenantry:index:Customers${GROUP}::"
URN = f"urn:pulumi:prod::tenantry::tenantry:index:PartnerTenant$tenantry:index:Customers${RELATIONSHIP}::us-fabrikam."


def customers(tenant: Tenant, **relationships: dict[str, Any]) -> Tenant:
    document = tenant.model_dump(mode="json", exclude_unset=True)
    document["gdap"] = {
        "groups": {
            "desk": {"name": "GDAP Desk", "people": ["emma", "ines"]},
            "accounts": {"name": "GDAP Accounts", "people": ["carla"], "adopted": ADOPTED},
        },
        "templates": {
            "everyday": {
                "auto_extend": True,
                "assignments": {"desk": ["Helpdesk Administrator"], "accounts": ["User Administrator"]},
            }
        },
    }
    fabrikam = {"name": "Fabrikam", "tenant_id": CUSTOMER, "domain": "fabrikam.com", "country": "US"}
    document["customers"] = {"fabrikam": {**fabrikam, "gdap": relationships or {"everyday": {}}}}
    return Tenant.model_validate(document, context={"days": "text"})


CUSTOMER = "c0000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def run(us: Tenant) -> Run:
    relationships: dict[str, dict[str, Any]] = {
        "everyday": {},
        "old": {"template": "everyday", "display_name": "Fabrikam 2024", "adopted": EXISTING},
    }
    return provision(changed(customers(us, **relationships), ines={"state": PersonState.LEAVER}))


def test_groups_have_the_people_who_work_there_and_an_adopted_one_stays_as_it_is(run: Run) -> None:
    groups = run.of(GROUP)
    desk, accounts = groups["us-desk"], groups["us-accounts"]
    assert (desk.inputs["members"], desk.inputs["displayName"]) == (["object-id-of-us-emma"], "GDAP Desk")
    assert (desk.inputs["assignableToRole"], desk.inputs["preventDuplicateNames"]) == (False, True)
    assert (desk.import_id, desk.retain) == ("", False)
    assert (accounts.import_id, accounts.retain) == (f"/groups/{ADOPTED}", True)
    assert accounts.ignored - desk.ignored == {"assignableToRole", "preventDuplicateNames"}
    assert "members" not in accounts.ignored


def test_each_relationship_is_one_resource_and_goes_by_the_keys_of_the_declaration(run: Run, us: Tenant) -> None:
    made = run.of(RELATIONSHIP)
    assert set(made) == {"us-fabrikam.everyday", "us-fabrikam.old"}
    everyday = made["us-fabrikam.everyday"]
    assert everyday.inputs == {
        "partnerTenantId": us.id,
        "displayName": "Fabrikam everyday",
        "duration": "P730D",
        "autoExtendDuration": "P180D",
        "roleDefinitionIds": sorted([HELPDESK, USERS]),
        "customerTenantId": CUSTOMER,
        "customerName": "Fabrikam",
        "assignments": {
            "desk": {"group": DESK, "roles": [HELPDESK]},
            "accounts": {"group": ACCOUNTS, "roles": [USERS]},
        },
        "terminate": False,
    }
    assert "us-customer-administration" in everyday.after
    assert made["us-fabrikam.old"].import_id == EXISTING
    Wanted.model_validate(everyday.inputs)


def test_the_application_that_relationships_need_is_adopted_where_the_tenant_has_it(run: Run, sample: Run) -> None:
    application = run.of(APPLICATION)["us-customer-administration"]
    assert application.import_id == "/servicePrincipals/principal-of-2832473f-ec63-45fb-976f-5d45a7d4bb91"
    assert application.retain
    assert not [kept for kept in sample.monitor.registered if "ustomer" in kept.type + kept.name]


def found(tenant: Tenant, **changes: Any) -> dict[str, Any]:
    """What the state has of the relationship that is declared."""
    (one,) = customers(tenant).relationships
    wanted = Wanted(
        partner_tenant_id=tenant.id,
        display_name=one.display_name,
        duration=one.duration,
        role_definition_ids=(HELPDESK, USERS),
        customer_tenant_id=CUSTOMER,
        customer_name="Fabrikam",
    )
    kept = Found(
        EXISTING,
        "active",
        one.display_name,
        one.duration,
        "PT0S",
        frozenset({HELPDESK, USERS}),
        CUSTOMER,
        "Fabrikam",
        "2026-01-02",
        "2028-01-02",
        (Held("someone-elses-group", frozenset({USERS})),),
    )
    return replace(kept, **changes).outputs(wanted)


@pytest.mark.parametrize("beside", [{}, {"us-accounts": ADOPTED}])
def test_what_the_stack_has_is_not_taken_over_under_another_key(us: Tenant, beside: dict[str, str]) -> None:
    """Also where an update that was interrupted has taken it over already, and not deleted it yet."""
    owned = {URN_OF_GROUP + key: {"objectId": id_} for key, id_ in {"us-helpers": ADOPTED, **beside}.items()}
    refusal = provision(customers(us), World.of(us, owned=owned)).refusal
    assert f"`gdap.groups.accounts.adopted` names {ADOPTED}, which this stack has under the key `helpers`" in refusal
    assert "Keep the key `helpers`" in refusal
    assert (
        provision(customers(us), World.of(us, owned={f"{URN_OF_GROUP}us-accounts": {"objectId": ADOPTED}})).error
        is None
    )


def test_a_relationship_that_was_never_sent_is_not_taken_over_under_another_key(us: Tenant) -> None:
    owned = {f"{URN}old": found(us, status="created")}
    tenant = customers(us, everyday={"adopted": EXISTING})
    refusal = provision(tenant, World.of(us, owned=owned)).refusal
    assert "`customers.fabrikam.gdap.everyday.adopted` names" in refusal
    assert "Keep the key `fabrikam.old`" in refusal


def test_a_new_key_of_a_relationship_that_gives_access_has_one_refusal_with_one_way_out(us: Tenant) -> None:
    owned = {f"{URN}old": found(us)}
    refusal = provision(customers(us, everyday={"adopted": EXISTING}), World.of(us, owned=owned)).refusal
    assert "Keep the key `fabrikam.old`" in refusal
    assert "terminate" not in refusal


def test_a_relationship_is_taken_over_as_it_is_and_ended_by_a_later_update(us: Tenant) -> None:
    end = {"reason": "They left", "decided_by": "Ada", "decided_on": "2026-05-20"}
    tenant = customers(us, everyday={"adopted": EXISTING, "terminate": end})
    refusal = provision(tenant).refusal
    assert "'Fabrikam everyday' with Fabrikam is to be taken over and ended in one update" in refusal
    assert "Take `terminate` out, run `pulumi up`, and write it again" in refusal
    assert provision(tenant, World.of(us, owned={f"{URN}everyday": found(us)})).error is None


class Tenants:
    """Relationships that the tenant has, in place of those that a request would bring."""

    def __init__(self, *found: Found) -> None:
        self._found = {one.id: one for one in found}

    def get(self, relationship_id: str) -> Found | None:
        if not self._found:
            raise WriteError("Microsoft Graph does not let them.")
        return self._found.get(relationship_id)


AS_DECLARED = Found(
    EXISTING,
    "active",
    "Fabrikam everyday",
    "P730D",
    "P180D",
    frozenset({HELPDESK, USERS}),
    CUSTOMER,
    "Fabrikam",
    "2026-01-02",
    "2028-01-02",
    (Held(DESK, frozenset({HELPDESK})), Held(ADOPTED, frozenset({USERS}))),
)
OTHER = replace(AS_DECLARED, id="another")


@pytest.mark.parametrize(
    ("there", "refusal"),
    [
        ((AS_DECLARED, OTHER), ""),
        ((replace(AS_DECLARED, status="approvalPending"), OTHER), "it waits for the customer, and no group holds"),
        (
            (replace(AS_DECLARED, held=AS_DECLARED.held[:1]), OTHER),
            "the group `accounts` holds nothing, not User Administrator",
        ),
        ((OTHER,), f"`customers.fabrikam.gdap.everyday.adopted` names {EXISTING}, and this tenant has no such"),
        ((), "whether the relationships that are to be taken over are as declared is unknown. Microsoft Graph"),
    ],
)
def test_what_is_taken_over_is_compared_with_the_tenant_before_anything_is_registered(
    us: Tenant, there: tuple[Found, ...], refusal: str
) -> None:
    tenant = customers(us, everyday={"adopted": EXISTING})
    owned = StackState(groups={"us-desk": DESK})

    def refused(state: StackState) -> str:
        try:
            refuse_relationships_that_are_not_as_declared("us", tenant, state, lambda: Tenants(*there))  # type: ignore[arg-type,return-value]
        except RelationshipError as error:
            return str(error)
        return ""

    assert refusal in refused(owned)
    assert bool(refusal) is bool(refused(owned))
    assert refused(replace(owned, recorded=True)) == "", "there is no tenant"
    has = {"us-fabrikam.everyday": found(us)}
    assert refused(replace(owned, relationships=has)) == "", "what the stack has is not taken over"


def test_what_has_ended_or_only_has_other_groups_is_not_refused(us: Tenant) -> None:
    owned = {f"{URN}everyday": found(us), f"{URN}gone": found(us, status="expired")}
    assert provision(customers(us), World.of(us, owned=owned)).error is None


def test_every_impossible_relationship_is_refused_before_anything_is_registered(us: Tenant) -> None:
    owned = {
        f"{URN}everyday": found(us, duration="P365D"),
        f"{URN}gone": found(us),
        f"{URN}asked": found(us, status="approvalPending"),
    }
    refusal = provision(customers(us), World.of(us, owned=owned)).refusal
    everyday, *others = refusal.splitlines()
    assert "it lasts P365D, not P730D" in everyday
    assert [" is active, " in other or " is approvalPending, " in other for other in others] == [True, True]
    assert all("Put it back with `terminate: {reason: …" in other for other in others)
