"""What a seed may say: the fields of a file, by Microsoft Graph's names where Graph has them.

Dates are days: what happened on one happened at midnight (UTC).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from .authentication_methods import Method
from .licences import Licence


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _field(description: str, *examples: object, default: object = None) -> Any:
    return Field(default=default, description=description, examples=[*examples] or None)


class UserType(StrEnum):
    """Whether somebody belongs to the tenant."""

    MEMBER = "Member"
    GUEST = "Guest"


class GuestState(StrEnum):
    """How far an invitation is."""

    PENDING = "PendingAcceptance"
    ACCEPTED = "Accepted"


class RuleState(StrEnum):
    """Whether the rule of a dynamic group is followed."""

    ON = "On"
    PAUSED = "Paused"


_Day = date | None
_Text = str | None
_Names = list[str]
_Licences = list[Annotated[Licence, Field(strict=False)]]
_Methods = list[Annotated[Method, Field(strict=False)]]


class SeedPerson(_Strict):
    """What users and guests have in common."""

    displayName: str = Field(min_length=1, description="The name that is shown.", examples=["Bob Berg"])
    accountEnabled: bool = _field("Whether they can sign in.", default=True)
    created: _Day = _field("When the account was made; left out: now.", "2016-04-01")
    givenName: _Text = _field("Given name.", "Bob")
    surname: _Text = _field("Family name.", "Berg")
    jobTitle: _Text = _field("What they do.", "Support engineer")
    department: _Text = _field("Where they work.", "Support")
    companyName: _Text = _field("For whom they work.", "Fabrikam Consulting")
    employeeId: _Text = _field("Their number in the personnel system.", "10042")
    officeLocation: _Text = _field("The office.", "Oslo 3")
    city: _Text = _field("The city.", "Oslo")
    country: _Text = _field("The country.", "Norway")
    preferredLanguage: _Text = _field("The language they prefer.", "nb-NO")
    usageLocation: _Text = _field("The country where they use what is licensed; a licence takes it.", "NO")
    lastSignIn: _Day = _field("When they last signed in; left out: never.", "2026-10-30")
    authenticationMethods: _Methods = Field(
        default_factory=list, description="What they registered beside a password.", examples=[["mobilePhone"]]
    )


PROFILE: Final = tuple(
    name
    for name in SeedPerson.model_fields
    if name not in ("accountEnabled", "created", "lastSignIn", "authenticationMethods")
)
"""The fields that are properties of a user, word for word."""


class SeedUser(SeedPerson):
    """A person, or a service account: without a password nobody signs in as them."""

    password: SecretStr | None = _field("What they sign in with: throw-away, in a file of a test.", "Correct-Horse-9")
    mail: _Text = _field("The e-mail address; nobody else has it.", "bob.berg@contoso.example")
    userType: Annotated[UserType, Field(strict=False)] | None = _field("Left out: Member.", "Member")
    manager: _Text = _field("Who leads them: a user principal name.", "ada@contoso.example")
    onPremisesSyncEnabled: bool | None = _field(
        "True: synchronised from a local Active Directory, and changed only there. False: no longer."
    )
    licences: _Licences = Field(
        default_factory=list, description="Which of the tenant's licences they have.", examples=[[]]
    )


class SeedDeletedUser(SeedUser):
    """Somebody who was deleted, and can be restored with the groups and roles that they had."""

    userPrincipalName: str = Field(
        description="The name that they had; somebody else may have it now.", examples=["bob@contoso.example"]
    )
    deleted: _Day = _field("When they were deleted; left out: now.", "2026-11-20")
    memberOf: _Names = Field(default_factory=list, description="Names of groups.", examples=[["AdminAgents"]])
    roles: _Names = Field(
        default_factory=list, description="Names of directory roles.", examples=[["Billing Administrator"]]
    )


class SeedGuest(SeedPerson):
    """Somebody of another organization who was invited."""

    externalUserState: Annotated[GuestState, Field(strict=False)] = _field(
        "How far the invitation is; left out: accepted.", "PendingAcceptance", default=GuestState.ACCEPTED
    )


class SeedGroup(_Strict):
    """A security group, unless it says that it is a Microsoft 365 group."""

    description: _Text = _field("What it is for.", "Second-level support")
    created: _Day = _field("When it was made; left out: now.", "2018-02-01")
    members: _Names = Field(default_factory=list, description="Who is in it.", examples=[["bob@contoso.example"]])
    owners: _Names = Field(default_factory=list, description="Who owns it.", examples=[["ada@contoso.example"]])
    isAssignableToRole: bool = _field("Whether directory roles may be given to it.", default=False)
    unified: bool = _field("Whether it is a Microsoft 365 group.", default=False)
    membershipRule: _Text = _field("Makes it a dynamic group.", 'user.department -eq "Support"')
    membershipRuleProcessingState: Annotated[RuleState, Field(strict=False)] | None = _field(
        "Whether the rule is followed; left out: it is.", "Paused"
    )
    onPremisesSyncEnabled: bool | None = _field(
        "True: synchronised from a local Active Directory, and changed only there. False: no longer."
    )


class SeedPassword(_Strict):
    """A client secret."""

    starts: _Day = _field("The first day; left out: today.", "2024-01-01")
    expires: _Day = _field("The end; left out: two years from now.", "2025-01-01")
    secret: SecretStr | None = _field("The secret; left out: nobody knows it.", "throw-away-secret")


class SeedCertificate(_Strict):
    """A certificate, of which the directory knows the dates and the thumbprint alone."""

    starts: _Day = _field("The first day; left out: today.", "2024-01-01")
    expires: _Day = _field("The end; left out: two years from now.", "2025-01-01")


class SeedFederatedCredential(_Strict):
    """Whose tokens an application takes in place of a secret."""

    issuer: str = Field(description="Who issues the tokens.", examples=["https://pipelines.contoso.example"])
    subject: str = Field(description="Whom they name.", examples=["repo:contoso/tenants:ref:refs/heads/main"])
    audiences: _Names = Field(
        default_factory=lambda: ["api://AzureADTokenExchange"],
        description="For whom they are.",
        examples=[["api://AzureADTokenExchange"]],
    )


class SeedApplication(_Strict):
    """An application with its service principal."""

    accountEnabled: bool = _field("Whether its service principal can sign in.", default=True)
    created: _Day = _field("When it was registered; left out: now.", "2019-06-01")
    appOwnerOrganizationId: _Text = _field(
        "The tenant of its publisher, if another: there is only a service principal here.",
        "0b5b0d3c-5a52-4a0e-9a43-6f0f2f3c9a77",
    )
    owners: _Names = Field(default_factory=list, description="Who owns it.", examples=[["ada@contoso.example"]])
    passwords: Mapping[str, SeedPassword] = Field(default_factory=dict, description="Client secrets, by their names.")
    certificates: Mapping[str, SeedCertificate] = Field(default_factory=dict, description="By their names.")
    federatedCredentials: Mapping[str, SeedFederatedCredential] = Field(
        default_factory=dict, description="By their names."
    )
    permissions: _Names = Field(
        default_factory=list,
        description="Application permissions for Microsoft Graph that were consented to.",
        examples=[["User.Read.All"]],
    )


class SeedUnit(_Strict):
    """An administrative unit, and who administers it."""

    description: _Text = _field("What it is for.", "The branch in Oslo")
    members: _Names = Field(default_factory=list, description="Who is in it.", examples=[["bob@contoso.example"]])
    isMemberManagementRestricted: bool = _field("Whether only its own administrators manage it.", default=False)
    roles: Mapping[str, _Names] = Field(
        default_factory=dict,
        description="Who holds which directory role over this unit alone.",
        examples=[{"User Administrator": ["ada@contoso.example"]}],
    )


class RelationshipStatus(StrEnum):
    """How far a relationship with a customer is."""

    CREATED = "created"
    PENDING = "approvalPending"
    ACTIVE = "active"
    TERMINATED = "terminated"
    EXPIRED = "expired"


class SeedCustomer(_Strict):
    """A customer, by its tenant."""

    tenantId: str = Field(description="Its tenant.", examples=["0f1e2d3c-1111-4222-8333-444455556666"])
    displayName: str = Field(description="Its name.", examples=["Fabrikam"])


class SeedRelationship(_Strict):
    """A relationship with a customer (granular delegated admin privileges)."""

    customer: SeedCustomer | None = Field(None, description="Whose tenant it is for; left out: of who approves it.")
    duration: str = _field("How long it lasts.", "P365D", default="P730D")
    autoExtendDuration: str = _field("By how long it is extended at its end.", "P180D", default="PT0S")
    roles: _Names = Field(description="The names of the roles.", examples=[["Helpdesk Administrator"]])
    status: Annotated[RelationshipStatus, Field(strict=False)] = _field(
        "How far it is; left out: active.", "approvalPending", default=RelationshipStatus.ACTIVE
    )
    created: _Day = _field("When it was made; left out: now.", "2025-03-01")
    endsInDays: int | None = Field(
        None,
        ge=1,
        le=730,
        description="In how many days an active one ends; left out: its whole duration.",
        examples=[60],
    )
    assignments: Mapping[str, _Names] = Field(
        default_factory=dict,
        description="Which of the roles each group has.",
        examples=[{"Fabrikam helpdesk": ["Helpdesk Administrator"]}],
    )


class Seed(_Strict):
    """What a file adds to a tenant of the embedded directory; of licences, which there are."""

    users: Mapping[str, SeedUser] = Field(default_factory=dict, description="New users, by user principal name.")
    guests: Mapping[str, SeedGuest] = Field(default_factory=dict, description="New guests, by e-mail address.")
    deletedUsers: list[SeedDeletedUser] = Field(default_factory=list, description="Who was deleted lately.")
    groups: Mapping[str, SeedGroup] = Field(default_factory=dict, description="Groups, there or new, by name.")
    applications: Mapping[str, SeedApplication] = Field(default_factory=dict, description="New applications, by name.")
    administrativeUnits: Mapping[str, SeedUnit] = Field(
        default_factory=dict, description="New administrative units, by name."
    )
    roles: Mapping[str, _Names] = Field(
        default_factory=dict,
        description="Who holds which directory role.",
        examples=[{"Billing Administrator": ["bob@contoso.example"]}],
    )
    eligibleRoles: Mapping[str, _Names] = Field(
        default_factory=dict,
        description="Who may activate which directory role.",
        examples=[{"Global Administrator": ["bob@contoso.example"]}],
    )
    relationships: Mapping[str, SeedRelationship] = Field(
        default_factory=dict, description="New relationships with customers, by name."
    )
    licences: _Licences | None = Field(
        default=None,
        description="The tenant has exactly these; left out, they stay as they are.",
        examples=[["Microsoft Entra ID P2"]],
    )
