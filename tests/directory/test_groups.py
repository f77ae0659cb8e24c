from typing import Any

import pytest

from tenantry.directory.enrolment import ADMIN_AGENTS, deployment_principal_id

from .samples import ADA, BILLING_ADMINISTRATOR, NOBODY, UNITED_STATES, Tenant, group_body, user_body


def test_every_property_of_a_group_is_explicit(tenant: Tenant):
    group = tenant.get(f"/beta/groups/{tenant.group(ADMIN_AGENTS)}")
    assert group["membershipRule"] is None
    assert group["groupTypes"] == []
    assert {"description", "mail", "theme", "visibility", "onPremisesSyncEnabled", "writebackConfiguration"} <= set(
        group
    )


def test_a_group_belongs_to_those_who_are_named_and_not_to_the_application_that_made_it(tenant: Tenant):
    assert tenant.ids(f"/beta/groups/{tenant.add_group('Ops')}/owners") == []
    bound = [tenant.reference(ADA.object_id)["@odata.id"]]
    named = tenant.add_group("Sales", **{"owners@odata.bind": bound})
    (owner,) = tenant.get(f"/beta/groups/{named}/owners")["value"]
    assert (owner["id"], owner["@odata.type"]) == (ADA.object_id, "#microsoft.graph.user")


def test_owners_are_added_once_and_removed_once(tenant: Tenant):
    ops = tenant.add_group("Ops")
    tenant.post(f"/beta/groups/{ops}/owners/$ref", tenant.reference(ADA.object_id))
    assert tenant.refused("POST", f"/beta/groups/{ops}/owners/$ref", tenant.reference(ADA.object_id))[2].endswith(
        "modified properties: 'owners'."
    )
    tenant.delete(f"/beta/groups/{ops}/owners/{ADA.object_id}/$ref")
    assert tenant.refused("DELETE", f"/beta/groups/{ops}/owners/{ADA.object_id}/$ref")[0] == 404


def test_the_same_owner_twice_in_one_request_is_refused(tenant: Tenant):
    bound = [tenant.reference(ADA.object_id)["@odata.id"]] * 2
    body = group_body("Ops", **{"owners@odata.bind": bound})
    assert tenant.refused("POST", "/beta/groups", body)[2] == "Request contains a property with duplicate values."
    assert tenant.ids("/beta/groups?$filter=displayName eq 'Ops'") == []


def test_members_are_added_once_found_by_id_and_removed_once(tenant: Tenant):
    ops, bob = tenant.add_group("Ops"), tenant.add_user("bob")
    members = f"/beta/groups/{ops}/members"
    tenant.post(f"{members}/$ref", tenant.reference(bob))
    assert tenant.refused("POST", f"{members}/$ref", tenant.reference(bob)) == (
        400,
        "Request_BadRequest",
        "One or more added object references already exist for the following modified properties: 'members'.",
    )
    (member,) = tenant.get(f"{members}?$filter=id eq '{bob}'")["value"]
    assert member["@odata.type"] == "#microsoft.graph.user"
    assert tenant.ids(f"{members}?$filter=id eq '{ADA.object_id}'") == []
    tenant.delete(f"{members}/{bob}/$ref")
    assert tenant.refused("DELETE", f"{members}/{bob}/$ref")[:2] == (404, "Request_ResourceNotFound")


def test_a_member_that_does_not_exist_is_not_found(tenant: Tenant):
    ops = tenant.add_group("Ops")
    assert tenant.refused("POST", f"/beta/groups/{ops}/members/$ref", tenant.reference(NOBODY)) == (
        404,
        "Request_ResourceNotFound",
        f"Resource '{NOBODY}' does not exist or one of its queried reference-property objects are not present.",
    )
    assert tenant.refused("POST", f"/beta/groups/{ops}/members/$ref", {"@odata.id": "nonsense"})[0] == 400


def test_a_group_cannot_be_a_member_of_itself(tenant: Tenant):
    ops = tenant.add_group("Ops")
    assert tenant.refused("POST", f"/beta/groups/{ops}/members/$ref", tenant.reference(ops))[0] == 400


