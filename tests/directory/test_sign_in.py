import base64
import json
import time
from typing import Any

import pytest

from tenantry.directory.enrolment import deployment_client_id, deployment_principal_id

from .samples import ADA, CLIENT_SECRET, PASSWORD, UNITED_KINGDOM, UNITED_STATES, InProcess, Tenant

CLIENT_ID = deployment_client_id(UNITED_STATES.tenant_id)


class SignIn:
    def __init__(self, send: InProcess) -> None:
        self._send = send

    def __call__(self, tenant_id: str = UNITED_STATES.tenant_id, **form: str) -> tuple[int, Any]:
        answer = self._send("POST", f"/{tenant_id}/oauth2/v2.0/token", data={"client_id": CLIENT_ID, **form})
        return answer.status_code, answer.json()

    def application(self, tenant_id: str = UNITED_STATES.tenant_id, **form: str) -> tuple[int, Any]:
        sound = {
            "grant_type": "client_credentials",
            "client_secret": CLIENT_SECRET,
            "scope": "https://localhost/.default",
        }
        return self(tenant_id, **{**sound, **form})

    def person(self, name: str, password: str) -> str:
        """Return `in`, or the number with which the person was refused."""
        status, answer = self(grant_type="password", username=f"{name}@contoso.example", password=password)
        if status == 200:
            return "in"
        assert (status, answer["error"]) == (400, "invalid_grant")
        return str(answer["error_description"].partition(":")[0])

    def get(self, path: str, token: str) -> int:
        return self._send("GET", path, headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.fixture
def sign_in(send: InProcess) -> SignIn:
    return SignIn(send)


def claims(answer: Any) -> Any:
    payload = answer["access_token"].split(".")[1]
    assert "=" not in payload
    return json.loads(base64.urlsafe_b64decode(payload + "=="))


def test_the_deploying_application_gets_a_token_that_says_who_it_is(sign_in: SignIn):
    status, answer = sign_in.application()
    assert status == 200
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3599)
    said = claims(answer)
    assert said["oid"] == deployment_principal_id(UNITED_STATES.tenant_id)
    assert (said["tid"], said["appid"]) == (UNITED_STATES.tenant_id, CLIENT_ID)
    assert "User.ReadWrite.All" in said["roles"]
    assert said["iat"] <= time.time() < said["exp"]
    assert sign_in.get("/v1.0/users", answer["access_token"]) == 200


def test_a_tenant_may_be_named_by_its_domain(sign_in: SignIn):
    assert claims(sign_in.application("contoso.example")[1])["tid"] == UNITED_STATES.tenant_id


@pytest.mark.parametrize(
    ("tenant_id", "form", "status", "number"),
    [
        (UNITED_STATES.tenant_id, {"client_secret": "wrong"}, 401, 7000215),
        (UNITED_STATES.tenant_id, {"client_secret": ""}, 401, 7000215),
        (UNITED_STATES.tenant_id, {"client_id": "unknown"}, 400, 700016),
        (UNITED_KINGDOM.tenant_id, {}, 400, 700016),
        ("00000000-0000-4000-8000-000000000000", {}, 400, 90002),
        ("elsewhere.example", {}, 400, 90002),
        (UNITED_STATES.tenant_id, {"grant_type": "refresh_token"}, 400, 70003),
    ],
)
def test_a_wrong_sign_in_is_refused_with_its_number(sign_in: SignIn, tenant_id, form, status, number):
    got, answer = sign_in.application(tenant_id, **form)
    assert got == status
    assert answer["error_codes"] == [number]
    assert answer["error_description"].startswith(f"AADSTS{number}: ")
    assert CLIENT_SECRET not in json.dumps(answer)


