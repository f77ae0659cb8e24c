"""A partner tenant: its people, agent groups, directory roles and consent, as its file declares them."""

from dataclasses import dataclass

import pulumi

from components.agent_groups import AgentGroups, AgentGroupsArgs
from components.customers import Customers, CustomersArgs
from components.directory_roles import DirectoryRoles, DirectoryRolesArgs
from components.ftop_access import FtopAccess
from components.group_memberships import GroupMemberships, GroupMembershipsArgs
from components.people import People, PeopleArgs
from components.positions import short_stack_traces
from components.preflight import preflight
from components.providers import child_options, invoke_options
from tenantry.declaration import Mode, Tenant
from tenantry.reports.who import who_has_what
from tenantry.todo import todos


@dataclass(frozen=True)
class PartnerTenantArgs:
    """What a partner tenant is made from."""

    tenant: Tenant
    password_secret: pulumi.Input[str]
    """At least 32 characters, from which the temporary passwords are derived."""


class PartnerTenant(pulumi.ComponentResource):
    """Everything that a tenant's declaration gives its people in Entra ID.

    Raises :class:`pulumi.RunError`, before any resource is registered, where the program is signed in to another
    tenant than the declared one, where somebody who is adopted has no account, several, or one that is not as
    declared, where an account that this stack made would be deleted while it can sign in, where an agent group is
    missing or ambiguous, where the mode would change in one step, or where the change takes more from people than one
    change may, or what it takes is unknown.
    """

    who_has_what: dict[str, list[str]]
    to_do: list[str]
    customers: pulumi.Output[dict[str, str]]
    """What relationships with customers wait for, or that they have ended, by customer and key."""
    temporary_passwords: pulumi.Output[dict[str, str]]
    """The temporary passwords by person, as the accounts have them: a secret."""

    def __init__(self, name: str, args: PartnerTenantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        with short_stack_traces():
            self._make(name, args, opts)

    def _make(self, name: str, args: PartnerTenantArgs, opts: pulumi.ResourceOptions | None) -> None:
        invoke = invoke_options(opts)
        ready = preflight(name, args.tenant, invoke)
        tenant, groups = ready.tenant, ready.existing_groups
        super().__init__("tenantry:index:PartnerTenant", name, None, opts)
        child = child_options(self, name, tenant.id, invoke)
        # The tenant's approval comes before anybody is let into a group that opens FTOP.
        approval = [FtopAccess(name, ready.consent, child)] if ready.consent else []
        # No component without a resource in it: a saved plan could not show that it only stays.
        made = ready.made_here
        people = People(name, PeopleArgs(tenant.id, made, args.password_secret), child) if made else None
        ids: dict[str, pulumi.Input[str]] = {**ready.known_ids, **(people.object_ids if people else {})}
        if ready.has_agent_groups and tenant.mode is Mode.AUTHORITATIVE:
            AgentGroups(name, AgentGroupsArgs(tenant, groups, ids, approval), child)
        if ready.has_members and tenant.mode is Mode.ADDITIVE:
            GroupMemberships(name, GroupMembershipsArgs(tenant, groups, ids, ready.known_ids, approval), child)
        if ready.has_roles:
            DirectoryRoles(name, DirectoryRolesArgs(tenant, ids), child)
        self.customers = pulumi.Output.from_input(dict[str, str]())
        if tenant.relationships or (tenant.gdap and tenant.gdap.groups):
            self.customers = Customers(name, CustomersArgs(tenant, ids, ready.administration), child).notes
        self.who_has_what = who_has_what(tenant)
        self.to_do = [str(todo) for todo in todos(tenant)]
        self.temporary_passwords = people.passwords if people else pulumi.Output.secret(dict[str, str]())
        self.register_outputs({"tenant": tenant.id, "country": tenant.country, "who_has_what": self.who_has_what})
