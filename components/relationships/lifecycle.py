"""What becomes of a GDAP relationship: from what Microsoft Graph has, which steps lead to what is declared. Pure.

Sources: Microsoft Graph's reference (v1.0), "delegatedAdminRelationship resource type" and the pages of its requests. A
relationship is locked when it is sent to the customer. After that only its extension can be changed, and Global
Administrator be removed; its groups are assigned once it is active.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tenantry.graph.models import AccessAssignment, Relationship
from tenantry.role_templates import GLOBAL_ADMINISTRATOR, ROLE_TEMPLATES
from tenantry.spelling import folded

_APPROVAL: Final = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/"
_CREATED: Final = "created"
PENDING: Final = "approvalPending"
_STARTING: Final = ("approved", "activating")
_ACTIVE: Final = "active"
_ENDING: Final = ("terminationRequested", "terminating", "expiring", "terminated", "expired")
NOTHING_ASSIGNED: Final = frozenset({_CREATED, PENDING, *_STARTING, *_ENDING})
"""The statuses in which no assignment counts: there is none yet, or it ends with the relationship and stays listed."""
_GONE: Final = ("deleting", "deleted")
_YEARS: Final = {"P1Y": "P365D", "P2Y": "P730D"}

_Lower = Annotated[str, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)]


class _Inputs(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, hide_input_in_errors=True
    )


class Assignment(_Inputs):
    """What a group is to hold at the customer."""

    group: _Lower
    """The group's object id."""
    roles: tuple[_Lower, ...] = Field(min_length=1)


class Wanted(_Inputs):
    """A relationship as it is declared: the resource's inputs."""

    partner_tenant_id: _Lower
    """The tenant that the relationship belongs to, in which alone it is looked up."""
    display_name: str = Field(min_length=1, max_length=50)
    duration: str = Field(pattern=r"^P\d+[DY]$")
    auto_extend_duration: Literal["PT0S", "P180D"] = "PT0S"
    role_definition_ids: tuple[_Lower, ...] = Field(min_length=1)
    customer_tenant_id: _Lower
    customer_name: str
    assignments: Mapping[str, Assignment] = {}
    """By the group's key in the declaration."""
    terminate: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """What the customer is asked for, by template id."""
        return frozenset(self.role_definition_ids)

    @property
    def by_group(self) -> dict[str, frozenset[str]]:
        """What each group is to hold, by the group's object id."""
        return {one.group: frozenset(one.roles) for one in self.assignments.values()}

    def agrees_with(self, other: "Wanted") -> bool:
        """Whether both say the same, whatever the keys and the order."""
        return _essence(self) == _essence(other)

    def as_inputs(self) -> dict[str, Any]:
        """The inputs as the engine keeps them."""
        return self.model_dump(by_alias=True, mode="json")


@dataclass(frozen=True)
class Held:
    """What a group holds at the customer."""

    group: str
    roles: frozenset[str]
    id: str = ""
    etag: str = field(default="", compare=False)
    failed: bool = False
    """Whether Microsoft could not provide it."""
    pending: bool = field(default=False, compare=False)
    """Whether Microsoft is about to provide it."""


