"""Every address answers what Microsoft Graph's published schema says, as msgraph-sdk has it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from tenantry.directory.app import endpoints
from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.licences import PRODUCTS, Licence
from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import enrol
from tenantry.directory.resources import RESOURCES, Kind
from tenantry.directory.store import Store
from tests.depth import DEEP

from .samples import (
    ADA,
    BILLING_ADMINISTRATOR,
    CLIENT_SECRET,
    EVENTUAL,
    SECURITY,
    UNITED_STATES,
    USER_ADMINISTRATOR,
    Tenant,
)
from .test_active_roles import request as active_role
from .test_conditional_access import addresses as ip_location
from .test_conditional_access import countries, policy
from .test_federated_credentials import BODY as FEDERATED
from .test_group_schedules import GROUPS, WAYS
from .test_group_schedules import request as place_in_group
from .test_relationships import Customers, details

pytest.importorskip("msgraph", reason="msgraph-sdk is not installed: `make test` installs it")
#: One worker imports the schema's types and fills the tenant, and asks for each address once.
pytestmark = pytest.mark.xdist_group("schema")

_LISTED = sorted({endpoint.path for endpoint in endpoints() if endpoint.method == "GET"})
_TYPES = {resource.set_name: str(resource.type_name) for resource in RESOURCES.values()} | {
    "microsoft.graph.authenticationStrengthUsage": "authenticationStrengthUsage",
    "appRoles": "appRole",
    "oauth2PermissionScopes": "permissionScope",
}
#: Where the ids below these addresses come from, since nothing lists them there.
_ELSEWHERE = {
    "/directoryObjects": ("/users", "/groups", "/applications", "/servicePrincipals", "/directory/administrativeUnits"),
    "/directory/deletedItems": ("/directory/deletedItems/microsoft.graph.user",),
}
#: What a listing must be asked, since Microsoft Graph refuses it without.
_ASKED = {
    **{
        f"/identityGovernance/privilegedAccess/group/{way}Schedule{what}": "?$filter=groupId eq '{group}'"
        for way in WAYS
        for what in ("Instances", "Requests", "s")
    },
    **{
        f"/policies/roleManagementPolic{what}": "?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"
        for what in ("ies", "yAssignments")
    },
}
#: Addresses of which nothing can be listed: the objects stand in another one's answer.
_WITHOUT_A_LISTING = {"/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{method}"}
_READ = [
    path.replace("{on}", "'principal'")
    for path in _LISTED
    if not path.endswith("/$count") and path not in _WITHOUT_A_LISTING
]
#: Durations, which msgraph-sdk writes in another form, and several values in one text, of which it reads none.
_FLAGS = {
    "unifiedRoleManagementPolicyExpirationRule: maximumDuration",
    *(
        f"privilegedAccessGroup{of}: scheduleInfo.expiration.duration"
        for of in ("AssignmentScheduleRequest", "EligibilitySchedule", "EligibilityScheduleRequest")
    ),
    "authenticationStrengthPolicy: requirementsSatisfied",
    "authenticationStrengthPolicy: allowedCombinations[]",
    "delegatedAdminRelationship: autoExtendDuration",
    "delegatedAdminRelationship: duration",
}
#: What Microsoft Graph answers on v1.0 and has in no schema. Sources: microsoftgraph/microsoft-graph-docs, issue 15009;
#: microsoftgraph/msgraph-sdk-java, issue 2246.
_NOT_IN_THE_SCHEMA = {"group: creationOptions", "servicePrincipal: createdDateTime"}
#: A service principal can be in no administrative unit, and eligible for nothing; the one that signs in is asked here.
_ALWAYS_EMPTY = {
    "/directory/administrativeUnits/{unit}/members/microsoft.graph.servicePrincipal",
    "/servicePrincipals/{object}/memberOf/microsoft.graph.administrativeUnit",
    "/servicePrincipals/{object}/transitiveMemberOf/microsoft.graph.administrativeUnit",
    *(
        f"/roleManagement/directory/roleEligibility{what}/filterByCurrentUser(on='principal')"
        for what in ("ScheduleInstances", "ScheduleRequests", "Schedules")
    ),
}
#: What is no fault where some object is asked for it: most people have no manager, and a Microsoft 365 group no groups.
_REFUSED = {
    ("/groups/{group}/members/microsoft.graph.group", "Request_UnsupportedQuery"),
    ("/users/{user}/manager", "Request_ResourceNotFound"),
}
PLACES = "Operators"
"""The group in which places are given for a time."""
_FILLED_IN = {
    "ageGroup": "Adult",
    "businessPhones": ["+1 425 555 0100"],
    "city": "Redmond",
    "companyName": "Contoso",
    "consentProvidedForMinor": "Granted",
    "country": "US",
    "department": "IT",
    "employeeHireDate": "2026-01-02T00:00:00Z",
    "employeeId": "7",
    "employeeOrgData": {"costCenter": "1", "division": "2"},
    "employeeType": "Employee",
    "faxNumber": "+1 425 555 0101",
    "givenName": "Gina",
    "jobTitle": "Engineer",
    "mobilePhone": "+1 425 555 0102",
    "officeLocation": "1",
    "otherMails": ["gina@fabrikam.example"],
    "passwordPolicies": "DisablePasswordExpiration",
    "postalCode": "98052",
    "preferredLanguage": "en-US",
    "showInAddressList": True,
    "state": "WA",
    "streetAddress": "1 Main Street",
    "surname": "Graph",
    "usageLocation": "US",
}


def fill(tenant: Tenant) -> None:
    """Make something of every kind that can be made, with as many properties as there are."""
    gina = tenant.add_user("gina", **_FILLED_IN)
    tenant.put(f"/v1.0/users/{gina}/manager/$ref", tenant.reference(ADA.object_id))
    for deleted in ("users", tenant.add_user("gone")), ("groups", tenant.add_group("Gone")):
        tenant.delete("/v1.0/{}/{}".format(*deleted))
    outer, inner = tenant.add_group("Outer", description="Holds another"), tenant.add_group("Inner")
    tenant.post(f"/v1.0/groups/{outer}/members/$ref", tenant.reference(inner))
    for relation in ("members", "owners"):
        tenant.post(f"/v1.0/groups/{inner}/{relation}/$ref", tenant.reference(gina))
    for name in ("/v1.0/applications", "/v1.0/directory/administrativeUnits"):
        tenant.delete(f"{name}/{tenant.post(name, {'displayName': 'Gone'})['id']}")
    tenant.add_group("Team", groupTypes=["Unified"], mailEnabled=True, securityEnabled=False)

    role = {"allowedMemberTypes": ["Application", "User"], "description": "Reads", "displayName": "Reader"}
    scope = {"id": "10000000-0000-4000-8000-000000000001", "type": "Admin", "value": "use", "isEnabled": True}
    application = tenant.post(
        "/v1.0/applications",
        {
            "displayName": "Filled",
            "api": {"oauth2PermissionScopes": [scope], "requestedAccessTokenVersion": 2},
            "appRoles": [role | {"id": "10000000-0000-4000-8000-000000000002", "isEnabled": True, "value": "read"}],
            "identifierUris": ["api://filled.contoso.example"],
            "requiredResourceAccess": [{"resourceAppId": scope["id"], "resourceAccess": []}],
            "web": {"redirectUris": ["https://contoso.example"], "implicitGrantSettings": {}},
        },
    )
    principal = tenant.post("/v1.0/servicePrincipals", {"appId": application["appId"], "tags": ["HideApp"]})["id"]
    for holder in (f"/v1.0/applications/{application['id']}", f"/v1.0/servicePrincipals/{principal}"):
        tenant.post(f"{holder}/owners/$ref", tenant.reference(gina))
        tenant.graph.request("POST", f"{holder}/addPassword", {"passwordCredential": {"displayName": "One"}})
    tenant.post(f"/v1.0/groups/{outer}/members/$ref", tenant.reference(principal))
    assignment = {"resourceId": principal, "appRoleId": "10000000-0000-4000-8000-000000000002"}
    for assigned in (gina, principal, outer):
        tenant.post(f"/v1.0/servicePrincipals/{principal}/appRoleAssignedTo", assignment | {"principalId": assigned})
    granted = {"clientId": principal, "resourceId": principal, "scope": "use"}
    tenant.post("/v1.0/oauth2PermissionGrants", granted | {"consentType": "Principal", "principalId": gina})
    tenant.post("/v1.0/oauth2PermissionGrants", granted | {"consentType": "AllPrincipals"})
    policy = {"displayName": "Claims", "definition": ['{"ClaimsMappingPolicy":{"Version":1}}']}
    made = tenant.post("/v1.0/policies/claimsMappingPolicies", policy)["id"]
    reference = {"@odata.id": f"https://localhost/v1.0/policies/claimsMappingPolicies/{made}"}
    tenant.post(f"/v1.0/servicePrincipals/{principal}/claimsMappingPolicies/$ref", reference)

    unit = tenant.post("/v1.0/directory/administrativeUnits", {"displayName": "Europe"})["id"]
    tenant.post(f"/v1.0/directory/administrativeUnits/{unit}/members/$ref", tenant.reference(gina))
    activated = tenant.post("/v1.0/directoryRoles", {"roleTemplateId": USER_ADMINISTRATOR})["id"]
    member = {"roleId": activated, "roleMemberInfo": {"id": gina}}
    tenant.post(f"/v1.0/directory/administrativeUnits/{unit}/scopedRoleMembers", member)
    held = {"principalId": gina, "directoryScopeId": "/"}
    tenant.post("/v1.0/roleManagement/directory/roleAssignments", held | {"roleDefinitionId": BILLING_ADMINISTRATOR})
    permissions = [{"allowedResourceActions": ["microsoft.directory/groups/create"]}]
    tenant.post(
        "/v1.0/roleManagement/directory/roleDefinitions",
        {"displayName": "Own", "isEnabled": True, "rolePermissions": permissions},
    )
    schedule = {"startDateTime": "2026-01-02T00:00:00Z", "expiration": {"type": "noExpiration"}}
    tenant.post(
        "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests",
        held | {"action": "adminAssign", "roleDefinitionId": USER_ADMINISTRATOR, "scheduleInfo": schedule},
    )
    fill_what_applications_hold(tenant, application["id"], principal)
    fill_what_groups_hold(tenant, unit, activated)
    fill_conditional_access(tenant)
    licence: Any = {"addLicenses": [{"skuId": PRODUCTS[Licence.ENTRA_ID_P2].sku_id}], "removeLicenses": []}
    for user in tenant.ids("/v1.0/users"):
        tenant.patch(f"/v1.0/users/{user}", {"usageLocation": "US"})
        tenant.graph.request("POST", f"/v1.0/users/{user}/assignLicense", licence)


def fill_what_applications_hold(tenant: Tenant, application: str, principal: str) -> None:
    """Make a service principal, and the one that signs in, owners, members and holders of roles."""
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    tenant.post(f"/v1.0/applications/{application}/federatedIdentityCredentials", FEDERATED)
    for owned in (
        f"/v1.0/applications/{application}",
        f"/v1.0/servicePrincipals/{principal}",
        *(f"/v1.0/groups/{group}" for group in tenant.ids("/v1.0/groups")),
    ):
        tenant.post(f"{owned}/owners/$ref", tenant.reference(own))
    active = "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests"
    for holder in (principal, own):
        tenant.post(active, active_role(holder))
    gone = tenant.post("/v1.0/applications", {"displayName": "Short-lived"})
    gone_principal = tenant.post("/v1.0/servicePrincipals", {"appId": gone["appId"]})["id"]
    tenant.delete(f"/v1.0/servicePrincipals/{gone_principal}")


def fill_what_groups_hold(tenant: Tenant, unit: str, activated: str) -> None:
    """Make a group hold a role and lie in a unit, and give places in it for a time."""
    operators = tenant.add_group(PLACES, isAssignableToRole=True)
    tenant.post(f"/v1.0/directory/administrativeUnits/{unit}/members/$ref", tenant.reference(operators))
    tenant.post(f"/v1.0/directoryRoles/{activated}/members/$ref", tenant.reference(operators))
    for way in WAYS:
        tenant.post(f"{GROUPS}/{way}ScheduleRequests", place_in_group(operators))


def fill_conditional_access(tenant: Tenant) -> None:
    """Make policies and locations, and delete some of them."""
    where = "/v1.0/identity/conditionalAccess"
    tenant.post(f"{where}/policies", policy())
    tenant.delete(f"{where}/policies/{tenant.post(f'{where}/policies', policy())['id']}")
    for location in (ip_location(), countries()):
        tenant.post(f"{where}/namedLocations", location)
    tenant.delete(f"{where}/namedLocations/{tenant.post(f'{where}/namedLocations', countries())['id']}")


def fill_customers(store: Store, tenant: Tenant) -> None:
    """Make a relationship with everything that belongs to one."""
    customers = Customers(store, tenant)
    made = customers.active()
    assigned = customers.assign(made, tenant.add_group("Assigned"))
    customers.send("PATCH", f"{made}/accessAssignments/{assigned}", {"accessDetails": details(BILLING_ADMINISTRATOR)})


_OF_A_LISTING = None if DEEP else 8


@pytest.fixture(scope="module")
def filled() -> Iterator[Tenant]:
    store = Store()
    enrol(store, replace(UNITED_STATES, permissions=UNITED_STATES.permissions | SECURITY), CLIENT_SECRET)
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        tenant = Tenant(graph, UNITED_STATES)
        fill(tenant)
        fill_customers(store, tenant)
        yield tenant
    store.close()


@cache
def group_called(tenant: Tenant, name: str) -> str:
    (group,) = tenant.ids(f"/v1.0/groups?$filter=displayName eq '{name}'")
    return group


def asked(tenant: Tenant, address: str) -> str:
    """An address with the query that Microsoft Graph demands there."""
    if "/transitive" in address and "/microsoft.graph." in address:
        return f"{address}?$count=true"
    return address + _ASKED.get(address, "").format(group=group_called(tenant, PLACES))


@cache
def ids_at(tenant: Tenant, address: str) -> list[str]:
    """The ids that an address lists; most kinds are the beginning of many addresses."""
    return tenant.ids(f"/v1.0{address}")


def addresses(tenant: Tenant, path: str) -> Iterator[str]:
    """The addresses of a path's kind in the tenant: `{…}` is each object that is listed before it, or some of them.

    The listing itself shows them all.
    """
    before, parameter, behind = re.fullmatch(r"([^{]*)(?:\{(\w+)\}(.*))?", path).groups()  # type: ignore[union-attr]
    if parameter is None:
        yield asked(tenant, before)
        return
    prefix = before.removesuffix("/")
    for listing in _ELSEWHERE.get(prefix, (prefix,)):
        for found in ids_at(tenant, asked(tenant, listing))[:_OF_A_LISTING]:
            yield from addresses(tenant, f"{before}{found}{behind}")


def objects(answer: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects in an answer, each with its type in Microsoft Graph."""
    listed = answer["@odata.context"].partition("#")[2].removesuffix("/$entity")
    for shown in answer.get("value", [answer]):
        typed = shown.get("@odata.type", "").removeprefix("#microsoft.graph.")
        # What an object has in a property is named by the property: `applications('…')/appRoles`.
        listed = listed.rpartition("')/")[2]
        yield typed or _TYPES.get(listed) or listed.removeprefix("Collection(").removesuffix(")"), shown


