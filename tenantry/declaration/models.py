"""The fields of a partner's and a tenant's file, as the program uses them once they are valid.

Strict: an unknown key is a mistake. Absent and empty differ: an absent optional field is not managed, an empty
list means exactly nobody. All models are frozen.

All fields are checked, in the order in which they stand here. A check of two fields belongs to the later one, and is
left out where the earlier one is wrong already.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import chain
from typing import Annotated, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
)

from tenantry.declaration.consent import MICROSOFT_GRAPH, TenantConsent
from tenantry.declaration.fields import (
    BY_UPN,
    MICROSOFTS_DOMAINS,
    Address,
    Addresses,
    Adopted,
    AssignmentIds,
    ChangeDigest,
    CompanyRoles,
    Countries,
    Country,
    Day,
    DomainName,
    Domains,
    GrantId,
    GroupIds,
    Guid,
    Handle,
    Key,
    Keys,
    Name,
    PartnerId,
    Permissions,
    PowerName,
    Roles,
    RuleId,
    TodoId,
    checked,
    is_microsofts,
    is_schedule_id,
    once,
    within_a_year_after,
    wrong,
)
from tenantry.findings import FieldPath, Finding, mistake
from tenantry.roles import NEVER_ASSIGNED, AgentGroup, AssignmentType, DirectoryRole, PartnerRole, expand
from tenantry.sanitize import quoted
from tenantry.spelling import alike, folded_upn

_Value = TypeVar("_Value")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Purpose(StrEnum):
    """What a tenant is for; one tenant may serve both ("they can choose to keep that model")."""

    PARTNER = "partner"
    OWN_USE = "own use"


class Program(StrEnum):
    """The Microsoft partner programs that a tenant can be enrolled in."""

    CSP = "CSP"
    MAICPP = "MAICPP"
    FASTTRACK = "FastTrack"


class Mode(StrEnum):
    """How far the declaration reaches: *authoritative* removes what it does not name, *additive* leaves it."""

    AUTHORITATIVE = "authoritative"
    ADDITIVE = "additive"


class GroupSource(StrEnum):
    """Where the agent groups come from: Partner Center made them, or (in a sandbox) we do."""

    ADOPT = "adopt"
    CREATE = "create"


class PersonState(StrEnum):
    """Whether an account may sign in. Left out, it is not managed: who disables it by hand stays heard."""

    PRESENT = "present"
    DISABLED = "disabled"
    LEAVING = "leaving"
    """The step before `leaver`: they hold nothing any more, and whether they may sign in is not managed yet."""
    LEAVER = "leaver"


class FtopRole(StrEnum):
    """What somebody can be to a customer in the FastTrack Orchestration Portal."""

    REGIONAL_MANAGER = "Regional Manager"
    FASTTRACK_MANAGER = "FastTrack Manager"
    FASTTRACK_ENGINEER = "FastTrack Engineer"


class Tool(StrEnum):
    """The partner-facing tools that Partner Center credentials open."""

    FTOP = "FTOP"
    FASTTRACK_PORTAL = "FastTrack Portal"
    POWER_BI = "Power BI"


class Consent(StrEnum):
    """How far the tenant has approved FTOP."""

    TENANT = "tenant"
    PER_USER = "per user"
    PENDING = "pending"


class PostalAddress(_Model):
    """A business address."""

    street: Name = Field(description="Street and number, with unit or floor.", examples=["4567 Main Street"])
    city: Name = Field(description="City, with state or province where the country has them.", examples=["Redmond"])
    postal_code: Name = Field(description="Postal code, in quotes where it is a number.", examples=["98052"])
    country: Country = Field(description="The address's country, by its two letters (ISO 3166-1).")


class Registration(_Model):
    """Where a business is registered."""

    registry: Name = Field(description="The register that Microsoft can look up.", examples=["Washington SOS"])
    number: Name = Field(description="The number that the business has there.", examples=["604 123 456"])


class Legal(_Model):
    """The organisation as business registers have it."""

    name: Name = Field(description="Legal business name, exactly as registered.", examples=["Contoso Inc."])
    address: PostalAddress = Field(description="The business address, exactly as registered.")
    transliterated_address: PostalAddress | None = Field(
        default=None, description="The address in Western European characters, where the register has others."
    )
    phone: Name | None = Field(default=None, description="Business telephone.", examples=["+1 425 555 0100"])
    registered_as: Registration | None = Field(
        default=None, description="The register that has the business, and its number there."
    )
    checked_on: Day | None = Field(default=None, description="When somebody last compared all this with the register.")


class Contact(_Model):
    """The primary contact for program enrolment."""

    name: Name = Field(description="Full name of the person.", examples=["Ada Nakamura"])
    email: Address = Field(description="Business address of one person, which receives verification codes.")
    phone: Name | None = Field(default=None, description="Their telephone.", examples=["+1 425 555 0101"])
    email_verified_on: Day | None = Field(default=None, description="When a code that was sent there was entered.")


class Headquarters(_Model):
    """Where the organisation is at home."""

    country: Country = Field(description="The country of the corporate headquarters (ISO 3166-1).")
    domain: DomainName = Field(description="The domain of the corporate headquarters, such as contoso.com.")


class Agreement(_Model):
    """The Microsoft Partner Agreement: when it was accepted and who signed."""

    accepted_on: Day = Field(description="The day on which the agreement was accepted.")
    by: Name = Field(description="Who accepted it: a person with authority to sign.", examples=["Ada Nakamura"])


class Partner(_Model):
    """A partner's file, ``partner.yaml``."""

    name: Name = Field(
        description="The organisation's name, as people say it.", examples=["Contoso Deployment Services"]
    )
    legal: Legal | None = Field(default=None, description="Name and address, as registered.")
    contact: Contact | None = Field(default=None, description="Whom Microsoft writes to about enrolment.")
    partner_id: PartnerId | None = Field(
        default=None, description="The global partner (MPN) id, in quotes.", examples=["4827315"]
    )
    headquarters: Headquarters | None = Field(
        default=None, description="Country and domain of the corporate headquarters."
    )
    agreement: Agreement | None = Field(default=None, description="The Microsoft Partner Agreement, once accepted.")
    account_verified_on: Day | None = Field(
        default=None, description="When Microsoft verified the account in Partner Center."
    )
    tenants: Keys = Field(
        min_length=1,
        description="Its tenants, own-use ones among them: tenants/<name>.yaml each.",
        examples=[["own-use", "us"]],
    )


