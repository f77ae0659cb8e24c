"""Applications, their identities, credentials and consents."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tenantry.directory.enrolment import deployment_principal_id
from tenantry.directory.store import Store
from tenantry.directory.tokens import SignInError, sign_in, token_for_application

from .samples import ADA, NOBODY, ORIGIN, UNITED_STATES, InProcess, Tenant

GRAPH = "00000003-0000-0000-c000-000000000000"
ROLE = {
    "allowedMemberTypes": ["User", "Application"],
    "description": "May write orders",
    "displayName": "Orders.Write",
    "id": "00000000-0000-4000-8000-00000000a001",
    "isEnabled": True,
    "value": "Orders.Write",
}
DEFAULT_ROLE = "00000000-0000-0000-0000-000000000000"


def add_application(tenant: Tenant, name: str = "Orders", **more: Any) -> dict[str, Any]:
    return dict(tenant.post("/v1.0/applications", {"displayName": name, **more}))


def add_principal(tenant: Tenant, app_id: str, **more: Any) -> dict[str, Any]:
    return dict(tenant.post("/v1.0/servicePrincipals", {"appId": app_id, **more}))


def test_an_application_is_made_found_changed_and_deleted(tenant: Tenant) -> None:
    app = add_application(tenant, identifierUris=["api://orders"], web={"redirectUris": ["https://orders.example/"]})
    assert tenant.get(f"/v1.0/applications?$filter=appId eq '{app['appId']}'")["value"] == [
        {key: value for key, value in app.items() if key != "@odata.context"}
    ]
    assert app["web"]["implicitGrantSettings"] == {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False}
    assert app["publisherDomain"] == "contoso-partner.onmicrosoft.com"
    tenant.patch(f"/v1.0/applications/{app['id']}", {"web": {"homePageUrl": "https://orders.example"}})
    web = tenant.get(f"/v1.0/applications/{app['id']}")["web"]
    assert web["homePageUrl"] == "https://orders.example"
    assert web["redirectUris"] == ["https://orders.example/"], "what was not named stays"
    tenant.delete(f"/v1.0/applications/{app['id']}")
    assert tenant.refused("GET", f"/v1.0/applications/{app['id']}")[0] == 404


@pytest.mark.parametrize(
    "changes",
    [{"identifierUris": ["api://orders"]}, {"signInAudience": "Everybody"}, {"displayName": None}, {"appId": NOBODY}],
)
def test_applications_that_cannot_be_are_refused(tenant: Tenant, changes: dict[str, Any]) -> None:
    add_application(tenant, identifierUris=["api://orders"])
    assert tenant.refused("POST", "/v1.0/applications", {"displayName": "Other", **changes})[0] == 400


def test_a_service_principal_shows_its_application_and_follows_it(tenant: Tenant) -> None:
    app = add_application(tenant, appRoles=[ROLE], identifierUris=["api://orders"])
    principal = add_principal(tenant, app["appId"])
    assert principal["displayName"] == "Orders"
    assert principal["appRoles"] == [{**ROLE, "origin": "Application"}]
    assert principal["servicePrincipalNames"] == [app["appId"], "api://orders"]
    assert principal["appOwnerOrganizationId"] == tenant.enrolment.tenant_id
    tenant.patch(f"/v1.0/applications/{app['id']}", {"displayName": "Orders 2", "appRoles": []})
    shown = tenant.get(f"/v1.0/servicePrincipals/{principal['id']}")
    assert (shown["appDisplayName"], shown["appRoles"]) == ("Orders 2", [])
    tenant.delete(f"/v1.0/applications/{app['id']}")
    assert tenant.refused("GET", f"/v1.0/servicePrincipals/{principal['id']}")[0] == 404


def test_one_application_has_one_service_principal(tenant: Tenant) -> None:
    app = add_application(tenant)
    add_principal(tenant, app["appId"])
    status, code, _ = tenant.refused("POST", "/v1.0/servicePrincipals", {"appId": app["appId"].upper()})
    assert (status, code) == (409, "Request_MultipleObjectsWithSameKeyValue")


def test_a_service_principal_of_no_application_is_refused_with_the_text_that_the_provider_waits_for(
    tenant: Tenant,
) -> None:
    status, _, message = tenant.refused("POST", "/v1.0/servicePrincipals", {"appId": NOBODY})
    assert status == 400
    assert message == f"The appId '{NOBODY}' of the service principal does not reference a valid application object."


def test_microsofts_own_application_belongs_to_microsoft(tenant: Tenant) -> None:
    (graph,) = tenant.get(f"/v1.0/servicePrincipals?$filter=appId eq '{GRAPH}'")["value"]
    assert graph["displayName"] == "Microsoft Graph"
    assert graph["appOwnerOrganizationId"] != tenant.enrolment.tenant_id


@pytest.mark.parametrize("name", [GRAPH, "https://graph.microsoft.com", "https://graph.microsoft.com/"])
def test_microsoft_graph_is_found_by_each_name_that_clients_know_it_by(tenant: Tenant, name: str) -> None:
    (found,) = tenant.get(f"/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(n:n eq '{name}')")["value"]
    assert found["appId"] == GRAPH
    assert name in found["servicePrincipalNames"]


@pytest.mark.parametrize("family", ["applications", "servicePrincipals"])
def test_owners_are_people_and_services(tenant: Tenant, family: str) -> None:
    app = add_application(tenant)
    one = app if family == "applications" else add_principal(tenant, app["appId"])
    owners = f"/v1.0/{family}/{one['id']}/owners"
    tenant.post(f"{owners}/$ref", tenant.reference(ADA.object_id))
    assert tenant.ids(owners) == [ADA.object_id]
    assert tenant.refused("POST", f"{owners}/$ref", tenant.reference(ADA.object_id))[0] == 400
    assert tenant.refused("POST", f"{owners}/$ref", tenant.reference(tenant.add_group("g")))[0] == 400
    tenant.delete(f"{owners}/{ADA.object_id}/$ref")
    assert tenant.ids(owners) == []
    assert tenant.refused("DELETE", f"{owners}/{ADA.object_id}/$ref")[0] == 404


@pytest.mark.parametrize("family", ["applications", "servicePrincipals"])
def test_a_password_is_shown_once_and_removed_by_its_key(tenant: Tenant, family: str) -> None:
    app = add_application(tenant)
    one = app if family == "applications" else add_principal(tenant, app["appId"])
    path = f"/v1.0/{family}/{one['id']}"
    status, added = tenant.graph.request("POST", f"{path}/addPassword", {"passwordCredential": {"displayName": "ci"}})
    assert status == 200
    assert len(str(added["secretText"])) > 20
    (kept,) = tenant.get(path)["passwordCredentials"]
    assert (kept["displayName"], kept["keyId"], kept["secretText"]) == ("ci", added["keyId"], None)
    status, _ = tenant.graph.request("POST", f"{path}/removePassword", {"keyId": added["keyId"]})
    assert status == 204
    assert tenant.get(path)["passwordCredentials"] == []
    assert tenant.refused("POST", f"{path}/removePassword", {"keyId": added["keyId"]})[0] == 400


def test_an_application_can_begin_with_a_password_that_is_shown_once(tenant: Tenant, store: Store) -> None:
    app = add_application(tenant, passwordCredentials=[{"displayName": "ci", "endDateTime": "2030-01-01T00:00:00Z"}])
    (shown,) = app["passwordCredentials"]
    assert len(shown["secretText"]) > 20
    (kept,) = tenant.get(f"/v1.0/applications/{app['id']}")["passwordCredentials"]
    assert kept == {**shown, "secretText": None}
    assert (kept["displayName"], kept["endDateTime"]) == ("ci", "2030-01-01T00:00:00Z")
    add_principal(tenant, app["appId"])
    form = {"grant_type": "client_credentials", "client_id": app["appId"], "client_secret": shown["secretText"]}
    assert sign_in(store, tenant.enrolment.tenant_id, form, ORIGIN)["access_token"]
    assert tenant.refused("PATCH", f"/v1.0/applications/{app['id']}", {"passwordCredentials": []})[0] == 400


def test_optional_claims_are_replaced_together_and_cleared_by_an_empty_object(tenant: Tenant) -> None:
    app = add_application(tenant, optionalClaims={"idToken": [{"name": "email"}], "saml2Token": [{"name": "groups"}]})
    path = f"/v1.0/applications/{app['id']}"
    tenant.patch(path, {"optionalClaims": {"accessToken": [{"name": "acct"}]}})
    assert tenant.get(path)["optionalClaims"] == {"accessToken": [{"name": "acct"}], "idToken": [], "saml2Token": []}
    tenant.patch(path, {"notes": "x"})
    assert tenant.get(path)["optionalClaims"] is not None
    tenant.patch(path, {"optionalClaims": {}})
    assert tenant.get(path)["optionalClaims"] is None


def test_a_logo_gives_an_application_an_address_that_changes_with_it(
    tenant: Tenant, store: Store, send: InProcess
) -> None:
    own = deployment_principal_id(tenant.enrolment.tenant_id)
    issued = token_for_application(store, tenant.enrolment.tenant_id, own, ORIGIN)
    path = f"/v1.0/applications/{add_application(tenant, info={'supportUrl': 'https://help.example'})['id']}"

    def put(content: bytes) -> int:
        headers = {"Authorization": f"Bearer {issued}", "Content-Type": "image/png"}
        return send("PUT", f"{path}/logo", content=content, headers=headers).status_code

    assert put(b"\x89PNG\r\n\x1a\n one") == 204
    first = tenant.get(path)["info"]
    assert first["logoUrl"].startswith("https://")
    assert first["supportUrl"] == "https://help.example"
    assert put(b"\x89PNG\r\n\x1a\n two") == 204
    assert tenant.get(path)["info"]["logoUrl"] != first["logoUrl"]
    assert put(b"<svg/>") == 400


def test_a_certificate_gets_a_key_id(tenant: Tenant) -> None:
    principal = add_principal(tenant, add_application(tenant)["appId"])
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": "TUlJ"}
    tenant.patch(f"/v1.0/servicePrincipals/{principal['id']}", {"keyCredentials": [key]})
    (kept,) = tenant.get(f"/v1.0/servicePrincipals/{principal['id']}")["keyCredentials"]
    assert kept["keyId"]
    tenant.patch(f"/v1.0/servicePrincipals/{principal['id']}", {"keyCredentials": [kept]})
    assert tenant.get(f"/v1.0/servicePrincipals/{principal['id']}")["keyCredentials"] == [kept]


def certificate(days: int) -> str:
    """A certificate that is valid from the beginning of 2026 for so many days, as a key credential carries it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pipeline")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    unsigned = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = unsigned.serial_number(1).not_valid_before(begin).not_valid_after(begin + timedelta(days=days))
    return base64.b64encode(dated.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


def test_a_certificate_says_itself_when_it_ends_and_its_key_is_shown_only_where_it_is_selected(tenant: Tenant) -> None:
    public = certificate(days=365)
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": public}
    path = f"/v1.0/applications/{add_application(tenant, keyCredentials=[key])['id']}"
    (shown,) = tenant.get(path)["keyCredentials"]
    assert (shown["startDateTime"], shown["endDateTime"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert (shown["displayName"], len(shown["customKeyIdentifier"])) == ("CN=pipeline", 40)
    assert shown["key"] is None
    assert tenant.get("/v1.0/applications?$select=keyCredentials")["value"][0]["keyCredentials"][0]["key"] is None
    tenant.patch(path, {"keyCredentials": [shown]})
    (selected,) = tenant.get(f"{path}?$select=keyCredentials")["keyCredentials"]
    assert selected["key"] == public, "a key that was not shown is not taken away"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"endDateTime": "2027-01-02T00:00:00Z"}, "Key credential end date is invalid."),
        ({"endDateTime": "next year"}, "Edm.DateTimeOffset"),
        ({"usage": "Encrypt"}, "Acceptable values are Sign, Verify."),
    ],
)
def test_certificates_that_cannot_be_are_refused(tenant: Tenant, changes: dict[str, str], message: str) -> None:
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": certificate(days=365), **changes}
    path = f"/v1.0/applications/{add_application(tenant)['id']}"
    status, _, refused = tenant.refused("PATCH", path, {"keyCredentials": [key]})
    assert status == 400
    assert message in refused
    assert tenant.get(path)["keyCredentials"] == []


