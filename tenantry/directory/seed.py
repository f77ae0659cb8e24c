"""People, groups, applications, roles and licences that are put into a tenant together, all of them or none.

As people write them in YAML; the schema of such files is `schemas/seed.schema.json`:

    users:
      bob@contoso.example: {displayName: Bob}
    guests:
      eve@fabrikam.example: {displayName: Eve}
    groups:
      Ops: {members: [bob@contoso.example, eve@fabrikam.example], owners: [ada@contoso.example]}
    roles:
      Billing Administrator: [bob@contoso.example]
    licences: []

A user is new; a group that has the name is taken as it is, and otherwise made. Members and holders of roles are user
principal names, the e-mail addresses of guests, or names of groups or applications. The tenant has exactly the licences
that are named; left out, they stay as they are. What a seed says is put there by the functions and endpoints that
answer Microsoft Graph's requests, so that the same rules hold; only what time alone makes (dates, sign-ins, what was
synchronised or has expired) is written as it is.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from tenantry.graph_permissions import permissions
from tenantry.role_templates import ROLE_TEMPLATES, RoleTemplate, role_template_named
from tenantry.spelling import misspelt

from . import (
    app,
    audit,
    authentication_methods,
    domains,
    errors,
    groups,
    licences,
    references,
    relationship_states,
    relationships,
    roles,
    service_principals,
    users,
)
from .documents import JsonObject, JsonValue, moment, now
from .endpoint import Activity, Call, Caller, Category
from .errors import GraphError
from .identifiers import new_id, stable_id
from .passwords import hash_secret
from .resources import RELATIONSHIP, USER, Kind
from .seed_model import (
    PROFILE,
    RelationshipStatus,
    Seed,
    SeedApplication,
    SeedDeletedUser,
    SeedGroup,
    SeedGuest,
    SeedPerson,
    SeedRelationship,
    SeedUnit,
    SeedUser,
)
from .tenant import Entity, Relation, Secret, Tenant


@dataclass(frozen=True)
class _Expected:
    """What may stand in a place, and what to do where something else does."""

    what: str
    remediation: str


_NEW_USER: Final = _Expected(
    "a new user principal name in a verified domain of the tenant", "correct it, or remove it if the user is there"
)
_NEW_GUEST: Final = _Expected(
    "an e-mail address that nobody of the tenant has", "correct it, or remove it if the guest is there"
)
_PASSWORD: Final = _Expected(
    "8 to 256 characters, of three kinds among lower case, upper case, digits and symbols",
    "write another, or leave it out",
)
_LICENCE: Final = _Expected(
    "a licence that the tenant has, and a usageLocation", "add it to `licences` of the file, or the usageLocation"
)
_MANAGER: Final = _Expected("a user of the tenant or of this file", "correct it, or remove it")
_GROUP: Final = _Expected("the name of a group, there or new", "choose another name")
_MEMBER_OF: Final = _Expected(
    "the name of a group of the tenant or of this file", "correct it, remove it, or write it under `groups`"
)
_APPLICATION: Final = _Expected("what Microsoft Graph takes of an application", "correct it, or remove it")
_PERMISSION: Final = "an application permission of Microsoft Graph, such as `User.Read.All`"
_UNIT: Final = _Expected("what Microsoft Graph takes of an administrative unit", "correct it, or remove it")
_PRINCIPAL: Final = _Expected(
    "a user, guest, group or application, of the tenant or of this file, that can be put there",
    "correct it, remove it, or write it under `users`, `guests`, `groups` or `applications`",
)
_RELATIONSHIP: Final = _Expected("what Microsoft Graph takes of a relationship", "correct it, or remove it")
_CONTAINER: Final = _Expected(
    "the name of a security group, of the tenant or of this file, and roles among those of the relationship",
    "correct it, remove it, or write it under `groups`",
)
_APPROVED: Final = (RelationshipStatus.ACTIVE, RelationshipStatus.TERMINATED, RelationshipStatus.EXPIRED)
_ROLE_NAMES: Final = sorted(template.name for template in ROLE_TEMPLATES.values())
_ROLE: Final = "a built-in role of Microsoft Entra ID, by its name"

_Path = tuple[str | int, ...]
_CREATING: Final = {endpoint.path: endpoint for endpoint in app.endpoints() if endpoint.method == "POST"}


@dataclass(frozen=True)
class Rejected:
    """An entry that the tenant does not take."""

    path: _Path
    """The way to it through the maps and lists of the seed."""
    is_key: bool
    """Whether the last key of the path is what is wrong, and not what stands there."""
    actual: str | None
    """What stands there; None for a password."""
    reason: str
    expected: str
    remediation: str


class SeedError(Exception):
    """What a seed holds cannot be put into a tenant: with every entry that is rejected."""

    def __init__(self, rejected: list[Rejected]) -> None:
        self.rejected = tuple(rejected)
        super().__init__("; ".join(f"{'.'.join(map(str, entry.path))}{entry.reason}" for entry in rejected))


def plant(tenant: Tenant, seed: Seed) -> None:
    """Add what a seed says, in the caller's transaction. Raises SeedError with every mistake."""
    bed = _Bed(tenant, seed)
    if seed.licences is not None:
        licences.give(tenant, seed.licences)
    for name, group in seed.groups.items():
        with bed.trying(("groups", name), name, _GROUP, is_key=True):
            bed.add_group(name, group)
    for index, deleted in enumerate(seed.deletedUsers):
        bed.add_deleted_user(index, deleted)
    for upn, user in seed.users.items():
        with bed.trying(("users", upn), upn, _NEW_USER, is_key=True):
            bed.add_user(("users", upn), upn, user)
    for mail, guest in seed.guests.items():
        with bed.trying(("guests", mail), mail, _NEW_GUEST, is_key=True):
            bed.add_guest(mail, guest)
    for name, application in seed.applications.items():
        with bed.trying(("applications", name), name, _APPLICATION, is_key=True):
            bed.add_application(("applications", name), name, application)
    # Everybody is there: now who belongs to whom.
    for upn, user in seed.users.items():
        bed.set_manager(("users", upn, "manager"), tenant.named(Kind.USER, upn), user.manager)
    for index, deleted in enumerate(seed.deletedUsers):
        bed.set_manager(("deletedUsers", index, "manager"), bed.deleted.get(index), deleted.manager)
    for name, application in seed.applications.items():
        for index, owner in enumerate(application.owners):
            with bed.trying(("applications", name, "owners", index), owner, _PRINCIPAL):
                bed.own_application(name, owner)
    for name, group in seed.groups.items():
        for relation, targets in ((Relation.MEMBER, group.members), (Relation.OWNER, group.owners)):
            for index, target in enumerate(targets):
                with bed.trying(("groups", name, str(relation), index), target, _PRINCIPAL):
                    bed.add_to_group(name, relation, target)
        if group.onPremisesSyncEnabled is not None:
            bed.synchronise_group(name, group)
    for name, unit in seed.administrativeUnits.items():
        with bed.trying(("administrativeUnits", name), name, _UNIT, is_key=True):
            bed.add_unit(("administrativeUnits", name), name, unit)
    bed.give_roles(("roles",), seed.roles)
    bed.give_roles(("eligibleRoles",), seed.eligibleRoles, eligible=True)
    for name, relationship in seed.relationships.items():
        with bed.trying(("relationships", name), name, _RELATIONSHIP, is_key=True):
            bed.add_relationship(("relationships", name), name, relationship)
    bed.synchronise_tenant()
    if bed.rejected:
        raise SeedError(bed.rejected)


