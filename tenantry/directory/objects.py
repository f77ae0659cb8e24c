"""Directory objects by id, of whatever kind they are."""

from typing import Final

from .documents import JsonObject
from .endpoint import Call, Endpoints, found
from .permissions import READ_OBJECTS

ENDPOINTS: Final = Endpoints()


@ENDPOINTS.get("/directoryObjects/{object}", READ_OBJECTS)
def _get(call: Call) -> JsonObject:
    return call.any_of_many_kinds(found(call.tenant.find(call["object"]), call["object"]))