class Enrolment(_Model):
    """A program that the tenant is enrolled in."""

    enrolled_on: Day = Field(description="The day on which the tenant was enrolled.")
    location_id: PartnerId | None = Field(default=None, description="The partner location id of a CSP tenant.")
    designation: Name | None = Field(
        default=None,
        description="What the program asks for, such as a Solutions Partner designation (once: Gold).",
        examples=["Solutions Partner for Modern Work"],
    )


class TenantDomains(_Model):
    """The domains that the tenant has verified."""

    initial: DomainName = Field(
        description="The domain that the tenant was made with: something.onmicrosoft.com (US Government cloud: "
        "something.onmicrosoft.us; China: something.partner.onmschina.cn).",
        examples=["contoso-partner.onmicrosoft.com"],
    )
    verified: Domains = Field(default=(), description="Further verified domains.")

    @field_validator("initial")
    @classmethod
    def _initial_is_microsofts(cls, initial: str) -> str:
        if not is_microsofts(initial):
            raise wrong(
                f"the initial domain {initial}",
                f"a domain that ends in .{', .'.join(MICROSOFTS_DOMAINS)}",
                "write the tenant's first domain; list the others under `verified`",
            )
        return initial

    @property
    def all(self) -> tuple[str, ...]:
        """Every verified domain, the initial one first."""
        return (self.initial, *(domain for domain in self.verified if domain != self.initial))


class AgentGroups(_Model):
    """How the tenant's agent groups are found."""

    source: GroupSource = Field(
        default=GroupSource.ADOPT,
        description="`adopt` the groups that Partner Center made; `create` only in a sandbox.",
    )
    ids: GroupIds = Field(default_factory=dict, description="Object ids of the groups, where the names are ambiguous.")

    release: StrictBool = Field(
        default=False,
        description="Before a change of `mode`: the stack lets go of the groups' members without taking anybody out.",
    )

    @field_validator("ids")
    @classmethod
    def _created_groups_have_no_ids_yet(cls, ids: GroupIds, info: ValidationInfo) -> GroupIds:
        if info.data.get("source") is GroupSource.CREATE and ids:
            raise wrong(
                "`ids` with `source: create`", "ids only of groups that exist", "remove `ids`, or adopt the groups"
            )
        return ids


Share = Annotated[StrictInt, Field(ge=1, le=100)]
Count = Annotated[StrictInt, Field(ge=0)]


class Ceiling(_Model):
    """The most that one change may take from one group or role, where it differs from what holds for all."""

    removal_share: Share | None = Field(
        default=None, description="In per cent of its holders. Left out: what holds for all.", examples=[10]
    )
    removal_count: Count | None = Field(
        default=None, description="In people. Left out: what holds for all.", examples=[1]
    )


class Override(_Model):
    """The approval of one change that takes away more than the limits allow."""

    change: ChangeDigest = Field(description="The digest of the change, from the refusal. It is good for no other.")
    reason: Name = Field(description="Why so much is taken away at once.", examples=["The Oslo office has closed"])
    approved_by: Key = Field(
        description="Who approved it, by key: somebody who may make such a change, and could before it."
    )
    expires_on: Day = Field(description="The last day on which it may be applied, at most seven days ahead.")


