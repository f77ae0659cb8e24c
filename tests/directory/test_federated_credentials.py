"""Federated identity credentials: whose tokens an application takes."""

from typing import Any

import jwt
import pytest

from tenantry.directory.errors import GraphError
from tenantry.directory.store import Store
from tenantry.directory.tokens import SignInError, sign_in

from .samples import NOBODY, ORIGIN, Permitted, Tenant

BODY = {
    "name": "main-branch",
    "issuer": "https://token.actions.githubusercontent.example",
    "subject": "repo:contoso/access:ref:refs/heads/main",
    "audiences": ["api://AzureADTokenExchange"],
}
EXPRESSION = {"value": "claims['sub'] matches 'repo:contoso/access:*'", "languageVersion": 1}


def application(tenant: Tenant) -> str:
    return str(tenant.post("/v1.0/applications", {"displayName": "Pipeline"})["id"])


def credentials(application_id: str, version: str = "v1.0") -> str:
    return f"/{version}/applications/{application_id}/federatedIdentityCredentials"


def test_a_credential_is_made_read_changed_and_deleted(tenant: Tenant):
    path = credentials(application(tenant))
    made = tenant.post(path, {**BODY, "description": "the pipeline"})
    one = f"{path}/{made['id']}"
    assert tenant.get(f"{path}?$select=name")["value"] == [{"name": "main-branch"}]
    assert tenant.get(one)["subject"] == BODY["subject"]
    assert tenant.get(f"{path}/main-branch")["id"] == made["id"], "its name is a key, too"
    tenant.patch(one, {**BODY, "id": made["id"], "subject": "repo:contoso/access:pull_request", "description": None})
    changed = tenant.get(one)
    assert (changed["subject"], changed["description"]) == ("repo:contoso/access:pull_request", None)
    tenant.delete(one)
    assert tenant.refused("GET", one)[0] == 404
    assert tenant.ids(path) == []
    tenant.post(path, BODY)


def test_an_answer_has_the_shape_of_the_example_in_the_reference(tenant: Tenant):
    made = tenant.post(credentials(application(tenant)), BODY)
    assert {name: value for name, value in made.items() if name not in ("@odata.context", "id")} == {
        **BODY,
        "description": None,
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"subject": "repo:contoso/other"},
            (409, "Request_MultipleObjectsWithSameKeyValue", "name main-branch already exists."),
        ),
        (
            {"name": "same-token"},
            (400, "InvalidFederatedIdentityCredentialValue", "must be unique for the application"),
        ),
        ({"name": ""}, (400, "Request_BadRequest", "'name'")),
        ({"name": "n" * 121}, (400, "Request_BadRequest", "'name'")),
        ({"name": "x", "issuer": None}, (400, "Request_BadRequest", "'issuer'")),
        ({"name": "x", "audiences": []}, (400, "Request_BadRequest", "'audiences'")),
        ({"name": "x", "audiences": ["a", "b"]}, (400, "Request_BadRequest", "'audiences'")),
        ({"name": "x", "subject": None}, (400, "Request_BadRequest", "'subject'")),
        ({"name": "x", "claimsMatchingExpression": EXPRESSION}, (400, "Request_BadRequest", "'subject'")),
    ],
)
def test_credentials_that_cannot_be_are_refused(tenant: Tenant, changes: Any, expected: Any):
    path = credentials(application(tenant), "beta")
    tenant.post(path, BODY)
    status, code, message = tenant.refused("POST", path, BODY | changes)
    assert (status, code) == expected[:2]
    assert expected[2] in message


def test_a_name_does_not_change_and_a_token_is_not_taken_from_another_credential(tenant: Tenant):
    path = credentials(application(tenant))
    tenant.post(path, BODY)
    other = tenant.post(path, {**BODY, "name": "other", "subject": "repo:contoso/other"})
    assert tenant.refused("PATCH", f"{path}/{other['id']}", {"name": "renamed"})[0] == 400
    assert tenant.refused("PATCH", f"{path}/{other['id']}", {"subject": BODY["subject"]})[0] == 400
    tenant.patch(f"{path}/{other['id']}", {"subject": "repo:contoso/other"})


