"""The fields of what a tenant does in the FastTrack Orchestration Portal."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, ValidationInfo

from tenantry.declaration.base import Model, check, mapping, optional
from tenantry.declaration.consent import MICROSOFT_GRAPH, TenantConsent
from tenantry.declaration.fields import Day, GrantId, Guid, Key, Name, Permissions, once
from tenantry.findings import FieldPath, Finding, mistake


class FtopRole(StrEnum):
    """What somebody can be to a customer in the FastTrack Orchestration Portal."""

    REGIONAL_MANAGER = "Regional Manager"
    FASTTRACK_MANAGER = "FastTrack Manager"
    FASTTRACK_ENGINEER = "FastTrack Engineer"


class Consent(StrEnum):
    """Whether the tenant has approved FTOP."""

    TENANT = "tenant"
    PER_USER = "per user"
    PENDING = "pending"


class FtopApproval(Model):
    """How far the tenant has approved FTOP: as a whole, by a Global admin of it, on a day; per user; not yet."""

    state: Consent = Field(
        default=Consent.TENANT,
        description="`tenant`: a Global admin approved for all; `per user`: everybody consents; `pending`: not yet.",
    )
    on: Day | None = optional("The day of the approval. Required with `state: tenant`.")
    by: Key | None = optional("The Global admin who approved, by key. Required with `state: tenant`.")

    @check("on", "by")
    @staticmethod
    def _the_tenants_approval_says_when_and_by_whom(value: object, info: ValidationInfo) -> Iterator[Finding]:
        name, whole = info.field_name, info.data.get("state") is Consent.TENANT
        if whole and value is None:
            expected = "`on` and `by` with the tenant's approval"
            yield mistake(f"no `{name}`", expected, f"add `{name}:`, or write `state: pending`")
        if value is not None and not whole:
            expected = "`on` and `by` only with `state: tenant`"
            yield mistake(f"`{name}` without the tenant's approval", expected, "remove it")


class FtopCustomer(Model):
    """A customer in FTOP, and who may write their record."""

    name: Name = Field(description="The customer's name, as FTOP shows it.", examples=["Fabrikam Inc."])
    assignments: dict[Key, Annotated[tuple[FtopRole, ...], AfterValidator(once), Field(min_length=1, max_length=3)]] = (
        Field(
            description="Who may edit the customer's record, by the person's key, and in which FTOP role.",
            examples=[{"ines": ["FastTrack Engineer"]}],
        )
    )


class FtopPins(Model):
    """What the tenant had of FTOP before Tenantry came, so that it is taken over and never made twice."""

    consent_grant: GrantId | None = optional("Id of the existing consent grant for the whole tenant.")


#: Enough to sign in and to know who does. Which ones FTOP asks for is shown when it is approved.
_FTOP_PERMISSIONS: Final = ("User.Read", "openid", "profile")


class FtopPlan(Model):
    """What the tenant does in the FastTrack Orchestration Portal."""

    application_id: Guid | None = optional(
        "The application id of FTOP, which Microsoft does not publish. With it and the tenant's approval "
        "the stack gives the consent; without it a Global admin does, by hand."
    )
    approval: FtopApproval | None = optional("Whether the tenant has approved FTOP.")
    resource_application_id: Guid | None = optional(
        "The application whose permissions FTOP is granted. Default: Microsoft Graph.", MICROSOFT_GRAPH
    )
    permissions: Annotated[Permissions, Field(min_length=1)] | None = optional(
        "The delegated permissions that FTOP is granted. Default: openid, profile and User.Read.",
        ["User.Read", "openid", "profile"],
    )
    pins: FtopPins = Field(
        default_factory=FtopPins, description="What existed before this file: taken over, never created twice."
    )
    consents: dict[Key, Day] = mapping("People who have consented for themselves, and when.")
    customers: dict[Key, FtopCustomer] = mapping("The customers by a key of your own, and who may edit their records.")

    @check("resource_application_id", "permissions")
    @staticmethod
    def _permissions_are_an_applications(value: object, info: ValidationInfo) -> Iterator[Finding]:
        if value is not None and info.data.get("application_id", value) is None:
            yield mistake(
                f"`{info.field_name}` without `application_id`",
                f"`{info.field_name}` together with the id of FTOP's application",
                "add `application_id`, or remove it",
            )

    @check("pins")
    @staticmethod
    def _pins_are_of_the_tenants_approval(pins: FtopPins, info: ValidationInfo) -> Iterator[Finding]:
        if pins.consent_grant is None or not {"application_id", "approval"} <= info.data.keys():
            return
        approval = info.data["approval"]
        if info.data["application_id"] is None or approval is None or approval.state is not Consent.TENANT:
            yield mistake(
                "the pin of a consent that this file does not give",
                "`pins` together with `application_id` and the tenant's approval",
                "add `application_id` and `approval: {on: …, by: …}`, or remove `pins`",
            )

    @property
    def is_approved_for_all(self) -> bool:
        """Whether a Global admin approved FTOP for everybody in the tenant."""
        return self.approval is not None and self.approval.state is Consent.TENANT

    @property
    def named(self) -> Iterator[tuple[str, FieldPath, str]]:
        """Everybody whom this part names: the key, the field, and for what."""
        for customer_key, customer in self.customers.items():
            for person in customer.assignments:
                at = ("customers", customer_key, "assignments", person)
                yield person, at, f"assigned to the customer `{customer_key}`"
        if self.approval and self.approval.by:
            yield self.approval.by, ("approval", "by"), "who approved"
        yield from ((person, ("consents", person), "who consented") for person in self.consents)

    def consent(self, tenant_id: str) -> TenantConsent | None:
        """The tenant's consent to FTOP's application; None where its id is not declared."""
        if self.application_id is None:
            return None
        return TenantConsent(
            tenant_id,
            self.application_id,
            self.is_approved_for_all,
            self.resource_application_id or MICROSOFT_GRAPH,
            frozenset(self.permissions or _FTOP_PERMISSIONS),
            self.pins.consent_grant,
        )