class Limits(_Model):
    """Ceilings on what one change may take away, and floors under who must remain."""

    removal_share: Share | None = Field(
        default=None,
        description="The most that one change may take from a group or role, in per cent of its holders. Left out: 25.",
        examples=[25],
    )
    removal_count: Count | None = Field(
        default=None,
        description="The most people that one change may take from a group or role. Left out: 10.",
        examples=[2],
    )
    per: dict[PowerName, Ceiling] = Field(
        default_factory=dict,
        description="Other ceilings for one group or role.",
        examples=[{"AdminAgents": {"removal_count": 1}}],
    )
    minimum_holders: dict[PowerName, Annotated[StrictInt, Field(ge=1)]] = Field(
        default_factory=dict,
        description="The fewest people in a group or role who can sign in, emergency accounts and guests aside.",
        examples=[{"Global Administrator": 2}],
    )
    required_holders: dict[PowerName, Annotated[Keys, Field(min_length=1)]] = Field(
        default_factory=dict,
        description="Who must hold a group or role, by key, whatever else changes.",
        examples=[{"Global Administrator": ["ada"]}],
    )
    override: Override | None = Field(
        default=None, description="An approval of the one change that takes away more than this allows."
    )


class Exemption(_Model):
    """An exception from a rule for one object, for a reason, by an owner, until a day."""

    rule: RuleId = Field(description="The rule that it exempts from.")
    object: Name = Field(
        description="The key of the person, group or resource that it is for.", examples=["carla", "AdminAgents"]
    )
    reason: Name = Field(description="Why the rule does not hold here.", examples=["Shared mailbox until the merger"])
    owner: Name = Field(description="Who answers for it.", examples=["Grace Mbeki"])
    granted_on: Day = Field(description="When it was granted.")
    expires_on: Annotated[Day, within_a_year_after("granted_on")] = Field(
        description="At most a year after `granted_on`."
    )


class DriftState(StrEnum):
    """What was decided of something that others changed."""

    ACCEPTED = "accepted"
    TO_BE_REMOVED = "to be removed"


#: The properties of an account or group that `tenantry drift` compares, by the words for them.
DRIFT_PROPERTIES: Final[Mapping[str, str]] = {
    "accountEnabled": "whether the account is enabled",
    "displayName": "the name",
    "mail": "the e-mail address",
    "userPrincipalName": "the sign-in name",
}
#: What else the next update always makes as declared again.
DRIFT_OBJECTS: Final = ("the account", "the group")


class DriftDecision(_Model):
    """What was decided of one thing that `tenantry drift` found, for a reason, by an owner, until a day.

    It names exactly what it is about: who is accepted as eligible is not accepted as active, nor elsewhere, nor through
    another group.
    """

    principal: Name = Field(
        description="Whose access or account it is: a UPN or an object id, as `tenantry drift` shows it.",
        examples=["backup.service@contoso-partner.onmicrosoft.com"],
    )
    what: Name = Field(
        description="What was changed: an agent group, a directory role, a property, as `tenantry drift` shows it.",
        examples=["Global Administrator"],
    )
    assignment: AssignmentType | None = Field(
        default=None,
        validate_default=True,
        description="Of a directory role, required: `active` or `eligible`. Neither covers the other.",
    )
    scope: Name = Field(
        default="/",
        description="Of a directory role: what it is held over, as `tenantry drift` shows it. Left out: the tenant.",
        examples=["/administrativeUnits/2a1b6c0e-8a55-4d0f-9a53-0f6f3b1f0c11"],
    )
    through: Guid | None = Field(
        default=None, description="Object id of the group through which it is held. Left out: held directly."
    )
    state: DriftState = Field(
        description="`accepted`: no drift until the day; `to be removed`: it stays drift, and somebody is at it."
    )
    reason: Name = Field(description="Why.", examples=["The migration project ends in March"])
    owner: Name = Field(description="Who answers for it.", examples=["Grace Mbeki"])
    decided_on: Day = Field(description="When it was decided.")
    until: Annotated[Day, within_a_year_after("decided_on")] = Field(
        description="Until when it holds: at most a year after `decided_on`."
    )

    @field_validator("assignment")
    @classmethod
    def _of_a_role_it_says_which(cls, assignment: AssignmentType | None, info: ValidationInfo) -> AssignmentType | None:
        what = info.data.get("what")
        if what and assignment is None and is_role_in_drift(what):
            expected = "`active` or `eligible` in a decision about a directory role"
            raise wrong("no `assignment`", expected, "copy it from what `tenantry drift` shows")
        if what and assignment and not is_role_in_drift(what):
            raise wrong(f"`assignment` for {what}", "`assignment` only for a directory role", "remove it")
        return assignment


def is_role_in_drift(what: str) -> bool:
    """Whether drift calls a directory role like that, and no agent group, property, account or group."""
    others = (*(group.value for group in AgentGroup), *DRIFT_PROPERTIES.values(), *DRIFT_OBJECTS)
    return what.casefold() not in {other.casefold() for other in others}


