"""What exists in Microsoft Graph's published schema: names, types, addresses."""

from collections import defaultdict
from itertools import chain

import pytest

from tenantry.directory import app, graph_schema
from tenantry.directory.resources import RESOURCES
from tenantry.directory.schema import Access, Resource, Shape
from tenantry.directory.store import Store

from .samples import ADA, NOBODY, InProcess, Tenant, group_body, user_body
from .test_requests import token

NOT_IN_THE_SCHEMA = {("group", "creationOptions"), ("servicePrincipal", "createdDateTime")}
"""Properties that the service answers with on beta, and the published schema leaves out."""
OF_DERIVED_TYPES = {("authenticationMethod", "displayName")}
"""Properties that only types derived from the declared one have."""
WITHOUT_A_TYPE = {("group", "writebackConfiguration")}
"""Properties of beta alone, whose types the schema here does not have."""

DECLARED = [(resource, name) for resource in RESOURCES.values() for name in resource.properties]


@pytest.mark.parametrize(("resource", "name"), DECLARED, ids=lambda one: getattr(one, "title", one))
def test_every_property_has_the_type_that_graph_has(resource: Resource, name: str) -> None:
    key = (str(resource.type_name), name)
    kind = graph_schema.properties(resource.type_name).get(name)
    if key in NOT_IN_THE_SCHEMA | WITHOUT_A_TYPE | OF_DERIVED_TYPES:
        assert not kind
        return
    if kind is None:
        related = graph_schema.relationships(resource.type_name)[name]
        assert resource.properties[name].shape is (Shape.OBJECTS if related.startswith("Collection(") else Shape.OBJECT)
        return
    of_items = {"object": Shape.OBJECTS, "String": Shape.TEXTS, "enum": Shape.TEXTS}
    of_values = {"object": Shape.OBJECT, "Boolean": Shape.FLAG, "Int32": Shape.NUMBER}
    plain = kind.removesuffix("!")
    if plain.startswith("Collection("):
        expected = of_items[plain.removeprefix("Collection(").removesuffix(")")]
    else:
        assert plain in {*of_values, "DateTimeOffset", "Duration", "Guid", "String", "enum"}
        expected = of_values.get(plain, Shape.TEXT)
    declared = resource.properties[name]
    assert declared.shape is expected
    if declared.access is not Access.READ_ONLY and kind.endswith("!"):
        assert not declared.nullable, "Graph never has null here"


def test_every_kind_is_in_the_schema() -> None:
    for resource in RESOURCES.values():
        assert graph_schema.names(resource.type_name), resource.type_name


def test_no_two_names_differ_by_their_case_alone() -> None:
    # Else a name that is taken in any case would have two spellings.
    spellings = defaultdict(set)
    for resource in RESOURCES.values():
        for name in chain(graph_schema.names(resource.type_name), resource.properties):
            spellings[name.lower()].add(name)
            assert graph_schema.spelled(name.upper()) == graph_schema.spelled(name) or name in resource.properties
    assert [names for names in spellings.values() if len(names) > 1] == []
    for resource in RESOURCES.values():
        assert {graph_schema.spelled(name) for name in resource.properties} == set(resource.properties)


def test_every_address_that_is_answered_exists_in_graph() -> None:
    unheard = {endpoint.path for endpoint in app.endpoints() if graph_schema.unknown_segment(endpoint.path)}
    assert unheard == set()


