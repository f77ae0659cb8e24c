"""Who is in a real tenant: what is known of guests, synchronised people and licences, how they sign in, and when."""

from pathlib import Path
from typing import Any

import pytest

from tenantry.directory import licences
from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.local import LocalGraph
from tenantry.directory.resources import Kind
from tenantry.directory.store import Store
from tenantry.engine.directory_files import SeedFile

from .samples import ADA, UNITED_STATES, Tenant

SEED = """
users:
  bob@contoso.example:
    displayName: Bob
    created: 2016-04-01
    lastSignIn: 2026-10-30
    usageLocation: US
    licences: [Microsoft Entra ID P2]
    authenticationMethods: [email, mobilePhone, microsoftAuthenticatorPush]
    manager: eve@fabrikam.example
  sam@contoso.example: {displayName: Sam, onPremisesSyncEnabled: true, manager: bob@contoso.example}
  old@contoso.example: {displayName: Old, onPremisesSyncEnabled: false}
  gone@contoso.example: {displayName: Gone, accountEnabled: false, authenticationMethods: [passKeyDeviceBound]}
  key@contoso.example: {displayName: Key, authenticationMethods: [passKeyDeviceBound]}
guests:
  eve@fabrikam.example: {displayName: Eve, externalUserState: PendingAcceptance, created: 2021-03-22}
deletedUsers:
  - userPrincipalName: bob@contoso.example
    displayName: First Bob
    memberOf: [AdminAgents]
    roles: [Billing Administrator]
groups:
  Local: {members: [sam@contoso.example], onPremisesSyncEnabled: true}
licences: [Microsoft Entra ID P2]
"""
MASTERED = (
    400,
    "Request_BadRequest",
    "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently "
    "undergoing migration.",
)
NOT_PREMIUM = (
    403,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
)
REPORT = "/v1.0/reports/authenticationMethods/userRegistrationDetails"
P2 = "84a661c4-e949-4bd2-a560-ed7766fcaf2b"


@pytest.fixture(autouse=True)
def seeded(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(SEED)
    with store.writing(UNITED_STATES.tenant_id) as tenant:
        SeedFile.read(file).plant(tenant)


def license_for(store: Store, *having: licences.Licence) -> None:
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, having)


def id_of(tenant: Tenant, name: str) -> str:
    return str(tenant.get(f"/v1.0/users/{name}@contoso.example")["id"])


