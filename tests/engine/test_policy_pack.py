"""The policy pack on the real engine, at the first preview, when nobody exists yet: each way round it is refused."""

import json
import os
import venv
from pathlib import Path

import pytest

from tests.docs.pages import blocks, quotes

from .world import Ran, World

TENANT = "uk"
pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-uk")]

UNDECLARED = "7d3fa1c2-0b7e-4a55-9a53-0f6f3b1f0c11"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
TIER_2 = "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8"
EXCHANGE_ADMINISTRATOR = "29232cdf-9323-42fd-ade2-1d097af3e4de"

#: What somebody adds to an honest program, and what the pack says to it: the rule, the person, the mend.
RAW = f'''
import pulumi_azuread as azuread

def user(name, upn, mail=None):
    return azuread.User(name, user_principal_name=upn, display_name=name.title(), mail=mail, password="not-A-secret-1")

domain = "contoso-partner-uk.onmicrosoft.com"
mallory = user("mallory", f"mallory@{{domain}}", "mallory@hotmail.com")
throwaway = user("throwaway", f"throwaway@{{domain}}", "x@mailinator.com")
shared = user("shared", f"shared@{{domain}}", "info@contoso.com")
elsewhere = user("elsewhere", "elsewhere@fabrikam.com")
guest = user("guest", f"eve_fabrikam.com#EXT#@{{domain}}")
team = azuread.Group("team", display_name="A team", security_enabled=True)
sales = azuread.Group(
    "sales", display_name="Sales Agents", security_enabled=True,
    members=[mallory.object_id, "{UNDECLARED}", guest.object_id, team.object_id],
)
azuread.GroupMember("beside", group_object_id=sales.object_id, member_object_id=throwaway.object_id)
azuread.Group("all", display_name="All Users", security_enabled=True)
azuread.DirectoryRoleAssignment("power", role_id="{GLOBAL_ADMINISTRATOR}", principal_object_id=mallory.object_id)
azuread.DirectoryRoleAssignment("exchange", role_id="{EXCHANGE_ADMINISTRATOR}", principal_object_id=mallory.object_id)
azuread.DirectoryRoleAssignment("tier2", role_id="{TIER_2}", principal_object_id=mallory.object_id)
'''

REFUSED = [
    ("PT-101", "mallory@contoso-partner-uk.onmicrosoft.com", "or remove them from SalesAgents"),
    ("PT-101", UNDECLARED, "or remove them from SalesAgents"),
    ("PT-103", "mallory@", "remove the assignment"),
    ("PT-104", "Partner Tier2 Support", "remove the assignment"),
    ("PT-105", "SalesAgents", "remove all except the one that PartnerTenant registers"),
    ("PT-105", "the GroupMember", "remove the GroupMember"),
    ("PT-106", "#ext#@", "create an account in this tenant"),
    ("PT-107", "team", "remove it from "),
    ("PT-108", "assigned Global Administrator outside the declaration", "remove the assignment"),
    ("PT-110", "All Users", "remove the resource"),
    ("PT-301", "mallory@hotmail.com", "write the person's business address"),
    ("PT-302", "x@mailinator.com", "write the person's business address"),
    ("PT-303", "info@contoso.com", "write the person's own address"),
    ("PT-305", "elsewhere@fabrikam.com", "use one of them"),
]


@pytest.fixture(scope="module")
def refused(world: World) -> Ran:
    program = world.project.root / "__main__.py"
    honest = program.read_text()
    program.write_text(honest + RAW)
    ran = world.preview("--policy-pack", "policies")
    program.write_text(honest)
    return ran


def test_the_honest_program_passes_silently(world: World) -> None:
    passed = world.preview("--policy-pack", "policies").ok()
    assert "PT-" not in passed.output


def test_nothing_is_previewed_where_the_configuration_disables_every_policy(world: World, tmp_path: Path) -> None:
    config = tmp_path / "pack.json"
    config.write_text(json.dumps({"all": "disabled"}))
    ran = world.preview("--policy-pack", "policies", "--policy-pack-config", str(config))
    assert ran.exit_code != 0
    assert "`PT-101`: the level `disabled`; expected: `mandatory`: this rule cannot be lowered" in ran.output
    assert "`PT-501`" not in ran.output
    assert "azuread:index" not in ran.output


def test_the_preview_fails(refused: Ran) -> None:
    assert refused.exit_code == 1


@pytest.mark.parametrize(("rule", "about", "mend"), REFUSED)
def test_each_way_round_is_named_with_its_person_and_its_mend(refused: Ran, rule: str, about: str, mend: str) -> None:
    messages = [line for line in refused.output.splitlines() if f"[{rule}]" in line and about in line]
    assert messages, [line for line in refused.output.splitlines() if "[PT-" in line]
    assert any("Fix: " in line and mend in line for line in messages), messages


def test_the_pack_s_page_quotes_what_it_says(refused: Ran) -> None:
    (quoted,) = blocks("policies/README.md", "text")
    assert quotes(quoted, refused.output), refused.output


def test_a_role_that_the_declaration_gives_and_the_program_does_not_is_refused(world: World) -> None:
    """PT-102 and PT-201: the pack reads the declaration itself, whatever the program makes of it."""
    program = world.project.root / "__main__.py"
    honest, declared = program.read_text(), world.tenant_file.read_text()
    program.write_text(
        honest.replace(
            "tenant = PartnerTenant(", "stack.tenant.people['kavya'].__dict__['roles'] = ()\ntenant = PartnerTenant("
        )
    )
    ran = world.preview("--policy-pack", "policies")
    program.write_text(honest)
    assert ran.exit_code == 1
    assert "[PT-102] Kavya Rao" in ran.output

    with world.declaration() as tenant:
        tenant["people"]["jonas"]["roles"][0] = "Sales agent"
    ran = world.preview("--policy-pack", "policies")
    world.tenant_file.write_text(declared)
    assert ran.exit_code == 1
    assert "[PT-201] Contoso Partner (UK): only Ada Nakamura" in ran.output


def test_without_the_packs_packages_the_preview_fails_with_a_sentence(world: World, tmp_path: Path) -> None:
    """A virtual environment that is there and empty: the engine neither hangs nor goes on without the pack."""
    venv.create(tmp_path / "empty", with_pip=False)
    path = os.pathsep.join([str(tmp_path / "empty" / "bin"), str(Path(world.engine.path).parent), "/usr/bin", "/bin"])
    ran = world.preview("--policy-pack", "policies", PATH=path, VIRTUAL_ENV=str(tmp_path / "empty"))
    assert ran.exit_code != 0
    # The reason comes beside it, unless the engine has closed the pack's output first: then it says that.
    reasons = ("No module named 'pulumi'", "could not read policy pack port: io: read/write on closed pipe")
    assert any(reason in ran.output for reason in reasons), ran.output
    assert "policy pack not started" in ran.output