@dataclass(frozen=True)
class Found:
    """A relationship as Microsoft Graph has it, or had it at the last refresh."""

    id: str
    status: str
    display_name: str
    duration: str
    auto_extend_duration: str
    roles: frozenset[str]
    customer_tenant_id: str
    customer_name: str
    activated_on: str
    ends_on: str
    held: tuple[Held, ...]
    etag: str = ""

    @classmethod
    def of(cls, read: Relationship, assignments: Iterable[AccessAssignment]) -> "Found":
        """What Microsoft Graph answered."""
        held = (
            Held(one.group, one.roles, one.id, one.etag, one.status == "error", one.status == "pending")
            for one in assignments
            if one.status not in _GONE
        )
        return cls(
            read.id,
            read.status,
            read.display_name,
            read.duration,
            "P180D" if read.auto_extend_duration == "P180D" else "PT0S",
            read.roles,
            read.customer.tenant_id if read.customer else "",
            (read.customer.display_name or "") if read.customer else "",
            _day(read.activated_date_time),
            _day(read.end_date_time),
            tuple(sorted(held, key=lambda one: (one.group, one.id))),
            read.etag,
        )

    @classmethod
    def in_state(cls, outputs: Mapping[str, Any]) -> "Found":
        """What the outputs of a resource say."""
        held = tuple(Held(one["group"], frozenset(one["roles"])) for one in outputs["assignments"].values())
        return cls(
            outputs["relationshipId"],
            outputs["status"],
            outputs["displayName"],
            outputs["duration"],
            outputs["autoExtendDuration"],
            frozenset(outputs["roleDefinitionIds"]),
            outputs["customerTenantId"],
            outputs["customerName"],
            outputs["activatedOn"],
            outputs["endsOn"],
            held,
        )

    def __str__(self) -> str:
        return f"The relationship {self.display_name!r} with {self.customer_name or self.customer_tenant_id}"

    @property
    def approval_link(self) -> str:
        """Where the customer approves; empty where there is nothing to approve."""
        return f"{_APPROVAL}{self.id}" if self.status == PENDING else ""

    @property
    def gives_access(self) -> bool:
        """Whether it gives access or still may."""
        return self.status not in (_CREATED, *_ENDING)

    @property
    def provided(self) -> tuple[Held, ...]:
        """What groups hold or soon will: what Microsoft could not provide gives nothing."""
        return tuple(one for one in self.held if not one.failed)

    def outputs(self, wanted: Wanted) -> dict[str, Any]:
        """The resource's outputs: what there is, with assignments by the keys of the declaration where it has any."""
        keys = {one.group: key for key, one in wanted.assignments.items()}
        held: dict[str, dict[str, Any]] = {}
        for one in self.provided:
            held[keys.get(one.group, one.group)] = {"group": one.group, "roles": sorted(one.roles)}
        waiting = [] if self.status in _ENDING else [key for key in wanted.assignments if key not in held]
        return {
            "partnerTenantId": wanted.partner_tenant_id,
            "relationshipId": self.id,
            "status": self.status,
            "displayName": self.display_name,
            "duration": self.duration,
            "autoExtendDuration": self.auto_extend_duration,
            "roleDefinitionIds": sorted(self.roles),
            "customerTenantId": self.customer_tenant_id,
            "customerName": self.customer_name,
            "activatedOn": self.activated_on,
            "endsOn": self.ends_on,
            "approvalLink": self.approval_link,
            "assignments": held,
            "waiting": sorted(waiting),
            "note": note(wanted, self),
            "terminate": wanted.terminate,
        }

    def as_wanted(self, partner_tenant_id: str) -> Wanted:
        """The inputs that say what there is: of one that is imported."""
        return Wanted(
            partner_tenant_id=partner_tenant_id,
            display_name=self.display_name,
            duration=self.duration,
            auto_extend_duration="P180D" if self.auto_extend_duration == "P180D" else "PT0S",
            role_definition_ids=tuple(sorted(self.roles)),
            customer_tenant_id=self.customer_tenant_id,
            customer_name=self.customer_name,
            assignments={
                one.group: Assignment(group=one.group, roles=tuple(sorted(one.roles))) for one in self.provided
            },
        )


# --- what is to be done


@dataclass(frozen=True)
class Lock:
    """Send it to the customer."""


@dataclass(frozen=True)
class UntilActive:
    """Wait: the customer has approved, and Microsoft prepares the access."""


@dataclass(frozen=True)
class Terminate:
    """End it."""


@dataclass(frozen=True)
class Assign:
    """Give a group its roles."""

    group: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Change:
    """Give a group other roles than it holds."""

    held: Held
    roles: frozenset[str]


@dataclass(frozen=True)
class UntilProvided:
    """Wait: Microsoft provides what was assigned, and other groups keep what they hold until then."""


@dataclass(frozen=True)
class Withdraw:
    """Take a group's roles away."""

    held: Held


@dataclass(frozen=True)
class Reduce:
    """Remove Global Administrator from what the customer approved."""

    roles: frozenset[str]


@dataclass(frozen=True)
class Extend:
    """Say by how long it is extended when it ends."""

    duration: str


Step: TypeAlias = Lock | UntilActive | Terminate | Assign | Change | UntilProvided | Withdraw | Reduce | Extend


def steps(wanted: Wanted, found: Found) -> list[Step]:
    """What is to be done, in this order, as long as nobody else has to do something first."""
    if found.status == _CREATED:
        return [] if wanted.terminate else [Lock()]
    if found.status in _STARTING:
        return [UntilActive()]
    if found.status != _ACTIVE:
        return []
    if wanted.terminate:
        return [Terminate()]
    return list(_changes(wanted, found))