class _NotUsableError(Exception):
    """A name that cannot be used, and why."""


@dataclass
class _Bed:
    """A tenant that a seed is put into, and what was wrong so far."""

    tenant: Tenant
    seed: Seed
    rejected: list[Rejected] = field(default_factory=list)
    deleted: dict[int, Entity] = field(default_factory=dict)
    """Who is deleted already, by their place in the seed."""

    @contextmanager
    def trying(self, path: _Path, actual: str | None, expected: _Expected, *, is_key: bool = False) -> Iterator[None]:
        try:
            yield
        except _NotUsableError as error:
            self.reject(path, actual, f", {error}", expected, is_key=is_key)
        except GraphError as error:
            self.reject(path, actual, f", which is refused ({error})", expected, is_key=is_key)

    def reject(
        self, path: _Path, actual: str | None, reason: str, expected: _Expected, *, is_key: bool = False
    ) -> None:
        self.rejected.append(Rejected(path, is_key, actual, reason, expected.what, expected.remediation))

    # --- people

    def add_user(self, path: _Path, upn: str, given: SeedUser) -> Entity:
        document: JsonObject = {**_profile(given), "mailNickname": upn.partition("@")[0], "userPrincipalName": upn}
        if given.mail is not None:
            document["mail"] = given.mail
        if given.userType is not None:
            document["userType"] = given.userType
        if given.onPremisesSyncEnabled is not None:
            document |= _synchronised(self.tenant, upn, given)
        user = self._add_person(upn, given, document)
        if given.password is not None:
            with self.trying((*path, "password"), None, _PASSWORD):
                users.keep_password(self.tenant, user, {"password": given.password.get_secret_value()})
        for index, licence in enumerate(given.licences):
            with self.trying((*path, "licences", index), licence.value, _LICENCE):
                user = licences.assign(self.tenant, user, [{"skuId": licences.PRODUCTS[licence].sku_id}], ())
        return user

    def add_deleted_user(self, index: int, given: SeedDeletedUser) -> None:
        path: _Path = ("deletedUsers", index)
        upn = given.userPrincipalName
        with self.trying((*path, "userPrincipalName"), upn, _NEW_USER):
            user = self.add_user(path, upn, given)
            for place, name in enumerate(given.memberOf):
                with self.trying((*path, "memberOf", place), name, _MEMBER_OF):
                    group = self._group(name)
                    if group is not None:
                        groups.add_member(self.tenant, group, user)
            for place, role in enumerate(given.roles):
                template = self._role((*path, "roles", place), role)
                if template is not None:
                    roles.assign(self.tenant, template.id, user.id)
            deleted = self.deleted[index] = self.tenant.soft_delete(user)
            if given.deleted is not None:
                self.tenant.update(deleted, {"deletedDateTime": _at(given.deleted)})
            self._note("Delete user", Category.USERS, [deleted])

    def add_guest(self, mail: str, given: SeedGuest) -> None:
        nickname = f"{mail.replace('@', '_')}#EXT#"
        upn = self._guest_name(mail)
        document: JsonObject = {
            **_profile(given),
            "creationType": "Invitation",
            "externalUserState": given.externalUserState,
            "externalUserStateChangeDateTime": _at(given.created),
            "mail": mail,
            "mailNickname": nickname,
            "otherMails": [mail],
            "userPrincipalName": upn,
            "userType": "Guest",
        }
        self._add_person(upn, given, document)

    def _add_person(self, upn: str, given: SeedPerson, document: JsonObject) -> Entity:
        document |= {"accountEnabled": given.accountEnabled, "createdDateTime": _at(given.created)}
        if given.lastSignIn is not None:
            document["signInActivity"] = _signed_in(self.tenant, upn, given.lastSignIn)
        user = users.create(self.tenant, document)
        for method in given.authenticationMethods:
            authentication_methods.register(self.tenant, user, method, _at(given.created))
        self._note("Add user", Category.USERS, [user])
        return user

    def set_manager(self, path: _Path, user: Entity | None, manager: str | None) -> None:
        if user is None or manager is None:
            return
        with self.trying(path, manager, _MANAGER):
            above = self._principal(manager)
            if above is not None and (above.kind is not Kind.USER or above.id == user.id):
                raise errors.invalid_value("manager", USER.title)
            if above is not None:
                self.tenant.link(user.id, Relation.MANAGER, above.id)

    # --- groups and units

    def add_group(self, name: str, given: SeedGroup) -> None:
        if self._groups(name):
            return
        types = ["Unified"] * given.unified + ["DynamicMembership"] * (given.membershipRule is not None)
        state = given.membershipRuleProcessingState or ("On" if given.membershipRule else None)
        document: JsonObject = {
            "createdDateTime": _at(given.created),
            "description": given.description,
            "displayName": name,
            "groupTypes": [*types],
            "isAssignableToRole": given.isAssignableToRole,
            "mailEnabled": given.unified,
            "mailNickname": re.sub(r"[^A-Za-z0-9]", "", name)[:64] or "group",
            "membershipRule": given.membershipRule,
            "membershipRuleProcessingState": state,
            "securityEnabled": not given.unified,
        }
        self._note("Add group", Category.GROUPS, [groups.create(self.tenant, document)])

    def add_to_group(self, name: str, relation: Relation, target: str) -> None:
        group, entity = self._group(name), self._principal(target)
        if group is None or entity is None:
            return
        if relation is Relation.MEMBER:
            groups.add_member(self.tenant, group, entity)
        else:
            references.add(self.tenant, group, relation, entity, references.OWNERS)
        activity = f"Add {relation.removesuffix('s')} to group"
        self._note(activity, Category.GROUPS, [group, entity], relation)

    def synchronise_group(self, name: str, given: SeedGroup) -> None:
        group = self._group(name)
        if group is not None:
            changes: JsonObject = {
                "onPremisesSamAccountName": name,
                "onPremisesSecurityIdentifier": _security_identifier(self.tenant, name),
                "onPremisesSyncEnabled": given.onPremisesSyncEnabled,
            }
            self.tenant.update(group, changes)

    def synchronise_tenant(self) -> None:
        """A tenant that has anything synchronised is one that synchronises."""
        synchronised: list[SeedUser | SeedGroup] = [*self.seed.users.values(), *self.seed.groups.values()]
        organization = self.tenant.get(Kind.ORGANIZATION, self.tenant.id)
        if organization is not None and any(one.onPremisesSyncEnabled for one in synchronised):
            self.tenant.update(organization, {"onPremisesSyncEnabled": True})

    def add_unit(self, path: _Path, name: str, given: SeedUnit) -> None:
        body: JsonObject = {
            "description": given.description,
            "displayName": name,
            "isMemberManagementRestricted": given.isMemberManagementRestricted,
        }
        unit = self._ask("/directory/administrativeUnits", body)
        for index, member in enumerate(given.members):
            with self.trying((*path, "members", index), member, _PRINCIPAL):
                entity = self._principal(member)
                if entity is not None:
                    reference: JsonObject = {"@odata.id": f"https://localhost/v1.0/directoryObjects/{entity.id}"}
                    self._ask("/directory/administrativeUnits/{unit}/members/$ref", reference, unit=str(unit["id"]))
        self.give_roles((*path, "roles"), given.roles, scope=f"/administrativeUnits/{unit['id']}")

    # --- applications

    def add_application(self, path: _Path, name: str, given: SeedApplication) -> None:
        if given.appOwnerOrganizationId is not None:
            client_id = stable_id(given.appOwnerOrganizationId, f"applications/{name}")
            if self.tenant.named(Kind.SERVICE_PRINCIPAL, client_id) is not None:
                raise errors.service_principal_exists(client_id)
            principal = service_principals.create(
                self.tenant,
                object_id=new_id(),
                client_id=client_id,
                display_name=name,
                owned_by=given.appOwnerOrganizationId,
            )
            self._add_credentials(path, principal, given)
        else:
            registered = self._ask("/applications", {"displayName": name})
            application = self.tenant.find(str(registered["id"]))
            if application is not None:
                self._add_credentials(path, application, given)
            made = self._ask("/servicePrincipals", {"appId": registered["appId"]})
            principal = errors.existing(self.tenant.find(str(made["id"])), name)
        changes: JsonObject = {"accountEnabled": given.accountEnabled}
        if given.created is not None:
            changes["createdDateTime"] = _at(given.created)
        principal = self.tenant.update(principal, changes)
        self._note("Add service principal", Category.APPLICATIONS, [principal])
        known = {value: id_ for id_, value in permissions().application.items()}
        for index, permission in enumerate(given.permissions):
            if permission not in known:
                near = misspelt(permission, sorted(known))
                expected = _Expected(_PERMISSION, f"did you mean `{near}`?" if near else "correct it, or remove it")
                self.reject((*path, "permissions", index), permission, "", expected)
                continue
            with self.trying((*path, "permissions", index), permission, _APPLICATION):
                self._consent(principal, known[permission])

    def _add_credentials(self, path: _Path, owner: Entity, given: SeedApplication) -> None:
        changes: JsonObject = {} if given.created is None else {"createdDateTime": _at(given.created)}
        passwords: list[JsonObject] = []
        for name, password in given.passwords.items():
            key_id = new_id()
            passwords.append({**_dated(name, password.starts, password.expires), "hint": None, "keyId": key_id})
            if password.secret is not None:
                secret = Secret(hash_secret(password.secret.get_secret_value()), False)
                self.tenant.keep_secret(f"{owner.id}/{key_id}", secret)
        certificates: list[JsonObject] = [
            {
                **_dated(f"CN={name}", certificate.starts, certificate.expires),
                "customKeyIdentifier": hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest().upper(),
                "key": None,
                "keyId": new_id(),
                "type": "AsymmetricX509Cert",
                "usage": "Verify",
            }
            for name, certificate in given.certificates.items()
        ]
        changes |= {"keyCredentials": [*certificates], "passwordCredentials": [*passwords]}
        self.tenant.update(owner, changes)
        for name, credential in given.federatedCredentials.items():
            with self.trying((*path, "federatedCredentials", name), name, _APPLICATION, is_key=True):
                body: JsonObject = {"name": name, **credential.model_dump()}
                self._ask("/applications/{application}/federatedIdentityCredentials", body, application=owner.id)

    def _consent(self, principal: Entity, role_id: str) -> None:
        graph = self.tenant.named(Kind.SERVICE_PRINCIPAL, service_principals.MICROSOFT_GRAPH)
        resource = graph or service_principals.of_microsoft(self.tenant, service_principals.MICROSOFT_GRAPH)
        body: JsonObject = {"appRoleId": role_id, "principalId": principal.id, "resourceId": resource.id}
        self._ask("/servicePrincipals/{principal}/appRoleAssignedTo", body, principal=resource.id)

    def own_application(self, name: str, owner: str) -> None:
        entity = self._principal(owner)
        for kind in (Kind.APPLICATION, Kind.SERVICE_PRINCIPAL):
            for owned in [*self._called(kind, name)]:
                if entity is not None:
                    references.add(self.tenant, owned, Relation.OWNER, entity, references.OWNERS)

    # --- customers

    def add_relationship(self, path: _Path, name: str, given: SeedRelationship) -> None:
        if self.tenant.named(Kind.SERVICE_PRINCIPAL, service_principals.CUSTOMER_ADMINISTRATION) is None:
            service_principals.of_microsoft(self.tenant, service_principals.CUSTOMER_ADMINISTRATION)
        details = self._details((*path, "roles"), given.roles)
        body: JsonObject = {
            **given.model_dump(include={"autoExtendDuration", "customer", "duration"}),
            "accessDetails": details,
            "displayName": name,
        }
        if details is None:
            return
        made = relationships.create(self.tenant, RELATIONSHIP.accept(body, creating=True))
        changes: JsonObject = {"status": given.status, "createdDateTime": _at(given.created) or now()}
        lasts = relationship_states.length(given.duration) or timedelta()
        if given.status in _APPROVED:
            left = lasts if given.endsInDays is None else timedelta(days=given.endsInDays)
            if left > lasts:
                raise _NotUsableError("which ends later than its duration allows")
            left = left if given.status is RelationshipStatus.ACTIVE else timedelta()
            changes |= {"activatedDateTime": moment(left - lasts), "endDateTime": moment(left)}
        active = self.tenant.update(made, {**changes, "status": RelationshipStatus.ACTIVE})
        for group, names in given.assignments.items():
            place: _Path = (*path, "assignments", group)
            with self.trying(place, group, _CONTAINER, is_key=True):
                container, details = self._group(group), self._details(place, names)
                if container is not None and details is not None:
                    self._assign(active, container, details)
        self.tenant.update(active, changes)
        self._note("Create delegated admin relationship", Category.DIRECTORY, [active])

    def _assign(self, relationship: Entity, group: Entity, details: JsonObject) -> None:
        container: JsonObject = {"accessContainerId": group.id, "accessContainerType": "securityGroup"}
        given: JsonObject = {"accessContainer": container, "accessDetails": details}
        assigned = relationships.assign(self.tenant, relationship, given)
        self.tenant.update(assigned, {"status": "active"})

    def _details(self, path: _Path, names: list[str]) -> JsonObject | None:
        """Return roles as a relationship has them; None if one does not exist, which is reported already."""
        templates = [self._role((*path, index), name) for index, name in enumerate(names)]
        known: list[JsonValue] = [{"roleDefinitionId": template.id} for template in templates if template]
        return {"unifiedRoles": known} if len(known) == len(names) else None

    # --- roles

    def give_roles(
        self, path: _Path, given: Mapping[str, list[str]], *, scope: str = "/", eligible: bool = False
    ) -> None:
        for role, holders in given.items():
            template = self._role((*path, role), role, is_key=True)
            for index, holder in enumerate(holders if template else ()):
                with self.trying((*path, role, index), holder, _PRINCIPAL):
                    entity = self._principal(holder)
                    if entity is not None and template is not None:
                        self._give_role(template, entity, scope, eligible=eligible)

    def _give_role(self, template: RoleTemplate, entity: Entity, scope: str, *, eligible: bool) -> None:
        if eligible:
            body: JsonObject = {
                "action": "adminAssign",
                "directoryScopeId": scope,
                "principalId": entity.id,
                "roleDefinitionId": template.id,
                "scheduleInfo": {"expiration": {"type": "noExpiration"}},
            }
            self._ask("/roleManagement/directory/roleEligibilityScheduleRequests", body)
            self._note("Add eligible member to role", Category.ROLES, [entity])
        else:
            roles.assign(self.tenant, template.id, entity.id, scope)
            self._note("Add member to role", Category.ROLES, [entity])

    def _role(self, path: _Path, role: str, *, is_key: bool = False) -> RoleTemplate | None:
        template = role_template_named(role)
        if template is None:
            near = misspelt(role, _ROLE_NAMES)
            remediation = f"did you mean `{near}`?" if near else "choose one, such as `Billing Administrator`"
            self.reject(path, role, "", _Expected(_ROLE, remediation), is_key=is_key)
        return template

    # --- who is meant

    def _principal(self, name: str) -> Entity | None:
        """What a name means; None if the file has it and it could not be created, which is reported already."""
        if "@" in name:
            user = self.tenant.named(Kind.USER, name) or self.tenant.named(Kind.USER, self._guest_name(name))
            if user is None and name not in self.seed.users and name not in self.seed.guests:
                raise _NotUsableError("which is no user of the tenant or of this file")
            return user
        found = [*self._groups(name), *self._called(Kind.SERVICE_PRINCIPAL, name)]
        if len(found) > 1:
            raise _NotUsableError(f"which {len(found)} groups and applications are called")
        if not found and name not in self.seed.groups and name not in self.seed.applications:
            raise _NotUsableError("which is no group or application of the tenant or of this file")
        return found[0] if found else None

    def _group(self, name: str) -> Entity | None:
        found = self._groups(name)
        if len(found) > 1:
            raise _NotUsableError(f"which {len(found)} groups are called")
        if not found and name not in self.seed.groups:
            raise _NotUsableError("which is no group of the tenant or of this file")
        return found[0] if found else None

    def _groups(self, name: str) -> list[Entity]:
        return [*self._called(Kind.GROUP, name)]

    def _called(self, kind: Kind, name: str) -> Iterator[Entity]:
        return (entity for entity in self.tenant.scan(kind) if entity.document["displayName"] == name)

    def _guest_name(self, mail: str) -> str:
        """The user principal name that Microsoft makes of the address at which somebody is invited."""
        return f"{mail.replace('@', '_')}#EXT#@{domains.initial(self.tenant)}"

    # --- asking as a client does

    def _ask(self, path: str, body: JsonObject, **ids: str) -> JsonObject:
        """Answer a request to create something, as Microsoft Graph would if it allowed it; or refuse."""
        endpoint = _CREATING[path]
        if endpoint.licence is not None and not licences.has(self.tenant, endpoint.licence):
            raise errors.no_premium_licence()
        seeder = Caller(object_id="", client_id="")
        call = Call(self.tenant, seeder, "https://localhost", "v1.0", f"/v1.0{path.format_map(ids)}", ids, body=body)
        answer = endpoint.answer(call)
        return answer if isinstance(answer, dict) else {}

    def _note(self, activity: str, category: Category, targets: list[Entity], *changed: str) -> None:
        by = audit.by_application({"appId": None, "displayName": "tenantry directory seed"})
        self.tenant.note(audit.entry(Activity(activity, category), by, targets, changed, {}))


