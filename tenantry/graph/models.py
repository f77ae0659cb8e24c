"""What is read of a tenant. A property that is asked for is there, though it may be null: absent is an error.

Source: Microsoft Graph's reference, the resource types of the same names. Object ids are in lower case.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

ObjectId = Annotated[str, AfterValidator(str.lower)]
_Moment = Annotated[datetime | None, BeforeValidator(lambda value: None if value == "" else value)]
"""A moment that may not have come: Microsoft's examples of relationships leave it out, or write it as an empty text."""


class GraphObject(BaseModel):
    """Something in the directory, as far as it is read."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, validate_by_name=True, extra="ignore", defer_build=True
    )

    @classmethod
    def selection(cls) -> str:
        """The properties to ask for."""
        names = (field.alias or name for name, field in cls.model_fields.items())
        return ",".join(name for name in names if not name.startswith("@"))


class VerifiedDomain(GraphObject):
    """A domain as the organization lists it."""

    name: str
    is_initial: bool


class Organization(GraphObject):
    """The tenant itself."""

    id: ObjectId
    display_name: str | None
    country_letter_code: str | None
    """ISO 3166-1 alpha-2, as chosen at enrolment: it never changes."""
    verified_domains: tuple[VerifiedDomain, ...]
    street: str | None
    city: str | None
    postal_code: str | None

    @property
    def initial_domain(self) -> str | None:
        """The onmicrosoft.com domain that the tenant began with."""
        return next((domain.name for domain in self.verified_domains if domain.is_initial), None)


class Domain(GraphObject):
    """A domain of the tenant, verified or not yet; its id is its name."""

    id: str
    is_verified: bool
    is_initial: bool


class User(GraphObject):
    """A person's account."""

    id: ObjectId
    user_principal_name: str
    display_name: str | None
    mail: str | None
    account_enabled: bool | None
    user_type: str | None
    """Member or Guest; null for some accounts that are older than this property."""
    on_premises_sync_enabled: bool | None
    """Whether the account comes from an on-premises directory; null for one that never did."""
    created_date_time: datetime | None
    last_password_change_date_time: datetime | None
    """When the password was last changed or, where nobody has changed it yet, given; null where there is none."""

    @property
    def is_guest(self) -> bool:
        """Whether the account is a guest's."""
        return is_guest(self.user_type, self.user_principal_name)


class AddressedGroup(GraphObject):
    """A group with its e-mail addresses."""

    id: ObjectId
    display_name: str | None
    proxy_addresses: tuple[str, ...]
    """Each with its kind in front; "SMTP:" in capitals is the primary e-mail address."""


class Addressed(AddressedGroup):
    """A person's account with its e-mail addresses."""

    user_principal_name: str


class DeletedUser(User):
    """An account in the bin, where it stays for thirty days."""

    deleted_date_time: datetime

    @property
    def former_upn(self) -> str:
        """The UPN before it was deleted: deleting puts the object id in front, so that the name is free."""
        return self.user_principal_name.removeprefix(self.id.replace("-", ""))


class Group(GraphObject):
    """A group, without who is in it."""

    id: ObjectId
    display_name: str | None
    security_enabled: bool | None
    on_premises_sync_enabled: bool | None
    group_types: tuple[str, ...] = ()

    @property
    def is_dynamic(self) -> bool:
        """Whether a rule decides who is in it."""
        return "DynamicMembership" in self.group_types

    @property
    def is_unified(self) -> bool:
        """Whether it is a Microsoft 365 group."""
        return "Unified" in self.group_types


class MemberKind(StrEnum):
    """What a member of a group can be."""

    USER = "user"
    GROUP = "group"
    SERVICE_PRINCIPAL = "service principal"
    OTHER = "other object"
    """A device, a contact, or what this version does not know."""


_KINDS = {
    "#microsoft.graph.user": MemberKind.USER,
    "#microsoft.graph.group": MemberKind.GROUP,
    "#microsoft.graph.serviceprincipal": MemberKind.SERVICE_PRINCIPAL,
}


def _kind(value: Any) -> Any:
    if isinstance(value, MemberKind) or not isinstance(value, str):
        return value
    return _KINDS.get(value.lower(), MemberKind.OTHER)


