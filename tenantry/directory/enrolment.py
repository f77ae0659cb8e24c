"""What Partner Center leaves in a tenant once the partner has enrolled, and the ids that follow from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .identifiers import is_guid, stable_id
from .licences import Licence

ADMIN_AGENTS: Final = "AdminAgents"
HELPDESK_AGENTS: Final = "HelpdeskAgents"
SALES_AGENTS: Final = "SalesAgents"
ALL_USERS: Final = "All Users"

PARTNER_GROUPS: Final = (ADMIN_AGENTS, HELPDESK_AGENTS, SALES_AGENTS, ALL_USERS)
"""The groups that Partner Center makes in the tenant of a Cloud Solution Provider, by display name."""


DEPLOYMENT_PERMISSIONS: Final = frozenset(
    {
        "AdministrativeUnit.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
        "Application.ReadWrite.All",
        "AuditLog.Read.All",
        "DelegatedAdminRelationship.ReadWrite.All",
        "DelegatedPermissionGrant.ReadWrite.All",
        "Domain.Read.All",
        "Group.ReadWrite.All",
        "Organization.Read.All",
        "Policy.Read.All",
        "Policy.ReadWrite.ApplicationConfiguration",
        "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
        "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
        "RoleEligibilitySchedule.ReadWrite.Directory",
        "RoleManagement.ReadWrite.Directory",
        "User.ReadWrite.All",
        "UserAuthenticationMethod.Read.All",
        "User.RevokeSessions.All",
    }
)
"""What the deploying application may do with Microsoft Graph, if the enrolment does not say otherwise."""


def partner_group_id(tenant_id: str, name: str) -> str:
    """Return the object id of a group that Partner Center made, in a tenant where it is not pinned."""
    return stable_id(tenant_id, f"groups/{name}")


def deployment_client_id(tenant_id: str) -> str:
    """Return the client id of the application with which changes to this tenant are deployed."""
    return stable_id(tenant_id, "applications/deployment")


def deployment_principal_id(tenant_id: str) -> str:
    """Return the object id of the deploying application's service principal in this tenant."""
    return stable_id(tenant_id, "servicePrincipals/deployment")


_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class FirstUser:
    """Somebody who had an account before anything was declared, with the object id that the declaration knows."""

    object_id: str
    upn: str
    display_name: str


@dataclass(frozen=True)
class Enrolment:
    """A tenant as Partner Center leaves it.

    `country` is an ISO 3166-1 alpha-2 code. `domains` are all verified, and the first of them is the default;
    the initial domain is always among them. A tenant without `agent_groups` is enrolled in the Microsoft AI
    Cloud Partner Program alone, and has none of the groups that come with the Cloud Solution Provider program.
    `users` have an account there and nothing else; `service_principals` are there as well, object id to name.
    `pinned_groups` gives the object ids of groups, by display name, where they are known.
    `permissions` are those of the deploying application, for Microsoft Graph, and `directory_roles` the template ids
    of the directory roles that it holds: none, unless somebody gives it one. `licences` are what the tenant has from
    the beginning. Raises ValueError for an enrolment that no tenant can have.
    """

    tenant_id: str
    display_name: str
    country: str
    initial_domain: str
    global_admins: tuple[FirstUser, ...]
    users: tuple[FirstUser, ...] = ()
    service_principals: Mapping[str, str] = field(default_factory=dict, hash=False)
    domains: tuple[str, ...] = ()
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    agent_groups: bool = True
    pinned_groups: Mapping[str, str] = field(default_factory=dict, hash=False)
    permissions: frozenset[str] = DEPLOYMENT_PERMISSIONS
    directory_roles: frozenset[str] = frozenset()
    licences: frozenset[Licence] = frozenset({Licence.ENTRA_ID_P2})

    def __post_init__(self) -> None:
        for what, value in (
            ("tenant id", self.tenant_id),
            *((f"object id of {admin.upn}", admin.object_id) for admin in self.first_users),
            *((f"object id of the application {name}", id_) for id_, name in self.service_principals.items()),
            *((f"object id of the group {name}", pinned) for name, pinned in self.pinned_groups.items()),
        ):
            if not is_guid(value):
                raise ValueError(f"The {what} must be a GUID, and is {value!r}.")
        if _COUNTRY.fullmatch(self.country) is None:
            raise ValueError(f"The country must be a two-letter code such as US, and is {self.country!r}.")
        if not self.global_admins:
            raise ValueError(f"The tenant {self.tenant_id} must have a Global Administrator.")
        for admin in self.first_users:
            if admin.upn.rpartition("@")[2].lower() not in self.verified_domains:
                raise ValueError(f"{admin.upn} is not under a verified domain of the tenant {self.tenant_id}.")

    @property
    def first_users(self) -> tuple[FirstUser, ...]:
        """Everybody who had an account at enrolment."""
        return (*self.global_admins, *self.users)

    @property
    def verified_domains(self) -> tuple[str, ...]:
        """All domains, the default one first."""
        return tuple(dict.fromkeys(name.lower() for name in (*self.domains, self.initial_domain)))

    def group_id(self, name: str) -> str:
        """Return the object id that a group of Partner Center has in this tenant."""
        return self.pinned_groups.get(name, partner_group_id(self.tenant_id, name))
