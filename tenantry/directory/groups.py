"""Groups, who is in them, who owns them, and what an object is a member of.

Security groups, Microsoft 365 ("Unified") groups, and groups with a dynamic rule (:mod:`.filled_groups`).
The rules are those that Microsoft documents for groups: a reference is added once and
removed once, and a group to which directory roles may be given is that from the beginning and holds no groups.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from tenantry.role_templates import ROLE_TEMPLATES
from tenantry.spelling import folded

from . import errors, filled_groups
from .documents import JsonObject, now
from .endpoint import Call, Category, found
from .families import Family, ReferenceList, declared
from .identifiers import TENANT_SCOPE, is_guid
from .licences import check_premium
from .permissions import (
    CREATE_GROUPS,
    DELETE_GROUP,
    READ_ALL_GROUPS_OF_GROUP,
    READ_ALL_GROUPS_OF_USER,
    READ_APPLICATIONS,
    READ_GROUPS,
    READ_GROUPS_OF_USER,
    READ_MEMBERS,
    VALIDATE_GROUP,
    VALIDATE_NEW_GROUP,
    WRITE_GROUP,
    WRITE_MEMBERS,
    Requirement,
)
from .references import OWNERS, add, finder, only
from .resources import GROUP, PRINCIPALS, Kind
from .roles import activated
from .tenant import Entity, Relation, Tenant
from .users import check_address, is_nickname
from .users import find as find_user

find: Final = finder(Kind.GROUP)
_MEMBERS: Final = only(*PRINCIPALS)
_CONTAINERS: Final = (Kind.GROUP, Kind.DIRECTORY_ROLE, Kind.ADMINISTRATIVE_UNIT)
_UNIFIED, _DYNAMIC = "Unified", "DynamicMembership"
_HIDDEN: Final = "hiddenmembership"
_VISIBILITIES: Final = frozenset({"private", "public", _HIDDEN})


def create(tenant: Tenant, document: JsonObject, *, object_id: str | None = None) -> Entity:
    """Add a group with these properties, without members and owners."""
    GROUP.refuse_empty(document)
    _check(document)
    given: JsonObject = {**document, "renewedDateTime": now()}
    if _is_unified(document):
        mail = f"{document['mailNickname']}@{_default_domain(tenant)}"
        check_free(tenant, str(document["mailNickname"]), mail)
        given |= {"mail": mail, "proxyAddresses": [f"SMTP:{mail}"]}
    if given.get("isAssignableToRole") is True and given.get("visibility") is None:
        given["visibility"] = "Private"
    return filled_groups.fill(tenant, tenant.create(GROUP, given, object_id=object_id))


def add_member(tenant: Tenant, group: Entity, member: Entity) -> None:
    """Put an object into a group, or refuse."""
    add(tenant, group, Relation.MEMBER, member, _may_be_member)


def _may_be_member(group: Entity, member: Entity) -> bool:
    refuse_filled(group)
    if member.kind is Kind.GROUP and group.document["isAssignableToRole"] is True:
        raise errors.nesting_in_role_assignable_group()
    # "Add members", Microsoft Graph: users alone in a Microsoft 365 group, and no such group in another group.
    is_possible = member.kind is Kind.USER if _is_unified(group.document) else not _is_unified(member.document)
    return is_possible and _MEMBERS(group, member)


def refuse_filled(group: Entity) -> None:
    """Refuse to change by hand who is in a group that its rule, or a local Active Directory, fills."""
    if group.document["membershipRule"] is not None:
        raise errors.bad_request("Membership of a dynamic group cannot be changed: its rule decides.")
    _refuse_synchronised(group)


def _refuse_synchronised(group: Entity) -> None:
    if group.document["onPremisesSyncEnabled"] is True:
        raise errors.mastered_on_premises()


def create_as_asked(call: Call, given: JsonObject) -> Entity:
    """Create the group that a request's body describes, with its owners and members."""
    _check_licence(call.tenant, given)
    group = create(call.tenant, given)
    # A group that an application makes without naming an owner has none: Microsoft Graph, "Create group".
    _bind(call, group)
    return group