class Member(GraphObject):
    """A member of a group, of any kind.

    What its kind does not have is null, and so is everything but the id where the application may not read objects
    of that kind ("limited information", says the reference).
    """

    id: ObjectId
    kind: Annotated[MemberKind, BeforeValidator(_kind), Field(alias="@odata.type")]
    display_name: str | None = None
    user_principal_name: str | None = None
    account_enabled: bool | None = None
    user_type: str | None = None
    on_premises_sync_enabled: bool | None = None


class RoleAssignment(GraphObject):
    """A directory role that somebody holds; eligible ones have the same shape.

    A built-in role's definition has the id of its template, the same in every tenant. A role that is activated just
    now has an assignment beside its eligibility: :class:`ActivatedRole` distinguishes it from one held all the time.
    """

    id: str
    principal_id: ObjectId
    role_definition_id: ObjectId
    directory_scope_id: str | None
    app_scope_id: str | None

    @property
    def scope(self) -> str:
        """Where it holds: "/" for the whole tenant, else an administrative unit, object or application."""
        return self.directory_scope_id or self.app_scope_id or "/"


class ActivatedRole(RoleAssignment):
    """An active role that somebody activated, and loses again by itself (unifiedRoleAssignmentScheduleInstance)."""

    assignment_type: str
    """Activated, or Assigned where it was given as it is."""
    end_date_time: datetime | None


class EligibilityRequest(GraphObject):
    """A request by which somebody became eligible for a role, or is so no longer; the directory purges it in time."""

    id: ObjectId
    """Also the id of the schedule that it made."""
    justification: str | None = None


class RoleDefinition(GraphObject):
    """What a directory role is called; a built-in one has the id of its template."""

    id: ObjectId
    display_name: str | None


class AdministrativeUnit(GraphObject):
    """What an administrative unit is called."""

    id: ObjectId
    display_name: str | None


class ConsentType(StrEnum):
    """For whom an application was consented to."""

    ALL_PRINCIPALS = "AllPrincipals"
    PRINCIPAL = "Principal"


class ConsentGrant(GraphObject):
    """What an application may do in somebody's name (oAuth2PermissionGrant). Applications go by object id."""

    id: str
    client_id: ObjectId
    consent_type: ConsentType
    principal_id: ObjectId | None
    """Who consented for themselves; null where it is for everybody."""
    resource_id: ObjectId
    scope: str | None
    """Delegated permissions, with spaces between."""


class ServicePrincipal(GraphObject):
    """An application, as it is in this tenant."""

    id: ObjectId
    app_id: ObjectId
    display_name: str | None
    account_enabled: bool | None


class SignInActivity(GraphObject):
    """When somebody was last here; what never happened is left out."""

    last_sign_in_date_time: datetime | None = None
    """By themselves, successful or not."""
    last_non_interactive_sign_in_date_time: datetime | None = None
    """By a program in their name, successful or not."""
    last_successful_sign_in_date_time: datetime | None = None
    """Either way; not known of what was before December 2023."""

    @property
    def last_try(self) -> datetime | None:
        """The latest of all; None where nothing ever happened."""
        moments = (
            self.last_sign_in_date_time,
            self.last_non_interactive_sign_in_date_time,
            self.last_successful_sign_in_date_time,
        )
        return max((moment for moment in moments if moment), default=None)

    @property
    def last(self) -> datetime | None:
        """When they were last let in, as far as that is known; else when they last tried."""
        return self.last_successful_sign_in_date_time or self.last_try


class SignIns(GraphObject):
    """A person's account, and when it was last used; the activity is left out of one that never was."""

    id: ObjectId
    sign_in_activity: SignInActivity | None = None


_NO_SECOND_FACTOR: Final = frozenset({"email", "temporaryAccessPass", "qrCodePin"})


def _method(value: object) -> object:
    if not isinstance(value, str):
        return value
    return value.removeprefix("#microsoft.graph.").removesuffix("AuthenticationMethod")


class Registration(GraphObject):
    """How somebody can prove who they are (userRegistrationDetails); the report leaves out disabled accounts."""

    id: ObjectId
    is_mfa_registered: bool
    """Whether they have registered a strong method, allowed by the policy or not."""
    is_mfa_capable: bool
    """Whether they have registered one that the policy allows."""
    methods_registered: tuple[str, ...]


