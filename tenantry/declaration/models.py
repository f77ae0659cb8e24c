"""The fields of a partner's and a tenant's file, as the program uses them once they are valid.

Strict: an unknown key is a mistake. Absent and empty differ: an absent optional field is not managed, an empty
list means exactly nobody. All models are frozen.

Fields are checked in the order in which they stand here, and all of them: what goes together is checked with the
later field, and is left alone where the earlier one is wrong already.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, TypeVar

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

from tenantry.access.principals import folded_upn
from tenantry.declaration.fields import (
    Address,
    Addresses,
    AssignmentIds,
    CompanyRoles,
    Countries,
    Country,
    Day,
    DomainName,
    Domains,
    GroupIds,
    Guid,
    Key,
    Keys,
    Mistake,
    Name,
    PartnerId,
    Roles,
    all_wrong,
    once,
    wrong,
)
from tenantry.declaration.problems import FieldPath, quoted
from tenantry.roles import DirectoryRole, PartnerRole, expand

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
    """How far the declaration reaches: *authoritative* removes what it does not name."""

    AUTHORITATIVE = "authoritative"


class GroupSource(StrEnum):
    """Where the agent groups come from: Partner Center made them, or (in a sandbox) we do."""

    ADOPT = "adopt"
    CREATE = "create"


class PersonState(StrEnum):
    """Whether an account may sign in. Left out, it is not managed: who disables it by hand stays heard."""

    PRESENT = "present"
    DISABLED = "disabled"
    LEAVER = "leaver"


class FtopRole(StrEnum):
    """What somebody can be to a customer in the FastTrack Orchestration Portal."""

    REGIONAL_MANAGER = "Regional Manager"
    FASTTRACK_MANAGER = "FastTrack Manager"
    FASTTRACK_ENGINEER = "FastTrack Engineer"


class PostalAddress(_Model):
    """A business address, in Western European characters where the register has others."""

    street: Name
    city: Name
    postal_code: Name
    country: Country


class Legal(_Model):
    """The organisation as business registers have it."""

    name: Name = Field(description="Legal business name, exactly as registered.")
    address: PostalAddress
    phone: Name | None = None
    checked_on: Day | None = Field(default=None, description="When somebody last compared it with the register.")


class Contact(_Model):
    """The primary contact for program enrolment."""

    name: Name
    email: Address
    phone: Name | None = None


class Headquarters(_Model):
    """Where the organisation is at home."""

    country: Country
    domain: DomainName = Field(description="The domain of the corporate headquarters, such as contoso.com.")


class Agreement(_Model):
    """The Microsoft Partner Agreement: when it was accepted and who signed."""

    accepted_on: Day
    by: Name


class Partner(_Model):
    """A partner's file, ``partner.yaml``."""

    name: Name = Field(
        description="The organisation's name, as people say it.", examples=["Contoso Deployment Services"]
    )
    legal: Legal | None = None
    contact: Contact | None = None
    partner_id: PartnerId | None = Field(
        default=None, description="The global partner (MPN) id, in quotes.", examples=["4827315"]
    )
    headquarters: Headquarters | None = None
    agreement: Agreement | None = None
    account_verified_on: Day | None = None
    tenants: Keys = Field(min_length=1, description="Its tenants, own-use ones among them: tenants/<name>.yaml each.")


class Enrolment(_Model):
    """A program that the tenant is enrolled in."""

    enrolled_on: Day
    location_id: PartnerId | None = Field(default=None, description="The partner location id of a CSP tenant.")


