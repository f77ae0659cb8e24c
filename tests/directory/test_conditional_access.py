"""Conditional Access: policies that fit together and name what exists, named locations, and security defaults.

The shapes of answers are those of the examples in Microsoft Graph's reference.
"""

from typing import Any

import pytest

from tenantry.directory import licences
from tenantry.directory.licences import Licence
from tenantry.directory.store import Store

from .samples import NOBODY, UNITED_STATES, Permitted, Tenant

POLICIES = "/v1.0/identity/conditionalAccess/policies"
LOCATIONS = "/v1.0/identity/conditionalAccess/namedLocations"
DELETED = "/v1.0/identity/conditionalAccess/deletedItems"
DEFAULTS = "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy"
EXCHANGE = "00000002-0000-0ff1-ce00-000000000000"
PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"
DENIED = (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
UNLICENSED = (
    403,
    "AccessDenied",
    "Your tenant is not licensed for this feature. Please upgrade your subscription to access it.",
)


def policy(**changes: Any) -> dict[str, Any]:
    """The body with which a policy is made that asks everybody for a second factor."""
    return {
        "displayName": "Require MFA",
        "state": "disabled",
        "conditions": {"applications": {"includeApplications": ["All"]}, "users": {"includeUsers": ["All"]}},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
        **changes,
    }


def conditions(**changes: Any) -> dict[str, Any]:
    return {**policy()["conditions"], **changes}


def grant(*controls: str, operator: str = "OR", **changes: Any) -> dict[str, Any]:
    return {"operator": operator, "builtInControls": list(controls), **changes}


def addresses(**changes: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "displayName": "Office",
        "ipRanges": [
            {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/24"},
            {"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "2001:db8::/63"},
        ],
        **changes,
    }


def countries(**changes: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.countryNamedLocation",
        "displayName": "Home",
        "countriesAndRegions": ["US", "GB"],
        **changes,
    }


def test_an_answer_has_every_part_that_a_policy_can_have(security: Tenant):
    made = security.post(POLICIES, policy())
    assert made["conditions"] == {
        "applications": {
            "applicationFilter": None,
            "excludeApplications": [],
            "includeApplications": ["All"],
            "includeAuthenticationContextClassReferences": [],
            "includeUserActions": [],
        },
        "authenticationFlows": None,
        "clientApplications": None,
        "clientAppTypes": ["all"],
        "devices": None,
        "insiderRiskLevels": None,
        "locations": None,
        "platforms": None,
        "servicePrincipalRiskLevels": [],
        "signInRiskLevels": [],
        "userRiskLevels": [],
        "users": {
            "excludeGroups": [],
            "excludeGuestsOrExternalUsers": None,
            "excludeRoles": [],
            "excludeUsers": [],
            "includeGroups": [],
            "includeGuestsOrExternalUsers": None,
            "includeRoles": [],
            "includeUsers": ["All"],
        },
    }
    assert made["grantControls"]["termsOfUse"] == made["grantControls"]["customAuthenticationFactors"] == []
    assert (made["sessionControls"], made["modifiedDateTime"]) == (None, None)
    assert made["createdDateTime"]
    assert security.get(f"/beta/identity/conditionalAccess/policies/{made['id']}")["id"] == made["id"]
    assert security.ids(f"{POLICIES}?$filter=displayName eq 'require mfa'") == [made["id"]]


def test_a_change_leaves_alone_what_it_does_not_name(security: Tenant):
    where = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
    made = security.post(POLICIES, policy(conditions=conditions(locations=where)))
    path = f"{POLICIES}/{made['id']}"
    security.patch(path, {"conditions": {"signInRiskLevels": ["high"], "users": {"excludeUsers": [NOBODY]}}})
    changed = security.get(path)
    assert changed["modifiedDateTime"]
    now = changed["conditions"]
    assert now["signInRiskLevels"] == ["high"]
    assert (now["users"]["includeUsers"], now["users"]["excludeUsers"]) == (["All"], [NOBODY])
    assert now["locations"] == where
    assert changed["grantControls"] == made["grantControls"]
    security.patch(path, {"conditions": {"locations": None}})
    assert security.get(path)["conditions"]["locations"] is None


def test_external_tenants_are_kept_as_the_type_that_they_say(security: Tenant):
    some = {
        "@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
        "membershipKind": "enumerated",
        "members": [NOBODY],
    }
    every = {"@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"}
    guests = {"guestOrExternalUserTypes": "internalGuest,serviceProvider", "externalTenants": some}
    made = security.post(POLICIES, policy(conditions=conditions(users={"includeGuestsOrExternalUsers": guests})))
    path = f"{POLICIES}/{made['id']}"
    assert made["conditions"]["users"]["includeGuestsOrExternalUsers"] == guests
    security.patch(path, {"conditions": {"users": {"includeGuestsOrExternalUsers": {"externalTenants": every}}}})
    changed = security.get(path)["conditions"]["users"]["includeGuestsOrExternalUsers"]
    assert changed == {**guests, "externalTenants": every}


def test_a_policy_shows_the_authentication_strength_that_it_requires_and_takes_it_back(security: Tenant):
    strong = {"operator": "OR", "authenticationStrength": {"id": PHISHING_RESISTANT}}
    made = security.post(POLICIES, policy(grantControls=strong))
    shown = made["grantControls"]["authenticationStrength"]
    assert (shown["displayName"], shown["requirementsSatisfied"]) == ("Phishing resistant MFA", "mfa")
    security.patch(f"{POLICIES}/{made['id']}", {"grantControls": made["grantControls"]})
    assert security.get(f"{POLICIES}/{made['id']}")["grantControls"] == made["grantControls"]


SCHEMA = "1007: Incoming ConditionalAccessPolicy object is null or does not match the schema"
CONTROLS = "1032: ConditionalActionPolicy validation failed due to InvalidControls."
SESSION = "1032: ConditionalActionPolicy validation failed due to InvalidSessionControls."
PASSWORD = "1032: ConditionalActionPolicy validation failed due to InvalidPasswordResetControl."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"displayName": None}, "displayName"),
        ({"state": "on"}, "state"),
        ({"state": None}, "state"),
        ({"conditions": None}, "conditions"),
        ({"conditions": conditions(weather="fine")}, SCHEMA),
        ({"conditions": conditions(applications={"includeApplications": "All"})}, SCHEMA),
        ({"conditions": conditions(userRiskLevels=None)}, SCHEMA),
        ({"conditions": conditions(clientAppTypes=["browser", "fax"])}, SCHEMA),
        ({"conditions": conditions(insiderRiskLevels="minor, huge")}, SCHEMA),
        ({"conditions": conditions(users={"includeUsers": ["somebody"]})}, SCHEMA),
        ({"conditions": conditions(users={"includeRoles": ["All"]})}, SCHEMA),
        ({"conditions": conditions(users={"excludeUsers": ["All"], "includeUsers": ["All"]})}, SCHEMA),
        ({"sessionControls": {"signInFrequency": {"isEnabled": True, "value": "4", "type": "hours"}}}, SCHEMA),
        ({"conditions": conditions(applications=None)}, "must have an application"),
        ({"conditions": conditions(applications={"excludeApplications": [EXCHANGE]})}, "must have an application"),
        ({"conditions": conditions(users=None)}, "must have users"),
        ({"conditions": conditions(users={"excludeUsers": [NOBODY]})}, "must have users"),
        ({"grantControls": None}, "must have grant controls or session controls"),
        ({"grantControls": grant()}, CONTROLS),
        ({"grantControls": {"builtInControls": ["mfa"]}}, CONTROLS),
        ({"grantControls": grant("block", "mfa")}, CONTROLS),
        ({"grantControls": grant("mfa", authenticationStrength={"id": PHISHING_RESISTANT})}, CONTROLS),
        ({"grantControls": grant("passwordChange", operator="AND")}, PASSWORD),
        ({"grantControls": grant("passwordChange", "mfa")}, PASSWORD),
        ({"sessionControls": {"applicationEnforcedRestrictions": {"isEnabled": False}}}, SESSION),
        ({"sessionControls": {"signInFrequency": {"isEnabled": True, "value": 4}}}, SESSION),
        (
            {"sessionControls": {"signInFrequency": {"isEnabled": True, "frequencyInterval": "everyTime", "value": 4}}},
            SESSION,
        ),
        (
            {"conditions": conditions(applications={"includeApplications": [EXCHANGE, NOBODY]})},
            f'1034: Policy contains invalid applications: {{"{NOBODY}":"ServicePrincipalNotFound"}}',
        ),
        (
            {"conditions": conditions(locations={"includeLocations": [NOBODY]})},
            f"1040: NamedLocation with id {NOBODY} does not exist",
        ),
        ({"grantControls": grant(authenticationStrength={"id": NOBODY})}, f"{NOBODY} does not exist"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(security: Tenant, changes: dict[str, Any], message: str):
    status, _, text = security.refused("POST", POLICIES, policy(**changes))
    assert status == 400
    assert message in text
    assert security.ids(POLICIES) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "on"}, "state"),
        ({"createdDateTime": "2020-01-01T00:00:00Z"}, "read-only"),
        ({"conditions": {"weather": "fine"}}, SCHEMA),
        ({"conditions": {"users": {"includeUsers": []}}}, "must have users"),
        ({"grantControls": None}, "must have grant controls or session controls"),
        ({"grantControls": {"builtInControls": ["block", "mfa"]}}, CONTROLS),
        ({"conditions": {"locations": {"excludeLocations": [NOBODY]}}}, "1040: "),
    ],
)
def test_a_change_to_what_cannot_be_is_refused_and_changes_nothing(
    security: Tenant, change: dict[str, Any], message: str
):
    path = f"{POLICIES}/{security.post(POLICIES, policy())['id']}"
    before = security.get(path)
    status, _, text = security.refused("PATCH", path, change)
    assert status == 400
    assert message in text
    assert security.get(path) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"grantControls": grant("passwordChange", "mfa", operator="AND")},
        {"grantControls": None, "sessionControls": {"persistentBrowser": {"isEnabled": True, "mode": "never"}}},
        {"grantControls": None, "sessionControls": {"disableResilienceDefaults": True}},
        {"sessionControls": {"signInFrequency": {"isEnabled": True, "frequencyInterval": "everyTime"}}},
        {"sessionControls": {"signInFrequency": {"isEnabled": True, "type": "hours", "value": 4}}},
        {"conditions": conditions(applications={"includeUserActions": ["urn:user:registerdevice"]})},
        {"conditions": conditions(applications={"includeApplications": [EXCHANGE]})},
        {"conditions": conditions(users={"includeGroups": [NOBODY], "excludeUsers": ["GuestsOrExternalUsers"]})},
    ],
)
def test_what_goes_together_is_taken(security: Tenant, changes: dict[str, Any]):
    security.post(POLICIES, policy(**changes))


