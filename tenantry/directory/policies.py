"""Claims mapping policies, which can be assigned to service principals."""

from collections.abc import Iterable
from typing import Final

from .documents import JsonObject
from .endpoint import Call, Endpoint
from .identifiers import new_id
from .references import finder
from .resources import CLAIMS_MAPPING_POLICY, Kind

_find: Final = finder(Kind.CLAIMS_MAPPING_POLICY)
_WHERE: Final = "/policies/claimsMappingPolicies"


def _list(call: Call) -> JsonObject:
    return call.collection(CLAIMS_MAPPING_POLICY, call.tenant.scan(Kind.CLAIMS_MAPPING_POLICY, call.query.after))


def _create(call: Call) -> JsonObject:
    given = CLAIMS_MAPPING_POLICY.accept(call.body, creating=True)
    policy: JsonObject = {**CLAIMS_MAPPING_POLICY.blank(), **given, "id": new_id()}
    return call.one(call.tenant.add(Kind.CLAIMS_MAPPING_POLICY, str(policy["id"]), policy))


def _get(call: Call) -> JsonObject:
    return call.one(_find(call.tenant, call["policy"]))


def _update(call: Call) -> None:
    policy = _find(call.tenant, call["policy"])
    call.tenant.replace(policy, {**policy.document, **CLAIMS_MAPPING_POLICY.accept(call.body, creating=False)})


def _delete(call: Call) -> None:
    call.tenant.remove(_find(call.tenant, call["policy"]))


ENDPOINTS: Iterable[Endpoint] = (
    Endpoint("GET", _WHERE, _list),
    Endpoint("POST", _WHERE, _create),
    Endpoint("GET", f"{_WHERE}/{{policy}}", _get),
    Endpoint("PATCH", f"{_WHERE}/{{policy}}", _update),
    Endpoint("DELETE", f"{_WHERE}/{{policy}}", _delete),
)
