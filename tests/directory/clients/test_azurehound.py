"""AzureHound's collector: `azurehound list`, one collection after another, as BloodHound's users run it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.directory.samples import (
    ADA,
    APPLICATION_ADMINISTRATOR,
    UNITED_STATES,
    USER_ADMINISTRATOR,
    LiveDirectory,
    group_body,
)

from .programs import find_program, register_pipeline, run

#: The collections of `list az-ad` that the directory answers, and kinds of objects that each must bring.
_COLLECTED = {
    "apps": "AZApp",
    "appfics": "AZFederatedIdentityCredential",
    "app-owners": "AZAppOwner",
    "groups": "AZGroup",
    "group-members": "AZGroupMember",
    "group-owners": "AZGroupOwner",
    "roles": "AZRole",
    "role-assignments": "AZRoleAssignment",
    "unified-role-assignment-policies": "AZRoleManagementPolicyAssignment",
    "unified-role-eligibility-schedule-instances": "AZRoleEligibilityScheduleInstance",
    "service-principals": "AZServicePrincipal",
    "service-principal-owners": "AZServicePrincipalOwner",
    "app-role-assignments": "AZAppRoleAssignment",
    "tenants": "AZTenant",
    "users": "AZUser",
}

_Collect = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def collect(directory: LiveDirectory, tmp_path_factory: pytest.TempPathFactory) -> _Collect:
    """AzureHound, signed in as the deploying application of a tenant with something to collect."""
    program = find_program("AzureHound", "azurehound", "TENANTRY_AZUREHOUND")
    folder = tmp_path_factory.mktemp("azurehound")
    credentials = directory.credentials()
    fill(directory)
    register_pipeline(directory, folder)

    def call(collection: str) -> list[dict[str, Any]]:
        output = folder / f"{collection}.json"
        # Only with a region that it does not know does it take the addresses that it is given.
        addresses = ("--region", "embedded", "--auth", directory.url, "--graph", directory.url, "--mgmt", directory.url)
        identity = ("--app", credentials.client_id, "--secret", credentials.client_secret)
        tenant = ("--tenant", UNITED_STATES.tenant_id)
        outcome = run(
            [program, "list", collection, *identity, *tenant, *addresses, "--output", str(output)],
            {"SSL_CERT_FILE": str(directory.bundle)},
            folder,
        )
        assert outcome.succeeded, outcome.complaint
        assert "ERR" not in outcome.complaint
        return list(json.loads(output.read_text())["data"])

    return call


def fill(directory: LiveDirectory) -> None:
    """Make an application and a group that have owners, a member, a scope of a role, and an eligible role."""
    reader = {"directoryScopeId": "/", "principalId": ADA.object_id, "roleDefinitionId": USER_ADMINISTRATOR}
    eligible = {"action": "adminAssign", "justification": "On call", "scheduleInfo": {}, **reader}
    ada = {"@odata.id": f"{directory.url}/v1.0/directoryObjects/{ADA.object_id}"}
    with directory.client(directory.deploying_token()) as graph:
        application = graph.post("/v1.0/applications", json={"displayName": "Hunted"}).raise_for_status().json()
        graph.post(f"/v1.0/applications/{application['id']}/owners/$ref", json=ada).raise_for_status()
        credential = {
            "name": "main",
            "issuer": "https://issuer.example",
            "subject": "main",
            "audiences": ["api://here"],
        }
        roles, fics = (
            "/v1.0/roleManagement/directory",
            f"/v1.0/applications/{application['id']}/federatedIdentityCredentials",
        )
        graph.post(fics, json=credential).raise_for_status()
        graph.post(f"{roles}/roleEligibilityScheduleRequests", json=eligible).raise_for_status()
        scoped = reader | {"directoryScopeId": f"/{application['id']}", "roleDefinitionId": APPLICATION_ADMINISTRATOR}
        graph.post(f"{roles}/roleAssignments", json=scoped).raise_for_status()
        principal = graph.post("/v1.0/servicePrincipals", json={"appId": application["appId"]}).raise_for_status()
        graph.post(f"/v1.0/servicePrincipals/{principal.json()['id']}/owners/$ref", json=ada).raise_for_status()
        group = graph.post("/v1.0/groups", json=group_body("Hunters")).raise_for_status().json()
        for relation in ("owners", "members"):
            graph.post(f"/v1.0/groups/{group['id']}/{relation}/$ref", json=ada).raise_for_status()


@pytest.mark.parametrize("collection", _COLLECTED)
def test_azurehound_collects(collect: _Collect, collection: str):
    assert _COLLECTED[collection] in {found["kind"] for found in collect(collection)}
