from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.directory.endpoint import _ANY_OBJECT
from tenantry.directory.errors import GraphError
from tenantry.directory.filters import parse_filter
from tenantry.directory.odata import parse_query
from tenantry.directory.resources import RESOURCES
from tenantry.directory.schema import Resource
from tenantry.directory.store import Store

from .samples import (
    ADA,
    APPLICATION_ADMINISTRATOR,
    EVENTUAL,
    GLOBAL_ADMINISTRATOR,
    NOBODY,
    InProcess,
    Tenant,
    group_body,
)
from .test_requests import token

ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"
Document = dict[str, Any]
Said = tuple[str, Callable[[Document], bool]]
"""A filter, and what it means."""

VALUES = st.one_of(st.sampled_from(["", "a", "A", "ab", "it's", "or", "(", "ß"]), st.booleans(), st.none())
DOCUMENTS = st.fixed_dictionaries(
    {"name": VALUES, "flag": VALUES, "texts": st.lists(st.sampled_from(["a", "A", "b"]), max_size=3)}
)


def written(value: str | bool | None) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return {True: "true", False: "false", None: "null"}[value]


def same(one: Any, other: Any) -> bool:
    return one.casefold() == other.casefold() if isinstance(one, str) and isinstance(other, str) else one is other


def is_equal(name: str, value: Any) -> Said:
    return f"{name} eq {written(value)}", lambda document: same(document[name], value)


def is_other(name: str, value: Any) -> Said:
    return f"{name} NE {written(value)}", lambda document: not same(document[name], value)


def ends(name: str, value: str) -> Said:
    return (
        f"endsWith({name}, {written(value)})",
        lambda document: isinstance(document[name], str) and document[name].casefold().endswith(value.casefold()),
    )


def begins(name: str, value: str) -> Said:
    return (
        f"startsWith({name}, {written(value)})",
        lambda document: isinstance(document[name], str) and document[name].casefold().startswith(value.casefold()),
    )


def is_one_of(name: str, values: list[Any]) -> Said:
    return (
        f"{name} in ({', '.join(map(written, values))})",
        lambda document: any(same(document[name], value) for value in values),
    )


def has(value: str) -> Said:
    return (
        f"texts/any(t:t eq {written(value)})",
        lambda document: any(same(text, value) for text in document["texts"]),
    )


def both(one: Said, other: Said) -> Said:
    return f"({one[0]}) and ({other[0]})", lambda document: one[1](document) and other[1](document)


def either(one: Said, other: Said) -> Said:
    return f"({one[0]}) or ({other[0]})", lambda document: one[1](document) or other[1](document)


def neither(one: Said, word: str) -> Said:
    return f"{word}({one[0]})", lambda document: not one[1](document)


NAMES = st.sampled_from(["name", "flag"])
FILTERS = st.recursive(
    st.one_of(
        st.builds(is_equal, NAMES, VALUES),
        st.builds(is_other, NAMES, VALUES),
        st.builds(begins, NAMES, st.sampled_from(["", "a", "AB", "'"])),
        st.builds(ends, NAMES, st.sampled_from(["", "b", "'S", "ß"])),
        st.builds(is_one_of, NAMES, st.lists(VALUES, min_size=1, max_size=3)),
        st.builds(has, st.sampled_from(["a", "b", "c"])),
    ),
    lambda inner: st.one_of(
        st.builds(both, inner, inner),
        st.builds(either, inner, inner),
        st.builds(neither, inner, st.sampled_from(["not", "not ", "NOT "])),
    ),
    max_leaves=6,
)


@given(FILTERS, DOCUMENTS)
def test_a_filter_finds_what_it_says(said: Said, document: Document):
    text, means = said
    assert parse_filter(text).matches(document) is means(document)


@given(st.text(max_size=40))
def test_any_text_is_a_filter_or_is_refused(text: str):
    refusal: int | None
    try:
        where = parse_filter(text)
    except GraphError as error:
        refusal = error.status
    else:
        refusal = None
        assert str(where) == text
    assert refusal in (None, 400, 501)