def _update(call: Call, group: Entity, given: JsonObject) -> None:
    GROUP.refuse_empty(given)
    if given:
        _refuse_synchronised(group)
    if group.document["membershipRule"] is None:
        _check_licence(call.tenant, given)
    _check({**group.document, **given})
    if "mailNickname" in given and _is_unified(group.document):
        check_free(call.tenant, str(given["mailNickname"]), str(group.document["mail"]), group)
    if _is_hidden(given) and not _is_hidden(group.document):
        raise errors.invalid_value("visibility", GROUP.title)
    _bind(call, filled_groups.fill(call.tenant, call.tenant.update(group, given)))


def _bind(call: Call, group: Entity) -> None:
    """Add the owners and members that a request's body binds."""
    for owner in call.references(Relation.OWNER):
        add(call.tenant, group, Relation.OWNER, owner, OWNERS)
    for member in call.references(Relation.MEMBER):
        add_member(call.tenant, group, member)


def _check_licence(tenant: Tenant, given: JsonObject) -> None:
    if given.get("isAssignableToRole") is True:
        check_premium(tenant, "create a group that can be assigned to roles")
    if given.get("membershipRule") is not None:
        check_premium(tenant, "manage a group with a dynamic membership")


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
    visibility = document.get("visibility")
    if not is_nickname(document.get("mailNickname")):
        raise errors.invalid_value("mailNickname", GROUP.title)
    is_unknown = isinstance(visibility, str) and visibility.lower() not in _VISIBILITIES
    if is_unknown or (_is_hidden(document) and _UNIFIED not in types):
        raise errors.invalid_value("visibility", GROUP.title)


def _is_unified(document: JsonObject) -> bool:
    types = document.get("groupTypes")
    return isinstance(types, list) and _UNIFIED in types


def _is_hidden(document: JsonObject) -> bool:
    return str(document.get("visibility")).lower() == _HIDDEN


def check_free(tenant: Tenant, nickname: str, mail: str, group: Entity | None = None) -> None:
    """Refuse the mail nickname of another Microsoft 365 group, and the e-mail address of another group or user."""
    if _is_taken(tenant, nickname, group):
        raise errors.taken("mailNickname")
    check_address(tenant, mail, group)


def _is_taken(tenant: Tenant, nickname: str, group: Entity | None) -> bool:
    """Whether another Microsoft 365 group has this mail nickname."""
    return any(
        folded(str(other.document["mailNickname"])) == folded(nickname) and _is_unified(other.document)
        for other in tenant.scan(Kind.GROUP)
        if group is None or other.id != group.id
    )


def check_to_restore(tenant: Tenant, group: Entity) -> None:
    """Refuse to bring back a group whose nickname or address another one has by now."""
    if _is_unified(group.document):
        check_free(tenant, group.text("mailNickname"), str(group.document["mail"]), group)


def _default_domain(tenant: Tenant) -> str:
    domains = tenant.scan(Kind.DOMAIN)
    return next(domain.text("id") for domain in domains if domain.document["isDefault"] is True)


FAMILY: Final = Family(
    GROUP,
    "/groups/{group}",
    READ_GROUPS,
    WRITE_GROUP,
    noun="group",
    category=Category.GROUPS,
    creates=CREATE_GROUPS,
    deletes=DELETE_GROUP,
    counted=True,
    lists=(
        ReferenceList(
            Relation.MEMBER,
            _may_be_member,
            reads=READ_MEMBERS,
            writes=WRITE_MEMBERS,
            counted=True,
            check=refuse_filled,
        ),
        ReferenceList(Relation.OWNER, OWNERS, reads=READ_MEMBERS, counted=True),
    ),
    create=create_as_asked,
    update=_update,
)
ENDPOINTS: Final = declared(FAMILY)


