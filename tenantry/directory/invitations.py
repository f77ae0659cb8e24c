"""Invitations: how an external person becomes a guest of the tenant, or a member whose account is elsewhere.

Nothing of an invitation is kept but the user; what the message says is not even looked at. Nobody can accept an
invitation here: Microsoft Graph has no request for it, and a person does it in a browser.

Sources: Microsoft Graph, "invitation resource type" and "Create invitation"; Microsoft Entra External ID,
"Properties of a B2B guest user", "Reset redemption status" and "Troubleshoot B2B collaboration". The words of the
refusals are those of field reports (MicrosoftDocs/azure-docs#71825, microsoftgraph/msgraph-beta-sdk-dotnet#798).
"""

import re
from typing import Final
from urllib.parse import urlencode

from . import domains, errors, restricted_units, users
from .documents import JsonObject, JsonValue, now
from .endpoint import Call, Category, Endpoints
from .identifiers import is_guid, new_id
from .permissions import INVITE, RESET_REDEMPTION
from .resources import INVITATION, Kind
from .tenant import Entity, Tenant

ENDPOINTS: Final = Endpoints(Category.USERS)

# No special characters but these before the @, and neither a full stop nor a hyphen at an end.
_ADDRESS: Final = re.compile(r"(?![.-])[A-Za-z0-9._'+-]+(?<![.-])@(?P<domain>[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)")
_REDIRECTION: Final = re.compile(r"https?://\S+")
_GUEST: Final = "Guest"
_PENDING, _ACCEPTED, _COMPLETED = "PendingAcceptance", "Accepted", "Completed"
_NO_CONVERSION: Final = "the invitation of a user of the tenant, who would sign in from elsewhere"
_NO_MESSAGE: Final[JsonObject] = {
    "messageLanguage": None,
    "customizedMessageBody": None,
    "ccRecipients": [{"emailAddress": {"name": None, "address": None}}],
}


@ENDPOINTS.change("POST", "/invitations", INVITE, "Invite external user")
def _invite(call: Call) -> JsonObject:
    given = INVITATION.accept(call.body, creating=True)
    address = str(given["invitedUserEmailAddress"])
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise errors.invalid_value("invitedUserEmailAddress", INVITATION.title)
    if _REDIRECTION.fullmatch(str(given["inviteRedirectUrl"])) is None:
        raise errors.invalid_value("inviteRedirectUrl", INVITATION.title)
    invited = given.get("invitedUser")
    if given.get("resetRedemption") is True:
        user = _reset(call, invited, address)
    elif invited is not None:
        raise errors.not_implemented(_NO_CONVERSION)
    else:
        user = _invited(call.tenant, address, match["domain"]) or _add(call.tenant, given, address)
    invitation: JsonObject = {
        **INVITATION.blank(),
        **given,
        "id": new_id(),
        "invitedUser": {"id": user.id},
        "invitedUserMessageInfo": given.get("invitedUserMessageInfo") or _NO_MESSAGE,
        "invitedUserType": user.document["userType"],
        "status": _COMPLETED if user.document["externalUserState"] == _ACCEPTED else _PENDING,
    }
    invitation["inviteRedeemUrl"] = _address_to_redeem(call, str(invitation["id"]))
    return call.one(Entity(0, str(invitation["id"]), Kind.INVITATION, invitation))


def _invited(tenant: Tenant, address: str, domain: str) -> Entity | None:
    """Return the user whom an earlier invitation made, or refuse an address that needs no invitation."""
    known = next((user for user in tenant.with_mail(address) if user.kind is Kind.USER), None)
    known = known or tenant.named(Kind.USER, address)
    if known is not None and known.document["externalUserState"] is not None:
        return known
    if known is not None:
        raise errors.already_in_directory(known.id, enabled=known.document["accountEnabled"] is True)
    if tenant.named(Kind.DOMAIN, domain) is not None:
        raise errors.own_domain_invited()
    return None


def _add(tenant: Tenant, given: JsonObject, address: str) -> Entity:
    name = f"{address.replace('@', '_')}#EXT#"
    # Where a group has the address, the guest has it as another one alone.
    is_free = next(tenant.with_mail(address), None) is None
    upn = f"{name}@{domains.initial(tenant)}"
    user: JsonObject = {
        "accountEnabled": True,
        "creationType": "Invitation",
        "displayName": given.get("invitedUserDisplayName") or address.partition("@")[0],
        "externalUserState": _PENDING,
        "externalUserStateChangeDateTime": now(),
        "mail": address if is_free else None,
        "mailNickname": name,
        "otherMails": [address],
        "userPrincipalName": upn,
        "userType": given.get("invitedUserType") or _GUEST,
    }
    return users.create(tenant, user)


def _reset(call: Call, invited: JsonValue, address: str) -> Entity:
    """Let a guest accept once more, with another address of theirs."""
    if not RESET_REDEMPTION.any_of & call.held:
        raise errors.GraphError(403, "Forbidden", "Generic authorization exception.")
    user_id = str(invited.get("id")) if isinstance(invited, dict) else ""
    if not is_guid(user_id):
        raise errors.value_required("invitedUser", INVITATION.title)
    user = users.find(call.tenant, user_id)
    restricted_units.check_change(call, user)
    if user.document["externalUserState"] is None:
        raise errors.not_implemented(_NO_CONVERSION)
    others = user.document["otherMails"]
    addresses = [user.document["mail"], *(others if isinstance(others, list) else [])]
    if address.lower() not in {str(known).lower() for known in addresses}:
        raise errors.malformed(
            "The email you're using to invite this user doesn't match any emails on the user object. "
            "Please add this email to the user object and try again."
        )
    pending: JsonObject = {"externalUserState": _PENDING, "externalUserStateChangeDateTime": now()}
    return call.tenant.update(user, pending)


def _address_to_redeem(call: Call, invitation_id: str) -> str:
    """Return an address of the form of Microsoft's; there is nobody behind it."""
    inner = urlencode({"tenant": call.tenant.id, "user": invitation_id, "ticket": new_id(), "ver": "2.0"})
    return f"{call.origin}/redeem?{urlencode({'rd': f'https://invitations.microsoft.com/redeem/?{inner}'})}"
