"""Groups, who is in them, who owns them, and what an object is a member of.

Security groups only. The rules are those that Microsoft documents for groups: a reference is added once and
removed once, and a group to which directory roles may be given is that from the beginning and holds no groups.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from . import errors
from .documents import JsonObject, now
from .endpoint import Call, Endpoint, found
from .identifiers import new_id
from .resources import GROUP, Kind
from .roles import activated
from .tenant import Entity, Relation, Tenant
from .users import find as find_user

_MEMBERS: Final = frozenset({Kind.USER, Kind.GROUP, Kind.SERVICE_PRINCIPAL})
_OWNERS: Final = frozenset({Kind.USER, Kind.SERVICE_PRINCIPAL})


def find(tenant: Tenant, object_id: str) -> Entity:
    """Return a group, or refuse."""
    return found(tenant.get(Kind.GROUP, object_id), object_id)


def create(tenant: Tenant, document: JsonObject, *, object_id: str | None = None) -> Entity:
    """Add a group with these properties, without members and owners."""
    _check(document)
    identifier = object_id or new_id()
    group: JsonObject = {
        **GROUP.blank(),
        **document,
        "id": identifier,
        "createdDateTime": now(),
        "renewedDateTime": now(),
    }
    if group["isAssignableToRole"] is True and group["visibility"] is None:
        group["visibility"] = "Private"
    return tenant.add(Kind.GROUP, identifier, group)


def add_member(tenant: Tenant, group: Entity, member: Entity) -> None:
    """Put an object into a group, or refuse."""
    if member.kind not in _MEMBERS or member.id == group.id:
        raise errors.bad_request("Invalid reference: the object cannot be a member of this group.")
    if member.kind is Kind.GROUP and group.document["isAssignableToRole"] is True:
        raise errors.nesting_in_role_assignable_group()
    if not tenant.link(group.id, Relation.MEMBER, member.id):
        raise errors.reference_exists(Relation.MEMBER)


def add_owner(tenant: Tenant, group: Entity, owner: Entity) -> None:
    """Make an object an owner of a group, or refuse."""
    if owner.kind not in _OWNERS:
        raise errors.bad_request("Invalid reference: the object cannot be an owner of this group.")
    if not tenant.link(group.id, Relation.OWNER, owner.id):
        raise errors.reference_exists(Relation.OWNER)


def _list(call: Call) -> JsonObject:
    return call.collection(GROUP, call.tenant.scan(Kind.GROUP, call.query.after))


def _create(call: Call) -> JsonObject:
    group = create(call.tenant, GROUP.accept(call.body, creating=True))
    # An application that creates a group and names no owner owns it itself.
    owners = call.references(Relation.OWNER) or [found(call.tenant.find(call.caller.object_id), "caller")]
    for owner in owners:
        add_owner(call.tenant, group, owner)
    for member in call.references(Relation.MEMBER):
        add_member(call.tenant, group, member)
    return call.one(group)


def _get(call: Call) -> JsonObject:
    return call.one(find(call.tenant, call["group"]))


def _update(call: Call) -> None:
    group = find(call.tenant, call["group"])
    changed: JsonObject = {**group.document, **GROUP.accept(call.body, creating=False)}
    _check(changed)
    group = call.tenant.replace(group, changed)
    for member in call.references(Relation.MEMBER):
        add_member(call.tenant, group, member)


def _delete(call: Call) -> None:
    group = find(call.tenant, call["group"])
    moment = now()
    deleted = call.tenant.replace(group, {**group.document, "deletedDateTime": moment})
    call.tenant.bury(deleted, moment)


def _check(document: JsonObject) -> None:
    if document.get("groupTypes"):
        raise errors.not_implemented(f"groups of the types {document['groupTypes']}")
    if document.get("membershipRule") is not None:
        raise errors.not_implemented("dynamic membership rules")
    if document.get("mailEnabled") is True:
        raise errors.bad_request("A mail-enabled security group cannot be created or changed through Microsoft Graph.")
    if document.get("securityEnabled") is False:
        raise errors.bad_request("A group must be security-enabled or of the type Unified.")


def _list_members(call: Call) -> JsonObject:
    return _linked(call, Relation.MEMBER)


def _list_owners(call: Call) -> JsonObject:
    return _linked(call, Relation.OWNER)


def _linked(call: Call, relation: Relation) -> JsonObject:
    group, query = find(call.tenant, call["group"]), call.query
    only = query.where.equals("id")
    if only is None:
        return call.mixed_collection(call.tenant.targets(group.id, relation, query.after))
    # How clients ask whether somebody is in a group: answered without going through everybody.
    linked = call.tenant.target(group.id, relation, only)
    return call.mixed_collection([] if linked is None else [linked])


def _list_all_members(call: Call) -> JsonObject:
    group = find(call.tenant, call["group"])
    return call.mixed_collection(_numbered(call, call.tenant.all_members(group.id)))


def _add_member(call: Call) -> None:
    add_member(call.tenant, find(call.tenant, call["group"]), call.reference())


def _add_owner(call: Call) -> None:
    add_owner(call.tenant, find(call.tenant, call["group"]), call.reference())


def _remove_member(call: Call) -> None:
    _unlink(call, Relation.MEMBER)


def _remove_owner(call: Call) -> None:
    _unlink(call, Relation.OWNER)


def _unlink(call: Call, relation: Relation) -> None:
    group, target = find(call.tenant, call["group"]), call["target"]
    if call.tenant.find(target) is None or not call.tenant.unlink(group.id, relation, target):
        raise errors.not_found(target)


def _list_groups_of(kind: Kind, *, transitive: bool) -> Endpoint:
    """Make the endpoint for what an object of this kind is a member of: groups and directory roles."""

    def answer(call: Call) -> JsonObject:
        tenant = call.tenant
        member = _find_member(tenant, kind, call["object"])
        groups = list(tenant.all_groups_of(member.id) if transitive else tenant.groups_of(member.id))
        holders = [member, *groups] if transitive else [member]
        return call.mixed_collection(_numbered(call, chain(groups, _roles_of(tenant, holders))))

    name = "transitiveMemberOf" if transitive else "memberOf"
    return Endpoint("GET", f"/{kind}s/{{object}}/{name}", answer)


def _find_member(tenant: Tenant, kind: Kind, name: str) -> Entity:
    return find_user(tenant, name) if kind is Kind.USER else found(tenant.get(kind, name), name)


def _roles_of(tenant: Tenant, holders: Iterable[Entity]) -> Iterator[Entity]:
    templates = (assignment.template_id for holder in holders for assignment in tenant.assignments_of(holder.id))
    return (activated(tenant, template_id) for template_id in dict.fromkeys(templates))


def _numbered(call: Call, entities: Iterable[Entity]) -> Iterator[Entity]:
    """Give a listing that is put together from several its own positions."""
    for position, entity in enumerate(entities, start=1):
        if position > call.query.after:
            yield replace(entity, position=position)


ENDPOINTS: Iterable[Endpoint] = (
    Endpoint("GET", "/groups", _list),
    Endpoint("POST", "/groups", _create),
    Endpoint("GET", "/groups/{group}", _get),
    Endpoint("PATCH", "/groups/{group}", _update),
    Endpoint("DELETE", "/groups/{group}", _delete),
    Endpoint("GET", "/groups/{group}/members", _list_members),
    Endpoint("POST", "/groups/{group}/members/$ref", _add_member),
    Endpoint("DELETE", "/groups/{group}/members/{target}/$ref", _remove_member),
    Endpoint("GET", "/groups/{group}/transitiveMembers", _list_all_members),
    Endpoint("GET", "/groups/{group}/owners", _list_owners),
    Endpoint("POST", "/groups/{group}/owners/$ref", _add_owner),
    Endpoint("DELETE", "/groups/{group}/owners/{target}/$ref", _remove_owner),
    *(
        _list_groups_of(kind, transitive=transitive)
        for kind in (Kind.USER, Kind.GROUP, Kind.SERVICE_PRINCIPAL)
        for transitive in (False, True)
    ),
)
