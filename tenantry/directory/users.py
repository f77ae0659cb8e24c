"""Users: who the people are, their passwords, their managers.

The rules are those that Microsoft documents for the user resource: a user principal name is unique and under a
verified domain, no two users or groups have one e-mail address, a password is strong, a deleted user is gone from
sight and its name is free, and the last Global Administrator stays.
"""

import re
from collections.abc import Iterable
from typing import Final

import pycountry

from tenantry.role_templates import GLOBAL_ADMINISTRATOR

from . import domains, errors, filled_groups
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category, found
from .families import Family, declared
from .identifiers import TENANT_SCOPE, is_guid
from .passwords import hash_secret, is_strong
from .permissions import CHANGE_USER, DELETE_USER, LIST_USERS, READ_USERS, REVOKE_SESSIONS, WRITE_USERS
from .resources import USER, Kind
from .tenant import Entity, Relation, Secret, Tenant

# No full stop stands before the @. The name of a guest is made of any address, whatever is in it and however long.
_UPN: Final = re.compile(
    r"(?:[A-Za-z0-9'.\-_!#^~]{1,64}|[A-Za-z0-9'.\-_+]+#EXT#)(?<!\.)@(?P<domain>[A-Za-z0-9.\-]{1,48})"
)
_NICKNAME: Final = re.compile(r"[!-~]+")
_NOT_IN_A_NICKNAME: Final = frozenset('@()\\[]";:<>,')
# Printable ASCII: an address has no letters with accents.
_MAIL: Final = re.compile(r"[!-?A-~]+@[A-Za-z0-9.\-]+")
_OF_A_PASSWORD: Final = frozenset({"password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"})
# The lengths are of the user resource, and of the refusals in field reports.
_PHONE: Final = 64
_OTHER: Final = 256
_POLICIES: Final = frozenset({"DisableStrongPassword", "DisablePasswordExpiration"})
_MEMBER: Final = "Member"
_OF_THE_CLOUD: Final = frozenset(
    {"accountEnabled", "ageGroup", "consentProvidedForMinor", "otherMails", "passwordPolicies", "showInAddressList"}
    | {"usageLocation", "userType"}
)
"""What is changed here even of a user who is synchronised from a local Active Directory.

The reference lists no such properties. All others are among what Entra Connect synchronises, or were refused in field
reports (`employeeHireDate`, `employeeOrgData`, `passwordProfile`). An account may be disabled: "Revoke user access in
Microsoft Entra ID" says so.
"""


def find(tenant: Tenant, id_or_upn: str) -> Entity:
    """Return a user by object id or user principal name, or refuse."""
    user = tenant.get(Kind.USER, id_or_upn) if is_guid(id_or_upn) else tenant.named(Kind.USER, id_or_upn)
    return found(user, id_or_upn)


def create(tenant: Tenant, document: JsonObject, *, object_id: str | None = None) -> Entity:
    """Add a user with these properties, the password not among them."""
    _check(tenant, document)
    given: JsonObject = {"userType": _MEMBER, **document, **_derived(tenant, document)}
    user = tenant.create(USER, given, object_id=object_id, name=str(document["userPrincipalName"]))
    filled_groups.place(tenant, user)
    return user


def keep_password(tenant: Tenant, user: Entity, profile: JsonObject) -> Entity:
    """Give a user the password of a `passwordProfile`, or only say that it must be changed."""
    password, must_change = profile.get("password"), profile.get("forceChangePasswordNextSignIn")
    for name, value in profile.items():
        if "@odata." not in name and name not in _OF_A_PASSWORD:
            raise errors.unknown_property(name, "passwordProfile")
        if name.startswith("force") and value is not None and not isinstance(value, bool):
            raise errors.invalid_value("passwordProfile", USER.title)
    kept = tenant.secret(user.id)
    if password is None:
        if kept is not None and isinstance(must_change, bool):
            tenant.keep_secret(user.id, Secret(kept.hash, must_change))
        return user
    policies = user.document["passwordPolicies"]
    plain_allowed = isinstance(policies, str) and "DisableStrongPassword" in policies
    if not isinstance(password, str) or not is_strong(password, plain_allowed=plain_allowed):
        raise errors.weak_password()
    # Microsoft Graph's documented default is that a password must be changed at the next sign-in.
    tenant.keep_secret(user.id, Secret(hash_secret(password), must_change is not False))
    return tenant.update(user, {"lastPasswordChangeDateTime": now()})


