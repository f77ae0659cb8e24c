"""What an object is in, whom it leads, what it owns, and lists of one kind alone."""

from typing import Any

import pytest

from tenantry.directory.enrolment import ALL_USERS, deployment_principal_id

from .samples import ADA, BILLING_ADMINISTRATOR, EVENTUAL, NOBODY, UNITED_STATES, Tenant

UNITS = "/v1.0/directory/administrativeUnits"


class World:
    """Bob in a group in a group, in a team, in a unit, and with a role through a group."""

    def __init__(self, tenant: Tenant) -> None:
        self.bob = tenant.add_user("bob")
        self.inner = tenant.add_group("inner")
        self.outer = tenant.add_group("outer")
        self.team = tenant.add_group("team", groupTypes=["Unified"], mailEnabled=True, securityEnabled=False)
        self.holder = tenant.add_group("holder", isAssignableToRole=True)
        self.unit = str(tenant.post(UNITS, {"displayName": "Unit"})["id"])
        self.everyone = tenant.group(ALL_USERS)
        for group, member in (
            (self.inner, self.bob),
            (self.outer, self.inner),
            (self.holder, self.bob),
            (self.team, self.bob),
        ):
            tenant.post(f"/v1.0/groups/{group}/members/$ref", tenant.reference(member))
        tenant.post(f"{UNITS}/{self.unit}/members/$ref", tenant.reference(self.bob))
        body = {"principalId": self.holder, "roleDefinitionId": BILLING_ADMINISTRATOR, "directoryScopeId": "/"}
        tenant.post("/v1.0/roleManagement/directory/roleAssignments", body)
        role = tenant.get(f"/v1.0/directoryRoles(roleTemplateId='{BILLING_ADMINISTRATOR}')")
        self.role = str(role["id"])

    @property
    def groups(self) -> set[str]:
        return {self.inner, self.outer, self.holder, self.team, self.everyone}


@pytest.fixture
def world(tenant: Tenant) -> World:
    return World(tenant)


def asked(tenant: Tenant, path: str, body: Any) -> list[str]:
    status, answer = tenant.graph.request("POST", f"/v1.0/{path}", body)
    assert status == 200, answer
    assert str(answer["@odata.context"]).endswith("/v1.0/$metadata#Collection(Edm.String)")
    value: Any = answer["value"]
    return [str(item) for item in value]


@pytest.mark.parametrize("path", ["users/{0.bob}", "users/bob@contoso.example", "directoryObjects/{0.bob}"])
def test_all_that_somebody_is_in_is_given_by_id(tenant: Tenant, world: World, path: str):
    path = path.format(world)
    assert set(asked(tenant, f"{path}/getMemberGroups", {"securityEnabledOnly": False})) == world.groups
    assert set(asked(tenant, f"{path}/getMemberGroups", {"securityEnabledOnly": True})) == world.groups - {world.team}
    everything = world.groups | {world.unit, world.role}
    assert set(asked(tenant, f"{path}/getMemberObjects", {"securityEnabledOnly": False})) == everything
    only_security = world.groups - {world.team}
    assert set(asked(tenant, f"{path}/getMemberObjects", {"securityEnabledOnly": True})) == only_security


def test_those_of_a_list_that_somebody_is_in_are_given(tenant: Tenant, world: World):
    groups = [world.outer, NOBODY, world.inner, world.unit]
    assert asked(tenant, f"users/{world.bob}/checkMemberGroups", {"groupIds": groups}) == [world.outer, world.inner]
    objects = [world.role, BILLING_ADMINISTRATOR, world.unit, NOBODY]
    assert asked(tenant, f"users/{world.bob}/checkMemberObjects", {"ids": objects}) == objects[:3]
    assert asked(tenant, f"groups/{world.inner}/checkMemberGroups", {"groupIds": groups}) == [world.outer]
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    assert asked(tenant, f"servicePrincipals/{own}/checkMemberGroups", {"groupIds": groups}) == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"users/{ADA.object_id}/getMemberGroups", {"securityEnabledOnly": "yes"}, 400),
        (f"users/{ADA.object_id}/checkMemberGroups", {}, 400),
        (f"users/{ADA.object_id}/checkMemberGroups", {"groupIds": [NOBODY] * 21}, 400),
        (f"users/{ADA.object_id}/checkMemberObjects", {"ids": "x"}, 400),
        (f"users/{NOBODY}/getMemberGroups", {"securityEnabledOnly": False}, 404),
        (f"groups/{ADA.object_id}/getMemberGroups", {"securityEnabledOnly": False}, 404),
        ("directoryObjects/getByIds", {}, 400),
        ("directoryObjects/getByIds", {"ids": [NOBODY] * 1001}, 400),
        ("directoryObjects/getByIds", {"ids": [NOBODY], "types": ["device"]}, 501),
    ],
)
def test_what_cannot_be_asked_is_refused(tenant: Tenant, path: str, body: Any, status: int):
    assert tenant.refused("POST", f"/v1.0/{path}", body)[0] == status


def test_asking_changes_nothing_and_is_not_audited(tenant: Tenant):
    before = len(tenant.get("/v1.0/auditLogs/directoryAudits")["value"])
    asked(tenant, f"users/{ADA.object_id}/getMemberGroups", {"securityEnabledOnly": False})
    assert len(tenant.get("/v1.0/auditLogs/directoryAudits")["value"]) == before


