"""Files of the embedded directory that are damaged: which one is named, and it stays as it is."""

import json
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tenantry.directory.local import LocalGraph
from tenantry.directory.onboarding import open_store
from tenantry.directory.state import State
from tenantry.directory.store import Store, StoreError
from tests.directory.samples import UNITED_STATES, user_body

from . import CHAOS, SEED, chaos
from .conftest import Repository


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a directory with a hundred people."""
    state = State.prepare(tmp_path_factory.mktemp("kept") / "directory")
    with closing(open_store(state, [UNITED_STATES])) as store, LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        for number in range(100):
            assert graph.request("POST", "/v1.0/users", user_body(f"u{number}"))[0] == 201
    return state.folder


def everything(store: Store) -> int:
    """Read all that a tenant holds."""
    body: Any = None
    with LocalGraph(store, UNITED_STATES.tenant_id) as graph:
        for path in ("auditLogs/directoryAudits", "users"):
            status, body = graph.request("GET", f"/v1.0/{path}?$top=999")
            if status != 200:
                raise StoreError(body["error"]["message"])
        return len(body["value"])


@pytest.mark.parametrize("seed", range(SEED, SEED + (50 if CHAOS else 5)))
def test_a_store_with_damaged_pages_is_refused_in_a_sentence_and_never_read_as_a_smaller_one(
    kept: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "directory"
    shutil.copytree(kept, folder)
    file = folder / "directory.sqlite"
    content = bytearray(file.read_bytes())
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(content) // 4096) * 4096
        content[start : start + 4096] = chance.randbytes(4096)
    file.write_bytes(content)
    try:
        with closing(Store(file)) as store:
            assert everything(store) == 101
    except StoreError as error:
        refused = str(error)
    else:
        return  # pages that hold nothing were damaged
    assert "directory.sqlite is " in refused
    assert len(refused.splitlines()) == 1
    assert file.read_bytes() == bytes(content)


def test_a_store_that_is_cut_off_is_damaged(kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "directory"
    shutil.copytree(kept, folder)
    file = folder / "directory.sqlite"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with (
        pytest.raises(StoreError, match=r"is damaged: .*Fix: stop what serves it, move the file"),
        closing(Store(file)) as store,
    ):
        everything(store)


def overwritten(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return damage


def cut(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        file = folder / name
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    return damage


@dataclass(frozen=True)
class Damage:
    file: str
    how: Callable[[Path], None]
    command: tuple[str, ...]
    said: str


DAMAGES = {
    "store": Damage("directory.sqlite", cut("directory.sqlite"), ("directory", "dump"), "is damaged"),
    "no store": Damage(
        "directory.sqlite",
        overwritten("directory.sqlite", b"x" * 5000),
        ("directory", "dump"),
        "is not the store of an embedded directory",
    ),
    "store served": Damage(
        "directory.sqlite", cut("directory.sqlite"), ("directory", "serve", "--port", "0"), "is damaged"
    ),
    "store rehearsed": Damage("directory.sqlite", cut("directory.sqlite"), ("rehearse", "preview"), "is damaged"),
    "credentials": Damage(
        "credentials.json",
        cut("credentials.json"),
        ("directory", "serve", "--port", "0"),
        "credentials.json is damaged",
    ),
    "credentials rehearsed": Damage(
        "credentials.json",
        overwritten("credentials.json", b"[]"),
        ("rehearse", "preview"),
        "credentials.json is damaged",
    ),
    "authority": Damage(
        "ca.pem",
        overwritten("ca.pem", b"no certificate"),
        ("directory", "serve", "--port", "0"),
        "ca.pem or ca-key.pem beside it is damaged",
    ),
    "record": Damage(
        "running.json", overwritten("running.json", b"{"), ("env",), "The embedded directory does not run"
    ),
}


@chaos
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_command_names_the_damaged_file_and_leaves_it(repository: Repository, kept: Path, damage: Damage) -> None:
    folder = repository.project.directory
    shutil.copytree(kept, folder)
    (folder / "ca.pem").touch()
    (folder / "ca-key.pem").touch()
    damage.how(folder)
    before = (folder / damage.file).read_bytes()
    ran = repository.run(*damage.command)
    assert ran.exit_code == 3
    assert damage.said in ran.stderr
    assert (folder / damage.file).read_bytes() == before
    if damage.file == "credentials.json":
        # As advised: without the file new ones are issued, and what the directory holds stays.
        (folder / damage.file).unlink()
        with closing(open_store(State(folder), [UNITED_STATES])) as store:
            assert everything(store) == 101
        assert json.loads((folder / damage.file).read_text())
