"""What holds for every request, whatever it asks for."""

import json
import time
from typing import Any

import pytest

from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.onboarding import enrol
from tenantry.directory.store import Store
from tenantry.directory.tokens import token_for_application

from .samples import ADA, NOBODY, ORIGIN, UNITED_KINGDOM, UNITED_STATES, InProcess, Tenant, user_body


def token(store: Store, tenant_id: str = UNITED_STATES.tenant_id) -> dict[str, str]:
    issued = token_for_application(store, tenant_id, deployment_principal_id(tenant_id), ORIGIN)
    return {"Authorization": f"Bearer {issued}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1.0/applications/$count"),
        ("PUT", "/v1.0/users"),
        ("GET", "/v1.0/applicationTemplates"),
        ("POST", "/beta/$query"),
        ("DELETE", "/v1.0/organization"),
        ("GET", "/v1.0/policies/adminConsentRequestPolicy"),
        ("GET", "/v1.0/groups(uniqueName='x')"),
        ("GET", "/v1.0/reports/getOffice365ActiveUserCounts(period='D7')"),
        ("GET", "/v1.0/users/delta"),
        ("GET", "/v1.0/groups/delta()"),
        ("GET", "/v1.0/servicePrincipals/microsoft.graph.delta()"),
    ],
)
def test_what_is_not_there_says_so_and_names_itself(tenant: Tenant, method: str, path: str):
    status, code, message = tenant.refused(method, path, {})
    assert (status, code) == (501, "NotImplemented")
    assert f"{method} {path}" in message


def test_errors_have_the_shape_of_microsoft_graph(tenant: Tenant):
    answer: Any = tenant.graph.request("GET", "/v1.0/users/nobody@contoso.example")[1]
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "message", "innerError"}
    assert set(answer["error"]["innerError"]) == {"date", "request-id", "client-request-id"}


def test_answers_are_json_as_microsoft_graph_labels_it(send: InProcess, store: Store):
    found = send("GET", "/v1.0/users", headers=token(store))
    refused = send("GET", "/v1.0/users/x", headers=token(store))
    assert all(
        answer.headers["content-type"].startswith("application/json;odata.metadata=minimal")
        for answer in (found, refused)
    )
    assert found.headers["request-id"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'"text"',
        b'{"a": NaN}',
        rb'{"a": "\ud800"}',
        b'{"a": 1e999}',
        b"[" * 100_000,
    ],
    ids=range(10),
)
def test_a_body_that_is_no_object_is_refused(send: InProcess, store: Store, content: bytes):
    answer = send("POST", "/v1.0/users", content=content, headers=token(store))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_a_refused_request_leaves_nothing_behind(tenant: Tenant):
    before = tenant.get("/beta/users")
    weak = user_body("bob", passwordProfile={"password": "weak"})
    assert tenant.refused("POST", "/v1.0/users", weak)[0] == 400
    assert tenant.get("/beta/users") == before


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "Access token is empty."),
        ("Bearer ", "Access token is empty."),
        ("Basic YTpi", "Access token is empty."),
        ("Bearer abc", "Invalid signature"),
        ("Bearer a.b.c", "Invalid signature"),
        ("Bearer é.é.é", "Invalid signature"),
    ],
)
def test_no_valid_token_no_answer(send: InProcess, header: str, message: str):
    answer = send("GET", "/v1.0/users", headers={"Authorization": header.encode()})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert message in answer.json()["error"]["message"]


def test_a_token_that_was_tampered_with_is_refused(send: InProcess, store: Store):
    ours = token(store)["Authorization"].split(".")
    theirs = token(store, UNITED_KINGDOM.tenant_id)["Authorization"].split(".")
    forged = ".".join([ours[0], theirs[1], ours[2]])
    assert send("GET", "/v1.0/users", headers={"Authorization": forged}).status_code == 401


def test_a_token_of_another_directory_is_refused(send: InProcess):
    other = Store()
    enrol(other, UNITED_STATES, "another-secret-altogether")
    assert send("GET", "/v1.0/users", headers=token(other)).status_code == 401


def test_an_expired_token_is_refused(send: InProcess, store: Store, monkeypatch: pytest.MonkeyPatch):
    earlier = time.time() - 4000
    with monkeypatch.context() as patched:
        patched.setattr("tenantry.directory.tokens.time.time", lambda: earlier)
        issued = token(store)
    answer = send("GET", "/v1.0/users", headers=issued)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "Lifetime validation failed, the token is expired."