class Pins(_Model):
    """Ids of what somebody held before Tenantry came, so that it is taken over and never made twice."""

    role_assignments: AssignmentIds = Field(
        default_factory=dict,
        description="Directory role to the id of its existing role assignment, or of the existing eligible one.",
    )


class Assignment(_Model):
    """How a directory role is assigned to somebody: by default for the whole tenant, active."""

    eligible: StrictBool = Field(
        default=False, description="Held only while its holder activates it (PIM; needs Entra ID P2)."
    )
    administrative_unit: Guid | None = Field(
        default=None, description="Object id of the administrative unit that it is limited to."
    )

    @property
    def assignment_type(self) -> AssignmentType:
        """Whether it holds all the time."""
        return AssignmentType.ELIGIBLE if self.eligible else AssignmentType.ACTIVE

    @property
    def scope(self) -> str:
        """What it reaches, as Graph names it: "/" for the whole tenant."""
        return f"/administrativeUnits/{self.administrative_unit}" if self.administrative_unit else "/"


#: The one directory role of Table 1 that Entra assigns over an administrative unit.
_SCOPED: Final = DirectoryRole.USER_ADMINISTRATOR


class Person(_Model):
    """Somebody who works in this tenant, under a key that outlives a change of name or UPN."""

    full_name: Name = Field(description="Full name, as people know them.", examples=["Carla Jensen"])
    upn: Address = Field(description="User principal name: what they sign in with.")
    email: Address | None = Field(default=None, description="Business e-mail address. Emergency accounts need none.")
    email_verified_on: Day | None = Field(default=None, description="When a code that was sent there was entered.")
    handle: Handle | None = Field(
        default=None,
        description="Their name at the code host, as CODEOWNERS takes it. Left out: their e-mail address stands there.",
        examples=["@carla-jensen"],
    )
    roles: Roles = Field(description="Roles of Table 1. `[]` is nobody's: a person without one.")
    company_roles: CompanyRoles | None = Field(
        default=None, description="Roles that only Partner Center knows; a person gives them there, by hand."
    )
    emergency: StrictBool = Field(default=False, description="An emergency (break-glass) account.")
    adopted: Adopted | None = Field(
        default=None,
        description="Object id of an account that exists already: referred to, compared, never written. `by-upn`: the "
        "one account that has the `upn`.",
    )
    pins: Pins = Field(
        default_factory=Pins, description="What an adopted account held before this file: taken over, never made twice."
    )
    assignments: dict[DirectoryRole, Assignment] = Field(
        default_factory=dict,
        description="How a directory role that `roles` gives is assigned, where not active and for the whole tenant.",
        examples=[{"Billing Administrator": {"eligible": True}}],
    )
    synchronised: StrictBool = Field(
        default=False, description="Synchronised from an on-premises directory: adopted, and without directory roles."
    )
    former_upns: Addresses = Field(
        default=(), description="Sign-in names that they had before, so that FTOP can be told of the change."
    )
    former_keys: Keys = Field(
        default=(), description="Keys that they had in this file before, the oldest first: the account stays theirs."
    )
    password_round: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Raise it to issue a new temporary password. The first is 1.", examples=[2]
    )
    state: PersonState | None = Field(default=None, description="Left out: whether they may sign in is not managed.")

    @property
    def adopted_id(self) -> str | None:
        """The object id of an adopted account, where the declaration says it."""
        return None if self.adopted == BY_UPN else self.adopted

    @property
    def is_looked_up(self) -> bool:
        """Whether the account is adopted by its UPN, so that only the tenant tells its object id."""
        return self.adopted == BY_UPN

    @property
    def leaves(self) -> bool:
        """Whether they are on their way out: they keep no access."""
        return self.state in (PersonState.LEAVING, PersonState.LEAVER)

    @property
    def says_who_may_sign_in(self) -> bool:
        """Whether the declaration says if they may sign in; where it does not, the account stays as it is."""
        return self.state not in (None, PersonState.LEAVING)

    @property
    def may_sign_in(self) -> bool:
        """Whether the declaration lets them sign in."""
        return self.state in (None, PersonState.PRESENT)

    @property
    def is_guest(self) -> bool:
        """Whether their sign-in name is a guest's: made from an address elsewhere, with ``#EXT#`` in it."""
        return "#ext#" in self.upn.casefold()

    def first_key(self, key: str) -> str:
        """The first key that they ever had, which their resources keep. ``key`` is the one that they have now."""
        return self.former_keys[0] if self.former_keys else key

    def assignment(self, role: DirectoryRole) -> Assignment:
        """How they hold a directory role that their roles give."""
        return self.assignments.get(role, Assignment())

    @field_validator("emergency")
    @classmethod
    def _emergency_accounts_are_global_admins_alone(cls, emergency: bool, info: ValidationInfo) -> bool:
        roles = info.data.get("roles", ())
        if emergency and not set(roles) <= {PartnerRole.GLOBAL_ADMIN}:
            raise wrong(
                f"an emergency account with {', '.join(roles)}",
                "`roles: [Global admin]`",
                "give the other roles to a person's own account",
            )
        return emergency

    @field_validator("pins")
    @classmethod
    def _pins_are_of_what_was_held_before(cls, pins: Pins, info: ValidationInfo) -> Pins:
        if pins.role_assignments and info.data.get("adopted", pins) is None:
            raise wrong(
                "`pins` on an account that the stack makes",
                "pins only on adopted accounts, which may hold roles already",
                "remove `pins`, or write the account's object id under `adopted`",
            )
        if "roles" not in info.data:
            return pins
        given = expand(info.data["roles"], emergency=info.data.get("emergency", False))
        return checked(
            pins,
            (
                mistake(
                    f"a pin of {role}, which no role in `roles` gives",
                    "pins only of what `roles` gives",
                    "remove it, or add the role that gives it",
                    ("role_assignments", role.value),
                )
                for role in pins.role_assignments
                if role not in given
            ),
        )

    @field_validator("assignments")
    @classmethod
    def _assignments_are_of_what_is_given_and_can_be(
        cls, assignments: dict[DirectoryRole, Assignment], info: ValidationInfo
    ) -> dict[DirectoryRole, Assignment]:
        if "roles" not in info.data:
            return assignments
        emergency = info.data.get("emergency", False)
        given = expand(info.data["roles"], emergency=emergency)
        pins = info.data["pins"].role_assignments if "pins" in info.data else {}
        return checked(
            assignments,
            (
                wrong_part
                for role, assignment in assignments.items()
                for wrong_part in _wrong_assignment(role, assignment, role in given, pins.get(role), emergency)
            ),
        )

    @field_validator("password_round")
    @classmethod
    def _adopted_accounts_have_their_own_passwords(cls, number: int | None, info: ValidationInfo) -> int | None:
        if number and info.data.get("adopted"):
            raise wrong(
                "`password_round` with `adopted`",
                "temporary passwords only for accounts that the stack makes",
                "remove `password_round`: an adopted account is never written",
            )
        return number

    @field_validator("state")
    @classmethod
    def _adopted_accounts_are_enabled_elsewhere(
        cls, state: PersonState | None, info: ValidationInfo
    ) -> PersonState | None:
        if info.data.get("adopted") and state not in (None, PersonState.LEAVER):
            raise wrong(
                f"`state: {state}` with `adopted`",
                "no state, or `leaver`, on an adopted account",
                "remove `state`, and enable or disable the account in the Entra admin center",
            )
        return state


