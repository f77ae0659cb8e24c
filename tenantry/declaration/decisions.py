"""What a partner decided for a time: exemptions from rules, deviations, and what is to become of drift."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo

from tenantry.declaration.base import Model, check, optional
from tenantry.declaration.fields import Day, Guid, Name, RuleId, once, within_a_year_after
from tenantry.findings import Finding, mistake
from tenantry.roles import NEVER_ASSIGNED, AgentGroup, AssignmentType


class Exemption(Model):
    """An exception from a rule for one object, for a reason, by an owner, until a day."""

    rule: RuleId = Field(description="The rule that is not applied.")
    object: Name = Field(
        description="The key of the person, group or resource that it is for.", examples=["carla", "AdminAgents"]
    )
    reason: Name = Field(description="Why the rule is not applied here.", examples=["Shared mailbox until the merger"])
    owner: Name = Field(description="The person responsible.", examples=["Grace Mbeki"])
    granted_on: Day = Field(description="When it was granted.")
    expires_on: Annotated[Day, within_a_year_after("granted_on")] = Field(
        description="At most a year after `granted_on`."
    )


class Deviation(Model):
    """That somebody is kept out of an agent group which their role gives, for a reason, by an owner, until a day."""

    reason: Name = Field(
        description="Why they are not in the group.", examples=["Works on the tenant, never on customers"]
    )
    owner: Name = Field(description="The person responsible.", examples=["Grace Mbeki"])
    decided_on: Day = Field(description="When it was decided.")
    until: Annotated[Day, within_a_year_after("decided_on")] = Field(
        description="The last day of the decision, at most a year after `decided_on`."
    )


class End(Model):
    """The day from which the declaration no longer gives a role, and why it is given until then."""

    date: Day = Field(description="The first day without it. The next update from then on removes it.")
    reason: Name = Field(description="Why it is needed until then.", examples=["The migration of Fabrikam"])


class DeclaredIdentity(Model):
    """A service principal that belongs in an agent group, for a reason, by an owner, until a day."""

    object_id: Guid = Field(description="Object id of the service principal (the enterprise application).")
    name: Name = Field(description="Its display name.", examples=["Backup Bridge"])
    groups: Annotated[tuple[AgentGroup, ...], AfterValidator(once), Field(min_length=1)] = Field(
        description="The agent groups that it is in.", examples=[["AdminAgents"]]
    )
    owner: Name = Field(description="The person responsible.", examples=["Grace Mbeki"])
    reason: Name = Field(
        description="Why it needs the access of a person.", examples=["The control panel cannot use GDAP yet"]
    )
    decided_on: Day = Field(description="When it was decided.")
    until: Annotated[Day, within_a_year_after("decided_on")] = Field(
        description="The last day of the access, at most a year after `decided_on`."
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
DRIFT_RELATIONSHIP: Final = "the relationship"
DRIFT_STATUS: Final = "the status"
DRIFT_ASSIGNMENT: Final = "an assignment"
DRIFT_PLACE: Final = "a place in a GDAP group"
DRIFT_ROLES: Final = "the set of roles"
DRIFT_EXTENSION: Final = "the extension"
DRIFT_DURATION: Final = "the duration"
#: What `tenantry drift` compares at customers.
DRIFT_AT_CUSTOMERS: Final = (
    DRIFT_RELATIONSHIP,
    DRIFT_STATUS,
    DRIFT_ASSIGNMENT,
    DRIFT_PLACE,
    DRIFT_ROLES,
    DRIFT_EXTENSION,
    DRIFT_DURATION,
)


class DriftDecision(Model):
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
    assignment: AssignmentType | None = optional(
        "Of a directory role, required: `active` or `eligible`. Neither covers the other."
    )
    scope: Name = Field(
        default="/",
        description="Of a directory role: its scope, as `tenantry drift` shows it. Default: the tenant.",
        examples=["/administrativeUnits/2a1b6c0e-8a55-4d0f-9a53-0f6f3b1f0c11"],
    )
    through: Guid | None = optional("Object id of the group through which it is held. Default: held directly.")
    state: DriftState = Field(
        description="`accepted`: not reported as drift until the date. `to be removed`: still drift, being removed."
    )
    reason: Name = Field(description="Why.", examples=["The migration project ends in March"])
    owner: Name = Field(description="The person responsible.", examples=["Grace Mbeki"])
    decided_on: Day = Field(description="When it was decided.")
    until: Annotated[Day, within_a_year_after("decided_on")] = Field(
        description="The last day of the decision, at most a year after `decided_on`."
    )

    @check("assignment")
    @staticmethod
    def _a_role_has_an_assignment_type(assignment: AssignmentType | None, info: ValidationInfo) -> Iterator[Finding]:
        what = info.data.get("what")
        if what and assignment is None and is_role_in_drift(what):
            expected = "`active` or `eligible` in a decision about a directory role"
            yield mistake("no `assignment`", expected, "copy it from what `tenantry drift` shows")
        if what and assignment and not is_role_in_drift(what):
            yield mistake(f"`assignment` for {what}", "`assignment` only for a directory role", "remove it")


def is_role_in_drift(what: str) -> bool:
    """Whether drift calls a directory role like that, and no agent group, property, account or group."""
    others = (*(group.value for group in AgentGroup), *DRIFT_PROPERTIES.values(), *DRIFT_OBJECTS, *DRIFT_AT_CUSTOMERS)
    return what.casefold() not in {other.casefold() for other in others}


def why_not_accepted(decision: DriftDecision, undone: bool) -> tuple[str, str, str] | None:
    """Why something that others did cannot stay: actual, expected, remediation; None where it can.

    ``undone``: the next update takes out of the agent groups who is not declared.
    """
    if decision.state is not DriftState.ACCEPTED:
        return None
    what = decision.what.casefold()
    if what in (DRIFT_RELATIONSHIP, DRIFT_STATUS):
        return None  # no update touches what nobody declared, and nothing revives what has ended
    group = next((group for group in AgentGroup if group.value.casefold() == what), None)
    expected = "`accepted` only for what the next update leaves alone and a rule may allow"
    instead = "or write `state: to be removed`"
    if group and undone:
        return (
            f"{group} accepted in a tenant of `mode: authoritative`: the next update restores the declared members",
            expected,
            f"to keep somebody in {group}, declare them under `people` with a role that gives it; to keep what is not "
            f"declared, change to `mode: additive`; {instead}",
        )
    if not group and not is_role_in_drift(decision.what):
        return (
            f"{decision.what} accepted: the next update restores the declared value",
            expected,
            f"declare it as it is now (`tenantry drift` shows the line); {instead}",
        )
    if what in {name.casefold() for pair in NEVER_ASSIGNED.items() for name in pair}:
        return (
            f"{decision.what} accepted, which Microsoft lists as not intended for use (PT-104)",
            expected,
            "remove the assignment in the Entra admin center, then remove this entry",
        )
    if "#ext#" in decision.principal.casefold():
        return (
            f"{decision.what} of a guest accepted (PT-106)",
            expected,
            f"give the person an account of this tenant, and remove the guest's access; {instead}",
        )
    return None
