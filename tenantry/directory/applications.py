"""Applications: what a tenant has registered, as far as service principals, credentials and consent need it."""

from collections.abc import Mapping
from typing import Final

from . import errors, service_principals
from .credentials import declare_passwords, with_key_ids
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category, Endpoints
from .identifiers import new_id
from .permissions import CREATE_APPLICATIONS, READ_APPLICATION, READ_APPLICATIONS, WRITE_APPLICATION
from .references import add, declare_list, finder, only, owners_of_new
from .resources import APPLICATION, Kind
from .tenant import Relation, Tenant

ENDPOINTS: Final = Endpoints(Category.APPLICATIONS)

find: Final = finder(Kind.APPLICATION)
_OWNERS: Final = only(Kind.USER, Kind.SERVICE_PRINCIPAL)
_AUDIENCES: Final = frozenset(
    {"AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}
)


@ENDPOINTS.get("/applications", READ_APPLICATIONS)
def _list(call: Call) -> JsonObject:
    return call.collection(APPLICATION, call.tenant.scan(Kind.APPLICATION, call.query.after))


@ENDPOINTS.change("POST", "/applications", CREATE_APPLICATIONS, "Add application")
def _create(call: Call) -> JsonObject:
    given = APPLICATION.accept(call.body, creating=True)
    _check(call, given)
    application: JsonObject = {
        **_merged(APPLICATION.blank(), given),
        "id": new_id(),
        "appId": new_id(),
        "createdDateTime": now(),
        "publisherDomain": _initial_domain(call),
    }
    entity = call.tenant.add(Kind.APPLICATION, str(application["id"]), application, name=str(application["appId"]))
    for owner in owners_of_new(call):
        add(call.tenant, entity, Relation.OWNER, owner, _OWNERS)
    return call.one(entity)


@ENDPOINTS.get("/applications/{application}", READ_APPLICATION)
def _get(call: Call) -> JsonObject:
    return call.one(find(call.tenant, call["application"]))


@ENDPOINTS.change("PATCH", "/applications/{application}", WRITE_APPLICATION, "Update application")
def _update(call: Call) -> None:
    application = find(call.tenant, call["application"])
    given = APPLICATION.accept(call.body, creating=False)
    _check(call, given, application.id)
    changed = call.tenant.replace(application, _merged(application.document, given))
    service_principals.follow(call.tenant, changed)


@ENDPOINTS.change("DELETE", "/applications/{application}", WRITE_APPLICATION, "Delete application")
def _delete(call: Call) -> None:
    application = call.tenant.soft_delete(find(call.tenant, call["application"]))
    service_principals.delete_with(call.tenant, application)


def _merged(kept: Mapping[str, JsonValue], given: JsonObject) -> JsonObject:
    """Properties that are objects take what is given into what is there; all others are replaced."""
    merged: JsonObject = dict(kept)
    for name, value in given.items():
        old = merged.get(name)
        merged[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    if isinstance(merged["keyCredentials"], list):
        merged["keyCredentials"] = list(with_key_ids(merged["keyCredentials"]))
    return merged


def _check(call: Call, given: JsonObject, own_id: str = "") -> None:
    audience = given.get("signInAudience")
    if isinstance(audience, str) and audience not in _AUDIENCES:
        raise errors.invalid_value("signInAudience", APPLICATION.title)
    check_identifier_uris(call.tenant, given.get("identifierUris"), own_id)


def check_identifier_uris(tenant: Tenant, uris: JsonValue, own_id: str = "") -> None:
    """Refuse what another application of the tenant is called by."""
    wanted = {uri for uri in uris if isinstance(uri, str)} if isinstance(uris, list) else set()
    for other in tenant.scan(Kind.APPLICATION) if wanted else ():
        taken = other.document["identifierUris"]
        if other.id != own_id and isinstance(taken, list) and wanted.intersection(map(str, taken)):
            raise errors.taken("identifierUris")


def _initial_domain(call: Call) -> str:
    domains = call.tenant.scan(Kind.DOMAIN)
    return next(domain.text("id") for domain in domains if domain.document["isInitial"] is True)


declare_passwords(
    ENDPOINTS,
    "/applications/{application}",
    find,
    WRITE_APPLICATION,
    added="Add password to application",
    removed="Remove password from application",
)
declare_list(
    ENDPOINTS,
    "/applications/{application}",
    Relation.OWNER,
    find,
    _OWNERS,
    reads=READ_APPLICATION,
    writes=WRITE_APPLICATION,
    activity="owner to application",
)
