"""What an object is in, whom it leads, and what it owns; and objects by their ids.

Source: the pages of Microsoft Graph's reference on getMemberGroups, getMemberObjects, checkMemberGroups,
checkMemberObjects and getByIds, and on the lists directReports and ownedObjects.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from . import errors
from .documents import JsonObject, JsonValue
from .endpoint import Call, Category, Endpoints
from .groups import find_member, memberships, numbered
from .permissions import CHECK_MEMBERSHIPS, GET_MEMBER_GROUPS, READ_APPLICATIONS, READ_OBJECTS, READ_USERS, Requirement
from .resources import DIRECTORY_OBJECTS, Kind
from .tenant import Entity, Relation

ENDPOINTS: Final = Endpoints(Category.GROUPS)
_MOST_CHECKED: Final = 20
_MOST_IDS: Final = 1000


def _texts(call: Call, name: str, most: int) -> list[str]:
    """Return the texts that a body must give under a name."""
    given = call.body.get(name)
    if not isinstance(given, list) or not given or not all(isinstance(item, str) for item in given):
        raise errors.bad_request(f"A list of texts is required for the parameter '{name}'.")
    if len(given) > most:
        raise errors.bad_request(f"The number of items in '{name}' exceeds the limit of {most}.")
    return [str(item) for item in given]


def _strings(call: Call, values: list[str]) -> JsonObject:
    answer: list[JsonValue] = [*values]
    return {"@odata.context": f"{call.root}/$metadata#Collection(Edm.String)", "value": answer}


def _is_security_group(entity: Entity) -> bool:
    return entity.kind is Kind.GROUP and entity.document["securityEnabled"] is True


def _declare_checks(path: str, kind: Kind | None) -> None:
    """Declare what is asked about the memberships of the objects at an address; without a kind, of any object."""

    def all_of(call: Call) -> list[Entity]:
        return list(memberships(call.tenant, find_member(call.tenant, kind, call["object"]), transitive=True))

    def got(call: Call, *, groups_only: bool) -> JsonObject:
        security_only = call.body.get("securityEnabledOnly", False)
        if not isinstance(security_only, bool):
            raise errors.bad_request("The parameter 'securityEnabledOnly' must be true or false.")
        found = all_of(call)
        if security_only:
            found = [entity for entity in found if _is_security_group(entity)]
        return _strings(call, [entity.id for entity in found if not groups_only or entity.kind is Kind.GROUP])

    @ENDPOINTS.ask(f"{path}/getMemberGroups", GET_MEMBER_GROUPS)
    def get_groups(call: Call) -> JsonObject:
        return got(call, groups_only=True)

    @ENDPOINTS.ask(f"{path}/getMemberObjects", CHECK_MEMBERSHIPS)
    def get_objects(call: Call) -> JsonObject:
        return got(call, groups_only=False)

    @ENDPOINTS.ask(f"{path}/checkMemberGroups", CHECK_MEMBERSHIPS)
    def check_groups(call: Call) -> JsonObject:
        asked = _texts(call, "groupIds", _MOST_CHECKED)
        known = {entity.id for entity in all_of(call) if entity.kind is Kind.GROUP}
        return _strings(call, [object_id for object_id in asked if object_id.lower() in known])

    @ENDPOINTS.ask(f"{path}/checkMemberObjects", CHECK_MEMBERSHIPS)
    def check_objects(call: Call) -> JsonObject:
        asked, known = _texts(call, "ids", _MOST_CHECKED), set()
        for entity in all_of(call):
            known |= {entity.id, str(entity.document.get("roleTemplateId"))}
        return _strings(call, [object_id for object_id in asked if object_id.lower() in known])


for _path, _kind in (
    ("/users/{object}", Kind.USER),
    ("/groups/{object}", Kind.GROUP),
    ("/servicePrincipals/{object}", Kind.SERVICE_PRINCIPAL),
    ("/directoryObjects/{object}", None),
):
    _declare_checks(_path, _kind)


@ENDPOINTS.get("/users/{object}/directReports", READ_USERS, counted=True, casts=(Kind.USER,))
def _list_reports(call: Call) -> JsonObject:
    user = find_member(call.tenant, Kind.USER, call["object"])
    return call.mixed_collection(numbered(call, call.tenant.groups_of(user.id, Relation.MANAGER)))


def _declare_owned(path: str, kind: Kind, requires: Requirement) -> None:
    casts = (Kind.GROUP, Kind.APPLICATION, Kind.SERVICE_PRINCIPAL)

    @ENDPOINTS.get(f"{path}/ownedObjects", requires, counted=True, casts=casts)
    def list_owned(call: Call) -> JsonObject:
        owner = find_member(call.tenant, kind, call["object"])
        return call.mixed_collection(numbered(call, call.tenant.groups_of(owner.id, Relation.OWNER)))


_declare_owned("/users/{object}", Kind.USER, READ_USERS)
_declare_owned("/servicePrincipals/{object}", Kind.SERVICE_PRINCIPAL, READ_APPLICATIONS)


@ENDPOINTS.ask("/directoryObjects/getByIds", READ_OBJECTS)
def _get_by_ids(call: Call) -> JsonObject:
    kinds = frozenset(_kinds(call))

    def found() -> Iterator[Entity]:
        for object_id in dict.fromkeys(text.lower() for text in _texts(call, "ids", _MOST_IDS)):
            entity = call.tenant.find(object_id)
            if entity is not None and entity.kind in kinds:
                yield entity

    # All of them are answered at once.
    return replace(call, query=replace(call.query, top=_MOST_IDS)).mixed_collection(found())


def _kinds(call: Call) -> Iterator[Kind]:
    if call.body.get("types") is None:
        yield from DIRECTORY_OBJECTS
        return
    by_name = {kind.lower(): kind for kind in DIRECTORY_OBJECTS}
    for name in _texts(call, "types", _MOST_IDS):
        if name.lower() == "directoryobject":
            yield from DIRECTORY_OBJECTS
        elif name.lower() in by_name:
            yield by_name[name.lower()]
        else:
            raise errors.not_implemented(f"objects of the type '{name}'")
