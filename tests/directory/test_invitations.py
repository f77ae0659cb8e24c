"""Invitations: who becomes a guest, who is one already, and who cannot be one."""

from typing import Any

import pytest

from tenantry.directory.resources import Kind
from tenantry.directory.store import Store

from .samples import ADA, NOBODY, UNITED_STATES, Permitted, Tenant, group_body, user_body

INVITATIONS = "/v1.0/invitations"
OWN_DOMAIN = (
    "This user cannot be invited because the domain of the user's email address is a verified domain of this directory."
)


def invitation(address: str = "dana@fabrikam.example", **more: Any) -> dict[str, Any]:
    return {"invitedUserEmailAddress": address, "inviteRedirectUrl": "https://portal.example", **more}


def invite(tenant: Tenant, address: str = "dana@fabrikam.example", **more: Any) -> dict[str, Any]:
    return dict(tenant.post(INVITATIONS, invitation(address, **more)))


def user(tenant: Tenant, invited: dict[str, Any]) -> dict[str, Any]:
    return dict(tenant.get(f"/beta/users/{invited['invitedUser']['id']}"))


def accept(store: Store, user_id: str) -> None:
    """What the guest does in a browser."""
    with store.writing(UNITED_STATES.tenant_id) as opened:
        guest = opened.find(user_id)
        assert guest is not None
        opened.update(guest, {"externalUserState": "Accepted"})


def test_who_is_invited_is_a_guest_who_has_not_accepted_yet(tenant: Tenant):
    guest = user(tenant, invite(tenant))
    assert guest["userPrincipalName"] == "dana_fabrikam.example#EXT#@contoso-partner.onmicrosoft.com"
    assert (guest["userType"], guest["creationType"]) == ("Guest", "Invitation")
    assert guest["externalUserState"] == "PendingAcceptance"
    assert guest["externalUserStateChangeDateTime"]
    assert (guest["mail"], guest["otherMails"]) == ("dana@fabrikam.example", ["dana@fabrikam.example"])
    assert guest["proxyAddresses"] == ["SMTP:dana@fabrikam.example"]
    assert (guest["displayName"], guest["accountEnabled"]) == ("dana", True)


def test_an_answer_has_the_shape_of_the_example_in_the_reference(tenant: Tenant):
    answer = invite(tenant)
    assert answer["@odata.context"].endswith("/v1.0/$metadata#invitations/$entity")
    assert tenant.enrolment.tenant_id in answer["inviteRedeemUrl"]
    assert {
        name: value for name, value in answer.items() if name not in ("@odata.context", "id", "inviteRedeemUrl")
    } == {
        "invitedUserDisplayName": None,
        "invitedUserType": "Guest",
        "invitedUserEmailAddress": "dana@fabrikam.example",
        "sendInvitationMessage": False,
        "resetRedemption": False,
        "inviteRedirectUrl": "https://portal.example",
        "status": "PendingAcceptance",
        "invitedUserMessageInfo": {
            "messageLanguage": None,
            "customizedMessageBody": None,
            "ccRecipients": [{"emailAddress": {"name": None, "address": None}}],
        },
        "invitedUser": {"id": answer["invitedUser"]["id"]},
    }


def test_an_invitation_can_name_the_person_and_make_a_member(tenant: Tenant):
    invited = invite(tenant, invitedUserDisplayName="Dana Doe", invitedUserType="Member", sendInvitationMessage=True)
    member = user(tenant, invited)
    assert (member["displayName"], member["userType"]) == ("Dana Doe", "Member")
    assert member["externalUserState"] == "PendingAcceptance"


def test_the_message_is_kept_nowhere(tenant: Tenant, store: Store):
    invite(tenant, invitedUserMessageInfo={"customizedMessageBody": "between ourselves"}, sendInvitationMessage=True)
    with store.reading(UNITED_STATES.tenant_id) as opened:
        kept = [entity.document for kind in Kind for entity in opened.scan(kind)]
    assert "between ourselves" not in str(kept)
    assert "between ourselves" not in str(tenant.get("/v1.0/auditLogs/directoryAudits"))


def test_the_audit_trail_names_the_guest(tenant: Tenant):
    guest = invite(tenant)["invitedUser"]["id"]
    newest = tenant.get("/v1.0/auditLogs/directoryAudits")["value"][0]
    assert (newest["activityDisplayName"], newest["category"]) == ("Invite external user", "UserManagement")
    assert [target["id"] for target in newest["targetResources"]] == [guest]


@pytest.mark.parametrize("local", ["dana+partner", "d" * 64, "dana.doe"])
def test_a_guest_is_invited_at_any_address(tenant: Tenant, local: str):
    guest = user(tenant, invite(tenant, f"{local}@fabrikam.example"))
    assert guest["userPrincipalName"] == f"{local}_fabrikam.example#EXT#@{UNITED_STATES.initial_domain}"
    tenant.patch(f"/v1.0/users/{guest['id']}", {"jobTitle": "Clerk"})
    assert tenant.refused("POST", "/v1.0/users", user_body("dana+partner"))[0] == 400


