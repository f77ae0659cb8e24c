"""What is known of whoever or whatever holds access in a tenant: a person, a guest, a group, an application. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.access.observed import GroupMembers, ObservedTenant
from tenantry.graph.models import MemberKind, User, is_guest


@dataclass(frozen=True)
class Known:
    """Something in the directory that can hold access."""

    object_id: str
    kind: MemberKind
    name: str
    upn: str | None = None
    guest: bool = False
    synchronised: bool = False
    mail: str | None = None

    def __str__(self) -> str:
        """As a message names it: "Ada Moss (ada.moss@…)", "the group Project"."""
        return f"{self.name} ({self.upn})" if self.upn else f"the {self.kind} {self.name}"


def known(observed: ObservedTenant) -> dict[str, Known]:
    """Everything that was read and may hold access, by object id."""
    found: dict[str, Known] = {}
    for one in _known(observed):
        found.setdefault(one.object_id, one)
    return found


def _known(observed: ObservedTenant) -> Iterator[Known]:
    for user in observed.users if isinstance(observed.users, tuple) else ():
        yield _of_user(user)
    listed = [found.members for found in observed.agent_groups.values() if isinstance(found, GroupMembers)]
    for members in (*listed, *observed.inside.values()):
        for member in members if isinstance(members, tuple) else ():
            guest = member.kind is MemberKind.USER and is_guest(member.user_type, member.user_principal_name)
            name = member.display_name or member.user_principal_name or member.id
            synchronised = bool(member.on_premises_sync_enabled)
            yield Known(member.id, member.kind, name, member.user_principal_name, guest, synchronised)
    for group in observed.role_groups if isinstance(observed.role_groups, tuple) else ():
        yield Known(group.id, MemberKind.GROUP, group.display_name or group.id)
    for service in observed.service_principals if isinstance(observed.service_principals, tuple) else ():
        yield Known(service.id, MemberKind.SERVICE_PRINCIPAL, service.display_name or service.id)


def _of_user(user: User) -> Known:
    return Known(
        user.id,
        MemberKind.USER,
        user.display_name or user.user_principal_name,
        user.user_principal_name,
        user.is_guest,
        bool(user.on_premises_sync_enabled),
        user.mail,
    )