def is_last_global_administrator(tenant: Tenant, principal_id: str) -> bool:
    """Whether a user is a Global Administrator, and no other user is one without an end.

    Who is one for a time alone does not count: the clock would leave the tenant with nobody, and ask no rule.
    """
    held = [
        assignment
        for assignment in tenant.assignments_to(GLOBAL_ADMINISTRATOR.id)
        if assignment.scope == TENANT_SCOPE and tenant.get(Kind.USER, assignment.principal_id) is not None
    ]
    others = (one for one in held if one.principal_id != principal_id)
    return any(one.principal_id == principal_id for one in held) and all(one.term.ends for one in others)


def _listed(call: Call) -> Iterable[Entity]:
    upn = call.query.where.equals("userPrincipalName")
    if upn is None:
        return call.tenant.scan(Kind.USER, call.query.after)
    # The one question that every client asks a large tenant: answered by the index of names.
    user = call.tenant.named(Kind.USER, upn)
    return [user] if user is not None and call.query.after == 0 else []


def _create(call: Call, given: JsonObject) -> Entity:
    profile = given.pop("passwordProfile", None)
    if not isinstance(profile, dict) or profile.get("password") is None:
        raise errors.value_required("passwordProfile", USER.title)
    return keep_password(call.tenant, create(call.tenant, given), profile)


def _update(call: Call, user: Entity, given: JsonObject) -> None:
    if not given.keys() <= _OF_THE_CLOUD:
        _refuse_synchronised(user)
    profile = given.pop("passwordProfile", None)
    _check(call.tenant, given, user)
    upn = given.get("userPrincipalName")
    user = call.tenant.update(user, given | _derived(call.tenant, given), name=upn if isinstance(upn, str) else None)
    if isinstance(profile, dict):
        keep_password(call.tenant, user, profile)
    filled_groups.place(call.tenant, user)


def _refuse_synchronised(user: Entity) -> None:
    if user.document["onPremisesSyncEnabled"] is True:
        raise errors.mastered_on_premises()


def _delete(call: Call, user: Entity) -> None:
    if is_last_global_administrator(call.tenant, user.id):
        raise errors.last_global_administrator()
    call.tenant.soft_delete(user)


FAMILY: Final = Family(
    USER,
    "/users/{user}",
    LIST_USERS,
    CHANGE_USER,
    noun="user",
    category=Category.USERS,
    creates=WRITE_USERS,
    deletes=DELETE_USER,
    accounts=True,
    counted=True,
    listed=_listed,
    find=lambda call: find(call.tenant, call["user"]),
    create=_create,
    update=_update,
    delete=_delete,
)
ENDPOINTS: Final = declared(FAMILY)


@ENDPOINTS.change(
    "POST",
    "/users/{user}/revokeSignInSessions",
    REVOKE_SESSIONS,
    "Update StsRefreshTokenValidFrom Timestamp",
    status=200,
    needs_body=False,
)
def _revoke_sessions(call: Call) -> JsonObject:
    user = find(call.tenant, call["user"])
    call.tenant.update(user, {"signInSessionsValidFromDateTime": now()})
    return {"@odata.context": f"{call.origin}/{call.version}/$metadata#Edm.Boolean", "value": True}


@ENDPOINTS.get("/users/{user}/manager", READ_USERS)
def _get_manager(call: Call) -> JsonObject:
    user = find(call.tenant, call["user"])
    manager = next(call.tenant.targets(user.id, Relation.MANAGER), None)
    return call.any_of_many_kinds(errors.existing(manager, "manager"))


@ENDPOINTS.change("PUT", "/users/{user}/manager/$ref", WRITE_USERS, "Set user manager")
def _put_manager(call: Call) -> None:
    user, manager = find(call.tenant, call["user"]), call.reference()
    if manager.kind is not Kind.USER or manager.id == user.id:
        raise errors.invalid_value("manager", USER.title)
    _refuse_synchronised(user)
    call.tenant.unlink_all(user.id, Relation.MANAGER)
    call.tenant.link(user.id, Relation.MANAGER, manager.id)


