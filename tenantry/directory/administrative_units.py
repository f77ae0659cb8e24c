"""Administrative units: parts of a tenant, who is in them, and who administers them."""

from typing import Final

from . import errors, groups, roles
from .documents import JsonObject
from .endpoint import Call, Category, Endpoints
from .identifiers import new_id
from .permissions import CREATE_GROUPS, READ_ROLES, READ_UNITS, WRITE_ROLES, WRITE_UNITS
from .references import add, declare_list, finder, only
from .resources import ADMINISTRATIVE_UNIT, SCOPED_ROLE_MEMBER, Kind
from .tenant import Entity, Relation, RoleAssignment

ENDPOINTS: Final = Endpoints(Category.UNITS)

find: Final = finder(Kind.ADMINISTRATIVE_UNIT)
_MEMBERS: Final = only(Kind.USER, Kind.GROUP)
_VISIBILITIES: Final = frozenset({"Public", "HiddenMembership"})


@ENDPOINTS.get("/directory/administrativeUnits", READ_UNITS)
def _list(call: Call) -> JsonObject:
    return call.collection(ADMINISTRATIVE_UNIT, call.tenant.scan(Kind.ADMINISTRATIVE_UNIT, call.query.after))


@ENDPOINTS.change("POST", "/directory/administrativeUnits", WRITE_UNITS, "Add administrative unit")
def _create(call: Call) -> JsonObject:
    given = ADMINISTRATIVE_UNIT.accept(call.body, creating=True)
    _check(given)
    unit: JsonObject = {**ADMINISTRATIVE_UNIT.blank(), **given, "id": new_id()}
    return call.one(call.tenant.add(Kind.ADMINISTRATIVE_UNIT, str(unit["id"]), unit))


@ENDPOINTS.get("/directory/administrativeUnits/{unit}", READ_UNITS)
def _get(call: Call) -> JsonObject:
    return call.one(find(call.tenant, call["unit"]))


@ENDPOINTS.change("PATCH", "/directory/administrativeUnits/{unit}", WRITE_UNITS, "Update administrative unit")
def _update(call: Call) -> None:
    unit = find(call.tenant, call["unit"])
    given = ADMINISTRATIVE_UNIT.accept(call.body, creating=False)
    _check(given)
    call.tenant.replace(unit, {**unit.document, **given})


@ENDPOINTS.change("DELETE", "/directory/administrativeUnits/{unit}", WRITE_UNITS, "Delete administrative unit")
# The older address is the one by which the azuread provider deletes.
@ENDPOINTS.change("DELETE", "/administrativeUnits/{unit}", WRITE_UNITS, "Delete administrative unit")
def _delete(call: Call) -> None:
    call.tenant.soft_delete(find(call.tenant, call["unit"]))


def _check(given: JsonObject) -> None:
    visibility = given.get("visibility")
    if isinstance(visibility, str) and visibility not in _VISIBILITIES:
        raise errors.invalid_value("visibility", ADMINISTRATIVE_UNIT.title)


@ENDPOINTS.change(
    "POST", "/directory/administrativeUnits/{unit}/members", CREATE_GROUPS, "Add group", category=Category.GROUPS
)
def _create_group(call: Call) -> JsonObject:
    """Make a group that is a member from the beginning."""
    unit = find(call.tenant, call["unit"])
    if call.body.get("@odata.type") != "#microsoft.graph.group":
        raise errors.not_implemented("making anything but a group in an administrative unit")
    group = groups.create_as_asked(call)
    add(call.tenant, unit, Relation.MEMBER, group, _MEMBERS)
    return call.any_of_many_kinds(group)


# --- scoped role members: role assignments whose scope is the unit, under another name


def _scope(unit: Entity) -> str:
    return f"/administrativeUnits/{unit.id}"


def _member_document(call: Call, unit: Entity, assignment: RoleAssignment) -> JsonObject:
    role, principal = roles.activated(call.tenant, assignment.template_id), call.tenant.find(assignment.principal_id)
    return {
        **SCOPED_ROLE_MEMBER.blank(),
        "id": assignment.id,
        "administrativeUnitId": unit.id,
        "roleId": role.id,
        "roleMemberInfo": {
            "displayName": principal.document["displayName"] if principal else None,
            "id": assignment.principal_id,
        },
    }


@ENDPOINTS.get("/directory/administrativeUnits/{unit}/scopedRoleMembers", READ_ROLES)
def _list_members(call: Call) -> JsonObject:
    unit = find(call.tenant, call["unit"])
    held = (one for one in call.tenant.assignments() if one.scope == _scope(unit))
    return call.whole_collection(SCOPED_ROLE_MEMBER, (_member_document(call, unit, one) for one in held))


@ENDPOINTS.change(
    "POST",
    "/directory/administrativeUnits/{unit}/scopedRoleMembers",
    WRITE_ROLES,
    "Add member to role scoped over administrative unit",
    category=Category.ROLES,
)
def _create_member(call: Call) -> JsonObject:
    unit = find(call.tenant, call["unit"])
    given = SCOPED_ROLE_MEMBER.accept(call.body, creating=True)
    if given.get("administrativeUnitId") not in (None, unit.id):
        raise errors.invalid_value("administrativeUnitId", SCOPED_ROLE_MEMBER.title)
    member = given["roleMemberInfo"]
    principal_id = str(member.get("id", "")) if isinstance(member, dict) else ""
    role = roles.find(call.tenant, str(given["roleId"]))
    assignment = roles.assign(call.tenant, role.text("roleTemplateId"), principal_id, _scope(unit))
    return call.document(SCOPED_ROLE_MEMBER, _member_document(call, unit, assignment))


def _find_member(call: Call, unit: Entity) -> RoleAssignment:
    assignment = call.tenant.assignment(call["member"])
    if assignment is None or assignment.scope != _scope(unit):
        raise errors.not_found(call["member"])
    return assignment


@ENDPOINTS.get("/directory/administrativeUnits/{unit}/scopedRoleMembers/{member}", READ_ROLES)
def _get_member(call: Call) -> JsonObject:
    unit = find(call.tenant, call["unit"])
    return call.document(SCOPED_ROLE_MEMBER, _member_document(call, unit, _find_member(call, unit)))


@ENDPOINTS.change(
    "DELETE",
    "/directory/administrativeUnits/{unit}/scopedRoleMembers/{member}",
    WRITE_ROLES,
    "Remove member from role scoped over administrative unit",
    category=Category.ROLES,
)
def _delete_member(call: Call) -> None:
    roles.unassign(call.tenant, _find_member(call, find(call.tenant, call["unit"])))


declare_list(
    ENDPOINTS,
    "/directory/administrativeUnits/{unit}",
    Relation.MEMBER,
    find,
    _MEMBERS,
    reads=READ_UNITS,
    writes=WRITE_UNITS,
    activity="member to administrative unit",
)
