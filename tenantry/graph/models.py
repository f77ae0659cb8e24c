"""What is read of a tenant. A property that is asked for is there, though it may be null: absent is an error.

Source: Microsoft Graph's reference, the resource types of the same names. Object ids are in lower case.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

ObjectId = Annotated[str, AfterValidator(str.lower)]


class GraphObject(BaseModel):
    """Something in the directory, as far as it is read."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True, extra="ignore")

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


def is_guest(user_type: str | None, upn: str | None) -> bool:
    """Whether an account is a guest's: by its type, or by the name that an invitation makes."""
    return (user_type or "").casefold() == "guest" or "#ext#" in (upn or "").casefold()