def _changes(wanted: Wanted, found: Found) -> Iterator[Step]:
    """What is given comes before what is taken, so that nobody is without access in between."""
    held: dict[str, Held] = {}
    spare = []
    for one in sorted(found.held, key=lambda one: one.failed):
        if one.group in wanted.by_group and one.group not in held:
            held[one.group] = one
        else:
            spare.append(one)
    failed = [Change(one, wanted.by_group[group]) for group, one in held.items() if one.failed]
    for group, roles in wanted.by_group.items():
        if group not in held:
            yield Assign(group, roles)
        elif not held[group].failed and held[group].roles != roles:
            yield Change(held[group], roles)
    # Last of what is given: where it fails again, the update ends.
    yield from failed
    if spare and any(one.pending for one in held.values()):
        yield UntilProvided()
    if not failed:
        yield from map(Withdraw, spare)
    if wanted.roles != found.roles:
        yield Reduce(wanted.roles)
    if wanted.auto_extend_duration != found.auto_extend_duration:
        yield Extend(wanted.auto_extend_duration)


# --- what is refused, and what is said


def refusal(wanted: Wanted, found: Found) -> str | None:
    """Why a relationship cannot become what is declared; None where it can."""
    differences = list(_differences(wanted, found))
    if not differences:
        return None
    return (
        f"Refused: {found} is {found.status}, and cannot be changed once the customer was asked to approve it: "
        f"{'; '.join(differences)}. Nothing was changed. Fix: write again what was there, and declare a new "
        "relationship beside it, under another key and display name. Once the customer has approved the new one and "
        "its groups are assigned, declare `terminate` for this one: this way nobody loses access in between."
    )


def taken_over(wanted: Wanted, found: Found) -> str | None:
    """Why a relationship of the declared name is not taken over as if an interrupted update had made it; else None."""
    when = "" if found.status == _ACTIVE else " once it is active"
    adopt = f"Or adopt it as it is{when}: `adopted: {found.id}`."
    # An interrupted update assigned nothing yet. Where others' groups are assigned, none is added to them.
    others: tuple[type[Step], ...] = (Change, Withdraw, Reduce, Extend, *((Assign,) if found.held else ()))
    if found.status in _ENDING:
        why, adopt = f"it is {found.status}, and its name is not free again", ""
    elif differences := list(_differences(wanted, found)):
        why, adopt = "; ".join(differences), ""
    elif wanted.terminate:
        why = "it is to be terminated, which takes more than its name"
    elif any(isinstance(step, others) for step in steps(wanted, found)):
        why = "its groups or its extension are not as declared"
    else:
        return None
    return (
        f"Refused: {found} already exists ({found.id}), but differs from the declared one: {why}. Nothing was "
        f"changed. Fix: write another `display_name`. {adopt}".rstrip()
    )


def adoption_refusal(wanted: Wanted, found: Found) -> str | None:
    """Why a relationship is not taken over by its id (`adopted`) in this update; None where it is as declared."""
    declare = "declare it as it is (`tenantry adopt` writes it), run `pulumi up`, and change it after that"
    if found.status == _CREATED:
        why = "it was never sent to the customer"
        fix = "delete it in Partner Center, and leave `adopted` out: the update makes it and sends it"
    elif found.status == PENDING:
        why = "it waits for the customer, and no group holds anything by it yet"
        fix = f"leave it out of the declaration until the customer has approved ({found.approval_link})"
    elif found.status in _STARTING:
        why, fix = f"it is {found.status}: Microsoft prepares the access", "run the update again in a minute"
    elif found.status != _ACTIVE:
        why = f"it is {found.status}"
        fix = "leave it out of the declaration, or declare a new relationship under another display name"
    elif wanted.terminate:
        why = "it is to be ended in the same update"
        fix = "take `terminate` out, run `pulumi up`, and write it again after that"
    elif differences := [*_differences(wanted, found), *_not_yet(wanted, found)]:
        why, fix = "; ".join(differences), declare
        if failed := failed_assignments(wanted, found):
            fix = f"remove the failed assignment of {failed} in Partner Center, then {declare}"
    else:
        return None
    return (
        f"Refused: {found} is to be taken over (`adopted: {found.id}`), and only one that is active and as declared "
        f"can be: {why}. Nothing was changed. Fix: {fix}."
    )


