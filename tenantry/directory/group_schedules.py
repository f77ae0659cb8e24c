"""Places in groups by Privileged Identity Management: who may be a member or an owner for a time, and who is.

Source: Microsoft Graph's reference (v1.0), "Create eligibilityScheduleRequest", "Create assignmentScheduleRequest" and
"List assignmentScheduleInstances" of `identityGovernance/privilegedAccess/group`; "Assign eligibility for a group in
Privileged Identity Management" for the five minutes. Members and owners that were made directly stand among the
assignments. A listing is asked for one group or one principal. Applications administer, and people activate for
themselves.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from . import errors, groups, references, restricted_units, role_policies, schedules
from .documents import JsonObject
from .endpoint import Call, Category, found
from .families import Family, declared
from .identifiers import stable_id
from .permissions import (
    READ_GROUP_ELIGIBILITY,
    READ_GROUP_SCHEDULES,
    WRITE_GROUP_ELIGIBILITY,
    WRITE_GROUP_SCHEDULES,
)
from .resources import (
    GROUP_ASSIGNMENT_INSTANCE,
    GROUP_ASSIGNMENT_REQUEST,
    GROUP_ASSIGNMENT_SCHEDULE,
    GROUP_ELIGIBILITY_INSTANCE,
    GROUP_ELIGIBILITY_REQUEST,
    GROUP_ELIGIBILITY_SCHEDULE,
    PRINCIPALS,
    Kind,
)
from .role_policies import About
from .schedules import Action, Period
from .schema import Resource
from .tenant import Entity, GroupPlace, Relation, Tenant, Term

_RELATIONS: Final = {"member": Relation.MEMBER, "owner": Relation.OWNER}
_HELD_BY: Final = ("principalId", "groupId", "accessId")
_ACCESS: Final = {relation: access for access, relation in _RELATIONS.items()}


def _asked(call: Call, entities: Iterable[Entity]) -> Iterable[Entity]:
    """What is in a listing; refuses to list everybody's. Not documented: in which words."""
    if call.query.where.equals("groupId") is None and call.query.where.equals("principalId") is None:
        raise errors.malformed("The request requires a $filter by 'groupId' or 'principalId' with the operator eq.")
    return entities


# --- who may be in a group


def _eligible(tenant: Tenant, after: int = 0) -> Iterator[Entity]:
    return schedules.eligibilities(tenant, Kind.GROUP_ELIGIBILITY_SCHEDULE, after)


def _activated(tenant: Tenant, group: Entity, schedule: Entity | None) -> list[GroupPlace]:
    """Return the places that were activated by an eligibility."""
    places = tenant.places(group_id=group.id)
    return [one for one in places if schedule is not None and one.term.eligibility == schedule.id]


def _to_activate(tenant: Tenant, group: Entity, access: str, principal: Entity) -> Entity | None:
    """Return the eligibility by which somebody may activate a place now: their own, or that of a group they are in."""
    holders = (principal.id, *(one.id for one in tenant.groups_of(principal.id)))
    for holder in holders:
        schedule = tenant.named(Kind.GROUP_ELIGIBILITY_SCHEDULE, f"{group.id}/{access}/{holder}")
        period = None if schedule is None else schedules.period_held(schedule)
        if period is not None and period.begun and not period.ended:
            return schedule
    return None


def _eligible_instances(call: Call) -> Iterator[Entity]:
    for schedule in _eligible(call.tenant, call.query.after):
        period, held = schedules.period_held(schedule), schedule.document
        if period.begun:
            document: JsonObject = {
                **{name: held[name] for name in GROUP_ELIGIBILITY_INSTANCE.properties if name in held},
                "eligibilityScheduleId": schedule.id,
                "endDateTime": schedules.written(period.ends),
                "startDateTime": schedules.written(period.starts),
            }
            yield Entity(schedule.position, schedule.id, Kind.GROUP_ELIGIBILITY_INSTANCE, document)