def test_a_password_that_has_ended_does_not_sign_in(tenant: Tenant, store: Store) -> None:
    app = add_application(tenant, passwordCredentials=[{"endDateTime": "2020-01-01T00:00:00Z"}])
    add_principal(tenant, app["appId"])
    ended = app["passwordCredentials"][0]["secretText"]
    form = {"grant_type": "client_credentials", "client_id": app["appId"], "client_secret": ended}
    with pytest.raises(SignInError, match="are expired") as expired:
        sign_in(store, tenant.enrolment.tenant_id, form, ORIGIN)
    assert expired.value.number == 7000222
    bad = {"passwordCredential": {"endDateTime": "soon"}}
    assert tenant.refused("POST", f"/v1.0/applications/{app['id']}/addPassword", bad)[0] == 400


def test_a_certificate_that_the_directory_makes_is_kept_twice(tenant: Tenant) -> None:
    principal = add_principal(tenant, add_application(tenant)["appId"])
    path = f"/v1.0/servicePrincipals/{principal['id']}"
    status, made = tenant.graph.request("POST", f"{path}/addTokenSigningCertificate", {"displayName": "CN=sso"})
    assert (status, made["displayName"], made["type"]) == (200, "CN=sso", "AsymmetricX509Cert")
    shown = tenant.get(path)
    assert {key["usage"] for key in shown["keyCredentials"]} == {"Sign", "Verify"}
    assert {key["customKeyIdentifier"] for key in shown["keyCredentials"]} == {made["thumbprint"]}
    assert len(shown["passwordCredentials"]) == 1