def test_an_application_of_the_tenants_own_can_be_named_once_it_has_a_service_principal(security: Tenant):
    app = security.post("/v1.0/applications", {"displayName": "App"})["appId"]
    body = policy(conditions=conditions(applications={"includeApplications": [app]}))
    assert "ServicePrincipalNotFound" in security.refused("POST", POLICIES, body)[2]
    security.post("/v1.0/servicePrincipals", {"appId": app})
    security.post(POLICIES, body)


def test_an_application_of_microsofts_is_named_in_either_case(security: Tenant):
    partner_center = "FA3D9A0C-3FB0-42CC-9193-47C7ECD2EDBD"
    security.post(POLICIES, policy(conditions=conditions(applications={"includeApplications": [partner_center]})))


# --- who may, and with which licence


WRITES = "Policy.ReadWrite.ConditionalAccess"


@pytest.mark.parametrize(
    ("path", "body", "needed"),
    [
        (POLICIES, policy(), {WRITES, "Policy.Read.All", "Application.Read.All"}),
        (LOCATIONS, countries(), {WRITES, "Policy.Read.All"}),
    ],
)
def test_writing_takes_reading_beside_it(permitted: Permitted, path: str, body: dict[str, Any], needed: set[str]):
    for missing in needed:
        assert permitted(*(needed - {missing})).refused("POST", path, body) == DENIED, missing
    made = permitted(*needed).post(path, body)
    permitted("Policy.Read.All").get(f"{path}/{made['id']}")
    assert permitted("Policy.Read.All").refused("DELETE", f"{path}/{made['id']}") == DENIED
    permitted(WRITES, "Policy.Read.All").delete(f"{path}/{made['id']}")


