"""Groups, who is in them, who owns them, and what an object is a member of.

Security groups, Microsoft 365 ("Unified") groups, and groups with a dynamic rule, which is kept and not evaluated.
The rules are those that Microsoft documents for groups: a reference is added once and
removed once, and a group to which directory roles may be given is that from the beginning and holds no groups.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from tenantry.role_templates import ROLE_TEMPLATES

from . import errors
from .documents import JsonObject, now
from .endpoint import Call, Category, found
from .families import Family, ReferenceList, declared
from .identifiers import TENANT_SCOPE
from .permissions import (
    CREATE_GROUPS,
    READ_APPLICATIONS,
    READ_GROUPS,
    READ_MEMBERSHIP,
    READ_USERS,
    WRITE_GROUP,
    WRITE_MEMBERS,
    Requirement,
)
from .references import OWNERS, add, finder, only
from .resources import GROUP, Kind
from .roles import activated
from .tenant import Entity, Relation, Tenant
from .users import find as find_user

find: Final = finder(Kind.GROUP)
_MEMBERS: Final = only(Kind.USER, Kind.GROUP, Kind.SERVICE_PRINCIPAL)
_UNIFIED, _DYNAMIC = "Unified", "DynamicMembership"
_NICKNAME: Final = re.compile(r"[^@()\\\[\]\";:<>, ]{1,64}")


def create(tenant: Tenant, document: JsonObject, *, object_id: str | None = None) -> Entity:
    """Add a group with these properties, without members and owners."""
    _check(document)
    given: JsonObject = {**document, "renewedDateTime": now()}
    if given.get("isAssignableToRole") is True and given.get("visibility") is None:
        given["visibility"] = "Private"
    return tenant.create(GROUP, given, object_id=object_id)


def add_member(tenant: Tenant, group: Entity, member: Entity) -> None:
    """Put an object into a group, or refuse."""
    add(tenant, group, Relation.MEMBER, member, _may_be_member)


def _may_be_member(group: Entity, member: Entity) -> bool:
    if group.document["membershipRule"] is not None:
        raise errors.bad_request("Membership of a dynamic group cannot be changed: its rule decides.")
    if member.kind is Kind.GROUP and group.document["isAssignableToRole"] is True:
        raise errors.nesting_in_role_assignable_group()
    return _MEMBERS(group, member)


def create_as_asked(call: Call, given: JsonObject) -> Entity:
    """Create the group that a request's body describes, with its owners and members."""
    group = create(call.tenant, given)
    # An application that creates a group and names no owner owns it itself.
    owners = call.references(Relation.OWNER) or [found(call.tenant.find(call.caller.object_id), "caller")]
    for owner in owners:
        add(call.tenant, group, Relation.OWNER, owner, OWNERS)
    for member in call.references(Relation.MEMBER):
        add_member(call.tenant, group, member)
    return group


def _update(call: Call, group: Entity, given: JsonObject) -> None:
    _check({**group.document, **given})
    group = call.tenant.update(group, given)
    for member in call.references(Relation.MEMBER):
        add_member(call.tenant, group, member)


def _check(document: JsonObject) -> None:
    given = document.get("groupTypes")
    types = set(map(str, given)) if isinstance(given, list) else set()
    if types - {_UNIFIED, _DYNAMIC}:
        raise errors.invalid_value("groupTypes", GROUP.title)
    is_mail_enabled, is_security_enabled = document.get("mailEnabled") is True, document.get("securityEnabled") is True
    if is_mail_enabled is not (_UNIFIED in types):
        raise errors.bad_request("A mail-enabled security group cannot be created or changed through Microsoft Graph.")
    if not is_mail_enabled and not is_security_enabled:
        raise errors.bad_request("A group must be security-enabled or of the type Unified.")
    if (document.get("membershipRule") is not None) is not (_DYNAMIC in types):
        raise errors.invalid_value("membershipRule", GROUP.title)
    if document.get("isAssignableToRole") is True and _DYNAMIC in types:
        raise errors.bad_request("A group with a dynamic membership cannot be assigned to roles.")
    nickname = document.get("mailNickname")
    if isinstance(nickname, str) and _NICKNAME.fullmatch(nickname) is None:
        raise errors.invalid_value("mailNickname", GROUP.title)


FAMILY: Final = Family(
    GROUP,
    "/groups/{group}",
    READ_GROUPS,
    WRITE_GROUP,
    noun="group",
    category=Category.GROUPS,
    creates=CREATE_GROUPS,
    counted=True,
    lists=(
        ReferenceList(Relation.MEMBER, _may_be_member, writes=WRITE_MEMBERS, counted=True),
        ReferenceList(Relation.OWNER, OWNERS, counted=True),
    ),
    create=create_as_asked,
    update=_update,
)
ENDPOINTS: Final = declared(FAMILY)


@ENDPOINTS.get("/groups/{group}/transitiveMembers", READ_GROUPS, counted=True)
def _list_all_members(call: Call) -> JsonObject:
    group = find(call.tenant, call["group"])
    return call.mixed_collection(_numbered(call, call.tenant.all_members(group.id)))


def _declare_groups_of(kind: Kind, requires: Requirement, *, transitive: bool) -> None:
    """Declare the endpoint for what an object of this kind is a member of: groups and directory roles."""

    @ENDPOINTS.get(f"/{kind}s/{{object}}/{'transitiveMemberOf' if transitive else 'memberOf'}", requires)
    def answer(call: Call) -> JsonObject:
        tenant = call.tenant
        member = _find_member(tenant, kind, call["object"])
        groups = list(tenant.all_groups_of(member.id) if transitive else tenant.groups_of(member.id))
        holders = [member, *groups] if transitive else [member]
        return call.mixed_collection(_numbered(call, chain(groups, _roles_of(tenant, holders))))


def _find_member(tenant: Tenant, kind: Kind, name: str) -> Entity:
    return find_user(tenant, name) if kind is Kind.USER else found(tenant.get(kind, name), name)


def _roles_of(tenant: Tenant, holders: Iterable[Entity]) -> Iterator[Entity]:
    held = (assignment for holder in holders for assignment in tenant.assignments_of(holder.id))
    templates = (assignment.template_id for assignment in held if assignment.scope == TENANT_SCOPE)
    built_in = (template_id for template_id in dict.fromkeys(templates) if template_id in ROLE_TEMPLATES)
    return (activated(tenant, template_id) for template_id in built_in)


def _numbered(call: Call, entities: Iterable[Entity]) -> Iterator[Entity]:
    """Give a listing that is put together from several its own positions."""
    for position, entity in enumerate(entities, start=1):
        if position > call.query.after:
            yield replace(entity, position=position)


for _kind, _requires in (
    (Kind.USER, READ_USERS),
    (Kind.GROUP, READ_MEMBERSHIP),
    (Kind.SERVICE_PRINCIPAL, READ_APPLICATIONS),
):
    for _transitive in (False, True):
        _declare_groups_of(_kind, _requires, transitive=_transitive)
