"""What is asked of directory objects by default, and what only with `ConsistencyLevel: eventual` and `$count=true`."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.directory import advanced_queries
from tenantry.directory.errors import GraphError
from tenantry.directory.resources import RESOURCES, Kind
from tenantry.directory.searches import parse_search

from .samples import ADA, EVENTUAL, Tenant

UNSUPPORTED = (400, "Request_UnsupportedQuery")
MISSING = (
    "Operator '{}' is not supported because the required parameters might be missing. Try adding $count=true query "
    "parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more "
    "information"
)
IN = "Unsupported or invalid query filter clause specified for property '{}' of resource 'User'."


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("$filter=endsWith(mail,'.example')", MISSING.format("endsWith")),
        ("$filter=not(accountEnabled eq true)", MISSING.format("not")),
        ("$filter=not startsWith(displayName,'x') and accountEnabled eq true", MISSING.format("not")),
        ("$filter=accountEnabled ne true", "Filter operator 'NotEqualsMatch' is not supported."),
        ("$filter=companyName eq 'Contoso'", IN.format("companyName")),
        ("$filter=startsWith(mobilePhone,'+1')", IN.format("mobilePhone")),
        ("$filter=department eq null", IN.format("department")),
        ("$filter=accountEnabled eq true&$orderby=displayName", "Sorting not supported for current query."),
        ("$orderby=createdDateTime desc", "Unsupported sort property 'createdDateTime' for 'User'."),
    ],
)
def test_what_takes_an_advanced_query_is_refused_without(tenant: Tenant, query: str, message: str):
    path = f"/v1.0/users?{query}"
    assert tenant.refused("GET", path) == (*UNSUPPORTED, message)
    # The header without the count, and the count without the header, are not enough.
    assert tenant.refused("GET", path, headers=EVENTUAL)[:2] == UNSUPPORTED
    assert tenant.refused("GET", f"{path}&$count=true")[:2] == UNSUPPORTED
    assert "@odata.count" in tenant.get(f"{path}&$count=true", EVENTUAL)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/v1.0/users?$filter=endsWith(displayName,'x')", IN.format("displayName")),
        ("/v1.0/users?$orderby=employeeHireDate", "An unsupported property was specified."),
        ("/v1.0/groups?$orderby=createdDateTime", "An unsupported property was specified."),
    ],
)
def test_what_is_not_indexed_is_refused_to_an_advanced_query_too(tenant: Tenant, path: str, message: str):
    assert tenant.refused("GET", f"{path}&$count=true", headers=EVENTUAL) == (*UNSUPPORTED, message)


@pytest.mark.parametrize(
    ("kind", "query", "support"),
    [
        ("group", "description eq 'x'", "advanced"),
        ("group", "startsWith(description,'x')", "advanced"),
        ("group", "mail eq null", "advanced"),
        ("group", "groupTypes/any(t:t eq 'Unified')", "default"),
        ("group", "resourceProvisioningOptions/any(t:startsWith(t,'T'))", "none"),
        ("group", "securityEnabled eq null", "none"),
        ("group", "visibility eq 'Private'", "none"),
        ("group", "createdDateTime eq 'x'", "none"),
        ("group", "id eq 'x'", "default"),
        ("application", "notes eq 'x'", "advanced"),
        ("application", "identifierUris/any(u:startsWith(u,'api'))", "default"),
        ("application", "startsWith(appId,'x')", "none"),
        ("application", "samlMetadataUrl eq 'x'", "none"),
        ("servicePrincipal", "homepage eq 'x'", "advanced"),
        ("servicePrincipal", "appRoleAssignmentRequired eq true", "advanced"),
        ("servicePrincipal", "tags/any(t:t eq 'x')", "default"),
        ("servicePrincipal", "loginUrl eq 'x'", "none"),
        ("administrativeUnit", "description eq 'x'", "advanced"),
        ("administrativeUnit", "visibility eq 'x'", "none"),
        ("user", "businessPhones/any(p:p eq '1')", "advanced"),
        ("user", "onPremisesImmutableId eq 'x'", "default"),
        ("user", "passwordPolicies eq 'x'", "none"),
        ("user", "passwordPolicies eq null", "advanced"),
        ("user", "userPrincipalName eq null", "none"),
        ("user", "startsWith(state,'x')", "none"),
        ("user", "startsWith(jobTitle,'x')", "default"),
        ("user", "signInSessionsValidFromDateTime eq 'x'", "none"),
    ],
)
def test_what_a_kind_is_filtered_by_is_what_microsofts_tables_say(
    tenant: Tenant, kind: str, query: str, support: str
) -> None:
    resource = RESOURCES[Kind(kind)]
    path, name = f"/v1.0/{resource.set_name}?$filter={query}", re.sub(r"^startsWith\(|\W.*", "", query)
    refused = (*UNSUPPORTED, f"Unsupported or invalid query filter clause specified for property '{name}' of resource")
    answers = {"default": tenant.graph.request("GET", path)}
    answers["advanced"] = tenant.graph.request("GET", f"{path}&$count=true", None, EVENTUAL)
    for asked, (status, answer) in answers.items():
        if support in ("default", asked):
            assert status == 200, asked
        else:
            error: Any = answer["error"]
            assert (status, error["code"], error["message"].partition(" '" + resource.title)[0]) == refused


def test_every_property_of_the_tables_is_one_of_the_kind() -> None:
    for kind, listed in advanced_queries._SUPPORT.items():
        assert listed.keys() <= RESOURCES[Kind(kind)].properties.keys()


@pytest.mark.parametrize("listing", ["members", "owners", "transitiveMembers"])
def test_lists_of_references_are_asked_alike(tenant: Tenant, listing: str):
    group = tenant.add_group("Ops")
    for query in ("$filter=displayName ne 'x'", "$orderby=displayName"):
        assert tenant.refused("GET", f"/v1.0/groups/{group}/{listing}?{query}")[:2] == UNSUPPORTED
        tenant.found(f"/v1.0/groups/{group}/{listing}?{query}")


def test_fifteen_comparisons_are_the_most_by_default(tenant: Tenant):
    def names(number: int) -> str:
        return "/v1.0/users?$filter=displayName in ({})".format(",".join(f"'{one}'" for one in range(number)))

    assert tenant.ids(names(15)) == []
    message = (
        "Too many child clauses specified in search filter expression containing 'OR' operators: 16. Max allowed: 15."
    )
    assert tenant.refused("GET", names(16)) == (*UNSUPPORTED, message)
    assert tenant.found(names(16)) == []


def test_what_is_not_of_the_directory_takes_no_header(tenant: Tenant):
    roles = tenant.ids("/v1.0/roleManagement/directory/roleDefinitions?$filter=not (displayName eq 'Reports Reader')")
    assert roles
    message = "This resource does not support custom page sizes. Please retry without a page size argument."
    for path in ("directoryRoles", "directoryRoleTemplates"):
        assert tenant.refused("GET", f"/v1.0/{path}?$top=5") == (*UNSUPPORTED, message)


# --- $orderby


def test_users_are_sorted_by_name_in_both_directions_and_in_pages(tenant: Tenant):
    bob, carla = tenant.add_user("bob", displayName="zoe"), tenant.add_user("carla", displayName="Bea")
    assert tenant.pages("/v1.0/users?$orderby=displayName&$top=2") == [[ADA.object_id, carla], [bob]]
    assert tenant.pages("/v1.0/users?$orderby=displayName desc&$top=1") == [[bob], [carla], [ADA.object_id]]
    assert tenant.ids("/v1.0/users?$orderby=userPrincipalName") == [ADA.object_id, bob, carla]
    wanted = "/v1.0/users?$filter=startsWith(displayName,'z') or startsWith(displayName,'b')&$orderby=displayName"
    assert tenant.pages(f"{wanted}&$top=1&$count=true", EVENTUAL) == [[carla], [bob]]


def test_the_second_property_sorts_what_the_first_one_leaves_alike(tenant: Tenant):
    second = tenant.add_user("b", displayName="Same")
    first, last = tenant.add_user("a", displayName="same"), tenant.add_user("c", displayName="tame")
    query = '/v1.0/users?$orderby=displayName,userPrincipalName desc&$search="displayName:ame" OR "displayName:t"'
    assert tenant.ids(query, EVENTUAL) == [last]
    query = "/v1.0/users?$orderby=displayName desc,userPrincipalName&$filter=displayName ne 'Ada Admin'"
    assert tenant.found(query) == [last, first, second]


def test_a_sorted_listing_is_counted_on_its_first_page(tenant: Tenant):
    tenant.add_user("bob")
    first = tenant.get("/v1.0/users?$orderby=displayName&$top=1&$count=true", EVENTUAL)
    assert first["@odata.count"] == 2
    assert "@odata.count" not in tenant.get(first["@odata.nextLink"], EVENTUAL)


# --- $search


def test_people_and_groups_are_searched_by_words(tenant: Tenant):
    guthrie = tenant.add_user("g", displayName="Jo Guthrie", mail="jo@contoso.example")
    video = tenant.add_group("OneVideo", description="all of it")
    for search, found in (
        ('"displayName:guthr"', [guthrie]),
        ('"displayName:uthrie"', []),
        ('"displayName:x" OR "mail:JO@"', [guthrie]),
        ('"displayName:jo" AND "mail:other"', []),
    ):
        assert tenant.ids(f"/v1.0/users?$search={search}", EVENTUAL) == found, search
    asked = '/v1.0/groups?$search="displayName:video" AND ("description:nothing" OR "description:all")'
    assert tenant.ids(f"{asked}&$filter=mailEnabled eq false", EVENTUAL) == [video]
    assert tenant.ids(f"{asked}&$filter=mailEnabled eq true", EVENTUAL) == []
    message = (
        "Request with $search query parameter only works through MSGraph with a special request header: "
        "'ConsistencyLevel: eventual'"
    )
    assert tenant.refused("GET", asked) == (*UNSUPPORTED, message)
    assert tenant.refused("GET", f"{asked}&$count=true") == (*UNSUPPORTED, message)


def test_a_property_is_searched_in_any_case(tenant: Tenant):
    ops = tenant.add_group("Ops", description="On call")
    for search in ("DisplayName:ops", "DESCRIPTION:call"):
        assert tenant.ids(f'/v1.0/groups?$search="{search}"', EVENTUAL) == [ops]


def test_the_next_page_is_of_the_same_search(tenant: Tenant):
    found = [tenant.add_group(f"Team-{number}") for number in range(3)]
    tenant.add_group("Other")
    assert tenant.pages('/v1.0/groups?$search="displayName:team"&$top=2', EVENTUAL) == [found[:2], found[2:]]


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        # The examples of the page on $search.
        ("hello world", "world hello", True),
        ("HelloWorld", "world", True),
        ("helloWORLD", "world", True),
        ("HELLOworld", "world", False),
        ("hello.world", "world", True),
        ("hello.world", "helloworld", True),
        ("hello-world", "helloworld", True),
        ("hello123world", "123", True),
        ("hello123world", "world", True),
        *(
            ("李四(David Li)", wanted, True)
            for wanted in ("李四(David Li)", "李四", "David", "Li", "David)", "(李四", "Li 李")
        ),
        ("David Li", "avid", False),
    ],
)
def test_words_are_told_apart_as_the_reference_shows(text: str, wanted: str, found: bool):
    assert parse_search(f'"displayName:{wanted}"').matches({"displayName": text}) is found


@given(st.text(min_size=1).filter(str.strip), st.text())
def test_every_text_is_found_by_its_own_words(text: str, other: str):
    written = re.sub(r'(["\\])', r"\\\1", text)
    search = parse_search(f'"displayName:{written}"')
    assert search.matches({"displayName": f"{other} {text}"})
    assert not search.matches({"displayName": None})


@given(st.text(max_size=30))
def test_any_text_is_a_search_or_is_refused(text: str):
    refusal: int | None = None
    try:
        search = parse_search(text)
    except GraphError as error:
        refusal = error.status
    else:
        assert str(search) == text
    assert refusal in (None, 400)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        '"x"',
        "displayName:x",
        '"displayName:x',
        '"displayName:x" "displayName:y"',
        '("displayName:x"',
        '"displayName:x" or "displayName:y"',
        '"displayName:x" AND',
        "(" * 2000 + '"displayName:x"' + ")" * 2000,
    ],
)
def test_searches_that_are_no_searches_are_malformed(text: str):
    with pytest.raises(GraphError) as refused:
        parse_search(text)
    assert refused.value.status == 400
