"""Sensitive actions on administrators: an application needs a directory role beside its permission."""

from typing import Any

import pytest

from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.store import Store
from tenantry.role_templates import ROLE_TEMPLATES
from tenantry.sensitive_actions import (
    LESSER_ADMINISTRATORS,
    ORDINARY,
    PROPERTIES,
    Action,
    Operation,
    Rank,
    Role,
    may,
    needed,
)

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    UNITED_STATES,
    USER_ADMINISTRATOR,
    Tenant,
)

DENIED = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"
REQUESTS = "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests"
OWN = deployment_principal_id(UNITED_STATES.tenant_id)
GROUPS_ADMINISTRATOR = "fdd7a751-b60b-444a-984c-02652fe8fa1c"

VALUES: dict[Action, Any] = {
    Action.ACCOUNT_ENABLED: True,
    Action.USER_PRINCIPAL_NAME: "bob@contoso.example",
    Action.MOBILE_PHONE: None,
    Action.BUSINESS_PHONES: [],
    Action.OTHER_MAILS: [],
    Action.ON_PREMISES_IMMUTABLE_ID: None,
    Action.PASSWORD_PROFILE: {"password": "Another-Horse-9"},
}


def give(tenant: Tenant, principal: str, role: str, scope: str = "/") -> str:
    body = {"principalId": principal, "roleDefinitionId": role, "directoryScopeId": scope}
    return str(tenant.post(ASSIGNMENTS, body)["id"])


def rename(tenant: Tenant, person: str) -> int:
    return tenant.graph.request("PATCH", f"/v1.0/users/{person}", {"accountEnabled": True, "displayName": "Bob"})[0]


def test_every_sensitive_property_has_a_value_here_and_roles_are_those_of_the_directory() -> None:
    assert set(VALUES) == set(PROPERTIES)
    known = {role for role in LESSER_ADMINISTRATORS if role.template_id in ROLE_TEMPLATES}
    assert {ROLE_TEMPLATES[role.template_id].name for role in known} == {role.name for role in known}


@pytest.mark.parametrize("action", PROPERTIES)
def test_no_sensitive_property_of_an_administrator_is_written_without_a_role_not_even_unchanged(
    tenant: Tenant, action: Action
) -> None:
    bob = tenant.add_user("bob")
    give(tenant, bob, BILLING_ADMINISTRATOR)
    body = {action: VALUES[action]}
    for name in (bob, bob.upper(), "bob@contoso.example"):
        assert tenant.refused("PATCH", f"/v1.0/users/{name}", body) == DENIED
    own = tenant.empower(USER_ADMINISTRATOR)
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", body) == DENIED, "a lesser administrator is not enough"
    tenant.delete(f"{ASSIGNMENTS}/{own}")
    tenant.empower()
    tenant.patch(f"/v1.0/users/{bob}", body)


def test_what_is_not_sensitive_takes_no_role(tenant: Tenant) -> None:
    tenant.patch(f"/v1.0/users/{ADA.object_id}", {"displayName": "Ada A.", "mail": "ada@contoso.example"})


def test_an_ordinary_account_takes_a_role_for_its_password_alone(tenant: Tenant) -> None:
    bob = tenant.add_user("bob")
    password = {Action.PASSWORD_PROFILE: VALUES[Action.PASSWORD_PROFILE]}
    tenant.patch(f"/v1.0/users/{bob}", {name: value for name, value in VALUES.items() if name not in password})
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", password) == DENIED
    tenant.empower(USER_ADMINISTRATOR)
    tenant.patch(f"/v1.0/users/{bob}", password)
    tenant.delete(f"/v1.0/users/{bob}")


def test_an_administrator_is_deleted_and_restored_with_a_role_alone(tenant: Tenant) -> None:
    bob = tenant.add_user("bob")
    held = give(tenant, bob, BILLING_ADMINISTRATOR)
    assert tenant.refused("DELETE", f"/v1.0/users/{bob}") == DENIED
    own = tenant.empower()
    tenant.delete(f"/v1.0/users/{bob}")
    tenant.delete(f"{ASSIGNMENTS}/{own}")
    item = f"/v1.0/directory/deletedItems/{bob}"
    assert tenant.refused("POST", f"{item}/restore") == DENIED, "the role comes back with them"
    own = tenant.empower()
    assert tenant.graph.request("POST", f"{item}/restore")[0] == 200
    tenant.delete(f"{ASSIGNMENTS}/{own}")
    # Once the role is gone, nothing is needed.
    tenant.delete(f"{ASSIGNMENTS}/{held}")
    tenant.delete(f"/v1.0/users/{bob}")
    assert tenant.graph.request("POST", f"{item}/restore")[0] == 200


def test_a_lesser_administrator_is_a_user_administrators_to_change(tenant: Tenant) -> None:
    bob = tenant.add_user("bob")
    give(tenant, bob, GROUPS_ADMINISTRATOR)
    assert rename(tenant, bob) == 403
    own = tenant.empower(USER_ADMINISTRATOR)
    assert rename(tenant, bob) == 204
    give(tenant, bob, GLOBAL_ADMINISTRATOR)
    assert rename(tenant, bob) == 403, "each role protects its holder"
    tenant.delete(f"{ASSIGNMENTS}/{own}")
    tenant.empower(GLOBAL_ADMINISTRATOR)
    assert rename(tenant, bob) == 204


