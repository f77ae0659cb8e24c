"""The agent groups of a partner tenant, and exactly who is in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_azuread as azuread

from components.providers import first_line
from tenantry.access.declared import holders, identities_in
from tenantry.declaration import AgentGroups as DeclaredGroups
from tenantry.declaration import GroupSource, Tenant
from tenantry.roles import AgentGroup
from tenantry.todo import ENROLMENT

#: What Partner Center or an administrator may change on a group that it made: none of our business.
COSMETIC: Final = (
    "administrative_unit_ids",
    "assignable_to_role",
    "auto_subscribe_new_members",
    "behaviors",
    "description",
    "external_senders_allowed",
    "hide_from_address_lists",
    "hide_from_outlook_clients",
    "mail_nickname",
    "onpremises_group_type",
    "owners",
    "prevent_duplicate_names",
    "provisioning_options",
    "theme",
    "visibility",
    "writeback_enabled",
)


@dataclass(frozen=True)
class ExistingGroup:
    """A group that the tenant has already."""

    object_id: str
    display_name: str
    members: frozenset[str] = frozenset()
    """The object ids of those who are in it, in lower case, where the declaration pins it; else they are not read."""


@dataclass(frozen=True)
class AgentGroupsArgs:
    """What the agent groups are made from."""

    tenant: Tenant
    existing: Mapping[AgentGroup, ExistingGroup]
    """The groups to adopt, from :func:`find_agent_groups`; one that is not here is created (in a sandbox)."""
    object_ids: Mapping[str, pulumi.Input[str]]
    """The people's object ids, by key."""
    after: Sequence[pulumi.Resource] = ()
    """What is to be there before anybody becomes a member."""


class AgentGroups(pulumi.ComponentResource):
    """AdminAgents, HelpdeskAgents and SalesAgents with authoritative members.

    Adopted groups are imported, protected and retained: taking one out of the program, or destroying the stack,
    leaves the group and its members in the tenant. The same goes for what leaves the program while the declaration
    lets go of the groups (``agent_groups.release``).
    """

    def __init__(self, name: str, args: AgentGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantry:index:AgentGroups", name, None, opts)
        groups = {group: self._group(name, group, args) for group in AgentGroup}
        ids = {group.value: resource.object_id for group, resource in groups.items()}
        self.register_outputs({**ids, "released": args.tenant.agent_groups.release})

    def _group(self, name: str, group: AgentGroup, args: AgentGroupsArgs) -> azuread.Group:
        existing = args.existing.get(group)
        members = [args.object_ids[key] for key in holders(args.tenant, group)]
        members += [item.object_id for item in identities_in(args.tenant, group).values()]
        return azuread.Group(
            f"{name}-{group}",
            display_name=existing.display_name if existing else group.value,
            security_enabled=True,
            members=members,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                import_=f"/groups/{existing.object_id}" if existing else None,
                protect=existing is not None and not args.tenant.agent_groups.release,
                retain_on_delete=existing is not None,
                ignore_changes=list(COSMETIC),
            ),
        )


def find_agent_groups(
    declared: DeclaredGroups,
    invoke: pulumi.InvokeOptions | None = None,
    known: Mapping[AgentGroup, str] | None = None,
) -> dict[AgentGroup, ExistingGroup]:
    """The agent groups that the tenant has; none where the declaration says that they are to be created.

    ``known`` are the object ids of those that the stack's state holds. Called before anything is registered: a tenant
    that is not enrolled is refused as a whole. Raises :class:`pulumi.RunError` where a group is missing, was renamed,
    stands there twice, or is not the one that is pinned or that the stack has.
    """
    if declared.source is GroupSource.CREATE:
        return {}
    return {group: _find(group, declared.ids.get(group), (known or {}).get(group), invoke) for group in AgentGroup}


