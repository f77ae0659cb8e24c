"""Directory roles: the built-in roles, which of them are activated, and who holds them.

Microsoft Graph shows role assignments twice: as `directoryRoles/{id}/members` and, newer, as `roleAssignments`.
Both are views of the same assignments here. A role's object in `directoryRoles` exists once the role is
activated, which its first assignment does.
"""

from collections.abc import Iterable
from typing import Final

from . import errors
from .documents import JsonObject
from .endpoint import Call, Endpoint, found
from .identifiers import TENANT_SCOPE, is_guid, stable_id
from .resources import DIRECTORY_ROLE, ROLE_ASSIGNMENT, ROLE_DEFINITION, ROLE_TEMPLATE, Kind
from .role_templates import GLOBAL_ADMINISTRATOR, ROLE_TEMPLATES, RoleTemplate
from .tenant import Entity, RoleAssignment, Tenant
from .users import is_last_global_administrator

_PRINCIPALS: Final = frozenset({Kind.USER, Kind.GROUP, Kind.SERVICE_PRINCIPAL})


def activated(tenant: Tenant, template_id: str) -> Entity:
    """Return the object of a built-in role, activating the role if it is not."""
    known = tenant.named(Kind.DIRECTORY_ROLE, template_id)
    if known is not None:
        return known
    template = _template(template_id)
    role: JsonObject = {
        **DIRECTORY_ROLE.blank(),
        "id": stable_id(tenant.id, f"directoryRoles/{template.id}"),
        "description": template.description,
        "displayName": template.name,
        "roleTemplateId": template.id,
    }
    return tenant.add(Kind.DIRECTORY_ROLE, str(role["id"]), role, name=template.id)


def assign(tenant: Tenant, template_id: str, principal_id: str) -> RoleAssignment:
    """Give a principal a built-in role in the whole tenant, or refuse."""
    template = _template(template_id)
    principal = found(tenant.find(principal_id), principal_id, _PRINCIPALS)
    if principal.kind is Kind.GROUP and principal.document["isAssignableToRole"] is not True:
        raise errors.group_not_role_assignable()
    activated(tenant, template.id)
    assignment = tenant.assign(template.id, principal.id)
    if assignment is None:
        raise errors.conflicting_object()
    return assignment


def unassign(tenant: Tenant, assignment: RoleAssignment) -> None:
    """Take a role away, unless nobody would be left to administer the tenant."""
    if assignment.template_id == GLOBAL_ADMINISTRATOR.id and is_last_global_administrator(
        tenant, assignment.principal_id
    ):
        raise errors.last_global_administrator()
    tenant.unassign(assignment)


def _template(template_id: str) -> RoleTemplate:
    template = ROLE_TEMPLATES.get(template_id.lower())
    if template is None:
        raise errors.not_found(template_id)
    return template


# --- directoryRoleTemplates and roleDefinitions: the same data under two names


def _template_document(template: RoleTemplate) -> JsonObject:
    return {
        **ROLE_TEMPLATE.blank(),
        "id": template.id,
        "description": template.description,
        "displayName": template.name,
    }


def _definition_document(template: RoleTemplate) -> JsonObject:
    return {
        **ROLE_DEFINITION.blank(),
        "id": template.id,
        "description": template.description,
        "displayName": template.name,
        "isBuiltIn": True,
        "isEnabled": True,
        "isPrivileged": template.privileged,
        "resourceScopes": [TENANT_SCOPE],
        "templateId": template.id,
        "version": "1",
    }


def _list_templates(call: Call) -> JsonObject:
    return call.whole_collection(ROLE_TEMPLATE, map(_template_document, ROLE_TEMPLATES.values()))


def _get_template(call: Call) -> JsonObject:
    return call.document(ROLE_TEMPLATE, _template_document(_template(call["template"])))


def _list_definitions(call: Call) -> JsonObject:
    return call.whole_collection(ROLE_DEFINITION, map(_definition_document, ROLE_TEMPLATES.values()))


def _get_definition(call: Call) -> JsonObject:
    return call.document(ROLE_DEFINITION, _definition_document(_template(call["definition"])))


# --- directoryRoles


def _list_roles(call: Call) -> JsonObject:
    roles = call.tenant.scan(Kind.DIRECTORY_ROLE)
    return call.whole_collection(DIRECTORY_ROLE, (role.document for role in roles))


def _activate(call: Call) -> JsonObject:
    given = DIRECTORY_ROLE.accept(call.body, creating=True)
    template = _template(str(given["roleTemplateId"]))
    if call.tenant.named(Kind.DIRECTORY_ROLE, template.id) is not None:
        raise errors.conflicting_object()
    return call.one(activated(call.tenant, template.id))


