"""The organization and its domains: read only, as enrolment left them."""

from typing import Final

from .documents import JsonObject
from .endpoint import Call, Endpoints, found
from .permissions import READ_DOMAINS, READ_ORGANIZATION
from .resources import DOMAIN, ORGANIZATION, Kind

ENDPOINTS: Final = Endpoints()

_ORGANIZATIONS = frozenset({Kind.ORGANIZATION})
_DOMAINS = frozenset({Kind.DOMAIN})


@ENDPOINTS.get("/organization", READ_ORGANIZATION)
def _list_organizations(call: Call) -> JsonObject:
    found_here = call.tenant.scan(Kind.ORGANIZATION)
    return call.whole_collection(ORGANIZATION, (organization.document for organization in found_here))


@ENDPOINTS.get("/organization/{organization}", READ_ORGANIZATION)
def _get_organization(call: Call) -> JsonObject:
    return call.one(found(call.tenant.find(call["organization"]), call["organization"], _ORGANIZATIONS))


@ENDPOINTS.get("/domains", READ_DOMAINS)
def _list_domains(call: Call) -> JsonObject:
    return call.whole_collection(DOMAIN, (domain.document for domain in call.tenant.scan(Kind.DOMAIN)))


@ENDPOINTS.get("/domains/{domain}", READ_DOMAINS)
def _get_domain(call: Call) -> JsonObject:
    return call.one(found(call.tenant.named(Kind.DOMAIN, call["domain"]), call["domain"], _DOMAINS))