def _wrong_assignment(
    role: DirectoryRole, assignment: Assignment, given: bool, pin: str | None, emergency: bool
) -> Iterator[Finding]:
    if not given:
        yield mistake(
            f"an assignment of {role}, which no role in `roles` gives",
            "only directory roles that `roles` gives",
            "remove it, or add the role that gives it",
            (role.value,),
        )
    if assignment.eligible and emergency:
        yield mistake(
            "`eligible: true` on an emergency account",
            "an active role, which works when nothing else does",
            "remove it",
            (role.value, "eligible"),
        )
    if assignment.administrative_unit and role is not _SCOPED:
        yield mistake(
            f"{role} over an administrative unit",
            f"a unit only for {_SCOPED}: Entra assigns no other role of Table 1 over a unit",
            "remove it",
            (role.value, "administrative_unit"),
        )
    if pin and is_schedule_id(pin) is not assignment.eligible:
        pinned = "eligible" if is_schedule_id(pin) else "active"
        yield mistake(
            f"{role} with `eligible: {str(assignment.eligible).lower()}`, and a pin that says otherwise",
            f"the assignment type of the pin: by its id {pin} it is {pinned}",
            f"make it {pinned}, or remove `pins.role_assignments.{role}` first and run `pulumi up`",
            (role.value,),
        )


class FtopApproval(_Model):
    """How far the tenant has approved FTOP: as a whole, by a Global admin of it, on a day; per user; not yet."""

    state: Consent = Field(
        default=Consent.TENANT,
        description="`tenant`: a Global admin approved for all; `per user`: everybody consents; `pending`: not yet.",
    )
    on: Day | None = Field(default=None, validate_default=True, description="Required for the tenant's approval.")
    by: Key | None = Field(default=None, validate_default=True, description="The Global admin who approved, by key.")

    @field_validator("on", "by")
    @classmethod
    def _the_tenants_approval_says_when_and_by_whom(cls, value: _Value, info: ValidationInfo) -> _Value:
        name, whole = info.field_name, info.data.get("state") is Consent.TENANT
        if whole and value is None:
            expected = "`on` and `by` with the tenant's approval"
            raise wrong(f"no `{name}`", expected, f"add `{name}:`, or write `state: pending`")
        if value is not None and not whole:
            expected = "`on` and `by` only with `state: tenant`"
            raise wrong(f"`{name}` without the tenant's approval", expected, "remove it")
        return value