@pytest.mark.parametrize("changes", [{"endDateTime": "soon"}, {"endDateTime": "2020-01-01"}, {"displayName": "CN="}])
def test_certificates_that_the_directory_cannot_make_are_refused(tenant: Tenant, changes: dict[str, str]) -> None:
    path = f"/v1.0/servicePrincipals/{add_principal(tenant, add_application(tenant)['appId'])['id']}"
    assert tenant.refused("POST", f"{path}/addTokenSigningCertificate", {"displayName": "CN=sso", **changes})[0] == 400
    assert tenant.get(path)["keyCredentials"] == []


def test_a_certificate_that_the_directory_makes_ends_when_it_is_asked_to(tenant: Tenant) -> None:
    path = f"/v1.0/servicePrincipals/{add_principal(tenant, add_application(tenant)['appId'])['id']}"
    body: Any = {"displayName": "CN=sso", "endDateTime": "2099-01-02T03:04:05Z"}
    _, made = tenant.graph.request("POST", f"{path}/addTokenSigningCertificate", body)
    made_of = x509.load_der_x509_certificate(base64.b64decode(str(made["key"])))
    assert made_of.not_valid_after_utc == datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    "credentials",
    [
        {"passwordCredentials": [{"displayName": "mine"}]},
        {"passwordCredentials": [{"keyId": NOBODY, "secretText": "mine"}]},
        {"passwordCredentials": [{"keyId": ["x"]}]},
        {"keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": 1}]},
        {"keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": "TUlJ", "keyId": ["x"]}]},
        {"keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": "TUlJ", "endDateTime": "soon"}]},
        {"keyCredentials": [{"type": "AsymmetricX509Cert", "usage": "Verify", "key": "TUlJ", "startDateTime": "soon"}]},
    ],
)
def test_credentials_that_a_service_principal_cannot_have_are_refused(
    tenant: Tenant, store: Store, method: str, credentials: dict[str, Any]
) -> None:
    app = add_application(tenant)
    path, body = "/v1.0/servicePrincipals", {"appId": app["appId"]}
    if method == "PATCH":
        path, body = f"{path}/{add_principal(tenant, app['appId'])['id']}", {}
    assert tenant.refused(method, path, body | credentials)[0] == 400
    if method == "PATCH":
        form = {"grant_type": "client_credentials", "client_id": app["appId"], "client_secret": "mine"}
        with pytest.raises(SignInError, match="Invalid client secret"):
            sign_in(store, tenant.enrolment.tenant_id, form, ORIGIN)