def shape(value: Any) -> Any:
    """The names in an answer and the kinds of value, without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items() if name != "@odata.context"}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__


def test_a_guest_has_the_name_that_microsoft_makes_of_an_address(tenant: Tenant):
    (eve,) = tenant.get("/beta/users?$filter=userType eq 'Guest'")["value"]
    assert eve["userPrincipalName"] == "eve_fabrikam.example#EXT#@contoso-partner.onmicrosoft.com"
    assert (eve["mail"], eve["otherMails"]) == ("eve@fabrikam.example", ["eve@fabrikam.example"])
    assert (eve["externalUserState"], eve["creationType"]) == ("PendingAcceptance", "Invitation")
    assert eve["createdDateTime"] == "2021-03-22T00:00:00Z"
    assert eve["id"] not in tenant.ids(f"/v1.0/groups/{tenant.group('All Users')}/members")
    bob = id_of(tenant, "bob")
    assert tenant.get(f"/v1.0/users/{bob}/manager")["id"] == eve["id"], "the address means the guest in a seed"


def test_somebody_who_was_deleted_comes_back_with_what_they_had_once_their_name_is_free(tenant: Tenant):
    (first,) = tenant.get("/v1.0/directory/deletedItems/microsoft.graph.user")["value"]
    assert first["userPrincipalName"] == f"{first['id'].replace('-', '')}bob@contoso.example"
    members = f"/v1.0/groups/{tenant.group('AdminAgents')}/members"
    restore = f"/v1.0/directory/deletedItems/{first['id']}/restore"
    with tenant.as_administrator():
        assert tenant.refused("POST", restore)[2].startswith("Another object with the same value for property userPrin")
        tenant.patch(f"/v1.0/users/{id_of(tenant, 'bob')}", {"userPrincipalName": "bob2@contoso.example"})
        assert first["id"] not in tenant.ids(members)
        assert tenant.graph.request("POST", restore)[0] == 200
    assert first["id"] in tenant.ids(members)
    held = tenant.get(f"/v1.0/roleManagement/directory/roleAssignments?$filter=principalId eq '{first['id']}'")
    assert len(held["value"]) == 1


# --- synchronised


def test_a_synchronised_account_shows_where_it_comes_from(tenant: Tenant):
    sam = tenant.get("/beta/users/sam@contoso.example")
    assert sam["onPremisesSyncEnabled"] is True
    assert (sam["onPremisesSamAccountName"], sam["onPremisesDomainName"]) == ("sam", "contoso.example")
    assert sam["onPremisesSecurityIdentifier"].startswith("S-1-5-21-")
    assert sam["onPremisesImmutableId"].endswith("==")
    (organization,) = tenant.get("/v1.0/organization")["value"]
    assert organization["onPremisesSyncEnabled"] is True


@pytest.mark.parametrize(
    "change",
    [
        {"displayName": "Samuel"},
        {"department": "Sales", "usageLocation": "US"},
        {"userPrincipalName": "samuel@contoso.example"},
        {"employeeHireDate": "2020-01-01T00:00:00Z"},
        {"passwordProfile": {"password": "Correct-Horse-10"}},
    ],
)
def test_what_is_mastered_on_premises_is_not_changed_here(tenant: Tenant, change: dict[str, Any]):
    before = tenant.get("/beta/users/sam@contoso.example")
    with tenant.as_administrator():
        assert tenant.refused("PATCH", "/v1.0/users/sam@contoso.example", change) == MASTERED
        tenant.patch("/v1.0/users/old@contoso.example", change)
    assert tenant.get("/beta/users/sam@contoso.example") == before


def test_the_rest_of_a_synchronised_account_is_changed_here(tenant: Tenant):
    tenant.patch("/v1.0/users/sam@contoso.example", {"usageLocation": "US"})
    with tenant.as_administrator():
        tenant.patch("/v1.0/users/sam@contoso.example", {"accountEnabled": False})
    assert tenant.get("/beta/users/sam@contoso.example")["accountEnabled"] is False


def test_the_manager_and_the_groups_of_a_local_directory_are_changed_there_alone(tenant: Tenant):
    sam, bob = id_of(tenant, "sam"), id_of(tenant, "bob")
    assert tenant.refused("PUT", f"/v1.0/users/{sam}/manager/$ref", tenant.reference(ADA.object_id)) == MASTERED
    assert tenant.refused("DELETE", f"/v1.0/users/{sam}/manager/$ref") == MASTERED
    (local,) = tenant.ids("/v1.0/groups?$filter=displayName eq 'Local'")
    assert tenant.refused("POST", f"/v1.0/groups/{local}/members/$ref", tenant.reference(bob)) == MASTERED
    assert tenant.refused("DELETE", f"/v1.0/groups/{local}/members/{sam}/$ref") == MASTERED
    assert tenant.refused("PATCH", f"/v1.0/groups/{local}", {"description": "x"}) == MASTERED
    for way in ("eligibility", "assignment"):
        path = f"/v1.0/identityGovernance/privilegedAccess/group/{way}ScheduleRequests"
        asked = {"accessId": "member", "action": "adminAssign", "groupId": local, "principalId": bob}
        assert tenant.refused("POST", path, asked) == MASTERED
    assert tenant.ids(f"/v1.0/groups/{local}/members") == [sam]


# --- signing in


def test_sign_in_activity_is_shown_where_it_is_asked_for(tenant: Tenant):
    bob = id_of(tenant, "bob")
    assert "signInActivity" not in tenant.get(f"/beta/users/{bob}")
    activity = tenant.get(f"/v1.0/users/{bob}?$select=id,signInActivity")["signInActivity"]
    assert activity["lastSignInDateTime"] == "2026-10-30T00:00:00Z"
    assert set(activity) == {
        f"last{kind}SignIn{what}" for kind in ("", "NonInteractive", "Successful") for what in ("DateTime", "RequestId")
    }
    listed = {one["id"]: one for one in tenant.get("/v1.0/users?$select=id,signInActivity")["value"]}
    assert listed[bob]["signInActivity"] == activity
    assert "signInActivity" not in listed[id_of(tenant, "sam")], "of somebody who never signed in"


def test_sign_in_activity_takes_a_permission_a_licence_and_an_object_id(store: Store, tenant: Tenant):
    path = f"/v1.0/users/{id_of(tenant, 'bob')}?$select=signInActivity"
    by_name = tenant.refused("GET", "/v1.0/users/bob@contoso.example?$select=signInActivity")
    assert by_name[2] == "Get By Key only supports UserId and the key has to be a valid Guid"
    license_for(store, licences.Licence.ENTRA_ID_P1)
    tenant.get(path)
    license_for(store)
    assert tenant.refused("GET", path) == NOT_PREMIUM
    assert tenant.refused("GET", "/v1.0/users?$select=id,signInActivity") == NOT_PREMIUM
    with store.writing(UNITED_STATES.tenant_id) as opened:
        opened.permit(deployment_principal_id(opened.id), ["User.Read.All"])
    with LocalGraph(store, UNITED_STATES.tenant_id) as reader:
        assert Tenant(reader, UNITED_STATES).refused("GET", path) == (
            403,
            "Authentication_MSGraphPermissionMissing",
            "Calling principal does not have required MSGraph permissions AuditLog.Read.All",
        )


def test_the_methods_of_somebody_are_listed_with_their_types(tenant: Tenant):
    path = f"/v1.0/users/{id_of(tenant, 'bob')}/authentication/methods"
    methods = tenant.get(path)["value"]
    assert [method["@odata.type"].removeprefix("#microsoft.graph.") for method in methods] == [
        "passwordAuthenticationMethod",
        "emailAuthenticationMethod",
        "phoneAuthenticationMethod",
        "microsoftAuthenticatorAuthenticationMethod",
    ]
    assert shape(methods[2]) == {  # "List authentication methods" and "phoneAuthenticationMethod" in the reference
        "@odata.type": "str",
        "id": "str",
        "phoneNumber": "str",
        "phoneType": "str",
        "smsSignInState": "str",
        "createdDateTime": "str",
    }
    alone = tenant.get(f"{path}/{methods[2]['id']}")
    assert alone.pop("@odata.context").endswith("/$entity")
    assert alone == methods[2]
    assert methods[2]["id"] == "3179e48a-750b-4051-897c-87b9720928f7"
    assert tenant.refused("GET", f"{path}/{ADA.object_id}")[0] == 404
    eve = "/v1.0/users/eve_fabrikam.example%23EXT%23@contoso-partner.onmicrosoft.com/authentication/methods"
    assert tenant.get(eve)["value"] == [], "a guest has the password of another tenant"


def test_the_report_says_who_is_registered_for_what(store: Store, tenant: Tenant):
    details = {one["userPrincipalName"]: one for one in tenant.get(REPORT)["value"]}
    assert "gone@contoso.example" not in details, "the report leaves disabled accounts out"
    bob, key, ada = (details[f"{name}@contoso.example"] for name in ("bob", "key", "ada"))
    assert bob["methodsRegistered"] == ["email", "mobilePhone", "microsoftAuthenticatorPush"]
    assert (bob["isMfaRegistered"], bob["isPasswordlessCapable"], bob["isAdmin"]) == (True, False, False)
    assert (bob["isSsprRegistered"], bob["isSsprEnabled"]) == (True, False)
    assert (bob["userPreferredMethodForSecondaryAuthentication"], bob["systemPreferredAuthenticationMethods"]) == (
        "push",
        ["push"],
    )
    assert (key["isMfaRegistered"], key["isPasswordlessCapable"], key["isSsprRegistered"]) == (True, True, False)
    assert (ada["isAdmin"], ada["isMfaRegistered"], ada["methodsRegistered"]) == (True, False, [])
    assert shape(bob) == {  # the names and types of "userRegistrationDetails" in the reference
        "id": "str",
        "userPrincipalName": "str",
        "userDisplayName": "str",
        "userType": "str",
        "isAdmin": "bool",
        "isSsprRegistered": "bool",
        "isSsprEnabled": "bool",
        "isSsprCapable": "bool",
        "isMfaRegistered": "bool",
        "isMfaCapable": "bool",
        "isPasswordlessCapable": "bool",
        "lastUpdatedDateTime": "str",
        "methodsRegistered": ["str"],
        "isSystemPreferredAuthenticationMethodEnabled": "bool",
        "systemPreferredAuthenticationMethods": ["str"],
        "userPreferredMethodForSecondaryAuthentication": "str",
    }
    assert tenant.ids(f"{REPORT}?$filter=isAdmin eq true") == [ADA.object_id]
    assert tenant.get(f"{REPORT}/{bob['id']}")["methodsRegistered"] == bob["methodsRegistered"]
    assert tenant.refused("GET", f"{REPORT}/{id_of(tenant, 'gone')}")[0] == 404
    license_for(store)
    assert tenant.refused("GET", REPORT) == NOT_PREMIUM


def test_the_methods_of_somebody_go_with_them(store: Store, tenant: Tenant):
    key = id_of(tenant, "key")
    with store.writing(UNITED_STATES.tenant_id) as opened:
        opened.permit(deployment_principal_id(opened.id), ["User.ReadWrite.All", "User.DeleteRestore.All"])
        opened.assign("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", deployment_principal_id(opened.id))
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        assert graph.request("DELETE", f"/v1.0/users/{key}")[0] == 204
        assert graph.request("DELETE", f"/v1.0/directory/deletedItems/{key}")[0] == 204
    with store.reading(UNITED_STATES.tenant_id) as opened:
        left = [kept.text("displayName") for kept in opened.scan(Kind.AUTHENTICATION_METHOD)]
    assert left.count("passKeyDeviceBound") == 1, "that of the one who is disabled"


# --- licences


def test_what_was_bought_is_listed_with_how_many_are_in_use(tenant: Tenant):
    (bought,) = tenant.get("/v1.0/subscribedSkus")["value"]
    assert (bought["skuId"], bought["skuPartNumber"], bought["consumedUnits"]) == (P2, "AAD_PREMIUM_P2", 1)
    assert bought["id"] == f"{UNITED_STATES.tenant_id}_{P2}"
    assert shape(bought) == {  # the names and types of "subscribedSku" in the reference
        "accountName": "str",
        "accountId": "str",
        "appliesTo": "str",
        "capabilityStatus": "str",
        "consumedUnits": "int",
        "id": "str",
        "prepaidUnits": {"enabled": "int", "suspended": "int", "warning": "int", "lockedOut": "int"},
        "servicePlans": [
            {"servicePlanId": "str", "servicePlanName": "str", "provisioningStatus": "str", "appliesTo": "str"}
        ],
        "skuId": "str",
        "skuPartNumber": "str",
        "subscriptionIds": "list",
    }
    assert tenant.get(f"/v1.0/subscribedSkus/{bought['id']}")["skuId"] == P2
    assert tenant.refused("GET", f"/v1.0/subscribedSkus/{P2}")[0] == 404


def test_a_licence_is_given_and_taken(tenant: Tenant):
    key = id_of(tenant, "key")
    path = f"/v1.0/users/{key}/assignLicense"
    assert tenant.refused("POST", path, {"addLicenses": [{"skuId": P2}], "removeLicenses": []})[2] == (
        "License assignment cannot be done for user with invalid usage location."
    )
    tenant.patch(f"/v1.0/users/{key}", {"usageLocation": "US"})
    plan = "eec0eb4f-6444-4f95-aba0-50c24d67f998"
    adding: Any = {"addLicenses": [{"skuId": P2, "disabledPlans": [plan]}], "removeLicenses": []}
    status, answer = tenant.graph.request("POST", path, adding)
    assert (status, answer["id"]) == (200, key)
    assert tenant.get(f"/beta/users/{key}")["assignedLicenses"] == [{"disabledPlans": [plan], "skuId": P2}]
    (details,) = tenant.get(f"/v1.0/users/{key}/licenseDetails")["value"]
    provisioned = {one["servicePlanId"]: one["provisioningStatus"] for one in details["servicePlans"]}
    assert (provisioned.pop(plan), set(provisioned.values())) == ("Disabled", {"Success"})
    removing: Any = {"addLicenses": [], "removeLicenses": [P2]}
    assert tenant.graph.request("POST", path, removing)[0] == 200
    assert tenant.refused("POST", path, removing)[2] == "User does not have a corresponding license."
    unknown = {"addLicenses": [{"skuId": plan}], "removeLicenses": []}
    assert tenant.refused("POST", path, unknown)[2] == f"License {plan} does not correspond to a valid company License."
    assert tenant.refused("POST", path, {"addLicenses": []})[0] == 400
    shouted: Any = {"addLicenses": [{"skuId": P2.upper(), "disabledPlans": [plan.upper()]}], "removeLicenses": []}
    assert tenant.graph.request("POST", path, shouted)[0] == 200
    assert tenant.get(f"/beta/users/{key}")["assignedLicenses"] == [{"disabledPlans": [plan], "skuId": P2}]
    assert tenant.graph.request("POST", path, {"addLicenses": [], "removeLicenses": [P2.upper()]})[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        {"addLicenses": ["AAD_PREMIUM_P2"], "removeLicenses": []},
        {"addLicenses": [{}], "removeLicenses": []},
        {"addLicenses": [{"skuId": "AAD_PREMIUM_P2"}], "removeLicenses": []},
        {"addLicenses": [{"skuId": P2, "disabledPlans": "all"}], "removeLicenses": []},
        {"addLicenses": [{"skuId": P2, "disabledPlans": [P2]}], "removeLicenses": []},
        {"addLicenses": [], "removeLicenses": [None]},
        {"addLicenses": [], "removeLicenses": ["AAD_PREMIUM_P2"]},
    ],
)
def test_what_names_no_licence_or_no_plan_of_it_is_refused(tenant: Tenant, body: Any):
    bob = id_of(tenant, "bob")
    before = tenant.get(f"/beta/users/{bob}")
    assert tenant.refused("POST", f"/v1.0/users/{bob}/assignLicense", body)[0] == 400
    assert tenant.get(f"/beta/users/{bob}") == before


def test_what_a_tenant_no_longer_has_nobody_has(store: Store, tenant: Tenant):
    license_for(store, licences.Licence.ENTRA_ID_P1)
    assert tenant.get("/beta/users/bob@contoso.example")["assignedLicenses"] == []
    (bought,) = tenant.get("/v1.0/subscribedSkus")["value"]
    assert (bought["skuPartNumber"], bought["consumedUnits"]) == ("AAD_PREMIUM", 0)
