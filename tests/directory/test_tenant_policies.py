"""The tenant's own policies: as a tenant begins with them."""

from typing import Any

import pytest

from .samples import NOBODY, Tenant

CONDITIONAL_ACCESS = "/v1.0/identity/conditionalAccess/policies"


def test_a_tenant_begins_with_microsofts_authorization_policy(tenant: Tenant):
    policy = tenant.get("/v1.0/policies/authorizationPolicy?$select=allowInvitesFrom,defaultUserRolePermissions")
    assert policy["allowInvitesFrom"] == "everyone"
    assert policy["defaultUserRolePermissions"]["allowedToCreateTenants"] is True
    assert "guestUserRoleId" not in policy


def test_a_tenant_begins_without_conditional_access(tenant: Tenant):
    assert tenant.get(f"{CONDITIONAL_ACCESS}?$filter=state eq 'enabled'")["value"] == []
    assert tenant.graph.request("GET", f"{CONDITIONAL_ACCESS}/{NOBODY}")[0] == 404


@pytest.mark.parametrize("path", ["/v1.0/policies/authorizationPolicy", "/v1.0/policies/authenticationMethodsPolicy"])
def test_some_cannot_be_changed_here(tenant: Tenant, path: str):
    status, answer = tenant.graph.request("PATCH", path, {"displayName": "Mine"})
    assert status == 501
    error: Any = answer["error"]
    assert "PATCH" in error["message"]


def test_a_tenant_says_which_authentication_methods_it_allows(tenant: Tenant):
    policy = tenant.get("/v1.0/policies/authenticationMethodsPolicy")
    methods = {method["id"]: method["state"] for method in policy["authenticationMethodConfigurations"]}
    assert (methods["MicrosoftAuthenticator"], methods["Sms"]) == ("enabled", "disabled")
    one = tenant.get("/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2")
    assert one["@odata.type"] == "#microsoft.graph.fido2AuthenticationMethodConfiguration"
    missing = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Telepathy"
    assert tenant.graph.request("GET", missing)[0] == 404