class TenantDomains(_Model):
    """The domains that the tenant has verified."""

    initial: DomainName = Field(
        description="The domain that the tenant was made with: something.onmicrosoft.com.",
        examples=["contoso-partner.onmicrosoft.com"],
    )
    verified: Domains = Field(default=(), description="Further verified domains.")

    @field_validator("initial")
    @classmethod
    def _initial_is_microsofts(cls, initial: str) -> str:
        if not initial.endswith(".onmicrosoft.com"):
            raise wrong(
                f"the initial domain {initial}",
                "a domain that ends in .onmicrosoft.com",
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

    @field_validator("ids")
    @classmethod
    def _created_groups_have_no_ids_yet(cls, ids: GroupIds, info: ValidationInfo) -> GroupIds:
        if info.data.get("source") is GroupSource.CREATE and ids:
            raise wrong("`ids` with `source: create`", "ids only of groups that exist", "remove `ids`, or adopt")
        return ids


class Pins(_Model):
    """Ids of what somebody held before Tenantry came, so that it is taken over and never made twice."""

    role_assignments: AssignmentIds = Field(
        default_factory=dict, description="Directory role to the id of its existing role assignment."
    )


class Person(_Model):
    """Somebody who works in this tenant, under a key that outlives a change of name or UPN."""

    full_name: Name
    upn: Address = Field(description="User principal name: what they sign in with.")
    email: Address | None = Field(default=None, description="Business e-mail address. Emergency accounts need none.")
    roles: Roles = Field(description="Roles of Table 1. `[]` is nobody's: a person without one.")
    company_roles: CompanyRoles | None = Field(
        default=None, description="Roles that only Partner Center knows; a person gives them there, by hand."
    )
    emergency: StrictBool = Field(default=False, description="An emergency (break-glass) account.")
    adopted: Guid | None = Field(
        default=None, description="Object id of an account that exists already: referred to, never written."
    )
    pins: Pins = Field(default_factory=Pins)
    former_upns: Addresses = ()
    password_round: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Raise it to issue a new temporary password. The first is 1."
    )
    state: PersonState | None = Field(default=None, description="Left out: whether they may sign in is not managed.")

    @property
    def leaves(self) -> bool:
        """Whether they are on their way out: they keep no access."""
        return self.state is PersonState.LEAVER

    @property
    def may_sign_in(self) -> bool:
        """Whether the declaration lets them sign in."""
        return self.state in (None, PersonState.PRESENT)

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
                "`pins` on an account made here",
                "pins on adopted accounts, which may hold roles already",
                "remove `pins`, or name the account's object id under `adopted`",
            )
        if "roles" in info.data:
            given = expand(info.data["roles"], emergency=info.data.get("emergency", False))
            beside = [
                Mistake(
                    f"a pin of {role}, which none of the roles gives",
                    "pins of what `roles` gives",
                    "remove it, or add the role that gives it",
                    ("role_assignments", role.value),
                )
                for role in pins.role_assignments
                if role not in given
            ]
            if beside:
                raise all_wrong(beside)
        return pins

    @field_validator("password_round")
    @classmethod
    def _adopted_accounts_have_their_own_passwords(cls, number: int | None, info: ValidationInfo) -> int | None:
        if number and info.data.get("adopted"):
            raise wrong(
                "`password_round` with `adopted`",
                "temporary passwords for accounts made here only",
                "remove `password_round`: an adopted account is never written",
            )
        return number

    @field_validator("state")
    @classmethod
    def _adopted_accounts_are_enabled_elsewhere(
        cls, state: PersonState | None, info: ValidationInfo
    ) -> PersonState | None:
        if info.data.get("adopted") and state in (PersonState.PRESENT, PersonState.DISABLED):
            raise wrong(
                f"`state: {state}` with `adopted`",
                "no state, or `leaver`, on an adopted account",
                "remove `state`, and enable or disable the account in the Entra admin center",
            )
        return state


class FtopApproval(_Model):
    """The tenant-wide approval of FTOP, given once by a Global admin of the tenant."""

    on: Day
    by: Key = Field(description="The key of the Global admin who approved.")


class FtopCustomer(_Model):
    """A customer in FTOP, and who may write their record."""

    name: Name
    assignments: dict[Key, Annotated[tuple[FtopRole, ...], AfterValidator(once), Field(min_length=1, max_length=3)]]


class FtopPlan(_Model):
    """What the tenant does in the FastTrack Orchestration Portal."""

    approval: FtopApproval | None = Field(default=None, description="Left out: not approved yet, a to-do.")
    customers: dict[Key, FtopCustomer] = Field(default_factory=dict)


