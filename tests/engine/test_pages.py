"""The commands of pages that need the engine, run as somebody does who pastes them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tenantry.engine import directory_process
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.project.paths import Project
from tests.depth import deep
from tests.docs.pages import blocks, named, project, quotes, shell
from tests.docs.shown_by import AFTER_THE_FIRST_UPDATE

from .world import PROGRAM, SOURCE, World

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine-pages")]

#: Seconds that a whole page may take: ten updates and previews, on a busy machine.
A_PAGE = 900
#: Without the deep run: what is typed most.
ALWAYS = "README.md"
AT = "@contoso-partner.onmicrosoft.com"


def signed_in(world: World) -> Mapping[str, str]:
    """The shell of somebody who works in the sample's repository, and agrees to what `pulumi` asks."""
    root = world.project.root
    # A directory that this process started is never seen to end by others.
    directory_process.stop(world.project)
    begin = "from pathlib import Path; from tenantry.engine import directory_process as d; d.start(d.Project(Path()))"
    subprocess.run([sys.executable, "-c", begin], cwd=root, check=True)
    world.served_by_another_process()
    shutil.copytree(SOURCE / "examples", root / "examples", dirs_exist_ok=True)
    shutil.copy(SOURCE / ".gitignore", root)
    environment_at(root / ".venv")
    tools = root / ".tenantry/tools"
    tools.mkdir(exist_ok=True)
    (tools / "make").write_text('#!/bin/sh\nexec tenantry "$@"\n')  # `make down` is `tenantry down`
    (tools / "make").chmod(0o755)
    path = [tools, Path(sys.executable).parent, world.engine.path.parent]
    return {
        **world.env,
        **{name: value for name, value in project(root).items() if name.startswith("GIT_")},
        "PATH": os.pathsep.join([*map(str, path), world.env["PATH"]]),
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "PULUMI_EXPERIMENTAL": "true",
        "OBJECT_ID": "5eed0000-0000-4000-8000-00000000dead",
    }


def environment_at(folder: Path) -> None:
    """What `make setup` leaves: this environment, and the mark that it is ready."""
    folder.mkdir()
    for item in Path(sys.prefix).iterdir():
        if not item.name.startswith("."):
            (folder / item.name).symlink_to(item)
    (folder / ".ready").touch()


def shown(world: World, name: str) -> None:
    """Do what the page says before the block, and then the block."""
    (block,) = named(name)
    env = signed_in(world)
    if block.page == "docs/runbooks/leaver-today.md":
        with world.declaration() as tenant:
            tenant["people"]["carla"]["state"] = "leaver"
    for config in blocks(block.page, "json"):
        (world.project.root / "pack.json").write_text(config.text)
    ran = shell(block.text, world.project.root, env)
    assert ran.failed == AFTER_THE_FIRST_UPDATE[name], ran.output


@pytest.mark.parametrize("name", [name for name in AFTER_THE_FIRST_UPDATE if name.startswith(ALWAYS)])
def test_a_block_that_is_typed_often(own_copy: World, name: str) -> None:
    shown(own_copy, name)


@deep
@pytest.mark.parametrize("name", [name for name in AFTER_THE_FIRST_UPDATE if not name.startswith(ALWAYS)])
def test_a_block_after_the_first_update(own_copy: World, name: str) -> None:
    shown(own_copy, name)


def walk(page: str) -> str:
    """A page's commands and changes of files, from the first to the last."""
    steps = [
        f"git apply <<'CHANGE'\n{block.text}CHANGE\n" if block.language == "diff" else block.text
        for block in blocks(page, "sh", "diff")
    ]
    assert len(steps) > 4
    return "\n".join(steps)


@deep
def test_the_first_reviewed_change(own_copy: World) -> None:
    env = signed_in(own_copy)
    root = own_copy.project.root
    remote = shell(
        "git init --quiet --bare .tenantry/origin.git\ngit remote add origin .tenantry/origin.git", root, env
    )
    assert remote.failed == [], remote.output
    ran = shell(walk("docs/first-change.md"), root, env, patience=A_PAGE)
    assert ran.failed == [], ran.output
    assert "Dmitri Okafor gains HelpdeskAgents and loses SalesAgents" in ran.output
    assert "dmitri.okafor" in own_copy.graph.members("HelpdeskAgents")
    assert "dmitri.okafor" not in own_copy.graph.members("SalesAgents")


@pytest.fixture
def clone(engine: PulumiCli, tmp_path: Path) -> Iterator[Path]:
    """The project as somebody clones it, once `make setup` is done."""
    root = tmp_path.resolve() / "clone"
    root.mkdir()
    try:
        yield root
    finally:
        directory_process.stop(Project(root))


@deep
def test_ten_minutes_without_a_tenant(engine: PulumiCli, clone: Path) -> None:
    env = project(clone, *PROGRAM, "Makefile", "requirements.lock", "pyproject.toml", "examples", ".gitignore")
    environment_at(clone / ".venv")
    env = {**env, "PATH": f"{engine.path.parent}{os.pathsep}{env['PATH']}", "PULUMI_SKIP_CONFIRMATIONS": "true"}
    ran = shell(walk("docs/ten-minutes.md"), clone, env, patience=A_PAGE)
    assert ran.failed == ["7: tenantry drift"], ran.output
    for quoted in blocks("docs/ten-minutes.md", "text"):
        assert quotes(quoted, ran.output), quoted.text
    assert "The embedded directory is stopped" in ran.output
