"""Asks Microsoft Graph whose accounts are adopted by UPN: the same question and answer wherever no program runs."""

from collections.abc import Mapping

from tenantry.access.adoption import LookedUp, look_up, sign_in_names
from tenantry.access.principals import Principal
from tenantry.declaration.tenant import Tenant
from tenantry.graph.client import GraphReader
from tenantry.graph.errors import GraphError


def look_up_in_tenant(tenant: Tenant, environment: Mapping[str, str] | None = None) -> LookedUp:
    """The accounts of those who are adopted by UPN, signed in as the provider would be from ``environment``.

    Nothing is asked where nobody is. Raises GraphError where the tenant cannot be asked, also where the environment
    signs in to another one.
    """
    names = sign_in_names(tenant)
    if not names:
        return LookedUp()
    with GraphReader.from_environment(environment) as graph:
        signed_in = graph.caller().tenant_id
        if signed_in != tenant.id:
            raise GraphError(
                f"The environment signs in to the tenant {signed_in}, and the declared one is {tenant.id}."
            )
        found = list(graph.users_named(names))
    return look_up(
        tenant,
        (Principal.in_directory(item.id, item.display_name or item.id, item.user_principal_name) for item in found),
    )