def _profile(given: SeedPerson) -> JsonObject:
    return given.model_dump(include=set(PROFILE), exclude_none=True)


def _synchronised(tenant: Tenant, upn: str, given: SeedUser) -> JsonObject:
    """What a local Active Directory says of somebody."""
    local, _, domain = upn.partition("@")
    parts = ",".join(f"DC={part}" for part in domain.split("."))
    return {
        "onPremisesDistinguishedName": f"CN={given.displayName},OU=Staff,{parts}",
        "onPremisesDomainName": domain,
        "onPremisesImmutableId": stable_id(tenant.id, f"immutable/{upn}").replace("-", "")[:22] + "==",
        "onPremisesLastSyncDateTime": _at(given.lastSignIn or given.created),
        "onPremisesSamAccountName": local[:20],
        "onPremisesSecurityIdentifier": _security_identifier(tenant, upn),
        "onPremisesSyncEnabled": given.onPremisesSyncEnabled,
        "onPremisesUserPrincipalName": upn,
    }


def _security_identifier(tenant: Tenant, name: str) -> str:
    number = int(hashlib.sha256(f"{tenant.id}/{name}".encode()).hexdigest()[:6], 16)
    return f"S-1-5-21-1004336348-1177238915-682003330-{number}"


def _signed_in(tenant: Tenant, upn: str, on: date) -> JsonObject:
    request = stable_id(tenant.id, f"signIns/{upn}")
    return {
        f"last{kind}SignIn{what}": value
        for kind in ("", "NonInteractive", "Successful")
        for what, value in (("DateTime", _at(on)), ("RequestId", request))
    }


def _dated(name: str, starts: date | None, expires: date | None) -> JsonObject:
    return {
        "customKeyIdentifier": None,
        "displayName": name,
        "endDateTime": _at(expires) or moment(timedelta(days=730)),
        "startDateTime": _at(starts) or now(),
    }


def _at(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00Z"
