from datetime import timedelta
from typing import Any

import pytest

from tenantry.directory.enrolment import ALL_USERS
from tenantry.directory.store import Store

from .samples import ADA, BILLING_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, NOBODY, PASSWORD, Tenant, user_body


def everyone(tenant: Tenant) -> list[str]:
    return tenant.ids(f"/beta/groups/{tenant.group(ALL_USERS)}/members")


def test_a_created_user_is_found_by_id_and_by_name(tenant: Tenant):
    bob = tenant.add_user("bob", jobTitle="Engineer")
    assert tenant.get(f"/v1.0/users/{bob}")["jobTitle"] == "Engineer"
    assert tenant.get("/v1.0/users/BOB@Contoso.Example")["id"] == bob
    assert tenant.ids("/v1.0/users?$filter=userPrincipalName eq 'Bob@CONTOSO.example'") == [bob]
    assert tenant.ids("/v1.0/users?$filter=mailNickname eq 'bob'") == [bob]


def test_v1_returns_the_default_properties_and_beta_all_of_them(tenant: Tenant):
    default = tenant.get(f"/v1.0/users/{ADA.object_id}")
    assert set(default) - {"@odata.context"} == {
        *("businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone"),
        *("officeLocation", "preferredLanguage", "surname", "userPrincipalName"),
    }
    everything = tenant.get(f"/beta/users/{ADA.object_id}")
    assert everything["userType"] == "Member"
    assert everything["department"] is None
    selected = tenant.get(f"/v1.0/users/{ADA.object_id}?$select=userType,accountEnabled")
    assert selected["userType"] == "Member"
    assert "id" not in selected


def test_mail_becomes_the_primary_address(tenant: Tenant):
    bob = tenant.add_user("bob", mail="bob@contoso.example")
    assert tenant.get(f"/v1.0/users/{bob}?$select=proxyAddresses")["proxyAddresses"] == ["SMTP:bob@contoso.example"]


def test_an_address_that_is_taken_is_refused_in_any_spelling(tenant: Tenant):
    bob = tenant.add_user("bob", mail="bob@contoso.example")
    message = "Another object with the same value for property proxyAddresses already exists."
    body = user_body("robert", mail="BOB@contoso.example")
    assert tenant.refused("POST", "/v1.0/users", body) == (400, "Request_BadRequest", message)
    answer: Any = tenant.graph.request("POST", "/v1.0/users", body)[1]
    assert answer["error"]["details"] == [{"code": "ObjectConflict", "target": "proxyAddresses", "message": message}]
    eve = tenant.add_user("eve")
    assert tenant.refused("PATCH", f"/v1.0/users/{eve}", {"mail": "bob@contoso.example"})[2] == message
    # Their own is theirs, and a deleted user's is free, until that one is to come back.
    tenant.patch(f"/v1.0/users/{bob}", {"mail": "Bob@contoso.example"})
    tenant.delete(f"/v1.0/users/{bob}")
    tenant.patch(f"/v1.0/users/{eve}", {"mail": "bob@contoso.example"})
    assert tenant.refused("POST", f"/v1.0/directory/deletedItems/{bob}/restore", {})[2] == message


def test_an_update_changes_what_it_names_and_null_clears(tenant: Tenant):
    bob = tenant.add_user("bob", jobTitle="Engineer", city="Oslo")
    tenant.patch(f"/v1.0/users/{bob}", {"jobTitle": None, "displayName": "Robert"})
    user = tenant.get(f"/beta/users/{bob}")
    assert (user["displayName"], user["jobTitle"], user["city"]) == ("Robert", None, "Oslo")


def test_what_a_user_must_have_is_not_taken_away(tenant: Tenant):
    bob = tenant.add_user("bob")
    for name in ("displayName", "mailNickname", "userPrincipalName", "accountEnabled"):
        message = f"A value is required for property '{name}' of resource 'User'."
        refused = tenant.refused("PATCH", f"/v1.0/users/{bob}", {name: None})
        assert refused == (400, "Request_BadRequest", message)
    message = "Invalid value specified for property 'displayName' of resource 'User'."
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", {"displayName": ""})[2] == message


