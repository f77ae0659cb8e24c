import json
from importlib.metadata import version
from pathlib import Path

import pytest

from tenantry.engine.provider import ensure_provider, wanted_version
from tenantry.engine.pulumi_cli import PulumiCli
from tenantry.errors import EngineMissingError
from tenantry.project.paths import Project

from .conftest import script


def engine(folder: Path, *versions: str, install: str = "exit 99", listing: str | None = None) -> PulumiCli:
    """A CLI with these azuread plugins, and a body for `plugin install`."""
    plugins = json.dumps([{"kind": "resource", "name": "azuread", "version": version} for version in versions])
    body = f"""\
echo "$@" >> "{folder}/calls"
case "$2" in
  ls) {listing or f"echo '{plugins}'"} ;;
  install) {install} ;;
esac"""
    return PulumiCli(script(folder / "pulumi", body), "3.259.0")


def test_the_version_is_the_installed_packages():
    assert wanted_version() == version("pulumi-azuread")


def test_a_plugin_that_is_there_is_left_alone(project: Project, tmp_path: Path):
    assert ensure_provider(project, engine(tmp_path, "5.0.0", wanted_version())) == wanted_version()
    assert (tmp_path / "calls").read_text() == "plugin ls --json\n"


@pytest.mark.parametrize("others", [(), ("5.0.0",)])
def test_a_missing_plugin_is_installed(project: Project, tmp_path: Path, others: tuple[str, ...]):
    assert ensure_provider(project, engine(tmp_path, *others, install="exit 0")) == wanted_version()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[1:] == [f"plugin install resource azuread {wanted_version()}"]
    assert not project.downloads.exists()


@pytest.mark.parametrize(
    ("install", "reason"),
    [
        ("echo warning: retry; echo error: failed all 5 attempts >&2; exit 1", "failed all 5 attempts"),
        ("echo downloading; sleep 100", "no progress for 0.5 s"),
    ],
)
def test_a_plugin_that_cannot_be_had_is_reported(project: Project, tmp_path: Path, install: str, reason: str):
    with pytest.raises(EngineMissingError) as caught:
        ensure_provider(project, engine(tmp_path, install=install), patience=0.5)
    assert str(caught.value) == f"The provider azuread {wanted_version()} could not be installed: {reason}."
    assert caught.value.exit_code == 3


def test_an_engine_that_does_not_list_its_plugins_is_reported(project: Project, tmp_path: Path):
    with pytest.raises(EngineMissingError, match="does not list its plugins: broken"):
        ensure_provider(project, engine(tmp_path, listing="echo error: broken >&2; exit 1"))
