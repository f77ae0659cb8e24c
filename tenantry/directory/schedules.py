"""What the requests of Privileged Identity Management have in common: their actions, their schedules, their history.

Sources: Microsoft Graph's reference (v1.0), "Create roleAssignmentScheduleRequests", "requestSchedule" and
"expirationPattern"; OData's CSDL for durations, which have days and less, no weeks or months. A request is history, and
purged some 45 days later, which no document says and the azuread provider knows; what it gave stays until its end.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from . import errors
from .clock import instant
from .documents import JsonObject, JsonValue, now
from .endpoint import Activity, Call, Category, Endpoint
from .families import Family
from .identifiers import new_id
from .licences import Licence
from .permissions import Requirement
from .resources import RESOURCES, Kind
from .schema import Resource
from .tenant import Entity, Tenant, Term

REQUESTS_ARE_KEPT: Final = timedelta(days=45)
SHORTEST: Final = timedelta(minutes=5)
_GRANTED: Final = "Granted"
_PENDING: Final = "PendingApproval"
_NOBODY: Final[JsonObject] = dict.fromkeys(("application", "device", "user"))
_NO_TICKET: Final[JsonObject] = dict.fromkeys(("ticketNumber", "ticketSystem"))
_DURATION: Final = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


class Action(StrEnum):
    """What a request asks for."""

    ASSIGN = "adminAssign"
    REMOVE = "adminRemove"
    UPDATE = "adminUpdate"
    EXTEND = "adminExtend"
    RENEW = "adminRenew"
    ACTIVATE = "selfActivate"
    DEACTIVATE = "selfDeactivate"
    SELF_EXTEND = "selfExtend"
    SELF_RENEW = "selfRenew"

    @property
    def by_oneself(self) -> bool:
        """Whether it is what people do for themselves."""
        return self.startswith("self")


_ACTIONS: Final = {action.casefold(): action for action in Action}
ADMINISTRATORS: Final = frozenset({Action.ASSIGN, Action.REMOVE, Action.UPDATE, Action.EXTEND, Action.RENEW})
PEOPLE: Final = frozenset({Action.ACTIVATE, Action.DEACTIVATE})
GIVES: Final = frozenset({Action.ASSIGN, Action.RENEW, Action.ACTIVATE})
CHANGES: Final = frozenset({Action.UPDATE, Action.EXTEND})
REMOVALS: Final = frozenset({Action.REMOVE, Action.DEACTIVATE})


@dataclass(frozen=True)
class Period:
    """When something begins and ends, and the schedule that says so."""

    starts: datetime
    ends: datetime | None
    schedule: JsonObject

    @property
    def begun(self) -> bool:
        """Whether it has begun."""
        return self.starts <= instant()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.ends is not None and self.ends <= instant()


def written(moment: datetime | None) -> str | None:
    """Return a moment as Microsoft Graph writes it."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(value: JsonValue, name: str, resource: Resource) -> datetime:
    """Return the moment that a property says, or refuse it."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.invalid_value(name, resource.title) from None


def _after(starts: datetime, duration: JsonValue, resource: Resource) -> datetime:
    match = _DURATION.fullmatch(str(duration))
    try:
        if match is not None and any(match.groups()):
            return starts + timedelta(**{unit: int(number) for unit, number in match.groupdict().items() if number})
    except (ValueError, OverflowError):  # more digits, or more days, than there are
        pass
    raise errors.invalid_value("scheduleInfo.expiration.duration", resource.title)


def period_of(schedule_info: JsonValue, made: datetime, resource: Resource) -> Period:
    """Read a schedule, which begins when it was `made` at the earliest. Refuses what is no schedule."""
    schedule = schedule_info if isinstance(schedule_info, dict) else {}
    if schedule.get("recurrence") is not None:
        raise errors.not_implemented("schedules that recur")
    expiration = schedule.get("expiration")
    expiration = expiration if isinstance(expiration, dict) else {}
    given = schedule.get("startDateTime")
    starts = max(made, moment_of(given, "scheduleInfo.startDateTime", resource)) if given else made
    ends = None
    match str(expiration.get("type") or "noExpiration").casefold():
        case "noexpiration" | "notspecified":
            kind = "noExpiration"
        case "afterdatetime":
            kind = "afterDateTime"
            ends = moment_of(expiration.get("endDateTime"), "scheduleInfo.expiration.endDateTime", resource)
        case "afterduration":
            kind = "afterDuration"
            ends = _after(starts, expiration.get("duration"), resource)
        case _:
            raise errors.invalid_value("scheduleInfo.expiration.type", resource.title)
    shown: JsonObject = {
        "type": kind,
        "endDateTime": written(ends) if kind == "afterDateTime" else None,
        "duration": expiration.get("duration") if kind == "afterDuration" else None,
    }
    return Period(starts, ends, {"startDateTime": written(starts), "recurrence": None, "expiration": shown})


def period_held(schedule: Entity) -> Period:
    """Return when an eligibility begins and ends."""
    resource = RESOURCES[schedule.kind]
    made = moment_of(schedule.document["createdDateTime"], "createdDateTime", resource)
    return period_of(schedule.document["scheduleInfo"], made, resource)


def eligibilities(tenant: Tenant, kind: Kind, after: int = 0) -> Iterator[Entity]:
    """Yield the eligibilities of a kind that have not ended, also those that begin later.

    Those of a deleted principal, or for a deleted group, are out of sight with it.
    """
    for schedule in tenant.scan(kind, after):
        about = (schedule.document.get(name) for name in ("principalId", "groupId"))
        if not period_held(schedule).ended and all(tenant.find(str(one)) for one in about if one):
            yield schedule


def find_eligibility(tenant: Tenant, kind: Kind, schedule_id: str) -> Entity | None:
    """Return the eligibility with this id, if it has not ended."""
    return next((schedule for schedule in eligibilities(tenant, kind) if schedule.id == schedule_id.lower()), None)


def asked_for(given: JsonObject, resource: Resource) -> Period:
    """Return the period that a request asks for; refuses one that ends before it begins, or in the past."""
    period = period_of(given.get("scheduleInfo"), instant(), resource)
    if period.ended or (period.ends is not None and period.ends <= period.starts):
        raise errors.bad_schedule()
    return period


def until(starts: str | None, ends: str | None) -> JsonObject:
    """Return the schedule of what is held between two moments."""
    expiration: JsonObject = {
        "type": "afterDateTime" if ends else "noExpiration",
        "endDateTime": ends,
        "duration": None,
    }
    return {"startDateTime": starts, "recurrence": None, "expiration": expiration}


def find_instance(call: Call, instances: Callable[[Call], Iterable[Entity]]) -> Entity:
    """Return the one of these instances that a path names, or refuse."""
    whole, wanted = replace(call, query=replace(call.query, after=0)), call["instance"]
    return errors.existing(next((one for one in instances(whole) if one.id == wanted), None), wanted)


# --- requests


def action_of(call: Call, given: JsonObject, resource: Resource, answered: frozenset[Action]) -> Action:
    """Return the action of a request, or refuse it: people act for themselves here, and applications administer."""
    action = _ACTIONS.get(str(given["action"]).casefold())
    if action is None:
        raise errors.invalid_value("action", resource.title)
    if action not in answered:
        raise errors.not_implemented(f"the action '{action}' of {resource.set_name}")
    if call.by_person and not action.by_oneself:
        raise errors.not_implemented(f"the action '{action}' for signed-in people, only for applications")
    if action.by_oneself and not (call.by_person and str(given["principalId"]).lower() == call.caller.object_id):
        # They are "for users"; not documented: in which words anybody else is refused.
        raise errors.denied()
    return action


def term_of(action: Action, period: Period, request_id: str, held: Term | None, eligibility: Entity | None) -> Term:
    """Return for how long a request gives something that is held for a term already, or refuse it."""
    if action in CHANGES:
        if held is None or held.eligibility is not None:
            raise errors.no_such_eligibility()
    elif held is not None:
        raise errors.eligibility_exists()
    ends = period.ends
    if action is Action.ACTIVATE:
        if eligibility is None:
            raise errors.policy_rules_failed("EligibilityRule")
        ends = min((end for end in (ends, period_held(eligibility).ends) if end is not None), default=None)
    used = eligibility.id if eligibility is not None and action is Action.ACTIVATE else None
    return Term(written(period.starts), written(ends), request_id, used)


def check_renewal(call: Call, request: Entity, names: tuple[str, ...]) -> None:
    """Refuse to renew what no request gave that is kept: these properties name what it is."""
    if request.document["action"] is Action.RENEW and not any(
        is_kept(earlier) and _about_the_same(earlier, request, names) for earlier in call.tenant.scan(request.kind)
    ):
        raise errors.no_such_eligibility()


def _about_the_same(one: Entity, other: Entity, names: tuple[str, ...]) -> bool:
    return all(str(one.document[name]).lower() == str(other.document[name]).lower() for name in names)


def within(term: Term, eligibility_id: str, period: Period) -> Term:
    """Return for how long something stays active once its eligibility has another id and period."""
    ends = min((end for end in (term.ends, written(period.ends)) if end is not None), default=None)
    return replace(term, ends=ends, eligibility=eligibility_id)


def check_removal(action: Action, held: Term | None) -> None:
    """Refuse to take away what is not held, or was given less than five minutes ago."""
    if held is None or (action is Action.DEACTIVATE) is not (held.eligibility is not None):
        raise errors.no_such_eligibility()
    if held.starts is not None and instant() - SHORTEST < datetime.fromisoformat(held.starts):
        raise errors.active_too_short()


def request_of(
    call: Call, resource: Resource, given: JsonObject, action: Action, period: Period, target: str | None = None
) -> Entity:
    """Make the request that a body describes, without keeping it; by default its target has its own id."""
    request_id = new_id()
    by, ticket = "user" if call.by_person else "application", given.get("ticketInfo")
    status = "Revoked" if action in REMOVALS else "Provisioned" if period.begun else _GRANTED
    document: JsonObject = {
        **resource.blank(),
        **given,
        "id": request_id,
        "action": action,
        "completedDateTime": now() if period.begun else written(period.starts),
        "createdBy": {**_NOBODY, by: {"displayName": None, "id": call.caller.object_id}},
        "createdDateTime": now(),
        "isValidationOnly": given.get("isValidationOnly") is True,
        "scheduleInfo": None if action in REMOVALS else period.schedule,
        "status": status,
        "ticketInfo": {**_NO_TICKET, **(ticket if isinstance(ticket, dict) else {})},
        "targetScheduleId": request_id if target is None else f"{target}_{request_id}",
    }
    return Entity(0, request_id, Kind(resource.type_name), document)


def kept(call: Call, resource: Resource, request: Entity) -> Entity:
    """Keep a request as history."""
    return call.tenant.create(resource, request.document, object_id=request.id)


def keep_pending(call: Call, resource: Resource, request: Entity, names: tuple[str, ...]) -> Entity:
    """Keep a request that waits for an approval, and has given nothing; refuse a second one for the same.

    Source: Microsoft Graph, "Create roleAssignmentScheduleRequests"; the code of the refusal is that of "Create
    governanceRoleAssignmentRequest", the older API. That nobody approves in time is not modelled: it waits.
    """
    if any(
        earlier.document["status"] == _PENDING and _about_the_same(earlier, request, names)
        for earlier in call.tenant.scan(request.kind)
    ):
        raise errors.request_pending()
    pending: JsonObject = {"approvalId": request.id, "completedDateTime": None, "status": _PENDING}
    return kept(call, resource, replace(request, document={**request.document, **pending}))


def is_validation(request: Entity) -> bool:
    """Whether a request only asks whether it would do."""
    return request.document["isValidationOnly"] is True


def is_kept(request: Entity) -> bool:
    """Whether a request is not purged yet."""
    made = moment_of(request.document["createdDateTime"], "createdDateTime", RESOURCES[request.kind])
    return instant() < made + REQUESTS_ARE_KEPT


def find_request(call: Call, kind: Kind) -> Entity:
    """Return the request that a path names, or refuse one that is purged."""
    request = call.tenant.get(kind, call["request"])
    if request is None or not is_kept(request):
        raise errors.no_such_eligibility_request()
    return request


def family(
    resource: Resource,
    reads: Requirement,
    listed: Callable[[Call], Iterable[Entity]],
    find: Callable[[Call], Entity],
    *,
    item: str = "schedule",
) -> Family:
    """Return the family of what Privileged Identity Management shows, which takes the licence."""
    path = f"/{resource.set_name}/{{{item}}}"
    return Family(resource, path, reads, category=Category.ROLES, licence=Licence.ENTRA_ID_P2, listed=listed, find=find)


def requests(
    resource: Resource,
    reads: Requirement,
    creates: Requirement,
    create: Callable[[Call, JsonObject], Entity],
    creation: str,
    *,
    by_people: bool = False,
) -> Family:
    """Return the family of requests, of which those that are purged are out of sight."""
    kind = Kind(resource.type_name)

    def listed(call: Call) -> Iterator[Entity]:
        return filter(is_kept, call.tenant.scan(kind, call.query.after))

    shown = family(resource, reads, listed, lambda call: find_request(call, kind), item="request")
    return replace(shown, creates=creates, create=create, creation=creation, created_by_people=by_people)


def cancelling(family: Family, undo: Callable[[Tenant, Entity], None]) -> Endpoint:
    """Return the endpoint that cancels a request which is granted, or waits, and has given nothing yet.

    Source: "unifiedRoleAssignmentScheduleRequest: cancel", and its like for eligibilities and groups.
    """
    find, creates = family.find, family.creates
    if find is None or creates is None:
        raise TypeError(f"{family.path} does not say how its requests are made")

    def answer(call: Call) -> None:
        request = find(call)
        if call.by_person and str(request.document["principalId"]).lower() != call.caller.object_id:
            raise errors.denied()
        status = request.document["status"]
        if status != _PENDING and (status != _GRANTED or period_held(request).begun):
            raise errors.cannot_cancel()
        undo(call.tenant, request)
        call.tenant.update(request, {"status": "Canceled"})

    return Endpoint(
        "POST",
        f"{family.path}/cancel",
        answer,
        creates,
        Activity("Cancel request for role by Privileged Identity Management", family.category),
        needs_body=False,
        licence=family.licence,
        for_people=family.created_by_people,
    )


# --- what the caller holds


def own(family: Family) -> Endpoint:
    """Return the endpoint that lists what concerns the caller: `filterByCurrentUser(on='principal')`."""
    resource, listed = family.resource, family.listed
    if listed is None:
        raise TypeError(f"{family.path} does not say what is in its listing")

    def answer(call: Call) -> JsonObject:
        if call["on"] != "'principal'":
            raise errors.not_implemented(f"filterByCurrentUser(on={call['on']}) of {resource.set_name}")
        mine = (entity for entity in listed(call) if entity.document["principalId"] == call.caller.object_id)
        return call.collection(replace(resource, set_name=f"Collection({resource.type_name})"), mine)

    return Endpoint(
        "GET",
        f"{family.path.rpartition('/')[0]}/filterByCurrentUser(on={{on}})",
        answer,
        family.reads,
        licence=family.licence,
        for_people=True,
    )
