"""The inverse of Table 1 over a map: what people really hold, and that nothing is lost or made up."""

from hypothesis import given
from hypothesis import strategies as st

from tenantry.access import AccessMap, Answer, AssignmentType, Grant, HeldBy, Kind, Principal, Reason
from tenantry.access.inverse import held_by, power_of
from tenantry.access.principals import By
from tenantry.roles import TABLE_1, AgentGroup, DirectoryRole, PartnerRole, Power, expand

ADA, BRUNO = Principal(By.UPN, "ada@contoso.com"), Principal(By.OBJECT_ID, "3b6c5a0e")
POWERS: tuple[Power, ...] = (*AgentGroup, *DirectoryRole)
EVERYTHING = [Answer(kind) for kind in Kind]
WHY = Reason("a reason")

powers = st.sampled_from(POWERS).map(lambda power: (Grant.of(ADA, power).kind, Grant.of(ADA, power).target))
others = st.tuples(st.sampled_from(list(Kind)), st.sampled_from(["FTOP", "fabrikam", "729827e3", "AdminAgents"]))
grants = st.builds(
    lambda who, what, scope, assignment_type: Grant(who, what[0], what[1], scope, assignment_type),
    st.sampled_from([ADA, BRUNO]),
    powers | others,
    st.sampled_from(["/", "/", "/", "unit"]),
    st.sampled_from([AssignmentType.ACTIVE, AssignmentType.ACTIVE, AssignmentType.ELIGIBLE]),
)
maps = st.lists(grants, max_size=16).map(lambda some: AccessMap.of([(grant, WHY) for grant in some], EVERYTHING))


def access(*given: Grant) -> AccessMap:
    return AccessMap.of([(grant, WHY) for grant in given], EVERYTHING)


def assignment_type(*given: Power) -> list[Grant]:
    return [Grant.of(ADA, power) for power in given]


def eligible(power: Power) -> Grant:
    grant = Grant.of(ADA, power)
    return Grant(grant.principal, grant.kind, grant.target, assignment_type=AssignmentType.ELIGIBLE)


ADMINS, GLOBAL = AgentGroup.ADMIN_AGENTS, DirectoryRole.GLOBAL_ADMINISTRATOR


@given(maps)
def test_expanding_the_inverse_and_adding_the_leftover_gives_the_grants_back(one: AccessMap) -> None:
    back = {grant for who, theirs in held_by(one).items() for grant in theirs.grants(who)}
    assert back == set(one.grants)


@given(maps)
def test_a_role_is_claimed_only_where_its_whole_row_is_standing_everywhere(one: AccessMap) -> None:
    for who, theirs in held_by(one).items():
        for role in theirs.roles:
            assert {Grant.of(who, power) for power in expand([role])} <= set(one.grants)


@given(maps)
def test_a_complete_row_is_never_left_over(one: AccessMap) -> None:
    for who, theirs in held_by(one).items():
        left = {
            power
            for grant in theirs.leftover
            if grant.assignment_type is AssignmentType.ACTIVE and (power := power_of(grant))
        }
        assert not any(row.powers <= left for row in TABLE_1), who


@given(maps)
def test_a_role_while_activated_is_no_role_that_is_there_all_the_time(one: AccessMap) -> None:
    for theirs in held_by(one).values():
        assert not theirs.while_activated & theirs.roles


@given(st.sets(st.sampled_from(list(PartnerRole))))
def test_nobody_who_is_given_roles_has_anything_left_over(roles: set[PartnerRole]) -> None:
    inverse = held_by(access(*assignment_type(*expand(roles))))
    assert not inverse.get(ADA, HeldBy()).leftover
    assert expand(inverse.get(ADA, HeldBy()).roles) == expand(roles)


def test_a_global_admin_is_not_claimed_to_be_an_admin_agent_too() -> None:
    assert held_by(access(*assignment_type(ADMINS, GLOBAL)))[ADA].roles == {PartnerRole.GLOBAL_ADMIN}


def test_half_a_row_is_left_over() -> None:
    theirs = held_by(access(*assignment_type(GLOBAL)))[ADA]
    assert not theirs.roles
    assert theirs.leftover == {Grant.of(ADA, GLOBAL)}


def test_an_eligible_role_makes_a_row_complete_only_while_activated() -> None:
    theirs = held_by(access(*assignment_type(ADMINS), eligible(GLOBAL)))[ADA]
    assert theirs.roles == {PartnerRole.ADMIN_AGENT}
    assert theirs.while_activated == {PartnerRole.GLOBAL_ADMIN}
    assert theirs.leftover == {eligible(GLOBAL)}


def test_a_role_over_a_part_of_the_tenant_is_no_row_of_table_1() -> None:
    part = Grant(ADA, Kind.DIRECTORY_ROLE, DirectoryRole.USER_ADMINISTRATOR.template_id, "unit")
    assert held_by(access(part))[ADA] == HeldBy(leftover=frozenset({part}))
