from datetime import date, timedelta

import pytest

from tenantry.declaration import DeclarationError
from tenantry.directory.enrolment import FirstUser
from tenantry.engine.enrolments import declared_enrolments
from tenantry.errors import EngineError
from tenantry.project.paths import Project

from .conftest import ADMIN_ID, TENANT_ID, declare


def edit(project: Project, old: str, new: str) -> None:
    file = project.partners / "fabrikam" / "tenants" / "us.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_tenant_is_as_partner_center_leaves_it(project: Project):
    (us,) = declared_enrolments(project)
    assert (us.tenant_id, us.display_name, us.country) == (TENANT_ID, "Fabrikam (us)", "US")
    assert us.initial_domain == "fabrikam-us.onmicrosoft.com"
    assert set(us.verified_domains) == {"fabrikam-us.onmicrosoft.com", "fabrikam-us.com"}
    assert us.agent_groups


def test_the_first_admins_are_the_adopted_global_admins(project: Project):
    (us,) = declared_enrolments(project)
    assert us.global_admins == (FirstUser(ADMIN_ID, "ada@fabrikam-us.com", "Ada Nakamura"),)


def test_where_nobody_is_adopted_an_undeclared_account_enrolled_the_tenant(project: Project):
    edit(project, f"    adopted: {ADMIN_ID}\n", "")
    (us,) = declared_enrolments(project)
    (undeclared,) = us.global_admins
    assert undeclared.upn == "enrolling.admin@fabrikam-us.onmicrosoft.com"
    assert declared_enrolments(project) == [us], "with the same id at every start"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  CSP:", "  MAICPP:"),
        ("mode: authoritative", "mode: authoritative\nagent_groups: {source: create}"),
    ],
)
def test_agent_groups_come_with_csp_and_not_in_a_sandbox_that_creates_them(project: Project, old: str, new: str):
    if "MAICPP" in new:
        edit(project, ', location_id: "5120344"', "")
    edit(project, old, new)
    (us,) = declared_enrolments(project)
    assert not us.agent_groups


def test_pinned_groups_have_their_ids(project: Project):
    pinned = "a5b1c2d3-0000-4000-8000-000000000001"
    edit(project, "mode: authoritative", f"mode: authoritative\nagent_groups: {{ids: {{AdminAgents: {pinned}}}}}")
    (us,) = declared_enrolments(project)
    assert us.group_id("AdminAgents") == pinned


def test_every_partner_tenant_is_enrolled_and_no_other(project: Project):
    declare(
        project, us=TENANT_ID, uk="b2a7d9c4-1e08-4b6f-a7d3-9c5e0f21d720", own="0d9a4b52-3c1e-4f7a-8b60-51f3c27ad901"
    )
    own = project.partners / "fabrikam" / "tenants" / "own.yaml"
    own.write_text(own.read_text().replace("[partner]", "[own use]"))
    assert [enrolment.display_name for enrolment in declared_enrolments(project)] == ["Fabrikam (us)", "Fabrikam (uk)"]


def test_a_wrong_declaration_is_refused(project: Project):
    edit(project, "country: US", "country: us")
    with pytest.raises(DeclarationError, match="country"):
        declared_enrolments(project)


def test_a_tenant_that_could_not_have_been_enrolled_is_reported_with_its_place(project: Project):
    edit(project, "upn: ada@fabrikam-us.com", "upn: ada@elsewhere.com")
    with pytest.raises(EngineError, match=r"us\.yaml:\d+:\d+: .*ada@elsewhere\.com is not under"):
        declared_enrolments(project)


def test_adopted_people_without_that_role_have_an_account_and_nothing_else(project: Project):
    emma_id = "0c8a4f0e-31c4-4b0a-9d2c-6a3e5a1b7c02"
    emma = f"  emma:\n    full_name: Emma\n    upn: emma@fabrikam-us.com\n    roles: []\n    adopted: {emma_id}\n"
    edit(project, "people:\n", f"people:\n{emma}")
    (us,) = declared_enrolments(project)
    assert us.users == (FirstUser(emma_id, "emma@fabrikam-us.com", "Emma"),)
    assert [admin.upn for admin in us.global_admins] == ["ada@fabrikam-us.com"]


def test_declared_identities_are_there_before_anything_is_provisioned(project: Project):
    id_ = "0f7a1f5e-31f6-4b0e-8a53-0c8f3d1b7c21"
    bridge = f"{{object_id: {id_}, name: Backup Bridge, groups: [AdminAgents], owner: o, reason: r, "
    day = date.today()
    ends = f"decided_on: {day}, until: {day + timedelta(days=9)}}}"
    edit(project, "people:\n", f"identities: {{bridge: {bridge}{ends}}}\npeople:\n")
    (us,) = declared_enrolments(project)
    assert us.service_principals == {id_: "Backup Bridge"}