def test_tenants_do_not_see_each_other(send: InProcess, store: Store):
    here, there = token(store), token(store, UNITED_KINGDOM.tenant_id)
    bob = send("POST", "/v1.0/users", json=user_body("bob"), headers=here).json()["id"]
    beth = UNITED_KINGDOM.global_admins[0].object_id
    assert [user["id"] for user in send("GET", "/v1.0/users", headers=there).json()["value"]] == [beth]
    for path in (
        f"/v1.0/users/{bob}",
        f"/v1.0/directoryObjects/{ADA.object_id}",
        "/v1.0/users/bob@contoso.example",
        f"/beta/groups/{UNITED_STATES.group_id('AdminAgents')}",
        f"/v1.0/organization/{UNITED_STATES.tenant_id}",
        "/v1.0/domains/contoso.example",
    ):
        assert send("GET", path, headers=there).status_code == 404, path
    uk_group = UNITED_KINGDOM.group_id("AdminAgents")
    stranger = {"@odata.id": f"{ORIGIN}/v1.0/directoryObjects/{bob}"}
    assert send("POST", f"/beta/groups/{uk_group}/members/$ref", json=stranger, headers=there).status_code == 404
    assert send("DELETE", f"/v1.0/users/{bob}", headers=there).status_code == 404
    assert send("GET", f"/v1.0/users/{bob}", headers=here).status_code == 200


def test_one_name_may_be_used_in_two_tenants(send: InProcess, store: Store):
    there = token(store, UNITED_KINGDOM.tenant_id)
    assert send("POST", "/v1.0/users", json=user_body("bob"), headers=token(store)).status_code == 201
    body = user_body("bob", userPrincipalName="bob@contoso-partner-uk.onmicrosoft.com")
    assert send("POST", "/v1.0/users", json=body, headers=there).status_code == 201