def test_without_the_licence_policies_stay_and_can_be_deleted_and_no_others_are_made(security: Tenant, store: Store):
    made, place = security.post(POLICIES, policy()), security.post(LOCATIONS, countries())
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, ())
    assert security.refused("POST", POLICIES, policy()) == UNLICENSED
    assert security.refused("PATCH", f"{POLICIES}/{made['id']}", {"state": "disabled"}) == UNLICENSED
    assert security.refused("POST", LOCATIONS, countries()) == UNLICENSED
    assert security.refused("PATCH", f"{LOCATIONS}/{place['id']}", countries()) == UNLICENSED
    assert security.ids(POLICIES) == [made["id"]]
    security.delete(f"{POLICIES}/{made['id']}")
    with store.writing(UNITED_STATES.tenant_id) as opened:
        licences.give(opened, [Licence.ENTRA_ID_P1])
    security.post(POLICIES, policy())


# --- security defaults


def test_a_tenant_begins_with_security_defaults_and_no_policy_is_enabled_beside_them(security: Tenant):
    assert security.get(DEFAULTS)["isEnabled"] is True
    status, code, message = security.refused("POST", POLICIES, policy(state="enabled"))
    assert (status, code) == (400, "BadRequest")
    assert message == (
        "Security Defaults is enabled in the tenant. You must disable Security defaults before enabling a Conditional "
        "Access policy."
    )
    made = security.post(POLICIES, policy(state="enabledForReportingButNotEnforced"))
    assert security.refused("PATCH", f"{POLICIES}/{made['id']}", {"state": "enabled"})[2] == message
    security.patch(DEFAULTS, {"isEnabled": False})
    security.patch(f"{POLICIES}/{made['id']}", {"state": "enabled"})
    assert security.refused("PATCH", DEFAULTS, {"isEnabled": True})[0] == 400
    assert security.get(DEFAULTS)["isEnabled"] is False
    security.delete(f"{POLICIES}/{made['id']}")
    security.patch(DEFAULTS, {"isEnabled": True})
    assert security.get(DEFAULTS) == {
        "@odata.context": security.get(DEFAULTS)["@odata.context"],
        "id": "00000000-0000-0000-0000-000000000005",
        "description": security.get(DEFAULTS)["description"],
        "displayName": "Security Defaults",
        "isEnabled": True,
    }


