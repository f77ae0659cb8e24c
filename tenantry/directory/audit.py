"""The audit trail: who changed what and when, as Microsoft Graph shows it in ``auditLogs/directoryAudits``.

An entry is written in the transaction of the change itself, so neither is there without the other. It names the
properties that changed and holds no value of them.

Source: Microsoft Entra, "Audit activity reference", for the names; Microsoft Graph, "directoryAudit", for the shape.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Endpoint
from .identifiers import is_guid, new_id
from .resources import DIRECTORY_AUDIT, Kind
from .tenant import Entity, Tenant

_USERS, _GROUPS, _ROLES = "UserManagement", "GroupManagement", "RoleManagement"
_APPLICATIONS, _POLICIES, _UNITS = "ApplicationManagement", "Policy", "AdministrativeUnit"
_DIRECTORY: Final = "DirectoryManagement"
_UNIT: Final = "/directory/administrativeUnits"
_MANAGEMENT: Final = "/roleManagement/directory"

ACTIVITIES: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("POST", "/users"): ("Add user", _USERS),
    ("PATCH", "/users/{user}"): ("Update user", _USERS),
    ("DELETE", "/users/{user}"): ("Delete user", _USERS),
    ("PUT", "/users/{user}/manager/$ref"): ("Set user manager", _USERS),
    ("DELETE", "/users/{user}/manager/$ref"): ("Remove user manager", _USERS),
    ("POST", "/users/{user}/revokeSignInSessions"): ("Update StsRefreshTokenValidFrom Timestamp", _USERS),
    ("POST", "/groups"): ("Add group", _GROUPS),
    ("PATCH", "/groups/{group}"): ("Update group", _GROUPS),
    ("DELETE", "/groups/{group}"): ("Delete group", _GROUPS),
    ("POST", "/groups/{group}/members/$ref"): ("Add member to group", _GROUPS),
    ("DELETE", "/groups/{group}/members/{target}/$ref"): ("Remove member from group", _GROUPS),
    ("POST", "/groups/{group}/owners/$ref"): ("Add owner to group", _GROUPS),
    ("DELETE", "/groups/{group}/owners/{target}/$ref"): ("Remove owner from group", _GROUPS),
    ("POST", "/directoryRoles"): ("Add role from template", _ROLES),
    ("POST", "/directoryRoles/{role}/members/$ref"): ("Add member to role", _ROLES),
    ("DELETE", "/directoryRoles/{role}/members/{target}/$ref"): ("Remove member from role", _ROLES),
    ("POST", f"{_MANAGEMENT}/roleDefinitions"): ("Add role definition", _ROLES),
    ("PATCH", f"{_MANAGEMENT}/roleDefinitions/{{definition}}"): ("Update role definition", _ROLES),
    ("DELETE", f"{_MANAGEMENT}/roleDefinitions/{{definition}}"): ("Delete role definition", _ROLES),
    ("POST", f"{_MANAGEMENT}/roleAssignments"): ("Add member to role", _ROLES),
    ("DELETE", f"{_MANAGEMENT}/roleAssignments/{{assignment}}"): ("Remove member from role", _ROLES),
    ("POST", f"{_MANAGEMENT}/roleEligibilityScheduleRequests"): ("Change eligibility of member for role", _ROLES),
    ("POST", "/applications"): ("Add application", _APPLICATIONS),
    ("PATCH", "/applications/{application}"): ("Update application", _APPLICATIONS),
    ("DELETE", "/applications/{application}"): ("Delete application", _APPLICATIONS),
    ("POST", "/applications/{application}/addPassword"): ("Add password to application", _APPLICATIONS),
    ("POST", "/applications/{application}/removePassword"): ("Remove password from application", _APPLICATIONS),
    ("POST", "/applications/{application}/owners/$ref"): ("Add owner to application", _APPLICATIONS),
    ("DELETE", "/applications/{application}/owners/{target}/$ref"): ("Remove owner from application", _APPLICATIONS),
    ("POST", "/servicePrincipals"): ("Add service principal", _APPLICATIONS),
    ("PATCH", "/servicePrincipals/{principal}"): ("Update service principal", _APPLICATIONS),
    ("DELETE", "/servicePrincipals/{principal}"): ("Remove service principal", _APPLICATIONS),
    ("POST", "/servicePrincipals/{principal}/addPassword"): (
        "Add service principal credentials",
        _APPLICATIONS,
    ),
    ("POST", "/servicePrincipals/{principal}/removePassword"): (
        "Remove service principal credentials",
        _APPLICATIONS,
    ),
    ("POST", "/servicePrincipals/{principal}/addTokenSigningCertificate"): (
        "Add service principal credentials",
        _APPLICATIONS,
    ),
    ("POST", "/servicePrincipals/{principal}/owners/$ref"): ("Add owner to service principal", _APPLICATIONS),
    ("DELETE", "/servicePrincipals/{principal}/owners/{target}/$ref"): (
        "Remove owner from service principal",
        _APPLICATIONS,
    ),
    ("POST", "/servicePrincipals/{principal}/claimsMappingPolicies/$ref"): (
        "Add policy to service principal",
        _POLICIES,
    ),
    ("DELETE", "/servicePrincipals/{principal}/claimsMappingPolicies/{target}/$ref"): (
        "Remove policy from service principal",
        _POLICIES,
    ),
    ("POST", "/servicePrincipals/{principal}/appRoleAssignedTo"): ("Add app role assignment", _APPLICATIONS),
    ("DELETE", "/servicePrincipals/{principal}/appRoleAssignedTo/{assignment}"): (
        "Remove app role assignment",
        _APPLICATIONS,
    ),
    ("POST", "/oauth2PermissionGrants"): ("Add delegated permission grant", _APPLICATIONS),
    ("PATCH", "/oauth2PermissionGrants/{grant}"): ("Update delegated permission grant", _APPLICATIONS),
    ("DELETE", "/oauth2PermissionGrants/{grant}"): ("Remove delegated permission grant", _APPLICATIONS),
    ("POST", "/policies/claimsMappingPolicies"): ("Add policy", _POLICIES),
    ("PATCH", "/policies/claimsMappingPolicies/{policy}"): ("Update policy", _POLICIES),
    ("DELETE", "/policies/claimsMappingPolicies/{policy}"): ("Delete policy", _POLICIES),
    ("POST", _UNIT): ("Add administrative unit", _UNITS),
    ("PATCH", f"{_UNIT}/{{unit}}"): ("Update administrative unit", _UNITS),
    ("DELETE", f"{_UNIT}/{{unit}}"): ("Delete administrative unit", _UNITS),
    ("DELETE", "/administrativeUnits/{unit}"): ("Delete administrative unit", _UNITS),
    ("POST", f"{_UNIT}/{{unit}}/members"): ("Add group", _GROUPS),
    ("POST", f"{_UNIT}/{{unit}}/members/$ref"): ("Add member to administrative unit", _UNITS),
    ("DELETE", f"{_UNIT}/{{unit}}/members/{{target}}/$ref"): ("Remove member from administrative unit", _UNITS),
    ("POST", f"{_UNIT}/{{unit}}/scopedRoleMembers"): (
        "Add member to role scoped over administrative unit",
        _ROLES,
    ),
    ("DELETE", f"{_UNIT}/{{unit}}/scopedRoleMembers/{{member}}"): (
        "Remove member from role scoped over administrative unit",
        _ROLES,
    ),
    ("DELETE", "/directory/deletedItems/{item}"): ("Hard delete object", _DIRECTORY),
    ("POST", "/directory/deletedItems/{item}/restore"): ("Restore object", _DIRECTORY),
}
"""What each request that changes something is called, and among what it is counted."""


@dataclass(frozen=True)
class Before:
    """What a request names, as it was before: first what its address names."""

    entities: tuple[Entity, ...]


def before(call: Call) -> Before:
    """Look at what a request is about to change."""
    named = (*call.ids.values(), *_referred(call.body))
    found = (_find(call.tenant, name) for name in named)
    return Before(tuple({entity.id: entity for entity in found if entity is not None}.values()))


def record(call: Call, endpoint: Endpoint, earlier: Before, answer: JsonObject | int | None) -> None:
    """Write an entry for a change that was made."""
    activity, category = ACTIVITIES[endpoint.method, endpoint.path]
    made = call.tenant.find(str(answer["id"])) if isinstance(answer, dict) and "id" in answer else None
    known = earlier.entities if made is None else (made, *earlier.entities)
    # What is restored was there before, too: the target is what it is now.
    targets = tuple({entity.id: entity for entity in reversed(known)}.values())[::-1]
    application = call.tenant.find(call.caller.object_id)
    by: JsonObject = {
        "appId": call.caller.client_id,
        "displayName": None if application is None else application.document["displayName"],
        "servicePrincipalId": call.caller.object_id,
        "servicePrincipalName": None,
    }
    changed = _changed(call, endpoint, earlier)
    details = {"method": endpoint.method, "path": call.path}
    call.tenant.note(entry(activity, category, by, targets, changed, details))


def entry(
    activity: str,
    category: str,
    application: JsonObject,
    targets: Iterable[Entity],
    changed: Iterable[str],
    details: Mapping[str, str],
) -> JsonObject:
    """Make an entry; the properties that changed are those of the first target."""
    resources: list[JsonValue] = [_target(target) for target in targets]
    if resources and isinstance(resources[0], dict):
        resources[0]["modifiedProperties"] = [
            {"displayName": name, "newValue": None, "oldValue": None} for name in sorted(set(changed))
        ]
    return {
        **DIRECTORY_AUDIT.blank(),
        "id": new_id(),
        "activityDateTime": now(),
        "activityDisplayName": activity,
        "additionalDetails": [{"key": key, "value": value} for key, value in details.items()],
        "category": category,
        "correlationId": new_id(),
        "initiatedBy": {"app": application, "user": None},
        "loggedByService": "Core Directory",
        "operationType": activity.partition(" ")[0],
        "result": "success",
        "targetResources": resources,
    }


def _target(entity: Entity) -> JsonObject:
    document = entity.document
    return {
        "displayName": document.get("displayName"),
        "groupType": "azureAD" if entity.kind is Kind.GROUP else None,
        "id": entity.id,
        "modifiedProperties": [],
        "type": entity.kind[0].upper() + entity.kind[1:],
        "userPrincipalName": document.get("userPrincipalName"),
    }


def _changed(call: Call, endpoint: Endpoint, earlier: Before) -> Iterator[str]:
    if endpoint.path.endswith("/$ref"):
        yield next(part for part in reversed(endpoint.path.split("/")[:-1]) if not part.startswith("{"))
        return
    is_update = endpoint.method == "PATCH" and earlier.entities
    was = earlier.entities[0].document if is_update else {}
    entity = call.tenant.find(earlier.entities[0].id) if is_update else None
    after = {} if entity is None else entity.document
    for name, given in call.body.items():
        if name == "@odata.type" or (given is None and not is_update):
            continue
        # What is kept elsewhere, as passwords are, is not seen in the object itself.
        is_kept_elsewhere = given is not None and after.get(name) is None
        if not is_update or is_kept_elsewhere or was.get(name) != after.get(name):
            yield name.partition("@")[0]


def _referred(body: JsonObject) -> Iterator[str]:
    for value in body.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and is_guid(text.rpartition("/")[2]):
                yield text.rpartition("/")[2]


def _find(tenant: Tenant, name: str) -> Entity | None:
    if not is_guid(name):
        assignment = tenant.assignment(name)
        return tenant.named(Kind.USER, name) if assignment is None else tenant.find(assignment.principal_id)
    return tenant.find(name) or tenant.find_buried(name)


def _list(call: Call) -> JsonObject:
    entries = call.tenant.audits(call.query.after)
    return call.collection(
        DIRECTORY_AUDIT,
        (Entity(position, str(document["id"]), Kind.DIRECTORY_AUDIT, document) for position, document in entries),
    )


ENDPOINTS: Iterable[Endpoint] = (Endpoint("GET", "/auditLogs/directoryAudits", _list),)
