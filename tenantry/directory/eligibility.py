"""Eligible roles (Privileged Identity Management): a request makes a schedule of the same id, or ends one.

Sources: Microsoft Graph's reference (v1.0), "Create roleEligibilityScheduleRequests" and "List
roleEligibilityScheduleInstances"; "Plan a Privileged Identity Management deployment" for who can be eligible. Without
the licence every request is refused. Only what an administrator asks for is here, at once: nobody approves.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from . import errors, role_policies, roles, schedules
from .documents import JsonObject
from .endpoint import Call
from .families import declared
from .identifiers import is_guid, role_assignment_id
from .permissions import READ_ELIGIBILITY, WRITE_ELIGIBILITY
from .resources import ELIGIBILITY_INSTANCE, ELIGIBILITY_REQUEST, ELIGIBILITY_SCHEDULE, Kind
from .role_policies import About
from .schedules import Action
from .tenant import Entity, RoleAssignment, Tenant


def in_force(tenant: Tenant) -> Iterator[Entity]:
    """Yield the eligible roles that have not ended: also those of somebody deleted, who may come back."""
    return (one for one in tenant.scan(Kind.ELIGIBILITY_SCHEDULE) if not schedules.period_held(one).ended)


def _in_sight(tenant: Tenant, after: int = 0) -> Iterator[Entity]:
    return schedules.eligibilities(tenant, Kind.ELIGIBILITY_SCHEDULE, after)


def find(tenant: Tenant, role_id: str, principal_id: str, scope: str) -> Entity | None:
    """Return the eligibility of a principal for a role in a scope that has not ended."""
    schedule = tenant.named(Kind.ELIGIBILITY_SCHEDULE, _key(role_id, principal_id, scope))
    return None if schedule is None or schedules.period_held(schedule).ended else schedule


def to_activate(tenant: Tenant, role_id: str, principal_id: str, scope: str) -> Entity | None:
    """Return the eligibility by which somebody may activate a role now: their own, or that of a group they are in."""
    holders = (principal_id, *(group.id for group in tenant.all_groups_of(principal_id)))
    eligible = (find(tenant, role_id, holder, scope) for holder in holders)
    return next(
        (schedule for schedule in eligible if schedule is not None and schedules.period_held(schedule).begun), None
    )


def _key(role_id: str, principal_id: str, scope: str) -> str:
    return f"{role_id}/{principal_id}{scope}"


def _shown(schedule: Entity) -> Entity:
    return replace(schedule, document={**schedule.document, "id": schedule.document["createdUsing"]})


def _find_schedule(call: Call) -> Entity:
    wanted = _schedule_id(call["schedule"])
    schedule = schedules.find_eligibility(call.tenant, Kind.ELIGIBILITY_SCHEDULE, wanted)
    return _shown(errors.existing(schedule, call["schedule"]))


def _schedule_id(request_id: str) -> str:
    """The directory gives the schedule the request's id; here an object has its id for itself."""
    return f"{request_id}:schedule"


def _instances(call: Call) -> Iterator[Entity]:
    for schedule in _in_sight(call.tenant, call.query.after):
        period, held = schedules.period_held(schedule), schedule.document
        if period.begun:
            scope = str(held["directoryScopeId"] or "/")
            held_as = role_assignment_id(str(held["roleDefinitionId"]), str(held["principalId"]), scope)
            document: JsonObject = {
                **{name: held[name] for name in ELIGIBILITY_INSTANCE.properties if name in held},
                "id": f"{held_as}-e",
                "endDateTime": schedules.written(period.ends),
                "roleEligibilityScheduleId": held["createdUsing"],
                "startDateTime": schedules.written(period.starts),
            }
            yield Entity(schedule.position, str(document["id"]), Kind.ELIGIBILITY_INSTANCE, document)


def _find_instance(call: Call) -> Entity:
    return schedules.find_instance(call, _instances)