class Tenant(_Model):
    """A tenant's file, ``tenants/<name>.yaml``."""

    id: Guid = Field(description="The tenant id (directory id).")
    name: Name = Field(description="The tenant's display name.")
    country: Country = Field(description="Fixed when the tenant is made; it cannot be changed.")
    purpose: Annotated[frozenset[Purpose], Field(min_length=1)]
    domains: TenantDomains
    serves: Countries = Field(default=(), description="The countries whose customers this tenant serves.")
    programs: dict[Program, Enrolment] = Field(default_factory=dict)
    mode: Mode | None = Field(default=None, validate_default=True, description="Required where the purpose is partner.")
    agent_groups: AgentGroups = Field(default_factory=AgentGroups)
    people: dict[Key, Person] | None = Field(
        default=None, validate_default=True, description="Required where the purpose is partner."
    )
    ftop: FtopPlan | None = None

    @field_validator("mode", "people")
    @classmethod
    def _a_partner_tenant_says_who_and_how(cls, value: _Value, info: ValidationInfo) -> _Value:
        if value is None and Purpose.PARTNER in info.data.get("purpose", ()):
            mend = "add `mode: authoritative`" if info.field_name == "mode" else "add `people:`"
            raise wrong(f"no `{info.field_name}`", f"`{info.field_name}` in every partner tenant", mend)
        return value

    @field_validator("people")
    @classmethod
    def _one_account_is_one_person(cls, people: dict[str, Person] | None) -> dict[str, Person] | None:
        accounts = ((key, ("adopted",), person.adopted) for key, person in (people or {}).items())
        assignments = (
            (key, ("pins", "role_assignments", role.value), assignment)
            for key, person in (people or {}).items()
            for role, assignment in person.pins.role_assignments.items()
        )
        # Two people with one sign-in name break rule PT-304; two accounts with one cannot even be told apart.
        names = ((key, ("upn",), folded_upn(person.upn)) for key, person in (people or {}).items() if person.adopted)
        mistakes = [*_twice(accounts), *_twice(assignments), *_twice(names)]
        if mistakes:
            raise all_wrong(mistakes)
        return people

    @field_validator("ftop")
    @classmethod
    def _ftop_names_people_of_this_tenant(cls, ftop: FtopPlan | None, info: ValidationInfo) -> FtopPlan | None:
        if ftop is None or "people" not in info.data:
            return ftop
        named: list[tuple[str, FieldPath, str]] = [
            (person, ("customers", customer_key, "assignments", person), f"to assign to the customer `{customer_key}`")
            for customer_key, customer in ftop.customers.items()
            for person in customer.assignments
        ]
        if ftop.approval:
            named.append((ftop.approval.by, ("approval", "by"), "as the one who approved"))
        people = info.data["people"] or {}
        strangers = [
            Mistake(
                f"`{person}` {what}",
                "a key of this tenant's `people`",
                f"did you mean `{near[0]}`?" if near else f"add `{person}` to `people`, or name somebody who is there",
                at,
            )
            for person, at, what in named
            if person not in people
            for near in [get_close_matches(person, people, n=1)]
        ]
        if strangers:
            raise all_wrong(strangers)
        return ftop

    @property
    def members(self) -> dict[str, Person]:
        """The people of the tenant by key, leavers among them; nobody where none are declared."""
        return self.people or {}

    @property
    def is_partner(self) -> bool:
        """Whether the tenant does partner business (perhaps beside the organisation's own use)."""
        return Purpose.PARTNER in self.purpose

    @property
    def pinned_roles(self) -> dict[tuple[str, DirectoryRole], str]:
        """(person, directory role) to the id of the role assignment that exists already."""
        return {
            (key, role): assignment
            for key, person in self.members.items()
            for role, assignment in person.pins.role_assignments.items()
        }


def _twice(entries: Iterable[tuple[str, FieldPath, str | None]]) -> Iterator[Mistake]:
    """What two people share that only one can have: (person, field, value)."""
    first: dict[str, str] = {}
    for key, field, value in entries:
        if value is not None and first.setdefault(value, key) != key:
            yield Mistake(
                f"{quoted(value)}, which `{first[value]}` has too",
                "each account under one key",
                f"correct one of `{first[value]}` and `{key}`, or remove one if they are the same person",
                (key, *field),
            )