def test_a_failure_of_the_directory_says_nothing_of_its_inside(
    send: InProcess, store: Store, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise RuntimeError("secret details")

    headers = token(store)
    monkeypatch.setattr("tenantry.directory.tenant.Tenant.scan", fail)
    answer = send("GET", "/v1.0/users", headers=headers)
    assert answer.status_code == 500
    assert "secret details" not in json.dumps(answer.json())


def test_the_cloud_is_described_in_the_version_that_the_provider_asks_for(send: InProcess):
    described = send("GET", "/metadata/endpoints?api-version=2022-09-01").json()
    assert described["name"]
    assert described["resourceManager"]
    assert described["microsoftGraphResourceId"] == ORIGIN
    assert described["authentication"]["loginEndpoint"] == ORIGIN
    assert send("GET", "/metadata/endpoints?api-version=2019-05-01").status_code == 501


def test_the_cloud_s_description_is_complete_enough_for_the_azure_cli(send: InProcess):
    assert send("GET", "/metadata/endpoints?api-version=2022-09-01").json()["suffixes"] == {}


def test_a_discovery_document_leads_to_the_published_keys(send: InProcess):
    document = send("GET", f"/{UNITED_STATES.tenant_id}/v2.0/.well-known/openid-configuration").json()
    assert document["jwks_uri"].startswith(ORIGIN)
    assert send("GET", document["jwks_uri"].removeprefix(ORIGIN)).json() == {"keys": []}


def test_a_caller_sees_its_own_tenant_and_no_subscription(send: InProcess, store: Store):
    subscriptions = send("GET", "/subscriptions?api-version=2022-12-01", headers=token(store)).json()
    assert subscriptions["value"] == []
    tenants = send("GET", "/tenants?api-version=2022-12-01", headers=token(store)).json()
    assert tenants["value"] == [
        {
            "id": f"/tenants/{UNITED_STATES.tenant_id}",
            "tenantId": UNITED_STATES.tenant_id,
            "countryCode": "US",
            "displayName": "Contoso Deployment Services",
            "domains": ["contoso-partner.onmicrosoft.com", "contoso.example"],
            "tenantCategory": "Home",
            "defaultDomain": "contoso.example",
            "tenantType": "AAD",
        }
    ]


@pytest.mark.parametrize("path", ["/subscriptions", "/tenants", "/v1.0/me"])
def test_what_is_about_the_caller_takes_a_token(send: InProcess, path: str):
    assert send("GET", path).status_code == 401


@pytest.mark.parametrize("path", ["/v1.0/me", "/beta/me/ownedObjects"])
def test_an_application_is_no_signed_in_person(send: InProcess, store: Store, path: str):
    answer = send("GET", path, headers=token(store))
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "/me request is only valid with delegated authentication flow."


def test_an_object_is_addressed_by_a_key_in_parentheses(tenant: Tenant):
    own, upn = deployment_principal_id(UNITED_STATES.tenant_id), "o'neil#ext#@contoso.example"
    role = "62e90394-69f5-4237-9190-012177145e10"
    guest = tenant.add_user("oneil", userPrincipalName=upn)
    client_id = tenant.get(f"/v1.0/servicePrincipals/{own}")["appId"]
    application = tenant.post("/v1.0/applications", {"displayName": "App"})
    for address, object_id in (
        (f"users('{ADA.object_id}')", ADA.object_id),
        (f"users('{ADA.upn.upper()}')", ADA.object_id),
        (f"users(userPrincipalName='{ADA.upn}')", ADA.object_id),
        ("users('o''neil%23ext%23@contoso.example')", guest),
        ("users(userPrincipalName='o''neil%23ext%23@contoso.example')", guest),
        (f"groups('{tenant.group('AdminAgents')}')", tenant.group("AdminAgents")),
        (f"servicePrincipals(appId='{client_id}')", own),
        (f"applications(appId='{application['appId']}')", application["id"]),
    ):
        assert tenant.get(f"/v1.0/{address}")["id"] == object_id, address
    assert tenant.get(f"/v1.0/directoryRoles(roleTemplateId='{role}')")["roleTemplateId"] == role
    assert tenant.ids(f"/v1.0/directoryRoles(roleTemplateId='{role}')/members") == [ADA.object_id]
    for address in (
        "users('nobody@contoso.example')",
        f"servicePrincipals(appId='{NOBODY}')",
        "users/(foo=bar)",
        "groups/(appId=x)/members",
    ):
        assert tenant.refused("GET", f"/v1.0/{address}")[:2] == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_the_caller_s_own_tenant_may_be_called_my_organization(tenant: Tenant, version: str):
    assert tenant.get(f"/{version}/myOrganization/users/{ADA.object_id}")["id"] == ADA.object_id
    assert tenant.refused("GET", f"/{version}/myorganization")[0] == 400


def test_the_address_of_the_next_page_leads_there_whatever_the_name(tenant: Tenant):
    guest = tenant.add_user("oneil", userPrincipalName="o'neil#ext#@contoso.example")
    groups = [tenant.add_group("One"), tenant.add_group("Two")]
    for group in groups:
        tenant.post(f"/v1.0/groups/{group}/members/$ref", tenant.reference(guest))
    for address in ("users/o'neil%23ext%23@contoso.example", "users('o''neil%23ext%23@contoso.example')"):
        pages = tenant.pages(f"/v1.0/{address}/memberOf/microsoft.graph.group?$top=1&$filter=securityEnabled eq true")
        assert {group for page in pages for group in page} > {*groups}
        assert max(map(len, pages)) == 1


def test_the_own_id_of_what_is_changed_may_stand_in_the_body(tenant: Tenant):
    bob = tenant.add_user("bob")
    application = tenant.post("/v1.0/applications", {"displayName": "App"})
    for address, own in (
        (f"users/{bob.upper()}", bob),
        (f"users/{bob}", bob.upper()),
        ("users/BOB@contoso.example", bob),
        ("users(userPrincipalName='bob@contoso.example')", bob),
        (f"applications(appId='{application['appId']}')", application["id"]),
    ):
        tenant.patch(f"/v1.0/{address}", {"id": own, "displayName": "Renamed"})
        for other in (NOBODY, ["x"], None):
            body = {"id": other, "displayName": "Renamed"}
            assert tenant.refused("PATCH", f"/v1.0/{address}", body)[0] == 400, (address, other)


def test_what_is_addressed_by_a_key_is_changed_and_comes_in_pages(tenant: Tenant):
    application = tenant.post("/v1.0/applications", {"displayName": "App"})
    address = f"/v1.0/applications(appId='{application['appId']}')"
    tenant.patch(address, {"displayName": "Renamed"})
    assert tenant.get(f"/v1.0/applications/{application['id']}")["displayName"] == "Renamed"
    owners = [ADA.object_id, tenant.add_user("bob")]
    for owner in owners:
        tenant.post(f"{address}/owners/$ref", tenant.reference(owner))
    first = tenant.get(f"{address}/owners?$top=1")
    assert first["@odata.nextLink"].startswith(f"{ORIGIN}{address}/owners?")
    assert [item["id"] for item in first["value"] + tenant.get(first["@odata.nextLink"])["value"]] == owners
    tenant.delete(address)
    assert tenant.refused("GET", address)[0] == 404


def test_the_name_that_a_client_gives_a_request_comes_back(send: InProcess, store: Store):
    named = token(store) | {"client-request-id": "ours", "return-client-request-id": "true"}
    for path, status in (("/v1.0/users", 200), ("/v1.0/users/x", 404), ("/v1.0/users/$count", 400)):
        answer = send("GET", path, headers=named)
        assert (answer.status_code, answer.headers["client-request-id"]) == (status, "ours")
        assert answer.headers["request-id"] != "ours"
        if status != 200:
            inner = answer.json()["error"]["innerError"]
            assert (inner["client-request-id"], inner["request-id"]) == ("ours", answer.headers["request-id"])
    unnamed = send("GET", "/v1.0/users", headers=token(store)).headers
    assert unnamed["client-request-id"] == unnamed["request-id"]


@pytest.mark.parametrize("method", ["FOO", "OPTIONS", "TRACE"])
def test_a_method_that_graph_does_not_have_is_refused_in_its_words(send: InProcess, method: str) -> None:
    refused = send(method, "/v1.0/users")
    message = "Specified HTTP method is not allowed for the request target."
    assert (refused.status_code, refused.json()["error"]["message"]) == (405, message)
