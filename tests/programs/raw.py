"""Acme's US tenant with azuread's own resources and no component: raw, and right.

The declaration is the one of docs/rules/examples.yaml. What a test adds stands at the two marks.
"""

from typing import Any

import pulumi
import pulumi_azuread as azuread

DOMAIN = "acme-partner.onmicrosoft.com"
ADA = "3b6c5a0e-8f5d-4c8f-9a3e-4a6a1a6d7e01"
GROUPS = {
    "AdminAgents": "aaaaaaaa-0000-4000-8000-000000000001",
    "HelpdeskAgents": "aaaaaaaa-0000-4000-8000-000000000002",
    "SalesAgents": "aaaaaaaa-0000-4000-8000-000000000003",
}
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
BILLING_ADMINISTRATOR = "b0f54661-2d74-4c50-afa3-1ec803f12efe"
CLUB = "cccccccc-0000-4000-8000-0000000000c1"  # a group that the tenant has
TEAM = "cccccccc-0000-4000-8000-0000000000c2"  # a role-assignable one
UNDECLARED = "5eed0000-0000-4000-8000-00000000dead"

password = pulumi.Config("tenantry").require_secret("passwordSecret").apply(lambda secret: f"{secret[:20]}-Aa1!")


def account(key, name, mail=None, upn=None, opts=None, **more):
    return azuread.User(
        key,
        user_principal_name=upn or f"{key}@{DOMAIN}",
        display_name=name,
        mail=mail,
        password=password,
        force_password_change=True,
        opts=opts,
        **more,
    )


kept = pulumi.ResourceOptions(protect=True, retain_on_delete=True)
bruno = account("bruno.vale", "Bruno Vale", "bruno.vale@acme.example")
carla = account("carla.wood", "Carla Wood", "carla.wood@acme.example")
dora = account("dora.lake", "Dora Lake", "dora.lake@acme.example")
rescue_1 = account("rescue-1", "Emergency access 1", opts=kept)
rescue_2 = account("rescue-2", "Emergency access 2", opts=kept)

members = {
    "AdminAgents": [ADA, bruno.object_id, carla.object_id],
    "HelpdeskAgents": [],
    "SalesAgents": [dora.object_id],
}
names = {name: name for name in GROUPS}
more: dict[str, dict[str, Any]] = {name: {} for name in GROUPS}
options: dict[str, dict[str, Any]] = {
    name: {"import_": f"/groups/{object_id}", "protect": True, "retain_on_delete": True, "ignore_changes": ["owners"]}
    for name, object_id in GROUPS.items()
}
global_administrators = {"bruno": bruno, "rescue-1": rescue_1, "rescue-2": rescue_2}

# mark: before

groups = {
    name: azuread.Group(
        name,
        display_name=names[name],
        security_enabled=True,
        members=members[name],
        opts=pulumi.ResourceOptions(**options[name]),
        **more[name],
    )
    for name in members
}
for key, holder in global_administrators.items():
    azuread.DirectoryRoleAssignment(
        f"global-administrator-{key}",
        role_id=GLOBAL_ADMINISTRATOR,
        principal_object_id=holder.object_id,
        opts=kept if key.startswith("rescue") else None,
    )
azuread.DirectoryRoleAssignment(
    "global-administrator-ada",
    role_id=GLOBAL_ADMINISTRATOR,
    principal_object_id=ADA,
    opts=pulumi.ResourceOptions(
        import_="/roleManagement/directory/roleAssignments/lAPpYvVpN0KRkAEhdxReEA5abDtdj49Mmj5KahptfgE-1"
    ),
)

# mark: after