class FtopCustomer(_Model):
    """A customer in FTOP, and who may write their record."""

    name: Name = Field(description="The customer's name, as FTOP shows it.", examples=["Fabrikam Inc."])
    assignments: dict[Key, Annotated[tuple[FtopRole, ...], AfterValidator(once), Field(min_length=1, max_length=3)]] = (
        Field(
            description="Who writes the customer's record, by key of the person, and as what.",
            examples=[{"ines": ["FastTrack Engineer"]}],
        )
    )


class FtopPins(_Model):
    """What the tenant had of FTOP before Tenantry came, so that it is taken over and never made twice."""

    consent_grant: GrantId | None = Field(
        default=None, description="Id of the consent grant for the whole tenant that exists already."
    )


class FtopPlan(_Model):
    """What the tenant does in the FastTrack Orchestration Portal."""

    application_id: Guid | None = Field(
        default=None,
        description="The application id of FTOP, which Microsoft does not publish. With it and the tenant's approval "
        "the stack gives the consent; without it a Global admin does, by hand.",
    )
    approval: FtopApproval | None = Field(default=None, description="How far the tenant has approved FTOP.")
    resource_application_id: Guid | None = Field(
        default=None,
        description="The application whose permissions FTOP is granted. Left out: Microsoft Graph.",
        examples=[MICROSOFT_GRAPH],
    )
    permissions: Annotated[Permissions, Field(min_length=1)] | None = Field(
        default=None,
        description="The delegated permissions that FTOP is granted. Left out: openid, profile and User.Read.",
        examples=[["User.Read", "openid", "profile"]],
    )
    pins: FtopPins = Field(
        default_factory=FtopPins, description="What was there before this file: taken over, never made twice."
    )
    consents: dict[Key, Day] = Field(
        default_factory=dict, description="Who has consented for themselves, and when, where the tenant has not."
    )
    customers: dict[Key, FtopCustomer] = Field(
        default_factory=dict, description="The customers by a key of your own, and who may write their records."
    )

    @field_validator("resource_application_id", "permissions")
    @classmethod
    def _permissions_are_an_applications(cls, value: _Value, info: ValidationInfo) -> _Value:
        if value is not None and info.data.get("application_id", value) is None:
            raise wrong(
                f"`{info.field_name}` without `application_id`",
                f"`{info.field_name}` together with the id of FTOP's application",
                "add `application_id`, or remove it",
            )
        return value

    @field_validator("pins")
    @classmethod
    def _pins_are_of_the_tenants_approval(cls, pins: FtopPins, info: ValidationInfo) -> FtopPins:
        if pins.consent_grant is None or not {"application_id", "approval"} <= info.data.keys():
            return pins
        approval = info.data["approval"]
        if info.data["application_id"] is None or approval is None or approval.state is not Consent.TENANT:
            raise wrong(
                "the pin of a consent that this file does not give",
                "`pins` together with `application_id` and the tenant's approval",
                "add `application_id` and `approval: {on: …, by: …}`, or remove `pins`",
            )
        return pins

    @property
    def is_approved_for_all(self) -> bool:
        """Whether a Global admin approved FTOP for everybody in the tenant."""
        return self.approval is not None and self.approval.state is Consent.TENANT


#: Enough to sign in and to know who does. Which ones FTOP asks for is shown when it is approved.
_FTOP_PERMISSIONS: Final = ("User.Read", "openid", "profile")