@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("applications/x/logo", None),
        ("applications/x/setVerifiedPublisher", None),
        ("auditLogs/signIns", None),
        ("directory/deletedItems/microsoft.graph.device", None),
        ("directory/deletedItems/Microsoft.Graph.shoe", "Microsoft.Graph.shoe"),
        ("directory/shoes", "shoes"),
        ("groups/x/members/microsoft.graph.user/$count", None),
        ("groups/x/Owners/$ref", None),
        ("groups/x/laces", "laces"),
        ("identity/conditionalAccess/namedLocations/x", None),
        ("identity/conditionalAccess/namedShoes", "namedShoes"),
        ("me/messages/x/anything/at/all", "anything"),
        ("policies/identitySecurityDefaultsEnforcementPolicy", None),
        ("reports/authenticationMethods/userRegistrationDetails", None),
        ("roleManagement/directory/roleAssignmentSchedules/filterByCurrentUser(on='principal')", None),
        ("roleManagement/shoes", "shoes"),
        ("servicePrincipals(appId='x')/owners", None),
        ("servicePrincipals(appId='x')/laces", "laces"),
        ("shoes", "shoes"),
        ("users/delta", None),
        ("users/x/jobTitle", None),
        ("users/x/calendar/whatever/is/below", "whatever"),
        ("users/x/drive/items/y", None),
        ("users/x/memberOf/microsoft.graph.group", None),
        ("users/x/microsoft.graph.revokeSignInSessions", None),
        ("users/x/wearShoes", "wearShoes"),
        ("users/x/manager/laces", "laces"),
        ("USERS/x/Manager/$ref", None),
    ],
)
def test_an_address_exists_or_the_part_that_does_not_is_named(path: str, unknown: str | None) -> None:
    assert graph_schema.unknown_segment(path) == unknown


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1.0/shoes", 400),
        ("GET", f"/v1.0/users/{NOBODY}/shoes", 400),
        ("POST", f"/beta/users/{NOBODY}/wearShoes", 400),
        ("GET", f"/v1.0/users/{NOBODY}/drives", 501),
        ("POST", f"/beta/users/{NOBODY}/exportPersonalData", 501),
        ("PUT", "/v1.0/users", 501),
        ("GET", "/v1.0/directory/deletedItems/microsoft.graph.shoe", 400),
        ("GET", "/v1.0/directory/deletedItems/microsoft.graph.device", 501),
        ("GET", "/v1.0/users/$shoes", 400),
        ("GET", "/v1.0/users/$ref", 501),
        ("GET", "/v1.0/users/Delta", 501),
        ("GET", "/v1.0/users/delta()", 501),
        ("POST", "/v1.0/groups/validateProperties", 501),
    ],
)
def test_what_exists_nowhere_is_a_mistake_and_what_graph_has_is_not_implemented(
    tenant: Tenant, method: str, path: str, status: int
) -> None:
    found, _, message = tenant.refused(method, path, {})
    assert found == status
    if status == 400:
        assert message == f"Resource not found for the segment '{path.rpartition('/')[2]}'."


def test_names_and_addresses_are_taken_in_any_case(tenant: Tenant) -> None:
    bob = user_body("bob", jobTitle="Clerk")
    bob["mailNickName"] = bob.pop("mailNickname")
    bob["JobTitle"] = bob.pop("jobTitle")
    made = tenant.post("/V1.0/Users", bob)
    found = tenant.get(f"/v1.0/USERS/{made['id']}?$select=Id,JOBTITLE,mailNickName")
    assert {name: found[name] for name in ("id", "jobTitle", "mailNickname")} == {
        "id": made["id"],
        "jobTitle": "Clerk",
        "mailNickname": "bob",
    }
    assert tenant.ids("/v1.0/users?$filter=JobTitle eq 'Clerk'&$select=ID") == [made["id"]]
    assert tenant.ids("/v1.0/users?$filter=startsWith(JOBTITLE,'cl')") == [made["id"]]
    tenant.patch(f"/v1.0/users/{made['id']}", {"Department": "Sales", "OtherMails": ["bob@home.example"]})
    by_mail = "/v1.0/users?$filter=othermails/any(ID:ID eq 'bob@home.example')"
    assert tenant.ids(by_mail) == [made["id"]]
    owners = [tenant.reference(ADA.object_id)["@odata.id"]]
    ops = tenant.post("/beta/groups", {**group_body("Ops"), "Owners@odata.bind": owners})
    assert tenant.ids(f"/beta/Groups/{ops['id']}/Owners") == [ADA.object_id]
    assert [one["id"] for one in tenant.get(f"/beta/groups/{ops['id']}?$expand=Owners")["owners"]] == [ADA.object_id]
    tenant.delete(f"/beta/groups/{ops['id']}")
    assert tenant.ids("/v1.0/directory/deletedItems/Microsoft.Graph.Group") == [ops["id"]]


def test_a_sensitive_property_is_guarded_in_any_case(tenant: Tenant) -> None:
    refused = tenant.refused("PATCH", f"/v1.0/users/{ADA.object_id}", {"ACCOUNTENABLED": False})
    assert refused[:2] == (403, "Authorization_RequestDenied")


def test_a_property_that_is_given_twice_is_refused(tenant: Tenant) -> None:
    body = {"city": "Oslo", "City": "Bergen"}
    assert tenant.refused("PATCH", f"/v1.0/users/{ADA.object_id}", body)[0] == 400


def test_an_address_that_exists_nowhere_takes_a_token_all_the_same(send: InProcess, store: Store) -> None:
    assert send("GET", "/v1.0/shoes").status_code == 401
    assert send("GET", "/v1.0/shoes", headers=token(store)).status_code == 400


@pytest.mark.parametrize("name", ["oauth2RequirePostResponse", "displayName"])
def test_what_is_never_null_in_graph_cannot_be_set_to_null(tenant: Tenant, name: str) -> None:
    made = tenant.post("/v1.0/applications", {"displayName": "App"})
    assert made["oauth2RequirePostResponse"] is False
    refused = tenant.refused("PATCH", f"/v1.0/applications/{made['id']}", {name: None})
    assert refused[:2] == (400, "Request_BadRequest")
