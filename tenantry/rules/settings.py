"""What a partner may set in the configuration of the policy pack, beside the level of single rules."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tenantry.access.registered import Allowed


class Strictness(StrEnum):
    """How much a preview may leave to the next one."""

    STANDARD = "standard"
    STRICT = "strict"


class Settings(BaseModel):
    """The pack's configuration. Every key is optional; unknown keys are rejected."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, defer_build=True
    )

    partners: str = Field(
        default="../partners",
        min_length=1,
        description="The folder of the declarations; relative to the policy pack's folder.",
        examples=["/srv/partners"],
    )
    tenant: str | None = Field(
        default=None,
        pattern=r"^[^/\s]+/[^/\s]+$",
        description="The declared tenant, PARTNER/TENANT, where no stack's configuration says it (an exported state).",
        examples=["contoso/us"],
    )
    level: Strictness = Field(
        default=Strictness.STANDARD,
        description="`strict`: the agent groups are pinned, and nobody gets an agent group or a directory role before "
        "their object id is known, so that new people get access in a second `pulumi up`.",
    )
    allowed_types: frozenset[str] = Field(
        default=frozenset(),
        description="Types of other providers that give no partner access: a type's token, or `package:*`.",
        examples=[["command:local:Command", "aws:*"]],
    )
    allowed_permissions: frozenset[str] = Field(
        default=frozenset(),
        description="Permissions that may be granted to applications: by name, or by id for application permissions.",
        examples=[["Mail.Send"]],
    )
    allowed_groups: frozenset[str] = Field(
        default=frozenset(),
        description="Object ids of groups that give no access, so that members may be added to them by id.",
    )
    max_global_administrators: int = Field(
        default=4, ge=2, description="The most Global Administrators without advice of PT-202."
    )
    max_privileged_assignments: int = Field(
        default=9, ge=2, description="The most privileged role assignments without advice of PT-202."
    )

    @property
    def allowed(self) -> Allowed:
        """What the reading of a program takes for harmless, by the partner's word."""
        groups = frozenset(group.lower() for group in self.allowed_groups)
        return Allowed(self.allowed_types, self.allowed_permissions, groups)

    @property
    def strict(self) -> bool:
        """Whether nobody gets power before their object id is known."""
        return self.level is Strictness.STRICT
