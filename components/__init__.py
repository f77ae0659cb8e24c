"""Pulumi components: a partner tenant, its people, agent groups, directory roles and consent."""

from components.partner_tenant import PartnerTenant, PartnerTenantArgs

__all__ = ["PartnerTenant", "PartnerTenantArgs"]