def _find_role(call: Call) -> Entity:
    return found(call.tenant.get(Kind.DIRECTORY_ROLE, call["role"]), call["role"])


def _get_role(call: Call) -> JsonObject:
    return call.one(_find_role(call))


def _list_role_members(call: Call) -> JsonObject:
    holders = call.tenant.role_members(_find_role(call).text("roleTemplateId"))
    return call.mixed_collection(holder for holder in holders if holder.position > call.query.after)


def _add_role_member(call: Call) -> None:
    role, principal = _find_role(call), call.reference()
    if _held(call.tenant, role, principal.id) is not None:
        raise errors.reference_exists("members")
    assign(call.tenant, role.text("roleTemplateId"), principal.id)


def _remove_role_member(call: Call) -> None:
    assignment = _held(call.tenant, _find_role(call), call["target"])
    if assignment is None:
        raise errors.not_found(call["target"])
    unassign(call.tenant, assignment)


def _held(tenant: Tenant, role: Entity, principal_id: str) -> RoleAssignment | None:
    template_id = role.text("roleTemplateId")
    held = tenant.assignments_of(principal_id.lower())
    return next((assignment for assignment in held if assignment.template_id == template_id), None)


# --- roleAssignments


def _assignment_entity(assignment: RoleAssignment) -> Entity:
    document: JsonObject = {
        **ROLE_ASSIGNMENT.blank(),
        "id": assignment.id,
        "directoryScopeId": TENANT_SCOPE,
        "principalId": assignment.principal_id,
        "roleDefinitionId": assignment.template_id,
    }
    return Entity(assignment.position, assignment.id, Kind.ROLE_ASSIGNMENT, document)


def _list_assignments(call: Call) -> JsonObject:
    principal_id = call.query.where.equals("principalId")
    if principal_id is None:
        assignments = call.tenant.assignments(call.query.after)
    else:
        held = call.tenant.assignments_of(principal_id.lower())
        assignments = (assignment for assignment in held if assignment.position > call.query.after)
    return call.collection(ROLE_ASSIGNMENT, map(_assignment_entity, assignments))


def _create_assignment(call: Call) -> JsonObject:
    given = ROLE_ASSIGNMENT.accept(call.body, creating=True)
    if given.get("appScopeId") is None and given.get("directoryScopeId") is None:
        raise errors.value_required("directoryScopeId", "RoleAssignment")
    if given.get("directoryScopeId") != TENANT_SCOPE:
        raise errors.not_implemented("role assignments in another scope than the whole tenant")
    template_id, principal_id = str(given["roleDefinitionId"]), str(given["principalId"])
    if not is_guid(principal_id):
        raise errors.invalid_value("principalId", "RoleAssignment")
    return call.one(_assignment_entity(assign(call.tenant, template_id, principal_id)))


def _find_assignment(call: Call) -> RoleAssignment:
    assignment = call.tenant.assignment(call["assignment"])
    if assignment is None:
        raise errors.not_found(call["assignment"])
    return assignment


def _get_assignment(call: Call) -> JsonObject:
    return call.one(_assignment_entity(_find_assignment(call)))


def _delete_assignment(call: Call) -> None:
    unassign(call.tenant, _find_assignment(call))


_MANAGEMENT: Final = "/roleManagement/directory"

ENDPOINTS: Iterable[Endpoint] = (
    Endpoint("GET", "/directoryRoleTemplates", _list_templates),
    Endpoint("GET", "/directoryRoleTemplates/{template}", _get_template),
    Endpoint("GET", "/directoryRoles", _list_roles),
    Endpoint("POST", "/directoryRoles", _activate),
    Endpoint("GET", "/directoryRoles/{role}", _get_role),
    Endpoint("GET", "/directoryRoles/{role}/members", _list_role_members),
    Endpoint("POST", "/directoryRoles/{role}/members/$ref", _add_role_member),
    Endpoint("DELETE", "/directoryRoles/{role}/members/{target}/$ref", _remove_role_member),
    Endpoint("GET", f"{_MANAGEMENT}/roleDefinitions", _list_definitions),
    Endpoint("GET", f"{_MANAGEMENT}/roleDefinitions/{{definition}}", _get_definition),
    Endpoint("GET", f"{_MANAGEMENT}/roleAssignments", _list_assignments),
    Endpoint("POST", f"{_MANAGEMENT}/roleAssignments", _create_assignment),
    Endpoint("GET", f"{_MANAGEMENT}/roleAssignments/{{assignment}}", _get_assignment),
    Endpoint("DELETE", f"{_MANAGEMENT}/roleAssignments/{{assignment}}", _delete_assignment),
)
