"""Directory roles: the built-in roles, which of them are activated, and who holds them.

Microsoft Graph shows role assignments twice: as `directoryRoles/{id}/members` and, newer, as `roleAssignments`.
Both are views of the same assignments here. A role's object in `directoryRoles` exists once the role is
activated, which its first assignment does.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Final

from tenantry.role_templates import GLOBAL_ADMINISTRATOR, ROLE_TEMPLATES, RoleTemplate

from . import errors, role_definitions
from .documents import JsonObject
from .endpoint import Call, Category, found
from .families import Family, declared
from .identifiers import TENANT_SCOPE, is_guid, new_id, stable_id
from .licences import check_premium
from .permissions import READ_DEFINITIONS, READ_ROLES, WRITE_DEFINITIONS, WRITE_ROLES
from .references import finder
from .resources import DIRECTORY_ROLE, PRINCIPALS, ROLE_ASSIGNMENT, ROLE_DEFINITION, ROLE_TEMPLATE, Kind
from .schedules import eligibilities
from .tenant import Entity, RoleAssignment, Tenant
from .users import is_last_global_administrator

_UNITS: Final = "/administrativeUnits"
find: Final = finder(Kind.DIRECTORY_ROLE)
HELD_BY: Final = ("principalId", "roleDefinitionId", "directoryScopeId")
"""The properties that say which role somebody holds where."""


def activated(tenant: Tenant, template_id: str) -> Entity:
    """Return the object of a built-in role, activating the role if it is not."""
    known = tenant.named(Kind.DIRECTORY_ROLE, template_id)
    if known is not None:
        return known
    template = _template(template_id)
    role: JsonObject = {
        "description": template.description,
        "displayName": template.name,
        "roleTemplateId": template.id,
    }
    object_id = stable_id(tenant.id, f"directoryRoles/{template.id}")
    return tenant.create(DIRECTORY_ROLE, role, object_id=object_id, name=template.id)


def check_assignable(tenant: Tenant, role_id: str, principal_id: str) -> Entity:
    """Return the principal if a role, built-in or of the tenant's own, can be given to it, or refuse."""
    errors.existing(role_definitions.find(tenant, role_id), role_id)
    principal = found(tenant.find(principal_id), principal_id, PRINCIPALS)
    if principal.kind is Kind.GROUP and principal.document["isAssignableToRole"] is not True:
        raise errors.group_not_role_assignable()
    return principal


def assign(tenant: Tenant, role_id: str, principal_id: str, scope: str = TENANT_SCOPE) -> RoleAssignment:
    """Give a principal a role in the whole tenant or in another scope, or refuse."""
    principal = check_assignable(tenant, role_id, principal_id)
    if role_id.lower() in ROLE_TEMPLATES:
        activated(tenant, role_id.lower())
    assignment = tenant.assign(role_id.lower(), principal.id, scope)
    if assignment is None:
        raise errors.conflicting_object()
    return assignment


def check_removable(tenant: Tenant, assignment: RoleAssignment) -> None:
    """Refuse to take a role away, or to give it an end, where nobody would be left to administer the tenant."""
    is_global = assignment.template_id == GLOBAL_ADMINISTRATOR.id and assignment.scope == TENANT_SCOPE
    if is_global and is_last_global_administrator(tenant, assignment.principal_id):
        raise errors.last_global_administrator()


def unassign(tenant: Tenant, assignment: RoleAssignment) -> None:
    """Take a role away, unless nobody would be left to administer the tenant."""
    check_removable(tenant, assignment)
    tenant.unassign(assignment)


def _template(template_id: str) -> RoleTemplate:
    return errors.existing(ROLE_TEMPLATES.get(template_id.lower()), template_id)


# --- directoryRoleTemplates and roleDefinitions: the same data under two names


def _template_entity(template: RoleTemplate) -> Entity:
    document: JsonObject = {
        **ROLE_TEMPLATE.blank(),
        "id": template.id,
        "description": template.description,
        "displayName": template.name,
    }
    return Entity(0, template.id, Kind.ROLE_TEMPLATE, document)