def test_a_service_principal_is_made_with_a_certificate_and_loses_the_password_that_is_left_out(
    tenant: Tenant, store: Store
) -> None:
    app = add_application(tenant)
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": certificate(days=365)}
    principal = tenant.post("/v1.0/servicePrincipals", {"appId": app["appId"], "keyCredentials": [key]})
    path = f"/v1.0/servicePrincipals/{principal['id']}"
    assert tenant.get(path)["keyCredentials"][0]["keyId"]
    secrets = [str(tenant.graph.request("POST", f"{path}/addPassword", {})[1]["secretText"]) for _ in range(2)]
    first, second = tenant.get(path)["passwordCredentials"]
    tenant.patch(path, {"passwordCredentials": [second]})
    assert tenant.get(path)["passwordCredentials"] == [second]
    form = {"grant_type": "client_credentials", "client_id": app["appId"]}
    sign_in(store, tenant.enrolment.tenant_id, {**form, "client_secret": secrets[1]}, ORIGIN)
    with pytest.raises(SignInError, match="Invalid client secret"):
        sign_in(store, tenant.enrolment.tenant_id, {**form, "client_secret": secrets[0]}, ORIGIN)
    assert kept_hashes(store, principal["id"], first, second) == [False, True]


def kept_hashes(store: Store, owner: str, *passwords: Any) -> list[bool]:
    with store.reading(UNITED_STATES.tenant_id) as opened:
        return [opened.secret(f"{owner}/{password['keyId']}") is not None for password in passwords]