@pytest.mark.parametrize("way", ["unit", "eligible", "group", "owner", "empty group"])
def test_whoever_has_power_in_another_way_is_an_administrator_too(tenant: Tenant, way: str) -> None:
    bob = tenant.add_user("bob")
    assert rename(tenant, bob) == 204
    match way:
        case "unit":
            unit = tenant.post("/v1.0/directory/administrativeUnits", {"displayName": "Europe"})["id"]
            give(tenant, bob, BILLING_ADMINISTRATOR, f"/administrativeUnits/{unit}")
        case "eligible":
            body = {
                "action": "adminAssign",
                "principalId": bob.upper(),
                "roleDefinitionId": BILLING_ADMINISTRATOR,
                "directoryScopeId": "/",
                "justification": "x",
                "scheduleInfo": {"expiration": {"type": "noExpiration"}},
            }
            tenant.post(REQUESTS, body)
        case "owner":
            group = tenant.add_group("Admins", isAssignableToRole=True)
            tenant.post(f"/v1.0/groups/{group}/owners/$ref", tenant.reference(bob))
        case _:
            group = tenant.add_group("Admins", isAssignableToRole=True)
            tenant.post(f"/v1.0/groups/{group}/members/$ref", tenant.reference(bob))
            if way == "group":
                give(tenant, group, BILLING_ADMINISTRATOR)
    assert rename(tenant, bob) == 403


def test_a_role_over_a_unit_does_not_make_the_caller_an_administrator_of_everybody(tenant: Tenant) -> None:
    bob = tenant.add_user("bob")
    give(tenant, bob, GROUPS_ADMINISTRATOR)
    own = tenant.get(f"{ASSIGNMENTS}/{tenant.empower(GROUPS_ADMINISTRATOR)}")["principalId"]
    unit = tenant.post("/v1.0/directory/administrativeUnits", {"displayName": "Europe"})["id"]
    give(tenant, own, USER_ADMINISTRATOR, f"/administrativeUnits/{unit}")
    assert rename(tenant, bob) == 403


def test_several_roles_leave_who_may_act_on_each_of_them() -> None:
    authentication = "c4e39bd9-1100-46d3-8c65-fb160da0071f"
    both = Rank(frozenset({authentication, USER_ADMINISTRATOR}))
    assert [role.name for role in needed(Action.DELETE, both)] == [
        "Privileged Authentication Administrator",
        "Global Administrator",
    ]
    assert not may(Action.DELETE, both, frozenset({authentication, USER_ADMINISTRATOR}))
    assert may(Action.DELETE, both, frozenset({PRIVILEGED_AUTHENTICATION_ADMINISTRATOR}))
    assert needed(Action.DELETE, ORDINARY) == ()


SENT: dict[str, Any] = {
    "accountEnabled": True,
    "mobilePhone": None,
    "otherMails": [],
    "userPrincipalName": "bob@contoso.example",
}
"""What the azuread provider sends with every update of an account."""

REQUESTS_OF: dict[Operation, tuple[str, dict[str, Any] | None]] = {
    Operation.DESCRIBE: ("PATCH", {**SENT, "displayName": "Robert"}),
    Operation.RENAME: ("PATCH", {**SENT, "userPrincipalName": "robert@contoso.example"}),
    Operation.DISABLE: ("PATCH", {**SENT, "accountEnabled": False}),
    Operation.ENABLE: ("PATCH", SENT),
    Operation.RENEW_PASSWORD: ("PATCH", {**SENT, "passwordProfile": VALUES[Action.PASSWORD_PROFILE]}),
    Operation.DELETE: ("DELETE", None),
}

TARGETS: dict[str, Rank] = {
    "nobody's": ORDINARY,
    GROUPS_ADMINISTRATOR: Rank(frozenset({GROUPS_ADMINISTRATOR})),
    BILLING_ADMINISTRATOR: Rank(frozenset({BILLING_ADMINISTRATOR})),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("operation", Operation)
def test_each_operation_takes_exactly_the_permission_and_the_role_of_the_table_and_fails_with_one_fewer(
    store: Store, operation: Operation, target: str
) -> None:
    def send(permissions: frozenset[str], *roles: Role) -> int:
        """The request by an application that has no more than this."""
        with store.creating(UNITED_STATES.tenant_id) as kept:
            kept.permit(OWN, permissions)
            for assignment in list(kept.assignments_of(OWN)):
                kept.unassign(assignment)
            for role in roles:
                kept.assign(role.template_id, OWN)
        method, body = REQUESTS_OF[operation]
        with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
            return graph.request(method, f"/v1.0/users/{bob}", body)[0]

    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        tenant = Tenant(graph, UNITED_STATES)
        bob = tenant.add_user("bob")
        if target in TARGETS.keys() - {"nobody's"}:
            give(tenant, bob, target)
    least = frozenset({"User.ReadWrite.All"})
    needed = operation.needed(TARGETS[target])
    assert send(frozenset({"User.Read.All"}), *needed) == 403
    if needed:
        assert send(least) == 403
    assert send(least, *needed[:1]) == 204