def test_another_application_may_have_the_same_credential(tenant: Tenant):
    first, second = credentials(application(tenant)), credentials(application(tenant))
    made = tenant.post(first, BODY)
    tenant.post(second, BODY)
    assert tenant.refused("GET", f"{second}/{made['id']}")[0] == 404
    assert tenant.refused("GET", credentials(NOBODY))[0] == 404


def test_an_application_has_twenty_at_most(tenant: Tenant):
    path = credentials(application(tenant))
    for number in range(20):
        tenant.post(path, {**BODY, "name": f"n{number}", "subject": f"s{number}"})
    assert tenant.refused("POST", path, BODY)[0] == 400
    assert len(tenant.ids(path)) == 20


def test_an_expression_in_place_of_a_subject_is_shown_in_beta_alone(tenant: Tenant):
    owner = application(tenant)
    flexible = {name: value for name, value in BODY.items() if name != "subject"}
    made = tenant.post(credentials(owner, "beta"), {**flexible, "claimsMatchingExpression": EXPRESSION})
    assert tenant.get(f"{credentials(owner, 'beta')}/{made['id']}")["claimsMatchingExpression"] == EXPRESSION
    assert "claimsMatchingExpression" not in tenant.get(f"{credentials(owner)}/{made['id']}")


def test_credentials_come_back_with_their_application_and_go_with_it(tenant: Tenant):
    owner = application(tenant)
    made = tenant.post(credentials(owner), BODY)
    tenant.delete(f"/v1.0/applications/{owner}")
    assert tenant.refused("GET", credentials(owner))[0] == 404
    tenant.graph.request("POST", f"/v1.0/directory/deletedItems/{owner}/restore", {})
    assert tenant.ids(credentials(owner)) == [made["id"]]
    tenant.delete(f"/v1.0/applications/{owner}")
    tenant.delete(f"/v1.0/directory/deletedItems/{owner}")
    tenant.post(credentials(application(tenant)), BODY)


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"iss": "https://elsewhere.example"}, 700211),
        ({"aud": "api://Other"}, 700212),
        ({"sub": "repo:contoso/access:ref:refs/heads/other"}, 700213),
        ({"sub": "Repo:Contoso/Access:ref:refs/heads/main"}, 700213),
    ],
)
def test_a_token_that_no_credential_names_is_refused(tenant: Tenant, store: Store, changes: Any, number: int):
    with pytest.raises(SignInError) as refused:
        present(tenant, store, changes)
    assert (refused.value.status, refused.value.error, refused.value.number) == (401, "invalid_client", number)
    assert str(*changes.values()) in refused.value.message


def test_a_token_that_a_credential_names_is_not_taken_unproved(tenant: Tenant, store: Store):
    with pytest.raises(GraphError, match="whom it does not ask for keys") as refused:
        present(tenant, store, {})
    assert refused.value.status == 501


def present(tenant: Tenant, store: Store, changes: dict[str, str]) -> None:
    """Sign in by a token of the issuer that the credential names, but for these changes."""
    app = tenant.post("/v1.0/applications", {"displayName": "Pipeline"})
    tenant.post("/v1.0/servicePrincipals", {"appId": app["appId"]})
    tenant.post(credentials(app["id"]), BODY)
    claims = {"iss": BODY["issuer"], "sub": BODY["subject"], "aud": "api://AzureADTokenExchange", **changes}
    form = {
        "grant_type": "client_credentials",
        "client_id": app["appId"],
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, "a key that nobody else has, long enough"),
    }
    sign_in(store, tenant.enrolment.tenant_id, form, ORIGIN)


def test_who_owns_an_application_manages_its_credentials(permitted: Permitted):
    few = permitted("Application.ReadWrite.OwnedBy")
    path = credentials(application(few))
    made = few.post(path, BODY)
    few.patch(f"{path}/{made['id']}", {"description": "ours"})
    assert few.ids(path) == [made["id"]]
    reader = permitted("Application.Read.All")
    assert reader.ids(path) == [made["id"]]
    assert reader.refused("POST", path, {**BODY, "name": "other"})[0] == 403
    assert reader.refused("GET", f"{path}/{made['id']}")[0] == 403, "as Microsoft's table of permissions says"
