"""What directory roles there are: Microsoft's built-in ones, the same in every tenant, and a tenant's own."""

from tenantry.role_templates import ROLE_TEMPLATES, RoleTemplate

from .documents import JsonObject
from .identifiers import TENANT_SCOPE
from .resources import ROLE_DEFINITION, Kind
from .tenant import Entity, Tenant


def find(tenant: Tenant, definition_id: str) -> Entity | None:
    """Return the definition of a role, by its id."""
    template = ROLE_TEMPLATES.get(definition_id.lower())
    return tenant.get(Kind.ROLE_DEFINITION, definition_id) if template is None else built_in(template)


def built_in(template: RoleTemplate) -> Entity:
    """Return the definition of a built-in role."""
    document: JsonObject = {
        **{name: value for name, value in ROLE_DEFINITION.blank().items() if name not in ROLE_DEFINITION.known_of_some},
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
    return Entity(0, template.id, Kind.ROLE_DEFINITION, document)