@pytest.mark.parametrize("mail", [None, ""])
def test_a_mail_address_is_changed_and_never_taken_away(tenant: Tenant, mail: str | None):
    bob = tenant.add_user("bob", mail=None)
    tenant.patch(f"/v1.0/users/{bob}", {"mail": "bob@contoso.example"})
    said = "Invalid value specified for property 'mail' of resource 'User'."
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", {"mail": mail}) == (400, "Request_BadRequest", said)
    assert tenant.get(f"/v1.0/users/{bob}")["mail"] == "bob@contoso.example"


def test_the_longest_that_there_can_be_is_taken(tenant: Tenant):
    bob = tenant.add_user("b" * 64, displayName="b" * 256, employeeId="1" * 16)
    assert len(tenant.get(f"/beta/users/{bob}")["displayName"]) == 256


def test_a_name_is_found_in_any_unicode_form_and_case(tenant: Tenant):
    jose = tenant.add_user("jose", displayName="Jos\u00e9 Stra\u00dfe")
    group = tenant.add_group("Jos\u00e9s", mailNickname="joses")
    for kind, name, found in (("users", "JOSE\u0301 STRASSE", jose), ("groups", "jose\u0301s", group)):
        assert tenant.ids(f"/v1.0/{kind}?$filter=displayName eq '{name}'") == [found]
        assert tenant.ids(f"/v1.0/{kind}?$filter=startsWith(displayName,'{name[:6]}')") == [found]


def test_a_renamed_user_is_found_by_the_new_name_alone(tenant: Tenant):
    bob = tenant.add_user("bob")
    tenant.patch(f"/v1.0/users/{bob}", {"userPrincipalName": "robert@contoso.example"})
    assert tenant.get("/v1.0/users/robert@contoso.example")["id"] == bob
    assert tenant.refused("GET", "/v1.0/users/bob@contoso.example")[0] == 404
    tenant.add_user("bob")


def test_a_name_that_is_taken_is_refused_in_any_spelling(tenant: Tenant):
    tenant.add_user("bob")
    message = "Another object with the same value for property userPrincipalName already exists."
    assert tenant.refused("POST", "/v1.0/users", user_body("BOB")) == (400, "Request_BadRequest", message)
    answer: Any = tenant.graph.request("POST", "/v1.0/users", user_body("bob"))[1]
    assert answer["error"]["details"] == [{"code": "ObjectConflict", "target": "userPrincipalName", "message": message}]
    eve = tenant.add_user("eve")
    rename = {"userPrincipalName": "bob@contoso.example"}
    assert tenant.refused("PATCH", f"/v1.0/users/{eve}", rename)[2] == message


