"""Applications: what a tenant has registered, as far as service principals, credentials and consent need it."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from . import domains, errors, service_principals
from .credentials import add_passwords, declare_passwords, kept_keys
from .documents import JsonObject, JsonValue
from .endpoint import Call, Category
from .families import Family, ReferenceList, declared
from .identifiers import new_id
from .permissions import (
    CREATE_APPLICATIONS,
    LIST_APPLICATIONS,
    READ_APPLICATION,
    WRITE_APPLICATION,
    WRITE_APPLICATION_OWNERS,
    WRITE_LOGO,
)
from .references import OWNERS, add, owners_of_new
from .resources import APPLICATION, Kind
from .tenant import Entity, Relation, Tenant

_IMAGES: Final = (b"GIF8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""What images of the types that can be a logo begin with."""


def _create(call: Call, given: JsonObject) -> Entity:
    client_id, asked = new_id(), given.pop("passwordCredentials", None)
    application: JsonObject = {
        **_merged(APPLICATION.blank(), given),
        "appId": client_id,
        "publisherDomain": domains.initial(call.tenant),
    }
    entity = call.tenant.create(APPLICATION, application, name=client_id)
    for owner in owners_of_new(call):
        add(call.tenant, entity, Relation.OWNER, owner, OWNERS)
    if not isinstance(asked, list):
        return entity
    passwords = add_passwords(call.tenant, entity, (each for each in asked if isinstance(each, dict)))
    return replace(entity, document={**entity.document, "passwordCredentials": [*passwords]})


def _update(call: Call, application: Entity, given: JsonObject) -> None:
    changed = call.tenant.update(application, _merged(application.document, given))
    service_principals.follow(call.tenant, changed)


def _delete(call: Call, application: Entity) -> None:
    service_principals.delete_with(call.tenant, call.tenant.soft_delete(application))


def _merged(kept: Mapping[str, JsonValue], given: JsonObject) -> JsonObject:
    """Properties that are objects take what is given into what is there; all others are replaced."""
    merged: JsonObject = dict(kept)
    for name, value in given.items():
        old = merged.get(name)
        merged[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    if "optionalClaims" in given:
        merged["optionalClaims"] = _claims(given["optionalClaims"])
    if "keyCredentials" in given:
        merged["keyCredentials"] = kept_keys(given["keyCredentials"], kept["keyCredentials"])
    return merged


def _claims(given: JsonValue) -> JsonValue:
    """Optional claims are replaced together, and there are no claims rather than empty lists of them."""
    claims: JsonObject = dict(given) if isinstance(given, dict) else {}
    return {"accessToken": [], "idToken": [], "saml2Token": [], **claims} if any(claims.values()) else None


def _check(tenant: Tenant, given: JsonObject, application: Entity | None) -> None:
    check_identifier_uris(tenant, given.get("identifierUris"), application.id if application else "")


def check_identifier_uris(tenant: Tenant, uris: JsonValue, own_id: str = "") -> None:
    """Refuse an identifier that another application of the tenant has."""
    new = {uri for uri in uris if isinstance(uri, str)} if isinstance(uris, list) else set()
    for other in tenant.scan(Kind.APPLICATION) if new else ():
        taken = other.document["identifierUris"]
        if other.id != own_id and isinstance(taken, list) and new.intersection(map(str, taken)):
            raise errors.taken("identifierUris")


FAMILY: Final = Family(
    APPLICATION,
    "/applications/{application}",
    LIST_APPLICATIONS,
    WRITE_APPLICATION,
    noun="application",
    category=Category.APPLICATIONS,
    reads_one=READ_APPLICATION,
    creates=CREATE_APPLICATIONS,
    parts=("appRoles",),
    lists=(ReferenceList(Relation.OWNER, OWNERS, writes=WRITE_APPLICATION_OWNERS),),
    check=_check,
    create=_create,
    update=_update,
    delete=_delete,
)
ENDPOINTS: Final = declared(FAMILY)


@ENDPOINTS.change("PUT", f"{FAMILY.path}/logo", WRITE_LOGO, "Update application", binary=True)
def _set_logo(call: Call) -> None:
    """Take a logo. The image is not kept: the application shows an address that is another one for another image."""
    application = FAMILY.named_in(call)
    if not call.content.startswith(_IMAGES):
        raise errors.bad_request("The logo must be an image of the type GIF, JPEG or PNG.")
    address = f"{call.origin}/logos/{application.id}/{sha256(call.content).hexdigest()[:16]}"
    _update(call, application, {"info": {"logoUrl": address}})


declare_passwords(ENDPOINTS, FAMILY, added="Add password to application", removed="Remove password from application")