def test_who_is_invited_again_stays_the_same_user(tenant: Tenant, store: Store):
    first = invite(tenant)
    again = invite(tenant, "Dana@Fabrikam.example")
    assert again["invitedUser"] == first["invitedUser"]
    assert (again["status"], again["id"] == first["id"]) == ("PendingAcceptance", False)
    accept(store, first["invitedUser"]["id"])
    assert invite(tenant)["status"] == "Completed"


def test_a_colleague_is_not_invited(tenant: Tenant):
    status, code, message = tenant.refused("POST", INVITATIONS, invitation(ADA.upn))
    assert (status, code) == (400, "BadRequest")
    assert message == (
        f"The invited user already exists in the directory as object ID: {ADA.object_id}. "
        "They can use that account to sign in to shared apps and resources."
    )
    disabled = tenant.add_user("dave", accountEnabled=False)
    _, _, message = tenant.refused("POST", INVITATIONS, invitation("dave@contoso.example"))
    assert message.startswith(
        f"The invited user already exists in the directory as object ID: {disabled}, but the account is blocked"
    )
    assert tenant.refused("POST", INVITATIONS, invitation("new@contoso.example")) == (400, "BadRequest", OWN_DOMAIN)


def test_a_guest_whose_address_is_a_group_s_has_it_as_another_one(tenant: Tenant, store: Store):
    team = tenant.post("/beta/groups", group_body("team", mailEnabled=True, groupTypes=["Unified"]))
    with store.writing(UNITED_STATES.tenant_id) as opened:
        group = opened.find(team["id"])
        assert group is not None
        opened.update(group, {"mail": "team@fabrikam.example"})
    guest = user(tenant, invite(tenant, "team@fabrikam.example"))
    assert (guest["mail"], guest["otherMails"]) == (None, ["team@fabrikam.example"])


@pytest.mark.parametrize(
    "changes",
    [
        {"inviteRedirectUrl": None},
        {"inviteRedirectUrl": "portal"},
        {"invitedUserEmailAddress": ""},
        {"invitedUserEmailAddress": "dana"},
        {"invitedUserEmailAddress": "da*na@fabrikam.example"},
        {"invitedUserEmailAddress": ".dana@fabrikam.example"},
        {"invitedUserType": "Visitor"},
        {"status": "Completed"},
        {"resetRedemption": True},
    ],
)
def test_invitations_that_cannot_be_are_refused(tenant: Tenant, changes: dict[str, Any]):
    before = tenant.ids("/v1.0/users")
    assert tenant.refused("POST", INVITATIONS, invitation() | changes)[0] == 400
    assert tenant.ids("/v1.0/users") == before


def test_a_guest_can_be_asked_to_accept_once_more_with_another_address(tenant: Tenant, store: Store):
    guest = invite(tenant)["invitedUser"]
    accept(store, guest["id"])
    reset = invitation("dana@new.example", resetRedemption=True, invitedUser=guest)
    status, code, message = tenant.refused("POST", INVITATIONS, reset)
    assert (status, code) == (400, "BadRequest")
    assert "doesn't match any emails on the user object" in message
    tenant.patch(f"/v1.0/users/{guest['id']}", {"otherMails": ["dana@new.example"]})
    assert tenant.post(INVITATIONS, reset)["invitedUser"] == guest
    shown = tenant.get(f"/beta/users/{guest['id']}")
    assert shown["externalUserState"] == "PendingAcceptance"
    assert shown["userPrincipalName"].startswith("dana_fabrikam.example#EXT#"), "it stays as it was"
    missing = invitation(resetRedemption=True, invitedUser={"id": NOBODY})
    assert tenant.refused("POST", INVITATIONS, missing)[0] == 404


@pytest.mark.parametrize("more", [{}, {"resetRedemption": True}])
def test_a_colleague_is_not_turned_into_a_guest_here(tenant: Tenant, more: dict[str, Any]):
    body = invitation(ADA.upn, invitedUser={"id": ADA.object_id}, **more)
    assert tenant.refused("POST", INVITATIONS, body)[0] == 501


def test_a_permission_to_invite_is_enough_and_does_not_reset(permitted: Permitted):
    inviting = permitted("User.Invite.All")
    guest = invite(inviting)["invitedUser"]
    reset = invitation(resetRedemption=True, invitedUser=guest)
    assert inviting.refused("POST", INVITATIONS, reset) == (403, "Forbidden", "Generic authorization exception.")
    permitted("User.ReadWrite.All").post(INVITATIONS, reset)
    assert permitted("User.Read.All").refused("POST", INVITATIONS, invitation())[0] == 403
