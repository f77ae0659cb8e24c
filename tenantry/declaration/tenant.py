"""The fields of a tenant's file, ``tenants/<name>.yaml``, as the program uses them once they are valid."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Annotated

from pydantic import Field, PrivateAttr, StrictBool, ValidationInfo

from tenantry.declaration.base import Model, check, mapping, optional
from tenantry.declaration.consent import TenantConsent
from tenantry.declaration.customers import Customer, GdapGroup, GdapPlan, Relationship, mistakes, relationships
from tenantry.declaration.decisions import DeclaredIdentity, DriftDecision, Exemption, why_not_accepted
from tenantry.declaration.fields import (
    MICROSOFTS_DOMAINS,
    Countries,
    Country,
    Day,
    DomainName,
    Domains,
    GroupIds,
    Guid,
    Key,
    Keys,
    Name,
    PartnerId,
    TodoId,
    is_microsofts,
)
from tenantry.declaration.ftop import FtopPlan
from tenantry.declaration.limits import Limits
from tenantry.declaration.person import Person
from tenantry.findings import FieldPath, Finding, mistake
from tenantry.roles import AgentGroup, DirectoryRole
from tenantry.sanitize import quoted
from tenantry.spelling import alike, folded_upn


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


class Paperwork(StrEnum):
    """Whether a tenant has stated what needs dates and people outside Entra: *open* leaves it as advice and a to-do."""

    COMPLETE = "complete"
    OPEN = "open"


class Tool(StrEnum):
    """The partner-facing tools that Partner Center credentials open."""

    FTOP = "FTOP"
    FASTTRACK_PORTAL = "FastTrack Portal"
    POWER_BI = "Power BI"


class Enrolment(Model):
    """A program that the tenant is enrolled in."""

    enrolled_on: Day | None = optional(
        "The day on which the tenant was enrolled. Optional only with `paperwork: open`.", "2025-02-17"
    )
    location_id: PartnerId | None = optional("The partner location id of a CSP tenant.")
    designation: Name | None = optional(
        "What the program asks for, such as a Solutions Partner designation (once: Gold).",
        "Solutions Partner for Modern Work",
    )


class TenantDomains(Model):
    """The domains that the tenant has verified."""

    initial: DomainName = Field(
        description="The domain that the tenant was created with: something.onmicrosoft.com (US Government cloud: "
        "something.onmicrosoft.us; China: something.partner.onmschina.cn).",
        examples=["contoso-partner.onmicrosoft.com"],
    )
    verified: Domains = Field(default=(), description="Further verified domains.")

    @check("initial")
    @staticmethod
    def _initial_is_microsofts(initial: str, _: ValidationInfo) -> Iterator[Finding]:
        if not is_microsofts(initial):
            yield mistake(
                f"the initial domain {initial}",
                f"a domain that ends in .{', .'.join(MICROSOFTS_DOMAINS)}",
                "write the tenant's first domain; list the others under `verified`",
            )

    @property
    def all(self) -> tuple[str, ...]:
        """Every verified domain, the initial one first."""
        return (self.initial, *(domain for domain in self.verified if domain != self.initial))


class AgentGroups(Model):
    """How the tenant's agent groups are found."""

    source: GroupSource = Field(
        default=GroupSource.ADOPT,
        description="`adopt`: the groups that Partner Center created. `create`: only in a sandbox.",
    )
    ids: GroupIds = mapping("Object ids of the groups, if the names are ambiguous.")

    release: StrictBool = Field(
        default=False,
        description="Before a change of `mode`: the stack stops managing the groups' members and removes nobody.",
    )

    @check("ids")
    @staticmethod
    def _created_groups_have_no_ids_yet(ids: GroupIds, info: ValidationInfo) -> Iterator[Finding]:
        if info.data.get("source") is GroupSource.CREATE and ids:
            yield mistake(
                "`ids` with `source: create`",
                "`ids` only with `source: adopt`",
                "remove `ids`, or write `source: adopt`",
            )