def test_a_role_assignable_group_holds_no_groups_and_stays_what_it_is(tenant: Tenant):
    admins = tenant.add_group("Admins", isAssignableToRole=True)
    ops = tenant.add_group("Ops")
    assert tenant.refused("POST", f"/beta/groups/{admins}/members/$ref", tenant.reference(ops))[2] == (
        "Nesting is currently not supported for groups that can be assigned to a role."
    )
    tenant.post(f"/beta/groups/{admins}/members/$ref", tenant.reference(ADA.object_id))
    assert tenant.refused("PATCH", f"/beta/groups/{admins}", {"isAssignableToRole": False})[0] == 400
    assert tenant.get(f"/beta/groups/{admins}")["visibility"] == "Private"


def test_membership_is_seen_from_both_sides_and_through_groups(tenant: Tenant):
    inner, outer, bob = tenant.add_group("Inner"), tenant.add_group("Outer"), tenant.add_user("bob")
    tenant.post(f"/beta/groups/{inner}/members/$ref", tenant.reference(bob))
    tenant.post(f"/beta/groups/{outer}/members/$ref", tenant.reference(inner))
    # A circle must not make anybody wait for ever.
    tenant.post(f"/beta/groups/{inner}/members/$ref", tenant.reference(outer))

    assert tenant.ids(f"/beta/groups/{outer}/members") == [inner]
    assert tenant.ids(f"/beta/groups/{outer}/transitiveMembers") == [inner, bob]
    assert inner in tenant.ids(f"/v1.0/users/{bob}/memberOf")
    assert outer not in tenant.ids(f"/v1.0/users/{bob}/memberOf")
    assert {inner, outer} <= set(tenant.ids("/v1.0/users/bob@contoso.example/transitiveMemberOf"))


def test_member_of_names_the_directory_roles_too(tenant: Tenant):
    admins, bob = tenant.add_group("Admins", isAssignableToRole=True), tenant.add_user("bob")
    tenant.post(f"/beta/groups/{admins}/members/$ref", tenant.reference(bob))
    body = {"principalId": admins, "roleDefinitionId": BILLING_ADMINISTRATOR, "directoryScopeId": "/"}
    tenant.post("/v1.0/roleManagement/directory/roleAssignments", body)
    (role,) = tenant.get(f"/beta/groups/{admins}/memberOf")["value"]
    assert (role["@odata.type"], role["displayName"]) == ("#microsoft.graph.directoryRole", "Billing Administrator")
    assert role["id"] not in tenant.ids(f"/v1.0/users/{bob}/memberOf")
    assert role["id"] in tenant.ids(f"/v1.0/users/{bob}/transitiveMemberOf")


def test_a_deleted_group_is_gone_with_its_memberships(tenant: Tenant):
    ops, bob = tenant.add_group("Ops"), tenant.add_user("bob")
    tenant.post(f"/beta/groups/{ops}/members/$ref", tenant.reference(bob))
    tenant.delete(f"/beta/groups/{ops}")
    assert tenant.refused("GET", f"/beta/groups/{ops}")[0] == 404
    assert ops not in tenant.ids(f"/v1.0/users/{bob}/memberOf")


def test_groups_are_found_by_the_filters_that_clients_send(tenant: Tenant):
    quoted = tenant.add_group("O'Neil's")
    assert tenant.ids("/beta/groups?$filter=displayName eq 'o''neil''s'") == [quoted]
    assert tenant.ids("/beta/groups?$filter=startsWith(displayName, 'Admin')") == [tenant.group(ADMIN_AGENTS)]
    both = "mailEnabled eq false and securityEnabled eq true and displayName eq 'AdminAgents'"
    assert tenant.ids(f"/beta/groups?$filter={both}") == [tenant.group(ADMIN_AGENTS)]
    assert tenant.ids("/beta/groups?$filter=mailEnabled eq true") == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"groupTypes": ["Distribution"]}, 400),
        ({"groupTypes": ["Unified"]}, 400),
        ({"groupTypes": ["DynamicMembership"]}, 400),
        ({"membershipRule": "user.department -eq 'x'"}, 400),
        (
            {"groupTypes": ["DynamicMembership"], "membershipRule": "true", "isAssignableToRole": True},
            400,
        ),
        *(({"mailNickname": text}, 400) for text in ("with a blank", "b\u00f3b", "a@b", "a(1)", "x" * 65, "")),
        ({"description": ""}, 400),
        ({"displayName": "x" * 257}, 400),
        ({"visibility": "Secret"}, 400),
        ({"visibility": "HiddenMembership"}, 400),
        ({"theme": "Black"}, 400),
        ({"membershipRuleProcessingState": "Off"}, 400),
        ({"mailEnabled": True}, 400),
        ({"securityEnabled": False}, 400),
        ({"displayName": None}, 400),
    ],
)
def test_groups_that_cannot_be_are_refused(tenant: Tenant, changes, status):
    assert tenant.refused("POST", "/beta/groups", group_body("Ops", **changes))[0] == status


