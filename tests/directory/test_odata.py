import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenantry.directory.errors import GraphError
from tenantry.directory.odata import Clause, Filter, Operator, parse_filter, parse_query

from .samples import ADA, Tenant

NAMES = st.from_regex(r"[a-z][A-Za-z0-9]{0,12}", fullmatch=True)
CLAUSES = st.one_of(
    st.builds(
        Clause,
        NAMES,
        st.sampled_from([Operator.EQ, Operator.NE]),
        st.one_of(st.text(), st.booleans(), st.none()),
    ),
    st.builds(Clause, NAMES, st.just(Operator.STARTS_WITH), st.text()),
)


@given(st.lists(CLAUSES, min_size=1, max_size=4).map(tuple).map(Filter))
def test_a_filter_reads_as_it_is_written(where: Filter):
    assert parse_filter(str(where)) == where


@given(st.text(max_size=40))
def test_any_text_is_a_filter_or_is_refused(text: str):
    try:
        where = parse_filter(text)
    except GraphError as error:
        refusal = error.status
    else:
        refusal = None
        assert parse_filter(str(where)) == where
    assert refusal in (None, 400, 501)


@given(st.text(), st.text())
def test_a_filter_finds_exactly_what_equals_its_text(value: str, other: str):
    where = Filter((Clause("name", Operator.EQ, value),))
    assert where.matches({"name": value})
    assert where.matches({"name": other}) == (value.casefold() == other.casefold())
    assert not where.matches({"name": None})


@pytest.mark.parametrize(
    "text",
    [
        "displayName eq 'a' or displayName eq 'b'",
        "not(accountEnabled eq true)",
        "createdDateTime ge 2020-01-01T00:00:00Z",
        "groupTypes/any(c:c eq 'Unified')",
        "displayName in ('a', 'b')",
        "endsWith(mail,'x')",
        "",
    ],
)
def test_filters_that_the_directory_does_not_know_say_so(text: str):
    with pytest.raises(GraphError) as refused:
        parse_filter(text)
    assert refused.value.status == 501


@pytest.mark.parametrize("text", ["displayName eq 'O'Neil'", "displayName eq 'open", "a = 'b'"])
def test_filters_that_are_no_filters_are_malformed(text: str):
    with pytest.raises(GraphError) as refused:
        parse_filter(text)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("option", "status"),
    [
        ({"$expand": "members"}, 501),
        ({"expand": "members"}, 501),
        ({"$orderby": "displayName"}, 501),
        ({"$count": "true"}, 501),
        ({"$unheard": "of"}, 501),
        ({"$top": "0"}, 400),
        ({"$top": "1000"}, 400),
        ({"$top": "many"}, 400),
        ({"$skiptoken": "-1"}, 400),
    ],
)
def test_options_that_are_not_answered_are_refused(option: dict[str, str], status: int):
    with pytest.raises(GraphError) as refused:
        parse_query(option)
    assert refused.value.status == status


def test_other_parameters_are_passed_over():
    assert parse_query({"api-version": "2022-09-01"}) == parse_query({})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1.0/directoryRoleTemplates?$top=2", 501),
        (f"/v1.0/users/{ADA.object_id}?$top=2", 400),
        (f"/v1.0/users/{ADA.object_id}?$filter=displayName eq 'x'", 400),
        (f"/v1.0/users/{ADA.object_id}/memberOf?$select=shoeSize", 400),
        (f"/v1.0/users/{ADA.object_id}/memberOf?$filter=shoeSize eq '9'", 400),
        ("/v1.0/users?$select=shoeSize", 400),
        ("/v1.0/users?$filter=shoeSize eq '9'", 400),
        ("/v1.0/users?$filter=otherMails eq 'a'", 501),
        ("/v1.0/users?$filter=employeeOrgData/division eq 'a'", 501),
        ("/beta/groups?filter=displayName eq 'nobody' or displayName eq 'x'", 501),
    ],
)
def test_a_query_for_what_is_not_there_is_refused(tenant: Tenant, path: str, status: int):
    assert tenant.refused("GET", path)[0] == status


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