@given(st.text(), st.text())
def test_a_filter_finds_exactly_what_equals_its_text(value: str, other: str):
    where = parse_filter(f"name eq {written(value)}")
    assert where.equals("name") == value
    assert where.matches({"name": value})
    assert where.matches({"name": other}) == (value.casefold() == other.casefold())
    assert not where.matches({"name": None})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # `not` before `and`, and `and` before `or`.
        ("a eq '1' or b eq '1' and c eq '1'", {"a"}),
        ("a eq '1' and b eq '1' or c eq '1'", {"c"}),
        ("not startswith(a,'1') and b eq '1'", {"b"}),
        ("not (a eq '1' or b eq '1')", {"c"}),
        ("not not (a eq '1')", {"a"}),
    ],
)
def test_what_binds_more_tightly(text: str, expected: set[str]):
    where = parse_filter(text)
    found = {name for name in "abc" if where.matches({one: "1" if one == name else "0" for one in "abc"})}
    assert found == expected


def test_an_equality_is_known_only_where_it_must_hold():
    known = "x eq 1 and (id eq 'a' and startsWith(y,'z'))"
    assert parse_filter(known).equals("id") == "a"
    for text in ("id eq 'a' or x eq 1", "not (id eq 'a')", "id ne 'a'", "id in ('a')", "startsWith(id,'a')"):
        assert parse_filter(text).equals("id") is None, text


def test_a_number_is_not_a_truth():
    assert not parse_filter("a eq 1").matches({"a": True})
    assert parse_filter("a eq -1").matches({"a": -1})


def test_a_guid_needs_no_quotes():
    assert parse_filter(f"id eq {ADA.object_id}").equals("id") == ADA.object_id


@pytest.mark.parametrize(
    "text",
    [
        "createdDateTime ge 2020-01-01T00:00:00Z",
        "createdDateTime eq 2020-01-01T00:00:00Z",
        "groupTypes/all(c:c eq 'Unified')",
        "groupTypes/any()",
        "groupTypes/any(c:d eq 'Unified')",
        "contains(mail,'x')",
        "startsWith(tolower(mail),'x')",
        "mail has 'x'",
        "mail eq displayName",
        "'x' eq mail",
        "not mail eq 'x'",
    ],
)
def test_filters_that_the_directory_does_not_know_say_so(text: str):
    with pytest.raises(GraphError) as refused:
        parse_filter(text)
    assert refused.value.status == 501
    assert text in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "displayName eq 'O'Neil'",
        "displayName eq 'open",
        "a = 'b'",
        "a eq",
        "a",
        "a eq 'b' and",
        "or a eq 'b'",
        "(a eq 'b'",
        "a eq 'b')",
        "a in ()",
        "a in ('b',)",
        "startsWith(a)",
        "not",
        "a eq 'b' c eq 'd'",
        "(" * 2000 + "a eq 'b'" + ")" * 2000,
        "not " * 2000 + "(a eq 'b')",
    ],
)
def test_filters_that_are_no_filters_are_malformed(text: str):
    with pytest.raises(GraphError) as refused:
        parse_filter(text)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("option", "status"),
    [
        ({"$orderby": "displayName sideways"}, 400),
        ({"$search": "displayName:x"}, 400),
        ({"$format": "atom"}, 501),
        ({"$count": "yes"}, 400),
        ({"$unheard": "of"}, 400),
        ({"$top": "0"}, 400),
        ({"$top": "1000"}, 400),
        ({"$top": "many"}, 400),
        ({"$top": "9" * 5000}, 400),
        ({"$skiptoken": "9" * 5000}, 400),
        ({"$skiptoken": "-1"}, 400),
    ],
)
def test_options_that_are_not_answered_are_refused(option: dict[str, str], status: int):
    with pytest.raises(GraphError) as refused:
        parse_query(option.items())
    assert refused.value.status == status


@pytest.mark.parametrize("options", ["$top=1&$top=2", "$top=1&top=1", "$select=id&%24SELECT=id", "$filter=&$filter="])
def test_an_option_is_given_once(tenant: Tenant, options: str):
    status, _, message = tenant.refused("GET", f"/v1.0/users?{options}")
    assert (status, "more than once" in message) == (400, True)


