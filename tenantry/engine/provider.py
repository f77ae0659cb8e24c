"""The azuread provider: the plugin that the engine needs beside the CLI."""

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tenantry.engine.bounded import StalledError, last_line, run_while_it_progresses
from tenantry.engine.pulumi_cli import PATIENCE, PulumiCli
from tenantry.errors import EngineMissingError
from tenantry.project.paths import Project

_NAME: Final = "azuread"
_SECONDS_FOR_A_LIST: Final = 30


def wanted_version() -> str:
    """The plugin version that the installed `pulumi_azuread` package names. Raises EngineMissingError."""
    # Looked up and not imported: importing it takes a second.
    package = importlib.util.find_spec("pulumi_azuread")
    if package is None or package.origin is None:
        raise EngineMissingError("The Python package pulumi_azuread is missing: run `make up`.")
    plugin = json.loads((Path(package.origin).parent / "pulumi-plugin.json").read_text(encoding="utf-8"))
    return str(plugin["version"])


def ensure_provider(project: Project, engine: PulumiCli, *, patience: float = PATIENCE) -> str:
    """See to it that the engine has the azuread plugin, installing it where it is missing; return its version.

    Raises EngineMissingError with the reason where that fails or for `patience` seconds gets no further.
    """
    version = wanted_version()
    if _is_installed(engine, version):
        return version
    command = [str(engine.path), "plugin", "install", "resource", _NAME, version]
    try:
        finished = run_while_it_progresses(
            command, watch=project.downloads, patience=patience, environment=_environment()
        )
        if finished.exit_code == 0:
            return version
        reason = last_line(finished.output)
    except StalledError as error:
        reason = str(error)
    finally:
        shutil.rmtree(project.downloads, ignore_errors=True)
    raise EngineMissingError(f"The provider {_NAME} {version} could not be installed: {reason.rstrip('.')}.")


def _is_installed(engine: PulumiCli, version: str) -> bool:
    try:
        answer = subprocess.run(
            [engine.path, "plugin", "ls", "--json"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS_FOR_A_LIST,
            env=_environment(),
            check=False,
        )
        plugins = json.loads(answer.stdout)
    except subprocess.TimeoutExpired:
        raise EngineMissingError(f"{engine} does not list its plugins.") from None
    except ValueError:
        raise EngineMissingError(f"{engine} does not list its plugins: {last_line(answer.stderr)}") from None
    return any(
        (plugin["kind"], plugin["name"], plugin["version"]) == ("resource", _NAME, version) for plugin in plugins
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
