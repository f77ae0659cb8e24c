"""The inverse of Table 1 over grants: what people really hold, and that no role is made up."""

from hypothesis import given
from hypothesis import strategies as st

from tenantry.access import AssignmentType, Grant, Kind, Principal
from tenantry.access.inverse import roles_of
from tenantry.access.principals import By
from tenantry.roles import TABLE_1, AgentGroup, DirectoryRole, PartnerRole, Power, expand

ADA = Principal(By.UPN, "ada@contoso.com")
POWERS: tuple[Power, ...] = (*AgentGroup, *DirectoryRole)

powers = st.sampled_from(POWERS).map(lambda power: (Grant.of(ADA, power).kind, Grant.of(ADA, power).target))
others = st.tuples(st.sampled_from(list(Kind)), st.sampled_from(["FTOP", "fabrikam", "729827e3", "AdminAgents"]))
grants = st.builds(
    lambda what, scope, assignment_type: Grant(ADA, what[0], what[1], scope, assignment_type),
    powers | others,
    st.sampled_from(["/", "/", "/", "unit"]),
    st.sampled_from([AssignmentType.ACTIVE, AssignmentType.ACTIVE, AssignmentType.ELIGIBLE]),
)
holdings = st.sets(grants, max_size=16)


def active(*given: Power) -> set[Grant]:
    return {Grant.of(ADA, power) for power in given}


ADMINS, GLOBAL = AgentGroup.ADMIN_AGENTS, DirectoryRole.GLOBAL_ADMINISTRATOR


@given(holdings)
def test_a_role_is_claimed_only_where_its_whole_row_is_active_everywhere(held: set[Grant]) -> None:
    assert active(*expand(roles_of(held))) <= held


@given(holdings)
def test_every_complete_row_is_covered_by_the_claimed_roles(held: set[Grant]) -> None:
    given_back = active(*expand(roles_of(held)))
    for row in TABLE_1:
        assert not active(*row.powers) <= held or active(*row.powers) <= given_back


@given(st.sets(st.sampled_from(list(PartnerRole))))
def test_somebody_who_is_given_roles_holds_exactly_their_rows(roles: set[PartnerRole]) -> None:
    assert expand(roles_of(active(*expand(roles)))) == expand(roles)


def test_a_global_admin_is_not_claimed_to_be_an_admin_agent_too() -> None:
    assert roles_of(active(ADMINS, GLOBAL)) == {PartnerRole.GLOBAL_ADMIN}


def test_half_a_row_is_no_role() -> None:
    assert not roles_of(active(GLOBAL))


def test_an_eligible_role_completes_no_row() -> None:
    eligible = Grant.of(ADA, GLOBAL, AssignmentType.ELIGIBLE)
    assert roles_of({*active(ADMINS), eligible}) == {PartnerRole.ADMIN_AGENT}


def test_a_role_over_a_part_of_the_tenant_is_no_row_of_table_1() -> None:
    assert not roles_of({Grant(ADA, Kind.DIRECTORY_ROLE, DirectoryRole.USER_ADMINISTRATOR.template_id, "unit")})
