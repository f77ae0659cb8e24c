"""Every command with its arguments and options, for docs/commands.md: as the command line itself says.

It is found as the console script that is installed, since no room above `commands` may import that one.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final, get_args

from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from tenantry.reports.escape import table

_NAME: Final = "tenantry"
_VALUES: Final[dict[type, str]] = {bool: "", datetime: "YYYY-MM-DD", int: "NUMBER", Path: "PATH"}


@dataclass(frozen=True)
class Entry:
    """One command."""

    name: str
    """As it is called: `tenantry directory seed`."""
    usage: str
    what: str
    parameters: str
    """A table of its arguments and options, or nothing."""

    @property
    def anchor(self) -> str:
        """Where on the page it stands."""
        return self.name.replace(" ", "-")


def entries() -> list[Entry]:
    """Every command, in the order of `tenantry --help`."""
    (script,) = (s for s in distribution(_NAME).entry_points if (s.group, s.name) == ("console_scripts", _NAME))
    main = script.load()
    return list(_entries(get_command(sys.modules[main.__module__].app), _NAME))


def _entries(command: Any, name: str) -> Iterator[Entry]:
    if isinstance(command, TyperGroup):
        for word, below in command.commands.items():
            yield from _entries(below, f"{name} {word}")
    else:
        yield _entry(command, name)


def _entry(command: TyperCommand, name: str) -> Entry:
    context = command.make_context(name, [], resilient_parsing=True)
    options = [parameter for parameter in command.params if isinstance(parameter, TyperOption)]
    arguments = [parameter for parameter in command.params if parameter not in options]
    usage = [name, *["[OPTIONS]"] * bool(options), *(_place(argument) for argument in arguments)]
    rows = [_row(parameter, context) for parameter in command.params]
    parameters = table(("Argument or option", "What it is"), rows) if rows else ""
    return Entry(name, " ".join(usage), " ".join((command.help or "").split()), parameters)


def _place(argument: Any) -> str:
    return _synopsis(argument) if argument.required else f"[{_synopsis(argument)}]"


def _row(parameter: Any, context: Any) -> tuple[str, str]:
    _, text = parameter.get_help_record(context)
    choices = _kind(parameter)
    one_of = f" One of {', '.join(f'`{choice.value}`' for choice in choices)}." if issubclass(choices, Enum) else ""
    return f"`{_synopsis(parameter)}`", " ".join(f"{text}{one_of}".replace("|", "\\|").split())


def _synopsis(parameter: Any) -> str:
    """`FILE`, `--yes`, `--owner TEXT`."""
    if not isinstance(parameter, TyperOption):
        return str(parameter.metavar or parameter.name.upper())
    kind = _kind(parameter)
    value = parameter.metavar or _VALUES.get(kind, "VALUE" if issubclass(kind, Enum) else "TEXT")
    return ", ".join(parameter.opts) + (f" {value}" if value else "")


def _kind(parameter: Any) -> type:
    """What a value is, or each of several."""
    kind = parameter.type_descriptor.annotation
    (kind,) = get_args(kind) or (kind,)
    return kind if isinstance(kind, type) else str