def test_a_user_may_be_given_the_name_that_they_have(tenant: Tenant):
    bob = tenant.add_user("bob")
    tenant.patch(f"/v1.0/users/{bob}", {"userPrincipalName": "Bob@contoso.example"})
    assert tenant.get(f"/v1.0/users/{bob}")["userPrincipalName"] == "Bob@contoso.example"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"userPrincipalName": "bob@fabrikam.example"},
            "The domain portion of the userPrincipalName property is invalid.",
        ),
        ({"userPrincipalName": "bob"}, "Invalid value specified for property 'userPrincipalName' of resource 'User'."),
        *(
            (
                {"userPrincipalName": f"{local}@{domain}"},
                "Invalid value specified for property 'userPrincipalName' of resource 'User'.",
            )
            for local, domain in (("carla.", "contoso.example"), ("a" * 65, "contoso.example"), ("a", "b" * 49))
        ),
        *(
            ({name: value}, f"Invalid value specified for property '{name}' of resource 'User'.")
            for name, value in (
                ("mailNickname", "a b@c"),
                ("mailNickname", "bob(1)"),
                ("mailNickname", "bób"),
                ("mailNickname", "b" * 65),
                ("displayName", "b" * 257),
                ("jobTitle", "b" * 129),
                ("employeeId", "1" * 17),
                ("mail", ""),
                ("mail", "bob at contoso"),
                ("mail", "b\u00f3b@contoso.example"),
                ("mail", "bob@contoso@example"),
                ("mobilePhone", ""),
                ("preferredLanguage", ""),
                ("businessPhones", [""]),
                ("businessPhones", ["1" * 65]),
                ("otherMails", [""]),
                ("otherMails", ["b\u00f3b@home.example"]),
                ("usageLocation", "us"),
                ("usageLocation", "ZZ"),
                ("passwordProfile", {"password": PASSWORD, "forceChangePasswordNextSignIn": "yes"}),
                ("passwordProfile", {"password": PASSWORD, "forceChangePasswordNextSignInWithMfa": 1}),
                ("businessPhones", ["+1 425 555 0100", "+1 425 555 0101"]),
            )
        ),
        ({"usageLocation": "USA"}, "Invalid value specified for property 'usageLocation' of resource 'User'."),
        ({"passwordPolicies": "Lax"}, "Invalid value specified for property 'passwordPolicies' of resource 'User'."),
        ({"displayName": None}, "A value is required for property 'displayName' of resource 'User'."),
        ({"displayName": ""}, "A value is required for property 'displayName' of resource 'User'."),
        ({"accountEnabled": "yes"}, "Invalid value specified for property 'accountEnabled' of resource 'User'."),
        ({"passwordProfile": {"password": PASSWORD, "hint": "x"}}, "The property 'hint' does not exist on type"),
        ({"shoeSize": 9}, "The property 'shoeSize' does not exist on type 'microsoft.graph.user'."),
        ({"createdDateTime": "2020-01-01T00:00:00Z"}, "Property 'createdDateTime' is read-only and cannot be set."),
        ({"passwordProfile": None}, "A value is required for property 'passwordProfile' of resource 'User'."),
        ({"passwordProfile": {"password": "short1A"}}, "The specified password does not comply"),
        ({"passwordProfile": {"password": "onlylowercase"}}, "The specified password does not comply"),
        ({"passwordProfile": {"password": "lowerand12345"}}, "The specified password does not comply"),
    ],
)
def test_a_user_that_the_directory_cannot_have_is_refused(tenant: Tenant, changes, message):
    status, code, said = tenant.refused("POST", "/v1.0/users", user_body("bob", **changes))
    assert (status, code) == (400, "Request_BadRequest")
    assert said.startswith(message)
    assert tenant.refused("GET", "/v1.0/users/bob@contoso.example")[0] == 404


def test_a_plain_password_is_taken_where_the_account_allows_it(tenant: Tenant):
    tenant.add_user("bob", passwordPolicies="DisableStrongPassword", passwordProfile={"password": "plainenough"})


def test_a_deleted_user_is_gone_and_the_name_is_free(tenant: Tenant):
    bob = tenant.add_user("bob")
    sales = tenant.add_group("Sales")
    tenant.post(f"/beta/groups/{sales}/members/$ref", tenant.reference(bob))
    tenant.delete(f"/v1.0/users/{bob}")
    assert tenant.refused("GET", f"/v1.0/users/{bob}")[:2] == (404, "Request_ResourceNotFound")
    assert tenant.refused("DELETE", f"/v1.0/users/{bob}")[0] == 404
    assert tenant.refused("GET", f"/v1.0/directoryObjects/{bob}")[0] == 404
    assert bob not in tenant.ids("/v1.0/users")
    assert tenant.ids(f"/beta/groups/{sales}/members") == []
    assert tenant.add_user("bob") != bob


def test_the_role_assignments_of_a_deleted_user_are_out_of_sight(tenant: Tenant):
    tenant.empower()
    bob = tenant.add_user("bob")
    body = {"principalId": bob, "roleDefinitionId": BILLING_ADMINISTRATOR, "directoryScopeId": "/"}
    assignment = tenant.post("/v1.0/roleManagement/directory/roleAssignments", body)["id"]
    tenant.delete(f"/v1.0/users/{bob}")
    assert assignment not in tenant.ids("/v1.0/roleManagement/directory/roleAssignments")
    assert tenant.refused("GET", f"/v1.0/roleManagement/directory/roleAssignments/{assignment}")[0] == 404


def test_the_last_global_administrator_cannot_be_deleted(tenant: Tenant):
    tenant.empower()
    status, code, message = tenant.refused("DELETE", f"/v1.0/users/{ADA.object_id}")
    assert (status, code) == (400, "Request_BadRequest")
    assert "last Global Administrator" in message
    bob = tenant.add_user("bob")
    body = {"principalId": bob, "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/"}
    tenant.post("/v1.0/roleManagement/directory/roleAssignments", body)
    tenant.delete(f"/v1.0/users/{ADA.object_id}")
    assert tenant.refused("DELETE", f"/v1.0/users/{bob}")[0] == 400


