"""The zero-change gate, on plans as the engine wrote them: what of them is a change of the tenant."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tenantry.access.preview import Plan, parse
from tenantry.adopt.verify import Verified, _make_stack, _preview, changes, refusals
from tenantry.declaration import Stack, load
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import EngineError
from tenantry.project.paths import Project

PLANS = Path(__file__).parents[1] / "data/plans"


def of(name: str) -> list[str]:
    file = PLANS / f"{name}.json"
    return list(changes(Stack(load(PLANS / "partners/contoso"), "us"), parse(file, file.read_bytes())))


def test_a_plan_in_which_all_stays_changes_nothing() -> None:
    assert of("unchanged") == []


@pytest.mark.parametrize(
    "name",
    [
        "first-up",
        "hire",
        "promotion",
        "eligible",
        "leaver",
        "mass-removal",
        "group-replaced",
        "rename",
        "account-deleted",
    ],
)
def test_a_plan_that_makes_changes_or_takes_anything_is_named(name: str) -> None:
    assert of(name)


def test_of_access_it_says_who_would_get_and_lose_what() -> None:
    gained = [change for change in of("promotion") if " would get " in change]
    lost = [change for change in of("mass-removal") if " would lose " in change]
    assert gained
    assert lost


def test_components_providers_and_records_of_roles_are_no_change() -> None:
    made = of("first-up")
    assert not [change for change in made if "(DirectoryRole)" in change or "(azuread)" in change]
    assert not [change for change in made if "PartnerTenant" in change]


def test_a_plan_that_stands_for_another_tenant_or_for_a_part_proves_nothing() -> None:
    file = PLANS / "unchanged.json"
    plan = parse(file, file.read_bytes())
    looked_at = replace(plan, not_refreshed=0, not_shown=0)
    assert list(refusals("contoso/us", looked_at)) == []
    for wrong in (
        replace(looked_at, tenant="contoso/uk"),
        replace(looked_at, tenant=None),
        replace(looked_at, not_refreshed=2),
        replace(looked_at, not_shown=1),
        replace(looked_at, errors=("a policy",)),
    ):
        assert len(list(refusals("contoso/us", wrong))) == 1


@pytest.mark.parametrize("ended", [255, -9])
def test_a_preview_that_fails_without_a_word_does_not_pass(monkeypatch: pytest.MonkeyPatch, ended: int) -> None:
    content = (PLANS / "unchanged.json").read_bytes()
    for code, passes in ((0, True), (ended, False)):
        answer = subprocess.CompletedProcess([], code, content, b"the plugin went away\n")
        monkeypatch.setattr(subprocess, "run", lambda *_, answer=answer, **__: answer)
        found = _preview(Project(PLANS), PulumiCli(Path("pulumi"), "3.249.0"), {}, "us")
        assert isinstance(found, Plan) is passes
        assert passes or "the plugin went away" in str(found)


@pytest.mark.parametrize("fails", ["stack", "config"])
def test_without_a_passphrase_both_ways_to_keep_secrets_are_named(
    fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: tenantry\nruntime: python\n")
    (tmp_path / "Pulumi.main.yaml").write_text("config:\n  tenantry:tenant: northwind/main\n")

    def answer(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        if "--json" in command:
            return subprocess.CompletedProcess(command, 1, b"", b"error: no stack named 'main' found\n")
        failed = int(command[1] == fails)
        return subprocess.CompletedProcess(command, failed, b"", b"error: passphrase must be set\n")

    monkeypatch.setattr(subprocess, "run", answer)
    cli = PulumiCli(Path("pulumi"), "3.249.0")
    with pytest.raises(EngineError, match=r"PULUMI_CONFIG_PASSPHRASE_FILE .* --secrets-provider"):
        _make_stack(Project(tmp_path), cli, {}, "main", None)


@pytest.mark.parametrize(
    ("changed", "refused", "exit_code"), [((), (), 0), (("one",), (), 1), ((), ("why",), 1), (("one",), ("why",), 1)]
)
def test_it_passes_only_where_nothing_changes_and_nothing_was_refused(
    changed: tuple[str, ...], refused: tuple[str, ...], exit_code: int
) -> None:
    found = Verified(name="a/b", stack="b", made=False, imports=3, changes=changed, refusals=refused)
    assert found.exit_code == exit_code
