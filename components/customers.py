"""A tenant's customers: the security groups by which people work there, and a GDAP relationship resource for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_azuread as azuread

from components.agent_groups import COSMETIC
from components.applications import existing_application
from components.providers import first_line
from tenantry.access.declared import people_with_access
from tenantry.access.state import RELATIONSHIP
from tenantry.declaration import Tenant
from tenantry.declaration.customers import CUSTOMER_ADMINISTRATION, GdapGroup, Relationship

_FIXED: Final = ("assignable_to_role", "prevent_duplicate_names")
"""What is fixed when a group is made, or matters only then."""


class DelegatedAdminRelationship(pulumi.CustomResource):
    """A GDAP relationship with its access assignments, made by this project's plugin."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        outputs = ("relationshipId", "status", "activatedOn", "endsOn", "approvalLink", "waiting", "note")
        super().__init__(RELATIONSHIP, name, {**inputs, **dict.fromkeys(outputs)}, opts)

    @property
    def note(self) -> pulumi.Output[str]:
        """What it waits for, or that it has ended; empty where all is as declared."""
        said: pulumi.Output[str] = pulumi.get(self, "note")
        return said


@dataclass(frozen=True)
class CustomersArgs:
    """What customers are made from."""

    tenant: Tenant
    object_ids: Mapping[str, pulumi.Input[str]]
    """The people's object ids, by key."""
    administration: str | None = None
    """The object id of the application that stands for the partner at its customers, where the tenant has it."""


class Customers(pulumi.ComponentResource):
    """The groups with authoritative members, and one resource for each relationship.

    A relationship that waits for its customer holds up no other: its resource is made, and says what it waits for. An
    update after the approval assigns its groups.
    """

    notes: pulumi.Output[dict[str, str]]
    """What relationships wait for, or that they have ended, by customer and key."""

    def __init__(self, name: str, args: CustomersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:Customers", name, None, opts)
        plan = args.tenant.gdap
        groups = {key: self._group(name, key, group, args) for key, group in (plan.groups if plan else {}).items()}
        before = [self._administration(name, args.administration)] if args.tenant.relationships else []
        notes = {
            one.dotted_key: self._relationship(name, one, args.tenant, groups, before).note
            for one in args.tenant.relationships
        }
        self.notes = pulumi.Output.all(**notes).apply(lambda said: {key: text for key, text in said.items() if text})
        self.register_outputs({})

    def _administration(self, name: str, existing: str | None) -> pulumi.Resource:
        return existing_application(f"{name}-customer-administration", CUSTOMER_ADMINISTRATION, existing, self)

    def _group(self, name: str, key: str, group: GdapGroup, args: CustomersArgs) -> azuread.Group:
        present = people_with_access(args.tenant)
        return azuread.Group(
            f"{name}-{key}",
            display_name=group.name,
            security_enabled=True,
            assignable_to_role=group.role_assignable,
            members=[args.object_ids[person] for person in group.people if person in present],
            # One that somebody else made is adopted, and never made a second time.
            prevent_duplicate_names=not group.adopted,
            opts=pulumi.ResourceOptions(
                parent=self,
                import_=f"/groups/{group.adopted}" if group.adopted else None,
                retain_on_delete=group.adopted is not None,
                ignore_changes=[one for one in COSMETIC if group.adopted or one not in _FIXED],
            ),
        )

    def _relationship(
        self,
        name: str,
        one: Relationship,
        tenant: Tenant,
        groups: Mapping[str, azuread.Group],
        before: Sequence[pulumi.Resource],
    ) -> DelegatedAdminRelationship:
        inputs = declared_inputs(tenant, one, {key: groups[key].object_id for key in one.assignments})
        made = DelegatedAdminRelationship(
            relationship_name(name, one),
            inputs,
            pulumi.ResourceOptions(parent=self, depends_on=list(before), import_=one.adopted),
        )
        made.note.apply(lambda said: pulumi.log.info(said, made) if said else None)
        return made


def relationship_name(name: str, one: Relationship) -> str:
    """The resource's name. ``name`` is the partner tenant's."""
    return f"{name}-{one.dotted_key}"


def declared_inputs(tenant: Tenant, one: Relationship, groups: Mapping[str, Any]) -> dict[str, Any]:
    """A relationship's inputs; ``groups`` are the object ids of the groups it names, by key."""
    return {
        "partnerTenantId": tenant.id,
        "displayName": one.display_name,
        "duration": one.duration,
        "autoExtendDuration": "P180D" if one.auto_extend else "PT0S",
        "roleDefinitionIds": sorted(role.id for role in one.roles),
        "customerTenantId": one.customer.tenant_id,
        "customerName": one.customer.name,
        "assignments": {
            key: {"group": groups[key], "roles": sorted(role.id for role in roles)}
            for key, roles in one.assignments.items()
        },
        "terminate": one.terminate is not None,
    }


def find_administration(tenant: Tenant, invoke: pulumi.InvokeOptions | None = None) -> str | None:
    """The object id of the application that stands for the partner at its customers, where the tenant has it.

    Called before anything is registered. Raises :class:`pulumi.RunError` where applications cannot be read.
    """
    if not tenant.relationships:
        return None
    try:
        found = azuread.get_service_principals(
            client_ids=[CUSTOMER_ADMINISTRATION], ignore_missing=True, opts=invoke
        ).object_ids
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        raise pulumi.RunError(
            f"Could not look for the application {CUSTOMER_ADMINISTRATION}, which relationships with customers need: "
            f"{first_line(error)} Nothing was changed. Let the deploying identity read applications "
            "(`tenantry docs permissions`)."
        ) from None
    return found[0] if found else None
