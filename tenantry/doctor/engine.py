"""Are the Pulumi CLI, its language host and the azuread provider there, in versions that will do?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tenantry.doctor import model
from tenantry.doctor.model import Area, Check
from tenantry.engine.pulumi_cli import MINIMUM, PulumiCli

_fine = partial(model.fine, Area.ENGINE)
_wrong = partial(model.wrong, Area.ENGINE)
_skipped = partial(model.not_looked_at, Area.ENGINE)

INSTALL: Final = "`curl -fsSL https://get.pulumi.com | sh`"
"""How Pulumi's makers say that it is installed."""
_AT_LEAST: Final = re.compile(r">=\s*(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Facts:
    """What is there of the engine."""

    found: PulumiCli | None = None
    passed_over: tuple[str, ...] = ()
    """Why others were passed over, a sentence each."""
    on_path: Path | None = None
    """The one that `pulumi` alone runs."""
    required: str = ""
    """`requiredPulumiVersion` of Pulumi.yaml."""
    runtime: str = "python"
    """The language of the program."""
    has_host: bool = False
    """Whether the program that runs that language is there."""
    plugin: str | None = None
    """The version of the azuread provider that the Python package names."""
    installed: tuple[str, ...] = ()
    """The versions of it that are there."""
    unlisted: str = ""
    """Why the installed ones are not known."""


def check(facts: Facts) -> Iterator[Check]:
    """Evaluate it."""
    if facts.found is None:
        least = ".".join(map(str, MINIMUM))
        found = " ".join((f"no Pulumi CLI of {least} or newer was found.", *facts.passed_over)).rstrip(".")
        yield _wrong("Pulumi", found, f"{INSTALL}, or for the embedded directory alone `tenantry up`")
        yield _skipped("language host", "there is no Pulumi CLI")
        yield _skipped("azuread provider", "there is no Pulumi CLI")
        return
    yield _version(facts, facts.found)
    yield _on_path(facts, facts.found)
    if facts.has_host:
        yield _fine("language host", f"pulumi-language-{facts.runtime}")
    else:
        found = f"pulumi-language-{facts.runtime} is neither beside {facts.found.path} nor on the PATH"
        yield _wrong("language host", found, f"install Pulumi again, which includes it: {INSTALL}")
    yield _plugin(facts)


def _version(facts: Facts, cli: PulumiCli) -> Check:
    shown = f"{cli.version} ({cli.path})"
    if not facts.required:
        return _fine("Pulumi", shown)
    least = _AT_LEAST.fullmatch(facts.required)
    if least is None:
        return _skipped("Pulumi", f"{shown}; Pulumi.yaml asks for {facts.required}, which Pulumi itself compares")
    if _numbers(cli.version) < tuple(map(int, least.groups())):
        found = f"{shown} is older than Pulumi.yaml asks for (requiredPulumiVersion: {facts.required})"
        return _wrong("Pulumi", found, f"install a newer one: {INSTALL}")
    return _fine("Pulumi", shown)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3]))


def _on_path(facts: Facts, cli: PulumiCli) -> Check:
    fix = f'`export PATH="{cli.path.parent}:$PATH"`'
    if facts.on_path is None:
        return _wrong("PATH", f"`pulumi` is not on the PATH; tenantry found it at {cli.path}", fix)
    if facts.on_path != cli.path:
        return _wrong("PATH", f"`pulumi` runs {facts.on_path}, which will not do; {cli.path} will", fix)
    return _fine("PATH", f"`pulumi` runs {facts.on_path}")


def _plugin(facts: Facts) -> Check:
    name = "azuread provider"
    if facts.plugin is None:
        return _skipped(name, "the Python package pulumi_azuread, which names its version, is missing")
    if facts.unlisted:
        return _skipped(name, facts.unlisted)
    if facts.plugin in facts.installed:
        return _fine(name, facts.plugin)
    others = f"; installed is {', '.join(facts.installed)}" if facts.installed else ""
    found = f"{facts.plugin}, which belongs to the Python package pulumi_azuread, is not installed{others}"
    return _wrong(name, found, f"`pulumi plugin install resource azuread {facts.plugin}`")
