"""Eligible roles (Privileged Identity Management): a request makes a schedule of the same id, or ends one.

Source: Microsoft's documentation of ``roleEligibilityScheduleRequests`` and of ``expirationPattern``. Only what an
administrator asks for is here: ``adminAssign`` and ``adminRemove``, at once. Without the licence every request is
refused. A request is history, and purged some 45 days later, which no document says and the azuread provider knows; the
schedule, and with it who is eligible, stays until its end.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from . import errors, roles
from .clock import instant
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category
from .families import Family, declared
from .identifiers import is_guid, new_id
from .licences import Licence
from .permissions import READ_ELIGIBILITY, WRITE_ELIGIBILITY
from .resources import ELIGIBILITY_REQUEST, ELIGIBILITY_SCHEDULE, Kind
from .tenant import Entity, Tenant

_ASSIGN, _REMOVE = "adminAssign", "adminRemove"
REQUESTS_ARE_KEPT: Final = timedelta(days=45)
_PERIOD: Final = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def _moment(value: JsonValue, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise errors.invalid_value(name, ELIGIBILITY_REQUEST.title) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _period(value: JsonValue) -> timedelta:
    match = _PERIOD.fullmatch(str(value))
    if match is None or not any(match.groups()):
        raise errors.invalid_value("scheduleInfo.expiration.duration", ELIGIBILITY_REQUEST.title)
    return timedelta(**{unit: int(number) for unit, number in match.groupdict().items() if number})


def _end(schedule_info: JsonValue, made: datetime) -> datetime | None:
    """When an eligibility ends by its schedule; None for never. Refuses what is no schedule."""
    schedule = schedule_info if isinstance(schedule_info, dict) else {}
    expiration = schedule.get("expiration")
    expiration = expiration if isinstance(expiration, dict) else {}
    begins = _moment(schedule["startDateTime"], "scheduleInfo.startDateTime") if schedule.get("startDateTime") else made
    match str(expiration.get("type") or "noExpiration").casefold():
        case "noexpiration" | "notspecified":
            return None
        case "afterdatetime":
            return _moment(expiration.get("endDateTime"), "scheduleInfo.expiration.endDateTime")
        case "afterduration":
            return begins + _period(expiration.get("duration"))
        case _:
            raise errors.invalid_value("scheduleInfo.expiration.type", ELIGIBILITY_REQUEST.title)


def _refuse_an_end_in_the_past(schedule_info: JsonValue) -> None:
    end = _end(schedule_info, instant())
    if end is not None and end <= instant():
        raise errors.bad_schedule()


def _holds(schedule: Entity) -> bool:
    """Whether an eligibility has not ended."""
    end = _end(schedule.document["scheduleInfo"], _moment(schedule.document["createdDateTime"], "createdDateTime"))
    return end is None or instant() < end


def in_force(tenant: Tenant) -> Iterator[Entity]:
    """The eligible roles of a tenant that have not ended."""
    return (schedule for schedule in tenant.scan(Kind.ELIGIBILITY_SCHEDULE) if _holds(schedule))


def _is_kept(request: Entity) -> bool:
    """Whether a request is not purged yet."""
    return instant() < _moment(request.document["createdDateTime"], "createdDateTime") + REQUESTS_ARE_KEPT


def _find_request(call: Call) -> Entity:
    request = call.tenant.get(Kind.ELIGIBILITY_REQUEST, call["request"])
    if request is None or not _is_kept(request):
        raise errors.no_such_eligibility_request()
    return request


def _shown(schedule: Entity) -> Entity:
    return replace(schedule, document={**schedule.document, "id": schedule.document["createdUsing"]})


def _find_schedule(call: Call) -> Entity:
    schedule = call.tenant.get(Kind.ELIGIBILITY_SCHEDULE, _schedule_id(call["schedule"]))
    if schedule is None or not _holds(schedule):
        raise errors.not_found(call["schedule"])
    return _shown(schedule)


def _schedule_id(request_id: str) -> str:
    """The directory gives the schedule the request's id; here an object has its id for itself."""
    return f"{request_id}:schedule"


def _create(call: Call, given: JsonObject) -> Entity:
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
    if schedule is not None and not _holds(schedule):
        call.tenant.remove(schedule)
        schedule = None
    if action == _ASSIGN:
        _refuse_an_end_in_the_past(given.get("scheduleInfo"))
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
    if given.get("isValidationOnly"):
        return Entity(0, request_id, Kind.ELIGIBILITY_REQUEST, request)
    entity = call.tenant.create(ELIGIBILITY_REQUEST, request, object_id=request_id)
    if schedule is not None:
        call.tenant.remove(schedule)
        return entity
    shared = {name: request[name] for name in ELIGIBILITY_SCHEDULE.properties if name in request}
    created: JsonObject = {**shared, "createdUsing": request_id, "memberType": "Direct"}
    call.tenant.create(ELIGIBILITY_SCHEDULE, created, object_id=_schedule_id(request_id), name=key)
    return entity


ENDPOINTS: Final = declared(
    Family(
        ELIGIBILITY_REQUEST,
        "/roleManagement/directory/roleEligibilityScheduleRequests/{request}",
        READ_ELIGIBILITY,
        creates=WRITE_ELIGIBILITY,
        creation="Change eligibility of member for role",
        category=Category.ROLES,
        licence=Licence.ENTRA_ID_P2,
        listed=lambda call: filter(_is_kept, call.tenant.scan(Kind.ELIGIBILITY_REQUEST, call.query.after)),
        find=_find_request,
        create=_create,
    ),
    Family(
        ELIGIBILITY_SCHEDULE,
        "/roleManagement/directory/roleEligibilitySchedules/{schedule}",
        READ_ELIGIBILITY,
        category=Category.ROLES,
        licence=Licence.ENTRA_ID_P2,
        paged=False,
        listed=lambda call: map(_shown, in_force(call.tenant)),
        find=_find_schedule,
    ),
)