class AuthenticationMethod(GraphObject):
    """One method of somebody's (authenticationMethod)."""

    id: str
    kind: Annotated[str, BeforeValidator(_method), Field(alias="@odata.type")]
    """fido2, microsoftAuthenticator, phone, password, …"""

    @classmethod
    def selection(cls) -> str:
        """Nothing: the list takes no options."""
        return ""


def registration(account: str, methods: Iterable[AuthenticationMethod]) -> Registration:
    """What the report would say of an account that has some methods, whether or not a policy allows them."""
    kinds = tuple(sorted({one.kind for one in methods} - {"password"}))
    strong = bool(set(kinds) - _NO_SECOND_FACTOR)
    return Registration(id=account, is_mfa_registered=strong, is_mfa_capable=strong, methods_registered=kinds)


class Credential(GraphObject):
    """A secret, certificate or federated identity with which an application can sign in."""

    display_name: str | None = None
    end_date_time: datetime | None = None
    """Null for a federated identity, which does not end."""


class _HasCredentials(GraphObject):
    id: ObjectId
    app_id: ObjectId
    display_name: str | None
    password_credentials: tuple[Credential, ...]
    key_credentials: tuple[Credential, ...]
    owners: tuple[Member, ...]

    @classmethod
    def selection(cls) -> str:
        """All but the owners, who are asked for as an expansion."""
        return ",".join(name for name in super().selection().split(",") if name != "owners")

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Secrets and certificates."""
        return (*self.password_credentials, *self.key_credentials)


class OwnedGroup(GraphObject):
    """A group with its owners."""

    id: ObjectId
    owners: tuple[Member, ...]

    @classmethod
    def selection(cls) -> str:
        """All but the owners, who are asked for as an expansion."""
        return "id"


class GroupEligibility(GraphObject):
    """A place in a group that somebody may activate (privilegedAccessGroupEligibilityScheduleInstance)."""

    group_id: ObjectId
    principal_id: ObjectId
    access_id: str
    """member or owner."""
    end_date_time: datetime | None


class OwnedApplication(_HasCredentials):
    """An application that is registered in this tenant."""


class OwnedServicePrincipal(_HasCredentials):
    """An application as it is in this tenant, wherever it is registered."""

    account_enabled: bool | None
    app_owner_organization_id: ObjectId | None
    """The tenant where it is registered."""
    service_principal_type: str | None


class PermissionGranted(GraphObject):
    """An application permission that a service principal has (appRoleAssignment)."""

    id: str
    app_role_id: ObjectId
    principal_id: ObjectId
    principal_type: str | None
    principal_display_name: str | None
    created_date_time: datetime | None


class SecurityDefaults(GraphObject):
    """Microsoft's basic protection (identitySecurityDefaultsEnforcementPolicy)."""

    is_enabled: bool


GUESTS: Final = "GuestsOrExternalUsers"
"""The word that leaves out, or means, every guest."""


class ConditionUsers(GraphObject):
    """Whom a policy is for: object ids, and the words All, None and GuestsOrExternalUsers."""

    include_users: tuple[str, ...] = ()
    exclude_users: tuple[str, ...] = ()
    include_groups: tuple[str, ...] = ()
    exclude_groups: tuple[str, ...] = ()
    include_roles: tuple[str, ...] = ()
    exclude_roles: tuple[str, ...] = ()
    exclude_guests_or_external_users: dict[str, Any] | None = None


class ConditionApplications(GraphObject):
    """Which applications a policy is for: client ids, and the words All, None, Office365 and others."""

    include_applications: tuple[str, ...] = ()
    exclude_applications: tuple[str, ...] = ()
    application_filter: dict[str, Any] | None = None


class Conditions(GraphObject):
    """When a policy holds. What is not looked at in detail is only known to be there or not."""

    users: ConditionUsers | None = None
    applications: ConditionApplications | None = None
    client_app_types: tuple[str, ...] = ()
    locations: dict[str, Any] | None = None
    platforms: dict[str, Any] | None = None
    devices: dict[str, Any] | None = None
    authentication_flows: dict[str, Any] | None = None
    sign_in_risk_levels: tuple[str, ...] = ()
    user_risk_levels: tuple[str, ...] = ()
    insider_risk_levels: str | None = None


