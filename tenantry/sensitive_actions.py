"""Who may do what to an administrator's account in Entra ID: one table, as data.

Microsoft lets only administrators of a certain rank do certain things to the account of an administrator, and an
application is no exception: its permissions of Microsoft Graph are not enough, it needs a directory role as well. The
embedded directory enforces this table, the preview refuses by it what the service would refuse halfway, and
docs/permissions.md is rendered from it. Nothing else is imported here, so that all three can share it.

Source: Microsoft Graph's reference, "Working with users", *Sensitive actions* and *Who can perform sensitive actions*;
"Update user" and "Delete user" for applications. Where the documents leave something open, the strict reading is
taken: a property that is sent counts although its value stays the same; a role counts that is only eligible, or that
covers only an administrative unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Final


class Action(StrEnum):
    """A sensitive action on an account. Those that change a property are called as Microsoft Graph calls it."""

    ACCOUNT_ENABLED = "accountEnabled"
    USER_PRINCIPAL_NAME = "userPrincipalName"
    MOBILE_PHONE = "mobilePhone"
    BUSINESS_PHONES = "businessPhones"
    OTHER_MAILS = "otherMails"
    ON_PREMISES_IMMUTABLE_ID = "onPremisesImmutableId"
    PASSWORD_PROFILE = "passwordProfile"  # noqa: S105 (the name of a property)
    DELETE = "delete"
    RESTORE = "restore"


@dataclass(frozen=True)
class Role:
    """A built-in directory role."""

    template_id: str
    name: str

    def __str__(self) -> str:
        return self.name


USER_ADMINISTRATOR: Final = Role("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator")
AUTHENTICATION_ADMINISTRATOR: Final = Role("c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator")
PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: Final = Role(
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator"
)
GLOBAL_ADMINISTRATOR: Final = Role("62e90394-69f5-4237-9190-012177145e10", "Global Administrator")

_HIGHEST: Final = (PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, GLOBAL_ADMINISTRATOR)
_ANY: Final = (USER_ADMINISTRATOR, AUTHENTICATION_ADMINISTRATOR, *_HIGHEST)
_BY_USER_ADMINISTRATORS: Final = (USER_ADMINISTRATOR, *_HIGHEST)

LESSER_ADMINISTRATORS: Final[Mapping[Role, tuple[Role, ...]]] = {
    AUTHENTICATION_ADMINISTRATOR: (AUTHENTICATION_ADMINISTRATOR, *_HIGHEST),
    Role("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"): _ANY,
    Role("fdd7a751-b60b-444a-984c-02652fe8fa1c", "Groups Administrator"): _BY_USER_ADMINISTRATORS,
    Role("95e79109-95c0-4d8e-aee3-d01accf2d47b", "Guest Inviter"): _ANY,
    Role("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"): _BY_USER_ADMINISTRATORS,
    Role("790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b", "Message Center Reader"): _ANY,
    Role("966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator"): _ANY,
    Role("4a5d8f65-41da-4de4-8968-e035b65339cf", "Reports Reader"): _ANY,
    Role("75934031-6c7e-415a-99d7-48dbd49e875e", "Usage Summary Reports Reader"): _ANY,
    USER_ADMINISTRATOR: _BY_USER_ADMINISTRATORS,
}
"""The roles whose holders lesser administrators may act on, with who may. Of any other role, also one of the tenant's
own, only the highest administrators may act on a holder."""

_BY_TEMPLATE_ID: Final = {role.template_id: may for role, may in LESSER_ADMINISTRATORS.items()}


@dataclass(frozen=True)
class Rank:
    """What makes somebody an administrator."""

    roles: frozenset[str] = frozenset()
    """The template ids, in lower case, of the roles that they hold or are eligible for, by themselves or through a
    group, over whatever scope."""
    in_role_assignable_group: bool = False
    """Whether they are a member or an owner of a group that directory roles can be given to."""

    @property
    def is_administrator(self) -> bool:
        """Whether sensitive actions on them take a directory role at all."""
        return bool(self.roles) or self.in_role_assignable_group


ORDINARY: Final = Rank()
"""Somebody without a role."""


def needed(action: Action, target: Rank) -> tuple[Role, ...]:
    """The directory roles of which an application must hold one for the action, the least powerful first.

    None where its permission of Microsoft Graph is enough. A new password takes a role for everybody.
    """
    if not target.is_administrator:
        return _BY_USER_ADMINISTRATORS if action is Action.PASSWORD_PROFILE else ()
    if target.in_role_assignable_group:
        return _HIGHEST
    rows = [_BY_TEMPLATE_ID.get(template_id, _HIGHEST) for template_id in target.roles]
    # Each role of somebody who holds several protects them.
    return reduce(lambda some, others: tuple(role for role in some if role in others), rows)


def may(action: Action, target: Rank, held: frozenset[str]) -> bool:
    """Whether an application that holds these roles for the whole tenant, by template id, may do it."""
    roles = needed(action, target)
    return not roles or any(role.template_id in held for role in roles)


PROPERTIES: Final = tuple(action for action in Action if action not in (Action.DELETE, Action.RESTORE))
"""The properties of an account of which a change is a sensitive action."""

_SENT_WITH_EVERY_UPDATE: Final = (
    Action.ACCOUNT_ENABLED,
    Action.MOBILE_PHONE,
    Action.OTHER_MAILS,
    Action.USER_PRINCIPAL_NAME,
)
"""What the azuread provider sends with every update of an account, also of its display name alone (up to 6.9)."""


class Operation(StrEnum):
    """What is done to the account of a person, as reports call it."""

    DESCRIBE = "changing their name or e-mail address"
    RENAME = "changing their sign-in name"
    DISABLE = "disabling their account"
    ENABLE = "enabling their account"
    RENEW_PASSWORD = "giving them a new password"  # noqa: S105 (a sentence)
    DELETE = "deleting their account"

    @property
    def actions(self) -> tuple[Action, ...]:
        """The sensitive actions that the azuread provider asks the service for."""
        match self:
            case Operation.DELETE:
                return (Action.DELETE,)
            case Operation.RENEW_PASSWORD:
                return (*_SENT_WITH_EVERY_UPDATE, Action.PASSWORD_PROFILE)
            case _:
                return _SENT_WITH_EVERY_UPDATE

    def needed(self, target: Rank) -> tuple[Role, ...]:
        """The directory roles of which an application must hold one; none where its permission is enough."""
        needs = [roles for action in self.actions if (roles := needed(action, target))]
        return min(needs, key=len, default=())