@cache
def answered(tenant: Tenant, path: str, address: str) -> dict[str, Any]:
    """What is answered at an address; a list of nothing where there is nothing, or never can be."""
    status, answer = tenant.graph.request("GET", f"/v1.0{address}", None, EVENTUAL)
    if (path, error_code(answer)) in _REFUSED:
        return {"@odata.context": "", "value": []}
    assert status == 200, answer
    return dict(answer)


def error_code(answer: Any) -> str:
    return str(answer.get("error", {}).get("code"))


def misfits(type_name: str, document: dict[str, Any]) -> frozenset[str]:
    """The properties of an object that its type in the schema does not have, or has with another type of value."""
    return _misfits(type_name, json.dumps(document))


@cache
def _misfits(type_name: str, text: str) -> frozenset[str]:
    """One object is answered at many addresses, and looked at once."""
    from kiota_serialization_json.json_parse_node import JsonParseNode
    from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter

    module = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", type_name).lower()
    model = getattr(import_module(f"msgraph.generated.models.{module}"), type_name[0].upper() + type_name[1:])
    unknown: set[str] = set()

    def note(parsed: Any) -> None:
        unknown.update(name for name in parsed.additional_data if "@odata." not in name)

    document = json.loads(text)
    node = JsonParseNode(document)
    node.on_after_assign_field_values = note
    writer = JsonSerializationWriter()
    writer.write_object_value(None, node.get_object_value(model))
    kept = json.loads(writer.get_serialized_content())
    names = {f"{type_name}: {name}" for name in {*unknown, *lost(document, kept)}}
    return frozenset(names - _NOT_IN_THE_SCHEMA - _FLAGS)


