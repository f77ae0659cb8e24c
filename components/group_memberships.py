"""Single memberships of the agent groups, beside members whom others added: mode additive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_azuread as azuread

from components.agent_groups import ExistingGroup
from components.providers import first_line
from tenantry.roles import AgentGroup

#: The provider takes one membership of a group after the other, twenty seconds each when it removes: its own five
#: minutes are too short for sixteen people.
_ONE_AFTER_THE_OTHER: Final = pulumi.CustomTimeouts(create="60m", delete="60m")


@dataclass(frozen=True)
class Member:
    """Somebody who is to be in a group."""

    object_id: pulumi.Input[str]
    known_id: str | None
    """The object id where it is known before anything is registered: of adopted people, and of accounts made before."""


@dataclass(frozen=True)
class GroupMembershipsArgs:
    """What the memberships are made from."""

    members: Mapping[AgentGroup, Mapping[str, Member]]
    """Who is to be in each group, by first key."""
    existing: Mapping[AgentGroup, ExistingGroup]
    invoke: pulumi.InvokeOptions
    after: Sequence[pulumi.Resource] = ()
    """What is to be there before anybody becomes a member."""
    released: bool = False
    """Whether the stack lets go of the memberships: what leaves the program afterwards stays in the tenant."""


class GroupMemberships(pulumi.ComponentResource):
    """One ``GroupMember`` a person and group, and nothing of anybody else.

    A membership that exists already is taken over. Raises :class:`pulumi.RunError` where a group's members cannot be
    read.
    """

    def __init__(self, name: str, args: GroupMembershipsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        there = {group: _members(found, args.invoke) for group, found in args.existing.items()}
        super().__init__("tenantry:index:GroupMemberships", name, None, opts)
        for group, members in args.members.items():
            group_id = args.existing[group].object_id
            for key, member in members.items():
                is_there = member.known_id in there[group]
                azuread.GroupMember(
                    f"{name}-{group}-{key}",
                    group_object_id=group_id,
                    member_object_id=member.object_id,
                    opts=pulumi.ResourceOptions(
                        parent=self,
                        depends_on=list(args.after),
                        import_=f"{group_id}/member/{member.known_id}" if is_there else None,
                        retain_on_delete=args.released,
                        custom_timeouts=_ONE_AFTER_THE_OTHER,
                    ),
                )
        self.register_outputs({"released": args.released})


def _members(group: ExistingGroup, invoke: pulumi.InvokeOptions) -> set[str]:
    try:
        return {member.lower() for member in azuread.get_group(object_id=group.object_id, opts=invoke).members}
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        what = f"the members of {group.display_name} ({group.object_id})"
        raise pulumi.RunError(f"Could not read {what}: {first_line(error)} Nothing was touched.") from None
