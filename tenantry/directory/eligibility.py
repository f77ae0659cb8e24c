"""Eligible roles (Privileged Identity Management): a request makes a schedule of the same id, or ends one.

Source: Microsoft's documentation of ``roleEligibilityScheduleRequests``. Only what an administrator asks for is here:
``adminAssign`` and ``adminRemove``, at once and without an end. Without the licence every request is refused.
"""

from collections.abc import Callable, Iterable
from typing import Final

from . import errors, licences, roles
from .documents import JsonObject, now
from .endpoint import Call, Endpoint
from .identifiers import is_guid, new_id
from .licences import Licence
from .references import finder
from .resources import ELIGIBILITY_REQUEST, ELIGIBILITY_SCHEDULE, Kind

_find_request: Final = finder(Kind.ELIGIBILITY_REQUEST)
_find_schedule: Final = finder(Kind.ELIGIBILITY_SCHEDULE)
_ASSIGN, _REMOVE = "adminAssign", "adminRemove"


def _create(call: Call) -> JsonObject:
    given = ELIGIBILITY_REQUEST.accept(call.body, creating=True)
    action = given["action"]
    if action not in (_ASSIGN, _REMOVE):
        raise errors.not_implemented(f"the action {action!r}, only {_ASSIGN} and {_REMOVE}")
    role_id, principal_id = str(given["roleDefinitionId"]).lower(), str(given["principalId"]).lower()
    if not is_guid(principal_id):
        raise errors.invalid_value("principalId", ELIGIBILITY_REQUEST.title)
    roles.check_assignable(call.tenant, role_id, principal_id)
    scope = str(given.get("directoryScopeId") or "/")
    key = f"{role_id}/{principal_id}{scope}"
    schedule = call.tenant.named(Kind.ELIGIBILITY_SCHEDULE, key)
    if (action == _ASSIGN) is (schedule is not None):
        raise errors.eligibility_exists() if schedule else errors.no_such_eligibility()
    request_id = new_id()
    request: JsonObject = {
        **ELIGIBILITY_REQUEST.blank(),
        **given,
        "id": request_id,
        "createdBy": {"application": {"id": call.caller.object_id}},
        "createdDateTime": now(),
        "status": "Provisioned" if action == _ASSIGN else "Revoked",
        "targetScheduleId": request_id,
    }
    entity = call.tenant.add(Kind.ELIGIBILITY_REQUEST, request_id, request)
    if schedule is not None:
        call.tenant.remove(schedule)
        return call.one(entity)
    shared = {name: request[name] for name in ELIGIBILITY_SCHEDULE.properties if name in request}
    made: JsonObject = {
        **ELIGIBILITY_SCHEDULE.blank(),
        **shared,
        "id": _schedule_id(request_id),
        "createdUsing": request_id,
        "memberType": "Direct",
    }
    call.tenant.add(Kind.ELIGIBILITY_SCHEDULE, str(made["id"]), made, name=key)
    return call.one(entity)


def _schedule_id(request_id: str) -> str:
    """The directory gives the schedule the request's id; here an object has its id for itself."""
    return f"{request_id}:schedule"


def _list_requests(call: Call) -> JsonObject:
    return call.collection(ELIGIBILITY_REQUEST, call.tenant.scan(Kind.ELIGIBILITY_REQUEST, call.query.after))


def _get_request(call: Call) -> JsonObject:
    return call.one(_find_request(call.tenant, call["request"]))


def _shown(document: JsonObject) -> JsonObject:
    return {**document, "id": document["createdUsing"]}


def _list_schedules(call: Call) -> JsonObject:
    schedules = call.tenant.scan(Kind.ELIGIBILITY_SCHEDULE)
    return call.whole_collection(ELIGIBILITY_SCHEDULE, (_shown(schedule.document) for schedule in schedules))


def _get_schedule(call: Call) -> JsonObject:
    schedule = _find_schedule(call.tenant, _schedule_id(call["schedule"]))
    return call.document(ELIGIBILITY_SCHEDULE, _shown(schedule.document))


_MANAGEMENT: Final = "/roleManagement/directory"
_REQUESTS: Final = f"{_MANAGEMENT}/roleEligibilityScheduleRequests"
_SCHEDULES: Final = f"{_MANAGEMENT}/roleEligibilitySchedules"


def _endpoint(method: str, path: str, answer: Callable[[Call], JsonObject]) -> Endpoint:
    return Endpoint(method, path, licences.needed(Licence.ENTRA_ID_P2, answer))


ENDPOINTS: Iterable[Endpoint] = (
    _endpoint("GET", _REQUESTS, _list_requests),
    _endpoint("POST", _REQUESTS, _create),
    _endpoint("GET", f"{_REQUESTS}/{{request}}", _get_request),
    _endpoint("GET", _SCHEDULES, _list_schedules),
    _endpoint("GET", f"{_SCHEDULES}/{{schedule}}", _get_schedule),
)
