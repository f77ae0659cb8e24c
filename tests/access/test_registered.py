"""What a program's resources give, read without believing what the program says of itself."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi_azuread
import pytest

from tenantry.access import Answer, AssignmentType, Kind, Principal, Unresolved
from tenantry.access import resource_types as types
from tenantry.access.inverse import FTOP_APPLICATION
from tenantry.access.principals import By
from tenantry.access.registered import UNKNOWN, Allowed, RegisteredResource, read
from tenantry.declaration.consent import MICROSOFT_GRAPH, TenantConsent
from tenantry.graph.models import MemberKind
from tenantry.roles import AgentGroup
from tests.acme import ADA_ID, GROUP_IDS, UNDECLARED
from tests.rules.builder import (
    BILLING_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
    HELPDESK_ADMINISTRATOR,
    World,
    assignment,
    group_member,
    honest,
    resource,
    user,
)

ADMINS = AgentGroup.ADMIN_AGENTS
ADA, BRUNO, CARLA, FAY, NEW = (
    Principal(By.UPN, f"{name}@acme-partner.onmicrosoft.com")
    for name in ("ada.moss", "bruno.vale", "carla.wood", "fay.ford", "new.comer")
)
NEWCOMER = user("newcomer", "new.comer@acme-partner.onmicrosoft.com")
SOMEBODY = Principal(By.OBJECT_ID, UNDECLARED)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def holders(world: World, kind: Kind, target: str) -> set[Principal]:
    return set(world.view.access.holders(kind, target))


def admins(world: World) -> set[Principal]:
    return holders(world, Kind.AGENT_GROUP, "AdminAgents")


def unresolved(world: World) -> set[tuple[str, str, str]]:
    return {(place.kind.value, place.target, place.where.rsplit("::", 1)[-1]) for place in world.view.access.unresolved}


def outside(world: World) -> set[tuple[str, str]]:
    found = world.view.out_of_policy
    assert all(item.remediation for item in found), "each says what to do"
    return {(item.urn.rsplit("::", 1)[-1], item.what) for item in found}


# Who is in an agent group


def test_known_and_new_members_are_the_people_that_the_declaration_names(world: World) -> None:
    assert admins(world) == {ADA, BRUNO, CARLA}
    assert not world.view.access.unresolved
    assert not world.view.out_of_policy


def test_everybody_is_the_same_person_once_their_ids_are_known(world: World) -> None:
    first = set(world.view.access.grants)
    ids = {"bruno": "b0000000-0000-4000-8000-000000000001", "fay": "f0000000-0000-4000-8000-000000000001"}
    world.add(*honest(world.declaration.tenants["us"], ids=ids).values())
    assert set(world.view.access.grants) == first
    assert not world.view.access.unresolved


def test_a_literal_id_beside_new_people_is_seen(world: World) -> None:
    world.add_members(ADMINS, [UNDECLARED])
    assert admins(world) == {ADA, BRUNO, CARLA, SOMEBODY}


def test_a_new_person_is_known_by_the_resource_that_the_id_comes_from(world: World) -> None:
    world.add(NEWCOMER)
    world.add_members(ADMINS, [UNKNOWN], {NEWCOMER.urn})
    assert admins(world) == {ADA, BRUNO, CARLA, NEW}
    assert not world.view.access.unresolved


def test_a_list_that_is_unknown_as_a_whole_is_unresolved_and_names_whom_it_can(world: World) -> None:
    world.change("AdminAgents", inputs={"members": UNKNOWN})
    assert unresolved(world) == {("agent group", "AdminAgents", "AdminAgents")}
    assert admins(world) == {BRUNO, CARLA}


@pytest.mark.parametrize(
    "urns",
    [
        pytest.param(set(), id="from nowhere"),
        pytest.param({"urn:p:d::t::random:x:X::id"}, id="elsewhere"),
    ],
)
def test_more_unknown_members_than_new_people_are_unresolved(world: World, urns: set[str]) -> None:
    world.add_members(ADMINS, [UNKNOWN], urns)
    assert unresolved(world) == {("agent group", "AdminAgents", "AdminAgents")}


def test_fewer_unknown_members_than_new_people_are_unresolved(world: World) -> None:
    world.add(NEWCOMER)
    world.add_members(ADMINS, [], {NEWCOMER.urn})
    assert ("agent group", "AdminAgents", "AdminAgents") in unresolved(world)


def test_inputs_that_nobody_collected_are_unresolved_and_never_nothing(world: World) -> None:
    for name, item in list(world.program.items()):
        world.change(name, inputs=dict(item.outputs))
    assert {target for _, target, _ in unresolved(world)} >= {"AdminAgents", "HelpdeskAgents", "SalesAgents"}


def test_what_is_not_known_yet_is_not_what_was_there_before(world: World) -> None:
    """At a preview the outputs of a group that is adopted or updated are its old members."""
    world.change("AdminAgents", inputs={"members": UNKNOWN}, outputs={"members": [ADA_ID]})
    assert unresolved(world) == {("agent group", "AdminAgents", "AdminAgents")}


def test_a_role_that_is_not_known_yet_is_not_the_one_from_before(world: World) -> None:
    world.add(assignment("x", UNKNOWN, UNDECLARED))
    world.change("x", outputs={"roleId": HELPDESK_ADMINISTRATOR})
    assert unresolved(world) == {("directory role", "unknown", "x")}


@pytest.mark.parametrize("ignored", ["members", "members[0]", 'members["x"]', '["members"]', "*", "members[*]"])
def test_members_whose_changes_are_ignored_are_unresolved(world: World, ignored: str) -> None:
    world.change("AdminAgents", ignores=frozenset({ignored}))
    assert unresolved(world) == {("agent group", "AdminAgents", "AdminAgents")}


@pytest.mark.parametrize("rule", [{"enabled": True, "rule": "user.department -eq 'x'"}, UNKNOWN])
def test_a_dynamic_membership_is_unresolved(world: World, rule: Any) -> None:
    world.change("SalesAgents", inputs={"dynamicMembership": rule})
    assert unresolved(world) == {("agent group", "SalesAgents", "SalesAgents")}


def test_owners_of_an_agent_group_are_a_way_to_it(world: World) -> None:
    world.change("AdminAgents", inputs={"owners": [UNDECLARED]}, ignores=frozenset())
    assert outside(world) == {("AdminAgents", "owners of AdminAgents, who can add members to it")}


def test_owners_that_an_adopted_group_has_already_are_nobodys_business(world: World) -> None:
    world.change("AdminAgents", inputs={"owners": [UNDECLARED]}, ignores=frozenset({"owners"}))
    assert outside(world) == set()


def test_ignoring_the_owners_of_a_group_that_is_made_now_hides_nothing(world: World) -> None:
    look_alike = {"displayName": "AdminAgents", "owners": [UNDECLARED]}
    world.add(resource(types.GROUP, "x", look_alike, ignores=frozenset({"owners"})))
    assert outside(world) == {("x", "owners of AdminAgents, who can add members to it")}


# Which group is an agent group


@pytest.mark.parametrize("name", ["AdminAgents", "Admin Agents", "adminagents", " ADMIN  AGENTS "])
def test_both_spellings_of_a_name_are_one_group(world: World, name: str) -> None:
    world.add(resource(types.GROUP, "x", {"displayName": name, "members": [UNDECLARED]}))
    assert SOMEBODY in admins(world)
    assert [group for group, _ in world.view.agent_groups].count(ADMINS) == 2


def test_an_agent_group_under_another_name_is_found_by_its_id(world: World) -> None:
    taken = resource(
        types.GROUP, "x", {"displayName": "Harmless", "members": [UNDECLARED]}, object_id=GROUP_IDS[ADMINS].upper()
    )
    world.add(taken)
    assert SOMEBODY in admins(world)


def test_a_pinned_group_is_an_agent_group_whatever_it_is_called(world: World) -> None:
    pinned = "cccccccc-0000-4000-8000-000000000001"
    world.write("mode: authoritative", f"mode: authoritative\nagent_groups: {{ids: {{SalesAgents: {pinned}}}}}")
    world.add(group_member("x", pinned, UNDECLARED))
    assert SOMEBODY in holders(world, Kind.AGENT_GROUP, "SalesAgents")


def test_a_new_group_without_a_known_name_is_unresolved(world: World) -> None:
    world.add(resource(types.GROUP, "x", {"displayName": UNKNOWN, "members": [UNDECLARED]}))
    assert unresolved(world) == {("agent group", "unknown", "x")}


def test_other_groups_give_nothing(world: World) -> None:
    before = world.view.access
    club = resource(types.GROUP, "club", {"displayName": "Book club", "members": [UNDECLARED]})
    world.add(club, group_member("x", UNKNOWN, UNDECLARED, depends={"groupObjectId": {club.urn}}))
    assert world.view.access == before
    assert not world.view.members_beside


@pytest.mark.parametrize("group", [GROUP_IDS[ADMINS], f"/groups/{GROUP_IDS[ADMINS].upper()}"])
def test_a_group_member_by_id(world: World, group: str) -> None:
    world.add(group_member("x", group, UNDECLARED))
    assert SOMEBODY in admins(world)
    assert [(group, item.name) for group, item in world.view.members_beside] == [(ADMINS, "x")]


def test_a_group_member_by_the_resources_that_its_ids_come_from(world: World) -> None:
    made = resource(types.GROUP, "made", {"displayName": "Sales Agents"})
    depends = {"groupObjectId": {made.urn}, "memberObjectId": {NEWCOMER.urn}}
    world.add(NEWCOMER, made, group_member("x", UNKNOWN, UNKNOWN, depends=depends))
    assert NEW in holders(world, Kind.AGENT_GROUP, "SalesAgents")
    assert not world.view.access.unresolved


@pytest.mark.parametrize("sources", [set(), {NEWCOMER.urn}, {"both"}])
def test_a_group_member_of_an_unknown_group_is_unresolved(world: World, sources: set[str]) -> None:
    club = resource(types.GROUP, "club", {"displayName": "Book club"})
    urns = {club.urn, world.program["AdminAgents"].urn} if sources == {"both"} else sources
    world.add(NEWCOMER, club, group_member("x", UNKNOWN, UNDECLARED, depends={"groupObjectId": urns}))
    assert unresolved(world) == {("agent group", "unknown", "x")}


# Directory roles


def test_a_role_by_template_id_in_any_case(world: World) -> None:
    world.add(assignment("x", GLOBAL_ADMINISTRATOR.upper(), UNDECLARED))
    assert SOMEBODY in holders(world, Kind.DIRECTORY_ROLE, GLOBAL_ADMINISTRATOR)


def test_a_role_by_the_object_id_of_a_registered_role(world: World) -> None:
    object_id = "dddddddd-0000-4000-8000-000000000001"
    world.change("Billing Administrator", outputs={"objectId": object_id})
    world.add(resource(types.DIRECTORY_ROLE_MEMBER, "x", {"roleObjectId": object_id, "memberObjectId": UNDECLARED}))
    assert holders(world, Kind.DIRECTORY_ROLE, BILLING_ADMINISTRATOR) == {FAY, SOMEBODY}


def test_a_role_by_the_resource_that_its_id_comes_from(world: World) -> None:
    role = world.program["Billing Administrator"]
    world.add(assignment("x", UNKNOWN, UNDECLARED, depends={"roleId": {role.urn}}))
    assert holders(world, Kind.DIRECTORY_ROLE, BILLING_ADMINISTRATOR) == {FAY, SOMEBODY}
    assert not world.view.access.unresolved


def test_a_role_that_comes_from_two_resources_is_unresolved(world: World) -> None:
    urns = {world.program[name].urn for name in ("Billing Administrator", "Global Administrator")}
    world.add(assignment("x", UNKNOWN, ADA_ID, depends={"roleId": urns}))
    assert unresolved(world) == {("directory role", "unknown", "x")}
    assert holders(world, Kind.DIRECTORY_ROLE, "unknown") == {ADA}


def test_a_role_of_a_new_person(world: World) -> None:
    world.add(NEWCOMER)
    world.add(assignment("x", GLOBAL_ADMINISTRATOR, UNKNOWN, depends={"principalObjectId": {NEWCOMER.urn}}))
    assert NEW in holders(world, Kind.DIRECTORY_ROLE, GLOBAL_ADMINISTRATOR)


def test_a_role_of_an_unknown_principal_is_unresolved(world: World) -> None:
    world.add(assignment("x", GLOBAL_ADMINISTRATOR, UNKNOWN))
    assert unresolved(world) == {("directory role", GLOBAL_ADMINISTRATOR, "x")}


def test_an_eligible_role_is_a_grant_of_its_own_standing(world: World) -> None:
    inputs = {"roleDefinitionId": GLOBAL_ADMINISTRATOR, "principalId": UNDECLARED, "directoryScopeId": "/"}
    world.add(resource(types.DIRECTORY_ROLE_ELIGIBILITY, "x", inputs))
    (grant,) = world.view.access.by_principal()[SOMEBODY]
    assert (grant.target, grant.assignment_type, grant.scope) == (GLOBAL_ADMINISTRATOR, AssignmentType.ELIGIBLE, "/")


UNIT = "eeeeeeee-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("type_", "inputs", "scope"),
    [
        (types.DIRECTORY_ROLE_ASSIGNMENT, {"roleId": "R", "principalObjectId": UNDECLARED}, "/"),
        (
            types.DIRECTORY_ROLE_ASSIGNMENT,
            {"roleId": "R", "principalObjectId": UNDECLARED, "directoryScopeId": "/"},
            "/",
        ),
        (
            types.DIRECTORY_ROLE_ASSIGNMENT,
            {"roleId": "R", "principalObjectId": UNDECLARED, "directoryScopeId": f"/administrativeUnits/{UNIT}"},
            f"/administrativeUnits/{UNIT}",
        ),
        (
            types.DIRECTORY_ROLE_ASSIGNMENT,
            {"roleId": "R", "principalObjectId": UNDECLARED, "appScopeId": "/AppCatalog1"},
            "/AppCatalog1",
        ),
        (
            types.DIRECTORY_ROLE_ASSIGNMENT,
            {"roleId": "R", "principalObjectId": UNDECLARED, "directoryScopeId": UNKNOWN},
            "not known yet",
        ),
        (
            types.ADMINISTRATIVE_UNIT_ROLE_MEMBER,
            {"roleObjectId": "R", "memberObjectId": UNDECLARED, "administrativeUnitObjectId": UNIT},
            UNIT,
        ),
        (
            types.ADMINISTRATIVE_UNIT_ROLE_MEMBER,
            {"roleObjectId": "R", "memberObjectId": UNDECLARED, "administrativeUnitObjectId": UNKNOWN},
            "not known yet",
        ),
    ],
)
def test_a_role_over_a_part_of_the_tenant_is_not_one_over_all_of_it(
    world: World, type_: str, inputs: dict[str, Any], scope: str
) -> None:
    world.add(resource(type_, "x", inputs))
    (grant,) = world.view.access.by_principal()[SOMEBODY]
    assert grant.scope == scope


# Who is no user of the tenant


@pytest.mark.parametrize(
    ("undeclared_account", "what"),
    [
        (resource(types.INVITATION, "s", {"userEmailAddress": "eve@example.org"}), True),
        (user("s", "eve_example.org#EXT#@acme-partner.onmicrosoft.com"), True),
        (resource(types.GROUP, "s", {"displayName": "Outsiders"}), MemberKind.GROUP),
        (resource(types.SERVICE_PRINCIPAL, "s", {}), MemberKind.SERVICE_PRINCIPAL),
    ],
)
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_guests_nested_groups_and_services_are_distinguished_from_people(
    world: World, undeclared_account: RegisteredResource, what: MemberKind | bool, known: bool
) -> None:
    world.add(undeclared_account)
    if known:
        world.change("s", outputs={"objectId": UNDECLARED, "userId": UNDECLARED})
        world.add_members(ADMINS, [UNDECLARED])
    else:
        world.add_members(ADMINS, [UNKNOWN], {undeclared_account.urn})
    view = world.view
    others = [item for item in view.access.holders(Kind.AGENT_GROUP, "AdminAgents") if not item.is_member_account]
    assert [item.guest or item.kind for item in others] == [what]
    assert not view.access.unresolved


def test_an_account_under_somebody_elses_name_is_a_way_round_the_declaration(world: World) -> None:
    world.add(user("x", "other@acme-partner.onmicrosoft.com", ADA_ID))
    ((name, what),) = outside(world)
    assert name == "x"
    assert what.startswith("an account under somebody else's name")
    assert ADA in admins(world), "what the contradiction says is not believed"


# What the program refers to, or leaves behind to be deleted


@pytest.mark.parametrize("name", ["AdminAgents", "us-bruno", "Billing Administrator-fay"])
def test_what_is_not_registered_gives_nobody_anything(world: World, name: str) -> None:
    gone = {
        grant
        for grant, reasons in world.view.access.grants.items()
        if {r.source for r in reasons} == {world.program[name].urn}
    }
    before = set(world.view.access.grants)
    world.change(name, registered=False)
    assert set(world.view.access.grants) == before - gone
    assert name not in {resource.name for _, resource in world.view.accounts}


def test_what_is_not_registered_still_tells_what_an_id_means(world: World) -> None:
    world.change("AdminAgents", registered=False)
    world.add(group_member("x", GROUP_IDS[ADMINS], UNDECLARED))
    assert admins(world) == {SOMEBODY}


# Escalation paths


OTHER = "ffffffff-0000-4000-8000-000000000001"
PIM = "PrivilegedAccessGroupEligibilitySchedule"
TYPE = {token.rsplit(":", 1)[-1]: token for token in types.TYPES}
ACT = "lets somebody act as an application that this program does not create"
OWNERS = "owners of an identity that existed already, who can act as it"
UNIT_OF = "AdminAgents in an administrative unit, whose administrators can change its members"
ASSIGNABLE = "members of a role-assignable group, who get every role that the group is given"
DOORS = [
    (PIM, {"groupId": GROUP_IDS[ADMINS]}, f"{PIM} lets people become members of AdminAgents"),
    (
        "AccessPackageResourceCatalogAssociation",
        {"resourceOriginId": GROUP_IDS[ADMINS]},
        "AccessPackageResourceCatalogAssociation lets people become members of AdminAgents",
    ),
    (
        "GroupRoleManagementPolicy",
        {"groupId": GROUP_IDS[ADMINS]},
        "GroupRoleManagementPolicy lets people become members of AdminAgents",
    ),
    (
        "AppRoleAssignment",
        {"appRoleId": "9E3F62CF-ca93-4989-b6ce-bf83c28f9fe8"},
        "the application permission RoleManagement.ReadWrite.Directory",
    ),
    ("AppRoleAssignment", {"appRoleId": "df021288-bdef-4463-88db-98f22de89214"}, None),
    (
        "ServicePrincipalDelegatedPermissionGrant",
        {"claimValues": ["User.Read", "Group.ReadWrite.All"]},
        "the delegated permission Group.ReadWrite.All",
    ),
    ("ServicePrincipalDelegatedPermissionGrant", {"claimValues": ["openid"]}, None),
    (
        "ApplicationPassword",
        {"applicationId": f"/applications/{OTHER}"},
        "ApplicationPassword lets somebody act as an application that this program does not create",
    ),
    (
        "ServicePrincipalPassword",
        {"servicePrincipalId": UNKNOWN},
        "ServicePrincipalPassword lets somebody act as an application that this program does not create",
    ),
    ("GroupMember", {"groupObjectId": GROUP_IDS[ADMINS], "memberObjectId": ADA_ID}, None),
    (
        "AccessPackage",
        {"catalogId": OTHER},
        "AccessPackage opens an access package or a catalogue that this program does not create",
    ),
    (
        "AccessPackageAssignmentPolicy",
        {"accessPackageId": OTHER},
        "AccessPackageAssignmentPolicy opens an access package or a catalogue that this program does not create",
    ),
    (
        "AccessPackageResourceCatalogAssociation",
        {"resourceOriginId": OTHER, "resourceOriginSystem": "AadApplication"},
        None,
    ),
    ("ApplicationRedirectUris", {"applicationId": OTHER}, f"ApplicationRedirectUris {ACT}"),
    ("SynchronizationJob", {"servicePrincipalId": OTHER}, f"SynchronizationJob {ACT}"),
    ("ServicePrincipal", {"useExisting": True, "owners": [UNDECLARED]}, OWNERS),
    ("ServicePrincipal", {"useExisting": True}, None),
    ("ServicePrincipal", {"owners": [UNDECLARED]}, None),
    ("AppRoleAssignment", {"appRoleId": "00000000-0000-0000-0000-000000000000"}, None),
    ("AppRoleAssignment", {"appRoleId": OTHER}, f"the application permission {OTHER}"),
    ("ServicePrincipalDelegatedPermissionGrant", {"claimValues": ["User.Read.All", "Files.Read.Shared"]}, None),
    ("ServicePrincipalDelegatedPermissionGrant", {"claimValues": ["Mail.Send"]}, "the delegated permission Mail.Send"),
    (
        "ServicePrincipalDelegatedPermissionGrant",
        {"claimValues": ["user_impersonation"]},
        "the delegated permission user_impersonation",
    ),
    (
        "CustomDirectoryRole",
        {"permissions": [{"allowedResourceActions": ["microsoft.directory/groups/members/update"]}]},
        "a custom role that may microsoft.directory/groups/members/update",
    ),
    (
        "CustomDirectoryRole",
        {"permissions": [{"allowedResourceActions": ["microsoft.directory/groups/standard/read"]}]},
        None,
    ),
    ("AdministrativeUnit", {"members": [GROUP_IDS[ADMINS]]}, UNIT_OF),
    ("AdministrativeUnit", {"members": [UNDECLARED]}, None),
    ("AdministrativeUnitMember", {"memberObjectId": GROUP_IDS[ADMINS]}, UNIT_OF),
    ("Group", {"displayName": "T0", "assignableToRole": True, "members": [UNDECLARED]}, ASSIGNABLE),
    ("Group", {"displayName": "T0", "assignableToRole": True}, None),
    ("Group", {"displayName": "T0", "assignableToRole": False, "members": [UNDECLARED]}, None),
    (
        "ConditionalAccessPolicy",
        {"state": "enabled", "conditions": {"users": {"excludedRoles": [GLOBAL_ADMINISTRATOR]}}},
        "a Conditional Access policy that excludes holders of a directory role",
    ),
    (
        "ConditionalAccessPolicy",
        {"state": "enabled", "conditions": UNKNOWN},
        "a Conditional Access policy whose exclusions are unknown",
    ),
    ("ConditionalAccessPolicy", {"state": "disabled"}, "a Conditional Access policy that is switched off"),
    ("ConditionalAccessPolicy", {"state": "enabled"}, None),
]


@pytest.mark.parametrize(("type_", "inputs", "what"), DOORS)
def test_escalation_paths_to_partner_power(world: World, type_: str, inputs: dict[str, Any], what: str | None) -> None:
    world.add(resource(TYPE[type_], "x", inputs))
    assert outside(world) == ({("x", what)} if what else set())
    assert not world.view.access.unresolved


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (PIM, {"groupId": UNKNOWN}),
        (PIM, {"groupId": OTHER}),
        ("GroupMember", {"groupObjectId": OTHER, "memberObjectId": UNDECLARED}),
        ("CustomDirectoryRole", {"permissions": UNKNOWN}),
        ("CustomDirectoryRole", {"permissions": [{"allowedResourceActions": [UNKNOWN]}]}),
        ("AppRoleAssignment", {"appRoleId": UNKNOWN}),
        ("ServicePrincipalDelegatedPermissionGrant", {"claimValues": UNKNOWN}),
        ("ServicePrincipalDelegatedPermissionGrant", {"claimValues": ["openid", UNKNOWN]}),
    ],
)
def test_an_escalation_path_that_is_unknown_is_unresolved(world: World, type_: str, inputs: dict[str, Any]) -> None:
    world.add(resource(TYPE[type_], "x", inputs))
    assert {name for _, _, name in unresolved(world)} == {"x"}


def test_people_may_be_put_into_a_group_that_is_seen_or_allowed(world: World) -> None:
    seen = resource(types.GROUP, "seen", {"displayName": "Club"}, object_id=OTHER, registered=False)
    world.add(seen, group_member("x", OTHER, UNDECLARED))
    assert not unresolved(world)
    assert not outside(world)
    del world.program["seen"]
    assert unresolved(world) == {("agent group", "unknown", "x")}
    allowed = read(world.program.values(), allowed=Allowed(groups=frozenset({OTHER})))
    assert not allowed.access.unresolved


def test_a_group_that_is_seen_to_hold_roles_lets_nobody_in(world: World) -> None:
    seen = resource(types.GROUP, "seen", {"displayName": "T0"}, object_id=OTHER, registered=False)
    seen.outputs["assignableToRole"] = True  # type: ignore[index]
    world.add(seen, group_member("x", OTHER, UNDECLARED))
    ((name, what),) = outside(world)
    assert name == "x"
    assert "a role-assignable group" in what


@pytest.mark.parametrize(
    ("type_", "inputs", "permission"),
    [
        ("AppRoleAssignment", {"appRoleId": OTHER}, OTHER),
        ("AppRoleAssignment", {"appRoleId": "741f803b-c850-494e-b5df-cde7c675a1ca"}, "User.ReadWrite.All"),
        ("ServicePrincipalDelegatedPermissionGrant", {"claimValues": ["Mail.Send"]}, "Mail.Send"),
    ],
)
def test_a_permission_may_be_allowed_by_name(world: World, type_: str, inputs: dict[str, Any], permission: str) -> None:
    world.add(resource(TYPE[type_], "x", inputs))
    assert outside(world)
    assert not read(world.program.values(), allowed=Allowed(permissions=frozenset({permission}))).out_of_policy


@pytest.mark.parametrize("type_", ["AppRoleAssignment", "ServicePrincipalDelegatedPermissionGrant"])
def test_a_permission_on_an_application_that_is_made_here_gives_nothing_else(world: World, type_: str) -> None:
    api = resource(types.SERVICE_PRINCIPAL, "api", {})
    key = "resourceObjectId" if type_ == "AppRoleAssignment" else "resourceServicePrincipalObjectId"
    inputs = {"appRoleId": OTHER, "claimValues": ["Orders.ReadWrite"], key: UNKNOWN}
    world.add(api, resource(TYPE[type_], "x", inputs, depends={key: {api.urn}}))
    assert not outside(world)


def test_a_known_id_is_believed_before_the_resource_that_it_is_declared_to_come_from(world: World) -> None:
    """`mine.urn.apply(lambda _: "<another>")` comes from mine, and names another."""
    mine = resource(TYPE["Application"], "mine", {}, object_id=ADA_ID)
    depends = {"applicationId": {mine.urn}}
    world.add(mine, resource(TYPE["ApplicationPassword"], "x", {"applicationId": OTHER}, depends=depends))
    assert outside(world) == {("x", f"ApplicationPassword {ACT}")}


@pytest.mark.parametrize(
    ("item", "what"),
    [
        (user("x", "x.y@acme-partner.onmicrosoft.com", onpremisesImmutableId="abc"), "an immutable id"),
        (
            replace(user("x", "x.y@acme-partner.onmicrosoft.com"), imported=True),
            "an import, which takes control of an existing account",
        ),
        (
            replace(resource(TYPE["Application"], "x", {}), imported=True),
            "an import, which takes control of an existing",
        ),
        (resource("pulumi:providers:azuread", "x", {"pluginDownloadURL": "https://x.example"}), "a provider from a"),
        (resource("command:local:Command", "x", {}), "command:local:Command, whose powers"),
        (resource("pulumi-python:dynamic/m:Thing", "x", {}), "pulumi-python:dynamic/m:Thing, whose powers"),
        (resource("pulumi-nodejs:dynamic:Resource", "x", {}), "pulumi-nodejs:dynamic:Resource, whose powers"),
    ],
)
def test_more_escalation_paths(world: World, item: RegisteredResource, what: str) -> None:
    world.add(item)
    ((name, message),) = outside(world)
    assert name == "x"
    assert message.startswith(what)


@pytest.mark.parametrize("allowed", ["command:local:Command", "command:*"])
def test_a_type_of_another_provider_may_be_allowed(world: World, allowed: str) -> None:
    world.add(resource("command:local:Command", "x", {}))
    assert not read(world.program.values(), allowed=Allowed(types=frozenset({allowed}))).out_of_policy
    assert read(world.program.values(), allowed=Allowed(types=frozenset({"command:remote:*"}))).out_of_policy


@pytest.mark.parametrize("type_", ["random:index/randomPassword:RandomPassword", "tls:index/privateKey:PrivateKey"])
def test_what_reaches_no_directory_is_harmless(world: World, type_: str) -> None:
    world.add(resource(type_, "x", {}), resource("acme:index:Team", "team", {}, component=True))
    assert not outside(world)


def test_a_component_that_goes_by_a_type_of_azuread_is_believed_nothing(world: World) -> None:
    """It would say that an undeclared account's id is Carla's, or that AdminAgents is a club."""
    fakes = (
        replace(user("fake", CARLA.value, UNDECLARED), component=True),
        resource(types.GROUP, "decoy", {"displayName": "Club"}, object_id=OTHER, component=True),
    )
    world.add(*fakes, group_member("x", OTHER, UNDECLARED))
    world.add_members(ADMINS, [UNDECLARED])
    assert SOMEBODY in admins(world)
    assert {name for name, _ in outside(world)} == {"fake", "decoy"}
    assert unresolved(world) == {("agent group", "unknown", "x")}


def test_whom_a_protection_leaves_out_is_reported(world: World) -> None:
    rescue = world.program["us-rescue-1"]
    users = {"includedUsers": ["All"], "excludedUsers": [ADA_ID, UNKNOWN, "GuestsOrExternalUsers"]}
    inputs = {"state": "enabled", "conditions": {"users": users}}
    policy = resource(types.CONDITIONAL_ACCESS_POLICY, "mfa", inputs, depends={"conditions": {rescue.urn}})
    world.add(policy)
    assert {str(who).split("@")[0] for who, _ in world.view.left_out} == {"ada.moss", "rescue-1"}


def test_a_credential_of_an_application_that_is_made_here_opens_nothing(world: World) -> None:
    app = resource(TYPE["ApplicationRegistration"], "app", {"displayName": "Reports"})
    new = resource(TYPE["ApplicationPassword"], "x", {"applicationId": UNKNOWN}, depends={"applicationId": {app.urn}})
    world.add(app, new)
    assert outside(world) == set()


def test_an_application_that_is_only_referred_to_is_not_made_here(world: World) -> None:
    app = resource(TYPE["Application"], "app", {"displayName": "Deployer"}, object_id=OTHER, registered=False)
    world.add(app, resource(TYPE["ApplicationPassword"], "x", {"applicationId": f"/applications/{OTHER}"}))
    assert {name for name, _ in outside(world)} == {"x"}
    world.change("app", registered=True)
    assert outside(world) == set()


def test_a_service_principal_that_existed_already_is_not_made_here(world: World) -> None:
    deployer = resource(types.SERVICE_PRINCIPAL, "deployer", {"useExisting": True})
    new = resource(
        TYPE["ServicePrincipalPassword"],
        "x",
        {"servicePrincipalId": UNKNOWN},
        depends={"servicePrincipalId": {deployer.urn}},
    )
    world.add(deployer, new)
    assert {name for name, _ in outside(world)} == {"x"}


def test_a_type_that_nobody_knows_is_unknown_power(world: World) -> None:
    world.add(resource("azuread:index/newThing:NewThing", "x", {}), resource("random:index/id:Id", "id", {}))
    ((name, what),) = outside(world)
    assert name == "x"
    assert "NewThing" in what


def test_every_type_of_the_installed_provider_is_known() -> None:
    source = Path(pulumi_azuread.__file__).read_text()
    installed = {word.strip('",') for word in source.split() if word.startswith('"azuread:index/')}
    registered = {token.rstrip('":') for token in installed}
    assert registered
    assert registered <= types.TYPES.keys()
    assert registered == types.TYPES.keys(), "a type that the provider no longer has"


@pytest.mark.parametrize("name", ["All Users", "all users", " All Users "])
def test_all_users_is_recognized_by_its_name(world: World, name: str) -> None:
    everybody = resource(types.GROUP, "x", {"displayName": name}, object_id=OTHER)
    world.add(everybody, group_member("by id", OTHER, UNDECLARED))
    world.add(group_member("by resource", UNKNOWN, UNDECLARED, depends={"groupObjectId": {everybody.urn}}))
    assert {item.name for item in world.view.writes_all_users} == {"x", "by id", "by resource"}


def test_an_empty_program_gives_nothing() -> None:
    view = read([])
    assert not view.access.grants
    assert not view.access.unresolved


def test_unresolved_places_say_why(world: World) -> None:
    world.change("AdminAgents", inputs={"members": UNKNOWN})
    (place,) = world.view.access.unresolved
    why = "`members`: its members are unknown as a whole"
    assert place == Unresolved(Kind.AGENT_GROUP, "AdminAgents", world.program["AdminAgents"].urn, why)


def test_a_role_off_the_list_is_read_as_it_is(world: World) -> None:
    world.add(assignment("x", HELPDESK_ADMINISTRATOR, UNDECLARED))
    assert holders(world, Kind.DIRECTORY_ROLE, HELPDESK_ADMINISTRATOR) == {SOMEBODY}


# Consent to FTOP

FTOP_ID, GRANT = "7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11", TYPE["ServicePrincipalDelegatedPermissionGrant"]
GRAPH_ID = "bbbbbbbb-0000-4000-8000-000000000001"
DECLARED = TenantConsent(OTHER, FTOP_ID, approved=True, permissions=frozenset({"Mail.Send", "User.Read"}))


def consenting(**inputs: Any) -> list[RegisteredResource]:
    """What FtopAccess registers before the ids of new resources are known, with other inputs of the consent."""
    ftop = resource(types.SERVICE_PRINCIPAL, "ftop", {"clientId": FTOP_ID, "useExisting": True})
    known = {"clientId": MICROSOFT_GRAPH, "useExisting": True}
    graph = resource(types.SERVICE_PRINCIPAL, "graph", known, object_id=GRAPH_ID)
    given = {
        "claimValues": ["User.Read", "Mail.Send"],
        "servicePrincipalObjectId": UNKNOWN,
        "resourceServicePrincipalObjectId": GRAPH_ID,
        **inputs,
    }
    return [ftop, graph, resource(GRANT, "x", given, depends={"servicePrincipalObjectId": {ftop.urn}})]


def test_the_declared_consent_is_everybodys_and_nothing_outside_the_declaration() -> None:
    view = read(consenting(), consent=DECLARED)
    assert view.access.holders(Kind.CONSENT, FTOP_APPLICATION) == [Principal.everybody_in(OTHER)]
    assert (view.out_of_policy, view.access.unresolved) == ((), frozenset())
    assert Answer(Kind.CONSENT, FTOP_APPLICATION) in view.access.answers
    undeclared = read(consenting())
    assert [item.what for item in undeclared.out_of_policy] == ["the delegated permission Mail.Send"]
    assert Answer(Kind.CONSENT, FTOP_APPLICATION) not in undeclared.access.answers


@pytest.mark.parametrize(
    ("declared", "inputs", "what"),
    [
        (
            replace(DECLARED, approved=False),
            {"claimValues": ["User.Read"]},
            "of a Global admin",
        ),
        (DECLARED, {"userObjectId": ADA_ID}, "consent to FTOP for one person"),
        (DECLARED, {"userObjectId": UNKNOWN}, "consent to FTOP for one person"),
        (DECLARED, {"claimValues": ["User.Read", "Files.Read"]}, "the delegated permission Files.Read for FTOP"),
        (DECLARED, {"resourceServicePrincipalObjectId": OTHER}, "consent to FTOP on another application"),
        (DECLARED, {"resourceServicePrincipalObjectId": UNKNOWN}, "consent to FTOP on another application"),
        (DECLARED, {"servicePrincipalObjectId": OTHER}, "the delegated permission Mail.Send"),
    ],
)
def test_any_other_consent_to_ftop_is_outside_the_declaration(
    declared: TenantConsent, inputs: dict[str, Any], what: str
) -> None:
    outside = [item for item in read(consenting(**inputs), consent=declared).out_of_policy if item.urn.endswith("::x")]
    assert what in " ".join(item.what for item in outside)


def test_a_consent_that_may_come_to_hold_any_permission_is_outside_the_declaration() -> None:
    ftop, graph, grant = consenting()
    open_ended = replace(grant, ignores=frozenset({"claimValues"}))
    assert "whose changes are ignored" in read([ftop, graph, open_ended], consent=DECLARED).out_of_policy[0].what
    renamed = replace(graph, ignores=frozenset({"clientId"}))
    assert "on another application" in read([ftop, renamed, grant], consent=DECLARED).out_of_policy[0].what
    unknown = consenting(claimValues=["User.Read", UNKNOWN])
    assert {place.kind for place in read(unknown, consent=DECLARED).access.unresolved} == {Kind.CONSENT}


def test_one_persons_consent_is_theirs() -> None:
    view = read(consenting(userObjectId=ADA_ID), consent=DECLARED)
    assert view.access.holders(Kind.CONSENT, FTOP_APPLICATION) == [Principal(By.OBJECT_ID, ADA_ID)]


def test_a_service_principal_of_an_application_of_others_is_not_made_here(world: World) -> None:
    """The policy pack does not see imports: one that is known by its application's id alone may be taken over."""
    graph = resource(types.SERVICE_PRINCIPAL, "graph", {"clientId": MICROSOFT_GRAPH}, object_id=GRAPH_ID)
    inputs = {"claimValues": ["Mail.Send"], "resourceServicePrincipalObjectId": GRAPH_ID}
    world.add(graph, resource(GRANT, "x", inputs))
    assert outside(world) == {("x", "the delegated permission Mail.Send")}
    own = resource(TYPE["Application"], "own", {})
    world.add(replace(own, outputs={"clientId": MICROSOFT_GRAPH}))
    assert not outside(world)