@pytest.mark.parametrize("path", ["users", f"users/{ADA.object_id}", "groups", "applications", "directoryRoles"])
def test_directory_objects_are_not_skipped(tenant: Tenant, path: str):
    refused = tenant.refused("GET", f"/v1.0/{path}?$skip=1")
    assert refused == (400, "Request_BadRequest", "'$skip' is not supported by the service.")


def test_other_parameters_are_passed_over():
    assert parse_query([("api-version", "2022-09-01")]) == parse_query([])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1.0/directoryRoleTemplates?$top=2", 400),
        ("/v1.0/domains?$top=2", 501),
        ("/v1.0/domains?$orderby=id", 501),
        ("/v1.0/domains?$skip=1", 501),
        ("/v1.0/roleManagement/directory/roleDefinitions?$skip=1", 501),
        ("/v1.0/users?$orderby=shoeSize", 400),
        ('/v1.0/users?$search="shoeSize:9"', 400),
        (f"/v1.0/users/{ADA.object_id}?$orderby=displayName", 400),
        (f"/v1.0/users/{ADA.object_id}?$top=2", 400),
        (f"/v1.0/users/{ADA.object_id}?$filter=displayName eq 'x'", 400),
        (f"/v1.0/users/{ADA.object_id}/memberOf?$select=shoeSize", 400),
        (f"/v1.0/users/{ADA.object_id}/memberOf?$filter=shoeSize eq '9'", 400),
        ("/v1.0/users?$select=shoeSize", 400),
        ("/v1.0/users?$filter=shoeSize eq '9'", 400),
        ("/v1.0/users?$filter=otherMails eq 'a'", 501),
        ("/v1.0/users?$filter=employeeOrgData/division eq 'a'", 501),
        ("/v1.0/users?$filter=displayName/any(x:x eq 'a')", 501),
        ("/v1.0/users?$filter=accountEnabled eq 'true'", 400),
        ("/v1.0/users?$filter=displayName eq 1", 400),
        ("/beta/groups?filter=displayName eq 'nobody' or shoeSize eq 'x'", 400),
        ("/v1.0/users?$expand=members", 400),
        ("/v1.0/users?$expand=memberOf", 501),
        ("/v1.0/users?$expand=manager,memberOf", 501),
        ("/v1.0/applications?$expand=extensionProperties", 501),
        ("/v1.0/domains?$expand=owners", 400),
        ("/v1.0/users?$select=licenseAssignmentStates", 501),
        (f"/v1.0/users/{ADA.object_id}?$select=id,licenseAssignmentStates", 501),
        ("/v1.0/users?$filter=signInActivity/lastSignInDateTime eq 'x'", 501),
        ("/v1.0/users?$filter=shoe/size eq 'x'", 400),
        ("/v1.0/users?$select=memberOf", 501),
        ("/v1.0/organization?$select=partnerTenantType", 501),
        ("/v1.0/servicePrincipals?$select=verifiedPublisher", 501),
        (f"/v1.0/users/{ADA.object_id}/memberOf?$select=signInActivity", 501),
        (f"/v1.0/users/{ADA.object_id}/memberOf?$expand=members", 501),
        (f"/v1.0/users/{ADA.object_id}?$count=true", 400),
        (f"/v1.0/directoryObjects/{ADA.object_id}?$select=shoeSize", 400),
        (f"/v1.0/directoryObjects/{ADA.object_id}?$select=writebackConfiguration", 400),
        (f"/v1.0/directoryObjects/{ADA.object_id}?$select=signInActivity", 501),
        (f"/v1.0/users/{ADA.object_id}/memberOf?$select=writebackConfiguration", 400),
        (f"{ASSIGNMENTS}?$expand=roleDefinition($select=shoeSize)", 400),
        (f"{ASSIGNMENTS}?$expand=roleDefinition($select=mail)", 400),
        (f"{ASSIGNMENTS}?$expand=roleDefinition($select=isPrivileged)", 400),
        (f"{ASSIGNMENTS}?$expand=principal($select=templateId)", 400),
        (f"/v1.0/users/{ADA.object_id}?$expand=manager($select=writebackConfiguration)", 400),
    ],
)
def test_a_query_for_what_is_not_there_is_refused(tenant: Tenant, path: str, status: int):
    assert tenant.refused("GET", path)[0] == status


