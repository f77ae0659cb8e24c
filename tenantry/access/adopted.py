"""Asks Microsoft Graph what a file does not say: whose accounts are adopted by UPN, and what declared identities are.

The same question and answer wherever no program runs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tenantry.access.adoption import LookedUp, look_up, sign_in_names
from tenantry.access.parts import NotRead, Parts
from tenantry.access.principals import Principal, in_tenant
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
    with _reader_of(tenant, environment) as graph:
        found = list(graph.users_named(names))
    return look_up(
        tenant,
        (Principal.in_directory(one.id, one.display_name or one.id, one.user_principal_name) for one in found),
    )


def identities_in_tenant(tenant: Tenant, environment: Mapping[str, str] | None = None) -> dict[str, Principal]:
    """What the tenant has behind the object ids of declared identities, by object id. Raises GraphError likewise."""
    with _reader_of(tenant, environment) as graph:
        found = Parts(graph).behind({one.object_id for one in tenant.identities.values()}).everything
    if isinstance(found, NotRead):
        raise GraphError(found.text)
    return {one.id: in_tenant(one) for one in found}


@contextmanager
def _reader_of(tenant: Tenant, environment: Mapping[str, str] | None) -> Iterator[GraphReader]:
    with GraphReader.from_environment(environment) as graph:
        signed_in = graph.caller().tenant_id
        if signed_in != tenant.id:
            raise GraphError(
                f"The environment signs in to the tenant {signed_in}, but the declared tenant is {tenant.id}."
            )
        yield graph
