"""Federated identity credentials: the tokens of other issuers that an application takes in place of a secret.

Source: Microsoft Graph, "federatedIdentityCredential resource type" and "Create federatedIdentityCredential" (v1.0 and
beta), for what is required, unique and limited. The words of the refusals are those of field reports
(Azure/azure-dev#1482, Azure/azure-workload-identity#434); that a name cannot change is documented, its refusal is not.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from . import applications, errors
from .documents import JsonObject, JsonValue
from .endpoint import Call, Category
from .families import Family, declared
from .permissions import READ_FEDERATION, WRITE_FEDERATION
from .resources import FEDERATED_CREDENTIAL, Kind
from .tenant import Entity, Relation, Tenant

_MOST: Final = 20
_LONGEST_AUDIENCE: Final = 600


def _credentials(tenant: Tenant, application: Entity, after: int = 0) -> Iterator[Entity]:
    return tenant.targets(application.id, Relation.FEDERATED_CREDENTIAL, after)


def _named(tenant: Tenant, application: Entity, name: str) -> Entity | None:
    return tenant.named(Kind.FEDERATED_CREDENTIAL, _key(application, name))


def _key(application: Entity, name: str) -> str:
    return f"{application.id}/{name}"


def _find(call: Call) -> Entity:
    """Return the credential that is addressed by its id or by its name."""
    application, name = applications.FAMILY.named_in(call), call["credential"]
    by_id = call.tenant.target(application.id, Relation.FEDERATED_CREDENTIAL, name)
    return errors.existing(by_id or _named(call.tenant, application, name), name)


def _create(call: Call, given: JsonObject) -> Entity:
    application, name = applications.FAMILY.named_in(call), str(given["name"])
    if _named(call.tenant, application, name) is not None:
        raise errors.federated_credential_exists(name)
    others = list(_credentials(call.tenant, application))
    if len(others) >= _MOST:
        raise errors.bad_request(f"An application cannot have more than {_MOST} federated identity credentials.")
    _check(given, others)
    credential = call.tenant.create(FEDERATED_CREDENTIAL, given, name=_key(application, name))
    call.tenant.link(application.id, Relation.FEDERATED_CREDENTIAL, credential.id)
    return credential


def _update(call: Call, credential: Entity, given: JsonObject) -> None:
    if given.get("name", credential.document["name"]) != credential.document["name"]:
        raise errors.bad_request("Property 'name' of resource 'FederatedIdentityCredential' cannot be changed.")
    application = applications.FAMILY.named_in(call)
    others = [other for other in _credentials(call.tenant, application) if other.id != credential.id]
    _check({**credential.document, **given}, others)
    call.tenant.update(credential, given)


def _delete(call: Call, credential: Entity) -> None:
    call.tenant.unlink(applications.FAMILY.named_in(call).id, Relation.FEDERATED_CREDENTIAL, credential.id)
    call.tenant.remove(credential)


def _check(document: Mapping[str, JsonValue], others: list[Entity]) -> None:
    """Refuse a credential that names no token, or the token that another one of the application names."""
    audiences, subject = document.get("audiences"), document.get("subject")
    if not isinstance(audiences, list) or len(audiences) != 1 or len(str(audiences[0])) > _LONGEST_AUDIENCE:
        raise errors.invalid_value("audiences", FEDERATED_CREDENTIAL.title)
    # A credential names one token by its subject, or several by an expression.
    if bool(subject) is bool(document.get("claimsMatchingExpression")):
        raise errors.invalid_value("subject", FEDERATED_CREDENTIAL.title)
    for other in others if subject else ():
        if (other.document["issuer"], other.document["subject"]) == (document["issuer"], subject):
            raise errors.federated_token_taken(str(document["issuer"]), str(subject))


ENDPOINTS: Final = declared(
    Family(
        FEDERATED_CREDENTIAL,
        f"{applications.FAMILY.path}/federatedIdentityCredentials/{{credential}}",
        READ_FEDERATION,
        WRITE_FEDERATION,
        reads_one=WRITE_FEDERATION,
        noun="application",
        creation="Update application",
        deletion="Update application",
        category=Category.APPLICATIONS,
        parent=applications.FAMILY,
        listed=lambda call: _credentials(call.tenant, applications.FAMILY.named_in(call), call.query.after),
        find=_find,
        create=_create,
        update=_update,
        delete=_delete,
    )
)