def _create_eligibility(call: Call, given: JsonObject) -> Entity:
    tenant, resource = call.tenant, GROUP_ELIGIBILITY_REQUEST
    action, group, principal = _read(call, given, resource)
    if principal.kind is Kind.SERVICE_PRINCIPAL:
        raise errors.invalid_assignment_request()
    key = f"{group.id}/{given['accessId']}/{principal.id}"
    existing = tenant.named(Kind.GROUP_ELIGIBILITY_SCHEDULE, key)
    schedule = None if existing is None or schedules.period_held(existing).ended else existing
    if (action in schedules.GIVES) is (schedule is not None):
        raise errors.eligibility_exists() if schedule else errors.no_such_eligibility()
    if action is Action.REMOVE and schedule is not None:
        schedules.check_removal(action, Term(starts=schedules.written(schedules.period_held(schedule).starts)))
    period = _asked_for(action, given, resource)
    request = schedules.request_of(call, resource, given, action, period, f"{group.id}_{given['accessId']}")
    if action is not Action.REMOVE:
        schedules.check_renewal(call, request, _HELD_BY)
        role_policies.check_request(tenant, About.ELIGIBILITY, given, period, str(given["accessId"]), group.id)
    if schedules.is_validation(request):
        return request
    activated = _activated(tenant, group, existing) if period.begun else []
    if existing is not None:
        tenant.remove(existing)
    if action is not Action.REMOVE:
        created: JsonObject = {
            "accessId": given["accessId"],
            "createdDateTime": request.document["createdDateTime"],
            "createdUsing": request.id,
            "groupId": group.id,
            "memberType": "direct",
            "principalId": principal.id,
            "scheduleInfo": period.schedule,
            "status": "Provisioned",
        }
        target = request.text("targetScheduleId")
        tenant.create(GROUP_ELIGIBILITY_SCHEDULE, created, object_id=target, name=key)
        for place in activated:
            term = schedules.within(place.term, target, period)
            tenant.limit_link(place.group_id, place.relation, place.principal_id, term)
        return schedules.kept(call, resource, request)
    return schedules.kept(call, resource, _of_target(request, schedule.id if schedule else ""))


# --- who is in a group


def _places(call: Call) -> Iterator[GroupPlace]:
    where = call.query.where
    of = call.tenant.places(
        group_id=where.equals("groupId") or "", principal_id="" if where.equals("groupId") else _principal(call)
    )
    return (place for place in of if place.position > call.query.after)


def _principal(call: Call) -> str:
    return call.query.where.equals("principalId") or ""


def _place_id(tenant: Tenant, place: GroupPlace) -> str:
    access = _ACCESS[place.relation]
    standing = stable_id(tenant.id, f"places/{place.group_id}/{access}/{place.principal_id}")
    return f"{place.group_id}_{access}_{place.term.request or standing}"


def _place(call: Call, place: GroupPlace) -> JsonObject:
    return {
        "id": _place_id(call.tenant, place),
        "accessId": _ACCESS[place.relation],
        "assignmentType": "assigned" if place.term.eligibility is None else "activated",
        "groupId": place.group_id,
        "memberType": "direct",
        "principalId": place.principal_id,
    }


def _schedule(call: Call, place: GroupPlace) -> Entity:
    document: JsonObject = {
        **GROUP_ASSIGNMENT_SCHEDULE.blank(),
        **_place(call, place),
        "createdDateTime": place.term.starts,
        "createdUsing": place.term.request,
        "scheduleInfo": schedules.until(place.term.starts, place.term.ends),
        "status": "Provisioned",
    }
    return Entity(place.position, str(document["id"]), Kind.GROUP_ASSIGNMENT_SCHEDULE, document)


def _instance(call: Call, place: GroupPlace) -> Entity:
    document: JsonObject = {
        **GROUP_ASSIGNMENT_INSTANCE.blank(),
        **_place(call, place),
        "assignmentScheduleId": _place_id(call.tenant, place),
        "endDateTime": place.term.ends,
        "startDateTime": place.term.starts,
    }
    return Entity(place.position, str(document["id"]), Kind.GROUP_ASSIGNMENT_INSTANCE, document)


def _begun(tenant: Tenant, place: GroupPlace) -> bool:
    return tenant.target(place.group_id, place.relation, place.principal_id) is not None


def _create_assignment(call: Call, given: JsonObject) -> Entity:
    tenant, resource = call.tenant, GROUP_ASSIGNMENT_REQUEST
    action, group, principal = _read(call, given, resource)
    relation = _RELATIONS[str(given["accessId"])]
    places = tenant.places(group_id=group.id)
    place = next((one for one in places if (one.relation, one.principal_id) == (relation, principal.id)), None)
    held = None if place is None else place.term
    period = _asked_for(action, given, resource)
    request = schedules.request_of(call, resource, given, action, period, f"{group.id}_{given['accessId']}")
    if action in schedules.REMOVALS:
        schedules.check_removal(action, held)
    else:
        eligible = _to_activate(tenant, group, str(given["accessId"]), principal)
        term = schedules.term_of(action, period, request.id, held, eligible)
        schedules.check_renewal(call, request, _HELD_BY)
        about = About.ACTIVATION if action is Action.ACTIVATE else About.ASSIGNMENT
        role_policies.check_request(tenant, about, given, period, str(given["accessId"]), group.id)
    if schedules.is_validation(request):
        return request
    if action in schedules.REMOVALS:
        tenant.unlink(group.id, relation, principal.id)
        return schedules.kept(call, resource, _of_target(request, _place_id(tenant, place) if place else ""))
    if action is Action.ACTIVATE and role_policies.takes_approval(tenant, str(given["accessId"]), group.id):
        return schedules.keep_pending(call, resource, request, _HELD_BY)
    if place is None and relation is Relation.MEMBER:
        groups.add_member(tenant, group, principal)
    elif place is None:
        references.add(tenant, group, relation, principal, references.OWNERS)
    tenant.limit_link(group.id, relation, principal.id, term)
    return schedules.kept(call, resource, request)