def test_changing_security_defaults_takes_reading_policies_beside_it(permitted: Permitted):
    change = {"isEnabled": False}
    assert permitted("Policy.ReadWrite.SecurityDefaults").refused("PATCH", DEFAULTS, change) == DENIED
    assert permitted("Policy.Read.All").refused("PATCH", DEFAULTS, change) == DENIED
    permitted("Policy.Read.All", "Policy.ReadWrite.SecurityDefaults").patch(DEFAULTS, change)


# --- named locations


def test_a_location_shows_its_type_and_what_that_type_has(security: Tenant):
    made = security.post(LOCATIONS, addresses())
    assert made == {
        **addresses(),
        "@odata.context": made["@odata.context"],
        "createdDateTime": made["createdDateTime"],
        "deletedDateTime": None,
        "id": made["id"],
        "isTrusted": False,
        "modifiedDateTime": made["createdDateTime"],
    }
    other = security.post(LOCATIONS, countries(includeUnknownCountriesAndRegions=True))
    assert "ipRanges" not in other
    assert (other["countryLookupMethod"], other["includeUnknownCountriesAndRegions"]) == ("clientIpAddress", True)
    assert security.ids(f"{LOCATIONS}?$filter=displayName eq 'Home'") == [other["id"]]
    (first, _) = security.get(f"{LOCATIONS}?$select=displayName")["value"]
    assert first == {"@odata.type": "#microsoft.graph.ipNamedLocation", "displayName": "Office"}


