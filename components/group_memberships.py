"""Single memberships of the agent groups, beside members whom others added: mode additive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_azuread as azuread

from components.agent_groups import ExistingGroup
from tenantry.access.declared import holders, identities_in
from tenantry.declaration import Tenant
from tenantry.roles import AgentGroup

#: The provider takes one membership of a group after the other, twenty seconds each when it removes: its own five
#: minutes are too short for sixteen people.
_ONE_AFTER_THE_OTHER: Final = pulumi.CustomTimeouts(create="60m", delete="60m")


@dataclass(frozen=True)
class GroupMembershipsArgs:
    """What the memberships are made from."""

    tenant: Tenant
    existing: Mapping[AgentGroup, ExistingGroup]
    """The agent groups, with their members."""
    object_ids: Mapping[str, pulumi.Input[str]]
    """The people's object ids, by key."""
    known_ids: Mapping[str, str]
    """Those that are known before anything is registered: of adopted people, and of accounts made before."""
    after: Sequence[pulumi.Resource] = ()
    """What is to be there before anybody becomes a member."""


class GroupMemberships(pulumi.ComponentResource):
    """One ``GroupMember`` a person or declared identity and group, and nothing of anybody else.

    A membership that exists already is taken over. While the declaration lets go of the memberships
    (``agent_groups.release``), what leaves the program stays in the tenant.
    """

    def __init__(self, name: str, args: GroupMembershipsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:GroupMemberships", name, None, opts)
        released = args.tenant.agent_groups.release
        for group in AgentGroup:
            existing = args.existing[group]
            people = [
                (person.first_key(key), args.object_ids[key], args.known_ids.get(key))
                for key, person in holders(args.tenant, group).items()
            ]
            # No person's key has a dot.
            services = [
                (f"identity.{key}", item.object_id, item.object_id)
                for key, item in identities_in(args.tenant, group).items()
            ]
            for own, object_id, known_id in (*people, *services):
                is_there = known_id in existing.members
                azuread.GroupMember(
                    f"{name}-{group}-{own}",
                    group_object_id=existing.object_id,
                    member_object_id=object_id,
                    opts=pulumi.ResourceOptions(
                        parent=self,
                        depends_on=list(args.after),
                        import_=f"{existing.object_id}/member/{known_id}" if is_there else None,
                        retain_on_delete=released,
                        custom_timeouts=_ONE_AFTER_THE_OTHER,
                    ),
                )
        self.register_outputs({"released": released})
