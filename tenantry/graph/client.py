"""The reader of Microsoft Graph: typed, page by page, and unable to write.

Source: Microsoft Graph's reference (v1.0), "Paging Microsoft Graph data in your app" and "Microsoft Graph throttling
guidance". Members of groups are read from beta, as the azuread provider reads them: v1.0 has left service principals
out of them, and a look for undeclared principals must show those.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, Self, TypeVar
from urllib.parse import quote

import httpx
from httpx_retries import Retry, retry_request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenantry.graph.clouds import Cloud, cloud_of
from tenantry.graph.credentials import Bearer, SignIn, sign_in, token_of
from tenantry.graph.errors import (
    LICENCES,
    GraphError,
    SignInError,
    UnreachableError,
    no_licence,
    not_permitted,
    unexpected,
)
from tenantry.graph.models import (
    AccessAssignment,
    ActivatedRole,
    Addressed,
    AddressedGroup,
    AdministrativeUnit,
    AuditEntry,
    AuthenticationMethod,
    ConditionalAccessPolicy,
    ConsentGrant,
    Credential,
    DeletedUser,
    Domain,
    EligibilityRequest,
    GraphObject,
    Group,
    GroupEligibility,
    Member,
    Organization,
    OwnedApplication,
    OwnedGroup,
    OwnedServicePrincipal,
    PermissionGranted,
    Registration,
    Relationship,
    RoleAssignment,
    RoleDefinition,
    SecurityDefaults,
    ServicePrincipal,
    SignIns,
    User,
)
from tenantry.graph.permissions import Reading
from tenantry.graph.transport import READING, RETRY, client, code_of, reason

_Item = TypeVar("_Item", bound=GraphObject)
_Read = TypeVar("_Read", bound=BaseModel)
_Owned = TypeVar("_Owned", OwnedGroup, OwnedApplication, OwnedServicePrincipal)
_PAGE: Final = "999"
_MOST_IN_A_FILTER: Final = 15
_MOST_EXPANDED: Final = 20
"""So many owners Microsoft Graph shows beside an object itself, and no more."""
_ROLES: Final = "/v1.0/roleManagement/directory"
_RELATIONSHIPS: Final = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_GRAPH: Final = "00000003-0000-0000-c000-000000000000"
"""The client id of Microsoft Graph itself, the same in every tenant."""


class _Page(BaseModel, Generic[_Item]):
    model_config = ConfigDict(extra="ignore")

    value: tuple[_Item, ...]
    next_link: str | None = Field(None, alias="@odata.nextLink")


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore")

    oid: str | None = None
    tid: str | None = None
    idtyp: str | None = None
    roles: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Caller:
    """Who reads, as the token says: the object id of the service principal or account, the tenant's id, and more."""

    object_id: str | None
    tenant_id: str | None
    permissions: frozenset[str] | None = None
    """The application permissions of an application, by name; None for a person, and where the token does not say."""


