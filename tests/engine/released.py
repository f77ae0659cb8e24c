"""States as released versions of Tenantry left them, and directories in which all that such a state names exists.

``python -m tests.engine.released VERSION`` keeps the state that this version leaves, before it is released. What is
kept is never made anew: it stands for the stacks that users have.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tenantry.engine import provider, pulumi_cli
from tenantry.project.paths import Project

from .world import SOURCE, Graph, World

FOLDER = Path(__file__).with_name("released")
"""A folder a version: its state, and the partners' and the stack's files that it was made from."""
TENANT = "us"
_FILES = ("partners", "Pulumi.dev.yaml")
_USER = "azuread:index/user:User"
_GROUP = "azuread:index/group:Group"
_ROLE_ASSIGNMENT = "azuread:index/directoryRoleAssignment:DirectoryRoleAssignment"
_STATED = ("displayName", "mail", "mailNickname", "accountEnabled", "showInAddressList")


def versions() -> list[Path]:
    """The versions whose states are kept."""
    return sorted(folder for folder in FOLDER.iterdir() if folder.is_dir())


def laid_out(version: Path) -> Callable[[Path], str]:
    """Puts the files that the version's state was made from in place of the sample's."""

    def prepare(root: Path) -> str:
        shutil.rmtree(root / "partners")
        shutil.copytree(version / "partners", root / "partners")
        (root / "Pulumi.dev.yaml").write_text((version / "Pulumi.dev.yaml").read_text())
        return "contoso"

    return prepare


def restore(world: World, version: Path) -> None:
    """Make in the directory what the version's state names, and give the stack this state."""
    text = (version / "state.json").read_text()
    for old, new in _made(world.graph, json.loads(text)["deployment"]["resources"]):
        text = text.replace(old, new)
    file = world.project.root / "state.json"
    file.write_text(text)
    world.pulumi("stack", "import", "--file", str(file)).ok()


def _made(graph: Graph, resources: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Each object's id in the state, and the id of the one that was made for it."""
    ids: dict[str, str] = {}  # those whom it adopts are in the directory, by the ids that it has
    for user in _of(_USER, resources):
        stated = {name: user[name] for name in _STATED if user[name]}
        ids[user["objectId"]] = graph.make(user["userPrincipalName"], **stated)
    for group in _of(_GROUP, resources):
        members = {ids.get(member, member) for member in group["members"]}
        for member in members - graph.member_ids(group["displayName"]):
            graph.join(group["displayName"], member)
    for role in _of(_ROLE_ASSIGNMENT, resources):
        holder = ids.get(role["principalObjectId"], role["principalObjectId"])
        if role["roleId"] not in graph.roles_of(holder):
            ids[role["id"].rpartition("/")[2]] = graph.assign(role["roleId"], holder)
    yield from ids.items()


def _of(kind: str, resources: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [{"id": item["id"], **item["outputs"]} for item in resources if item["type"] == kind]


def keep(version: str) -> None:
    """Keep the state that this code leaves after the first update of the sample's tenant."""
    engine = pulumi_cli.find(Project(SOURCE))
    provider.ensure_provider(Project(SOURCE), engine)
    folder = FOLDER / version
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as root:
        world = World(Path(root).resolve(), engine, TENANT)
        try:
            for name in _FILES:
                source = world.project.root / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
            world.up().ok()
            state = json.loads(world.pulumi("stack", "export").ok().output)
        finally:
            world.close()
    for resource in state["deployment"]["resources"]:
        for where_in_the_program in ("sourcePosition", "stackTrace"):
            resource.pop(where_in_the_program, None)
    (folder / "state.json").write_text(json.dumps(state, indent=1) + "\n")


if __name__ == "__main__":
    keep(sys.argv[1])
