"""Named locations: the addresses and countries that Conditional Access policies refer to.

Sources: Microsoft Graph's reference (v1.0) for `ipNamedLocation` and `countryNamedLocation`; "Conditional Access:
Network assignment" for the location that cannot be deleted while it is trusted. That one in use cannot be deleted is of
field reports. That a range of addresses may be of the other version than its type says is what the azuread provider
relies on: it calls all of them IPv4.
"""

import re
from ipaddress import ip_network
from typing import Final

from . import errors, licences
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category
from .families import Family, declared
from .identifiers import is_guid
from .permissions import READ_TENANT_POLICIES, WRITE_CONDITIONAL_ACCESS
from .resources import NAMED_LOCATION, Kind
from .schema import Property, Resource, Shape
from .tenant import Entity, Tenant

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LOOKUP_METHODS: Final = frozenset({"clientIpAddress", "authenticatorAppGps"})
_TYPES: Final = {
    "ipNamedLocation": Resource(
        "ipNamedLocation",
        NAMED_LOCATION.set_name,
        {
            **NAMED_LOCATION.properties,
            "ipRanges": Property(Shape.OBJECTS, required=True),
            "isTrusted": Property(Shape.FLAG),
        },
        {"isTrusted": False},
    ),
    "countryNamedLocation": Resource(
        "countryNamedLocation",
        NAMED_LOCATION.set_name,
        {
            **NAMED_LOCATION.properties,
            "countriesAndRegions": Property(Shape.TEXTS, required=True),
            "countryLookupMethod": Property(choices=_LOOKUP_METHODS),
            "includeUnknownCountriesAndRegions": Property(Shape.FLAG),
        },
        {"countryLookupMethod": "clientIpAddress", "includeUnknownCountriesAndRegions": False},
    ),
}
_RANGES: Final = frozenset({"iPv4CidrRange", "iPv6CidrRange"})


def check_licence(tenant: Tenant) -> None:
    """Refuse to make or change what is left to look at and to delete in a tenant without the licence."""
    if not licences.has(tenant, licences.Licence.ENTRA_ID_P1):
        raise errors.not_licensed()


def named_by(policy: JsonObject) -> list[str]:
    """Return the locations that a Conditional Access policy refers to, by word or by id, in lower case."""
    conditions = policy["conditions"]
    locations = conditions.get("locations") if isinstance(conditions, dict) else None
    listed = [*locations.values()] if isinstance(locations, dict) else []
    named = [str(name) for names in listed if isinstance(names, list) for name in names]
    return [name.lower() if is_guid(name) else name for name in named]


def _type_of(document: JsonObject) -> str:
    name = document.get("@odata.type")
    return name.removeprefix("#").removeprefix("microsoft.graph.") if isinstance(name, str) else ""


def _given(body: JsonObject, *, creating: bool) -> JsonObject:
    """Return the properties that a body sets, of a location of the type that it says, or refuse it."""
    resource = _TYPES.get(_type_of(body))
    if resource is None:
        raise errors.invalid_named_location("'@odata.type' must say of which type it is")
    given = resource.accept(body, creating=creating)
    ranges, countries = given.get("ipRanges"), given.get("countriesAndRegions")
    if ranges == [] or countries == []:
        raise errors.invalid_named_location("it must have addresses, or countries")
    for item in ranges if isinstance(ranges, list) else ():
        _check_range(item)
    for country in countries if isinstance(countries, list) else ():
        if _COUNTRY.fullmatch(str(country)) is None:
            raise errors.invalid_named_location(f"'{country}' is not a country's two capital letters in ISO 3166")
    return given


def _check_range(item: JsonValue) -> None:
    address = item.get("cidrAddress") if isinstance(item, dict) and _type_of(item) in _RANGES else None
    if not isinstance(address, str) or "/" not in address:
        raise errors.invalid_named_location("an address range must have an '@odata.type' and a 'cidrAddress'")
    try:
        ip_network(address, strict=False)
    except ValueError:
        raise errors.invalid_named_location(f"'{address}' is not a range of addresses") from None


def _create(call: Call) -> Entity:
    given, name = _given(call.body, creating=True), _type_of(call.body)
    location: JsonObject = {
        "@odata.type": f"#microsoft.graph.{name}",
        **_TYPES[name].blank(),
        **given,
        "modifiedDateTime": now(),
    }
    return call.tenant.create(NAMED_LOCATION, location)


_FAMILY: Final = Family(
    NAMED_LOCATION,
    "/identity/conditionalAccess/namedLocations/{location}",
    READ_TENANT_POLICIES,
    category=Category.POLICIES,
    paged=False,
)
ENDPOINTS: Final = declared(_FAMILY)


# What a body may set depends on its type: these three are declared by themselves.


@ENDPOINTS.change("POST", "/identity/conditionalAccess/namedLocations", WRITE_CONDITIONAL_ACCESS, "Add named location")
def _post(call: Call) -> JsonObject:
    check_licence(call.tenant)
    return call.one(_create(call))


@ENDPOINTS.change("PATCH", _FAMILY.path, WRITE_CONDITIONAL_ACCESS, "Update named location")
def _patch(call: Call) -> None:
    check_licence(call.tenant)
    location = _FAMILY.named_in(call)
    if _type_of(call.body) != _type_of(location.document):
        raise errors.invalid_named_location("'@odata.type' must be the type that it has")
    call.tenant.update(location, {**_given(call.body, creating=False), "modifiedDateTime": now()})


@ENDPOINTS.change("DELETE", _FAMILY.path, WRITE_CONDITIONAL_ACCESS, "Delete named location")
def _delete(call: Call) -> None:
    location = _FAMILY.named_in(call)
    if location.document.get("isTrusted") is True:
        raise errors.named_location_is_trusted()
    if any(location.id in named_by(policy.document) for policy in call.tenant.scan(Kind.CONDITIONAL_ACCESS_POLICY)):
        raise errors.in_use_by_access_policies(location.text("displayName"))
    call.tenant.soft_delete(location)