# --- requests


def _read(call: Call, given: JsonObject, resource: Resource) -> tuple[Action, Entity, Entity]:
    by_people = schedules.PEOPLE if resource is GROUP_ASSIGNMENT_REQUEST else frozenset()
    action = schedules.action_of(call, given, resource, schedules.ADMINISTRATORS | by_people)
    group_id, principal_id = str(given["groupId"]), str(given["principalId"])
    group = groups.find(call.tenant, group_id)
    if any(restricted_units.around(call.tenant, group.id)):  # they are not managed by it, the documents say
        raise errors.invalid_assignment_request()
    groups.refuse_filled(group)  # nor are these: "Privileged Identity Management (PIM) for Groups"
    return action, group, found(call.tenant.find(principal_id), principal_id, PRINCIPALS)


def _asked_for(action: Action, given: JsonObject, resource: Resource) -> Period:
    period = schedules.asked_for({} if action in schedules.REMOVALS else given, resource)
    if period.ends is not None and period.ends - period.starts < schedules.SHORTEST:
        raise errors.bad_schedule()
    return period


def _of_target(request: Entity, target: str) -> Entity:
    """A request to take away is about the schedule that it ends."""
    return replace(request, document={**request.document, "targetScheduleId": target})


def _find_place(call: Call, make: Callable[[Call, GroupPlace], Entity], key: str, *, begun: bool = False) -> Entity:
    places = call.tenant.places(group_id=call[key].partition("_")[0])
    entities = (make(call, place) for place in places if not begun or _begun(call.tenant, place))
    return errors.existing(next((one for one in entities if one.id == call[key].lower()), None), call[key])


def _find_eligible(call: Call) -> Entity:
    wanted = call["schedule"]
    found = schedules.find_eligibility(call.tenant, Kind.GROUP_ELIGIBILITY_SCHEDULE, wanted)
    return errors.existing(found, wanted)


def _find_eligible_instance(call: Call) -> Entity:
    return schedules.find_instance(call, _eligible_instances)


def _of_groups(family: Family) -> Family:
    """The family in the audit trail of groups, with listings that ask for one group or one principal."""
    listed = family.listed
    if listed is None:
        raise TypeError(f"{family.path} does not say what is in its listing")
    return replace(family, category=Category.GROUPS, listed=lambda call: _asked(call, listed(call)))


def _cancel_eligibility(tenant: Tenant, request: Entity) -> None:
    schedule = tenant.get(Kind.GROUP_ELIGIBILITY_SCHEDULE, request.text("targetScheduleId"))
    if schedule is not None:
        tenant.remove(schedule)


def _cancel_assignment(tenant: Tenant, request: Entity) -> None:
    for place in [*tenant.places(group_id=request.text("groupId"))]:
        if place.term.request == request.id:
            tenant.unlink(place.group_id, place.relation, place.principal_id)


_CREATION: Final = "Change member in group by Privileged Identity Management"
_ELIGIBILITY_REQUESTS: Final = schedules.requests(
    GROUP_ELIGIBILITY_REQUEST, READ_GROUP_ELIGIBILITY, WRITE_GROUP_ELIGIBILITY, _create_eligibility, _CREATION
)
_ASSIGNMENT_REQUESTS: Final = schedules.requests(
    GROUP_ASSIGNMENT_REQUEST,
    READ_GROUP_SCHEDULES,
    WRITE_GROUP_SCHEDULES,
    _create_assignment,
    _CREATION,
    by_people=True,
)
_FAMILIES: Final = (
    _ELIGIBILITY_REQUESTS,
    schedules.family(
        GROUP_ELIGIBILITY_SCHEDULE,
        READ_GROUP_ELIGIBILITY,
        lambda call: _eligible(call.tenant, call.query.after),
        _find_eligible,
    ),
    schedules.family(
        GROUP_ELIGIBILITY_INSTANCE,
        READ_GROUP_ELIGIBILITY,
        _eligible_instances,
        _find_eligible_instance,
        item="instance",
    ),
    _ASSIGNMENT_REQUESTS,
    schedules.family(
        GROUP_ASSIGNMENT_SCHEDULE,
        READ_GROUP_SCHEDULES,
        lambda call: (_schedule(call, place) for place in _places(call)),
        lambda call: _find_place(call, _schedule, "schedule"),
    ),
    schedules.family(
        GROUP_ASSIGNMENT_INSTANCE,
        READ_GROUP_SCHEDULES,
        lambda call: (_instance(call, place) for place in _places(call) if _begun(call.tenant, place)),
        lambda call: _find_place(call, _instance, "instance", begun=True),
        item="instance",
    ),
)
ENDPOINTS: Final = declared(*map(_of_groups, _FAMILIES))
ENDPOINTS.append(schedules.cancelling(_of_groups(_ELIGIBILITY_REQUESTS), _cancel_eligibility))
ENDPOINTS.append(schedules.cancelling(_of_groups(_ASSIGNMENT_REQUESTS), _cancel_assignment))
