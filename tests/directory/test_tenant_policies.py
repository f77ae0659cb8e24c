"""The tenant's own policies: as a tenant begins with them, and read only."""

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


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/v1.0/policies/authorizationPolicy"), ("POST", CONDITIONAL_ACCESS)]
)
def test_neither_can_be_changed_here(tenant: Tenant, method: str, path: str):
    status, answer = tenant.graph.request(method, path, {"displayName": "Mine"})
    assert status == 501
    error: Any = answer["error"]
    assert method in error["message"]