def _not_yet(wanted: Wanted, found: Found) -> Iterator[str]:
    """What an update would change of an active relationship, in words."""
    keys = {one.group: f"`{key}`" for key, one in wanted.assignments.items()}
    for step in steps(wanted, found):
        match step:
            case Assign(group, roles):
                yield f"the group {keys[group]} holds nothing, not {_named(roles)}"
            case Change(held, _) if held.failed:
                yield f"Microsoft could not give the group {keys[held.group]} its roles"
            case Change(held, roles):
                yield f"the group {keys[held.group]} holds {_named(held.roles)}, not {_named(roles)}"
            case Withdraw(held) if not held.failed:
                yield f"the group {held.group} holds {_named(held.roles)}, and is not declared there"
            case Reduce(roles):
                yield f"its roles are {_named(found.roles)}, not {_named(roles)}"
            case Extend(duration):
                now = "is not extended" if duration == "P180D" else "is extended by 180 days"
                yield f"it {now} when it ends, and `auto_extend` says otherwise"


def removal_refusal(found: Found, *, terminate: bool = False) -> str | None:
    """Why a relationship may not leave the declaration, or be destroyed; None where it may."""
    if not found.gives_access:
        return None
    way_out = (
        "Its end is declared already: keep the entry until an update says that it has ended."
        if terminate
        else "Put it back with `terminate: {reason: …, decided_by: …, decided_on: …}` and run `pulumi up`. Remove it "
        "once an update says that it has ended."
    )
    return f"Refused: {found} is {found.status}, and would continue undeclared. {way_out} Nothing was changed."


def note(wanted: Wanted, found: Found) -> str:
    """What is worth saying of a relationship in each preview and update; empty where all is as declared."""
    who = found.customer_name or found.customer_tenant_id
    match found.status:
        case "approvalPending" if wanted.terminate:
            return (
                f"{found} waits for an approval, which cannot be withdrawn. If {who} approves, the next update ends "
                "it. Without an answer it expires after 90 days."
            )
        case "approvalPending":
            return f"Waiting for {who} to approve {found.display_name!r}: {found.approval_link}"
        case "active" if failed := failed_assignments(wanted, found):
            return f"{found}: Microsoft could not give their roles to {failed}. The next update asks for it again."
        case "created" if wanted.terminate:
            return f"{found} was never sent to the customer: remove the entry, and the next update deletes it."
        case "approved" | "activating":
            return f"{found} is approved, and Microsoft prepares the access: the next update assigns its groups."
        case "terminationRequested" | "terminating" | "expiring":
            return f"{found} is ending."
        case "terminated" | "expired" if wanted.terminate:
            return f"{found} has ended ({found.status}, {found.ends_on}): its entry can be removed."
        case "terminated" | "expired":
            return (
                f"{found} has ended ({found.status}, {found.ends_on}), and gives no access any more. Fix: declare a "
                "new relationship under another key and display name, and remove this one."
            )
        case "created" | "active":
            return ""
    return (
        f"{found} has the status {found.status!r}, which is not known here: nothing is changed as long as it has it. "
        "Look at it in Partner Center."
    )


def failed_assignments(wanted: Wanted, found: Found) -> str:
    """The keys of the declared groups for which Microsoft could not provide the roles; empty where there are none."""
    failed = {one.group for one in found.held} - {one.group for one in found.provided}
    return ", ".join(sorted(key for key, one in wanted.assignments.items() if one.group in failed))


def _differences(wanted: Wanted, found: Found) -> Iterator[str]:
    """How a relationship differs from the declared one in what never changes."""
    if folded(wanted.display_name) != folded(found.display_name):
        yield f"its display name is {found.display_name!r}, not {wanted.display_name!r}"
    if _days(wanted.duration) != _days(found.duration):
        yield f"it lasts {found.duration}, not {wanted.duration}"
    if found.customer_tenant_id and wanted.customer_tenant_id != found.customer_tenant_id:
        yield f"its customer is the tenant {found.customer_tenant_id}, not {wanted.customer_tenant_id}"
    if wanted.roles not in (found.roles, found.roles - {GLOBAL_ADMINISTRATOR.id}):
        yield f"its roles are {_named(found.roles)}, not {_named(wanted.roles)}"


def _essence(wanted: Wanted) -> tuple[object, ...]:
    return (
        wanted.partner_tenant_id,
        folded(wanted.display_name),
        _days(wanted.duration),
        wanted.auto_extend_duration,
        wanted.roles,
        wanted.customer_tenant_id,
        wanted.by_group,
        wanted.terminate,
    )


def _days(duration: str) -> str:
    return _YEARS.get(duration, duration)


def _named(roles: Iterable[str]) -> str:
    return ", ".join(sorted(ROLE_TEMPLATES[role].name if role in ROLE_TEMPLATES else role for role in roles))


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""