def _find(
    group: AgentGroup, pinned: str | None, known: str | None, invoke: pulumi.InvokeOptions | None
) -> ExistingGroup:
    """The group that stands for an agent group: the pinned one, or the only one of that name."""
    if pinned:
        return _pinned(group, pinned, known, invoke)
    candidates = _named(group, invoke)
    if known and known not in {candidate.object_id.lower() for candidate in candidates}:
        raise _not_the_known_one(group, known, candidates, invoke)
    if not candidates:
        raise pulumi.RunError(
            f"Refused: this tenant has no group {group}. Nothing was changed. Partner Center makes the agent groups "
            f"when the tenant is enrolled as a Cloud Solution Provider: enrol it at {ENROLMENT}, or, in a sandbox "
            "only, declare `agent_groups: {source: create}`."
        )
    if len(candidates) > 1:
        ids = ", ".join(sorted(candidate.object_id for candidate in candidates))
        raise pulumi.RunError(
            f"Refused: this tenant has {len(candidates)} groups that are called {group}: {ids}. Nothing was changed. "
            "Find out which one Partner Center created, and pin it: "
            f"`agent_groups: {{ids: {{{group}: ID}}}}`." + (f" This stack has adopted {known}." if known else "")
        )
    return candidates[0]


def _not_the_known_one(
    group: AgentGroup, known: str, candidates: Sequence[ExistingGroup], invoke: pulumi.InvokeOptions | None
) -> pulumi.RunError:
    """The group that the stack has is not called so any more: whatever is called so now is not it."""
    name = _by_id(known, f"the group {known}, which this stack has as {group}", invoke).display_name
    others = ", ".join(sorted(candidate.object_id for candidate in candidates))
    more = f" Another group has that name, which is not the agent group: {others}." if others else ""
    return pulumi.RunError(f"Refused: {group.renamed(known, name)}{more} Nothing was changed.")


def _pinned(group: AgentGroup, object_id: str, known: str | None, invoke: pulumi.InvokeOptions | None) -> ExistingGroup:
    found = _by_id(object_id, f"the group {object_id} (`agent_groups.ids.{group}`)", invoke)
    name = found.display_name
    if AgentGroup.by_display_name(name) is not group:
        if object_id.lower() == known:
            raise pulumi.RunError(f"Refused: {group.renamed(object_id, name)} Nothing was changed.")
        if not _named(group, invoke):
            raise pulumi.RunError(
                f"Refused: {group.renamed(object_id, name)} Nothing was changed. If it is another group, correct "
                f"`agent_groups.ids.{group}`."
            )
        raise pulumi.RunError(
            f"Refused: `agent_groups.ids.{group}` names the group {name!r} ({object_id}), which is not {group}. "
            "Nothing was changed. Correct the id."
        )
    return found


def _by_id(object_id: str, what: str, invoke: pulumi.InvokeOptions | None) -> ExistingGroup:
    try:
        found = azuread.get_group(object_id=object_id, opts=invoke)
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        raise _not_read(what, error) from None
    # The rehearsal's stand-in for the provider answers without members.
    return ExistingGroup(object_id, found.display_name, frozenset(member.lower() for member in found.members or ()))


def _named(group: AgentGroup, invoke: pulumi.InvokeOptions | None) -> list[ExistingGroup]:
    # Both spellings of the name ("AdminAgents", "Admin Agents") begin alike, and one look-up finds both.
    prefix = group.value.removesuffix("Agents")
    what = f"the groups whose names begin with {prefix}"
    try:
        found = azuread.get_groups(display_name_prefix=prefix, security_enabled=True, opts=invoke)
    except Exception as error:  # noqa: BLE001 (the SDK raises plain exceptions for a failed look-up)
        if "No groups found" not in str(error):
            raise _not_read(what, error) from None
        found = _by_exact_name(group, what, invoke)
    named = zip(found.object_ids, found.display_names, strict=True)
    return [ExistingGroup(oid, name) for oid, name in named if AgentGroup.by_display_name(name) is group]


def _by_exact_name(
    group: AgentGroup, what: str, invoke: pulumi.InvokeOptions | None
) -> azuread.AwaitableGetGroupsResult:
    """Ask again for what was not found: the provider says "No groups found" of a look-up that failed, too.

    With names that may be missing it does not: this call distinguishes "not found" from a failed request.
    """
    names = [group.value, group.title]
    try:
        return azuread.get_groups(display_names=names, ignore_missing=True, security_enabled=True, opts=invoke)
    except Exception as error:  # noqa: BLE001 (as above)
        raise _not_read(what, error) from None


def _not_read(what: str, error: Exception) -> pulumi.RunError:
    return pulumi.RunError(f"Could not read {what}: {first_line(error)} Nothing was changed.")