def test_members_can_be_bound_twenty_at_a_time(tenant: Tenant):
    ops = tenant.add_group("Ops")
    members = [tenant.reference(tenant.add_group(f"g{number}"))["@odata.id"] for number in range(21)]
    assert tenant.refused("PATCH", f"/beta/groups/{ops}", {"members@odata.bind": members})[0] == 400
    tenant.patch(f"/beta/groups/{ops}", {"members@odata.bind": members[:20]})
    assert len(tenant.ids(f"/beta/groups/{ops}/members")) == 20


def test_a_change_of_a_group_adds_the_owners_that_it_binds(tenant: Tenant):
    ops, max_ = tenant.add_group("Ops"), tenant.add_user("max")
    owners = {"owners@odata.bind": [tenant.reference(max_)["@odata.id"]]}
    tenant.patch(f"/v1.0/groups/{ops}", {"description": "Changed", **owners})
    assert tenant.ids(f"/v1.0/groups/{ops}/owners") == [max_]
    assert tenant.refused("PATCH", f"/v1.0/groups/{ops}", owners)[0] == 400
    tenant.delete(f"/v1.0/groups/{ops}/owners/{max_}/$ref")
    assert tenant.ids(f"/v1.0/groups/{ops}/owners") == []


def test_a_microsoft_365_group_has_its_settings_where_they_are_asked_for(tenant: Tenant):
    group = tenant.add_group("team", groupTypes=["Unified"], mailEnabled=True)
    path = f"/beta/groups/{group}?$select=allowExternalSenders,hideFromAddressLists"
    shown = {key: value for key, value in tenant.get(path).items() if key != "@odata.context"}
    assert shown == {"allowExternalSenders": False, "hideFromAddressLists": False}
    tenant.patch(f"/beta/groups/{group}", {"allowExternalSenders": True})
    assert tenant.get(path)["allowExternalSenders"] is True


def test_nobody_is_put_into_a_group_whose_rule_decides(tenant: Tenant):
    rule = {"groupTypes": ["DynamicMembership"], "membershipRule": 'user.department -eq "Sales"'}
    group = tenant.add_group("sales", **rule, membershipRuleProcessingState="On")
    assert tenant.get(f"/beta/groups/{group}")["membershipRule"] == rule["membershipRule"]
    assert tenant.refused("POST", f"/beta/groups/{group}/members/$ref", tenant.reference(ADA.object_id))[0] == 400


TEAM = {"groupTypes": ["Unified"], "mailEnabled": True}


def test_a_microsoft_365_group_has_an_address_and_no_owner_unless_one_is_named(tenant: Tenant):
    group = tenant.get(f"/v1.0/groups/{tenant.add_group('team', **TEAM)}")
    domain = next(one["id"] for one in tenant.get("/v1.0/domains")["value"] if one["isDefault"])
    assert (group["mail"], group["proxyAddresses"]) == (f"team@{domain}", [f"SMTP:team@{domain}"])
    assert tenant.ids(f"/v1.0/groups/{group['id']}/owners") == []
    bound = [tenant.reference(ADA.object_id)["@odata.id"]]
    named = tenant.add_group("other", **TEAM, **{"owners@odata.bind": bound})
    assert tenant.ids(f"/v1.0/groups/{named}/owners") == [ADA.object_id]


