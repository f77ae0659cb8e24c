"""A tenant as text that can be compared: what is in it by kind and name, without what differs from run to run.

Ids and moments are left out, and where an object names another one by its id, its name stands there. Nothing of a
credential is shown.
"""

import json
import re
from collections.abc import Iterable
from typing import Final

from tenantry.role_templates import ROLE_TEMPLATES

from . import relationship_states, schedules
from .documents import JsonObject, JsonValue
from .endpoint import ETAG
from .resources import RESOURCES, Kind
from .tenant import Entity, Relation, Tenant

_HIDDEN: Final = frozenset(
    {"id", "passwordCredentials", "keyCredentials", "passwordProfile", "secretText", "hint", "keyId"} | {ETAG, "data"}
)
_ELIGIBILITIES: Final = frozenset({Kind.ELIGIBILITY_SCHEDULE, Kind.GROUP_ELIGIBILITY_SCHEDULE})
_REQUESTS: Final = frozenset(
    {
        Kind.ACTIVE_ROLE_REQUEST,
        Kind.ELIGIBILITY_REQUEST,
        Kind.GROUP_ASSIGNMENT_REQUEST,
        Kind.GROUP_ELIGIBILITY_REQUEST,
    }
)
_MOMENT: Final = re.compile(r".*(DateTime|Time)")


def dump(tenant: Tenant) -> JsonObject:
    """Return everything that is in a tenant and in sight."""
    entities = {kind: list(_in_sight(tenant, kind)) for kind in RESOURCES if kind is not Kind.DIRECTORY_AUDIT}
    names = {entity.id: _name(entity) for found in entities.values() for entity in found}
    names |= {template.id: template.name for template in ROLE_TEMPLATES.values()}
    names[tenant.id] = "this tenant"
    for given in entities[Kind.ACCESS_ASSIGNMENT]:
        container = given.document["accessContainer"]
        if isinstance(container, dict):
            names[given.id] = names.get(str(container["accessContainerId"]), given.kind)
    objects: JsonObject = {
        RESOURCES[kind].set_name: _sorted(_document(tenant, entity, names) for entity in found)
        for kind, found in sorted(entities.items())
        if found
    }
    assignments = _sorted(
        {
            "principal": names.get(assignment.principal_id, assignment.principal_id),
            "role": names.get(assignment.template_id, assignment.template_id),
            "scope": _renamed(assignment.scope, names),
        }
        for assignment in tenant.assignments()
    )
    return {**objects, "roleAssignments": assignments}


def _in_sight(tenant: Tenant, kind: Kind) -> Iterable[Entity]:
    if kind in _ELIGIBILITIES:
        return schedules.eligibilities(tenant, kind)
    entities = tenant.scan(kind)
    if kind in relationship_states.KINDS:
        return map(relationship_states.settled, entities)
    return filter(schedules.is_kept, entities) if kind in _REQUESTS else entities


def _name(entity: Entity) -> str:
    document = entity.document
    name = document.get("userPrincipalName") or document.get("displayName")
    return str(name or entity.kind)


def _document(tenant: Tenant, entity: Entity, names: dict[str, str]) -> JsonObject:
    document: JsonObject = {
        name: _renamed(value, names)
        for name, value in sorted(entity.document.items())
        if value not in (None, [], {}) and name not in _HIDDEN and _MOMENT.fullmatch(name) is None
    }
    for relation in Relation:
        targets: list[JsonValue] = [*sorted(names[target.id] for target in tenant.targets(entity.id, relation))]
        if targets:
            document[relation] = targets
    return document


def _renamed(value: JsonValue, names: dict[str, str]) -> JsonValue:
    if isinstance(value, str):
        return "/".join(names.get(part, part) for part in value.split("/"))
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, dict):
        return {
            name: _renamed(item, names)
            for name, item in sorted(value.items())
            if name not in _HIDDEN and _MOMENT.fullmatch(name) is None
        }
    return value


def _sorted(documents: Iterable[JsonObject]) -> list[JsonValue]:
    return [*sorted(documents, key=lambda document: (_title(document), json.dumps(document, sort_keys=True)))]


def _title(document: JsonObject) -> str:
    return str(document.get("userPrincipalName") or document.get("displayName") or "").casefold()
