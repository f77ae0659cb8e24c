"""What docs/handover.md and docs/runbooks/ say, done on the real engine, in the order in which they say it."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml.comments import CommentedSeq

from tenantry.declaration import Tenant, load
from tenantry.reports.check import check_partner
from tenantry.roles import DirectoryRole
from tenantry.sensitive_actions import USER_ADMINISTRATOR
from tenantry.todo import TodoKind, todos
from tests.depth import deep
from tests.terminal import ENTERS, LEAVES, Terminal

from .world import Ran, World, content

TENANT = "us"
pytestmark = [
    pytest.mark.engine,
    pytest.mark.xdist_group("engine-runbooks"),
    deep,
]

RIGHT_AND_MUST_BE_CHANGED = "AADSTS50055"
DOMAIN = "contoso-partner.onmicrosoft.com"


@pytest.fixture(scope="module", autouse=True)
def first_up(world: World) -> Ran:
    return world.up().ok()


@contextmanager
def put_back(world: World) -> Iterator[None]:
    """What is declared meanwhile is taken back, and the tenant brought to it."""
    before = world.tenant_file.read_text()
    yield
    world.tenant_file.write_text(before)
    world.up().ok()


@pytest.fixture
def declared_again(world: World) -> Iterator[None]:
    with put_back(world):
        yield


def declared(world: World) -> Tenant:
    return load(world.tenant_file.parents[1]).tenants[TENANT]


def handover(world: World, tmp_path: Path, *arguments: str, **env: str) -> Terminal:
    ours = {name: value for name, value in world.env.items() if name not in ("CI", "GITHUB_ACTIONS")}
    ours |= {"PYTHONPATH": os.pathsep.join(sys.path), **env}
    return Terminal("handover", *arguments, cwd=world.project.root, env=ours, errors=tmp_path / "stderr", alone=True)


# Handing a temporary password over


def test_the_password_that_is_handed_over_is_the_accounts_own(world: World, tmp_path: Path) -> None:
    upn = f"carla.jensen@{DOMAIN}"
    before = world.tenant_file.read_text()
    with handover(world, tmp_path, "carla") as terminal:
        terminal.until("[y/n]").type("y\n").until("Ctrl-C").until_hushed().type("\n")
        assert terminal.ends() == 0, terminal.errors
    (password,) = re.findall(r"T7-[a-z2-7-]{27}", terminal.shown)
    assert world.graph.sign_in_error(upn, password) == RIGHT_AND_MUST_BE_CHANGED
    assert password in terminal.shown.partition(ENTERS)[2].partition(LEAVES)[0]
    after = world.tenant_file.read_text()
    assert after.startswith(before + f"done:\n  hand-over/carla: {date.today()}  # handed over by ")
    assert "hand-over/carla" not in {todo.id for todo in todos(declared(world))}
    assert world.drift().exit_code == 0, "to record it changes nothing in the tenant"
    # The password stands, in clear, in no file of the project: not in the state, and not in what was logged.
    kept = [file for file in world.project.root.rglob("*") if file.is_file() and not file.is_symlink()]
    assert [file for file in kept if password.encode() in content(file)] == []


def test_a_round_that_is_raised_is_handed_over_after_the_up_and_not_before(world: World, tmp_path: Path) -> None:
    # It stays raised: rounds only go up (PT-307).
    world.graph.empower(USER_ADMINISTRATOR)
    with world.declaration() as tenant:
        tenant["people"]["dmitri"]["password_round"] = 2
    with handover(world, tmp_path, "dmitri") as terminal:
        terminal.until("[y/n]").type("y\n")
        assert terminal.ends() == 1
        assert "does not have the password of round 2 yet" in terminal.errors
    world.up().ok()
    with handover(world, tmp_path, "dmitri") as terminal:
        terminal.until("[y/n]").type("y\n").until("Ctrl-C").until_hushed().type("\n")
        assert terminal.ends() == 0, terminal.errors
    (password,) = re.findall(r"T7-[a-z2-7-]{27}", terminal.shown)
    assert world.graph.sign_in_error(f"dmitri.okafor@{DOMAIN}", password) == RIGHT_AND_MUST_BE_CHANGED
    assert "hand-over/dmitri/2" in declared(world).done


def test_a_wrong_passphrase_and_a_stack_that_is_not_there_are_sentences(world: World, tmp_path: Path) -> None:
    world.pulumi("stack", "rename", "prod").ok()
    try:
        for passphrase, stack, message in (
            ("wrong", "prod", "cannot be read with this passphrase"),
            ("tenantry-dev", "dev", "The stack `dev` does not exist yet"),
        ):
            (world.project.root / "Pulumi.dev.yaml").write_text((world.project.root / "Pulumi.prod.yaml").read_text())
            env = {"PULUMI_CONFIG_PASSPHRASE": passphrase}
            with handover(world, tmp_path, "emma", "--stack", stack, **env) as terminal:
                terminal.until("[y/n]").type("y\n")
                assert terminal.ends() == 1
                assert message in terminal.errors
                assert ENTERS not in terminal.shown
    finally:
        (world.project.root / "Pulumi.dev.yaml").unlink(missing_ok=True)
        world.pulumi("stack", "rename", "dev", "--stack", "prod").ok()


# docs/runbooks/leaver-today.md


def test_an_admin_agent_who_leaves_today_is_out_and_only_hands_are_left(world: World, declared_again: None) -> None:
    graph = world.graph
    emma = graph.user(f"emma.lindqvist@{DOMAIN}")["id"]
    graph("PATCH", f"/users/{emma}", accountEnabled=False)  # step 1, by hand
    assert graph("POST", f"/users/{emma}/revokeSignInSessions")["value"] is True
    with world.declaration() as tenant:
        tenant["people"]["emma"]["state"] = "leaver"
        tenant["ftop"]["customers"]["fabrikam"]["assignments"]["emma"] = CommentedSeq(["FastTrack Manager"])
    preview = world.preview("--refresh", "--policy-pack", "policies").ok()
    assert "us-HelpdeskAgents" in preview.output
    world.up().ok()
    assert graph.members("HelpdeskAgents") == {"ines.costa"}
    assert graph("GET", f"/users/{emma}?$select=accountEnabled")["accountEnabled"] is False
    assert graph.roles_of(emma) == set()
    assert world.drift().exit_code == 0
    left = {todo.id for todo in todos(declared(world)) if "emma" in todo.id.split("/")}
    assert left == {"withdraw-company-role/emma/support-request-admin", "withdraw/fabrikam/emma"}


# docs/runbooks/fixed-by-hand.md


def test_a_member_added_by_hand_is_seen_and_kept_by_declaring_them(world: World) -> None:
    graph = world.graph
    zoe = world.graph.make(f"zoe@{DOMAIN}")
    world.graph.join("AdminAgents", zoe)
    seen = world.drift()
    assert seen.exit_code == 7
    assert "us-AdminAgents" in seen.output
    assert zoe in seen.output
    with put_back(world):
        with world.declaration() as tenant:
            tenant["people"]["zoe"] = {
                "full_name": "Zoe Berg",
                "upn": f"zoe@{DOMAIN}",
                "email": "zoe.berg@contoso.com",
                "roles": CommentedSeq(["Admin agent"]),
                "adopted": zoe,
            }
        assert world.drift().exit_code == 0
        world.preview("--refresh", "--policy-pack", "policies").ok()
        world.up().ok()
        assert "zoe" in graph.members("AdminAgents")
    assert "zoe" not in graph.members("AdminAgents"), "what is declared no more, `pulumi up` takes back"
    graph("DELETE", f"/users/{zoe}")


def test_a_role_given_by_hand_is_not_seen_and_an_up_that_declares_it_says_that_it_is_there(
    world: World, declared_again: None
) -> None:
    graph, role = world.graph, DirectoryRole.USER_ADMINISTRATOR
    farid = graph.user(f"farid.haddad@{DOMAIN}")["id"]
    given = world.graph.assign(role.template_id, farid)
    assert world.drift().exit_code == 0, "Pulumi reads the assignments that it made, and no others"
    with world.declaration() as tenant:
        tenant["people"]["farid"]["roles"].append("User management admin")
    refused = world.up()
    assert refused.exit_code != 0
    assert "the role was given by hand" in refused.output
    assert given in refused.output
    # Kept as the runbook says: by hand out, by declaration in.
    graph("DELETE", f"/roleManagement/directory/roleAssignments/{given}")
    world.up().ok()
    assert role.template_id in graph.roles_of(farid)
    assert world.drift().exit_code == 0


def test_a_role_given_by_hand_to_an_adopted_account_is_kept_by_a_pin(world: World) -> None:
    graph, role = world.graph, DirectoryRole.USER_ADMINISTRATOR
    yan = world.graph.make(f"yan@{DOMAIN}")
    given = world.graph.assign(role.template_id, yan)
    with world.declaration() as tenant:
        tenant["people"]["yan"] = {
            "full_name": "Yan Li",
            "upn": f"yan@{DOMAIN}",
            "email": "yan.li@contoso.com",
            "roles": CommentedSeq(["User management admin"]),
            "adopted": yan,
            "pins": {"role_assignments": {"User Administrator": given}},
        }
    world.up().ok()
    assert world.changes() == {"import": 1}
    assert graph.roles_of(yan) == {role.template_id}
    # Taken back in two steps: the pin, then the person.
    with world.declaration() as tenant:
        del tenant["people"]["yan"]["pins"]
    world.up().ok()
    with world.declaration() as tenant:
        tenant["people"]["yan"]["state"] = "leaver"
    world.up().ok()
    assert graph.roles_of(yan) == set()


def test_a_pinned_global_admin_who_leaves_goes_in_two_steps_once_there_is_another(world: World) -> None:
    """The last test: who enrolled the tenant does not come back."""
    graph = world.graph
    ada = declared(world).members["ada"].adopted
    assert ada
    with world.declaration() as tenant:
        tenant["people"]["ada"]["state"] = "leaver"
    alone = check_partner(world.tenant_file.parents[1])
    assert alone.exit_code == 1
    assert [finding.rule for finding in alone.findings if finding.level.blocks] == ["PT-201"]
    with world.declaration() as tenant:
        tenant["people"]["grace"]["roles"] = CommentedSeq(["Global admin"])
    assert check_partner(world.tenant_file.parents[1]).exit_code == 0
    at_once = world.preview("--refresh", "--policy-pack", "policies")
    assert at_once.exit_code != 0
    assert "Refused (PT-108): Ada Nakamura" in at_once.output
    assert "`people.ada.pins.role_assignments.Global Administrator`" in at_once.output
    # The pin goes first, while she still is what she was; then she leaves.
    with world.declaration() as tenant:
        del tenant["people"]["ada"]["state"]
        del tenant["people"]["ada"]["pins"]
    world.up().ok()
    with world.declaration() as tenant:
        tenant["people"]["ada"]["state"] = "leaver"
    world.up().ok()
    assert graph.roles_of(ada) == set()
    assert "ada.nakamura" not in graph.members("AdminAgents")
    assert world.drift().exit_code == 0
    assert graph("GET", f"/users/{ada}?$select=accountEnabled")["accountEnabled"], (
        "no update changes an adopted account"
    )
    left = {todo.kind for todo in todos(declared(world)) if "ada" in todo.id.split("/")}
    assert left == {TodoKind.WITHDRAW_COMPANY_ROLE, TodoKind.DISABLE}
