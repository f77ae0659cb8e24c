"""The agent groups of a partner tenant, and exactly who is in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_azuread as azuread

from components.providers import invoke_options
from tenantry.declaration import GroupSource
from tenantry.roles import AgentGroup
from tenantry.todo import ENROLMENT

#: What Partner Center or an administrator may change on a group that it made: none of our business.
_COSMETIC: Final = (
    "administrative_unit_ids",
    "auto_subscribe_new_members",
    "behaviors",
    "description",
    "external_senders_allowed",
    "hide_from_address_lists",
    "hide_from_outlook_clients",
    "mail_nickname",
    "owners",
    "prevent_duplicate_names",
    "provisioning_options",
    "theme",
    "visibility",
    "writeback_enabled",
    "onpremises_group_type",
)


@dataclass(frozen=True)
class AgentGroupsArgs:
    """What the agent groups are made from."""

    members: Mapping[AgentGroup, Sequence[pulumi.Input[str]]]
    """The object ids of each group's members. Every agent group is named; an empty list means nobody."""
    source: GroupSource = GroupSource.ADOPT
    """Adopt the groups that Partner Center made, or (in a sandbox) create them."""
    ids: Mapping[AgentGroup, str] = field(default_factory=dict)
    """Object ids of groups whose names are ambiguous."""


@dataclass(frozen=True)
class _Existing:
    """A group that the tenant has already."""

    object_id: str
    display_name: str


class AgentGroups(pulumi.ComponentResource):
    """AdminAgents, HelpdeskAgents and SalesAgents with authoritative members.

    Adopted groups are imported, protected and retained: taking one out of the program, or destroying the stack,
    leaves the group and its members in the tenant.
    """

    def __init__(self, name: str, args: AgentGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        adopting = args.source is GroupSource.ADOPT
        invoke = invoke_options(opts)
        # Looked up before anything is registered: a tenant that is not enrolled is refused as a whole.
        existing = {group: _look_up(group, args.ids.get(group), invoke) for group in AgentGroup} if adopting else {}
        super().__init__("tenantry:index:AgentGroups", name, None, opts)
        self.groups = {
            group: self._group(name, group, args.members[group], existing.get(group)) for group in AgentGroup
        }
        self.register_outputs({group.value: resource.object_id for group, resource in self.groups.items()})

    def _group(
        self, name: str, group: AgentGroup, members: Sequence[pulumi.Input[str]], existing: _Existing | None
    ) -> azuread.Group:
        return azuread.Group(
            f"{name}-{group}",
            display_name=existing.display_name if existing else group.value,
            security_enabled=True,
            members=list(members),
            opts=pulumi.ResourceOptions(
                parent=self,
                import_=f"/groups/{existing.object_id}" if existing else None,
                protect=existing is not None,
                retain_on_delete=existing is not None,
                ignore_changes=list(_COSMETIC),
            ),
        )


def _look_up(group: AgentGroup, pinned: str | None, invoke: pulumi.InvokeOptions) -> _Existing:
    """The group that stands for an agent group: the pinned one, or the only one of that name.

    Raises :class:`pulumi.RunError` where there is none or more than one.
    """
    if pinned:
        found = azuread.get_group(object_id=pinned, opts=invoke)
        if AgentGroup.by_display_name(found.display_name) is not group:
            raise pulumi.RunError(
                f"Refused: `agent_groups.ids.{group}` names the group {found.display_name!r} ({pinned}), which is "
                f"not {group}. Correct the id."
            )
        return _Existing(pinned, found.display_name)
    # Both spellings of the name ("AdminAgents", "Admin Agents") begin alike, and one look-up finds both.
    prefix = group.value.removesuffix("Agents")
    try:
        found_groups = azuread.get_groups(display_name_prefix=prefix, security_enabled=True, opts=invoke)
    except Exception as error:
        if "No groups found" not in str(error):
            raise
        candidates: list[_Existing] = []
    else:
        named = zip(found_groups.object_ids, found_groups.display_names, strict=True)
        candidates = [_Existing(oid, name) for oid, name in named if AgentGroup.by_display_name(name) is group]
    if not candidates:
        raise pulumi.RunError(
            f"Refused: this tenant has no group {group}. Partner Center makes the agent groups when the tenant is "
            f"enrolled as a Cloud Solution Provider: enrol it at {ENROLMENT}, or, in a sandbox only, declare "
            "`agent_groups: {source: create}`."
        )
    if len(candidates) > 1:
        ids = ", ".join(sorted(candidate.object_id for candidate in candidates))
        raise pulumi.RunError(
            f"Refused: this tenant has {len(candidates)} groups that are called {group}: {ids}. One of them is a "
            f"look-alike. Find out which one Partner Center made and pin it: `agent_groups: {{ids: {{{group}: ID}}}}`."
        )
    return candidates[0]
