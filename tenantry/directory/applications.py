"""Applications: what a tenant has registered, as far as service principals, credentials and consent need it."""

from collections.abc import Mapping
from typing import Final

from . import errors, service_principals
from .credentials import declare_passwords, with_key_ids
from .documents import JsonObject, JsonValue
from .endpoint import Call, Category
from .families import Family, ReferenceList, declared
from .identifiers import new_id
from .permissions import CREATE_APPLICATIONS, READ_APPLICATION, READ_APPLICATIONS, WRITE_APPLICATION
from .references import OWNERS, add, owners_of_new
from .resources import APPLICATION, Kind
from .tenant import Entity, Relation, Tenant


def _create(call: Call, given: JsonObject) -> Entity:
    client_id = new_id()
    application: JsonObject = {
        **_merged(APPLICATION.blank(), given),
        "appId": client_id,
        "publisherDomain": _initial_domain(call),
    }
    entity = call.tenant.create(APPLICATION, application, name=client_id)
    for owner in owners_of_new(call):
        add(call.tenant, entity, Relation.OWNER, owner, OWNERS)
    return entity


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
    if isinstance(merged["keyCredentials"], list):
        merged["keyCredentials"] = list(with_key_ids(merged["keyCredentials"]))
    return merged


def _check(tenant: Tenant, given: JsonObject, application: Entity | None) -> None:
    check_identifier_uris(tenant, given.get("identifierUris"), application.id if application else "")


def check_identifier_uris(tenant: Tenant, uris: JsonValue, own_id: str = "") -> None:
    """Refuse an identifier that another application of the tenant has."""
    new = {uri for uri in uris if isinstance(uri, str)} if isinstance(uris, list) else set()
    for other in tenant.scan(Kind.APPLICATION) if new else ():
        taken = other.document["identifierUris"]
        if other.id != own_id and isinstance(taken, list) and new.intersection(map(str, taken)):
            raise errors.taken("identifierUris")


def _initial_domain(call: Call) -> str:
    domains = call.tenant.scan(Kind.DOMAIN)
    return next(domain.text("id") for domain in domains if domain.document["isInitial"] is True)


_APPLICATIONS: Final = Family(
    APPLICATION,
    "/applications/{application}",
    READ_APPLICATIONS,
    WRITE_APPLICATION,
    noun="application",
    category=Category.APPLICATIONS,
    reads_one=READ_APPLICATION,
    creates=CREATE_APPLICATIONS,
    lists=(ReferenceList(Relation.OWNER, OWNERS),),
    check=_check,
    create=_create,
    update=_update,
    delete=_delete,
)
ENDPOINTS: Final = declared(_APPLICATIONS)
declare_passwords(
    ENDPOINTS, _APPLICATIONS, added="Add password to application", removed="Remove password from application"
)
