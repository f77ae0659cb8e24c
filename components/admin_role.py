"""A directory role and exactly the assignments and eligibilities that the declaration gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_azuread as azuread

from tenantry.declaration import Assignment
from tenantry.roles import DirectoryRole


@dataclass(frozen=True)
class Holder:
    """Somebody who holds the role."""

    object_id: pulumi.Input[str]
    emergency: bool = False
    """An emergency account's assignment is protected and retained, always."""
    pinned: str | None = None
    """The id of the assignment or eligibility schedule that exists: taken over, protected and retained while pinned."""
    assignment: Assignment = field(default_factory=Assignment)
    """Standing or eligible, for the whole tenant or over a unit."""


@dataclass(frozen=True)
class AdminRoleArgs:
    """What a directory role's assignments are made from."""

    role: DirectoryRole
    holders: Mapping[str, Holder]
    """Who holds it, by first key."""


class AdminRole(pulumi.ComponentResource):
    """A built-in directory role, by template id, and one assignment or eligibility a holder.

    An eligible holder activates the role when they need it (Privileged Identity Management). Entra refuses that in a
    tenant without the licence Entra ID P2 or Entra ID Governance.
    """

    def __init__(self, name: str, args: AdminRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:AdminRole", name, None, opts)
        self._role = args.role
        self._activated = azuread.DirectoryRole(
            name, template_id=args.role.template_id, opts=pulumi.ResourceOptions(parent=self)
        )
        for key, holder in args.holders.items():
            give = self._eligible if holder.assignment.eligible else self._standing
            give(name, key, holder)
        self.register_outputs({"role": args.role.value, "template_id": args.role.template_id})

    def _standing(self, name: str, key: str, holder: Holder) -> None:
        azuread.DirectoryRoleAssignment(
            f"{name}-{key}",
            # The template id and not the object id, by which the provider would replace the assignment for ever;
            # known at preview, so that the policy pack sees which role it is.
            role_id=self._role.template_id,
            principal_object_id=holder.object_id,
            # Always stated: the provider takes a scope that is left out for the one that was there before.
            directory_scope_id=holder.assignment.scope,
            opts=self._options(
                holder,
                import_=f"/roleManagement/directory/roleAssignments/{holder.pinned}" if holder.pinned else None,
            ),
        )

    def _eligible(self, name: str, key: str, holder: Holder) -> None:
        azuread.DirectoryRoleEligibilityScheduleRequest(
            f"{name}-{key}",
            role_definition_id=self._role.template_id,
            principal_id=holder.object_id,
            directory_scope_id=holder.assignment.scope,
            justification="Declared in Tenantry",
            opts=pulumi.ResourceOptions.merge(
                # By its bare id, with which the provider finds the schedule once Entra has purged the request for it.
                self._options(holder, import_=holder.pinned),
                # Only words, and the provider would take the role away and give it again for others: those of who made
                # an eligible role by hand, or none, since a schedule has no justification.
                pulumi.ResourceOptions(ignore_changes=["justification"]),
            ),
        )

    def _options(self, holder: Holder, import_: str | None = None) -> pulumi.ResourceOptions:
        kept = holder.emergency or holder.pinned is not None
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=[self._activated],
            import_=import_,
            protect=kept,
            retain_on_delete=kept,
        )