def _definitions(call: Call) -> Iterable[Entity]:
    built_in = map(role_definitions.built_in, ROLE_TEMPLATES.values())
    return chain(built_in, call.tenant.scan(Kind.ROLE_DEFINITION))


def _find_definition(call: Call) -> Entity:
    return errors.existing(role_definitions.find(call.tenant, call["definition"]), call["definition"])


def _create_definition(call: Call, given: JsonObject) -> Entity:
    check_premium(call.tenant, "manage custom role definitions")
    object_id = str(given.get("templateId") or new_id()).lower()
    if not is_guid(object_id):
        raise errors.invalid_value("templateId", ROLE_DEFINITION.title)
    if call.tenant.find(object_id) is not None or object_id in ROLE_TEMPLATES:
        raise errors.conflicting_object()
    definition: JsonObject = {
        **given,
        "isBuiltIn": False,
        "isPrivileged": False,
        "resourceScopes": [TENANT_SCOPE],
        "templateId": object_id,
    }
    return call.tenant.create(ROLE_DEFINITION, definition, object_id=object_id)


def _refuse_built_in(definition: Entity) -> None:
    if definition.document["isBuiltIn"] is True:
        raise errors.bad_request("A built-in role definition cannot be changed.")


def _delete_definition(call: Call, definition: Entity) -> None:
    _refuse_built_in(definition)
    tenant = call.tenant
    given = {assignment.template_id for assignment in tenant.scheduled_assignments()}
    given |= {str(one.document["roleDefinitionId"]) for one in eligibilities(tenant, Kind.ELIGIBILITY_SCHEDULE)}
    if definition.id in given:
        raise errors.bad_request("A role definition that is assigned cannot be deleted.")
    tenant.purge(definition)


# --- directoryRoles


def _activate(call: Call, given: JsonObject) -> Entity:
    template = _template(str(given["roleTemplateId"]))
    if call.tenant.named(Kind.DIRECTORY_ROLE, template.id) is not None:
        raise errors.conflicting_object()
    return activated(call.tenant, template.id)


def _held(tenant: Tenant, role: Entity, principal_id: str) -> RoleAssignment | None:
    template_id = role.text("roleTemplateId")
    held = tenant.assignments_of(principal_id.lower())
    here = (assignment for assignment in held if assignment.scope == TENANT_SCOPE)
    return next((assignment for assignment in here if assignment.template_id == template_id), None)


# --- roleAssignments


def _assignment_entity(assignment: RoleAssignment) -> Entity:
    document: JsonObject = {
        **ROLE_ASSIGNMENT.blank(),
        "id": assignment.id,
        "directoryScopeId": assignment.scope,
        "principalId": assignment.principal_id,
        "roleDefinitionId": assignment.template_id,
    }
    return Entity(assignment.position, assignment.id, Kind.ROLE_ASSIGNMENT, document)


def _list_assignments(call: Call) -> Iterable[Entity]:
    principal_id = call.query.where.equals("principalId")
    if principal_id is None:
        assignments = call.tenant.assignments(call.query.after)
    else:
        held = call.tenant.assignments_of(principal_id.lower())
        assignments = (assignment for assignment in held if assignment.position > call.query.after)
    return map(_assignment_entity, assignments)


def _create_assignment(call: Call, given: JsonObject) -> Entity:
    if given.get("appScopeId") is None and given.get("directoryScopeId") is None:
        raise errors.value_required("directoryScopeId", "RoleAssignment")
    if given.get("appScopeId") is not None:
        raise errors.not_implemented("role assignments in the scope of an application's own (appScopeId)")
    scope = known_scope(call.tenant, str(given["directoryScopeId"]))
    template_id, principal_id = str(given["roleDefinitionId"]), str(given["principalId"])
    if not is_guid(principal_id):
        raise errors.invalid_value("principalId", "RoleAssignment")
    return _assignment_entity(assign(call.tenant, template_id, principal_id, scope))


