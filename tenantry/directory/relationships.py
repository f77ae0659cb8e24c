"""Relationships with customers: which roles a partner's groups have in their tenants, and until when (GDAP).

Source: Microsoft Graph's reference (v1.0), "Granular delegated admin privileges (GDAP) API overview" and the pages of
its requests. A partner creates a relationship and locks it; the customer approves it elsewhere (`act` here, by
`tenantry directory approve`); then security groups of the partner are given some of its roles. `If-Match` is demanded
where the reference says "Required": for PATCH and DELETE, and for no POST.
What the reference leaves open:

* Removing Global Administrator from an active relationship: the body has the roles that remain, as the CIPP project
  sends it. A sentence of "Update delegatedAdminRelationship" can be read so that it names the role instead.
* While an operation is not done, an assignment is `pending` and has its new roles; Microsoft's tool for moving to such
  relationships takes it so. A deleted one stays listed as `deleted`, and its group is free again.
* What a customer declines ends as what it terminates. Assignments of what has ended stay as they are.
* `duration` in days or years alone, and which of the built-in roles can be asked for: all of them here.
* Which groups are security groups: not mail-enabled, as "Working with groups in Microsoft Graph" has it.
* How it is refused where the application "Partner Customer Delegated Administration" is missing, or the person is no
  Admin agent ("GDAP frequently asked questions" says that of requests; here it holds for reading, too): with 403.

`approve` and `reject` are for indirect resellers, whose relationships are not here.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from tenantry.role_templates import GLOBAL_ADMINISTRATOR, ROLE_TEMPLATES

from . import errors, service_principals
from .complex_types import OBJECTS, TEXT, Complex, UnfitError, one_of
from .documents import JsonObject, JsonValue
from .endpoint import ETAG, Answered, Call, Endpoint, Located
from .enrolment import ADMIN_AGENTS
from .families import Family, declared
from .identifiers import is_guid, new_id
from .permissions import READ_RELATIONSHIPS, WRITE_RELATIONSHIPS
from .relationship_states import EXTENSION, changed, length, settled
from .resources import (
    ACCESS_ASSIGNMENT,
    CUSTOMER,
    RELATIONSHIP,
    RELATIONSHIP_OPERATION,
    RELATIONSHIP_REQUEST,
    Kind,
)
from .schema import Resource
from .tenant import Entity, Relation, Tenant

_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "lockForApproval": ("created", "approvalPending"),
    "approve": ("approvalPending", "approved"),
    "reject": ("approvalPending", "terminationRequested"),
    "terminate": ("active", "terminationRequested"),
}
"""What can be done with a relationship: in which status, and which one it has then."""
_OF_THE_PARTNER: Final = ("lockForApproval", "terminate")
_CHANGEABLE_WHEN_ACTIVE: Final = frozenset({"autoExtendDuration", "accessDetails"})
_DETAILS: Final = Complex({"unifiedRoles": OBJECTS})
_CUSTOMER: Final = Complex({"displayName": TEXT, "tenantId": TEXT})
_CONTAINER: Final = Complex({"accessContainerId": TEXT, "accessContainerType": one_of("securityGroup")})
_LARGEST_PAGE: Final = 300


def _page(call: Call, entities: Iterable[Entity]) -> Iterable[Entity]:
    """Return what is in a listing; refuses larger pages than the reference names."""
    if (call.query.top or 0) > _LARGEST_PAGE:
        raise errors.malformed(f"Invalid page size specified: '{call.query.top}'. Must be between 1 and 300 inclusive.")
    return map(settled, entities)


def _find(call: Call) -> Entity:
    name = call["relationship"]
    return settled(errors.existing(call.tenant.get(Kind.RELATIONSHIP, name), name))


_FAMILY: Final = Family(
    RELATIONSHIP,
    "/tenantRelationships/delegatedAdminRelationships/{relationship}",
    READ_RELATIONSHIPS,
    listed=lambda call: _page(call, call.tenant.scan(Kind.RELATIONSHIP, call.query.after)),
    find=_find,
)


def _below(resource: Resource, relation: Relation) -> Family:
    """Return the family of what belongs to a relationship."""

    def listed(call: Call) -> Iterable[Entity]:
        return _page(call, call.tenant.targets(_find(call).id, relation, call.query.after))

    def find(call: Call) -> Entity:
        found = call.tenant.target(_find(call).id, relation, call["part"])
        return settled(errors.existing(found, call["part"]))

    return Family(resource, f"{_FAMILY.path}/{relation}/{{part}}", READ_RELATIONSHIPS, listed=listed, find=find)


_ASSIGNMENTS: Final = _below(ACCESS_ASSIGNMENT, Relation.ACCESS_ASSIGNMENT)
_REQUESTS: Final = _below(RELATIONSHIP_REQUEST, Relation.RELATIONSHIP_REQUEST)
_OPERATIONS: Final = _below(RELATIONSHIP_OPERATION, Relation.RELATIONSHIP_OPERATION)


def _customers(tenant: Tenant) -> Iterator[Entity]:
    """Yield the customers of active relationships, which alone are listed."""
    found: dict[str, JsonObject] = {}
    kind = f"#microsoft.graph.{CUSTOMER.type_name}"
    for relationship in map(settled, tenant.scan(Kind.RELATIONSHIP)):
        customer = relationship.document["customer"]
        if relationship.document["status"] == "active" and isinstance(customer, dict):
            found[str(customer["tenantId"])] = {
                "@odata.type": kind,
                ETAG: relationship.document[ETAG],
                **customer,
            }
    for position, (tenant_id, customer) in enumerate(found.items(), start=1):
        yield Entity(position, tenant_id, Kind.CUSTOMER, {**CUSTOMER.blank(), **customer, "id": tenant_id})


def _find_customer(call: Call) -> Entity:
    wanted = call["customer"]
    return errors.existing(next((one for one in _customers(call.tenant) if one.id == wanted.lower()), None), wanted)


ENDPOINTS: Final = declared(
    _FAMILY,
    _ASSIGNMENTS,
    _REQUESTS,
    _OPERATIONS,
    Family(
        CUSTOMER,
        "/tenantRelationships/delegatedAdminCustomers/{customer}",
        READ_RELATIONSHIPS,
        listed=lambda call: (one for one in _customers(call.tenant) if one.position > call.query.after),
        find=_find_customer,
    ),
)


# --- what is kept


def _keep(tenant: Tenant, resource: Resource, document: JsonObject, relationship: Entity | None = None) -> Entity:
    """Keep a new object, as one that belongs to a relationship or as a relationship itself."""
    kept: JsonObject = {"@odata.type": f"#microsoft.graph.{resource.type_name}", **changed({}, document)}
    if relationship is None:
        return tenant.create(resource, kept, object_id=f"{new_id()}-{tenant.id}", name=str(document["displayName"]))
    made = tenant.create(resource, kept)
    tenant.link(relationship.id, Relation(resource.set_name.rpartition("/")[2]), made.id)
    return made


def create(tenant: Tenant, given: JsonObject) -> Entity:
    """Create a relationship with the properties of a body, or refuse them."""
    return _keep(tenant, RELATIONSHIP, {**_checked(tenant, given), "status": "created"})


def assign(tenant: Tenant, relationship: Entity, given: JsonObject) -> Entity:
    """Give a group some of the roles of an active relationship, or refuse to."""
    _check_status(relationship, "active")
    container = _complex(_CONTAINER, "accessContainer", given, ACCESS_ASSIGNMENT)
    group = tenant.get(Kind.GROUP, str(container["accessContainerId"]))
    if container["accessContainerType"] is None or group is None or not _is_security_group(group):
        raise errors.invalid_relationship("The access container must be a security group of this tenant")
    details = _details(given, ACCESS_ASSIGNMENT)
    _check_within(relationship, details)
    for other in map(settled, tenant.targets(relationship.id, Relation.ACCESS_ASSIGNMENT)):
        taken = other.document["accessContainer"]
        if other.document["status"] != "deleted" and isinstance(taken, dict) and taken["accessContainerId"] == group.id:
            raise errors.relationship_conflict("An access assignment to this access container already exists")
    kept: JsonObject = {"accessContainer": {**container, "accessContainerId": group.id}, "accessDetails": details}
    return _keep(tenant, ACCESS_ASSIGNMENT, {**kept, "status": "pending"}, relationship)


def act(tenant: Tenant, relationship: Entity, action: str, customer: JsonObject | None = None) -> Entity:
    """Do with a relationship what a partner or its customer asks for, or refuse to; the customer may name itself."""
    before, after = _ACTIONS[action]
    relationship = settled(relationship)
    _check_status(relationship, before)
    changes: JsonObject = {"status": after}
    if relationship.document["customer"] is None and customer is not None:
        changes["customer"] = customer
    _change(tenant, relationship, changes)
    return _keep(tenant, RELATIONSHIP_REQUEST, {"action": action, "status": "created"}, relationship)


def _change(tenant: Tenant, entity: Entity, changes: JsonObject, *, name: str | None = None) -> Entity:
    return tenant.update(entity, changed(entity.document, changes), name=name)


def _begin(call: Call, relationship: Entity, kind: str, data: JsonObject) -> Located:
    """Answer that something was begun, and where to see how far it is."""
    operation: JsonObject = {"data": json.dumps(data), "operationType": kind, "status": "notStarted"}
    made = _keep(call.tenant, RELATIONSHIP_OPERATION, operation, relationship)
    path = _OPERATIONS.path.format(relationship=relationship.id, part=made.id)
    return Located({}, f"/{call.version}{path}", takes_time=True)


# --- what is refused


def _check_status(relationship: Entity, *allowed: str) -> None:
    status = str(relationship.document["status"])
    if status not in allowed:
        raise errors.wrong_status(status, allowed)


def _check_within(relationship: Entity, details: JsonObject) -> None:
    if not _roles(details) <= _roles(relationship.document["accessDetails"]):
        raise errors.invalid_relationship("The roles of an access assignment must be among those of the relationship")


def _is_security_group(group: Entity) -> bool:
    return group.document["securityEnabled"] is True and group.document["mailEnabled"] is False


def _matching(call: Call, entity: Entity) -> Entity:
    """Return an object that a change is meant for as it is now, or refuse the change."""
    if call.if_match is None:
        raise errors.no_etag()
    if call.if_match.strip() not in ("*", entity.document[ETAG]):
        raise errors.other_etag()
    return entity


def _complex(kind: Complex, name: str, given: JsonObject, resource: Resource) -> JsonObject:
    try:
        return kind.accept(given.get(name))
    except UnfitError:
        raise errors.invalid_value(name, resource.title) from None


def _names(details: JsonValue) -> list[str]:
    """Return the roles that a body or a document names, in lower case, each once."""
    roles = details["unifiedRoles"] if isinstance(details, dict) else None
    named = (
        [role.get("roleDefinitionId") for role in roles if isinstance(role, dict)] if isinstance(roles, list) else []
    )
    return list(dict.fromkeys(str(name).lower() for name in named))


def _roles(details: JsonValue) -> frozenset[str]:
    return frozenset(_names(details))


def _details(given: JsonObject, resource: Resource) -> JsonObject:
    """Return the roles that a body names; refuses none, and those that are not built in."""
    names = _names(_complex(_DETAILS, "accessDetails", given, resource))
    if not names or not ROLE_TEMPLATES.keys() >= set(names):
        raise errors.invalid_value("accessDetails", resource.title)
    return {"unifiedRoles": [{"roleDefinitionId": name} for name in names]}


def _checked(tenant: Tenant, given: JsonObject, relationship: Entity | None = None) -> JsonObject:
    """Return the properties of a relationship as they are kept, or refuse them."""
    RELATIONSHIP.refuse_empty(given)
    if "accessDetails" in given:
        given = {**given, "accessDetails": _details(given, RELATIONSHIP)}
    if given.get("customer") is not None:
        customer = _complex(_CUSTOMER, "customer", given, RELATIONSHIP)
        if not is_guid(str(customer["tenantId"])):
            raise errors.invalid_value("customer", RELATIONSHIP.title)
        given = {**given, "customer": {**customer, "tenantId": str(customer["tenantId"]).lower()}}
    if "duration" in given and length(given["duration"]) is None:
        raise errors.invalid_value("duration", RELATIONSHIP.title)
    whole = {**(relationship.document if relationship else {}), **given}
    if whole.get("autoExtendDuration") == EXTENSION and GLOBAL_ADMINISTRATOR.id in _roles(whole["accessDetails"]):
        raise errors.invalid_relationship("A relationship with Global Administrator cannot be extended automatically")
    namesake = tenant.named(Kind.RELATIONSHIP, str(given["displayName"])) if "displayName" in given else None
    if namesake is not None and (relationship is None or namesake.id != relationship.id):
        raise errors.relationship_conflict("A delegated admin relationship of this name already exists")
    return given


# --- what the partner asks for


def _made(call: Call, entity: Entity) -> Located:
    return Located(call.one(entity), f"{call.path}/{entity.id}")


@ENDPOINTS.change("POST", _FAMILY.path.rpartition("/")[0], WRITE_RELATIONSHIPS, "Create delegated admin relationship")
def _post(call: Call) -> Located:
    return _made(call, create(call.tenant, RELATIONSHIP.accept(call.body, creating=True)))


@ENDPOINTS.change("PATCH", _FAMILY.path, WRITE_RELATIONSHIPS, "Update delegated admin relationship")
def _patch(call: Call) -> Answered:
    relationship = _matching(call, _find(call))
    given = RELATIONSHIP.accept(call.body, creating=False)
    _check_status(relationship, *(("created", "active") if given.keys() <= _CHANGEABLE_WHEN_ACTIVE else ("created",)))
    given = _checked(call.tenant, given, relationship)
    if all(relationship.document[name] == value for name, value in given.items()):
        return call.one(relationship)
    had = _roles(relationship.document["accessDetails"])
    removed = had ^ _roles(given["accessDetails"]) if "accessDetails" in given else frozenset()
    takes_time = bool(removed) and relationship.document["status"] == "active"
    if takes_time and removed != had & {GLOBAL_ADMINISTRATOR.id}:
        raise errors.invalid_relationship("Only Global Administrator can be removed from an active relationship")
    kept = _change(call.tenant, relationship, given, name=str(given.get("displayName") or "") or None)
    if takes_time:
        return _begin(call, relationship, "delegatedAdminRelationshipUpdate", {"id": kept.id, **given})
    return call.one(kept)


@ENDPOINTS.change("DELETE", _FAMILY.path, WRITE_RELATIONSHIPS, "Delete delegated admin relationship")
def _delete(call: Call) -> None:
    relationship = _matching(call, _find(call))
    _check_status(relationship, "created")
    call.tenant.remove(relationship)


@ENDPOINTS.change(
    "POST", f"{_FAMILY.path}/requests", WRITE_RELATIONSHIPS, "Create delegated admin relationship request"
)
def _post_request(call: Call) -> Located:
    relationship = _find(call)
    action = str(RELATIONSHIP_REQUEST.accept(call.body, creating=True)["action"])
    if action not in _ACTIONS:
        raise errors.invalid_value("action", RELATIONSHIP_REQUEST.title)
    if action not in _OF_THE_PARTNER:
        raise errors.not_implemented(f"the action '{action}' of {RELATIONSHIP_REQUEST.set_name}")
    return _made(call, act(call.tenant, relationship, action))


@ENDPOINTS.change(
    "POST", f"{_FAMILY.path}/accessAssignments", WRITE_RELATIONSHIPS, "Create delegated admin access assignment"
)
def _post_assignment(call: Call) -> Located:
    relationship = _find(call)
    return _made(call, assign(call.tenant, relationship, ACCESS_ASSIGNMENT.accept(call.body, creating=True)))


@ENDPOINTS.change("PATCH", _ASSIGNMENTS.path, WRITE_RELATIONSHIPS, "Update delegated admin access assignment")
def _patch_assignment(call: Call) -> Answered:
    relationship, assignment = _find(call), _assignment_to_change(call)
    _check_status(relationship, "active")
    details = _details(ACCESS_ASSIGNMENT.accept(call.body, creating=False), ACCESS_ASSIGNMENT)
    _check_within(relationship, details)
    if _roles(details) == _roles(assignment.document["accessDetails"]):
        return call.one(assignment)
    kept = _change(call.tenant, assignment, {"accessDetails": details, "status": "pending"})
    data = {name: kept.document[name] for name in ("id", "accessContainer", "accessDetails")}
    return _begin(call, relationship, "delegatedAdminAccessAssignmentUpdate", {**data, "status": "active"})


@ENDPOINTS.change("DELETE", _ASSIGNMENTS.path, WRITE_RELATIONSHIPS, "Delete delegated admin access assignment")
def _delete_assignment(call: Call) -> None:
    _change(call.tenant, _assignment_to_change(call), {"status": "deleting"})


def _assignment_to_change(call: Call) -> Entity:
    assignment = _matching(call, _ASSIGNMENTS.named_in(call))
    status = str(assignment.document["status"])
    if status in ("deleting", "deleted"):
        raise errors.relationship_conflict(f"The access assignment has the status '{status}'")
    return assignment


# --- who may ask


def _check_caller(call: Call) -> None:
    if call.by_person:
        groups = call.tenant.scan(Kind.GROUP)
        # Partner Center made the first one of the name; what has it as well is a look-alike.
        agents = next((group.id for group in groups if group.document["displayName"] == ADMIN_AGENTS), None)
        may = any(group.id == agents for group in call.tenant.all_groups_of(call.caller.object_id))
    else:
        application = service_principals.CUSTOMER_ADMINISTRATION
        may = call.tenant.named(Kind.SERVICE_PRINCIPAL, application) is not None
    if not may:
        raise errors.denied()


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that answers signed-in people as well, and refuses whoever may not use any of these."""

    def answer(call: Call) -> Answered:
        _check_caller(call)
        return endpoint.answer(call)

    return replace(endpoint, answer=answer, for_people=True)


ENDPOINTS[:] = map(_guarded, ENDPOINTS)