def lost(value: Any, kept: Any, name: str = "") -> Iterator[str]:
    """The names of values that the model did not take, since it has another type for them."""
    if isinstance(value, dict) and isinstance(kept, dict):
        # What the model does not know is written as it came, and found by itself.
        for inner, below in value.items():
            if "@odata." not in inner:
                yield from lost(below, kept.get(inner), f"{name}.{inner}".lstrip("."))
    elif isinstance(value, list) and isinstance(kept, list) and len(value) == len(kept):
        for below, also in zip(value, kept, strict=True):
            yield from lost(below, also, f"{name}[]")
    elif value not in (None, [], kept) and not same_moment(value, kept):
        yield name


def same_moment(value: Any, kept: Any) -> bool:
    try:
        return datetime.fromisoformat(value) == datetime.fromisoformat(kept)
    except (TypeError, ValueError):
        return False


@pytest.mark.parametrize("path", _READ)
def test_what_is_answered_is_what_the_schema_says(filled: Tenant, path: str) -> None:
    seen, wrong = 0, set[str]()
    for address in addresses(filled, path):
        for type_name, shown in objects(answered(filled, path, address)):
            seen += 1
            wrong |= misfits(type_name, shown)
    assert wrong == set()
    assert (seen == 0) is (path in _ALWAYS_EMPTY)


def test_every_property_of_a_user_is_what_the_schema_says(filled: Tenant) -> None:
    names = ",".join(RESOURCES[Kind.USER].properties)
    for user in filled.get(f"/v1.0/users?$select={names}")["value"]:
        assert misfits("user", user) == set()


def test_objects_of_these_types_were_there_to_look_at(filled: Tenant) -> None:
    shown = {
        type_name
        for path in _READ
        for address in addresses(filled, path)
        for type_name, _ in objects(answered(filled, path, address))
    }
    assert shown >= {
        "administrativeUnit",
        "appRoleAssignment",
        "application",
        "authorizationPolicy",
        "claimsMappingPolicy",
        "directoryAudit",
        "directoryRole",
        "directoryRoleTemplate",
        "domain",
        "group",
        "oAuth2PermissionGrant",
        "organization",
        "passwordAuthenticationMethod",
        "scopedRoleMembership",
        "servicePrincipal",
        "unifiedRoleAssignment",
        "unifiedRoleDefinition",
        "unifiedRoleEligibilitySchedule",
        "unifiedRoleEligibilityScheduleRequest",
        "user",
    }
