"""The programs under examples/, each beside the plugin in a world of its own, driven as their README says."""

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tenantry.engine.pulumi_cli import PulumiCli

from .world import SOURCE, Ran, World

SECRET = "not-a-secret-0123456789-abcdefghij"
#: The plugin, but for what it makes: the declaration is kept in a file, as it came out inside.
KEEPING = """
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path[0] = str(here.parent)

import pulumi
from components import plugin


class Kept(pulumi.ComponentResource):
    who_has_what, to_do, temporary_passwords = {}, [], {}

    def __init__(self, name, args, opts):
        super().__init__("tenantry:index:PartnerTenant", name, None, opts)
        (here.parent / "kept.json").write_text(args.tenant.model_dump_json())
        self.register_outputs({})


plugin.PartnerTenant = Kept
plugin.serve()
"""
_HOSTS = {"python": "python", "typescript": "nodejs", "yaml": "yaml"}


class Example:
    """An example in one language, beside the plugin, signed in to the sample's UK tenant."""

    def __init__(self, world: World, language: str) -> None:
        self.world = world
        self.root = world.project.root
        self.folder = self.root / "examples" / language
        generated = shutil.ignore_patterns("sdks", "venv", "node_modules", "package-lock.json", "Pulumi.*.yaml")
        shutil.copytree(SOURCE / "examples" / language, self.folder, ignore=generated)
        shutil.copytree(SOURCE / "tenantry", self.root / "tenantry", ignore=shutil.ignore_patterns("__pycache__"))
        _environment_at(self.root / ".venv")
        shutil.copy(SOURCE / "components/PulumiPlugin.yaml", self.root / "components")
        if language == "python":
            _environment_at(self.folder / "venv")
        self.before = self.files()
        self.added = self.pulumi("package", "add", "../../components").ok()
        self.pulumi("stack", "init", "uk").ok()
        self.pulumi("config", "set", "tenantry:tenant", "contoso/uk").ok()
        self.pulumi("config", "set", "--secret", "passwordSecret", SECRET).ok()

    def pulumi(self, *arguments: str) -> Ran:
        """Run a plain `pulumi` command in the example's folder; pip finds there what this environment has."""
        inherited = {key: value for key, value in self.world.env.items() if key not in ("PULUMI_STACK", "VIRTUAL_ENV")}
        ran = subprocess.run(
            [self.world.engine.path, *arguments, "--non-interactive"],
            cwd=self.folder,
            env=inherited | {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout + ran.stderr)

    def registered(self) -> dict[tuple[str, str], list[Any]]:
        """What a preview shows of the example."""
        return registered(self.pulumi("preview", "--json").ok())

    def files(self) -> dict[str, str]:
        """The example's own files, which are committed."""
        return {file.name: file.read_text() for file in self.folder.iterdir() if file.is_file()}

    @contextmanager
    def edited(self, file: Path, text: str) -> Iterator[None]:
        before = file.read_text()
        file.write_text(text)
        try:
            yield
        finally:
            file.write_text(before)

    def kept(self, file: str, program: str) -> dict[str, Any]:
        """What a program declares, as it comes out inside the plugin."""
        with self.edited(self.root / "components/__main__.py", KEEPING), self.edited(self.folder / file, program):
            self.pulumi("preview").ok()
        kept = self.root / "kept.json"
        try:
            return dict(json.loads(kept.read_text()))
        finally:
            kept.unlink()


def registered(preview: Ran) -> dict[tuple[str, str], list[Any]]:
    """What a preview as JSON would do, and with which inputs, by the types that a resource lies in and its name.

    Each step of a resource: one that is imported is updated, too.
    """
    steps, _ = json.JSONDecoder().raw_decode(preview.output[preview.output.index("{") :])
    found: dict[tuple[str, str], list[Any]] = {}
    for step in steps["steps"]:
        types, name = step["urn"].split("::")[2:]
        if not types.endswith("pulumi:Stack"):
            found.setdefault((types, name), []).append((step["op"], step["newState"].get("inputs")))
    return found


@contextmanager
def example(engine: PulumiCli, language: str) -> Iterator[Example]:
    """An example on a directory of its own, where the language's host is installed beside the engine."""
    host = f"pulumi-language-{_HOSTS[language]}"
    path = os.pathsep.join([str(Path(engine.path).parent), os.environ.get("PATH", "")])
    if shutil.which(host, path=path) is None or (language == "typescript" and shutil.which("npm") is None):
        pytest.skip(f"without {host} (and npm, for TypeScript), which Pulumi brings along")
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder).resolve(), engine, "uk")
        try:
            yield Example(world, language)
        finally:
            world.close()


def _environment_at(folder: Path) -> None:
    """A virtual environment that has what ours has, so that the engine's pip finds everything in place."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    ours = sysconfig.get_path("purelib")
    (packages / "ours.pth").write_text(f"import sys; sys.path.insert(0, {ours!r})\n")
    # The engine brings `wheel` up to date before anything else; nothing here uses it.
    wheel = packages / "wheel-99.dist-info"
    wheel.mkdir()
    (wheel / "METADATA").write_text("Metadata-Version: 2.1\nName: wheel\nVersion: 99\n")