@ENDPOINTS.ask("/directoryObjects/validateProperties", VALIDATE_NEW_GROUP)
def _validate_new(call: Call) -> None:
    if str(call.body.get("entityType")).lower() != "group":
        raise errors.invalid_value("entityType", GROUP.title)
    _validate(call, None)


@ENDPOINTS.ask("/groups/{group}/validateProperties", VALIDATE_GROUP)
def _validate_existing(call: Call) -> None:
    _validate(call, find(call.tenant, call["group"]))


def _validate(call: Call, group: Entity | None) -> None:
    """Refuse names that a Microsoft 365 group cannot have. A tenant here has no naming policy."""
    given = {name: call.body.get(name) for name in ("displayName", "mailNickname")}
    if not any(given.values()):
        raise errors.value_required("mailNickname", GROUP.title)
    for name, value in given.items():
        if not (value is None or isinstance(value, str)):
            raise errors.invalid_value(name, GROUP.title)
    on_behalf_of = call.body.get("onBehalfOfUserId")
    if not (on_behalf_of is None or is_guid(str(on_behalf_of))):
        raise errors.invalid_value("onBehalfOfUserId", GROUP.title)
    nickname = given["mailNickname"]
    if isinstance(nickname, str) and _is_taken(call.tenant, nickname, group):
        raise errors.not_valid("mailNickname")


@ENDPOINTS.get("/groups/{group}/transitiveMembers", READ_MEMBERS, counted=True, casts=PRINCIPALS)
def _list_all_members(call: Call) -> JsonObject:
    group = find(call.tenant, call["group"])
    return call.mixed_collection(numbered(call, call.tenant.all_members(group.id)))


def _declare_groups_of(kind: Kind, requires: Requirement, *, transitive: bool) -> None:
    """Declare the endpoint for what an object of this kind is a member of: groups and directory roles."""

    path = f"/{kind}s/{{object}}/{'transitiveMemberOf' if transitive else 'memberOf'}"

    @ENDPOINTS.get(path, requires, counted=True, casts=_CONTAINERS)
    def answer(call: Call) -> JsonObject:
        member = find_member(call.tenant, kind, call["object"])
        return call.mixed_collection(numbered(call, memberships(call.tenant, member, transitive=transitive)))


def find_member(tenant: Tenant, kind: Kind | None, name: str) -> Entity:
    """Return an object of this kind, or of any, by its id, a user also by name; or refuse."""
    if kind is Kind.USER:
        return find_user(tenant, name)
    return found(tenant.find(name) if kind is None else tenant.get(kind, name), name)


def memberships(tenant: Tenant, member: Entity, *, transitive: bool) -> Iterator[Entity]:
    """Yield the groups, administrative units and directory roles that an object is in."""
    groups = list(tenant.all_groups_of(member.id) if transitive else tenant.groups_of(member.id))
    holders = [member, *groups] if transitive else [member]
    return chain(groups, _roles_of(tenant, holders))


def _roles_of(tenant: Tenant, holders: Iterable[Entity]) -> Iterator[Entity]:
    held = (assignment for holder in holders for assignment in tenant.assignments_of(holder.id))
    templates = (assignment.template_id for assignment in held if assignment.scope == TENANT_SCOPE)
    built_in = (template_id for template_id in dict.fromkeys(templates) if template_id in ROLE_TEMPLATES)
    return (activated(tenant, template_id) for template_id in built_in)


def numbered(call: Call, entities: Iterable[Entity]) -> Iterator[Entity]:
    """Give a listing that is put together from several its own positions."""
    for position, entity in enumerate(entities, start=1):
        if position > call.query.after:
            yield replace(entity, position=position)


for _kind, _direct, _all in (
    (Kind.USER, READ_GROUPS_OF_USER, READ_ALL_GROUPS_OF_USER),
    (Kind.GROUP, READ_GROUPS, READ_ALL_GROUPS_OF_GROUP),
    (Kind.SERVICE_PRINCIPAL, READ_APPLICATIONS, READ_APPLICATIONS),
):
    _declare_groups_of(_kind, _direct, transitive=False)
    _declare_groups_of(_kind, _all, transitive=True)
