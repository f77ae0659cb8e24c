"""A directory role and exactly the assignments that the declaration gives."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azuread as azuread

from tenantry.roles import DirectoryRole


@dataclass(frozen=True)
class Holder:
    """Somebody who holds the role."""

    object_id: pulumi.Input[str]
    emergency: bool = False
    """An emergency account's assignment is protected and retained, always."""
    pinned: str | None = None
    """The id of the assignment where it exists already: it is taken over, protected and retained while pinned."""


@dataclass(frozen=True)
class AdminRoleArgs:
    """What a directory role's assignments are made from."""

    role: DirectoryRole
    holders: Mapping[str, Holder]
    """Who holds it, by key."""


class AdminRole(pulumi.ComponentResource):
    """A built-in directory role, by template id, and one standing assignment a holder, for the whole tenant."""

    def __init__(self, name: str, args: AdminRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:AdminRole", name, None, opts)
        role = azuread.DirectoryRole(name, template_id=args.role.template_id, opts=pulumi.ResourceOptions(parent=self))
        self.assignments = {
            key: azuread.DirectoryRoleAssignment(
                f"{name}-{key}",
                # The template id and not the object id, by which the provider would replace the assignment for ever;
                # known at preview, so that the policy pack sees which role it is.
                role_id=args.role.template_id,
                principal_object_id=holder.object_id,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[role],
                    import_=f"/roleManagement/directory/roleAssignments/{holder.pinned}" if holder.pinned else None,
                    protect=holder.emergency or holder.pinned is not None,
                    retain_on_delete=holder.emergency or holder.pinned is not None,
                ),
            )
            for key, holder in args.holders.items()
        }
        self.register_outputs({"role": args.role.value, "template_id": args.role.template_id})