@ENDPOINTS.change("DELETE", "/users/{user}/manager/$ref", WRITE_USERS, "Remove user manager")
def _delete_manager(call: Call) -> None:
    user = find(call.tenant, call["user"])
    _refuse_synchronised(user)
    if not call.tenant.unlink_all(user.id, Relation.MANAGER):
        raise errors.not_found("manager")


def _check(tenant: Tenant, given: JsonObject, user: Entity | None = None) -> None:
    """Refuse values that the shape of a property admits and the directory does not."""
    USER.refuse_empty(given)
    for name, is_valid in (
        ("usageLocation", _is_country),
        ("passwordPolicies", _are_policies),
    ):
        value = given.get(name)
        if isinstance(value, str) and not is_valid(value):
            raise errors.invalid_value(name, USER.title)
    if "mailNickname" in given and not is_nickname(given["mailNickname"]):
        raise errors.invalid_value("mailNickname", USER.title)
    _check_addresses(given, user)
    upn = given.get("userPrincipalName")
    if isinstance(upn, str):
        _check_upn(tenant, upn, user)
    mail = given.get("mail")
    if isinstance(mail, str) and mail:
        check_address(tenant, mail, user)


def check_address(tenant: Tenant, mail: str, user: Entity | None = None) -> None:
    """Refuse an e-mail address of another user or group: Microsoft compares the addresses of them all."""
    if any(user is None or holder.id != user.id for holder in tenant.with_mail(mail)):
        raise errors.taken("proxyAddresses")


def is_nickname(value: JsonValue) -> bool:
    """Whether a user or a group can have this mail nickname, which has no space and few marks."""
    return isinstance(value, str) and _NICKNAME.fullmatch(value) is not None and _NOT_IN_A_NICKNAME.isdisjoint(value)


def _check_addresses(given: JsonObject, user: Entity | None) -> None:
    """A user may begin without an address, and is never left without one; there is one business telephone."""
    mail, phones = given.get("mail"), given.get("businessPhones")
    no_address = "mail" in given and mail is None and user is not None
    if no_address or (isinstance(mail, str) and _MAIL.fullmatch(mail) is None):
        raise errors.invalid_value("mail", USER.title)
    if isinstance(phones, list) and (len(phones) > 1 or not all(0 < len(str(phone)) <= _PHONE for phone in phones)):
        raise errors.invalid_value("businessPhones", USER.title)
    others = given.get("otherMails")
    if isinstance(others, list) and not all(0 < len(str(other)) <= _OTHER and str(other).isascii() for other in others):
        raise errors.invalid_value("otherMails", USER.title)


def _check_upn(tenant: Tenant, upn: str, user: Entity | None) -> None:
    parts = _UPN.fullmatch(upn)
    if parts is None:
        raise errors.invalid_value("userPrincipalName", USER.title)
    if tenant.named(Kind.DOMAIN, parts["domain"]) is None:
        raise errors.unverified_domain()
    holder = tenant.named(Kind.USER, upn)
    if holder is not None and (user is None or holder.id != user.id):
        raise errors.taken("userPrincipalName")


def _is_country(value: str) -> bool:
    return value.isupper() and pycountry.countries.get(alpha_2=value) is not None


def _are_policies(value: str) -> bool:
    return value == "None" or {policy.strip() for policy in value.split(",")} <= _POLICIES


def _derived(tenant: Tenant, given: JsonObject) -> JsonObject:
    """Return what follows from the sign-in name and the address that are given, if any."""
    derived: JsonObject = {}
    if "mail" in given:
        derived["proxyAddresses"] = [f"SMTP:{given['mail']}"] if given["mail"] else []
    if "userPrincipalName" in given:
        upn: JsonObject = {"signInType": "userPrincipalName", "issuerAssignedId": given["userPrincipalName"]}
        derived["identities"] = [{**upn, "issuer": domains.initial(tenant)}]
    return derived
