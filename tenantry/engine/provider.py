"""The azuread provider: the plugin that the engine needs beside the CLI."""

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Final

from tenantry.engine.bounded import last_line
from tenantry.engine.pulumi_cli import PATIENCE, PulumiCli, quick, run_installer
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
    """Install the azuread plugin where the engine lacks it; return its version.

    Raises EngineMissingError with the reason where that fails or makes no progress for `patience` seconds.
    """
    version = wanted_version()
    if version in installed_versions(engine):
        return version
    try:
        run_installer(project, [str(engine.path), "plugin", "install", "resource", _NAME, version], patience)
    except EngineMissingError as error:
        reason = str(error).rstrip(".")
        raise EngineMissingError(f"The provider {_NAME} {version} could not be installed: {reason}.") from None
    return version


def installed_versions(engine: PulumiCli) -> tuple[str, ...]:
    """The versions of the azuread plugin that the engine has. Raises EngineMissingError where it does not say."""
    try:
        answer = quick(engine.path, "plugin", "ls", "--json", timeout=_SECONDS_FOR_A_LIST)
        plugins = json.loads(answer.stdout)
    except subprocess.TimeoutExpired:
        raise EngineMissingError(f"{engine} does not list its plugins.") from None
    except ValueError:
        raise EngineMissingError(f"{engine} does not list its plugins: {last_line(answer.stderr)}") from None
    return tuple(plugin["version"] for plugin in plugins if (plugin["kind"], plugin["name"]) == ("resource", _NAME))