def test_all_users_holds_the_enabled_members(tenant: Tenant):
    bob = tenant.add_user("bob")
    disabled = tenant.add_user("dan", accountEnabled=False)
    guest = tenant.add_user("gil", userType="Guest")
    assert everyone(tenant) == [ADA.object_id, bob]
    tenant.patch(f"/v1.0/users/{bob}", {"accountEnabled": False})
    tenant.patch(f"/v1.0/users/{disabled}", {"accountEnabled": True})
    assert everyone(tenant) == [ADA.object_id, disabled]
    tenant.delete(f"/v1.0/users/{disabled}")
    assert guest not in everyone(tenant)
    assert everyone(tenant) == [ADA.object_id]


def test_a_manager_is_set_replaced_and_removed(tenant: Tenant):
    bob, eve = tenant.add_user("bob"), tenant.add_user("eve")
    assert tenant.refused("GET", f"/v1.0/users/{bob}/manager")[2].startswith("Resource 'manager' does not exist")
    tenant.put(f"/v1.0/users/{bob}/manager/$ref", tenant.reference(ADA.object_id))
    tenant.put(f"/v1.0/users/{bob}/manager/$ref", tenant.reference(eve))
    manager = tenant.get(f"/v1.0/users/{bob}/manager")
    assert (manager["id"], manager["@odata.type"]) == (eve, "#microsoft.graph.user")
    tenant.delete(f"/v1.0/users/{bob}/manager/$ref")
    assert tenant.refused("GET", f"/v1.0/users/{bob}/manager")[0] == 404
    assert tenant.refused("PUT", f"/v1.0/users/{bob}/manager/$ref", tenant.reference(NOBODY))[0] == 404


def test_no_answer_reveals_a_password(tenant: Tenant):
    created = tenant.post("/v1.0/users", user_body("bob"))
    shown = [created, tenant.get(f"/beta/users/{created['id']}"), tenant.get("/beta/users")]
    assert PASSWORD not in repr(shown)
    assert tenant.get(f"/beta/users/{created['id']}?$select=passwordProfile")["passwordProfile"] is None


def test_a_manager_who_was_deleted_is_not_shown_and_can_be_taken_away(tenant: Tenant):
    bob, boss = tenant.add_user("bob"), tenant.add_user("boss")
    tenant.put(f"/v1.0/users/{bob}/manager/$ref", tenant.reference(boss))
    tenant.delete(f"/v1.0/users/{boss}")
    assert tenant.refused("GET", f"/v1.0/users/{bob}/manager")[0] == 404
    tenant.delete(f"/v1.0/users/{bob}/manager/$ref")
    assert tenant.refused("DELETE", f"/v1.0/users/{bob}/manager/$ref")[0] == 404


def test_sessions_are_revoked_from_now_on_and_by_upn_too(store: Store, tenant: Tenant) -> None:
    before = tenant.get(f"/beta/users/{ADA.object_id}")["signInSessionsValidFromDateTime"]
    store.ahead = timedelta(days=1)
    status, answer = tenant.graph.request("POST", f"/v1.0/users/{ADA.upn}/revokeSignInSessions")
    assert (status, answer["value"]) == (200, True)
    assert str(answer["@odata.context"]).endswith("/v1.0/$metadata#Edm.Boolean")
    after = tenant.get(f"/beta/users/{ADA.object_id}")["signInSessionsValidFromDateTime"]
    assert after > (before or "")
    assert tenant.refused("POST", f"/v1.0/users/{NOBODY}/revokeSignInSessions")[0] == 404


def test_a_person_is_identified_by_the_sign_in_name_in_the_tenants_first_domain(tenant: Tenant) -> None:
    bob = tenant.add_user("bob")
    for upn in ("bob@contoso.example", "robert@contoso.example"):
        tenant.patch(f"/v1.0/users/{bob}", {"userPrincipalName": upn})
        assert tenant.get(f"/v1.0/users/{bob}?$select=identities")["identities"] == [
            {
                "signInType": "userPrincipalName",
                "issuer": tenant.enrolment.initial_domain,
                "issuerAssignedId": upn,
            }
        ]