class Tenant(_Model):
    """A tenant's file, ``tenants/<name>.yaml``."""

    id: Guid = Field(description="The tenant id (directory id).")
    name: Name = Field(description="The tenant's display name.", examples=["Contoso Partner (US)"])
    country: Country = Field(description="Fixed when the tenant is made; it cannot be changed.")
    purpose: Annotated[frozenset[Purpose], Field(min_length=1)] = Field(
        description="`partner`, `own use`, or both.", examples=[["partner"]]
    )
    domains: TenantDomains = Field(description="The initial domain, and those verified since.")
    serves: Countries = Field(default=(), description="The countries whose customers this tenant serves.")
    programs: dict[Program, Enrolment] = Field(
        default_factory=dict,
        description="The partner programs that the tenant is enrolled in.",
        examples=[{"CSP": {"enrolled_on": "2025-02-17", "location_id": "5120344"}}],
    )
    mode: Mode | None = Field(
        default=None,
        validate_default=True,
        description="`authoritative`: who is in an agent group and not declared is removed. `additive`: they stay. "
        "Required where the purpose is partner.",
    )
    limits: Limits = Field(default_factory=Limits, description="How much one change may take away.")
    agent_groups: AgentGroups = Field(
        default_factory=AgentGroups,
        validate_default=True,
        description="How the agent groups are found. Left out: adopted, by name; `mode: additive` asks for their ids.",
    )
    allowed_roles: dict[Name, Guid] = Field(
        default_factory=dict,
        description="Directory roles beyond Table 1, name to template id, in a tenant that is for own use too.",
        examples=[{"Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de"}],
    )
    people: dict[Key, Person] | None = Field(
        default=None,
        validate_default=True,
        description="Everybody who works in the tenant, by a key that stays. Required where the purpose is partner.",
    )
    ftop: FtopPlan | None = Field(
        default=None,
        description="FTOP (the FastTrack Orchestration Portal): consent, and who is assigned to which customer.",
    )
    tools: dict[Tool, Keys] = Field(
        default_factory=dict, description="Who needs which partner-facing tool, by key.", examples=[{"FTOP": ["ines"]}]
    )
    exceptions: dict[Key, Exemption] = Field(
        default_factory=dict, description="Exceptions from rules by a key of your own, each for one object and a time."
    )
    drift: dict[Key, DriftDecision] = Field(
        default_factory=dict,
        description="What was decided of drift that `tenantry drift` found, by a key of your own.",
    )

    @field_validator("drift")
    @classmethod
    def _what_is_accepted_can_stay(
        cls, decisions: dict[str, DriftDecision], info: ValidationInfo
    ) -> dict[str, DriftDecision]:
        undone = info.data.get("mode") is Mode.AUTHORITATIVE and Program.CSP in info.data.get("programs", ())
        return checked(
            decisions,
            (
                mistake(*why, path=(key, "state"))
                for key, decision in decisions.items()
                if decision.state is DriftState.ACCEPTED
                for why in _why_not_accepted(decision, undone)
            ),
        )

    done: dict[TodoId, Day] = Field(
        default_factory=dict, description="To-dos that somebody has done, by the id that `tenantry todo` shows."
    )

    @field_validator("allowed_roles")
    @classmethod
    def _more_roles_only_beside_own_use(cls, roles: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if roles and Purpose.OWN_USE not in info.data.get("purpose", (Purpose.OWN_USE,)):
            raise wrong(
                "`allowed_roles` in a tenant that is for partner business only",
                "`allowed_roles` only where `purpose` has `own use` too",
                "remove `allowed_roles`, or declare an exception from PT-103",
            )
        return roles

    @field_validator("agent_groups")
    @classmethod
    def _an_additive_tenant_pins_its_groups(cls, groups: AgentGroups, info: ValidationInfo) -> AgentGroups:
        additive = info.data.get("mode") is Mode.ADDITIVE and Program.CSP in info.data.get("programs", ())
        if additive and groups.source is GroupSource.CREATE:
            expected = "`mode: authoritative` where the stack makes the groups: nobody else adds people to them"
            remediation = "write `mode: authoritative`, or adopt the groups"
            checked(groups, [mistake("`source: create` with `mode: additive`", expected, remediation, ("source",))])
        missing = [group.value for group in AgentGroup if group not in groups.ids]
        if additive and missing:
            raise wrong(
                f"`mode: additive` without the object id of {', '.join(missing)}",
                "the ids of all agent groups in an additive tenant: the policy pack knows the groups by them",
                f"write `agent_groups: {{ids: {{{', '.join(f'{group}: ID' for group in missing)}}}}}`, with the object "
                "ids from the Entra admin center",
            )
        return groups

    @field_validator("mode", "people")
    @classmethod
    def _a_partner_tenant_says_who_and_how(cls, value: _Value, info: ValidationInfo) -> _Value:
        if value is None and Purpose.PARTNER in info.data.get("purpose", ()):
            remediation = (
                "add `mode: authoritative` or `mode: additive`" if info.field_name == "mode" else "add `people:`"
            )
            raise wrong(f"no `{info.field_name}`", f"`{info.field_name}` in every partner tenant", remediation)
        return value

    @field_validator("people")
    @classmethod
    def _one_account_is_one_person(cls, people: dict[str, Person] | None) -> dict[str, Person] | None:
        accounts = ((key, ("adopted",), person.adopted_id) for key, person in (people or {}).items())
        assignments = (
            (key, ("pins", "role_assignments", role.value), assignment)
            for key, person in (people or {}).items()
            for role, assignment in person.pins.role_assignments.items()
        )
        # Two people with one sign-in name break rule PT-304; two accounts with one cannot even be told apart.
        names = ((key, ("upn",), folded_upn(person.upn)) for key, person in (people or {}).items() if person.adopted)
        return checked(people, chain(_twice(chain(accounts, assignments, names)), _keys_of_others(people or {})))

    @field_validator("ftop")
    @classmethod
    def _ftop_names_people_of_this_tenant(cls, ftop: FtopPlan | None, info: ValidationInfo) -> FtopPlan | None:
        if ftop is None or "people" not in info.data:
            return ftop
        people = info.data["people"] or {}
        return checked(ftop, (_undeclared(*person, people) for person in _named(ftop) if person[0] not in people))

    @property
    def members(self) -> dict[str, Person]:
        """The people of the tenant by key, leavers among them; nobody where none are declared."""
        return self.people or {}

    @property
    def looked_up(self) -> dict[str, Person]:
        """The people by key whose accounts are adopted by UPN."""
        return {key: person for key, person in self.members.items() if person.is_looked_up}

    def with_object_ids(self, found: Mapping[str, str]) -> "Tenant":
        """This tenant as if its file said the object ids of accounts that were looked up, by key of the person."""
        people = {
            key: person.model_copy(update={"adopted": found[key]}) if key in found else person
            for key, person in self.members.items()
        }
        return self.model_copy(update={"people": people}) if found else self

    @property
    def is_partner(self) -> bool:
        """Whether the tenant does partner business (perhaps beside the organisation's own use)."""
        return Purpose.PARTNER in self.purpose

    def has_consented(self, key: str) -> bool:
        """Whether somebody may use FTOP as far as consent goes: the tenant's approval, or their own."""
        if self.ftop is None:
            return False
        return self.ftop.is_approved_for_all or key in self.ftop.consents

    @property
    def ftop_consent(self) -> TenantConsent | None:
        """The tenant's consent to FTOP's application; None where its id is not declared."""
        if self.ftop is None or self.ftop.application_id is None:
            return None
        return TenantConsent(
            self.id,
            self.ftop.application_id,
            self.ftop.is_approved_for_all,
            self.ftop.resource_application_id or MICROSOFT_GRAPH,
            frozenset(self.ftop.permissions or _FTOP_PERMISSIONS),
            self.ftop.pins.consent_grant,
        )

    @property
    def pinned_roles(self) -> dict[tuple[str, DirectoryRole], str]:
        """(person, directory role) to the id of the role assignment that exists already."""
        return {
            (key, role): assignment
            for key, person in self.members.items()
            for role, assignment in person.pins.role_assignments.items()
        }


def _why_not_accepted(decision: DriftDecision, undone: bool) -> Iterator[tuple[str, str, str]]:
    """Why something that others did cannot stay, even if it is accepted: actual, expected, remediation."""
    what = decision.what.casefold()
    group = next((group for group in AgentGroup if group.value.casefold() == what), None)
    expected = "`accepted` only for what the next update leaves alone and a rule may allow"
    instead = "or write `state: to be removed`"
    if group and undone:
        yield (
            f"{group} accepted in a tenant of `mode: authoritative`: the next update restores the declared members",
            expected,
            f"to keep somebody in {group}, declare them under `people` with a role that gives it; to keep what is not "
            f"declared, change to `mode: additive`; {instead}",
        )
    elif not group and not is_role_in_drift(decision.what):
        yield (
            f"{decision.what} accepted: the next update restores the declared value",
            expected,
            f"declare it as it is now (`tenantry drift` shows the line); {instead}",
        )
    elif what in {name.casefold() for pair in NEVER_ASSIGNED.items() for name in pair}:
        yield (
            f"{decision.what} accepted, which Microsoft lists as not intended for use (PT-104)",
            expected,
            "remove the assignment in the Entra admin center, then remove this entry",
        )
    elif "#ext#" in decision.principal.casefold():
        yield (
            f"{decision.what} of a guest accepted (PT-106)",
            expected,
            f"give the person an account of this tenant, and take it from the guest; {instead}",
        )


def _named(ftop: FtopPlan) -> Iterator[tuple[str, FieldPath, str]]:
    """Everybody whom FTOP's part names: the key, the field, and for what."""
    for customer_key, customer in ftop.customers.items():
        for person in customer.assignments:
            at = ("customers", customer_key, "assignments", person)
            yield person, at, f"assigned to the customer `{customer_key}`"
    if ftop.approval and ftop.approval.by:
        yield ftop.approval.by, ("approval", "by"), "who approved"
    yield from ((person, ("consents", person), "who consented") for person in ftop.consents)


def _undeclared(person: str, path: FieldPath, what: str, people: Mapping[str, Person]) -> Finding:
    near = alike(person, people)
    remediation = f"did you mean `{near}`?" if near else f"add `{person}` to `people`, or name a declared person"
    return mistake(f"`{person}`, {what}", "a key of this tenant's `people`", remediation, path)


def _keys_of_others(people: dict[str, Person]) -> Iterator[Finding]:
    """Former keys that are somebody's key now, or two people's."""
    taken = {key: key for key in people}
    for key, person in people.items():
        for number, former in enumerate(person.former_keys):
            if taken.setdefault(former, key) != key or former == key:
                yield mistake(
                    f"{quoted(former)}, a key of `{taken[former]}`",
                    "keys that nobody else has or had",
                    "remove it here, or rename the other person's key",
                    (key, "former_keys", number),
                )


def _twice(entries: Iterable[tuple[str, FieldPath, str | None]]) -> Iterator[Finding]:
    """What two people share that only one can have. An entry is (person, field, value)."""
    first: dict[str, str] = {}
    for key, field, value in entries:
        if value is not None and first.setdefault(value, key) != key:
            yield mistake(
                f"{quoted(value)}, which `{first[value]}` has too",
                "each account under one key",
                f"correct one of `{first[value]}` and `{key}`, or remove one if they are the same person",
                (key, *field),
            )