class GraphReader:
    """Reads one tenant. Use it as a context manager.

    Listings are generators, and ask for a page when it is needed. A page that cannot be read raises, so that a part is
    never taken for the whole. Every method raises GraphError: NotReadableError where the application may not read this
    part, UnreachableError and SignInError where it can read nothing.
    """

    def __init__(
        self,
        cloud: Cloud,
        identity: SignIn,
        environment: Mapping[str, str] | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
        retry: Retry = RETRY,
    ) -> None:
        """``transport`` and ``retry`` stand in for the network and its waits, in tests."""
        self._cloud, self._identity, self._retry = cloud, identity, retry
        self._counts: Counter[Reading] = Counter()
        self._base = httpx.URL(cloud.graph)
        self._http = client(
            cloud.graph,
            os.environ if environment is None else environment,
            transport,
            auth=Bearer(identity, cloud),
            counts=self._counts,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Sign in as the azuread provider would, from `environment` (by default this process's own)."""
        variables = os.environ if environment is None else environment
        cloud = cloud_of(variables)
        return cls(cloud, sign_in(variables, cloud), variables)

    def __repr__(self) -> str:
        return f"GraphReader({self._cloud.graph}, {self._identity.who})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections, those of the sign-in too."""
        self._http.close()
        # Every credential of azure-identity can be closed, and the protocol that they share does not say so.
        getattr(self._identity.credential, "close", lambda: None)()

    @property
    def requests(self) -> Mapping[Reading, int]:
        """How many requests were sent so far, by what they read; each try counts."""
        return dict(self._counts)

    # --- the tenant

    def caller(self) -> Caller:
        """Who reads. Nothing is asked but the sign-in."""
        import jwt  # brings along all of cryptography, and most runs do not ask

        try:
            claims = _Claims.model_validate(
                jwt.decode(token_of(self._identity, self._cloud), options={"verify_signature": False})
            )
        except (jwt.InvalidTokenError, ValidationError):
            # Microsoft asks nobody to rely on what is in its tokens: what they show is a convenience.
            return Caller(None, None)
        permissions = claims.roles if claims.roles is not None or claims.idtyp != "app" else ()
        return Caller(
            claims.oid and claims.oid.lower(),
            claims.tid and claims.tid.lower(),
            None if permissions is None or claims.idtyp == "user" else frozenset(permissions),
        )

    def organization(self) -> Organization:
        """The tenant's own record."""
        found = list(self._list(Reading.ORGANIZATION, Organization, "/v1.0/organization"))
        if len(found) != 1:
            raise unexpected(Reading.ORGANIZATION, f"answered with {len(found)} of them")
        return found[0]

    def domains(self) -> Iterator[Domain]:
        """Every domain, verified or not."""
        return self._list(Reading.DOMAINS, Domain, "/v1.0/domains")

    # --- people

    def users(self) -> Iterator[User]:
        """Every account."""
        return self._list(Reading.USERS, User, "/v1.0/users", {"$top": _PAGE})

    def user(self, name: str) -> User | None:
        """The account of an object id or a UPN, if it exists."""
        return self._one(Reading.USERS, User, f"/v1.0/users/{quote(name, safe='@')}")

    def users_by_id(self, ids: Iterable[str]) -> Iterator[User]:
        """Those of some object ids that are accounts."""
        return self._by_id(Reading.USERS, User, "/v1.0/users", ids)

    def users_named(self, upns: Iterable[str]) -> Iterator[User]:
        """The accounts with one of some sign-in names, compared without case."""
        for some in _few(upns):
            yield from self._list(Reading.USERS, User, "/v1.0/users", {"$filter": _is_in("userPrincipalName", some)})

    def users_with_address(self, addresses: Iterable[str]) -> Iterator[Addressed]:
        """The accounts with one of some e-mail addresses, primary or not, compared without case."""
        return self._with_address(Reading.USERS, Addressed, "/v1.0/users", addresses)

    def deleted_users(self) -> Iterator[DeletedUser]:
        """The accounts that were deleted within thirty days."""
        return self._list(Reading.DELETED_USERS, DeletedUser, "/v1.0/directory/deletedItems/microsoft.graph.user")

    # --- groups

    def group(self, object_id: str) -> Group | None:
        """The group of an object id, if it exists."""
        return self._one(Reading.GROUPS, Group, f"/v1.0/groups/{quote(object_id, safe='')}")

    def groups_named(self, names: Iterable[str]) -> Iterator[Group]:
        """The groups with one of some display names, compared without case."""
        for some in _few(names):
            yield from self._list(Reading.GROUPS, Group, "/v1.0/groups", {"$filter": _is_in("displayName", some)})

    def groups_by_id(self, ids: Iterable[str]) -> Iterator[Group]:
        """Those of some object ids that are groups."""
        return self._by_id(Reading.GROUPS, Group, "/v1.0/groups", ids)

    def groups_with_address(self, addresses: Iterable[str]) -> Iterator[AddressedGroup]:
        """The groups with one of some e-mail addresses, primary or not, compared without case."""
        return self._with_address(Reading.GROUPS, AddressedGroup, "/v1.0/groups", addresses)

    def role_assignable_groups(self) -> Iterator[Group]:
        """The groups that directory roles can be given to, whether or not one is."""
        return self._list(Reading.GROUPS, Group, "/v1.0/groups", {"$filter": "isAssignableToRole eq true"})

    def owners(self, group_id: str) -> Iterator[Member]:
        """Who owns a group."""
        return self._owners(Reading.GROUPS, "/v1.0/groups", group_id)

    def groups_with_owners(self, ids: Iterable[str]) -> Iterator[OwnedGroup]:
        """Those of some object ids that are groups, with who owns them."""
        return self._with_owners(Reading.GROUPS, OwnedGroup, "/v1.0/groups", "id", ids)

    def group_eligibilities(self, group_id: str) -> Iterator[GroupEligibility]:
        """Who may activate a place in a group."""
        where = "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
        only = {"$filter": f"groupId eq {_quoted(group_id)}"}
        return self._list(Reading.GROUP_ELIGIBILITIES, GroupEligibility, where, only)

    def members(self, group_id: str) -> Iterator[Member]:
        """Who is in a group by itself."""
        return self._members(group_id, "members")

    def transitive_members(self, group_id: str) -> Iterator[Member]:
        """Who is in a group by itself or by a group in it, those groups too."""
        return self._members(group_id, "transitiveMembers")

    def enabled_people_in(self, group_id: str) -> int:
        """How many members of a group are accounts that can sign in."""
        where = f"{self._base}/v1.0/groups/{quote(group_id, safe='')}/members/microsoft.graph.user/$count"
        url = httpx.URL(where).copy_merge_params({"$filter": "accountEnabled eq true"})
        answer = self._answer(Reading.GROUPS, url, headers={"ConsistencyLevel": "eventual"})
        try:
            return int(answer.text.lstrip("\ufeff"))
        except ValueError:
            raise unexpected(Reading.GROUPS, "how many are in one was answered with no number") from None

    def _members(self, group_id: str, relation: str) -> Iterator[Member]:
        where = f"/beta/groups/{quote(group_id, safe='')}/{relation}"
        return self._list(Reading.GROUPS, Member, where, {"$top": _PAGE})

    # --- roles, consent, applications

    def role_assignments(self) -> Iterator[RoleAssignment]:
        """Every directory role that somebody holds, over whatever scope."""
        return self._list(Reading.ROLE_ASSIGNMENTS, RoleAssignment, f"{_ROLES}/roleAssignments")

    def role_eligibilities(self) -> Iterator[RoleAssignment]:
        """Every directory role that somebody may activate."""
        return self._list(Reading.ROLE_ELIGIBILITIES, RoleAssignment, f"{_ROLES}/roleEligibilitySchedules")

    def activated_roles(self) -> Iterator[ActivatedRole]:
        """Every directory role that somebody has activated just now."""
        where = {"$filter": "assignmentType eq 'Activated'"}
        return self._list(Reading.ROLE_ACTIVATIONS, ActivatedRole, f"{_ROLES}/roleAssignmentScheduleInstances", where)

    def role_eligibility_requests(self) -> Iterator[EligibilityRequest]:
        """The requests that made people eligible, or took that away, as far as the directory keeps them."""
        return self._list(Reading.ROLE_ELIGIBILITIES, EligibilityRequest, f"{_ROLES}/roleEligibilityScheduleRequests")

    def role_definitions(self) -> Iterator[RoleDefinition]:
        """Every directory role that the tenant knows, built in or its own."""
        return self._list(Reading.ROLE_DEFINITIONS, RoleDefinition, f"{_ROLES}/roleDefinitions")

    def administrative_units(self) -> Iterator[AdministrativeUnit]:
        """Every administrative unit of the tenant."""
        return self._list(Reading.ADMINISTRATIVE_UNITS, AdministrativeUnit, "/v1.0/directory/administrativeUnits")

    def consent_grants(self) -> Iterator[ConsentGrant]:
        """What applications may do in people's names, tenant-wide and per person."""
        return self._list(Reading.CONSENT_GRANTS, ConsentGrant, "/v1.0/oauth2PermissionGrants")

    def service_principal(self, app_id: str) -> ServicePrincipal | None:
        """An application's service principal, by its client id; None where the tenant has none."""
        where = {"$filter": f"appId eq {_quoted(app_id)}"}
        found = list(self._list(Reading.SERVICE_PRINCIPALS, ServicePrincipal, "/v1.0/servicePrincipals", where))
        if len(found) > 1:
            raise unexpected(Reading.SERVICE_PRINCIPALS, f"answered with {len(found)} of one application id")
        return found[0] if found else None

    def service_principals_by_id(self, ids: Iterable[str]) -> Iterator[ServicePrincipal]:
        """Those of some object ids that are service principals."""
        return self._by_id(Reading.SERVICE_PRINCIPALS, ServicePrincipal, "/v1.0/servicePrincipals", ids)

    def service_principals_with_owners(self, ids: Iterable[str]) -> Iterator[OwnedServicePrincipal]:
        """Those of some object ids that are service principals, with their credentials and owners."""
        where = "/v1.0/servicePrincipals"
        return self._with_owners(Reading.SERVICE_PRINCIPALS, OwnedServicePrincipal, where, "id", ids)

    def permissions_granted(self) -> Iterator[PermissionGranted]:
        """Every application permission of Microsoft Graph that a service principal has."""
        graph = self.service_principal(_GRAPH)
        if graph is not None:
            where = f"/v1.0/servicePrincipals/{quote(graph.id, safe='')}/appRoleAssignedTo"
            yield from self._list(Reading.SERVICE_PRINCIPALS, PermissionGranted, where, {"$top": _PAGE})

    def applications_with_owners(self, app_ids: Iterable[str]) -> Iterator[OwnedApplication]:
        """The applications of some client ids that are registered here, with their credentials and owners."""
        return self._with_owners(Reading.APPLICATIONS, OwnedApplication, "/v1.0/applications", "appId", app_ids)

    def federated_identities(self, application_id: str) -> Iterator[Credential]:
        """Whose tokens an application signs in with, in place of a credential of its own."""
        where = f"/v1.0/applications/{quote(application_id, safe='')}/federatedIdentityCredentials"
        return self._list(Reading.APPLICATIONS, Credential, where, {"$select": "name"})

    # --- how people prove who they are, and what requires it

    def registrations(self) -> Iterator[Registration]:
        """How everybody whose account is enabled can prove who they are."""
        where = "/v1.0/reports/authenticationMethods/userRegistrationDetails"
        return self._list(Reading.REGISTRATIONS, Registration, where, {"$top": _PAGE})

    def authentication_methods(self, user_id: str) -> Iterator[AuthenticationMethod]:
        """How one person can prove who they are, their password among it; no licence is needed to read it."""
        where = f"/v1.0/users/{quote(user_id, safe='')}/authentication/methods"
        return self._list(Reading.METHODS, AuthenticationMethod, where)

    def sign_ins(self, ids: Iterable[str]) -> Iterator[SignIns]:
        """When the accounts of some object ids were last used."""
        return self._by_id(Reading.SIGN_INS, SignIns, "/v1.0/users", ids)

    def security_defaults(self) -> SecurityDefaults:
        """Whether Microsoft's basic protection is on."""
        url = httpx.URL(f"{self._base}/v1.0/policies/identitySecurityDefaultsEnforcementPolicy")
        return self._understood(
            Reading.SECURITY_DEFAULTS, SecurityDefaults, self._answer(Reading.SECURITY_DEFAULTS, url)
        )

    def conditional_access(self) -> Iterator[ConditionalAccessPolicy]:
        """Every policy of Conditional Access, whatever its state."""
        where = "/v1.0/identity/conditionalAccess/policies"
        return self._list(Reading.CONDITIONAL_ACCESS, ConditionalAccessPolicy, where)

    # --- customers

    def relationship(self, relationship_id: str) -> Relationship | None:
        """The relationship of an id, if it exists."""
        return self._one(Reading.RELATIONSHIPS, Relationship, f"{_RELATIONSHIPS}/{quote(relationship_id, safe='')}")

    def relationships(self, display_name: str | None = None) -> Iterator[Relationship]:
        """Every relationship with a customer, or the one of a display name, which is compared without case."""
        only = {"$filter": f"displayName eq {_quoted(display_name)}"} if display_name is not None else {}
        return self._list(Reading.RELATIONSHIPS, Relationship, _RELATIONSHIPS, only)

    def access_assignments(self, relationship_id: str) -> Iterator[AccessAssignment]:
        """What a relationship gives groups of this tenant; those that were deleted are listed for a while."""
        where = f"{_RELATIONSHIPS}/{quote(relationship_id, safe='')}/accessAssignments"
        return self._list(Reading.RELATIONSHIPS, AccessAssignment, where)

    # --- what was done

    def audit_log(self, category: str) -> Iterator[AuditEntry]:
        """What was done in the directory of one category, the latest first, as far as the tenant keeps it."""
        where = {
            "$filter": f"category eq {_quoted(category)}",
            "$orderby": "activityDateTime desc",
            "$top": _PAGE,
        }
        return self._list(Reading.AUDIT_LOG, AuditEntry, "/v1.0/auditLogs/directoryAudits", where)

    # --- how it is read

    def _by_id(self, reading: Reading, model: type[_Item], path: str, ids: Iterable[str]) -> Iterator[_Item]:
        for some in _few(ids):
            yield from self._list(reading, model, path, {"$filter": _is_in("id", some)})

    def _with_owners(
        self, reading: Reading, model: type[_Owned], path: str, name: str, values: Iterable[str]
    ) -> Iterator[_Owned]:
        """Objects with all their owners: those who are not shown beside an object are asked for."""
        for some in _few(values):
            for item in self._list(reading, model, path, {"$filter": _is_in(name, some), "$expand": "owners"}):
                if len(item.owners) < _MOST_EXPANDED:
                    yield item
                else:
                    yield item.model_copy(update={"owners": tuple(self._owners(reading, path, item.id))})

    def _owners(self, reading: Reading, path: str, object_id: str) -> Iterator[Member]:
        return self._list(reading, Member, f"{path}/{quote(object_id, safe='')}/owners")

    def _with_address(
        self, reading: Reading, model: type[_Item], path: str, addresses: Iterable[str]
    ) -> Iterator[_Item]:
        for some in _few(addresses):
            has = " or ".join(f"proxyAddresses/any(a:a eq {_quoted(f'smtp:{address}')})" for address in some)
            yield from self._list(reading, model, path, {"$filter": has})

    def _list(
        self, reading: Reading, model: type[_Item], path: str, options: Mapping[str, str] | None = None
    ) -> Iterator[_Item]:
        selection = model.selection()
        query = {**({"$select": selection} if selection else {}), **(options or {})}
        url = httpx.URL(f"{self._base}{path}").copy_merge_params(query)
        seen: set[httpx.URL] = set()
        while True:
            seen.add(url)
            page = self._understood(reading, _Page[model], self._answer(reading, url))  # type: ignore[valid-type]
            yield from page.value
            if page.next_link is None:
                return
            url = self._next(reading, page.next_link)
            if url in seen:
                raise unexpected(reading, "the pages of its answer repeat")

    def _one(self, reading: Reading, model: type[_Item], path: str) -> _Item | None:
        url = httpx.URL(f"{self._base}{path}").copy_merge_params({"$select": model.selection()})
        answer = self._answer(reading, url, missing=httpx.codes.NOT_FOUND)
        return None if answer.status_code == httpx.codes.NOT_FOUND else self._understood(reading, model, answer)

    def _next(self, reading: Reading, link: str) -> httpx.URL:
        """Where the next page is: at the same address, since the token goes with the request."""
        try:
            url = httpx.URL(link)
        except httpx.InvalidURL:
            raise unexpected(reading, "the address of its next page is not a URL") from None
        here = self._base
        if (url.scheme, url.host, url.port, url.userinfo) != (here.scheme, here.host, here.port, b""):
            raise unexpected(reading, f"its next page would be at another address, {url.host}")
        return url

    def _answer(
        self, reading: Reading, url: httpx.URL, missing: int | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        try:
            answer = retry_request(
                self._http, "GET", url, headers=headers, extensions={READING: reading}, retry=self._retry
            )
        except httpx.HTTPError as error:
            raise UnreachableError(f"{self._cloud.graph} cannot be reached: {reason(error)}.") from None
        if answer.status_code in (httpx.codes.OK, missing):
            return answer
        raise self._refusal(reading, answer)

    def _refusal(self, reading: Reading, answer: httpx.Response) -> GraphError:
        status = answer.status_code
        code = code_of(answer)
        if code in LICENCES:
            return no_licence(reading, code)
        match status:
            case httpx.codes.FORBIDDEN:
                return not_permitted(reading, self._identity.who, code)
            case httpx.codes.UNAUTHORIZED:
                return SignInError(
                    f"{self._cloud.graph} takes no token of {self._identity.who} ({code}): "
                    "see that the clock of this machine is right, and sign in again."
                )
            case httpx.codes.TOO_MANY_REQUESTS:
                return UnreachableError(f"{self._cloud.graph} limits requests at present ({code}): try again later.")
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            return UnreachableError(f"{self._cloud.graph} fails ({status}, {code}): try again later.")
        return unexpected(reading, f"answers {status} ({code})")

    def _understood(self, reading: Reading, model: type[_Read], answer: httpx.Response) -> _Read:
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            wrong = {".".join(map(str, mistake["loc"])) or "the answer" for mistake in error.errors()}
            some = ", ".join(sorted(wrong)[:5])
            raise unexpected(reading, f"parts of its answer are missing or of another type ({some})") from None


def _few(values: Iterable[str]) -> Iterator[list[str]]:
    """Values in the portions that one filter takes, each value once."""
    each = sorted(set(values))
    return (each[start : start + _MOST_IN_A_FILTER] for start in range(0, len(each), _MOST_IN_A_FILTER))


def _is_in(name: str, values: Iterable[str]) -> str:
    return f"{name} in ({','.join(map(_quoted, values))})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
