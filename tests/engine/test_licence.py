"""Eligible roles (PIM) on the real engine in a tenant without the licence for them: said at the preview, by name."""

import pytest

from tenantry.directory.licences import Licence
from tenantry.engine import directory_process
from tenantry.roles import DirectoryRole
from tests.depth import deep

from .world import World

TENANT = "uk"
pytestmark = [deep, pytest.mark.engine, pytest.mark.xdist_group("engine-licence")]

GLOBAL_ADMIN = DirectoryRole.GLOBAL_ADMINISTRATOR
WHO = "Jonas Whitfield (jonas.whitfield@contoso-partner-uk.onmicrosoft.com) for Global Administrator"


def license_for(world: World, *licences: Licence) -> None:
    """Give the tenant exactly these licences, as `tenantry directory seed` does."""
    file = world.project.root / "licences.yaml"
    file.write_text(f"licences: [{', '.join(licences)}]\n")
    directory_process.seeded(world.project, file, world.tenant.id)


def make_eligible(world: World, eligible: bool) -> None:
    with world.declaration() as tenant:
        tenant["people"]["jonas"]["assignments"] = {GLOBAL_ADMIN.value: {"eligible": eligible}}


def test_a_tenant_without_the_licence_works_for_as_long_as_nobody_is_declared_eligible(world: World) -> None:
    license_for(world)
    world.up().ok()
    jonas = world.graph.user(f"jonas.whitfield@{world.tenant.domains.initial}")["id"]
    assert world.graph.roles_of(jonas) == {GLOBAL_ADMIN.template_id}
    assert world.drift().exit_code == 0


def test_an_eligible_role_is_refused_at_the_preview_and_nothing_is_written(world: World) -> None:
    make_eligible(world, True)
    with world.writes() as writes:
        refused = world.preview()
    assert refused.exit_code != 0
    assert WHO in refused.output
    assert "Microsoft Entra ID P2 or Microsoft Entra ID Governance" in refused.output
    assert "`people.jonas.assignments.Global Administrator`" in refused.output
    assert "Traceback" not in refused.output
    assert writes == []


def test_with_the_licence_the_same_declaration_makes_them_eligible(world: World) -> None:
    license_for(world, Licence.ENTRA_ID_P2)
    world.up().ok()
    jonas = world.graph.user(f"jonas.whitfield@{world.tenant.domains.initial}")["id"]
    assert world.graph.roles_of(jonas) == set()
    (eligible,) = world.graph("GET", "/roleManagement/directory/roleEligibilitySchedules")["value"]
    assert (eligible["principalId"], eligible["roleDefinitionId"]) == (jonas, GLOBAL_ADMIN.template_id)


def test_where_the_licence_ends_the_state_lets_go_and_the_role_is_held_once_that_is_declared(world: World) -> None:
    license_for(world)
    make_eligible(world, False)
    refused = world.preview()
    assert refused.exit_code != 0
    assert WHO not in refused.output
    (urn,) = (urn for urn in world.resources() if "EligibilityScheduleRequest" in urn)
    assert f"`pulumi state delete '{urn}'`" in refused.output
    world.pulumi("state", "delete", urn, "--yes").ok()
    world.up().ok()
    jonas = world.graph.user(f"jonas.whitfield@{world.tenant.domains.initial}")["id"]
    assert world.graph.roles_of(jonas) == {GLOBAL_ADMIN.template_id}
