"""How much one change may take away, and who may approve more."""

from typing import Annotated

from pydantic import Field, StrictInt

from tenantry.declaration.base import Model, mapping, optional
from tenantry.declaration.fields import ChangeDigest, Day, Key, Keys, Name, PowerName

Share = Annotated[StrictInt, Field(ge=1, le=100)]
Count = Annotated[StrictInt, Field(ge=0)]


class Ceiling(Model):
    """The most that one change may take from one group or role, where it differs from what holds for all."""

    removal_share: Share | None = optional("In per cent of its holders. Default: the general limit.", 10)
    removal_count: Count | None = optional("In people. Default: the general limit.", 1)


class Override(Model):
    """The approval of one change that takes away more than the limits allow."""

    change: ChangeDigest = Field(description="The digest of the change, from the refusal. It allows this change only.")
    reason: Name = Field(description="Why so much access is removed at once.", examples=["The Oslo office has closed"])
    approved_by: Key = Field(
        description="Who approved it, by key: a person who may make such a change, and could before it."
    )
    expires_on: Day = Field(description="The last day on which it may be applied, at most seven days ahead.")


class Limits(Model):
    """Ceilings on what one change may take away, and floors under who must remain."""

    removal_share: Share | None = optional(
        "The most that one change may remove from a group or role, in per cent of its holders. Default: 25.", 25
    )
    removal_count: Count | None = optional(
        "The most people whom one change may remove from a group or role. Default: 10.", 2
    )
    termination_count: Count | None = optional(
        "The most relationships with customers that one change may terminate. Default: 1.", 3
    )
    per: dict[PowerName, Ceiling] = mapping(
        "Other limits for one group or role.", {"AdminAgents": {"removal_count": 1}}
    )
    minimum_holders: dict[PowerName, Annotated[StrictInt, Field(ge=1)]] = mapping(
        "The fewest people in a group or role who can sign in, not counting emergency accounts and guests.",
        {"Global Administrator": 2},
    )
    required_holders: dict[PowerName, Annotated[Keys, Field(min_length=1)]] = mapping(
        "People who must keep a group or role, by key.", {"Global Administrator": ["ada"]}
    )
    override: Override | None = optional("The approval of one change that removes more than these limits allow.")
