"""What each policy reports, through a pack in this process that is spoken to as the engine does."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import analyzer_pb2 as pb

from tenantry.access.registered import UNKNOWN, RegisteredResource
from tenantry.policy import IN_THE_PACK, policies
from tenantry.policy.preview import Preview
from tenantry.rules import RULES, View
from tests.acme import UNDECLARED
from tests.rules.builder import CANARY, World, resource, user

from .engine import Analyzer, in_process


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"tenantry:tenant": "acme/us"}))
    monkeypatch.delenv("ARM_TENANT_ID", raising=False)
    (tmp_path / "policies").mkdir()
    return World(tmp_path / "partners")


def run(
    pack: Analyzer, resources: Iterable[RegisteredResource], **settings: Any
) -> dict[str, list[tuple[str, str | None]]]:
    """What each policy reports of the resources: what was said, and of which resource."""
    if settings:
        config = pb.PolicyConfig(enforcementLevel=pb.MANDATORY)
        config.properties.update(settings)
        pack.configure(tenantry=config)
    reported: dict[str, list[tuple[str, str | None]]] = {}
    for item in pack.preview(resources).diagnostics:
        text = item.message.removeprefix(f"{item.description}\n")
        reported.setdefault(item.policyName, []).append((text, item.urn or None))
    return reported


def test_the_honest_program_is_reported_by_nobody(world: World, tmp_path: Path) -> None:
    assert run(in_process(tmp_path / "policies"), world.program.values()) == {}


def test_a_finding_of_the_program_points_at_its_resource(world: World, tmp_path: Path) -> None:
    world.add_members(next(iter(world.view.agent_groups))[0], [UNDECLARED])
    reported = run(in_process(tmp_path / "policies"), world.program.values())
    ((message, urn),) = reported.pop("PT-101")
    assert reported == {}
    assert message.startswith(f"[PT-101] the object id {UNDECLARED}: a member of")
    assert urn in {group.urn for _, group in world.view.agent_groups}


def test_a_finding_of_the_declaration_points_at_its_line(world: World, tmp_path: Path) -> None:
    world.write("email: fay.ford@acme.example", "email: fay.ford@gmail.com")
    reported = run(in_process(tmp_path / "policies"), world.program.values())
    ((message, urn),) = reported.pop("PT-301")
    assert reported == {}
    line = world.files["tenants/us.yaml"].splitlines().index("    email: fay.ford@gmail.com") + 1
    assert f"us.yaml:{line}:12: people.fay.email: [PT-301] Fay Ford" in message
    assert urn is None


def test_mandatory_and_advisory_findings_of_one_rule_come_by_two_policies(world: World, tmp_path: Path) -> None:
    world.write("email: fay.ford@acme.example", "email: info@acme.example")
    world.write("email: gus.dale@acme.example", "email: billing@acme.example")
    pack = in_process(tmp_path / "policies")
    reported = run(pack, world.program.values())
    assert {name: len(found) for name, found in reported.items()} == {"PT-303": 1, "PT-303-advice": 1}
    levels = {policy.name: policy.enforcementLevel for policy in pack.info().policies}
    assert levels["PT-303"] == pb.MANDATORY
    assert levels["PT-303-advice"] == pb.ADVISORY


def test_a_rule_across_tenants_is_evaluated_on_the_declaration(world: World, tmp_path: Path) -> None:
    world.write(
        "onmicrosoft.com", "onmicrosoft.com\n  verified: [acme-partner.example, acme.example]", "tenants/own.yaml"
    )
    reported = run(in_process(tmp_path / "policies"), world.program.values())
    ((message, urn),) = reported.pop("PT-410")
    assert reported == {}
    assert "us.yaml:" in message
    assert "the domain acme.example, which `own` has too" in message
    assert urn is None


def test_an_exception_silences_a_policy(world: World, tmp_path: Path) -> None:
    world.write("email: fay.ford@acme.example", "email: info@acme.example")
    pack = in_process(tmp_path / "policies")
    assert run(pack, world.program.values()).keys() == {"PT-303"}
    today = date.today()
    days = f"granted_on: {today - timedelta(days=9)}, expires_on: {today + timedelta(days=9)}"
    world.files["tenants/us.yaml"] += f"exceptions: {{x: {{rule: PT-303, object: fay, reason: r, owner: o, {days}}}}}\n"
    world.save()
    assert run(in_process(tmp_path / "policies"), world.program.values()) == {}


def test_a_temporary_password_that_may_stay_is_seen(world: World, tmp_path: Path) -> None:
    world.change("us-fay", inputs={"forcePasswordChange": False})
    inputs = world.program["us-gus"].inputs
    world.program["us-gus"] = replace(
        world.program["us-gus"], inputs={key: value for key, value in inputs.items() if key != "forcePasswordChange"}
    )
    reported = run(in_process(tmp_path / "policies"), world.program.values())
    assert {name: len(found) for name, found in reported.items()} == {"PT-307": 2}


def test_a_value_that_is_not_known_never_stops_a_policy(world: World, tmp_path: Path) -> None:
    """The SDK turns a mandatory policy that touches one into an advisory: no policy may raise."""
    for name, item in list(world.program.items()):
        everything = dict.fromkeys(item.inputs, UNKNOWN)
        world.change(name, inputs=everything, outputs=everything)
    world.add(resource("pulumi:providers:azuread", "p", {"tenantId": UNKNOWN}))
    reported = run(in_process(tmp_path / "policies"), world.program.values())
    assert {"PT-108", "declared-tenant"} <= reported.keys()


def test_the_pack_keeps_no_password(world: World, tmp_path: Path) -> None:
    preview = Preview(tmp_path / "policies")
    run(in_process(tmp_path / "policies", preview), [user("x", "x@acme.example", mail="x@gmail.com")])
    assert "x@gmail.com" in repr(preview)
    assert CANARY not in repr(preview)


def test_the_names_of_the_policies_are_unique_and_each_rule_has_one(tmp_path: Path) -> None:
    names = [policy.name for policy in policies(Preview(tmp_path))]
    assert len(names) == len(set(names))
    assert {rule.id for rule in IN_THE_PACK} < set(names)
    assert {rule.id for rule in RULES if View.REGISTERED in rule.views} < set(names)
    assert "PT-701" not in names, "what only the tenant shows, no preview passes"


def test_the_folder_of_the_declarations_comes_from_the_config(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.provision()
    (tmp_path / "partners").rename(tmp_path / "declared")
    monkeypatch.chdir(tmp_path / "policies")
    pack = tmp_path / "policies"
    assert "no partner 'acme'" in run(in_process(pack), world.program.values())["declared-tenant"][0][0]
    assert run(in_process(pack), world.program.values(), partners="../declared") == {}