@pytest.mark.parametrize(
    "body",
    [
        {"displayName": "No type", "ipRanges": []},
        addresses(**{"@odata.type": "#microsoft.graph.namedLocation"}),
        addresses(displayName=None),
        addresses(ipRanges=None),
        addresses(ipRanges=[]),
        addresses(ipRanges=[{"cidrAddress": "192.0.2.0/24"}]),
        addresses(ipRanges=[{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0"}]),
        addresses(ipRanges=[{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "192.0.2.0/33"}]),
        addresses(countriesAndRegions=["US"]),
        countries(countriesAndRegions=[]),
        countries(countriesAndRegions=["us"]),
        countries(countriesAndRegions=["USA"]),
        countries(countryLookupMethod="guess"),
        countries(isTrusted=True),
    ],
)
def test_a_location_that_is_not_as_its_type_is_refused(security: Tenant, body: dict[str, Any]):
    assert security.refused("POST", LOCATIONS, body)[0] == 400
    assert security.ids(LOCATIONS) == []


def test_a_location_changes_within_its_type(security: Tenant):
    path = f"{LOCATIONS}/{security.post(LOCATIONS, addresses())['id']}"
    assert security.refused("PATCH", path, {"isTrusted": True})[0] == 400
    assert security.refused("PATCH", path, {"@odata.type": "#microsoft.graph.countryNamedLocation"})[0] == 400
    security.patch(path, {"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": True})
    assert security.get(path)["isTrusted"] is True
    assert security.get(path)["ipRanges"] == addresses()["ipRanges"]


def test_a_location_that_is_trusted_or_in_use_stays(security: Tenant):
    location = security.post(LOCATIONS, addresses(isTrusted=True))["id"]
    path = f"{LOCATIONS}/{location}"
    assert "trusted" in security.refused("DELETE", path)[2]
    security.patch(path, {"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": False})
    where = {"includeLocations": ["All"], "excludeLocations": [location]}
    made = security.post(POLICIES, policy(conditions=conditions(locations=where)))
    assert "in use" in security.refused("DELETE", path)[2]
    where["excludeLocations"] = [location.upper()]
    security.patch(f"{POLICIES}/{made['id']}", {"conditions": {"locations": where}})
    assert "in use" in security.refused("DELETE", path)[2], "in whatever case it is named"
    security.delete(f"{POLICIES}/{made['id']}")
    security.delete(path)
    assert security.graph.request("GET", path)[0] == 404


def test_what_was_deleted_can_be_looked_at_among_the_deleted_items_of_its_kind(security: Tenant):
    made, place = security.post(POLICIES, policy()), security.post(LOCATIONS, countries())
    assert security.ids(f"{DELETED}/policies") == []
    security.delete(f"{POLICIES}/{made['id']}")
    security.delete(f"{LOCATIONS}/{place['id']}")
    assert security.ids(POLICIES) == security.ids(LOCATIONS) == []
    (kept,) = security.get(f"{DELETED}/policies")["value"]
    assert (kept["id"], kept["displayName"]) == (made["id"], "Require MFA")
    assert kept["deletedDateTime"]
    assert security.get(f"{DELETED}/namedLocations/{place['id']}")["countriesAndRegions"] == ["US", "GB"]
    assert security.graph.request("GET", f"{DELETED}/policies/{place['id']}")[0] == 404
    assert security.graph.request("GET", f"/v1.0/directory/deletedItems/{made['id']}")[0] == 404
    assert security.graph.request("POST", f"{DELETED}/policies/{made['id']}/restore", {})[0] == 501


def test_the_audit_trail_names_what_changed_in_a_policy(security: Tenant):
    made = security.post(POLICIES, policy())
    security.patch(f"{POLICIES}/{made['id']}", {"state": "enabledForReportingButNotEnforced"})
    (latest,) = security.get("/v1.0/auditLogs/directoryAudits?$top=1")["value"]
    assert latest["activityDisplayName"] == "Update conditional access policy"
    (target,) = latest["targetResources"]
    assert target["displayName"] == "Require MFA"
    assert [changed["displayName"] for changed in target["modifiedProperties"]] == ["state"]
