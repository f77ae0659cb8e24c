"""Putting into a tenant what Partner Center leaves there when a partner enrols."""

from collections.abc import Iterable
from typing import Final

from tenantry.role_templates import GLOBAL_ADMINISTRATOR

from . import domains, groups, licences, roles, service_principals, users
from .documents import JsonObject, JsonValue
from .enrolment import (
    ADMIN_AGENTS,
    ALL_USERS,
    PARTNER_GROUPS,
    Enrolment,
    deployment_client_id,
    deployment_principal_id,
)
from .identifiers import stable_id
from .passwords import hash_secret
from .resources import ORGANIZATION, Kind
from .state import State
from .store import Store
from .tenant import Secret, Tenant

_DEPLOYING_APPLICATION: Final = "Tenantry deployment"


def open_store(state: State, enrolments: Iterable[Enrolment]) -> Store:
    """Open the store that is kept in a folder, with all these tenants in it.

    Those that are not enrolled are, with credentials made up for them. Raises StoreError.
    """
    store = Store(state.store)
    try:
        for enrolment in enrolments:
            enrol(store, enrolment, state.issue_credentials(enrolment.tenant_id).client_secret)
    except BaseException:
        store.close()
        raise
    return store


def enrol(store: Store, enrolment: Enrolment, client_secret: str) -> bool:
    """Enrol a tenant, all of it or nothing; False if it is enrolled, and then it is left as it is.

    `client_secret` is the deploying application's. It and the application's permissions are taken over for a tenant
    that is enrolled, too, since a secret that was lost could not be had from the directory again; a directory role that
    the application lacks is given to it.
    """
    with store.creating(enrolment.tenant_id) as tenant:
        is_new = tenant.get(Kind.ORGANIZATION, tenant.id) is None
        if is_new:
            _add_organization(tenant, enrolment)
            domains.add(tenant, enrolment.verified_domains, enrolment.initial_domain.lower())
            service_principals.create(
                tenant,
                object_id=deployment_principal_id(tenant.id),
                client_id=deployment_client_id(tenant.id),
                display_name=_DEPLOYING_APPLICATION,
            )
            service_principals.of_microsoft(tenant, service_principals.MICROSOFT_GRAPH)
            for id_, name in enrolment.service_principals.items():
                client_id = stable_id(tenant.id, f"applications/{id_}")
                service_principals.create(tenant, object_id=id_.lower(), client_id=client_id, display_name=name)
            if enrolment.agent_groups:
                _add_groups(tenant, enrolment)
            _add_first_users(tenant, enrolment)
        if not licences.are_recorded(tenant):  # it is new, or was enrolled by an earlier release
            licences.give(tenant, enrolment.licences)
        tenant.keep_secret(deployment_principal_id(tenant.id), Secret(hash_secret(client_secret), False))
        tenant.permit(deployment_principal_id(tenant.id), enrolment.permissions)
        for template_id in enrolment.directory_roles - tenant.roles_kept_for(deployment_principal_id(tenant.id)):
            roles.assign(tenant, template_id, deployment_principal_id(tenant.id))
        return is_new


def _add_organization(tenant: Tenant, enrolment: Enrolment) -> None:
    default = enrolment.verified_domains[0]
    verified: list[JsonValue] = [
        {
            "capabilities": ", ".join(domains.SERVICES),
            "isDefault": name == default,
            "isInitial": name == enrolment.initial_domain.lower(),
            "name": name,
            "type": "Managed",
        }
        for name in enrolment.verified_domains
    ]
    organization: JsonObject = {
        "city": enrolment.city,
        "countryLetterCode": enrolment.country,
        "defaultUsageLocation": enrolment.country,
        "displayName": enrolment.display_name,
        "postalCode": enrolment.postal_code,
        "street": enrolment.street,
        "tenantType": "AAD",
        "verifiedDomains": verified,
    }
    tenant.create(ORGANIZATION, organization, object_id=tenant.id)


def _add_groups(tenant: Tenant, enrolment: Enrolment) -> None:
    for name in PARTNER_GROUPS:
        group: JsonObject = {
            "displayName": name,
            "mailEnabled": False,
            "mailNickname": name.replace(" ", ""),
            "securityEnabled": True,
        }
        groups.create(tenant, group, object_id=enrolment.group_id(name).lower())
    # From here on, every enabled member of the tenant is in it.
    tenant.all_users_group = enrolment.group_id(ALL_USERS).lower()


def _add_first_users(tenant: Tenant, enrolment: Enrolment) -> None:
    for person in enrolment.first_users:
        user = users.create(
            tenant,
            {
                "accountEnabled": True,
                "displayName": person.display_name,
                "mailNickname": person.upn.partition("@")[0],
                "usageLocation": enrolment.country,
                "userPrincipalName": person.upn,
            },
            object_id=person.object_id.lower(),
        )
        if person not in enrolment.global_admins:
            continue
        roles.assign(tenant, GLOBAL_ADMINISTRATOR.id, user.id)
        if enrolment.agent_groups:
            groups.add_member(tenant, groups.find(tenant, enrolment.group_id(ADMIN_AGENTS)), user)
