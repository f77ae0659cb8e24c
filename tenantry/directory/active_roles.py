"""Active roles as Privileged Identity Management shows and gives them: with a term, assigned or activated.

Source: Microsoft Graph's reference (v1.0), "Create roleAssignmentScheduleRequests", "unifiedRoleAssignmentSchedule" and
"unifiedRoleAssignmentScheduleInstance": every active assignment stands there, also one that was made directly. What a
request gives is a role assignment like any other, and ends by the directory's clock.

Applications administer, and people activate for themselves: a person's token takes the delegated permission, which the
application that they sign in with was consented. Nobody is asked for a second factor, since nobody has one here. What
somebody holds through a group is shown as the group's alone.
"""

from typing import Final

from . import eligibility, errors, role_policies, roles, schedules
from .documents import JsonObject
from .endpoint import Call
from .families import declared
from .identifiers import is_guid, role_assignment_id
from .permissions import READ_ACTIVE_SCHEDULES, WRITE_ACTIVE_SCHEDULES
from .resources import ACTIVE_ROLE_INSTANCE, ACTIVE_ROLE_REQUEST, ACTIVE_ROLE_SCHEDULE, Kind
from .role_policies import About
from .schedules import Action
from .tenant import Entity, RoleAssignment, Tenant

_ANSWERED: Final = schedules.ADMINISTRATORS | schedules.PEOPLE


def _held(assignment: RoleAssignment) -> JsonObject:
    return {
        "appScopeId": None,
        "assignmentType": "Assigned" if assignment.term.eligibility is None else "Activated",
        "directoryScopeId": assignment.scope,
        "memberType": "Direct",
        "principalId": assignment.principal_id,
        "roleDefinitionId": assignment.template_id,
    }


def _schedule(assignment: RoleAssignment) -> Entity:
    term = assignment.term
    document: JsonObject = {
        **ACTIVE_ROLE_SCHEDULE.blank(),
        **_held(assignment),
        "id": term.request or assignment.id,
        "createdDateTime": term.starts,
        "createdUsing": term.request,
        "scheduleInfo": schedules.until(term.starts, term.ends),
        "status": "Provisioned",
    }
    return Entity(assignment.position, str(document["id"]), Kind.ACTIVE_ROLE_SCHEDULE, document)


def _instance(assignment: RoleAssignment) -> Entity:
    document: JsonObject = {
        **ACTIVE_ROLE_INSTANCE.blank(),
        **_held(assignment),
        "id": assignment.id,
        "endDateTime": assignment.term.ends,
        "roleAssignmentOriginId": assignment.id,
        "roleAssignmentScheduleId": assignment.term.request or assignment.id,
        "startDateTime": assignment.term.starts,
    }
    return Entity(assignment.position, assignment.id, Kind.ACTIVE_ROLE_INSTANCE, document)


def _find_schedule(call: Call) -> Entity:
    entities = map(_schedule, call.tenant.scheduled_assignments())
    wanted = call["schedule"]
    return errors.existing(next((entity for entity in entities if entity.id == wanted), None), wanted)


def _find_instance(call: Call) -> Entity:
    return _instance(errors.existing(call.tenant.assignment(call["instance"]), call["instance"]))


def _create(call: Call, given: JsonObject) -> Entity:
    tenant = call.tenant
    action = schedules.action_of(call, given, ACTIVE_ROLE_REQUEST, _ANSWERED)
    role_id, principal_id = str(given["roleDefinitionId"]).lower(), str(given["principalId"]).lower()
    if given.get("appScopeId") is not None:
        raise errors.not_implemented("role assignments in the scope of an application's own (appScopeId)")
    if given.get("directoryScopeId") is None:
        raise errors.value_required("directoryScopeId", ACTIVE_ROLE_REQUEST.title)
    if not is_guid(principal_id):
        raise errors.invalid_value("principalId", ACTIVE_ROLE_REQUEST.title)
    roles.check_assignable(tenant, role_id, principal_id)
    scope = roles.known_scope(tenant, str(given["directoryScopeId"]))
    assignment = tenant.scheduled_assignment(role_assignment_id(role_id, principal_id, scope))
    held = None if assignment is None else assignment.term
    period = schedules.asked_for({} if action in schedules.REMOVALS else given, ACTIVE_ROLE_REQUEST)
    request = schedules.request_of(call, ACTIVE_ROLE_REQUEST, given, action, period)
    if action in schedules.REMOVALS:
        schedules.check_removal(action, held)
    else:
        eligible = eligibility.to_activate(tenant, role_id, principal_id, scope)
        term = schedules.term_of(action, period, request.id, held, eligible)
        schedules.check_renewal(call, request, roles.HELD_BY)
        about = About.ACTIVATION if action is Action.ACTIVATE else About.ASSIGNMENT
        role_policies.check_request(tenant, about, given, period, role_id, "")
    takes = action in schedules.REMOVALS or period.ends is not None or not period.begun
    if assignment is not None and takes:
        roles.check_removable(tenant, assignment)
    if schedules.is_validation(request):
        return request
    if action is Action.ACTIVATE and role_policies.takes_approval(tenant, role_id, ""):
        return schedules.keep_pending(call, ACTIVE_ROLE_REQUEST, request, roles.HELD_BY)
    if action in schedules.REMOVALS:
        if assignment is not None:
            tenant.unassign(assignment)
    else:
        tenant.limit(assignment or roles.assign(tenant, role_id, principal_id, scope), term)
    return schedules.kept(call, ACTIVE_ROLE_REQUEST, request)


def _cancel(tenant: Tenant, request: Entity) -> None:
    for assignment in [*tenant.scheduled_assignments()]:
        if assignment.term.request == request.id:
            tenant.unassign(assignment)


_REQUESTS: Final = schedules.requests(
    ACTIVE_ROLE_REQUEST,
    WRITE_ACTIVE_SCHEDULES,  # also for reading
    WRITE_ACTIVE_SCHEDULES,
    _create,
    "Change member in role by Privileged Identity Management",
    by_people=True,
)
_SCHEDULES: Final = schedules.family(
    ACTIVE_ROLE_SCHEDULE,
    READ_ACTIVE_SCHEDULES,
    lambda call: map(_schedule, call.tenant.scheduled_assignments(call.query.after)),
    _find_schedule,
)
_INSTANCES: Final = schedules.family(
    ACTIVE_ROLE_INSTANCE,
    READ_ACTIVE_SCHEDULES,
    lambda call: map(_instance, call.tenant.assignments(call.query.after)),
    _find_instance,
    item="instance",
)
# What concerns the caller comes first: `filterByCurrentUser(…)` would otherwise be taken for an id.
ENDPOINTS: Final = [
    *(schedules.own(family) for family in (_REQUESTS, _SCHEDULES, _INSTANCES)),
    *declared(_REQUESTS, _SCHEDULES, _INSTANCES),
    schedules.cancelling(_REQUESTS, _cancel),
]