class Tenant(Model):
    """A tenant's file, ``tenants/<name>.yaml``."""

    id: Guid = Field(description="The tenant id (directory id).")
    name: Name = Field(description="The tenant's display name.", examples=["Contoso Partner (US)"])
    country: Country = Field(description="Fixed when the tenant is created. It can never be changed.")
    purpose: Annotated[frozenset[Purpose], Field(min_length=1)] = Field(
        description="`partner`, `own use`, or both.", examples=[["partner"]]
    )
    domains: TenantDomains = Field(description="The initial domain, and those verified since.")
    serves: Countries = Field(default=(), description="The countries whose customers this tenant serves.")
    paperwork: Paperwork = Field(
        default=Paperwork.COMPLETE,
        description="`open`: agreement, verification, legal data, contact, enrolment dates and FTOP's approval may "
        "still be missing; the rules advise, and `tenantry todo` lists what is left. `complete`: the rules require "
        "them.",
    )
    programs: dict[Program, Enrolment] = mapping(
        "The partner programs that the tenant is enrolled in.",
        {"CSP": {"enrolled_on": "2025-02-17", "location_id": "5120344"}},
    )
    mode: Mode | None = optional(
        "`authoritative`: who is in an agent group and not declared is removed. `additive`: they stay. "
        "Required where the purpose is partner."
    )
    limits: Limits = Field(default_factory=Limits, description="How much access one change may remove.")
    agent_groups: AgentGroups = Field(
        default_factory=AgentGroups,
        validate_default=True,
        description="How the agent groups are found. Default: adopted, by name. `mode: additive` requires their ids.",
    )
    allowed_roles: dict[Name, Guid] = mapping(
        "Directory roles beyond Table 1, name to template id, in a tenant with `own use` in its `purpose`.",
        {"Exchange Administrator": "29232cdf-9323-42fd-ade2-1d097af3e4de"},
    )
    people: dict[Key, Person] | None = optional(
        "Everybody who works in the tenant, by a key that stays. Required where the purpose is partner."
    )
    identities: dict[Key, DeclaredIdentity] = mapping(
        "Service principals that belong in an agent group, such as a control panel's, by a key of your own: no people, "
        "and no groups.",
        {
            "backup-bridge": {
                "object_id": "0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21",
                "name": "Backup Bridge",
                "groups": ["AdminAgents"],
                "owner": "Grace Mbeki",
                "reason": "The control panel cannot use GDAP yet",
                "decided_on": "2026-01-31",
                "until": "2026-12-31",
            }
        },
    )
    ftop: FtopPlan | None = optional(
        "FTOP (the FastTrack Orchestration Portal): consent, and who is assigned to which customer."
    )
    gdap: GdapPlan | None = optional(
        "Granular delegated admin privileges: the security groups by which people work at customers, and templates."
    )
    customers: dict[Key, Customer] = mapping(
        "The customers by a key of your own, with the reseller relationship and GDAP. They may be in a file of "
        "their own, `customers/<tenant>.yaml`, and `gdap` with them."
    )
    tools: dict[Tool, Keys] = mapping("Who needs which partner-facing tool, by key.", {"FTOP": ["ines"]})
    exceptions: dict[Key, Exemption] = mapping(
        "Exceptions from rules by a key of your own, each for one object and until a date."
    )
    drift: dict[Key, DriftDecision] = mapping(
        "Decisions about drift that `tenantry drift` found, by a key of your own."
    )

    @check("drift")
    @staticmethod
    def _what_is_accepted_can_stay(decisions: dict[str, DriftDecision], info: ValidationInfo) -> Iterator[Finding]:
        undone = info.data.get("mode") is Mode.AUTHORITATIVE and Program.CSP in info.data.get("programs", ())
        for key, decision in decisions.items():
            if why := why_not_accepted(decision, undone):
                yield mistake(*why, path=(key, "state"))

    done: dict[TodoId, Day] = mapping("To-dos that somebody has done, by the id that `tenantry todo` shows.")

    @check("programs")
    @staticmethod
    def _an_enrolment_has_its_day(programs: dict[Program, Enrolment], info: ValidationInfo) -> Iterator[Finding]:
        for program, enrolment in programs.items():
            if enrolment.enrolled_on is None and info.data.get("paperwork") is Paperwork.COMPLETE:
                yield mistake(
                    "no `enrolled_on`",
                    "the day of the enrolment",
                    "add `enrolled_on: DAY`, or write `paperwork: open` in the tenant's file until it is known",
                    (program.value, "enrolled_on"),
                )

    @check("allowed_roles")
    @staticmethod
    def _more_roles_only_beside_own_use(roles: dict[str, str], info: ValidationInfo) -> Iterator[Finding]:
        if roles and Purpose.OWN_USE not in info.data.get("purpose", (Purpose.OWN_USE,)):
            yield mistake(
                "`allowed_roles` in a tenant without `own use` in its `purpose`",
                "`allowed_roles` only in a tenant with `own use` in its `purpose`",
                "remove `allowed_roles`, or declare an exception from PT-103",
            )

    @check("agent_groups")
    @staticmethod
    def _an_additive_tenant_pins_its_groups(groups: AgentGroups, info: ValidationInfo) -> Iterator[Finding]:
        if info.data.get("mode") is not Mode.ADDITIVE or Program.CSP not in info.data.get("programs", ()):
            return
        missing = [group.value for group in AgentGroup if group not in groups.ids]
        if groups.source is GroupSource.CREATE:
            yield mistake(
                "`source: create` with `mode: additive`",
                "`mode: authoritative` where the stack creates the groups: nobody else adds people to them",
                "write `mode: authoritative`, or adopt the groups",
                ("source",),
            )
        elif missing:
            yield mistake(
                f"`mode: additive` without the object id of {', '.join(missing)}",
                "the ids of all agent groups in an additive tenant: the policy pack knows the groups by them",
                f"write `agent_groups: {{ids: {{{', '.join(f'{group}: ID' for group in missing)}}}}}`, with the object "
                "ids from the Entra admin center",
            )

    @check("mode", "people")
    @staticmethod
    def _a_partner_tenant_says_who_and_how(value: object, info: ValidationInfo) -> Iterator[Finding]:
        name = info.field_name
        if value is None and Purpose.PARTNER in info.data.get("purpose", ()):
            remediation = "add `mode: authoritative` or `mode: additive`" if name == "mode" else "add `people:`"
            yield mistake(f"no `{name}`", f"`{name}` in every partner tenant", remediation)

    @check("people")
    @staticmethod
    def _one_account_is_one_person(people: dict[str, Person] | None, _: ValidationInfo) -> Iterator[Finding]:
        people = people or {}
        accounts = ((key, ("adopted",), person.adopted_id) for key, person in people.items())
        assignments = (
            (key, ("pins", "role_assignments", role.value), assignment)
            for key, person in people.items()
            for role, assignment in person.pins.role_assignments.items()
        )
        # Two people with one sign-in name break rule PT-304; two accounts with one are the same account.
        names = ((key, ("upn",), folded_upn(person.upn)) for key, person in people.items() if person.adopted)
        yield from _twice(chain(accounts, assignments, names))
        yield from _keys_of_others(people)

    @check("identities")
    @staticmethod
    def _an_identity_is_no_person(identities: dict[str, DeclaredIdentity], info: ValidationInfo) -> Iterator[Finding]:
        if identities and Program.CSP not in info.data.get("programs", {Program.CSP}):
            expected = "`identities` only in a tenant enrolled in CSP: others have no agent groups"
            yield mistake(
                "`identities` in a tenant without CSP",
                expected,
                "remove them, or declare the enrolment: `programs: {CSP: {enrolled_on: …}}`",
            )
        known = {person.adopted: f"people.{key}" for key, person in (info.data.get("people") or {}).items()}
        for key, one in identities.items():
            other = known.setdefault(one.object_id, f"identities.{key}")
            if other != f"identities.{key}":
                actual, expected = f"{one.object_id}, which `{other}` has too", "each object once"
                yield mistake(actual, expected, "correct one of the two, or remove it", (key, "object_id"))

    @check("ftop")
    @staticmethod
    def _ftop_names_people_of_this_tenant(ftop: FtopPlan | None, info: ValidationInfo) -> Iterator[Finding]:
        people = info.data.get("people") or {}
        for person, path, what in ftop.named if ftop and "people" in info.data else ():
            if person not in people:
                near, otherwise = alike(person, people), f"add `{person}` to `people`, or name a declared person"
                remediation = f"did you mean `{near}`?" if near else otherwise
                yield mistake(f"`{person}`, {what}", "a key of this tenant's `people`", remediation, path)

    @check("gdap")
    @staticmethod
    def _gdap_groups_have_people_of_this_tenant(gdap: GdapPlan | None, info: ValidationInfo) -> Iterator[Finding]:
        people = info.data.get("people") or {}
        for key, group in gdap.groups.items() if gdap and "people" in info.data else ():
            for number, person in enumerate(group.people):
                if person not in people:
                    near, otherwise = alike(person, people), f"add `{person}` to `people`, or name a declared person"
                    remediation = f"did you mean `{near}`?" if near else otherwise
                    path = ("groups", key, "people", number)
                    yield mistake(f"`{person}`", "a key of this tenant's `people`", remediation, path)

    @check("customers")
    @staticmethod
    def _customers_are_of_a_csp_partner(customers: dict[str, Customer], info: ValidationInfo) -> Iterator[Finding]:
        if customers and Program.CSP not in info.data.get("programs", {Program.CSP}):
            expected = "`customers` only in a tenant enrolled in CSP"
            yield mistake(
                "`customers` in a tenant without CSP",
                expected,
                "remove them, or declare the enrolment: `programs: {CSP: {enrolled_on: …}}`",
            )
        if "gdap" in info.data:
            yield from mistakes(customers, info.data["gdap"])

    @property
    def relationships(self) -> tuple[Relationship, ...]:
        """The GDAP relationships with all customers, with what their templates add."""
        return tuple(relationships(self.customers, self.gdap))

    @property
    def customer_groups(self) -> tuple[GdapGroup, ...] | None:
        """The groups by which people work at customers; None where nothing is declared of customers."""
        if self.gdap is None and not self.customers:
            return None
        return tuple(self.gdap.groups.values()) if self.gdap else ()

    @property
    def members(self) -> dict[str, Person]:
        """The people of the tenant by key, leavers among them; nobody where none are declared."""
        return self.people or {}

    @property
    def looked_up(self) -> dict[str, Person]:
        """The people by key whose accounts are adopted by UPN."""
        return {key: person for key, person in self.members.items() if person.is_looked_up}

    def with_object_ids(self, found: Mapping[str, str]) -> "Tenant":
        """This tenant as if its file had the object ids of accounts that were looked up, by key of the person."""
        people = {
            key: person.model_copy(update={"adopted": found[key]}) if key in found else person
            for key, person in self.members.items()
        }
        return self.model_copy(update={"people": people}) if found else self

    _written: "Tenant | None" = PrivateAttr(default=None)

    @property
    def written(self) -> "Tenant":
        """What the file says, with what has ended by the day that this tenant is as of."""
        return self._written or self

    def as_of(self, day: date) -> "Tenant":
        """This tenant as the declaration holds on a day: ended roles, deviations and identities are gone."""
        people = {key: person.as_of(day) for key, person in self.members.items()}
        identities = {key: item for key, item in self.identities.items() if day <= item.until}
        if people == self.members and identities == self.identities:
            return self
        kept = {"people": people} if self.people is not None else {}
        later = self.model_copy(update={**kept, "identities": identities})
        later._written = self.written
        return later

    @property
    def paperwork_is_open(self) -> bool:
        """Whether what needs dates and people outside Entra may still be missing."""
        return self.paperwork is Paperwork.OPEN

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
        return self.ftop.consent(self.id) if self.ftop else None

    @property
    def pinned_roles(self) -> dict[tuple[str, DirectoryRole], str]:
        """(person, directory role) to the id of the role assignment that exists already."""
        return {
            (key, role): assignment
            for key, person in self.members.items()
            for role, assignment in person.pins.role_assignments.items()
        }


def _keys_of_others(people: dict[str, Person]) -> Iterator[Finding]:
    """Former keys that are somebody's key now, or two people's."""
    taken = {key: key for key in people}
    for key, person in people.items():
        for number, former in enumerate(person.former_keys):
            if taken.setdefault(former, key) != key or former == key:
                yield mistake(
                    f"{quoted(former)}, a key of `{taken[former]}`",
                    "keys that no other person has or had",
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
