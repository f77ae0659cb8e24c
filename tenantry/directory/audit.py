"""The audit trail: who changed what and when, as Microsoft Graph shows it in ``auditLogs/directoryAudits``.

An entry is written in the transaction of the change itself, so neither is there without the other. It names the
properties that changed and holds no value of them.

Source: Microsoft Entra, "Audit activity reference", for the names; Microsoft Graph, "directoryAudit", for the shape.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .documents import JsonObject, JsonValue, now
from .endpoint import Activity, Answered, Call, Endpoint, Endpoints, Located
from .identifiers import is_guid, new_id
from .permissions import READ_AUDITS
from .resources import DIRECTORY_AUDIT, Kind
from .tenant import Entity, Tenant

ENDPOINTS: Final = Endpoints()


def before(call: Call) -> tuple[Entity, ...]:
    """Return what a request names, as it is before the change: first what its address names."""
    named = (*call.ids.values(), *_referred(call.body))
    found = (_find(call.tenant, name) for name in named)
    return tuple({entity.id: entity for entity in found if entity is not None}.values())


def record(call: Call, endpoint: Endpoint, earlier: tuple[Entity, ...], answer: Answered) -> None:
    """Write an entry for a change that was made."""
    if endpoint.activity is None:
        raise TypeError(f"{endpoint.method} {endpoint.path} changes nothing")
    if isinstance(answer, Located):
        answer = answer.body
    made = call.tenant.find(_id_of_made(answer)) if isinstance(answer, dict) else None
    known = earlier if made is None else (made, *earlier)
    # What is restored was there before, too: the target is what it is now.
    targets = tuple({entity.id: entity for entity in reversed(known)}.values())[::-1]
    changed = _changed(call, endpoint, earlier)
    details = {"method": endpoint.method, "path": call.path}
    call.tenant.note(entry(endpoint.activity, _initiator(call), targets, changed, details))


def _initiator(call: Call) -> JsonObject:
    caller = call.tenant.find(call.caller.object_id)
    name = None if caller is None else caller.document["displayName"]
    if call.by_person:
        upn = None if caller is None else caller.document["userPrincipalName"]
        return {
            "app": None,
            "user": {"displayName": name, "id": call.caller.object_id, "ipAddress": None, "userPrincipalName": upn},
        }
    return by_application(
        {
            "appId": call.caller.client_id,
            "displayName": name,
            "servicePrincipalId": call.caller.object_id,
            "servicePrincipalName": None,
        }
    )


def by_application(application: JsonObject) -> JsonObject:
    """Say that an application made a change."""
    return {"app": application, "user": None}


def _id_of_made(answer: JsonObject) -> str:
    """Return the id of what an answer shows; an invitation is nothing but the user whom it makes."""
    invited = answer.get("invitedUser")
    return str((invited if isinstance(invited, dict) else answer).get("id", ""))


def entry(
    activity: Activity,
    initiator: JsonObject,
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
        "activityDisplayName": activity.name,
        "additionalDetails": [{"key": key, "value": value} for key, value in details.items()],
        "category": activity.category,
        "correlationId": new_id(),
        "initiatedBy": initiator,
        "loggedByService": "Core Directory",
        "operationType": activity.name.partition(" ")[0],
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


def _changed(call: Call, endpoint: Endpoint, earlier: tuple[Entity, ...]) -> Iterator[str]:
    if endpoint.path.endswith("/$ref"):
        yield next(part for part in reversed(endpoint.path.split("/")[:-1]) if not part.startswith("{"))
        return
    is_update = endpoint.method == "PATCH" and earlier
    was = earlier[0].document if is_update else {}
    entity = call.tenant.find(earlier[0].id) if is_update else None
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
    found = tenant.find(name) or tenant.find_deleted(name)
    if found is not None or is_guid(name):
        return found
    assignment = tenant.assignment(name)
    return tenant.named(Kind.USER, name) if assignment is None else tenant.find(assignment.principal_id)


@ENDPOINTS.get("/auditLogs/directoryAudits", READ_AUDITS)
def _list(call: Call) -> JsonObject:
    entries = call.tenant.audits(call.query.after)
    return call.collection(
        DIRECTORY_AUDIT,
        (Entity(position, str(document["id"]), Kind.DIRECTORY_AUDIT, document) for position, document in entries),
    )
