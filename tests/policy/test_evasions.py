"""Every known way round the pack, on a raw program, through the analyzer's protocol: docs/evasions.yaml."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tenantry.access.declared import identities
from tenantry.access.registered import RegisteredResource, read
from tenantry.declaration import load
from tenantry.reference.evasions import Evasion, Stopped, evasions
from tenantry.rules import RULES, evaluate, evaluate_across, evidence_of
from tests.acme import TENANT_ID
from tests.programs.harness import STACK, declared, recorded_evasion, write_partner

from .engine import ROOT, Analyzer, Said, configured_in_process, running

ALL = {item.title: item for item in evasions()}
AT_PREVIEW = [item for item in ALL.values() if item.stopped is Stopped.PREVIEW]
RECORDED = [item for item in ALL.values() if item.stopped is Stopped.RECORDED]


def title(evasion: Evasion) -> str:
    return evasion.title


@pytest.fixture(scope="module")
def partners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("partners")
    write_partner(folder)
    return folder


@pytest.fixture(scope="module")
def pack(partners: Path) -> Iterator[Analyzer]:
    with pack_of(partners, alone=True) as analyzer:
        yield analyzer


def pack_of(
    partners: Path, settings: Mapping[str, object] | None = None, *, alone: bool = False
) -> AbstractContextManager[Analyzer]:
    """The pack over a declaration; ``alone`` in a process of its own, as the engine runs it."""
    start = running if alone else configured_in_process
    config = {"tenantry:tenant": STACK}
    theirs = {"partners": str(partners), **(settings or {})}
    return start(ROOT / "policies", config, theirs, ARM_TENANT_ID=TENANT_ID)


def previewed(pack: Analyzer, tmp_path: Path, evasion: Evasion) -> Said:
    """What the pack says to an evasion at the first preview, when nobody has an id."""
    resources = recorded_evasion(tmp_path / "program", evasion)
    if not evasion.declare:
        return pack.preview(resources)
    write_partner(tmp_path / "partners", {"tenants/us.yaml": declared(evasion)})
    with pack_of(tmp_path / "partners") as other:
        return other.preview(resources)


def findings(folder: Path, resources: list[RegisteredResource]) -> list[str]:
    declaration = load(write_partner(folder / "partners"))
    tenant = declaration.tenants["us"]
    evidence = evidence_of(declaration, "us", read(resources, identities(tenant), tenant.agent_groups.ids))
    evaluated = [*evaluate(evidence), *evaluate_across(declaration, evidence.today)]
    return [str(finding) for item in evaluated for finding in item.findings if finding.level.blocks]


def test_the_raw_program_passes_without_a_word(pack: Analyzer, tmp_path: Path) -> None:
    assert pack.preview(recorded_evasion(tmp_path)).text == ""


@pytest.mark.parametrize("evasion", AT_PREVIEW, ids=title)
def test_it_is_refused_at_the_first_preview(pack: Analyzer, tmp_path: Path, evasion: Evasion) -> None:
    preview = previewed(pack, tmp_path, evasion)
    assert preview.mandatory >= set(evasion.rules), preview.text
    message = "\n".join(preview.of(rule) for rule in evasion.rules)
    assert evasion.says in message
    assert "Fix: " in message


@pytest.mark.parametrize("evasion", RECORDED, ids=title)
def test_it_looks_honest_at_the_first_preview_and_shows_itself_in_a_recording_with_ids(
    pack: Analyzer, tmp_path: Path, evasion: Evasion
) -> None:
    assert previewed(pack, tmp_path, evasion).mandatory == set()
    found = findings(tmp_path, recorded_evasion(tmp_path / "recorded", evasion, preview=False))
    for rule in evasion.rules:
        assert any(f"[{rule}]" in finding for finding in found)
    assert any(evasion.says in finding for finding in found)


@pytest.mark.parametrize("evasion", [item for item in ALL.values() if item.stopped is Stopped.NOT], ids=title)
def test_what_is_listed_as_stopped_nowhere_is_not(pack: Analyzer, tmp_path: Path, evasion: Evasion) -> None:
    """The day one of them is stopped, the table says so."""
    assert previewed(pack, tmp_path, evasion).text == ""
    assert evasion.instead


STRICT = ["an apply that swaps an id", "an apply that swaps who gets a role"]


@pytest.mark.parametrize("name", STRICT)
def test_at_the_level_strict_nobody_gets_power_before_their_id_is_known(
    partners: Path, tmp_path: Path, name: str
) -> None:
    with pack_of(partners, {"level": "strict"}) as strict:
        preview = strict.preview(recorded_evasion(tmp_path, ALL[name]))
    assert "PT-108" in preview.mandatory
    assert "whose object id is not known yet" in preview.of("PT-108")


def test_every_rule_that_the_table_names_is_a_policy(pack: Analyzer) -> None:
    named = {rule for item in ALL.values() for rule in item.rules}
    assert named <= {item.name for item in pack.info().policies}
    assert {rule.id for rule in RULES if rule.id.startswith("PT-10")} - {"PT-109"} <= named


def test_every_evasion_is_run_or_says_why_not() -> None:
    assert all(item.rules and item.says for item in ALL.values() if item.stopped is not Stopped.NOT)
    assert len(ALL) == len(evasions()), "two have the same title"