def test_objects_are_given_by_their_ids_with_their_types(tenant: Tenant, world: World):
    def given(**body: Any) -> list[tuple[str, str]]:
        status, answer = tenant.graph.request("POST", "/v1.0/directoryObjects/getByIds", body)
        assert status == 200, answer
        assert str(answer["@odata.context"]).endswith("/v1.0/$metadata#directoryObjects")
        value: Any = answer["value"]
        return [(item["@odata.type"], item["id"]) for item in value]

    bob, inner = ("#microsoft.graph.user", world.bob), ("#microsoft.graph.group", world.inner)
    ids = [world.bob, NOBODY, world.inner, world.bob.upper()]
    assert given(ids=ids) == [bob, inner]
    assert given(ids=ids, types=["Group"]) == [inner]
    assert given(ids=ids, types=["directoryObject"]) == [bob, inner]
    assert len(given(ids=[tenant.add_group(f"g{number}") for number in range(101)])) == 101


def test_one_kind_is_asked_for_in_a_list_of_several(tenant: Tenant, world: World):
    group = tenant.add_group("Ops")
    for member in (world.bob, world.inner):
        tenant.post(f"/v1.0/groups/{group}/members/$ref", tenant.reference(member))
    for path, expected in (
        (f"groups/{group}/members/microsoft.graph.user", [world.bob]),
        (f"groups/{group}/members/microsoft.graph.group", [world.inner]),
        (f"groups/{group}/members/microsoft.graph.servicePrincipal", []),
        (f"groups/{group}/owners/microsoft.graph.user", []),
        (f"users/{world.bob}/memberOf/microsoft.graph.administrativeUnit", [world.unit]),
        (f"groups/{world.holder}/memberOf/microsoft.graph.directoryRole", [world.role]),
        (f"directoryRoles/{world.role}/members/microsoft.graph.group", [world.holder]),
        (f"directory/administrativeUnits/{world.unit}/members/microsoft.graph.user", [world.bob]),
    ):
        assert tenant.ids(f"/v1.0/{path}") == expected, path
    shown = tenant.get(f"/v1.0/groups/{group}/members/microsoft.graph.user?$select=id,userPrincipalName")
    assert shown["value"] == [{"id": world.bob, "userPrincipalName": "bob@contoso.example"}]
    assert str(shown["@odata.context"]).endswith("$metadata#users")
    # A Microsoft 365 group holds no groups.
    impossible = f"/v1.0/groups/{world.team}/members/microsoft.graph.group"
    assert tenant.refused("GET", impossible)[:2] == (400, "Request_UnsupportedQuery")
    # A property of another kind is unknown there.
    wrong = f"/v1.0/groups/{group}/members/microsoft.graph.user?$select=securityEnabled"
    assert tenant.refused("GET", wrong)[0] == 400


def test_one_kind_through_groups_in_groups_takes_an_advanced_query(tenant: Tenant, world: World):
    path = f"/v1.0/groups/{world.outer}/transitiveMembers/microsoft.graph.user"
    assert tenant.refused("GET", path)[:2] == (400, "Request_UnsupportedQuery")
    answer = tenant.get(f"{path}?$count=true", EVENTUAL)
    assert ([item["id"] for item in answer["value"]], answer["@odata.count"]) == ([world.bob], 1)
    counted: tuple[int, Any] = tenant.graph.request("GET", f"{path}/$count", headers=EVENTUAL)
    assert counted == (200, 1)
    groups = f"/v1.0/users/{world.bob}/transitiveMemberOf/microsoft.graph.group?$orderby=displayName"
    assert set(tenant.found(groups)) == world.groups


def test_those_whom_somebody_leads_and_what_somebody_owns_are_listed(tenant: Tenant, world: World):
    eve = tenant.add_user("eve")
    for report in (world.bob, eve):
        tenant.put(f"/v1.0/users/{report}/manager/$ref", tenant.reference(ADA.object_id))
    reports = f"/v1.0/users/{ADA.upn}/directReports"
    assert tenant.pages(f"{reports}?$top=1") == [[world.bob], [eve]]
    assert tenant.get(reports)["value"][0]["@odata.type"] == "#microsoft.graph.user"
    assert tenant.ids(f"/v1.0/users/{eve}/directReports") == []
    tenant.post(f"/v1.0/groups/{world.inner}/owners/$ref", tenant.reference(eve))
    application = tenant.post("/v1.0/applications", {"displayName": "App"})["id"]
    tenant.post(f"/v1.0/applications/{application}/owners/$ref", tenant.reference(eve))
    owned = f"/v1.0/users/{eve}/ownedObjects"
    assert tenant.ids(owned) == [world.inner, application]
    assert tenant.ids(f"{owned}/microsoft.graph.application") == [application]
    own = deployment_principal_id(UNITED_STATES.tenant_id)
    tenant.post(f"/v1.0/groups/{world.inner}/owners/$ref", tenant.reference(own))
    assert world.inner in tenant.ids(f"/v1.0/servicePrincipals/{own}/ownedObjects/microsoft.graph.group")
