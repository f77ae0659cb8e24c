"""What relationships with customers give, by the resources of a program, and what of it is said to be unknown."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tenantry.access import Kind
from tenantry.access.registered import UNKNOWN, RegisteredResource, read
from tenantry.access.registered.resources import Value
from tenantry.access.resource_types import GROUP, USER
from tenantry.access.state import RELATIONSHIP

HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
ADA_ID, DESK_ID = "44444444-4444-4444-8444-444444444444", "33333333-3333-4333-8333-333333333333"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:us::tenantry::{type_}::us-{name}"


def group(key: str, *, id_: str | None = None) -> RegisteredResource:
    inputs: dict[str, Value] = {"displayName": f"GDAP {key}", "members": [ADA_ID]}
    return RegisteredResource(urn(GROUP, key), GROUP, inputs, {"objectId": id_} if id_ else {})


ADA = RegisteredResource(urn(USER, "ada"), USER, {"userPrincipalName": "ada@adatum.example"}, {"objectId": ADA_ID})
DESK = group("desk", id_=DESK_ID)


def relationship(
    assignments: Value, waits_for: Iterable[RegisteredResource] = (DESK,), *, terminate: bool = False
) -> RegisteredResource:
    return RegisteredResource(
        urn(RELATIONSHIP, "fabrikam.everyday"),
        RELATIONSHIP,
        {"customerTenantId": "fabrikam", "assignments": assignments, "terminate": terminate},
        {"status": "active"},
        {"assignments": frozenset(one.urn for one in waits_for)},
    )


def given(*resources: RegisteredResource) -> tuple[list[str], list[str]]:
    """Who gets which role, and what is not known of it."""
    access = read([ADA, *resources], at_customers=True).access
    grants = [f"{grant.principal.name} {grant.scope}" for grant, _ in access.records()]
    return sorted(grants), sorted(place.why for place in access.unresolved if place.kind is Kind.CUSTOMER_ROLE)


#: Assignments, whether they give the role that is known, and what is not known of them.
UNKNOWN_ASSIGNMENTS: dict[str, tuple[Value, bool, list[str]]] = {
    "none": (None, False, []),
    "all is known": ({"desk": {"group": DESK_ID, "roles": [HELPDESK]}}, True, []),
    "all is unknown": (UNKNOWN, False, ["`assignments` is not known"]),
    "one assignment": ({"desk": UNKNOWN}, False, ["`assignments.desk` is not known"]),
    "all its roles": (
        {"desk": {"group": DESK_ID, "roles": UNKNOWN}},
        False,
        ["`assignments.desk`: which roles is not known"],
    ),
    "one of its roles": (
        {"desk": {"group": DESK_ID, "roles": [HELPDESK, UNKNOWN]}},
        True,
        ["`assignments.desk`: which roles is not known"],
    ),
}


@pytest.mark.parametrize("what", UNKNOWN_ASSIGNMENTS)
def test_an_assignment_that_is_not_known_is_said_to_be_unknown(what: str) -> None:
    assignments, gives, unknown = UNKNOWN_ASSIGNMENTS[what]
    grants, reasons = given(DESK, relationship(assignments))
    assert reasons == unknown
    assert len(grants) == gives
    assert "unknown" not in "".join(grants).lower()


@pytest.mark.parametrize("assignments", [UNKNOWN, {"desk": UNKNOWN}, {"desk": {"group": DESK_ID, "roles": [UNKNOWN]}}])
def test_nothing_is_unknown_of_a_relationship_that_ends(assignments: Value) -> None:
    assert given(DESK, relationship(assignments, terminate=True)) == ([], [])


NEW, LATE, OTHER = group("desk"), group("late-desk"), group("late-desk", id_=DESK_ID)
WAITS: Value = {"group": UNKNOWN, "roles": [HELPDESK]}
NO_GROUP = ["`assignments.desk`: which group is not known"]


def test_new_groups_are_found_by_the_keys_of_their_assignments() -> None:
    made = relationship({"desk": WAITS, "late-desk": WAITS}, [LATE, NEW])
    assert given(NEW, LATE, made)[1] == []
    assert read([NEW, LATE, made]).at_customers[made.urn].groups == {NEW.urn, LATE.urn}
    assert len(given(NEW, relationship({"desk": WAITS}, [NEW]))[0]) == 1


def test_a_new_group_is_found_beside_one_that_exists() -> None:
    both = {"desk": WAITS, "late-desk": {"group": DESK_ID, "roles": []}}
    made = relationship(both, [NEW, OTHER])
    assert given(NEW, OTHER, made)[1] == []
    assert read([NEW, OTHER, made]).at_customers[made.urn].groups == {NEW.urn, OTHER.urn}


def test_a_group_that_exists_is_not_the_one_whose_id_is_unknown() -> None:
    """Its id is known: an unknown one is another's, whatever the names of both."""
    assert given(DESK, relationship({"desk": WAITS})) == ([], NO_GROUP)


def test_no_group_is_found_by_its_name_where_ids_come_from_elsewhere_too() -> None:
    assert given(NEW, LATE, relationship({"desk": WAITS}, [NEW, LATE])) == ([], NO_GROUP)
    assert given(NEW, relationship({"desk": WAITS, "mail": WAITS}, [NEW]))[0] == []


ASSIGNED = relationship({"desk": {"group": DESK_ID, "roles": [HELPDESK]}})
UNSTATED: dict[str, Value] = {"displayName": "GDAP desk"}


@pytest.mark.parametrize(
    "silent",
    [
        replace(DESK, inputs={}, registered=False),
        replace(DESK, inputs=UNSTATED, imported=True),
        replace(DESK, inputs=UNSTATED),
        replace(DESK, inputs={**UNSTATED, "dynamicMembership": {"rule": "user.department -eq 1"}}),
    ],
    ids=["only referred to", "taken over", "there before", "by a rule"],
)
def test_a_group_whose_members_are_not_stated_is_not_an_empty_one(silent: RegisteredResource) -> None:
    assert given(silent, ASSIGNED) == ([], ["its members are not stated here"])


def test_a_group_that_is_stated_to_be_empty_is_empty_and_so_is_a_new_one() -> None:
    assert given(replace(DESK, inputs={**UNSTATED, "members": []}), ASSIGNED) == ([], [])
    new = replace(NEW, inputs=UNSTATED)
    assert given(new, relationship({"desk": WAITS}, [new])) == ([], [])


def test_assignments_whose_changes_are_ignored_may_be_others() -> None:
    grants, unknown = given(DESK, replace(ASSIGNED, ignores=frozenset({"assignments.desk"})))
    assert len(grants) == 1
    assert unknown == ["changes of `assignments` are ignored, so that others may be given there"]


def test_a_relationship_does_not_end_where_changes_of_terminate_are_ignored() -> None:
    ends = replace(ASSIGNED, inputs={**ASSIGNED.inputs, "terminate": True})
    assert given(DESK, ends) == ([], [])
    grants, unknown = given(DESK, replace(ends, ignores=frozenset({"terminate"})))
    assert (len(grants), unknown) == (1, [])