def test_a_person_signs_in_with_the_password_of_the_account(sign_in: SignIn, tenant: Tenant):
    tenant.add_user("bob")
    assert sign_in.person("bob", PASSWORD) == "in"
    assert sign_in.person("BOB", PASSWORD) == "in"
    assert sign_in.person("bob", PASSWORD.lower()) == "AADSTS50126"
    assert sign_in.person("nobody", PASSWORD) == "AADSTS50126"
    assert sign_in.person(ADA.upn.partition("@")[0], "") == "AADSTS50126"


def test_a_temporary_password_is_right_and_must_be_changed(sign_in: SignIn, tenant: Tenant):
    tenant.empower()
    bob = tenant.add_user("bob", passwordProfile={"password": PASSWORD})
    assert sign_in.person("bob", PASSWORD) == "AADSTS50055"
    assert sign_in.person("bob", "Wrong-Horse-9") == "AADSTS50126"
    tenant.patch(f"/v1.0/users/{bob}", {"passwordProfile": {"forceChangePasswordNextSignIn": False}})
    assert sign_in.person("bob", PASSWORD) == "in"


def test_a_new_password_replaces_the_old_one(sign_in: SignIn, tenant: Tenant):
    tenant.empower()
    bob = tenant.add_user("bob")
    profile = {"password": "Another-Horse-9", "forceChangePasswordNextSignIn": False}
    tenant.patch(f"/v1.0/users/{bob}", {"passwordProfile": profile})
    assert sign_in.person("bob", PASSWORD) == "AADSTS50126"
    assert sign_in.person("bob", "Another-Horse-9") == "in"


def test_a_refused_password_leaves_the_old_one(sign_in: SignIn, tenant: Tenant):
    tenant.empower()
    bob = tenant.add_user("bob")
    change = {"displayName": "Robert", "passwordProfile": {"password": "weak"}}
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", change)[0] == 400
    assert sign_in.person("bob", PASSWORD) == "in"
    assert tenant.get(f"/v1.0/users/{bob}")["displayName"] == "Bob"


def test_a_disabled_account_is_refused_only_to_those_who_know_its_password(sign_in: SignIn, tenant: Tenant):
    bob = tenant.add_user("bob")
    tenant.patch(f"/v1.0/users/{bob}", {"accountEnabled": False})
    assert sign_in.person("bob", PASSWORD) == "AADSTS50057"
    assert sign_in.person("bob", "Wrong-Horse-9") == "AADSTS50126"


def test_a_deleted_user_does_not_sign_in(sign_in: SignIn, tenant: Tenant):
    tenant.delete(f"/v1.0/users/{tenant.add_user('bob')}")
    assert sign_in.person("bob", PASSWORD) == "AADSTS50126"


def test_a_persons_token_opens_nothing_here(sign_in: SignIn, tenant: Tenant):
    tenant.add_user("bob")
    _, answer = sign_in(grant_type="password", username="bob@contoso.example", password=PASSWORD)
    assert sign_in.get("/v1.0/users", answer["access_token"]) == 501


def test_a_disabled_application_gets_no_token_for_itself_or_for_anybody(sign_in: SignIn, tenant: Tenant):
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    tenant.add_user("bob")
    tenant.patch(f"/v1.0/servicePrincipals/{own}", {"accountEnabled": False})
    for form in ({}, {"grant_type": "password", "username": "bob@contoso.example", "password": PASSWORD}):
        status, answer = sign_in.application(**form)
        assert (status, answer["error"], answer["error_codes"]) == (400, "unauthorized_client", [7000112])
        assert f"Application '{CLIENT_ID}'(Tenantry deployment) is disabled." in answer["error_description"]
    tenant.patch(f"/v1.0/servicePrincipals/{own}", {"accountEnabled": True})
    assert sign_in.application()[0] == 200


def test_an_application_without_a_name_signs_in(sign_in: SignIn, tenant: Tenant):
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    tenant.patch(f"/v1.0/servicePrincipals/{own}", {"displayName": None})
    status, answer = sign_in.application()
    assert (status, claims(answer)["app_displayname"]) == (200, None)
