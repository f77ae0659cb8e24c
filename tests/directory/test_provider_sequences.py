"""The calls that the azuread provider makes for its resources, in its order, with its bodies and headers."""

from typing import Any

import pytest

from tenantry.directory.enrolment import ADMIN_AGENTS, deployment_principal_id
from tenantry.directory.identifiers import role_assignment_id
from tenantry.directory.store import Store
from tenantry.directory.tokens import token_for_application

from .samples import ADA, BILLING_ADMINISTRATOR, ORIGIN, PASSWORD, UNITED_STATES, InProcess

USER_SELECTION = (
    "accountEnabled,ageGroup,city,companyName,consentProvidedForMinor,country,department,employeeHireDate,employeeId,"
    "employeeOrgData,employeeType,faxNumber,mailNickname,onPremisesImmutableId,otherMails,passwordPolicies,postalCode,"
    "state,streetAddress,usageLocation"
)
USER: dict[str, Any] = {
    "@odata.type": "#microsoft.graph.user",
    "accountEnabled": True,
    **dict.fromkeys(
        (
            *("ageGroup", "city", "companyName", "consentProvidedForMinor", "country", "department", "employeeId"),
            *("employeeType", "faxNumber", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation"),
            *("passwordPolicies", "postalCode", "preferredLanguage", "state", "streetAddress", "surname"),
        )
    ),
    "displayName": "Bob",
    "employeeOrgData": {"costCenter": None, "division": None},
    "mailNickname": "bob",
    "otherMails": [],
    "passwordProfile": {"forceChangePasswordNextSignIn": True, "password": PASSWORD},
    "usageLocation": "US",
    "userPrincipalName": "bob@contoso.example",
}
GROUP: dict[str, Any] = {
    "@odata.type": "#microsoft.graph.group",
    "description": None,
    "displayName": "Ops",
    "groupTypes": [],
    "isAssignableToRole": False,
    "mailEnabled": False,
    "mailNickname": "1f0c4d72-9",
    "membershipRule": None,
    "resourceBehaviorOptions": [],
    "resourceProvisioningOptions": [],
    "securityEnabled": True,
}


class Provider:
    """Sends requests as the provider does, and reads answers as strictly as it does."""

    def __init__(self, send: InProcess, token: str) -> None:
        self._send = send
        self._headers = {
            "Accept": "application/json; charset=utf-8; IEEE754Compatible=false",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
            "OData-MaxVersion": "4.0",
            "OData-Version": "4.0",
        }

    def __call__(self, method: str, path: str, body: Any = None, *, status: int = 0, **query: str) -> Any:
        parameters = {f"${name}": value for name, value in query.items()}
        answer = self._send(method, path, json=body, params=parameters, headers=self._headers)
        expected = status or {"GET": 200, "POST": 201}.get(method, 204)
        assert answer.status_code == expected, answer.text
        if expected == 204:
            return None
        assert answer.headers["content-type"].startswith("application/json")
        return answer.json()

    def reference(self, object_id: str) -> dict[str, str]:
        return {"@odata.id": f"{ORIGIN}/beta/directoryObjects/{object_id}"}


@pytest.fixture
def provider(send: InProcess, store: Store) -> Provider:
    application = deployment_principal_id(UNITED_STATES.tenant_id)
    return Provider(send, token_for_application(store, UNITED_STATES.tenant_id, application, ORIGIN))


def read_user(provider: Provider, user_id: str) -> Any:
    provider("GET", f"/v1.0/users/{user_id}")
    user = provider("GET", f"/v1.0/users/{user_id}", select=USER_SELECTION)
    provider("GET", f"/beta/users/{user_id}", select="showInAddressList")
    provider("GET", f"/v1.0/users/{user_id}/manager", status=404)
    return user


def test_a_user_from_creation_to_deletion(provider: Provider):
    bob = provider("POST", "/v1.0/users", USER)["id"]
    provider("PATCH", f"/beta/users/{bob}", {"@odata.type": "#microsoft.graph.user", "showInAddressList": True})
    assert provider("GET", f"/beta/users/{bob}", select="showInAddressList")["showInAddressList"] is True
    created = read_user(provider, bob)
    assert created["usageLocation"] == "US"

    unchanged = {name: value for name, value in USER.items() if name not in ("passwordProfile", "mail")}
    provider("PATCH", f"/v1.0/users/{bob}", {**unchanged, "userPrincipalName": "robert@contoso.example"})
    assert read_user(provider, bob) == created

    provider("DELETE", f"/v1.0/users/{bob}")
    provider("GET", f"/v1.0/users/{bob}", status=404)


def read_group(provider: Provider, group_id: str) -> tuple[Any, list[str], list[str]]:
    group = provider("GET", f"/beta/groups/{group_id}")
    owners = provider("GET", f"/beta/groups/{group_id}/owners")["value"]
    members = provider("GET", f"/beta/groups/{group_id}/members")["value"]
    assert all("@odata.type" in item for item in owners + members)
    assert provider("GET", f"/beta/groups/{group_id}/memberOf")["value"] == []
    return group, [owner["id"] for owner in owners], [member["id"] for member in members]


def test_a_group_with_a_member_from_creation_to_deletion(provider: Provider):
    caller = deployment_principal_id(UNITED_STATES.tenant_id)
    body = {**GROUP, "owners@odata.bind": [f"{ORIGIN}/beta/directoryObjects/{caller}"]}
    ops = provider("POST", "/beta/groups", body)["id"]
    for name in ("TERRAFORM_UPDATE_8f6e", "Ops"):
        provider("PATCH", f"/beta/groups/{ops}", {"@odata.type": "#microsoft.graph.group", "displayName": name})
        assert provider("GET", f"/beta/groups/{ops}")["displayName"] == name
    provider("POST", f"/beta/groups/{ops}/members/$ref", provider.reference(ADA.object_id), status=204)

    group, owners, members = read_group(provider, ops)
    assert (owners, members) == ([caller], [ADA.object_id])
    assert group["membershipRule"] is None
    assert group["mailNickname"] == GROUP["mailNickname"]

    provider("DELETE", f"/beta/groups/{ops}")
    provider("GET", f"/beta/groups/{ops}", status=404)


def test_an_agent_group_is_adopted_and_its_members_made_so(provider: Provider):
    agents = UNITED_STATES.group_id(ADMIN_AGENTS)
    bob = provider("POST", "/v1.0/users", USER)["id"]
    adopted, _, before = read_group(provider, agents)
    assert before == [ADA.object_id]

    update = {
        name: adopted[name]
        for name in ("description", "displayName", "mailEnabled", "membershipRule", "securityEnabled", "visibility")
    }
    provider("PATCH", f"/beta/groups/{agents}", {"@odata.type": "#microsoft.graph.group", **update})
    provider("GET", f"/beta/groups/{agents}/members")
    provider("DELETE", f"/beta/groups/{agents}/members/{ADA.object_id}/$ref")
    provider("POST", f"/beta/groups/{agents}/members/$ref", provider.reference(bob), status=204)

    assert read_group(provider, agents) == (adopted, [], [bob])


def test_a_single_member_from_creation_to_deletion(provider: Provider):
    agents = UNITED_STATES.group_id("SalesAgents")
    members = f"/beta/groups/{agents}/members"
    only = f"id eq '{ADA.object_id}'"
    assert provider("GET", members)["value"] == []
    provider("POST", f"{members}/$ref", provider.reference(ADA.object_id), status=204)
    assert len(provider("GET", members, filter=only)["value"]) == 1
    provider("DELETE", f"{members}/{ADA.object_id}/$ref")
    assert provider("GET", members, filter=only)["value"] == []


def test_a_role_and_its_assignment_from_creation_to_deletion(provider: Provider):
    template = provider("GET", f"/v1.0/directoryRoleTemplates/{BILLING_ADMINISTRATOR}")
    by_template = f"roleTemplateId eq '{template['id']}'"
    assert provider("GET", "/v1.0/directoryRoles", filter=by_template)["value"] == []
    activation = {"@odata.type": "#microsoft.graph.directoryRole", "roleTemplateId": template["id"]}
    role = provider("POST", "/v1.0/directoryRoles", activation)
    assert provider("GET", f"/v1.0/directoryRoles/{role['id']}")["displayName"] == "Billing Administrator"

    assignments = "/v1.0/roleManagement/directory/roleAssignments"
    assignment = {
        "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
        "directoryScopeId": "/",
        "principalId": ADA.object_id,
        "roleDefinitionId": BILLING_ADMINISTRATOR,
    }
    created = provider("POST", assignments, assignment)
    assert created["id"] == role_assignment_id(BILLING_ADMINISTRATOR, ADA.object_id)
    assert provider("GET", f"{assignments}/{created['id']}")["directoryScopeId"] == "/"
    provider("DELETE", f"{assignments}/{created['id']}")
    provider("GET", f"{assignments}/{created['id']}", status=404)


def test_an_owner_is_looked_up_as_an_object_of_a_kind(provider: Provider):
    found = provider("GET", f"/v1.0/directoryObjects/{ADA.object_id}")
    assert (found["@odata.type"], found["id"]) == ("#microsoft.graph.user", ADA.object_id)
