"""Pulumi components: a partner tenant, its agent groups, its people and their directory roles."""

from components.admin_role import AdminRole, AdminRoleArgs, Holder
from components.agent_groups import AgentGroups, AgentGroupsArgs, ExistingGroup, find_agent_groups
from components.group_memberships import GroupMemberships, GroupMembershipsArgs, Member
from components.partner_tenant import PartnerTenant, PartnerTenantArgs
from components.partner_user import PartnerUser, PartnerUserArgs

__all__ = [
    "AdminRole",
    "AdminRoleArgs",
    "AgentGroups",
    "AgentGroupsArgs",
    "ExistingGroup",
    "GroupMemberships",
    "GroupMembershipsArgs",
    "Holder",
    "Member",
    "PartnerTenant",
    "PartnerTenantArgs",
    "PartnerUser",
    "PartnerUserArgs",
    "find_agent_groups",
]
