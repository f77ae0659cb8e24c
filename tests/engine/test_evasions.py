"""The ways round the policy pack of docs/evasions.yaml, on the real engine and provider, at a first preview.

Each takes some seconds. `make test` runs one of every kind, `make test-deep` all of them.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.reference.evasions import Evasion, Stopped, evasions
from tests.depth import DEEP, deep
from tests.programs.harness import CLUB_ID, TEAM_ID, declared, evading, write_partner
from tests.programs.legitimate import LEGITIMATE, Legitimate

from .world import Ran, World

pytestmark = [pytest.mark.engine]
WORKERS = 3 if DEEP else 1
ALL = [item for item in evasions() if not item.engine]
SHORT = {
    "an apply that swaps an id",
    "a list that is unknown as a whole",
    "a member of a group that holds roles",
    "a component that calls itself an account of azuread",
}


def cases(*stopped: Stopped) -> list[object]:
    chosen = [item for item in ALL if item.stopped in stopped and (DEEP or item.title in SHORT)]
    return [
        pytest.param(item, id=item.title, marks=pytest.mark.xdist_group(f"engine-acme-{number % WORKERS}"))
        for number, item in enumerate(chosen)
    ]


def _acme(root: Path) -> str:
    shutil.rmtree(root / "partners")
    write_partner(root / "partners")
    return "acme"


@contextmanager
def acme_world(engine: PulumiCli) -> Iterator[World]:
    """The partner of the examples, on a directory as Partner Center leaves it."""
    with tempfile.TemporaryDirectory() as folder:
        made = World(Path(folder).resolve(), engine, "us", _acme)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def acme(engine: PulumiCli) -> Iterator[World]:
    with acme_world(engine) as made:
        yield made


@pytest.fixture(scope="module")
def groups(acme: World) -> dict[str, str]:
    """Groups that the tenant has beside the agent groups: the ids of the raw program, and the real ones."""
    made = {}
    for written, name, assignable in ((CLUB_ID, "Book club", False), (TEAM_ID, "Tier 0", True)):
        group = {"displayName": name, "mailEnabled": False, "mailNickname": name.replace(" ", "")}
        made[written] = acme.graph("POST", "/groups", **group, securityEnabled=True, isAssignableToRole=assignable)[
            "id"
        ]
    return made


def previewed(acme: World, groups: dict[str, str], program: Evasion | Legitimate | None, *arguments: str) -> Ran:
    text = evading(program)
    for written, real in groups.items():
        text = text.replace(written, real)
    acme.program.write_text(text, encoding="utf-8")
    write_partner(acme.project.partners, {"tenants/us.yaml": declared(program)} if program else {})
    return acme.preview("--policy-pack", "policies", *arguments)


def said_by_the_pack(ran: Ran) -> str:
    """The findings of the pack, without the mistakes of anybody else."""
    return "\n".join(line for line in ran.output.splitlines() if "[PT-" in line or "Fix: " in line)


@pytest.mark.xdist_group("engine-acme-0")
def test_the_raw_program_passes_without_a_word(acme: World, groups: dict[str, str]) -> None:
    assert said_by_the_pack(previewed(acme, groups, None).ok()) == ""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(item, id=item.title, marks=pytest.mark.xdist_group(f"engine-acme-{number % WORKERS}"))
        for number, item in enumerate(LEGITIMATE)
        if not item.engine
    ],
)
@deep
def test_a_program_that_is_right_passes_without_a_word(
    acme: World, groups: dict[str, str], tmp_path: Path, program: Legitimate
) -> None:
    file = tmp_path / "config.json"
    text = json.dumps({"tenantry": dict(program.settings)})
    for written, real in groups.items():
        text = text.replace(written, real)
    file.write_text(text)
    assert said_by_the_pack(previewed(acme, groups, program, "--policy-pack-config", str(file)).ok()) == ""


@pytest.mark.parametrize("evasion", cases(Stopped.PREVIEW))
def test_it_is_refused_at_the_first_preview(acme: World, groups: dict[str, str], evasion: Evasion) -> None:
    ran = previewed(acme, groups, evasion)
    assert ran.exit_code == 1
    message = said_by_the_pack(ran)
    for rule in evasion.rules:
        assert f"[{rule}]" in message or not rule.startswith("PT-"), ran.output
    says = evasion.says
    for written, real in groups.items():
        says = says.replace(written, real)
    assert says in message, ran.output


@pytest.mark.parametrize("evasion", cases(Stopped.RECORDED, Stopped.NOT))
def test_it_looks_honest_at_the_first_preview(acme: World, groups: dict[str, str], evasion: Evasion) -> None:
    """What the table says is stopped elsewhere, or nowhere, is really not seen here."""
    assert said_by_the_pack(previewed(acme, groups, evasion).ok()) == ""


@pytest.mark.xdist_group("engine-acme-0")
@pytest.mark.parametrize(
    ("config", "says"),
    [
        pytest.param({"all": "disabled"}, "`declared-tenant`: the level `disabled`", marks=deep),
        ({"PT-101": "advisory", "tenantry": {"partnres": "x"}}, "`tenantry.partnres`: unknown key"),
    ],
)
def test_a_configuration_that_lowers_what_cannot_be_lowered_or_cannot_be_read_is_refused(
    acme: World, groups: dict[str, str], tmp_path: Path, config: dict[str, object], says: str
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    ran = previewed(acme, groups, None, "--policy-pack-config", str(file))
    assert ran.exit_code != 0
    assert says in ran.output
    assert "Traceback" not in ran.output


@deep
@pytest.mark.xdist_group("engine-acme-0")
def test_at_the_level_strict_an_apply_that_swaps_an_id_is_refused(
    acme: World, groups: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"tenantry": {"level": "strict"}}))
    (swap,) = [item for item in evasions() if item.title == "an apply that swaps an id"]
    ran = previewed(acme, groups, swap, "--policy-pack-config", str(file))
    assert ran.exit_code == 1
    assert "AdminAgents whose object id is not known yet" in ran.output
