"""Claims mapping policies, which can be assigned to service principals."""

from typing import Final

from .documents import JsonObject
from .endpoint import Call, Category, Endpoints
from .identifiers import new_id
from .permissions import READ_POLICIES, WRITE_POLICIES
from .references import finder
from .resources import CLAIMS_MAPPING_POLICY, Kind

ENDPOINTS: Final = Endpoints(Category.POLICIES)

_find: Final = finder(Kind.CLAIMS_MAPPING_POLICY)


@ENDPOINTS.get("/policies/claimsMappingPolicies", READ_POLICIES)
def _list(call: Call) -> JsonObject:
    return call.collection(CLAIMS_MAPPING_POLICY, call.tenant.scan(Kind.CLAIMS_MAPPING_POLICY, call.query.after))


@ENDPOINTS.change("POST", "/policies/claimsMappingPolicies", WRITE_POLICIES, "Add policy")
def _create(call: Call) -> JsonObject:
    given = CLAIMS_MAPPING_POLICY.accept(call.body, creating=True)
    policy: JsonObject = {**CLAIMS_MAPPING_POLICY.blank(), **given, "id": new_id()}
    return call.one(call.tenant.add(Kind.CLAIMS_MAPPING_POLICY, str(policy["id"]), policy))


@ENDPOINTS.get("/policies/claimsMappingPolicies/{policy}", READ_POLICIES)
def _get(call: Call) -> JsonObject:
    return call.one(_find(call.tenant, call["policy"]))


@ENDPOINTS.change("PATCH", "/policies/claimsMappingPolicies/{policy}", WRITE_POLICIES, "Update policy")
def _update(call: Call) -> None:
    policy = _find(call.tenant, call["policy"])
    call.tenant.replace(policy, {**policy.document, **CLAIMS_MAPPING_POLICY.accept(call.body, creating=False)})


@ENDPOINTS.change("DELETE", "/policies/claimsMappingPolicies/{policy}", WRITE_POLICIES, "Delete policy")
def _delete(call: Call) -> None:
    call.tenant.remove(_find(call.tenant, call["policy"]))