def test_what_is_deleted_for_good_leaves_no_hash_of_a_password(tenant: Tenant, store: Store) -> None:
    app = add_application(tenant)
    tenant.graph.request("POST", f"/v1.0/applications/{app['id']}/addPassword", {})
    passwords = tenant.get(f"/v1.0/applications/{app['id']}")["passwordCredentials"]
    assert kept_hashes(store, app["id"], *passwords) == [True]
    tenant.delete(f"/v1.0/applications/{app['id']}")
    tenant.delete(f"/v1.0/directory/deletedItems/{app['id']}")
    assert kept_hashes(store, app["id"], *passwords) == [False]


def test_a_certificate_with_another_key_than_rsa_signs_nobody_in(tenant: Tenant, store: Store) -> None:
    public = certificate(days=3650)
    key = {"type": "AsymmetricX509Cert", "usage": "Verify", "key": public}
    app = add_application(tenant, keyCredentials=[key])
    add_principal(tenant, app["appId"])
    digest = hashlib.sha1(base64.b64decode(public), usedforsecurity=False).digest()
    thumbprint = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = {
        "client_assertion": jwt.encode({"iss": app["appId"]}, own, "RS256", {"x5t": thumbprint}),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_id": app["appId"],
        "grant_type": "client_credentials",
    }
    with pytest.raises(SignInError) as refused:
        sign_in(store, tenant.enrolment.tenant_id, form, ORIGIN)
    assert refused.value.number == 700027


def test_an_object_s_own_id_may_stand_in_its_body(tenant: Tenant) -> None:
    app = add_application(tenant)
    tenant.patch(f"/v1.0/applications/{app['id']}", {"id": app["id"], "notes": "x"})
    assert tenant.refused("PATCH", f"/v1.0/applications/{app['id']}", {"id": NOBODY})[0] == 400


# Consent


def graph_of(tenant: Tenant) -> dict[str, Any]:
    (graph,) = tenant.get(f"/v1.0/servicePrincipals?$filter=appId eq '{GRAPH}'")["value"]
    return dict(graph)


def test_microsoft_graph_is_not_deleted(tenant: Tenant) -> None:
    assert tenant.refused("DELETE", f"/v1.0/servicePrincipals/{graph_of(tenant)['id']}")[0] == 403
    assert graph_of(tenant)


def test_what_microsoft_graph_offers_can_be_named(tenant: Tenant) -> None:
    graph = graph_of(tenant)
    assert {"openid", "User.Read"} <= {scope["value"] for scope in graph["oauth2PermissionScopes"]}
    assert "User.Read.All" in {role["value"] for role in graph["appRoles"]}


