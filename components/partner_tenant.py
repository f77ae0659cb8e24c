"""A partner tenant: its people, agent groups, directory roles and consent, as its file declares them."""

from dataclasses import dataclass

import pulumi
import pulumi_azuread as azuread

from components.account_guard import refuse_lost_accounts
from components.admin_role import AdminRole, AdminRoleArgs, Holder
from components.adopted_accounts import with_adopted_accounts
from components.agent_groups import AgentGroups, AgentGroupsArgs, find_agent_groups
from components.change_guard import refuse_unsafe_change
from components.ftop_access import FtopAccess, FtopAccessArgs, find_resource
from components.group_memberships import GroupMemberships, GroupMembershipsArgs, Member
from components.mode_guard import refuse_a_change_of_mode_in_one_step
from components.owned import owned_by_this_stack
from components.partner_user import PartnerUser, PartnerUserArgs
from components.providers import invoke_options
from components.tenant_guard import refuse_a_changed_tenant, refuse_another_tenant
from tenantry.access.declared import holders
from tenantry.declaration import Mode, Program, Tenant
from tenantry.reports.who import who_has_what
from tenantry.roles import AgentGroup, DirectoryRole
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
    change may, or what it takes cannot be told.
    """

    who_has_what: dict[str, list[str]]
    to_do: list[str]
    temporary_passwords: pulumi.Output[dict[str, str]]
    """The temporary passwords by person, as the accounts have them: a secret."""

    def __init__(self, name: str, args: PartnerTenantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        invoke = invoke_options(opts)
        refuse_another_tenant(args.tenant, invoke)
        tenant = with_adopted_accounts(args.tenant, invoke)
        owned = owned_by_this_stack()
        refuse_a_changed_tenant(tenant, owned)
        refuse_lost_accounts(name, tenant, owned.accounts)
        has_groups = Program.CSP in tenant.programs
        held = {group: owned.groups[f"{name}-{group}"] for group in AgentGroup if f"{name}-{group}" in owned.groups}
        existing = find_agent_groups(tenant.agent_groups, invoke, held) if has_groups else {}
        refuse_a_change_of_mode_in_one_step(name, tenant, owned)
        consent = tenant.ftop_consent if tenant.ftop_consent and tenant.ftop_consent.approved else None
        resource_id = find_resource(consent, invoke) if consent else ""
        now = refuse_unsafe_change(name, tenant, existing, owned)
        super().__init__("tenantry:index:PartnerTenant", name, None, opts)
        # Bound to the declared tenant, and so is what the state remembers of it: credentials of another tenant are
        # refused by the other side, even by a refresh that runs before this program does.
        bound = (
            None
            if invoke.provider
            else azuread.Provider(name, tenant_id=tenant.id, opts=pulumi.ResourceOptions(parent=self))
        )
        child = pulumi.ResourceOptions(parent=self, providers=[bound] if bound else None)
        # The tenant's approval comes before anybody is let into a group that opens FTOP.
        approval = (
            [FtopAccess(name, FtopAccessArgs(consent, resource_id, now.ftop_principal if now else None), child)]
            if consent
            else []
        )
        users = {
            key: PartnerUser(
                f"{name}-{person.first_key(key)}",
                PartnerUserArgs(person.first_key(key), person, tenant.id, args.password_secret),
                child,
            )
            for key, person in tenant.members.items()
            if not person.adopted
        }
        object_ids: dict[str, pulumi.Input[str]] = {
            key: person.adopted or users[key].object_id for key, person in tenant.members.items()
        }
        if has_groups:
            released = tenant.agent_groups.release
            if tenant.mode is Mode.ADDITIVE:
                known = {account.name: account.object_id for account in owned.accounts}
                single = {
                    group: {
                        person.first_key(key): Member(
                            object_ids[key], person.adopted or known.get(f"{name}-{person.first_key(key)}")
                        )
                        for key, person in holders(tenant, group).items()
                    }
                    for group in AgentGroup
                }
                GroupMemberships(name, GroupMembershipsArgs(single, existing, invoke, approval, released), child)
            else:
                members = {group: [object_ids[key] for key in holders(tenant, group)] for group in AgentGroup}
                AgentGroups(name, AgentGroupsArgs(members, existing, approval, released), child)
        for role in DirectoryRole:
            held_by = {
                person.first_key(key): Holder(
                    object_ids[key], person.emergency, tenant.pinned_roles.get((key, role)), person.assignment(role)
                )
                for key, person in holders(tenant, role).items()
            }
            if held_by:
                AdminRole(f"{name}-{role.value.lower().replace(' ', '-')}", AdminRoleArgs(role, held_by), child)
        self.who_has_what = who_has_what(tenant)
        self.to_do = [str(todo) for todo in todos(tenant)]
        self.temporary_passwords = pulumi.Output.secret(
            pulumi.Output.all(**{key: user.password for key, user in users.items()})
        )
        self.register_outputs({"tenant": tenant.id, "country": tenant.country, "who_has_what": self.who_has_what})
