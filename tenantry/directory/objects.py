"""Directory objects by id, of whatever kind they are."""

from collections.abc import Iterable

from .documents import JsonObject
from .endpoint import Call, Endpoint, found


def _get(call: Call) -> JsonObject:
    return call.any_of_many_kinds(found(call.tenant.find(call["object"]), call["object"]))


ENDPOINTS: Iterable[Endpoint] = (Endpoint("GET", "/directoryObjects/{object}", _get),)