class GrantControls(GraphObject):
    """What a policy asks for."""

    operator: str | None = None
    """AND or OR."""
    built_in_controls: tuple[str, ...] = ()
    custom_authentication_factors: tuple[str, ...] = ()
    terms_of_use: tuple[str, ...] = ()
    authentication_strength: dict[str, Any] | None = None


class ConditionalAccessPolicy(GraphObject):
    """A policy of Conditional Access."""

    id: str
    display_name: str | None
    state: str
    """enabled, disabled, or enabledForReportingButNotEnforced."""
    conditions: Conditions
    grant_controls: GrantControls | None


class _Initiator(GraphObject):
    id: str | None = None
    service_principal_id: str | None = None
    display_name: str | None = None
    user_principal_name: str | None = None


class _InitiatedBy(GraphObject):
    user: _Initiator | None = None
    app: _Initiator | None = None


class _Target(GraphObject):
    id: str | None = None
    type: str | None = None
    display_name: str | None = None


class AuditEntry(GraphObject):
    """Something that was done in the directory (directoryAudit)."""

    id: str
    activity_display_name: str
    activity_date_time: datetime
    result: str | None
    initiated_by: _InitiatedBy | None
    target_resources: tuple[_Target, ...]

    @property
    def by(self) -> str:
        """Who did it, as a report names them; empty where the log does not say."""
        done = self.initiated_by
        if done and done.user:
            return done.user.user_principal_name or done.user.display_name or done.user.id or ""
        if done and done.app:
            return f"the application {done.app.display_name or done.app.service_principal_id or done.app.id or '?'}"
        return ""

    @property
    def targets(self) -> frozenset[str]:
        """The object ids of what it was done to."""
        return frozenset(item.id.lower() for item in self.target_resources if item.id)


class _UnifiedRole(GraphObject):
    role_definition_id: ObjectId


class _AccessDetails(GraphObject):
    unified_roles: tuple[_UnifiedRole, ...]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role.role_definition_id for role in self.unified_roles)


GIVES_ACCESS: Final = frozenset({"active", "expiring", "terminationRequested", "terminating"})
"""The statuses of a relationship in which groups have access at the customer: it is held until an end is complete."""
ENDED: Final = frozenset({"expired", "terminated"})
ASKED: Final = frozenset({"approvalPending", "approved", "activating"})
"""Those of what gives no access yet, and will."""


class RelationshipCustomer(GraphObject):
    """Whose tenant a relationship opens."""

    tenant_id: ObjectId
    display_name: str | None = None


class Relationship(GraphObject):
    """A relationship with a customer (delegatedAdminRelationship): what a partner may be given there, until when."""

    id: str
    etag: str = Field(alias="@odata.etag")
    display_name: str
    duration: str
    auto_extend_duration: str | None = None
    status: str
    customer: RelationshipCustomer | None = None
    """Absent until a customer approves, where the partner named none."""
    access_details: _AccessDetails
    activated_date_time: _Moment = None
    end_date_time: _Moment = None

    @property
    def roles(self) -> frozenset[str]:
        """The roles that groups of the partner can be given, by template id."""
        return self.access_details.roles


class _AccessContainer(GraphObject):
    access_container_id: ObjectId


class AccessAssignment(GraphObject):
    """What a relationship gives one group of the partner (delegatedAdminAccessAssignment)."""

    id: str
    etag: str = Field(alias="@odata.etag")
    status: str
    access_container: _AccessContainer
    access_details: _AccessDetails

    @property
    def group(self) -> str:
        """The group's object id."""
        return self.access_container.access_container_id

    @property
    def roles(self) -> frozenset[str]:
        """What it is given, by template id."""
        return self.access_details.roles


def is_guest(user_type: str | None, upn: str | None) -> bool:
    """Whether an account is a guest's: by its type, or by the name that an invitation makes."""
    return (user_type or "").casefold() == "guest" or "#ext#" in (upn or "").casefold()