def delegated(client: dict[str, Any], resource: dict[str, Any], **more: Any) -> dict[str, Any]:
    ends = {"clientId": client["id"], "resourceId": resource["id"]}
    return {**ends, "consentType": "AllPrincipals", "scope": "openid User.Read", **more}


def test_consent_for_everybody_and_for_one_are_two_grants(tenant: Tenant) -> None:
    client, graph = add_principal(tenant, add_application(tenant)["appId"]), graph_of(tenant)
    everybody = tenant.post("/v1.0/oauth2PermissionGrants", delegated(client, graph))
    one = delegated(client, graph, consentType="Principal", principalId=ADA.object_id)
    ada = tenant.post("/v1.0/oauth2PermissionGrants", one)
    assert tenant.ids("/v1.0/oauth2PermissionGrants") == [everybody["id"], ada["id"]]
    assert tenant.ids(f"/v1.0/servicePrincipals/{client['id']}/oauth2PermissionGrants") == [everybody["id"], ada["id"]]
    assert tenant.ids(f"/v1.0/users/{ADA.object_id}/oauth2PermissionGrants") == [ada["id"]]
    tenant.patch(f"/v1.0/oauth2PermissionGrants/{ada['id']}", {"scope": "openid"})
    assert tenant.get(f"/v1.0/oauth2PermissionGrants/{ada['id']}")["scope"] == "openid"
    tenant.delete(f"/v1.0/oauth2PermissionGrants/{everybody['id']}")
    assert tenant.ids("/v1.0/oauth2PermissionGrants") == [ada["id"]]
    tenant.post("/v1.0/oauth2PermissionGrants", delegated(client, graph))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 409),
        ({"consentType": "Principal"}, 400),
        ({"principalId": ADA.object_id}, 400),
        ({"consentType": "Somebody"}, 400),
        ({"consentType": "Principal", "principalId": NOBODY}, 404),
        ({"resourceId": NOBODY}, 404),
    ],
)
def test_consents_that_cannot_be_are_refused(tenant: Tenant, changes: dict[str, Any], status: int) -> None:
    client, graph = add_principal(tenant, add_application(tenant)["appId"]), graph_of(tenant)
    tenant.post("/v1.0/oauth2PermissionGrants", delegated(client, graph))
    assert tenant.refused("POST", "/v1.0/oauth2PermissionGrants", delegated(client, graph, **changes))[0] == status


def test_a_consent_is_found_in_whatever_case_its_ids_are_written(tenant: Tenant) -> None:
    client, graph = add_principal(tenant, add_application(tenant)["appId"]), graph_of(tenant)
    ends = {"clientId": client["id"], "principalId": ADA.object_id, "resourceId": graph["id"]}
    written = {name: object_id.upper() for name, object_id in ends.items()}
    made = tenant.post("/v1.0/oauth2PermissionGrants", {**written, "consentType": "Principal", "scope": "User.Read"})
    assert {name: made[name] for name in ends} == ends
    assert tenant.ids(f"/v1.0/servicePrincipals/{client['id']}/oauth2PermissionGrants") == [made["id"]]
    assert tenant.ids(f"/v1.0/users/{ADA.object_id}/oauth2PermissionGrants") == [made["id"]]
    body = {"appRoleId": DEFAULT_ROLE, "principalId": ADA.object_id.upper(), "resourceId": graph["id"].upper()}
    given = tenant.post(f"/v1.0/servicePrincipals/{graph['id']}/appRoleAssignedTo", body)
    assert (given["principalId"], given["resourceId"]) == (ADA.object_id, graph["id"])


