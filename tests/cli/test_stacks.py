"""`tenantry stacks`: what a pipeline's matrix is made of."""

import json
from pathlib import Path

import pytest

from tests.acme import OWN, PARTNER, US

from .conftest import Tenantry


@pytest.fixture(autouse=True)
def _in_the_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def test_stacks_are_listed_for_a_matrix_on_one_line(tenantry: Tenantry) -> None:
    ran = tenantry("stacks", "--json")
    assert (ran.exit_code, ran.stderr, ran.stdout.count("\n")) == (0, "", 1)
    (dev,) = json.loads(ran.stdout)
    assert (dev["stack"], dev["tenant"], dev["embedded"]) == ("dev", "contoso/us", True)


def test_the_embedded_directorys_stack_is_no_real_one(tenantry: Tenantry) -> None:
    assert json.loads(tenantry("stacks", "--json", "--real").stdout) == []
    assert "pulumi stack init" in tenantry("stacks", "--real").stdout


def test_people_read_a_table(tenantry: Tenantry) -> None:
    assert "contoso/us" in tenantry("stacks").stdout


def test_real_stacks_are_listed_once_the_sample_partner_is_deleted(
    tenantry: Tenantry, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        (tmp_path / name).write_text((root / name).read_text())
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  tenantry:tenant: acme/us\n")
    for name, text in (("partner.yaml", PARTNER), ("tenants/own.yaml", OWN), ("tenants/us.yaml", US)):
        file = tmp_path / "partners/acme" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    ran = tenantry("stacks", "--json", "--real")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert [one["stack"] for one in json.loads(ran.stdout)] == ["prod"]


@pytest.mark.parametrize("command", ["drift", "recover", "handover carla", "env", "rehearse preview"])
def test_the_only_stack_is_meant_and_of_several_one_is_to_be_named(
    tenantry: Tenantry, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv("PULUMI_STACK", raising=False)
    (tmp_path / "Pulumi.yaml").write_text((root / "Pulumi.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    none = tenantry(*command.split())
    assert (none.exit_code, "project has no stack yet" in none.stderr) == (2, True), none
    assert "`tenantry adopt PARTNER/TENANT`" in " ".join(none.stderr.replace("│", " ").split())
    (tmp_path / "Pulumi.main.yaml").write_text("config: {}\n")
    one = tenantry(*command.split())
    # A password is shown only on a terminal, and that comes first.
    says = "only on a terminal" if command.startswith("handover") else "Pulumi.main.yaml"
    assert (one.exit_code, says in one.stderr) == (1, True), one
    (tmp_path / "Pulumi.other.yaml").write_text("config: {}\n")
    several = tenantry(*command.split())
    assert (several.exit_code, "Stacks of this project: main, other" in several.stderr) == (2, True), several
    monkeypatch.setenv("PULUMI_STACK", "other")
    assert says.replace("main", "other") in tenantry(*command.split()).stderr