@pytest.mark.parametrize("resource", [*RESOURCES.values(), _ANY_OBJECT], ids=lambda one: one.title)
def test_what_graph_has_is_not_called_unknown(resource: Resource):
    assert {resource.unknown(name).status for name in {*resource.not_kept, *resource.properties}} == {501}
    assert resource.unknown("shoeSize").status == 400


def test_what_an_expansion_selects_is_of_the_type_that_it_shows(tenant: Tenant):
    of_ada = f"$filter=principalId eq '{ADA.object_id}'"
    for version, names in (("v1.0", "id,resourceScopes"), ("beta", "id,isPrivileged")):
        path = f"/{version}/roleManagement/directory/roleAssignments"
        (one,) = tenant.get(f"{path}?{of_ada}&$expand=roleDefinition($select={names})")["value"]
        assert {*one["roleDefinition"]} == {*names.split(",")}
    (one,) = tenant.get(f"{ASSIGNMENTS}?{of_ada}&$expand=principal($select=mail)")["value"]
    assert one["principal"] == {"@odata.type": "#microsoft.graph.user", "mail": None}


def test_an_assignment_shows_the_object_that_is_its_scope(tenant: Tenant):
    application = tenant.post("/v1.0/applications", {"displayName": "App"})
    body = {"principalId": ADA.object_id, "roleDefinitionId": APPLICATION_ADMINISTRATOR}
    tenant.post(ASSIGNMENTS, {**body, "directoryScopeId": f"/{application['id']}"})
    shown = tenant.get(f"{ASSIGNMENTS}?$filter=principalId eq '{ADA.object_id}'&$expand=directoryScope")["value"]
    scopes = {one["directoryScopeId"]: one["directoryScope"] for one in shown}
    assert scopes.pop("/") is None
    (scope,) = scopes.values()
    assert (scope["@odata.type"], scope["appId"]) == ("#microsoft.graph.application", application["appId"])


def test_what_is_known_of_some_roles_is_shown_of_those_and_not_called_nothing_of_others(tenant: Tenant):
    definitions = "/v1.0/roleManagement/directory/roleDefinitions"
    allowed = [{"allowedResourceActions": ["microsoft.directory/users/standard/read"]}]
    own = tenant.post(definitions, {"displayName": "Own", "isEnabled": True, "rolePermissions": allowed})["id"]
    shown = {role["displayName"]: role for role in tenant.get(definitions)["value"]}
    assert shown.pop("Own")["rolePermissions"] == allowed
    assert not any("rolePermissions" in role for role in shown.values())
    assert tenant.get(f"{definitions}/{own}?$select=rolePermissions")["rolePermissions"] == allowed
    for asked in (
        f"{definitions}?$select=rolePermissions",
        f"{definitions}/{GLOBAL_ADMINISTRATOR}?$select=rolePermissions",
        f"{ASSIGNMENTS}?$expand=roleDefinition($select=rolePermissions)",
    ):
        assert tenant.refused("GET", asked)[0] == 501


def test_what_only_beta_has_is_neither_shown_nor_written_on_v1(tenant: Tenant):
    bob, ops = tenant.add_user("bob"), tenant.add_group("Ops")
    tenant.post(f"/v1.0/groups/{ops}/members/$ref", tenant.reference(bob))
    body: Any = {"writebackConfiguration": {"isEnabled": True}}
    for method, path, sent in (
        ("PATCH", f"groups/{ops}", body),
        ("POST", "groups", group_body("More") | body),
    ):
        status, _, message = tenant.refused(method, f"/v1.0/{path}", sent)
        assert (status, "Could not find a property" in message) == (400, True)
        assert tenant.graph.request(method, f"/beta/{path}", sent)[0] in (201, 204)
    listing = f"users/{bob}/memberOf/microsoft.graph.group"
    for path in (f"groups/{ops}", f"directoryObjects/{ops}", listing):
        selected = f"{path}?$select=writebackConfiguration"
        assert tenant.refused("GET", f"/v1.0/{selected}")[0] == 400
        assert "writebackConfiguration" in str(tenant.get(f"/beta/{selected}"))
    flexible = {"audiences": ["api://x"], "issuer": "https://x.example", "name": "x", "claimsMatchingExpression": {}}
    app = tenant.post("/v1.0/applications", {"displayName": "App"})["id"]
    _, _, message = tenant.refused("POST", f"/v1.0/applications/{app}/federatedIdentityCredentials", flexible)
    assert "Could not find a property named 'claimsMatchingExpression'" in message