def known_scope(tenant: Tenant, scope: str) -> str:
    """Return a scope in one spelling: the whole tenant, an administrative unit, or an object; or refuse it."""
    if scope == TENANT_SCOPE:
        return scope
    kinds = frozenset({Kind.ADMINISTRATIVE_UNIT, Kind.APPLICATION, Kind.SERVICE_PRINCIPAL, Kind.GROUP})
    place, _, object_id = scope.rpartition("/")
    entity = found(tenant.find(object_id), object_id, kinds)
    return f"{_UNITS if place.lower() == _UNITS.lower() else place}/{entity.id}"


def _find_assignment(call: Call) -> RoleAssignment:
    return errors.existing(call.tenant.assignment(call["assignment"]), call["assignment"])


# --- the endpoints

_ROLES: Final = Family(
    DIRECTORY_ROLE,
    "/directoryRoles/{role}",
    READ_ROLES,
    noun="role from template",
    category=Category.ROLES,
    creates=WRITE_ROLES,
    paged=False,
    create=_activate,
)
ENDPOINTS: Final = declared(
    Family(
        ROLE_TEMPLATE,
        "/directoryRoleTemplates/{template}",
        READ_ROLES,
        category=Category.ROLES,
        paged=False,
        listed=lambda _: map(_template_entity, ROLE_TEMPLATES.values()),
        find=lambda call: _template_entity(_template(call["template"])),
    ),
    Family(
        ROLE_DEFINITION,
        "/roleManagement/directory/roleDefinitions/{definition}",
        READ_DEFINITIONS,
        WRITE_DEFINITIONS,
        noun="role definition",
        category=Category.ROLES,
        paged=False,
        changeable=False,  # here; below is how
        listed=_definitions,
        find=_find_definition,
        create=_create_definition,
        delete=_delete_definition,
    ),
    _ROLES,
    Family(
        ROLE_ASSIGNMENT,
        "/roleManagement/directory/roleAssignments/{assignment}",
        READ_ROLES,
        WRITE_ROLES,
        noun="member to role",
        deletion="Remove member from role",
        category=Category.ROLES,
        changeable=False,
        listed=_list_assignments,
        find=lambda call: _assignment_entity(_find_assignment(call)),
        create=_create_assignment,
        delete=lambda call, _: unassign(call.tenant, _find_assignment(call)),
    ),
)


@ENDPOINTS.change(
    "PATCH", "/roleManagement/directory/roleDefinitions/{definition}", WRITE_DEFINITIONS, "Update role definition"
)
def _update_definition(call: Call) -> None:
    definition = _find_definition(call)
    _refuse_built_in(definition)
    check_premium(call.tenant, "manage custom role definitions")
    # A client may send the template's id again, which changes nothing.
    body = {name: value for name, value in call.body.items() if (name, value) != ("templateId", definition.id)}
    call.tenant.update(definition, ROLE_DEFINITION.accept(body, creating=False))


@ENDPOINTS.get("/directoryRoles/{role}/members", READ_ROLES, casts=PRINCIPALS)
def _list_role_members(call: Call) -> JsonObject:
    if call.query.top is not None:
        raise errors.no_page_sizes()
    holders = call.tenant.role_members(_ROLES.named_in(call).text("roleTemplateId"))
    return call.mixed_collection(holder for holder in holders if holder.position > call.query.after)


@ENDPOINTS.change("POST", "/directoryRoles/{role}/members/$ref", WRITE_ROLES, "Add member to role")
def _add_role_member(call: Call) -> None:
    role, principal = _ROLES.named_in(call), call.reference()
    if _held(call.tenant, role, principal.id) is not None:
        raise errors.reference_exists("members")
    assign(call.tenant, role.text("roleTemplateId"), principal.id)


@ENDPOINTS.change("DELETE", "/directoryRoles/{role}/members/{target}/$ref", WRITE_ROLES, "Remove member from role")
def _remove_role_member(call: Call) -> None:
    assignment = _held(call.tenant, _ROLES.named_in(call), call["target"])
    unassign(call.tenant, errors.existing(assignment, call["target"]))