def _create(call: Call, given: JsonObject) -> Entity:
    tenant = call.tenant
    action = schedules.action_of(call, given, ELIGIBILITY_REQUEST, schedules.ADMINISTRATORS)
    role_id, principal_id = str(given["roleDefinitionId"]).lower(), str(given["principalId"]).lower()
    if not is_guid(principal_id):
        raise errors.invalid_value("principalId", ELIGIBILITY_REQUEST.title)
    principal = roles.check_assignable(tenant, role_id, principal_id)
    if principal.kind is Kind.SERVICE_PRINCIPAL:
        raise errors.invalid_assignment_request()
    scope = roles.known_scope(tenant, str(given.get("directoryScopeId") or "/"))
    schedule = find(tenant, role_id, principal_id, scope)
    if (action in schedules.GIVES) is (schedule is not None):
        raise errors.eligibility_exists() if schedule else errors.no_such_eligibility()
    period = schedules.asked_for({} if action is Action.REMOVE else given, ELIGIBILITY_REQUEST)
    request = schedules.request_of(call, ELIGIBILITY_REQUEST, given, action, period)
    if action is not Action.REMOVE:
        schedules.check_renewal(call, request, roles.HELD_BY)
        role_policies.check_request(tenant, About.ELIGIBILITY, given, period, role_id, "")
    if schedules.is_validation(request):
        return request
    entity = schedules.kept(call, ELIGIBILITY_REQUEST, request)
    before = tenant.named(Kind.ELIGIBILITY_SCHEDULE, _key(role_id, principal_id, scope))
    activated = _activated(tenant, before) if period.begun else []
    if before is not None:
        tenant.remove(before)
    if action is Action.REMOVE:
        return entity
    shared = {name: entity.document[name] for name in ELIGIBILITY_SCHEDULE.properties if name in entity.document}
    created: JsonObject = {
        **shared,
        "createdUsing": entity.id,
        "directoryScopeId": scope,
        "memberType": "Direct",
        "principalId": principal_id,
        "roleDefinitionId": role_id,
        "scheduleInfo": period.schedule,
    }
    created_id = _schedule_id(entity.id)
    tenant.create(ELIGIBILITY_SCHEDULE, created, object_id=created_id, name=_key(role_id, principal_id, scope))
    for assignment in activated:
        tenant.limit(assignment, schedules.within(assignment.term, created_id, period))
    return entity


def _cancel(tenant: Tenant, request: Entity) -> None:
    schedule = tenant.get(Kind.ELIGIBILITY_SCHEDULE, _schedule_id(request.id))
    if schedule is not None:
        tenant.remove(schedule)


def _activated(tenant: Tenant, schedule: Entity | None) -> list[RoleAssignment]:
    """Return what was activated by an eligibility."""
    of_all = tenant.scheduled_assignments()
    return [one for one in of_all if schedule is not None and one.term.eligibility == schedule.id]


_REQUESTS: Final = schedules.requests(
    ELIGIBILITY_REQUEST, READ_ELIGIBILITY, WRITE_ELIGIBILITY, _create, "Change eligibility of member for role"
)
_SCHEDULES: Final = schedules.family(
    ELIGIBILITY_SCHEDULE,
    READ_ELIGIBILITY,
    lambda call: map(_shown, _in_sight(call.tenant, call.query.after)),
    _find_schedule,
)
_INSTANCES: Final = schedules.family(
    ELIGIBILITY_INSTANCE, READ_ELIGIBILITY, _instances, _find_instance, item="instance"
)
# What concerns the caller comes first: `filterByCurrentUser(…)` would otherwise be taken for an id.
ENDPOINTS: Final = [
    *(schedules.own(family) for family in (_REQUESTS, _SCHEDULES, _INSTANCES)),
    *declared(_REQUESTS, _SCHEDULES, _INSTANCES),
    schedules.cancelling(_REQUESTS, _cancel),
]
