"""The directory roles of a tenant, and exactly the assignments and eligibilities that the declaration gives."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_azuread as azuread

from tenantry.access.declared import holders
from tenantry.declaration import Tenant
from tenantry.roles import DirectoryRole


@dataclass(frozen=True)
class DirectoryRolesArgs:
    """What assignments of directory roles are made from."""

    tenant: Tenant
    object_ids: Mapping[str, pulumi.Input[str]]
    """The people's object ids, by key."""


class DirectoryRoles(pulumi.ComponentResource):
    """Each built-in directory role that somebody holds, by template id, and one assignment or eligibility a holder.

    An eligible holder activates the role when they need it (Privileged Identity Management). Entra refuses that in a
    tenant without the licence Entra ID P2 or Entra ID Governance.
    """

    def __init__(self, name: str, args: DirectoryRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:DirectoryRoles", name, None, opts)
        self._tenant, self._object_ids = args.tenant, args.object_ids
        self._protected: list[str] = []
        held = {role: people for role in DirectoryRole if (people := holders(args.tenant, role))}
        for role, people in held.items():
            role_name = f"{name}-{role.value.lower().replace(' ', '-')}"
            activated = azuread.DirectoryRole(
                role_name, template_id=role.template_id, opts=pulumi.ResourceOptions(parent=self)
            )
            for key, person in people.items():
                give = self._eligible if person.assignment(role).eligible else self._active
                give(f"{role_name}-{person.first_key(key)}", role, key, activated)
        # What the next run compares with: the engine refuses to delete what is protected, and does not say whose it is.
        self.register_outputs({**{role.value: role.template_id for role in held}, "protected": self._protected})

    def _active(self, name: str, role: DirectoryRole, key: str, activated: azuread.DirectoryRole) -> None:
        pinned = self._tenant.members[key].pins.role_assignments.get(role)
        azuread.DirectoryRoleAssignment(
            name,
            # The template id and not the object id, by which the provider would replace the assignment for ever;
            # known at preview, so that the policy pack sees which role it is.
            role_id=role.template_id,
            principal_object_id=self._object_ids[key],
            # Always stated: the provider takes a scope that is left out for the one that was there before.
            directory_scope_id=self._tenant.members[key].assignment(role).scope,
            opts=self._options(name, key, role, activated, f"/roleManagement/directory/roleAssignments/{pinned}"),
        )

    def _eligible(self, name: str, role: DirectoryRole, key: str, activated: azuread.DirectoryRole) -> None:
        pinned = self._tenant.members[key].pins.role_assignments.get(role)
        azuread.DirectoryRoleEligibilityScheduleRequest(
            name,
            role_definition_id=role.template_id,
            principal_id=self._object_ids[key],
            directory_scope_id=self._tenant.members[key].assignment(role).scope,
            justification="Declared in Tenantry",
            opts=pulumi.ResourceOptions.merge(
                # By its bare id, with which the provider finds the schedule once Entra has purged the request for it.
                self._options(name, key, role, activated, pinned),
                # Only words, and the provider would take the role away and give it again for others: those of who made
                # an eligible role by hand, or none, since a schedule has no justification.
                pulumi.ResourceOptions(ignore_changes=["justification"]),
            ),
        )

    def _options(
        self, name: str, key: str, role: DirectoryRole, activated: azuread.DirectoryRole, import_id: str | None
    ) -> pulumi.ResourceOptions:
        """An emergency account's assignment is protected and retained always, and a pinned one while it is pinned.

        Not a pinned one with an end: on that day the engine would refuse the update, and with it every other change.
        """
        person = self._tenant.members[key]
        pinned = role in person.pins.role_assignments
        kept = person.emergency or (pinned and not person.ends(role))
        if kept:
            self._protected.append(name)
        return pulumi.ResourceOptions(
            parent=self,
            depends_on=[activated],
            import_=import_id if pinned else None,
            protect=kept,
            retain_on_delete=kept,
        )