def test_a_property_that_graph_has_and_the_directory_does_not_is_not_written(tenant: Tenant):
    bob = tenant.add_user("bob")
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", {"aboutMe": "hello"})[0] == 501
    assert tenant.refused("PATCH", f"/v1.0/users/{bob}", {"aboutYou": "hello"})[0] == 400


def test_a_long_listing_comes_in_pages_of_a_hundred(tenant: Tenant):
    # Groups, since a user costs a password's hash.
    made = [tenant.add_group(f"g{number:03}") for number in range(205)]
    tenant.add_group("another")
    pages = tenant.pages("/beta/groups?$filter=startsWith(displayName,'g')&$select=id")
    assert [len(page) for page in pages] == [100, 100, 5]
    assert [group for page in pages for group in page] == made


def test_the_next_page_is_of_the_same_question(tenant: Tenant):
    first = tenant.get("/beta/groups?$select=displayName&$filter=startsWith(displayName, 'a')&$top=1")
    second = tenant.get(first["@odata.nextLink"])
    assert first["value"] + second["value"] == [{"displayName": "AdminAgents"}, {"displayName": "All Users"}]
    assert "@odata.nextLink" not in second


def test_pages_of_members_have_the_size_that_was_asked_for(tenant: Tenant):
    outer = tenant.add_group("outer")
    inner = [tenant.add_group(f"inner{number}") for number in range(5)]
    for group in inner:
        tenant.post(f"/beta/groups/{outer}/members/$ref", tenant.reference(group))
    for listing in ("members", "transitiveMembers"):
        assert tenant.pages(f"/beta/groups/{outer}/{listing}?$top=2") == [inner[:2], inner[2:4], inner[4:]]
    assert tenant.pages(f"/beta/groups/{inner[0]}/memberOf?$top=1") == [[outer]]


def test_a_filter_looks_into_lists(tenant: Tenant):
    unified = tenant.add_group("Team", groupTypes=["Unified"], mailEnabled=True)
    ops = tenant.add_group("Ops")
    assert tenant.ids("/v1.0/groups?$filter=groupTypes/any(c:c eq 'unified')") == [unified]
    wanted = "displayName in ('Ops','Team') and not groupTypes/any(c:c eq 'Unified')"
    assert tenant.found(f"/v1.0/groups?$filter={wanted}") == [ops]


def test_a_listing_is_counted_on_its_first_page(tenant: Tenant):
    for number in range(3):
        tenant.add_group(f"g{number}")
    asked = "/v1.0/groups?$filter=startsWith(displayName,'g')&$top=2&$count=true"
    first = tenant.get(asked, EVENTUAL)
    assert (first["@odata.count"], len(first["value"])) == (3, 2)
    second = tenant.get(first["@odata.nextLink"], EVENTUAL)
    assert "@odata.count" not in second
    assert len(second["value"]) == 1
    # Directory objects are counted for those alone who take an answer that may be late.
    assert "@odata.count" not in tenant.get(asked)
    domains = tenant.get("/v1.0/domains?$count=true")
    assert domains["@odata.count"] == len(domains["value"]) > 0
    assert "@odata.count" not in tenant.get("/v1.0/groups?$count=false")


