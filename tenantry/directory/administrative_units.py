"""Administrative units: parts of a tenant, who is in them, and who administers them."""

from collections.abc import Iterator
from typing import Final

from . import errors, groups, roles
from .documents import JsonObject
from .endpoint import Call, Category
from .families import Family, ReferenceList, declared
from .permissions import CREATE_GROUPS, READ_ROLES, READ_UNITS, WRITE_ROLES, WRITE_UNITS
from .references import add, only
from .resources import ADMINISTRATIVE_UNIT, GROUP, SCOPED_ROLE_MEMBER, Kind
from .tenant import Entity, Relation, RoleAssignment

_ANY_MEMBER: Final = only(Kind.USER, Kind.GROUP)


def _may_be_member(unit: Entity, member: Entity) -> bool:
    """Of groups, a unit with restricted management takes security groups alone."""
    is_restricted = unit.document["isMemberManagementRestricted"] is True
    has_mail = member.kind is Kind.GROUP and member.document["mailEnabled"] is True
    return _ANY_MEMBER(unit, member) and not (is_restricted and has_mail)


_UNITS: Final = Family(
    ADMINISTRATIVE_UNIT,
    "/directory/administrativeUnits/{unit}",
    READ_UNITS,
    WRITE_UNITS,
    noun="administrative unit",
    category=Category.UNITS,
    lists=(ReferenceList(Relation.MEMBER, _may_be_member),),
)


# --- scoped role members: role assignments whose scope is the unit, under another name


def _scope(unit: Entity) -> str:
    return f"/administrativeUnits/{unit.id}"


def _member(call: Call, unit: Entity, assignment: RoleAssignment) -> Entity:
    role, principal = roles.activated(call.tenant, assignment.template_id), call.tenant.find(assignment.principal_id)
    document: JsonObject = {
        **SCOPED_ROLE_MEMBER.blank(),
        "id": assignment.id,
        "administrativeUnitId": unit.id,
        "roleId": role.id,
        "roleMemberInfo": {
            "displayName": principal.document["displayName"] if principal else None,
            "id": assignment.principal_id,
        },
    }
    return Entity(assignment.position, assignment.id, Kind.SCOPED_ROLE_MEMBER, document)


def _list_members(call: Call) -> Iterator[Entity]:
    unit = _UNITS.named_in(call)
    assignments = (assignment for assignment in call.tenant.assignments() if assignment.scope == _scope(unit))
    return (_member(call, unit, assignment) for assignment in assignments)


def _find_assignment(call: Call, unit: Entity) -> RoleAssignment:
    assignment = call.tenant.assignment(call["member"])
    if assignment is None or assignment.scope != _scope(unit):
        raise errors.not_found(call["member"])
    return assignment


def _find_member(call: Call) -> Entity:
    unit = _UNITS.named_in(call)
    return _member(call, unit, _find_assignment(call, unit))


def _create_member(call: Call, given: JsonObject) -> Entity:
    unit = _UNITS.named_in(call)
    if str(given.get("administrativeUnitId") or unit.id).lower() != unit.id:
        raise errors.invalid_value("administrativeUnitId", SCOPED_ROLE_MEMBER.title)
    member = given["roleMemberInfo"]
    principal_id = str(member.get("id", "")) if isinstance(member, dict) else ""
    role = roles.find(call.tenant, str(given["roleId"]))
    return _member(call, unit, roles.assign(call.tenant, role.text("roleTemplateId"), principal_id, _scope(unit)))


def _delete_member(call: Call, _: Entity) -> None:
    roles.unassign(call.tenant, _find_assignment(call, _UNITS.named_in(call)))


ENDPOINTS: Final = declared(
    _UNITS,
    Family(
        SCOPED_ROLE_MEMBER,
        "/directory/administrativeUnits/{unit}/scopedRoleMembers/{member}",
        READ_ROLES,
        WRITE_ROLES,
        noun="member to role scoped over administrative unit",
        deletion="Remove member from role scoped over administrative unit",
        category=Category.ROLES,
        parent=_UNITS,
        changeable=False,
        paged=False,
        listed=_list_members,
        find=_find_member,
        create=_create_member,
        delete=_delete_member,
    ),
)


# The older address is the one by which the azuread provider deletes.
@ENDPOINTS.change("DELETE", "/administrativeUnits/{unit}", WRITE_UNITS, "Delete administrative unit")
def _delete(call: Call) -> None:
    call.tenant.soft_delete(_UNITS.named_in(call))


@ENDPOINTS.change(
    "POST", "/directory/administrativeUnits/{unit}/members", CREATE_GROUPS, "Add group", category=Category.GROUPS
)
def _create_group(call: Call) -> JsonObject:
    """Make a group that is a member from the beginning."""
    unit = _UNITS.named_in(call)
    if call.body.get("@odata.type") != "#microsoft.graph.group":
        raise errors.not_implemented("making anything but a group in an administrative unit")
    group = groups.create_as_asked(call, GROUP.in_version(call.version).accept(call.body, creating=True))
    add(call.tenant, unit, Relation.MEMBER, group, _may_be_member)
    return call.any_of_many_kinds(group)