def test_the_mail_nickname_of_a_microsoft_365_group_is_its_own(tenant: Tenant):
    team = tenant.add_group("team", **TEAM)
    message = "Another object with the same value for property mailNickname already exists."
    refused = tenant.refused("POST", "/v1.0/groups", group_body("Team", **TEAM))
    assert refused == (400, "Request_BadRequest", message)
    other = tenant.add_group("other", **TEAM)
    assert tenant.refused("PATCH", f"/v1.0/groups/{other}", {"mailNickname": "TEAM"})[2] == message
    tenant.patch(f"/v1.0/groups/{team}", {"mailNickname": "Team"})
    # Security groups have no address.
    tenant.add_group("team")
    tenant.add_group("team")
    tenant.delete(f"/v1.0/groups/{team}")
    again = tenant.add_group("team", **TEAM)
    assert tenant.refused("POST", f"/v1.0/directory/deletedItems/{team}/restore", {})[2] == message
    tenant.delete(f"/v1.0/groups/{again}")
    assert tenant.graph.request("POST", f"/v1.0/directory/deletedItems/{team}/restore")[0] == 200


def test_a_group_and_a_user_do_not_share_an_address(tenant: Tenant):
    mail = tenant.get(f"/v1.0/groups/{tenant.add_group('team', **TEAM)}")["mail"]
    message = "Another object with the same value for property proxyAddresses already exists."
    assert tenant.refused("POST", "/v1.0/users", user_body("bob", mail=mail.upper()))[2] == message
    tenant.add_user("ops", mail=mail.replace("team@", "ops@"))
    assert tenant.refused("POST", "/v1.0/groups", group_body("ops", **TEAM))[2] == message


def test_membership_is_hidden_from_the_beginning_or_never(tenant: Tenant):
    hidden = tenant.add_group("hidden", **TEAM, visibility="HiddenMembership")
    tenant.patch(f"/v1.0/groups/{hidden}", {"description": "still hidden"})
    team = tenant.add_group("team", **TEAM, visibility="Public")
    assert tenant.refused("PATCH", f"/v1.0/groups/{team}", {"visibility": "HiddenMembership"})[0] == 400


def test_a_microsoft_365_group_holds_users_and_is_in_no_group(tenant: Tenant):
    team, security = tenant.add_group("team", **TEAM), tenant.add_group("security")
    tenant.post(f"/v1.0/groups/{team}/members/$ref", tenant.reference(ADA.object_id))
    application = deployment_principal_id(UNITED_STATES.tenant_id)
    for group, member in ((team, security), (security, team), (team, application)):
        refused = tenant.refused("POST", f"/v1.0/groups/{group}/members/$ref", tenant.reference(member))
        assert refused[:2] == (400, "Request_BadRequest")
    tenant.post(f"/v1.0/groups/{security}/members/$ref", tenant.reference(application))


NEW = "/v1.0/directoryObjects/validateProperties"


@pytest.mark.parametrize("existing", [False, True])
def test_names_of_a_group_are_checked_before_they_are_given(tenant: Tenant, existing: bool) -> None:
    team, other = tenant.add_group("team", **TEAM), tenant.add_group("other", **TEAM)
    path = f"/v1.0/groups/{other}/validateProperties" if existing else NEW
    before = tenant.get("/v1.0/groups")

    def validate(**body: Any) -> tuple[int, Any]:
        return tenant.graph.request("POST", path, {"entityType": "Group", **body})

    assert validate(displayName="team", mailNickname="free", onBehalfOfUserId=ADA.object_id) == (204, {})
    status, answer = validate(mailNickname="TEAM")
    assert (status, answer["error"]["code"]) == (422, "Request_UnprocessableEntity")
    assert [(detail["target"], detail["code"]) for detail in answer["error"]["details"]] == [
        ("mailNickname", "PropertyConflict")
    ]
    assert validate()[0] == validate(displayName=1)[0] == validate(displayName="a", onBehalfOfUserId="me")[0] == 400
    assert validate(mailNickname="other")[0] == (204 if existing else 422)
    assert tenant.get("/v1.0/groups") == before
    assert tenant.get(f"/v1.0/groups/{team}")["mailNickname"] == "team"


def test_only_names_of_groups_are_checked(tenant: Tenant) -> None:
    assert tenant.refused("POST", NEW, {"entityType": "User", "displayName": "x"})[0] == 400
    assert tenant.refused("POST", f"/v1.0/groups/{NOBODY}/validateProperties", {"displayName": "x"})[0] == 404
