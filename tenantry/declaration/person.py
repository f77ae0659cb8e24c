"""The fields of a person in a tenant's file."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, StrictBool, StrictInt, ValidationInfo

from tenantry.declaration.base import Model, check, mapping, optional
from tenantry.declaration.decisions import Deviation, End
from tenantry.declaration.fields import (
    BY_UPN,
    Address,
    Addresses,
    Adopted,
    AssignmentIds,
    CompanyRoles,
    Day,
    Guid,
    Handle,
    Keys,
    Name,
    Role,
    Roles,
    is_schedule_id,
)
from tenantry.findings import Finding, mistake
from tenantry.roles import AgentGroup, AssignmentType, DirectoryRole, PartnerRole, expand


class PersonState(StrEnum):
    """Whether an account may sign in. Left out, it is not managed: who disables it by hand stays heard."""

    PRESENT = "present"
    DISABLED = "disabled"
    LEAVING = "leaving"
    """The step before `leaver`: they hold nothing any more, and whether they may sign in is not managed yet."""
    LEAVER = "leaver"


class Pins(Model):
    """Ids of what somebody held before Tenantry came, so that it is taken over and never created twice."""

    role_assignments: AssignmentIds = mapping(
        "Directory role to the id of its existing role assignment, or of the existing eligible one."
    )


class Assignment(Model):
    """How a directory role is assigned to somebody: by default for the whole tenant, active."""

    eligible: StrictBool = Field(
        default=False, description="Eligible: held only while its holder has activated it (PIM; needs Entra ID P2)."
    )
    administrative_unit: Guid | None = optional("Object id of the administrative unit that it is limited to.")

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


class Person(Model):
    """Somebody who works in this tenant, under a key that outlives a change of name or UPN."""

    full_name: Name = Field(description="Full name, as people know them.", examples=["Carla Jensen"])
    upn: Address = Field(description="User principal name: what they sign in with.")
    email: Address | None = optional("Business e-mail address. Emergency accounts need none.")
    email_verified_on: Day | None = optional("When a code that was sent there was entered.")
    handle: Handle | None = optional(
        "Their name at the code host, as CODEOWNERS takes it. Default: their e-mail address.",
        "@carla-jensen",
    )
    roles: Roles = Field(description="Roles of Table 1. `[]`: a person without a role.")
    company_roles: CompanyRoles | None = optional(
        "Roles that exist only in Partner Center, where somebody assigns them by hand."
    )
    emergency: StrictBool = Field(default=False, description="An emergency (break-glass) account.")
    adopted: Adopted | None = optional(
        "Object id of an existing account, which is compared and never written. `by-upn`: the "
        "one account that has the `upn`."
    )
    pins: Pins = Field(
        default_factory=Pins,
        description="What an adopted account held before this file: taken over, never created twice.",
    )
    assignments: dict[DirectoryRole, Assignment] = mapping(
        "How a directory role that `roles` gives is assigned. Default: active, for the whole tenant.",
        {"Billing Administrator": {"eligible": True}},
    )
    until: dict[Role, End] = mapping(
        "Roles that end. From the date on, the declaration no longer gives them.",
        {"Billing admin": {"date": "2026-12-31", "reason": "The migration of Fabrikam"}},
    )
    without: dict[AgentGroup, Deviation] = mapping(
        "AdminAgents, for a Global admin who is to stay out of it: a stated deviation from Table 1. They cannot use "
        "FTOP.",
        {
            "AdminAgents": {
                "reason": "Works on the tenant, never on customers",
                "owner": "Grace Mbeki",
                "decided_on": "2026-01-31",
                "until": "2026-12-31",
            }
        },
    )
    synchronised: StrictBool = Field(
        default=False, description="Synchronised from an on-premises directory: adopted, and without directory roles."
    )
    former_upns: Addresses = Field(
        default=(), description="Sign-in names that they had before, so that FTOP can follow the change."
    )
    former_keys: Keys = Field(
        default=(), description="Keys that they had in this file before, the oldest first. They keep their account."
    )
    password_round: Annotated[StrictInt, Field(ge=1, le=1_000_000)] | None = optional(
        "Raise it to issue a new temporary password. The first is 1.", 2
    )
    state: PersonState | None = optional("Whether they may sign in. Default: not managed.")

    @property
    def adopted_id(self) -> str | None:
        """The object id of an adopted account, where the declaration says it."""
        return None if self.adopted == BY_UPN else self.adopted

    @property
    def is_looked_up(self) -> bool:
        """Whether the account is adopted by its UPN, so that only the tenant has its object id."""
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

    @check("emergency")
    @staticmethod
    def _emergency_accounts_are_global_admins_alone(emergency: bool, info: ValidationInfo) -> Iterator[Finding]:
        roles = info.data.get("roles", ())
        if emergency and not set(roles) <= {PartnerRole.GLOBAL_ADMIN}:
            yield mistake(
                f"an emergency account with {', '.join(roles)}",
                "`roles: [Global admin]`",
                "give the other roles to a person's own account",
            )

    @check("pins")
    @staticmethod
    def _pins_are_of_what_was_held_before(pins: Pins, info: ValidationInfo) -> Iterator[Finding]:
        if pins.role_assignments and info.data.get("adopted", pins) is None:
            yield mistake(
                "`pins` on an account that the stack creates",
                "pins only on adopted accounts, which may hold roles already",
                "remove `pins`, or write the account's object id under `adopted`",
            )
            return
        for role in pins.role_assignments:
            if not _given(info, role):
                yield mistake(
                    f"a pin of {role}, which no role in `roles` gives",
                    "pins only of roles that `roles` gives",
                    "remove it, or add the role that gives it",
                    ("role_assignments", role.value),
                )

    @check("assignments")
    @staticmethod
    def _assignments_are_of_what_is_given_and_can_be(
        assignments: dict[DirectoryRole, Assignment], info: ValidationInfo
    ) -> Iterator[Finding]:
        if "roles" not in info.data:
            return
        emergency = info.data.get("emergency", False)
        pins = info.data["pins"].role_assignments if "pins" in info.data else {}
        for role, assignment in assignments.items():
            pin = pins.get(role)
            if not _given(info, role):
                yield mistake(
                    f"an assignment of {role}, which no role in `roles` gives",
                    "only directory roles that `roles` gives",
                    "remove it, or add the role that gives it",
                    (role.value,),
                )
            if assignment.eligible and emergency:
                yield mistake(
                    "`eligible: true` on an emergency account",
                    "an active role, which works even if Privileged Identity Management does not",
                    "remove it",
                    (role.value, "eligible"),
                )
            if assignment.administrative_unit and role is not _SCOPED:
                yield mistake(
                    f"{role} limited to an administrative unit",
                    f"an administrative unit only for {_SCOPED}: Entra can limit no other role of Table 1 to a unit",
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

    def as_of(self, day: date) -> "Person":
        """This person as the declaration holds on a day: without roles that have ended by then, and their pins.

        A deviation stays when its time is over: an end never gives access (PT-102 refuses until somebody decides).
        """
        roles = tuple(role for role in self.roles if role not in self.until or day < self.until[role].date)
        gives = expand(roles)
        without = {group: item for group, item in self.without.items() if group in gives}
        if (roles, without) == (self.roles, self.without):
            return self
        pins = {role: id_ for role, id_ in self.pins.role_assignments.items() if role in gives}
        return self.model_copy(
            update={
                "roles": roles,
                "until": {role: end for role, end in self.until.items() if role in roles},
                "without": without,
                "pins": self.pins.model_copy(update={"role_assignments": pins}),
                "assignments": {role: item for role, item in self.assignments.items() if role in gives},
            }
        )

    def ends(self, role: DirectoryRole) -> bool:
        """Whether every role that gives a directory role has a stated end."""
        return role not in expand([item for item in self.roles if item not in self.until])

    @check("until")
    @staticmethod
    def _only_what_is_given_ends(until: dict[PartnerRole, End], info: ValidationInfo) -> Iterator[Finding]:
        for role in until if "roles" in info.data else ():
            if role not in info.data["roles"]:
                expected, remediation = "ends only of roles that `roles` gives", "remove it, or add the role to `roles`"
                yield mistake(f"an end of {role}, which is not in `roles`", expected, remediation, (role.value,))
            elif info.data.get("emergency"):
                actual = f"an end of {role} on an emergency account"
                expected = "no end: an emergency account always keeps its role"
                yield mistake(actual, expected, "remove it", (role.value,))

    @check("without")
    @staticmethod
    def _only_a_global_admin_is_kept_out(
        without: dict[AgentGroup, Deviation], info: ValidationInfo
    ) -> Iterator[Finding]:
        if "roles" not in info.data:
            return
        expected = f"`without: {{{AgentGroup.ADMIN_AGENTS}: …}}` only for a {PartnerRole.GLOBAL_ADMIN}"
        for group in without:
            givers = [role for role in info.data["roles"] if group in expand([role])]
            others = [role for role in givers if role is not PartnerRole.GLOBAL_ADMIN]
            if group is not AgentGroup.ADMIN_AGENTS or not givers:
                yield mistake(
                    f"`without` {group}, which Global admin does not give them", expected, "remove it", (group.value,)
                )
            elif others:
                remediation = f"remove {others[0]} from `roles`, or remove this"
                yield mistake(
                    f"`without` {group} together with {others[0]}, which gives it",
                    expected,
                    remediation,
                    (group.value,),
                )
            elif info.data.get("emergency"):
                actual = f"`without` {group} on an emergency account, which is in no agent group"
                yield mistake(actual, expected, "remove it", (group.value,))

    @check("password_round")
    @staticmethod
    def _adopted_accounts_have_their_own_passwords(number: int | None, info: ValidationInfo) -> Iterator[Finding]:
        if number and info.data.get("adopted"):
            yield mistake(
                "`password_round` with `adopted`",
                "temporary passwords only for accounts that the stack creates",
                "remove `password_round`: an adopted account is never written",
            )

    @check("state")
    @staticmethod
    def _adopted_accounts_are_enabled_elsewhere(state: PersonState | None, info: ValidationInfo) -> Iterator[Finding]:
        if info.data.get("adopted") and state not in (None, PersonState.LEAVER):
            yield mistake(
                f"`state: {state}` with `adopted`",
                "no state, or `leaver`, on an adopted account",
                "remove `state`, and enable or disable the account in the Entra admin center",
            )


def _given(info: ValidationInfo, role: DirectoryRole) -> bool:
    """Whether a person's roles give a directory role, as far as the roles are valid."""
    roles = info.data.get("roles")
    return roles is None or role in expand(roles, emergency=info.data.get("emergency", False))
