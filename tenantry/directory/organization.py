"""The organization and its domains: read only, as enrolment left them."""

from collections.abc import Iterable

from .documents import JsonObject
from .endpoint import Call, Endpoint, found
from .resources import DOMAIN, ORGANIZATION, Kind

_ORGANIZATIONS = frozenset({Kind.ORGANIZATION})
_DOMAINS = frozenset({Kind.DOMAIN})


def _list_organizations(call: Call) -> JsonObject:
    found_here = call.tenant.scan(Kind.ORGANIZATION)
    return call.whole_collection(ORGANIZATION, (organization.document for organization in found_here))


def _get_organization(call: Call) -> JsonObject:
    return call.one(found(call.tenant.find(call["organization"]), call["organization"], _ORGANIZATIONS))


def _list_domains(call: Call) -> JsonObject:
    return call.whole_collection(DOMAIN, (domain.document for domain in call.tenant.scan(Kind.DOMAIN)))


def _get_domain(call: Call) -> JsonObject:
    return call.one(found(call.tenant.named(Kind.DOMAIN, call["domain"]), call["domain"], _DOMAINS))


ENDPOINTS: Iterable[Endpoint] = (
    Endpoint("GET", "/organization", _list_organizations),
    Endpoint("GET", "/organization/{organization}", _get_organization),
    Endpoint("GET", "/domains", _list_domains),
    Endpoint("GET", "/domains/{domain}", _get_domain),
)
