"""The policy pack once the resources are there: the next preview, an update that shows itself too late, an audit."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.reference.evasions import Evasion, evasions
from tests.depth import deep
from tests.programs.harness import evading

from .test_evasions import acme_world, said_by_the_pack
from .world import Ran, World

pytestmark = [
    pytest.mark.engine,
    pytest.mark.xdist_group("engine-acme-up"),
    deep,
]
EVASIONS = {item.title: item for item in evasions()}
UNDECLARED = "5eed0000-0000-4000-8000-00000000dead"
DOMAIN = "acme-partner.onmicrosoft.com"


@pytest.fixture(scope="module")
def acme(engine: PulumiCli) -> Iterator[World]:
    with acme_world(engine) as made:
        yield made


@pytest.fixture(scope="module")
def undeclared(acme: World) -> str:
    return acme.graph.make(f"stranger@{DOMAIN}")


@pytest.fixture(scope="module", autouse=True)
def provisioned(acme: World, undeclared: str) -> Ran:
    """The raw program, applied."""
    write(acme, undeclared)
    return acme.up().ok()


def write(acme: World, undeclared: str, evasion: Evasion | None = None) -> None:
    acme.program.write_text(evading(evasion).replace(UNDECLARED, undeclared), encoding="utf-8")


def test_the_raw_program_passes_without_a_word_when_it_is_applied_and_again(
    acme: World, undeclared: str, provisioned: Ran
) -> None:
    assert said_by_the_pack(provisioned) == ""
    write(acme, undeclared)
    assert said_by_the_pack(acme.preview("--policy-pack", "policies", "--expect-no-changes").ok()) == ""


@pytest.mark.parametrize("title", ["an apply that swaps an id", "an apply that swaps who gets a role"])
def test_an_apply_that_swaps_an_id_is_refused_once_the_ids_are_known(acme: World, undeclared: str, title: str) -> None:
    write(acme, undeclared, EVASIONS[title])
    ran = acme.preview("--policy-pack", "policies")
    assert ran.exit_code == 1
    assert f"[{EVASIONS[title].rules[0]}] stranger@{DOMAIN}" in ran.output or f"{undeclared}: " in ran.output


def test_an_alias_that_moves_an_agent_group_to_another_resource_is_found_by_the_group_s_id(
    acme: World, undeclared: str
) -> None:
    write(acme, undeclared, EVASIONS["an alias that moves it to another resource"])
    ran = acme.preview("--policy-pack", "policies")
    assert ran.exit_code == 1
    message = said_by_the_pack(ran)
    assert "[PT-105] AdminAgents: the group under the new name 'Book club'" in message
    assert f"[PT-101] the object id {undeclared}: a member of AdminAgents" in message


def test_a_program_that_behaves_at_preview_fails_its_update_too_late_and_the_next_one_removes_it(
    acme: World, undeclared: str
) -> None:
    """What docs/evasions.md says of it: the pack cannot hinder the update, and makes it fail."""
    write(acme, undeclared, EVASIONS["a program that behaves at preview and not at up"])
    acme.preview("--policy-pack", "policies").ok()
    ran = acme.up()
    assert ran.exit_code != 0
    assert f"[PT-101] the object id {undeclared}: a member of AdminAgents" in said_by_the_pack(ran)
    assert undeclared in acme.graph.member_ids("AdminAgents")
    write(acme, undeclared)
    acme.up().ok()
    assert undeclared not in acme.graph.member_ids("AdminAgents")


def analyzed(acme: World, state: Path, tmp_path: Path) -> Ran:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"tenantry": {"tenant": "acme/us"}}))
    pack = ("--policy-pack", "policies", "--policy-pack-config", str(config))
    return acme.pulumi("policy", "analyze", "--file", str(state), *pack)


def test_an_exported_state_is_audited_without_tenant_and_program(acme: World, undeclared: str, tmp_path: Path) -> None:
    exported = json.loads(acme.pulumi("stack", "export").ok().output)
    state = tmp_path / "state.json"
    state.write_text(json.dumps(exported))
    assert said_by_the_pack(analyzed(acme, state, tmp_path).ok()) == ""
    for item in exported["deployment"]["resources"]:
        if item["urn"].endswith("::AdminAgents"):
            for properties in ("inputs", "outputs"):
                item[properties]["members"].append(undeclared)
    state.write_text(json.dumps(exported))
    ran = analyzed(acme, state, tmp_path)
    assert ran.exit_code != 0
    assert f"[PT-101] the object id {undeclared}: a member of AdminAgents" in ran.output
