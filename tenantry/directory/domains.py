"""Domains: the names under which a tenant has accounts. They are read only here, and stay as enrolment left them."""

from typing import Final

from . import errors
from .documents import JsonObject
from .families import Family, declared
from .permissions import READ_DOMAINS
from .resources import DOMAIN, Kind
from .tenant import Tenant

SERVICES: Final[tuple[str, ...]] = ("Email", "OfficeCommunicationsOnline")
"""What the domains of a tenant are used for, as `supportedServices` names it."""


def initial(tenant: Tenant) -> str:
    """Return the domain that the tenant has had from the beginning."""
    return next(domain.text("id") for domain in tenant.scan(Kind.DOMAIN) if domain.document["isInitial"] is True)


def add(tenant: Tenant, names: tuple[str, ...], initial_name: str) -> None:
    """Add verified domains, of which the first is the default.

    The initial domain comes first: a tenant has it before any other.
    """
    for name in sorted(names, key=lambda name: name != initial_name):
        domain: JsonObject = {
            "authenticationType": "Managed",
            "isAdminManaged": True,
            "isDefault": name == names[0],
            "isInitial": name == initial_name,
            # A subdomain of another verified domain is none ("domain resource type", isRoot).
            "isRoot": not any(name.endswith(f".{other}") for other in names),
            "isVerified": True,
            "supportedServices": [*SERVICES],
        }
        tenant.create(DOMAIN, domain, object_id=name, name=name)


ENDPOINTS: Final = declared(
    Family(
        DOMAIN,
        "/domains/{domain}",
        READ_DOMAINS,
        paged=False,
        find=lambda call: errors.existing(call.tenant.named(Kind.DOMAIN, call["domain"]), call["domain"]),
    )
)