def test_an_application_role_is_assigned_listed_from_both_ends_and_taken_away(tenant: Tenant) -> None:
    resource = add_principal(tenant, add_application(tenant, appRoles=[ROLE])["appId"])
    path = f"/v1.0/servicePrincipals/{resource['id']}/appRoleAssignedTo"
    body = {"appRoleId": ROLE["id"], "principalId": ADA.object_id, "resourceId": resource["id"]}
    made = tenant.post(path, body)
    assert (made["principalType"], made["principalDisplayName"]) == ("User", ADA.display_name)
    assert made["resourceDisplayName"] == "Orders"
    assert tenant.ids(path) == tenant.ids(f"/v1.0/users/{ADA.object_id}/appRoleAssignments") == [made["id"]]
    assert tenant.refused("POST", path, body)[0] == 400
    assert tenant.refused("POST", path, {**body, "appRoleId": NOBODY})[0] == 400
    tenant.post(path, {**body, "appRoleId": DEFAULT_ROLE})
    tenant.delete(f"{path}/{made['id']}")
    assert tenant.refused("GET", f"{path}/{made['id']}")[0] == 404


@pytest.mark.parametrize("kind", ["users", "groups", "servicePrincipals"])
def test_an_application_role_is_given_and_taken_away_at_who_holds_it(tenant: Tenant, kind: str) -> None:
    resource = add_principal(tenant, add_application(tenant, appRoles=[ROLE])["appId"])["id"]
    holder = {
        "users": lambda: tenant.add_user("bob"),
        "groups": lambda: tenant.add_group("Ops"),
        "servicePrincipals": lambda: add_principal(tenant, add_application(tenant, "Client")["appId"])["id"],
    }[kind]()
    path, other_end = (
        f"/v1.0/{kind}/{holder}/appRoleAssignments",
        f"/v1.0/servicePrincipals/{resource}/appRoleAssignedTo",
    )
    body = {"appRoleId": ROLE["id"], "principalId": holder, "resourceId": resource}
    assert tenant.refused("POST", path, {**body, "principalId": ADA.object_id})[0] == 400
    assert tenant.refused("POST", path, {**body, "resourceId": NOBODY})[0] == 404
    made = tenant.post(path, body)["id"]
    assert tenant.refused("POST", other_end, body)[0] == 400, "it is the same assignment"
    assert tenant.ids(path) == tenant.ids(other_end) == [made]
    expanded = tenant.get(f"/v1.0/{kind}/{holder}?$expand=appRoleAssignments($select=id,resourceId)")
    assert expanded["appRoleAssignments"] == [{"id": made, "resourceId": resource}]
    assert tenant.get(f"{path}/{made}")["resourceDisplayName"] == "Orders"
    assert tenant.refused("GET", f"/v1.0/users/{ADA.object_id}/appRoleAssignments/{made}")[0] == 404
    tenant.delete(f"{path}/{made}")
    assert tenant.ids(other_end) == []


def test_what_an_application_offers_has_addresses_of_its_own(tenant: Tenant) -> None:
    application = add_application(tenant, appRoles=[ROLE])
    principal = add_principal(tenant, application["appId"])
    for owner, name in (("applications", "appRoles"), ("servicePrincipals", "appRoles")):
        path = f"/v1.0/{owner}/{(application if owner == 'applications' else principal)['id']}"
        assert tenant.get(f"{path}/{name}")["value"] == tenant.get(path)[name] != []
    graph = f"/v1.0/servicePrincipals(appId='{GRAPH}')"
    scopes = tenant.get(f"{graph}/oauth2PermissionScopes")
    assert scopes["@odata.context"].endswith("/oauth2PermissionScopes")
    assert {"User.Read"} <= {scope["value"] for scope in scopes["value"]}
    assert tenant.refused("GET", f"{graph}/oauth2PermissionScopes?$top=1")[0] == 501


def test_a_claims_mapping_policy_is_made_and_assigned(tenant: Tenant) -> None:
    principal = add_principal(tenant, add_application(tenant)["appId"])
    policy = tenant.post("/v1.0/policies/claimsMappingPolicies", {"displayName": "Claims", "definition": ["{}"]})
    path = f"/v1.0/servicePrincipals/{principal['id']}/claimsMappingPolicies"
    tenant.post(f"{path}/$ref", {"@odata.id": f"https://localhost/v1.0/policies/claimsMappingPolicies/{policy['id']}"})
    assert tenant.ids(path) == [policy["id"]]
    tenant.delete(f"{path}/{policy['id']}/$ref")
    assert tenant.ids(path) == []