def test_a_count_alone_is_a_number_as_text(send: InProcess, store: Store, tenant: Tenant):
    outer, inner = tenant.add_group("outer"), tenant.add_group("inner")
    for source, target in ((outer, inner), (inner, ADA.object_id), (inner, tenant.add_user("bob"))):
        tenant.post(f"/v1.0/groups/{source}/members/$ref", tenant.reference(target))
    headers = token(store)
    for path, expected in (
        ("users/$count", 2),
        ("users/$count?$filter=accountEnabled eq false", 0),
        ("groups/$count?$filter=displayName eq 'outer' or displayName eq 'inner'", 2),
        (f"groups/{outer}/members/$count", 1),
        (f"groups/{outer}/transitiveMembers/$count", 3),
        (f"groups/{inner}/owners/$count", 0),
    ):
        answer = send("GET", f"/v1.0/{path}", headers=headers | EVENTUAL)
        assert (answer.status_code, answer.text) == (200, str(expected)), path
        assert answer.headers["content-type"].startswith("text/plain")
        refused = send("GET", f"/v1.0/{path}", headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "Request_BadRequest")
        assert refused.json()["error"]["message"] == "$count is not currently supported."
    absent = send("GET", f"/v1.0/groups/{NOBODY}/members/$count", headers=headers | EVENTUAL)
    assert absent.status_code == 404


def test_a_group_is_shown_with_its_members(tenant: Tenant):
    group = tenant.add_group("Ops")
    members = [tenant.add_group(f"g{number:02}") for number in range(21)]
    for member in members:
        tenant.post(f"/v1.0/groups/{group}/members/$ref", tenant.reference(member))
    shown = tenant.get(f"/v1.0/groups/{group}?$expand=members&$select=displayName")
    assert set(shown) - {"@odata.context"} == {"displayName", "members"}
    # Twenty are what an expansion shows.
    assert [member["id"] for member in shown["members"]] == members[:20]
    assert {member["@odata.type"] for member in shown["members"]} == {"#microsoft.graph.group"}
    first = tenant.get("/v1.0/groups?$expand=owners&$filter=startsWith(displayName,'g')&$top=1")
    second = tenant.get(first["@odata.nextLink"])
    owners = tenant.ids(f"/v1.0/groups/{members[0]}/owners")
    for page in (first, second):
        assert [owner["id"] for owner in page["value"][0]["owners"]] == owners


def test_an_expansion_shows_what_is_selected_of_it(tenant: Tenant):
    outer, inner = tenant.add_group("outer"), tenant.add_group("inner")
    tenant.post(f"/v1.0/groups/{outer}/members/$ref", tenant.reference(inner))
    expected = [{"@odata.type": "#microsoft.graph.group", "id": inner, "displayName": "inner"}]
    query = "$select=id&$expand=members($select=id,displayName)"
    assert tenant.get(f"/v1.0/groups/{outer}?{query}")["members"] == expected
    first = tenant.get(f"/v1.0/groups?{query}&$filter=displayName in ('outer','inner')&$top=1")
    assert first["value"] == [{"id": outer, "members": expected}]
    assert tenant.get(first["@odata.nextLink"])["value"] == [{"id": inner, "members": []}]
    assert tenant.refused("GET", f"/v1.0/groups/{outer}?$expand=members($select=shoeSize)")[0] == 400


def test_an_application_is_shown_with_its_owners(tenant: Tenant):
    application = tenant.post("/v1.0/applications", {"displayName": "App"})
    tenant.post(f"/v1.0/applications/{application['id']}/owners/$ref", tenant.reference(ADA.object_id))
    shown = tenant.get("/v1.0/applications?$select=displayName&$expand=owners($select=id)")["value"]
    owner = {"@odata.type": "#microsoft.graph.user", "id": ADA.object_id}
    assert shown == [{"displayName": "App", "owners": [owner]}]


def test_a_user_is_shown_with_the_manager_if_there_is_one(tenant: Tenant):
    bob = tenant.add_user("bob")
    tenant.put(f"/v1.0/users/{bob}/manager/$ref", tenant.reference(ADA.object_id))
    shown = tenant.get(f"/v1.0/users/{bob}?$expand=manager")
    assert (shown["id"], shown["manager"]["id"]) == (bob, ADA.object_id)
    assert "manager" not in tenant.get(f"/v1.0/users/{ADA.object_id}?$expand=manager")
    managers = [user.get("manager", {}).get("id") for user in tenant.get("/v1.0/users?$expand=manager")["value"]]
    assert managers == [None, ADA.object_id]
